//! The page of budgets: how much may be spent at each service on a day, and what is spent today.

use egui::{Align, DragValue, Layout, Ui, Vec2};

use crate::app::action::command::{Command, Commands};
use crate::app::state::settings::SettingsCommand;
use crate::app::state::shell::{is_embedded, shown_name};
use crate::app::state::view::View;
use crate::app::theme::{Palette, size, space, text};
use crate::app::words::amount_text;
use crate::engine::unit_of;
use crate::model::Profile;
use crate::preferences::BUDGET_MAX;

/// Width of a number field, in points.
const NUMBER_PX: f32 = 120.0;

/// Draws the page.
pub fn spending_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    ui.label(text::strong("Budget of a day"));
    let words = "What would go over it is refused before it is sent. Every identify and every task of this machine counts, from this window \
                 and from the command line: at its estimate until the service says what it costs. A day begins at midnight here";
    ui.add(egui::Label::new(text::caption(palette, words)).wrap());
    ui.add_space(space::TIGHT);
    for profile in view.shell.profiles() {
        row_ui(ui, view, commands, profile);
    }
}

fn row_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, profile: &Profile) {
    let palette = Palette::of(ui);
    let settings = &view.shell.settings;
    let name = shown_name(profile);
    ui.horizontal(|ui| {
        ui.set_min_height(size::ROW_WIDE);
        ui.label(text::body(&name));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().interact_size = Vec2::new(NUMBER_PX, size::BUTTON);
            ui.visuals_mut().widgets.inactive.weak_bg_fill = palette.field;
            let mut budget = settings.values.budgets.get(&profile.name).copied().unwrap_or(0.0);
            let dialect = profile.dialect;
            let field = DragValue::new(&mut budget)
                .range(0.0..=BUDGET_MAX)
                .speed(0.05)
                .custom_formatter(
                    move |amount, _| if amount > 0.0 { amount_text(dialect, amount) } else { "No limit".into() },
                )
                .custom_parser(amount_of);
            let response = ui.add(field).accessible_name(format!("Budget of {name} for a day in {}", unit_of(dialect)));
            let response = response.on_hover_text("Drag, or click and type an amount; 0 is no limit");
            if response.changed() {
                let budget = (budget > 0.0).then_some(budget);
                commands.push(Command::Settings(SettingsCommand::Budget(profile.name.clone(), budget)));
            }
            let spent = view.shell.spent.get(&profile.name).copied().unwrap_or_default();
            let mut words = format!("{} today", amount_text(dialect, spent));
            if is_embedded(profile) {
                words.push_str(", which cost nothing");
            }
            ui.label(text::caption(palette, words));
        });
    });
}

/// The amount in what was typed: `5`, `5 units`, `$0.5`, `no limit`.
fn amount_of(text: &str) -> Option<f64> {
    let text = text.trim().trim_start_matches('$');
    let number: String = text.chars().take_while(|c| c.is_ascii_digit() || *c == '.' || *c == ',').collect();
    if number.is_empty() {
        text.to_ascii_lowercase().starts_with("no").then_some(0.0)
    } else {
        number.replace(',', ".").parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Dialect;

    #[test]
    fn what_is_shown_is_read_again() {
        for (dialect, amount) in [(Dialect::Kling, 1.05), (Dialect::Kirin, 0.5), (Dialect::Kling, 12.0)] {
            assert_eq!(amount_of(&amount_text(dialect, amount)), Some(amount));
        }
        assert_eq!(
            ["No limit", "2,5", " 3 ", "much", ""].map(amount_of),
            [Some(0.0), Some(2.5), Some(3.0), None, None]
        );
    }
}
