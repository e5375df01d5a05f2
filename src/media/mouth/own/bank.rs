//! A person's own lower faces, each with what is seen in it, and the choice among them for a voice.

use std::collections::BTreeMap;

use super::choose::cheapest;
use super::closeup::Closeup;
use crate::media::faces::FaceTrack;
use crate::media::mouth::follow::{Affine, MouthTrack};
use crate::media::mouth::look::Plane;

/// Lower faces below this confidence are not shown again.
const SURE: f32 = 0.75;
/// Fewer lower faces are no choice.
const LEAST: usize = 12;
/// How much the opening of a mouth that talks varies at least: between the 5th and the 95th of a hundred frames, in widths of the mouth.
const TALKS: f32 = 0.05;

/// Two lower faces that are less unlike than this can be mixed.
const ALIKE: f32 = 0.12;

/// One lower face.
#[derive(Debug, Clone)]
struct OwnFace {
    closeup: Closeup,
    /// In the picture it was cut from.
    place: Affine,
    opening: f32,
    width: f32,
    /// Less than 1 where it is blurred.
    sharp: f32,
    /// Number of its frame: what follows in the clip follows here without a jump.
    number: usize,
}

/// What a frame of the result asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wish {
    /// 0 the mouth's rest, 1 as wide open as this person's mouth is in speech.
    pub open: f32,
    /// -1 narrow, 1 spread.
    pub spread: f32,
    /// Whether nothing is said: then the mouth is still.
    pub rests: bool,
    /// Where the face is.
    pub place: Affine,
    /// The number of its sample.
    pub sample: usize,
}

/// What is drawn in a frame: the indices of one lower face or two, with their weights, which add up to 1.
pub type Mix = [(usize, f32); 2];

/// All lower faces of a clip.
#[derive(Debug, Clone)]
pub struct Bank {
    faces: Vec<OwnFace>,
    /// How unlike two of them look, 1 for two that have nothing to do with each other; a square.
    unlike: Vec<f32>,
    /// Opening at rest, and wide open.
    range: (f32, f32),
    /// Mean width, and its deviation.
    width: (f32, f32),
}

impl Bank {
    /// The faces that were cut out, by the time of their frames, where they are certain; none if these are too few to choose from.
    #[must_use]
    pub fn of(closeups: &BTreeMap<i64, Closeup>, mouths: &MouthTrack, track: &FaceTrack) -> Option<Self> {
        let mut faces = Vec::new();
        let mut looks = Vec::new();
        for (number, sample) in mouths.samples.iter().enumerate() {
            let (Some(closeup), Some(point)) = (closeups.get(&sample.pts_us), track.at(sample.pts_us)) else {
                continue;
            };
            if sample.confidence < SURE {
                continue;
            }
            let moved = Affine::of_pose(&point.pose()).inverted().after(&sample.place);
            let closeup = Closeup { place: closeup.place.after(&moved), ..closeup.clone() };
            let sharp = sharpness(&closeup);
            let (opening, width) = (sample.opening, sample.width);
            faces.push(OwnFace { closeup, place: sample.place, opening, width, sharp, number });
            looks.push(mouths.look(number));
        }
        if faces.len() < LEAST {
            return None;
        }
        let count = faces.len();
        let median = {
            let mut all: Vec<f32> = faces.iter().map(|face| face.sharp).collect();
            all.sort_by(f32::total_cmp);
            all[count / 2].max(0.5)
        };
        for face in &mut faces {
            face.sharp = (face.sharp / median).min(1.0);
        }
        let mut unlike = vec![0.0; count * count];
        let (mut sum, mut pairs) = (0.0, 1e-3_f32);
        for a in 0..count {
            for b in 0..a {
                let apart = mean_apart(looks[a], looks[b]);
                (unlike[a * count + b], unlike[b * count + a]) = (apart, apart);
                sum += apart;
                pairs += 1.0;
            }
        }
        // Two of a mouth that hardly moves are as good as the same.
        let usual = (sum / pairs).max(4.0);
        for value in &mut unlike {
            *value /= usual;
        }
        let mut openings: Vec<f32> = faces.iter().map(|face| face.opening).collect();
        openings.sort_by(f32::total_cmp);
        let at = |share: f32| openings[((count - 1) as f32 * share).round() as usize];
        let mean = faces.iter().map(|face| face.width).sum::<f32>() / count as f32;
        let spread = (faces.iter().map(|face| (face.width - mean).powi(2)).sum::<f32>() / count as f32).sqrt();
        Some(Self { unlike, range: (at(0.05), at(0.95)), width: (mean, spread.max(0.02)), faces })
    }

    /// Whether the mouth opens as far as one that talks.
    #[must_use]
    pub fn talks(&self) -> bool {
        self.range.1 - self.range.0 > TALKS
    }

