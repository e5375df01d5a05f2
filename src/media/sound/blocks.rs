//! What decoders give, gathered as stereo at the file's own rate.

use super::{CHANNELS, MOST_SECONDS};
use crate::media::error::MediaError;

/// Where a channel's loudspeaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Left,
    Right,
    /// In the middle: heard from both sides.
    Center,
    /// Behind or beside.
    SurroundLeft,
    SurroundRight,
    /// Bass, and what has no place: left out where there is anything else.
    Elsewhere,
}

/// -3 dB.
const SOFTER: f32 = std::f32::consts::FRAC_1_SQRT_2;

impl Place {
    const fn weights(self) -> [f32; CHANNELS] {
        match self {
            Self::Left => [1.0, 0.0],
            Self::Right => [0.0, 1.0],
            Self::Center => [SOFTER, SOFTER],
            Self::SurroundLeft => [SOFTER, 0.0],
            Self::SurroundRight => [0.0, SOFTER],
            Self::Elsewhere => [0.0, 0.0],
        }
    }
}

/// How many channels become two.
pub(super) struct Downmix {
    weights: Vec<[f32; CHANNELS]>,
}

impl Downmix {
    pub(super) fn new(places: &[Place]) -> Self {
        let mut weights: Vec<[f32; CHANNELS]> = match places {
            [_] => vec![[1.0, 1.0]],
            [_, _] => vec![[1.0, 0.0], [0.0, 1.0]],
            more => more.iter().map(|place| place.weights()).collect(),
        };
        for side in 0..CHANNELS {
            let sum: f32 = weights.iter().map(|w| w[side]).sum();
            if sum > 1.0 && places.len() > 2 {
                // Never louder than the loudest of the channels could be.
                for weight in &mut weights {
                    weight[side] /= sum;
                }
            }
        }
        Self { weights }
    }

    fn channels(&self) -> usize {
        self.weights.len()
    }

    fn mix(&self, frame: &[f32]) -> [f32; CHANNELS] {
        let mut out = [0.0; CHANNELS];
        for (sample, weights) in frame.iter().zip(&self.weights) {
            for (sum, weight) in out.iter_mut().zip(weights) {
                *sum += sample * weight;
            }
        }
        out
    }
}

/// Takes the decoded blocks of a file: keeps them as stereo, or only counts.
pub(super) struct Gathered {
    keep: bool,
    downmix: Option<Downmix>,
    /// Stereo at `rate_hz`.
    pub(super) samples: Vec<f32>,
    /// Samples a second of the file; 0 before the first block.
    pub(super) rate_hz: u32,
    /// Channels of the file.
    pub(super) channels: u32,
    /// Frames seen.
    pub(super) frames: u64,
    /// Blocks that could not be decoded.
    pub(super) damaged: usize,
}

impl Gathered {
    pub(super) const fn new(keep: bool) -> Self {
        Self { keep, downmix: None, samples: Vec::new(), rate_hz: 0, channels: 0, frames: 0, damaged: 0 }
    }

    /// Takes a block: all channels in turn.
    pub(super) fn push(&mut self, rate_hz: u32, places: &[Place], block: &[f32]) -> Result<(), MediaError> {
        if places.is_empty() || rate_hz == 0 || block.is_empty() {
            return Ok(());
        }
        if self.downmix.is_none() {
            self.rate_hz = rate_hz;
            self.channels = places.len() as u32;
            self.downmix = Some(Downmix::new(places));
        }
        let Some(downmix) = self.downmix.as_ref().filter(|d| d.channels() == places.len()) else {
            return Err(MediaError::Unsupported(
                "the number of channels changes within the sound. Convert it to WAV".to_owned(),
            ));
        };
        if rate_hz != self.rate_hz {
            return Err(MediaError::Unsupported(
                "the sample rate changes within the sound. Convert it to WAV".to_owned(),
            ));
        }
        self.frames += (block.len() / places.len()) as u64;
        if self.frames > MOST_SECONDS * u64::from(rate_hz) {
            return Err(MediaError::Limit(format!(
                "the sound is longer than {} minutes, and services take at most one. Cut it first",
                MOST_SECONDS / 60
            )));
        }
        if self.keep {
            let frames = block.chunks_exact(places.len());
            self.samples
                .extend(frames.flat_map(|frame| downmix.mix(frame)).map(|s| if s.is_finite() { s } else { 0.0 }));
        }
        Ok(())
    }

    /// A block was lost: as long a silence as the ones before it keeps the rest in its place.
    pub(super) fn push_lost(&mut self, frames: u64) {
        self.damaged += 1;
        if self.rate_hz > 0 {
            self.frames += frames;
            if self.keep {
                self.samples.resize(self.samples.len() + frames as usize * CHANNELS, 0.0);
            }
        }
    }

    /// Leaves out frames at the start and at the end.
    pub(super) fn cut(&mut self, start: u64, end: u64) {
        let (start, end) = (start.min(self.frames), end.min(self.frames.saturating_sub(start)));
        self.frames -= start + end;
        if self.keep {
            self.samples.drain(..(start as usize * CHANNELS).min(self.samples.len()));
            self.samples.truncate(self.frames as usize * CHANNELS);
        }
    }

    /// Length in milliseconds, to the nearest.
    pub(super) fn duration_ms(&self) -> i64 {
        let rate = u64::from(self.rate_hz.max(1));
        ((self.frames * 1000 + rate / 2) / rate) as i64
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)] // what is only copied or halved is exact

    use super::Place::{Center, Elsewhere, Left, Right, SurroundLeft, SurroundRight};
    use super::*;

    #[test]
    fn one_channel_is_heard_on_both_sides_and_six_never_too_loud() {
        assert_eq!(Downmix::new(&[Place::Center]).mix(&[0.5]), [0.5, 0.5]);
        assert_eq!(Downmix::new(&[Place::Left, Place::Right]).mix(&[0.5, -0.25]), [0.5, -0.25]);
        let six = Downmix::new(&[Left, Right, Center, Elsewhere, SurroundLeft, SurroundRight]);
        let loud = six.mix(&[1.0; 6]);
        assert!((loud[0] - 1.0).abs() < 1e-6 && (loud[1] - 1.0).abs() < 1e-6, "{loud:?}");
        assert_eq!(six.mix(&[0.0, 0.0, 0.0, 1.0, 0.0, 0.0]), [0.0, 0.0], "bass alone is left out");
    }

    #[test]
    fn a_lost_block_leaves_its_gap_and_a_change_of_channels_is_told() {
        let mut gathered = Gathered::new(true);
        gathered.push(48_000, &[Place::Center], &[0.1; 480]).unwrap();
        gathered.push_lost(480);
        gathered.push(48_000, &[Place::Center], &[0.1; 480]).unwrap();
        assert_eq!((gathered.duration_ms(), gathered.samples.len(), gathered.damaged), (30, 2880, 1));
        let err = gathered.push(48_000, &[Place::Left, Place::Right], &[0.0; 4]).unwrap_err();
        assert!(err.to_string().contains("channels changes"), "{err}");
    }
}
