//! The mouth followed through a clip: faces laid exactly over each other, and in each frame where the mouth is, how far it
//! is open, how wide it is, and how certain that is. Everything is measured from pixels, so that the same eyes look at a clip and at a
//! result of it.
//!
//! Use: [`Follower::new`] with the face's track, [`Follower::push`] for every decoded frame, [`Follower::finish`]. Frames that do not show
//! the face are left out by themselves. A result is measured with the clip's own gauge by [`Follower::finish_as`]: the same
//! reference, mouth and rest, so that openings of both can be compared.

mod affine;
pub(super) mod crop;
pub(super) mod measure;
mod stabilise;

use std::sync::Arc;

pub use affine::Affine;
pub use measure::Shape;

use crop::Crop;
use measure::{Gauge, Lower, line_height, mean_luma, strangeness};
use stabilise::{Laid, Reference};

use super::fit::{MouthBox, MouthFit};
use super::look::{self, Look};
use crate::media::Frame;
use crate::media::faces::{FaceTrack, Pose};

/// Frames from which the reference and the mouth's place are learnt, spread over those that were pushed.
const LEARNT_FRAMES: usize = 120;
/// Below the first correlation a face is not known, above the second it is.
const CORRELATED: (f32, f32) = (0.55, 0.80);

/// How much clearer a mouth is elsewhere than where the lower face moves, to be believed.
const CLEARER: f32 = 0.3;
/// Longer than this from one frame to the next, the face was out of view between them.
const GAP_US: i64 = 150_000;
/// How long a drawn mouth takes to appear beside frames in which it is not known.
const FADE_US: i64 = 160_000;

/// The mouth in one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MouthSample {
    /// Presentation time of the frame in µs.
    pub pts_us: i64,
    /// From face units, as all frames of this track share them, to pixels of the picture.
    pub place: Affine,
    /// How far the lips are apart in the middle, in widths of the mouth at rest: 0 is closed, 0.3 and more a loud "ah".
    pub opening: f32,
    /// How much of the mouth's width at rest is open.
    pub width: f32,
    /// 0: the mouth is not known here (a hand, profile, blur, at the edge of the picture); 1: certain.
    pub confidence: f32,
}

/// What the samples of one face are measured against.
#[derive(Debug)]
struct Known {
    reference: Reference,
    gauge: Gauge,
    fit: MouthFit,
    /// The lower face with the mouth at rest.
    rest: Look,
    usual: Vec<f32>,
    /// How strange lower faces of the clip usually are: median and deviation.
    strange: (f32, f32),
}

/// The mouth of one face in every frame that shows it.
#[derive(Debug, Clone)]
pub struct MouthTrack {
    /// In order of time.
    pub samples: Vec<MouthSample>,
    /// For each sample a small picture of the mouth, upright and in one light.
    looks: Vec<Vec<u8>>,
    /// For each sample nose and cheeks, likewise.
    aspects: Vec<Vec<u8>>,
    known: Arc<Known>,
}

impl MouthTrack {
    /// Where the mouth is, in the face units of the samples' places.
    #[must_use]
    pub fn fit(&self) -> &MouthFit {
        &self.known.fit
    }

    /// The lower face with the mouth at rest: the mean of the frames in which it is most closed.
    #[must_use]
    pub(crate) fn rest(&self) -> &Look {
        &self.known.rest
    }

    /// A small picture of the mouth in a sample, upright and in one light: to tell how alike two mouths look.
    #[must_use]
    pub(crate) fn look(&self, index: usize) -> &[u8] {
        self.looks.get(index).map_or(&[], Vec::as_slice)
    }

    /// Nose and cheeks in a sample, upright and in one light: to tell how alike two heads are turned.
    #[must_use]
    pub(crate) fn aspect(&self, index: usize) -> &[u8] {
        self.aspects.get(index).map_or(&[], Vec::as_slice)
    }

    /// The sample of the frame shown at `pts_us`; none if the face is not in view there.
    #[must_use]
    pub fn at(&self, pts_us: i64) -> Option<&MouthSample> {
        self.samples.get(self.index_at(pts_us)?)
    }

