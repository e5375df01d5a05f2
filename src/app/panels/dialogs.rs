//! Dialogs that ask before something that cannot be undone.

use egui::{AtomExt as _, Key, Ui};

use crate::app::action::command::{Command, Commands};
use crate::app::state::shell::{Dialog, shown_name};
use crate::app::state::stored::Row;
use crate::app::state::unclear::Unclear;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, size, space, text};
use crate::app::widgets::button::{Face, Look, button_ui};
use crate::app::widgets::field::{Field, field_ui, path_field_ui};
use crate::app::widgets::overlay::{Overlay, Place, answers_row_ui, overlay_ui};
use crate::app::words;
use crate::engine::journal::{Intent, Service};
use crate::model::cost::{estimate_text, lip_sync_units};
use crate::model::rule::first_broken;
use crate::secrets::shown;

/// Width of a dialog, in points.
const WIDTH_PX: f32 = 440.0;
/// Maximum height of the list of tasks, in points.
const LIST_PX: f32 = 160.0;

/// Draws the open dialog.
pub fn dialogs_ui(ui: &Ui, view: &View<'_>, commands: &mut Commands) {
    let Some(dialog) = view.shell.dialog else { return };
    let name = match dialog {
        Dialog::FindFacesAnyway => "Send the clip anyway?",
        Dialog::SubmitAnyway => "Create the task anyway?",
        Dialog::Resend => "Create the task a second time?",
        Dialog::LeaveTask => "Leave the task?",
        Dialog::Follow => "Follow a task",
        Dialog::Save => "Save the result as",
        Dialog::SaveBody => "Save the body as",
        Dialog::SaveTask => "Save the task as",
        Dialog::DeleteTask => "Delete the task from the history?",
        Dialog::CloseTask => "Close the unclear task?",
        Dialog::SendTwice { .. } => "Send the same job once more?",
        Dialog::DeleteStored => "Delete the file from the storage?",
        Dialog::Leave => "Close the window?",
    };
    let overlay = Overlay { id: "dialog", name, place: Place::Middle, width: WIDTH_PX, margin: 20 };
    let closed = overlay_ui(ui, &overlay, |ui| {
        ui.spacing_mut().item_spacing.y = space::ITEM;
        ui.label(text::heading(name));
        match dialog {
            Dialog::FindFacesAnyway => {
                let words = broken_words(view, "video");
                confirm_ui(ui, commands, &words, "Send anyway");
            }
            Dialog::SubmitAnyway => {
                let words = broken_words(view, "task");
                confirm_ui(ui, commands, &words, "Send anyway");
            }
            Dialog::Resend => {
                // The faces are already known.
                let cost = sent_crop_ms(view).map(|crop_ms| estimate_text(lip_sync_units(crop_ms))).unwrap_or_default();
                let words = [
                    "It is not known whether the service accepted the first one. If it did, both are billed".to_owned(),
                    format!("It is sent with the same external task id; estimate {cost} once more"),
                ];
                confirm_ui(ui, commands, &words, "Send again");
            }
            Dialog::LeaveTask => {
                let task_id = shown(view.flow.loses().unwrap_or_default());
                let words = if view.shell.queue.queue.is_some() {
                    [
                        format!("Task {task_id} continues at the service and is billed"),
                        "It is followed in the queue, and its result is saved".to_owned(),
                    ]
                } else {
                    [
                        format!("Task {task_id} continues at the service and is billed, but its result is not saved"),
                        "Follow a task… offers it again, and so does the history".to_owned(),
                    ]
                };
                confirm_ui(ui, commands, &words, "Leave the task");
            }
            Dialog::Follow => follow_ui(ui, view, commands),
            Dialog::Save => save_ui(ui, view, commands, "MP4, with sound"),
            Dialog::SaveBody => save_ui(ui, view, commands, "As it was received, with secrets masked"),
            Dialog::SaveTask => {
                save_ui(
                    ui,
                    view,
                    commands,
                    "JSON, as viseme tasks show --json writes it, with signed addresses masked",
                );
            }
            Dialog::DeleteTask => {
                let words = [
                    "Its changes, exchanges and the list of its results are removed from the journal".to_owned(),
                    "Results that were saved stay; its name stays too, so that it is never used again".to_owned(),
                ];
                ask_ui(ui, commands, &words, "Delete", Icon::Trash);
            }
            Dialog::CloseTask => {
                let words = view.shell.queue.closing.as_ref().map(Unclear::question).unwrap_or_default();
                ask_ui(ui, commands, &words, "Close it", Icon::X);
            }
            Dialog::SendTwice { .. } => confirm_ui(ui, commands, &twice_words(view), "Send once more"),
            Dialog::DeleteStored => {
                let words = view.shell.stored.chosen_row().map(Row::question).unwrap_or_default();
                ask_ui(ui, commands, &words, "Delete", Icon::Trash);
            }
            Dialog::Leave => leave_ui(ui, view, commands),
        }
    });
    if closed {
        commands.push(Command::CloseDialog);
    }
}

