//! Tracking every face through a clip, frame by frame.
//!
//! The detector is slow and its boxes jitter by some pixels; alignment with a template is fast and steady but cannot recognise a face.
//! So the whole picture is scanned about once a second and after every cut, and the positions of known faces are checked with each
//! scan, and sooner where there is doubt; in between each face is aligned with its own template. A face that a scan finds is tracked
//! backwards too, to the frame in which it came into view.

use std::collections::VecDeque;
use std::sync::Arc;

use super::appearance::Appearance;
use super::detect::FaceDetector;
use super::linking::link;
use super::luma::Pyramid;
use super::nearby::detect_near;
use super::pose::Pose;
use super::preview::Preview;
use super::quality::Lips;
use super::template::{Template, symmetry_roll};
use super::tracked::{Detection, RawPoint, TrackedFace, advance, is_same_face};
use crate::media::Frame;

/// Longest time between scans of the whole picture, in µs.
const SCAN_US: i64 = 960_000;
/// One scan in so many looks for small faces too: it costs four times as much, and they are seldom meant.
const CLOSE_SCANS: usize = 3;
/// Least time between checks of the known faces, in µs. Alignment is steady; a check only confirms that it is still a face.
const CHECK_US: i64 = 390_000;
/// A face that is found again after a longer gap is another face, in µs; see [`super::linking`].
const GAP_US: i64 = 1_000_000;
/// How many frames are kept to track a new face backwards.
const KEPT_FRAMES: usize = 76;
/// From this correlation with its template on it is the same face, whatever happened to the picture: different ones reach 0.88.
const CORRELATION_SURE: f32 = 0.93;
/// And no other face of the clip may be there with so much.
const CORRELATION_OTHER: f32 = 0.88;
/// Number of consecutive checks without a detection after which a face is not tracked further.
const MISSES_MAX: usize = 4;

/// Tracks every face of a clip; frames are pushed in display order.
pub(super) struct Tracker<'a> {
    detector: &'a mut dyn FaceDetector,
    pub(super) lips: Option<Lips>,
    kept: VecDeque<Arc<Pyramid>>,
    frame: usize,
    times_us: Vec<i64>,
    live: Vec<TrackedFace>,
    ended: Vec<TrackedFace>,
    scanned_us: Option<i64>,
    scans: usize,
    checked_us: i64,
    /// Mean difference of neighbouring frames, to distinguish a cut from motion.
    usual_change: f32,
    /// The first frame after each cut, in order.
    cuts: Vec<usize>,
    /// There was no scan since the last cut.
    cut_unscanned: bool,
}

impl<'a> Tracker<'a> {
    pub(super) fn new(detector: &'a mut dyn FaceDetector) -> Self {
        Self {
            detector,
            lips: None,
            kept: VecDeque::new(),
            frame: 0,
            times_us: Vec::new(),
            live: Vec::new(),
            ended: Vec::new(),
            scanned_us: None,
            scans: 0,
            checked_us: i64::MIN / 2,
            usual_change: 2.0,
            cuts: Vec::new(),
            cut_unscanned: false,
        }
    }

    /// Searches the next frame.
    pub(super) fn push(&mut self, frame: &Frame) {
        let pyramid =
            Arc::new(Pyramid::new(frame.y(), frame.width_px() as usize, frame.height_px() as usize, frame.pts_us));
        let before = self.kept.back().cloned();
        let jumps = before.is_some_and(|before| self.jumps(&before, &pyramid));
        self.kept.push_back(Arc::clone(&pyramid));
        if self.kept.len() > KEPT_FRAMES {
            self.kept.pop_front();
        }
        self.times_us.push(pyramid.pts_us);
        let all_go_on = self.track(&pyramid, jumps);
        if jumps {
            // Hands that shake make the whole picture jump, too: then every face goes on.
            if !all_go_on {
                self.cuts.push(self.frame);
            }
            self.cut_unscanned = true;
        }
        let due = self.scanned_us.is_none_or(|before| pyramid.pts_us - before >= SCAN_US);
        // A clip that flashes is scanned two or three times a second at most.
        let cut_due = self.cut_unscanned && self.scanned_us.is_none_or(|before| pyramid.pts_us - before >= CHECK_US);
        if due || cut_due {
            self.scan(&pyramid, frame, self.cut_unscanned);
            self.cut_unscanned = false;
            self.scanned_us = Some(pyramid.pts_us);
            self.checked_us = pyramid.pts_us;
        } else if pyramid.pts_us - self.checked_us >= CHECK_US && self.is_check_due(pyramid.pts_us) {
            self.check(&pyramid, frame);
            self.checked_us = pyramid.pts_us;
        }
        self.drop_doubles();
        self.frame += 1;
    }

    /// When the first frame after each cut so far is shown, in µs.
    pub(super) fn cuts_us(&self) -> Vec<i64> {
        self.cuts.iter().filter_map(|&frame| self.times_us.get(frame).copied()).collect()
    }

