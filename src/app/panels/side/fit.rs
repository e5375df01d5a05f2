//! The cure beside what is wrong with a clip or a voice: what it was and will be, the part to keep, the progress, and what was done.

use std::path::Path;

use egui::{CornerRadius, DragValue, Frame, Label, Margin, Ui};

use crate::app::action::Action;
use crate::app::action::command::{Command, Commands};
use crate::app::state::entry::SourceSlot;
use crate::app::state::fit::{
    Finished, FitCommand, Open, crop, facts, facts_after, is_offered, length_ms, part, probed, undecoded,
};
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, radius, size, space, text};
use crate::app::widgets::button::{Face, Look, action_as_ui, button_ui};
use crate::app::widgets::segments::segments_ui;
use crate::app::widgets::verdict::marked_ui;
use crate::app::widgets::waiting::{MARK_AFTER_MS, waiting_ui};
use crate::media::fit::{Probed, plan};
use crate::model::fit::{FitWish, PictureSize};

/// Width of the names before the values, in points.
const NAME_PX: f32 = 34.0;

/// Draws the button, what it opened, the progress of the work, or what was done.
pub fn fit_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, slot: SourceSlot) {
    let state = &view.shell.fit;
    let action = match slot {
        SourceSlot::Clip => Action::FitClip,
        SourceSlot::Voice => Action::FitVoice,
    };
    if let Some(running) = state.running.as_ref().filter(|running| running.slot == slot) {
        let words = format!("Making it fit · {} %", running.done.percent());
        // At once: a person has just pressed the button.
        let waited_ms = (view.now_ms - running.since_ms).max(MARK_AFTER_MS);
        waiting_ui(ui, view, commands, &words, waited_ms, Some(Action::StopFitting));
        return;
    }
    let Some((file, probed)) = probed(view, slot).filter(|_| !is_another(view, slot)) else { return };
    if let Some(why) = undecoded(&probed) {
        return undecoded_ui(ui, view, commands, &why);
    }
    if let Some(open) = state.open.as_ref().filter(|open| open.slot == slot && open.file == file) {
        open_ui(ui, view, commands, open, &probed);
    } else if let Some(finished) = state.finished(slot, Some(&file)) {
        finished_ui(ui, commands, slot, finished);
    } else if is_offered(view, slot) {
        let face = Face::new(action.info().label, Some(action.info().icon));
        action_as_ui(ui, view, commands, action, Look::Soft, &face).accessible_name(action.info().title);
    }
}

/// Whether the file is a copy of something else than what is sent: what is wrong with it need not be cured.
fn is_another(view: &View<'_>, slot: SourceSlot) -> bool {
    match slot {
        SourceSlot::Clip => view.flow.desk.clip_copy_is.is_another(),
        SourceSlot::Voice => view.flow.desk.voice_copy_is.is_another(),
    }
}

/// Nothing here can do anything about the clip: why, and what can.
fn undecoded_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, why: &str) {
    ui.add(Label::new(text::caption(Palette::of(ui), why)).wrap());
    let face = Face::new(Action::CopyConversion.info().label, Some(Icon::Copy));
    action_as_ui(ui, view, commands, Action::CopyConversion, Look::Soft, &face);
}

fn open_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, open: &Open, probed: &Probed) {
    let palette = Palette::of(ui);
    let card = Frame::new().fill(palette.field).corner_radius(CornerRadius::same(radius::POPUP));
    card.inner_margin(Margin::same(10)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = space::TIGHT;
        let plan = plan(probed, open.wish);
        named_ui(ui, "Now", &facts(probed));
        if let Ok(plan) = &plan {
            named_ui(ui, "Then", &facts_after(plan));
        }
        ui.add_space(space::TIGHT);
        part_ui(ui, view, commands, open, probed);
        let mut obstacle = None;
        match &plan {
            Ok(plan) => {
                for cure in plan.cures() {
                    let words = format!("{}: {}", cure.wrong, crate::app::words::in_sentence(&cure.done));
                    marked_ui(ui, (Icon::Sparkles, palette.accent_text, "Is done"), text::caption(palette, words));
                }
                if plan.cures().is_empty() {
                    ui.label(text::caption(palette, "Nothing is wrong with it: choose a part of it or another size"));
                    obstacle = Some("There is nothing to do");
                }
            }
            Err(err) => {
                ui.add(Label::new(text::caption(palette, err.to_string()).color(palette.bad)).wrap());
                obstacle = Some("Choose another part first");
            }
        }
        ui.add_space(space::TIGHT);
        ui.horizontal(|ui| {
            // On the card a button needs more than the card's own colour.
            ui.visuals_mut().widgets.inactive.weak_bg_fill = palette.raised_press;
            let face = Face::new("Make the fitted copy", Some(Icon::Sparkles));
            let tooltip = "Writes a new file and uses that; the original stays as it is";
            if button_ui(ui, Look::Soft, &face, tooltip, obstacle).clicked() {
                commands.push(Command::Fit(FitCommand::Start));
            }
            if button_ui(ui, Look::Ghost, &Face::new("Not now", None), "Closes this", None).clicked() {
                commands.push(Command::Fit(FitCommand::Close));
            }
        });
    });
}

