//! A person's own lower faces, each with what is seen in it, and the choice among them for a voice.

use std::collections::BTreeMap;

use super::alike::{mean_apart, unshut};
use super::blend::Shown;
use super::choose::cheapest;
use super::closeup::Closeup;
use super::ease::Squeeze;
use crate::media::faces::FaceTrack;
use crate::media::mouth::fit::MouthFit;
use crate::media::mouth::follow::{Affine, MouthSample, MouthTrack};
use crate::media::mouth::look::Plane;

/// Lower faces below this confidence are not shown again.
const SURE: f32 = 0.75;
/// Fewer lower faces are no choice.
const LEAST: usize = 12;
/// How much lips part at least to be chosen from: between the 5th and the 95th of a hundred frames, in widths of the mouth.
const TALKS: f32 = 0.05;
/// How much they part at least where they move as those of a mouth that talks, in haze or in a small picture.
const MURMURS: f32 = 0.03;
/// How much lips that talk move at least within half a second, likewise, as a deviation: a smile that widens does not.
const LIVELY: f32 = 0.0078;
/// The time within which a mouth that talks opens and closes, in µs.
const SYLLABLE_US: i64 = 500_000;

/// Two lower faces that are less unlike than this can be mixed.
const ALIKE: f32 = 0.12;

/// What it costs to show what follows in the clip: a mouth does not go to and fro between two pictures.
const FOLLOWS: f32 = 0.25;

/// How far heads carry the mouth that nod alike, against eyes and nose, in face units.
const NODS: f32 = 0.03;

/// By how much lips are further apart than others, in widths of the mouth, to be said to be more open.
const CLOSER: f32 = 0.008;

/// What is more unlike than this is no worse to show one after another.
const UNLIKE_MOST: f32 = 1.6;

/// How far the clip's own lips may be apart, in widths of the mouth, and still be at rest.
const STILL_ENOUGH: f32 = 0.02;

/// One lower face.
#[derive(Debug, Clone)]
struct OwnFace {
    closeup: Closeup,
    /// In the picture it was cut from.
    place: Affine,
    opening: f32,
    teeth: f32,
    width: f32,
    /// Less than 1 where it is blurred.
    sharp: f32,
    /// How unlike closed ones its lips look, 0 to 1.
    unshut: f32,
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
    /// How much of the teeth shows, 0 to 1.
    pub teeth: f32,
    /// Whether nothing is said: then the mouth is still.
    pub rests: bool,
    /// Whether the clip's own mouth is all that is asked for where it is at rest, as where the sound is drawn over it: then what follows in
    /// the clip is still enough.
    pub stays: bool,
    /// Where the face is.
    pub place: Affine,
    /// The number of its sample.
    pub sample: usize,
}

/// What is drawn in a frame.
#[derive(Debug, Clone, Copy)]
pub struct Mix {
    /// The indices of one lower face or two, with their weights, which add up to 1.
    faces: [(usize, f32); 2],
    /// How their lips are drawn nearer to each other, where they are.
    squeeze: Option<Squeeze>,
}

