//! The panel of the inspector: beside the picture where there is room, else over it.

use egui::{Align, Area, CornerRadius, Frame, Id, Layout, Margin, Order, Rect, Ui, UiBuilder, pos2, vec2};

use super::{detail, list};
use crate::app::action::Action;
use crate::app::action::command::{Command, Commands};
use crate::app::state::inspector::{InspectorCommand, State};
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, size, space, text};
use crate::app::widgets::button::{Face, Look, action_as_ui, button_ui};
use crate::app::widgets::divider::{Divider, GRIP_PX, divider_ui};
use crate::app::widgets::field::{Field, field_ui};

/// Draws it over the whole of `ui`, which is as wide as [`State::width_px`].
pub fn docked_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let rect = ui.max_rect();
    let palette = Palette::of(ui);
    ui.painter().rect_filled(rect, CornerRadius::ZERO, palette.panel);
    contents_ui(ui, view, commands, rect);
}

/// Draws it over the right part of `room`, where there is no room beside the picture.
pub fn overlaid_ui(ui: &Ui, view: &View<'_>, commands: &mut Commands, room: Rect) {
    let palette = Palette::of(ui);
    let width = view.shell.inspector.width_px().min(room.width() - 120.0);
    let rect = Rect::from_min_max(pos2(room.right() - width, room.top()), room.max);
    let area = Area::new(Id::unique("inspector"))
        .order(Order::Middle)
        .fixed_pos(rect.min)
        .default_size(rect.size())
        .constrain(false)
        .fade_in(false);
    area.show(ui.ctx(), |ui| {
        ui.set_min_size(rect.size());
        ui.set_max_size(rect.size());
        let frame = Frame::new().fill(palette.panel).shadow(ui.visuals().popup_shadow).inner_margin(Margin::ZERO);
        ui.painter().add(frame.paint(rect));
        ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| contents_ui(ui, view, commands, rect));
    });
}

fn contents_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, rect: Rect) {
    let palette = Palette::of(ui);
    let state = &view.shell.inspector;
    let edge = Rect::from_min_max(rect.min, pos2(rect.left() + 1.0, rect.bottom()));
    ui.painter().rect_filled(edge, CornerRadius::ZERO, palette.line);
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), 44.0));
    let filter = Rect::from_min_size(head.left_bottom(), vec2(rect.width(), size::BUTTON));
    let below = Rect::from_min_max(pos2(rect.left(), filter.bottom() + space::TIGHT), rect.max);
    let border = below.top() + (below.height() * state.split).round();
    let rows = Rect::from_min_max(below.min, pos2(below.right(), border - GRIP_PX / 2.0));
    let detail = Rect::from_min_max(pos2(below.left(), border + GRIP_PX / 2.0), below.max);
    let padded = |rect: Rect| UiBuilder::new().max_rect(rect.shrink2(vec2(space::PANEL, 0.0)));

    let row = Layout::left_to_right(Align::Center);
    ui.scope_builder(padded(head).layout(row), |ui| head_ui(ui, view, commands));
    ui.scope_builder(padded(filter).layout(row), |ui| filter_ui(ui, state, commands));
    ui.scope_builder(UiBuilder::new().max_rect(rows.shrink2(vec2(space::TIGHT, 0.0))), |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(rows));
        list::list_ui(ui, state, commands);
    });
    if !state.listed.is_empty() {
        let line = Rect::from_x_y_ranges(rect.x_range(), border - 0.5..=border + 0.5);
        ui.painter().rect_filled(line, CornerRadius::ZERO, palette.line);
        let divider = Divider {
            name: "Height of the list",
            grip: Rect::from_x_y_ranges(rect.x_range(), border - GRIP_PX / 2.0..=border + GRIP_PX / 2.0),
            upright: false,
            value: f64::from(state.split),
        };
        if let Some(by_px) = divider_ui(ui, Id::unique("inspector height"), &divider) {
            commands.push(Command::Inspector(InspectorCommand::Split(state.split + by_px / below.height().max(1.0))));
        }
        let room = Rect::from_min_max(detail.min, detail.max - vec2(0.0, space::PANEL));
        ui.scope_builder(padded(room), |ui| {
            ui.set_clip_rect(ui.clip_rect().intersect(detail));
            detail::detail_ui(ui, state, commands);
        });
    }
    let divider = Divider {
        name: "Width of the inspector",
        grip: Rect::from_min_max(rect.min, pos2(rect.left() + GRIP_PX, rect.bottom())),
        upright: true,
        value: f64::from(state.width_px),
    };
    if let Some(by_px) = divider_ui(ui, Id::unique("inspector width"), &divider) {
        commands.push(Command::Inspector(InspectorCommand::Width(rect.width() - by_px)));
    }
}

fn head_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let state = &view.shell.inspector;
    ui.label(text::strong("Inspector"));
    let count = match (state.listed.len(), state.rows.len()) {
        (_, 0) => String::new(),
        (listed, all) if listed == all => format!("{all} of this run"),
        (listed, all) => format!("{listed} of {all}"),
    };
    ui.label(text::caption(palette, count));
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let face = Face::icon("Close the inspector", Icon::X);
        action_as_ui(ui, view, commands, Action::ToggleInspector, Look::Ghost, &face);
    });
}

fn filter_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = space::ITEM;
        let on = state.only_failed;
        let look = if on { Look::Soft } else { Look::Ghost };
        let icon = if on { Icon::Check } else { Icon::CircleX };
        let failed = button_ui(
            ui,
            look,
            &Face::new("Failed only", Some(icon)),
            "Lists only what the service refused or did not answer",
            None,
        );
        failed.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, on, "Failed only"));
        if failed.clicked() {
            commands.push(Command::Inspector(InspectorCommand::OnlyFailed(!on)));
        }
        let field = Field {
            name: "Filter the exchanges",
            text: &state.filter,
            hint: "Filter: path, code, any word",
            width: ui.available_width(),
            mono: false,
            password: false,
        };
        if let Some(words) = field_ui(ui, &field).changed {
            commands.push(Command::Inspector(InspectorCommand::Filter(words)));
        }
    });
}
