//! `viseme tasks show`: everything the journal knows of one task.

use super::console::Console;
use super::{Failed, connect, exit, words};
use crate::engine::journal::{Intent, Journal, Phase};
use crate::engine::shell::follow_command;
use crate::engine::{local_days, task_document};
use crate::model::Problem;

/// Writes it; returns the exit code.
pub fn run(intent: &Intent, journal: &Journal, console: &Console) -> Result<u8, Failed> {
    let changes = journal.changes(intent.id).map_err(Problem::from)?;
    let results = journal.results(intent.id).map_err(Problem::from)?;
    if console.is_json() {
        console.object(task_document(intent, &changes, &results, &connect::profiles()))?;
        return Ok(exit::DONE);
    }
    let task = intent.task.as_ref();
    let line = |name: &str, value: Option<String>| match value.filter(|value| !value.is_empty()) {
        Some(value) => console.row(&[name, &value]),
        None => Ok(()),
    };
    line("state", Some(intent.phase.word().to_owned()))?;
    line("service", Some(format!("{} {}", intent.service.profile, intent.service.base_url).trim().to_owned()))?;
    line("task_id", task.map(|task| task.task_id.clone()))?;
    line("external_task_id", intent.external_task_id.clone())?;
    line("session_id", intent.session_id.clone())?;
    line("face_id", Some(intent.face_ids.join(", ")))?;
    line("clip", Some(intent.clip.name.clone()))?;
    line("voice", Some(intent.voice.name.clone()))?;
    line("placement", intent.placement.as_ref().map(super::placement::text))?;
    line("cost", task.and_then(|task| task.cost.as_ref()).map(crate::model::Cost::text))?;
    line("settled_by", intent.settled_by.map(|by| by.word().to_owned()))?;
    line("other_task_id", intent.other_task_id.clone())?;
    line("refusal", intent.problem.as_ref().map(ToString::to_string))?;
    for video in task.map(|task| task.videos.as_slice()).unwrap_or_default() {
        line("video", Some(video.url.clone()))?;
    }
    for result in &results {
        line("saved", Some(format!("{} ({})", result.file.path.display(), result.file.sha256)))?;
    }
    for change in &changes {
        let detail = change.detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
        line("change", Some(format!("{} {}{detail}", local_days::text(change.at_ms), change.what)))?;
    }
    let task_id = task.map(|task| task.task_id.as_str());
    if intent.phase == Phase::Intended {
        console.hint(&words::waits_in_queue_hint());
    } else if !intent.phase.is_finished()
        && let Some(command) =
            follow_command(&intent.service, &connect::profiles(), task_id, intent.external_task_id.as_deref())
    {
        console.hint(&words::resume_hint(command));
    }
    Ok(exit::DONE)
}
