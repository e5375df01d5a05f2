//! A lower face drawn with its lips nearer to each other than they are: lips that would snap shut, or open, from one picture to the next are half open
//! in the one beside the closed ones.
//!
//! How far an open mouth is open is told by a closed one of the same person: by the strip between the lips without which both look alike. That strip
//! is squeezed, lips keep their height, and the skin above and below them gives. The chin stays: where it is to go is told by the frame that is drawn
//! over (`jaw.rs`).

use super::blend::smooth;
use super::closeup::Closeup;
use crate::media::mouth::fit::MouthFit;
use crate::media::mouth::look::Plane;

/// How much of an opening is left in the picture that is beside the closed ones.
const LEFT: f32 = 0.6;
/// How much more an open mouth looks like a closed one without its opening than with it, as a correlation.
const ALIKE: f32 = 0.06;
/// Heights of openings that are tried, and how far above and below the line between the lips at rest they may begin, in face units.
const HEIGHTS: (f32, f32) = (0.03, 0.16);
const TOPS: (f32, f32) = (-0.07, 0.04);
/// From one try to the next.
const TRY: f32 = 0.01;
/// The share of what lips come nearer that the upper one sinks.
const SINKS: [f32; 2] = [0.1, 0.35];
/// How much a higher opening is doubted, as a correlation for each unit.
const DOUBT: f32 = 0.3;
/// Height over which the skin above the upper lip is carried along, in face units.
const OVER: f32 = 0.085;
/// The least height over which the skin below the lower lip is, likewise.
const SKIN: f32 = 0.10;

/// Columns that are compared, as shares of the mouth's half width.
const COLUMNS: [f32; 7] = [-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6];
/// Rows that are compared: from where to where below the line between the lips, and how far from one to the next, in face units.
const ROWS: (f32, f32, f32) = (-0.09, 0.15, 0.01);
/// Rows that are looked at of an open mouth, likewise.
const FINE: (f32, f32, f32) = (-0.20, 0.45, 0.005);

/// The opening of a mouth, against a closed one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Squeeze {
    fit: MouthFit,
    /// Where the opening begins in the middle, below the line between the lips at rest.
    top: f32,
    height: f32,
    sinks: f32,
    /// How much of it stays.
    keep: f32,
}

impl Squeeze {
    /// The opening of a lower face, a part of which is to be drawn beside one that is closed; none where they do not differ by an opening.
    pub(super) fn between(open: &Closeup, closed: &Closeup, fit: &MouthFit) -> Option<Self> {
        let (open, closed) = (Strip::of(open, fit, FINE), Strip::of(closed, fit, ROWS));
        let likeness = |squeeze: &Self| {
            let mut sums = [Sums::default(); 2];
            for (column, s) in COLUMNS.into_iter().enumerate() {
                let line = fit.sag * (1.0 - s * s);
                for row in 0..closed.rows {
                    let y = squeeze.below(fit.chin, s, ROWS.0 + row as f32 * ROWS.2 + line);
                    let at = column * open.rows
                        + (((y - line - FINE.0) / FINE.2).round().max(0.0) as usize).min(open.rows - 1);
                    for (plane, sums) in sums.iter_mut().enumerate() {
                        sums.add(open.values[plane][at], closed.values[plane][column * closed.rows + row]);
                    }
                }
            }
            0.5 * (sums[0].correlation() + sums[1].correlation())
        };
        let whole = Self { fit: *fit, top: 0.0, height: 0.0, sinks: 0.0, keep: 0.0 };
        let steps = |(from, to): (f32, f32)| {
            (0..=((to - from) / TRY).round() as usize).map(move |step| from + step as f32 * TRY)
        };
        let mut best = (likeness(&whole) + ALIKE, None);
        for height in steps(HEIGHTS) {
            for top in steps(TOPS) {
                for sinks in SINKS {
                    let squeeze = Self { top, height, sinks, ..whole };
                    let like = likeness(&squeeze) - DOUBT * height;
                    if like > best.0 {
                        best = (like, Some(squeeze));
                    }
                }
            }
        }
        // One that is still better without more than the highest differs by something else.
        best.1.filter(|squeeze| squeeze.height < HEIGHTS.1 - 0.5 * TRY).map(|squeeze| Self { keep: LEFT, ..squeeze })
    }

    /// How much higher than in its picture the lower lip is drawn in the middle, in face units.
    pub(super) fn rises(&self) -> f32 {
        (1.0 - self.sinks) * (1.0 - self.keep) * self.height
    }

    /// The height in the face of what is drawn at a place of it; the chin's edge is so far below the line between the lips.
    #[inline]
    pub(super) fn source(&self, chin: f32, u: f32, v: f32) -> f32 {
        let s = self.fit.across(u);
        if s.abs() >= 1.0 {
            return v;
        }
        let line = self.fit.corner_line(u);
        line + self.below(chin, s, v - line)
    }

    /// Likewise below the corners of the mouth, so far across it.
    #[inline]
    fn below(&self, chin: f32, s: f32, y: f32) -> f32 {
        let bow = 1.0 - s * s;
        let height = self.height * bow;
        let gone = (1.0 - self.keep) * height;
        let (sinks, rises) = (self.sinks * gone, (1.0 - self.sinks) * gone);
        let top = (self.fit.sag + self.top) * bow + sinks;
        let bottom = top + height - gone;
        if y < top {
            y - sinks * (1.0 - smooth((top - y) / OVER))
        } else if y < bottom {
            top - sinks + (y - top) / self.keep
        } else {
            let away = y - bottom - self.fit.lower_lip;
            let skin = (chin - bottom - self.fit.lower_lip).max(SKIN);
            y + rises * (1.0 - smooth(away / skin))
        }
    }
}

