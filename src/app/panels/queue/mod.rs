//! The queue: what waits for a free slot of the service, what runs there beside the workflow, and what has come of it.

mod row;

use egui::{Align, Layout, ScrollArea, Ui};

use crate::app::action::Action;
use crate::app::action::command::{Command, Commands};
use crate::app::state::queue::{QueueCommand, needs_key};
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, space, text};
use crate::app::widgets::button::{Face, Look, action_icon_ui, action_ui, button_ui};
use crate::app::widgets::notice::{Tone, notice_ui, problem_lines};
use crate::app::widgets::overlay::{Overlay, Place, overlay_ui};
use crate::engine::Halt;
use crate::secrets::shown;

/// Width of its contents, in points.
const WIDTH_PX: f32 = 600.0;
/// Height of its list, in points: the same however many there are, so that nothing jumps.
const LIST_PX: f32 = 320.0;

/// Draws the queue where it is open.
pub fn queue_ui(ui: &Ui, view: &View<'_>, commands: &mut Commands) {
    if !view.shell.queue.open {
        return;
    }
    let overlay = Overlay { id: "queue", name: "Queue", place: Place::Middle, width: WIDTH_PX, margin: 20 };
    let closed = overlay_ui(ui, &overlay, |ui| {
        ui.spacing_mut().item_spacing.y = space::ITEM;
        head_ui(ui, view, commands);
        halt_ui(ui, view, commands);
        let room = (ui.ctx().content_rect().height() - 280.0).clamp(120.0, LIST_PX);
        ScrollArea::vertical().auto_shrink([false, false]).min_scrolled_height(room).max_height(room).show(ui, |ui| {
            let jobs = view.shell.queue.queue.as_ref().map(|queue| queue.jobs.as_slice()).unwrap_or_default();
            if view.shell.queue.queue.is_none() {
                let words = format!("What waits and runs at {} is shown once it is connected", view.profile().name);
                ui.add(egui::Label::new(text::dim(Palette::of(ui), words)).wrap());
            } else if jobs.is_empty() {
                empty_ui(ui);
            }
            ui.spacing_mut().item_spacing.y = 2.0;
            for job in jobs {
                row::row_ui(ui, view, commands, job);
            }
        });
        let palette = Palette::of(ui);
        let words = "Each result is saved to the folder for results. Closing the window loses nothing: the next one has the queue, paused";
        ui.add(egui::Label::new(text::caption(palette, words)).wrap());
    });
    if closed && view.shell.dialog.is_none() {
        commands.push(Command::Queue(QueueCommand::Hide));
    }
}

fn head_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let state = &view.shell.queue;
    // A row of fixed height: a centred layout would take all the remaining height.
    ui.horizontal(|ui| {
        ui.label(text::heading("Queue"));
        ui.label(text::dim(Palette::of(ui), state.summary()));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = space::TIGHT;
            let face = Face::icon("Close the queue", Icon::X);
            let close = button_ui(ui, Look::Ghost, &face, "Closes the list; the queue goes on", None);
            if close.clicked() {
                commands.push(Command::Queue(QueueCommand::Hide));
            }
            if ui.memory(|memory| memory.focused().is_none()) {
                close.request_focus();
            }
            action_icon_ui(ui, view, commands, Action::ClearQueue, Look::Ghost);
            let pause = if state.is_halted() { Action::ResumeQueue } else { Action::PauseQueue };
            action_ui(ui, view, commands, pause, Look::Soft);
        });
    });
    let estimate = state.estimate(view.now_ms);
    if !estimate.is_empty() {
        ui.add(egui::Label::new(text::caption(Palette::of(ui), estimate)).wrap());
    }
}

/// Why nothing further is sent.
fn halt_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let state = &view.shell.queue;
    let Some(halt) = state.queue.as_ref().and_then(|queue| queue.halt.as_ref()).filter(|_| state.waiting() > 0) else {
        return;
    };
    match halt {
        Halt::Person => {
            let title = "Paused: nothing further is sent; what is at the service goes on";
            notice_ui(ui, Tone::Info, title, &[], |_| {});
        }
        Halt::Earlier => {
            let title = "These tasks waited when this service was last left: they are not sent until you say so";
            let lines = ["Resume all sends them, one after the other; each can be removed before".to_owned()];
            notice_ui(ui, Tone::Info, title, &lines, |_| {});
        }
        Halt::Problem(problem) => {
            let lines: Vec<String> = problem_lines(problem).iter().map(|line| shown(line)).collect();
            notice_ui(ui, Tone::Warn, &shown(&problem.message), &lines, |ui| {
                ui.horizontal(|ui| {
                    if needs_key(halt) {
                        action_ui(ui, view, commands, Action::EnterKey, Look::Soft);
                    }
                });
            });
        }
    }
}

fn empty_ui(ui: &mut Ui) {
    let palette = Palette::of(ui);
    ui.vertical_centered(|ui| {
        ui.add_space(space::GROUP * 4.0);
        ui.label(text::title("Nothing waits"));
        ui.add_space(space::TIGHT);
        let words = "While a task runs, Prepare the next takes you back to the placement; what is submitted then waits here for a free slot";
        ui.add(egui::Label::new(text::dim(palette, words)).wrap());
    });
}
