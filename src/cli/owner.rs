//! The process that has a task in the journal: whether it still lives.

use std::time::Duration;

use super::console::Console;
use super::words;
use crate::engine::Clock;
use crate::engine::journal::{IntentId, Journal, Owner};
use crate::model::Problem;

/// How often it is looked whether it has ended.
const TICK: Duration = Duration::from_millis(250);

/// Waits while it is not clear whether the process that followed a task has ended: until its lease is over, or is extended, for then it
/// lives. Says for how long.
///
/// # Errors
/// The journal cannot be read.
pub async fn wait_for_owner(journal: &Journal, id: IntentId, console: &Console) -> Result<(), Problem> {
    let now_ms = || Clock::system().now_ms();
    let mut first_ms = None;
    while let Some(until_ms) = journal.held_until(id, now_ms())? {
        match first_ms {
            None => {
                let seconds = until_ms.saturating_sub(now_ms()).max(0) / 1000 + 1;
                console.say(&words::waits_for_owner(seconds));
                first_ms = Some(until_ms);
            }
            Some(first_ms) if until_ms != first_ms => break,
            Some(_) => {}
        }
        tokio::time::sleep(TICK).await;
    }
    Ok(())
}

/// As [`wait_for_owner`]. What was in a sandbox of that process's own is put to its end: `true`, and that is said.
///
/// # Errors
/// The journal cannot be read or written.
pub async fn settle_owner(journal: &Journal, id: IntentId, console: &Console) -> Result<bool, Problem> {
    wait_for_owner(journal, id, console).await?;
    // Nobody else has this name while this process lives.
    let by = Owner::of_command(&format!("{}-ended", std::process::id()));
    if journal.is_read_only() || !journal.end_with_process(id, &by, Clock::system().now_ms())? {
        return Ok(false);
    }
    let name = journal.intent(id)?.external_task_id.unwrap_or_default();
    console.say(&words::ended_with_sandbox(name));
    Ok(true)
}
