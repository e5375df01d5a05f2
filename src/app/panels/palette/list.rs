//! The palette: a search field and the matching entries below it. The field keeps the focus; arrow keys move the selection.

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align2, CornerRadius, FontSelection, Id, InputState, Key, Modifiers, Rect, RichText, ScrollArea, Sense, TextEdit,
    TextStyle, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use super::entries::{Entry, found};
use crate::app::action::Action;
use crate::app::action::command::{Command, Commands};
use crate::app::state::palette::PaletteCommand;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, disabled, radius, size, space, text};
use crate::app::widgets::keycaps;
use crate::app::widgets::overlay::{Overlay, Place, hold_focus, overlay_ui};

const WIDTH_PX: f32 = 620.0;
const FIELD_PX: f32 = 44.0;
const FOOT_PX: f32 = 30.0;
/// Maximum number of rows in view.
const ROWS: usize = 10;

/// Draws the palette.
pub fn list_ui(ui: &Ui, view: &View<'_>, commands: &mut Commands, query: &str, selected: usize) {
    let entries = found(view, query, &view.shell.palette.recent);
    let palette = Palette::of(ui);
    let overlay = Overlay { id: "palette", name: "Command palette", place: Place::Top, width: WIDTH_PX, margin: 0 };
    let closed = overlay_ui(ui, &overlay, |ui| {
        hold_focus(ui);
        ui.spacing_mut().item_spacing.y = 0.0;
        let selected = selected.min(entries.len().saturating_sub(1));
        let moved = ui.input_mut(|input| moved(input, selected, entries.len()));
        let enter = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        if let Some(index) = moved {
            commands.push(Command::Palette(PaletteCommand::Select(index)));
        }
        let selected = moved.unwrap_or(selected);
        let field = field_ui(ui, commands, query);
        hairline_ui(ui);
        if entries.is_empty() {
            ui.allocate_ui(vec2(WIDTH_PX, size::ROW_WIDE * 2.0), |ui| {
                ui.centered_and_justified(|ui| {
                    ui.label(text::dim(palette, format!("No action matches “{}”", query.trim())));
                });
            });
        }
        let row = rows_ui(ui, commands, &entries, selected, moved.is_some());
        if let Some(row) = row {
            ui.ctx().accesskit_node_builder(field, |node| node.set_active_descendant(row.accesskit_id()));
        }
        hairline_ui(ui);
        foot_ui(ui, entries.get(selected));
        if enter && let Some(entry) = entries.get(selected) {
            choose(commands, entry);
        }
    });
    let again = Action::OpenPalette.info().shortcuts;
    if closed || ui.input_mut(|input| again.iter().any(|keys| input.consume_shortcut(keys))) {
        commands.push(Command::Palette(PaletteCommand::Close));
    }
}

fn choose(commands: &mut Commands, entry: &Entry) {
    if entry.obstacle.is_none() {
        commands.push(Command::Palette(PaletteCommand::Chosen(entry.title.clone())));
        commands.push(entry.command.clone());
    }
}

/// The selection after the keys of this frame.
fn moved(input: &mut InputState, selected: usize, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let mut pressed = |key| input.consume_key(Modifiers::NONE, key);
    if pressed(Key::ArrowDown) {
        Some(if selected == last { 0 } else { selected + 1 })
    } else if pressed(Key::ArrowUp) {
        Some(selected.checked_sub(1).unwrap_or(last))
    } else if pressed(Key::PageDown) {
        Some((selected + ROWS - 1).min(last))
    } else if pressed(Key::PageUp) {
        Some(selected.saturating_sub(ROWS - 1))
    } else if pressed(Key::Home) {
        Some(0)
    } else if pressed(Key::End) {
        Some(last)
    } else {
        None
    }
}

fn field_ui(ui: &mut Ui, commands: &mut Commands, query: &str) -> Id {
    let palette = Palette::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(WIDTH_PX, FIELD_PX), Sense::hover());
    let icon = Rect::from_center_size(pos2(rect.left() + 22.0, rect.center().y), Vec2::splat(size::ICON));
    Icon::Search.image().tint(palette.icon).paint_at(ui, icon);
    let room = Rect::from_min_max(pos2(rect.left() + 40.0, rect.top()), rect.max - vec2(space::PANEL, 0.0));
    let mut typed = query.to_owned();
    let response = ui
        .scope_builder(UiBuilder::new().max_rect(room), |ui| {
            ui.add_sized(
                room.size(),
                TextEdit::singleline(&mut typed)
                    .frame(egui::Frame::NONE)
                    .font(FontSelection::Style(TextStyle::Body))
                    .align(Align2::LEFT_CENTER)
                    .hint_text(RichText::new("Search for an action").color(palette.text_faint)),
            )
        })
        .inner
        .accessible_name("Search for an action");
    if !response.has_focus() {
        response.request_focus();
    }
    if typed != query {
        commands.push(Command::Palette(PaletteCommand::Type(typed)));
    }
    response.id
}

