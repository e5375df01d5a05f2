//! The player's frames as textures: one for each of its files.

use egui::{ColorImage, Context, TextureHandle, TextureId, TextureOptions, Vec2};

use crate::playback::image::PixelImage;
use crate::playback::player::{Player, ScreenUpdate, Source};

/// The textures.
#[derive(Default)]
pub struct Screen {
    clip: Option<TextureHandle>,
    result: Option<TextureHandle>,
    other: Option<TextureHandle>,
}

impl Screen {
    /// Applies the player's updates to the textures.
    pub fn update(&mut self, ctx: &Context, player: &mut Player) {
        for update in player.take_updates() {
            match update {
                ScreenUpdate::Show(source, image) => {
                    let image = color_image(&image);
                    match self.slot(source) {
                        Some(texture) => texture.set(image, TextureOptions::LINEAR),
                        empty => *empty = Some(ctx.load_texture("picture", image, TextureOptions::LINEAR)),
                    }
                }
                ScreenUpdate::Clear(source) => *self.slot(source) = None,
                ScreenUpdate::ResultToClip => self.clip = self.result.take(),
            }
        }
    }

    fn slot(&mut self, source: Source) -> &mut Option<TextureHandle> {
        match source {
            Source::Clip => &mut self.clip,
            Source::Result => &mut self.result,
            Source::Other => &mut self.other,
        }
    }

    /// The texture of a file, and its size in pixels.
    #[must_use]
    pub fn picture(&self, source: Source) -> Option<(TextureId, Vec2)> {
        let texture = match source {
            Source::Clip => self.clip.as_ref(),
            Source::Result => self.result.as_ref(),
            Source::Other => self.other.as_ref(),
        }?;
        Some((texture.id(), texture.size_vec2()))
    }
}

/// Pixels in the format of the graphics card.
#[must_use]
pub fn color_image(image: &PixelImage) -> ColorImage {
    let size = [image.width_px as usize, image.height_px as usize];
    // Opaque pixels need no premultiplication.
    ColorImage::from_rgba_premultiplied(size, &image.rgba)
}
