//! Covers a mouth that already talks in the clip with a neutral one, since both movements would add up otherwise.
//!
//! The lower face of the closeup with the most closed mouth is drawn over every other frame, moved with the head and adjusted to
//! the light.

use super::fit::MouthFit;
use super::look::{COLUMNS, Look, Plane, place};
use crate::media::Frame;
use crate::media::faces::Pose;

/// The ratio of the change in the mouth to that in the cheeks from which on a mouth talks.
const TALK_RATIO: f32 = 2.2;
/// The minimum change in the mouth (mean deviation of luma, 0 to 255).
const TALK_CHANGE: f32 = 3.5;
/// How far beyond the lips the cover reaches to either side, in half widths of the mouth.
const COVER_ASIDE: f32 = 1.75;
/// Share of the cover's radius that is soft edge.
const COVER_SOFT: f32 = 0.32;

/// The lower face in one frame, cut out.
#[derive(Debug, Clone)]
pub struct Closeup {
    cut: Frame,
    /// The face's position in the closeup.
    pose: Pose,
}

impl Closeup {
    /// Cuts the lower face out of a frame; none if it is not wholly in the picture.
    #[must_use]
    pub fn cut(frame: &Frame, pose: &Pose) -> Option<Self> {
        let corners = [pose.at(-0.46, 0.0), pose.at(0.46, 0.0), pose.at(-0.46, 0.78), pose.at(0.46, 0.78)];
        let (width, height) = (frame.width_px() as f32, frame.height_px() as f32);
        let least = |of: fn(&(f32, f32)) -> f32| corners.iter().map(of).fold(f32::INFINITY, f32::min);
        let most = |of: fn(&(f32, f32)) -> f32| corners.iter().map(of).fold(f32::NEG_INFINITY, f32::max);
        let (left, right) = (least(|c| c.0).max(0.0), most(|c| c.0).min(width));
        let (top, bottom) = (least(|c| c.1).max(0.0), most(|c| c.1).min(height));
        if right - left < pose.size * 0.8 || bottom - top < pose.size * 0.6 {
            return None;
        }
        let (left, top) = (left as usize & !1, top as usize & !1);
        let size = ((right as usize - left) & !1, (bottom as usize - top) & !1);
        let cut = crop(frame, (left, top), size)?;
        let pose = Pose { cx: pose.cx - left as f32, cy: pose.cy - top as f32, ..*pose };
        Some(Self { cut, pose })
    }

    /// The lower face on the grid of the fit. Computed on each call: it is several times as large as the closeup.
    #[must_use]
    pub fn look(&self) -> Look {
        Look::of(&self.cut, &self.pose)
    }
}

/// The mean of several looks.
#[must_use]
pub fn mean_look(looks: &[Look]) -> Look {
    let mut mean = Look::empty();
    let share = 1.0 / looks.len().max(1) as f32;
    for look in looks {
        for (into, from) in mean.planes_mut().into_iter().zip(look.planes()) {
            for (sum, value) in into.iter_mut().zip(from) {
                *sum += share * value;
            }
        }
    }
    mean
}

/// Whether the mouth moves in the clip itself: it changes much more than the cheeks, which change only by the jitter of tracking.
#[must_use]
pub fn talks(looks: &[Look], mean: &Look, fit: &MouthFit) -> bool {
    if looks.len() < 4 {
        return false;
    }
    let change = |inside: &dyn Fn(f32, f32) -> bool| {
        let (mut total, mut count) = (0.0, 1e-6_f32);
        for at in grid(inside) {
            for look in looks {
                total += (look.y[at] - mean.y[at]).abs();
                count += 1.0;
            }
        }
        total / count
    };
    let mouth = change(&|u, v| fit.across(u).abs() < 0.8 && (-0.04..0.13).contains(&(v - fit.corner_line(u))));
    let cheeks =
        change(&|u, v| (1.15..1.7).contains(&fit.across(u).abs()) && (-0.12..0.05).contains(&(v - fit.corner_line(u))));
    tracing::debug!(mouth, cheeks, "how much the mouth moves by itself");
    mouth > TALK_CHANGE && mouth > TALK_RATIO * cheeks.max(0.8)
}

