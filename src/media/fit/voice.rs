//! A voice as WAV: cut, padded, and louder where it is quiet.

use std::path::{Path, PathBuf};

use crate::media::error::MediaError;
use crate::media::job::Job;
use crate::media::sound::{RATE_HZ, read_voice, write_mono_wav};
use crate::model::fit::{Cure, VoiceFit};
use crate::model::voice::MIN_DURATION_MS;

/// Blocks over which loudness is taken, in frames: 30 ms.
const BLOCK: usize = RATE_HZ as usize * 3 / 100;
/// A block under this is a pause, in dB of full scale.
const PAUSE_DB: f64 = -55.0;
/// Speech under this is quiet; what is raised is raised to the second, but its peaks not above the third.
const QUIET_DB: f64 = -27.0;
const SPEECH_DB: f64 = -20.0;
const PEAK_DB: f64 = -1.0;
/// Less is not heard.
const LEAST_GAIN_DB: f64 = 1.0;

/// Fits a voice. Returns its name, and what was done about its loudness.
pub(super) fn fit(path: &Path, fit: &VoiceFit, out: &Path, job: &Job) -> Result<(PathBuf, Option<Cure>), MediaError> {
    let sound = read_voice(path, &job.stage(0.0, 0.8))?;
    job.check()?;
    let mut samples = sound.part(fit.start_ms * 1_000, (fit.end_ms - fit.start_ms) * 1_000).mono();
    let least = (MIN_DURATION_MS * i64::from(RATE_HZ) / 1_000) as usize;
    samples.resize(samples.len().max(least), 0.0);
    let louder = gain_db(&samples);
    if let Some((_, gain)) = louder {
        let factor = 10_f64.powf(gain / 20.0) as f32;
        for sample in &mut samples {
            *sample *= factor;
        }
    }
    let path = write_mono_wav(out, &samples, VoiceFit::RATE_HZ)?;
    job.report(1.0);
    Ok((path, louder.map(|(level, gain)| Cure::louder(level, gain))))
}

/// How loud the speech is and by how much it is raised, in dB; `None` where it is loud enough, silent, or has no room.
fn gain_db(samples: &[f32]) -> Option<(f64, f64)> {
    let power = |block: &[f32]| block.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / block.len().max(1) as f64;
    let spoken: Vec<f64> = samples.chunks(BLOCK).map(power).filter(|power| decibel(power.sqrt()) > PAUSE_DB).collect();
    if spoken.is_empty() {
        return None;
    }
    let level = decibel((spoken.iter().sum::<f64>() / spoken.len() as f64).sqrt());
    let peak = samples.iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
    let gain = (SPEECH_DB - level).min(PEAK_DB - decibel(f64::from(peak)));
    (level < QUIET_DB && gain >= LEAST_GAIN_DB).then_some((level, gain))
}

fn decibel(amplitude: f64) -> f64 {
    20.0 * amplitude.max(1e-9).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(amplitude: f32) -> Vec<f32> {
        let tone = |n: usize| (n as f32 * 0.05).sin() * amplitude;
        // Half of it is a pause.
        (0..96_000).map(|n| if n < 48_000 { tone(n) } else { 0.0 }).collect()
    }

    #[test]
    fn quiet_speech_is_raised_and_pauses_do_not_count() {
        let (level, gain) = gain_db(&tone(0.01)).unwrap();
        assert!((level + 43.0).abs() < 0.2 && (level + gain - SPEECH_DB).abs() < 0.2, "{level} {gain}");
        assert_eq!(gain_db(&tone(0.5)), None);
        assert_eq!(gain_db(&vec![0.0; 96_000]), None);
    }

    #[test]
    fn peaks_are_not_cut_off() {
        let mut samples = tone(0.01);
        samples[100] = 0.5;
        let (_, gain) = gain_db(&samples).unwrap();
        assert!(0.5 * 10_f64.powf(gain / 20.0) < 0.9, "{gain}");
    }
}
