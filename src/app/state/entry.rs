//! A source as it is entered: a file, an address or an id. Each kind has its own text, so that switching between them loses nothing.

use std::path::PathBuf;

use crate::files::folders;
use crate::model::{ClipSource, VoiceSource};

/// Which source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SourceSlot {
    /// The clip.
    Clip,
    /// The voice.
    Voice,
}

/// The kind in which a source is entered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A file on this machine.
    #[default]
    File,
    /// An address that the service can reach.
    Address,
    /// An id of the service.
    Id,
}

impl EntryKind {
    /// Every kind, in display order.
    pub const ALL: [Self; 3] = [Self::File, Self::Address, Self::Id];

    /// The kind of this clip.
    #[must_use]
    pub const fn of_clip(clip: &ClipSource) -> Self {
        match clip {
            ClipSource::File(_) => Self::File,
            ClipSource::Url(_) => Self::Address,
            ClipSource::VideoId(_) => Self::Id,
        }
    }

    /// The kind of this voice.
    #[must_use]
    pub const fn of_voice(voice: &VoiceSource) -> Self {
        match voice {
            VoiceSource::File(_) => Self::File,
            VoiceSource::Url(_) => Self::Address,
            VoiceSource::AudioId(_) => Self::Id,
        }
    }

    /// Its label.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::File => "File",
            Self::Address => "Address",
            Self::Id => "Id",
        }
    }
}

/// The texts that have been entered for a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The current kind.
    pub kind: EntryKind,
    /// One text for each kind.
    texts: [String; 3],
    /// The path that was dropped, chosen or opened again, while the text is still its display form: a path may hold bytes that are not
    /// valid text, and a name may end with a space.
    file: Option<PathBuf>,
}

impl Entry {
    /// The text of the current kind.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.texts[self.kind as usize]
    }

    /// Changes the text of the current kind.
    pub fn set_text(&mut self, text: String) {
        if self.kind == EntryKind::File {
            self.file = None;
        }
        self.texts[self.kind as usize] = text;
    }

    /// Sets the texts from a clip, or clears them.
    pub fn set_clip(&mut self, clip: Option<&ClipSource>) {
        match clip {
            Some(ClipSource::File(path)) => self.set_file(path),
            Some(ClipSource::Url(url)) => {
                self.kind = EntryKind::Address;
                self.set_text(url.clone());
            }
            Some(ClipSource::VideoId(id)) => {
                self.kind = EntryKind::Id;
                self.set_text(id.clone());
            }
            None => self.set_text(String::new()),
        }
    }

    /// Sets the texts from a voice, or clears them.
    pub fn set_voice(&mut self, voice: Option<&VoiceSource>) {
        match voice {
            Some(VoiceSource::File(path)) => self.set_file(path),
            Some(VoiceSource::Url(url)) => {
                self.kind = EntryKind::Address;
                self.set_text(url.clone());
            }
            Some(VoiceSource::AudioId(id)) => {
                self.kind = EntryKind::Id;
                self.set_text(id.clone());
            }
            None => self.set_text(String::new()),
        }
    }

    /// Sets the file.
    pub fn set_file(&mut self, path: &std::path::Path) {
        self.kind = EntryKind::File;
        self.set_text(path.display().to_string());
        self.file = Some(path.to_owned());
    }

    /// Whether the kind was switched without entering anything while a source of another kind is in use: that source then stays in use.
    #[must_use]
    pub fn is_only_switched_to(&self, in_use: Option<EntryKind>) -> bool {
        self.text().trim().is_empty() && in_use.is_some_and(|kind| kind != self.kind)
    }

    /// The path that was entered. A `file://` address, or quotes around a path as other programs copy them, are accepted.
    fn path(&self) -> PathBuf {
        if let Some(file) = &self.file {
            return file.clone();
        }
        typed_path(self.text())
    }

    /// The clip that was entered; `None` for an empty text.
    #[must_use]
    pub fn clip(&self) -> Option<ClipSource> {
        let text = self.text().trim();
        (!text.is_empty()).then(|| match self.kind {
            EntryKind::File => ClipSource::File(self.path()),
            EntryKind::Address => ClipSource::Url(text.to_owned()),
            EntryKind::Id => ClipSource::VideoId(text.to_owned()),
        })
    }

    /// The voice that was entered; `None` for an empty text.
    #[must_use]
    pub fn voice(&self) -> Option<VoiceSource> {
        let text = self.text().trim();
        (!text.is_empty()).then(|| match self.kind {
            EntryKind::File => VoiceSource::File(self.path()),
            EntryKind::Address => VoiceSource::Url(text.to_owned()),
            EntryKind::Id => VoiceSource::AudioId(text.to_owned()),
        })
    }
}