    /// Every face, in pixels of the pyramid's first level, in no order; and when each frame was shown, in µs.
    pub(super) fn finish(mut self) -> (Vec<TrackedFace>, Vec<i64>) {
        self.ended.append(&mut self.live);
        (link(self.ended, &self.cuts), self.times_us)
    }

    /// Whether there is a reason for a check before the next scan: a face that is new, has a new template, was just missed, or was just
    /// lost.
    fn is_check_due(&self, pts_us: i64) -> bool {
        self.live.iter().any(|face| face.detections.len() < 3 || face.misses > 0 || face.drift > face.checked_drift)
            || self.ended.iter().filter_map(TrackedFace::last).any(|last| pts_us - last.pts_us <= GAP_US + CHECK_US)
    }

    /// Whether the whole picture is another one.
    fn jumps(&mut self, before: &Pyramid, now: &Pyramid) -> bool {
        let (Some(before), Some(now)) = (before.levels.last(), now.levels.last()) else { return false };
        let total: u32 = before.data.iter().zip(&now.data).map(|(&a, &b)| u32::from(a.abs_diff(b))).sum();
        let change = total as f32 / now.data.len().max(1) as f32;
        let cut = change > 8.0 && change > self.usual_change * 3.5;
        self.usual_change += (change.min(30.0) - self.usual_change) * 0.1;
        cut
    }

