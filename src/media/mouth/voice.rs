//! Visemes from the sound of a voice.
//!
//! Every 10 ms: the loudness of the speech, the frequencies of its two lowest formants, the share of hiss. The first formant
//! follows the jaw ("ah" about 750 Hz, "ee" and "oo" about 300 Hz), the second the width ("oo" about 800 Hz, "ee" above
//! 2 kHz); lips that shut for m, b and p remove the middle of the spectrum for a moment.

use realfft::RealFftPlanner;

use super::closures::closures;
use super::viseme::Viseme;

/// Samples a second of what is analysed.
pub const RATE_HZ: usize = 48_000;
/// From one viseme to the next, in samples (10 ms).
const HOP: usize = 480;
/// Samples that are analysed for each viseme (32 ms: two or three periods of a low voice).
const WINDOW: usize = 1536;
const SPECTRUM: usize = 2048;
/// From one viseme to the next, in s.
const STEP_S: f32 = 0.01;
/// Speech below this share of the loud parts counts as silence.
const GATE: f32 = 0.06;
/// The absolute threshold of silence (RMS of full scale 1).
const SILENCE_RMS: f32 = 0.0012;
/// How long the lips move before their sound is heard, in s.
const LEAD_S: f32 = 0.03;
/// The length of a pause after which the mouth rests, in s.
const PAUSE_S: f32 = 0.35;
/// Duration of the transition between the clip's own mouth and the voice's, in s.
const FADE_S: f32 = 0.14;

/// The visemes of a part of a voice.
#[derive(Debug, Clone, PartialEq)]
pub struct VisemeTrack {
    visemes: Vec<Viseme>,
}

impl VisemeTrack {
    /// The visemes of a voice: mono, [`RATE_HZ`], only the part that is heard.
    #[must_use]
    pub fn of(samples: &[f32]) -> Self {
        let heard = hear(samples);
        let mut visemes = form(&heard);
        rest_in_pauses(&mut visemes, &heard);
        Self { visemes }
    }

    /// The weight of the voice `time_s` after it began: 1 while it is heard, fading at both ends, because it may be cut in
    /// the middle of a word.
    #[must_use]
    pub fn presence(&self, time_s: f32) -> f32 {
        let length_s = self.visemes.len() as f32 * STEP_S;
        between(time_s.min(length_s - time_s), 0.0, FADE_S)
    }

    /// When the lips are to be closed between two open sounds, in s after the voice began, as [`VisemeTrack::at`] counts.
    #[must_use]
    pub fn closures_s(&self) -> Vec<f32> {
        let asked: Vec<f32> = (0..self.visemes.len()).map(|step| self.at((step as f32 + 0.5) * STEP_S).open).collect();
        closures(&asked).into_iter().map(|step| step * STEP_S).collect()
    }

    /// The viseme `time_s` after the voice began; [`Viseme::REST`] before and after it.
    #[must_use]
    pub fn at(&self, time_s: f32) -> Viseme {
        let presence = self.presence(time_s);
        if presence <= 0.0 {
            return Viseme::REST;
        }
        let position = ((time_s + LEAD_S) / STEP_S - 0.5).clamp(0.0, (self.visemes.len() - 1) as f32);
        let (index, part) = (position as usize, position.fract());
        let first = self.visemes.get(index).copied().unwrap_or(Viseme::REST);
        let viseme = first.towards(self.visemes.get(index + 1).unwrap_or(&first), part);
        Viseme { weight: viseme.weight * presence, ..viseme }
    }
}

/// Features of one moment.
#[derive(Debug, Clone, Copy, Default)]
struct Heard {
    /// Loudness between 300 Hz and 4 kHz, 1 for the loud parts.
    level: f32,
    /// First formant in Hz.
    first_hz: f32,
    /// Second formant in Hz.
    second_hz: f32,
    /// Share of hiss (above 4 kHz), 0 to 1.
    hiss: f32,
}

