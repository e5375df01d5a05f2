//! The user interface scale: the chosen one, limited by the size of the window.

use egui::{Context, Vec2};

use crate::app::theme::size;
use crate::preferences::{SCALE_MAX, SCALE_MIN};

/// The step of the zoom shortcuts, in percent.
const STEP: u16 = 10;

/// Below this no limit goes, in percent, however fine the screen is.
const LEAST_LIMIT: u16 = 50;

/// The applied scale for a chosen one, in percent: limited so that a window of `inner` screen points still has the minimum size in scaled
/// points. The limit itself is never so low that a point of ours is less than a pixel of the screen, of which `native` are a screen point.
#[must_use]
pub fn fitting(chosen_percent: u16, inner: Vec2, native: f32) -> u16 {
    let room = Vec2::from(size::WINDOW_LEAST);
    let limits = f32::from(least_limit(native))..=f32::from(SCALE_MAX);
    let most = ((inner / room).min_elem() * 100.0 + 0.01).floor().clamp(*limits.start(), *limits.end()) as u16;
    chosen_percent.min(most)
}

/// The lowest limit, in percent, on a screen with so many pixels a point: 100 % where they are the same.
#[must_use]
pub fn least_limit(native: f32) -> u16 {
    let percent = (100.0 / native.max(1.0)).ceil() as u16;
    percent.max(LEAST_LIMIT)
}

/// Pixels of the screen a point of the screen: more than one on a fine screen.
#[must_use]
pub fn native(ctx: &Context) -> f32 {
    ctx.native_pixels_per_point().unwrap_or(1.0)
}

/// The size of the window's contents in screen points, which are our points at 100 %.
#[must_use]
pub fn inner(ctx: &Context) -> Vec2 {
    ctx.content_rect().size() * ctx.zoom_factor()
}

/// One step above the applied scale; the chosen one where the window already limits that.
#[must_use]
pub const fn larger(chosen_percent: u16, applied_percent: u16) -> u16 {
    if applied_percent < chosen_percent {
        return chosen_percent;
    }
    let next = (applied_percent / STEP + 1) * STEP;
    if next > SCALE_MAX { SCALE_MAX } else { next }
}

/// One step below the applied scale.
#[must_use]
pub const fn smaller(applied_percent: u16) -> u16 {
    let next = (applied_percent.div_ceil(STEP) - 1) * STEP;
    if next < SCALE_MIN { SCALE_MIN } else { next }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_scale_leaves_the_window_less_than_it_serves() {
        let of = |chosen, width, height| fitting(chosen, Vec2::new(width, height), 1.0);
        for (chosen, width, height, applied) in [
            (200, 1280.0, 800.0, 125),
            (125, 1280.0, 800.0, 125),
            (200, 1920.0, 1080.0, 168),
            (200, 1920.0, 1280.0, 200),
            (150, 1920.0, 1080.0, 150),
            // A window of the minimum size, and a smaller one on a small screen.
            (200, 960.0, 640.0, 100),
            (110, 640.0, 400.0, 100),
            (80, 640.0, 400.0, 80),
        ] {
            assert_eq!(of(chosen, width, height), applied, "{chosen} % of {width}×{height}");
        }
    }

    #[test]
    fn a_small_fine_screen_is_served_whole_and_no_text_is_smaller_than_on_a_coarse_one() {
        let small = Vec2::new(640.0, 400.0);
        for (native, applied) in [(1.0, 100), (1.25, 80), (2.0, 62), (3.0, 62)] {
            assert_eq!(fitting(100, small, native), applied, "{native} pixels a point");
        }
        assert_eq!(fitting(100, small / 2.0, 3.0), 50);
    }

    #[test]
    fn steps_begin_at_what_is_seen() {
        assert_eq!((larger(100, 100), larger(125, 125), larger(200, 200)), (110, 130, 200));
        assert_eq!(larger(150, 125), 150, "what cannot be seen does not add up");
        assert_eq!((smaller(110), smaller(125), smaller(80)), (100, 120, 80));
    }
}
