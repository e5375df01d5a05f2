//! A file that appears under its name only when it is whole.

use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io::{self, BufWriter, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::{NamedTempFile, TempPath};

/// What to do where a file of the target's name exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfExists {
    /// Keep it; writing fails with [`ErrorKind::AlreadyExists`].
    Refuse,
    /// Put the new file in its place once that is whole.
    Replace,
    /// Keep it; the new file takes the next free name beside it: `duo (2).mp4`.
    TakeFreeName,
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The users that the umask of the system allows.
    Usual,
    /// Its owner alone (mode 0600).
    OwnerOnly,
}

/// Written under a random name beside the target, and given the target's name by [`WholeFile::finish`]. Dropped before that, it
/// leaves nothing behind.
pub struct WholeFile {
    file: BufWriter<File>,
    part: TempPath,
    target: PathBuf,
    if_exists: IfExists,
    /// What the whole file's permissions will be; `None`: they stay.
    permissions: Option<Permissions>,
}

impl WholeFile {
    /// Begins a file that will become `target`, whose folder must exist.
    ///
    /// # Errors
    /// The file cannot be made there.
    pub fn create(target: &Path, if_exists: IfExists, access: Access) -> io::Result<Self> {
        if target.file_name().is_none() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "this is a folder, not a file's name"));
        }
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let permissions = usual_permissions(folder, access)?;
        let (file, part) = make_part(folder, None)?.into_parts();
        let file = BufWriter::with_capacity(256 * 1024, file);
        Ok(Self { file, part, target: target.to_owned(), if_exists, permissions })
    }

    /// Goes on with the part of an earlier process from its first `known_bytes` bytes; makes the part where it is missing. Returns how many of
    /// these bytes are there: all or none. The part is locked as long as it is written to, so that others see whether anybody does
    /// ([`is_written_to`]).
    ///
    /// # Errors
    /// The file cannot be made or opened there, is no file of its own, or somebody else writes to it.
    pub fn at_part(part: &Path, known_bytes: u64, target: &Path, if_exists: IfExists) -> io::Result<(Self, u64)> {
        let folder = part.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let permissions = usual_permissions(folder, Access::Usual)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        match part.symlink_metadata() {
            Ok(known) if known.is_file() => {}
            // Whatever it is, it is not ours.
            Ok(_) => return Err(ErrorKind::AlreadyExists.into()),
            Err(_) => {
                options.create_new(true);
            }
        }
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(part)?;
        lock(&file)?;
        let kept_bytes = if file.metadata()?.len() >= known_bytes { known_bytes } else { 0 };
        file.set_len(kept_bytes)?;
        file.seek(SeekFrom::Start(kept_bytes))?;
        let part = TempPath::try_from_path(part)?;
        let file = BufWriter::with_capacity(256 * 1024, file);
        Ok((Self { file, part, target: target.to_owned(), if_exists, permissions }, kept_bytes))
    }

    /// Whether the part stays where it is when this is dropped: it is listed somewhere, and can be gone on with.
    pub fn keep_part(&mut self, keeps: bool) {
        self.part.disable_cleanup(keeps);
    }

    /// Makes sure that every byte so far is on the disk.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn sync_part(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_data()
    }

    /// Where the bytes are until the file is whole.
    #[must_use]
    pub fn part_path(&self) -> &Path {
        &self.part
    }

    /// Overwrites bytes at `offset`, and goes back to the end.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn patch(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(offset))?;
        self.file.write_all(bytes)?;
        self.file.seek(SeekFrom::End(0)).map(|_| ())
    }

    /// Throws away every byte written so far.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn restart(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.get_ref().set_len(0)
    }

    /// Makes sure that every byte is on the disk, and gives the file its name. Returns that name: another than the target's only with
    /// [`IfExists::TakeFreeName`].
    ///
    /// # Errors
    /// The disk refuses, or the name is taken and must stay so; nothing is left behind then.
    pub fn finish(self) -> io::Result<PathBuf> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        if let Some(permissions) = self.permissions {
            file.set_permissions(permissions)?;
        }
        file.sync_all()?;
        // Windows renames no file that is open.
        drop(file);
        let mut part = self.part;
        part.disable_cleanup(false);
        let named = name_part(part, &self.target, self.if_exists)?;
        sync_folder(&named)?;
        Ok(named)
    }
}

