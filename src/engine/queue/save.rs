//! Saves the results of what runs beside the workflow, one file at a time.

use std::collections::VecDeque;
use std::sync::Mutex;

use tokio::sync::Notify;

use super::{QueueState, Tools, lock};
use crate::engine::download::Saving;
use crate::engine::job;
use crate::engine::words;
use crate::files::{self, IfExists};
use crate::journal::IntentId;
use crate::model::{Problem, ProblemKind, SavedFile};
use crate::service::Waits;

/// What is still to be saved.
#[derive(Default)]
pub struct ToSave {
    ids: Mutex<VecDeque<IntentId>>,
    more: Notify,
}

impl ToSave {
    pub fn push(&self, id: IntentId) {
        lock(&self.ids).push_back(id);
        self.more.notify_one();
    }

    /// The next one. It stays the next one until it is [`ToSave::done`]: the work may be dropped before, and begun anew.
    async fn next(&self) -> IntentId {
        loop {
            let more = self.more.notified();
            if let Some(id) = lock(&self.ids).front() {
                return *id;
            }
            more.await;
        }
    }

    fn done(&self, id: IntentId) {
        lock(&self.ids).retain(|known| *known != id);
    }
}

/// Saves what is to be saved, for ever.
pub async fn work(tools: &Tools) {
    let queue = &tools.queue;
    take_earlier(tools).await;
    loop {
        let id = queue.0.to_save.next().await;
        let state = match save(tools, id).await {
            Ok(Some(saved)) => QueueState::Saved(saved.path),
            Ok(None) => QueueState::Succeeded,
            Err(problem) => {
                tracing::warn!(%problem, intent = %id, "a result could not be saved");
                QueueState::NotSaved(problem)
            }
        };
        queue.0.to_save.done(id);
        queue.change(|shown| shown.set(id, state));
        (tools.changed)();
    }
}

/// Lists what an earlier window was saving, or was about to.
async fn take_earlier(tools: &Tools) {
    let (true, Some(_)) = (tools.wishes.now().results.is_some(), &tools.fetcher) else { return };
    let earlier = tools.journal.unsaved_of_queue(tools.service.clone()).await.unwrap_or_else(|problem| {
        tracing::warn!(%problem, "what was not saved could not be read from the journal");
        Vec::new()
    });
    for intent in earlier {
        let id = intent.id;
        tools.queue.list(std::slice::from_ref(&intent)).await;
        if !lock(&tools.queue.0.to_save.ids).contains(&id) {
            tools.queue.succeeded(id);
        }
    }
}

/// Saves every video of a task. `None`: results are not saved here, or it has none.
async fn save(tools: &Tools, id: IntentId) -> Result<Option<SavedFile>, Problem> {
    let (Some(folder), Some(fetcher)) = (tools.wishes.now().results, &tools.fetcher) else { return Ok(None) };
    if let Some(saved) = tools.journal.first_saved(id).await? {
        return Ok(Some(saved));
    }
    let intent = tools.journal.intent(id).await?;
    tools.journal.expect_videos(&intent);
    let stem = files::safe_stem(&intent.result_stem());
    let made = folder.clone();
    let made = tokio::task::spawn_blocking(move || std::fs::create_dir_all(made)).await;
    if let Ok(Err(err)) = made {
        return Err(Problem::new(ProblemKind::File, words::no_results_folder(folder.display(), err)));
    }
    let (journal, clock) = (Some(tools.journal.clone()), tools.clock.clone());
    let saving = Saving { fetcher: fetcher.clone(), journal, waits: Waits::default(), clock };
    let mut first = None;
    let videos = intent.task.map(|task| task.videos).unwrap_or_default();
    for (number, video) in videos.iter().enumerate() {
        let name = if number == 0 { format!("{stem}.mp4") } else { format!("{stem} {}.mp4", number + 1) };
        let to = folder.join(name);
        let (progress, _unseen) = job::progress();
        let saved = saving.try_save(&video.url, &to, IfExists::TakeFreeName, progress).await?;
        first.get_or_insert(saved);
    }
    Ok(first)
}
