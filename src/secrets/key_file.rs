//! Keys in a file that its owner alone may read (mode 0600), for machines without a keychain. Only after an explicit yes.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::StoredKey;
use crate::files::{Access, IfExists, folders, write_whole};

/// Where the file is.
#[must_use]
pub fn path() -> PathBuf {
    folders::config().join("keys.json")
}

/// The key kept under this name in the file at `path`.
///
/// # Errors
/// The file cannot be read, is damaged, or others may read it.
pub fn read(path: &Path, account: &str) -> io::Result<Option<StoredKey>> {
    Ok(all(path)?.get(account).and_then(StoredKey::of_document))
}

/// Keeps a key under this name, in place of the one before.
///
/// # Errors
/// As with [`read`], or the file cannot be written.
pub fn keep(path: &Path, account: &str, key: &StoredKey) -> io::Result<()> {
    let mut keys = all(path)?;
    keys.insert(account.to_owned(), key.document());
    write(path, &keys)
}

/// Forgets the key kept under this name; answers whether there was one. The file goes with its last key.
///
/// # Errors
/// As with [`keep`].
pub fn forget(path: &Path, account: &str) -> io::Result<bool> {
    let mut keys = all(path)?;
    if keys.remove(account).is_none() {
        return Ok(false);
    }
    if keys.is_empty() {
        fs::remove_file(path)?;
    } else {
        write(path, &keys)?;
    }
    Ok(true)
}

fn write(path: &Path, keys: &Map<String, Value>) -> io::Result<()> {
    let text = Value::Object(keys.clone()).to_string();
    write_whole(path, text.as_bytes(), IfExists::Replace, Access::OwnerOnly).map(drop)
}

fn all(path: &Path) -> io::Result<Map<String, Value>> {
    match fs::read_to_string(path) {
        Err(err) if err.kind() == ErrorKind::NotFound => Ok(Map::new()),
        Err(err) => Err(err),
        Ok(text) => {
            #[cfg(unix)]
            let_nobody_else_read(path)?;
            // What the parser says may have a part of the text in it.
            serde_json::from_str(&text).map_err(|_| io::Error::new(ErrorKind::InvalidData, "it is damaged"))
        }
    }
}

#[cfg(unix)]
fn let_nobody_else_read(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        return Err(io::Error::new(
            ErrorKind::PermissionDenied,
            "others may read it: make it yours alone with chmod 600",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_kept_each_by_its_name_for_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("viseme").join("keys.json");
        assert!(read(&path, "a").unwrap().is_none() && !forget(&path, "a").unwrap());
        keep(&path, "a", &StoredKey::Key("key-0123456".to_owned().into())).unwrap();
        keep(&path, "b", &StoredKey::Pair("access-0123".to_owned().into(), "secret-0123".to_owned().into())).unwrap();
        assert!(matches!(read(&path, "a").unwrap(), Some(StoredKey::Key(_))));
        assert!(matches!(read(&path, "b").unwrap(), Some(StoredKey::Pair(..))));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            assert_eq!(read(&path, "a").unwrap_err().kind(), ErrorKind::PermissionDenied);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        assert!(forget(&path, "a").unwrap() && forget(&path, "b").unwrap() && !path.exists());
        fs::write(&path, "{\"a\": key-0123456").unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        assert!(!read(&path, "a").unwrap_err().to_string().contains("0123456"));
    }
}