/// Brightness and redness of the lips, column by column.
struct Strip {
    values: [Vec<f32>; 2],
    rows: usize,
}

impl Strip {
    fn of(closeup: &Closeup, fit: &MouthFit, (from, to, step): (f32, f32, f32)) -> Self {
        let planes = [Plane::luma(&closeup.cut), Plane::blue(&closeup.cut), Plane::red(&closeup.cut)];
        let rows = ((to - from) / step) as usize;
        let mut values = [Vec::with_capacity(rows * COLUMNS.len()), Vec::with_capacity(rows * COLUMNS.len())];
        for s in COLUMNS {
            let u = fit.u + s * fit.half_width;
            let line = fit.corner_line(u) + fit.sag * (1.0 - s * s);
            for row in 0..rows {
                let (x, y) = closeup.place.at(u, line + from + row as f32 * step);
                values[0].push(planes[0].sample(x, y));
                let (x, y) = (x * 0.5, y * 0.5 - 0.25);
                values[1].push(planes[2].sample(x, y) - 0.5 * planes[1].sample(x, y));
            }
        }
        Self { values, rows }
    }
}

/// What a correlation is made from.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    count: f32,
    one: f32,
    one_squares: f32,
    two: f32,
    two_squares: f32,
    product: f32,
}

impl Sums {
    fn add(&mut self, one: f32, two: f32) {
        self.count += 1.0;
        self.one += one;
        self.one_squares += one * one;
        self.two += two;
        self.two_squares += two * two;
        self.product += one * two;
    }

    fn correlation(&self) -> f32 {
        let of = |sum: f32| sum / self.count.max(1.0);
        let (one, two) = (of(self.one), of(self.two));
        // A plane without any detail says nothing.
        let deviations = (of(self.one_squares) - one * one).max(2.0) * (of(self.two_squares) - two * two).max(2.0);
        (of(self.product) - one * two) / deviations.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Frame;
    use crate::media::faces::Pose;
    use crate::media::mouth::fit::USUAL;
    use crate::media::mouth::follow::Affine;

    const PLACE: Pose = Pose { cx: 160.0, cy: 120.0, size: 240.0, roll: 0.0 };
    const LIP: f32 = 0.045;

    /// A face whose lips are so far apart in the middle, over the dark of a mouth or over teeth.
    fn face(apart: f32, inside: (u8, u8)) -> Closeup {
        let mut frame = Frame::filled(320, 320, [150, 118, 146]);
        let look = |x: f32, y: f32| {
            let (u, v) = PLACE.inverse(x, y);
            let (s, y) = (USUAL.across(u), v - USUAL.v);
            let bow = (1.0 - s * s).max(0.0);
            let (upper, lower) = (-0.2 * apart * bow, 0.8 * apart * bow);
            match s.abs() < 1.0 {
                true if (upper..lower).contains(&y) => Some(inside),
                true if (upper - LIP * bow..lower + LIP * bow).contains(&y) => Some((112, 164)),
                _ => None,
            }
        };
        let (luma, _, red) = frame.planes_mut();
        for (at, luma) in luma.iter_mut().enumerate() {
            *luma = look((at % 320) as f32, (at / 320) as f32).map_or(150, |look| look.0);
        }
        for (at, red) in red.iter_mut().enumerate() {
            *red = look((at % 160) as f32 * 2.0, (at / 160) as f32 * 2.0 + 0.5).map_or(146, |look| look.1);
        }
        Closeup::cut(&frame, &Affine::of_pose(&PLACE)).unwrap()
    }

    #[test]
    fn an_opening_is_what_an_open_mouth_has_more_than_a_closed_one_and_a_part_of_it_is_drawn() {
        for inside in [(35, 132), (165, 131), (120, 140)] {
            let (open, closed) = (face(0.12, inside), face(0.0, inside));
            let squeeze = Squeeze::between(&open, &closed, &USUAL).expect("they differ by an opening");
            assert!((squeeze.height - 0.12).abs() < 0.05, "{squeeze:?}");
            let shown = (-200..300).filter(|&step| {
                let y = squeeze.source(USUAL.chin, USUAL.u, USUAL.v + step as f32 * 0.001) - USUAL.v;
                (-0.024..0.096).contains(&y)
            });
            let shown = shown.count() as f32 * 0.001;
            assert!((0.05..0.10).contains(&shown), "{shown} of 0.12 is drawn");
        }
    }

    #[test]
    fn nothing_is_shown_twice_and_what_is_around_the_lips_stays() {
        let squeeze = Squeeze { fit: USUAL, top: -0.03, height: 0.16, sinks: 0.1, keep: LEFT };
        let source = |u: f32, y: f32| squeeze.source(USUAL.chin, u, USUAL.v + y) - USUAL.v;
        for u in [USUAL.u, USUAL.u + 0.6 * USUAL.half_width] {
            for step in -200..400 {
                let y = step as f32 * 0.001;
                assert!(source(u, y) < source(u, y + 0.001), "{y} at {u}");
            }
        }
        for (u, y) in [(USUAL.u, USUAL.chin + 0.05), (USUAL.u, -0.16), (USUAL.u + USUAL.half_width, 0.0)] {
            assert!((source(u, y) - y).abs() < 0.002, "{y} stays");
        }
    }

    #[test]
    fn mouths_that_are_alike_and_a_face_without_one_have_no_opening() {
        let closed = face(0.0, (35, 132));
        assert!(Squeeze::between(&closed, &closed, &USUAL).is_none());
        let flat = Closeup::cut(&Frame::filled(320, 320, [150, 118, 146]), &Affine::of_pose(&PLACE)).unwrap();
        assert!(Squeeze::between(&flat, &closed, &USUAL).is_none());
    }
}
