//! Faces are found where they are, as long as they are, and nowhere else.

use std::path::Path;

use crate::portrait::{COLLINS, HEIGHT, HOPPER, View, WIDTH, frame, load};
use viseme::media::face_embedding::FaceEmbedder;
use viseme::media::faces::{FaceFinder, FaceTrack, SeetaDetector};
use viseme::media::mouth::lips::parted;
use viseme::media::{Frame, Job, MediaError, identify};

const FRAME_US: i64 = 40_000;

/// A grey picture, where nobody is.
fn nobody(pts_us: i64) -> Frame {
    let mut frame = Frame::filled(WIDTH, HEIGHT, [90, 128, 128]);
    frame.pts_us = pts_us;
    frame
}

/// What is found in `count` pictures, 25 a second.
fn found(count: i64, picture: impl Fn(i64) -> Frame) -> Vec<FaceTrack> {
    let mut detector = SeetaDetector::new().unwrap();
    let mut finder = FaceFinder::new(&mut detector);
    for number in 0..count {
        let mut frame = picture(number);
        frame.pts_us = number * FRAME_US;
        finder.push(&frame);
    }
    finder.finish(count * FRAME_US)
}

fn intervals(faces: &[FaceTrack]) -> Vec<(i64, i64)> {
    faces.iter().map(|face| (face.interval.start_ms, face.interval.end_ms)).collect()
}

fn demo() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/duo.mp4")
}

#[test]
fn the_demo_has_two_faces_to_the_frame() {
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = std::sync::Arc::clone(&told);
    let job = Job::watched(move |done| seen.lock().unwrap().push(done));
    let identified = identify(&demo(), &job).unwrap();
    assert_eq!((identified.duration_ms, identified.width_px, identified.height_px), (9_000, 1280, 720));
    assert!((identified.fps - 25.0).abs() < 1e-6);
    // The last frame with Hopper is the one at 7.0 s, and it lasts 40 ms.
    assert_eq!(intervals(&identified.faces), [(0, 9_000), (2_000, 7_040)]);
    let (collins, hopper) = (&identified.faces[0], &identified.faces[1]);
    assert_eq!((collins.frames.len(), hopper.frames.len()), (225, 126));
    assert!(collins.frames.iter().all(|point| (150.0..480.0).contains(&point.cx)), "Collins is on the left");
    assert!(hopper.frames.iter().all(|point| (850.0..1100.0).contains(&point.cx)), "Hopper is on the right");
    for face in &identified.faces {
        let preview = image::load_from_memory_with_format(&face.preview_jpeg, image::ImageFormat::Jpeg).unwrap();
        assert_eq!((preview.width(), preview.height()), (256, 256));
        assert!(face.frames.windows(2).all(|pair| {
            (pair[0].cx - pair[1].cx).hypot(pair[0].cy - pair[1].cy) < 4.0 && pair[0].pts_us < pair[1].pts_us
        }));
    }
    let told = told.lock().unwrap();
    assert!(told.windows(2).all(|pair| pair[0] <= pair[1]) && told.last() == Some(&1.0), "progress only grows");
    // The sandbox keeps tracks as JSON.
    let json = serde_json::to_string(hopper).unwrap();
    assert_eq!(&serde_json::from_str::<FaceTrack>(&json).unwrap(), hopper);
}

#[test]
fn a_job_asked_to_stop_stops() {
    let job = Job::new();
    job.cancel();
    assert_eq!(identify(&demo(), &job).unwrap_err(), MediaError::Cancelled);
}

