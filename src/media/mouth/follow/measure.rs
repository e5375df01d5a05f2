//! What is seen of the mouth in stabilised faces: where it is, how far it is open, how wide it is.

use super::crop::{Crop, STEP};
use super::stabilise::{Laid, Reference};
use crate::media::mouth::fit::MouthFit;

/// Columns of the lower face.
pub const COLUMNS: usize = 65;
/// Rows of the lower face.
pub const ROWS: usize = 62;
const LEFT: f32 = -0.333;
const TOP: f32 = 0.05;
/// Share of the frames in which what is between the lips is taken for the mouth's rest.
const REST: f32 = 0.07;

/// The lower face of one frame, in the reference's place and light.
#[derive(Debug, Clone)]
pub struct Lower {
    /// Brightness.
    pub luma: Vec<u8>,
    /// Redness plus 128.
    pub red: Vec<u8>,
}

/// Nose and cheeks of a crop that was laid over the reference, in 16 × 7 samples of brightness.
#[must_use]
pub fn nose_and_cheeks(crop: &Crop, laid: &Laid, reference: &Reference) -> Vec<u8> {
    let gain = (reference.light.0 / laid.light.0.max(1.0)).clamp(0.6, 1.6);
    (0..16 * 7)
        .map(|sample| {
            let (u, v) = (-0.40 + (sample % 16) as f32 * 0.8 / 15.0, -0.02 + (sample / 16) as f32 * 0.035);
            let (x, y) = laid.map.at(u, v);
            ((crop.luma(x, y) - laid.light.1) * gain + reference.light.1 + 0.5).clamp(0.0, 255.0) as u8
        })
        .collect()
}

/// The face units of a sample.
#[must_use]
pub fn place(at: usize) -> (f32, f32) {
    (LEFT + (at % COLUMNS) as f32 * STEP, TOP + (at / COLUMNS) as f32 * STEP)
}

impl Lower {
    /// The lower face of a crop that was laid over the reference.
    #[must_use]
    pub fn of(crop: &Crop, laid: &Laid, reference: &Reference) -> Self {
        // Light may differ by that much; more is another picture.
        let gain = (reference.light.0 / laid.light.0.max(1.0)).clamp(0.6, 1.6);
        let (mut luma, mut red) = (Vec::with_capacity(COLUMNS * ROWS), Vec::with_capacity(COLUMNS * ROWS));
        for at in 0..COLUMNS * ROWS {
            let (u, v) = place(at);
            let (x, y) = laid.map.at(u, v);
            let value = (crop.luma(x, y) - laid.light.1) * gain + reference.light.1;
            luma.push((value + 0.5).clamp(0.0, 255.0) as u8);
            red.push((crop.redness(x, y) + 128.5).clamp(0.0, 255.0) as u8);
        }
        Self { luma, red }
    }

    /// The mouth and the chin in 24 × 20 samples of brightness.
    #[must_use]
    pub fn small(&self, fit: &MouthFit) -> Vec<u8> {
        let at = |u: f32, v: f32| {
            let column = ((u - LEFT) / STEP).round().clamp(0.0, COLUMNS as f32 - 1.0) as usize;
            let row = ((v - TOP) / STEP).round().clamp(0.0, ROWS as f32 - 1.0) as usize;
            self.luma[row * COLUMNS + column]
        };
        (0..24 * 20)
            .map(|sample| {
                let (across, down) = ((sample % 24) as f32 / 11.5 - 1.0, (sample / 24) as f32 / 19.0);
                at(fit.u + 1.2 * across * fit.half_width, fit.v - 0.08 + down * (fit.chin + 0.12))
            })
            .collect()
    }
}

/// Brightness and redness of skin beside the mouth, and of lips.
#[derive(Debug, Clone, Copy)]
struct Colours {
    skin_luma: f32,
    lip_luma: f32,
    /// Redness of lips, and how far below it what is hardly red begins.
    lip_red: f32,
    red_step: f32,
    /// How well lips and skin can be told apart by their redness, 0 to 1: where they cannot, nothing is known to be teeth.
    certain: f32,
}

