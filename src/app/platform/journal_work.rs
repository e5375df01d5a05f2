//! What the window reads from the journal and writes to it beside the history, each as one background job.

use std::collections::BTreeMap;

use super::background::{Background, BackgroundEvent};
use crate::app::state::desk::{LeftDesk, SavedWindow};
use crate::engine::journal::IntentId;
use crate::engine::{Clock, JournalAccess, Journaling, expiring_soon, spent_on_day, submission_of};
use crate::model::{Problem, Profile};

impl Background {
    /// Reads which tasks of the journal are not at their end; without a journal there are none.
    pub fn read_unfinished(&self, journal: Journaling) {
        self.spawn("Reading the journal", move || {
            let Journaling::On(journal) = journal else { return BackgroundEvent::Unfinished(Ok(Vec::new())) };
            let tasks = journal.journal().and_then(|journal| Ok(journal.unfinished()?));
            let tasks = tasks.map(|tasks| tasks.into_iter().rev().filter(|intent| intent.task.is_some()).collect());
            BackgroundEvent::Unfinished(tasks.map_err(|problem| format!("{problem}. Enter the id by hand")))
        });
    }

    /// Deletes a task from the history.
    pub fn delete_task(&self, journal: Journaling, id: IntentId) {
        self.spawn("Deleting the task", move || {
            let Journaling::On(journal) = journal else { return BackgroundEvent::Deleted(Ok(())) };
            let deleted = journal.journal().and_then(|journal| Ok(journal.delete(id, Clock::system().now_ms())?));
            BackgroundEvent::Deleted(deleted.map_err(|problem| format!("{problem}. Nothing was deleted")))
        });
    }

    /// Reads how a window was left, with what has happened since.
    pub fn read_desk(&self, journal: JournalAccess, name: &'static str) {
        self.spawn("Reading the journal", move || {
            let left = read_desk(&journal, name).map_err(|problem| {
                let hint = problem.hint.as_ref().map(|hint| format!(". {hint}")).unwrap_or_default();
                format!("{problem}{hint}")
            });
            BackgroundEvent::DeskRead(left.map(Box::new))
        });
    }

    /// Reads what is spent today at these services; what cannot be read counts as nothing.
    pub fn read_spent(&self, journal: Journaling, profiles: Vec<Profile>) {
        self.spawn("Reading what is spent", move || {
            let Journaling::On(journal) = journal else { return BackgroundEvent::Spent(BTreeMap::new()) };
            let now_ms = Clock::system().now_ms();
            let of = |profile: Profile| Some((spent_on_day(&journal, &profile, now_ms).ok()?, profile.name));
            let spent = profiles.into_iter().filter_map(of).map(|(spent, name)| (name, spent));
            BackgroundEvent::Spent(spent.collect())
        });
    }
}

/// As many tasks that finished while no window was open are counted.
const MOST_FINISHED: u32 = 99;

fn read_desk(access: &JournalAccess, name: &str) -> Result<LeftDesk, Problem> {
    let notice = access.open()?;
    let journal = access.journal()?;
    let Some(row) = journal.desk(name)? else { return Ok(LeftDesk { notice, ..LeftDesk::default() }) };
    let SavedWindow { desk, seen_ms } = serde_json::from_value(row.document).unwrap_or_default();
    let mut left = LeftDesk { notice, ..LeftDesk::default() };
    if seen_ms > 0 {
        left.finished = journal.finished_since(seen_ms, MOST_FINISHED)?.len();
    }
    left.expiring = expiring_soon(&journal, Clock::system().now_ms())?;
    left.missing = desk.files().into_iter().filter(|path| !path.is_file()).collect();
    if let Some(service) = &desk.service {
        let now_ms = Clock::system().now_ms();
        if let Some(session_id) = &desk.session_id {
            left.faces = access.faces_of(service, session_id, now_ms)?.map(Box::new);
        }
        if let Some(task_id) = &desk.task_id {
            for intent in journal.find(task_id)?.into_iter().filter(|intent| intent.service.is_same(service)) {
                left.task_has_ended |= intent.phase.is_finished();
                left.sent = submission_of(&intent).map(Box::new);
                left.held_until_ms = journal.held_until(intent.id, now_ms)?.filter(|_| !access.is_own(&intent));
            }
        }
    }
    Ok(LeftDesk { desk, ..left })
}
