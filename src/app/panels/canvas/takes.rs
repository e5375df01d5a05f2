//! The takes of the clip, beside the picture: which one is shown, which one is beside it, and the verdict on each.

use egui::accesskit::Role;
use egui::{
    Align, Align2, CornerRadius, Id, Layout, Rect, Response, Sense, TextStyle, Ui, UiBuilder, Vec2, WidgetInfo, pos2,
    vec2,
};

use crate::app::action::Action;
use crate::app::action::command::{Command, Commands};
use crate::app::panels::verdict;
use crate::app::state::takes::{Partner, State, TakeRow, TakesCommand};
use crate::app::state::verdict::Tone;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, radius, size, space, strong, text};
use crate::app::widgets::button::{Face, Look, action_as_ui, button_ui};
use crate::app::widgets::list::{BAR_PX, List, list_ui, text_ui};
use crate::playback::player::Shown;

/// Width of the list, in points.
pub const WIDTH_PX: f32 = 248.0;
/// Height of a take, and of the clip above them.
const ROW_PX: f32 = 66.0;
const ORIGINAL_PX: f32 = 40.0;
/// Side of a verdict's mark.
const MARK_PX: f32 = 12.0;

/// Whether the list is shown.
pub fn is_open(view: &View<'_>) -> bool {
    let takes = &view.shell.takes;
    takes.open && !takes.takes.rows.is_empty()
}

/// Draws the list.
pub fn takes_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let whole = ui.max_rect();
    ui.painter().rect_filled(whole, CornerRadius::same(radius::POPUP), palette.panel);
    let inner = whole.shrink(space::TIGHT);
    let head = Rect::from_min_size(inner.min, vec2(inner.width(), size::BUTTON));
    let row = Layout::left_to_right(Align::Center);
    // In line with the names and the switches of the rows, which leave the room of a scroll bar.
    let in_line = Rect::from_min_max(
        head.min + vec2(space::ITEM, 0.0),
        head.max - vec2(BAR_PX + space::TIGHT + (size::BUTTON - size::BUTTON_INLINE) / 2.0, 0.0),
    );
    ui.scope_builder(UiBuilder::new().max_rect(in_line).layout(row), |ui| {
        ui.label(text::strong("Takes"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let face = Face::icon("Close the takes", Icon::X);
            action_as_ui(ui, view, commands, Action::ToggleTakes, Look::Inline, &face);
        });
    });
    let original = Rect::from_min_size(head.left_bottom() + vec2(0.0, 2.0), vec2(inner.width(), ORIGINAL_PX));
    original_ui(ui, view, commands, original);
    let rows = inner.with_min_y(original.bottom() + 2.0);
    ui.scope_builder(UiBuilder::new().max_rect(rows), |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(rows));
        rows_ui(ui, view, commands);
    });
}

fn rows_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let takes = &view.shell.takes;
    let rows = &takes.takes.rows;
    if takes.takes_keys {
        commands.push(Command::Takes(TakesCommand::Arrived));
    }
    let list = List {
        name: "Takes of the clip",
        count: rows.len(),
        chosen: takes.shown_place(),
        row_px: ROW_PX,
        takes_keys: takes.takes_keys,
    };
    let answer = list_ui(ui, &list, |ui, place, id, chosen| {
        let row = &rows[place];
        take_ui(ui, view, commands, row, id.with(row.id), chosen)
    });
    if let Some(row) = answer.chosen.and_then(|place| rows.get(place)) {
        commands.push(Command::Takes(TakesCommand::Show(row.id)));
    }
}

/// Whether this is beside the shown take.
fn is_beside(view: &View<'_>, partner: Partner) -> bool {
    let is_it = match partner {
        Partner::Original => view.shell.takes.partner_row().is_none(),
        Partner::Take(id) => view.shell.takes.partner_row().is_some_and(|row| row.id == id),
    };
    is_it && view.shell.player.is_beside()
}

/// The switch that puts something beside the shown take. `what`: `take 2`.
fn beside_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, at: Rect, partner: Partner, what: &str) {
    let palette = Palette::of(ui);
    let is_on = is_beside(view, partner);
    let shown = view.shell.takes.shown_row();
    let obstacle = match partner {
        _ if shown.is_none() => Some("Choose the take to compare with first"),
        Partner::Take(id) if shown.is_some_and(|shown| shown.id == id) => {
            Some("It is the one that is shown: put another one beside it")
        }
        Partner::Original if !has_original(view) => Some("The clip is not on this machine"),
        _ => None,
    };
    let label = if is_on { format!("Take {what} away again") } else { format!("Put {what} beside") };
    let tooltip =
        if is_on { "Shows the chosen take alone" } else { "Shows it beside the chosen take, at the same moment" };
    // A child that takes no room of the row: what follows stays where it is.
    let mut child = ui.new_child(UiBuilder::new().max_rect(at));
    if is_on {
        child.painter().rect_filled(at, CornerRadius::same(radius::NORMAL), palette.accent_wash);
        child.visuals_mut().widgets.inactive.fg_stroke.color = palette.accent_text;
    }
    let face = Face::icon(&label, Icon::Columns);
    let look = if is_on { Look::Soft } else { Look::Ghost };
    let response = button_ui(&mut child, look, &face, tooltip, obstacle);
    response.widget_info(|| WidgetInfo::selected(egui::Role::Button, obstacle.is_none(), is_on, label.as_str()));
    if response.clicked() {
        commands.push(Command::Takes(TakesCommand::Beside(partner)));
    }
}

