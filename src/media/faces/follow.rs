//! Following every face through a clip, one frame after the other.
//!
//! The detector is dear and trembles by some pixels; alignment is cheap and steady but cannot know a face. So the
//! whole picture is scanned about once a second and after every cut, the places of known faces along with it, and
//! sooner where there is doubt; in between each face is aligned with its own earlier look. A face that a scan finds
//! is followed backwards too, to the very frame in which it came.

use std::collections::VecDeque;
use std::sync::Arc;

use super::detect::{FaceDetector, Sighting};
use super::luma::{Luma, Pyramid};
use super::pose::Pose;
use super::preview::Preview;
use super::template::{Template, symmetry_roll};
use crate::media::Frame;

/// Longest time between scans of the whole picture, in µs.
const SCAN_US: i64 = 960_000;
/// One scan in so many looks for small faces too: it costs four times as much, and they are seldom meant.
const CLOSE_SCANS: usize = 3;
/// Least time between looks at the places of known faces, in µs. Alignment is steady; a look only says that it is
/// still a face.
const LOOK_US: i64 = 390_000;
/// The same face after a longer gap is another face (the services' own rule), in µs.
const GAP_US: i64 = 1_000_000;
/// How many frames are kept to follow a new face backwards.
const KEPT_FRAMES: usize = 76;
/// Below this the look at the last key frame is replaced by a fresh one.
const LIKENESS_KEY: f32 = 0.85;
/// Below this to the frame just before, the face is gone: a cut, or something in front of it.
const LIKENESS_LOST: f32 = 0.72;
/// At least this between two looks of one face before and after a gap.
const LIKENESS_SAME: f32 = 0.66;
/// A face without any detection for this many looks in a row is none any more.
const MISSES_MAX: usize = 4;
/// The size of a face in the small picture cut out around it for a look.
const LOOK_FACE_PX: f32 = 48.0;

/// A face's place in one frame, in working pixels, before settling.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawPoint {
    pub frame: usize,
    pub pts_us: i64,
    pub pose: Pose,
    /// How often the look was replaced up to here: what alignment may have drifted.
    pub drift: f32,
}

/// What the detector said of a followed face.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    pub frame: usize,
    pub seen: Pose,
    pub score: f32,
    /// Further roll by symmetry, with the correlation of the halves.
    pub lean: (f32, f32),
}

/// One face as far as it has been followed.
#[derive(Debug)]
pub(super) struct Followed {
    pub points: VecDeque<RawPoint>,
    pub hits: Vec<Hit>,
    pub looks: usize,
    pub preview: Preview,
    key: Template,
    velocity: (f32, f32),
    misses: usize,
    drift: f32,
    /// What it was at the last look.
    looked_drift: f32,
}

impl Followed {
    fn last(&self) -> Option<&RawPoint> {
        self.points.back()
    }
}

/// Follows every face of a clip; frames are pushed in display order.
pub(super) struct Follower<'a> {
    detector: &'a mut dyn FaceDetector,
    kept: VecDeque<Arc<Pyramid>>,
    frame: usize,
    times_us: Vec<i64>,
    live: Vec<Followed>,
    ended: Vec<Followed>,
    scanned_us: Option<i64>,
    scans: usize,
    looked_us: i64,
    /// Mean difference of neighbouring frames, to tell a cut from motion.
    usual_change: f32,
}

impl<'a> Follower<'a> {
    pub(super) fn new(detector: &'a mut dyn FaceDetector) -> Self {
        Self {
            detector,
            kept: VecDeque::new(),
            frame: 0,
            times_us: Vec::new(),
            live: Vec::new(),
            ended: Vec::new(),
            scanned_us: None,
            scans: 0,
            looked_us: i64::MIN / 2,
            usual_change: 2.0,
        }
    }

