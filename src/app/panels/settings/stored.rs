//! What lies in the storage of one's own: a list in place of its settings, with a way to delete.

use egui::accesskit::Role;
use egui::{
    Align, Align2, CornerRadius, Id, Label, Layout, Rect, Response, Sense, TextStyle, Ui, UiBuilder, WidgetInfo, pos2,
    vec2,
};

use crate::app::action::command::{Command, Commands};
use crate::app::state::settings::StorageState;
use crate::app::state::stored::{Row, StoredCommand};
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, radius, size, space, strong, text};
use crate::app::widgets::button::{Face, Look, button_ui};
use crate::app::widgets::list::{BAR_PX, List, list_ui, text_ui};
use crate::app::widgets::notice::{Tone, notice_ui, problem_lines};
use crate::app::widgets::waiting::{MARK_AFTER_MS, dots_ui};
use crate::app::words::{elapsed, sentence};

/// Height of a row of two lines, in points.
const ROW_PX: f32 = 46.0;
/// What is said of what is still needed.
const NEEDED: &str = "Still needed";

/// Draws it over the whole of `ui`.
pub fn stored_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let stored = &view.shell.stored;
    head_ui(ui, view, commands);
    if let Some(problem) = &stored.problem {
        notice_ui(ui, Tone::Bad, &sentence(&problem.message), &problem_lines(problem), |_| {});
    }
    let room = ui.available_rect_before_wrap();
    let foot = Rect::from_min_max(pos2(room.left(), room.bottom() - size::BUTTON), room.max);
    let rows = room.with_max_y(foot.top() - space::ITEM);
    ui.scope_builder(UiBuilder::new().max_rect(rows), |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(rows));
        if stored.rows.is_empty() { empty_ui(ui, view) } else { rows_ui(ui, view, commands) }
    });
    let row = Layout::right_to_left(Align::Center);
    ui.scope_builder(UiBuilder::new().max_rect(foot).layout(row), |ui| foot_ui(ui, view, commands));
}

fn head_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let stored = &view.shell.stored;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        let face = Face::icon("Back to the storage", Icon::Undo);
        if button_ui(ui, Look::Ghost, &face, "Shows the settings of the storage again", None).clicked() {
            commands.push(Command::Stored(StoredCommand::Close));
        }
        let name =
            if let StorageState::Ready(name) = &view.shell.settings.storage_known { name } else { "the storage" };
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let why = stored.reading_since_ms.is_some().then_some("It is being read");
            let face = Face::icon("Read the list again", Icon::Refresh);
            if button_ui(ui, Look::Ghost, &face, "Reads the list again", why).clicked() {
                commands.push(Command::Stored(StoredCommand::Read));
            }
            if let Some(since_ms) = stored.reading_since_ms.filter(|_| !stored.rows.is_empty()) {
                let waited_ms = view.now_ms - since_ms;
                if waited_ms >= MARK_AFTER_MS {
                    dots_ui(ui, waited_ms);
                }
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let words = format!("In {name}");
                ui.add(Label::new(text::strong(&words)).truncate().show_tooltip_when_elided(false))
                    .on_hover_text(&words);
                if !stored.rows.is_empty() {
                    ui.add(Label::new(text::caption(palette, stored.total())).truncate());
                }
            });
        });
    });
}

/// Why nothing is listed.
fn empty_ui(ui: &mut Ui, view: &View<'_>) {
    let palette = Palette::of(ui);
    let stored = &view.shell.stored;
    let words = match stored.reading_since_ms.map(|since_ms| view.now_ms - since_ms) {
        Some(waited_ms) if waited_ms < MARK_AFTER_MS => String::new(),
        Some(waited_ms) => format!("Reading the list, {}", elapsed(waited_ms)),
        None if stored.is_read => {
            "Nothing that viseme has put there lies there any more. Other files of the bucket are not listed, and never deleted".into()
        }
        None => String::new(),
    };
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * 0.3).max(space::GROUP));
        ui.add(Label::new(text::dim(palette, words)).wrap());
    });
}

fn rows_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let stored = &view.shell.stored;
    if stored.takes_keys {
        commands.push(Command::Stored(StoredCommand::Arrived));
    }
    let list = List {
        name: "What lies in the storage",
        count: stored.rows.len(),
        chosen: stored.chosen_place(),
        row_px: ROW_PX,
        takes_keys: stored.takes_keys,
    };
    let answer = list_ui(ui, &list, |ui, place, id, chosen| {
        let row = &stored.rows[place];
        let is_going = stored.deleting.as_ref() == Some(&row.key);
        row_ui(ui, row, id.with(row.key.as_str()), chosen, is_going)
    });
    let has_focus = ui.memory(|memory| memory.has_focus(answer.id));
    if has_focus && view.shell.dialog.is_none() && ui.input(|input| input.key_pressed(egui::Key::Delete)) {
        commands.push(Command::Stored(StoredCommand::Delete));
    }
    if let Some(row) = answer.chosen.and_then(|place| stored.rows.get(place)) {
        commands.push(Command::Stored(StoredCommand::Choose(row.key.clone())));
    }
}

fn row_ui(ui: &mut Ui, row: &Row, id: Id, chosen: bool, is_going: bool) -> Response {
    let palette = Palette::of(ui);
    let (_, rect) = ui.allocate_space(vec2(ui.available_width() - BAR_PX, ROW_PX));
    let response = ui.interact(rect, id, Sense::CLICK);
    let state = match (is_going, row.is_needed) {
        (true, _) => "Being deleted",
        (false, true) => NEEDED,
        (false, false) => "",
    };
    let parts = [row.name.as_str(), &row.facts, state];
    let name = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, chosen, name.as_str()));
    let plate = rect.shrink2(vec2(2.0, 1.0));
    let corners = CornerRadius::same(radius::NORMAL);
    if chosen {
        ui.painter().rect_filled(plate, corners, palette.accent_wash);
    } else if response.hovered() {
        ui.painter().rect_filled(plate, corners, palette.raised_hover);
    }
    let small = TextStyle::Small.resolve(ui.style());
    let heading = strong().resolve(ui.style());
    let (left, right) = (rect.left() + space::PANEL, rect.right() - space::PANEL);
    let [upper, lower] = [rect.top() + 14.0, rect.bottom() - 14.0];
    let ink = if is_going { palette.text_dim } else { palette.warn };
    let state_px = text_ui(ui, state, &small, ink, pos2(right, upper), 120.0, Align2::RIGHT_CENTER);
    let room = right - left - state_px - space::ITEM;
    text_ui(ui, &row.name, &heading, palette.text, pos2(left, upper), room, Align2::LEFT_CENTER);
    text_ui(ui, &row.facts, &small, palette.text_dim, pos2(left, lower), right - left, Align2::LEFT_CENTER);
    response.on_hover_text(row.key.as_str())
}

/// Draws from the right.
fn foot_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let stored = &view.shell.stored;
    let why = match stored.chosen_row() {
        None => Some("Nothing is chosen"),
        Some(_) if stored.deleting.is_some() => Some("Something is being deleted"),
        Some(_) => None,
    };
    let face = Face::new("Delete…", Some(Icon::Trash));
    if button_ui(ui, Look::Soft, &face, "Deletes the chosen file from the storage, after a question", why).clicked() {
        commands.push(Command::Stored(StoredCommand::Delete));
    }
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        let words = "Only what viseme has put there, from any machine";
        ui.add(Label::new(text::caption(palette, words)).truncate().show_tooltip_when_elided(false))
            .on_hover_text(words);
    });
}