impl Colours {
    fn of(lowers: &[&Lower], fit: &MouthFit) -> Self {
        let middle = |plane: fn(&Lower) -> &Vec<u8>, inside: &dyn Fn(f32, f32) -> bool| {
            let places: Vec<usize> = (0..COLUMNS * ROWS).filter(|&at| inside(place(at).0, place(at).1)).collect();
            let mut seen: Vec<u8> = lowers.iter().flat_map(|lower| places.iter().map(|&at| plane(lower)[at])).collect();
            seen.sort_unstable();
            f32::from(seen.get(seen.len() / 2).copied().unwrap_or(128))
        };
        let cheek = |u: f32, v: f32| (0.2..0.3).contains(&u.abs()) && (0.08..0.28).contains(&v);
        let lip = |u: f32, v: f32| {
            let s = fit.across(u);
            let y = v - fit.corner_line(u) - fit.sag * (1.0 - s * s).max(0.0);
            s.abs() < 0.6 && ((-0.04..-0.015).contains(&y) || (0.03..0.055).contains(&(y - fit.gap)))
        };
        let (skin_red, lip_red) = (middle(|l| &l.red, &cheek) - 128.0, middle(|l| &l.red, &lip) - 128.0);
        Self {
            skin_luma: middle(|l| &l.luma, &cheek).max(25.0),
            lip_luma: middle(|l| &l.luma, &lip).max(20.0),
            lip_red,
            red_step: (lip_red - skin_red).max(4.0),
            certain: ((lip_red - skin_red - 1.5) / 3.0).clamp(0.0, 1.0),
        }
    }

    /// How dark a place is, as the inside of a mouth is, 0 to 1.
    fn dark(&self, luma: u8) -> f32 {
        let limit = (0.62 * self.skin_luma).min(0.82 * self.lip_luma);
        ((limit - f32::from(luma)) / (0.35 * limit)).clamp(0.0, 1.0)
    }

    /// How much a place looks like a lip, 0 to 1: redder than skin, and not dark.
    fn lip(&self, luma: u8, red: u8) -> f32 {
        let redder = (f32::from(red) - 128.0 - self.lip_red) / self.red_step + 0.75;
        (redder / 0.35).clamp(0.0, 1.0) * (1.0 - self.dark(luma))
    }

    /// How much a place looks like teeth, 0 to 1: brighter than lips, and hardly red.
    fn pale(&self, luma: u8, red: u8) -> f32 {
        let bright = (f32::from(luma) / self.lip_luma - 1.04) / 0.18;
        let pale = (self.lip_red - (f32::from(red) - 128.0)) / self.red_step - 0.5;
        bright.min(pale / 0.5).clamp(0.0, 1.0) * self.certain
    }
}

/// The height at which the line between the lips runs, from many frames: a dark line, redder than the skin around it,
/// where the lower face moves most.
#[must_use]
pub fn line_height(lowers: &[Lower]) -> f32 {
    let count = lowers.len().max(1) as f32;
    let middle: Vec<usize> = (0..COLUMNS).filter(|&column| place(column).0.abs() < 0.13).collect();
    let profile = |value: &dyn Fn(usize, usize) -> f32| -> Vec<f32> {
        (0..ROWS)
            .map(|row| middle.iter().map(|&column| value(row, column)).sum::<f32>() / middle.len() as f32)
            .collect()
    };
    let mean = |plane: fn(&Lower) -> &Vec<u8>, at: usize| {
        lowers.iter().map(|lower| f32::from(plane(lower)[at])).sum::<f32>() / count
    };
    let red = profile(&|row, column| mean(|lower| &lower.red, row * COLUMNS + column));
    let motion = profile(&|row, column| {
        let at = row * COLUMNS + column;
        let average = mean(|lower| &lower.luma, at);
        (lowers.iter().map(|lower| (f32::from(lower.luma[at]) - average).powi(2)).sum::<f32>() / count).sqrt()
    });
    let valley = profile(&|row, column| {
        let reach = 3;
        if row < reach || row + reach >= ROWS {
            return 0.0;
        }
        let depth = |lower: &Lower| {
            let luma = |row: usize| f32::from(lower.luma[row * COLUMNS + column]);
            (luma(row - reach) - luma(row)).min(luma(row + reach) - luma(row)).max(0.0)
        };
        lowers.iter().map(depth).sum::<f32>() / count
    });
    let most = |values: &[f32]| values.iter().copied().fold(1e-3, f32::max);
    let (valley_most, motion_most) = (most(&valley).max(3.0), most(&motion).max(4.0));
    let near = |values: &[f32], from: f32, to: f32| {
        let row = |v: f32| (((v - TOP) / STEP).round().max(0.0) as usize).min(ROWS - 1);
        let span = &values[row(from)..=row(to)];
        span.iter().sum::<f32>() / span.len() as f32
    };
    let score = |v: f32| {
        let lips = near(&red, v - 0.03, v + 0.04);
        let around = near(&red, v - 0.13, v - 0.08).max(near(&red, v + 0.10, v + 0.16));
        near(&valley, v - 0.012, v + 0.012) / valley_most
            + ((lips - around) / 10.0).clamp(-0.5, 0.8)
            + 0.6 * near(&motion, v - 0.02, v + 0.06) / motion_most
            - 0.3 * ((v - 0.28) / 0.06).powi(2)
    };
    (0..46).map(|step| 0.18 + step as f32 * 0.005).max_by(|&a, &b| score(a).total_cmp(&score(b))).unwrap_or(0.285)
}

/// Opening and width of a mouth in each frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// Height of the open mouth in the middle, in widths of the mouth at rest.
    pub opening: f32,
    /// Width of what is dark or open, in widths of the mouth at rest.
    pub width: f32,
}

