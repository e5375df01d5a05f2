//! What an earlier run of the same batch did with a row, as the journal has it.

use std::path::PathBuf;

use crate::engine::journal::{Intent, IntentId, IntentState, Journal, Origin, Phase, Service};
use crate::model::Problem;

/// What is left to do of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// All of it, under this name.
    Everything(String),
    /// Its task is to be followed and saved: of this intent.
    Follow(IntentId, String),
    /// Whether its task was created is to be settled: of this intent, which was sent under this name.
    Settle(IntentId, String),
    /// Nothing: the result of this intent is in this file.
    Nothing(IntentId, PathBuf),
}

impl Left {
    /// The intent of an earlier run that it is about.
    pub const fn intent(&self) -> Option<IntentId> {
        match self {
            Self::Everything(_) => None,
            Self::Follow(id, _) | Self::Settle(id, _) | Self::Nothing(id, _) => Some(*id),
        }
    }
}

/// The intent of the row whose task is called `name` that another process may be working on.
///
/// # Errors
/// The journal cannot be read.
pub fn unfinished(journal: &Journal, service: &Service, name: &str) -> Result<Option<IntentId>, Problem> {
    Ok(newest(journal, service, name)?.1.filter(|intent| intent.finished_ms.is_none()).map(|intent| intent.id))
}

/// What is left of the row whose task is called `name`. What was refused, failed or never created is done again, under a further name: a
/// name is used once.
///
/// # Errors
/// The journal cannot be read.
pub fn left(journal: &Journal, service: &Service, name: &str) -> Result<Left, Problem> {
    let (name, intent) = newest(journal, service, name)?;
    let Some(intent) = intent else { return Ok(Left::Everything(name)) };
    let Some(task) = &intent.task else { return Ok(Left::Settle(intent.id, name)) };
    Ok(saved(journal, &intent)?
        .map_or_else(|| Left::Follow(intent.id, task.task_id.clone()), |file| Left::Nothing(intent.id, file)))
}

/// The file of its result, where that is still there.
fn saved(journal: &Journal, intent: &Intent) -> Result<Option<PathBuf>, Problem> {
    let results = journal.results(intent.id)?;
    Ok(results.into_iter().map(|result| result.file.path).find(|path| path.is_file()))
}

/// The name of the row after this one, under which nothing was created: a name is used once.
pub fn further(name: &str, of_row: &str) -> String {
    let number = name.strip_prefix(of_row).and_then(|rest| rest.strip_prefix('-')?.parse::<u32>().ok()).unwrap_or(1);
    format!("{of_row}-{}", number.saturating_add(1))
}

/// The first name of the row that is free, or whose intent is not refused, failed or without a task.
fn newest(journal: &Journal, service: &Service, name: &str) -> Result<(String, Option<Intent>), Problem> {
    for number in 1_u32.. {
        let name = if number == 1 { name.to_owned() } else { format!("{name}-{number}") };
        let is_it = |intent: &Intent| {
            intent.origin == Origin::Created
                && intent.service.is_same(service)
                && intent.external_task_id.as_deref() == Some(name.as_str())
        };
        let Some(intent) = journal.find(&name)?.into_iter().find(is_it) else { return Ok((name, None)) };
        let is_over = matches!(
            intent.state,
            IntentState::Refused | IntentState::NameTaken | IntentState::Nothing | IntentState::Withdrawn
        );
        // What is not saved of it is gone.
        let is_gone = intent.ends_with_process() && intent.finished_ms.is_some() && saved(journal, &intent)?.is_none();
        if !is_over && !is_gone && intent.phase != Phase::Failed {
            return Ok((name, Some(intent)));
        }
    }
    Ok((name.to_owned(), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_row_are_counted() {
        assert_eq!(further("batch-7", "batch-7"), "batch-7-2");
        assert_eq!(further("batch-7-2", "batch-7"), "batch-7-3");
        assert_eq!(further("order-2-9", "order-2"), "order-2-10");
    }
}
