//! Below an address or an id: how it can be looked at on this machine, from which copy it is, and whether that is the same.

use egui::{Label, TextWrapMode, Ui};

use crate::app::action::Action;
use crate::app::action::command::{Command, Commands};
use crate::app::state::copies::{Comparison, CopyCommand, CopyOrigin, Fetching, LocalCopy, Remote};
use crate::app::state::entry::{EntryKind, SourceSlot};
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, size, space, text};
use crate::app::widgets::button::{Face, Look, action_as_ui, button_ui};
use crate::app::widgets::field::{Field, path_field_ui};
use crate::app::widgets::notice::problem_lines;
use crate::app::widgets::verdict::marked_ui;
use crate::app::widgets::waiting::waiting_ui;
use crate::app::words;
use crate::engine::Likeness;
use crate::engine::journal::KnownVideo;
use crate::engine::local_days;
use crate::model::{Problem, Progress};
use crate::secrets::shown;

/// The names of what is drawn for a slot.
struct Words {
    nothing: &'static str,
    fetch: Action,
    cancel: Action,
    have: &'static str,
    field: &'static str,
    forget: &'static str,
    compare: &'static str,
    browse: &'static str,
    close: &'static str,
}

const fn names(slot: SourceSlot) -> Words {
    match slot {
        SourceSlot::Clip => Words {
            nothing: "The service reads it. To see, hear and check it here, fetch it or choose your copy",
            fetch: Action::FetchClip,
            cancel: Action::CancelFetchClip,
            have: "I have this clip here…",
            field: "Copy of the clip",
            forget: "Look at no copy of the clip",
            compare: "Compare the copy of the clip again",
            browse: "Browse for the copy of the clip…",
            close: "Choose no copy of the clip",
        },
        SourceSlot::Voice => Words {
            nothing: "Its length is not known here: fetch it, choose your copy, or enter its end below",
            fetch: Action::FetchVoice,
            cancel: Action::CancelFetchVoice,
            have: "I have this voice here…",
            field: "Copy of the voice",
            forget: "Look at no copy of the voice",
            compare: "Compare the copy of the voice again",
            browse: "Browse for the copy of the voice…",
            close: "Choose no copy of the voice",
        },
    }
}

/// Draws what is known of the copy, and the ways to one. Nothing where a file is entered, or nothing yet.
pub fn copy_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, slot: SourceSlot) {
    let (kind, entered) = match slot {
        SourceSlot::Clip => {
            (view.shell.clip_entry.kind, view.shell.clip_entry.clip().as_ref().and_then(Remote::of_clip))
        }
        SourceSlot::Voice => {
            (view.shell.voice_entry.kind, view.shell.voice_entry.voice().as_ref().and_then(Remote::of_voice))
        }
    };
    let Some(entered) = entered else { return };
    let state = view.shell.copies.slot(slot);
    let names = names(slot);
    if let Fetching::Running(since_ms, amount) = &state.fetching {
        // At once: a person has just pressed the button.
        let waited_ms = (view.now_ms - since_ms).max(crate::app::widgets::waiting::MARK_AFTER_MS);
        waiting_ui(ui, view, commands, "Fetching", waited_ms, Some(names.cancel));
        // On a line of its own: beside the button there is no room for it in a narrow window.
        ui.label(text::caption(Palette::of(ui), progress_words(amount.now())));
        return;
    }
    let copy = view.shell.copies.known(slot, &entered);
    match copy {
        Some(copy) => known_ui(ui, view, commands, slot, copy),
        None => unknown_ui(ui, view, slot, kind),
    }
    if let Some(video) = &state.video {
        video_ui(ui, video);
    }
    if state.is_choosing {
        field_ui(ui, view, commands, slot);
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(space::TIGHT, space::TIGHT);
        // A button without room goes to the next line, whole.
        ui.style_mut().wrap_mode = Some(TextWrapMode::Extend);
        let look = if copy.is_some() { Look::Inline } else { Look::Soft };
        if kind == EntryKind::Address {
            let label = match copy.map(|copy| copy.origin) {
                Some(CopyOrigin::Fetched(_)) => "Fetch again",
                Some(_) => "Fetch it instead",
                None => names.fetch.info().label,
            };
            let face = Face::new(label, (copy.is_none()).then_some(Icon::Download));
            action_as_ui(ui, view, commands, names.fetch, look, &face).accessible_name(names.fetch.info().title);
        }
        let label = if copy.is_some() { "Another copy…" } else { "I have it…" };
        let tooltip =
            "Choose a file on this machine that is looked at instead; the service still gets the address or the id";
        let have = button_ui(ui, look, &Face::new(label, None), tooltip, None);
        if have.accessible_name(names.have).clicked() {
            commands.push(Command::Copy(CopyCommand::Choose(slot)));
        }
        if copy.is_some() {
            let tooltip = "Look at no copy: the file stays where it is";
            let forget = button_ui(ui, Look::Inline, &Face::new("Forget", None), tooltip, None);
            if forget.accessible_name(names.forget).clicked() {
                commands.push(Command::Copy(CopyCommand::Forget(slot)));
            }
        }
    });
}

