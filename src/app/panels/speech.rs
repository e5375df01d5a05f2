//! The dialog in which a text is spoken: text with its counter, voice, language, speed, what it costs, and what came of it.

use egui::{
    Align, Key, Label, Layout, Popup, Role, ScrollArea, Sense, TextEdit, TextStyle, Ui, UiBuilder, WidgetInfo, vec2,
};

use crate::app::action::command::{Command, Commands};
use crate::app::state::shell::{is_embedded, shown_name};
use crate::app::state::speech::{Earlier, Page, Progress, SpeechCommand, State};
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, size, space, text};
use crate::app::widgets::button::{Face, Look, button_ui};
use crate::app::widgets::field::{Field, field_ui};
use crate::app::widgets::notice::{Tone, notice_ui, problem_lines};
use crate::app::widgets::overlay::{Overlay, Place, answers_row_ui, overlay_ui};
use crate::app::widgets::segments::segments_ui;
use crate::app::widgets::slider::slider_ui;
use crate::app::words::{self, amount_text};
use crate::engine::speech_estimate;
use crate::model::speech::{MAX_CHARS, SPEED_MAX, SPEED_MIN};
use crate::model::{ProblemKind, SpeechLanguage, Spoken, VoiceSource};
use crate::secrets::shown;

/// Width of its contents, in points.
const WIDTH_PX: f32 = 520.0;
/// Width of the names of the fields, in points.
const NAME_PX: f32 = 84.0;
/// Height of a row of what was spoken before, in points.
const ROW_PX: f32 = 44.0;
/// Width of the scroll bar where there is one, in points.
const BAR_PX: f32 = 12.0;
/// How many lines of the text are in view.
const LINES: usize = 6;

/// Draws the dialog where it is open.
pub fn speech_ui(ui: &Ui, view: &View<'_>, commands: &mut Commands) {
    let state = &view.shell.speech;
    if !state.open {
        return;
    }
    let overlay = Overlay { id: "speech", name: "Speak a text", place: Place::Middle, width: WIDTH_PX, margin: 20 };
    let mut pushed = Vec::new();
    let closed = overlay_ui(ui, &overlay, |ui| {
        ui.spacing_mut().item_spacing.y = space::ITEM;
        ui.horizontal(|ui| {
            ui.label(text::heading("Speak a text"));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| pages_ui(ui, state, &mut pushed));
        });
        if state.page == Page::Earlier {
            earlier_ui(ui, view, &mut pushed);
            return;
        }
        text_ui(ui, state, &mut pushed);
        voice_ui(ui, view, &mut pushed);
        doubt_ui(ui, view);
        progress_ui(ui, view, &mut pushed);
        ui.add_space(space::TIGHT);
        answers_ui(ui, view, &mut pushed);
    });
    if closed {
        pushed.push(SpeechCommand::Close);
    }
    for command in pushed {
        commands.push(Command::Speech(command));
    }
}

/// The way between the text and what was spoken before, where anything was.
fn pages_ui(ui: &mut Ui, state: &State, pushed: &mut Vec<SpeechCommand>) {
    if state.earlier.is_empty() {
        return;
    }
    let earlier = format!("Earlier speeches · {}", state.earlier.len());
    let options = [(Page::New, "New text", None), (Page::Earlier, earlier.as_str(), None)];
    if let Some(page) = segments_ui(ui, "Show", state.page, &options) {
        pushed.push(SpeechCommand::Show(page));
    }
}

/// What was spoken before: paid, and to be used again for nothing.
fn earlier_ui(ui: &mut Ui, view: &View<'_>, pushed: &mut Vec<SpeechCommand>) {
    let palette = Palette::of(ui);
    let words = if view.shell.is_embedded() {
        "Spoken by the sandbox, where nothing is paid".to_owned()
    } else {
        format!("Spoken at {}, and paid: as a voice it costs nothing more", shown_name(view.profile()))
    };
    ui.label(text::caption(palette, words));
    let (whole, most) = (view.shell.speech.earlier.len() as f32 * ROW_PX, ui.ctx().content_rect().height() * 0.5);
    let (height, bar_px) = if whole > most { (most, BAR_PX) } else { (whole, 0.0) };
    ScrollArea::vertical().id_salt("earlier speeches").max_height(height).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for row in &view.shell.speech.earlier {
            row_ui(ui, view, row, bar_px, pushed);
        }
    });
    ui.add_space(space::TIGHT);
    answers_row_ui(ui, |ui| {
        if button_ui(ui, Look::Soft, &Face::new("Close", None), "Closes this dialog", None).clicked() {
            pushed.push(SpeechCommand::Close);
        }
    });
}

