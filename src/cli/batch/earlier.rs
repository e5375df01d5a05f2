//! What an earlier run of the same batch did with a row, as the journal has it.

use std::path::PathBuf;

use crate::engine::journal::{Intent, IntentState, Journal, Origin, Phase, Service};
use crate::model::Problem;

/// What is left to do of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// All of it, under this name.
    Everything(String),
    /// Its task is to be followed and saved.
    Follow(String),
    /// Whether its task was created is to be settled, by this name.
    LookUp(String),
    /// Nothing: its result is in this file.
    Nothing(PathBuf),
}

/// What is left of the row whose task is called `name`. What was refused, failed or never created is done again, under a further name: a
/// name is used once.
///
/// # Errors
/// The journal cannot be read.
pub fn left(journal: &Journal, service: &Service, name: &str) -> Result<Left, Problem> {
    for number in 1_u32.. {
        let name = if number == 1 { name.to_owned() } else { format!("{name}-{number}") };
        let is_it = |intent: &Intent| {
            intent.origin == Origin::Created
                && intent.service.is_same(service)
                && intent.external_task_id.as_deref() == Some(name.as_str())
        };
        let Some(intent) = journal.find(&name)?.into_iter().find(is_it) else { return Ok(Left::Everything(name)) };
        let is_over = matches!(
            intent.state,
            IntentState::Refused | IntentState::NameTaken | IntentState::Nothing | IntentState::Withdrawn
        );
        if is_over || intent.phase == Phase::Failed {
            continue;
        }
        let Some(task) = &intent.task else { return Ok(Left::LookUp(name)) };
        let saved = journal.results(intent.id)?.into_iter().map(|result| result.file.path).find(|path| path.is_file());
        return Ok(saved.map_or_else(|| Left::Follow(task.task_id.clone()), Left::Nothing));
    }
    Ok(Left::Everything(name.to_owned()))
}
