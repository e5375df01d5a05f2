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
mod settle;
mod stabilise;
mod track;
mod way;

use std::sync::Arc;

pub use affine::Affine;
pub use measure::Shape;
pub use track::{MouthSample, MouthTrack};

use crop::Crop;
use measure::{Gauge, Lower, line_height, mean_luma, strangeness};
use settle::{Settled, UpperLip};
use stabilise::{Laid, Reference};

use super::fit::{MouthBox, MouthFit};
use super::look::{self, Look};
use crate::media::Frame;
use crate::media::faces::{FaceTrack, Pose};

/// Frames from which the reference and the mouth's place are learnt, spread over those that were pushed.
const LEARNT_FRAMES: usize = 120;
/// Below the first correlation a face is not known, above the second it is.
const CORRELATED: (f32, f32) = (0.55, 0.80);

/// From one frame to the next the mouth of a head that moves steadily is carried by less than this, beyond what its track says, in face units.
const JERK: f32 = 0.02;

/// How much clearer a mouth is elsewhere than where the lower face moves, to be believed.
const CLEARER: f32 = 0.3;

/// An upper lip that fits less than the first, as a correlation, is not known to be where it was found, and is by the second more.
const FOUND: (f32, f32) = (0.15, 0.2);
/// Where most upper lips fit less than this, they tell nothing: a moustache, haze, a small picture.
const TELLS: f32 = 0.5;

/// How certain it is that each mouth is where it was found, at most 1.
fn certain(places: &[Settled]) -> Vec<f32> {
    let mut fits: Vec<f32> = places.iter().map(|place| place.fits).collect();
    fits.sort_by(f32::total_cmp);
    let tells = fits.get(fits.len() / 2).is_some_and(|&middle| middle > TELLS);
    // A frame alone between others is where it is between them.
    let of = |place: &Settled| if tells { ((place.fits - FOUND.0) / FOUND.1).clamp(0.1, 1.0) } else { 1.0 };
    places.iter().map(of).collect()
}

/// What the samples of one face are measured against.
#[derive(Debug)]
struct Known {
    reference: Reference,
    gauge: Gauge,
    fit: MouthFit,
    /// The lower face with the mouth at rest.
    rest: Look,
    /// Its upper lip, by which the mouth is found in each frame.
    upper_lip: UpperLip,
    usual: Vec<f32>,
    /// How strange lower faces of the clip usually are: median and deviation.
    strange: (f32, f32),
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
        let (pts_us, pose) = (point.pts_us, point.pose());
        self.push_at(frame, pts_us, pose);
        true
    }

    /// Looks at the next frame, in which the face is at `pose`: of a result, whose times and size may differ from the clip's.
    pub fn push_at(&mut self, frame: &Frame, pts_us: i64, pose: Pose) {
        let crop = Crop::cut(frame, &Affine::of_pose(&pose));
        self.faces.push(Seen { pts_us, pose, crop });
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
        let mut known = self.know(reference, &laid, &lowers, &sure, given);
        let (places, _, at_rest) = self.settled(&known, &laid, &lowers);
        known.upper_lip.learn(&at_rest, &places);
        let (places, settled, lowers) = self.settled(&known, &laid, &lowers);
        let upper_lip = known.upper_lip;
        let known = self.know(known.reference, &settled, &lowers, &sure, given);
        let known = Known { upper_lip, ..known };
        Some(self.measured(Arc::new(known), &laid, (&places, &settled), &lowers))
    }

    /// Measures what was seen with the reference, mouth and rest of another track: of the clip, where this is a result of it.
    #[must_use]
    pub fn finish_as(self, like: &MouthTrack) -> MouthTrack {
        let known = Arc::clone(&like.known);
        let laid = self.laid(&known.reference);
        let lowers: Vec<Lower> =
            self.faces.iter().zip(&laid).map(|(seen, laid)| Lower::of(&seen.crop, laid, &known.reference)).collect();
        let (places, settled, lowers) = self.settled(&known, &laid, &lowers);
        self.measured(known, &laid, (&places, &settled), &lowers)
    }

    /// The faces laid so that their mouths lie over each other, and the lower faces there.
    fn settled(&self, known: &Known, laid: &[Laid], lowers: &[Lower]) -> (Vec<Settled>, Vec<Laid>, Vec<Lower>) {
        let places = known.upper_lip.settled(lowers);
        let settled: Vec<Laid> = places
            .iter()
            .zip(laid)
            .map(|(place, laid)| {
                let (u, v) = place.moved;
                Laid { map: laid.map.after(&Affine([1.0, 0.0, u, 0.0, 1.0, v])), ..*laid }
            })
            .collect();
        let seen = self.faces.iter().zip(&settled);
        let lowers = seen.map(|(seen, laid)| Lower::of(&seen.crop, laid, &known.reference)).collect();
        (places, settled, lowers)
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
                // A head that jerks is where it is: only tremble is taken out.
                let near = |other: usize| {
                    let close = (self.faces[other].pts_us - self.faces[index].pts_us).abs() < 70_000;
                    let ((u, v), (near_u, near_v)) = (raw[index].map.at(0.0, 0.2), raw[other].map.at(0.0, 0.2));
                    let jerks = ((near_u - u).hypot(near_v - v) / JERK).powi(2);
                    if close { raw[other].correlation.max(0.0).powi(8) / (1.0 + jerks) } else { 0.0 }
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
        let mut closest = Vec::new();
        for _ in 0..2 {
            let gauge = Gauge::of(&all, &fit);
            let mut by_opening: Vec<(usize, f32)> =
                sure.iter().zip(&of_sure).map(|(&index, lower)| (index, gauge.measure(lower).apart())).collect();
            by_opening.sort_by(|a, b| a.1.total_cmp(&b.1));
            let closed: Vec<usize> = by_opening.iter().take((sure.len() / 6).max(1)).map(|&(index, _)| index).collect();
            rest = mean(&closed);
            closest = closed;
            fit = MouthFit::find_near(&rest, given, Some(near));
        }
        let usual = mean_luma(&all);
        let closest: Vec<&Lower> = closest.iter().filter_map(|&index| lowers.get(index)).collect();
        let upper_lip = UpperLip::of(&closest, &fit);
        let mut strange: Vec<f32> = all.iter().map(|lower| strangeness(lower, &usual, &fit)).collect();
        strange.sort_by(f32::total_cmp);
        let middle = strange.get(strange.len() / 2).copied().unwrap_or(0.0);
        let mut apart: Vec<f32> = strange.iter().map(|value| (value - middle).abs()).collect();
        apart.sort_by(f32::total_cmp);
        let deviation = apart.get(apart.len() / 2).copied().unwrap_or(0.0) * 1.5;
        Known { reference, gauge: Gauge::of(&all, &fit), fit, rest, upper_lip, usual, strange: (middle, deviation) }
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

    fn measured(
        &self,
        known: Arc<Known>,
        laid: &[Laid],
        (places, settled): (&[Settled], &[Laid]),
        lowers: &[Lower],
    ) -> MouthTrack {
        let certain = certain(places);
        let samples = self
            .faces
            .iter()
            .zip(settled)
            .zip(lowers)
            .zip(certain)
            .map(|(((seen, laid), lower), certain)| {
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
                    teeth: shape.teeth,
                    width: shape.width,
                    confidence: upper * lower * whole * certain,
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
        let carried = places.iter().map(|place| place.moved).collect();
        MouthTrack { samples, looks, aspects, carried, known }
    }
}
