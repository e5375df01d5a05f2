//! One lower face drawn over another so that no edge shows.
//!
//! The lower face from below the nose to under the chin is replaced, with soft edges inside the face. Its light is matched by a
//! membrane: around the mouth the difference of both faces is measured, and inside it is the smoothest surface through that.

use crate::media::Frame;
use crate::media::mouth::fit::MouthFit;
use crate::media::mouth::follow::Affine;
use crate::media::mouth::look::Plane;

use super::closeup::Closeup;
use super::ease::Squeeze;
use super::jaw::Jaw;

/// The area of the lower face that is replaced, in face units.
#[derive(Debug, Clone, Copy)]
pub struct Patch {
    u: f32,
    v: f32,
    half_width: f32,
    slant: f32,
    chin: f32,
    /// Distances from the line between the lips: unchanged above the first, replaced below the second.
    above: (f32, f32),
}

/// The most of those distances, in face units.
const ABOVE: (f32, f32) = (-0.14, -0.09);
/// Down to the first height a nose reaches, in face units, and below the second it never does: it is not drawn twice.
const NOSE: (f32, f32) = (0.125, 0.155);
/// How far below the chin's edge at rest a patch is whole, and where it ends.
const BELOW: (f32, f32) = (0.05, 0.16);
/// How far to the sides a patch is whole, and where it ends, in half widths of the mouth, at the height of the lips and at the chin.
const ASIDE: ((f32, f32), (f32, f32)) = ((1.25, 1.85), (0.95, 1.5));

impl Patch {
    /// The area around a mouth.
    #[must_use]
    pub fn around(fit: &MouthFit) -> Self {
        // Open lips hide how wide the mouth is and where the chin is: faces differ less than that.
        Self {
            u: fit.u,
            v: fit.v,
            half_width: fit.half_width.clamp(0.19, 0.25),
            slant: fit.slant,
            chin: fit.chin.clamp(0.21, 0.30),
            above: (ABOVE.0.max(NOSE.0 - fit.v).min(-0.09), ABOVE.1.max(NOSE.1 - fit.v).min(-0.06)),
        }
    }

    /// Left, top, right and bottom.
    #[must_use]
    pub fn bounds(&self) -> [f32; 4] {
        let aside = self.half_width * ASIDE.0.1;
        let lean = self.slant.abs() * aside;
        [self.u - aside, self.v + self.above.0 - lean, self.u + aside, self.v + self.chin + BELOW.1 + lean]
    }

    /// The chin's edge at rest, below the line between the lips.
    pub(super) const fn chin(&self) -> f32 {
        self.chin
    }

    /// Where that is.
    pub(super) fn middle_of_chin(&self) -> (f32, f32) {
        (self.u, self.v + self.chin)
    }

    /// How far a place is below the line between the lips.
    #[inline]
    pub(super) fn below(&self, u: f32, v: f32) -> f32 {
        v - self.v - self.slant * (u - self.u)
    }

    /// How far a place is from what a mouth may change for certain, 0 to 1: beside the jaw and below the chin.
    fn outer(&self, u: f32, v: f32) -> f32 {
        let (x, y) = (u - self.u, v - self.v);
        let aside = smooth((x.abs() / self.half_width - 1.05) / 0.3);
        let below = smooth((y - self.chin - 0.02) / 0.06);
        aside.max(below)
    }

    /// How near a place is to where open lips may be, 0 to 1.
    fn near_lips(&self, u: f32, v: f32) -> f32 {
        let (x, y) = (u - self.u, v - self.v);
        let aside = 1.0 - smooth((x.abs() / self.half_width - 1.35) / 0.2);
        let above = smooth((y + 0.08) / 0.04);
        let below = 1.0 - smooth((y - 0.17) / 0.05);
        aside * above * below
    }

