//! `whole`: the result is a clip like the one that was sent.
//!
//! Length: within two of its pictures and 40 ms of the clip's. Size: as the clip's. Frame rate: within 1 %, and the number of pictures
//! within 1 % and one picture. Sound track: there is one. Black: a stretch of [`LEAST_STRETCH_MS`] in which the picture's mean luma is
//! under [`BLACK_LUMA`] where the clip's is not. Frozen: a stretch as long in which no block of [`BLOCK`] × [`BLOCK`] pixels of the
//! picture changes by [`STILL_CHANGE`] a pixel, while a block of the clip's changes by [`MOVING_CHANGE`].

use super::verdict::{Entry, Measure};
use super::words;
use crate::media::frame::Frame;
use crate::model::ClipProbe;

/// Side of the blocks that are compared, in pixels.
const BLOCK: usize = 16;
/// Mean luma under which a picture is black; black is 16.
const BLACK_LUMA: f32 = 24.0;
/// Mean change of a block under which it stands still.
const STILL_CHANGE: f32 = 1.0;
/// Mean change of a block from which on it moves.
const MOVING_CHANGE: f32 = 4.0;
/// The shortest stretch that is reported, in milliseconds.
const LEAST_STRETCH_MS: i64 = 200;

/// What one picture adds, of result and clip.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    is_black: bool,
    /// The greatest change of a block from the picture before.
    change: f32,
}

/// Mean luma of each block of a picture, and the picture before.
#[derive(Debug, Default)]
struct Blocks {
    means: Vec<f32>,
}

impl Blocks {
    fn look(&mut self, frame: &Frame) -> Look {
        let width = frame.width_px() as usize;
        let mut means = Vec::with_capacity(self.means.len());
        let mut sums = vec![0_u32; width / BLOCK];
        for rows in frame.y().chunks_exact(width * BLOCK) {
            sums.fill(0);
            for row in rows.chunks_exact(width) {
                for (sum, block) in sums.iter_mut().zip(row.chunks_exact(BLOCK)) {
                    *sum += block.iter().map(|luma| u32::from(*luma)).sum::<u32>();
                }
            }
            means.extend(sums.iter().map(|sum| *sum as f32 / (BLOCK * BLOCK) as f32));
        }
        let mean = means.iter().sum::<f32>() / means.len().max(1) as f32;
        let change = if self.means.len() == means.len() {
            self.means.iter().zip(&means).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
        } else {
            f32::INFINITY
        };
        self.means = means;
        Look { is_black: mean < BLACK_LUMA, change }
    }
}

/// Black and frozen stretches, picture by picture.
#[derive(Debug, Default)]
pub(super) struct Stretches {
    of_result: Blocks,
    of_clip: Blocks,
    black: Stretch,
    frozen: Stretch,
}

/// The longest stretch of pictures in a row.
#[derive(Debug, Default)]
struct Stretch {
    since_ms: Option<i64>,
    /// Begin and length.
    longest_ms: Option<(i64, i64)>,
}

impl Stretch {
    /// The picture from `from_ms` to `to_ms` belongs to one, or not.
    fn push(&mut self, belongs: bool, from_ms: i64, to_ms: i64) {
        if !belongs {
            self.since_ms = None;
            return;
        }
        let since_ms = *self.since_ms.get_or_insert(from_ms);
        let length_ms = to_ms - since_ms;
        if length_ms >= LEAST_STRETCH_MS && self.longest_ms.is_none_or(|(_, longest_ms)| length_ms > longest_ms) {
            self.longest_ms = Some((since_ms, length_ms));
        }
    }
}

impl Stretches {
    /// Adds a picture of the result, which is shown from `from_ms` to `to_ms`, and the clip's at that time; none where the sizes differ.
    pub(super) fn push(&mut self, result: &Frame, clip: Option<&Frame>, from_ms: i64, to_ms: i64) {
        let result = self.of_result.look(result);
        let clip = clip.map(|clip| self.of_clip.look(clip));
        self.black.push(result.is_black && !clip.is_some_and(|clip| clip.is_black), from_ms, to_ms);
        let stands_still = result.change < STILL_CHANGE && clip.is_some_and(|clip| clip.change >= MOVING_CHANGE);
        self.frozen.push(stands_still, from_ms, to_ms);
    }
}