impl Write for WholeFile {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.file.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Whether anybody writes to a part; nobody to one that is not there. Where the file system knows no locks, that cannot be seen: then it is
/// assumed.
#[must_use]
pub fn is_written_to(part: &Path) -> bool {
    match File::open(part).map(|file| file.try_lock()) {
        Ok(Ok(())) => false,
        Ok(Err(_)) => true,
        Err(err) => err.kind() != ErrorKind::NotFound,
    }
}

/// How long it is waited for a writer of this process that is just ending.
const LOCK_PATIENCE: Duration = Duration::from_millis(500);

fn lock(file: &File) -> io::Result<()> {
    let since = Instant::now();
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if since.elapsed() < LOCK_PATIENCE => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(TryLockError::WouldBlock) => return Err(ErrorKind::ResourceBusy.into()),
            // Some file systems have no locks.
            Err(TryLockError::Error(err)) if err.kind() == ErrorKind::Unsupported => return Ok(()),
            Err(TryLockError::Error(err)) => return Err(err),
            Ok(()) => return Ok(()),
        }
    }
}

/// A file that only its owner can read until it is whole, or one with these permissions.
fn make_part(folder: &Path, permissions: Option<Permissions>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".viseme-").suffix(".part").rand_bytes(12);
    if let Some(permissions) = permissions {
        builder.permissions(permissions);
    }
    builder.tempfile_in(folder).map_err(|err| {
        // Without the random name, which says nothing to anybody.
        err.raw_os_error().map_or_else(|| io::Error::from(err.kind()), io::Error::from_raw_os_error)
    })
}

/// The permissions that the system gives to a new file: what the umask leaves shows only on one that is made.
#[cfg(unix)]
fn usual_permissions(folder: &Path, access: Access) -> io::Result<Option<Permissions>> {
    use std::os::unix::fs::PermissionsExt as _;
    if access == Access::OwnerOnly {
        return Ok(None);
    }
    let probe = make_part(folder, Some(Permissions::from_mode(0o666)))?;
    probe.as_file().metadata().map(|made| Some(made.permissions()))
}

#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "elsewhere the permissions are read from the disk")]
fn usual_permissions(_: &Path, _: Access) -> io::Result<Option<Permissions>> {
    Ok(None)
}

fn name_part(part: TempPath, target: &Path, if_exists: IfExists) -> io::Result<PathBuf> {
    match if_exists {
        IfExists::Replace => part.persist(target).map_err(|err| err.error)?,
        IfExists::Refuse => part.persist_noclobber(target).map_err(|err| err.error)?,
        IfExists::TakeFreeName => {
            let mut part = part;
            for name in super::names(target) {
                match part.persist_noclobber(&name) {
                    Ok(()) => return Ok(name),
                    Err(err) if err.error.kind() == ErrorKind::AlreadyExists => part = err.path,
                    Err(err) => return Err(err.error),
                }
            }
            return Err(ErrorKind::AlreadyExists.into());
        }
    }
    Ok(target.to_owned())
}

/// Makes sure that a file that is there is on the disk: its bytes, and its name in its folder. Blocks.
///
/// # Errors
/// The disk refuses.
pub fn sync(file: &Path) -> io::Result<()> {
    // Windows writes out only what is open for writing.
    File::options().write(true).open(file)?.sync_all()?;
    sync_folder(file)
}

