//! The lower face in one frame, cut out large enough to be drawn again.

use crate::media::Frame;
use crate::media::mouth::follow::Affine;
use crate::media::scale::scaled_down;

/// Longest side of a closeup in px: some 150 kB. Faces of more than 500 px are kept smaller than they are.
const LONGEST_PX: u32 = 420;

/// The lower face in one frame, cut out.
#[derive(Debug, Clone)]
pub struct Closeup {
    /// The pixels.
    pub cut: Frame,
    /// From face units to the pixels of the closeup.
    pub place: Affine,
}

impl Closeup {
    /// Cuts the lower face at `place` out of a frame; none if most of it is not in the picture.
    #[must_use]
    pub fn cut(frame: &Frame, place: &Affine) -> Option<Self> {
        let corners = [(-0.46, 0.0), (0.46, 0.0), (-0.46, 0.80), (0.46, 0.80)].map(|(u, v)| place.at(u, v));
        let (width, height) = (frame.width_px() as f32, frame.height_px() as f32);
        let least = |of: fn(&(f32, f32)) -> f32| corners.iter().map(of).fold(f32::INFINITY, f32::min);
        let most = |of: fn(&(f32, f32)) -> f32| corners.iter().map(of).fold(f32::NEG_INFINITY, f32::max);
        let (left, right) = (least(|c| c.0).max(0.0), most(|c| c.0).min(width));
        let (top, bottom) = (least(|c| c.1).max(0.0), most(|c| c.1).min(height));
        let size = place.scale();
        if right - left < size * 0.8 || bottom - top < size * 0.6 {
            return None;
        }
        let (left, top) = (left as usize & !1, top as usize & !1);
        let size = ((right as usize - left) & !1, (bottom as usize - top) & !1);
        let cut = crop(frame, (left, top), size)?;
        let small = scaled_down(&cut, LONGEST_PX).ok()?;
        let factor = small.width_px() as f32 / cut.width_px() as f32;
        Some(Self { cut: small, place: place.within((left as f32, top as f32), factor) })
    }
}

fn crop(frame: &Frame, (left, top): (usize, usize), (width, height): (usize, usize)) -> Option<Frame> {
    let stride = frame.width_px() as usize;
    let cut = |plane: &[u8], stride: usize, left: usize, top: usize, width: usize, height: usize| -> Vec<u8> {
        let rows = plane.chunks_exact(stride.max(1)).skip(top).take(height);
        rows.flat_map(|row| row.get(left..left + width).unwrap_or(&[])).copied().collect()
    };
    let chroma = |plane: &[u8]| cut(plane, stride / 2, left / 2, top / 2, width / 2, height / 2);
    let planes = (cut(frame.y(), stride, left, top, width, height), chroma(frame.u()), chroma(frame.v()));
    Frame::new((width as u32, height as u32), frame.pts_us, frame.color, planes).ok()
}
