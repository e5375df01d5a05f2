//! Moving the mouth in a frame.
//!
//! Backward mapping in face units, so that it turns and grows with the head: for every pixel of the result, where in
//! the frame it comes from. Two sheets: the upper one (skin under the nose and upper lip) hardly moves, the lower one
//! (lower lip, chin) goes with the jaw. Where they part, teeth and the dark of the mouth show; where they overlap, the
//! mouth closes, also over teeth that show at rest. All shifts fade to exactly nothing within the face.

use super::fit::{MouthFit, gap_bow};
use super::look::{Look, Plane, place};
use super::shape::Shape;
use crate::media::Frame;
use crate::media::faces::Pose;

/// How far apart the lips are in the loudest "ah", per half width of the mouth.
const GAP_FULL: f32 = 0.60;
/// Share of an opening that the upper lip makes by rising.
const UPPER_SHARE: f32 = 0.22;
/// Share of a closing (of lips that are apart at rest) that the upper lip makes by sinking.
const UPPER_CLOSING_SHARE: f32 = 0.40;
/// How much wider than at rest the most spread mouth is.
const SPREAD_GAIN: f32 = 0.13;
/// How much narrower than at rest the roundest mouth is.
const NARROW_LOSS: f32 = 0.34;
/// Share of the lower lip's way that the chin goes.
const CHIN_SHARE: f32 = 0.55;
/// Height over which the shift fades below the chin, in face units.
const BELOW_CHIN: f32 = 0.15;

/// The colours of a face that are not in the picture while the mouth is shut, as Y, U, V.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    dark: [f32; 3],
    tongue: [f32; 3],
    teeth: [f32; 3],
    skin_luma: f32,
}

impl Palette {
    /// Derived from the face's own skin and lips, so that they fit the light of the clip.
    #[must_use]
    pub fn of(look: &Look, fit: &MouthFit) -> Self {
        let mean = |inside: &dyn Fn(f32, f32) -> bool| {
            let (mut sums, mut count) = ([0.0_f32; 3], 1e-6_f32);
            for at in 0..look.y.len() {
                let (u, v) = place(at / super::look::COLUMNS, at % super::look::COLUMNS);
                if inside(fit.across(u), v - fit.corner_line(u)) {
                    for (sum, plane) in sums.iter_mut().zip([&look.y, &look.u, &look.v]) {
                        *sum += plane[at];
                    }
                    count += 1.0;
                }
            }
            sums.map(|sum| sum / count)
        };
        let below = fit.sag + fit.gap;
        let skin = mean(&|s, v| (1.1..1.5).contains(&s.abs()) && (-0.1..0.05).contains(&v));
        let lip =
            mean(&|s, v| s.abs() < 0.5 && (below + 0.25 * fit.lower_lip..below + 0.8 * fit.lower_lip).contains(&v));
        let tint = |share: f32, of: [f32; 3], luma: f32| {
            [16.0 + (of[0] - 16.0).max(10.0) * luma, 128.0 + (of[1] - 128.0) * share, 128.0 + (of[2] - 128.0) * share]
        };
        // Lips that glow in the clip must not make the inside glow.
        let muted = |[y, u, v]: [f32; 3], most: f32| {
            let strength = (u - 128.0).hypot(v - 128.0).max(1e-3);
            let factor = (most / strength).min(1.0);
            [y, 128.0 + (u - 128.0) * factor, 128.0 + (v - 128.0) * factor]
        };
        Self {
            dark: muted(tint(0.9, lip, 0.10), 11.0),
            tongue: muted(tint(1.2, lip, 0.50), 30.0),
            teeth: [
                (16.0 + (skin[0] - 16.0) * 1.32).clamp(160.0, 215.0),
                128.0 + (skin[1] - 128.0).clamp(-20.0, 20.0) * 0.3,
                128.0 + (skin[2] - 128.0).clamp(-20.0, 20.0) * 0.42,
            ],
            skin_luma: skin[0],
        }
    }