    /// As [`MouthTrack::at`], the number of the sample.
    #[must_use]
    pub fn index_at(&self, pts_us: i64) -> Option<usize> {
        // Containers round times; half a millisecond is far below any frame's length.
        let index = self.samples.partition_point(|sample| sample.pts_us < pts_us - 500);
        self.samples.get(index).filter(|sample| (sample.pts_us - pts_us).abs() <= 500).map(|_| index)
    }

    /// For each sample how much of a drawn mouth may be shown: 0 where the mouth is not known, 1 well inside of where it is, and between
    /// them a few frames of transition, so that nothing pops.
    #[must_use]
    pub fn shown(&self) -> Vec<f32> {
        let doubtful: Vec<bool> = self.samples.iter().map(|sample| sample.confidence < 0.5).collect();
        let unknown = |index: usize| {
            // One frame or two of doubt between sure ones are a blink or a blur: the head has not left.
            let run_start = (0..index).rev().take_while(|&at| doubtful[at]).last().unwrap_or(index);
            let run = (run_start..doubtful.len()).take_while(|&at| doubtful[at]).count();
            doubtful[index] && (run > 2 || self.samples[index].confidence < 0.05)
        };
        let ends: Vec<i64> = (0..self.samples.len())
            .flat_map(|index| {
                let gap = index > 0 && self.samples[index].pts_us - self.samples[index - 1].pts_us > GAP_US;
                let edge = gap.then(|| i64::midpoint(self.samples[index].pts_us, self.samples[index - 1].pts_us));
                unknown(index).then_some(self.samples[index].pts_us).into_iter().chain(edge)
            })
            .collect();
        self.samples
            .iter()
            .map(|sample| {
                let after = ends.partition_point(|&at_us| at_us < sample.pts_us);
                let near = [after.checked_sub(1), Some(after)].into_iter().flatten().filter_map(|at| ends.get(at));
                let apart_us = near.map(|at_us| (at_us - sample.pts_us).abs()).min().unwrap_or(i64::MAX);
                (apart_us as f32 / FADE_US as f32).min(1.0)
            })
            .collect()
    }

    /// The opening below which this share of the certain frames is; 0 without any.
    #[must_use]
    pub fn opening_quantile(&self, share: f32) -> f32 {
        let mut openings: Vec<f32> =
            self.samples.iter().filter(|sample| sample.confidence > 0.5).map(|sample| sample.opening).collect();
        openings.sort_by(f32::total_cmp);
        let at = (share.clamp(0.0, 1.0) * openings.len().saturating_sub(1) as f32).round() as usize;
        openings.get(at).copied().unwrap_or(0.0)
    }
}

/// Follows the mouth of one face through frames that are pushed in order of time.
#[derive(Debug)]
pub struct Follower {
    track: Arc<FaceTrack>,
    faces: Vec<Seen>,
}

/// One face as it was cut out.
#[derive(Debug)]
struct Seen {
    pts_us: i64,
    pose: Pose,
    crop: Crop,
}

impl Follower {
    /// A follower of this face. Some 17 kB are kept for each frame.
    #[must_use]
    pub const fn new(track: Arc<FaceTrack>) -> Self {
        Self { track, faces: Vec::new() }
    }

    /// Looks at the next frame. Returns whether the face is in it.
    pub fn push(&mut self, frame: &Frame) -> bool {
        let Some(point) = self.track.at(frame.pts_us) else { return false };
        let pose = point.pose();
        let crop = Crop::cut(frame, &Affine::of_pose(&pose));
        self.faces.push(Seen { pts_us: point.pts_us, pose, crop });
        true
    }

