//! Whether files can be written, checked before anything is paid.

use std::io::ErrorKind;
use std::path::Path;

use super::words;
use crate::model::{Problem, ProblemKind};

/// Makes sure that `file` can be written.
///
/// # Errors
/// [`ProblemKind::File`]: it is a folder, its folder is not there, or nothing can be written there.
pub fn check_writable(file: &Path) -> Result<(), Problem> {
    let problem = |why: String, hint: String| {
        Problem::new(ProblemKind::File, words::unwritable(file.display(), &why)).with_hint(hint)
    };
    if file.is_dir() {
        return Err(problem(words::part_is_folder(), words::give_file_name()));
    }
    match file.metadata() {
        Ok(held) if !held.is_file() => {
            return Err(problem(words::part_is_device(), words::give_file_name()));
        }
        Err(_) if file.symlink_metadata().is_ok() => {
            return Err(problem(words::part_is_dangling_link(), words::give_other_name()));
        }
        _ => {}
    }
    if file.file_name().is_none() {
        return Err(problem(words::part_is_no_file_name(), words::give_file_name()));
    }
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(problem(words::part_folder_missing(), words::create_folder()));
    }
    if let Ok(held) = file.metadata()
        && held.permissions().readonly()
    {
        return Err(problem(words::part_is_read_only(), words::give_other_name()));
    }
    // Only a trial shows whether the system allows it.
    match tempfile::Builder::new().prefix(".viseme-").tempfile_in(folder) {
        Ok(_) => Ok(()),
        Err(err) if err.kind() == ErrorKind::PermissionDenied => {
            Err(problem(words::part_writing_not_allowed(), words::choose_other_folder()))
        }
        Err(err) => Err(problem(err.to_string(), words::choose_other_folder())),
    }
}

/// An id as part of a file's name: what a file system might refuse becomes `_`.
pub fn as_name(id: &str) -> String {
    let name: String =
        id.chars().take(80).map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' }).collect();
    if name.is_empty() { "result".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn an_id_from_anywhere_makes_a_harmless_name() {
        assert_eq!(as_name("../../etc/passwd\0"), "______etc_passwd_");
        assert_eq!(as_name(""), "result");
        assert_eq!(as_name("viseme-1f"), "viseme-1f");
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