/// All lower faces of a clip.
#[derive(Debug, Clone)]
pub struct Bank {
    faces: Vec<OwnFace>,
    /// How unlike two of them look, 1 for two that have nothing to do with each other; a square.
    unlike: Vec<f32>,
    /// Opening at rest, and wide open.
    range: (f32, f32),
    /// Teeth at rest, and most of them.
    teeth: (f32, f32),
    /// How far the lips part, whatever shows between them.
    parts: f32,
    /// How far the jaw opens in the widest frames of all.
    jaw: f32,
    /// How much they move within half a second.
    lively: f32,
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
            let (opening, teeth, width) = (sample.opening, sample.teeth, sample.width);
            faces.push(OwnFace { closeup, place: sample.place, opening, teeth, width, sharp, unshut: 0.0, number });
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
        let apart: Vec<f32> = faces.iter().map(OwnFace::apart).collect();
        for (face, unshut) in faces.iter_mut().zip(unshut(&apart, &looks)) {
            face.unshut = unshut;
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
            // A mouth that is mostly shut opens all the same.
            *value = (*value / usual).min(UNLIKE_MOST);
        }
        let between = |of: fn(&OwnFace) -> f32, low: f32, high: f32| {
            let mut values: Vec<f32> = faces.iter().map(of).collect();
            values.sort_by(f32::total_cmp);
            let at = |share: f32| values[((count - 1) as f32 * share).round() as usize];
            (at(low), at(high))
        };
        let open = between(|face| face.opening, 0.05, 0.95);
        // Who is mostly silent opens the mouth in few frames, and they are what is asked for.
        let widest_open = between(|face| face.opening, 0.05, 0.99);
        let usual = between(OwnFace::apart, 0.05, 0.95);
        let jaw = between(|face| face.opening, 0.02, 0.98);
        let mean = faces.iter().map(|face| face.width).sum::<f32>() / count as f32;
        let spread = (faces.iter().map(|face| (face.width - mean).powi(2)).sum::<f32>() / count as f32).sqrt();
        Some(Self {
            unlike,
            range: (open.0, open.1.max(0.6 * widest_open.1)),
            teeth: between(|face| face.teeth, 0.05, 0.95),
            parts: usual.1 - usual.0,
            jaw: jaw.1 - jaw.0,
            lively: lively(&mouths.samples),
            width: (mean, spread.max(0.02)),
            faces,
        })
    }

    /// Whether the lips part as far, or as far and as often, as those of a mouth that talks.
    #[must_use]
    pub fn talks(&self) -> bool {
        self.parts > TALKS || self.parts > MURMURS && self.lively > LIVELY
    }

    /// How far the mouth opens beyond its rest at most, in widths of the mouth.
    #[must_use]
    pub const fn reach(&self) -> f32 {
        self.jaw
    }

    /// Openings at rest and wide open, in widths of the mouth.
    #[must_use]
    pub const fn range(&self) -> (f32, f32) {
        self.range
    }

    /// The lower faces of a mouth that was found at `fit`, to be drawn.
    #[must_use]
    pub fn shown(&self, mix: &Mix, fit: &MouthFit) -> Vec<Shown<'_>> {
        let drawn = mix.faces.iter().filter(|(_, weight)| *weight > 0.0);
        drawn
            .filter_map(|&(index, weight)| {
                let face = self.faces.get(index)?;
                // The middle of a mouth is further open than the most of it.
                let lips = fit.sag + fit.lower_lip + 1.3 * face.apart() * 2.0 * fit.half_width;
                let lips = mix.squeeze.map_or(lips, |squeeze| (lips - squeeze.rises()).max(fit.sag + fit.lower_lip));
                Some(Shown { closeup: &face.closeup, lips, squeeze: mix.squeeze, weight })
            })
            .collect()
    }

    /// The lower faces for a row of frames: near to what each asks for, and each like the one before.
    #[must_use]
    pub fn choose(&self, wishes: &[Wish], mouths: &MouthTrack) -> Vec<Mix> {
        let count = self.faces.len();
        let heads: Vec<&[u8]> = self.faces.iter().map(|face| mouths.aspect(face.number)).collect();
        let cost = |frame: usize, index: usize| {
            let (wish, face) = (&wishes[frame], &self.faces[index]);
            let (open, teeth) = (face.opening - self.range.0, face.teeth - self.teeth.0);
            let far = (self.range.1 - self.range.0).max(0.03);
            let apart = (open / far).clamp(-0.2, 1.4) - wish.open;
            // What must be shut is seen at once where it is not, also where closed teeth show.
            let slack = if wish.stays { STILL_ENOUGH } else { 0.0 };
            let lips = (open.max(0.0) + teeth.max(0.0) - slack).max(0.0) / far.min(0.12);
            let unshut = if wish.stays { 0.0 } else { face.unshut };
            let lips = (lips + unshut).min(1.0);
            let shut = 1.0 - smooth((wish.open - 0.04) / 0.10);
            let shows = (teeth / (self.teeth.1 - self.teeth.0).max(0.03)).clamp(0.0, 1.2) - wish.teeth;
            let width = (face.width - self.width.0) / self.width.1;
            let round = 0.05 * (width.clamp(-1.5, 1.5) - wish.spread).powi(2) * wish.open.min(1.0);
            let turned = 12.0 * wish.place.turn_apart(&face.place);
            // A head that is turned otherwise shades nose and cheeks otherwise.
            let head = (mean_apart(mouths.aspect(wish.sample), heads[index]) / 8.0).min(5.0);
            // So does one that nods: its chin is nearer to its lips, or further away.
            let (here, there) = (mouths.carried(wish.sample), mouths.carried(face.number));
            let nods = ((here.0 - there.0).hypot(here.1 - there.1) / NODS).min(3.0);
            0.6 * (head * head + nods * nods)
                + shut * 10.0 * lips * lips
                + (1.0 - shut) * (5.0 * apart * apart + 0.4 * shows * shows)
                + round
                + turned * turned
                + 4.0 * (0.85 - face.sharp).max(0.0)
        };
        let change = |frame: usize, before: usize, after: usize| {
            if before == after {
                return if wishes[frame].rests { 0.0 } else { 0.02 };
            }
            let (from, to) = (self.faces[before].number, self.faces[after].number);
            let own = |number: usize, wish: Option<&Wish>| wish.is_some_and(|wish| wish.stays && wish.sample == number);
            if own(to, wishes.get(frame)) && own(from, frame.checked_sub(1).and_then(|at| wishes.get(at))) {
                return 0.0;
            }
            let unlike = self.unlike[before * count + after];
            if !wishes[frame].rests && (to == from + 1 || from == to + 1) {
                return FOLLOWS * unlike * unlike;
            }
            let jump = if from.abs_diff(to) <= 3 { 0.03 } else { 0.12 };
            let firm = if wishes[frame].rests { 3.0 } else { 1.0 };
            firm * (jump + 1.1 * unlike * unlike)
        };
        let path = cheapest(wishes.len(), count, cost, change);
        // A mouth that is covered by its own rest is opened by drawing.
        let drawn = wishes.iter().any(|wish| wish.stays);
        let squeezes: Vec<Option<Squeeze>> =
            (0..path.len()).map(|at| if drawn { None } else { self.squeeze(&path, at, mouths.fit()) }).collect();
        self.eased(&path).into_iter().zip(squeezes).map(|(faces, squeeze)| Mix { faces, squeeze }).collect()
    }

    /// How the lips of a frame are drawn nearer to each other, where they are more closed in the frame before or after it.
    fn squeeze(&self, path: &[usize], at: usize, fit: &MouthFit) -> Option<Squeeze> {
        let face = &self.faces[path[at]];
        let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter_map(|other| path.get(other));
        let snaps = |&&other: &&usize| {
            self.unlike[path[at] * self.faces.len() + other] > ALIKE
                && face.apart() > self.faces[other].apart() + CLOSER
        };
        let squeezes =
            beside.filter(snaps).filter_map(|&other| Squeeze::between(&face.closeup, &self.faces[other].closeup, fit));
        squeezes.max_by(|a, b| a.rises().total_cmp(&b.rises()))
    }

    /// Whether one face is shown beside another in the clip itself.
    fn follow(&self, a: usize, b: usize) -> bool {
        self.faces[a].number.abs_diff(self.faces[b].number) == 1
    }

    /// Where the path jumps between mouths that look alike, both sides go on for a frame and are mixed. Unlike ones are not: lips move fast,
    /// but never are there two pairs of them.
    fn eased(&self, path: &[usize]) -> Vec<[(usize, f32); 2]> {
        let jumps = |at: usize| {
            let Some(&[from, to]) = at.checked_sub(1).and_then(|before| path.get(before..=at)) else {
                return false;
            };
            self.faces[from].number.abs_diff(self.faces[to].number) > 3
                && self.unlike[from * self.faces.len() + to] < ALIKE
        };
        let beside = |index: usize, step: isize| {
            let other = index.wrapping_add_signed(step);
            if other < self.faces.len() && self.follow(other, index) { other } else { index }
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

impl OwnFace {
    /// How far the lips are apart, whatever shows between them.
    const fn apart(&self) -> f32 {
        self.opening + self.teeth
    }
}

/// How much lips move within the time of a syllable: the deviation from their mean over it.
fn lively(samples: &[MouthSample]) -> f32 {
    let sure: Vec<(i64, f32)> = samples
        .iter()
        .filter(|sample| sample.confidence > SURE)
        .map(|sample| (sample.pts_us, sample.opening + sample.teeth))
        .collect();
    let mean = |near: &[(i64, f32)]| near.iter().map(|(_, apart)| apart).sum::<f32>() / near.len().max(1) as f32;
    let (mut sum, mut count) = (0.0, 1e-6_f32);
    for (at, &(pts_us, _)) in sure.iter().enumerate() {
        let first = sure.partition_point(|other| other.0 < pts_us - SYLLABLE_US / 2);
        let last = sure.partition_point(|other| other.0 <= pts_us + SYLLABLE_US / 2);
        // Without the tremble of a single frame.
        let here = mean(&sure[at.saturating_sub(1)..(at + 2).min(sure.len())]);
        sum += (here - mean(&sure[first..last])).powi(2);
        count += 1.0;
    }
    (sum / count).sqrt()
}

fn smooth(value: f32) -> f32 {
    let t = value.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
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