    /// Follows every face into the next frame. Where the picture `jumps`, what is at the same place may be somebody else: only what is surely
    /// the same goes on, and for the rest its looks decide. Returns whether there were faces, and all of them go on.
    fn track(&mut self, pyramid: &Arc<Pyramid>, jumps: bool) -> bool {
        let Some(before) = self.kept.len().checked_sub(2).and_then(|index| self.kept.get(index)).cloned() else {
            return false;
        };
        let frame = self.frame;
        let sure: Vec<bool> = (0..self.live.len()).map(|index| !jumps || self.is_surely_same(index, pyramid)).collect();
        let (mut kept, mut gone) = (Vec::new(), Vec::new());
        for (mut face, is_sure) in self.live.drain(..).zip(sure) {
            let next =
                face.last().copied().filter(|_| is_sure).and_then(|last| {
                    advance(&mut face.key, &mut face.drift, &before, pyramid, last.pose, face.velocity)
                });
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
        let all_go_on = gone.is_empty() && !self.live.is_empty();
        self.ended.append(&mut gone);
        all_go_on
    }

    /// Whether a face is where it was for sure, and no other known face could be it as well.
    fn is_surely_same(&self, index: usize, pyramid: &Pyramid) -> bool {
        let Some((face, last)) = self.live.get(index).and_then(|face| Some((face, face.last()?))) else { return false };
        let guess = Pose { cx: last.pose.cx + face.velocity.0, cy: last.pose.cy + face.velocity.1, ..last.pose };
        let mut others = self.live.iter().enumerate().filter(|(other, _)| *other != index);
        face.key.find(pyramid, guess).correlation >= CORRELATION_SURE
            && others.all(|(_, other)| other.key.find(pyramid, guess).correlation < CORRELATION_OTHER)
    }

    /// Checks the known faces, and searches the rest of the picture for others; for small ones only every now and then, and where
    /// `closely` says so.
    fn scan(&mut self, pyramid: &Arc<Pyramid>, frame: &Frame, closely: bool) {
        self.check(pyramid, frame);
        let level = usize::from(!closely && !self.scans.is_multiple_of(CLOSE_SCANS)).min(pyramid.levels.len() - 1);
        self.scans = if closely { 1 } else { self.scans + 1 };
        let scale = (1 << level) as f32;
        let mut picture = pyramid.levels[level].clone();
        // Known faces are masked: the detector takes longer for a face than for anything else.
        for last in self.live.iter().filter_map(TrackedFace::last) {
            picture.blank(&last.pose.scaled(1.0 / scale));
        }
        let mut sightings = self.detector.detect(&picture);
        sightings.sort_by(|a, b| b.score.total_cmp(&a.score));
        for sighting in sightings {
            let seen = Pose { cx: sighting.cx, cy: sighting.cy, size: sighting.size, roll: 0.0 }.scaled(scale);
            if !self.live.iter().any(|face| face.last().is_some_and(|last| is_same_face(&last.pose, &seen))) {
                self.begin(seen, sighting.score, pyramid, frame);
            }
        }
    }

    /// Checks the positions of the known faces.
    fn check(&mut self, pyramid: &Arc<Pyramid>, frame: &Frame) {
        let all: Vec<usize> = (0..self.live.len()).collect();
        self.check_faces(&all, pyramid, frame);
        // A face that was just lost may be back at its position: something passed in front of it.
        let places: Vec<Pose> = self
            .ended
            .iter()
            .filter_map(|face| face.last())
            .filter(|last| pyramid.pts_us - last.pts_us <= GAP_US + CHECK_US)
            .map(|last| last.pose)
            .filter(|pose| self.live.iter().all(|face| face.last().is_none_or(|last| !is_same_face(&last.pose, pose))))
            .collect();
        for place in places {
            if let Some((seen, score)) = detect_near(self.detector, pyramid, place, 1.6) {
                let known =
                    self.live.iter().any(|face| face.last().is_some_and(|last| is_same_face(&last.pose, &seen)));
                if !known {
                    self.begin(seen, score, pyramid, frame);
                }
            }
        }
    }

    fn check_faces(&mut self, faces: &[usize], pyramid: &Arc<Pyramid>, frame: &Frame) {
        let mut over = Vec::new();
        for &index in faces {
            let Some(last) = self.live.get(index).and_then(TrackedFace::last).copied() else { continue };
            match detect_near(self.detector, pyramid, last.pose, 1.0) {
                Some((seen, score)) if is_same_face(&last.pose, &seen) => {
                    self.confirm(index, seen, score, pyramid, frame);
                }
                _ => {
                    if let Some(face) = self.live.get_mut(index) {
                        face.checks += 1;
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
            self.trim_unseen(&mut face);
            self.ended.push(face);
        }
    }

    /// Removes the points after the last frame in which the detector still finds the face.
    fn trim_unseen(&mut self, face: &mut TrackedFace) {
        let last_hit = face.detections.last().map_or(0, |detection| detection.frame);
        let oldest = (self.frame + 1).saturating_sub(self.kept.len());
        let mut end = last_hit;
        for point in face.points.iter().filter(|point| point.frame > last_hit) {
            let Some(pyramid) = point.frame.checked_sub(oldest).and_then(|index| self.kept.get(index)) else {
                continue;
            };
            if detect_near(self.detector, pyramid, point.pose, 1.0).is_none() {
                break;
            }
            end = point.frame;
        }
        while face.points.back().is_some_and(|point| point.frame > end) {
            face.points.pop_back();
        }
    }

    /// Adds a detection to a known face.
    fn confirm(&mut self, index: usize, seen: Pose, score: f32, pyramid: &Pyramid, frame: &Frame) {
        let (number, lips) = (self.frame, self.lips);
        let Some(face) = self.live.get_mut(index) else { return };
        let Some(last) = face.points.back().copied() else { return };
        face.checks += 1;
        face.misses = 0;
        face.checked_drift = face.drift;
        let lean = symmetry_roll(pyramid, last.pose);
        face.detections.push(Detection { frame: number, seen, score, lean });
        face.preview.offer(frame, &last.pose.scaled(pyramid.factor as f32), score);
        face.look(pyramid, frame, upright(seen, lean), lips);
    }

    /// Begins a new face: tracks it back to the frame in which it came into view, and joins it with one just lost.
    fn begin(&mut self, seen: Pose, score: f32, pyramid: &Arc<Pyramid>, frame: &Frame) {
        let Some(key) = Template::take(pyramid, seen) else { return };
        let mut points =
            VecDeque::from([RawPoint { frame: self.frame, pts_us: pyramid.pts_us, pose: seen, drift: 0.0 }]);
        let (mut template, mut drift, mut velocity, mut pose) = (key.clone(), 0.0, (0.0, 0.0), seen);
        let kept: Vec<Arc<Pyramid>> = self.kept.iter().rev().cloned().collect();
        for (back, pair) in kept.windows(2).enumerate() {
            let [later, earlier] = pair else { break };
            let number = self.frame - back - 1;
            if self.cuts.contains(&(number + 1)) {
                break;
            }
            let Some(before) = advance(&mut template, &mut drift, later, earlier, pose, velocity) else { break };
            let taken = self.live.iter().chain(&self.ended).any(|face| {
                face.points.iter().any(|point| point.frame == number && is_same_face(&point.pose, &before))
            });
            if taken {
                break;
            }
            velocity = ((before.cx - pose.cx) * 0.6, (before.cy - pose.cy) * 0.6);
            pose = before;
            points.push_front(RawPoint { frame: number, pts_us: earlier.pts_us, pose, drift: -drift });
        }
        let lean = symmetry_roll(pyramid, seen);
        let mut face = TrackedFace {
            points,
            detections: vec![Detection { frame: self.frame, seen, score, lean }],
            checks: 1,
            preview: Preview::default(),
            appearance: Appearance::default(),
            views: Vec::new(),
            key,
            velocity: (0.0, 0.0),
            misses: 0,
            drift: 0.0,
            checked_drift: 0.0,
        };
        face.preview.offer(frame, &seen.scaled(pyramid.factor as f32), score);
        face.look(pyramid, frame, upright(seen, lean), self.lips);
        self.live.push(face);
    }

    /// Of two tracks that have run into one, the longer stays.
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

/// A detected face, turned by how far its halves say that it leans, where they say so clearly.
fn upright(seen: Pose, (lean, clarity): (f32, f32)) -> Pose {
    Pose { roll: seen.roll + if clarity > 0.35 { lean } else { 0.0 }, ..seen }
}
