//! The details of one exchange: request, response, headers, timing, command.

use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Layout, Rect, ScrollArea, TextStyle, Ui, UiBuilder, pos2};

use super::{headers, timing};
use crate::app::action::command::{Command, Commands};
use crate::app::state::inspector::page::{Line, Page};
use crate::app::state::inspector::pretty::{self, Part};
use crate::app::state::inspector::{InspectorCommand, Row, State, Tab, curl};
use crate::app::theme::{Icon, Palette, size, space, text};
use crate::app::widgets::button::{Face, Look, button_ui};
use crate::app::widgets::field::{Field, field_ui};
use crate::app::widgets::segments::segments_ui;
use crate::app::widgets::tabs::tabs_ui;

/// Height of a line of a body, in points.
const LINE_PX: f32 = 17.0;

/// Draws the displayed exchange.
pub fn detail_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let Some(row) = state.shown() else { return };
    ui.spacing_mut().item_spacing.y = space::TIGHT;
    let tabs = Tab::ALL.map(|tab| (tab, tab.label()));
    if let Some(tab) = tabs_ui(ui, "Parts of the exchange", state.tab, &tabs) {
        commands.push(Command::Inspector(InspectorCommand::Show(tab)));
    }
    match state.tab {
        Tab::Request | Tab::Answer => {
            tools_ui(ui, state, commands, true);
            notes_ui(ui, state, row, commands);
            page_ui(ui, state, commands);
        }
        Tab::Curl => {
            tools_ui(ui, state, commands, false);
            for hint in curl::hints(&row.exchange, state.sandbox.as_ref()) {
                ui.add(egui::Label::new(text::caption(palette, hint)).wrap());
            }
            page_ui(ui, state, commands);
        }
        Tab::Headers => {
            copy_row_ui(ui, commands);
            headers::headers_ui(ui, &row.exchange);
        }
        Tab::Timing => {
            copy_row_ui(ui, commands);
            timing::timing_ui(ui, &row.exchange);
        }
    }
}

/// The search field, the switch between indented and raw, and *Copy*.
fn tools_ui(ui: &mut Ui, state: &State, commands: &mut Commands, has_forms: bool) {
    let palette = Palette::of(ui);
    ui.allocate_ui_with_layout(
        egui::vec2(ui.available_width(), size::BUTTON),
        Layout::right_to_left(Align::Center),
        |ui| {
            ui.spacing_mut().item_spacing.x = space::TIGHT;
            copy_ui(ui, commands);
            if has_forms {
                let forms = [(true, "Pretty", None), (false, "Raw", None)];
                if let Some(pretty) = segments_ui(ui, "Body", state.pretty, &forms) {
                    commands.push(Command::Inspector(InspectorCommand::Pretty(pretty)));
                }
            }
            let count = state.page.matches.len();
            let searching = !state.search.is_empty();
            if searching {
                let none = (count == 0).then_some("Nothing is found");
                let step = |ui: &mut Ui, label: &str, icon, forward| {
                    if button_ui(ui, Look::Inline, &Face::icon(label, icon), label, none).clicked() {
                        Some(forward)
                    } else {
                        None
                    }
                };
                let next = step(ui, "Next match", Icon::ChevronDown, true);
                let previous = step(ui, "Previous match", Icon::ChevronUp, false);
                if let Some(forward) = next.or(previous) {
                    commands.push(Command::Inspector(InspectorCommand::Step(forward)));
                }
                let words = if count == 0 { "0 of 0".to_owned() } else { format!("{} of {count}", state.at + 1) };
                ui.label(text::caption(palette, words));
            }
            let field = Field {
                name: "Search this text",
                text: &state.search,
                hint: "Search",
                width: ui.available_width(),
                mono: false,
                password: false,
            };
            let answer = field_ui(ui, &field);
            if let Some(words) = answer.changed {
                commands.push(Command::Inspector(InspectorCommand::Search(words)));
            }
            let (enter, back) = ui.input(|input| (input.key_pressed(egui::Key::Enter), input.modifiers.shift));
            if answer.response.lost_focus() && enter {
                commands.push(Command::Inspector(InspectorCommand::Step(!back)));
                answer.response.request_focus();
            }
        },
    );
}

fn copy_row_ui(ui: &mut Ui, commands: &mut Commands) {
    let room = egui::vec2(ui.available_width(), size::BUTTON);
    ui.allocate_ui_with_layout(room, Layout::right_to_left(Align::Center), |ui| copy_ui(ui, commands));
}

fn copy_ui(ui: &mut Ui, commands: &mut Commands) {
    let face = Face::icon("Copy", Icon::Copy);
    if button_ui(ui, Look::Ghost, &face, "Copies the whole text that is shown here", None).clicked() {
        commands.push(Command::Inspector(InspectorCommand::Copy));
    }
}

