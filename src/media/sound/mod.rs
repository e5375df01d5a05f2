//! Sound: any voice file and a clip's own track, as stereo at 48 kHz; mixing; waveforms.

mod blocks;
mod decode;
mod mix;
mod opus;
mod resample;
mod track;
mod voice;
mod wav;
mod wav_head;
mod waveform;

pub use mix::mix;
pub use track::clip_sound;
pub use voice::{load_voice, probe_voice, read_voice, shared_voice};
pub(in crate::media) use wav::write_mono_wav;
pub use wav::{voice_to_wav, write_wav};
pub use waveform::{Peak, Waveform};

/// Samples a second of every [`Sound`].
pub const RATE_HZ: u32 = 48_000;
/// Channels of every [`Sound`].
pub const CHANNELS: usize = 2;
/// Frames of a millisecond.
const FRAMES_PER_MS: i64 = RATE_HZ as i64 / 1000;
/// Longest sound that is held in memory: ten minutes are 230 MB.
const MOST_SECONDS: u64 = 600;

/// Stereo at 48 kHz, interleaved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sound {
    samples: Vec<f32>,
}

impl Sound {
    /// A sound of these interleaved samples. An incomplete frame at the end is dropped.
    #[must_use]
    pub fn new(mut samples: Vec<f32>) -> Self {
        samples.truncate(samples.len() / CHANNELS * CHANNELS);
        Self { samples }
    }

    /// Silence of `duration_ms` milliseconds.
    #[must_use]
    pub fn silence(duration_ms: i64) -> Self {
        Self { samples: vec![0.0; frame_at_ms(duration_ms) * CHANNELS] }
    }

    /// The samples, interleaved.
    #[must_use]
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// Number of frames (pairs of left and right).
    #[must_use]
    pub fn frames(&self) -> usize {
        self.samples.len() / CHANNELS
    }

    /// Length in milliseconds, to the nearest.
    #[must_use]
    pub fn duration_ms(&self) -> i64 {
        (self.frames() as i64 + FRAMES_PER_MS / 2) / FRAMES_PER_MS
    }

    /// A part of it; shorter where the sound ends before. In microseconds.
    #[must_use]
    pub fn part(&self, from_us: i64, length_us: i64) -> Self {
        let frame_at = |at_us: i64| {
            let frame = (i128::from(at_us) * i128::from(RATE_HZ) + 500_000).div_euclid(1_000_000);
            usize::try_from(frame).unwrap_or(0).min(self.frames())
        };
        let (from, to) = (frame_at(from_us), frame_at(from_us.saturating_add(length_us)));
        let part = self.samples.get(from * CHANNELS..to * CHANNELS).unwrap_or_default();
        Self { samples: part.to_vec() }
    }

    /// The mean of left and right.
    #[must_use]
    pub fn mono(&self) -> Vec<f32> {
        self.samples.as_chunks::<CHANNELS>().0.iter().map(|[left, right]| left.midpoint(*right)).collect()
    }

    /// Whether left and right are the same throughout.
    #[must_use]
    pub fn is_mono(&self) -> bool {
        self.samples.as_chunks::<CHANNELS>().0.iter().all(|[left, right]| left.to_bits() == right.to_bits())
    }
}

/// The frame at a time in milliseconds; 0 for times before the beginning.
fn frame_at_ms(at_ms: i64) -> usize {
    usize::try_from(at_ms.saturating_mul(FRAMES_PER_MS)).unwrap_or(0)
}