    /// How much of a place is replaced, 0 to 1.
    #[must_use]
    #[inline]
    pub fn share(&self, u: f32, v: f32) -> f32 {
        let (x, y) = (u - self.u, self.below(u, v));
        if y <= self.above.0 || y >= self.chin + BELOW.1 {
            return 0.0;
        }
        let down = (y / self.chin).clamp(0.0, 1.2);
        let (whole, end) =
            (ASIDE.0.0 + (ASIDE.1.0 - ASIDE.0.0) * down * down, ASIDE.0.1 + (ASIDE.1.1 - ASIDE.0.1) * down * down);
        let s = x.abs() / self.half_width;
        if s >= end {
            return 0.0;
        }
        let side = smooth((end - s) / (end - whole));
        let top = smooth((y - self.above.0) / (self.above.1 - self.above.0));
        let bottom = smooth((self.chin + BELOW.1 - y) / (BELOW.1 - BELOW.0));
        side * top * bottom
    }
}

/// From the first difference on, of luma and both differences of colour together, the frame's own pixels beside the jaw stay; after the
/// second beyond that they stay wholly.
const DIFFERS: (f32, f32) = (10.0, 18.0);

/// Columns and rows of a membrane.
const CELLS: (usize, usize) = (14, 14);
/// How firmly a membrane is held where light was measured, against each of its neighbours.
const HELD: f32 = 0.6;

/// The difference of light between two faces over a patch: luma as a factor, both chroma planes as a sum.
struct Membrane {
    bounds: [f32; 4],
    /// Three of light, and the share of the patch that may be drawn: beside the jaw there may be other things than in the closeup.
    values: [Vec<f32>; 4],
}

impl Membrane {
    fn between(frame: &Frame, place: &Affine, closeup: &Closeup, patch: &Patch, jaw: &Jaw) -> Self {
        let bounds = patch.bounds();
        let (columns, rows) = CELLS;
        let (step_u, step_v) = ((bounds[2] - bounds[0]) / columns as f32, (bounds[3] - bounds[1]) / rows as f32);
        let mut measured = vec![[f32::NAN; 3]; columns * rows];
        let middle = |cell: usize| {
            (bounds[0] + ((cell % columns) as f32 + 0.5) * step_u, bounds[1] + ((cell / columns) as f32 + 0.5) * step_v)
        };
        for (cell, values) in measured.iter_mut().enumerate() {
            let (u, v) = middle(cell);
            // Beside and above the mouth only: the chin moves when a mouth talks, and below it are other things.
            if patch.share(u, v) > 0.6 || v - patch.v > 0.6 * patch.chin {
                continue;
            }
            let now = mean(frame, place, (u, v), (step_u, step_v));
            let then = mean(&closeup.cut, &closeup.place, (u, v), (step_u, step_v));
            let factor = (now[0] - 8.0).max(6.0) / (then[0] - 8.0).max(6.0);
            *values = [
                factor.clamp(0.6, 1.7).ln(),
                (now[1] - then[1]).clamp(-25.0, 25.0),
                (now[2] - then[2]).clamp(-25.0, 25.0),
            ];
        }
        let measured = usual_only(measured);
        let mut values = [0, 1, 2].map(|plane| relaxed(&measured.iter().map(|cell| cell[plane]).collect::<Vec<_>>()));
        values[0].iter_mut().for_each(|value| *value = value.exp());
        let agrees: Vec<f32> = (0..columns * rows)
            .map(|cell| {
                let (u, v) = middle(cell);
                let outer = patch.outer(u, v);
                if outer <= 0.0 {
                    return 1.0;
                }
                let now = mean(frame, place, (u, v), (step_u, step_v));
                let then = mean(&closeup.cut, &closeup.place, jaw.source(patch, u, v), (step_u, step_v));
                let lit = 16.0 + (then[0] - 16.0) * values[0][cell];
                let (blue, red) = (now[1] - then[1] - values[1][cell], now[2] - then[2] - values[2][cell]);
                let apart = (now[0] - lit).abs() + blue.abs() + red.abs();
                // What is redder beside the mouth is the clip's own lip, wider open than this one: it goes.
                let lip = patch.near_lips(u, v) * smooth((red - 0.5 * blue - 4.0) / 6.0);
                1.0 - outer * (1.0 - lip) * smooth((apart - DIFFERS.0) / DIFFERS.1)
            })
            .collect();
        let [luma, blue, red] = values;
        Self { bounds, values: [luma, blue, red, softened(&agrees)] }
    }