/// What each place of a mouth at rest looks like, and where the mouth is: against it openings are measured.
#[derive(Debug, Clone)]
pub struct Gauge {
    fit: MouthFit,
    colours: Colours,
    /// For each sample of the lower face: how dark (a beard, a shadow) and how pale (skin, teeth) it is at rest anyway.
    rest: Vec<(f32, f32)>,
}

impl Gauge {
    /// Learnt from all frames of a clip.
    #[must_use]
    pub fn of(lowers: &[&Lower], fit: &MouthFit) -> Self {
        let colours = Colours::of(lowers, fit);
        let least = (lowers.len() as f32 * REST) as usize;
        let mut seen = vec![0.0; lowers.len()];
        let mut usual = |of: &dyn Fn(&Lower) -> f32| {
            for (value, lower) in seen.iter_mut().zip(lowers) {
                *value = of(lower);
            }
            seen.sort_by(f32::total_cmp);
            seen.get(least).copied().unwrap_or(0.0)
        };
        let rest = (0..COLUMNS * ROWS)
            .map(|at| {
                let dark = usual(&|lower| colours.dark(lower.luma[at]));
                (dark, usual(&|lower| colours.pale(lower.luma[at], lower.red[at])))
            })
            .collect();
        Self { fit: *fit, colours, rest }
    }

    /// How much of a column of the lower face is open, in face units.
    fn open_in(&self, lower: &Lower, column: usize) -> f32 {
        let fit = &self.fit;
        let s = fit.across(place(column).0);
        if s.abs() > 1.3 {
            return 0.0;
        }
        let mut sum = 0.0;
        // How much lip was seen below, fading with the distance: teeth are above a lip, skin is not.
        let mut lip = 0.0_f32;
        for row in (0..ROWS).rev() {
            let at = row * COLUMNS + column;
            let (u, v) = place(at);
            let y = v - fit.corner_line(u) - fit.sag * (1.0 - s * s).max(0.0);
            // A mouth opens downwards; the nostrils are not far above it.
            if !(-0.055..0.21).contains(&y) {
                continue;
            }
            let (luma, red) = (lower.luma[at], lower.red[at]);
            lip = (lip - 0.07).max(self.colours.lip(luma, red) * 1.3).clamp(0.0, 1.3);
            let (rest_dark, rest_pale) = self.rest[at];
            let dark = (self.colours.dark(luma) - rest_dark).max(0.0);
            // What is pale at rest is skin, a highlight on a lip, or teeth that always show.
            let pale = (self.colours.pale(luma, red) - rest_pale).max(0.0) * lip.min(1.0);
            // Above the line, skin comes into view where a lip is drawn back.
            let pale = if y < -0.03 { 0.0 } else { pale };
            // The shadow below the lower lip becomes darker when the lip pouts.
            let fades = if y < 0.10 { 1.0 } else { (1.0 - (y - 0.10) / 0.11).max(0.0) };
            sum += (dark + pale).min(1.0) * fades * STEP;
        }
        sum
    }

    /// Opening and width in one frame.
    #[must_use]
    pub fn measure(&self, lower: &Lower) -> Shape {
        let fit = &self.fit;
        let columns: [f32; COLUMNS] = std::array::from_fn(|column| self.open_in(lower, column));
        let (mut sum, mut weights, mut width) = (0.0, 0.0, 0.0);
        for (column, &height) in columns.iter().enumerate() {
            let s = fit.across(place(column).0);
            if s.abs() < 0.55 {
                sum += height;
                weights += 1.0;
            }
            width += (height / (0.02 + height)) * STEP;
        }
        let whole = 2.0 * fit.half_width;
        Shape { opening: sum / f32::max(weights, 1.0) / whole, width: width / whole }
    }
}

/// How unlike the usual a lower face is outside of what a mouth changes: the mean difference of brightness there, 0 to 255.
#[must_use]
pub fn strangeness(lower: &Lower, usual: &[f32], fit: &MouthFit) -> f32 {
    let (mut sum, mut count) = (0.0, 1e-6_f32);
    for (at, (&luma, &usual)) in lower.luma.iter().zip(usual).enumerate() {
        let (u, v) = place(at);
        let s = fit.across(u).abs();
        if v < fit.v + 0.14 && (v < fit.v - 0.09 || s > 1.05) && s < 1.6 {
            sum += (f32::from(luma) - usual).abs();
            count += 1.0;
        }
    }
    sum / count
}

/// The mean of several lower faces.
#[must_use]
pub fn mean_luma(lowers: &[&Lower]) -> Vec<f32> {
    let count = lowers.len().max(1) as f32;
    (0..COLUMNS * ROWS).map(|at| lowers.iter().map(|lower| f32::from(lower.luma[at])).sum::<f32>() / count).collect()
}
