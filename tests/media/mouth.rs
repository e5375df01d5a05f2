//! A mouth is moved where it is, as the voice asks, and nothing else changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::portrait::{COLLINS, HEIGHT, HOPPER, View, WIDTH, frame, load};
use viseme::media::Frame;
use viseme::media::faces::{FaceFinder, FaceTrack, Pose, SeetaDetector, TrackPoint};
use viseme::media::mouth::follow::{Affine, Follower};
use viseme::media::mouth::look::Look;
use viseme::media::mouth::own::Closeup;
use viseme::media::mouth::palette::Palette;
use viseme::media::mouth::voice::RATE_HZ;
use viseme::media::mouth::warp::move_mouth;
use viseme::media::mouth::{Manner, Mouth, MouthBox, MouthFit, Painted, Performance, Viseme, VisemeTrack};
use viseme::model::Interval;

const CLOSED: Viseme = Viseme { open: 0.0, spread: 0.0, teeth: 0.3, weight: 1.0 };
const OPEN: Viseme = Viseme { open: 0.8, spread: 0.0, teeth: 0.3, weight: 1.0 };
const NARROW: Viseme = Viseme { open: 0.45, spread: -1.0, teeth: 0.0, weight: 1.0 };
const SPREAD: Viseme = Viseme { open: 0.35, spread: 1.0, teeth: 0.9, weight: 1.0 };

struct Sitter {
    frame: Frame,
    pose: Pose,
    fit: MouthFit,
    palette: Palette,
}

impl Sitter {
    fn new(photo: &str, view: View) -> Self {
        let photo = load(photo);
        let mut detector = SeetaDetector::new().unwrap();
        let mut finder = FaceFinder::new(&mut detector);
        for number in 0..26 {
            finder.push(&frame(&photo, view, number * 40_000));
        }
        let faces = finder.finish(1_040_000);
        assert_eq!(faces.len(), 1);
        let (frame, pose) = (frame(&photo, view, 0), faces[0].frames[0].pose());
        let look = Look::of(&frame, &pose);
        let fit = MouthFit::find(&look, None);
        Self { palette: Palette::of(&look, &fit), frame, pose, fit }
    }

    fn shaped(&self, viseme: &Viseme) -> Frame {
        let mut frame = self.frame.clone();
        move_mouth(&mut frame, &Affine::of_pose(&self.pose), &self.fit, &self.palette, viseme);
        frame
    }

    /// The middle between the lips, in px.
    fn mouth(&self) -> (f32, f32) {
        self.pose.at(self.fit.u, self.fit.v + self.fit.sag + self.fit.gap / 2.0)
    }
}

fn collins() -> Sitter {
    Sitter::new("astronaut.png", COLLINS)
}

fn hopper() -> Sitter {
    Sitter::new("grace_hopper.jpg", HOPPER)
}

/// Where the mouth has become much darker than it was, in px. (The shadow under the chin moves too.)
fn darkened(sitter: &Sitter, after: &Frame) -> Vec<(f32, f32)> {
    let pairs = sitter.frame.y().iter().zip(after.y()).enumerate();
    pairs
        .filter(|(_, (was, is))| **is < 75 && i16::from(**was) - i16::from(**is) > 25)
        .map(|(at, _)| ((at as u32 % WIDTH) as f32, (at as u32 / WIDTH) as f32))
        .filter(|&(x, y)| {
            let (u, v) = sitter.pose.inverse(x, y);
            // Nor are the folds beside the mouth meant.
            (-0.03..0.13).contains(&(v - sitter.fit.corner_line(u))) && sitter.fit.across(u).abs() < 1.05
        })
        .collect()
}

/// Where anything has changed, in px.
fn changed(before: &Frame, after: &Frame) -> Vec<(f32, f32)> {
    let pairs = before.y().iter().zip(after.y()).enumerate();
    pairs.filter(|(_, (a, b))| a != b).map(|(at, _)| ((at as u32 % WIDTH) as f32, (at as u32 / WIDTH) as f32)).collect()
}

#[test]
fn the_mouth_is_found_where_it_is() {
    // The places in the two photographs, read off by eye, and where the view puts them.
    let placed = |view: View, (x, y): (f32, f32)| {
        let (middle_x, middle_y) = (WIDTH as f32 / 2.0, HEIGHT as f32 / 2.0);
        (middle_x + (x - view.centre.0) * view.scale, middle_y + (y - view.centre.1) * view.scale)
    };
    for (sitter, view, by_eye, parted) in
        [(collins(), COLLINS, (223.5, 145.0), true), (hopper(), HOPPER, (269.3, 279.0), false)]
    {
        let ((x, y), (seen_x, seen_y)) = (sitter.mouth(), placed(view, by_eye));
        let err = (x - seen_x).hypot(y - seen_y) / sitter.pose.size;
        assert!(err < 0.05, "off by {err} of the face: ({x}, {y}) for ({seen_x}, {seen_y})");
        assert_eq!((sitter.fit.gap > 0.03, sitter.fit.teeth), (parted, parted), "{:?}", sitter.fit);
        assert!((0.14..0.25).contains(&sitter.fit.half_width), "{:?}", sitter.fit);
    }
}

