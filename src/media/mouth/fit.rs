//! The position of the mouth in a face: found once per clip in the average of many aligned frames.
//!
//! Two curves are fitted, the lower edge of the upper lip and the upper edge of the lower lip. Where they coincide
//! there is a dark line between reddish lips; where they do not, there are teeth (bright, hardly red) or the
//! dark inside of an open mouth between them. The usual position of a mouth counts as much as the evidence: a fit to the
//! picture alone draws grotesque mouths.

use serde::{Deserialize, Serialize};

use super::look::{COLUMNS, LEFT, Look, ROWS, STEP, TOP, blurred};
pub use crate::model::MouthBox;

/// A mouth at rest, in face units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MouthFit {
    /// Centre between the corners.
    pub u: f32,
    /// Height of the corners.
    pub v: f32,
    /// Half the distance of the corners.
    pub half_width: f32,
    /// How much the right-hand corner is lower, per unit across.
    pub slant: f32,
    /// How far the upper lip's edge hangs below the corners in the middle.
    pub sag: f32,
    /// How far the lips are apart in the middle.
    pub gap: f32,
    /// Height of the red of the upper lip in the middle.
    pub upper_lip: f32,
    /// Height of the red of the lower lip in the middle.
    pub lower_lip: f32,
    /// From the corners down to the chin's edge.
    pub chin: f32,
    /// Between the lips are teeth (else the dark of the mouth), if they are apart.
    pub teeth: bool,
    /// The score of the fit; below 0 the usual position was used.
    pub clarity: f32,
}

/// The usual position of a mouth.
pub const USUAL: MouthFit = MouthFit {
    u: 0.0,
    v: 0.27,
    half_width: 0.185,
    slant: 0.0,
    sag: 0.0,
    gap: 0.0,
    upper_lip: 0.042,
    lower_lip: 0.055,
    chin: 0.30,
    teeth: false,
    clarity: 0.0,
};

/// The minimum likelihood that the area between two curves is teeth or dark inside, from -1 to 1.
const INSIDE_MEAN_MIN: f32 = 0.05;
/// The minimum difference between that and the same likelihood of the lips around it.
const LIP_CONTRAST_MIN: f32 = 0.55;

impl MouthFit {
    /// Across the mouth, -1 at the left corner and 1 at the right one.
    #[must_use]
    pub fn across(&self, u: f32) -> f32 {
        (u - self.u) / self.half_width
    }

    /// The corner line at `u`.
    #[must_use]
    pub fn corner_line(&self, u: f32) -> f32 {
        self.v + self.slant * (u - self.u)
    }

    /// The box around the lips, for the user to drag.
    #[must_use]
    pub fn to_box(&self) -> MouthBox {
        let top = self.v + self.sag - self.upper_lip;
        let bottom = self.v + self.sag + self.gap + self.lower_lip;
        MouthBox { u: self.u, v: f32::midpoint(top, bottom), width: self.half_width * 2.0, height: bottom - top }
    }

    /// Fits a mouth at rest to `look`, an average of aligned frames; within `wanted` where the user set that.
    #[must_use]
    pub fn find(look: &Look, wanted: Option<MouthBox>) -> Self {
        Self::find_near(look, wanted, None)
    }

