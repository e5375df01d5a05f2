//! A file with some of its bytes replaced for a parser that would fail on them; the file itself is not changed.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

/// The file, with `laid` read in place of its own bytes from `start` on.
pub(super) struct Overlay {
    file: BufReader<File>,
    file_len: u64,
    at: u64,
    start: u64,
    laid: Vec<u8>,
    /// Number of bytes that may still be read.
    left: u64,
}

impl Overlay {
    pub(super) fn new(file: BufReader<File>, file_len: u64, start: u64, laid: Vec<u8>) -> Self {
        Self { file, file_len, at: 0, start, laid, left: u64::MAX }
    }

    /// The same with a limit on the number of bytes read, after which reading fails: a parser in an endless loop ends.
    pub(super) fn with_budget(self, bytes: u64) -> Self {
        Self { left: bytes, ..self }
    }
}

impl Read for Overlay {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            return Err(std::io::Error::other("the same bytes are read again and again"));
        }
        let laid = self.at.checked_sub(self.start).and_then(|at| self.laid.get(usize::try_from(at).ok()?..));
        let count = if let Some(rest) = laid.filter(|rest| !rest.is_empty()) {
            let count = rest.len().min(buf.len());
            buf[..count].copy_from_slice(&rest[..count]);
            count
        } else {
            let until_laid = self.start.checked_sub(self.at).map_or(usize::MAX, |gap| gap as usize);
            let want = buf.len().min(until_laid);
            // Relative, so that the buffer is kept while reading straight on.
            let now = self.file.stream_position()?;
            self.file.seek_relative((self.at as i64).wrapping_sub(now as i64))?;
            self.file.read(&mut buf[..want])?
        };
        self.at += count as u64;
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }
}

impl Seek for Overlay {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.file_len.checked_add_signed(by),
        };
        self.at = at.filter(|at| i64::try_from(*at).is_ok()).ok_or(std::io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl symphonia::core::io::MediaSource for Overlay {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.file_len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_laid_bytes_are_read_and_the_rest_is_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("digits");
        std::fs::write(&path, b"0123456789").unwrap();
        let open = || BufReader::new(File::open(&path).unwrap());
        let mut overlay = Overlay::new(open(), 10, 3, b"abc".to_vec());
        let mut all = String::new();
        overlay.read_to_string(&mut all).unwrap();
        assert_eq!(all, "012abc6789");
        let mut two = [0; 2];
        overlay.seek(SeekFrom::Start(5)).unwrap();
        overlay.read_exact(&mut two).unwrap();
        assert_eq!(&two, b"c6");
        overlay.seek(SeekFrom::End(-1)).unwrap();
        assert_eq!(overlay.read(&mut two).unwrap(), 1);
        let mut bounded = Overlay::new(open(), 10, 3, b"abc".to_vec()).with_budget(5);
        let mut four = [0; 4];
        bounded.read_exact(&mut four).unwrap();
        bounded.rewind().unwrap();
        bounded.read_exact(&mut two[..1]).unwrap();
        assert!(bounded.read(&mut two).is_err(), "five bytes were read");
    }
}
