//! The placement in numbers, to the millisecond, with its rules.

use egui::{DragValue, Ui, Vec2};

use crate::app::action::{self, Action};
use crate::app::command::{Command, Wishes};
use crate::app::placed;
use crate::app::theme::{Palette, size, space, text};
use crate::app::view::View;
use crate::app::widgets::button::{Look, action_ui};
use crate::app::widgets::section::section_ui;
use crate::app::widgets::verdict::verdicts_ui;
use crate::model::placement::Wanted;

/// The largest value a field takes, in milliseconds: an hour, far beyond any service.
const MOST_MS: i64 = 3_600_000;

/// Draws the section.
pub fn placement_ui(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    let palette = Palette::of(ui);
    let choosing = view.choosing();
    let shown = placed::placement(view.flow);
    let wanted = view.flow.desk.wanted;
    let start = shown.map_or(wanted.start_ms.unwrap_or(0), |p| p.sound_start_time);
    let end = shown.map(|p| p.sound_end_time).or(wanted.end_ms);
    let insert = shown.map_or(wanted.insert_ms.unwrap_or(0), |p| p.sound_insert_time);
    let obstacle = match choosing {
        Some(_) => None,
        None => Some(placed::sent_obstacle(view.flow).unwrap_or("Find the faces first")),
    };

    let mut right_wishes = Wishes::default();
    section_ui(
        ui,
        "Placement",
        |ui| {
            if obstacle.is_none() {
                action_ui(ui, view, &mut right_wishes, Action::SnapToBest, Look::Inline);
            }
        },
        |ui| {
            let width = ((ui.available_width() - 2.0 * space::ITEM) / 3.0).floor();
            ui.horizontal_top(|ui| {
                let new_start = number_ui(
                    ui,
                    "Start",
                    "Where the voice's crop begins: sound_start_time, in milliseconds",
                    Some(start),
                    obstacle,
                    width,
                );
                let new_end = number_ui(
                    ui,
                    "End",
                    "Where the voice's crop ends: sound_end_time, in milliseconds",
                    end,
                    obstacle,
                    width,
                );
                let new_insert = number_ui(
                    ui,
                    "Insert at",
                    "When it begins to sound in the clip: sound_insert_time, in milliseconds",
                    Some(insert),
                    obstacle,
                    width,
                );
                if new_start.is_some() || new_end.is_some() || new_insert.is_some() {
                    // What is shown beside the edited number is what the person means: it is fixed along with it.
                    wishes.push(Command::Place(Wanted {
                        start_ms: Some(new_start.unwrap_or(start)),
                        end_ms: new_end.or(end),
                        insert_ms: Some(new_insert.unwrap_or(insert)),
                    }));
                }
            });
            match choosing {
                Some(choosing) if choosing.placement.is_some() => {
                    let troubles: Vec<_> =
                        choosing.rules.iter().filter(|report| report.why().is_some()).cloned().collect();
                    if troubles.is_empty() {
                        let sound = shown.map_or(0, |p| p.crop_ms());
                        ui.label(text::caption(palette, format!("Every rule holds; {sound} ms of voice")));
                    }
                    verdicts_ui(ui, &troubles);
                    if action::may_send_anyway(view) {
                        action_ui(ui, view, wishes, Action::SubmitAnyway, Look::Soft);
                    }
                }
                Some(_) => {
                    ui.label(text::caption(palette, "Choose a face and a voice: the best place is proposed"));
                }
                None if shown.is_some() => {
                    ui.label(text::caption(palette, "As it was sent"));
                }
                None => {
                    ui.label(text::caption(palette, "The best place is proposed once face and voice are chosen"));
                }
            }
        },
    );
    for command in right_wishes.into_commands() {
        wishes.push(command);
    }
}

/// Draws one number under its name; answers the new value where it changed.
fn number_ui(
    ui: &mut Ui,
    name: &str,
    tooltip: &str,
    value: Option<i64>,
    obstacle: Option<&str>,
    width: f32,
) -> Option<i64> {
    let palette = Palette::of(ui);
    ui.vertical(|ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = space::TIGHT;
        ui.label(text::caption(palette, name));
        ui.spacing_mut().interact_size = Vec2::new(width, size::BUTTON);
        ui.visuals_mut().widgets.inactive.weak_bg_fill = palette.field;
        let mut number = value.unwrap_or(0);
        let response = ui
            .add_enabled(
                obstacle.is_none(),
                // Half a number is not meant: it counts once Enter is pressed, or the field left.
                DragValue::new(&mut number).range(0..=MOST_MS).speed(10.0).update_while_editing(false).suffix(
                    egui::RichText::new(" ms").text_style(egui::TextStyle::Monospace).color(palette.text_faint),
                ),
            )
            .accessible_name(format!("{name} in milliseconds"))
            .on_hover_text(tooltip)
            .on_disabled_hover_text(obstacle.unwrap_or_default());
        (response.changed() && Some(number) != value).then_some(number)
    })
    .inner
}