#[test]
fn a_still_face_stands_still_and_a_moving_one_is_followed() {
    let photo = load("astronaut.png");
    let still = found(40, |number| frame(&photo, COLLINS, number));
    assert_eq!(intervals(&still), [(0, 1_600)]);
    for pair in still[0].frames.windows(2) {
        assert!((pair[0].cx - pair[1].cx).hypot(pair[0].cy - pair[1].cy) < 0.2, "{pair:?}");
    }
    // A hand that shakes: up to 9 px from one frame to the next.
    let shake = |number: i64| (8.0 * (number as f32 * 1.1).sin(), 6.0 * (number as f32 * 0.9).cos());
    let shaken = found(40, |number| frame(&photo, View { moved_px: shake(number), ..COLLINS }, number));
    assert_eq!(intervals(&shaken), [(0, 1_600)]);
    let first = shaken[0].frames[0];
    for (number, point) in shaken[0].frames.iter().enumerate() {
        let ((x0, y0), (x, y)) = (shake(0), shake(number as i64));
        let err = (point.cx - first.cx - (x - x0)).hypot(point.cy - first.cy - (y - y0));
        assert!(err < 0.8, "frame {number} is off by {err} px");
    }
}

#[test]
fn the_roll_of_the_head_is_followed() {
    let photo = load("astronaut.png");
    let turn = |number: i64| 11.0 * (number as f32 * 0.16).sin();
    let faces = found(40, |number| frame(&photo, View { turned_deg: turn(number), ..COLLINS }, number));
    assert_eq!(intervals(&faces), [(0, 1_600)]);
    let first = faces[0].frames[0];
    for (number, point) in faces[0].frames.iter().enumerate() {
        let turned = (point.roll_rad - first.roll_rad).to_degrees();
        assert!((turned - turn(number as i64)).abs() < 1.0, "frame {number}: {turned}° for {}°", turn(number as i64));
    }
    // She leans by some 3° in the portrait itself.
    assert!((-3.0..9.0).contains(&first.roll_rad.to_degrees()), "{first:?}");
}

#[test]
fn a_short_gap_is_bridged_and_a_long_one_makes_another_face() {
    let photo = load("astronaut.png");
    let gap = |from: i64, to: i64, all: i64| {
        found(all, |number| if (from..to).contains(&number) { nobody(number) } else { frame(&photo, COLLINS, number) })
    };
    let bridged = gap(25, 40, 65);
    assert_eq!(intervals(&bridged), [(0, 2_600)]);
    assert_eq!(bridged[0].frames.len(), 50, "where nobody is, there is no place");
    assert!(bridged[0].at(30 * FRAME_US).is_none() && bridged[0].at(45 * FRAME_US).is_some());
    assert_eq!(intervals(&gap(25, 62, 90)), [(0, 1_000), (2_480, 3_600)]);
}

#[test]
fn a_cut_to_somebody_else_makes_another_face() {
    let (collins, hopper) = (load("astronaut.png"), load("grace_hopper.jpg"));
    let faces =
        found(60, |number| if number < 30 { frame(&collins, COLLINS, number) } else { frame(&hopper, HOPPER, number) });
    assert_eq!(intervals(&faces), [(0, 1_200), (1_200, 2_400)]);
}

/// The same view, nearer, elsewhere in the picture.
fn nearer(view: View) -> View {
    View { scale: view.scale * 1.35, moved_px: (70.0, 25.0), turned_deg: 3.0, ..view }
}

/// The same picture in less light.
fn dimmed(mut picture: Frame) -> Frame {
    let (luma, _, _) = picture.planes_mut();
    for value in luma {
        *value = 16 + ((u32::from(*value).saturating_sub(16)) * 7 / 10) as u8;
    }
    picture
}

/// Two pictures side by side, each moved from the middle of the whole to the middle of its half.
fn pair(left: (&image::RgbImage, View), right: (&image::RgbImage, View), number: i64) -> Frame {
    let half = |(photo, view): (&image::RgbImage, View), across: f32| {
        frame(photo, View { scale: view.scale * 0.8, moved_px: (across, 10.0), ..view }, number)
    };
    let (mut whole, other) = (half(left, -160.0), half(right, 160.0));
    let (luma, blue, red) = whole.planes_mut();
    for (mine, theirs, width) in [(luma, other.y(), 640), (blue, other.u(), 320), (red, other.v(), 320)] {
        for (row, line) in mine.chunks_exact_mut(width).zip(theirs.chunks_exact(width)) {
            row[width / 2..].copy_from_slice(&line[width / 2..]);
        }
    }
    whole
}