    /// The same in another light.
    fn lit(&self, factor: f32) -> Self {
        let scale = |[y, u, v]: [f32; 3]| [16.0 + (y - 16.0) * factor, u, v];
        Self { dark: scale(self.dark), tongue: scale(self.tongue), teeth: scale(self.teeth), skin_luma: self.skin_luma }
    }
}

/// A shape on a certain mouth: every distance in face units.
struct Move {
    fit: MouthFit,
    half_width: f32,
    /// Of the upper lip's edge, negative is up.
    upper_shift: f32,
    gap: f32,
    roundness: f32,
    chin_shift: f32,
    /// How strongly the line of touching lips is drawn: lips that are apart at rest have none of their own.
    seam: f32,
    teeth: f32,
    /// Lips are cut this far inside their red, away from what shines between them at rest.
    inset: f32,
}

/// Where a pixel comes from.
enum Origin {
    /// The same place: nothing moves here.
    Same,
    /// Another place, in face units, darkened by a factor.
    Place(f32, f32, f32),
    /// Where lips that are apart at rest touch: something of both.
    Seam {
        /// Across, of both.
        u: f32,
        /// Down, in the upper lip.
        upper_v: f32,
        /// Down, in the lower lip.
        lower_v: f32,
        /// Share of the upper lip.
        share: f32,
        /// Darkened by this factor.
        shade: f32,
    },
    /// Between the lips.
    Inside {
        /// -1 to 1 across the mouth.
        s: f32,
        /// 0 at the upper lip to 1 at the lower lip.
        depth: f32,
        /// Across, where in the frame at rest this is.
        u: f32,
        /// Half of it may be a lip: origin and share of the lip.
        lip: Option<(f32, f32, f32)>,
    },
}

impl Move {
    fn new(fit: &MouthFit, shape: &Shape) -> Self {
        let weight = shape.weight.clamp(0.0, 1.0);
        let open = shape.open.clamp(0.0, 1.2);
        let narrow = (-shape.spread).clamp(0.0, 1.0);
        let spread = shape.spread.clamp(0.0, 1.0);
        let gap = fit.gap + (GAP_FULL * fit.half_width * open * (1.0 - 0.25 * narrow) - fit.gap) * weight;
        let width = 1.0 + weight * (SPREAD_GAIN * spread - NARROW_LOSS * narrow - 0.13 * open.min(1.0));
        let opening = gap - fit.gap;
        let share = match opening > 0.0 {
            // Teeth that show already have lifted the lip as far as it goes.
            true if fit.teeth => 0.02,
            true => UPPER_SHARE,
            false => UPPER_CLOSING_SHARE,
        };
        let upper_shift = -opening * share;
        let lower_shift = opening + upper_shift;
        let inset = if fit.gap > 0.0 { 0.010_f32.min(fit.gap * 0.2) } else { 0.0 }
            * (-opening / fit.gap.max(0.01)).clamp(0.0, 1.0);
        Self {
            fit: *fit,
            half_width: fit.half_width * width,
            upper_shift,
            gap,
            roundness: narrow * weight,
            chin_shift: lower_shift * CHIN_SHARE,
            seam: if fit.gap > 0.0 { (1.0 - gap / fit.gap.max(0.01)).clamp(0.0, 1.0) } else { 0.0 },
            teeth: shape.teeth.clamp(0.0, 1.0),
            inset,
        }
    }

    /// The part of the picture that may change, in face units: left, top, right, bottom.
    fn reach(&self) -> [f32; 4] {
        let aside = self.fit.half_width * 1.95 + 0.01;
        [self.fit.u - aside, self.fit.v - 0.15, self.fit.u + aside, self.fit.v + self.fit.chin + BELOW_CHIN]
    }

