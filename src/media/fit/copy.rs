//! Pictures copied as they are, where only a part is wanted that begins at a keyframe. The sound is encoded: it is not cut to packets then.

use std::path::{Path, PathBuf};

use crate::files::IfExists;
use crate::media::container::{Movie, Sample, SampleReader, VideoTrack};
use crate::media::decode::StreamFacts;
use crate::media::error::MediaError;
use crate::media::job::Job;
use crate::media::sound::Sound;
use crate::media::write::{CopiedSample, Mp4Writer, VideoFormat};
use crate::model::clip::{MAX_DURATION_MS, MAX_SIZE_BYTES};
use crate::model::fit::ClipFit;

/// How far the copied part may be from what is asked for, in microseconds.
const SLACK_US: i64 = 100_000;
/// Bytes of sound and index of the longest clip, at most.
const OTHER_BYTES: u64 = 4 * 1024 * 1024;

/// A stretch of samples that can be decoded by itself.
pub(super) struct Stretch {
    samples: Vec<Sample>,
    facts: StreamFacts,
    /// When its first picture is shown, in the clip.
    pub(super) from_us: i64,
    /// When its last picture ends.
    pub(super) end_us: i64,
}

impl Stretch {
    /// The stretch that is asked for; `None` where the pictures must be encoded.
    pub(super) fn of(movie: &Movie, fit: &ClipFit) -> Result<Option<Self>, MediaError> {
        let video = movie.need_video()?;
        let facts = StreamFacts::of(video, &movie.path)?;
        if !video.orientation.is_upright() || !facts.can_be_copied() {
            return Ok(None);
        }
        Ok(find(video, (fit.start_ms * 1_000, fit.end_ms * 1_000)).and_then(|(from, to)| {
            let samples = video.samples.get(from..to)?.to_vec();
            let from_us = samples.first()?.pts_us;
            let behind_us = video.samples.get(to..)?.iter().map(|sample| sample.pts_us).min();
            let end_us = behind_us.unwrap_or(video.end_us);
            let bytes: u64 = samples.iter().map(|sample| u64::from(sample.size)).sum();
            let fits = bytes + OTHER_BYTES <= MAX_SIZE_BYTES && end_us - from_us <= MAX_DURATION_MS * 1_000;
            fits.then_some(Self { samples, facts, from_us, end_us })
        }))
    }

    /// Writes it. Returns the name of the file.
    pub(super) fn write(
        self,
        movie: &Movie,
        sound: Option<Sound>,
        out: &Path,
        job: &Job,
    ) -> Result<PathBuf, MediaError> {
        let format = VideoFormat {
            width_px: self.facts.width_px,
            height_px: self.facts.height_px,
            fps: self.samples.len() as f64 * 1e6 / (self.end_us - self.from_us).max(1) as f64,
            frames: self.samples.len(),
            color: self.facts.color,
        };
        let sets = self.facts.parameter_sets();
        let mut writer = Mp4Writer::create_copying(out, IfExists::TakeFreeName, format, sets, sound)?;
        let mut source = SampleReader::open(movie)?;
        // Samples are decoded one after another, at the times at which pictures are shown.
        let mut decoded_us: Vec<i64> = self.samples.iter().map(|sample| sample.pts_us - self.from_us).collect();
        decoded_us.sort_unstable();
        decoded_us.push(self.end_us - self.from_us);
        for (index, (sample, times)) in self.samples.iter().zip(decoded_us.windows(2)).enumerate() {
            job.check()?;
            let bytes = source.read(sample)?.ok_or_else(|| MediaError::damaged(&movie.path, "a sample is missing"))?;
            writer.write_sample(&CopiedSample {
                from_us: times[0],
                to_us: times[1],
                shown_us: sample.pts_us - self.from_us,
                keyframe: sample.sync,
                bytes,
            })?;
            job.report(index as f32 / self.samples.len() as f32);
        }
        writer.finish_named(self.end_us - self.from_us).map(|(_, path)| path)
    }
}

/// The samples from a keyframe that nothing behind refers across, to where everything so far is shown before everything else.
fn find(video: &VideoTrack, (start_us, end_us): (i64, i64)) -> Option<(usize, usize)> {
    let samples = &video.samples;
    let from = samples
        .iter()
        .position(|sample| sample.sync && !sample.hidden && (sample.pts_us - start_us).abs() <= SLACK_US)?;
    let first_us = samples.get(from)?.pts_us;
    if samples.get(from..)?.iter().any(|sample| sample.pts_us < first_us) {
        return None;
    }
    // From each sample on, the earliest time.
    let mut ahead_us = vec![i64::MAX; samples.len() + 1];
    for index in (0..samples.len()).rev() {
        ahead_us[index] = ahead_us[index + 1].min(samples[index].pts_us);
    }
    let mut latest_us = i64::MIN;
    // The place that is nearest to the end that is asked for.
    let mut to: Option<(i64, usize)> = None;
    for (index, sample) in samples.iter().enumerate().skip(from) {
        if sample.hidden || sample.pts_us >= end_us + SLACK_US {
            break;
        }
        latest_us = latest_us.max(sample.pts_us);
        let ahead_us = ahead_us[index + 1];
        let ends_us = if ahead_us == i64::MAX { video.end_us } else { ahead_us };
        if latest_us < ahead_us
            && (ends_us - end_us).abs() <= SLACK_US
            && ends_us <= end_us.max(first_us + MAX_DURATION_MS * 1_000)
        {
            let off_us = (ends_us - end_us).abs();
            if to.is_none_or(|(nearest_us, _)| off_us < nearest_us) {
                to = Some((off_us, index + 1));
            }
        }
    }
    to.map(|(_, to)| (from, to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::container::Orientation;

    /// Groups of ten pictures of 40 ms: each keyframe is followed by pairs of which the second is shown first.
    fn video() -> VideoTrack {
        let mut samples = Vec::new();
        for group in 0..10_i64 {
            for at in 0..10_i64 {
                let shown = match at {
                    0 | 9 => at,
                    at if at % 2 == 1 => at + 1,
                    at => at - 1,
                };
                let pts_us = (group * 10 + shown) * 40_000;
                samples.push(Sample { offset: 0, size: 1, pts_us, sync: at == 0, hidden: false });
            }
        }
        VideoTrack {
            codec: "H.264".to_owned(),
            avcc: None,
            hvcc: None,
            stored_width_px: 64,
            stored_height_px: 64,
            orientation: Orientation::default(),
            colr: None,
            samples,
            end_us: 4_000_000,
        }
    }

    #[test]
    fn a_part_is_copied_only_from_a_keyframe_on() {
        let video = video();
        assert_eq!(find(&video, (400_000, 2_800_000)), Some((10, 70)));
        assert_eq!(find(&video, (0, 4_000_000)), Some((0, 100)));
        assert_eq!(find(&video, (600_000, 2_800_000)), None, "in the middle of a group");
    }

    #[test]
    fn it_ends_where_everything_so_far_is_shown_before_the_rest() {
        let video = video();
        let (from, to) = find(&video, (0, 2_560_000)).unwrap();
        let latest_us = video.samples[from..to].iter().map(|sample| sample.pts_us).max().unwrap();
        assert!(video.samples[to..].iter().all(|sample| sample.pts_us > latest_us));
    }
}