fn row_ui(ui: &mut Ui, view: &View<'_>, row: &Earlier, bar_px: f32, pushed: &mut Vec<SpeechCommand>) {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width() - bar_px, ROW_PX), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("{}: {}", row.text, row.about)));
    let line = UiBuilder::new().max_rect(rect).layout(Layout::right_to_left(Align::Center));
    // Rows are of one height, whatever is in them.
    let ui = &mut ui.new_child(line);
    if let Some(spoken) = &row.spoken {
        let voice = VoiceSource::AudioId(spoken.audio_id.clone());
        let obstacle = if view.flow.desk.voice.as_ref() == Some(&voice) {
            Some("It is the voice already")
        } else if row.is_over {
            Some("The service no longer keeps it")
        } else {
            view.flow.busy_with()
        };
        let tooltip = format!("Places it as the voice; its audio id is {}", shown(&spoken.audio_id));
        if button_ui(ui, Look::Soft, &Face::new("Use it", None), &tooltip, obstacle).clicked() {
            pushed.push(SpeechCommand::Use(row.id));
        }
    }
    ui.with_layout(Layout::top_down(Align::Min), |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add_space(4.0);
        ui.add(Label::new(text::body(&row.text)).truncate().selectable(true));
        ui.add(Label::new(text::caption(palette, &row.about)).truncate());
    });
}

fn text_ui(ui: &mut Ui, state: &State, pushed: &mut Vec<SpeechCommand>) {
    let palette = Palette::of(ui);
    let mut entered = state.speech.text.clone();
    let height = LINES as f32 * ui.text_style_height(&TextStyle::Body) + 12.0;
    ScrollArea::vertical().id_salt("speech text").max_height(height).show(ui, |ui| {
        let edit = TextEdit::multiline(&mut entered)
            .hint_text("What is to be said")
            .desired_rows(LINES)
            .desired_width(f32::INFINITY)
            .interactive(!state.is_sent());
        let response = ui.add(edit).accessible_name("Text");
        if ui.memory(|memory| memory.focused().is_none()) {
            response.request_focus();
        }
    });
    let chars = state.speech.chars();
    let counter = text::caption(palette, format!("{chars} of {MAX_CHARS} characters"));
    ui.label(if chars > MAX_CHARS { counter.color(palette.bad) } else { counter });
    if entered != state.speech.text {
        pushed.push(SpeechCommand::Text(entered));
    }
}

fn named_ui(ui: &mut Ui, name: &str, control_ui: impl FnOnce(&mut Ui)) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.set_min_height(size::BUTTON);
        let row = Layout::left_to_right(Align::Center);
        ui.allocate_ui_with_layout(egui::vec2(NAME_PX, size::BUTTON), row, |ui| {
            ui.set_min_width(NAME_PX);
            ui.label(text::dim(palette, name));
        });
        control_ui(ui);
    });
}

fn voice_ui(ui: &mut Ui, view: &View<'_>, pushed: &mut Vec<SpeechCommand>) {
    let state = &view.shell.speech;
    named_ui(ui, "Voice", |ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        let width = ui.available_width() - size::BUTTON - space::TIGHT;
        let field = Field {
            name: "Voice id",
            text: &state.speech.voice_id,
            hint: "Id of a voice of the service",
            width,
            mono: true,
            password: false,
        };
        if let Some(id) = field_ui(ui, &field).changed {
            pushed.push(SpeechCommand::Voice(id));
        }
        let face = Face::icon("Known voices", Icon::ChevronDown);
        let tooltip =
            "Ids that were used, and ids that are known: the service has no list of them, and takes others too";
        let response = button_ui(ui, Look::Soft, &face, tooltip, None);
        Popup::menu(&response).show(|ui| {
            for id in State::offered(&view.shell.settings.values.voice_ids) {
                if ui.button(text::mono(&id)).clicked() {
                    pushed.push(SpeechCommand::Voice(id));
                    ui.close();
                }
            }
        });
    });
    named_ui(ui, "Language", |ui| {
        let options = [(SpeechLanguage::En, "English", None), (SpeechLanguage::Zh, "Chinese", None)];
        if let Some(language) = segments_ui(ui, "Language", state.speech.language, &options) {
            pushed.push(SpeechCommand::Language(language));
        }
    });
    named_ui(ui, "Speed", |ui| {
        let mut speed = state.speech.sent_speed();
        let width = ui.available_width() - 48.0;
        let (_, moved) = slider_ui(ui, "Speed", &mut speed, SPEED_MIN..=SPEED_MAX, width, !state.is_sent());
        ui.label(text::mono(format!("{:.1}", state.speech.sent_speed())));
        if moved {
            pushed.push(SpeechCommand::Speed((speed * 10.0).round() / 10.0));
        }
    });
}