fn hear(samples: &[f32]) -> Vec<Heard> {
    let count = samples.len() / HOP;
    let mut planner = RealFftPlanner::<f32>::new();
    let transform = planner.plan_fft_forward(SPECTRUM);
    let (mut input, mut output) = (transform.make_input_vec(), transform.make_output_vec());
    let window: Vec<f32> = (0..WINDOW)
        .map(|index| 0.5 - 0.5 * (std::f32::consts::TAU * (index as f32 + 0.5) / WINDOW as f32).cos())
        .collect();
    let mut heard = Vec::with_capacity(count);
    let mut loudness = Vec::with_capacity(count);
    for moment in 0..count {
        let middle = moment * HOP + HOP / 2;
        input.fill(0.0);
        for (index, (slot, weight)) in input.iter_mut().zip(&window).enumerate() {
            let at = (middle + index).checked_sub(WINDOW / 2);
            *slot = at.and_then(|at| samples.get(at)).copied().unwrap_or(0.0) * weight;
        }
        if transform.process(&mut input, &mut output).is_err() {
            heard.push(Heard::default());
            loudness.push(0.0);
            continue;
        }
        let power: Vec<f32> = output.iter().map(realfft::num_complex::Complex::norm_sqr).collect();
        let spectrum = Spectrum(&power);
        let speech = spectrum.sum(300.0, 4_000.0);
        let hissing = spectrum.sum(4_000.0, 11_000.0);
        let all = spectrum.sum(80.0, 11_000.0);
        // Mean square from the spectrum: half of it is mirrored, and the window reduces it to 3/8.
        let rms = |power: f32| (power * 2.0 / (SPECTRUM as f32 * WINDOW as f32 * 0.375)).sqrt();
        loudness.push(rms(speech + hissing));
        heard.push(Heard {
            level: rms(speech),
            first_hz: spectrum.centre(200.0, 1_000.0),
            second_hz: spectrum.onset(700.0, 3_200.0),
            hiss: (hissing / all.max(1e-12) / 0.6).min(1.0),
        });
    }
    let mut sorted: Vec<f32> = loudness.iter().copied().filter(|&rms| rms > SILENCE_RMS).collect();
    sorted.sort_by(f32::total_cmp);
    let loud = sorted.get(sorted.len() * 95 / 100).copied().unwrap_or(1.0).max(SILENCE_RMS * 8.0);
    for (moment, rms) in heard.iter_mut().zip(loudness) {
        moment.level = if rms < SILENCE_RMS { 0.0 } else { moment.level / loud };
        if rms < GATE * loud {
            moment.hiss = 0.0;
        }
    }
    heard
}

struct Spectrum<'a>(&'a [f32]);

impl Spectrum<'_> {
    const BIN_HZ: f32 = RATE_HZ as f32 / SPECTRUM as f32;

    fn band(&self, from_hz: f32, to_hz: f32) -> impl Iterator<Item = (f32, f32)> {
        let (from, to) = ((from_hz / Self::BIN_HZ).ceil() as usize, (to_hz / Self::BIN_HZ) as usize);
        self.0.iter().enumerate().take(to + 1).skip(from).map(|(bin, &power)| (bin as f32 * Self::BIN_HZ, power))
    }

    fn sum(&self, from_hz: f32, to_hz: f32) -> f32 {
        self.band(from_hz, to_hz).map(|(_, power)| power).sum()
    }

    /// The centroid of a band.
    fn centre(&self, from_hz: f32, to_hz: f32) -> f32 {
        let (weighted, total) =
            self.band(from_hz, to_hz).fold((0.0, 1e-12), |(w, t), (hz, power)| (w + power * hz, t + power));
        weighted / total
    }

    /// Where a third of a band's weight is reached: the lower of the formants in it, when there are two. The high
    /// ones are lifted a little, as voices fall off.
    fn onset(&self, from_hz: f32, to_hz: f32) -> f32 {
        let lifted = |(hz, power): (f32, f32)| (hz, power * (hz / 1_000.0).sqrt());
        let total: f32 = self.band(from_hz, to_hz).map(|bin| lifted(bin).1).sum();
        let mut sum = 0.0;
        self.band(from_hz, to_hz)
            .map(lifted)
            .find(|&(_, power)| {
                sum += power;
                sum >= total * 0.35
            })
            .map_or(from_hz, |(hz, _)| hz)
    }
}

