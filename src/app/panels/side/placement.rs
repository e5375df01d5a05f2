//! The placement as numbers, to the millisecond, with its rules.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use egui::{DragValue, Id, Ui, Vec2};

use crate::app::action::command::{Command, Commands};
use crate::app::action::{self, Action};
use crate::app::state::fitness::{Fit, fit};
use crate::app::state::placed;
use crate::app::state::timeline::edit::SHORTEST_MS;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, size, space, text};
use crate::app::widgets::button::{Look, action_ui};
use crate::app::widgets::section::section_ui;
use crate::app::widgets::verdict::{fit_mark, verdicts_ui};
use crate::model::interval::read_time;
use crate::model::note::notes;
use crate::model::placement::Wanted;
use crate::model::rule::first_broken;
use crate::workflow::Choosing;

/// Maximum value of a field where the length of voice or clip is unknown, in milliseconds: far beyond the limits of any service.
const MOST_MS: i64 = 600_000;

/// Draws the section.
pub fn placement_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let choosing = view.choosing();
    let shown = placed::placement(view.flow);
    let wanted = view.flow.desk.wanted;
    let start = shown.map_or(wanted.start_ms.unwrap_or(0), |p| p.sound_start_time);
    let end = shown.map(|p| p.sound_end_time).or(wanted.end_ms);
    let insert = shown.map_or(wanted.insert_ms.unwrap_or(0), |p| p.sound_insert_time);
    let obstacle = obstacle(view);
    let desk = &view.flow.desk;
    let voice_ms = desk.known_voice().map_or(MOST_MS, |voice| voice.duration_ms);
    let clip_ms = desk.known_clip().map_or(MOST_MS, |clip| clip.duration_ms);
    // The start of a crop precedes its end, and the voice begins within the clip: the same as when the voice is dragged.
    let ranges = [
        0..=(end.unwrap_or(MOST_MS) - SHORTEST_MS).max(0),
        (start + SHORTEST_MS)..=voice_ms.max(start + SHORTEST_MS),
        0..=(clip_ms - SHORTEST_MS).max(0),
    ];
    let [start_range, end_range, insert_range] = ranges;

    let mut right_commands = Commands::default();
    section_ui(
        ui,
        "Placement",
        |ui| {
            if obstacle.is_none() {
                let broken = Action::SnapToBest.obstacle(view).is_none();
                let action = if broken { Action::SnapToBest } else { Action::ProposeAnew };
                action_ui(ui, view, &mut right_commands, action, Look::Inline);
            }
        },
        |ui| {
            let width = ((ui.available_width() - 2.0 * space::ITEM) / 3.0).floor();
            ui.horizontal_top(|ui| {
                let new_start = number_ui(
                    ui,
                    "Start",
                    "Where in the voice the part that is heard begins: sound_start_time, in milliseconds",
                    (Some(start), start_range),
                    obstacle,
                    width,
                );
                let new_end = number_ui(
                    ui,
                    "End",
                    "Where in the voice the part that is heard ends: sound_end_time, in milliseconds",
                    (end, end_range),
                    obstacle,
                    width,
                );
                let new_insert = number_ui(
                    ui,
                    "Insert at",
                    "When it begins to sound in the clip: sound_insert_time, in milliseconds",
                    (Some(insert), insert_range),
                    obstacle,
                    width,
                );
                if new_start.is_some() || new_end.is_some() || new_insert.is_some() {
                    // The numbers shown beside the edited one are fixed along with it.
                    commands.push(Command::Place(Wanted {
                        start_ms: Some(new_start.unwrap_or(start)),
                        end_ms: new_end.or(end),
                        insert_ms: Some(new_insert.unwrap_or(insert)),
                    }));
                }
            });
            if let Some(words) = message(ui, wanted).filter(|_| obstacle.is_none()) {
                ui.label(text::caption(palette, words).color(palette.warn));
            }
            match choosing {
                Some(choosing) if choosing.placement.is_some() => {
                    // R3 concerns the voice itself, and is shown in the voice's section.
                    let troubles: Vec<_> = choosing
                        .rules
                        .iter()
                        .filter(|report| report.why().is_some() && report.rule != "R3")
                        .cloned()
                        .collect();
                    let voice_is_bad = first_broken(&desk.voice_rules).is_some()
                        || choosing.rules.iter().any(|report| report.rule == "R3" && report.is_broken());
                    if voice_is_bad {
                        ui.label(text::caption(palette, "The voice itself breaks a rule: see above"));
                    } else if troubles.is_empty() {
                        let sound = shown.map_or(0, |p| p.crop_ms());
                        ui.label(text::caption(palette, format!("Every rule holds; {sound} ms of voice")));
                    }
                    verdicts_ui(ui, &troubles);
                    if first_broken(&choosing.rules).is_none() {
                        notes_ui(ui, view, choosing);
                    }
                    if action::may_send_anyway(view) {
                        action_ui(ui, view, commands, Action::SubmitAnyway, Look::Soft);
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
    for command in right_commands.into_commands() {
        commands.push(command);
    }
}

/// Why no number can be entered now.
fn obstacle(view: &View<'_>) -> Option<&'static str> {
    let Some(choosing) = view.choosing() else {
        return Some(placed::sent_obstacle(view.flow).unwrap_or("Find the faces first"));
    };
    if choosing.faces.chosen.is_none() {
        Some("Choose a face first")
    } else if view.flow.desk.voice.is_none() {
        Some("Choose a voice first")
    } else {
        view.flow.desk.voice_probe.job().map(|_| "The voice is being read")
    }
}

/// Draws what will not be seen or heard although every rule holds.
fn notes_ui(ui: &mut Ui, view: &View<'_>, choosing: &Choosing) {
    let palette = Palette::of(ui);
    let Some(placement) = choosing.placement else { return };
    let faces = &choosing.faces;
    let name = view.chosen_name();
    for note in notes(&placement, &view.flow.desk.facts(faces)) {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = space::TIGHT;
            ui.add(Icon::Info.image_of(12.0).tint(palette.icon).alt_text("Note"));
            ui.add(egui::Label::new(text::caption(palette, note.words(&name))).wrap());
        });
    }
    fitness_ui(ui, view);
}

/// Draws whether the face is fit to speak there, as far as it was measured on this machine.
fn fitness_ui(ui: &mut Ui, view: &View<'_>) {
    let palette = Palette::of(ui);
    let Some(Fit { verdict, words }) = fit(view) else { return };
    let (icon, tint, alt) = fit_mark(palette, verdict);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        ui.add(icon.image_of(12.0).tint(tint).alt_text(alt));
        ui.add(egui::Label::new(text::caption(palette, words)).wrap());
    });
}

/// A message about an entered time: it was not understood, or it was adjusted.
#[derive(Clone, Debug)]
struct TimeMessage {
    words: String,
    /// The frame of the message: the placement by the entered time itself follows after it.
    frame: u64,
    /// The wanted placement of the message.
    wanted: Option<Wanted>,
}

fn message_id() -> Id {
    Id::unique("message about the last exact time")
}

fn set_message(ui: &Ui, words: Option<String>) {
    let frame = ui.ctx().cumulative_frame_nr();
    ui.data_mut(|data| match words {
        Some(words) => {
            data.insert_temp(message_id(), TimeMessage { words, frame, wanted: None });
        }
        None => data.remove::<TimeMessage>(message_id()),
    });
    ui.ctx().request_repaint();
}

/// The last message, until the placement changes otherwise.
fn message(ui: &Ui, wanted: Wanted) -> Option<String> {
    let frame = ui.ctx().cumulative_frame_nr();
    ui.data_mut(|data| {
        let mut message = data.get_temp::<TimeMessage>(message_id())?;
        if message.wanted.is_some_and(|then| then != wanted) {
            data.remove::<TimeMessage>(message_id());
            return None;
        }
        if frame > message.frame + 1 && message.wanted.is_none() {
            message.wanted = Some(wanted);
            data.insert_temp(message_id(), message.clone());
        }
        Some(message.words)
    })
}

/// The message of a field about a text that is not a time, or a time out of range.
fn entry_error(name: &str, typed: &str, range: &RangeInclusive<i64>) -> Option<String> {
    match read_time(typed) {
        None => {
            let typed: String = typed.trim().chars().take(20).collect();
            Some(format!("\u{201c}{typed}\u{201d} is not a time: enter 692, 1.5 s or 0:02.500"))
        }
        Some(ms) if !range.contains(&ms) => {
            Some(format!("{name} must be from {} to {} ms here", range.start(), range.end()))
        }
        Some(_) => None,
    }
}

/// Draws one number under its name; returns the new value where it changed.
fn number_ui(
    ui: &mut Ui,
    name: &str,
    tooltip: &str,
    (value, range): (Option<i64>, RangeInclusive<i64>),
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
        let typed: RefCell<Option<String>> = RefCell::default();
        let read = |text: &str| {
            *typed.borrow_mut() = Some(text.to_owned());
            read_time(text).map(|ms| ms as f64)
        };
        let response = ui
            .add_enabled(
                obstacle.is_none(),
                // An incomplete number is not applied: it is applied on Enter, or when the field loses the focus.
                DragValue::new(&mut number)
                    .range(range.clone())
                    // The displayed value was proposed or dragged: only entered values are limited to the range.
                    .clamp_existing_to_range(false)
                    .speed(10.0)
                    .update_while_editing(false)
                    .clip_text(true)
                    .custom_parser(read)
                    .suffix(
                        egui::RichText::new(" ms").text_style(egui::TextStyle::Monospace).color(palette.text_faint),
                    ),
            )
            .accessible_name(format!("{name} in milliseconds"))
            .on_hover_text(tooltip)
            .on_disabled_hover_text(obstacle.unwrap_or_default());
        if let Some(typed) = typed.take() {
            // Merely focusing a field changes nothing, even where its value is out of range.
            if value.is_some() && read_time(&typed) == value {
                return None;
            }
            set_message(ui, entry_error(name, &typed, &range));
        } else if response.changed() {
            set_message(ui, None);
        }
        let number = number.clamp(*range.start(), *range.end());
        (response.changed() && Some(number) != value).then_some(number)
    })
    .inner
}
