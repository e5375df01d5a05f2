//! How similar two pictures of faces are: enough to find which of a clip's faces a service's preview shows, as both were cut from the
//! same clip. It does not recognise people in other clips.

use image::RgbImage;
use image::imageops::{self, FilterType};

use super::error::MediaError;
use super::faces::{FaceDetector, Luma, SeetaDetector, Sighting};

/// Samples a side. Coarse, so that a slightly different box changes little.
const GRID: usize = 20;
/// Side of the square that is compared, in faces.
const REACH: f32 = 1.25;
/// How far two grids are shifted against each other to find the best match, in samples.
const SHIFT: i32 = 2;
/// Pictures are shrunk to this before a face is looked for, in px.
const LONGEST_PX: u32 = 320;
/// Margin around the picture, in shares of its longer side: the detector does not find a face that fills the picture.
const MARGIN: f32 = 0.15;

/// A face on a fixed grid of colours, to compare with others.
#[derive(Debug, Clone, PartialEq)]
pub struct FaceEmbedding {
    /// Three colours a sample, row after row, 0 to 255.
    rgb: Vec<[f32; 3]>,
}

/// Finds and embeds the face in pictures of one.
#[derive(Debug)]
pub struct FaceEmbedder {
    detector: SeetaDetector,
}

impl FaceEmbedder {
    /// Reads the model that is inside the program.
    ///
    /// # Errors
    /// [`MediaError::Internal`], which would be a broken build.
    pub fn new() -> Result<Self, MediaError> {
        let detector =
            SeetaDetector::new().map_err(|err| MediaError::internal("reading the face model", err.to_string()))?;
        Ok(Self { detector })
    }

    /// The largest face in an encoded picture; none where there is none, or no picture.
    pub fn of_encoded(&mut self, encoded: &[u8]) -> Option<FaceEmbedding> {
        let mut reader = image::ImageReader::new(std::io::Cursor::new(encoded)).with_guessed_format().ok()?;
        let mut limits = image::Limits::default();
        limits.max_image_width = Some(4_096);
        limits.max_image_height = Some(4_096);
        reader.limits(limits);
        self.of_rgb(&reader.decode().ok()?.into_rgb8())
    }

    /// The largest face in a picture as RGBA, row by row; none where there is none.
    pub fn of_rgba(&mut self, width_px: u32, height_px: u32, rgba: &[u8]) -> Option<FaceEmbedding> {
        let rgba = image::RgbaImage::from_raw(width_px, height_px, rgba.to_vec())?;
        self.of_rgb(&image::DynamicImage::ImageRgba8(rgba).into_rgb8())
    }

    fn of_rgb(&mut self, picture: &RgbImage) -> Option<FaceEmbedding> {
        let longest = picture.width().max(picture.height());
        if picture.width() == 0 || picture.height() == 0 {
            return None;
        }
        let part = LONGEST_PX as f32 / longest as f32;
        let side = |px: u32| ((px as f32 * part) as u32).max(1);
        let small = imageops::resize(picture, side(picture.width()), side(picture.height()), FilterType::Triangle);
        let margin = (LONGEST_PX as f32 * MARGIN) as u32;
        let mut framed =
            RgbImage::from_pixel(small.width() + 2 * margin, small.height() + 2 * margin, image::Rgb([128; 3]));
        imageops::replace(&mut framed, &small, i64::from(margin), i64::from(margin));
        let luma = imageops::grayscale(&framed);
        let luma = Luma { width_px: luma.width() as usize, height_px: luma.height() as usize, data: luma.into_raw() };
        let face = self.detector.detect(&luma).into_iter().max_by(|a, b| a.size.total_cmp(&b.size))?;
        Some(FaceEmbedding::of(&framed, &face))
    }
}

impl FaceEmbedding {
    fn of(picture: &RgbImage, face: &Sighting) -> Self {
        let side = (face.size * REACH).max(2.0);
        let (left, top) = (face.cx - side / 2.0, face.cy - side / 2.0);
        let cut = imageops::crop_imm(
            picture,
            left.max(0.0) as u32,
            top.max(0.0) as u32,
            (side as u32).min(picture.width()),
            (side as u32).min(picture.height()),
        )
        .to_image();
        let grid = imageops::resize(&cut, GRID as u32, GRID as u32, FilterType::Triangle);
        Self { rgb: grid.pixels().map(|pixel| pixel.0.map(f32::from)).collect() }
    }

    /// From about 1 for the same face in the same light down to 0 and less.
    #[must_use]
    pub fn similarity(&self, other: &Self) -> f32 {
        let mut best = -1.0_f32;
        for down in -SHIFT..=SHIFT {
            for across in -SHIFT..=SHIFT {
                best = best.max(self.shifted_similarity(other, across, down));
            }
        }
        best
    }

    /// The correlation of brightness, less the difference of colours.
    fn shifted_similarity(&self, other: &Self, across: i32, down: i32) -> f32 {
        let side = GRID as i32;
        let mut pairs = Vec::with_capacity(GRID * GRID);
        for row in 0..side {
            for column in 0..side {
                let (to_row, to_column) = (row + down, column + across);
                if (0..side).contains(&to_row) && (0..side).contains(&to_column) {
                    let here = self.rgb[(row * side + column) as usize];
                    pairs.push((here, other.rgb[(to_row * side + to_column) as usize]));
                }
            }
        }
        let luma = |[r, g, b]: [f32; 3]| 0.299 * r + 0.587 * g + 0.114 * b;
        let count = pairs.len().max(1) as f32;
        let (mut mean_a, mut mean_b) = (0.0, 0.0);
        for (a, b) in &pairs {
            mean_a += luma(*a) / count;
            mean_b += luma(*b) / count;
        }
        let (mut product, mut square_a, mut square_b, mut colour) = (0.0, 1e-3_f32, 1e-3_f32, 0.0);
        for (a, b) in &pairs {
            let (da, db) = (luma(*a) - mean_a, luma(*b) - mean_b);
            product += da * db;
            square_a += da * da;
            square_b += db * db;
            // Red against blue, whatever the light.
            colour += ((a[0] - a[2]) - (b[0] - b[2])).abs() / count;
        }
        product / (square_a * square_b).sqrt() - colour / 100.0
    }
}