    /// Learns the face and its mouth from what was seen, and measures it in every frame; none if the face was never seen well enough.
    /// `given` is the mouth's place where the user set it.
    #[must_use]
    pub fn finish(self, given: Option<MouthBox>) -> Option<MouthTrack> {
        let learnt = self.spread();
        let mut reference = Reference::of(&[(&self.faces[self.sharpest(&learnt)?].crop, Affine::IDENTITY)])?;
        // From one frame to the mean of those like it: noise and blinks average out.
        for at_least in [0.6, 0.7] {
            let laid: Vec<Laid> =
                learnt.iter().map(|&index| reference.lay(&self.faces[index].crop, Affine::IDENTITY)).collect();
            let alike: Vec<(&Crop, Affine)> = learnt
                .iter()
                .zip(&laid)
                .filter(|(_, laid)| laid.correlation > at_least)
                .map(|(&index, laid)| (&self.faces[index].crop, laid.map))
                .collect();
            if alike.len() >= 3 {
                reference = Reference::of(&alike)?;
            }
        }
        let laid = self.laid(&reference);
        let lowers: Vec<Lower> =
            self.faces.iter().zip(&laid).map(|(seen, laid)| Lower::of(&seen.crop, laid, &reference)).collect();
        let sure: Vec<usize> = learnt.iter().copied().filter(|&index| laid[index].correlation > CORRELATED.0).collect();
        let sure = if sure.is_empty() { learnt } else { sure };
        let known = self.know(reference, &laid, &lowers, &sure, given);
        Some(self.measured(Arc::new(known), &laid, &lowers))
    }

    /// Measures what was seen with the reference, mouth and rest of another track: of the clip, where this is a result of it.
    #[must_use]
    pub fn finish_as(self, like: &MouthTrack) -> MouthTrack {
        let known = Arc::clone(&like.known);
        let laid = self.laid(&known.reference);
        let lowers: Vec<Lower> =
            self.faces.iter().zip(&laid).map(|(seen, laid)| Lower::of(&seen.crop, laid, &known.reference)).collect();
        self.measured(known, &laid, &lowers)
    }

    /// Frames that are spread over those that were seen.
    fn spread(&self) -> Vec<usize> {
        let stride = self.faces.len().div_ceil(LEARNT_FRAMES).max(1);
        (0..self.faces.len()).step_by(stride).collect()
    }

    /// The frame to begin with: one in the middle of those that are alike, since a first guess must fit most.
    fn sharpest(&self, among: &[usize]) -> Option<usize> {
        let few: Vec<usize> = among.iter().copied().step_by(among.len().div_ceil(7).max(1)).collect();
        let worth = |&index: &usize| -> f32 {
            let Some(reference) = Reference::of(&[(&self.faces[index].crop, Affine::IDENTITY)]) else { return -1.0 };
            few.iter().map(|&other| reference.lay(&self.faces[other].crop, Affine::IDENTITY).correlation).sum()
        };
        few.iter().copied().map(|index| (index, worth(&index))).max_by(|a, b| a.1.total_cmp(&b.1)).map(|best| best.0)
    }

    /// Every face laid over the reference, with the tremble of single frames taken out.
    fn laid(&self, reference: &Reference) -> Vec<Laid> {
        let mut guess = Affine::IDENTITY;
        let raw: Vec<Laid> = self
            .faces
            .iter()
            .map(|seen| {
                let mut laid = reference.lay(&seen.crop, guess);
                if laid.correlation < CORRELATED.1 && guess != Affine::IDENTITY {
                    let anew = reference.lay(&seen.crop, Affine::IDENTITY);
                    if anew.correlation > laid.correlation {
                        laid = anew;
                    }
                }
                guess = if laid.correlation > CORRELATED.1 { laid.map } else { Affine::IDENTITY };
                laid
            })
            .collect();
        (0..raw.len())
            .map(|index| {
                let near = |other: usize| {
                    let close = (self.faces[other].pts_us - self.faces[index].pts_us).abs() < 70_000;
                    if close { raw[other].correlation.max(0.0).powi(8) } else { 0.0 }
                };
                let mut around = vec![(raw[index].map, 2.0 * near(index) + 1e-3)];
                if index > 0 {
                    around.push((raw[index - 1].map, near(index - 1)));
                }
                if index + 1 < raw.len() {
                    around.push((raw[index + 1].map, near(index + 1)));
                }
                Laid { map: Affine::mean(&around), ..raw[index] }
            })
            .collect()
    }

