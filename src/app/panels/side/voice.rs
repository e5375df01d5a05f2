//! The voice's section: source, properties, and the volumes of the voice and of the clip's own sound.

use egui::Ui;

use super::copy::copy_ui;
use super::fit::fit_ui;
use super::source;
use crate::app::action::command::{Command, Commands};
use crate::app::action::{self, Action};
use crate::app::state::entry::{EntryKind, SourceSlot};
use crate::app::state::listening::asks_about_clip;
use crate::app::state::placed;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, space, text};
use crate::app::widgets::button::{Face, Look, action_ui, button_ui};
use crate::app::widgets::section::section_ui;
use crate::app::widgets::slider::slider_ui;
use crate::app::widgets::verdict::verdicts_ui;
use crate::app::widgets::waiting::{MARK_AFTER_MS, waiting_ui};
use crate::app::words;
use crate::model::RuleReport;
use crate::model::placement::{MAX_VOLUME, check_length};
use crate::workflow::Probe;

/// Draws the section.
pub fn voice_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let shell = view.shell;
    let desk = &view.flow.desk;
    let mut kind_commands = Commands::default();
    section_ui(
        ui,
        "Voice",
        |ui| {
            ui.add_enabled_ui(view.flow.busy_with().is_none(), |ui| {
                source::kind_ui(ui, &mut kind_commands, SourceSlot::Voice, &shell.voice_entry);
            });
        },
        |ui| {
            ui.add_enabled_ui(view.flow.busy_with().is_none(), |ui| {
                source::entry_ui(ui, view, commands, SourceSlot::Voice, &shell.voice_entry);
            });
            // What is spoken is a voice by its id.
            if view.profile().speaks() && shell.voice_entry.kind == EntryKind::Id {
                action_ui(ui, view, commands, Action::OpenSpeech, Look::Inline);
            }
            copy_ui(ui, view, commands, SourceSlot::Voice);
            match &desk.voice_probe {
                Probe::Known(voice) => {
                    let sent = desk.known_voice();
                    let facts = match sent.filter(|_| desk.voice_copy_is.is_another()) {
                        Some(there) => format!("At the address: {}", words::voice_facts(there)),
                        None if desk.voice_copy_is.is_another() => format!("Your copy: {}", words::voice_facts(voice)),
                        None => words::voice_facts(voice),
                    };
                    ui.label(text::caption(palette, facts));
                    let length =
                        sent.map(|voice| RuleReport::new("R3", "2 s to 60 s", check_length(Some(voice.duration_ms))));
                    let rules: Vec<_> = desk.voice_rules.iter().cloned().chain(length).collect();
                    verdicts_ui(ui, &rules);
                    fit_ui(ui, view, commands, SourceSlot::Voice);
                    as_wav_ui(ui, view, commands);
                }
                Probe::Running(job) => {
                    let waited_ms = shell.since.waited_ms(*job, view.now_ms);
                    waiting_ui(ui, view, commands, "Reading the voice", waited_ms, Some(Action::CancelReadingVoice));
                }
                Probe::Failed(problem) => {
                    ui.label(text::caption(palette, words::sentence(&problem.message)).color(palette.bad));
                }
                Probe::None if shell.voice_entry.kind == EntryKind::File => {
                    ui.label(text::caption(palette, "MP3, WAV, M4A or AAC, at most 5 MB, 2 s to 60 s"));
                }
                Probe::None => {}
            }
            let obstacle = placed::sent_obstacle(view.flow);
            let (of_voice, of_clip) = match placed::placement(view.flow).filter(|_| obstacle.is_some()) {
                Some(sent) => (sent.sound_volume, sent.original_audio_volume),
                None => (desk.sound_volume, desk.original_audio_volume),
            };
            own_sound_ui(ui, view, commands);
            ui.spacing_mut().item_spacing.y = space::TIGHT;
            let sound_volume = volume_ui(ui, "Voice volume", of_voice, obstacle);
            let original = volume_ui(ui, "Original volume", of_clip, obstacle);
            if sound_volume.is_some() || original.is_some() {
                commands.push(Command::SetVolumes {
                    sound_volume: sound_volume.or(desk.sound_volume),
                    original_audio_volume: original.or(desk.original_audio_volume),
                });
            }
        },
    );
    for command in kind_commands.into_commands() {
        commands.push(command);
    }
}

/// Announces that the clip has sound of its own, which stays under the voice unless it is muted.
fn own_sound_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    if !asks_about_clip(view) {
        return;
    }
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        ui.add(Icon::Volume.image_of(14.0).tint(palette.warn).alt_text("Note"));
        ui.label(text::caption(palette, "This clip has sound of its own: mute it?").color(palette.text));
    });
    // In a line of their own: beside the question they are wider than the panel, and would make all of it wider.
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        let sound_volume = view.flow.desk.sound_volume;
        for (label, name, tooltip, volume) in [
            ("Mute it", "Mute the clip's own sound", "Only the voice is in the result", 0.0),
            ("Keep it", "Keep the clip's own sound", "It stays under the voice, as loud as it is", 1.0),
        ] {
            let answer = button_ui(ui, Look::Inline, &Face::new(label, None), tooltip, None);
            if answer.accessible_name(name).clicked() {
                commands.push(Command::SetVolumes { sound_volume, original_audio_volume: Some(volume) });
            }
        }
    });
}

/// Offers to convert the voice to WAV where its format is not accepted, or was refused.
fn as_wav_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let desk = &view.flow.desk;
    if !action::wants_wav(view) {
        return;
    }
    match desk.voice_as_wav.job().map(|job| view.shell.since.waited_ms(job, view.now_ms)) {
        Some(waited_ms) if waited_ms >= MARK_AFTER_MS => {
            waiting_ui(ui, view, commands, "Writing the WAV", waited_ms, Some(Action::CancelVoiceAsWav));
        }
        _ => {
            action_ui(ui, view, commands, Action::SendVoiceAsWav, Look::Inline);
        }
    }
    if let Some(problem) = desk.voice_as_wav.problem() {
        let palette = Palette::of(ui);
        ui.label(text::caption(palette, &problem.message).color(palette.bad));
    }
}

/// Width of a volume's name, so that the sliders are aligned.
const NAME_PX: f32 = 102.0;
/// Width of a volume's number.
const NUMBER_PX: f32 = 34.0;

/// Draws one volume; returns the new value, rounded to hundredths, where it changed. An obstacle makes it read-only.
fn volume_ui(ui: &mut Ui, name: &str, volume: Option<f64>, obstacle: Option<&str>) -> Option<f64> {
    let palette = Palette::of(ui);
    let mut value = volume.unwrap_or(1.0);
    ui.spacing_mut().interact_size.y = 20.0;
    let moved = ui
        .horizontal(|ui| {
            ui.add(Icon::Volume.image_of(14.0).tint(palette.icon).alt_text(""));
            let row = egui::Layout::left_to_right(egui::Align::Center);
            ui.allocate_ui_with_layout(egui::vec2(NAME_PX, 20.0), row, |ui| {
                ui.set_min_width(NAME_PX);
                ui.label(text::dim(palette, name));
            });
            let width = ui.available_width() - NUMBER_PX - space::ITEM;
            let (response, moved) = slider_ui(ui, name, &mut value, 0.0..=MAX_VOLUME, width, obstacle.is_none());
            if let Some(why) = obstacle {
                response.on_disabled_hover_text(why);
            }
            ui.label(text::mono(format!("{value:.2}")).color(palette.text_dim));
            moved
        })
        .inner;
    moved.then(|| (value * 100.0).round() / 100.0)
}
