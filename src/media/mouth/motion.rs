//! The motion from a mouth at rest to a viseme: for every pixel of the result, its source.
//!
//! Two layers: the upper one (skin under the nose and upper lip) hardly moves, the lower one (lower lip, chin) moves with
//! the jaw. Where they separate, teeth and the dark inside are visible; where they overlap, the mouth closes, also over teeth
//! that are visible at rest. All displacements fade to exactly zero within the face.

use super::fit::{MouthFit, gap_bow};
use super::viseme::Viseme;

/// How far apart the lips are in the loudest "ah", per half width of the mouth.
const GAP_FULL: f32 = 0.56;
/// Below this opening lips touch.
const SHUT: f32 = 0.06;
/// Share of the mouth's width over which lips part in a small opening; in a wide one they do all along.
const PARTED: f32 = 0.58;
/// Share of an opening that the upper lip makes by rising.
const UPPER_SHARE: f32 = 0.22;
/// Share of a closing (of lips that are apart at rest) that the upper lip makes by sinking.
const UPPER_CLOSING_SHARE: f32 = 0.40;
/// How much wider than at rest the most spread mouth is.
const SPREAD_GAIN: f32 = 0.13;
/// How much narrower than at rest the roundest mouth is.
const NARROW_LOSS: f32 = 0.34;
/// How much narrower than at rest the widest open mouth is: its corners are drawn inwards.
const OPEN_LOSS: f32 = 0.18;
/// The chin's share of the lower lip's displacement.
const CHIN_SHARE: f32 = 0.55;
/// Below this height an opening is no more than the shadow of a lip, in face units.
const THIN: f32 = 0.045;
/// Over so many pixels of its height, from half a one on, an opening comes to be wholly seen.
const FINE: f32 = 2.5;
/// Height over which the shift fades below the chin, in face units.
const BELOW_CHIN: f32 = 0.15;

/// A viseme applied to a particular mouth: every distance in face units.
pub(super) struct Move {
    pub(super) fit: MouthFit,
    pub(super) half_width: f32,
    /// Of the upper lip's edge, negative is up.
    upper_shift: f32,
    pub(super) gap: f32,
    pub(super) roundness: f32,
    /// Where lips part, from the middle, as a share of the way to the corners.
    parted: f32,
    chin_shift: f32,
    /// How strongly the line of touching lips is drawn: lips that are apart at rest have none of their own.
    seam: f32,
    pub(super) teeth: f32,
    /// Lips are cut this far inside their red, so that what is bright between them at rest does not move along.
    inset: f32,
}

/// The source of a pixel.
pub(super) enum Origin {
    /// Unchanged: nothing moves here.
    Same,
    /// Another point, in face units, darkened by a factor.
    Place(f32, f32, f32),
    /// Where lips that are apart at rest touch: a blend of both.
    Seam {
        /// Horizontal position, the same in both lips.
        u: f32,
        /// Vertical position in the upper lip.
        upper_v: f32,
        /// Vertical position in the lower lip.
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
        /// Horizontal position of the source at rest.
        u: f32,
        /// Half of it may be a lip: origin and share of the lip.
        lip: Option<(f32, f32, f32)>,
    },
}

impl Move {
    pub(super) fn new(fit: &MouthFit, viseme: &Viseme) -> Self {
        let weight = viseme.weight.clamp(0.0, 1.0);
        // Lips that are hardly apart are shut: a thin dark line that comes and goes is seen as flicker.
        let open = ((viseme.open - SHUT) / (1.0 - SHUT)).clamp(0.0, 1.2);
        let narrow = (-viseme.spread).clamp(0.0, 1.0);
        let spread = viseme.spread.clamp(0.0, 1.0);
        let gap = fit.gap + (GAP_FULL * fit.half_width * open * (1.0 - 0.25 * narrow) - fit.gap) * weight;
        // A smile is as wide as a mouth becomes.
        let gain = if fit.teeth { 0.0 } else { SPREAD_GAIN };
        let width = 1.0 + weight * (gain * spread - NARROW_LOSS * narrow - OPEN_LOSS * open.min(1.0));
        let opening = gap - fit.gap;
        let share = match opening > 0.0 {
            // Teeth that are visible at rest mean that the lip is raised fully already.
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
            // Teeth that show at rest do so all along.
            parted: if fit.gap > 0.0 { 1.0 } else { PARTED + (1.0 - PARTED) * smooth(gap / (0.4 * fit.half_width)) },
            chin_shift: lower_shift * CHIN_SHARE,
            seam: if fit.gap > 0.0 { (1.0 - gap / fit.gap.max(0.01)).clamp(0.0, 1.0) } else { 0.0 },
            teeth: viseme.teeth.clamp(0.0, 1.0),
            inset,
        }
    }

