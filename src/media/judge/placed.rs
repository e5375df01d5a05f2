//! `placed`: when, and how loud, the voice is heard in a result's sound, and how loud the clip's own sound is.
//!
//! All sounds are taken down to 8 kHz mono, and each sample less 0.9 of the one before it, so that a peak is narrow. The voice's crop is
//! correlated with the result's sound at every lag at which at least half of its energy is inside; the coefficient is normalised by
//! the energies that overlap. The lag of the greatest one is when the voice is heard. It is found where the coefficient is at least
//! [`LEAST_COEFFICIENT`] and [`LEAST_PROMINENCE`] times the root mean square of those at other lags. The levels are the two factors
//! that, applied to the voice at that lag and to the clip's own sound at its own lag, leave the least squares of the result's sound;
//! against the volumes that were asked for.

use super::signal::{correlate, decimated, vertex};
use super::verdict::{Entry, Measure};
use super::words;
use crate::media::sound::{RATE_HZ, Sound};
use crate::model::Placement;

/// From 48 kHz to 8 kHz.
const STEP: usize = 6;
/// Samples a millisecond after that.
const PER_MS: f64 = RATE_HZ as f64 / STEP as f64 / 1000.0;
/// Speech of other words, correlated for seconds, reaches 0.06.
const LEAST_COEFFICIENT: f32 = 0.1;
/// The greatest of a hundred thousand chance values is 4.5 times their root mean square.
const LEAST_PROMINENCE: f32 = 7.0;
/// Lags so near to the peak belong to it, in milliseconds: a voice repeats itself at its pitch.
const PEAK_MS: f64 = 40.0;
/// The clip's own sound is looked for so far from its place, in milliseconds.
const OWN_SLACK_MS: f64 = 150.0;
/// Levels within this are as asked, in dB.
const LEVEL_DB: f64 = 1.0;
/// A sound that was asked for at volume 0 is at most so loud, against volume 1.
const SILENT: f64 = 0.05;
/// Two sounds that agree so well cannot be told apart in a third.
const ONE_SOUND: f64 = 0.95;

/// The voice in a result's sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Heard {
    /// When the crop begins, in milliseconds of the result.
    pub at_ms: f64,
    /// The correlation coefficient there.
    pub coefficient: f32,
    /// Level of the voice against the voice that was given, as a factor.
    pub voice: f64,
    /// Level of the clip's own sound against itself, as a factor; `None` where the clip has none, or it is the voice.
    pub own: Option<f64>,
}

/// The sounds to compare, all of them in time with the pictures: time 0 is the first one's.
pub(super) struct Sounds<'a> {
    /// The crop of the voice, mono.
    pub voice: &'a [f32],
    /// The clip's own.
    pub own: Option<&'a Sound>,
    /// The result's.
    pub result: &'a Sound,
}

