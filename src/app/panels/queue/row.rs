//! A job of the queue: what it is, how it stands, and what can be done with it.

use egui::{Align, Label, Layout, Role, Sense, Ui, UiBuilder, WidgetInfo, vec2};

use crate::app::action::command::{Command, Commands};
use crate::app::action::look_up_obstacle;
use crate::app::panels::tasks::ink_and_mark;
use crate::app::state::queue::QueueCommand;
use crate::app::state::tasks::TaskAction;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, size, space, text};
use crate::app::widgets::button::{Face, Look, button_ui};
use crate::engine::journal::Phase;
use crate::engine::{QueueJob, QueueState};

/// Height of a row of two lines, in points.
const ROW_PX: f32 = 44.0;
/// Width of the scroll bar, in points.
const BAR_PX: f32 = 12.0;

/// Draws it.
pub fn row_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, job: &QueueJob) {
    let palette = Palette::of(ui);
    let line = view.shell.queue.line(job);
    let (ink, mark) = ink_and_mark(palette, line.tone);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width() - BAR_PX, ROW_PX), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("{}: {}", line.title, line.words)));
    let row = UiBuilder::new().max_rect(rect).layout(Layout::right_to_left(Align::Center));
    ui.scope_builder(row, |ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        actions_ui(ui, view, commands, job, &line.title);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = space::ITEM;
            ui.add(mark.image_of(size::ICON).tint(ink).alt_text(""));
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.add_space(4.0);
                ui.add(Label::new(text::body(&line.title)).truncate());
                ui.add(
                    Label::new(text::caption(palette, &line.words).color(ink))
                        .truncate()
                        .show_tooltip_when_elided(false),
                )
                .on_hover_text(&line.whole);
            });
        });
    });
}

/// What can be done with it, from the right.
fn actions_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, job: &QueueJob, title: &str) {
    match &job.state {
        QueueState::Waiting(_) => {
            let name = format!("Remove {title} from the queue");
            let tooltip = "Removes it from the queue: it is never sent, and costs nothing";
            if button_ui(ui, Look::Ghost, &Face::icon(&name, Icon::X), tooltip, None).clicked() {
                commands.push(Command::Queue(QueueCommand::Remove(job.id)));
            }
        }
        QueueState::Saved(path) => {
            let face = Face::new("Open result", Some(Icon::Play));
            if button_ui(ui, Look::Soft, &face, "Plays the saved result in this window", None).clicked() {
                commands.push(Command::Queue(QueueCommand::OpenResult(job.id, path.clone())));
            }
        }
        QueueState::Unclear | QueueState::Ended(Phase::Unknown, _) => {
            let Some(unclear) = view.shell.queue.unclear(job) else { return };
            let tooltip = TaskAction::Close.tooltip();
            if button_ui(ui, Look::Ghost, &Face::new(TaskAction::Close.label(), None), tooltip, None).clicked() {
                commands.push(Command::Queue(QueueCommand::Close(unclear)));
            }
            let obstacle = look_up_obstacle(view, &job.state);
            let (face, tooltip) = (Face::new(TaskAction::LookUp.label(), None), TaskAction::LookUp.tooltip());
            if button_ui(ui, Look::Soft, &face, tooltip, obstacle.as_deref()).clicked() {
                commands.push(Command::Queue(QueueCommand::LookUp(job.id)));
            }
        }
        _ => {}
    }
}
