//! `kept`: outside of the face, the picture is the clip's, as far as encoding it again allows.
//!
//! In stretches of [`STRETCH`] pictures, one in every [`EVERY`], the clip's own pictures are encoded by our own encoder and decoded
//! again: what that costs is the reference. In the same pictures, blocks of 8 × 8 pixels of the result are compared with the clip's,
//! without the chosen face, whose box is enlarged by half to each side ([`FACE_REACH`]); the box of every other face by itself as
//! well. PSNR is that of the mean squared error over all these blocks, luma weighing six and each chroma one of eight; SSIM is the
//! mean over the luma of the blocks (Wang 2004, without its Gaussian window). Good is a PSNR of 40 dB, or where the reference is less
//! than 41 dB, one dB under it: for the picture, and for each other face.

use std::ops::Range;
use std::thread::JoinHandle;

use super::verdict::{Entry, Measure};
use super::words;
use crate::files::RunFolder;
use crate::media::clip::{ClipInfo, ClipReader};
use crate::media::error::MediaError;
use crate::media::faces::Pose;
use crate::media::frame::Frame;
use crate::media::write::{Mp4Writer, VideoFormat};

/// Pictures in a row that are compared.
const STRETCH: usize = 12;
/// From the begin of one stretch to that of the next.
const EVERY: usize = 72;
/// How far the chosen face reaches from the middle of its box, in sides of it: hair, chin and throat, to which services blend.
const FACE_REACH: f32 = 1.0;
/// How far another face reaches.
const OTHER_REACH: f32 = 0.6;
/// Better than this need nothing be, in dB.
const ENOUGH_DB: f64 = 40.0;
/// As good as our own encoder is what is at most so much under it, in dB.
const SLACK_DB: f64 = 1.0;
/// Another face is changed, not merely softer, where it is so much worse than the picture, in dB.
const CHANGED_DB: f64 = 4.0;
/// Side of the blocks, in pixels.
const BLOCK: usize = 8;

/// Sums over blocks of two pictures.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    squares: f64,
    ssim: f64,
    blocks: f64,
}

impl Sums {
    fn add(&mut self, squares: f64, ssim: f64) {
        self.squares += squares;
        self.ssim += ssim;
        self.blocks += 1.0;
    }

    /// In dB; 99 for what is the same.
    fn psnr(&self) -> Option<f64> {
        let mean = self.squares / self.blocks.max(1.0);
        (self.blocks > 0.0).then(|| (10.0 * (255.0_f64.powi(2) / mean.max(1e-9)).log10()).min(99.0))
    }

    fn ssim(&self) -> Option<f64> {
        (self.blocks > 0.0).then(|| self.ssim / self.blocks)
    }
}

/// What was summed of the picture, and of each other face.
#[derive(Clone, Debug, Default)]
struct Compared {
    picture: Sums,
    others: Vec<Sums>,
}

/// Where faces are in a picture, in blocks.
#[derive(Clone, Debug, Default)]
struct Places {
    chosen: Option<(Range<usize>, Range<usize>)>,
    others: Vec<Option<(Range<usize>, Range<usize>)>>,
}

impl Places {
    fn of(chosen: Option<Pose>, others: &[Option<Pose>]) -> Self {
        let blocks = |pose: Pose, reach: f32| {
            let range = |middle: f32| {
                let at = |place: f32| (place / BLOCK as f32).max(0.0);
                at(middle - reach * pose.size) as usize..at(middle + reach * pose.size).ceil() as usize
            };
            (range(pose.cx), range(pose.cy))
        };
        Self {
            chosen: chosen.map(|pose| blocks(pose, FACE_REACH)),
            others: others.iter().map(|pose| pose.map(|pose| blocks(pose, OTHER_REACH))).collect(),
        }
    }
}

/// Gathers stretches of the clip and compares them.
pub(super) struct Kept {
    format: VideoFormat,
    folder: Option<RunFolder>,
    /// Number of the next picture.
    at: usize,
    /// The clip's pictures of the stretch, and where the faces are in them.
    held: Vec<(Frame, Places)>,
    result: Compared,
    /// Empty while a stretch is being encoded, which has it meanwhile.
    reference: Compared,
    encoding: Option<JoinHandle<Result<(Compared, RunFolder), MediaError>>>,
}

