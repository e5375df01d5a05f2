//! A mouth is moved where it is, as the voice asks, and nothing else changes.

use crate::portrait::{COLLINS, HEIGHT, HOPPER, View, WIDTH, frame, load};
use viseme::media::Frame;
use viseme::media::faces::{FaceFinder, Pose, SeetaDetector};
use viseme::media::mouth::follow::Affine;
use viseme::media::mouth::look::Look;
use viseme::media::mouth::palette::Palette;
use viseme::media::mouth::warp::move_mouth;
use viseme::media::mouth::{MouthBox, MouthFit, Viseme};

pub const CLOSED: Viseme = Viseme { open: 0.0, spread: 0.0, teeth: 0.3, weight: 1.0 };
pub const OPEN: Viseme = Viseme { open: 0.8, spread: 0.0, teeth: 0.3, weight: 1.0 };
const NARROW: Viseme = Viseme { open: 0.45, spread: -1.0, teeth: 0.0, weight: 1.0 };
const SPREAD: Viseme = Viseme { open: 0.35, spread: 1.0, teeth: 0.9, weight: 1.0 };

pub struct Sitter {
    pub frame: Frame,
    pub pose: Pose,
    pub fit: MouthFit,
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

    pub fn shaped(&self, viseme: &Viseme) -> Frame {
        let mut frame = self.frame.clone();
        move_mouth(&mut frame, &Affine::of_pose(&self.pose), &self.fit, &self.palette, viseme);
        frame
    }

    /// The middle between the lips, in px.
    pub fn mouth(&self) -> (f32, f32) {
        self.pose.at(self.fit.u, self.fit.v + self.fit.sag + self.fit.gap / 2.0)
    }
}

fn collins() -> Sitter {
    Sitter::new("astronaut.png", COLLINS)
}

pub fn hopper() -> Sitter {
    Sitter::new("grace_hopper.jpg", HOPPER)
}

/// Where the mouth has become much darker than it was, in px. (The shadow under the chin moves too.)
pub fn darkened(sitter: &Sitter, after: &Frame) -> Vec<(f32, f32)> {
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
pub fn changed(before: &Frame, after: &Frame) -> Vec<(f32, f32)> {
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

/// The brightness of a shaped frame at a place across the mouth, from -1 to 1, and so far below the upper lip's edge.
fn across(sitter: &Sitter, frame: &Frame, s: f32, below: f32) -> u8 {
    let fit = sitter.fit;
    let (u, v) = (fit.u + s * fit.half_width, fit.v + fit.slant * s * fit.half_width + fit.sag * (1.0 - s * s) + below);
    let (x, y) = sitter.pose.at(u, v);
    frame.y()[y.round() as usize * WIDTH as usize + x.round() as usize]
}

#[test]
fn a_smile_opens_in_the_middle_and_keeps_its_corners() {
    let sitter = collins();
    let wide = sitter.shaped(&Viseme { open: 0.9, ..OPEN });
    // How far below the upper lip it has become darker: beyond the teeth in the middle, and at the sides the lower lip stays at the teeth.
    let reach = |s: f32| {
        let darker =
            |below: f32| across(&sitter, &sitter.frame, s, below).saturating_sub(across(&sitter, &wide, s, below));
        (0..60).map(|step| step as f32 * 0.002).filter(|&below| darker(below) > 40).fold(0.0_f32, f32::max)
    };
    let (middle, sides) = (reach(0.0), reach(-0.66).max(reach(0.66)));
    assert!(middle > 0.08 && sides < 0.48 * middle, "{middle} of the face in the middle, {sides} at the sides");
    // The upper teeth are hers, and stand still.
    for step in -3..=3 {
        let s = step as f32 * 0.1;
        let place = sitter.fit.gap * 0.4;
        let (before, after) = (across(&sitter, &sitter.frame, s, place), across(&sitter, &wide, s, place));
        assert!(before.abs_diff(after) < 45, "{before} became {after} at {s}");
    }
}