fn form(heard: &[Heard]) -> Vec<Viseme> {
    let levels: Vec<f32> = heard.iter().map(|moment| moment.level).collect();
    let mut visemes: Vec<Viseme> = heard
        .iter()
        .enumerate()
        .map(|(index, moment)| {
            let loud = ((moment.level - GATE) / (0.8 - GATE)).clamp(0.0, 1.0).powf(0.6);
            let low_jaw = between(moment.first_hz, 360.0, 640.0);
            let hissing = between(moment.hiss, 0.25, 0.8);
            // A vowel with an open jaw is neither round nor spread, whatever its second formant is.
            let lowest_jaw = between(moment.first_hz, 540.0, 690.0);
            let round = (1.0 - between(moment.second_hz, 1_250.0, 1_850.0)) * (1.0 - 0.9 * lowest_jaw);
            let wide = between(moment.second_hz, 1_750.0, 2_100.0) * (1.0 - 0.5 * low_jaw);
            let voiced = loud.min(1.0);
            let mut open = loud * (0.30 + 0.70 * low_jaw) * (1.0 - hissing);
            // The teeth are nearly closed in s, sh, f.
            open = open.max(0.13 * hissing);
            open *= 1.0 - shut(&levels, index);
            Viseme {
                open,
                spread: (1.25 * (wide - round)).clamp(-1.0, 1.0) * voiced * (1.0 - hissing) + 0.45 * hissing,
                teeth: (0.3 + 0.6 * wide).max(hissing),
                weight: 1.0,
            }
        })
        .collect();
    let closing: Vec<bool> = (0..visemes.len()).map(|index| shut(&levels, index) > 0.6).collect();
    follow_through(&mut visemes, &closing);
    visemes
}

/// How certain it is that the lips are shut here: a short dip between two louder parts, 0 to 1.
fn shut(levels: &[f32], index: usize) -> f32 {
    const REACH: usize = 13;
    let Some(&here) = levels.get(index) else { return 0.0 };
    let before = levels[index.saturating_sub(REACH)..index].iter().copied().fold(0.0, f32::max);
    let after = levels[index..levels.len().min(index + REACH + 1)].iter().copied().fold(0.0, f32::max);
    let around = before.min(after);
    if around < 2.0 * GATE { 0.0 } else { 1.0 - between(here / around, 0.16, 0.34) }
}

/// Models the inertia of lips and jaw: they open fast, close slower, and shut immediately.
fn follow_through(visemes: &mut [Viseme], closing: &[bool]) {
    let share = |time_s: f32| 1.0 - (-STEP_S / time_s).exp();
    let (mut open, mut spread, mut teeth) = (0.0_f32, 0.0_f32, 0.3_f32);
    for (viseme, &closes) in visemes.iter_mut().zip(closing) {
        let time_s = match (viseme.open > open, closes) {
            (true, _) => 0.028,
            (false, true) => 0.014,
            (false, false) => 0.060,
        };
        open += (viseme.open - open) * share(time_s);
        spread += (viseme.spread - spread) * share(0.045);
        teeth += (viseme.teeth - teeth) * share(0.05);
        (viseme.open, viseme.spread, viseme.teeth) = (open, spread, teeth);
    }
    // Shifted back a little, since a causal filter lags.
    spread = visemes.last().map_or(0.0, |viseme| viseme.spread);
    for viseme in visemes.iter_mut().rev() {
        spread += (viseme.spread - spread) * share(0.03);
        viseme.spread = spread;
    }
}

/// In a pause the mouth shuts; in a long one it returns to the clip's own mouth.
fn rest_in_pauses(visemes: &mut [Viseme], heard: &[Heard]) {
    let speaks: Vec<bool> = heard.iter().map(|moment| moment.level > GATE || moment.hiss > 0.4).collect();
    let count = visemes.len();
    let mut to_next = vec![f32::INFINITY; count];
    let mut gap_s = f32::INFINITY;
    for index in (0..count).rev() {
        gap_s = if speaks[index] { 0.0 } else { gap_s + STEP_S };
        to_next[index] = gap_s;
    }
    gap_s = f32::INFINITY;
    for (index, viseme) in visemes.iter_mut().enumerate() {
        gap_s = if speaks[index] { 0.0 } else { gap_s + STEP_S };
        let fades_out = between(gap_s, PAUSE_S, PAUSE_S + 2.0 * FADE_S);
        let fades_in = between(to_next[index], 0.02, FADE_S);
        viseme.weight *= 1.0 - fades_out.min(fades_in);
    }
}