    /// The value of a plane at a place.
    #[inline]
    fn at(&self, plane: usize, u: f32, v: f32) -> f32 {
        let (columns, rows) = CELLS;
        let x = ((u - self.bounds[0]) / (self.bounds[2] - self.bounds[0]) * columns as f32 - 0.5)
            .clamp(0.0, columns as f32 - 1.001);
        let y = ((v - self.bounds[1]) / (self.bounds[3] - self.bounds[1]) * rows as f32 - 0.5)
            .clamp(0.0, rows as f32 - 1.001);
        let (column, row) = (x as usize, y as usize);
        let (fx, fy) = (x - column as f32, y - row as f32);
        let values = &self.values[plane];
        let at = row * columns + column;
        let upper = values[at] + (values[at + 1] - values[at]) * fx;
        let lower = values[at + columns] + (values[at + columns + 1] - values[at + columns]) * fx;
        upper + (lower - upper) * fy
    }
}

/// Without the cells that differ from the most by more than light does: hair, an earring, what is behind the face.
fn usual_only(mut measured: Vec<[f32; 3]>) -> Vec<[f32; 3]> {
    for (plane, limit) in [(0, 0.16), (1, 5.0), (2, 5.0)] {
        let mut known: Vec<f32> = measured.iter().map(|cell| cell[plane]).filter(|value| !value.is_nan()).collect();
        known.sort_by(f32::total_cmp);
        let middle = known.get(known.len() / 2).copied().unwrap_or(0.0);
        let far = |cell: &[f32; 3]| (cell[plane] - middle).abs() > limit;
        measured.iter_mut().filter(|cell| far(cell)).for_each(|cell| *cell = [f32::NAN; 3]);
    }
    measured
}

/// Each cell with its neighbours.
fn softened(values: &[f32]) -> Vec<f32> {
    let (columns, rows) = CELLS;
    (0..columns * rows)
        .map(|at| {
            let (row, column) = (at / columns, at % columns);
            let (mut sum, mut count) = (0.0, 0.0);
            for near_row in row.saturating_sub(1)..=(row + 1).min(rows - 1) {
                for near_column in column.saturating_sub(1)..=(column + 1).min(columns - 1) {
                    sum += values[near_row * columns + near_column];
                    count += 1.0;
                }
            }
            0.5 * values[at] + 0.5 * sum / count
        })
        .collect()
}

/// The mean colour of a cell.
fn mean(frame: &Frame, place: &Affine, (u, v): (f32, f32), (step_u, step_v): (f32, f32)) -> [f32; 3] {
    let planes = [Plane::luma(frame), Plane::blue(frame), Plane::red(frame)];
    let mut sums = [0.0; 3];
    for sub in 0..16 {
        let (a, b) = ((sub % 4) as f32 / 4.0 - 0.375, (sub / 4) as f32 / 4.0 - 0.375);
        let (x, y) = place.at(u + a * step_u, v + b * step_v);
        sums[0] += planes[0].sample(x, y);
        sums[1] += planes[1].sample(x * 0.5, y * 0.5 - 0.25);
        sums[2] += planes[2].sample(x * 0.5, y * 0.5 - 0.25);
    }
    sums.map(|sum| sum / 16.0)
}

/// The smoothest surface near what was measured; `NAN` where nothing was.
fn relaxed(measured: &[f32]) -> Vec<f32> {
    let (columns, rows) = CELLS;
    let known: Vec<f32> = measured.iter().copied().filter(|value| !value.is_nan()).collect();
    let start = known.iter().sum::<f32>() / known.len().max(1) as f32;
    let mut values: Vec<f32> = measured.iter().map(|&value| if value.is_nan() { start } else { value }).collect();
    for _ in 0..90 {
        for row in 0..rows {
            for column in 0..columns {
                let at = row * columns + column;
                let (mut sum, mut count) = (0.0, 0.0);
                let mut add = |near: bool, at: usize| {
                    if near {
                        sum += values[at];
                        count += 1.0;
                    }
                };
                add(column > 0, at.wrapping_sub(1));
                add(column + 1 < columns, at + 1);
                add(row > 0, at.wrapping_sub(columns));
                add(row + 1 < rows, at + columns);
                if !measured[at].is_nan() {
                    sum += 4.0 * HELD * measured[at];
                    count += 4.0 * HELD;
                }
                values[at] = sum / count;
            }
        }
    }
    values
}

