//! How large everything is drawn: as was chosen, as far as the window has room for it.

use egui::{Context, Vec2};

use crate::app::theme::size;
use crate::preferences::{SCALE_MAX, SCALE_MIN};

/// From one step of the keyboard to the next, in percent.
const STEP: u16 = 10;

/// The scale that is applied, in percent, where this one is chosen: never so large that a window of `inner` points of the screen has
/// fewer than the least the window serves; and never less than 100 % for that, which is the size of such a window itself.
#[must_use]
pub fn fitting(chosen_percent: u16, inner: Vec2) -> u16 {
    let least = Vec2::from(size::WINDOW_LEAST);
    let most = ((inner / least).min_elem() * 100.0 + 0.01).floor().clamp(100.0, f32::from(SCALE_MAX)) as u16;
    chosen_percent.min(most)
}

/// The inside of the window, in points of the screen: as many as there are of ours at 100 %.
#[must_use]
pub fn inner(ctx: &Context) -> Vec2 {
    ctx.content_rect().size() * ctx.zoom_factor()
}

/// One step larger than what is applied. One that would not be seen is not taken: the window is full of what is chosen already.
#[must_use]
pub const fn larger(chosen_percent: u16, applied_percent: u16) -> u16 {
    if applied_percent < chosen_percent {
        return chosen_percent;
    }
    let next = (applied_percent / STEP + 1) * STEP;
    if next > SCALE_MAX { SCALE_MAX } else { next }
}

/// One step smaller than what is applied.
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
            // A window at its least, and one that a small screen made less still.
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
