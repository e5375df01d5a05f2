//! Paths as a system has them, which is not always text.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A path as bytes.
#[cfg(unix)]
pub(super) fn to_bytes(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt as _;
    path.as_os_str().as_bytes().to_vec()
}

/// The path that [`to_bytes`] wrote.
#[cfg(unix)]
pub(super) fn of_bytes(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    OsString::from_vec(bytes).into()
}

/// A path as bytes: units of 16 bits, low byte first.
#[cfg(windows)]
pub(super) fn to_bytes(path: &Path) -> Vec<u8> {
    use std::os::windows::ffi::OsStrExt as _;
    path.as_os_str().encode_wide().flat_map(u16::to_le_bytes).collect()
}

/// The path that [`to_bytes`] wrote.
#[cfg(windows)]
#[allow(clippy::needless_pass_by_value, reason = "on Unix the path is made of these very bytes")]
pub(super) fn of_bytes(bytes: Vec<u8>) -> PathBuf {
    use std::os::windows::ffi::OsStringExt as _;
    let units: Vec<u16> = bytes.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
    OsString::from_wide(&units).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_comes_back_as_it_was() {
        for path in ["/a/Duo (2).mp4", "b.mp4", "ü/字.mp4"].map(PathBuf::from) {
            assert_eq!(of_bytes(to_bytes(&path)), path);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_no_text_comes_back_too() {
        let path = of_bytes(b"/a/\xFF\xFE.mp4".to_vec());
        assert!(path.to_str().is_none());
        assert_eq!(to_bytes(&path), b"/a/\xFF\xFE.mp4");
    }
}