    fn origin(&self, u: f32, v: f32, pixel: f32) -> Origin {
        let fit = &self.fit;
        let x = u - fit.u;
        let line = fit.corner_line(u);
        let y = v - line;
        let aside = fit.half_width * 1.95;
        let (top, bottom) = (-0.15, fit.chin + BELOW_CHIN);
        if x.abs() >= aside || y <= top || y >= bottom {
            return Origin::Same;
        }
        let s = x / self.half_width;
        let bow = (1.0 - s * s).max(0.0);
        let opening_bow = self.opening_bow(s);
        let upper_rest = fit.sag * bow;
        let upper = upper_rest + self.upper_shift * bow;
        let lower = upper + self.gap * opening_bow;
        let lower_rest = upper_rest + fit.gap * gap_bow(s);
        // Across: the corners go in or out, and what is beside them less and less.
        let ahead = fit.half_width - self.half_width;
        let sideways = if x.abs() <= self.half_width {
            x * fit.half_width / self.half_width - x
        } else {
            ahead * x.signum() * (1.0 - smooth((x.abs() - self.half_width) / (aside - self.half_width)))
        };
        let tall = if y < upper {
            1.0 - smooth((upper - y) / (upper - top).max(0.01))
        } else {
            1.0 - smooth((y - lower).max(0.0) / 0.19)
        };
        let source_u = u + sideways * tall;
        let from_upper = || {
            let fade = 1.0 - smooth((upper - y) / (upper - top).max(0.01));
            let side = self.upper_shift * bow;
            line + y - side * fade - self.inset * fade * bow.sqrt()
        };
        let from_lower = || {
            let shift = lower - lower_rest;
            let down = (y - lower).max(0.0);
            let chin = (fit.chin - lower_rest).max(0.08);
            let beside = 1.0 - smooth(x.abs() / aside);
            let mixing = smooth((down / chin - 0.12) / 0.75);
            let jaw = self.chin_shift * beside;
            let fade = 1.0 - smooth((y - fit.chin) / BELOW_CHIN);
            // Lips that purse grow thicker.
            let purse = 0.18 * self.roundness * fit.lower_lip * bow * smooth(down / fit.lower_lip) * (1.0 - mixing);
            line + y - (shift * (1.0 - mixing) + jaw * mixing) * fade - purse + self.inset * bow.sqrt() * (1.0 - mixing)
        };
        let soft = pixel * 0.75;
        let seam = |distance: f32| {
            let width = 0.006_f32.max(pixel * 0.8);
            1.0 - 0.5 * self.seam * bow.sqrt() * (-(distance / width).powi(2)).exp()
        };
        if self.gap * opening_bow < pixel * 0.5 || s.abs() >= 1.0 {
            // Lips touch here: no inside to see.
            let middle = (upper + lower) * 0.5;
            let shade = seam(y - middle);
            if (y - middle).abs() < soft && self.seam > 0.01 {
                let share = (middle + soft - y) / (2.0 * soft);
                return Origin::Seam { u: source_u, upper_v: from_upper(), lower_v: from_lower(), share, shade };
            }
            let v = if y < middle { from_upper() } else { from_lower() };
            return if (v - line - y).abs() < 1e-5 && sideways.abs() < 1e-5 && shade > 0.999 {
                Origin::Same
            } else {
                Origin::Place(source_u, v, shade)
            };
        }
        if y <= upper - soft {
            return Origin::Place(source_u, from_upper(), seam(upper - y));
        }
        if y >= lower + soft {
            return Origin::Place(source_u, from_lower(), seam(y - lower));
        }
        let depth = ((y - upper) / (lower - upper).max(1e-4)).clamp(0.0, 1.0);
        let lip = if y < upper + soft {
            Some((source_u, from_upper(), (upper + soft - y) / (2.0 * soft)))
        } else if y > lower - soft {
            Some((source_u, from_lower(), (y - lower + soft) / (2.0 * soft)))
        } else {
            None
        };
        // A spread mouth stretches what shows between the lips; a round one only covers it.
        let inner_u = if self.half_width > fit.half_width { source_u } else { u };
        Origin::Inside { s, depth, u: inner_u, lip }
    }

