//! A face that speaks a voice: for each frame of a clip what is drawn over it.
//!
//! A mouth that talks in the clip is shown with its own lower faces, chosen for the voice. One that only moves is covered by its own
//! lower face at rest, and opened by drawing; one that is still is opened where it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fit::MouthFit;
use super::follow::MouthTrack;
use super::habit::Habit;
use super::own::{Bank, Closeup, Mix, Patch, Wish, draw};
use super::palette::Palette;
use super::viseme::Viseme;
use super::voice::VisemeTrack;
use super::warp::move_mouth;
use crate::media::Frame;
use crate::media::faces::FaceTrack;
use crate::model::Interval;

/// How much a mouth that does not talk opens at most to be left as it is, in widths of the mouth: a smile that only widens is no worse to
/// open than what covers it while the head turns.
const STILL: f32 = 0.025;

/// How far the widest tenth of what is said opens a mouth, as a share of its own range.
const FULL: f32 = 0.9;

/// A frame that is further from a closed mouth that is asked for does not show it, in s: half of the longest that pictures are shown.
const CLOSED_BESIDE_S: f32 = 0.05;

/// How a mouth is made to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// With the person's own lower faces: teeth and tongue are real.
    Own,
    /// Covered by its own rest, since it moves; what shows between the lips is drawn.
    Covered,
    /// Opened where it is; what shows between the lips is drawn.
    Drawn,
}

/// The model of a face's mouth, independent of the voice.
#[derive(Debug, Clone)]
pub struct Mouth {
    track: Arc<MouthTrack>,
    palette: Palette,
    shown: Vec<f32>,
    bank: Option<Bank>,
    manner: Manner,
    habit: Option<Habit>,
}

impl Mouth {
    /// Learns a mouth that was followed, with closeups of some of its frames.
    #[must_use]
    pub fn learn(track: Arc<MouthTrack>, face: &FaceTrack, closeups: &BTreeMap<i64, Closeup>) -> Self {
        let bank = Bank::of(closeups, &track, face);
        let manner = match &bank {
            Some(bank) if bank.talks() => Manner::Own,
            Some(bank) if bank.reach() > STILL => Manner::Covered,
            _ => Manner::Drawn,
        };
        let palette = Palette::of(track.rest(), track.fit());
        Self {
            palette,
            shown: track.shown(),
            bank: bank.filter(|_| manner != Manner::Drawn),
            manner,
            habit: None,
            track,
        }
    }

    /// Learns how the mouth follows its own voice, from the visemes of the clip's own sound; nothing where it does not.
    #[must_use]
    pub fn hearing(self, own: &VisemeTrack) -> Self {
        let range = self.bank.as_ref().filter(|_| self.manner == Manner::Own).map(Bank::range);
        let habit = range.and_then(|range| Habit::of(&self.track.samples, range, own));
        Self { habit, ..self }
    }

    /// Where the mouth was found.
    #[must_use]
    pub fn fit(&self) -> &MouthFit {
        self.track.fit()
    }

    /// How it is made to speak.
    #[must_use]
    pub const fn manner(&self) -> Manner {
        self.manner
    }
}

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Painted {
    /// The face does not speak in it, or is not in view.
    Nothing,
    /// The face speaks, and its mouth is not known here: the picture is as it was, or nearly.
    Unknown,
    /// The mouth follows the voice.
    Spoken,
}

/// Makes one face speak in any frame of a clip.
#[derive(Debug, Clone)]
pub struct Performance {
    mouth: Arc<Mouth>,
    visemes: Arc<VisemeTrack>,
    /// When the voice begins to be heard, in the clip's time, in µs.
    start_us: i64,
    /// The first sample in which it is heard.
    first: usize,
    /// From that sample on, what the voice asks for in each.
    asked: Vec<Viseme>,
    /// Likewise, which of the person's own lower faces are drawn.
    way: Vec<Mix>,
}

impl Performance {
    /// A mouth that was learnt, and the visemes of a voice that is heard from `start_us` of the clip's time on, within `span`.
    #[must_use]
    pub fn of(mouth: Arc<Mouth>, visemes: Arc<VisemeTrack>, start_us: i64, span: Interval) -> Self {
        let samples = &mouth.track.samples;
        let first = samples.partition_point(|sample| sample.pts_us / 1000 < span.start_ms);
        let last = samples.partition_point(|sample| sample.pts_us / 1000 < span.end_ms);
        let spoken = &samples[first..last.max(first)];
        let times_s: Vec<f32> = spoken.iter().map(|sample| (sample.pts_us - start_us) as f32 * 1e-6).collect();
        let asked = asked(&visemes, &times_s);
        let mut wishes: Vec<Wish> = spoken
            .iter()
            .zip(&asked)
            .enumerate()
            .map(|(number, (sample, viseme))| {
                let own = mouth.manner == Manner::Own;
                let open = if own { viseme.open * viseme.weight } else { 0.0 };
                Wish {
                    open,
                    spread: viseme.spread,
                    teeth: viseme.teeth,
                    rests: !own || viseme.weight < 0.3,
                    stays: !own,
                    place: sample.place,
                    sample: first + number,
                }
            })
            .collect();
        // Voices are not equally loud: the widest openings of each are alike.
        let mut openings: Vec<f32> = wishes.iter().map(|wish| wish.open).filter(|&open| open > 0.1).collect();
        openings.sort_by(f32::total_cmp);
        let wide = openings.get(openings.len() * 9 / 10).copied().unwrap_or(FULL);
        let gain = (FULL / wide).clamp(1.0, 1.7);
        for wish in &mut wishes {
            let gained = (wish.open * gain).min(1.1);
            // What the person does counts for half: a few seconds teach it roughly.
            wish.open = mouth.habit.as_ref().map_or(gained, |habit| 0.5 * (habit.opening(wish.open) + gained));
        }
        let way = mouth.bank.as_ref().map(|bank| bank.choose(&wishes, &mouth.track)).unwrap_or_default();
        Self { mouth, visemes, start_us, first, asked, way }
    }