    /// How far the mouth opens beyond its rest, in widths of the mouth.
    #[must_use]
    pub fn reach(&self) -> f32 {
        self.range.1 - self.range.0
    }

    /// Openings at rest and wide open, in widths of the mouth.
    #[must_use]
    pub const fn range(&self) -> (f32, f32) {
        self.range
    }

    /// A lower face.
    #[must_use]
    pub fn closeup(&self, index: usize) -> Option<&Closeup> {
        self.faces.get(index).map(|face| &face.closeup)
    }

    /// The lower faces for a row of frames: near to what each asks for, and each like the one before.
    #[must_use]
    pub fn choose(&self, wishes: &[Wish], mouths: &MouthTrack) -> Vec<Mix> {
        let count = self.faces.len();
        let heads: Vec<&[u8]> = self.faces.iter().map(|face| mouths.aspect(face.number)).collect();
        let cost = |frame: usize, index: usize| {
            let (wish, face) = (&wishes[frame], &self.faces[index]);
            let open = (face.opening - self.range.0) / self.reach().max(0.03);
            let apart = open.clamp(-0.2, 1.4) - wish.open;
            // What must be shut is seen at once where it is not.
            let firm = if wish.open < 0.12 { 14.0 } else { 5.0 };
            let width = (face.width - self.width.0) / self.width.1;
            let round = 0.05 * (width.clamp(-1.5, 1.5) - wish.spread).powi(2) * wish.open.min(1.0);
            let turned = 9.0 * wish.place.turn_apart(&face.place);
            // A head that is turned otherwise shades nose and cheeks otherwise.
            let head = (mean_apart(mouths.aspect(wish.sample), heads[index]) / 8.0).min(4.0);
            0.45 * head * head + firm * apart * apart + round + turned * turned + 4.0 * (0.85 - face.sharp).max(0.0)
        };
        let change = |frame: usize, before: usize, after: usize| {
            if before == after {
                return if wishes[frame].rests { 0.0 } else { 0.02 };
            }
            let (from, to) = (self.faces[before].number, self.faces[after].number);
            if !wishes[frame].rests && (to == from + 1 || from == to + 1) {
                return 0.0;
            }
            let unlike = self.unlike[before * count + after];
            let jump = if from.abs_diff(to) <= 3 { 0.03 } else { 0.12 };
            let firm = if wishes[frame].rests { 3.0 } else { 1.0 };
            firm * (jump + 1.1 * unlike * unlike)
        };
        let path = cheapest(wishes.len(), count, cost, change);
        self.eased(&path)
    }

    /// Where the path jumps between mouths that look alike, both sides go on for a frame and are mixed. Unlike ones are not: lips move fast,
    /// but never are there two pairs of them.
    fn eased(&self, path: &[usize]) -> Vec<Mix> {
        let jumps = |at: usize| {
            let Some(&[from, to]) = at.checked_sub(1).and_then(|before| path.get(before..=at)) else {
                return false;
            };
            self.faces[from].number.abs_diff(self.faces[to].number) > 3
                && self.unlike[from * self.faces.len() + to] < ALIKE
        };
        let beside = |index: usize, step: isize| {
            let other = index.wrapping_add_signed(step);
            let follows = self.faces.get(other).is_some_and(|face| face.number.abs_diff(self.faces[index].number) == 1);
            if follows { other } else { index }
        };
        (0..path.len())
            .map(|at| {
                let here = path[at];
                if jumps(at) {
                    [(here, 0.7), (beside(path[at - 1], 1), 0.3)]
                } else if jumps(at + 1) {
                    [(here, 0.7), (beside(path[at + 1], -1), 0.3)]
                } else {
                    [(here, 1.0), (here, 0.0)]
                }
            })
            .collect()
    }
}

/// The mean difference of two small pictures, 0 to 255.
fn mean_apart(a: &[u8], b: &[u8]) -> f32 {
    let sum: u32 = a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
    sum as f32 / a.len().max(1) as f32
}

/// How much fine detail the nose has: the mean second difference of its brightness. Blur by motion is in all of a face, and a mouth has the
/// more detail the more teeth it shows.
fn sharpness(closeup: &Closeup) -> f32 {
    let plane = Plane::luma(&closeup.cut);
    let (mut sum, mut count) = (0.0, 0.0);
    for row in 0..24 {
        for column in 0..36 {
            let (u, v) = ((column as f32 / 17.5 - 1.0) * 0.16, 0.02 + row as f32 * 0.0075);
            let (x, y) = closeup.place.at(u, v);
            let across = 2.0 * plane.sample(x, y) - plane.sample(x - 1.5, y) - plane.sample(x + 1.5, y);
            let down = 2.0 * plane.sample(x, y) - plane.sample(x, y - 1.5) - plane.sample(x, y + 1.5);
            sum += across.abs() + down.abs();
            count += 1.0;
        }
    }
    sum / count
}
