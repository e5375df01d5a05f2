//! Where a face is: place, size and roll, as one similarity transform.

/// A face's place in a picture. Units are the picture's pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pose {
    /// Centre of the face's box.
    pub cx: f32,
    /// Centre of the face's box.
    pub cy: f32,
    /// Side of the face's box.
    pub size: f32,
    /// How far the head leans, in rad; positive turns the face's right-hand side of the picture down.
    pub roll: f32,
}

impl Pose {
    /// The picture's place of a point given in face units: the box centre is (0, 0), the side is 1, v grows
    /// towards the chin.
    #[must_use]
    pub fn at(&self, u: f32, v: f32) -> (f32, f32) {
        let (sin, cos) = self.roll.sin_cos();
        (self.cx + self.size * (u * cos - v * sin), self.cy + self.size * (u * sin + v * cos))
    }

    /// The face units of a place in the picture.
    #[must_use]
    pub fn inverse(&self, x: f32, y: f32) -> (f32, f32) {
        let (sin, cos) = self.roll.sin_cos();
        let (dx, dy) = ((x - self.cx) / self.size, (y - self.cy) / self.size);
        (dx * cos + dy * sin, dy * cos - dx * sin)
    }

    /// The same face in a picture `factor` times as large.
    #[must_use]
    pub fn scaled(&self, factor: f32) -> Self {
        // A pixel's centre is at a half: without that, boxes shift when pictures are scaled down.
        let shift = (factor - 1.0) * 0.5;
        Self { cx: self.cx * factor + shift, cy: self.cy * factor + shift, size: self.size * factor, roll: self.roll }
    }

    /// Moved by a similarity given in face units, `z ↦ (1 + a + ib)·z + (tu + itv)`, undone: the update of
    /// inverse-compositional alignment.
    #[must_use]
    pub fn undo(&self, a: f32, b: f32, tu: f32, tv: f32) -> Self {
        let length = (1.0 + a).hypot(b).max(1e-3);
        let next = Self { size: self.size / length, roll: self.roll - b.atan2(1.0 + a), ..*self };
        let (sin, cos) = next.roll.sin_cos();
        Self {
            cx: self.cx - next.size * (tu * cos - tv * sin),
            cy: self.cy - next.size * (tu * sin + tv * cos),
            ..next
        }
    }

    /// Intersection over union of the two boxes, without their roll.
    #[must_use]
    pub fn iou(&self, other: &Self) -> f32 {
        let span = |ca: f32, sa: f32, cb: f32, sb: f32| {
            ((ca + sa / 2.0).min(cb + sb / 2.0) - (ca - sa / 2.0).max(cb - sb / 2.0)).max(0.0)
        };
        let common = span(self.cx, self.size, other.cx, other.size) * span(self.cy, self.size, other.cy, other.size);
        common / (self.size * self.size + other.size * other.size - common).max(1e-6)
    }
}
