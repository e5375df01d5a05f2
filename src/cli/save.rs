//! Results saved: where they go, and what is said about it.

use std::path::{Path, PathBuf};

use super::runner::Runner;
use super::stop::Stop;
use super::{report, words};
use crate::engine::journal::Intent;
use crate::engine::shell;
use crate::files::{free_path, safe_stem};
use crate::model::SavedFile;
use crate::workflow::{Download, Flow, PersonEvent, Stage};

/// The default path of a result in the current directory, at which nothing is yet.
pub fn default_path(stem: &str) -> PathBuf {
    free_path(Path::new(&format!("{}.mp4", safe_stem(stem))))
}

/// Where the result of a task goes that an earlier run created, and at which nothing is yet: where it was wanted then, else under the name that it
/// would have had.
pub fn path_of(intent: &Intent) -> PathBuf {
    intent.result_wanted().map_or_else(|| default_path(&intent.result_stem()), |out| free_path(&out))
}

impl Runner<'_> {
    /// Saves every video of the finished task and prints their paths: the first as `out`, which is replaced where `replaces` says so,
    /// further ones beside it.
    ///
    /// # Errors
    /// One of them could not be fetched or written; or an interruption.
    pub async fn save(&mut self, out: Option<&Path>, replaces: bool) -> Result<(), Stop> {
        let Stage::Done(done) = &self.flow().stage else { return Ok(()) };
        let (count, task_id, is_followed) =
            (done.downloads.len(), done.task.task_id.clone(), done.submission.is_none());
        let earlier = if is_followed { self.engine.intent_of_task(&task_id).await } else { None };
        for index in 0..count {
            let to = match (out, index) {
                (Some(out), 0) => out.to_owned(),
                (Some(out), _) => free_path(out),
                (None, _) => earlier.as_ref().map_or_else(|| default_path(&self.flow().result_stem()), path_of),
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