    /// Takes the next frame.
    pub(super) fn push(&mut self, frame: &Frame) {
        let pyramid =
            Arc::new(Pyramid::new(frame.y(), frame.width_px() as usize, frame.height_px() as usize, frame.pts_us));
        let before = self.kept.back().cloned();
        let cut = before.is_some_and(|before| self.is_cut(&before, &pyramid));
        self.kept.push_back(Arc::clone(&pyramid));
        if self.kept.len() > KEPT_FRAMES {
            self.kept.pop_front();
        }
        self.times_us.push(pyramid.pts_us);
        self.follow(&pyramid);
        let due = self.scanned_us.is_none_or(|before| pyramid.pts_us - before >= SCAN_US);
        // A clip that flashes is scanned two or three times a second at most.
        let cut_due = cut && self.scanned_us.is_none_or(|before| pyramid.pts_us - before >= LOOK_US);
        if due || cut_due {
            self.scan(&pyramid, frame, cut_due);
            self.scanned_us = Some(pyramid.pts_us);
            self.looked_us = pyramid.pts_us;
        } else if pyramid.pts_us - self.looked_us >= LOOK_US && self.doubts(pyramid.pts_us) {
            self.look(&pyramid, frame);
            self.looked_us = pyramid.pts_us;
        }
        self.drop_doubles();
        self.frame += 1;
    }

    /// Every face that was followed, in working pixels, in no order; and when each frame was shown, in µs.
    pub(super) fn finish(mut self) -> (Vec<Followed>, Vec<i64>) {
        self.ended.append(&mut self.live);
        (self.ended, self.times_us)
    }

    /// Whether there is a reason to look before the next scan: a face that is new, has changed its look, was just
    /// missed, or was just lost.
    fn doubts(&self, pts_us: i64) -> bool {
        self.live.iter().any(|face| face.hits.len() < 3 || face.misses > 0 || face.drift > face.looked_drift)
            || self.ended.iter().filter_map(Followed::last).any(|last| pts_us - last.pts_us <= GAP_US + LOOK_US)
    }

    fn is_cut(&mut self, before: &Pyramid, now: &Pyramid) -> bool {
        let (Some(before), Some(now)) = (before.levels.last(), now.levels.last()) else { return false };
        let total: u32 = before.data.iter().zip(&now.data).map(|(&a, &b)| u32::from(a.abs_diff(b))).sum();
        let change = total as f32 / now.data.len().max(1) as f32;
        let cut = change > 8.0 && change > self.usual_change * 3.5;
        self.usual_change += (change.min(30.0) - self.usual_change) * 0.1;
        cut
    }

    fn follow(&mut self, pyramid: &Arc<Pyramid>) {
        let Some(before) = self.kept.len().checked_sub(2).and_then(|index| self.kept.get(index)).cloned() else {
            return;
        };
        let frame = self.frame;
        let (mut kept, mut gone) = (Vec::new(), Vec::new());
        for mut face in self.live.drain(..) {
            let next = face
                .last()
                .copied()
                .and_then(|last| advance(&mut face.key, &mut face.drift, &before, pyramid, last.pose, face.velocity));
            if let (Some(pose), Some(last)) = (next, face.last().copied()) {
                // Halfway between what was and what is seen: shaking hands reverse from frame to frame.
                face.velocity = ((pose.cx - last.pose.cx) * 0.6, (pose.cy - last.pose.cy) * 0.6);
                face.points.push_back(RawPoint { frame, pts_us: pyramid.pts_us, pose, drift: face.drift });
                kept.push(face);
            } else {
                gone.push(face);
            }
        }
        self.live = kept;
        self.ended.append(&mut gone);
    }

