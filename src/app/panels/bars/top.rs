//! The top bar: service menu, stepper, the one primary action, the settings.

use egui::{Align, Layout, Rect, Ui, UiBuilder, pos2};

use super::{profile, stepper};
use crate::app::action::command::Commands;
use crate::app::action::{self, Action};
use crate::app::state::view::View;
use crate::app::theme::{space, text};
use crate::app::widgets::button::{Face, Look, action_icon_ui, button_ui};
use crate::app::widgets::keycaps;
use crate::workflow::{SendState, Stage};

/// Minimum width of the primary button, so that a change of its label moves nothing, in points.
const PRIMARY_WIDTH_PX: f32 = 156.0;

/// Draws the top bar.
pub fn top_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let bar = ui.max_rect();
    let left = ui
        .scope_builder(UiBuilder::new().max_rect(bar).layout(Layout::left_to_right(Align::Center)), |ui| {
            ui.label(text::heading("viseme"));
            ui.add_space(space::TIGHT);
            profile::profile_ui(ui, view, commands);
        })
        .response
        .rect;
    let right = ui
        .scope_builder(UiBuilder::new().max_rect(bar).layout(Layout::right_to_left(Align::Center)), |ui| {
            action_icon_ui(ui, view, commands, Action::OpenSettings, Look::Ghost);
            primary_ui(ui, view, commands);
        })
        .response
        .rect;
    // Centred in the bar where there is room, else in the free part of it.
    let room = Rect::from_min_max(
        pos2(left.right() + space::GROUP, bar.top()),
        pos2(right.left() - space::GROUP, bar.bottom()),
    );
    stepper::stepper_ui(ui, room, bar.center().x, current_step(view), left_out(view));
}

/// The index of the current step: the stage of choosing is two steps, face and voice.
fn current_step(view: &View<'_>) -> usize {
    match &view.flow.stage {
        Stage::Choosing(choosing) if choosing.faces.chosen.is_none() => 1,
        stage => stage.index(),
    }
}

/// Which of clip, faces and voice a task has no part of on this desk: one that is followed by its id.
fn left_out(view: &View<'_>) -> [bool; 3] {
    let is_followed = match &view.flow.stage {
        Stage::Submitted(submitted) => submitted.submission.is_none(),
        Stage::Done(done) => done.submission.is_none(),
        _ => false,
    };
    let desk = &view.flow.desk;
    [desk.clip.is_none(), view.flow.faces().is_none(), desk.voice.is_none()].map(|is_missing| is_missing && is_followed)
}

fn primary_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let action = action::primary(view);
    let info = action.info();
    let obstacle = action.obstacle(view);
    let label = match &view.flow.stage {
        Stage::Submitted(submitted) if matches!(submitted.state, SendState::Sent { .. }) => "Submitting…",
        Stage::Done(_) if action == Action::SaveAs => "Save…",
        _ => info.label,
    };
    let face = Face { min_width: PRIMARY_WIDTH_PX, ..Face::new(label, Some(info.icon)) };
    let keys = Action::NextStep.info().shortcut().map(|keys| keycaps::words(*keys)).unwrap_or_default();
    let tooltip = format!("{} ({keys})", action.tooltip(view));
    // While a job runs, its button is not highlighted.
    let look = if matches!(action, Action::CancelFinding | Action::PauseWaiting) { Look::Soft } else { Look::Primary };
    let response = button_ui(ui, look, &face, &tooltip, obstacle.as_deref());
    if response.clicked() {
        commands.act(action);
    }
}