/// Notes on the body: that it is truncated, with *Save whole…*; why it is not indented; what went wrong.
fn notes_ui(ui: &mut Ui, state: &State, row: &Row, commands: &mut Commands) {
    let palette = Palette::of(ui);
    if state.tab == Tab::Answer
        && let Some(failure) = &row.exchange.failure
    {
        ui.horizontal_top(|ui| {
            ui.add(Icon::CircleX.image_of(14.0).tint(palette.bad).alt_text("Problem"));
            ui.add(egui::Label::new(text::caption(palette, failure).color(palette.bad)).wrap());
        });
    }
    let Some(note) = &state.page.note else { return };
    ui.horizontal(|ui| {
        ui.label(text::caption(palette, note));
        if state.page.is_cut {
            let (label, tooltip) = if state.is_kept() {
                ("Save whole…", "Saves the whole body, as it was received")
            } else {
                ("Save what was kept…", "The body was longer than what is kept of one: saves its first 1 MiB")
            };
            if button_ui(ui, Look::Inline, &Face::new(label, Some(Icon::Save)), tooltip, None).clicked() {
                commands.push(Command::Inspector(InspectorCommand::SaveWhole));
            }
        }
    });
}

/// The body, line by line; only lines in view are drawn.
fn page_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let page = &state.page;
    if page.text.is_empty() {
        return;
    }
    let room = ui.available_rect_before_wrap();
    ui.painter().rect_filled(room, egui::CornerRadius::same(crate::app::theme::radius::SMALL), palette.field);
    let inner =
        Rect::from_min_max(room.min + egui::vec2(space::ITEM, space::TIGHT), room.max - egui::vec2(2.0, space::TIGHT));
    let font = TextStyle::Monospace.resolve(ui.style());
    let column_px = ui.fonts_mut(|fonts| fonts.glyph_width(&font, '0'));
    let columns = ((inner.width() - 14.0) / column_px).floor().max(8.0) as usize;
    if columns != state.columns {
        commands.push(Command::Inspector(InspectorCommand::Columns(columns)));
    }
    ui.scope_builder(UiBuilder::new().max_rect(inner), |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut area = ScrollArea::vertical().id_salt(("body", state.page_of)).auto_shrink([false, false]);
        if state.arriving {
            if let Some(line) = page.line_of(state.at) {
                let middle = (line as f32 + 0.5) * LINE_PX - inner.height() / 2.0;
                area = area.vertical_scroll_offset(middle.max(0.0));
            }
            commands.push(Command::Inspector(InspectorCommand::Arrived));
        }
        area.show_rows(ui, LINE_PX, page.lines.len(), |ui, range| {
            for line in &page.lines[range] {
                let job = line_job(palette, page, line, state.at, &font);
                let (_, rect) = ui.allocate_space(egui::vec2(ui.available_width(), LINE_PX));
                let at = Rect::from_min_max(pos2(rect.left(), rect.top()), rect.max);
                ui.scope_builder(UiBuilder::new().max_rect(at), |ui| {
                    ui.add(egui::Label::new(job).extend().selectable(true));
                });
            }
        });
    });
}

/// A line with syntax colours and highlighted matches.
fn line_job(palette: &Palette, page: &Page, line: &Line, at: usize, font: &egui::FontId) -> LayoutJob {
    let mut job = LayoutJob::default();
    let first = page.matches.partition_point(|found| found.end <= line.range.start);
    let parts = if page.is_json {
        pretty::parts(&page.text[line.whole.clone()])
    } else {
        vec![(0..line.whole.len(), Part::Text)]
    };
    for (part, kind) in parts {
        let ink = match kind {
            Part::Name => palette.text_dim,
            Part::Text => palette.text,
            Part::Word => palette.accent_text,
            Part::Sign => palette.text_faint,
        };
        let (mut from, end) =
            ((line.whole.start + part.start).max(line.range.start), (line.whole.start + part.end).min(line.range.end));
        for (index, found) in page.matches.iter().enumerate().skip(first).take_while(|(_, found)| found.start < end) {
            let (start, stop) = (found.start.max(from), found.end.min(end));
            if start >= stop {
                continue;
            }
            append(&mut job, &page.text[from..start], font, ink, None);
            let mark =
                if index == at { (palette.on_accent, palette.accent) } else { (palette.text, palette.warn_wash) };
            append(&mut job, &page.text[start..stop], font, mark.0, Some(mark.1));
            from = stop;
        }
        if from < end {
            append(&mut job, &page.text[from..end], font, ink, None);
        }
    }
    job
}

fn append(job: &mut LayoutJob, words: &str, font: &egui::FontId, ink: egui::Color32, mark: Option<egui::Color32>) {
    if words.is_empty() {
        return;
    }
    let mut format = TextFormat { font_id: font.clone(), color: ink, ..TextFormat::default() };
    if let Some(mark) = mark {
        format.background = mark;
    }
    job.append(words, 0.0, format);
}
