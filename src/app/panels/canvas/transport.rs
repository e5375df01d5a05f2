//! The controls under the picture: position, player buttons, volume, and the switch between clip, draft and result.

use egui::{Align, Layout, Ui, vec2};

use crate::app::action::Action;
use crate::app::action::command::{Command, Commands};
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, size, space, text};
use crate::app::widgets::button::{Face, Look, action_as_ui, action_icon_ui};
use crate::app::widgets::scrubber::{Moved, Scrubber, scrubber_ui};
use crate::app::widgets::segments::{segments_ui, segments_width_px};
use crate::app::widgets::slider::slider_ui;
use crate::app::widgets::toggle::toggle_ui;
use crate::model::interval::clock_text;
use crate::playback::player::Shown;

/// Width of the volume slider, and in a short row.
const VOLUME_PX: f32 = 64.0;
const VOLUME_NARROW_PX: f32 = 44.0;
/// Width of the two times; fixed, so that their digits move nothing.
const MOMENT_PX: f32 = 134.0;
/// Width of the single time of a short row, beside an open inspector.
const MOMENT_SHORT_PX: f32 = 66.0;
/// With less room than this only the icon of the note about the sound is shown; its width.
const WORDS_PX: f32 = 90.0;
const WARNING_PX: f32 = 14.0;
/// Gap between two controls.
const GAP_PX: f32 = 2.0;
/// The buttons that are always shown: play, and a frame back and forward.
const KEYS: f32 = 3.0;

/// Draws both rows.
pub fn transport_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let player = &view.shell.player;
    ui.spacing_mut().item_spacing.y = 0.0;
    let scrubber = Scrubber {
        at_ms: player.playhead_ms(),
        length_ms: player.length_ms(),
        lap: player.is_looping().then(|| player.loop_range()),
        frame_ms: player.frame_ms(),
        enabled: player.has_picture(),
    };
    match scrubber_ui(ui, "Position", &scrubber) {
        Some(Moved::To(at_ms)) => commands.push(Command::Seek(at_ms * 1000)),
        Some(Moved::Frames(frames)) => commands.push(Command::StepFrames(frames)),
        None => {}
    }
    let row = vec2(ui.available_width(), ui.available_height());
    ui.allocate_ui_with_layout(row, Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = GAP_PX;
        let parts = Parts::in_room(
            row.x,
            segments_width_px(ui, &sources(view).iter().map(|(_, label)| *label).collect::<Vec<_>>()),
            player.silence().is_some(),
        );
        keys_ui(ui, view, commands, &parts);
        if parts.moment {
            ui.add_space(space::ITEM);
            moment_ui(ui, view, parts.length);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = GAP_PX;
            sources_ui(ui, view, commands);
            if parts.beside {
                ui.add_space(space::TIGHT);
                toggle_ui(ui, view, commands, Action::ToggleBeside, player.is_beside(), None);
            }
            ui.add_space(space::TIGHT);
            volume_ui(ui, view, commands, parts.volume_px);
            ui.add_space(space::TIGHT);
            silence_ui(ui, view);
        });
    });
}

/// Which optional controls there is room for. Those that are left out have shortcuts, and are in the palette.
#[expect(clippy::struct_excessive_bools, reason = "each is a part of its own")]
struct Parts {
    /// The length, behind the position.
    length: bool,
    /// Width of the volume slider, where it is shown.
    volume_px: Option<f32>,
    /// To the start and to the end.
    ends: bool,
    /// Clip and result side by side.
    beside: bool,
    /// The position, which the scrubber above shows, too.
    moment: bool,
    /// The loop.
    looping: bool,
}

impl Parts {
    /// Leaves out controls until the rest fits, the least needed first.
    fn in_room(room_px: f32, sources_px: f32, is_silent: bool) -> Self {
        let mut parts =
            Self { length: true, volume_px: Some(VOLUME_PX), ends: true, beside: true, moment: true, looping: true };
        let drops: [fn(&mut Self); 7] = [
            |parts| parts.length = false,
            |parts| parts.volume_px = Some(VOLUME_NARROW_PX),
            |parts| parts.volume_px = None,
            |parts| parts.ends = false,
            |parts| parts.beside = false,
            |parts| parts.looping = false,
            |parts| parts.moment = false,
        ];
        for drop in drops {
            if parts.width_px(sources_px, is_silent) <= room_px {
                break;
            }
            drop(&mut parts);
        }
        parts
    }

    /// The total width.
    fn width_px(&self, sources_px: f32, is_silent: bool) -> f32 {
        let part = |is_there: bool, width_px: f32| if is_there { width_px } else { 0.0 };
        let button = size::BUTTON + GAP_PX;
        let moment = if self.length { MOMENT_PX } else { MOMENT_SHORT_PX };
        // Each gap is followed by the layout's own spacing.
        let space = space::TIGHT + GAP_PX;
        let left = KEYS * button + part(self.ends, 2.0 * button) + part(self.looping, button);
        let middle = part(self.moment, space::ITEM + GAP_PX + moment + GAP_PX);
        let volume = self.volume_px.map_or(0.0, |width_px| width_px + GAP_PX);
        let right = sources_px + GAP_PX + part(self.beside, space + button) + space + volume + button;
        left + middle + right + part(is_silent, space + WARNING_PX + space::ITEM)
    }
}

