//! `moved`, `offset`, `agreement`, `closures` and `leak`: whether the mouth follows the voice.

use super::mouth::Motion;
use super::signal::{band, coefficient, vertex};
use super::speech::{STEP_MS, Speech};
use super::verdict::{Entry, Measure};
use super::words;

/// Lags that are tried, to either side, in steps of [`STEP_MS`]: 400 ms.
pub(super) const REACH: usize = 40;
/// What of both is compared: 2 to 7 Hz, in cycles a step. Under it is the mood, above it are the pictures.
const BAND: (f32, f32) = (0.02, 0.07);
/// A mouth that speaks moves so many times as much as the cheeks.
const MOVED: f32 = 2.0;
/// Motion that any encoding makes, in squared cells.
const LEAST_MOTION: f32 = 0.004;
/// Median of `agreement` over real clips of people who talk, with their own sound.
pub(super) const REFERENCE: f32 = 0.31;
/// The share of it that is good.
pub(super) const SHARE: f32 = 0.7;
/// Another peak is so far from the greatest, in steps.
const APART: usize = 12;
/// An offset is that of the mouth only where its coefficient is so much greater than that of any other peak: syllables come one like the other, and
/// of a mouth that follows the voice but loosely another syllable may fit as well. Of a sound that was moved it is 0.5.
const CLEAR: f32 = 0.25;
/// Lips are closed under this share of the range of the opening.
const CLOSED: f32 = 0.25;
/// Or under this share of how far they are open before and after.
const DIP: f32 = 0.5;
/// The lips close within this of when the voice asks, in milliseconds.
const CLOSE_MS: f64 = 40.0;
/// Closures that are asked for, at least, for a share of them to mean something.
const LEAST_CLOSURES: usize = 3;
/// The share of them that is good.
const CLOSURES: f64 = 0.8;
/// The share of the motion in speech that a pause may have.
const LEAK: f32 = 0.05;

/// The mouth of a result, and the voice it is to follow.
pub(super) struct Following<'a> {
    /// When each picture is shown, in milliseconds of the result.
    pub times_ms: &'a [f64],
    /// How far the mouth is open in each, 0 to 1.
    pub opened: &'a [f32],
    /// How much moved from each picture to the next.
    pub motions: &'a [Motion],
    /// The voice.
    pub speech: &'a Speech,
    /// When the voice begins to be heard, in milliseconds of the result.
    pub at_ms: f64,
    /// Length of a picture, in milliseconds.
    pub frame_ms: f64,
}

/// Which mouth motions are meant.
fn mean(motions: impl Iterator<Item = f32>) -> Option<f32> {
    let (sum, count) = motions.fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f32)
}

