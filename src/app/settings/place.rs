//! Where the window was, and whether it can be seen there.

use std::path::Path;

use egui::{Rect, Vec2};

use super::file;
use super::values::WindowPlace;

/// Where the window was when it was closed last, as the file tells; the file itself is left as it is.
#[must_use]
pub fn first_place(path: &Path) -> Option<WindowPlace> {
    file::peek(path)?.window
}

/// Whether so much of a window is on one of these screens that it can be taken hold of: a part of its upper edge.
///
/// All in one unit.
#[must_use]
pub fn on_a_screen(window: Rect, screens: &[Rect]) -> bool {
    const GRIP: Vec2 = Vec2::new(80.0, 24.0);
    let top = Rect::from_min_size(window.min, Vec2::new(window.width(), GRIP.y));
    screens.iter().any(|screen| {
        let seen = screen.intersect(top);
        seen.width() >= GRIP.x.min(window.width()) && seen.height() >= GRIP.y - 1.0 && screen.contains(seen.min)
    })
}

#[cfg(test)]
mod tests {
    use egui::Pos2;

    use super::*;

    fn rect(x: f32, y: f32, w: f32, h: f32) -> Rect {
        Rect::from_min_size(Pos2::new(x, y), Vec2::new(w, h))
    }

    #[test]
    fn a_window_is_seen_where_its_upper_edge_is() {
        let screens = [rect(0.0, 0.0, 1920.0, 1080.0), rect(1920.0, 0.0, 1280.0, 1024.0)];
        assert!(on_a_screen(rect(100.0, 100.0, 1280.0, 800.0), &screens));
        assert!(on_a_screen(rect(1800.0, 0.0, 1280.0, 800.0), &screens), "across two screens");
        assert!(!on_a_screen(rect(4000.0, 100.0, 1280.0, 800.0), &screens), "the screen was unplugged");
        assert!(!on_a_screen(rect(100.0, -300.0, 1280.0, 800.0), &screens), "its upper edge is above the screen");
        assert!(!on_a_screen(rect(-1250.0, 100.0, 1280.0, 800.0), &screens), "only a sliver is seen");
    }
}
