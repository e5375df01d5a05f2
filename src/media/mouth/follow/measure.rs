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
/// Shares of the frames in which what is dark or pale between the lips is taken for the mouth's rest: many people show their teeth nearly
/// always.
const REST: (f32, f32) = (0.07, 0.03);

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

/// What skin, lips and the inside of a mouth look like in a clip.
#[derive(Debug, Clone, Copy)]
struct Colours {
    skin_luma: f32,
    /// Below this brightness the inside of a mouth begins, and so much below it is for certain.
    dark: (f32, f32),
    /// Redness against brightness, of skin and of lips: both grow with the light.
    skin_shade: f32,
    lip_shade: f32,
    /// How well teeth can be told from skin, 0 to 1: in a grey picture nothing is known to be teeth.
    certain: f32,
}

impl Colours {
    fn of(lowers: &[&Lower], fit: &MouthFit) -> Self {
        let seen = |value: &dyn Fn(&Lower, usize) -> f32, inside: &dyn Fn(f32, f32) -> bool| -> Vec<f32> {
            let places: Vec<usize> = (0..COLUMNS * ROWS).filter(|&at| inside(place(at).0, place(at).1)).collect();
            let mut seen: Vec<f32> =
                lowers.iter().flat_map(|lower| places.iter().map(|&at| value(lower, at))).collect();
            seen.sort_by(f32::total_cmp);
            seen
        };
        let share = |seen: &[f32], share: f32| {
            seen.get((seen.len().saturating_sub(1) as f32 * share) as usize).copied().unwrap_or(128.0)
        };
        let cheek = |u: f32, v: f32| (0.2..0.3).contains(&u.abs()) && (0.08..0.28).contains(&v);
        let over_line = |u: f32, v: f32| {
            let s = fit.across(u);
            (s.abs(), v - fit.corner_line(u) - fit.sag * (1.0 - s * s).max(0.0))
        };
        let mouth = |u: f32, v: f32| {
            let (s, y) = over_line(u, v);
            s < 0.7 && (-0.06..0.13).contains(&y)
        };
        let lip = |u: f32, v: f32| {
            let (s, y) = over_line(u, v);
            s < 0.6 && ((-0.04..-0.015).contains(&y) || (0.03..0.055).contains(&(y - fit.gap)))
        };
        let luma = |lower: &Lower, at: usize| f32::from(lower.luma[at]);
        let skin_luma = share(&seen(&luma, &cheek), 0.5).max(25.0);
        let skin_red = share(&seen(&|lower, at| f32::from(lower.red[at]) - 128.0, &cheek), 0.5);
        let lip_luma = share(&seen(&luma, &lip), 0.5).max(20.0);
        let darkest = share(&seen(&luma, &mouth), 0.015);
        // In haze nothing is dark: what is darkest of the mouth is its inside there.
        let usual = (0.62 * skin_luma).min(0.82 * lip_luma);
        let hazy = (darkest + 0.33 * (skin_luma - darkest)).min(0.8 * skin_luma);
        let dark =
            if hazy > usual { (hazy, (0.8 * (hazy - darkest)).max(8.0)) } else { (usual, (0.35 * usual).max(8.0)) };
        Self {
            skin_luma,
            dark,
            skin_shade: skin_red.max(3.0) / (skin_luma - 16.0).max(9.0),
            lip_shade: share(&seen(&|lower, at| shade(lower.luma[at], lower.red[at]), &mouth), 0.85),
            certain: ((skin_red - 4.0) / 6.0).clamp(0.0, 1.0),
        }
    }

    /// How dark a place is, as the inside of a mouth is, 0 to 1.
    fn dark(&self, luma: u8) -> f32 {
        ((self.dark.0 - f32::from(luma)) / self.dark.1).clamp(0.0, 1.0)
    }