fn keys_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, parts: &Parts) {
    let player = &view.shell.player;
    if parts.ends {
        action_icon_ui(ui, view, commands, Action::ToStart, Look::Ghost);
    }
    action_icon_ui(ui, view, commands, Action::FrameBack, Look::Ghost);
    let face = if player.is_playing() {
        Face::icon("Pause the picture", Icon::Pause)
    } else {
        Face::icon("Play the picture", Icon::Play)
    };
    action_as_ui(ui, view, commands, Action::PlayPause, Look::Soft, &face);
    action_icon_ui(ui, view, commands, Action::FrameForward, Look::Ghost);
    if parts.ends {
        action_icon_ui(ui, view, commands, Action::ToEnd, Look::Ghost);
    }
    if parts.looping {
        toggle_ui(ui, view, commands, Action::ToggleLoop, player.is_looping(), None);
    }
}

fn moment_ui(ui: &mut Ui, view: &View<'_>, with_length: bool) {
    let palette = Palette::of(ui);
    let player = &view.shell.player;
    let row = Layout::left_to_right(Align::Center);
    let width = if with_length { MOMENT_PX } else { MOMENT_SHORT_PX };
    ui.allocate_ui_with_layout(vec2(width, size::BUTTON), row, |ui| {
        ui.set_min_width(width);
        ui.spacing_mut().item_spacing.x = 0.0;
        let moment = ui.label(text::mono(clock_text(player.playhead_ms())));
        if !with_length {
            moment.on_hover_text(format!("Of {}", clock_text(player.length_ms())));
            return;
        }
        ui.label(text::mono(format!(" / {}", clock_text(player.length_ms()))).color(palette.text_dim));
    });
}

/// The options of the switch; with another take, both are named, in the order in which they are side by side.
fn sources<'a>(view: &View<'a>) -> Vec<(Shown, &'a str)> {
    let takes = &view.shell.takes;
    let mut sources = vec![(Shown::Clip, "Clip"), (Shown::Draft, "Draft")];
    if view.shell.player.has_source(Shown::Other) {
        sources.push((Shown::Other, takes.other_name()));
        sources.push((Shown::Result, takes.shown_name().unwrap_or("Result")));
    } else {
        sources.push((Shown::Result, "Result"));
    }
    sources
}

fn sources_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let player = &view.shell.player;
    let no_result = (!player.has_source(Shown::Result)).then_some("There is no result yet");
    let no_draft = view.draft_obstacle();
    let no_clip = (!player.has_source(Shown::Clip)).then_some("The clip is not on this machine");
    let options: Vec<(Shown, &str, Option<&str>)> = sources(view)
        .into_iter()
        .map(|(shown, label)| {
            let obstacle = match shown {
                Shown::Clip => no_clip,
                Shown::Draft => no_draft.as_deref(),
                Shown::Result => no_result,
                Shown::Other => None,
            };
            (shown, label, obstacle)
        })
        .collect();
    if let Some(shown) = segments_ui(ui, "Show", player.shown(), &options) {
        commands.push(Command::Show(shown));
    }
}

/// Draws from the right: the slider, and left of it the mute button.
fn volume_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, width_px: Option<f32>) {
    let player = &view.shell.player;
    let silent = player.is_muted() || player.volume() == 0.0;
    let mut volume = if player.is_muted() { 0.0 } else { player.volume() };
    if let Some(width_px) = width_px {
        let (response, moved) = slider_ui(ui, "Volume", &mut volume, 0.0..=1.0, width_px, true);
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(format!("{:.0} %", volume * 100.0)));
        if moved {
            commands.push(Command::SetPlayerVolume(volume));
        }
        response.on_hover_text(match player.has_sound() {
            Some(false) if player.has_picture() => "There is no sound in what is shown".to_owned(),
            _ => format!("Volume of the player: {:.0} %", volume * 100.0),
        });
    }
    let icon = match volume {
        _ if silent => Icon::VolumeOff,
        volume if volume < 0.5 => Icon::VolumeLow,
        _ => Icon::Volume,
    };
    toggle_ui(ui, view, commands, Action::ToggleMute, player.is_muted(), Some(icon));
}

/// Why nothing is heard, where that is not intended.
fn silence_ui(ui: &mut Ui, view: &View<'_>) {
    let palette = Palette::of(ui);
    let Some(silence) = view.shell.player.silence() else { return };
    let room = ui.available_width() - space::ITEM;
    let icon = Icon::TriangleAlert.image_of(WARNING_PX).tint(palette.warn).alt_text(silence.summary);
    if room < WORDS_PX {
        ui.add(icon).on_hover_text(format!("{}. {}", silence.summary, silence.reason));
        return;
    }
    let row = Layout::right_to_left(Align::Center);
    ui.allocate_ui_with_layout(vec2(room, size::BUTTON), row, |ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        let words = text::caption(palette, silence.summary).color(palette.warn);
        let width = ui.available_width() - WARNING_PX - space::TIGHT;
        ui.allocate_ui_with_layout(vec2(width, size::BUTTON), Layout::right_to_left(Align::Center), |ui| {
            ui.add(egui::Label::new(words).truncate().show_tooltip_when_elided(false)).on_hover_text(&silence.reason);
        });
    });
}
