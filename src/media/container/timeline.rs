//! From the tables of a track to when each sample is shown: composition offsets, edit lists, fragments that start late.

use re_mp4::{Mp4, Track, TrakBox};

/// One sample of a track, in the order of decoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Where it begins in the file, in bytes.
    pub offset: u64,
    /// Its length in bytes.
    pub size: u32,
    /// When it is shown, in microseconds from the first picture of the clip.
    pub pts_us: i64,
    /// Whether decoding can start here.
    pub sync: bool,
    /// Whether an edit list cuts it off: it is decoded for others' sake and not shown.
    pub hidden: bool,
}

/// A track's samples with their times in microseconds on the movie's own clock, before it is moved to start at 0.
pub(super) struct Timeline {
    pub(super) samples: Vec<Sample>,
    /// When the last shown sample ends.
    pub(super) end_us: i64,
    /// Where an edit list ends the track.
    pub(super) cut_us: Option<i64>,
}

/// What an edit list says, as far as it is honoured: a delay, one stretch of the media, then the end.
struct Edit {
    delay_us: i64,
    media_time: i64,
    len_us: Option<i64>,
}

/// The latest time that is accepted from a file, in microseconds either side of zero (115 days). Damaged tables contain times that no
/// clip has; within this bound, conversions to samples, frames or ticks cannot overflow an `i64`.
const FARTHEST_US: i64 = 10_000_000_000_000;

fn bounded_us(at_us: i64) -> i64 {
    at_us.clamp(-FARTHEST_US, FARTHEST_US)
}

fn scaled_us(ticks: i64, timescale: u64) -> i64 {
    let timescale = i128::from(timescale.max(1));
    let us = i128::from(ticks) * 1_000_000;
    let farthest = i128::from(FARTHEST_US);
    // Rounded to the nearest, also below zero.
    (us + timescale / 2).div_euclid(timescale).clamp(-farthest, farthest) as i64
}

fn edit(trak: &TrakBox, movie_timescale: u64) -> Edit {
    let mut edit = Edit { delay_us: 0, media_time: 0, len_us: None };
    let Some(elst) = trak.edts.as_ref().and_then(|edts| edts.elst.as_ref()) else { return edit };
    let mut entries = elst.entries.iter();
    for entry in entries.by_ref() {
        let duration = i64::try_from(entry.segment_duration).unwrap_or(0);
        let empty =
            if elst.version == 1 { entry.media_time == u64::MAX } else { entry.media_time == u64::from(u32::MAX) };
        if empty {
            edit.delay_us = bounded_us(edit.delay_us + scaled_us(duration, movie_timescale));
        } else {
            edit.media_time = i64::try_from(entry.media_time).unwrap_or(0);
            edit.len_us = (duration > 0).then(|| scaled_us(duration, movie_timescale));
            break;
        }
    }
    // With several stretches the end of the first is not the end of all.
    if entries.next().is_some() {
        edit.len_us = None;
    }
    edit
}

/// Works out when each sample of a track is shown.
pub(super) fn timeline(mp4: &Mp4, track: &Track) -> Timeline {
    let trak = track.trak(mp4);
    let timescale = track.timescale;
    let movie_timescale = u64::from(mp4.moov.mvhd.timescale);
    let edit = edit(trak, movie_timescale);
    // `re_mp4` moves the earliest composition time of an unfragmented track to zero; the edit list counts from before that.
    let moved = match (&trak.mdia.minf.stbl.ctts, track.samples.first()) {
        (Some(ctts), Some(first)) if trak.mdia.minf.stbl.stsz.sample_count > 0 => ctts
            .entries
            .first()
            .map_or(0, |entry| i64::from(entry.sample_offset))
            .saturating_sub(first.composition_timestamp),
        _ => 0,
    };
    let at_us = |ticks: i64| {
        bounded_us(scaled_us(ticks.saturating_add(moved).saturating_sub(edit.media_time), timescale) + edit.delay_us)
    };
    let cut_us = edit.len_us.map(|len| bounded_us(len + edit.delay_us));
    // An edit's length is rounded to the movie's clock: a sample must begin a tick before the cut to be shown.
    let tick_us = scaled_us(1, movie_timescale);
    let samples: Vec<Sample> = track
        .samples
        .iter()
        .map(|sample| {
            let pts_us = at_us(sample.composition_timestamp);
            let after_cut = cut_us.is_some_and(|cut| pts_us > cut - tick_us);
            Sample {
                offset: sample.offset,
                size: u32::try_from(sample.size).unwrap_or(u32::MAX),
                pts_us,
                sync: sample.is_sync,
                hidden: pts_us < edit.delay_us || after_cut,
            }
        })
        .collect();
    let end_us = end_us(track, &samples, at_us);
    // Within a tick the cut is the rounded end of the pictures; beyond, it does cut.
    let end_us = cut_us.filter(|cut| end_us > cut + tick_us).unwrap_or(end_us);
    Timeline { samples, end_us, cut_us }
}

/// The last shown picture stays for its own duration, where that is sane, else as long as the one before it.
fn end_us(track: &Track, samples: &[Sample], at_us: impl Fn(i64) -> i64) -> i64 {
    let shown = samples.iter().zip(&track.samples).filter(|(sample, _)| !sample.hidden);
    let Some((last, raw)) = shown.max_by_key(|(sample, _)| sample.pts_us) else { return 0 };
    let before = samples.iter().filter(|s| !s.hidden && s.pts_us < last.pts_us).map(|s| s.pts_us).max();
    let gap_us = before.map_or(40_000, |before| last.pts_us - before);
    let stays = raw.composition_timestamp.saturating_add(i64::try_from(raw.duration).unwrap_or(0));
    let stays_us = at_us(stays) - last.pts_us;
    // The duration of a last sample is often what is left of a header's rounded sum.
    last.pts_us + if (1..=5_000_000).contains(&stays_us) { stays_us } else { gap_us }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_become_the_nearest_microsecond_on_both_sides_of_zero() {
        assert_eq!(scaled_us(512, 12_800), 40_000);
        assert_eq!(scaled_us(1001, 30_000), 33_367);
        assert_eq!(scaled_us(-1001, 30_000), -33_367);
        assert_eq!(scaled_us(1, 0), 1_000_000);
    }

    #[test]
    fn no_table_names_a_time_beyond_the_bound() {
        for ticks in [i64::MIN, -1 << 60, 1 << 60, i64::MAX] {
            for timescale in [0, 1, 90_000, u64::MAX] {
                assert!(scaled_us(ticks, timescale).abs() <= FARTHEST_US, "{ticks} at {timescale}");
            }
        }
        assert_eq!(scaled_us(i64::MAX, 1), FARTHEST_US);
        assert_eq!(bounded_us(FARTHEST_US + FARTHEST_US), FARTHEST_US);
    }
}