/// No copy is known: what that means, or why none could be fetched.
fn unknown_ui(ui: &mut Ui, view: &View<'_>, slot: SourceSlot, kind: EntryKind) {
    let palette = Palette::of(ui);
    if let Fetching::Failed(problem) = &view.shell.copies.slot(slot).fetching {
        let why = format!("It was not fetched. {}", shown(&words::sentence(&problem.message)));
        ui.add(Label::new(text::caption(palette, why).color(palette.bad)).wrap());
        facts_ui(ui, problem);
        return;
    }
    let words = match (kind, slot) {
        (EntryKind::Id, SourceSlot::Clip) => "It is stored at the service. To see and check it here, choose your copy",
        (EntryKind::Id, SourceSlot::Voice) => "It is stored at the service: choose your copy, or enter its end below",
        _ => names(slot).nothing,
    };
    ui.add(Label::new(text::caption(palette, words)).wrap());
}

/// The status and what to do, where an address did not answer as it should.
fn facts_ui(ui: &mut Ui, problem: &Problem) {
    for line in problem_lines(problem) {
        ui.add(Label::new(text::caption(Palette::of(ui), shown(&line))).wrap());
    }
}

/// Which file is looked at, and whether it is what is at the address.
fn known_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, slot: SourceSlot, copy: &LocalCopy) {
    let palette = Palette::of(ui);
    let name = copy.path.file_name().unwrap_or_default().to_string_lossy();
    let from = match copy.origin {
        CopyOrigin::Fetched(at_ms) => format!("Seen here from a copy, fetched {}", since(view.now_ms - at_ms)),
        CopyOrigin::Chosen => format!("Seen here from your copy, {}", shown(&name)),
        CopyOrigin::Spoken => "Spoken here: its sound is on this machine".to_owned(),
    };
    let response = ui.add(Label::new(text::caption(palette, from)).wrap());
    response.on_hover_text(shown(&view.shell.short_path(&copy.path)));
    let line = |ui: &mut Ui, icon: Icon, colour, name: &str, words: &str| {
        marked_ui(ui, (icon, colour, name), text::caption(palette, words));
    };
    match &copy.comparison {
        Comparison::None => {}
        Comparison::Running(_) => {
            line(ui, Icon::CircleDashed, palette.text_faint, "Not known yet", "Being compared with the address");
        }
        Comparison::Done(Likeness::Same(words)) => line(ui, Icon::CircleCheck, palette.good, "Same", words),
        Comparison::Done(Likeness::Other(words, there)) => {
            line(ui, Icon::TriangleAlert, palette.warn, "Warning", words);
            let decides = match (slot, there) {
                (_, Some(_)) => {
                    "It decides nothing: the rules are checked on what is there. Fetch that, choose another copy, or forget this one"
                }
                (SourceSlot::Clip, None) => {
                    "It decides nothing, and what is sent is not checked here. Fetch that, choose another copy, or forget this one"
                }
                (SourceSlot::Voice, None) => {
                    "It decides nothing, and how long the voice is that is sent is not known. Fetch that, choose another copy, or enter its end below"
                }
            };
            ui.add(Label::new(text::caption(palette, decides)).wrap());
        }
        Comparison::Done(Likeness::Unclear(words)) => {
            line(ui, Icon::CircleDashed, palette.text_faint, "Unclear", words);
        }
        Comparison::Failed(problem) => {
            let words = format!("It could not be compared. {}", shown(&words::sentence(&problem.message)));
            line(ui, Icon::CircleDashed, palette.text_faint, "Not compared", &words);
            facts_ui(ui, problem);
            let again =
                button_ui(ui, Look::Inline, &Face::new("Compare again", None), "Asks the address once more", None);
            if again.accessible_name(names(slot).compare).clicked() {
                commands.push(Command::Copy(CopyCommand::Compare(slot)));
            }
        }
    }
}

