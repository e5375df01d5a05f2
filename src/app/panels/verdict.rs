//! The verdict on the result that is shown: a line under the timeline, and all measures in an overlay.

use egui::{Align, Color32, Layout, Role, Sense, WidgetInfo};
use egui::{Label, ScrollArea, Ui, UiBuilder, vec2};

use crate::app::action::Action;
use crate::app::action::command::{Command, Commands};
use crate::app::state::verdict::{Line, Row, Tone, rows};
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, size, space, text};
use crate::app::widgets::button::{Face, Look, action_ui, button_ui};
use crate::app::widgets::overlay::{Overlay, Place, overlay_ui};
use crate::app::widgets::waiting::waiting_ui;

/// Width of the overlay's contents, in points.
const WIDTH_PX: f32 = 720.0;
/// Height of a measure, in points.
const ROW_PX: f32 = 42.0;
/// Width of a measure's mark, its name, and its grade.
const MARK_PX: f32 = 28.0;
const NAME_PX: f32 = 92.0;
const GRADE_PX: f32 = 96.0;
/// Width of the button behind the line.
const BUTTON_PX: f32 = 104.0;
/// Width of the scroll bar.
const BAR_PX: f32 = 12.0;

/// Colour, mark and the mark's name.
#[must_use]
pub const fn look(palette: &Palette, tone: Tone) -> (Color32, Icon, &'static str) {
    match tone {
        Tone::Good => (palette.good, Icon::CircleCheck, "Good"),
        Tone::Warn => (palette.warn, Icon::TriangleAlert, "Warning"),
        Tone::Bad => (palette.bad, Icon::CircleX, "Fails"),
        Tone::Unknown => (palette.icon, Icon::CircleDashed, "Not measured"),
    }
}

/// Draws the verdict in one line, in a row that is laid out from the left.
pub fn line_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    match view.shell.verdict.line(&view.shell.judge, view.now_ms) {
        None => {}
        Some(Line::Measuring(elapsed_ms, part)) => {
            let words = format!("Measuring the result, {:.0} %", (part * 100.0).clamp(0.0, 100.0));
            waiting_ui(ui, view, commands, &words, elapsed_ms, Some(Action::StopMeasuring));
        }
        Some(Line::Found(tone, words)) => {
            let (ink, icon, name) = look(palette, tone);
            ui.spacing_mut().item_spacing.x = space::TIGHT;
            ui.add(icon.image_of(14.0).tint(ink).alt_text(name));
            let more = [Action::ShowMeasures, Action::MeasureAgain].into_iter().find(|it| it.obstacle(view).is_none());
            let room = ui.available_width() - more.map_or(0.0, |_| BUTTON_PX);
            ui.scope(|ui| {
                ui.set_max_width(room.max(60.0));
                let colour = if tone == Tone::Unknown { palette.text_dim } else { palette.text };
                ui.add(
                    Label::new(text::caption(palette, &words).color(colour)).truncate().show_tooltip_when_elided(false),
                )
                .on_hover_text(&words);
            });
            if let Some(action) = more {
                action_ui(ui, view, commands, action, Look::Inline);
            }
        }
    }
}

/// Draws all measures where they are open.
pub fn measures_ui(ui: &Ui, view: &View<'_>, commands: &mut Commands) {
    if !view.shell.verdict.open {
        return;
    }
    let overlay = Overlay { id: "measures", name: "Measures", place: Place::Middle, width: WIDTH_PX, margin: 20 };
    let closed = overlay_ui(ui, &overlay, |ui| {
        ui.spacing_mut().item_spacing.y = space::ITEM;
        head_ui(ui, commands);
        if let Some(Line::Found(tone, words)) = view.shell.verdict.line(&view.shell.judge, view.now_ms) {
            let palette = Palette::of(ui);
            let (ink, icon, name) = look(palette, tone);
            ui.horizontal_top(|ui| {
                ui.add(icon.image().tint(ink).alt_text(name));
                ui.add(Label::new(text::body(words)).wrap());
            });
        }
        let rows = rows(&view.shell.judge);
        let room = (ui.ctx().content_rect().height() - 200.0).clamp(120.0, (ROW_PX + 2.0) * rows.len() as f32);
        ScrollArea::vertical().auto_shrink([false, false]).min_scrolled_height(room).max_height(room).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for row in &rows {
                row_ui(ui, row);
            }
        });
        let palette = Palette::of(ui);
        let words = "Measured on this machine, against the clip, the voice and the placement that were sent";
        ui.add(Label::new(text::caption(palette, words)).wrap());
    });
    if closed {
        commands.push(Command::CloseMeasures);
    }
}

fn head_ui(ui: &mut Ui, commands: &mut Commands) {
    ui.horizontal(|ui| {
        ui.label(text::heading("Measures of the result"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let face = Face::icon("Close the measures", Icon::X);
            let close = button_ui(ui, Look::Ghost, &face, "Closes the list", None);
            if close.clicked() {
                commands.push(Command::CloseMeasures);
            }
            if ui.memory(|memory| memory.focused().is_none()) {
                close.request_focus();
            }
        });
    });
}

/// A measure: its mark, its name, what was found and when it is good, its grade.
fn row_ui(ui: &mut Ui, row: &Row) {
    let palette = Palette::of(ui);
    let (ink, icon, name) = look(palette, row.tone);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width() - BAR_PX, ROW_PX), Sense::hover());
    let words = format!("{}, {}: {}. {}", row.name, row.grade, row.found, row.good);
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &words));
    let cell = |left: f32, right: f32| {
        let rect = rect.with_min_x(rect.left() + left).with_max_x(rect.right() - right);
        UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center))
    };
    ui.scope_builder(cell(0.0, 0.0), |ui| ui.add(icon.image_of(size::ICON).tint(ink).alt_text(name)));
    ui.scope_builder(cell(MARK_PX, 0.0), |ui| ui.label(text::strong(&row.name)));
    ui.scope_builder(cell(MARK_PX + NAME_PX, GRADE_PX), |ui| {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.add_space(4.0);
            ui.add(Label::new(text::body(&row.found)).truncate().show_tooltip_when_elided(false))
                .on_hover_text(&row.found);
            ui.add(Label::new(text::caption(palette, &row.good)).truncate().show_tooltip_when_elided(false))
                .on_hover_text(&row.good);
        });
    });
    let grade = cell(rect.width() - GRADE_PX, 0.0).layout(Layout::right_to_left(Align::Center));
    ui.scope_builder(grade, |ui| ui.label(text::caption(palette, row.grade).color(ink)));
}