impl Kept {
    pub(super) fn new(info: ClipInfo, others: usize) -> Self {
        let compared = Compared { picture: Sums::default(), others: vec![Sums::default(); others] };
        let format = VideoFormat { frames: STRETCH, ..VideoFormat::from(info) };
        Self {
            format,
            folder: None,
            at: 0,
            held: Vec::new(),
            result: compared.clone(),
            reference: compared,
            encoding: None,
        }
    }

    /// Adds a picture of the result and the clip's at that time, with the poses of the faces in it.
    pub(super) fn push(
        &mut self,
        result: &Frame,
        clip: &Frame,
        chosen: Option<Pose>,
        others: &[Option<Pose>],
    ) -> Result<(), MediaError> {
        let place = self.at % EVERY;
        self.at += 1;
        if place >= STRETCH || self.held.last().is_some_and(|(held, _)| held.pts_us >= clip.pts_us) {
            return Ok(());
        }
        let places = Places::of(chosen, others);
        compare(clip, result, &places, &mut self.result);
        self.held.push((clip.clone(), places));
        if self.held.len() == STRETCH { self.encode() } else { Ok(()) }
    }

    /// Has what is held encoded and compared with what it was, on a thread of its own: meanwhile the next pictures are looked at.
    fn encode(&mut self) -> Result<(), MediaError> {
        self.take_encoded()?;
        let held = std::mem::take(&mut self.held);
        if held.is_empty() {
            return Ok(());
        }
        let (format, folder, mut reference) = (self.format, self.folder.take(), std::mem::take(&mut self.reference));
        let encode = move || {
            let folder = encoded(&held, format, folder, &mut reference)?;
            Ok((reference, folder))
        };
        let thread = std::thread::Builder::new().name("reference".to_owned()).spawn(encode);
        self.encoding = Some(thread.map_err(|err| MediaError::internal("starting a thread", err.to_string()))?);
        Ok(())
    }

    /// Waits for the stretch that is being encoded.
    fn take_encoded(&mut self) -> Result<(), MediaError> {
        let Some(encoding) = self.encoding.take() else { return Ok(()) };
        let done = encoding.join().map_err(|_| MediaError::internal("encoding pictures", "its thread ended early"))?;
        let (reference, folder) = done?;
        (self.reference, self.folder) = (reference, Some(folder));
        Ok(())
    }

    /// The entry, once all pictures were added.
    pub(super) fn entry(mut self) -> Result<Entry, MediaError> {
        self.encode()?;
        self.take_encoded()?;
        let threshold = words::good_kept();
        let (Some(psnr), Some(ssim), Some(own)) =
            (self.result.picture.psnr(), self.result.picture.ssim(), self.reference.picture.psnr())
        else {
            return Ok(Entry::not_measured(Measure::Kept, threshold, words::nothing_outside()));
        };
        let least = |own: f64| (own - SLACK_DB).min(ENOUGH_DB);
        let softer_db = (own - psnr).max(0.0);
        let mut wrong = Vec::new();
        if psnr < least(own) {
            wrong.push(words::softer(format!("{softer_db:.1}")));
        }
        let mut worst: Option<f64> = None;
        for (result, reference) in self.result.others.iter().zip(&self.reference.others) {
            let (Some(face), Some(own_face)) = (result.psnr(), reference.psnr()) else { continue };
            worst = Some(worst.map_or(face, |worst| worst.min(face)));
            if face < least(own_face) && own_face - face > softer_db + CHANGED_DB {
                wrong.push(words::other_face_changed(format!("{:.1}", own_face - face)));
            }
        }
        let says = match (wrong.is_empty(), softer_db >= 0.5) {
            (true, false) => words::kept(),
            (true, true) => words::kept_softer(format!("{softer_db:.1}")),
            (false, _) => wrong.join(". "),
        };
        let entry = Entry::new(Measure::Kept, wrong.is_empty(), threshold, says)
            .value("psnr_db", psnr)
            .value("ssim", ssim)
            .value("own_encoder_db", own)
            .value("softer_db", softer_db);
        Ok(match worst {
            Some(worst) => entry.value("other_face_db", worst),
            None => entry,
        })
    }
}

