//! `viseme CLIP [VOICE]`: files for the window, as *Open with* of a desktop gives them.

use std::path::{Path, PathBuf, absolute};

use super::words;
use crate::model::{Problem, ProblemKind};

/// Whether a word that is no command is meant as a file: it exists, it has a separator, or it has an extension, which no command has.
pub fn is_meant_as_file(word: &Path) -> bool {
    word.exists() || word.components().count() > 1 || word.is_absolute() || word.extension().is_some()
}

/// The files as absolute paths: the window remembers them.
///
/// # Errors
/// [`ProblemKind::File`]: one does not exist, or is no file.
pub fn checked(files: &[PathBuf]) -> Result<Vec<PathBuf>, Problem> {
    let problem = |message: String, hint: String| Problem::new(ProblemKind::File, message).with_hint(hint);
    files
        .iter()
        .map(|file| match file.metadata() {
            Ok(found) if found.is_dir() => Err(problem(words::open_folder(file.display()), words::open_hint())),
            Ok(_) => Ok(absolute(file).unwrap_or_else(|_| file.clone())),
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => {
                Err(problem(words::open_missing(file.display()), words::open_missing_hint()))
            }
            Err(err) => Err(problem(words::open_unreadable(file.display(), &err), words::open_hint())),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_with_an_extension_or_a_separator_is_meant_as_a_file() {
        for word in ["clip.mp4", "./clip", "/clip", "a/b", "Cargo.toml", "src"] {
            assert!(is_meant_as_file(Path::new(word)), "{word}");
        }
        for word in ["idetify", "frobnicate", "run"] {
            assert!(!is_meant_as_file(Path::new(word)), "{word}");
        }
    }

    #[test]
    fn each_file_must_exist() {
        let folder = tempfile::tempdir().unwrap();
        let clip = folder.path().join("a.mp4");
        std::fs::write(&clip, "x").unwrap();
        assert_eq!(checked(std::slice::from_ref(&clip)).unwrap(), [clip]);
        for wrong in [folder.path().join("none.mp4"), folder.path().to_owned()] {
            let problem = checked(std::slice::from_ref(&wrong)).unwrap_err();
            assert!(
                problem.kind == ProblemKind::File && problem.message.contains(&*wrong.to_string_lossy()),
                "{problem}"
            );
        }
    }
}