#[test]
fn a_mouth_box_by_hand_is_kept_to() {
    let sitter = hopper();
    let look = Look::of(&sitter.frame, &sitter.pose);
    let by_hand = MouthBox { u: 0.03, v: 0.27, width: 0.30, height: 0.12 };
    let fit = MouthFit::find(&look, Some(by_hand));
    assert!((fit.u - 0.03).abs() < 1e-4 && (fit.half_width - 0.15).abs() < 1e-4, "{fit:?}");
    assert!((fit.v - 0.27).abs() < 0.04, "{fit:?}");
    // What was found is offered as a box, and says the same.
    let offered = sitter.fit.to_box();
    assert!((offered.width - 2.0 * sitter.fit.half_width).abs() < 1e-6 && offered.height > 0.05, "{offered:?}");
}

#[test]
fn nothing_outside_of_the_lower_face_changes() {
    for sitter in [collins(), hopper()] {
        for viseme in [CLOSED, OPEN, NARROW, SPREAD] {
            let shaped = sitter.shaped(&viseme);
            assert!(!changed(&sitter.frame, &shaped).is_empty() || viseme == CLOSED);
            let planes = [
                (sitter.frame.y(), shaped.y(), WIDTH, 1.0),
                (sitter.frame.u(), shaped.u(), WIDTH / 2, 2.0),
                (sitter.frame.v(), shaped.v(), WIDTH / 2, 2.0),
            ];
            for (before, after, width, scale) in planes {
                for (at, (was, is)) in before.iter().zip(after).enumerate() {
                    let (x, y) = ((at as u32 % width) as f32 * scale, (at as u32 / width) as f32 * scale);
                    let (u, v) = sitter.pose.inverse(x, y);
                    let lower_face = u.abs() < 0.48 && (0.05..0.75).contains(&v);
                    assert!(was == is || lower_face, "{viseme:?} changes ({u}, {v})");
                }
            }
        }
        assert_eq!(sitter.shaped(&Viseme::REST), sitter.frame);
        let faded = Viseme { weight: 0.0, ..OPEN };
        assert_eq!(sitter.shaped(&faded), sitter.frame);
    }
}

#[test]
fn open_narrow_and_closed_are_seen_to_differ() {
    let sitter = hopper();
    let seen = |viseme: &Viseme| {
        let dark = darkened(&sitter, &sitter.shaped(viseme));
        let across: Vec<f32> = dark.iter().map(|&(x, y)| sitter.pose.inverse(x, y).0).collect();
        let count = across.len().max(1) as f32;
        let mean = across.iter().sum::<f32>() / count;
        let deviation = (across.iter().map(|u| (u - mean).powi(2)).sum::<f32>() / count).sqrt();
        (dark.len(), deviation)
    };
    let ((closed, _), (open, open_width), (narrow, narrow_width), (_, spread_width)) =
        (seen(&CLOSED), seen(&OPEN), seen(&NARROW), seen(&SPREAD));
    assert!(closed < 5, "{closed} px are dark in a closed mouth");
    assert!(open > 150 && open > 2 * narrow && narrow > 20, "{open} px open, {narrow} px narrow");
    assert!(narrow_width < 0.82 * open_width, "{narrow_width} narrow, {open_width} open");
    assert!(spread_width > 1.1 * narrow_width, "{spread_width} spread, {narrow_width} narrow");
}

#[test]
fn a_smile_closes_over_its_teeth() {
    let sitter = collins();
    let teeth = |frame: &Frame| {
        let inside = |at: usize| {
            let (x, y) = ((at as u32 % WIDTH) as f32, (at as u32 / WIDTH) as f32);
            let (u, v) = sitter.pose.inverse(x, y);
            let y = v - sitter.fit.corner_line(u);
            sitter.fit.across(u).abs() < 0.7 && (0.0..0.12).contains(&y)
        };
        let chroma = |at: usize| (at / WIDTH as usize / 2) * (WIDTH as usize / 2) + (at % WIDTH as usize) / 2;
        let pale = |at: usize| frame.y()[at] > 150 && f32::from(frame.v()[chroma(at)]) < 142.0;
        (0..frame.y().len()).filter(|&at| inside(at) && pale(at)).count()
    };
    let (smiling, closed) = (teeth(&sitter.frame), teeth(&sitter.shaped(&CLOSED)));
    assert!(smiling > 40 && closed * 4 < smiling, "{smiling} px of teeth before, {closed} after");
}

