//! Where everything is drawn: the panels around the picture, and what lies over them.

use egui::{CentralPanel, Id, Margin, Panel, Rect, Ui, UiBuilder};

use super::Window;
use crate::app::action::command::{Command, Commands};
use crate::app::panels::queue::queue_ui;
use crate::app::panels::settings::settings_ui;
use crate::app::panels::speech::speech_ui;
use crate::app::panels::tasks::history_ui;
use crate::app::panels::verdict::measures_ui;
use crate::app::panels::{bars, canvas, dialogs, drop, inspector, palette, paste, side, timeline};
use crate::app::state::settings::{Layout, SettingsCommand};
use crate::app::state::view::View;
use crate::app::theme::{Palette, size, space};
use crate::app::widgets::divider::{Divider, GRIP_PX, divider_ui};

impl Window {
    /// Draws the window.
    pub(super) fn panels_ui(&self, ui: &mut Ui, commands: &mut Commands) {
        let palette = Palette::of(ui);
        let view = self.view();
        // The gaps between panels have the panels' background, not the window's clear colour.
        ui.painter().rect_filled(ui.max_rect(), 0.0, palette.base);
        let frame = |fill, margin| egui::Frame::new().fill(fill).inner_margin(margin);
        if view.shell.picture_view.is_full {
            CentralPanel::no_frame()
                .frame(frame(palette.stage, Margin::ZERO))
                .show(ui, |ui| canvas::canvas_ui(ui, &view, commands));
            overlays_ui(ui, &view, commands);
            return;
        }
        let bar = Margin::symmetric(space::PANEL as i8, 0);
        Panel::top("top")
            .exact_size(size::TOP_BAR)
            .frame(frame(palette.base, bar))
            .show_separator_line(false)
            .show(ui, |ui| bars::top_ui(ui, &view, commands));
        // The focus order follows the layout: top, side, picture, timeline, inspector, status. Panels at the edges are allocated first,
        // and drawn in that order.
        let status = Panel::bottom("status")
            .exact_size(size::STATUS_BAR)
            .frame(frame(palette.base, bar))
            .show_separator_line(false)
            .show(ui, Place::of)
            .inner;
        let narrow = ui.available_width() < 1100.0;
        let layout = view.shell.settings.values.layout;
        let usual_side = if narrow { size::SIDE_MIN } else { size::SIDE };
        let side_px = layout.side_px.unwrap_or(usual_side).clamp(size::SIDE_MIN, size::SIDE_MAX);
        let side = Panel::left("side")
            .exact_size(side_px)
            .resizable(false)
            .frame(
                frame(palette.panel, Margin::same(space::PANEL as i8))
                    .outer_margin(Margin { right: 1, ..Margin::ZERO }),
            )
            .show_separator_line(false)
            .show(ui, |ui| side::side_ui(ui, &view, commands));
        side_edge_ui(ui, commands, layout, side.response.rect);
        let middle = ui.available_rect_before_wrap();
        let docked = view.shell.inspector.is_open() && !narrow;
        let beside = docked.then(|| {
            Panel::right("inspector")
                .exact_size(view.shell.inspector.width_px())
                .resizable(false)
                .frame(frame(palette.panel, Margin::ZERO))
                .show_separator_line(false)
                .show(ui, Place::of)
                .inner
        });
        let below = Panel::bottom("timeline")
            .exact_size(view.shell.timeline.height_px(ui.available_height() - canvas::LEAST_PX) + space::PANEL)
            .frame(frame(palette.panel, Margin { left: 12, right: 12, top: 8, bottom: 4 }))
            .show_separator_line(false)
            .show(ui, Place::of)
            .inner;
        CentralPanel::no_frame()
            .frame(frame(palette.stage, Margin::ZERO))
            .show(ui, |ui| canvas::canvas_ui(ui, &view, commands));
        below.ui(ui, "timeline contents", |ui| timeline::timeline_ui(ui, &view, commands));
        if let Some(beside) = beside {
            beside.ui(ui, "inspector contents", |ui| inspector::docked_ui(ui, &view, commands));
        }
        status.ui(ui, "status contents", |ui| bars::status_ui(ui, &view, commands));
        if view.shell.inspector.is_open() && !docked {
            inspector::overlaid_ui(ui, &view, commands, middle);
        }
        overlays_ui(ui, &view, commands);
    }
}

/// What lies over the panels, where it is open.
fn overlays_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    settings_ui(ui, view, commands);
    history_ui(ui, view, commands);
    queue_ui(ui, view, commands);
    measures_ui(ui, view, commands);
    speech_ui(ui, view, commands);
    dialogs::dialogs_ui(ui, view, commands);
    palette::palette_ui(ui, view, commands);
    paste::paste_ui(ui, view, commands);
    drop::drop_ui(ui, view);
}

/// The area of a panel that is drawn later.
struct Place {
    room: Rect,
    clip: Rect,
}

impl Place {
    fn of(ui: &mut Ui) -> Self {
        Self { room: ui.max_rect(), clip: ui.clip_rect() }
    }

    fn ui(self, ui: &mut Ui, name: &str, contents_ui: impl FnOnce(&mut Ui)) {
        ui.scope_builder(UiBuilder::new().id_salt(name).max_rect(self.room), |ui| {
            ui.set_clip_rect(self.clip);
            contents_ui(ui);
        });
    }
}

/// The right edge of the side panel: dragging it sets the panel's width; resizing the window does not.
fn side_edge_ui(ui: &Ui, commands: &mut Commands, layout: Layout, side: Rect) {
    let divider = Divider {
        name: "Width of the side panel",
        grip: side.with_min_x(side.right() - GRIP_PX),
        upright: true,
        value: f64::from(side.width()),
    };
    if let Some(by_px) = divider_ui(ui, Id::unique("side width"), &divider) {
        let side_px = (side.width() + by_px).clamp(size::SIDE_MIN, size::SIDE_MAX).round();
        let layout = Layout { side_px: Some(side_px), ..layout };
        commands.push(Command::Settings(SettingsCommand::Layout(layout)));
    }
}