/// Where a face is on the way, as shares of the picture's width.
fn places(face: &FaceTrack, frames: [i64; 2]) -> [f32; 2] {
    frames.map(|number| face.at(number * FRAME_US).expect("in view").cx / WIDTH as f32)
}

#[test]
fn one_person_is_one_face_over_a_cut() {
    for (name, view) in [("astronaut.png", COLLINS), ("grace_hopper.jpg", HOPPER)] {
        let photo = load(name);
        let faces = found(60, |number| {
            if number < 30 { frame(&photo, view, number) } else { dimmed(frame(&photo, nearer(view), number)) }
        });
        assert_eq!(intervals(&faces), [(0, 2_400)], "{name}");
        assert_eq!(faces[0].frames.len(), 60, "{name}");
        let [before, after] = places(&faces[0], [29, 30]);
        assert!((after - before - 70.0 / 640.0).abs() < 0.04, "{name} is where it was: {before} and {after}");
        let size = |number: i64| faces[0].at(number * FRAME_US).unwrap().size_px;
        assert!((1.2..1.5).contains(&(size(30) / size(29))), "{name}: {} and {}", size(29), size(30));
    }
}

#[test]
fn a_cut_to_somebody_else_and_back_within_a_second_is_a_gap() {
    let (collins, hopper) = (load("astronaut.png"), load("grace_hopper.jpg"));
    let away = |from: i64, to: i64, all: i64| {
        found(all, |number| match number {
            _ if number < from => frame(&collins, COLLINS, number),
            _ if number < to => frame(&hopper, HOPPER, number),
            _ => frame(&collins, nearer(COLLINS), number),
        })
    };
    let short = away(25, 45, 70);
    assert_eq!(intervals(&short), [(0, 2_800), (1_000, 1_800)]);
    assert_eq!(short[0].frames.len(), 50, "where somebody else is shown, there is no place");
    assert_eq!(intervals(&away(25, 57, 82)), [(0, 1_000), (1_000, 2_280), (2_280, 3_280)]);
}

#[test]
fn people_who_swap_sides_keep_their_ids() {
    let (collins, hopper) = (load("astronaut.png"), load("grace_hopper.jpg"));
    let (collins, hopper) = ((&collins, COLLINS), (&hopper, HOPPER));
    let faces =
        found(60, |number| if number < 30 { pair(collins, hopper, number) } else { pair(hopper, collins, number) });
    assert_eq!(intervals(&faces), [(0, 2_400), (0, 2_400)]);
    for (face, [before, after]) in faces.iter().zip([[0.25, 0.75], [0.75, 0.25]]) {
        let [was, is] = places(face, [20, 40]);
        assert!((was - before).abs() < 0.1 && (is - after).abs() < 0.1, "{was} and {is} for {before} and {after}");
    }
}

#[test]
fn of_two_who_look_alike_nobody_is_taken_for_the_other() {
    let photo = load("astronaut.png");
    let (one, twin) = ((&photo, COLLINS), (&photo, View { turned_deg: 2.0, ..COLLINS }));
    let faces = found(60, |number| if number < 30 { pair(one, twin, number) } else { dimmed(pair(twin, one, number)) });
    assert_eq!(intervals(&faces), [(0, 1_200), (0, 1_200), (1_200, 2_400), (1_200, 2_400)]);
}

#[test]
fn where_nobody_is_nobody_is_found() {
    let stripes = |number: i64| {
        let mut picture = nobody(number);
        let (luma, _, _) = picture.planes_mut();
        for (index, value) in luma.iter_mut().enumerate() {
            let (x, y) = (index as i64 % 640, index as i64 / 640);
            *value = ((x * x / 97 + y * 5 + number * 7) % 220) as u8 + 16;
        }
        picture
    };
    assert!(found(30, stripes).is_empty());
    assert!(found(30, nobody).is_empty());
}

