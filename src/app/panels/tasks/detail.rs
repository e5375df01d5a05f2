//! Everything about the selected task, and what can be done with it.

use egui::{Align, Label, Layout, ScrollArea, Ui, vec2};

use super::ink_and_mark;
use crate::app::action::command::{Command, Commands};
use crate::app::action::task_obstacle;
use crate::app::state::tasks::{Detail, TaskAction, TasksCommand};
use crate::app::state::unclear::Unclear;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, size, space, text, type_size};
use crate::app::widgets::button::{Face, Look, button_ui};
use crate::engine::QueueState;

/// Width of the scroll bar, in points.
const BAR_PX: f32 = 12.0;
/// Width of the names before the values, in points.
const NAME_PX: f32 = 76.0;
/// What is added where a task is made again that may have been made.
const PAID_TWICE: &str = ". If the service took the first one, both are billed";

/// Draws it.
pub fn detail_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing.y = space::TIGHT;
    let Some(detail) = view.shell.tasks.shown() else { return };
    title_ui(ui, detail);
    ui.add_space(space::TIGHT);
    actions_ui(ui, view, commands, detail);
    ui.add_space(space::ITEM);
    ScrollArea::vertical().id_salt(("task", detail.intent.id)).auto_shrink([false, false]).show(ui, |ui| {
        ui.set_max_width(ui.available_width() - BAR_PX);
        if let Some(unclear) = &detail.unclear {
            open_ui(ui, view, unclear);
        }
        if !detail.reason.is_empty() {
            ui.add(Label::new(text::dim(palette, &detail.reason)).wrap().selectable(true));
            ui.add_space(space::TIGHT);
        }
        facts_ui(ui, commands, detail);
        if !detail.results.is_empty() {
            section_ui(ui, "Results");
            for result in &detail.results {
                let words = format!("{} · {}", view.shell.short_path(&result.path), result.size);
                ui.add(Label::new(text::caption(palette, words)).wrap().selectable(true));
                if !result.is_there {
                    ui.label(text::caption(palette, "The file is no longer there").color(palette.warn));
                }
            }
        }
        section_ui(ui, "What happened");
        for [at, words] in &detail.changes {
            // In the font of the words beside it: all its digits are equally wide.
            let time = text::caption(palette, at.get(11..).unwrap_or(at));
            line_ui(ui, type_size::CAPTION_LINE, time, |ui| {
                let words = text::caption(palette, words).color(palette.text);
                ui.add(Label::new(words).wrap().selectable(true)).on_hover_text(at);
            });
        }
    });
}

/// What is open about an unclear create, and what to do next.
fn open_ui(ui: &mut Ui, view: &View<'_>, unclear: &Unclear) {
    let palette = Palette::of(ui);
    let queue = view.shell.queue.queue.as_ref();
    let is_looking = queue.and_then(|queue| queue.job(unclear.id)).is_some_and(|job| job.state == QueueState::Unclear);
    ui.add(Label::new(text::body(unclear.what_is_open())).wrap());
    let next = if is_looking {
        "The service is being asked for it by its name: that takes up to two minutes"
    } else {
        "Look it up asks the service for it by its name. Where your account there does not show it either, close it. Run again makes another task, \
         which is paid as well"
    };
    ui.add(Label::new(text::dim(palette, next)).wrap());
    ui.add_space(space::TIGHT);
}

fn section_ui(ui: &mut Ui, name: &str) {
    ui.add_space(space::ITEM);
    ui.label(text::strong(name));
}

fn title_ui(ui: &mut Ui, detail: &Detail) {
    let palette = Palette::of(ui);
    ui.add(Label::new(text::heading(&detail.title)).truncate());
    let (ink, mark) = ink_and_mark(palette, detail.standing.tone);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT + 2.0;
        ui.add(mark.image_of(14.0).tint(ink).alt_text(""));
        ui.label(text::body(detail.standing.word).color(ink));
    });
}