    fn know(
        &self,
        reference: Reference,
        laid: &[Laid],
        lowers: &[Lower],
        sure: &[usize],
        given: Option<MouthBox>,
    ) -> Known {
        let of_sure: Vec<Lower> = sure.iter().map(|&index| lowers[index].clone()).collect();
        let all: Vec<&Lower> = of_sure.iter().collect();
        let near = given.map_or_else(|| line_height(&of_sure), |given| given.v);
        let mean = |of: &[usize]| self.mean_look(of, laid);
        let mut rest = mean(sure);
        let mut fit = MouthFit::find_near(&rest, given, Some(near));
        // The shadow under a lip that moves may look like the line: a much clearer one elsewhere is it.
        let usual = MouthFit::find(&rest, given);
        if usual.clarity > fit.clarity + CLEARER {
            fit = usual;
        }
        let near = given.map_or(fit.v, |given| given.v);
        // The mean of a talking mouth is a blur; where it is closed, lips and corners are seen.
        for _ in 0..2 {
            let gauge = Gauge::of(&all, &fit);
            let mut by_opening: Vec<(usize, f32)> =
                sure.iter().zip(&of_sure).map(|(&index, lower)| (index, gauge.measure(lower).opening)).collect();
            by_opening.sort_by(|a, b| a.1.total_cmp(&b.1));
            let closed: Vec<usize> = by_opening.iter().take((sure.len() / 6).max(1)).map(|&(index, _)| index).collect();
            rest = mean(&closed);
            fit = MouthFit::find_near(&rest, given, Some(near));
        }
        let usual = mean_luma(&all);
        let mut strange: Vec<f32> = all.iter().map(|lower| strangeness(lower, &usual, &fit)).collect();
        strange.sort_by(f32::total_cmp);
        let middle = strange.get(strange.len() / 2).copied().unwrap_or(0.0);
        let mut apart: Vec<f32> = strange.iter().map(|value| (value - middle).abs()).collect();
        apart.sort_by(f32::total_cmp);
        let deviation = apart.get(apart.len() / 2).copied().unwrap_or(0.0) * 1.5;
        Known { reference, gauge: Gauge::of(&all, &fit), fit, rest, usual, strange: (middle, deviation) }
    }

    /// The mean lower face of some frames, on the grid of the fit.
    fn mean_look(&self, of: &[usize], laid: &[Laid]) -> Look {
        let mut mean = Look::empty();
        let share = 1.0 / of.len().max(1) as f32;
        for &index in of {
            let (crop, map) = (&self.faces[index].crop, laid[index].map);
            for at in 0..look::ROWS * look::COLUMNS {
                let (u, v) = look::place(at / look::COLUMNS, at % look::COLUMNS);
                let (x, y) = map.at(u, v);
                mean.y[at] += share * crop.luma(x, y);
                let (blue, red) = crop.chroma(x, y);
                mean.u[at] += share * blue;
                mean.v[at] += share * red;
            }
        }
        mean
    }

    fn measured(&self, known: Arc<Known>, laid: &[Laid], lowers: &[Lower]) -> MouthTrack {
        let samples = self
            .faces
            .iter()
            .zip(laid)
            .zip(lowers)
            .map(|((seen, laid), lower)| {
                let shape = known.gauge.measure(lower);
                let (low, high) = CORRELATED;
                let upper = ((laid.correlation - low) / (high - low)).clamp(0.0, 1.0);
                let strange = strangeness(lower, &known.usual, &known.fit);
                let limit = (known.strange.0 + 5.0 * known.strange.1).max(15.0);
                let lower = 1.0 - ((strange - limit) / (0.4 * limit)).clamp(0.0, 1.0);
                let whole = if seen.crop.whole { 1.0 } else { 0.0 };
                MouthSample {
                    pts_us: seen.pts_us,
                    place: Affine::of_pose(&seen.pose).after(&laid.map),
                    opening: shape.opening,
                    width: shape.width,
                    confidence: upper * lower * whole,
                }
            })
            .collect();
        let looks = lowers.iter().map(|lower| lower.small(&known.fit)).collect();
        let aspects = self
            .faces
            .iter()
            .zip(laid)
            .map(|(seen, laid)| measure::nose_and_cheeks(&seen.crop, laid, &known.reference))
            .collect();
        MouthTrack { samples, looks, aspects, known }
    }
}
