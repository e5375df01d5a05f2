//! The program's mark: an open mouth in the accent colour. It is computed, so that no image file is needed for any size.

use super::tokens::DARK;

/// The window's icon, `side_px` squared.
#[must_use]
pub fn window_icon(side_px: u32) -> egui::IconData {
    let side = side_px as f32;
    let [back, ink] = [DARK.raised, DARK.accent];
    let mut rgba = Vec::with_capacity(side_px as usize * side_px as usize * 4);
    for y in 0..side_px {
        for x in 0..side_px {
            let (u, v) = ((x as f32 + 0.5) / side * 2.0 - 1.0, (y as f32 + 0.5) / side * 2.0 - 1.0);
            let edge = 2.0 / side;
            let cover = |distance: f32| (0.5 - distance / edge).clamp(0.0, 1.0);
            let plate = cover(rounded_box(u, v, 0.94, 0.36));
            let lips = cover(lens(u, v, 0.70, 0.46));
            let gap = cover(lens(u, v, 0.46, 0.22));
            let lit = lips * (1.0 - gap);
            let mix = |a: u8, b: u8| (f32::from(a) * (1.0 - lit) + f32::from(b) * lit).round() as u8;
            rgba.extend([
                mix(back.r(), ink.r()),
                mix(back.g(), ink.g()),
                mix(back.b(), ink.b()),
                (plate * 255.0).round() as u8,
            ]);
        }
    }
    egui::IconData { rgba, width: side_px, height: side_px }
}

/// Distance to a square of half side `half` with corners of `radius`.
fn rounded_box(u: f32, v: f32, half: f32, radius: f32) -> f32 {
    let (qx, qy) = (u.abs() - half + radius, v.abs() - half + radius);
    qx.max(0.0).hypot(qy.max(0.0)) + qx.max(qy).min(0.0) - radius
}

/// Approximate distance to a lens `2·half_width` wide and `2·half_height` high: the intersection of two circles.
fn lens(u: f32, v: f32, half_width: f32, half_height: f32) -> f32 {
    let radius = (half_width * half_width + half_height * half_height) / (2.0 * half_height);
    u.hypot(v.abs() + radius - half_height) - radius
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_has_a_plate_a_mouth_and_clear_corners() {
        let icon = window_icon(64);
        let pixel = |x: usize, y: usize| &icon.rgba[(y * 64 + x) * 4..][..4];
        assert_eq!(pixel(0, 0)[3], 0);
        assert_eq!(pixel(32, 32)[3], 255);
        assert_eq!(pixel(32, 32)[0], DARK.raised.r(), "the mouth is open");
        assert_eq!(pixel(32, 21)[2], DARK.accent.b(), "the lip is in the accent");
    }
}
