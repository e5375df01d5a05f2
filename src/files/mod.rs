//! Files that appear whole or not at all, names that are free, and the folders where things are kept.

mod bounded;
pub mod folders;
mod run_folder;
mod whole;

use std::io;
use std::path::{Path, PathBuf};

pub use self::bounded::keep_within;
pub use self::run_folder::RunFolder;
pub use self::whole::{Access, IfExists, WholeFile, is_written_to, sync};

/// Writes `bytes` to `target`, which appears whole or not at all. Makes the folder where it is missing.
///
/// # Errors
/// The folder or the file cannot be written, or `target` exists and must not be replaced.
pub fn write_whole(target: &Path, bytes: &[u8], if_exists: IfExists, access: Access) -> io::Result<PathBuf> {
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = WholeFile::create(target, if_exists, access)?;
    io::Write::write_all(&mut file, bytes)?;
    file.finish()
}

/// Lower-case hexadecimal digits, as checksums are written.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Longest stem of a name in bytes: file systems take 255 for the whole name, and a number and an extension are added.
const LONGEST_STEM_BYTES: usize = 200;

/// A file's name without what no system takes in one, and not too long; `result` where nothing is left.
#[must_use]
pub fn safe_stem(stem: &str) -> String {
    let mut stem: String =
        stem.chars().map(|c| if c.is_control() || "/\\:*?\"<>|".contains(c) { '-' } else { c }).collect();
    stem.truncate(stem.floor_char_boundary(LONGEST_STEM_BYTES));
    match stem.trim() {
        "" | "." | ".." => "result".into(),
        stem => stem.into(),
    }
}

/// A path at which nothing is yet: `path` itself, else `duo (2).mp4` for `duo.mp4`, and so on. Reads the disk. A caller that writes there
/// later uses [`IfExists::TakeFreeName`]: the name may be taken meanwhile.
#[must_use]
pub fn free_path(path: &Path) -> PathBuf {
    names(path).find(|path| path.symlink_metadata().is_err()).unwrap_or_else(|| path.to_owned())
}

/// `duo.mp4`, `duo (2).mp4`, `duo (3).mp4` and so on.
pub fn names(path: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let path = path.to_owned();
    let numbered = {
        let path = path.clone();
        (2..100_000).map(move |n| {
            let mut name = path.file_stem().unwrap_or_default().to_owned();
            name.push(format!(" ({n})"));
            if let Some(extension) = path.extension() {
                name.push(".");
                name.push(extension);
            }
            path.with_file_name(name)
        })
    };
    std::iter::once(path).chain(numbered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_name_is_the_next_number() {
        let folder = tempfile::tempdir().unwrap();
        let wanted = folder.path().join("duo lip-sync.mp4");
        assert_eq!(free_path(&wanted), wanted);
        std::fs::write(&wanted, b"x").unwrap();
        assert_eq!(free_path(&wanted), folder.path().join("duo lip-sync (2).mp4"));
        std::fs::write(folder.path().join("duo lip-sync (2).mp4"), b"x").unwrap();
        assert_eq!(free_path(&wanted), folder.path().join("duo lip-sync (3).mp4"));
        assert_eq!(free_path(&folder.path().join("no ending")), folder.path().join("no ending"));
    }

    #[test]
    fn a_byte_is_two_hexadecimal_digits() {
        assert_eq!(hex(&[0, 10, 255]), "000aff");
    }

    #[test]
    fn a_stem_has_nothing_that_a_system_refuses() {
        assert_eq!(safe_stem("a/b:c"), "a-b-c");
        assert_eq!(safe_stem(" \t"), "-");
        assert_eq!(safe_stem("  "), "result");
        assert_eq!(safe_stem(".."), "result");
        let long = safe_stem(&"ü".repeat(256));
        assert_eq!((long.len(), long.chars().count()), (200, 100));
    }
}