impl Sounds<'_> {
    /// Looks for the voice; `None` where it is not heard.
    pub(super) fn hear(&self, placement: &Placement) -> Option<Heard> {
        let (voice, result) = (prepared(self.voice), prepared(&self.result.mono()));
        let (lag, coefficient) = strongest(&voice, &result)?;
        let first = lag.round() as isize;
        let voice_at = |at: usize| sample(&voice, at as isize - first);
        let own = self.own.map(|own| prepared(&own.mono()));
        let own = own.filter(|own| energy(own) > 1e-9 * own.len().max(1) as f64);
        let gain = |a: f64, b: f64| if b > 0.0 { a / b } else { 0.0 };
        let (mut vv, mut rv) = (0.0, 0.0);
        for (at, &sound) in result.iter().enumerate() {
            let voice = f64::from(voice_at(at));
            vv += voice * voice;
            rv += voice * f64::from(sound);
        }
        let alone = gain(rv, vv);
        let Some(own) = own else {
            return Some(Heard { at_ms: lag / PER_MS, coefficient, voice: alone, own: None });
        };
        // Without the voice its own lag is found more surely.
        let rest: Vec<f32> = result.iter().enumerate().map(|(at, sound)| sound - alone as f32 * voice_at(at)).collect();
        // A voice that is the clip's own sound leaves nothing to look for it in.
        let is_its_own = agreement(&own, voice_at) > ONE_SOUND;
        let own_first = if is_its_own { 0 } else { own_lag(&own, &rest) };
        let (mut oo, mut ro, mut vo) = (0.0, 0.0, 0.0);
        for (at, &sound) in result.iter().enumerate() {
            let (voice, own) = (f64::from(voice_at(at)), f64::from(sample(&own, at as isize - own_first)));
            oo += own * own;
            ro += own * f64::from(sound);
            vo += voice * own;
        }
        let is_one = is_its_own || vo.abs() > ONE_SOUND * (vv * oo).sqrt();
        let (voice, own) = if is_one {
            // Together they are asked for at these volumes; what is heard is shared out in proportion.
            let (asked_voice, asked_own) = asked(placement);
            let share = asked_voice / (asked_voice + asked_own).max(1e-9);
            (alone * share, None)
        } else {
            let determinant = vv * oo - vo * vo;
            (gain(rv * oo - ro * vo, determinant), Some(gain(ro * vv - rv * vo, determinant)))
        };
        Some(Heard { at_ms: lag / PER_MS, coefficient, voice, own })
    }
}

/// The volumes of voice and own sound that were asked for.
fn asked(placement: &Placement) -> (f64, f64) {
    (placement.sound_volume.unwrap_or(1.0), placement.original_audio_volume.unwrap_or(1.0))
}

fn prepared(mono: &[f32]) -> Vec<f32> {
    let low = decimated(mono, STEP);
    let mut before = 0.0;
    low.into_iter()
        .map(|now| {
            let steep = now - 0.9 * before;
            before = now;
            steep
        })
        .collect()
}

fn energy(samples: &[f32]) -> f64 {
    samples.iter().map(|sample| f64::from(*sample).powi(2)).sum()
}

/// The coefficient of a sound and another in its place.
fn agreement(one: &[f32], other: impl Fn(usize) -> f32) -> f64 {
    let (mut both, mut of_one, mut of_other) = (0.0, 1e-12, 1e-12);
    for (at, &sample) in one.iter().enumerate() {
        let (x, y) = (f64::from(sample), f64::from(other(at)));
        both += x * y;
        of_one += x * x;
        of_other += y * y;
    }
    both / f64::sqrt(of_one * of_other)
}

fn sample(samples: &[f32], at: isize) -> f32 {
    usize::try_from(at).ok().and_then(|at| samples.get(at)).copied().unwrap_or(0.0)
}

/// Energy of the samples before each place.
fn sums(samples: &[f32]) -> Vec<f64> {
    let mut sum = 0.0;
    let mut sums = vec![0.0];
    sums.extend(samples.iter().map(|sample| {
        sum += f64::from(*sample).powi(2);
        sum
    }));
    sums
}