/// Encodes these pictures and adds how they compare with what they were; returns the folder that was used, for the next ones.
fn encoded(
    held: &[(Frame, Places)],
    format: VideoFormat,
    folder: Option<RunFolder>,
    reference: &mut Compared,
) -> Result<RunFolder, MediaError> {
    let shared = std::env::temp_dir();
    let made = folder.map_or_else(|| RunFolder::create(&shared, "viseme-judge-"), Ok);
    let folder = made.map_err(|err| MediaError::io("write", &shared, &err))?;
    let path = folder.path().join("stretch.mp4");
    let mut writer = Mp4Writer::create(&path, format, None)?;
    for (frame, _) in held {
        writer.write_frame(frame)?;
    }
    let time_us = |place: Option<&(Frame, Places)>| place.map_or(0, |(frame, _)| frame.pts_us);
    let (first_us, last_us) = (time_us(held.first()), time_us(held.last()));
    writer.finish(last_us + (1e6 / format.fps.max(1.0)) as i64)?;
    let mut reader = ClipReader::open(&path)?;
    let mut originals = held.iter();
    while let (Some((original, places)), Some(encoded)) = (originals.next(), reader.next_frame()?) {
        // The writer puts times on a grid of its own.
        if (encoded.pts_us - (original.pts_us - first_us)).abs() > 2_000 {
            return Err(MediaError::internal("comparing pictures", "the encoded ones have other times"));
        }
        compare(original, &encoded, places, reference);
    }
    Ok(folder)
}

/// Adds the blocks of two pictures of one size.
fn compare(one: &Frame, two: &Frame, places: &Places, into: &mut Compared) {
    let width = one.width_px() as usize;
    let (columns, rows) = (width / BLOCK, one.height_px() as usize / BLOCK);
    let is_in = |place: &Option<(Range<usize>, Range<usize>)>, column: usize, row: usize| {
        place.as_ref().is_some_and(|(across, down)| across.contains(&column) && down.contains(&row))
    };
    for row in 0..rows {
        for column in 0..columns {
            if is_in(&places.chosen, column, row) {
                continue;
            }
            let (luma, ssim) = luma_block(one.y(), two.y(), width, (column * BLOCK, row * BLOCK));
            let half = BLOCK / 2;
            let corner = (column * half, row * half);
            let chroma =
                chroma_block(one.u(), two.u(), width / 2, corner) + chroma_block(one.v(), two.v(), width / 2, corner);
            let squares = (6.0 * luma + chroma) / 8.0;
            into.picture.add(squares, ssim);
            for (place, sums) in places.others.iter().zip(&mut into.others) {
                if is_in(place, column, row) {
                    sums.add(squares, ssim);
                }
            }
        }
    }
}

/// Mean squared difference and SSIM of a block of luma.
fn luma_block(one: &[u8], two: &[u8], width: usize, (left, top): (usize, usize)) -> (f64, f64) {
    let (mut a, mut b, mut aa, mut bb, mut ab) = (0_u32, 0_u32, 0_u32, 0_u32, 0_u32);
    for row in top..top + BLOCK {
        let at = row * width + left;
        let (Some(one), Some(two)) = (one.get(at..at + BLOCK), two.get(at..at + BLOCK)) else { continue };
        for (&x, &y) in one.iter().zip(two) {
            let (x, y) = (u32::from(x), u32::from(y));
            a += x;
            b += y;
            aa += x * x;
            bb += y * y;
            ab += x * y;
        }
    }
    let n = (BLOCK * BLOCK) as f64;
    let (a, b, aa, bb, ab) = (f64::from(a), f64::from(b), f64::from(aa), f64::from(bb), f64::from(ab));
    let squares = (aa + bb - 2.0 * ab) / n;
    (squares, ssim(n, a, b, aa, bb, ab))
}

/// SSIM of `n` pairs of values, from their sums and those of their squares and products.
pub(super) fn ssim(n: f64, a: f64, b: f64, aa: f64, bb: f64, ab: f64) -> f64 {
    const FLAT: f64 = (0.01 * 255.0) * (0.01 * 255.0);
    const EVEN: f64 = (0.03 * 255.0) * (0.03 * 255.0);
    let (mean_a, mean_b) = (a / n, b / n);
    let (var_a, var_b, both) = (aa / n - mean_a * mean_a, bb / n - mean_b * mean_b, ab / n - mean_a * mean_b);
    let light = (2.0 * mean_a * mean_b + FLAT) / (mean_a * mean_a + mean_b * mean_b + FLAT);
    light * (2.0 * both + EVEN) / (var_a + var_b + EVEN)
}

