//! An affine map: shifts, turns, sizes and foreshortening in six numbers.

use crate::media::faces::Pose;

/// A map between two planes: `x = m0·u + m1·v + m2`, `y = m3·u + m4·v + m5`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine(pub [f32; 6]);

impl Affine {
    /// The map that changes nothing.
    pub const IDENTITY: Self = Self([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);

    /// The map from face units to the pixels of the picture.
    #[must_use]
    pub fn of_pose(pose: &Pose) -> Self {
        let (sin, cos) = pose.roll.sin_cos();
        let (c, s) = (pose.size * cos, pose.size * sin);
        Self([c, -s, pose.cx, s, c, pose.cy])
    }

    /// Where a point is mapped to.
    #[must_use]
    #[inline]
    pub fn at(&self, u: f32, v: f32) -> (f32, f32) {
        let m = &self.0;
        (m[0] * u + m[1] * v + m[2], m[3] * u + m[4] * v + m[5])
    }

    /// `inner` first, then this one.
    #[must_use]
    pub fn after(&self, inner: &Self) -> Self {
        let (m, n) = (&self.0, &inner.0);
        Self([
            m[0] * n[0] + m[1] * n[3],
            m[0] * n[1] + m[1] * n[4],
            m[0] * n[2] + m[1] * n[5] + m[2],
            m[3] * n[0] + m[4] * n[3],
            m[3] * n[1] + m[4] * n[4],
            m[3] * n[2] + m[4] * n[5] + m[5],
        ])
    }

    /// The map back. One that flattens everything to a line has none; it then returns the identity.
    #[must_use]
    pub fn inverted(&self) -> Self {
        let m = &self.0;
        let det = m[0] * m[4] - m[1] * m[3];
        if det.abs() < 1e-9 {
            return Self::IDENTITY;
        }
        let (a, b, c, d) = (m[4] / det, -m[1] / det, -m[3] / det, m[0] / det);
        Self([a, b, -(a * m[2] + b * m[5]), c, d, -(c * m[2] + d * m[5])])
    }

    /// The mean length to which one unit is mapped: the size of a face in pixels.
    #[must_use]
    pub fn scale(&self) -> f32 {
        let m = &self.0;
        (m[0] * m[4] - m[1] * m[3]).abs().sqrt()
    }

    /// How differently two heads are turned, whatever their place, size and roll: the difference of their foreshortening, 0 where there
    /// is none.
    #[must_use]
    pub fn turn_apart(&self, other: &Self) -> f32 {
        let shape = |map: &Self| {
            let (m, size) = (&map.0, map.scale().max(1e-6).powi(2));
            [(m[0] * m[0] + m[3] * m[3]) / size, (m[0] * m[1] + m[3] * m[4]) / size, (m[1] * m[1] + m[4] * m[4]) / size]
        };
        let (a, b) = (shape(self), shape(other));
        0.5 * ((a[0] - b[0]).powi(2) + 2.0 * (a[1] - b[1]).powi(2) + (a[2] - b[2]).powi(2)).sqrt()
    }

    /// The same map into a picture of which the first `left` columns and `top` rows are cut away and the rest is `factor` times as large.
    #[must_use]
    pub fn within(&self, (left, top): (f32, f32), factor: f32) -> Self {
        let m = &self.0;
        let place = |value: f32, cut: f32| (value - cut + 0.5) * factor - 0.5;
        Self([m[0] * factor, m[1] * factor, place(m[2], left), m[3] * factor, m[4] * factor, place(m[5], top)])
    }

    /// The mean of several, each with a weight; the identity without any.
    #[must_use]
    pub fn mean(maps: &[(Self, f32)]) -> Self {
        let total: f32 = maps.iter().map(|(_, weight)| weight).sum();
        if total <= 0.0 {
            return Self::IDENTITY;
        }
        Self(std::array::from_fn(|at| maps.iter().map(|(map, weight)| map.0[at] * weight).sum::<f32>() / total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn there_and_back_is_where_one_was(
            m in proptest::array::uniform6(-2.0_f32..2.0), u in -1.0_f32..1.0, v in -1.0_f32..1.0,
        ) {
            let map = Affine([m[0] + 4.0, m[1], m[2], m[3], m[4] + 4.0, m[5]]);
            let (x, y) = map.at(u, v);
            let (back_u, back_v) = map.inverted().at(x, y);
            prop_assert!((back_u - u).abs() < 1e-3 && (back_v - v).abs() < 1e-3);
            let (twice_x, twice_y) = map.at(x, y);
            let (at_once_x, at_once_y) = map.after(&map).at(u, v);
            prop_assert!((twice_x - at_once_x).abs() < 1e-2 && (twice_y - at_once_y).abs() < 1e-2);
        }
    }

    #[test]
    fn a_pose_and_its_map_agree() {
        let pose = Pose { cx: 300.0, cy: 200.0, size: 150.0, roll: 0.3 };
        let map = Affine::of_pose(&pose);
        let ((ax, ay), (bx, by)) = (pose.at(0.2, -0.4), map.at(0.2, -0.4));
        assert!((ax - bx).abs() < 1e-3 && (ay - by).abs() < 1e-3);
        assert!((map.scale() - 150.0).abs() < 1e-3);
        assert!(map.turn_apart(&Affine::of_pose(&Pose { size: 90.0, roll: -0.2, ..pose })) < 1e-4);
    }
}
