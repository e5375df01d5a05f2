//! The id of an accepted task is never lost.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::workflow::*;

/// Checks that an accepted id is never lost: it is written down before its first query, and it stays in the stage until its end
/// is known or a person consents to leave it.
#[derive(Default)]
pub(super) struct AcceptedIds {
    /// Ids of creates that are being written down, by job.
    being_written: BTreeMap<JobId, String>,
    /// Ids whose writing has ended: with success, or with a warning.
    written: BTreeSet<String>,
    /// Ids that a person gave to be followed: known elsewhere.
    given: BTreeSet<String>,
}

impl AcceptedIds {
    pub(super) fn check(
        &mut self,
        before: &Flow,
        event: &Event,
        after: &Flow,
        commands: &[Command],
    ) -> Result<(), TestCaseError> {
        if let Event::Person(PersonEvent::Follow { task_id, .. }) = event {
            self.given.insert(task_id.clone());
        }
        if let Event::Job { job, answer: JobEvent::Recorded(outcome) } = event
            && let Some(id) = self.being_written.remove(job)
        {
            prop_assert!(outcome.is_ok() || after.warnings.len() > before.warnings.len(), "a failed write is silent");
            self.written.insert(id);
        }
        for command in commands {
            match command {
                Command::RecordAccepted { job, task } => {
                    self.being_written.insert(*job, task.task_id.clone());
                }
                Command::Abort { job } => {
                    prop_assert!(!self.being_written.contains_key(job), "the writing of an id was aborted");
                }
                Command::Query { task_id, .. } => {
                    let known = self.written.contains(task_id) || self.given.contains(task_id);
                    prop_assert!(known, "{} was asked for before it was written down", task_id);
                }
                _ => {}
            }
        }
        if let Some(id) = after.loses() {
            let known = self.written.contains(id)
                || self.given.contains(id)
                || self.being_written.values().any(|written| written == id);
            prop_assert!(known, "{} was accepted and is not written down", id);
        }
        if let Some(id) = before.loses() {
            let stays = after.loses() == Some(id);
            let ended =
                matches!(&after.stage, Stage::Done(done) if done.task.task_id == id && done.task.status.is_terminal());
            let left = matches!(event, Event::Person(PersonEvent::LeaveTask(_)));
            prop_assert!(stays || ended || left, "{} was lost by {:?}", id, event);
            let noted =
                !ended || commands.iter().any(|c| matches!(c, Command::RecordEnded { task_id, .. } if task_id == id));
            prop_assert!(noted, "the end of {} is not written down", id);
        }
        Ok(())
    }
}
