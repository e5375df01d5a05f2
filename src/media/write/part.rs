//! A file that appears only when it is whole.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::media::error::MediaError;

/// Writes to `NAME.part` beside the target, and renames it when done. Dropped before that, it leaves nothing behind.
pub struct PartFile {
    file: Option<BufWriter<File>>,
    part: PathBuf,
    target: PathBuf,
}

impl PartFile {
    /// Begins to write what will become `target`.
    ///
    /// # Errors
    /// [`MediaError::Io`]: the file cannot be made.
    pub fn create(target: &Path) -> Result<Self, MediaError> {
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = target.with_file_name(name);
        let file = File::create(&part).map_err(|err| MediaError::io("write", target, &err))?;
        Ok(Self { file: Some(BufWriter::with_capacity(256 * 1024, file)), part, target: target.to_owned() })
    }

    /// An error about this file, under its final name.
    #[must_use]
    pub fn fail(&self, action: &'static str, err: &std::io::Error) -> MediaError {
        MediaError::io(action, &self.target, err)
    }

    /// Overwrites bytes at `offset`, and goes back to the end.
    ///
    /// # Errors
    /// [`MediaError::Io`].
    pub fn patch(&mut self, offset: u64, bytes: &[u8]) -> Result<(), MediaError> {
        let done = self.inner().and_then(|file| {
            file.seek(SeekFrom::Start(offset))?;
            file.write_all(bytes)?;
            file.seek(SeekFrom::End(0)).map(|_| ())
        });
        done.map_err(|err| self.fail("write", &err))
    }

    /// Makes sure all is on the disk, and gives the file its name.
    ///
    /// # Errors
    /// [`MediaError::Io`]; nothing is left behind then.
    pub fn finish(mut self) -> Result<(), MediaError> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let named = file
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)
            .and_then(|file| file.sync_all())
            .and_then(|()| std::fs::rename(&self.part, &self.target));
        named.map_err(|err| {
            self.remove();
            self.fail("write", &err)
        })
    }

    fn inner(&mut self) -> std::io::Result<&mut BufWriter<File>> {
        self.file.as_mut().ok_or_else(|| std::io::Error::other("the file is closed already"))
    }

    fn remove(&self) {
        if let Err(err) = std::fs::remove_file(&self.part) {
            tracing::debug!(%err, part = %self.part.display(), "an unfinished file could not be removed");
        }
    }
}

impl Write for PartFile {
    fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
        self.inner()?.write(buf)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner()?.flush()
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            // What is buffered is not worth writing any more; the handle must be closed before the file can go.
            drop(file.into_parts());
            self.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("out.bin");
        let mut half = PartFile::create(&target).unwrap();
        half.write_all(b"half").unwrap();
        assert!(!target.exists());
        drop(half);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);

        let mut whole = PartFile::create(&target).unwrap();
        whole.write_all(b"0123456789").unwrap();
        whole.patch(2, b"ab").unwrap();
        whole.write_all(b"!").unwrap();
        whole.finish().unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"01ab456789!");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let err = PartFile::create(Path::new("/no/such/folder/out.mp4")).err().unwrap();
        assert!(err.to_string().contains("out.mp4") && err.to_string().contains("Check the name"), "{err}");
    }
}