    /// How far apart the lips are across the mouth: rounder where they purse.
    fn opening_bow(&self, s: f32) -> f32 {
        let usual = gap_bow(s);
        let round = (1.0 - s * s).max(0.0).sqrt();
        usual + (round - usual) * self.roundness
    }
}

/// What is seen between the lips.
struct Inside<'a> {
    change: &'a Move,
    palette: Palette,
}

impl Inside<'_> {
    /// Colour at a place between the lips, and how much of it is what the frame shows there itself (teeth at rest).
    fn colour(&self, s: f32, depth: f32, u: f32, v: f32) -> ([f32; 3], f32) {
        let change = self.change;
        let fit = &change.fit;
        let y = v - fit.corner_line(u);
        let height = (change.gap * change.opening_bow(s)).max(1e-4);
        let down = depth * height;
        let edge = 1.0 - s.abs();
        let sides = smooth(edge / 0.45);
        let mut colour = self.palette.dark;
        // The tongue lies low, behind the lower lip.
        let tongue =
            smooth((depth - 0.52) / 0.45) * smooth((height - 0.03) / 0.05) * smooth((edge - 0.12) / 0.5) * 0.75;
        colour = blend(colour, self.palette.tongue, tongue);
        // The upper teeth stay where the skull is; the lip uncovers them. Less in a round mouth.
        let shown = 0.012 + 0.030 * change.teeth;
        let reach = (shown * (1.0 - 0.55 * s * s)).min(0.62 * height) * (1.0 - 0.75 * change.roundness);
        if fit.gap < 0.01 {
            let band = 1.0 - smooth((down - reach + 0.004) / 0.010);
            let shaded = (0.62 + 0.38 * smooth(down / 0.014)) * (0.72 + 0.28 * sides);
            let strength = band * sides * smooth((height - 0.012) / 0.025) * (0.82 + 0.13 * change.teeth);
            let teeth = [16.0 + (self.palette.teeth[0] - 16.0) * shaded, self.palette.teeth[1], self.palette.teeth[2]];
            colour = blend(colour, teeth, strength);
        }
        // Under the upper lip lies its shadow.
        let shadow = 1.0 - 0.3 * (1.0 - smooth(down / 0.010));
        colour[0] = 16.0 + (colour[0] - 16.0) * shadow;
        // What the frame shows between the lips at rest.
        let own = if fit.gap < 0.01 {
            0.0
        } else {
            let rest_s = fit.across(u);
            let top = fit.sag * (1.0 - rest_s * rest_s).max(0.0);
            // Narrower towards the corners than where the lip is cut: lips must not shine among the teeth.
            let bow = (1.0 - rest_s * rest_s).max(0.0);
            let bottom = top + fit.gap * bow.powf(0.8);
            let inner = if rest_s.abs() >= 1.0 { 0.0 } else { 1.0 };
            inner
                * smooth((1.0 - rest_s.abs()) / 0.25)
                * smooth((y - top + 0.012) / 0.012)
                * (1.0 - smooth((y - bottom + 0.016) / 0.013))
        };
        (colour, own)
    }
}

/// Moves the mouth of the face at `pose`. Nothing outside the lower half of the face changes.
pub fn move_mouth(frame: &mut Frame, pose: &Pose, fit: &MouthFit, palette: &Palette, shape: &Shape) {
    if shape.weight <= 0.001 {
        return;
    }
    let change = Move::new(fit, shape);
    let lit = palette.lit(light(frame, pose, fit) / palette.skin_luma.max(1.0));
    let inside = Inside { change: &change, palette: lit };
    let (width, height) = (frame.width_px() as usize, frame.height_px() as usize);
    let area = Area::around(pose, change.reach(), width, height);
    if area.is_empty() {
        return;
    }
    let (luma, blue, red) = frame.planes_mut();
    warp_plane(luma, (width, height), area, 0, pose, &inside);
    let (width, height) = (width / 2, height / 2);
    let half = area.halved(width, height);
    warp_plane(blue, (width, height), half, 1, pose, &inside);
    warp_plane(red, (width, height), half, 2, pose, &inside);
}

