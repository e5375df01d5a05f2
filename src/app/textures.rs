//! Pictures of faces on the graphics card: one for each face of the session at hand, never larger than a texture may be.

use std::collections::HashMap;
use std::sync::Arc;

use egui::{ColorImage, Context, TextureHandle, TextureOptions};

use crate::workflow::{Flow, Preview, PreviewImage};

/// The textures of the faces at hand.
#[derive(Default)]
pub struct Textures {
    previews: HashMap<String, (Arc<[u8]>, TextureHandle)>,
}

impl Textures {
    /// The picture of a face.
    #[must_use]
    pub fn preview(&self, face_id: &str) -> Option<&TextureHandle> {
        self.previews.get(face_id).map(|(_, texture)| texture)
    }

    /// Brings the textures in line with the faces at hand; those of faces that are gone are let go.
    pub fn refresh(&mut self, ctx: &Context, flow: &Flow) {
        let Some(faces) = flow.faces() else {
            self.previews.clear();
            return;
        };
        self.previews.retain(|face_id, _| faces.session.face(face_id).is_some());
        for (face, preview) in faces.session.faces.iter().zip(&faces.previews) {
            let Preview::Ready(image) = preview else { continue };
            let same = self.previews.get(&face.face_id).is_some_and(|(rgba, _)| Arc::ptr_eq(rgba, &image.rgba));
            if !same && let Some(texture) = texture_of(ctx, &face.face_id, image) {
                self.previews.insert(face.face_id.clone(), (Arc::clone(&image.rgba), texture));
            }
        }
    }
}

fn texture_of(ctx: &Context, face_id: &str, image: &PreviewImage) -> Option<TextureHandle> {
    let max_side_px = ctx.input(|input| input.max_texture_side);
    let pixels = color_image(image.width_px, image.height_px, image.rgba.to_vec(), max_side_px)?;
    Some(ctx.load_texture(format!("face {face_id}"), pixels, TextureOptions::LINEAR))
}

/// RGBA bytes as an image, shrunk where a side is longer than `max_side_px`; `None` where the bytes do not fit the size.
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