impl Following<'_> {
    /// The step of the voice at a time of the result.
    fn step(&self, at_ms: f64) -> Option<usize> {
        let step = ((at_ms - self.at_ms) / STEP_MS).floor();
        (step >= 0.0).then_some(step as usize)
    }

    /// Motions while the voice is in one of these states; also half a picture before.
    fn during<'s>(&'s self, state: &'s [bool]) -> impl Iterator<Item = &'s Motion> {
        self.motions.iter().filter(move |motion| {
            let is = |at_ms: f64| self.step(at_ms).and_then(|step| state.get(step)).copied().unwrap_or(false);
            is(motion.at_ms) && is(motion.at_ms - self.frame_ms)
        })
    }

    /// All five entries.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let moved = self.moved();
        if moved.grade != super::Grade::Good {
            let still = |measure, threshold| Entry::not_measured(measure, threshold, words::mouth_still());
            return vec![
                moved,
                still(Measure::Offset, words::good_offset()),
                still(Measure::Agreement, words::good_agreement(text(self.least()))),
                still(Measure::Closures, words::good_closures()),
                still(Measure::Leak, words::good_leak()),
            ];
        }
        let coefficients = self.coefficients();
        let (late_ms, most) = peak(&coefficients);
        let least = self.least();
        let offset = self.offset(&coefficients, late_ms, most);
        let says = if most >= least { words::agrees(text(most)) } else { words::disagrees(text(most)) };
        let agreement = Entry::new(Measure::Agreement, most >= least, words::good_agreement(text(least)), says)
            .value("coefficient", f64::from(most));
        let known_ms = if matches!(offset.grade, super::Grade::NotMeasured(_)) { 0.0 } else { late_ms };
        // What follows is about when the mouth is told to, not about how late it is.
        let in_time = Following { at_ms: self.at_ms + known_ms, ..*self };
        vec![moved, offset, agreement, in_time.closures(), in_time.leak()]
    }

    /// `moved`: the mean motion of the mouth over that of the cheeks, while the voice is heard. Motion is the squared change of a cell
    /// over its squared difference from its neighbours, so that lips, which have more contrast than cheeks, do not move by being
    /// tracked a little off.
    fn moved(&self) -> Entry {
        let threshold = words::good_moved();
        let of = |part: fn(&Motion) -> f32| mean(self.during(&self.speech.is_heard).map(part));
        let (Some(mouth), Some(cheeks)) = (of(|motion| motion.mouth), of(|motion| motion.cheeks)) else {
            return Entry::not_measured(Measure::Moved, threshold, words::voice_short());
        };
        let times = mouth / cheeks.max(LEAST_MOTION);
        let shown = format!("{times:.1}");
        let says = if times >= MOVED { words::moved(shown) } else { words::not_moved(shown) };
        Entry::new(Measure::Moved, times >= MOVED, threshold, says).value("times", f64::from(times))
    }

    /// What chance does not reach in nine of ten, and 0.7 of the reference. Two series of a band of 5 Hz have ten values a second that
    /// are independent; the greatest of their coefficients over 0.8 s of lags is 2.2 times their deviation.
    fn least(&self) -> f32 {
        let seconds = self.speech.asked.len() as f32 * (STEP_MS / 1000.0) as f32;
        (SHARE * REFERENCE).max(2.2 / (10.0 * seconds.max(0.1)).sqrt())
    }

    /// The coefficient of opening and voice at each lag from -[`REACH`] to [`REACH`] steps; at later ones the mouth is later.
    fn coefficients(&self) -> Vec<f32> {
        let asked = band(&self.speech.asked, BAND.0, BAND.1);
        let opened = band(&self.resampled(asked.len()), BAND.0, BAND.1);
        (0..=2 * REACH)
            .map(|lag| opened.get(lag..lag + asked.len()).map_or(0.0, |part| coefficient(part, &asked)))
            .collect()
    }

    /// The opening every step, from [`REACH`] steps before the voice to as many after it, in straight lines between the pictures.
    fn resampled(&self, steps: usize) -> Vec<f32> {
        let opened = |at: usize| self.opened.get(at).copied().unwrap_or(0.0);
        let mut next = 0;
        (0..steps + 2 * REACH)
            .map(|step| {
                // What is asked for in a step is that in its middle.
                let wanted = self.at_ms + (step as f64 + 0.5 - REACH as f64) * STEP_MS;
                while self.times_ms.get(next).is_some_and(|time| *time <= wanted) {
                    next += 1;
                }
                match (next.checked_sub(1), self.times_ms.get(next)) {
                    (Some(before), Some(after_ms)) => {
                        let part = (wanted - self.times_ms[before]) / (after_ms - self.times_ms[before]).max(1e-6);
                        opened(before) + (opened(next) - opened(before)) * part as f32
                    }
                    (Some(before), None) => opened(before),
                    (None, _) => opened(0),
                }
            })
            .collect()
    }

    /// `offset`: the lag of the greatest coefficient of the mouth's opening and the opening that the voice asks for, both between 2 and
    /// 7 Hz, within 400 ms to either side. Its confidence is by how much that coefficient is greater than that of any peak more than
    /// 120 ms away. Where `agreement` is bad, or an offset of more than a picture is not clear of other peaks, it is not measured.
    fn offset(&self, coefficients: &[f32], late_ms: f64, most: f32) -> Entry {
        let threshold = words::good_offset();
        let best = coefficients.iter().position(|value| (value - most).abs() < f32::EPSILON).unwrap_or(REACH);
        let is_peak = |at: usize| {
            let value = |at: Option<usize>| at.and_then(|at| coefficients.get(at)).copied().unwrap_or(-1.0);
            value(Some(at)) >= value(at.checked_sub(1)) && value(Some(at)) >= value(Some(at + 1))
        };
        let others = (0..coefficients.len()).filter(|&at| at.abs_diff(best) > APART && is_peak(at));
        let other = others.map(|at| coefficients[at]).fold(0.0, f32::max);
        let confidence = most - other;
        if most < self.least() {
            return Entry::not_measured(Measure::Offset, threshold, words::offset_unclear());
        }
        let holds = late_ms.abs() <= self.frame_ms + 0.5;
        if !holds && confidence < CLEAR {
            return Entry::not_measured(Measure::Offset, threshold, words::offset_unclear());
        }
        let shown = late_ms.abs().round();
        let says = match (holds, late_ms > 0.0) {
            (true, _) => words::in_time(late_ms.round() + 0.0),
            (false, true) => words::mouth_late(shown),
            (false, false) => words::mouth_early(shown),
        };
        Entry::new(Measure::Offset, holds, threshold, says)
            .value("late_ms", late_ms)
            .value("confidence", f64::from(confidence))
    }

    /// `closures`: the share of the moments at which the voice asks the lips to close (m, b, p and other dips of at most 0.3 s between
    /// two open sounds) at which a picture within 40 ms, and half a picture, shows them closed: under a quarter of the opening's range, or
    /// under half of what they are open within 0.2 s before and after. `at_ms` has the measured offset in it.
    fn closures(&self) -> Entry {
        let threshold = words::good_closures();
        let reach = CLOSE_MS + self.frame_ms / 2.0;
        let opened = |from_ms: f64, to_ms: f64| {
            self.times_ms
                .iter()
                .zip(self.opened)
                .filter(move |(time, _)| (from_ms..=to_ms).contains(*time))
                .map(|(_, open)| *open)
        };
        let (mut asked, mut closed) = (0_usize, 0_usize);
        for closure_ms in &self.speech.closures_ms {
            let at_ms = self.at_ms + closure_ms;
            let Some(least) = opened(at_ms - reach, at_ms + reach).reduce(f32::min) else { continue };
            let before = opened(at_ms - 200.0, at_ms).fold(0.0, f32::max);
            let after = opened(at_ms, at_ms + 200.0).fold(0.0, f32::max);
            asked += 1;
            closed += usize::from(least <= CLOSED || least <= DIP * before.min(after));
        }
        if asked < LEAST_CLOSURES {
            return Entry::not_measured(Measure::Closures, threshold, words::no_closures());
        }
        let share = closed as f64 / asked as f64;
        Entry::new(Measure::Closures, share >= CLOSURES, threshold, words::closures(closed, asked))
            .value("share", share)
            .value("asked", asked as f64)
    }

    /// `leak`: the mean motion of the mouth beyond that of the cheeks in pauses of 0.3 s and more, without 0.15 s at either end, over
    /// the same while the voice is heard. `at_ms` has the measured offset in it.
    fn leak(&self) -> Entry {
        let threshold = words::good_leak();
        let own = |motion: &Motion| (motion.mouth - motion.cheeks.max(LEAST_MOTION)).max(0.0);
        let heard = mean(self.during(&self.speech.is_heard).map(own)).unwrap_or(0.0);
        let Some(pause) = mean(self.during(&self.speech.is_pause).map(own)) else {
            return Entry::not_measured(Measure::Leak, threshold, words::no_pause());
        };
        let share = pause / heard.max(1e-6);
        let percent = (share * 100.0).round();
        let says = if share <= LEAK { words::no_leak(percent) } else { words::leaks(percent) };
        Entry::new(Measure::Leak, share <= LEAK, threshold, says).value("share", f64::from(share))
    }
}