    /// As [`MouthFit::find`], with the height at which the lips were seen to meet in many frames, where that is known.
    #[must_use]
    pub fn find_near(look: &Look, wanted: Option<MouthBox>, height: Option<f32>) -> Self {
        let maps = Maps::new(look);
        let limits = Limits::new(wanted, height);
        let mut best = limits.start;
        let mut best_score = f32::NEG_INFINITY;
        for v in span(limits.v, 0.01) {
            for u in span(limits.u, 0.02) {
                for half_width in span(limits.half_width, 0.02) {
                    for sag in span((-0.03, 0.06), 0.015) {
                        let fit = Self { u, v, half_width, sag, ..limits.start };
                        let score = maps.score(&fit, &limits);
                        if score > best_score {
                            (best, best_score) = (fit, score);
                        }
                    }
                }
            }
        }
        // Refines the result of the coarse grid, one value after the other in ever smaller steps.
        for round in 0..5 {
            let fine = 0.5_f32.powi(round);
            for _ in 0..2 {
                let tries = [
                    (0.01, 0.0, 0.0, 0.0, 0.0),
                    (0.0, 0.005, 0.0, 0.0, 0.0),
                    (0.0, 0.0, 0.01, 0.0, 0.0),
                    (0.0, 0.0, 0.0, 0.0075, 0.0),
                    (0.0, 0.0, 0.0, 0.0, 0.04),
                ];
                for (u, v, half_width, sag, slant) in tries {
                    for sign in [-fine, fine] {
                        let fit = limits.keep(Self {
                            u: best.u + sign * u,
                            v: best.v + sign * v,
                            half_width: best.half_width + sign * half_width,
                            sag: best.sag + sign * sag,
                            slant: best.slant + sign * slant,
                            ..best
                        });
                        let score = maps.score(&fit, &limits);
                        if score > best_score {
                            (best, best_score) = (fit, score);
                        }
                    }
                }
            }
        }
        best.clarity = best_score;
        if best_score < 0.0 && wanted.is_none() {
            best = Self { clarity: best_score, ..USUAL };
        }
        maps.open(&mut best);
        best.teeth = best.gap > 0.0 && maps.is_bright_inside(&best);
        if let Some(wanted) = wanted {
            let lips = (wanted.height - best.gap).max(0.04);
            best.upper_lip = (lips * 0.43).clamp(0.02, 0.09);
            best.lower_lip = (lips * 0.57).clamp(0.025, 0.11);
        } else {
            best.upper_lip = maps.lip_height(&best, -1.0);
            best.lower_lip = maps.lip_height(&best, 1.0);
        }
        best.chin = (best.half_width * 1.35).max(best.sag + best.gap + best.lower_lip + 0.10);
        best
    }
}

/// The search range.
struct Limits {
    u: (f32, f32),
    v: (f32, f32),
    half_width: (f32, f32),
    start: MouthFit,
    given: bool,
}

impl Limits {
    fn new(wanted: Option<MouthBox>, height: Option<f32>) -> Self {
        match (wanted, height) {
            (None, Some(height)) => Self {
                u: (-0.08, 0.08),
                v: (height - 0.05, height + 0.05),
                half_width: (0.13, 0.25),
                start: MouthFit { v: height, ..USUAL },
                given: false,
            },
            (None, None) => {
                Self { u: (-0.08, 0.08), v: (0.17, 0.39), half_width: (0.13, 0.25), start: USUAL, given: false }
            }
            (Some(given), _) => {
                let (half_width, height) = ((given.width / 2.0).clamp(0.06, 0.4), given.height.clamp(0.03, 0.4));
                let slack = height * 0.3;
                let start = MouthFit { u: given.u, v: given.v, half_width, ..USUAL };
                Self {
                    u: (given.u, given.u),
                    v: (given.v - slack, given.v + slack),
                    half_width: (half_width, half_width),
                    start,
                    given: true,
                }
            }
        }
    }

    fn keep(&self, fit: MouthFit) -> MouthFit {
        MouthFit {
            u: fit.u.clamp(self.u.0, self.u.1),
            v: fit.v.clamp(self.v.0, self.v.1),
            half_width: fit.half_width.clamp(self.half_width.0, self.half_width.1),
            sag: fit.sag.clamp(-0.04, 0.07),
            slant: fit.slant.clamp(-0.2, 0.2),
            ..fit
        }
    }

    /// The penalty for an unusual mouth.
    fn prior(&self, fit: &MouthFit) -> f32 {
        let far = |value: f32, usual: f32, spread: f32| ((value - usual) / spread).powi(2);
        let place = if self.given {
            far(fit.v, self.start.v, 0.05)
        } else {
            far(fit.u, USUAL.u, 0.05) + far(fit.v, self.start.v, 0.05) + far(fit.half_width, USUAL.half_width, 0.03)
        };
        place + far(fit.slant, 0.0, 0.12) + far(fit.sag, 0.008, 0.03)
    }
}

fn span(limits: (f32, f32), step: f32) -> impl Iterator<Item = f32> {
    let count = ((limits.1 - limits.0) / step).round() as usize;
    (0..=count).map(move |index| limits.0 + index as f32 * step)
}

/// Evidence in the lower face for lips, for a line between them, for an open mouth.
struct Maps {
    /// How much darker a point is than the points above and below it.
    valley: Vec<f32>,
    /// How much redder a point is than the skin.
    red: Vec<f32>,
    /// Column sums of the likelihood of teeth or dark inside.
    inside: Vec<f32>,
    bright: Vec<f32>,
}

