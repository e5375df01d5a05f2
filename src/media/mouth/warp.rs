//! Applies the motion of the mouth to a frame.
//!
//! Backward mapping in face units, so that it follows the head's rotation and size; directly in the planes of the frame.

use super::fit::MouthFit;
use super::follow::Affine;
use super::look::Plane;
use super::motion::{Move, Origin};
use super::palette::{Inside, Palette};
use super::viseme::Viseme;
use crate::media::Frame;

/// Moves the mouth of the face at `pose` (from face units to pixels). Nothing outside the lower half of the face changes.
pub fn move_mouth(frame: &mut Frame, pose: &Affine, fit: &MouthFit, palette: &Palette, viseme: &Viseme) {
    if viseme.weight <= 0.001 {
        return;
    }
    let change = Move::new(fit, viseme);
    let lit = palette.lit(light(frame, pose, fit) / palette.skin_luma.max(1.0));
    let inside = Inside { change: &change, palette: lit };
    let (width, height) = (frame.width_px() as usize, frame.height_px() as usize);
    let area = Area::around(pose, change.reach(), width, height);
    if area.is_empty() {
        return;
    }
    let (luma, blue, red) = frame.planes_mut();
    warp_planes([luma], 0, (width, height), area, pose, &inside);
    let (width, height) = (width / 2, height / 2);
    warp_planes([blue, red], 1, (width, height), area.halved(width, height), pose, &inside);
}

/// Warps planes of one size: luma alone (`channel` 0), or both differences (`channel` 1).
fn warp_planes<const N: usize>(
    mut planes: [&mut [u8]; N],
    channel: usize,
    (width, height): (usize, usize),
    area: Area,
    pose: &Affine,
    inside: &Inside<'_>,
) {
    // The chroma sample of H.264 is at the left of its two columns and between its two rows.
    let (pixel_px, offset_y) = if channel == 0 { (1.0_f32, 0.0) } else { (2.0, 0.5) };
    // Sampling needs some rows around: lips move by less than a quarter of the face.
    let margin = (pose.scale() / pixel_px * 0.25) as usize + 2;
    let (first, last) = (area.top.saturating_sub(margin), (area.bottom + margin).min(height));
    let copies = planes.each_ref().map(|plane| plane.get(first * width..last * width).unwrap_or(&[]).to_vec());
    let pixel = 1.0 / pose.scale();
    let into = pose.0.map(|part| part / pixel_px);
    let back = pose.inverted();
    let offset = offset_y / pixel_px + first as f32;
    let sample = |u: f32, v: f32| -> [f32; N] {
        let (x, y) = (into[0] * u + into[1] * v + into[2], into[3] * u + into[4] * v + into[5] - offset);
        copies.each_ref().map(|data| Plane { data, width_px: width, height_px: last - first }.sample(x, y))
    };
    let mix = |a: [f32; N], b: [f32; N], part: f32| -> [f32; N] {
        std::array::from_fn(|index| a[index] + (b[index] - a[index]) * part)
    };
    // Only luma is shaded, not chroma.
    let shaded = |values: [f32; N], shade: f32| {
        if channel == 0 { values.map(|value| 16.0 + (value - 16.0) * shade) } else { values }
    };
    let (step_u, step_v) = (back.0[0] * pixel_px, back.0[3] * pixel_px);
    for row in area.top..area.bottom {
        let (start_u, start_v) = back.at(area.left as f32 * pixel_px, row as f32 * pixel_px + offset_y);
        for column in area.left..area.right {
            let step = (column - area.left) as f32;
            let (u, v) = (start_u + step * step_u, start_v + step * step_v);
            let values = match inside.change.origin(u, v, pixel * pixel_px) {
                Origin::Same => continue,
                Origin::Place(from_u, from_v, shade) => shaded(sample(from_u, from_v), shade),
                Origin::Seam { u, upper_v, lower_v, share, shade } => {
                    shaded(mix(sample(u, lower_v), sample(u, upper_v), share), shade)
                }
                Origin::Inside { s, depth, u: inner_u, lip } => {
                    let (colour, own) = inside.colour(s, depth, inner_u, v);
                    let mut values: [f32; N] = std::array::from_fn(|index| colour[channel + index]);
                    if own > 0.0 {
                        values = mix(values, sample(inner_u, v), own);
                    }
                    if let Some((lip_u, lip_v, share)) = lip {
                        values = mix(values, sample(lip_u, lip_v), share.clamp(0.0, 1.0));
                    }
                    values
                }
            };
            for (plane, value) in planes.iter_mut().zip(values) {
                if let Some(target) = plane.get_mut(row * width + column) {
                    *target = (value + 0.5) as u8;
                }
            }
        }
    }
}

/// Brightness of the cheeks beside the mouth.
fn light(frame: &Frame, pose: &Affine, fit: &MouthFit) -> f32 {
    let plane = Plane::luma(frame);
    let mut sum = 0.0;
    for side in [-1.0, 1.0] {
        for across in 0..4 {
            for down in 0..4 {
                let u = fit.u + side * fit.half_width * (1.12 + 0.1 * across as f32);
                let (x, y) = pose.at(u, fit.v - 0.09 + 0.035 * down as f32);
                sum += plane.sample(x, y);
            }
        }
    }
    sum / 32.0
}

/// Some rows and columns of a plane.
#[derive(Debug, Clone, Copy)]
struct Area {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

impl Area {
    fn around(pose: &Affine, [left, top, right, bottom]: [f32; 4], width: usize, height: usize) -> Self {
        let corners = [pose.at(left, top), pose.at(right, top), pose.at(left, bottom), pose.at(right, bottom)];
        let least = |values: [f32; 4]| values.into_iter().fold(f32::INFINITY, f32::min).floor().max(0.0) as usize;
        let most = |values: [f32; 4]| values.into_iter().fold(0.0, f32::max).ceil().max(0.0) as usize + 1;
        let (xs, ys) = (corners.map(|corner| corner.0), corners.map(|corner| corner.1));
        Self { left: least(xs), top: least(ys), right: most(xs).min(width), bottom: most(ys).min(height) }
    }

    fn halved(self, width: usize, height: usize) -> Self {
        Self {
            left: self.left / 2,
            top: self.top / 2,
            right: self.right.div_ceil(2).min(width),
            bottom: self.bottom.div_ceil(2).min(height),
        }
    }

    fn is_empty(self) -> bool {
        self.left >= self.right || self.top >= self.bottom
    }
}
