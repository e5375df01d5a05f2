//! Which picture each texture of the window holds. What was on screen stays until its successor is there.

use super::Source;
use crate::playback::image::PixelImage;

/// What is to be done to the window's textures, of which there is one for each file.
#[derive(Debug, PartialEq, Eq)]
pub enum ScreenUpdate {
    /// Put this picture into the texture of this file.
    Show(Source, PixelImage),
    /// Drop the texture of this file.
    Clear(Source),
    /// The texture of the result becomes that of the clip.
    ResultToClip,
}

/// What the texture of a file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slot {
    /// Nothing.
    #[default]
    Empty,
    /// A picture of the file.
    Own,
    /// The last picture of the file before it.
    Predecessor,
}

/// The textures.
#[derive(Debug, Default)]
pub struct Screen {
    clip: Slot,
    result: Slot,
    other: Slot,
    /// Whose picture was put on screen last.
    latest: Option<Source>,
    updates: Vec<ScreenUpdate>,
}

impl Screen {
    /// What the texture of a file holds.
    pub const fn slot(&self, source: Source) -> Slot {
        match source {
            Source::Clip => self.clip,
            Source::Result => self.result,
            Source::Other => self.other,
        }
    }

    const fn slot_mut(&mut self, source: Source) -> &mut Slot {
        match source {
            Source::Clip => &mut self.clip,
            Source::Result => &mut self.result,
            Source::Other => &mut self.other,
        }
    }

    /// Whose picture was put on screen last.
    pub const fn on_screen(&self) -> Option<Source> {
        self.latest
    }

    /// Shows a picture of a file.
    pub fn show(&mut self, source: Source, image: PixelImage) {
        *self.slot_mut(source) = Slot::Own;
        // Only the newest is worth an upload.
        self.updates.retain(|update| !matches!(update, ScreenUpdate::Show(of, _) if *of == source));
        self.updates.push(ScreenUpdate::Show(source, image));
    }

    /// Of what is shown, the picture was put on screen.
    pub const fn set_on_screen(&mut self, source: Source) {
        self.latest = Some(source);
    }

    /// The file was replaced or taken away: its last picture stays until there is another.
    pub fn keep_as_predecessor(&mut self, source: Source) {
        let slot = self.slot_mut(source);
        if *slot == Slot::Own {
            *slot = Slot::Predecessor;
        }
    }

    /// Drops the picture of a file.
    pub fn clear(&mut self, source: Source) {
        if std::mem::take(self.slot_mut(source)) != Slot::Empty {
            self.updates.retain(|update| !matches!(update, ScreenUpdate::Show(of, _) if *of == source));
            self.updates.push(ScreenUpdate::Clear(source));
        }
    }

    /// The result is gone for the sake of a clip, which has no picture yet: that of the result stays until then.
    pub fn result_to_clip(&mut self) {
        if std::mem::take(&mut self.result) != Slot::Empty {
            self.clip = Slot::Predecessor;
            self.updates.push(ScreenUpdate::ResultToClip);
        }
        self.latest = Some(Source::Clip);
    }

    /// What is to be done since the last call.
    pub fn take_updates(&mut self) -> Vec<ScreenUpdate> {
        std::mem::take(&mut self.updates)
    }
}