/// The first broken rule, and its likely consequence.
fn broken_words(view: &View<'_>, what: &str) -> Vec<String> {
    let rules: Vec<_> = view.flow.rules().cloned().collect();
    let mut words: Vec<String> =
        first_broken(&rules).map(|report| report.why().unwrap_or(report.asks).to_owned()).into_iter().collect();
    words.push(format!("The service will most likely refuse the {what}; send it to see how the service reports that"));
    words
}

/// That the same job was sent or waits, and what it costs once more.
fn twice_words(view: &View<'_>) -> Vec<String> {
    // It may have gone on meanwhile.
    let same = view.same_job().unwrap_or_else(|| "It was in the queue a moment ago".to_owned());
    let placement = view.choosing().and_then(|choosing| choosing.placement);
    let cost = if view.shell.is_embedded() {
        "Sent once more, it is made once more; the sandbox costs nothing".to_owned()
    } else {
        let units = placement.map_or(0.0, |placement| lip_sync_units(placement.crop_ms()));
        format!("Sent once more, it is paid once more: estimate {}", estimate_text(units))
    };
    vec![same, cost]
}

fn sent_crop_ms(view: &View<'_>) -> Option<i64> {
    match &view.flow.stage {
        crate::workflow::Stage::Submitted(submitted) => submitted.submission.as_ref().map(|s| s.placement.crop_ms()),
        _ => None,
    }
}

fn leave_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    // The task may have ended meanwhile.
    let lost = view.lost_by_leaving().unwrap_or_else(|| vec!["Closing the window loses nothing now".to_owned()]);
    for line in lost {
        ui.add(egui::Label::new(text::dim(palette, line)).wrap().selectable(true));
    }
    ui.add_space(space::ITEM);
    answers_ui(ui, commands, "Close", Icon::X, None);
}

/// The field for a task's id, and the accepted tasks that are not known to have ended.
fn follow_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let service = shown_name(view.profile());
    ui.add(egui::Label::new(text::dim(palette, format!("{service} is polled for the task until it ends"))).wrap());
    let entry = &view.shell.follow_entry;
    let field = Field {
        name: "Task id",
        text: entry,
        hint: "Task id",
        width: ui.available_width(),
        mono: true,
        password: false,
    };
    let answer = field_ui(ui, &field);
    if ui.memory(|memory| memory.focused().is_none()) && !ui.input(|input| input.key_pressed(Key::Enter)) {
        answer.response.request_focus();
    }
    if let Some(text) = answer.changed {
        commands.push(Command::EditFollow(text));
    }
    if answer.committed && !entry.trim().is_empty() && ui.input(|input| input.key_pressed(Key::Enter)) {
        commands.push(Command::Confirm);
    }
    match &view.shell.unfinished {
        None => {
            ui.label(text::caption(palette, "Reading which tasks have not ended…"));
        }
        Some(tasks) if tasks.is_empty() => {
            ui.label(text::caption(palette, "Every task that was accepted on this machine has ended"));
        }
        Some(tasks) => {
            ui.label(text::caption(palette, "Accepted on this machine, and not ended"));
            egui::ScrollArea::vertical().max_height(LIST_PX).show(ui, |ui| {
                for task in tasks {
                    unfinished_ui(ui, view, commands, task);
                }
            });
        }
    }
    ui.add_space(space::ITEM);
    let obstacle = entry.trim().is_empty().then_some("Enter the id of a task, or choose one");
    answers_ui(ui, commands, "Follow", Icon::Search, obstacle);
}

