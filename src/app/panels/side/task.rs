//! The task as the service reports it: id, status, times, cost.

use egui::{CollapsingHeader, Grid, Ui};

use crate::app::action::command::Commands;
use crate::app::action::{self, Action};
use crate::app::state::view::View;
use crate::app::theme::{Palette, space, text};
use crate::app::widgets::button::{Look, action_icon_ui};
use crate::app::widgets::section::section_ui;
use crate::app::words;
use crate::model::Task;
use crate::secrets::shown;
use crate::workflow::Stage;

/// Draws the section, where there is a task.
pub fn task_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let Some(task_id) = action::task_id(view) else { return };
    let task = view.flow.task();
    let (started_ms, ended_ms) = match &view.flow.stage {
        Stage::Submitted(submitted) => (submitted.started_ms, view.now_ms),
        Stage::Done(done) => (done.started_ms, done.finished_ms),
        _ => return,
    };
    let mut right_commands = Commands::default();
    section_ui(
        ui,
        "Task",
        |ui| {
            action_icon_ui(ui, view, &mut right_commands, Action::CopyTaskId, Look::Inline);
        },
        |ui| {
            Grid::new("task").num_columns(2).spacing([space::GROUP, space::TIGHT]).show(ui, |ui| {
                let mut row = |name: &str, value: &str| {
                    ui.label(text::caption(palette, name));
                    ui.add(egui::Label::new(text::mono(shown(value))).truncate().selectable(true));
                    ui.end_row();
                };
                row("Id", task_id);
                if let Some(task) = task {
                    row("Status", &task.status_raw);
                    if let Some(words) = task.status_msg.as_deref().filter(|words| !words.is_empty()) {
                        row("Message", words);
                    }
                    if let Some(external_id) = &task.external_task_id {
                        row("External id", external_id);
                    }
                }
                row("Elapsed", &words::elapsed(ended_ms - started_ms));
                if let Some(cost) = task.and_then(|task| task.cost.as_ref()) {
                    row("Lip sync", &cost.text());
                }
            });
            let facts = task.map(Task::facts).unwrap_or_default();
            if !facts.is_empty() {
                // What an engineer wants to know of an answer, and nobody else needs to see.
                CollapsingHeader::new(text::caption(palette, "More from the service")).id_salt("task facts").show(
                    ui,
                    |ui| {
                        Grid::new("task facts").num_columns(2).spacing([space::GROUP, space::TIGHT]).show(ui, |ui| {
                            for (name, value) in facts {
                                let (name, value) = (shown(&name), shown(&value));
                                ui.label(text::caption(palette, name));
                                ui.add(egui::Label::new(text::mono(&value)).truncate().selectable(true))
                                    .on_hover_text(value);
                                ui.end_row();
                            }
                        });
                    },
                );
            }
        },
    );
    ui.add_space(space::GROUP);
    for command in right_commands.into_commands() {
        commands.push(command);
    }
}