/// Mean squared difference of the chroma of a block.
fn chroma_block(one: &[u8], two: &[u8], width: usize, (left, top): (usize, usize)) -> f64 {
    let half = BLOCK / 2;
    let mut squares = 0_u32;
    for row in top..top + half {
        let at = row * width + left;
        let (Some(one), Some(two)) = (one.get(at..at + half), two.get(at..at + half)) else { continue };
        squares += one.iter().zip(two).map(|(x, y)| u32::from(x.abs_diff(*y)).pow(2)).sum::<u32>();
    }
    f64::from(squares) / (half * half) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::clip::FrameTiming;
    use crate::media::frame::Color;
    use crate::media::judge::Grade;

    const SIZE: (u32, u32) = (160, 96);

    fn picture(at: i64) -> Frame {
        let mut frame = Frame::filled(SIZE.0, SIZE.1, [0, 120, 140]);
        frame.pts_us = at * 40_000;
        for (row, line) in frame.planes_mut().0.chunks_exact_mut(SIZE.0 as usize).enumerate() {
            for (column, luma) in line.iter_mut().enumerate() {
                let wave = ((column as f32 * 0.4 + at as f32).sin() + (row as f32 * 0.3).cos()) * 40.0;
                *luma = (120.0 + wave) as u8;
            }
        }
        frame
    }

    fn judged(change: impl Fn(&mut Frame)) -> Entry {
        let timing = FrameTiming { frames: 12, fps: 25.0, variable: false };
        let color = Color::untagged(SIZE.1);
        let info = ClipInfo { width_px: SIZE.0, height_px: SIZE.1, timing, duration_us: 480_000, color };
        let mut kept = Kept::new(info, 1);
        let chosen = Pose { cx: 120.0, cy: 48.0, size: 24.0, roll: 0.0 };
        let other = Pose { cx: 32.0, cy: 48.0, size: 40.0, roll: 0.0 };
        for at in 0..12 {
            let clip = picture(at);
            let mut result = picture(at);
            change(&mut result);
            kept.push(&result, &clip, Some(chosen), &[Some(other)]).unwrap();
        }
        kept.entry().unwrap()
    }

    fn paint(frame: &mut Frame, columns: Range<usize>, rows: Range<usize>, by: u8) {
        for row in frame.planes_mut().0.chunks_exact_mut(SIZE.0 as usize).take(rows.end).skip(rows.start) {
            row[columns.clone()].iter_mut().for_each(|luma| *luma = luma.saturating_add(by));
        }
    }

    #[test]
    fn the_chosen_face_may_change_and_nothing_else() {
        let same = judged(|_| {});
        assert_eq!((same.grade.clone(), same.get("psnr_db")), (Grade::Good, Some(99.0)), "{same:?}");
        assert!(same.get("ssim").unwrap() > 0.999);
        assert_eq!(judged(|frame| paint(frame, 110..130, 40..60, 60)).grade, Grade::Good);
        let other = judged(|frame| paint(frame, 26..38, 50..60, 40));
        assert!(other.grade == Grade::Bad && other.says.contains("face"), "{other:?}");
        let light = judged(|frame| paint(frame, 0..160, 0..96, 12));
        assert!(light.grade == Grade::Bad && light.get("softer_db").unwrap() > 5.0, "{light:?}");
        assert!(!light.says.contains("face"), "{light:?}");
    }

    #[test]
    fn the_measures_of_a_block_are_those_of_the_books() {
        let (flat, other) = ([100_u8; 64], [104_u8; 64]);
        assert_eq!(luma_block(&flat, &flat, 8, (0, 0)), (0.0, 1.0));
        let (squares, ssim) = luma_block(&flat, &other, 8, (0, 0));
        assert!((squares - 16.0).abs() < 1e-9 && ssim < 1.0 && ssim > 0.999);
        let sums = Sums { squares: 16.0, ssim, blocks: 1.0 };
        assert!((sums.psnr().unwrap() - 36.09).abs() < 0.01);
        assert!((chroma_block(&flat, &other, 4, (0, 0)) - 16.0).abs() < 1e-9);
    }
}
