//! The clip: where it comes from, what it is, which rules it keeps.

use egui::Ui;

use super::source;
use crate::app::action::{self, Action};
use crate::app::bars::shown_name;
use crate::app::command::Wishes;
use crate::app::entry::{EntryKind, SourceSlot};
use crate::app::theme::{Palette, text};
use crate::app::view::View;
use crate::app::widgets::button::{Look, action_ui};
use crate::app::widgets::section::section_ui;
use crate::app::widgets::verdict::verdicts_ui;
use crate::app::widgets::waiting::waiting_ui;
use crate::app::words;
use crate::model::ClipSource;
use crate::workflow::{Probe, Stage};

/// Draws the section.
pub fn clip_ui(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    let palette = Palette::of(ui);
    let shell = view.shell;
    let desk = &view.flow.desk;
    let mut kind_wishes = Wishes::default();
    section_ui(
        ui,
        "Clip",
        |ui| {
            ui.add_enabled_ui(view.flow.busy_with().is_none(), |ui| {
                source::kind_ui(ui, &mut kind_wishes, SourceSlot::Clip, &shell.clip_entry);
            });
        },
        |ui| {
            // A clip cannot be changed while its task is created or followed.
            ui.add_enabled_ui(view.flow.busy_with().is_none(), |ui| {
                source::entry_ui(ui, view, wishes, SourceSlot::Clip, &shell.clip_entry);
            });
            match (&desk.clip_probe, &desk.clip) {
                (Probe::Known(clip), _) => {
                    ui.label(text::caption(palette, words::clip_facts(clip)));
                    verdicts_ui(ui, &desk.clip_rules);
                }
                (Probe::Running(job), _) => {
                    let waited_ms = shell.since.waited_ms(*job, view.now_ms);
                    waiting_ui(ui, view, wishes, "Reading the clip", waited_ms, Some(Action::CancelReadingClip));
                }
                (Probe::Failed(problem), _) => {
                    ui.label(text::caption(palette, words::sentence(&problem.message)).color(palette.bad));
                }
                (Probe::None, Some(ClipSource::Url(_) | ClipSource::VideoId(_))) => {
                    ui.label(text::caption(
                        palette,
                        "The service reads it; its length and rules cannot be checked here",
                    ));
                }
                (Probe::None, _) if shell.clip_entry.kind == EntryKind::File => {
                    ui.label(text::caption(palette, "2 s to 60 s, 720p or 1080p, at most 100 MB"));
                }
                (Probe::None, _) => {}
            }
            if !view.profile().is_sandbox()
                && shell.clip_entry.kind == EntryKind::File
                && shell.clip_entry.clip().is_some()
            {
                let words = format!(
                    "{} takes no video files: it fetches a clip from an address. Put the clip where it can be reached and give its address, or switch to the sandbox",
                    shown_name(view.profile())
                );
                ui.label(text::caption(palette, words).color(palette.warn));
                if shell.embedded().is_some() {
                    action_ui(ui, view, wishes, Action::SwitchToSandbox, Look::Soft);
                }
            }
            if matches!(view.flow.stage, Stage::Idle(_)) && action::may_send_anyway(view) {
                action_ui(ui, view, wishes, Action::FindFacesAnyway, Look::Soft);
            }
        },
    );
    for command in kind_wishes.into_commands() {
        wishes.push(command);
    }
}
