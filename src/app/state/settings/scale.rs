//! The user interface scale: the chosen one, limited by the size of the window.

use egui::{Context, Vec2};

use crate::app::theme::size;
use crate::preferences::{SCALE_MAX, SCALE_MIN};

/// The step of the zoom shortcuts, in percent.
const STEP: u16 = 10;

/// The applied scale for a chosen one, in percent: limited so that a window of `inner` screen points still has the minimum size in scaled
/// points; the limit itself is never below 100 %.
#[must_use]
pub fn fitting(chosen_percent: u16, inner: Vec2) -> u16 {
    let least = Vec2::from(size::WINDOW_LEAST);
    let most = ((inner / least).min_elem() * 100.0 + 0.01).floor().clamp(100.0, f32::from(SCALE_MAX)) as u16;
    chosen_percent.min(most)
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
        let of = |chosen, width, height| fitting(chosen, Vec2::new(width, height));
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
    fn steps_begin_at_what_is_seen() {
        assert_eq!((larger(100, 100), larger(125, 125), larger(200, 200)), (110, 130, 200));
        assert_eq!(larger(150, 125), 150, "what cannot be seen does not add up");
        assert_eq!((smaller(110), smaller(125), smaller(80)), (100, 120, 80));
    }
}