    /// Where the mouth was found.
    #[must_use]
    pub fn fit(&self) -> &MouthFit {
        self.mouth.fit()
    }

    /// How the mouth is made to speak.
    #[must_use]
    pub fn manner(&self) -> Manner {
        self.mouth.manner
    }

    /// Makes the face speak. Before and after the voice the frame stays untouched.
    pub fn apply(&self, frame: &mut Frame) -> Painted {
        let mouth = &self.mouth;
        let Some(index) = mouth.track.index_at(frame.pts_us) else { return Painted::Nothing };
        let Some(sample) = mouth.track.samples.get(index) else { return Painted::Nothing };
        let shown = mouth.shown.get(index).copied().unwrap_or(0.0);
        let time_s = (sample.pts_us - self.start_us) as f32 * 1e-6;
        let strength = self.visemes.presence(time_s) * shown;
        let at = index.wrapping_sub(self.first);
        if strength > 0.0 {
            if let (Some(bank), Some(mix)) = (&mouth.bank, self.way.get(at)) {
                let parts = bank.shown(mix, mouth.fit());
                draw(frame, &sample.place, &parts, &Patch::around(mouth.fit()), strength);
            }
            if let Some(viseme) = self.asked.get(at).filter(|_| mouth.manner != Manner::Own) {
                let viseme = Viseme { weight: viseme.weight * shown, ..*viseme };
                move_mouth(frame, &sample.place, mouth.fit(), &mouth.palette, &viseme);
            }
        }
        if shown < 0.5 { Painted::Unknown } else { Painted::Spoken }
    }
}

/// What a voice asks for in frames at these times, in s after it began. Lips that it asks to close between two sounds do so in the frame that
/// is nearest to that: an m is often shorter than a picture is shown.
fn asked(visemes: &VisemeTrack, times_s: &[f32]) -> Vec<Viseme> {
    let mut asked: Vec<Viseme> = times_s.iter().map(|&time_s| visemes.at(time_s)).collect();
    for closed_s in visemes.closures_s() {
        let after = times_s.partition_point(|&time_s| time_s < closed_s);
        let apart = |at: &usize| (times_s[*at] - closed_s).abs();
        let beside = [after.checked_sub(1), Some(after).filter(|&after| after < times_s.len())].into_iter().flatten();
        if let Some(nearest) = beside.min_by(|a, b| apart(a).total_cmp(&apart(b)))
            && apart(&nearest) < CLOSED_BESIDE_S
        {
            asked[nearest].open = 0.0;
        }
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::super::voice::RATE_HZ;
    use super::*;

    /// Two open sounds around a murmur of this length that asks the lips to close for less than a picture is shown.
    fn with_an_m(murmur_s: f32) -> VisemeTrack {
        let second = RATE_HZ as f32;
        let samples: Vec<f32> = (0..RATE_HZ)
            .map(|at| {
                let time_s = at as f32 / second;
                let loud = if (time_s - 0.5).abs() < murmur_s / 2.0 { 0.003 } else { 0.3 };
                (1..=8).map(|h| (std::f32::consts::TAU * 125.0 * h as f32 * time_s).sin()).sum::<f32>() * loud * 0.2
            })
            .collect();
        VisemeTrack::of(&samples)
    }

    #[test]
    fn an_m_that_is_shorter_than_a_picture_closes_the_lips_in_one() {
        let visemes = with_an_m(0.06);
        let closures = visemes.closures_s();
        assert_eq!(closures.len(), 1, "{closures:?}");
        let mut missed = 0;
        for phase in 0..10 {
            let times_s: Vec<f32> = (0..24).map(|number| (number as f32 + phase as f32 / 10.0) / 25.0).collect();
            let shut = |open: &dyn Fn(usize) -> f32| {
                (0..24).filter(|&at| (times_s[at] - closures[0]).abs() < 0.06 && open(at) < 0.05).count()
            };
            let asked = asked(&visemes, &times_s);
            assert!(shut(&|at| asked[at].open) > 0, "phase {phase}");
            missed += usize::from(shut(&|at| visemes.at(times_s[at]).open) == 0);
            assert!(asked.iter().filter(|viseme| viseme.open > 0.3).count() > 15, "the rest is spoken");
        }
        assert!(missed > 0, "the voice alone closes them in every phase: nothing is shown here");
    }
}
