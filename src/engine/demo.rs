//! The bundled clip and voice, as files on this machine.

use std::io;
use std::path::{Path, PathBuf};

use crate::files::{self, Access, IfExists, folders};

/// Two faces, 9 s (see `assets/README.md`).
const CLIP: &[u8] = include_bytes!("../../assets/demo/duo.mp4");
/// 8.3 s of speech.
const VOICE: &[u8] = include_bytes!("../../assets/demo/voice.mp3");

/// The demo's files on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demo {
    /// The clip.
    pub clip: PathBuf,
    /// The voice.
    pub voice: PathBuf,
}

impl Demo {
    /// Where the demo is unpacked by default: in the user's cache, where nobody else can write.
    #[must_use]
    pub fn folder() -> PathBuf {
        folders::cache().join("demo")
    }

    /// Writes the bundled files into `folder`, which is made where it is missing. A file that is there already, byte for byte, stays.
    ///
    /// # Errors
    /// The folder cannot be made or written to.
    pub fn unpack(folder: &Path) -> io::Result<Self> {
        folders::create_private(folder)?;
        let demo = Self { clip: folder.join("duo.mp4"), voice: folder.join("voice.mp3") };
        for (path, bytes) in [(&demo.clip, CLIP), (&demo.voice, VOICE)] {
            if std::fs::read(path).is_ok_and(|found| found == bytes) {
                continue;
            }
            // Another window may read it at the same time: it is replaced whole.
            files::write_whole(path, bytes, IfExists::Replace, Access::Usual)?;
        }
        Ok(demo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_is_unpacked_once_and_whole() {
        let folder = tempfile::tempdir().unwrap();
        let demo = Demo::unpack(&folder.path().join("demo")).unwrap();
        assert_eq!(std::fs::read(&demo.clip).unwrap(), CLIP);
        let written = std::fs::metadata(&demo.clip).unwrap().modified().unwrap();
        std::fs::write(&demo.voice, b"cut").unwrap();
        assert_eq!(Demo::unpack(&folder.path().join("demo")).unwrap(), demo);
        assert_eq!(std::fs::read(&demo.voice).unwrap(), VOICE);
        assert_eq!(std::fs::metadata(&demo.clip).unwrap().modified().unwrap(), written, "a whole file stays");
    }
}
