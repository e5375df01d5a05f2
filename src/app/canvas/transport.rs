//! Under the picture: start, frame back, play, frame forward, the moment, and which of clip and result is shown.

use egui::{Align, Layout, Ui};

use crate::app::action::Action;
use crate::app::command::{Command, Wishes};
use crate::app::player::Shown;
use crate::app::theme::{Icon, Palette, space, text};
use crate::app::view::View;
use crate::app::widgets::button::{Face, Look, action_as_ui, action_icon_ui};
use crate::app::widgets::segments::segments_ui;
use crate::app::widgets::slider::slider_ui;
use crate::model::interval::clock_text;

/// Draws the row.
pub fn transport_ui(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    let palette = Palette::of(ui);
    let player = &view.shell.player;
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        action_icon_ui(ui, view, wishes, Action::ToStart, Look::Ghost);
        action_icon_ui(ui, view, wishes, Action::FrameBack, Look::Ghost);
        let face = if player.is_playing() {
            Face::icon("Pause the picture", Icon::Pause)
        } else {
            Face::icon("Play the picture", Icon::Play)
        };
        action_as_ui(ui, view, wishes, Action::PlayPause, Look::Ghost, &face);
        action_icon_ui(ui, view, wishes, Action::FrameForward, Look::Ghost);
        ui.add_space(space::ITEM);
        let total = player.duration_ms();
        let moment = format!("{} / {}", clock_text(player.playhead_ms()), clock_text(total));
        ui.label(text::mono(moment).color(palette.text_dim));
        ui.add_space(space::ITEM);
        ui.label(text::caption(palette, "without sound").color(palette.text_faint)).on_hover_text(
            "The picture plays without sound here; Open plays the result with it, in the system's player",
        );
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let no_result = (!player.has_source(Shown::Result)).then_some("There is no result yet");
            let no_clip = (!player.has_source(Shown::Clip)).then_some("The clip is not on this machine");
            let no_draft = (!player.has_source(Shown::Draft)).then(|| draft_obstacle(view));
            let options = [
                (Shown::Clip, "Clip", no_clip),
                (Shown::Draft, "Draft", no_draft),
                (Shown::Result, "Result", no_result),
            ];
            if let Some(shown) = segments_ui(ui, "Show", player.shown(), &options) {
                wishes.push(Command::Show(shown));
            }
            ui.add_space(space::ITEM);
            let mut at_ms = player.playhead_ms();
            let width = ui.available_width() - space::GROUP;
            let has_picture = player.has_picture();
            let response = slider_ui(ui, "Moment in milliseconds", &mut at_ms, 0..=total.max(1), width, has_picture);
            if response.changed() {
                wishes.push(Command::Seek(at_ms * 1000));
            }
        });
    });
}

/// Why there is no draft.
fn draft_obstacle(view: &View<'_>) -> &'static str {
    if !view.shell.player.has_source(Shown::Clip) {
        "The clip is not on this machine"
    } else if view.choosing().is_some_and(|choosing| choosing.placement.is_some()) {
        "The draft is not ready yet"
    } else {
        "Choose a face and a voice first: the draft shows them together"
    }
}