/// The actions, in rows: what is filled and what is quiet depends on how the task stands.
fn actions_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, detail: &Detail) {
    let mut button_ui = |ui: &mut Ui, look, action: TaskAction, icon, icon_only| {
        let obstacle = task_obstacle(action, detail, view);
        let face = Face { icon_only, ..Face::new(action.label(), Some(icon)) };
        let is_again = matches!(action, TaskAction::RunAgain | TaskAction::AnotherVoice) && detail.unclear.is_some();
        let twice = if is_again { PAID_TWICE } else { "" };
        let tooltip = format!("{}{twice}", action.tooltip());
        if button_ui(ui, look, &face, &tooltip, obstacle.as_deref()).clicked() {
            commands.push(Command::Tasks(TasksCommand::Do(action)));
        }
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        button_ui(ui, Look::Soft, TaskAction::OpenResult, Icon::Play, false);
        button_ui(ui, Look::Soft, TaskAction::Compare, Icon::Columns, false);
        button_ui(ui, Look::Soft, TaskAction::ShowInFolder, Icon::FolderOpen, true);
        button_ui(ui, Look::Ghost, TaskAction::Export, Icon::Save, true);
        button_ui(ui, Look::Ghost, TaskAction::Delete, Icon::Trash, true);
    });
    // In two rows that have room in the narrowest window.
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        if detail.unclear.is_some() {
            button_ui(ui, Look::Soft, TaskAction::LookUp, Icon::Search, false);
            button_ui(ui, Look::Soft, TaskAction::Close, Icon::X, false);
            return;
        }
        button_ui(ui, Look::Soft, TaskAction::Follow, Icon::Search, false);
        button_ui(ui, Look::Soft, TaskAction::RunAgain, Icon::Repeat, false);
        button_ui(ui, Look::Soft, TaskAction::AnotherVoice, Icon::AudioLines, false);
    });
    if detail.unclear.is_some() {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::TIGHT;
            button_ui(ui, Look::Ghost, TaskAction::RunAgain, Icon::Repeat, false);
            button_ui(ui, Look::Ghost, TaskAction::AnotherVoice, Icon::AudioLines, false);
        });
    }
}

fn facts_ui(ui: &mut Ui, commands: &mut Commands, detail: &Detail) {
    let palette = Palette::of(ui);
    for fact in &detail.facts {
        line_ui(ui, size::BUTTON_INLINE, text::caption(palette, fact.name), |ui| {
            if !fact.is_id {
                // In the middle of a line that is as high as those with a button.
                ui.add_space((size::BUTTON_INLINE - type_size::BODY_LINE) / 2.0);
                ui.add(Label::new(text::body(&fact.value)).wrap().selectable(true));
                return;
            }
            ui.spacing_mut().interact_size.y = size::BUTTON_INLINE;
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                ui.scope(|ui| {
                    ui.set_max_width(ui.available_width() - size::BUTTON_INLINE - space::TIGHT);
                    let value = text::mono(&fact.value).size(type_size::CAPTION);
                    ui.add(Label::new(value).truncate().selectable(true));
                });
                let name = format!("Copy the {}", fact.name.to_lowercase());
                if button_ui(ui, Look::Inline, &Face::icon(&name, Icon::Copy), &name, None).clicked() {
                    commands.push(Command::Tasks(TasksCommand::Copy(fact.value.clone())));
                }
            });
        });
    }
}

/// A name of a fixed width and of this height, in points, and what belongs to it in the rest of the line.
fn line_ui(ui: &mut Ui, height: f32, name: egui::RichText, value_ui: impl FnOnce(&mut Ui)) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let name_px = vec2(NAME_PX, height);
        ui.allocate_ui_with_layout(name_px, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_size(name_px);
            ui.add(Label::new(name).truncate());
        });
        let room = ui.available_width();
        ui.allocate_ui_with_layout(vec2(room, height), Layout::top_down(Align::Min), |ui| {
            ui.set_max_width(room);
            value_ui(ui);
        });
    });
}