/// The lag at which the voice is heard, in samples, and the coefficient there.
fn strongest(voice: &[f32], result: &[f32]) -> Option<(f64, f32)> {
    let raw = correlate(voice, result);
    let (of_voice, of_result) = (sums(voice), sums(result));
    let whole = of_voice.last().copied().filter(|whole| *whole > 0.0)?;
    let before = voice.len() as isize - 1;
    let coefficient = |at: usize| -> f32 {
        let lag = at as isize - before;
        let part = |sums: &[f64], from: isize, to: isize| {
            let last = sums.len() as isize - 1;
            sums[to.clamp(0, last) as usize] - sums[from.clamp(0, last) as usize]
        };
        let inside = part(&of_voice, -lag, result.len() as isize - lag);
        if inside < 0.5 * whole {
            return 0.0;
        }
        let heard = part(&of_result, lag, lag + voice.len() as isize);
        if heard <= 1e-9 { 0.0 } else { (f64::from(raw[at]) / (inside * heard).sqrt()) as f32 }
    };
    let all: Vec<f32> = (0..raw.len()).map(coefficient).collect();
    let best = (0..all.len()).max_by(|a, b| all[*a].total_cmp(&all[*b]))?;
    let reach = (PEAK_MS * PER_MS) as usize;
    let others = all.iter().enumerate().filter(|(at, value)| at.abs_diff(best) > reach && **value != 0.0);
    let (mut squares, mut count) = (0.0_f32, 0_usize);
    for (_, value) in others {
        squares += value * value;
        count += 1;
    }
    let usual = (squares / count.max(1) as f32).sqrt();
    if all[best] < LEAST_COEFFICIENT.max(LEAST_PROMINENCE * usual) {
        return None;
    }
    let beside = |at: Option<usize>| at.and_then(|at| all.get(at)).copied().unwrap_or(0.0);
    let top = vertex(beside(best.checked_sub(1)), all[best], beside(Some(best + 1)));
    Some((best as f64 - before as f64 + f64::from(top), all[best]))
}

/// Where the clip's own sound begins in the rest, in samples; 0 where that is not clear.
fn own_lag(own: &[f32], rest: &[f32]) -> isize {
    let raw = correlate(own, rest);
    let slack = (OWN_SLACK_MS * PER_MS) as isize;
    let before = own.len() as isize - 1;
    let near = (-slack..=slack).filter_map(|lag| {
        let value = usize::try_from(before + lag).ok().and_then(|at| raw.get(at)).copied()?;
        Some((lag, value))
    });
    let (lag, most) = near.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0, 0.0));
    let possible = (energy(own) * energy(rest)).sqrt();
    if f64::from(most) > 0.05 * possible { lag } else { 0 }
}

/// The entry of what was heard. `frame_ms` is the length of a picture of the result, in milliseconds.
pub(super) fn entry(heard: Option<&Heard>, placement: &Placement, frame_ms: f64) -> Entry {
    let threshold = words::good_placed();
    let (asked_voice, asked_own) = asked(placement);
    let Some(heard) = heard else {
        return Entry::new(Measure::Placed, false, threshold, words::voice_not_heard());
    };
    let late_ms = heard.at_ms - placement.sound_insert_time as f64;
    let db = |is: f64, asked: f64| 20.0 * (is.max(1e-4) / asked).log10();
    let mut wrong = Vec::new();
    if late_ms.abs() > frame_ms + 0.5 {
        let by = late_ms.abs().round();
        wrong.push(if late_ms > 0.0 { words::voice_late(by) } else { words::voice_early(by) });
    }
    let voice_db = db(heard.voice, asked_voice.max(1e-3));
    if voice_db.abs() > LEVEL_DB {
        let by = format!("{:.1}", voice_db.abs());
        wrong.push(if voice_db > 0.0 { words::voice_loud(by) } else { words::voice_quiet(by) });
    }
    let own_db = heard.own.filter(|_| asked_own > 0.0).map(|own| db(own, asked_own));
    match (heard.own, own_db) {
        (_, Some(own_db)) if own_db.abs() > LEVEL_DB => {
            let by = format!("{:.1}", own_db.abs());
            wrong.push(if own_db > 0.0 { words::own_loud(by) } else { words::own_quiet(by) });
        }
        (Some(own), None) if own.abs() > SILENT => wrong.push(words::own_heard()),
        _ => {}
    }
    let says = if wrong.is_empty() { words::placed() } else { wrong.join(". ") };
    let entry = Entry::new(Measure::Placed, wrong.is_empty(), threshold, says)
        .value("late_ms", late_ms)
        .value("coefficient", f64::from(heard.coefficient))
        .value("voice_db", voice_db);
    match (own_db, heard.own) {
        (Some(own_db), _) => entry.value("original_db", own_db),
        (None, Some(own)) => entry.value("original_level", own),
        _ => entry,
    }
}