/// Draws the rows in a list; returns the selected one.
fn rows_ui(ui: &mut Ui, commands: &mut Commands, entries: &[Entry], selected: usize, moved: bool) -> Option<Id> {
    let room = ui.ctx().content_rect().height() - size::TOP_BAR - 16.0 - FIELD_PX - FOOT_PX - 64.0;
    let height = (ROWS as f32 * size::ROW_WIDE + 12.0).min(room);
    let mut chosen = None;
    ScrollArea::vertical().max_height(height).min_scrolled_height(height).auto_shrink([false, true]).show(ui, |ui| {
        ui.ctx().accesskit_node_builder(ui.unique_id(), |node| {
            node.set_role(Role::ListBox);
            node.set_label("Actions");
        });
        if !entries.is_empty() {
            ui.add_space(6.0);
        }
        for (index, entry) in entries.iter().enumerate() {
            let response = row_ui(ui, commands, index, entry, index == selected);
            if index == selected {
                chosen = Some(response.id);
                if moved {
                    response.scroll_to_me(None);
                }
            }
        }
        if !entries.is_empty() {
            ui.add_space(6.0);
        }
    });
    chosen
}

fn row_ui(ui: &mut Ui, commands: &mut Commands, index: usize, entry: &Entry, selected: bool) -> egui::Response {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(WIDTH_PX, size::ROW_WIDE), Sense::CLICK);
    let enabled = entry.obstacle.is_none();
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, enabled, selected, &entry.title));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_selected(selected);
        let mut words = vec![format!("{}: {}", entry.group.label(), entry.tooltip)];
        words.extend(entry.obstacle.clone());
        node.set_description(words.join(". "));
        if !entry.keys.is_empty() {
            node.set_keyboard_shortcut(entry.keys.join("+"));
        }
    });
    // Only a moving pointer changes the selection.
    if response.hovered() && !selected && ui.input(|input| input.pointer.delta() != Vec2::ZERO) {
        commands.push(Command::Palette(PaletteCommand::Select(index)));
    }
    if response.clicked() {
        choose(commands, entry);
    }
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let plate = rect.shrink2(vec2(6.0, 0.0));
    if selected {
        ui.painter().rect_filled(plate, CornerRadius::same(radius::NORMAL), palette.accent_wash);
    }
    let ink = if enabled { palette.text } else { palette.text_dim };
    let place = Rect::from_center_size(pos2(rect.left() + 22.0, rect.center().y), Vec2::splat(size::ICON));
    let tint = if selected { palette.accent_text } else { palette.icon };
    entry.icon.image().tint(if enabled { tint } else { disabled(palette.icon) }).paint_at(ui, place);
    let title = ui.fonts_mut(|fonts| fonts.layout_job(title_job(ui, entry, ink)));
    let left = rect.left() + 40.0;
    let title_right = left + title.size().x;
    ui.painter().galley(pos2(left, rect.center().y - title.size().y / 2.0), title, ink);
    let right = pos2(rect.right() - 16.0, rect.center().y);
    let mut words_right = right.x;
    if enabled {
        keycaps::paint_right(ui, right, &entry.keys);
        if !entry.keys.is_empty() {
            words_right -= keycaps::width(ui, &entry.keys) + space::ITEM;
        }
    }
    // The group, or why the entry is not available.
    let words = entry.obstacle.as_deref().unwrap_or(entry.group.label());
    let room = words_right - title_right - space::GROUP;
    let job = {
        let font = TextStyle::Small.resolve(ui.style());
        let mut job = LayoutJob::simple_singleline(words.to_owned(), font, palette.text_dim);
        job.wrap = egui::text::TextWrapping::truncate_at_width(room.max(0.0));
        job
    };
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let place = Align2::RIGHT_CENTER.anchor_size(pos2(words_right, rect.center().y), galley.size());
    ui.painter().galley(place.min, galley, palette.text_dim);
    response
}

/// The title, with the matches in the accent colour.
fn title_job(ui: &Ui, entry: &Entry, ink: egui::Color32) -> LayoutJob {
    let palette = Palette::of(ui);
    let font = TextStyle::Button.resolve(ui.style());
    let format = |color| TextFormat { font_id: font.clone(), color, ..TextFormat::default() };
    let mut job = LayoutJob::default();
    let mut at = 0;
    for mark in &entry.marks {
        job.append(&entry.title[at..mark.start], 0.0, format(ink));
        job.append(&entry.title[mark.clone()], 0.0, format(palette.accent_text));
        at = mark.end;
    }
    job.append(&entry.title[at..], 0.0, format(ink));
    job
}

/// The description of the selected entry.
fn foot_ui(ui: &mut Ui, entry: Option<&Entry>) {
    let palette = Palette::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(WIDTH_PX, FOOT_PX), Sense::hover());
    let room = rect.shrink2(vec2(16.0, 0.0));
    ui.scope_builder(UiBuilder::new().max_rect(room).layout(egui::Layout::left_to_right(egui::Align::Center)), |ui| {
        let words = entry.map_or("Try a word of what you want to do", |entry| entry.tooltip.as_str());
        ui.add(egui::Label::new(text::caption(palette, words)).truncate());
    });
}

fn hairline_ui(ui: &mut Ui) {
    let palette = Palette::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(WIDTH_PX, 1.0), Sense::hover());
    ui.painter().rect_filled(rect, CornerRadius::ZERO, palette.line);
}
