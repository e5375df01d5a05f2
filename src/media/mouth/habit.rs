//! How a person's mouth follows their own voice: learnt where a clip talks with its own sound.
//!
//! Visemes say what a sound asks of any mouth. How far this one opens for it is seen in the clip. The opening is matched in rank, since
//! loud parts of different recordings are not equally loud, and at the lag at which opening and sound go together best. That lag is the
//! clip's own (its sound may be early or late) and is not done again: a mouth moves with the voice that it is given.

use super::follow::MouthSample;
use super::voice::VisemeTrack;

/// Fewer certain frames in which something is said teach nothing: two seconds.
const FRAMES_MIN: usize = 50;
/// Below this correlation the sound is not this person's voice.
const CORRELATION_MIN: f32 = 0.35;
/// The furthest lag that is tried, and its steps, in s. More is no habit, but a clip whose sound is late.
const LAG: (f32, f32) = (0.06, 0.02);
/// Below this a sound asks for a closed mouth.
const SHUT: f32 = 0.05;

/// How an opening follows the sound.
#[derive(Debug, Clone, PartialEq)]
pub struct Habit {
    /// How much later than usual the mouth moves in the clip, in s.
    lag_s: f32,
    /// What the sound asks for, and how far the mouth opens then, both growing.
    knots: Vec<(f32, f32)>,
}

impl Habit {
    /// Learns from a mouth whose openings lie in `range` (at rest, wide open) and the visemes of the clip's own sound. None where mouth
    /// and sound do not go together.
    #[must_use]
    pub fn of(samples: &[MouthSample], range: (f32, f32), own: &VisemeTrack) -> Option<Self> {
        let reach = (range.1 - range.0).max(0.01);
        let sure: Vec<(f32, f32)> = samples
            .iter()
            .filter(|sample| sample.confidence > 0.5)
            .map(|sample| (sample.pts_us as f32 * 1e-6, ((sample.opening - range.0) / reach).clamp(0.0, 1.1)))
            .collect();
        let asked = |time_s: f32| {
            let viseme = own.at(time_s);
            viseme.open * viseme.weight
        };
        if sure.iter().filter(|&&(time_s, _)| asked(time_s) > SHUT).count() < FRAMES_MIN {
            return None;
        }
        let steps = (LAG.0 / LAG.1) as i32;
        let (lag_s, together) = (-steps..=steps)
            .map(|step| step as f32 * LAG.1)
            .map(|lag_s| {
                let pairs: Vec<(f32, f32)> =
                    sure.iter().map(|&(at_s, opening)| (asked(at_s - lag_s), opening)).collect();
                // Of lags that are as good as each other, the usual one.
                (lag_s, correlation(&pairs) - 0.1 * lag_s.abs())
            })
            .max_by(|a, b| a.1.total_cmp(&b.1))?;
        if together < CORRELATION_MIN {
            return None;
        }
        let mut heard: Vec<f32> = sure.iter().map(|&(at_s, _)| asked(at_s - lag_s)).collect();
        let mut seen: Vec<f32> = sure.iter().map(|&(_, opening)| opening).collect();
        heard.sort_by(f32::total_cmp);
        seen.sort_by(f32::total_cmp);
        let mut knots = vec![(0.0, 0.0), (SHUT, 0.05)];
        for step in 1..=10 {
            let at = (sure.len() - 1) * step / 10;
            let last = knots[knots.len() - 1];
            if heard[at] > last.0 + 0.02 {
                knots.push((heard[at], seen[at].max(last.1)));
            }
        }
        Some(Self { lag_s, knots })
    }

    /// How far the mouth opens for what a sound asks, 0 at rest, 1 wide open.
    #[must_use]
    pub fn opening(&self, asked: f32) -> f32 {
        let after = self.knots.partition_point(|&(heard, _)| heard < asked);
        match (after.checked_sub(1).and_then(|at| self.knots.get(at)), self.knots.get(after)) {
            (Some(&(from, low)), Some(&(to, high))) => low + (high - low) * (asked - from) / (to - from).max(1e-3),
            (Some(&(_, most)), None) => most,
            _ => 0.0,
        }
    }
}

fn correlation(pairs: &[(f32, f32)]) -> f32 {
    let count = pairs.len().max(1) as f32;
    let (mx, my) = pairs.iter().fold((0.0, 0.0), |(sx, sy), (x, y)| (sx + x / count, sy + y / count));
    let (mut xx, mut xy, mut yy) = (1e-6_f32, 0.0, 1e-6_f32);
    for (x, y) in pairs {
        xx += (x - mx).powi(2);
        xy += (x - mx) * (y - my);
        yy += (y - my).powi(2);
    }
    xy / (xx * yy).sqrt()
}

#[cfg(test)]
mod tests {
    use super::super::follow::Affine;
    use super::super::voice::RATE_HZ;
    use super::*;

    /// Four seconds of an "ah" that comes and goes.
    fn own() -> VisemeTrack {
        let samples: Vec<f32> = (0..4 * RATE_HZ)
            .map(|at| {
                let time = at as f32 / RATE_HZ as f32;
                let loud = (0.5 - 0.5 * (time * 9.0).cos()) * if time.fract() < 0.8 { 0.3 } else { 0.0 };
                (1..=10).map(|h| (std::f32::consts::TAU * 125.0 * h as f32 * time).sin()).sum::<f32>() * loud * 0.2
            })
            .collect();
        VisemeTrack::of(&samples)
    }

    fn samples(opening: impl Fn(f32) -> f32) -> Vec<MouthSample> {
        let sample = |number: i64| MouthSample {
            pts_us: number * 40_000,
            place: Affine::IDENTITY,
            opening: opening(number as f32 * 0.04),
            teeth: 0.0,
            width: 0.5,
            confidence: 1.0,
        };
        (0..100).map(sample).collect()
    }

    #[test]
    fn lag_and_reach_of_a_mouth_are_learnt_from_its_own_voice() {
        let own = own();
        let asked = |time_s: f32| own.at(time_s).open * own.at(time_s).weight;
        let habit = Habit::of(&samples(|time_s| 0.02 + 0.2 * asked(time_s - 0.04).sqrt()), (0.02, 0.22), &own).unwrap();
        assert!((habit.lag_s - 0.04).abs() < 0.025, "{habit:?}");
        assert!(habit.opening(0.0) < 1e-6 && habit.opening(9.0) <= 1.1, "{habit:?}");
        for asked in [0.2_f32, 0.4] {
            assert!((habit.opening(asked) - asked.sqrt()).abs() < 0.15, "{asked}: {habit:?}");
        }
    }

    #[test]
    fn a_mouth_that_does_its_own_teaches_nothing() {
        let own = own();
        assert_eq!(Habit::of(&samples(|time_s| 0.1 + 0.1 * (time_s * 17.0).sin()), (0.0, 0.2), &own), None);
        assert_eq!(Habit::of(&samples(|_| 0.1), (0.0, 0.2), &VisemeTrack::of(&vec![0.0; 48_000])), None);
    }
}