impl Maps {
    fn new(look: &Look) -> Self {
        let luma = blurred(&look.y);
        let redness: Vec<f32> =
            blurred(&look.u.iter().zip(&look.v).map(|(u, v)| (v - 128.0) - 0.5 * (u - 128.0)).collect::<Vec<_>>());
        let skin = |values: &[f32]| {
            let mut seen: Vec<f32> = (0..ROWS * COLUMNS)
                .filter(|at| {
                    let (u, v) = super::look::place(at / COLUMNS, at % COLUMNS);
                    let cheek = (0.2..0.28).contains(&u.abs()) && (0.1..0.3).contains(&v);
                    let below = u.abs() < 0.15 && (0.38..0.46).contains(&v);
                    cheek || below
                })
                .map(|at| values[at])
                .collect();
            seen.sort_by(f32::total_cmp);
            seen.get(seen.len() / 2).copied().unwrap_or(0.0)
        };
        let (skin_luma, skin_red) = (skin(&luma).max(20.0), skin(&redness));
        let vivid = Some(lip_redness(&redness) - skin_red)
            .filter(|&redder| redder > skin_red.abs().mul_add(0.5, 6.0))
            .map(|redder| (skin_red + 0.5 * redder, 0.5 * redder));
        let at = |row: i32, column: usize| row.clamp(0, ROWS as i32 - 1) as usize * COLUMNS + column;
        let mut valley = vec![0.0; ROWS * COLUMNS];
        let mut inside = vec![0.0; (ROWS + 1) * COLUMNS];
        for row in 0..ROWS as i32 {
            for column in 0..COLUMNS {
                let here = at(row, column);
                let depth = |reach: i32| {
                    let (above, below) = (luma[at(row - reach, column)], luma[at(row + reach, column)]);
                    // Both sides must be brighter: the edge of a shadow is not a line.
                    (above - luma[here]).min(below - luma[here]) * 0.7 + (above + below - 2.0 * luma[here]) * 0.15
                };
                valley[here] = (depth(3).max(depth(5)) / skin_luma * 8.0).clamp(-1.0, 1.5);
                let pale = (skin_red - redness[here]) / skin_red.abs().max(8.0) - 0.15;
                // Between lips that are much redder than skin, what is not red is no lip.
                let pale = (pale / 0.35).max(vivid.map_or(-1.0, |(middle, half)| (middle - redness[here]) / half));
                let bright = (luma[here] / skin_luma - 0.7) / 0.2;
                let teeth = pale.min(bright).clamp(-1.0, 1.0);
                // Dark lips are red; what is dark between them is not.
                let red = redness[here] / skin_red.abs().max(8.0) - 1.1;
                let dark = ((0.55 - luma[here] / skin_luma) / 0.25).min(1.0 - 2.0 * red).clamp(-1.0, 1.0);
                inside[here + COLUMNS] = inside[here] + teeth.max(dark);
            }
        }
        let red = redness
            .iter()
            .map(|value| ((value - skin_red) / skin_red.abs().max(10.0) * 3.0).clamp(-1.0, 1.0))
            .collect();
        let bright = luma.iter().map(|value| value / skin_luma).collect();
        Self { valley, red, inside, bright }
    }

    fn read(map: &[f32], u: f32, v: f32) -> f32 {
        let column = ((u - LEFT) / STEP).round().clamp(0.0, COLUMNS as f32 - 1.0) as usize;
        let row = ((v - TOP) / STEP).clamp(0.0, ROWS as f32 - 1.001);
        let (above, part) = (row as usize, row.fract());
        let upper = map[above * COLUMNS + column];
        upper + (map[(above + 1) * COLUMNS + column] - upper) * part
    }

    fn score(&self, fit: &MouthFit, limits: &Limits) -> f32 {
        let mut sum = 0.0;
        for step in -9_i32..=9 {
            let s = step as f32 * 0.1;
            let u = fit.u + s * fit.half_width;
            let bow = 1.0 - s * s;
            let upper = fit.corner_line(u) + fit.sag * bow;
            let lips = Self::read(&self.red, u, upper - 0.02) + Self::read(&self.red, u, upper + 0.022);
            sum += 1.6 * Self::read(&self.valley, u, upper) - 0.25 + 0.15 * lips;
        }
        // A longer mouth explains more of the picture.
        let weight = (fit.half_width / USUAL.half_width).sqrt();
        sum / 19.0 * weight - 0.045 * limits.prior(fit)
    }

