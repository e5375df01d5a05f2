//! Previews of faces as textures: those in view, and the most recently viewed others within a budget. None exceeds the maximum size of
//! a texture.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use egui::{ColorImage, Context, TextureHandle, TextureOptions};

use crate::workflow::{Flow, Preview, PreviewImage};

/// Maximum size of all textures of previews, in bytes.
pub const BUDGET_BYTES: usize = 12 * 1024 * 1024;
/// Maximum size of the textures uploaded in one frame, in bytes.
const UPLOADS_A_FRAME: usize = 4;

struct Picture {
    rgba: Arc<[u8]>,
    /// `None`: the pixels do not form an image.
    texture: Option<TextureHandle>,
    bytes: usize,
    /// The value of the view counter when it was last in view.
    seen: u64,
}

/// The textures of the current faces.
#[derive(Default)]
pub struct Textures {
    previews: HashMap<String, Picture>,
    bytes: usize,
    /// The indices of the faces whose tiles are in view.
    in_view: Range<usize>,
    /// Counts the updates of what is in view.
    turn: u64,
}

impl Textures {
    /// The texture of a face.
    #[must_use]
    pub fn preview(&self, face_id: &str) -> Option<&TextureHandle> {
        self.previews.get(face_id)?.texture.as_ref()
    }

    /// The indices of the faces whose tiles were last reported in view.
    #[must_use]
    pub const fn in_view(&self) -> &Range<usize> {
        &self.in_view
    }

    /// Sets which tiles are in view: only their textures are made.
    pub fn show(&mut self, places: Range<usize>) {
        self.in_view = places;
        self.turn += 1;
    }

    /// Size of all textures, in bytes.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Number of the textures.
    #[must_use]
    pub fn count(&self) -> usize {
        self.previews.len()
    }

    /// Updates the textures to the current faces; those of removed faces are dropped. Uploads a few at a time: the others follow in the
    /// next frames.
    pub fn refresh(&mut self, ctx: &Context, flow: &Flow) {
        let Some(faces) = flow.faces() else {
            self.previews.clear();
            self.bytes = 0;
            return;
        };
        self.previews.retain(|face_id, _| faces.session.face(face_id).is_some());
        let mut uploads = 0;
        let places = faces.session.faces.iter().zip(&faces.previews);
        for (face, preview) in places.skip(self.in_view.start).take(self.in_view.len()) {
            let Preview::Ready(image) = preview else { continue };
            if let Some(known) = self.previews.get_mut(&face.face_id)
                && Arc::ptr_eq(&known.rgba, &image.rgba)
            {
                known.seen = self.turn;
                continue;
            }
            if uploads == UPLOADS_A_FRAME {
                ctx.request_repaint();
                break;
            }
            uploads += 1;
            let texture = texture_of(ctx, &face.face_id, image);
            let bytes = texture.as_ref().map_or(0, TextureHandle::byte_size);
            let picture = Picture { rgba: Arc::clone(&image.rgba), texture, bytes, seen: self.turn };
            self.previews.insert(face.face_id.clone(), picture);
        }
        self.keep_to_budget();
    }

    /// Drops the least recently viewed textures, but none that is in view now.
    fn keep_to_budget(&mut self) {
        self.bytes = self.previews.values().map(|picture| picture.bytes).sum();
        while self.bytes > BUDGET_BYTES {
            let out_of_view = self.previews.iter().filter(|(_, picture)| picture.seen != self.turn);
            let oldest = out_of_view.min_by_key(|(_, picture)| picture.seen).map(|(face_id, _)| face_id.clone());
            let Some(gone) = oldest.and_then(|face_id| self.previews.remove(&face_id)) else { return };
            self.bytes -= gone.bytes;
        }
    }
}

fn texture_of(ctx: &Context, face_id: &str, image: &PreviewImage) -> Option<TextureHandle> {
    let max_side_px = ctx.input(|input| input.max_texture_side);
    let pixels = color_image(image.width_px, image.height_px, image.rgba.to_vec(), max_side_px)?;
    Some(ctx.load_texture(format!("face {face_id}"), pixels, TextureOptions::LINEAR))
}

/// RGBA bytes as an image, scaled down where a side exceeds `max_side_px`; `None` where the bytes do not match the size.
#[must_use]
pub fn color_image(width_px: u32, height_px: u32, rgba: Vec<u8>, max_side_px: usize) -> Option<ColorImage> {
    let image = image::RgbaImage::from_raw(width_px, height_px, rgba)?;
    let longest = width_px.max(height_px);
    let most = u32::try_from(max_side_px).unwrap_or(u32::MAX).max(1);
    let image = if longest > most {
        let scaled =
            |side: u32| u32::try_from(u64::from(side) * u64::from(most) / u64::from(longest)).unwrap_or(1).max(1);
        image::imageops::thumbnail(&image, scaled(width_px), scaled(height_px))
    } else {
        image
    };
    let size = [image.width() as usize, image.height() as usize];
    Some(ColorImage::from_rgba_unmultiplied(size, image.as_raw()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_larger_than_a_texture_is_shrunk_and_keeps_its_proportions() {
        let image = color_image(400, 100, vec![255; 400 * 100 * 4], 100).unwrap();
        assert_eq!(image.size, [100, 25]);
        let thin = color_image(1000, 1, vec![255; 4000], 10).unwrap();
        assert_eq!(thin.size, [10, 1]);
    }

    #[test]
    fn bytes_that_do_not_fit_are_no_picture() {
        assert!(color_image(4, 4, vec![0; 63], 100).is_none());
    }
}