fn warp_plane(data: &mut [u8], size_px: (usize, usize), area: Area, channel: usize, pose: &Pose, inside: &Inside<'_>) {
    let (pixel_px, stride) = (if channel == 0 { 1.0_f32 } else { 2.0 }, size_px.0);
    // Sampling needs some rows around: lips move by less than a quarter of the face.
    let margin = (pose.size / pixel_px * 0.25) as usize + 2;
    let first = area.top.saturating_sub(margin);
    let last = (area.bottom + margin).min(size_px.1);
    let Some(rows) = data.get(first * stride..(last * stride).min(data.len())) else { return };
    let copy = rows.to_vec();
    let source = Plane { data: &copy, width_px: size_px.0, height_px: last - first };
    let offset_y = if pixel_px > 1.0 { 0.5 } else { 0.0 };
    let pixel = 1.0 / pose.size;
    let (sin, cos) = pose.roll.sin_cos();
    let (along, aslant) = (pose.size * cos / pixel_px, pose.size * sin / pixel_px);
    let (origin_x, origin_y) = (pose.cx / pixel_px, (pose.cy - offset_y) / pixel_px - first as f32);
    let sample = |u: f32, v: f32| source.sample(origin_x + u * along - v * aslant, origin_y + u * aslant + v * along);
    let (step_u, step_v) = (cos * pixel_px * pixel, -sin * pixel_px * pixel);
    for row in area.top..area.bottom {
        let Some(line) = data.get_mut(row * stride..row * stride + size_px.0) else { continue };
        let (start_u, start_v) = pose.inverse(area.left as f32 * pixel_px, row as f32 * pixel_px + offset_y);
        for column in area.left..area.right {
            let step = (column - area.left) as f32;
            let (u, v) = (start_u + step * step_u, start_v + step * step_v);
            let value = match inside.change.origin(u, v, pixel * pixel_px) {
                Origin::Same => continue,
                Origin::Place(from_u, from_v, shade) => {
                    let value = sample(from_u, from_v);
                    if channel == 0 { 16.0 + (value - 16.0) * shade } else { value }
                }
                Origin::Seam { u, upper_v, lower_v, share, shade } => {
                    let lower = sample(u, lower_v);
                    let value = lower + (sample(u, upper_v) - lower) * share;
                    if channel == 0 { 16.0 + (value - 16.0) * shade } else { value }
                }
                Origin::Inside { s, depth, u: inner_u, lip } => {
                    let (colour, own) = inside.colour(s, depth, inner_u, v);
                    let mut value = colour[channel];
                    if own > 0.0 {
                        value += (sample(inner_u, v) - value) * own;
                    }
                    if let Some((lip_u, lip_v, share)) = lip {
                        value += (sample(lip_u, lip_v) - value) * share.clamp(0.0, 1.0);
                    }
                    value
                }
            };
            if let Some(target) = line.get_mut(column) {
                *target = (value + 0.5).clamp(0.0, 255.0) as u8;
            }
        }
    }
}

/// Brightness of the cheeks beside the mouth.
fn light(frame: &Frame, pose: &Pose, fit: &MouthFit) -> f32 {
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
    fn around(pose: &Pose, [left, top, right, bottom]: [f32; 4], width: usize, height: usize) -> Self {
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

fn smooth(value: f32) -> f32 {
    let t = value.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

fn blend(a: [f32; 3], b: [f32; 3], part: f32) -> [f32; 3] {
    [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, a[2] + (b[2] - a[2]) * part]
}