/// What the journal knows of a video by its id.
fn video_ui(ui: &mut Ui, video: &KnownVideo) {
    let palette = Palette::of(ui);
    let mut lines = Vec::new();
    if let Some(task_id) = &video.task_id {
        let from = video.made_from.as_ref().map(|(clip, voice)| match (clip.as_str(), voice.as_str()) {
            ("", _) | (_, "") => String::new(),
            (clip, voice) => format!(", made from {clip} and {voice}"),
        });
        let when = video.made_ms.map(|ms| format!(" on {}", local_days::minute(ms))).unwrap_or_default();
        lines.push(format!("The result of task {task_id}{}{when}", from.unwrap_or_default()));
        if video.saved.is_empty() {
            lines.push("No saved file of it is left on this machine".to_owned());
        }
    }
    match video.used {
        0 => {}
        1 => lines.push("One task was made from it before".to_owned()),
        many => lines.push(format!("{many} tasks were made from it before")),
    }
    for line in lines {
        ui.add(Label::new(text::caption(palette, shown(&line))).wrap());
    }
}

/// The field for the person's own file.
fn field_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, slot: SourceSlot) {
    let names = names(slot);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        let field = Field {
            name: names.field,
            text: &view.shell.copies.slot(slot).entry,
            hint: "Path of your copy",
            width: ui.available_width() - 2.0 * (size::BUTTON + space::TIGHT),
            mono: false,
            password: false,
        };
        let answer = path_field_ui(ui, &field);
        if view.shell.copies.slot(slot).takes_keys {
            answer.response.request_focus();
            commands.push(Command::Copy(CopyCommand::Arrived(slot)));
        }
        if let Some(text) = answer.changed {
            commands.push(Command::Copy(CopyCommand::Edit(slot, text)));
        }
        // Leaving the field for Browse… enters nothing.
        if answer.response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter)) {
            commands.push(Command::Copy(CopyCommand::Commit(slot)));
        }
        let browse = Face::icon(names.browse, Icon::FolderOpen);
        if button_ui(ui, Look::Soft, &browse, "Choose the file in the system's dialog", None).clicked() {
            commands.push(Command::Copy(CopyCommand::Browse(slot)));
        }
        if button_ui(ui, Look::Ghost, &Face::icon(names.close, Icon::X), "Close this field", None).clicked() {
            commands.push(Command::Copy(CopyCommand::Close(slot)));
        }
    });
}

fn progress_words(progress: Progress) -> String {
    match progress.total_bytes {
        Some(total) => {
            let percent = (progress.received_bytes.saturating_mul(100) / total.max(1)).min(100);
            format!("{percent} % of {}", words::bytes(total))
        }
        None => words::bytes(progress.received_bytes),
    }
}

/// How long ago something was: `just now`, `5 min ago`, `3 h ago`, `2 days ago`.
fn since(ms: i64) -> String {
    match ms.max(0) / 60_000 {
        0 => "just now".to_owned(),
        minutes @ 1..60 => format!("{minutes} min ago"),
        minutes @ 60..2_880 => format!("{} h ago", minutes / 60),
        minutes => format!("{} days ago", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_ago_is_said_in_its_unit() {
        let minute = 60_000;
        let of: Vec<String> = [-1, 59_999, 5 * minute, 47 * 60 * minute, 48 * 60 * minute].map(since).into();
        assert_eq!(of, ["just now", "just now", "5 min ago", "47 h ago", "2 days ago"]);
    }

    #[test]
    fn progress_says_how_much_there_is_where_that_is_known() {
        let of = |received_bytes, total_bytes| progress_words(Progress { received_bytes, total_bytes });
        assert_eq!(of(12_300_000, Some(45_000_000)), "27 % of 45.0 MB");
        assert_eq!(of(0, None), "0 bytes");
    }
}
