//! Which part of the picture is shown, and how large; and whether it has the whole window.

use egui::{Pos2, Rect, Vec2, vec2};

/// The picture is enlarged at most this far beyond where it fits.
pub const MOST: f32 = 24.0;
/// The side of the face's box, in heights of the room, where the picture is brought to the face.
const FACE_PART: f32 = 0.5;

/// How large the picture is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum PictureZoom {
    /// The whole picture, as large as it fits.
    #[default]
    Fit,
    /// A pixel of the picture is a pixel of the screen.
    Actual,
    /// The face that is chosen fills the room, and stays in its middle.
    Face,
    /// This many times as large as it fits, with this point of the picture in the middle; both sides of the picture are 1.
    Free(f32, Vec2),
}

/// A command for the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PictureCommand {
    /// Show it so.
    Zoom(PictureZoom),
    /// Give it the whole window, or no longer.
    Full(bool),
}

/// How the picture is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PictureView {
    /// How large.
    pub zoom: PictureZoom,
    /// Whether it has the whole window.
    pub is_full: bool,
}

/// What is known where the picture is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Canvas {
    /// Where there is room for it.
    pub room: Rect,
    /// Where the whole picture fits.
    pub fitted: Rect,
    /// Width of the picture in pixels.
    pub width_px: f32,
    /// Pixels of the screen in a point.
    pub pixels_per_point: f32,
    /// The middle of the chosen face and the side of its box, in widths and heights of the picture; `None`: none is in view.
    pub face: Option<(Vec2, Vec2)>,
}

impl Canvas {
    /// Where the picture is, which may be larger than the room.
    #[must_use]
    pub fn place(&self, zoom: PictureZoom) -> Rect {
        let (scale, middle) = match (zoom, self.face) {
            (PictureZoom::Fit, _) | (PictureZoom::Face, None) => return self.fitted,
            (PictureZoom::Actual, face) => {
                let middle = face.map_or(Vec2::splat(0.5), |(middle, _)| middle);
                (self.width_px / self.pixels_per_point / self.fitted.width().max(1.0), middle)
            }
            (PictureZoom::Face, Some((middle, side))) => {
                let side_px = (side.y * self.fitted.height()).max(1.0);
                (FACE_PART * self.room.height() / side_px, middle)
            }
            (PictureZoom::Free(scale, middle), _) => (scale, middle),
        };
        let least = if matches!(zoom, PictureZoom::Actual) { 0.05 } else { 1.0 };
        let size = self.fitted.size() * scale.clamp(least, MOST);
        let centre = self.room.center() - (middle - Vec2::splat(0.5)) * size;
        Rect::from_center_size(self.kept(centre, size), size)
    }

    /// The middle of a picture of this size, moved so that no edge of it is within the room where it could cover that.
    fn kept(&self, centre: Pos2, size: Vec2) -> Pos2 {
        let axis = |centre: f32, size: f32, low: f32, high: f32| {
            if size <= high - low {
                return f32::midpoint(low, high);
            }
            centre.clamp(high - size / 2.0, low + size / 2.0)
        };
        Pos2::new(
            axis(centre.x, size.x, self.room.left(), self.room.right()),
            axis(centre.y, size.y, self.room.top(), self.room.bottom()),
        )
    }

    /// The zoom after the picture, which is at `at`, is made `by` times as large around a point, and moved by so much.
    #[must_use]
    pub fn changed(&self, at: Rect, by: f32, around: Pos2, moved: Vec2) -> PictureZoom {
        let fitted = self.fitted.width().max(1.0);
        let scale = (at.width() / fitted * by).clamp(1.0, MOST);
        if scale <= 1.001 {
            return PictureZoom::Fit;
        }
        let by = scale * fitted / at.width().max(1.0);
        let size = at.size() * by;
        let centre = self.kept(around + (at.center() - around) * by + moved, size);
        let middle = Vec2::splat(0.5) + (self.room.center() - centre) / vec2(size.x.max(1.0), size.y.max(1.0));
        PictureZoom::Free(scale, middle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canvas(room: Vec2, face: Option<(Vec2, Vec2)>) -> Canvas {
        let room = Rect::from_min_size(Pos2::new(10.0, 20.0), room);
        let scale = (room.width() / 1280.0).min(room.height() / 720.0);
        let fitted = Rect::from_center_size(room.center(), vec2(1280.0, 720.0) * scale);
        Canvas { room, fitted, width_px: 1280.0, pixels_per_point: 1.0, face }
    }

    #[test]
    fn the_face_is_in_the_middle_and_half_as_high_as_the_room() {
        let face = Some((vec2(0.6, 0.5), vec2(0.05, 0.1)));
        let canvas = canvas(vec2(800.0, 450.0), face);
        let at = canvas.place(PictureZoom::Face);
        let middle = at.min + vec2(0.6, 0.5) * at.size();
        assert!((middle - canvas.room.center()).length() < 0.5, "{middle:?}");
        assert!((at.height() * 0.1 - 225.0).abs() < 0.5);
        assert_eq!(Canvas { face: None, ..canvas }.place(PictureZoom::Face), canvas.fitted);
        assert!((canvas.place(PictureZoom::Actual).width() - 1280.0).abs() < 0.01);
    }

    proptest! {
        #[test]
        fn the_point_under_the_pointer_stays_there_and_the_room_stays_covered(
            x in 0.1_f32..0.9, y in 0.1_f32..0.9, by in 1.2_f32..6.0, dx in -500.0_f32..500.0
        ) {
            let canvas = canvas(vec2(800.0, 450.0), None);
            let around = canvas.fitted.min + vec2(x, y) * canvas.fitted.size();
            let zoomed = canvas.place(canvas.changed(canvas.fitted, by, around, Vec2::ZERO));
            let now = zoomed.min + vec2(x, y) * zoomed.size();
            prop_assert!((now - around).length() < 1.0, "{now:?} {around:?}");
            let moved = canvas.place(canvas.changed(zoomed, 1.0, around, vec2(dx, dx)));
            prop_assert!(moved.expand(0.5).contains_rect(canvas.room), "{moved:?}");
            prop_assert_eq!(canvas.changed(moved, 0.001, around, Vec2::ZERO), PictureZoom::Fit);
        }
    }
}