    /// Looks at the known faces, and for others in the rest of the picture; small ones only every now and then, and
    /// when `closely` is asked for.
    fn scan(&mut self, pyramid: &Arc<Pyramid>, frame: &Frame, closely: bool) {
        self.look(pyramid, frame);
        let level = usize::from(!closely && !self.scans.is_multiple_of(CLOSE_SCANS)).min(pyramid.levels.len() - 1);
        self.scans = if closely { 1 } else { self.scans + 1 };
        let scale = (1 << level) as f32;
        let mut picture = pyramid.levels[level].clone();
        // A known face would only cost time: nothing takes the detector longer than a face.
        for last in self.live.iter().filter_map(Followed::last) {
            picture.blank(&last.pose.scaled(1.0 / scale));
        }
        let mut sightings = self.detector.detect(&picture);
        sightings.sort_by(|a, b| b.score.total_cmp(&a.score));
        for sighting in sightings {
            let seen = Pose { cx: sighting.cx, cy: sighting.cy, size: sighting.size, roll: 0.0 }.scaled(scale);
            if !self.live.iter().any(|face| face.last().is_some_and(|last| is_one_face(&last.pose, &seen))) {
                self.begin(seen, sighting.score, pyramid, frame);
            }
        }
    }

    /// Looks at the places of the known faces only.
    fn look(&mut self, pyramid: &Arc<Pyramid>, frame: &Frame) {
        let all: Vec<usize> = (0..self.live.len()).collect();
        self.look_at(&all, pyramid, frame);
        // A face that was just lost may be back at its place (something passed in front of it).
        let places: Vec<Pose> = self
            .ended
            .iter()
            .filter_map(|face| face.last())
            .filter(|last| pyramid.pts_us - last.pts_us <= GAP_US + LOOK_US)
            .map(|last| last.pose)
            .filter(|pose| self.live.iter().all(|face| face.last().is_none_or(|last| !is_one_face(&last.pose, pose))))
            .collect();
        for place in places {
            if let Some((seen, score)) = look_near(self.detector, pyramid, place, 1.6) {
                let known = self.live.iter().any(|face| face.last().is_some_and(|last| is_one_face(&last.pose, &seen)));
                if !known {
                    self.begin(seen, score, pyramid, frame);
                }
            }
        }
    }

    fn look_at(&mut self, faces: &[usize], pyramid: &Arc<Pyramid>, frame: &Frame) {
        let mut over = Vec::new();
        for &index in faces {
            let Some(last) = self.live.get(index).and_then(Followed::last).copied() else { continue };
            match look_near(self.detector, pyramid, last.pose, 1.0) {
                Some((seen, score)) if is_one_face(&last.pose, &seen) => self.hit(index, seen, score, pyramid, frame),
                _ => {
                    if let Some(face) = self.live.get_mut(index) {
                        face.looks += 1;
                        face.misses += 1;
                        if face.misses >= MISSES_MAX {
                            over.push(index);
                        }
                    }
                }
            }
        }
        for index in over.into_iter().rev() {
            let mut face = self.live.swap_remove(index);
            self.cut_back(&mut face);
            self.ended.push(face);
        }
    }

    /// Takes away what was followed after the last frame in which the detector would still see a face.
    fn cut_back(&mut self, face: &mut Followed) {
        let last_hit = face.hits.last().map_or(0, |hit| hit.frame);
        let oldest = (self.frame + 1).saturating_sub(self.kept.len());
        let mut end = last_hit;
        for point in face.points.iter().filter(|point| point.frame > last_hit) {
            let Some(pyramid) = point.frame.checked_sub(oldest).and_then(|index| self.kept.get(index)) else {
                continue;
            };
            if look_near(self.detector, pyramid, point.pose, 1.0).is_none() {
                break;
            }
            end = point.frame;
        }
        while face.points.back().is_some_and(|point| point.frame > end) {
            face.points.pop_back();
        }
    }

    fn hit(&mut self, index: usize, seen: Pose, score: f32, pyramid: &Pyramid, frame: &Frame) {
        let number = self.frame;
        let Some(face) = self.live.get_mut(index) else { return };
        let Some(last) = face.points.back().copied() else { return };
        face.looks += 1;
        face.misses = 0;
        face.looked_drift = face.drift;
        let lean = symmetry_roll(pyramid, last.pose);
        face.hits.push(Hit { frame: number, seen, score, lean });
        face.preview.offer(frame, &last.pose.scaled(pyramid.factor as f32), score);
    }

