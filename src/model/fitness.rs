//! Whether a face is fit to be made to speak: what was measured of it, and what that means before a task is paid for.
//!
//! The services say of clips only that faces should be clear and front-facing. The thresholds are ours, from clips that were tried: below
//! them results were seen to be blurred, misplaced or without any motion. Nothing here refuses: it warns.

use serde::Serialize;

use super::words;

/// Below this the mouth has some 20 px from corner to corner, and detectors begin to miss the face. In px.
const SIZE_UNFIT_PX: f32 = 60.0;
/// Below this a mouth that a service draws, at 96 px a face or more, is shrunk to fit. In px.
const SIZE_RISKY_PX: f32 = 100.0;
/// With less of the face found, most of what is paid for shows no mouth that moves.
const SEEN_UNFIT: f32 = 0.5;
/// With less the mouth stops now and then.
const SEEN_RISKY: f32 = 0.9;
/// A face of 380 px, blurred by a Gaussian of 8 px, has 0.057; sharp ones have 0.1 to 0.2. A new mouth is sharper than such a face.
const SHARPNESS_RISKY: f32 = 0.06;
/// One of 145 px, blurred by 8 px, has 0.028: brows and lips are hardly told apart.
const SHARPNESS_UNFIT: f32 = 0.035;
/// Faces seen from the front stay below 0.4, half-turned ones begin at 0.5. Light from one side and hands raise it too, so that it alone makes no face unfit.
const TURN_RISKY: f32 = 0.5;

/// People who speak to a camera keep their features within 0.2 to 0.5; of those who turn to and fro, lower faces are seen from both sides.
const SWAYS_RISKY: f32 = 0.8;
/// Lips that touch are less than 0.1 apart, a smile over the edges of teeth up to 0.12; a laugh is more, and nobody has seen it closed.
const PARTED_RISKY: f32 = 0.13;

/// What was measured of a face while it is to speak.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FaceMeasures {
    /// Side of the face's box in px of the clip: the middle one of all frames.
    pub size_px: f32,
    /// Share of the frames in which it was found, of those in which it is said to be in view; 0 to 1.
    pub seen_share: f32,
    /// Fine detail against contrast, as `media::faces::ViewQuality` measures it; `None` where no view was good enough.
    pub sharpness: Option<f32>,
    /// How far it is turned away, as `media::faces::ViewQuality` measures it, 0 to 1.
    pub turn: Option<f32>,
    /// How far its features move from one side of the head to the other as it turns, 0 to 2, but for a tenth of the views at either end; `None`
    /// where it was seen but once.
    pub sways: Option<f32>,
    /// How far its lips are apart when they are nearest (in a tenth of the views they are nearer), in widths of the mouth.
    pub parted: Option<f32>,
    /// Cuts of the picture while it speaks.
    pub cuts: usize,
}

/// How fit a face is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing speaks against it.
    Fit,
    /// A good result is not certain.
    Risky,
    /// A good result is not to be expected.
    Unfit,
}

/// The verdict, and why it is not better.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fitness {
    /// The verdict.
    pub verdict: Verdict,
    /// One reason for each measure that is not good; the worst first.
    pub why: Vec<String>,
    /// What it is made from.
    pub measures: FaceMeasures,
}

/// Why nothing was measured of a face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotMeasured {
    /// The clip is at an address, or stored at the service.
    ClipIsElsewhere,
    /// The clip is here, and the face was not found in it.
    NotFoundHere,
}

impl NotMeasured {
    /// In words; `face` is the face's name.
    #[must_use]
    pub fn words(self, face: &str) -> String {
        match self {
            Self::ClipIsElsewhere => words::face_not_measured_address(),
            Self::NotFoundHere => words::face_not_measured_here(face),
        }
    }
}

impl Fitness {
    /// Judges what was measured.
    #[must_use]
    pub fn of(measures: FaceMeasures) -> Self {
        let FaceMeasures { size_px, seen_share, sharpness, turn, sways, parted, cuts } = measures;
        let mut why = Vec::new();
        let mut below = |value: f32, unfit: f32, risky: f32, words: &dyn Fn() -> String| {
            if value < risky {
                why.push((if value < unfit { Verdict::Unfit } else { Verdict::Risky }, words()));
            }
        };
        below(size_px, SIZE_UNFIT_PX, SIZE_RISKY_PX, &|| words::part_face_small(size_px, SIZE_RISKY_PX));
        below(seen_share, SEEN_UNFIT, SEEN_RISKY, &|| words::part_face_seldom_seen(seen_share * 100.0));
        if let Some(sharpness) = sharpness {
            below(sharpness, SHARPNESS_UNFIT, SHARPNESS_RISKY, &words::part_face_blurred);
        }
        if turn.is_some_and(|turn| turn > TURN_RISKY) {
            why.push((Verdict::Risky, words::part_face_turned()));
        }
        if sways.is_some_and(|sways| sways > SWAYS_RISKY) {
            why.push((Verdict::Risky, words::part_face_sways()));
        }
        if parted.is_some_and(|parted| parted > PARTED_RISKY) {
            why.push((Verdict::Risky, words::part_face_never_shut()));
        }
        if cuts > 0 {
            why.push((Verdict::Risky, if cuts == 1 { words::part_face_cut() } else { words::part_face_cuts(cuts) }));
        }
        why.sort_by_key(|(verdict, _)| std::cmp::Reverse(*verdict));
        let verdict = why.first().map_or(Verdict::Fit, |(verdict, _)| *verdict);
        Self { verdict, why: why.into_iter().map(|(_, words)| words).collect(), measures }
    }