#[test]
fn the_mouth_turns_with_the_head() {
    for turned_deg in [-11.0_f32, 11.0] {
        let sitter = Sitter::new("grace_hopper.jpg", View { turned_deg, ..HOPPER });
        let dark = darkened(&sitter, &sitter.shaped(&OPEN));
        let count = dark.len() as f32;
        let (mx, my) = dark.iter().fold((0.0, 0.0), |(sx, sy), (x, y)| (sx + x / count, sy + y / count));
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        for (x, y) in &dark {
            xx += (x - mx).powi(2);
            xy += (x - mx) * (y - my);
            yy += (y - my).powi(2);
        }
        let axis = (0.5 * (2.0 * xy).atan2(xx - yy)).to_degrees();
        assert!(
            (axis - turned_deg).abs() < 5.0,
            "the mouth lies at {axis}° in a head turned by {turned_deg}°, roll {}°",
            sitter.pose.roll.to_degrees()
        );
    }
}

/// A voice that says "ah" from 0.2 to 0.6 s of every second.
fn voice(seconds: usize) -> Vec<f32> {
    (0..seconds * RATE_HZ)
        .map(|at| {
            let time = at as f32 / RATE_HZ as f32;
            let loud = if (0.2..0.6).contains(&time.fract()) { 0.4 } else { 0.0 };
            // Harmonics of 125 Hz under resonances at 750 and 1250 Hz.
            (1..=16)
                .map(|harmonic| {
                    let hz = 125.0 * harmonic as f32;
                    let near = |centre: f32| 1.0 / (1.0 + ((hz - centre) / 120.0).powi(2));
                    (near(750.0) + 0.6 * near(1_250.0)) * (std::f32::consts::TAU * hz * time).sin()
                })
                .sum::<f32>()
                * loud
                * 0.4
        })
        .collect()
}

/// A clip of these frames, 40 ms each, that speaks a voice from `start_us` on.
fn speaking(sitter: &Sitter, frames: &mut [Frame], voice: &[f32], start_us: i64) -> Performance {
    let Pose { cx, cy, size: size_px, roll: roll_rad } = sitter.pose;
    let mut points = Vec::new();
    for (number, frame) in frames.iter_mut().enumerate() {
        frame.pts_us = number as i64 * 40_000;
        points.push(TrackPoint { pts_us: frame.pts_us, cx, cy, size_px, roll_rad });
    }
    let interval = Interval::new(0, frames.len() as i64 * 40);
    let track =
        Arc::new(FaceTrack { interval, frames: points, preview_jpeg: Vec::new(), score: 9.0, views: Vec::new() });
    let mut follower = Follower::new(Arc::clone(&track));
    let mut closeups = BTreeMap::new();
    for frame in frames.iter() {
        assert!(follower.push(frame));
        let closeup = Closeup::cut(frame, &Affine::of_pose(&sitter.pose));
        closeups.extend(closeup.map(|closeup| (frame.pts_us, closeup)));
    }
    let mouths = Arc::new(follower.finish(None).unwrap());
    let mouth = Mouth::learn(mouths, &track, &closeups);
    Performance::of(Arc::new(mouth), Arc::new(VisemeTrack::of(voice)), start_us, interval)
}

fn painted(performance: &Performance, frame: &Frame) -> (Painted, Frame) {
    let mut frame = frame.clone();
    (performance.apply(&mut frame), frame)
}

/// She talks by herself: opens and closes three times a second.
fn talking(sitter: &Sitter, count: usize) -> Vec<Frame> {
    let open = |number: usize| 0.5 - 0.5 * (number as f32 * 0.75).cos();
    (0..count).map(|number| sitter.shaped(&Viseme { open: open(number), ..OPEN })).collect()
}

