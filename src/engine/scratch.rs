//! Files of an engine's own: removed with it.

use std::io;
use std::path::{Path, PathBuf};

use crate::files::RunFolder;

/// A folder in the system's temporary one that only its owner can read, created when it is first needed.
#[derive(Debug, Default)]
pub struct Scratch {
    folder: Option<RunFolder>,
    files: u32,
}

impl Scratch {
    /// The path of a voice that does not exist yet, with this extension.
    ///
    /// # Errors
    /// The folder cannot be created.
    pub fn path(&mut self, extension: &str) -> io::Result<PathBuf> {
        let folder = match self.folder.take() {
            Some(folder) => folder,
            None => RunFolder::create(&std::env::temp_dir(), "viseme-voice-")?,
        };
        self.files += 1;
        let path = folder.path().join(format!("voice-{}.{extension}", self.files));
        self.folder = Some(folder);
        Ok(path)
    }

    /// Whether a file is one of these, and so goes with the engine.
    pub fn has(&self, file: &Path) -> bool {
        self.folder.as_ref().is_some_and(|folder| file.starts_with(folder.path()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_private_and_removed_with_the_engine() {
        let mut scratch = Scratch::default();
        let (first, second) = (scratch.path("wav").unwrap(), scratch.path("wav").unwrap());
        assert_ne!(first, second);
        assert!(scratch.has(&first) && !scratch.has("voice-1.wav".as_ref()));
        std::fs::write(&first, "x").unwrap();
        let folder = first.parent().unwrap().to_owned();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        }
        drop(scratch);
        assert!(!folder.exists());
    }
}