    /// How much a place looks like a lip, 0 to 1: redder than skin. Everywhere where lips are no redder.
    fn lip(&self, luma: u8, red: u8) -> f32 {
        let redder = self.lip_shade - self.skin_shade;
        if redder < 0.08 * self.skin_shade {
            return 1.0;
        }
        ((shade(luma, red) - self.skin_shade - 0.35 * redder) / (0.3 * redder)).clamp(0.0, 1.0)
    }

    /// How much a place looks like teeth, 0 to 1: bright, and much less red than skin.
    fn pale(&self, luma: u8, red: u8) -> f32 {
        let pale = (1.0 - shade(luma, red) / self.skin_shade - 0.3) / 0.3;
        let bright = (f32::from(luma) / self.skin_luma - 0.55) / 0.2;
        pale.clamp(0.0, 1.0) * bright.clamp(0.0, 1.0) * self.certain
    }
}

/// Redness against brightness.
fn shade(luma: u8, red: u8) -> f32 {
    (f32::from(red) - 128.0) / (f32::from(luma) - 16.0).max(10.0)
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
    /// Height of the dark of the open mouth in the middle, in widths of the mouth at rest: it follows the jaw.
    pub opening: f32,
    /// Height of the teeth that show, likewise: lips may be apart over closed teeth.
    pub teeth: f32,
    /// Width of what is dark or open, in widths of the mouth at rest.
    pub width: f32,
}

impl Shape {
    /// How far the lips are apart, whatever shows between them.
    #[must_use]
    pub const fn apart(&self) -> f32 {
        self.opening + self.teeth
    }
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
        let mut seen = vec![0.0; lowers.len()];
        let mut usual = |least: f32, of: &dyn Fn(&Lower) -> f32| {
            for (value, lower) in seen.iter_mut().zip(lowers) {
                *value = of(lower);
            }
            let least = (lowers.len() as f32 * least) as usize;
            if seen.is_empty() { 0.0 } else { *seen.select_nth_unstable_by(least, f32::total_cmp).1 }
        };
        let rest = (0..COLUMNS * ROWS)
            .map(|at| {
                let dark = usual(REST.0, &|lower| colours.dark(lower.luma[at]));
                (dark, usual(REST.1, &|lower| colours.pale(lower.luma[at], lower.red[at])))
            })
            .collect();
        Self { fit: *fit, colours, rest }
    }

    /// How much of a column of the lower face is dark, and how much shows teeth, in face units.
    fn open_in(&self, lower: &Lower, column: usize) -> (f32, f32) {
        let fit = &self.fit;
        let s = fit.across(place(column).0);
        if s.abs() > 1.3 {
            return (0.0, 0.0);
        }
        let (mut open, mut teeth) = (0.0, 0.0);
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
            // What is pale at rest is a highlight, or teeth that always show.
            let pale = (self.colours.pale(luma, red) - rest_pale).max(0.0) * lip.min(1.0);
            // The shadow below the lower lip becomes darker when the lip pouts.
            let fades = if y < 0.10 { 1.0 } else { (1.0 - (y - 0.10) / 0.11).max(0.0) };
            open += dark * fades * STEP;
            teeth += if y < 0.16 { pale * STEP } else { 0.0 };
        }
        (open, teeth)
    }

    /// Opening and width in one frame.
    #[must_use]
    pub fn measure(&self, lower: &Lower) -> Shape {
        let fit = &self.fit;
        let (mut open, mut teeth, mut weights, mut width) = (0.0, 0.0, 0.0, 0.0);
        for column in 0..COLUMNS {
            let (dark, pale) = self.open_in(lower, column);
            let s = fit.across(place(column).0);
            if s.abs() < 0.55 {
                open += dark;
                teeth += pale;
                weights += 1.0;
            }
            let height = dark + pale;
            width += (height / (0.02 + height)) * STEP;
        }
        let whole = 2.0 * fit.half_width;
        let mean = 1.0 / (f32::max(weights, 1.0) * whole);
        Shape { opening: open * mean, teeth: teeth * mean, width: width / whole }
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
