//! Where results go: checked before anything is paid, and never over something that was not meant.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::model::{Problem, ProblemKind};

/// Makes sure that a file can be written there, before anything is paid for it.
///
/// # Errors
/// [`ProblemKind::File`]: it is a folder, its folder is not there, or nothing can be written there.
pub fn check_writable(file: &Path) -> Result<(), Problem> {
    let problem = |why: String, hint: &str| {
        Problem::new(ProblemKind::File, format!("{} cannot be written: {why}", file.display())).with_hint(hint)
    };
    if file.is_dir() {
        return Err(problem("it is a folder".into(), "Give the name of a file"));
    }
    match file.metadata() {
        Ok(held) if !held.is_file() => {
            return Err(problem("it is a device or a pipe, not a file".into(), "Give the name of a file"));
        }
        Err(_) if file.symlink_metadata().is_ok() => {
            return Err(problem("it is a link that leads nowhere".into(), "Give another name"));
        }
        _ => {}
    }
    if file.file_name().is_none() {
        return Err(problem("it is no file's name".into(), "Give the name of a file"));
    }
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(problem("its folder is not there".into(), "Make the folder, or choose another"));
    }
    if let Ok(held) = file.metadata()
        && held.permissions().readonly()
    {
        return Err(problem("the file that is there is read-only".into(), "Choose another name"));
    }
    // The only way to know is to try: a file of no content beside it, which goes at once.
    let trial = folder.join(format!(".viseme-{:08x}.tmp", getrandom::u32().unwrap_or_default()));
    match fs::File::create_new(&trial) {
        Ok(_) => {
            let _ = fs::remove_file(&trial);
            Ok(())
        }
        Err(err) if err.kind() == ErrorKind::PermissionDenied => {
            Err(problem("writing there is not allowed".into(), "Choose another folder"))
        }
        Err(err) => Err(problem(err.to_string(), "Choose another folder")),
    }
}

/// A name in `folder` that nothing has yet: `STEM.EXTENSION`, else `STEM-1.EXTENSION` and so on.
pub fn fresh_name(folder: &Path, stem: &str, extension: &str) -> PathBuf {
    let first = folder.join(format!("{stem}.{extension}"));
    let others = (1_u32..).map(|number| folder.join(format!("{stem}-{number}.{extension}")));
    let mut names = std::iter::once(first.clone()).chain(others);
    names.find(|name| name.symlink_metadata().is_err()).unwrap_or(first)
}

/// An id as part of a file's name: what a file system might mind becomes `_`.
pub fn as_name(id: &str) -> String {
    let name: String =
        id.chars().take(80).map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' }).collect();
    if name.is_empty() { "result".to_owned() } else { name }
}

/// The name for the further videos of a task: `out-2.mp4` beside `out.mp4`.
pub fn numbered(file: &Path, number: usize) -> PathBuf {
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = file.extension() {
        name.push(".");
        name.push(extension);
    }
    file.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_keeps_its_name() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(fresh_name(folder.path(), "a", "mp4"), folder.path().join("a.mp4"));
        fs::write(folder.path().join("a.mp4"), "x").unwrap();
        fs::write(folder.path().join("a-1.mp4"), "x").unwrap();
        assert_eq!(fresh_name(folder.path(), "a", "mp4"), folder.path().join("a-2.mp4"));
    }

    #[test]
    fn an_id_from_anywhere_makes_a_harmless_name() {
        assert_eq!(as_name("../../etc/passwd\0"), "______etc_passwd_");
        assert_eq!(as_name(""), "result");
        assert_eq!(as_name("viseme-1f"), "viseme-1f");
        assert_eq!(numbered(Path::new("d/out.mp4"), 2), Path::new("d/out-2.mp4"));
    }

    #[test]
    fn writing_is_tried_before_anything_is_paid() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check_writable(&folder.path().join("a.mp4")).is_ok());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "the trial leaves nothing");
        for wrong in [folder.path().to_owned(), folder.path().join("none").join("a.mp4"), PathBuf::from("/")] {
            assert_eq!(check_writable(&wrong).unwrap_err().kind, ProblemKind::File, "{}", wrong.display());
        }
    }
}
