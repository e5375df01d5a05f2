//! The status bar: the service, the remaining time of the session, the estimated cost.

use egui::{Align, Layout, Role, Sense, Ui, WidgetInfo, vec2};

use crate::app::action::Action;
use crate::app::action::command::Commands;
use crate::app::state::shell::{SANDBOX_WAITS, SandboxState, shown_name};
use crate::app::state::view::View;
use crate::app::theme::{Palette, text};
use crate::app::widgets::button::{Face, Look, action_as_ui, action_icon_ui, action_ui};
use crate::app::words::{self, amount_text};
use crate::model::cost::{estimate_text, lip_sync_units};
use crate::workflow::Stage;

/// Draws the status bar.
pub fn status_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        inspector_ui(ui, view, commands);
        history_ui(ui, view, commands);
        queue_ui(ui, view, commands);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| words_ui(ui, view, commands));
    });
}

/// Draws the button that opens and closes the inspector.
fn inspector_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let open = view.shell.inspector.is_open();
    let response = action_icon_ui(ui, view, commands, Action::ToggleInspector, Look::Inline);
    let name = Action::ToggleInspector.info().label;
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, open, name));
}

/// Draws the button that opens the history, with what is new in it.
fn history_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let info = Action::OpenHistory.info();
    let Some(badge) = view.shell.tasks.badge(view.now_ms) else {
        action_ui(ui, view, commands, Action::OpenHistory, Look::Inline);
        return;
    };
    let palette = Palette::of(ui);
    let label = format!("{} · {badge}", info.label);
    ui.scope(|ui| {
        ui.visuals_mut().override_text_color = Some(palette.accent_text);
        action_as_ui(ui, view, commands, Action::OpenHistory, Look::Inline, &Face::new(&label, Some(info.icon)));
    });
}

/// Draws the button that opens the queue, with what is in it; nothing where nothing is.
fn queue_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let summary = view.shell.queue.summary();
    if summary.is_empty() {
        return;
    }
    let info = Action::OpenQueue.info();
    let label = format!("{} · {summary}", info.label);
    ui.scope(|ui| {
        if view.shell.queue.unfinished() > 0 {
            ui.visuals_mut().override_text_color = Some(Palette::of(ui).accent_text);
        }
        action_as_ui(ui, view, commands, Action::OpenQueue, Look::Inline, &Face::new(&label, Some(info.icon)));
    });
}

fn words_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let name = shown_name(view.profile());
    let (colour, words, failed) = if view.shell.is_embedded() {
        match &view.shell.sandbox {
            SandboxState::Starting { waits: true } => (palette.warn, SANDBOX_WAITS.to_owned(), false),
            SandboxState::Starting { waits: false } => (palette.warn, format!("{name} starting…"), false),
            SandboxState::Ready { .. } => (palette.good, format!("{name} ready"), false),
            SandboxState::Failed(why) => (palette.bad, format!("{name} did not start: {why}"), true),
        }
    } else if view.shell.keys().edited {
        (palette.warn, format!("{name}: key entered, not used yet"), false)
    } else if view.shell.keys().refused {
        (palette.bad, format!("{name}: key refused"), false)
    } else if view.shell.has_key() {
        let keys = view.shell.keys();
        let source = keys.source.as_ref().map_or_else(|| "in use".to_owned(), ToString::to_string);
        if keys.accepted {
            (palette.good, format!("{name}: key {source}, accepted"), false)
        } else {
            (palette.text_faint, format!("{name}: key {source}, not checked yet"), false)
        }
    } else {
        (palette.warn, format!("{name}: no key yet"), false)
    };
    let (dot, _) = ui.allocate_exact_size(vec2(8.0, 8.0), Sense::hover());
    ui.painter().circle_filled(dot.center(), 4.0, colour);
    let mut parts = vec![words];
    // What is on the desk belongs to the service that is connected; another may have been chosen, and lack its key.
    let is_connected = view.flow.terms.profile == view.profile().name;
    if let Some(faces) = view.flow.faces().filter(|_| is_connected)
        && !matches!(view.flow.stage, Stage::Done(_))
    {
        let left_ms = view.flow.session_left_ms(&faces.session, view.now_ms);
        parts.push(if left_ms > 0 {
            format!("session {} left", words::hours_left(left_ms))
        } else if !view.flow.is_session_over(&faces.session, view.now_ms) {
            "session over by this machine's clock".to_owned()
        } else {
            "session over".to_owned()
        });
    }
    if let Some(placement) = view.choosing().filter(|_| is_connected).and_then(|choosing| choosing.placement) {
        parts.push(format!("estimate {} for the task", estimate_text(lip_sync_units(placement.crop_ms()))));
    } else if let Some(cost) = view.done().filter(|_| is_connected).and_then(|done| done.task.cost.as_ref()) {
        parts.push(format!("cost {}, without finding faces", cost.text()));
    }
    if let Some(budget) = view.shell.settings.values.budgets.get(&view.profile().name) {
        let dialect = view.profile().dialect;
        let spent = view.shell.spent.get(&view.profile().name).copied().unwrap_or_default();
        parts.push(format!("{} of {} today", amount_text(dialect, spent), amount_text(dialect, *budget)));
    }
    ui.add(egui::Label::new(text::caption(palette, parts.join(" · "))).truncate());
    if failed {
        action_ui(ui, view, commands, Action::RestartSandbox, Look::Inline);
    }
}