/// The path that a text means: a `file://` address, quotes around it and `~` are understood.
fn typed_path(text: &str) -> PathBuf {
    let text = text.trim();
    let text = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    if text.starts_with("file://")
        && let Some(path) = url::Url::parse(text).ok().and_then(|url| url.to_file_path().ok())
    {
        return path;
    }
    folders::in_full(text)
}

/// The path that was typed into a field of its own; `None` for an empty text.
#[must_use]
pub fn entered_path(text: &str) -> Option<PathBuf> {
    (!text.trim().is_empty()).then(|| typed_path(text))
}

/// Which source a dropped file is, by its extension; `None` for an unknown one.
#[must_use]
pub fn slot_of(path: &std::path::Path) -> Option<SourceSlot> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    match extension.as_str() {
        "mp4" | "mov" | "m4v" | "webm" | "mkv" | "avi" => Some(SourceSlot::Clip),
        "mp3" | "wav" | "m4a" | "aac" | "flac" | "ogg" | "opus" => Some(SourceSlot::Voice),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn paths_as_other_programs_copy_them_are_understood() {
        let address = if cfg!(windows) {
            ("file:///C:/a/b%20c.mp4", "C:\\a\\b c.mp4")
        } else {
            ("file:///a/b%20c.mp4", "/a/b c.mp4")
        };
        for (typed, path) in
            [("/a/b.mp4", "/a/b.mp4"), ("  /a/b c.mp4 ", "/a/b c.mp4"), ("\"/a/b.mp4\"", "/a/b.mp4"), address]
        {
            let mut entry = Entry::default();
            entry.set_text(typed.to_owned());
            assert_eq!(entry.clip(), Some(ClipSource::File(path.into())), "{typed}");
        }
    }

    #[test]
    fn each_kind_keeps_its_own_text() {
        let mut entry = Entry::default();
        entry.set_text("/a.mp4".into());
        entry.kind = EntryKind::Address;
        assert_eq!(entry.clip(), None);
        entry.set_text(" https://example.com/a.mp4 ".into());
        assert_eq!(entry.clip(), Some(ClipSource::Url("https://example.com/a.mp4".into())));
        entry.kind = EntryKind::File;
        assert_eq!(entry.text(), "/a.mp4");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_keeps_bytes_that_are_no_text_and_a_space_at_its_end_until_its_text_is_edited() {
        use std::os::unix::ffi::OsStrExt as _;
        for name in [&b"/clips/a\xff.mp4"[..], b"/clips/take 1.mp4 "] {
            let path = Path::new(std::ffi::OsStr::from_bytes(name));
            let mut entry = Entry::default();
            entry.set_file(path);
            assert_eq!(entry.clip(), Some(ClipSource::File(path.into())));
            assert_eq!(entry.voice(), Some(VoiceSource::File(path.into())));
            entry.set_text("/other.mp4".into());
            assert_eq!(entry.clip(), Some(ClipSource::File("/other.mp4".into())));
        }
    }

    #[test]
    fn another_kind_that_is_empty_leaves_the_source_in_use_alone() {
        let mut entry = Entry::default();
        entry.set_file(Path::new("/a.mp4"));
        let in_use = entry.clip().as_ref().map(EntryKind::of_clip);
        entry.kind = EntryKind::Address;
        assert!(entry.is_only_switched_to(in_use));
        entry.set_text("https://example.com/a.mp4".into());
        assert!(!entry.is_only_switched_to(in_use));
        entry.kind = EntryKind::File;
        entry.set_text(String::new());
        assert!(!entry.is_only_switched_to(in_use), "its own kind emptied is meant");
    }

    #[test]
    fn the_extension_of_a_dropped_file_selects_its_source() {
        assert_eq!(slot_of(Path::new("a.MP4")), Some(SourceSlot::Clip));
        assert_eq!(slot_of(Path::new("a.wav")), Some(SourceSlot::Voice));
        assert_eq!(slot_of(Path::new("a.txt")), None);
    }
}