    /// In one line; `face` is the face's name.
    #[must_use]
    pub fn words(&self, face: &str) -> String {
        let why = self.why.join("; ");
        match self.verdict {
            Verdict::Fit => words::face_fit(face),
            Verdict::Risky => words::face_risky(face, why),
            Verdict::Unfit => words::face_unfit(face, why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: FaceMeasures = FaceMeasures {
        size_px: 220.0,
        seen_share: 1.0,
        sharpness: Some(0.14),
        turn: Some(0.15),
        sways: Some(0.2),
        parted: Some(0.0),
        cuts: 0,
    };

    fn judged(measures: FaceMeasures) -> (Verdict, String) {
        let fitness = Fitness::of(measures);
        (fitness.verdict, fitness.words("Face 2"))
    }

    #[test]
    fn each_measure_moves_the_verdict_and_says_why() {
        assert_eq!(judged(GOOD), (Verdict::Fit, "Face 2 is fit".to_owned()));
        let cases = [
            (FaceMeasures { size_px: 80.0, ..GOOD }, Verdict::Risky, "80 px"),
            (FaceMeasures { size_px: 48.0, ..GOOD }, Verdict::Unfit, "48 px"),
            (FaceMeasures { seen_share: 0.8, ..GOOD }, Verdict::Risky, "80 %"),
            (FaceMeasures { seen_share: 0.3, ..GOOD }, Verdict::Unfit, "30 %"),
            (FaceMeasures { sharpness: Some(0.05), ..GOOD }, Verdict::Risky, "blurred"),
            (FaceMeasures { sharpness: Some(0.02), ..GOOD }, Verdict::Unfit, "blurred"),
            (FaceMeasures { turn: Some(0.7), ..GOOD }, Verdict::Risky, "turned"),
            (FaceMeasures { sways: Some(1.1), ..GOOD }, Verdict::Risky, "turns"),
            (FaceMeasures { parted: Some(0.2), ..GOOD }, Verdict::Risky, "never seen closed"),
            (FaceMeasures { cuts: 1, ..GOOD }, Verdict::Risky, "cuts once"),
            (FaceMeasures { cuts: 3, ..GOOD }, Verdict::Risky, "3 times"),
        ];
        for (measures, verdict, words) in cases {
            let (found, said) = judged(measures);
            assert_eq!(found, verdict, "{said}");
            assert!(said.contains(words), "{said} does not say {words}");
        }
    }

    #[test]
    fn the_worst_reason_comes_first_and_what_was_not_measured_is_none() {
        let fitness = Fitness::of(FaceMeasures {
            size_px: 80.0,
            seen_share: 0.2,
            sharpness: None,
            turn: None,
            sways: None,
            parted: None,
            cuts: 0,
        });
        assert_eq!((fitness.verdict, fitness.why.len()), (Verdict::Unfit, 2));
        assert!(fitness.why[0].contains("20 %"), "{:?}", fitness.why);
    }

    proptest! {
        /// What is better in every measure is never judged worse.
        #[test]
        fn a_better_face_is_never_judged_worse(
            size in 1.0..400.0_f32, seen in 0.0..1.0_f32, sharpness in 0.0..0.3_f32, turn in 0.0..1.0_f32, sways in 0.0..2.0_f32,
            parted in 0.0..0.4_f32, cuts in 0..4_usize, by in 0.0..1.0_f32,
        ) {
            let measures = FaceMeasures {
                size_px: size,
                seen_share: seen,
                sharpness: Some(sharpness),
                turn: Some(turn),
                sways: Some(sways),
                parted: Some(parted),
                cuts,
            };
            let better = FaceMeasures {
                size_px: size * (1.0 + by),
                seen_share: (seen + by).min(1.0),
                sharpness: Some(sharpness + by),
                turn: Some(turn * (1.0 - by)),
                sways: Some(sways * (1.0 - by)),
                parted: Some(parted * (1.0 - by)),
                cuts: cuts.saturating_sub(1),
            };
            prop_assert!(Fitness::of(better).verdict <= Fitness::of(measures).verdict);
        }
    }
}