fn between(value: f32, from: f32, to: f32) -> f32 {
    let t = ((value - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A buzz of 120 Hz through formants: a vowel as the voice makes it.
    fn vowel(formants_hz: &[f32], seconds: f32) -> Vec<f32> {
        let count = (seconds * RATE_HZ as f32) as usize;
        let mut samples: Vec<f32> =
            (0..count).map(|index| if index % (RATE_HZ / 120) == 0 { 1.0 } else { 0.0 }).collect();
        // The larynx falls off by 12 dB an octave, the lips lift by 6.
        let mut slow = 0.0;
        for sample in &mut samples {
            slow += (*sample - slow) * 0.08;
            *sample = slow;
        }
        for &hz in formants_hz {
            let radius = (-std::f32::consts::PI * 90.0 / RATE_HZ as f32).exp();
            let turn = 2.0 * radius * (std::f32::consts::TAU * hz / RATE_HZ as f32).cos();
            let gain = 1.0 - turn + radius * radius;
            let (mut one, mut two) = (0.0, 0.0);
            for sample in &mut samples {
                let next = gain * *sample + turn * one - radius * radius * two;
                (two, one) = (one, next);
                *sample = next;
            }
        }
        let peak = samples.iter().fold(1e-9_f32, |most, sample| most.max(sample.abs()));
        samples.iter().map(|sample| sample / peak * 0.5).collect()
    }

    fn middle(samples: &[f32]) -> Viseme {
        VisemeTrack::of(samples).at(samples.len() as f32 / RATE_HZ as f32 / 2.0)
    }

    #[test]
    fn ah_opens_oo_narrows_ee_spreads() {
        let ah = middle(&vowel(&[750.0, 1_200.0, 2_500.0], 0.6));
        let oo = middle(&vowel(&[310.0, 850.0, 2_300.0], 0.6));
        let ee = middle(&vowel(&[280.0, 2_250.0, 2_900.0], 0.6));
        assert!(ah.open > 0.75 && ah.spread.abs() < 0.35, "{ah:?}");
        assert!(oo.open < 0.5 && oo.spread < -0.6, "{oo:?}");
        assert!(ee.open < 0.5 && ee.spread > 0.6, "{ee:?}");
        assert!(ee.teeth > oo.teeth + 0.3, "{ee:?} {oo:?}");
    }

    #[test]
    fn silence_leaves_the_mouth_alone() {
        let visemes = VisemeTrack::of(&vec![0.0; RATE_HZ]);
        for step in 0..100 {
            let viseme = visemes.at(step as f32 * 0.01);
            assert!(viseme.weight < 1e-3 && viseme.open < 1e-3, "{viseme:?}");
        }
    }

    #[test]
    fn a_pause_shuts_the_mouth_and_a_short_dip_does_so_at_once() {
        let ah = vowel(&[750.0, 1_200.0, 2_500.0], 0.5);
        let pause = [ah.clone(), vec![0.0; RATE_HZ / 2], ah.clone()].concat();
        let visemes = VisemeTrack::of(&pause);
        assert!(visemes.at(0.3).open > 0.7);
        assert!(visemes.at(0.75).open < 0.05, "{:?}", visemes.at(0.75));
        assert!(visemes.at(1.2).open > 0.7);
        // An m: 70 ms in which only the low murmur is heard.
        let murmur: Vec<f32> = vowel(&[230.0, 240.0], 0.07).iter().map(|sample| sample * 0.3).collect();
        let ama = [ah.clone(), murmur, ah].concat();
        let visemes = VisemeTrack::of(&ama);
        let least = (50..60).map(|step| visemes.at(step as f32 * 0.01).open).fold(1.0, f32::min);
        assert!(least < 0.12, "{least}");
    }

    #[test]
    fn hiss_shows_the_teeth_with_the_mouth_nearly_shut() {
        let mut state = 1_u32;
        let mut last = 0.0;
        let hiss: Vec<f32> = (0..RATE_HZ / 2)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = (state >> 8) as f32 / 8_388_608.0 - 1.0;
                let high = noise - last;
                last = noise;
                high * 0.1
            })
            .collect();
        let viseme = middle(&hiss);
        assert!(viseme.teeth > 0.8 && viseme.open < 0.25, "{viseme:?}");
    }

    #[test]
    fn before_and_after_the_voice_the_mouth_rests() {
        let visemes = VisemeTrack::of(&vowel(&[750.0, 1_200.0], 1.0));
        assert_eq!(visemes.at(-0.01), Viseme::REST);
        assert_eq!(visemes.at(1.0), Viseme::REST);
        assert!(visemes.at(0.005).weight < 0.05 && visemes.at(0.995).weight < 0.05);
        assert!(visemes.at(0.5).weight > 0.99);
    }
}