    /// A face that is not known yet: follows it back to where it came from, and joins it with one just lost.
    fn begin(&mut self, seen: Pose, score: f32, pyramid: &Arc<Pyramid>, frame: &Frame) {
        let Some(key) = Template::take(pyramid, seen) else { return };
        let mut points =
            VecDeque::from([RawPoint { frame: self.frame, pts_us: pyramid.pts_us, pose: seen, drift: 0.0 }]);
        let (mut look, mut drift, mut velocity, mut pose) = (key.clone(), 0.0, (0.0, 0.0), seen);
        let kept: Vec<Arc<Pyramid>> = self.kept.iter().rev().cloned().collect();
        for (back, pair) in kept.windows(2).enumerate() {
            let [later, earlier] = pair else { break };
            let number = self.frame - back - 1;
            let Some(before) = advance(&mut look, &mut drift, later, earlier, pose, velocity) else { break };
            let taken =
                self.live.iter().chain(&self.ended).any(|face| {
                    face.points.iter().any(|point| point.frame == number && is_one_face(&point.pose, &before))
                });
            if taken {
                break;
            }
            velocity = ((before.cx - pose.cx) * 0.6, (before.cy - pose.cy) * 0.6);
            pose = before;
            points.push_front(RawPoint { frame: number, pts_us: earlier.pts_us, pose, drift: -drift });
        }
        let lean = symmetry_roll(pyramid, seen);
        let mut face = Followed {
            points,
            hits: vec![Hit { frame: self.frame, seen, score, lean }],
            looks: 1,
            preview: Preview::default(),
            key,
            velocity: (0.0, 0.0),
            misses: 0,
            drift: 0.0,
            looked_drift: 0.0,
        };
        face.preview.offer(frame, &seen.scaled(pyramid.factor as f32), score);
        if let Some(index) = self.same_before(&face, &kept) {
            let earlier = self.ended.swap_remove(index);
            join(&mut face, earlier);
        }
        self.live.push(face);
    }

