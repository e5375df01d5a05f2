//! The sound of a result: the clip's own, and the cropped voice where it is inserted.

use super::{CHANNELS, Sound, frame_at_ms};
use crate::model::Placement;

/// Length of the ramp at a cut within the voice: no click, and no consonant lost.
const RAMP_MS: i64 = 5;

/// Mixes a clip's own sound, over all of it, with `voice[sound_start_time..sound_end_time]` at `sound_insert_time`.
///
/// Each at its volume (1 where the placement leaves it out). The result is `duration_ms` long and within -1 to 1.
/// Where the crop cuts into the voice, it is faded over 5 ms; where it begins or ends with the voice itself, it is not.
#[must_use]
pub fn mix(original: Option<&Sound>, voice: &Sound, placement: &Placement, duration_ms: i64) -> Sound {
    let mut mixed = Sound::silence(duration_ms);
    let frames = mixed.frames();
    if let Some(original) = original {
        let volume = volume(placement.original_audio_volume);
        for (to, from) in mixed.samples.iter_mut().zip(&original.samples) {
            *to = from * volume;
        }
    }
    let volume = volume(placement.sound_volume);
    let start = frame_at_ms(placement.sound_start_time);
    let end = frame_at_ms(placement.sound_end_time).min(voice.frames());
    let insert = frame_at_ms(placement.sound_insert_time);
    let crop = start..end.max(start);
    let count = crop.len().min(frames.saturating_sub(insert));
    let ramp = frame_at_ms(RAMP_MS);
    let (cut_in, cut_out) = (start > 0, end < voice.frames());
    let from = voice.samples.get(crop.start * CHANNELS..).unwrap_or_default().chunks_exact(CHANNELS);
    let to = mixed.samples.get_mut(insert * CHANNELS..).unwrap_or_default().chunks_exact_mut(CHANNELS);
    for (at, (to, from)) in to.zip(from).take(count).enumerate() {
        let rising = if cut_in && at < ramp { (at as f32 + 0.5) / ramp as f32 } else { 1.0 };
        let left = crop.len() - at;
        let falling = if cut_out && left <= ramp { (left as f32 - 0.5) / ramp as f32 } else { 1.0 };
        let gain = volume * rising.min(falling);
        for (to, from) in to.iter_mut().zip(from) {
            *to += from * gain;
        }
    }
    for sample in &mut mixed.samples {
        *sample = sample.clamp(-1.0, 1.0);
    }
    mixed
}

/// A volume as the contract has it, 0 to 2, 1 by default (R7).
fn volume(asked: Option<f64>) -> f32 {
    let asked = asked.unwrap_or(1.0);
    if asked.is_finite() { asked.clamp(0.0, crate::model::placement::MAX_VOLUME) as f32 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)] // silence and copies are exact

    use super::*;

    fn placed(s: i64, e: i64, i: i64, voice: f64, own: f64) -> Placement {
        Placement {
            sound_start_time: s,
            sound_end_time: e,
            sound_insert_time: i,
            sound_volume: Some(voice),
            original_audio_volume: Some(own),
        }
    }

    fn constant(ms: i64, value: f32) -> Sound {
        Sound::new(vec![value; frame_at_ms(ms) * CHANNELS])
    }

    fn at(sound: &Sound, ms: i64) -> f32 {
        sound.samples()[frame_at_ms(ms) * CHANNELS]
    }

    #[test]
    fn the_crop_sounds_where_it_is_inserted_and_nowhere_else() {
        let (own, voice) = (constant(100, 0.1), constant(80, 0.5));
        let mixed = mix(Some(&own), &voice, &placed(20, 60, 30, 1.0, 2.0), 100);
        assert_eq!(mixed.duration_ms(), 100);
        for (ms, expected) in [(0, 0.2), (29, 0.2), (50, 0.7), (64, 0.7), (70, 0.2), (99, 0.2)] {
            assert!((at(&mixed, ms) - expected).abs() < 1e-6, "{ms} ms: {}", at(&mixed, ms));
        }
        // Within the ramps it is in between.
        for ms in [32, 67] {
            assert!(at(&mixed, ms) > 0.25 && at(&mixed, ms) < 0.65, "{ms} ms: {}", at(&mixed, ms));
        }
    }

    #[test]
    fn a_whole_voice_is_not_faded_and_nothing_gets_louder_than_one() {
        let mixed = mix(Some(&constant(50, 0.9)), &constant(40, 0.9), &placed(0, 40, 0, 2.0, 1.0), 50);
        assert_eq!((at(&mixed, 0), at(&mixed, 39)), (1.0, 1.0));
        assert!((at(&mixed, 45) - 0.9).abs() < 1e-6);
    }

    #[test]
    fn what_reaches_behind_the_end_is_cut_and_nonsense_is_silent() {
        let voice = constant(40, 0.5);
        assert_eq!(mix(None, &voice, &placed(0, 40, 30, 1.0, 1.0), 50).frames(), 2400);
        for nonsense in [placed(40, 20, 0, 1.0, 1.0), placed(0, 40, 60, 1.0, 1.0), placed(90, 95, 0, 1.0, 1.0)] {
            assert!(mix(None, &voice, &nonsense, 50).samples().iter().all(|s| *s == 0.0), "{nonsense:?}");
        }
        assert_eq!(mix(None, &voice, &placed(0, 40, 0, f64::NAN, 1.0), -5).frames(), 0);
    }
}
