//! The placement rules and their verdicts: those that pass on a short line, those that fail with an explanation; and the mark of
//! how fit a face is.

use egui::{Color32, Ui, Vec2};

use crate::app::theme::{Icon, Palette, space, text};
use crate::model::{RuleReport, Verdict, fitness};

const MARK_PX: f32 = 12.0;
const ROW_PX: f32 = 17.0;
/// Height of a line of a caption.
const LINE_PX: f32 = 15.0;

/// Draws each rule with its verdict. Icon and text say the same as the colour.
pub fn verdicts_ui(ui: &mut Ui, reports: &[RuleReport]) {
    let palette = Palette::of(ui);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing = Vec2::new(space::TIGHT, 2.0);
        ui.spacing_mut().interact_size.y = ROW_PX;
        let passing: Vec<&RuleReport> = reports.iter().filter(|report| report.verdict == Verdict::Pass).collect();
        // The left column is as wide as its longest text, so that the right one gets the rest.
        let font = egui::TextStyle::Small.resolve(ui.style());
        let words_px = |ui: &Ui, words: &str| {
            ui.fonts_mut(|fonts| fonts.layout_no_wrap(words.to_owned(), font.clone(), palette.text)).size().x.ceil()
        };
        let left = passing.iter().step_by(2).map(|report| words_px(ui, report.asks)).fold(0.0, f32::max);
        let left = (left + MARK_PX + space::TIGHT + space::ITEM).min(ui.available_width() * 0.6);
        for pair in passing.chunks(2) {
            ui.horizontal(|ui| {
                for (column, report) in pair.iter().enumerate() {
                    let width = if column == 0 { left } else { ui.available_width() };
                    let row = egui::Layout::left_to_right(egui::Align::Center);
                    ui.allocate_ui_with_layout(Vec2::new(width, ROW_PX), row, |ui| {
                        ui.set_min_width(width);
                        ui.add(Icon::Check.image_of(MARK_PX).tint(palette.good).alt_text("Holds"));
                        ui.add(egui::Label::new(text::caption(palette, report.asks)).truncate());
                    });
                }
            });
        }
        for report in reports.iter().filter(|report| report.verdict != Verdict::Pass) {
            let (icon, colour, name) = match report.verdict {
                Verdict::Broken(_) => (Icon::CircleX, palette.bad, "Broken"),
                Verdict::Warn(_) => (Icon::TriangleAlert, palette.warn, "Warning"),
                Verdict::Unchecked(_) | Verdict::Pass => (Icon::CircleDashed, palette.text_faint, "Not checked"),
            };
            let words = report.why().unwrap_or(report.asks);
            let ink = if report.is_broken() { palette.bad } else { palette.text_dim };
            marked_ui(ui, (icon, colour, name), text::caption(palette, words).color(ink));
        }
    });
}

/// Draws a caption of one or more lines behind a mark (icon, colour and name), which is at the height of the first line.
pub fn marked_ui(ui: &mut Ui, (icon, colour, name): (Icon, Color32, &str), words: egui::RichText) -> egui::Response {
    let row = ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        let (rect, mark) = ui.allocate_exact_size(Vec2::new(MARK_PX, LINE_PX), egui::Sense::hover());
        mark.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, name));
        icon.image_of(MARK_PX)
            .tint(colour)
            .paint_at(ui, egui::Rect::from_center_size(rect.center(), Vec2::splat(MARK_PX)));
        ui.add(egui::Label::new(words).wrap())
    });
    row.inner
}

/// Icon, colour and the icon's name for how fit a face is; `None`: it is not measured.
#[must_use]
pub const fn fit_mark(palette: &Palette, verdict: Option<fitness::Verdict>) -> (Icon, Color32, &'static str) {
    match verdict {
        Some(fitness::Verdict::Fit) => (Icon::CircleCheck, palette.good, "Fit"),
        Some(fitness::Verdict::Risky) => (Icon::TriangleAlert, palette.warn, "Risky"),
        Some(fitness::Verdict::Unfit) => (Icon::CircleX, palette.bad, "Unfit"),
        None => (Icon::Info, palette.icon, "Note"),
    }
}