    /// The face lost at most a second before this one came that looks like it and was near.
    fn same_before(&self, face: &Followed, kept: &[Arc<Pyramid>]) -> Option<usize> {
        let first = face.points.front()?;
        let pyramid = kept.get(self.frame - first.frame)?;
        let alike = |ended: &Followed| {
            let last = ended.last()?;
            let gap_us = first.pts_us - last.pts_us;
            // One frame's length more: a gap begins where the last frame ends.
            let near = (first.pose.cx - last.pose.cx).hypot(first.pose.cy - last.pose.cy)
                < 1.2 * last.pose.size.max(first.pose.size);
            let like_size = (0.6..1.7).contains(&(first.pose.size / last.pose.size));
            if !(0 < gap_us && gap_us <= GAP_US + 50_000 && near && like_size) {
                return None;
            }
            // The new face's own place trembles; its earlier look says exactly where it must be.
            let found = ended.key.find(pyramid, Pose { roll: last.pose.roll, ..first.pose });
            (found.likeness >= LIKENESS_SAME && is_one_face(&found.pose, &first.pose)).then_some(found.likeness)
        };
        self.ended
            .iter()
            .enumerate()
            .filter_map(|(index, ended)| alike(ended).map(|likeness| (index, likeness)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(index, _)| index)
    }

    /// Two followed faces that have run into one: the one seen more often stays.
    fn drop_doubles(&mut self) {
        let mut index = 0;
        while index < self.live.len() {
            let twin =
                (index + 1..self.live.len()).find(|&other| match (self.live[index].last(), self.live[other].last()) {
                    (Some(a), Some(b)) => a.pose.iou(&b.pose) > 0.5,
                    _ => false,
                });
            match twin {
                Some(other) => {
                    let weaker =
                        if self.live[index].points.len() >= self.live[other].points.len() { other } else { index };
                    self.live.swap_remove(weaker);
                }
                None => index += 1,
            }
        }
    }
}

/// Prepends the earlier part of the same face.
fn join(face: &mut Followed, earlier: Followed) {
    // Both parts are anchored to their own detections: as good as no common anchor.
    let shift = earlier.drift + 4.0 - face.points.front().map_or(0.0, |point| point.drift);
    for point in &mut face.points {
        point.drift += shift;
    }
    face.drift += shift;
    let mut points = earlier.points;
    points.append(&mut face.points);
    face.points = points;
    let mut hits = earlier.hits;
    hits.append(&mut face.hits);
    face.hits = hits;
    face.looks += earlier.looks;
    face.preview.better_of(earlier.preview);
}

/// One step of following, forwards or backwards.
fn advance(
    key: &mut Template,
    drift: &mut f32,
    from: &Pyramid,
    to: &Pyramid,
    last: Pose,
    velocity: (f32, f32),
) -> Option<Pose> {
    let guess = Pose { cx: last.cx + velocity.0, cy: last.cy + velocity.1, ..last };
    let mut found = key.find(to, guess);
    if found.likeness < LIKENESS_KEY {
        let fresh = Template::take(from, last)?;
        found = fresh.find(to, guess);
        if found.likeness < LIKENESS_LOST {
            return None;
        }
        *key = fresh;
        *drift += 1.0;
    }
    let pose = found.pose;
    let (width, height) = (to.levels[0].width_px as f32, to.levels[0].height_px as f32);
    let inside = pose.cx > 0.0 && pose.cy > 0.0 && pose.cx < width && pose.cy < height;
    let like_size = (0.75..1.33).contains(&(pose.size / last.size));
    let near = (pose.cx - last.cx).hypot(pose.cy - last.cy) < 0.8 * last.size;
    (inside && like_size && near && pose.size >= 12.0).then_some(pose)
}

fn is_one_face(a: &Pose, b: &Pose) -> bool {
    a.iou(b) > 0.3 || (a.cx - b.cx).hypot(a.cy - b.cy) < 0.3 * a.size.min(b.size)
}

/// Runs the detector on the surroundings of a place, turned upright; answers the face nearest to it.
fn look_near(detector: &mut dyn FaceDetector, pyramid: &Pyramid, place: Pose, reach: f32) -> Option<(Pose, f32)> {
    let side = (LOOK_FACE_PX * (1.0 + 1.2 * reach)).round();
    let (luma, scale) = pyramid.level_for(place.size / LOOK_FACE_PX);
    let pixel = 1.0 / LOOK_FACE_PX;
    let half = (side - 1.0) * 0.5;
    let mut data = Vec::with_capacity((side * side) as usize);
    for row in 0..side as usize {
        for column in 0..side as usize {
            let (x, y) = place.at((column as f32 - half) * pixel, (row as f32 - half) * pixel);
            data.push(luma.sample((x + 0.5) * scale - 0.5, (y + 0.5) * scale - 0.5) as u8);
        }
    }
    let picture = Luma { width_px: side as usize, height_px: side as usize, data };
    detector
        .detect(&picture)
        .into_iter()
        .map(|Sighting { cx, cy, size, score }| {
            let (x, y) = place.at((cx - 0.5 - half) * pixel, (cy - 0.5 - half) * pixel);
            (Pose { cx: x, cy: y, size: size * pixel * place.size, roll: place.roll }, score)
        })
        .filter(|(seen, _)| (0.5..2.0).contains(&(seen.size / place.size)))
        .min_by(|(a, _), (b, _)| {
            let distance = |pose: &Pose| (pose.cx - place.cx).hypot(pose.cy - place.cy);
            distance(a).total_cmp(&distance(b))
        })
}