#[test]
fn the_opening_of_a_mouth_is_measured_from_its_pixels() {
    let sitter = hopper();
    let mut frames = talking(&sitter, 40);
    // Light that comes and goes is no opening.
    for (number, frame) in frames.iter_mut().enumerate() {
        let dimmed = 1.0 - 0.15 * (number as f32 / 40.0);
        frame.planes_mut().0.iter_mut().for_each(|y| *y = (16.0 + (f32::from(*y) - 16.0) * dimmed) as u8);
    }
    let Pose { cx, cy, size: size_px, roll: roll_rad } = sitter.pose;
    let point = |number: i64| TrackPoint { pts_us: number * 40_000, cx, cy, size_px, roll_rad };
    let track = FaceTrack {
        interval: Interval::new(0, 1_600),
        frames: (0..40).map(point).collect(),
        preview_jpeg: Vec::new(),
        score: 9.0,
        views: Vec::new(),
    };
    let mut follower = Follower::new(Arc::new(track));
    for (number, frame) in frames.iter_mut().enumerate() {
        frame.pts_us = number as i64 * 40_000;
        follower.push(frame);
    }
    let mouths = follower.finish(None).unwrap();
    assert_eq!(mouths.samples.len(), 40);
    let wanted: Vec<f32> = (0..40).map(|number| 0.5 - 0.5 * (number as f32 * 0.75).cos()).collect();
    let seen: Vec<f32> = mouths.samples.iter().map(|sample| sample.opening).collect();
    let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
    let (mw, ms) = (mean(&wanted), mean(&seen));
    let product: f32 = wanted.iter().zip(&seen).map(|(w, s)| (w - mw) * (s - ms)).sum();
    let power = |values: &[f32], mean: f32| values.iter().map(|value| (value - mean).powi(2)).sum::<f32>();
    let correlation = product / (power(&wanted, mw) * power(&seen, ms)).sqrt();
    assert!(correlation > 0.9, "{correlation}: {seen:.2?} {:?}, and not {:?}", mouths.fit(), sitter.fit);
    assert!(mouths.samples.iter().all(|sample| sample.confidence > 0.5));
}

#[test]
fn a_mouth_that_talks_speaks_with_its_own_lower_faces() {
    let sitter = hopper();
    let mut frames = talking(&sitter, 75);
    let performance = speaking(&sitter, &mut frames, &voice(3), 0);
    assert_eq!(performance.manner(), Manner::Own);
    let openness = |frame: &Frame| darkened(&sitter, frame).len();
    // By itself the mouth is wide open in the pause, and shut in the loud part.
    let (pause, loud) = (&frames[22], &frames[33]);
    let (before, paused, speaks) =
        (openness(pause), openness(&painted(&performance, pause).1), openness(&painted(&performance, loud).1));
    assert!(before > 100 && paused * 8 < before, "{before} px dark before, {paused} in a pause");
    assert!(speaks > 80, "{speaks} px dark in a loud ah");
    let (what, shaped) = painted(&performance, loud);
    assert_eq!(what, Painted::Spoken);
    for (x, y) in changed(loud, &shaped) {
        let (u, v) = sitter.pose.inverse(x, y);
        assert!(u.abs() < 0.5 && (0.1..0.85).contains(&v), "changes ({u}, {v})");
    }
    // In a pause nothing moves: the same lower face, frame after frame.
    let still: Vec<usize> = (18..26).map(|number| openness(&painted(&performance, &frames[number]).1)).collect();
    assert!(still.iter().all(|dark| *dark < 25), "{still:?}");
}

#[test]
fn a_mouth_that_is_covered_is_left_alone_and_said_to_be_unknown() {
    let sitter = hopper();
    let mut frames = talking(&sitter, 75);
    // A hand before the lower face.
    let (x, y) = sitter.mouth();
    for frame in &mut frames[30..48] {
        let (width, reach) = (WIDTH as usize, sitter.pose.size * 0.42);
        let luma = frame.planes_mut().0;
        for row in (y - reach * 0.7) as usize..(y + reach) as usize {
            for column in (x - reach) as usize..(x + reach) as usize {
                luma[row * width + column] = 100 + ((row / 9 + column / 13) % 5) as u8 * 16;
            }
        }
    }
    let performance = speaking(&sitter, &mut frames, &voice(3), 0);
    for number in [34, 40, 45] {
        assert_eq!(
            painted(&performance, &frames[number]),
            (Painted::Unknown, frames[number].clone()),
            "frame {number}"
        );
    }
    for number in [5, 15, 65] {
        assert_eq!(painted(&performance, &frames[number]).0, Painted::Spoken, "frame {number}");
    }
}

#[test]
fn before_and_after_the_voice_frames_stay_as_they_are() {
    let sitter = hopper();
    let mut frames = vec![sitter.frame.clone(); 150];
    let performance = speaking(&sitter, &mut frames, &voice(2), 1_000_000);
    // A mouth at rest is opened where it is.
    assert_eq!(performance.manner(), Manner::Drawn);
    for number in [0, 24, 25, 75, 125] {
        assert_eq!(painted(&performance, &frames[number]).1, frames[number], "frame {number}");
    }
    let open: Vec<usize> =
        (25..75).map(|number| darkened(&sitter, &painted(&performance, &frames[number]).1).len()).collect();
    // Open in both loud stretches (1.2–1.6 s, 2.2–2.6 s), shut between them.
    assert!(open[8] > 100 && open[33] > 100 && open[21] < 5, "{open:?}");
}