fn has_original(view: &View<'_>) -> bool {
    view.shell.takes.takes.original.is_some() || view.shell.player.has_source(Shown::Clip)
}

/// Where the switch is in a row.
fn switch_in(rect: Rect) -> Rect {
    let centre = pos2(rect.right() - space::TIGHT - size::BUTTON / 2.0, rect.center().y);
    Rect::from_center_size(centre, Vec2::splat(size::BUTTON))
}

/// The clip that the takes were made from.
fn original_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, rect: Rect) {
    let palette = Palette::of(ui);
    let takes = &view.shell.takes.takes;
    let rect = rect.with_max_x(rect.right() - BAR_PX);
    let switch = switch_in(rect);
    let name = takes.clip.as_ref().map(crate::model::ClipSource::name).unwrap_or_default();
    let small = TextStyle::Small.resolve(ui.style());
    let body = TextStyle::Body.resolve(ui.style());
    let left = rect.left() + space::ITEM;
    let room = switch.left() - space::TIGHT - left;
    let upper = pos2(left, rect.top() + 12.0);
    text_ui(ui, "Original", &body, palette.text, upper, room, Align2::LEFT_CENTER);
    let lower = pos2(left, rect.top() + 28.0);
    text_ui(ui, &crate::secrets::shown(&name), &small, palette.text_dim, lower, room, Align2::LEFT_CENTER);
    let line = Rect::from_min_max(pos2(rect.left(), rect.bottom()), pos2(rect.right(), rect.bottom() + 1.0));
    ui.painter().rect_filled(line, CornerRadius::ZERO, palette.line);
    beside_ui(ui, view, commands, switch, Partner::Original, "the original");
}

/// The words of a verdict, its colour and mark.
fn verdict_of(view: &View<'_>, row: &TakeRow, is_shown: bool) -> (Tone, String) {
    let known = State::verdict(row, &view.shell.judge);
    let is_measured = is_shown && view.shell.judge.is_working();
    known.unwrap_or_else(|| {
        let words = if is_measured { "Being measured" } else { "Measured once it is shown" };
        (Tone::Unknown, words.to_owned())
    })
}

fn take_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, row: &TakeRow, id: Id, chosen: bool) -> Response {
    let palette = Palette::of(ui);
    let (_, rect) = ui.allocate_space(vec2(ui.available_width() - BAR_PX, ROW_PX));
    let switch = switch_in(rect);
    let response = ui.interact(rect.with_max_x(switch.left() - 2.0), id, Sense::CLICK);
    let (tone, verdict) = verdict_of(view, row, chosen);
    let (ink, icon, grade) = verdict::look(palette, tone);
    let parts = [row.name.as_str(), &row.voice, &row.facts, &row.time, &verdict];
    let name = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, chosen, name.as_str()));
    let plate = rect.shrink2(vec2(2.0, 1.0));
    let corners = CornerRadius::same(radius::NORMAL);
    if chosen {
        ui.painter().rect_filled(plate, corners, palette.accent_wash);
    } else if response.hovered() || is_beside(view, Partner::Take(row.id)) {
        ui.painter().rect_filled(plate, corners, palette.raised);
    }
    let small = TextStyle::Small.resolve(ui.style());
    let heading = strong().resolve(ui.style());
    let (left, right) = (rect.left() + space::ITEM, switch.left() - space::TIGHT);
    let [upper, middle, lower] = [14.0, 32.0, 50.0].map(|y| rect.top() + y);
    let time = row.time.get(5..).unwrap_or(&row.time);
    let time_px = text_ui(ui, time, &small, palette.text_dim, pos2(right, upper), 90.0, Align2::RIGHT_CENTER);
    let room = right - left - time_px - space::ITEM;
    text_ui(ui, &row.name, &heading, palette.text, pos2(left, upper), room, Align2::LEFT_CENTER);
    let what = [row.voice.as_str(), row.facts.as_str()].into_iter().filter(|part| !part.is_empty());
    let what = what.collect::<Vec<_>>().join(" · ");
    text_ui(ui, &what, &small, palette.text_dim, pos2(left, middle), right - left, Align2::LEFT_CENTER);
    let mark = Rect::from_center_size(pos2(left + MARK_PX / 2.0, lower), Vec2::splat(MARK_PX));
    icon.image_of(MARK_PX).tint(ink).paint_at(ui, mark);
    let from = mark.right() + space::TIGHT;
    let colour = if tone == Tone::Unknown { palette.text_dim } else { palette.text };
    text_ui(ui, &verdict, &small, colour, pos2(from, lower), right - from, Align2::LEFT_CENTER);
    beside_ui(ui, view, commands, switch, Partner::Take(row.id), &row.name.to_lowercase());
    response.on_hover_ui(|ui| {
        ui.label(text::strong(row.title()));
        for line in [row.facts.as_str(), row.time.as_str(), &view.shell.short_path(row.file())] {
            if !line.is_empty() {
                ui.label(text::caption(palette, line));
            }
        }
        ui.label(text::caption(palette, format!("{grade}: {verdict}")));
    })
}
