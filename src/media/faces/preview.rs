//! The preview of a face: its best view, cut out with a margin.

use super::pose::Pose;
use crate::media::Frame;

/// Side of a preview in px.
const SIDE_PX: u32 = 256;
/// Side of what is cut out, in faces.
const MARGIN: f32 = 1.7;
/// JPEG quality, 1 to 100.
const QUALITY: u8 = 88;

/// The best view so far.
#[derive(Debug, Default)]
pub(super) struct Preview {
    worth: f32,
    rgb: Option<image::RgbImage>,
}

impl Preview {
    /// Keeps this view if it is clearly better than the best so far.
    pub(super) fn offer(&mut self, frame: &Frame, pose: &Pose, score: f32) {
        let half = pose.size * 0.6;
        let whole = pose.cx > half
            && pose.cy > half
            && pose.cx + half < frame.width_px() as f32
            && pose.cy + half < frame.height_px() as f32;
        let worth = score * pose.size.sqrt() * if whole { 1.0 } else { 0.4 };
        if worth > self.worth * 1.05 {
            self.worth = worth;
            self.rgb = cut_out(frame, pose);
        }
    }

    pub(super) fn better_of(&mut self, other: Self) {
        if other.worth > self.worth {
            *self = other;
        }
    }

    /// The preview as JPEG; empty if there never was one.
    pub(super) fn into_jpeg(self) -> Vec<u8> {
        let mut jpeg = Vec::new();
        if let Some(rgb) = self.rgb {
            let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
            if rgb.write_with_encoder(encoder).is_err() {
                jpeg.clear();
            }
        }
        jpeg
    }
}

fn cut_out(frame: &Frame, pose: &Pose) -> Option<image::RgbImage> {
    // Not rotated: a preview shows the face as it is in the clip. A little lower than the box, for the chin.
    let (width, height) = (frame.width_px() as usize, frame.height_px() as usize);
    let side = ((pose.size * MARGIN) as usize).clamp(2, width.min(height)) & !1;
    let corner = |centre: f32, limit: usize| ((centre - side as f32 / 2.0).max(0.0) as usize).min(limit - side) & !1;
    let (left, top) = (corner(pose.cx, width), corner(pose.cy + 0.03 * side as f32, height));
    let cut = |plane: &[u8], width: usize, left: usize, top: usize, side: usize| -> Vec<u8> {
        plane
            .chunks(width.max(1))
            .skip(top)
            .take(side)
            .flat_map(|row| row.iter().skip(left).take(side))
            .copied()
            .collect()
    };
    let chroma = |plane: &[u8]| cut(plane, width / 2, left / 2, top / 2, side / 2);
    let planes = (cut(frame.y(), width, left, top, side), chroma(frame.u()), chroma(frame.v()));
    let side_px = side as u32;
    let rgba = Frame::new((side_px, side_px), 0, frame.color, planes).ok()?.to_rgba().ok()?;
    let rgba = image::RgbaImage::from_raw(side_px, side_px, rgba)?;
    let small = image::imageops::resize(&rgba, SIDE_PX, SIDE_PX, image::imageops::FilterType::CatmullRom);
    Some(image::DynamicImage::ImageRgba8(small).into_rgb8())
}
