//! The clip's section: source, properties, and rules.

use egui::Ui;

use super::copy::copy_ui;
use super::fit::fit_ui;
use super::source;
use crate::app::action::command::{Command, Commands};
use crate::app::action::{self, Action};
use crate::app::state::entry::{EntryKind, SourceSlot};
use crate::app::state::settings::{Page, SettingsCommand, StorageState};
use crate::app::state::shell::shown_name;
use crate::app::state::view::View;
use crate::app::theme::{Palette, text};
use crate::app::widgets::button::{Face, Look, action_ui, button_ui};
use crate::app::widgets::section::section_ui;
use crate::app::widgets::verdict::verdicts_ui;
use crate::app::widgets::waiting::waiting_ui;
use crate::app::words;
use crate::workflow::{Probe, Stage};

/// Draws the section.
pub fn clip_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let shell = view.shell;
    let desk = &view.flow.desk;
    let mut kind_commands = Commands::default();
    section_ui(
        ui,
        "Clip",
        |ui| {
            ui.add_enabled_ui(view.flow.busy_with().is_none(), |ui| {
                source::kind_ui(ui, &mut kind_commands, SourceSlot::Clip, &shell.clip_entry);
            });
        },
        |ui| {
            // The clip cannot be changed while its task is being created or followed.
            ui.add_enabled_ui(view.flow.busy_with().is_none(), |ui| {
                source::entry_ui(ui, view, commands, SourceSlot::Clip, &shell.clip_entry);
            });
            copy_ui(ui, view, commands, SourceSlot::Clip);
            match &desk.clip_probe {
                Probe::Known(clip) => {
                    // Of a copy that is another file it was said what is different.
                    let facts = match desk.known_clip().filter(|_| desk.clip_copy_is.is_another()) {
                        Some(there) => format!("At the address: {}", words::clip_facts(there)),
                        None if desk.clip_copy_is.is_another() => format!("Your copy: {}", words::clip_facts(clip)),
                        None => words::clip_facts(clip),
                    };
                    ui.label(text::caption(palette, facts));
                    verdicts_ui(ui, &desk.clip_rules);
                    fit_ui(ui, view, commands, SourceSlot::Clip);
                }
                Probe::Running(job) => {
                    let waited_ms = shell.since.waited_ms(*job, view.now_ms);
                    waiting_ui(ui, view, commands, "Reading the clip", waited_ms, Some(Action::CancelReadingClip));
                }
                Probe::Failed(problem) => {
                    ui.label(text::caption(palette, words::sentence(&problem.message)).color(palette.bad));
                }
                Probe::None if shell.clip_entry.kind == EntryKind::File => {
                    ui.label(text::caption(
                        palette,
                        "MP4 or MOV, at most 100 MB, 2 s to 60 s, each side 512 to 2160 px",
                    ));
                }
                Probe::None => {}
            }
            if !view.profile().is_sandbox()
                && shell.clip_entry.kind == EntryKind::File
                && shell.clip_entry.clip().is_some()
            {
                storage_ui(ui, view, commands);
            }
            if matches!(view.flow.stage, Stage::Idle(_)) && action::may_send_anyway(view) {
                action_ui(ui, view, commands, Action::FindFacesAnyway, Look::Soft);
            }
        },
    );
    for command in kind_commands.into_commands() {
        commands.push(command);
    }
}

/// Draws where a local clip goes for a service that takes none, or the ways out.
fn storage_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let (palette, name) = (Palette::of(ui), shown_name(view.profile()));
    // Before the service has its key, the settings know it already.
    let ready = match &view.shell.settings.storage_known {
        StorageState::Ready(storage) => Some(storage),
        StorageState::None | StorageState::Unusable(_) => None,
    };
    if let Some(storage) = view.flow.terms.storage.as_ref().or(ready) {
        let words = format!("It goes to {storage} first; {name} gets its address there");
        ui.label(text::caption(palette, words));
        return;
    }
    let words = format!(
        "{name} accepts no video files: it fetches a clip from an address. Put the clip where the service can reach it and enter its address; set up storage of your own, to which it is uploaded; or switch to the sandbox"
    );
    ui.label(text::caption(palette, words).color(palette.warn));
    ui.horizontal_wrapped(|ui| {
        let face = Face::new("Set up storage…", None);
        let tooltip = "A bucket of your own, to which local clips are uploaded for the service";
        if button_ui(ui, Look::Soft, &face, tooltip, None).clicked() {
            commands.push(Command::Settings(SettingsCommand::Open(Page::Storage)));
        }
        if view.shell.embedded().is_some() {
            action_ui(ui, view, commands, Action::SwitchToSandbox, Look::Soft);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::shell::Shell;
    use crate::app::theme;
    use crate::model::{ClipSource, Profile};
    use crate::workflow::{Event, Flow, Now, PersonEvent, Terms, step};
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    #[test]
    fn a_clip_that_is_read_slowly_shows_its_elapsed_time_and_can_be_cancelled() {
        let profiles = Profile::built_in();
        let slow = PersonEvent::SetClip(Some(ClipSource::File("/x/slow.mp4".into())));
        let (flow, _) = step(Flow::new(Terms::of(&profiles[0])), Event::Person(slow), Now { wall_ms: 0, steady_ms: 0 });
        let mut shell = Shell::new(profiles, "sandbox");
        shell.since.note(&flow, 0);
        shell.since.note(&flow, 100);
        for (now_ms, is_told) in [(199, false), (2_300, true)] {
            let view = View { flow: &flow, shell: &shell, now_ms };
            let mut asked = Vec::new();
            {
                let mut harness = Harness::builder().with_context_setup(theme::install).build_ui(|ui| {
                    let mut commands = Commands::default();
                    clip_ui(ui, &view, &mut commands);
                    asked.extend(commands.into_commands());
                });
                harness.run_steps(2);
                assert_eq!(harness.query_by_label("Reading the clip").is_some(), is_told);
                assert_eq!(harness.query_by_label("0:02").is_some(), is_told);
                if let Some(cancel) = harness.query_by_label("Cancel reading the clip") {
                    cancel.click();
                }
                harness.run_steps(2);
            }
            let left = asked.iter().any(|wish| matches!(wish, Command::Do(Action::CancelReadingClip)));
            assert_eq!(left, is_told);
        }
    }
}