fn text(value: f32) -> String {
    format!("{value:.2}")
}

/// The lag of the greatest coefficient, in milliseconds, and the coefficient.
fn peak(coefficients: &[f32]) -> (f64, f32) {
    let best = (0..coefficients.len()).max_by(|a, b| coefficients[*a].total_cmp(&coefficients[*b])).unwrap_or(REACH);
    let at = |at: usize| coefficients.get(at).copied().unwrap_or(0.0);
    let top = vertex(at(best.saturating_sub(1)), at(best), at(best + 1));
    ((best as f64 - REACH as f64 + f64::from(top)) * STEP_MS, at(best))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::mouth::VisemeTrack;

    #[test]
    fn an_opening_that_is_what_the_voice_asks_for_is_in_time_to_the_millisecond() {
        let hz = |harmonic: i32| std::f32::consts::TAU * 125.0 * harmonic as f32;
        let mono: Vec<f32> = (0..3 * 48_000)
            .map(|at| {
                let time_s = at as f32 / 48_000.0;
                let loud = 0.5 - 0.5 * (std::f32::consts::TAU * (2.2 + 0.3 * time_s) * time_s).cos();
                (1..=10).map(|harmonic| (hz(harmonic) * time_s).sin()).sum::<f32>() * loud * 0.06
            })
            .collect();
        let (visemes, speech) = (VisemeTrack::of(&mono), Speech::of(&mono));
        for late_ms in [-40.0, 0.0, 25.0] {
            let times_ms: Vec<f64> = (0..100).map(|number| f64::from(number) * 40.0).collect();
            let opened: Vec<f32> =
                times_ms.iter().map(|at_ms| visemes.at(((at_ms - 500.0 - late_ms) / 1000.0) as f32).open).collect();
            let following = Following {
                times_ms: &times_ms,
                opened: &opened,
                motions: &[],
                speech: &speech,
                at_ms: 500.0,
                frame_ms: 40.0,
            };
            let (found_ms, most) = peak(&following.coefficients());
            assert!((found_ms - late_ms).abs() < 2.5 && most > 0.9, "{found_ms} ms for {late_ms}, {most}");
        }
    }
}
