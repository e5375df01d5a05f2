//! Resampling to 48 kHz.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};

use super::{CHANNELS, RATE_HZ, Sound};
use crate::media::error::MediaError;

const STAGE: &str = "changing the sample rate";
/// Frames of a chunk.
const CHUNK: usize = 1024;

/// Resamples stereo at `rate_hz` to a [`Sound`].
pub(super) fn to_sound(samples: Vec<f32>, rate_hz: u32) -> Result<Sound, MediaError> {
    if rate_hz == RATE_HZ {
        return Ok(Sound::new(samples));
    }
    resampled(&samples, CHANNELS, rate_hz, RATE_HZ).map(Sound::new)
}

/// Resamples interleaved channels to another rate.
pub(super) fn resampled(samples: &[f32], channels: usize, from_hz: u32, to_hz: u32) -> Result<Vec<f32>, MediaError> {
    let frames = samples.len() / channels.max(1);
    if frames == 0 {
        return Ok(Vec::new());
    }
    let fail = |err: &dyn std::fmt::Display| MediaError::internal(STAGE, err.to_string());
    let mut resampler = Fft::<f32>::new(from_hz as usize, to_hz as usize, CHUNK, channels, FixedSync::Both)
        .map_err(|err| fail(&err))?;
    let input = InterleavedSlice::new(samples, channels, frames).map_err(|err| fail(&err))?;
    let output = resampler.process_all(&input, frames, None).map_err(|err| fail(&err))?;
    let mut samples = output.take_data();
    // It rounds up; the nearest keeps a whole second a whole second.
    let wanted = (frames as u128 * u128::from(to_hz) * 2 + u128::from(from_hz)) / (u128::from(from_hz) * 2);
    samples.truncate(wanted as usize * channels);
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_keeps_its_pitch_its_place_and_its_loudness() {
        let tone = |rate: f32, n: usize| (std::f32::consts::TAU * 440.0 * n as f32 / rate).sin() * 0.5;
        for rate_hz in [8_000_u32, 16_000, 22_050, 24_000, 44_100, 96_000] {
            let input: Vec<f32> = (0..rate_hz as usize).flat_map(|n| [tone(rate_hz as f32, n); 2]).collect();
            let sound = to_sound(input, rate_hz).unwrap();
            assert_eq!(sound.frames(), 48_000, "{rate_hz}");
            let middle = sound.mono();
            let worst = (4_800..43_200).map(|n| (middle[n] - tone(48_000.0, n)).abs()).fold(0.0, f32::max);
            // One sample of 48 kHz early or late is 0.029 at this pitch.
            assert!(worst < 0.04, "{rate_hz}: {worst}");
        }
    }
}