/// The index of the look in which the mouth is most closed: with the fewest dark pixels and teeth between the lips.
#[must_use]
pub fn most_closed(looks: &[Look], mean: &Look, fit: &MouthFit) -> Option<usize> {
    let skin = {
        let mut seen: Vec<f32> = grid(&|u, v| (1.15..1.6).contains(&fit.across(u).abs()) && (v - fit.v).abs() < 0.08)
            .map(|at| mean.y[at])
            .collect();
        seen.sort_by(f32::total_cmp);
        seen.get(seen.len() / 2).copied().unwrap_or(128.0).max(30.0)
    };
    let places: Vec<usize> =
        grid(&|u, v| fit.across(u).abs() < 0.75 && (-0.05..0.19).contains(&(v - fit.corner_line(u)))).collect();
    let openness = |look: &Look| {
        places
            .iter()
            .map(|&at| {
                let dark = (0.62 - look.y[at] / skin).max(0.0);
                let red = (look.v[at] - 128.0) - 0.5 * (look.u[at] - 128.0);
                let usual = (mean.v[at] - 128.0) - 0.5 * (mean.u[at] - 128.0);
                // Teeth: as bright as skin, and hardly red.
                let pale = if look.y[at] > 0.8 * skin { (0.75 - red / usual.max(8.0)).max(0.0) } else { 0.0 };
                dark + 0.5 * pale
            })
            .sum::<f32>()
    };
    let openness = looks.iter().map(openness).enumerate();
    openness.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(index, _)| index)
}

/// A closed mouth that is drawn over a talking one.
#[derive(Debug, Clone)]
pub struct NeutralMouth {
    closed: Closeup,
    fit: MouthFit,
}

impl NeutralMouth {
    /// `fit` is the mouth of the closed closeup.
    #[must_use]
    pub fn new(closed: Closeup, fit: MouthFit) -> Self {
        Self { closed, fit }
    }

    /// Draws the closed mouth over the face at `pose`; `strength` 0 leaves the frame unchanged.
    pub fn cover(&self, frame: &mut Frame, pose: &Pose, strength: f32) {
        if strength <= 0.001 {
            return;
        }
        let bias = self.light_difference(frame, pose);
        let sides = (frame.width_px() as usize, frame.height_px() as usize);
        let (luma, blue, red) = frame.planes_mut();
        let cut = &self.closed.cut;
        self.cover_plane(luma, sides, 1.0, Plane::luma(cut), pose, bias[0], strength);
        let sides = (sides.0 / 2, sides.1 / 2);
        self.cover_plane(blue, sides, 2.0, Plane::blue(cut), pose, bias[1], strength);
        self.cover_plane(red, sides, 2.0, Plane::red(cut), pose, bias[2], strength);
    }

    /// Centre and radii of the cover, in face units.
    fn oval(&self) -> (f32, f32, f32, f32) {
        let (top, bottom) = (self.fit.v - 0.115, self.fit.v + self.fit.chin + 0.06);
        (self.fit.u, f32::midpoint(top, bottom), self.fit.half_width * COVER_ASIDE, (bottom - top) / 2.0)
    }