/// One of the lower faces that are drawn.
struct Part<'a> {
    closeup: &'a Closeup,
    membrane: Membrane,
    jaw: Jaw,
    squeeze: Option<Squeeze>,
    weight: f32,
}

/// A lower face to draw.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// What it looks like.
    pub closeup: &'a Closeup,
    /// How far below the line between the lips they end, in face units.
    pub lips: f32,
    /// Its share of a mix.
    pub weight: f32,
    /// How its lips are drawn nearer to each other, where they are.
    pub(super) squeeze: Option<Squeeze>,
}

/// Draws a mix of lower faces over the face at `place`. The weights of `parts` add up to 1; `strength` 0 leaves the frame unchanged.
pub fn draw(frame: &mut Frame, place: &Affine, parts: &[Shown<'_>], patch: &Patch, strength: f32) {
    if strength <= 0.002 || parts.is_empty() {
        return;
    }
    let lit: Vec<Part<'_>> = parts
        .iter()
        .map(|&Shown { closeup, lips, weight, squeeze }| {
            let jaw = Jaw::between(frame, place, closeup, patch, lips);
            let membrane = Membrane::between(frame, place, closeup, patch, &jaw);
            Part { closeup, membrane, jaw, squeeze, weight }
        })
        .collect();
    let (width, height) = (frame.width_px() as usize, frame.height_px() as usize);
    let (luma, blue, red) = frame.planes_mut();
    draw_plane(luma, (width, height), 0, place, &lit, patch, strength);
    draw_plane(blue, (width / 2, height / 2), 1, place, &lit, patch, strength);
    draw_plane(red, (width / 2, height / 2), 2, place, &lit, patch, strength);
}

fn draw_plane(
    data: &mut [u8],
    (width, height): (usize, usize),
    which: usize,
    place: &Affine,
    lit: &[Part<'_>],
    patch: &Patch,
    strength: f32,
) {
    // The chroma sample of H.264 is at the left of its two columns and between its two rows.
    let (pixel_px, shift) = if which == 0 { (1.0, 0.0) } else { (2.0, 0.5) };
    let back = place.inverted();
    let [left, top, right, bottom] = patch.bounds();
    let corners = [(left, top), (right, top), (left, bottom), (right, bottom)].map(|(u, v)| place.at(u, v));
    let range = |of: fn(&(f32, f32)) -> f32, limit: usize| {
        let least = corners.iter().map(of).fold(f32::INFINITY, f32::min);
        let most = corners.iter().map(of).fold(f32::NEG_INFINITY, f32::max);
        ((least / pixel_px).floor().max(0.0) as usize, ((most / pixel_px).ceil().max(0.0) as usize + 1).min(limit))
    };
    let ((first_column, last_column), (first_row, last_row)) = (range(|c| c.0, width), range(|c| c.1, height));
    for row in first_row..last_row {
        let Some(line) = data.get_mut(row * width..(row + 1) * width) else { continue };
        for (column, target) in line.iter_mut().enumerate().take(last_column).skip(first_column) {
            let (u, v) = back.at(column as f32 * pixel_px, row as f32 * pixel_px + shift);
            let share = patch.share(u, v) * strength;
            if share <= 0.002 {
                continue;
            }
            let (mut value, mut agrees) = (0.0, 0.0);
            for Part { closeup, membrane, jaw, squeeze, weight } in lit {
                let plane = match which {
                    0 => Plane::luma(&closeup.cut),
                    1 => Plane::blue(&closeup.cut),
                    _ => Plane::red(&closeup.cut),
                };
                let (from_u, from_v) = jaw.source(patch, u, v);
                let from_v = squeeze.map_or(from_v, |squeeze| squeeze.source(patch.chin, from_u, from_v));
                let (x, y) = closeup.place.at(from_u, from_v);
                let own = plane.sample(x / pixel_px, (y - shift) / pixel_px);
                let light = membrane.at(which, u, v);
                agrees += weight * membrane.at(3, u, v);
                value += weight * if which == 0 { 16.0 + (own - 16.0) * light } else { own + light };
            }
            let now = f32::from(*target);
            *target = (now + (value - now) * share * agrees + 0.5).clamp(0.0, 255.0) as u8;
        }
    }
}

/// A smooth step from 0 to 1.
pub(super) fn smooth(value: f32) -> f32 {
    let t = value.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::faces::Pose;
    use crate::media::mouth::fit::USUAL;

    const PLACE: Pose = Pose { cx: 100.0, cy: 90.0, size: 120.0, roll: 0.0 };

    /// A face of one colour whose mouth is `mouth`, in a light from the left.
    fn face(mouth: u8, light: f32) -> Frame {
        let mut frame = Frame::filled(200, 200, [0, 110, 150]);
        let (u, v) = PLACE.at(USUAL.u, USUAL.v);
        for (at, y) in frame.planes_mut().0.iter_mut().enumerate() {
            let (x, down) = ((at % 200) as f32, (at / 200) as f32);
            let lips = (x - u).abs() < 15.0 && (down - v).abs() < 5.0;
            let value = if lips { f32::from(mouth) } else { 150.0 };
            *y = (16.0 + (value - 16.0) * (1.0 + light * (x - 100.0) / 100.0)) as u8;
        }
        frame
    }

    const fn shown(closeup: &Closeup) -> Shown<'_> {
        Shown { closeup, lips: 0.08, weight: 1.0, squeeze: None }
    }

    #[test]
    fn a_patch_is_whole_at_the_mouth_and_gone_at_its_bounds() {
        let patch = Patch::around(&USUAL);
        for s in [-1.0, 0.0, 1.0] {
            assert!(patch.share(USUAL.u + s * USUAL.half_width, USUAL.v) > 0.99, "{s}");
        }
        let [left, top, right, bottom] = patch.bounds();
        for step in 0..=20 {
            let part = step as f32 / 20.0;
            let (u, v) = (left + (right - left) * part, top + (bottom - top) * part);
            for (u, v) in [(u, top), (u, bottom), (left, v), (right, v)] {
                assert!(patch.share(u, v) < 1e-4, "({u}, {v})");
            }
        }
    }

    #[test]
    fn lips_that_were_wider_open_leave_nothing_beside_the_mouth() {
        let place = Affine::of_pose(&PLACE);
        let closeup = Closeup::cut(&face(60, 0.0), &place).unwrap();
        let mut frame = face(60, 0.0);
        let patch = Patch::around(&USUAL);
        let lip = |at: usize| {
            let (u, v) = PLACE.inverse((at % 100) as f32 * 2.0, (at / 100) as f32 * 2.0 + 0.5);
            (1.05..1.3).contains(&((u - USUAL.u) / patch.half_width).abs()) && (-0.02..0.1).contains(&(v - USUAL.v))
        };
        frame.planes_mut().2.iter_mut().enumerate().filter(|(at, _)| lip(*at)).for_each(|(_, red)| *red = 172);
        draw(&mut frame, &place, &[shown(&closeup)], &patch, 1.0);
        let left: Vec<u8> = frame.v().iter().enumerate().filter(|(at, _)| lip(*at)).map(|(_, red)| *red).collect();
        let mean = left.iter().map(|red| f32::from(*red)).sum::<f32>() / left.len() as f32;
        assert!(left.len() > 20 && mean < 154.0, "{mean} of {} px: skin has 150, the lips had 172", left.len());
    }

    #[test]
    fn a_mouth_takes_on_the_light_of_the_face_it_is_drawn_over() {
        let place = Affine::of_pose(&PLACE);
        let closeup = Closeup::cut(&face(60, 0.0), &place).unwrap();
        // Its own mouth is bright, and the light comes from the other side.
        let mut frame = face(220, -0.12);
        let wanted = face(60, -0.12);
        draw(&mut frame, &place, &[shown(&closeup)], &Patch::around(&USUAL), 1.0);
        let worst = frame.y().iter().zip(wanted.y()).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(worst < Some(12), "{worst:?}: no edge, and nothing of the mouth that was there");
        let mut untouched = face(220, -0.12);
        draw(&mut untouched, &place, &[shown(&closeup)], &Patch::around(&USUAL), 0.0);
        assert_eq!(untouched, face(220, -0.12));
    }
}
