//! Pictures of a clip made from the two portraits: moved, turned and scaled in code.

use std::path::Path;

use image::RgbImage;
use viseme::media::Frame;

pub const WIDTH: u32 = 640;
pub const HEIGHT: u32 = 360;

pub fn load(name: &str) -> RgbImage {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media").join(name);
    image::open(path).unwrap().into_rgb8()
}

/// Where a portrait is put: this point of it at the middle of the picture, so many times as large, turned clockwise.
#[derive(Clone, Copy)]
pub struct View {
    pub centre: (f32, f32),
    pub scale: f32,
    pub turned_deg: f32,
    pub moved_px: (f32, f32),
}

/// The face of Collins, some 130 px large.
pub const COLLINS: View = View { centre: (225.0, 125.0), scale: 1.2, turned_deg: 0.0, moved_px: (0.0, 0.0) };
/// The face of Hopper, some 130 px large.
pub const HOPPER: View = View { centre: (278.0, 245.0), scale: 0.8, turned_deg: 0.0, moved_px: (0.0, 0.0) };

/// A picture of a clip.
pub fn frame(photo: &RgbImage, view: View, pts_us: i64) -> Frame {
    let (sin, cos) = (-view.turned_deg.to_radians()).sin_cos();
    let rgb = |x: f32, y: f32| -> [f32; 3] {
        let (dx, dy) = (x - WIDTH as f32 / 2.0 - view.moved_px.0, y - HEIGHT as f32 / 2.0 - view.moved_px.1);
        let px = view.centre.0 + (dx * cos - dy * sin) / view.scale;
        let py = view.centre.1 + (dx * sin + dy * cos) / view.scale;
        let px = px.clamp(0.0, photo.width() as f32 - 1.001);
        let py = py.clamp(0.0, photo.height() as f32 - 1.001);
        let (fx, fy) = (px.fract(), py.fract());
        let at = |x: u32, y: u32| photo.get_pixel(x.min(photo.width() - 1), y.min(photo.height() - 1)).0;
        let (x0, y0) = (px as u32, py as u32);
        let (a, b, c, d) = (at(x0, y0), at(x0 + 1, y0), at(x0, y0 + 1), at(x0 + 1, y0 + 1));
        std::array::from_fn(|channel| {
            let value = |pixel: [u8; 3]| f32::from(pixel[channel]);
            let upper = value(a) + (value(b) - value(a)) * fx;
            let lower = value(c) + (value(d) - value(c)) * fx;
            upper + (lower - upper) * fy
        })
    };
    let (mut y_plane, mut u_plane, mut v_plane) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..HEIGHT {
        for column in 0..WIDTH {
            let [r, g, b] = rgb(column as f32, row as f32);
            y_plane.push((16.0 + 0.257 * r + 0.504 * g + 0.098 * b) as u8);
            if row % 2 == 0 && column % 2 == 0 {
                let [r, g, b] = rgb(column as f32, row as f32 + 0.5);
                u_plane.push((128.0 - 0.148 * r - 0.291 * g + 0.439 * b) as u8);
                v_plane.push((128.0 + 0.439 * r - 0.368 * g - 0.071 * b) as u8);
            }
        }
    }
    let color = viseme::media::Color::untagged(HEIGHT);
    Frame::new((WIDTH, HEIGHT), pts_us, color, (y_plane, u_plane, v_plane)).unwrap()
}
