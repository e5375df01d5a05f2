//! Where the window was, and whether it can be seen there.

use std::path::Path;

use super::file;
use super::values::WindowPlace;

/// Where the window was when it was closed last; the file itself is left as it is.
#[must_use]
pub fn first_place(path: &Path) -> Option<WindowPlace> {
    file::peek(path).ok()??.window
}

/// A rectangle of the desktop: of a screen, or of a window. All of them in one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScreenRect {
    /// Upper left corner.
    pub position: [f32; 2],
    /// Width and height.
    pub size: [f32; 2],
}

/// How much of a window's upper edge must be on a screen for it to be dragged from there: width and height.
const HANDLE: [f32; 2] = [80.0, 24.0];

/// Whether enough of a window's upper edge is on one of these screens for it to be dragged from there.
#[must_use]
pub fn on_a_screen(window: ScreenRect, screens: &[ScreenRect]) -> bool {
    let top = ScreenRect { size: [window.size[0], HANDLE[1]], ..window };
    screens.iter().any(|screen| {
        // How far both overlap: across (0) or down (1).
        let overlap = |axis: usize| {
            let end = |rect: &ScreenRect| rect.position[axis] + rect.size[axis];
            end(screen).min(end(&top)) - screen.position[axis].max(top.position[axis])
        };
        overlap(0) >= HANDLE[0].min(window.size[0]) && overlap(1) >= HANDLE[1] - 1.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(x: f32, y: f32, w: f32, h: f32) -> ScreenRect {
        ScreenRect { position: [x, y], size: [w, h] }
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
