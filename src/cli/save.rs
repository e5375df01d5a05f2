//! Results saved: where they go, and what is said about it.

use std::path::{Path, PathBuf};

use super::runner::Runner;
use super::stop::Stop;
use super::{report, words};
use crate::engine::shell;
use crate::files::{free_path, safe_stem};
use crate::model::SavedFile;
use crate::workflow::{Download, Flow, PersonEvent, Stage};

/// The default path of a result in the current directory, at which nothing is yet.
pub fn default_path(stem: &str) -> PathBuf {
    free_path(Path::new(&format!("{}.mp4", safe_stem(stem))))
}

impl Runner<'_> {
    /// Saves every video of the finished task and prints their paths: the first as `out`, which is replaced where `replaces` says so,
    /// further ones beside it.
    ///
    /// # Errors
    /// One of them could not be fetched or written; or an interruption.
    pub async fn save(&mut self, out: Option<&Path>, replaces: bool) -> Result<(), Stop> {
        let Stage::Done(done) = &self.flow().stage else { return Ok(()) };
        for index in 0..done.downloads.len() {
            let to = match (out, index) {
                (Some(out), 0) => out.to_owned(),
                (Some(out), _) => free_path(out),
                (None, _) => default_path(&self.flow().result_stem()),
            };
            self.engine.dispatch(PersonEvent::Download {
                index,
                to,
                // Only the name that a person gave replaces what is there.
                replaces: replaces && out.is_some() && index == 0,
            });
            self.until(|flow| !matches!(download(flow, index), Some(Download::Running { .. }))).await?;
            match download(self.flow(), index) {
                Some(Download::Saved(SavedFile { path, sha256, size_bytes })) => {
                    self.console.say(&words::saved(path.display(), *size_bytes, sha256));
                    self.console.result(&path.display().to_string())?;
                }
                Some(Download::Failed(problem)) => {
                    let again = if self.tasks_end_with_it() {
                        words::save_again_in_own_sandbox()
                    } else {
                        let task_id = report::task_id(self.flow()).unwrap_or_default();
                        words::save_again(shell::task_command(task_id, "--out FILE", self.service_options()))
                    };
                    let hint = problem.hint.iter().cloned().chain([again]).collect::<Vec<_>>().join(". ");
                    let mut problem = problem.clone().with_hint(hint);
                    problem.message = words::result_not_saved(&problem.message);
                    return Err(problem.into());
                }
                _ => return Err(self.problem_or(words::result_not_fetched()).into()),
            }
        }
        Ok(())
    }
}

fn download(flow: &Flow, index: usize) -> Option<&Download> {
    match &flow.stage {
        Stage::Done(done) => done.downloads.get(index),
        _ => None,
    }
}