    #[allow(clippy::too_many_arguments)] // One plane of three.
    fn cover_plane(
        &self,
        data: &mut [u8],
        (width, height): (usize, usize),
        pixel_px: f32,
        closed: Plane<'_>,
        pose: &Pose,
        bias: Tilt,
        strength: f32,
    ) {
        let (u0, v0, across, down) = self.oval();
        let shift = if pixel_px > 1.0 { 0.5 } else { 0.0 };
        let reach = across.max(down) * pose.size;
        let (cx, cy) = pose.at(u0, v0);
        let range = |centre: f32, limit: usize| {
            let first = ((centre - reach) / pixel_px).floor().max(0.0) as usize;
            (first, (((centre + reach) / pixel_px).ceil().max(0.0) as usize + 1).min(limit))
        };
        let ((left, right), (top, bottom)) = (range(cx, width), range(cy, height));
        for row in top..bottom {
            let Some(line) = data.get_mut(row * width..(row + 1) * width) else { continue };
            for (column, target) in line.iter_mut().enumerate().take(right).skip(left) {
                let (u, v) = pose.inverse(column as f32 * pixel_px, row as f32 * pixel_px + shift);
                let (du, dv) = ((u - u0) / across, (v - v0) / down);
                // A superellipse, so that the corners of the mouth are covered.
                let (du2, dv2) = (du * du, dv * dv);
                let radius = (du2 * du2 + dv2 * dv2).sqrt().sqrt();
                if radius >= 1.0 {
                    continue;
                }
                let edge = ((1.0 - radius) / COVER_SOFT).min(1.0);
                let cover = edge * edge * (3.0 - 2.0 * edge) * strength;
                let (x, y) = self.closed.pose.at(u, v);
                let neutral = closed.sample(x / pixel_px, (y - shift) / pixel_px) + bias.at(du);
                let now = f32::from(*target);
                *target = (now + (neutral - now) * cover + 0.5).clamp(0.0, 255.0) as u8;
            }
        }
    }

    /// How the light around the mouth differs from that of the closed closeup, for each plane.
    fn light_difference(&self, frame: &Frame, pose: &Pose) -> [Tilt; 3] {
        let (u0, v0, across, down) = self.oval();
        let cut = &self.closed.cut;
        let planes = [
            (Plane::luma(frame), Plane::luma(cut), 1.0, 0.0),
            (Plane::blue(frame), Plane::blue(cut), 2.0, 0.5),
            (Plane::red(frame), Plane::red(cut), 2.0, 0.5),
        ];
        planes.map(|(now, closed, pixel_px, shift)| {
            let mut sums = [0.0_f32; 4];
            for step in 0..48 {
                // Beside and above the mouth only: the chin moves when a mouth talks.
                let turn = std::f32::consts::PI * (1.0 + (step as f32 + 0.5) / 48.0);
                for ring in [0.72_f32, 0.85] {
                    let (du, dv) = (ring * turn.cos() * 1.05, ring * turn.sin());
                    let (u, v) = (u0 + du * across, v0 + dv * down);
                    let ((x, y), (cx, cy)) = (pose.at(u, v), self.closed.pose.at(u, v));
                    let difference = now.sample(x / pixel_px, (y - shift) / pixel_px)
                        - closed.sample(cx / pixel_px, (cy - shift) / pixel_px);
                    sums[0] += difference;
                    sums[1] += difference * du;
                    sums[2] += du * du;
                    sums[3] += 1.0;
                }
            }
            let mean = sums[0] / sums[3];
            Tilt { mean, across: sums[1] / sums[2] }
        })
    }
}

/// A difference with a linear gradient from side to side.
#[derive(Debug, Clone, Copy)]
struct Tilt {
    mean: f32,
    across: f32,
}

impl Tilt {
    fn at(self, du: f32) -> f32 {
        (self.mean + self.across * du).clamp(-60.0, 60.0)
    }
}

fn grid(inside: &dyn Fn(f32, f32) -> bool) -> impl Iterator<Item = usize> {
    (0..super::look::ROWS * COLUMNS).filter(move |at| {
        let (u, v) = place(at / COLUMNS, at % COLUMNS);
        inside(u, v)
    })
}

fn crop(frame: &Frame, (left, top): (usize, usize), (width, height): (usize, usize)) -> Option<Frame> {
    let stride = frame.width_px() as usize;
    let cut = |plane: &[u8], stride: usize, left: usize, top: usize, width: usize, height: usize| -> Vec<u8> {
        let rows = plane.chunks(stride.max(1)).skip(top).take(height);
        rows.flat_map(|row| row.iter().skip(left).take(width)).copied().collect()
    };
    let chroma = |plane: &[u8]| cut(plane, stride / 2, left / 2, top / 2, width / 2, height / 2);
    let planes = (cut(frame.y(), stride, left, top, width, height), chroma(frame.u()), chroma(frame.v()));
    Frame::new((width as u32, height as u32), frame.pts_us, frame.color, planes).ok()
}
