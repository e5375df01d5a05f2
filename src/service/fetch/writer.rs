//! A result being written, on threads that may block.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::files::{Access, IfExists, WholeFile, hex};
use crate::model::{Wholeness, WholenessCheck};

/// Size of the write buffer, in bytes.
const GATHERED_BYTES: usize = 256 * 1024;

/// A file being written, with its checksum. Dropped before it is finished, it leaves nothing behind.
pub struct Writer {
    /// `None` only while a write is in progress.
    open: Option<(WholeFile, Sha256)>,
    gathered: Vec<u8>,
}

impl Writer {
    /// Begins a file that will become `path`.
    ///
    /// # Errors
    /// The file cannot be made there.
    pub async fn create(path: &Path, if_exists: IfExists) -> io::Result<Self> {
        let path = path.to_owned();
        let file = blocking(move || WholeFile::create(&path, if_exists, Access::Usual)).await?;
        Ok(Self { open: Some((file, Sha256::new())), gathered: Vec::with_capacity(GATHERED_BYTES) })
    }

    /// Goes on with a listed part from its first `known_bytes` bytes. Also returns the beginning of what is there, and how many bytes
    /// are: all that were known, or none.
    ///
    /// # Errors
    /// As [`WholeFile::at_part`].
    pub async fn at_part(
        part: PathBuf,
        known_bytes: u64,
        path: &Path,
        if_exists: IfExists,
        head_bytes: usize,
    ) -> io::Result<(Self, Vec<u8>, u64)> {
        let path = path.to_owned();
        let (file, hash, head, kept_bytes) = blocking(move || {
            let (file, kept_bytes) = WholeFile::at_part(&part, known_bytes, &path, if_exists)?;
            let (hash, head) = read_again(&part, kept_bytes, head_bytes)?;
            Ok((file, hash, head, kept_bytes))
        })
        .await?;
        Ok((Self { open: Some((file, hash)), gathered: Vec::with_capacity(GATHERED_BYTES) }, head, kept_bytes))
    }

    /// Makes sure that everything so far is on the disk, and that the part stays there if this is dropped.
    ///
    /// # Errors
    /// The disk refuses.
    pub async fn sync_part(&mut self) -> io::Result<()> {
        self.write_gathered().await?;
        let (mut file, hash) = self.take()?;
        let file = blocking(move || {
            file.sync_part()?;
            file.keep_part(true);
            Ok(file)
        })
        .await?;
        self.open = Some((file, hash));
        Ok(())
    }

    /// The checksum of everything so far.
    ///
    /// # Errors
    /// The disk refuses.
    pub async fn sha256(&mut self) -> io::Result<String> {
        self.write_gathered().await?;
        let (_, hash) = self.open.as_ref().ok_or(ErrorKind::BrokenPipe)?;
        Ok(hex(&hash.clone().finalize()))
    }

    /// Whether the part stays there if this is dropped.
    pub fn keep_part(&mut self, keeps: bool) {
        if let Some((file, _)) = &mut self.open {
            file.keep_part(keeps);
        }
    }

    /// Writes on.
    ///
    /// # Errors
    /// The disk refuses.
    pub async fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.gathered.extend_from_slice(piece);
        if self.gathered.len() >= GATHERED_BYTES { self.write_gathered().await } else { Ok(()) }
    }

    /// Throws away what was written, and begins again.
    ///
    /// # Errors
    /// The disk refuses.
    pub async fn restart(&mut self) -> io::Result<()> {
        self.gathered.clear();
        let (mut file, _) = self.take()?;
        file.keep_part(false);
        let file = blocking(move || file.restart().map(|()| file)).await?;
        self.open = Some((file, Sha256::new()));
        Ok(())
    }

    /// What the container says of what is written so far.
    ///
    /// # Errors
    /// The disk refuses.
    pub async fn wholeness(&mut self, check: WholenessCheck) -> io::Result<Wholeness> {
        self.write_gathered().await?;
        let (mut file, hash) = self.take()?;
        let (file, found) = blocking(move || {
            file.flush()?;
            let found = check(file.part_path());
            Ok((file, found))
        })
        .await?;
        self.open = Some((file, hash));
        Ok(found)
    }

    /// Gives the file its name; returns that and the checksum.
    ///
    /// # Errors
    /// The disk refuses, or the name is taken.
    pub async fn finish(mut self) -> io::Result<(PathBuf, String)> {
        self.write_gathered().await?;
        let (file, hash) = self.take()?;
        let path = blocking(move || file.finish()).await?;
        Ok((path, hex(&hash.finalize())))
    }

    async fn write_gathered(&mut self) -> io::Result<()> {
        let (mut file, mut hash) = self.take()?;
        let mut bytes = std::mem::take(&mut self.gathered);
        let (file, hash, bytes) = blocking(move || {
            hash.update(&bytes);
            file.write_all(&bytes)?;
            bytes.clear();
            Ok((file, hash, bytes))
        })
        .await?;
        self.open = Some((file, hash));
        self.gathered = bytes;
        Ok(())
    }

    fn take(&mut self) -> io::Result<(WholeFile, Sha256)> {
        self.open.take().ok_or_else(|| ErrorKind::BrokenPipe.into())
    }
}

/// The checksum of the first `bytes` bytes of a part, and their beginning.
fn read_again(part: &Path, bytes: u64, head_bytes: usize) -> io::Result<(Sha256, Vec<u8>)> {
    let (mut hash, mut head) = (Sha256::new(), Vec::new());
    let mut rest = File::open(part)?.take(bytes);
    let mut piece = vec![0; GATHERED_BYTES];
    loop {
        let count = rest.read(&mut piece)?;
        let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else { return Ok((hash, head)) };
        hash.update(read);
        let missing = head_bytes.saturating_sub(head.len());
        head.extend_from_slice(read.get(..missing).unwrap_or(read));
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
