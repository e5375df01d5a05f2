//! Files of an engine's own: removed with it.

use std::cell::RefCell;
use std::path::PathBuf;

/// Names files in the system's temporary folder, and removes them in the end.
#[derive(Debug, Default)]
pub struct Scratch {
    named: RefCell<Vec<PathBuf>>,
}

impl Scratch {
    /// A name that no file has, with this ending.
    pub fn path(&self, ending: &str) -> PathBuf {
        let number = getrandom::u64().unwrap_or_else(|_| u64::from(std::process::id()));
        let path = std::env::temp_dir().join(format!("viseme-{number:016x}{ending}"));
        self.named.borrow_mut().push(path.clone());
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        for path in self.named.get_mut() {
            // Most of them were never written, or are gone already.
            let _ = std::fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_goes_with_the_engine() {
        let scratch = Scratch::default();
        let (first, second) = (scratch.path(".wav"), scratch.path(".wav"));
        assert_ne!(first, second);
        std::fs::write(&first, "x").unwrap();
        drop(scratch);
        assert!(!first.exists());
    }
}