/// A picture cut around a face by somebody else: from another frame, with another margin, smaller.
fn cut_elsewhere(photo: &image::RgbImage, view: View, margin_px: u32, side_px: u32) -> Vec<u8> {
    let frame = frame(photo, View { turned_deg: 4.0, moved_px: (9.0, -6.0), ..view }, 0);
    let rgba = image::RgbaImage::from_raw(WIDTH, HEIGHT, frame.to_rgba().unwrap()).unwrap();
    let side = HEIGHT - 2 * margin_px;
    let cut = image::imageops::crop_imm(&rgba, (WIDTH - side) / 2, margin_px, side, side).to_image();
    image::imageops::resize(&cut, side_px, side_px, image::imageops::FilterType::Triangle).into_raw()
}

#[test]
fn a_preview_cut_by_somebody_else_is_most_like_the_face_it_shows() {
    let faces = identify(&demo(), &Job::new()).unwrap().faces;
    let mut portraitist = FaceEmbedder::new().unwrap();
    let own: Vec<_> = faces.iter().map(|face| portraitist.of_encoded(&face.preview_jpeg).expect("a face")).collect();
    for (right, (name, view)) in [("astronaut.png", COLLINS), ("grace_hopper.jpg", HOPPER)].into_iter().enumerate() {
        let photo = load(name);
        for (margin_px, side_px) in [(60, 128), (20, 200), (90, 300)] {
            let rgba = cut_elsewhere(&photo, view, margin_px, side_px);
            let theirs = portraitist.of_rgba(side_px, side_px, &rgba).expect("a face");
            let (same, other) = (theirs.similarity(&own[right]), theirs.similarity(&own[1 - right]));
            assert!(same > 0.35 && same - other > 0.2, "{name} at {margin_px} px: {same:.2} against {other:.2}");
        }
    }
    assert_eq!(portraitist.of_encoded(b"no picture"), None);
    assert_eq!(portraitist.of_rgba(64, 64, &vec![120; 64 * 64 * 4]), None, "nobody is in it");
}

/// The portrait with eyes and nose carried aside by so many px, as where the head turns.
fn turned(photo: &image::RgbImage, view: View, aside_px: f32) -> image::RgbImage {
    let (cx, cy) = view.centre;
    image::RgbImage::from_fn(photo.width(), photo.height(), |x, y| {
        let (dx, dy) = (x as f32 - cx, y as f32 - cy);
        let near = (1.0 - (dx / 50.0).powi(2)).max(0.0) * (1.0 - (dy / 90.0).powi(2)).max(0.0);
        let from = (x as f32 - aside_px * near).clamp(0.0, photo.width() as f32 - 1.0);
        *photo.get_pixel(from as u32, y)
    })
}

#[test]
fn a_head_that_turns_to_and_fro_and_lips_that_are_never_closed_are_seen_beforehand() {
    let measured = |name: &str, view: View, aside_px: f32| {
        let photo = load(name);
        let ways = [-aside_px, 0.0, aside_px].map(|aside_px| turned(&photo, view, aside_px));
        let mut detector = SeetaDetector::new().unwrap();
        let mut finder = FaceFinder::new(&mut detector).watching(parted);
        for number in 0..104_i64 {
            // From one side to the other and back, a second and a half each way, as much as a frame at a time.
            let way = [0, 1, 2, 1][(number / 26 % 4) as usize];
            finder.push(&frame(&ways[way], view, number * FRAME_US));
        }
        let faces = finder.finish(104 * FRAME_US);
        let identified = viseme::media::Identified {
            duration_ms: 4_160,
            width_px: WIDTH,
            height_px: HEIGHT,
            fps: 25.0,
            cuts_ms: Vec::new(),
            faces,
        };
        let face = &identified.faces[0];
        let measures = identified.measures(face, face.interval).unwrap();
        (measures.sways.unwrap(), measures.parted.unwrap())
    };
    let ((still, smiling), (sways, _)) =
        (measured("astronaut.png", COLLINS, 0.0), measured("astronaut.png", COLLINS, 11.0));
    let (_, closed) = measured("grace_hopper.jpg", HOPPER, 0.0);
    assert!(still < 0.3 && sways > 0.7, "{still} still, {sways} to and fro");
    assert!(closed < 0.06 && smiling > 0.09, "{closed} closed, {smiling} smiling");
}