/// Makes a name durable: on Unix a rename is, once its folder is on the disk.
fn sync_folder(file: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        match File::open(folder).and_then(|folder| folder.sync_all()) {
            // Some file systems cannot, and a folder may be writable but not readable: the file itself is on the disk.
            Err(err)
                if !matches!(
                    err.kind(),
                    ErrorKind::InvalidInput | ErrorKind::Unsupported | ErrorKind::PermissionDenied
                ) =>
            {
                return Err(err);
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &Path) -> usize {
        std::fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.bin");
        let mut half = WholeFile::create(&target, IfExists::Refuse, Access::Usual).unwrap();
        half.write_all(b"half").unwrap();
        assert!(!target.exists());
        drop(half);
        assert_eq!(files(folder.path()), 0);

        let mut whole = WholeFile::create(&target, IfExists::Refuse, Access::Usual).unwrap();
        whole.write_all(b"0123456789").unwrap();
        whole.patch(2, b"ab").unwrap();
        whole.write_all(b"!").unwrap();
        assert_eq!(whole.finish().unwrap(), target);
        assert_eq!(std::fs::read(&target).unwrap(), b"01ab456789!");
        assert_eq!(files(folder.path()), 1);
    }

    #[test]
    fn a_part_that_is_kept_is_gone_on_with_by_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let (part, target) = (folder.path().join(".viseme-7.part"), folder.path().join("out.bin"));
        let begin = |known_bytes| WholeFile::at_part(&part, known_bytes, &target, IfExists::Refuse);
        let (mut first, kept_bytes) = begin(4).unwrap();
        assert_eq!(kept_bytes, 0, "nothing was there");
        first.write_all(b"0123456789").unwrap();
        first.sync_part().unwrap();
        first.keep_part(true);
        assert!(is_written_to(&part));
        assert_eq!(begin(4).err().unwrap().kind(), ErrorKind::ResourceBusy);
        drop(first);
        assert!(!is_written_to(&part) && part.is_file());

        let (mut second, kept_bytes) = begin(4).unwrap();
        assert_eq!(kept_bytes, 4, "what was not known to be on the disk is written again");
        second.write_all(b"ab").unwrap();
        second.finish().unwrap();
        assert_eq!((std::fs::read(&target).unwrap(), files(folder.path())), (b"0123ab".to_vec(), 1));

        let (third, _) = begin(0).unwrap();
        drop(third);
        assert_eq!(files(folder.path()), 1, "a part that is not kept goes");
        std::fs::write(&part, b"short").unwrap();
        assert_eq!(begin(6).unwrap().1, 0, "less is there than was known");
        std::fs::create_dir(&part).unwrap();
        assert_eq!(begin(0).err().unwrap().kind(), ErrorKind::AlreadyExists);
    }

    #[test]
    fn an_existing_file_is_kept_unless_it_is_to_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("duo.mp4");
        let write = |bytes: &[u8], if_exists| {
            let mut file = WholeFile::create(&target, if_exists, Access::Usual)?;
            file.write_all(bytes)?;
            file.finish()
        };
        write(b"first", IfExists::Refuse).unwrap();
        assert_eq!(write(b"second", IfExists::Refuse).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(write(b"third", IfExists::TakeFreeName).unwrap(), folder.path().join("duo (2).mp4"));
        assert_eq!(std::fs::read(&target).unwrap(), b"first");
        write(b"fourth", IfExists::Replace).unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"fourth");
        assert_eq!(files(folder.path()), 2, "nothing unfinished is left");
    }

    #[test]
    fn a_part_never_touches_a_file_that_only_looks_like_one() {
        let folder = tempfile::tempdir().unwrap();
        let strange = folder.path().join("out.mp4.part");
        std::fs::write(&strange, b"a browser's").unwrap();
        let target = folder.path().join("out.mp4");
        let file = WholeFile::create(&target, IfExists::Replace, Access::Usual).unwrap();
        assert_ne!(file.part_path(), strange);
        file.finish().unwrap();
        assert_eq!(std::fs::read(&strange).unwrap(), b"a browser's");
    }

    #[cfg(unix)]
    #[test]
    fn a_result_has_the_usual_mode_and_a_private_file_its_owners() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        let usual = folder.path().join("usual");
        std::fs::write(&usual, b"").unwrap();
        let result = folder.path().join("result");
        WholeFile::create(&result, IfExists::Refuse, Access::Usual).unwrap().finish().unwrap();
        assert_eq!(mode(&result), mode(&usual));
        let begun = WholeFile::create(&folder.path().join("begun"), IfExists::Refuse, Access::Usual).unwrap();
        assert_eq!(mode(begun.part_path()), 0o600, "what is not whole is nobody else's");
        let private = folder.path().join("private");
        WholeFile::create(&private, IfExists::Refuse, Access::OwnerOnly).unwrap().finish().unwrap();
        assert_eq!(mode(&private), 0o600);
    }

    #[test]
    fn a_folder_that_does_not_exist_is_an_error() {
        let err =
            WholeFile::create(Path::new("/no/such/folder/out.mp4"), IfExists::Refuse, Access::Usual).err().unwrap();
        assert_eq!(err.kind(), ErrorKind::NotFound);
        assert!(WholeFile::create(Path::new("/"), IfExists::Refuse, Access::Usual).is_err());
    }
}