/// Draws a name as wide as the others, in a row.
fn name_ui(ui: &mut Ui, name: &str, height: f32, align: egui::Align) {
    let palette = Palette::of(ui);
    ui.allocate_ui_with_layout(egui::vec2(NAME_PX, height), egui::Layout::left_to_right(align), |ui| {
        ui.set_min_width(NAME_PX);
        ui.label(text::caption(palette, name).color(palette.text_faint));
    });
}

fn named_ui(ui: &mut Ui, name: &str, words: &str) {
    let palette = Palette::of(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        name_ui(ui, name, 15.0, egui::Align::Min);
        ui.add(Label::new(text::caption(palette, words).color(palette.text)).wrap());
    });
}

/// The part to keep, and the size of the picture.
fn part_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, open: &Open, probed: &Probed) {
    let palette = Palette::of(ui);
    let whole_s = length_ms(probed) as f64 / 1e3;
    let (start_ms, end_ms) = part(probed, open.wish);
    let mut wish = open.wish;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        ui.spacing_mut().interact_size.y = size::BUTTON_INLINE;
        name_ui(ui, "Part", size::BUTTON_INLINE, egui::Align::Center);
        for (name, shown_ms, of_wish) in
            [("Start of the part", start_ms, &mut wish.start_ms), ("End of the part", end_ms, &mut wish.end_ms)]
        {
            let mut seconds = shown_ms as f64 / 1e3;
            let drag = DragValue::new(&mut seconds).range(0.0..=whole_s).speed(0.05).fixed_decimals(2).suffix(" s");
            let response = ui.add(drag).on_hover_text("Drag, or press it and type seconds");
            if response.accessible_name(name).changed() {
                *of_wish = Some(((seconds * 1e3).round() as i64).min(length_ms(probed)));
            }
            if name.starts_with("Start") {
                ui.label(text::caption(palette, "to"));
            }
        }
        if matches!(probed, Probed::Clip(_)) {
            let here = view.shell.player.playhead_ms();
            let from = Face::icon("Start the part at the playhead", Icon::SkipBack);
            if button_ui(ui, Look::Inline, &from, "The part that is kept starts at the playhead", None).clicked() {
                wish.start_ms = Some(here);
                wish.end_ms = wish.end_ms.filter(|end_ms| *end_ms > here);
            }
            let to = Face::icon("End the part at the playhead", Icon::SkipForward);
            if button_ui(ui, Look::Inline, &to, "The part that is kept ends at the playhead", None).clicked() {
                wish.end_ms = Some(here);
            }
        }
    });
    match probed {
        Probed::Clip(_) => {
            let options = [
                (None, "As it fits", None),
                (Some(PictureSize::P720), "720p", None),
                (Some(PictureSize::P1080), "1080p", None),
            ];
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = space::TIGHT;
                name_ui(ui, "Size", size::BUTTON, egui::Align::Center);
                if let Some(chosen) = segments_ui(ui, "Size", wish.size, &options) {
                    wish.size = chosen;
                }
            });
        }
        Probed::Voice(_) => {
            if let Some((from_ms, to_ms)) = crop(view) {
                let tooltip = "Keeps what is heard of the voice as it is placed, and nothing else";
                if button_ui(ui, Look::Inline, &Face::new("Send the crop alone", None), tooltip, None).clicked() {
                    wish = FitWish { start_ms: Some(from_ms), end_ms: Some(to_ms), ..wish };
                }
            }
        }
    }
    if wish != open.wish {
        commands.push(Command::Fit(FitCommand::Wish(wish)));
    }
}

/// What was done to the file that is in use.
fn finished_ui(ui: &mut Ui, commands: &mut Commands, slot: SourceSlot, finished: &Finished) {
    let palette = Palette::of(ui);
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let pictures = if finished.copied { "; its pictures are copied" } else { "" };
    let words = format!("Made to fit from {}, which was {}{pictures}", name(&finished.original), finished.was);
    let done: Vec<String> = finished.cures.iter().map(|cure| format!("{}: {}", cure.wrong, cure.done)).collect();
    let mark = (Icon::CircleCheck, palette.good, "Done");
    marked_ui(ui, mark, text::caption(palette, words)).on_hover_text(done.join("\n"));
    let original = button_ui(ui, Look::Inline, &Face::new("Use the original", None), "The fitted copy stays", None);
    let name = match slot {
        SourceSlot::Clip => "Use the original clip",
        SourceSlot::Voice => "Use the original voice",
    };
    if original.accessible_name(name).clicked() {
        commands.push(Command::Fit(FitCommand::UseOriginal(slot)));
    }
}
