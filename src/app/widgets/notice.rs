//! A message box: what happened, the service's code and request id, what to try, and a button for it.

use egui::{CornerRadius, Frame, Margin, Ui};

use crate::app::theme::{Icon, Palette, radius, space, text};
use crate::app::words::sentence;
use crate::model::Problem;

/// How serious it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Information.
    Info,
    /// A warning.
    Warn,
    /// An error.
    Bad,
}

/// Draws a message with its actions below it; the actions lay out their own rows.
pub fn notice_ui(ui: &mut Ui, tone: Tone, title: &str, lines: &[String], actions_ui: impl FnOnce(&mut Ui)) {
    let palette = Palette::of(ui);
    let (icon, ink, wash) = match tone {
        Tone::Info => (Icon::Info, palette.accent_text, palette.accent_wash),
        Tone::Warn => (Icon::TriangleAlert, palette.warn, palette.warn_wash),
        Tone::Bad => (Icon::CircleAlert, palette.bad, palette.bad_wash),
    };
    Frame::new().fill(wash).corner_radius(CornerRadius::same(radius::POPUP)).inner_margin(Margin::same(12)).show(
        ui,
        |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal_top(|ui| {
                ui.add(icon.image().tint(ink).alt_text(match tone {
                    Tone::Info => "Note",
                    Tone::Warn => "Warning",
                    Tone::Bad => "Problem",
                }));
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = space::TIGHT;
                    ui.add(egui::Label::new(text::body(title).color(palette.text)).wrap());
                    for line in lines {
                        ui.add(egui::Label::new(text::caption(palette, line)).wrap().selectable(true));
                    }
                    ui.add_space(space::TIGHT);
                    actions_ui(ui);
                });
            });
        },
    );
}

/// The lines under a problem's title: code, HTTP status and request id; then what to try.
#[must_use]
pub fn problem_lines(problem: &Problem) -> Vec<String> {
    let mut facts = Vec::new();
    facts.extend(problem.code.as_ref().map(|code| format!("Code {code}")));
    facts.extend(problem.http_status.map(|status| format!("HTTP {status}")));
    facts.extend(problem.request_id.as_ref().map(|id| format!("Request {id}")));
    let mut lines = Vec::new();
    if !facts.is_empty() {
        lines.push(facts.join(" · "));
    }
    lines.extend(problem.hint.as_deref().map(sentence));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ProblemKind;
    use crate::model::problem::ServiceCode;

    #[test]
    fn a_problem_shows_code_status_request_and_what_to_try() {
        let problem = Problem {
            http_status: Some(400),
            code: Some(ServiceCode::Number(1201)),
            request_id: Some("r-1".into()),
            ..Problem::new(ProblemKind::Refused, "sound_file is invalid").with_hint("Send a WAV")
        };
        assert_eq!(problem_lines(&problem), ["Code 1201 · HTTP 400 · Request r-1", "Send a WAV"]);
        assert!(problem_lines(&Problem::new(ProblemKind::File, "no such file")).is_empty());
    }
}
