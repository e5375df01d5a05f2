//! Collects decoded blocks as stereo at the file's own rate.

use super::{CHANNELS, MOST_SECONDS};
use crate::media::error::MediaError;
use crate::media::words;

/// The position of a channel's loudspeaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Left,
    Right,
    /// In the middle: heard from both sides.
    Center,
    /// Behind or beside.
    SurroundLeft,
    SurroundRight,
    /// Bass, and channels without a position: dropped where there are others.
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

/// The matrix that mixes channels down to stereo.
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
                // The gains are scaled to a sum of 1, so that the sum is never louder than the loudest channel.
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

/// Collects the decoded blocks of a file as stereo, or only counts their frames.
pub(super) struct Gathered {
    /// A sound longer than this, in seconds, is only counted.
    keep_seconds: u64,
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
    /// The loudest sample of all frames, of any channel.
    pub(super) peak: f32,
}

impl Gathered {
    /// Collects a sound of at most this many seconds; a longer one is only counted, as is any with 0.
    pub(super) const fn new(keep_seconds: u64) -> Self {
        Self {
            keep_seconds,
            downmix: None,
            samples: Vec::new(),
            rate_hz: 0,
            channels: 0,
            frames: 0,
            damaged: 0,
            peak: 0.0,
        }
    }

    /// Adds a block of interleaved samples.
    pub(super) fn push(&mut self, rate_hz: u32, places: &[Place], block: &[f32]) -> Result<(), MediaError> {
        if places.is_empty() || rate_hz == 0 || block.is_empty() {
            return Ok(());
        }
        if self.downmix.is_none() {
            self.rate_hz = rate_hz;
            self.channels = places.len() as u32;
            self.downmix = Some(Downmix::new(places));
        }
        if self.downmix.as_ref().is_none_or(|downmix| downmix.channels() != places.len()) {
            return Err(MediaError::Unsupported(words::CHANNELS_CHANGE.to_owned()));
        }
        if rate_hz != self.rate_hz {
            return Err(MediaError::Unsupported(words::RATE_CHANGES.to_owned()));
        }
        self.frames += (block.len() / places.len()) as u64;
        if self.frames > MOST_SECONDS * u64::from(rate_hz) {
            return Err(MediaError::Limit(words::sound_too_long(MOST_SECONDS / 60)));
        }
        let loudest = block.iter().map(|sample| sample.abs()).filter(|sample| sample.is_finite()).fold(0.0, f32::max);
        self.peak = self.peak.max(loudest);
        if self.is_kept()
            && let Some(downmix) = &self.downmix
        {
            let frames = block.chunks_exact(places.len());
            self.samples
                .extend(frames.flat_map(|frame| downmix.mix(frame)).map(|s| if s.is_finite() { s } else { 0.0 }));
        }
        Ok(())
    }

    /// Whether the samples of all frames so far have been kept.
    pub(super) fn is_kept(&mut self) -> bool {
        if self.frames > self.keep_seconds * u64::from(self.rate_hz) {
            self.keep_seconds = 0;
            self.samples = Vec::new();
        }
        self.keep_seconds > 0
    }

    /// Replaces a lost block by silence of the same length as the last one, so that the rest keeps its time.
    pub(super) fn push_lost(&mut self, frames: u64) {
        self.damaged += 1;
        if self.rate_hz > 0 {
            self.frames += frames;
            if self.is_kept() {
                self.samples.resize(self.samples.len() + frames as usize * CHANNELS, 0.0);
            }
        }
    }

    /// Removes frames at the start and at the end.
    pub(super) fn cut(&mut self, start: u64, end: u64) {
        let (start, end) = (start.min(self.frames), end.min(self.frames.saturating_sub(start)));
        self.frames -= start + end;
        if self.keep_seconds > 0 {
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
    fn a_lost_block_leaves_its_gap_and_a_change_of_channels_is_an_error() {
        let mut gathered = Gathered::new(MOST_SECONDS);
        gathered.push(48_000, &[Place::Center], &[0.1; 480]).unwrap();
        gathered.push_lost(480);
        gathered.push(48_000, &[Place::Center], &[0.1; 480]).unwrap();
        assert_eq!((gathered.duration_ms(), gathered.samples.len(), gathered.damaged), (30, 2880, 1));
        let err = gathered.push(48_000, &[Place::Left, Place::Right], &[0.0; 4]).unwrap_err();
        assert!(err.to_string().contains("channels changes"), "{err}");
    }

    #[test]
    fn a_sound_that_is_too_long_to_keep_is_counted_to_its_end() {
        let mut gathered = Gathered::new(1);
        for second in 1..=3 {
            gathered.push(1_000, &[Place::Center], &[0.1; 1_000]).unwrap();
            assert_eq!((gathered.is_kept(), gathered.samples.is_empty()), (second == 1, second > 1));
        }
        assert_eq!(gathered.duration_ms(), 3_000);
    }
}