/// What should be known before it is paid.
fn doubt_ui(ui: &mut Ui, view: &View<'_>) {
    let palette = Palette::of(ui);
    let state = &view.shell.speech;
    let is_entered = state.speech.fault().is_none() && state.progress == Progress::Idle;
    if let Some(doubt) = state.speech.doubt().filter(|_| is_entered) {
        let paid = (!view.shell.is_embedded()).then(|| "It is paid all the same".to_owned());
        notice_ui(ui, Tone::Warn, &doubt, paid.as_slice(), |_| {});
    }
    let profile = view.profile();
    let cost = amount_text(profile.dialect, speech_estimate(profile.dialect));
    let free =
        if is_embedded(profile) { "; the sandbox costs nothing, and speaks with this machine's own voice" } else { "" };
    let likely_s = state.speech.likely_ms() as f64 / 1e3;
    let length = if state.speech.chars() > 0 { format!("; about {likely_s:.1} s") } else { String::new() };
    let words = format!("Estimate {cost} at {}{length}{free}", shown_name(profile));
    ui.add(Label::new(text::caption(palette, words)).wrap());
}

fn progress_ui(ui: &mut Ui, view: &View<'_>, pushed: &mut Vec<SpeechCommand>) {
    let palette = Palette::of(ui);
    match &view.shell.speech.progress {
        Progress::Idle => {}
        Progress::Sent(_) => {
            ui.label(text::dim(palette, "The service speaks the text…"));
        }
        Progress::Failed(problem) => {
            let tone = if problem.kind == ProblemKind::OutcomeUnknown { Tone::Warn } else { Tone::Bad };
            let lines: Vec<String> = problem_lines(problem).iter().map(|line| shown(line)).collect();
            notice_ui(ui, tone, &shown(&words::sentence(&problem.message)), &lines, |_| {});
        }
        Progress::Done(spoken) => done_ui(ui, view, spoken, pushed),
    }
}

fn done_ui(ui: &mut Ui, view: &View<'_>, spoken: &Spoken, pushed: &mut Vec<SpeechCommand>) {
    let length = spoken.duration_ms.map(|ms| format!(" · {}", words::seconds(ms))).unwrap_or_default();
    let cost = spoken.cost.as_ref().map(|cost| format!(" · {}", cost.text())).unwrap_or_default();
    let source = VoiceSource::AudioId(spoken.audio_id.clone());
    let is_placed = view.flow.desk.voice.as_ref() == Some(&source);
    let what = if is_placed { "Spoken, and placed as the voice" } else { "Spoken" };
    let title = format!("{what}{length}{cost}");
    let lines = [format!("Audio id {}; the service keeps it for 30 days", shown(&spoken.audio_id))];
    let is_here = view.shell.copies.voice_file(&source).is_some();
    notice_ui(ui, Tone::Info, &title, &lines, |ui| {
        let face = Face::new("Hear it", Some(Icon::Play));
        let obstacle = (!is_here).then_some("Its sound is being fetched, or could not be");
        if button_ui(ui, Look::Soft, &face, "Plays it in the system's player", obstacle).clicked() {
            pushed.push(SpeechCommand::Hear);
        }
    });
}

fn answers_ui(ui: &mut Ui, view: &View<'_>, pushed: &mut Vec<SpeechCommand>) {
    let state = &view.shell.speech;
    answers_row_ui(ui, |ui| {
        if matches!(state.progress, Progress::Done(_)) {
            if button_ui(ui, Look::Primary, &Face::new("Done", Some(Icon::Check)), "Closes this dialog", None).clicked()
            {
                pushed.push(SpeechCommand::Close);
            }
        } else {
            let obstacle = view.service_obstacle().or_else(|| state.obstacle());
            let is_again =
                matches!(&state.progress, Progress::Failed(problem) if problem.kind == ProblemKind::OutcomeUnknown);
            let (label, tooltip) = if is_again {
                let is_free = view.shell.is_embedded();
                let paid = "It may have been paid already: if it was, both are";
                ("Speak it again", if is_free { "Sends the text once more" } else { paid })
            } else if state.speech.doubt().is_some() && state.speech.fault().is_none() {
                ("Speak it anyway", "Has it spoken although no task will probably take it as its voice")
            } else {
                ("Speak it", "Sends the text to the service, once")
            };
            let face = Face::new(label, Some(Icon::AudioLines));
            let by_keys =
                ui.input_mut(|input| input.consume_key(egui::Modifiers::COMMAND, Key::Enter)) && obstacle.is_none();
            if button_ui(ui, Look::Primary, &face, tooltip, obstacle.as_deref()).clicked() || by_keys {
                pushed.push(SpeechCommand::Speak);
            }
            let tooltip = "Closes this dialog; what is on its way goes on, and the text stays";
            if button_ui(ui, Look::Soft, &Face::new("Close", None), tooltip, None).clicked() {
                pushed.push(SpeechCommand::Close);
            }
        }
    });
}
