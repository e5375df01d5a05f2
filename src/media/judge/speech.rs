//! What a voice asks of a mouth: how far to open, where it is silent, where it asks the lips to close.

use super::signal::quantile;
use crate::media::mouth::VisemeTrack;
use crate::media::sound::RATE_HZ;

/// From one value to the next, in milliseconds.
pub(super) const STEP_MS: f64 = 10.0;
const STEP: usize = RATE_HZ as usize / 100;
/// Under this share of the loud parts it is silent.
const GATE: f32 = 0.06;
/// A pause of this length is one, in steps.
const PAUSE: usize = 30;
/// A mouth is given this long, after a pause began and before it ends, in steps.
const SETTLING: usize = 15;

/// The crop of a voice, every [`STEP_MS`].
#[derive(Clone, Debug)]
pub(super) struct Speech {
    /// The envelope that a mouth follows: how far the voice asks it to open, 0 to 1. That is its loudness between 300 Hz and 4 kHz, more
    /// where the first formant is high, less where it hisses, and 30 ms early, as lips are ([`VisemeTrack`]).
    pub asked: Vec<f32>,
    /// Whether it is silent there, and the mouth had time to close.
    pub is_pause: Vec<bool>,
    /// Whether it is heard there.
    pub is_heard: Vec<bool>,
    /// When the lips are to be closed between two open sounds, in milliseconds of the crop ([`VisemeTrack::closures_s`]).
    pub closures_ms: Vec<f64>,
}

impl Speech {
    /// Analyses a crop: mono, 48 kHz.
    pub(super) fn of(mono: &[f32]) -> Self {
        let visemes = VisemeTrack::of(mono);
        let steps = mono.len() / STEP;
        let asked: Vec<f32> = (0..steps).map(|at| visemes.at(at as f32 * 0.01 + 0.005).open).collect();
        let mut before = 0.0;
        let rms: Vec<f32> = mono
            .chunks_exact(STEP)
            .map(|chunk| {
                let mut squares = 0.0;
                for &sample in chunk {
                    // What is under 300 Hz or so is hum and the larynx, which say little of the mouth.
                    before += (sample - before) * 0.038;
                    squares += (sample - before).powi(2);
                }
                (squares / STEP as f32).sqrt()
            })
            .collect();
        let loud = quantile(rms.iter().copied().filter(|rms| *rms > 1e-4), 0.95).unwrap_or(1.0);
        let is_heard: Vec<bool> = rms.iter().map(|rms| *rms > GATE * loud).collect();
        let closures_ms = visemes.closures_s().iter().map(|at_s| f64::from(*at_s) * 1000.0).collect();
        Self { is_pause: pauses(&is_heard), is_heard, closures_ms, asked }
    }
}

/// Where it is silent for [`PAUSE`] steps or more, without the first and the last [`SETTLING`] of them.
fn pauses(is_loud: &[bool]) -> Vec<bool> {
    let mut is_pause = vec![false; is_loud.len()];
    let mut at = 0;
    while at < is_loud.len() {
        let length = is_loud[at..].iter().take_while(|loud| !**loud).count();
        if length >= PAUSE {
            let end = at + length;
            // Where the voice begins and ends, too: there the clip's own mouth, which may be open, goes over into it.
            let (first, last) = (at + SETTLING, end - SETTLING);
            is_pause[first..last].fill(true);
        }
        at += length.max(1);
    }
    is_pause
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(text: &str) -> Vec<bool> {
        text.chars().map(|c| c == '#').collect()
    }

    #[test]
    fn a_pause_is_long_and_leaves_the_mouth_time() {
        let short = format!("{}{}{}", "#".repeat(20), ".".repeat(29), "#".repeat(20));
        assert!(pauses(&states(&short)).iter().all(|pause| !pause));
        let long = format!("{}{}{}", "#".repeat(20), ".".repeat(50), "#".repeat(20));
        let found: Vec<usize> =
            pauses(&states(&long)).iter().enumerate().filter(|(_, p)| **p).map(|(at, _)| at).collect();
        assert_eq!((found.first(), found.last(), found.len()), (Some(&35), Some(&54), 20));
        let end = format!("{}{}", "#".repeat(20), ".".repeat(50));
        let found = pauses(&states(&end));
        assert_eq!((found.iter().filter(|pause| **pause).count(), found[54], found[55]), (20, true, false));
    }
}
