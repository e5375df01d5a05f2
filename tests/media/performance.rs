//! A mouth speaks a voice: with its own lower faces, covered, or drawn; and what is not known of it stays as it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::mouth::{CLOSED, OPEN, Sitter, changed, darkened, hopper};
use crate::portrait::{HOPPER, WIDTH, frame, load};
use viseme::media::Frame;
use viseme::media::faces::{FaceTrack, Pose, TrackPoint};
use viseme::media::mouth::follow::{Affine, Follower};
use viseme::media::mouth::own::Closeup;
use viseme::media::mouth::voice::RATE_HZ;
use viseme::media::mouth::{Manner, Mouth, Painted, Performance, Viseme, VisemeTrack};
use viseme::model::Interval;

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
    spoken(sitter, frames, voice, start_us, None)
}

/// Likewise, of a clip with a sound of its own.
fn spoken(
    sitter: &Sitter,
    frames: &mut [Frame],
    voice: &[f32],
    start_us: i64,
    own: Option<&VisemeTrack>,
) -> Performance {
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
    let mouth = match own {
        Some(own) => mouth.hearing(own),
        None => mouth,
    };
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

/// Brightness, blue and red of teeth in the light.
const BRIGHT: [u8; 3] = [185, 126, 131];

/// The frame with closed teeth of this colour shown between parted lips; `amount` 0 shows none.
fn bared(sitter: &Sitter, amount: f32, [bright, pale_blue, pale_red]: [u8; 3]) -> Frame {
    let mut frame = sitter.shaped(&Viseme { open: 0.06 + 0.25 * amount, ..CLOSED });
    let (fit, height) = (sitter.fit, 0.075 * amount);
    let (luma, blue, red) = frame.planes_mut();
    let inside = |x: f32, y: f32| {
        let (u, v) = sitter.pose.inverse(x, y);
        let s = fit.across(u);
        let y = v - fit.corner_line(u) - fit.sag * (1.0 - s * s).max(0.0);
        s.abs() < 0.8 && (-0.3 * height..0.7 * height).contains(&y)
    };
    let width = WIDTH as usize;
    for (at, value) in luma.iter_mut().enumerate() {
        if inside((at % width) as f32, (at / width) as f32) {
            *value = bright;
        }
    }
    for (plane, teeth) in [(blue, pale_blue), (red, pale_red)] {
        for (at, value) in plane.iter_mut().enumerate() {
            if inside((at % (width / 2)) as f32 * 2.0, (at / (width / 2)) as f32 * 2.0) {
                *value = teeth;
            }
        }
    }
    frame
}

/// How many px between the lips are as bright as teeth and brighter than in `shut`.
fn teeth_px(sitter: &Sitter, shut: &Frame, frame: &Frame) -> usize {
    let pairs = shut.y().iter().zip(frame.y()).enumerate();
    pairs
        .filter(|&(at, (was, is))| {
            let (u, v) = sitter.pose.inverse((at as u32 % WIDTH) as f32, (at as u32 / WIDTH) as f32);
            let between = sitter.fit.across(u).abs() < 0.7 && (-0.02..0.07).contains(&(v - sitter.fit.corner_line(u)));
            between && *is > 150 && i16::from(*is) - i16::from(*was) > 25
        })
        .count()
}

#[test]
fn closed_teeth_between_parted_lips_are_no_closed_mouth() {
    let sitter = hopper();
    let shut = sitter.shaped(&CLOSED);
    // Mostly she shows her teeth or speaks; seldom are the lips closed.
    let mut frames: Vec<Frame> = (0..75)
        .map(|number| match number % 15 {
            0..=2 => shut.clone(),
            3..=9 => bared(&sitter, 1.0, BRIGHT),
            _ => sitter.shaped(&OPEN),
        })
        .collect();
    let performance = speaking(&sitter, &mut frames, &voice(3), 0);
    assert_eq!(performance.manner(), Manner::Own);
    let shown = |frame: &Frame| teeth_px(&sitter, &shut, frame);
    for number in [18, 20, 22, 24] {
        let before = shown(&frames[number]);
        let after = shown(&painted(&performance, &frames[number]).1);
        assert!(before > 60 && after * 6 < before, "frame {number}: {before} px of teeth before, {after} in a pause");
    }
}

#[test]
fn teeth_in_a_shadow_are_no_closed_mouth_either() {
    let sitter = hopper();
    let shut = sitter.shaped(&CLOSED);
    // Neither dark as the inside of a mouth nor pale as teeth in the light, and more often seen than closed lips in the end.
    let dim = bared(&sitter, 0.7, [104, 122, 146]);
    let mut frames: Vec<Frame> = (0..75)
        .map(|number| match number % 15 {
            0..=4 => shut.clone(),
            5..=8 => dim.clone(),
            _ => sitter.shaped(&OPEN),
        })
        .collect();
    let performance = speaking(&sitter, &mut frames, &voice(3), 0);
    assert_eq!(performance.manner(), Manner::Own);
    let apart = |frame: &Frame| {
        let pairs = shut.y().iter().zip(frame.y()).enumerate();
        let between = pairs.filter(|&(at, _)| {
            let (u, v) = sitter.pose.inverse((at as u32 % WIDTH) as f32, (at as u32 / WIDTH) as f32);
            sitter.fit.across(u).abs() < 0.7 && (-0.02..0.06).contains(&(v - sitter.fit.corner_line(u)))
        });
        between.filter(|(_, (was, is))| was.abs_diff(**is) > 20).count()
    };
    let teeth = apart(&dim);
    for number in [18, 20, 22, 24] {
        let shown = apart(&painted(&performance, &frames[number]).1);
        assert!(shown * 5 < teeth, "frame {number}: {shown} px of {teeth} are not as in a closed mouth");
    }
}

/// Syllables, five in two seconds, of unequal loudness.
fn syllables(seconds: usize) -> Vec<f32> {
    (0..seconds * RATE_HZ)
        .map(|at| {
            let time = at as f32 / RATE_HZ as f32;
            let loud = (0.5 - 0.5 * (std::f32::consts::TAU * 2.5 * time).cos()) * (0.7 + 0.3 * (time * 2.1).sin());
            (1..=10).map(|h| (std::f32::consts::TAU * 125.0 * h as f32 * time).sin()).sum::<f32>() * loud * 0.06
        })
        .collect()
}

#[test]
fn a_clip_whose_sound_is_early_does_not_make_a_mouth_late() {
    let sitter = hopper();
    let voice = syllables(4);
    let visemes = Arc::new(VisemeTrack::of(&voice));
    let asked = |number: usize, late_s: f32| visemes.at(number as f32 * 0.04 - late_s).open;
    // In the clip the mouth moves 60 ms after its sound.
    let mut frames: Vec<Frame> =
        (0..100).map(|number| sitter.shaped(&Viseme { open: asked(number, 0.06), ..OPEN })).collect();
    let performance = spoken(&sitter, &mut frames, &voice, 0, Some(&visemes));
    assert_eq!(performance.manner(), Manner::Own);
    let shown: Vec<f32> =
        (0..100).map(|number| darkened(&sitter, &painted(&performance, &frames[number]).1).len() as f32).collect();
    let agrees = |late_s: f32| {
        let pairs: Vec<(f32, f32)> = (10..90).map(|number| (asked(number, late_s), shown[number])).collect();
        let mean = |of: fn(&(f32, f32)) -> f32| pairs.iter().map(of).sum::<f32>() / pairs.len() as f32;
        let (mx, my) = (mean(|pair| pair.0), mean(|pair| pair.1));
        let sum = |of: &dyn Fn(f32, f32) -> f32| pairs.iter().map(|(x, y)| of(x - mx, y - my)).sum::<f32>();
        sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
    };
    let late: i32 = (-6..=6).max_by(|a, b| agrees(*a as f32 * 0.02).total_cmp(&agrees(*b as f32 * 0.02))).unwrap() * 20;
    assert!(
        late.abs() <= 20,
        "the mouth is {late} ms late: {:?}",
        (-6..=6).map(|at| agrees(at as f32 * 0.02)).collect::<Vec<_>>()
    );
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

#[test]
fn what_is_at_rest_in_the_clip_is_not_covered_by_another_frame() {
    let sitter = hopper();
    // Her lips part once, for a moment, and she is silent; each frame has its own grain.
    let mut frames: Vec<Frame> = (0..75)
        .map(|number| match number {
            45..=47 => sitter.shaped(&Viseme { open: 0.4, ..CLOSED }),
            _ => sitter.frame.clone(),
        })
        .collect();
    for (number, frame) in frames.iter_mut().enumerate() {
        let mut seed = (number as u32).wrapping_mul(747_796_405) + 1;
        for y in frame.planes_mut().0.iter_mut() {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *y = y.saturating_add((seed >> 28) as u8);
        }
    }
    let performance = speaking(&sitter, &mut frames, &vec![0.0; 3 * RATE_HZ], 0);
    assert_eq!(performance.manner(), Manner::Covered);
    let apart = |number: usize| {
        let shown = painted(&performance, &frames[number]).1;
        changed(&frames[number], &shown).len()
    };
    let (rest, parted) = ((25..35).map(apart).max().unwrap(), apart(46));
    assert!(parted > 1_500, "{parted} px changed where parted lips are covered");
    assert!(rest * 3 < parted, "{rest} px changed at rest, {parted} where lips are covered");
}

#[test]
fn a_mouth_that_a_nod_carries_down_is_opened_where_it_is() {
    let sitter = hopper();
    let photo = load("grace_hopper.jpg");
    // Mouth and chin move down by 8 px against eyes and nose, as where the head is raised.
    let nodded = image::RgbImage::from_fn(photo.width(), photo.height(), |x, y| {
        let ramp = ((y as f32 - HOPPER.centre.1 - 12.0) / 14.0).clamp(0.0, 1.0);
        *photo.get_pixel(x, (y as f32 - 10.0 * ramp) as u32)
    });
    let nodded = frame(&nodded, HOPPER, 0);
    let mut frames: Vec<Frame> =
        (0..75).map(|number| if number < 38 { sitter.frame.clone() } else { nodded.clone() }).collect();
    let performance = speaking(&sitter, &mut frames, &voice(3), 0);
    let height = |number: usize| {
        let (before, after) = (&frames[number], painted(&performance, &frames[number]).1);
        let dark: Vec<f32> = before
            .y()
            .iter()
            .zip(after.y())
            .enumerate()
            .filter(|(_, (was, is))| **is < 75 && i16::from(**was) - i16::from(**is) > 25)
            .map(|(at, _)| (at as f32 % WIDTH as f32, (at as u32 / WIDTH) as f32))
            .filter(|&(x, y)| {
                let (u, v) = sitter.pose.inverse(x, y);
                (-0.05..0.20).contains(&(v - sitter.fit.corner_line(u))) && sitter.fit.across(u).abs() < 0.7
            })
            .map(|at| at.1)
            .collect();
        assert!(dark.len() > 40, "frame {number}: {} px dark", dark.len());
        dark.iter().sum::<f32>() / dark.len() as f32
    };
    // Both in a loud "ah".
    let (ahead, raised) = (height(10), height(60));
    assert!((4.5..11.0).contains(&(raised - ahead)), "{ahead} px ahead, {raised} px raised: 8 px lower");
}
