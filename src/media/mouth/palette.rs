//! The colours of what a shut mouth hides: the dark inside, the tongue, the teeth.

use super::fit::MouthFit;
use super::look::{COLUMNS, Look, place};
use super::motion::{Move, smooth};

/// The colours of the inside of a mouth, as Y, U, V.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    dark: [f32; 3],
    tongue: [f32; 3],
    teeth: [f32; 3],
    pub(super) skin_luma: f32,
}

impl Palette {
    /// Derived from the face's own skin and lips, so that they match the light of the clip.
    #[must_use]
    pub fn of(look: &Look, fit: &MouthFit) -> Self {
        let mean = |inside: &dyn Fn(f32, f32) -> bool| {
            let (mut sums, mut count) = ([0.0_f32; 3], 1e-6_f32);
            for at in 0..look.y.len() {
                let (u, v) = place(at / COLUMNS, at % COLUMNS);
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
        // Overexposed lips in the clip must not brighten the inside.
        let muted = |[y, u, v]: [f32; 3], most: f32| {
            let strength = (u - 128.0).hypot(v - 128.0).max(1e-3);
            let factor = (most / strength).min(1.0);
            [y, 128.0 + (u - 128.0) * factor, 128.0 + (v - 128.0) * factor]
        };
        Self {
            dark: muted(tint(0.9, lip, 0.10), 11.0),
            tongue: muted(tint(1.2, lip, 0.50), 30.0),
            teeth: [
                (16.0 + (skin[0] - 16.0) * 1.25).clamp(60.0, 210.0),
                128.0 + (skin[1] - 128.0).clamp(-24.0, -6.0) * 0.6,
                128.0 + (skin[2] - 128.0).clamp(-20.0, 22.0) * 0.5,
            ],
            skin_luma: skin[0],
        }
    }

    /// The same in another light.
    pub(super) fn lit(&self, factor: f32) -> Self {
        let scale = |[y, u, v]: [f32; 3]| [16.0 + (y - 16.0) * factor, u, v];
        Self { dark: scale(self.dark), tongue: scale(self.tongue), teeth: scale(self.teeth), skin_luma: self.skin_luma }
    }
}

/// Width of an upper front tooth, in sides of the face's box: a mouth at rest is six to eight of them wide.
const TOOTH: f32 = 0.052;

/// What is visible between the lips.
pub(super) struct Inside<'a> {
    pub(super) change: &'a Move,
    pub(super) palette: Palette,
}

impl Inside<'_> {
    /// The colour of a point between the lips, and the weight of the frame's own pixel there (teeth at rest).
    pub(super) fn colour(&self, s: f32, depth: f32, u: f32, v: f32) -> ([f32; 3], f32) {
        let change = self.change;
        let fit = &change.fit;
        let y = v - fit.corner_line(u);
        let height = change.height(s).max(1e-4);
        let down = depth * height;
        let edge = 1.0 - s.abs();
        let sides = smooth(edge / 0.45);
        // Towards the corners cheeks are near, and the dark of the throat is not seen.
        let corner = blend(self.palette.dark, self.palette.tongue, 0.55);
        // Light falls into a narrow opening's edges: it is no black line.
        let deep = smooth((edge - 0.05) / 0.4) * (0.35 + 0.65 * smooth((height - 0.012) / 0.05));
        let mut colour = blend(corner, self.palette.dark, deep);
        // The tongue is low, behind the lower lip.
        let tongue =
            smooth((depth - 0.52) / 0.45) * smooth((height - 0.03) / 0.05) * smooth((edge - 0.12) / 0.5) * 0.75;
        colour = blend(colour, self.palette.tongue, tongue);
        // The upper teeth do not move with the lip, which uncovers them; less of them in a round mouth.
        let shown = 0.012 + 0.030 * change.teeth;
        let reach = (shown * (1.0 - 0.55 * s * s)).min(0.62 * height) * (1.0 - 0.75 * change.roundness);
        // The shadow of the upper lip.
        let shadow = 1.0 - 0.3 * (1.0 - smooth(down / 0.010));
        colour[0] = 16.0 + (colour[0] - 16.0) * shadow;
        if fit.gap < 0.01 {
            // Single teeth, each rounded at its lower edge: an even band looks like metal.
            let from_middle = ((u - fit.u).abs() / TOOTH).fract() * 2.0 - 1.0;
            let beside = smooth((from_middle.abs() - 0.72) / 0.28);
            let band = 1.0 - smooth((down - reach * (1.0 - 0.15 * beside) + 0.004) / 0.008);
            let shaded = (0.80 + 0.20 * smooth(down / 0.010)) * (0.62 + 0.38 * sides) * (1.0 - 0.20 * beside);
            let strength = band * sides * smooth((height - 0.028) / 0.035) * (0.88 + 0.10 * change.teeth);
            let teeth = [16.0 + (self.palette.teeth[0] - 16.0) * shaded, self.palette.teeth[1], self.palette.teeth[2]];
            colour = blend(colour, teeth, strength);
        }
        // What the frame shows between the lips at rest.
        let own = if fit.gap < 0.01 {
            0.0
        } else {
            let rest_s = fit.across(u);
            let top = fit.sag * (1.0 - rest_s * rest_s).max(0.0);
            // Where the lower lip has left the teeth, less than what it was cut from: lips must not shine among them.
            let left = smooth(change.beyond(s) / 0.03);
            let bow = (1.0 - rest_s * rest_s).max(0.0);
            let bottom = top + fit.gap * bow.powf(0.625 + 0.175 * left);
            let inner = if rest_s.abs() >= 1.0 { 0.0 } else { 1.0 };
            inner
                * (1.0 - left * (1.0 - smooth((1.0 - rest_s.abs()) / 0.25)))
                * smooth((y - top + 0.012) / 0.012)
                * (1.0 - smooth((y - bottom + 0.016 * left) / (0.004 + 0.009 * left)))
        };
        (colour, own)
    }
}

fn blend(a: [f32; 3], b: [f32; 3], part: f32) -> [f32; 3] {
    [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, a[2] + (b[2] - a[2]) * part]
}