    /// The part of the picture that may change, in face units: left, top, right, bottom.
    pub(super) fn reach(&self) -> [f32; 4] {
        let aside = self.fit.half_width * 1.95 + 0.01;
        [self.fit.u - aside, self.fit.v - 0.15, self.fit.u + aside, self.fit.v + self.fit.chin + BELOW_CHIN]
    }

    pub(super) fn origin(&self, u: f32, v: f32, pixel: f32) -> Origin {
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
        let height = self.height(s);
        let upper_rest = fit.sag * bow;
        let upper = upper_rest + self.upper_shift * bow;
        let lower = upper + height;
        let lower_rest = upper_rest + fit.gap * gap_bow(s);
        // Horizontal displacement: the corners move in or out, and the skin beside them progressively less.
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
            // Pursed lips are thicker.
            let purse = 0.18 * self.roundness * fit.lower_lip * bow * smooth(down / fit.lower_lip) * (1.0 - mixing);
            line + y - (shift * (1.0 - mixing) + jaw * mixing) * fade - purse + self.inset * bow.sqrt() * (1.0 - mixing)
        };
        let soft = pixel * 0.75;
        let seam = |distance: f32| {
            let width = 0.006_f32.max(pixel * 0.8);
            1.0 - 0.5 * self.seam * bow.sqrt() * (-(distance / width).powi(2)).exp()
        };
        if height < pixel * 0.5 || s.abs() >= 1.0 {
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
        // A thin opening is the shadow of a lip: towards its ends lips part without the dark between them. What shows at rest stays.
        let (dark, above) = if fit.gap > 0.0 {
            let beyond = self.beyond(s);
            (beyond, smooth((y - lower + beyond + 0.008) / 0.008))
        } else {
            (height, 1.0)
        };
        let thin = (1.0 - smooth(dark / THIN)) * smooth((s.abs() - 0.3) / 0.5) * above;
        let lip = lip.or_else(|| {
            let near = if depth < 0.5 { from_upper() } else { from_lower() };
            (thin > 0.0).then_some((source_u, near, 0.8 * thin))
        });
        // Of an opening that is no higher than a pixel or two, as of any line, a pixel has a part: whole ones would be dots.
        let covered = smooth((height / pixel - 0.5) / FINE);
        let lip = if covered < 1.0 {
            let near = if depth < 0.5 { from_upper() } else { from_lower() };
            let (lip_u, lip_v, share) = lip.unwrap_or((source_u, near, 0.0));
            Some((lip_u, lip_v, 1.0 - covered * (1.0 - share.clamp(0.0, 1.0))))
        } else {
            lip
        };
        // A spread mouth stretches what shows between the lips; a round one only covers it.
        Origin::Inside { s, depth, u: source_u + (u - source_u) * self.roundness, lip }
    }

    /// How far the lips are apart across the mouth, in face units.
    pub(super) fn height(&self, s: f32) -> f32 {
        let rest = self.fit.gap;
        if rest <= 0.0 {
            return self.gap * self.opening_bow(s);
        }
        self.gap.min(rest) * self.opening_bow(s) + self.beyond(s)
    }

    /// How much further lips part that are apart at rest: the jaw drops in the middle, and at the sides the lower lip stays at the teeth.
    pub(super) fn beyond(&self, s: f32) -> f32 {
        let bow = (1.0 - s * s).max(0.0);
        (self.gap - self.fit.gap).max(0.0) * bow * bow.sqrt().sqrt()
    }

    /// The shape of the opening across the mouth: rounder where lips purse.
    fn opening_bow(&self, s: f32) -> f32 {
        let s = s / self.parted;
        let usual = gap_bow(s);
        let round = (1.0 - s * s).max(0.0).sqrt();
        // So are the corners of a wide open mouth.
        let wide = if self.fit.gap > 0.0 { 0.0 } else { 0.8 * smooth(self.gap / (0.5 * self.fit.half_width)) };
        usual + (round - usual) * self.roundness.max(wide)
    }
}

/// A smooth step from 0 to 1.
pub(super) fn smooth(value: f32) -> f32 {
    let t = value.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::super::fit::USUAL;
    use super::*;

    #[test]
    fn an_opening_no_higher_than_a_pixel_is_mostly_lip() {
        let fit = MouthFit { gap: 0.05, teeth: true, ..USUAL };
        let pixel = 1.0 / 140.0;
        let change = Move::new(&fit, &Viseme { open: 0.115, spread: 0.0, teeth: 0.5, weight: 1.0 });
        assert!((0.5 * pixel..1.2 * pixel).contains(&change.gap), "{}", change.gap);
        let mut seen = 0;
        for step in 0..200 {
            let v = fit.v - 0.02 + step as f32 * 0.0005;
            if let Origin::Inside { lip, .. } = change.origin(fit.u, v, pixel) {
                assert!(lip.is_some_and(|(_, _, share)| share > 0.5), "a row of bright or dark points at {v}");
                seen += 1;
            }
        }
        assert!(seen > 0, "nothing is shown here");
    }
}