/// Draws an accepted task: it can be followed where its service is in use.
fn unfinished_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, intent: &Intent) {
    let palette = Palette::of(ui);
    let Some(task) = &intent.task else { return };
    let here = intent.service.is_same(&Service::of(view.profile()));
    let since = words::moment(task.accepted_ms);
    let clip = &intent.clip.name;
    let of_clip = if clip.is_empty() { String::new() } else { format!("{clip} · ") };
    let button = egui::Button::new((
        text::mono(shown(&task.task_id)).color(if here { palette.text } else { palette.text_faint }),
        egui::Atom::grow(),
        text::caption(palette, format!("{of_clip}{} · {since}", intent.service.profile)).atom_shrink(true),
    ))
    .truncate()
    .frame_when_inactive(false)
    .min_size(egui::vec2(ui.available_width(), size::ROW));
    let response = ui.add_enabled(here, button).accessible_name(shown(&format!("Follow task {}", task.task_id)));
    let response =
        response.on_disabled_hover_text(format!("It is at {}: switch to that service first", intent.service.profile));
    if response.clicked() {
        commands.push(Command::FollowTask(task.task_id.clone()));
    }
}

fn confirm_ui(ui: &mut Ui, commands: &mut Commands, words: &[String], yes: &str) {
    ask_ui(ui, commands, words, yes, Icon::Send);
}

fn ask_ui(ui: &mut Ui, commands: &mut Commands, words: &[String], yes: &str, icon: Icon) {
    let palette = Palette::of(ui);
    for line in words {
        ui.add(egui::Label::new(text::dim(palette, line)).wrap());
    }
    ui.add_space(space::ITEM);
    answers_ui(ui, commands, yes, icon, None);
}

fn save_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, what: &str) {
    let palette = Palette::of(ui);
    let shell = view.shell;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        let width = ui.available_width() - size::BUTTON - space::TIGHT;
        let field = Field {
            name: "Save to",
            text: &shell.save_entry,
            hint: "Path of the file",
            width,
            mono: false,
            password: false,
        };
        let answer = path_field_ui(ui, &field);
        if ui.memory(|memory| memory.focused().is_none()) && !ui.input(|input| input.key_pressed(Key::Enter)) {
            answer.response.request_focus();
        }
        if let Some(text) = answer.changed {
            commands.push(Command::EditSavePath(text));
        }
        if answer.committed && ui.input(|input| input.key_pressed(Key::Enter)) {
            commands.push(Command::Confirm);
        }
        let face = Face::icon("Browse for a place…", Icon::FolderOpen);
        if button_ui(ui, Look::Soft, &face, "Choose the place in the system's dialog", None).clicked() {
            commands.push(Command::BrowseSavePath);
        }
    });
    let exists = shell.save_there.as_deref() == Some(std::path::Path::new(shell.save_entry.trim()));
    let words = if exists { "A file with this name exists: it will be replaced" } else { what };
    ui.label(text::caption(palette, words).color(if exists { palette.warn } else { palette.text_dim }));
    ui.add_space(space::ITEM);
    let obstacle = shell.save_entry.trim().is_empty().then_some("Enter a path first");
    answers_ui(ui, commands, "Save", Icon::Save, obstacle);
}

fn answers_ui(ui: &mut Ui, commands: &mut Commands, yes: &str, icon: Icon, obstacle: Option<&str>) {
    answers_row_ui(ui, |ui| {
        if button_ui(ui, Look::Primary, &Face::new(yes, Some(icon)), yes, obstacle).clicked() {
            commands.push(Command::Confirm);
        }
        let cancel =
            button_ui(ui, Look::Soft, &Face::new("Cancel", None), "Closes this dialog; nothing is changed", None);
        // Enter never confirms what cannot be undone.
        if ui.memory(|memory| memory.focused().is_none()) {
            cancel.request_focus();
        }
        if cancel.clicked() {
            commands.push(Command::CloseDialog);
        }
    });
}