    /// The line found may be the upper or the lower edge of an open mouth: searches for teeth or dark inside
    /// on either side of it, with lips around.
    fn open(&self, fit: &mut MouthFit) {
        let mut best = (*fit, 0.0);
        for gap in span((0.02, 0.13), 0.005) {
            for hangs in [0.0, 1.0] {
                for shift in -2_i32..=6 {
                    let sag = fit.sag - hangs * gap + shift as f32 * 0.007;
                    let tried = MouthFit { sag, gap, ..*fit };
                    let inner = self.mean_inside(&tried, 0.0, 1.0, 0.0);
                    let outer =
                        self.mean_inside(&tried, 0.0, 0.0, -0.02).max(self.mean_inside(&tried, 1.0, 1.0, 0.022));
                    let worth = (inner - outer - LIP_CONTRAST_MIN) * gap.sqrt();
                    if inner > INSIDE_MEAN_MIN && worth > best.1 && (-0.05..0.06).contains(&sag) {
                        best = (tried, worth);
                    }
                }
            }
        }
        *fit = best.0;
    }

    /// The mean likelihood of teeth or dark inside between two curves, given as shares of the gap plus a distance.
    fn mean_inside(&self, fit: &MouthFit, from: f32, to: f32, reach: f32) -> f32 {
        let (mut sum, mut rows) = (0.0, 0.0);
        for step in -6_i32..=6 {
            let s = step as f32 * 0.1;
            let u = fit.u + s * fit.half_width;
            let edge = fit.corner_line(u) + fit.sag * (1.0 - s * s);
            let gap = fit.gap * gap_bow(s);
            let (start, end) = (edge + gap * from + reach.min(0.0), edge + gap * to + reach.max(0.0));
            sum += Self::read(&self.inside, u, end) - Self::read(&self.inside, u, start);
            rows += (end - start) / STEP;
        }
        sum / rows.max(1.0)
    }

    fn is_bright_inside(&self, fit: &MouthFit) -> bool {
        let middle = fit.v + fit.sag + fit.gap * 0.45;
        let mean: f32 =
            (-4..=4).map(|step| Self::read(&self.bright, fit.u + step as f32 * 0.1 * fit.half_width, middle)).sum();
        mean / 9.0 > 0.7
    }

    /// How far the red of a lip reaches from its edge, within what lips usually have.
    fn lip_height(&self, fit: &MouthFit, side: f32) -> f32 {
        let (edge, usual) =
            if side < 0.0 { (fit.v + fit.sag, USUAL.upper_lip) } else { (fit.v + fit.sag + fit.gap, USUAL.lower_lip) };
        let contrast = |height: f32| {
            (-4..=4)
                .map(|step| {
                    let u = fit.u + step as f32 * 0.1 * fit.half_width;
                    let lift = fit.slant * (u - fit.u);
                    Self::read(&self.red, u, edge + lift + side * (height - 0.014))
                        - Self::read(&self.red, u, edge + lift + side * (height + 0.014))
                })
                .sum::<f32>()
                / 9.0
        };
        span((0.75 * usual, 1.4 * usual), 0.003)
            .max_by(|&a, &b| {
                let worth = |height: f32| contrast(height) - 0.15 * ((height - usual) / (0.35 * usual)).powi(2);
                worth(a).total_cmp(&worth(b))
            })
            .unwrap_or(usual)
    }
}

/// How red lips are: more than nine of ten places around where mouths are.
fn lip_redness(redness: &[f32]) -> f32 {
    let mut seen: Vec<f32> = (0..ROWS * COLUMNS)
        .filter(|at| {
            let (u, v) = super::look::place(at / COLUMNS, at % COLUMNS);
            u.abs() < 0.12 && (0.2..0.38).contains(&v)
        })
        .map(|at| redness[at])
        .collect();
    seen.sort_by(f32::total_cmp);
    seen.get(seen.len() * 9 / 10).copied().unwrap_or(0.0)
}

/// The opening of the lips at a position across the mouth, 1 in the middle.
#[must_use]
pub fn gap_bow(s: f32) -> f32 {
    // The power 5/8, by square roots.
    let bow = (1.0 - s * s).max(0.0);
    let root = bow.sqrt();
    root * root.sqrt().sqrt()
}