/// The entry. `frames` are the numbers of pictures of result and clip.
pub(super) fn entry(result: &ClipProbe, clip: &ClipProbe, frames: (usize, usize), stretches: &Stretches) -> Entry {
    let mut wrong = Vec::new();
    let frame_ms = 1000.0 / result.fps.max(1.0);
    let longer_ms = result.duration_ms - clip.duration_ms;
    if longer_ms.abs() as f64 > 2.0 * frame_ms + 40.0 {
        let by_s = format!("{:.2}", longer_ms.abs() as f64 / 1000.0);
        wrong.push(if longer_ms > 0 { words::longer(by_s) } else { words::shorter(by_s) });
    }
    if (result.width_px, result.height_px) != (clip.width_px, clip.height_px) {
        wrong.push(words::other_size(result.width_px, result.height_px, clip.width_px, clip.height_px));
    }
    let (of_result, of_clip) = frames;
    // A different rate, or pictures that are missing: then those that are there are not evenly spaced.
    if (result.fps / clip.fps.max(1e-3) - 1.0).abs() > 0.01 && !result.variable_rate {
        wrong.push(words::other_rate(format!("{:.2}", result.fps), format!("{:.2}", clip.fps)));
    } else {
        let expected = of_clip as f64 * result.duration_ms as f64 / clip.duration_ms.max(1) as f64;
        let missing = expected - of_result as f64;
        if missing > 1.0 + 0.01 * expected {
            wrong.push(words::missing_frames(missing.round()));
        }
    }
    if result.audio_codec.is_none() {
        wrong.push(words::no_sound_track());
    }
    let when = |ms: i64| format!("{:.2}", ms as f64 / 1000.0);
    if let Some((from_ms, length_ms)) = stretches.black.longest_ms {
        wrong.push(words::black(when(from_ms), when(length_ms)));
    }
    if let Some((from_ms, length_ms)) = stretches.frozen.longest_ms {
        wrong.push(words::frozen(when(from_ms), when(length_ms)));
    }
    let length = |stretch: &Stretch| stretch.longest_ms.map_or(0.0, |(_, length_ms)| length_ms as f64);
    let says = if wrong.is_empty() { words::whole() } else { wrong.join(". ") };
    Entry::new(Measure::Whole, wrong.is_empty(), words::good_whole(), says)
        .value("longer_ms", longer_ms as f64)
        .value("fps", result.fps)
        .value("frames", of_result as f64)
        .value("clip_frames", of_clip as f64)
        .value("black_ms", length(&stretches.black))
        .value("frozen_ms", length(&stretches.frozen))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::frame::Frame;

    fn probe() -> ClipProbe {
        ClipProbe {
            container: "mp4".to_owned(),
            size_bytes: 1,
            duration_ms: 4_000,
            width_px: 64,
            height_px: 48,
            fps: 25.0,
            variable_rate: false,
            video_codec: "H.264".to_owned(),
            hdr: None,
            audio_codec: Some("AAC".to_owned()),
        }
    }

    fn found(change: impl FnOnce(&mut ClipProbe), frames: usize) -> Entry {
        let mut result = probe();
        change(&mut result);
        entry(&result, &probe(), (frames, 100), &Stretches::default())
    }

    fn is_good(entry: &Entry) -> bool {
        entry.grade == super::super::Grade::Good
    }

    #[test]
    fn each_thing_that_is_missing_is_named() {
        type Change = fn(&mut ClipProbe);
        assert!(is_good(&found(|_| {}, 100)));
        assert!(is_good(&found(|result| result.duration_ms = 4_080, 102)));
        let wrong: [(Change, usize, &str); 5] = [
            (|result| result.duration_ms = 3_700, 92, "shorter"),
            (|result| result.width_px = 32, 100, "32×48"),
            (|result| result.fps = 30.0, 120, "30.00"),
            (|_| {}, 92, "8"),
            (|result| result.audio_codec = None, 100, "sound"),
        ];
        for (change, frames, says) in wrong {
            let entry = found(change, frames);
            assert!(!is_good(&entry) && entry.says.contains(says), "{entry:?}");
        }
    }

    #[test]
    fn a_stretch_is_frozen_or_black_only_where_the_clip_is_not() {
        let picture = |at: i64| {
            let mut frame = Frame::filled(64, 48, [60, 128, 128]);
            let left = (at as usize * 4) % 40;
            for row in frame.planes_mut().0.chunks_exact_mut(64).take(32).skip(8) {
                row[left..left + 20].fill(200);
            }
            frame
        };
        let (mut still, mut both, mut dark) = (Stretches::default(), Stretches::default(), Stretches::default());
        for at in 0..20 {
            let (from_ms, to_ms) = (at * 40, at * 40 + 40);
            let held = if (5..12).contains(&at) { picture(5) } else { picture(at) };
            still.push(&held, Some(&picture(at)), from_ms, to_ms);
            both.push(&held, Some(&held), from_ms, to_ms);
            let black = if (5..12).contains(&at) { Frame::filled(64, 48, [16, 128, 128]) } else { picture(at) };
            dark.push(&black, Some(&picture(at)), from_ms, to_ms);
        }
        assert_eq!(still.frozen.longest_ms, Some((240, 240)));
        assert_eq!((both.frozen.longest_ms, both.black.longest_ms), (None, None));
        assert_eq!(dark.black.longest_ms, Some((200, 280)));
    }
}
