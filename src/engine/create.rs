//! One create of the workflow: its intent is written down, it is sent, and its answer is written down.

use super::execute::JournalOfService;
use super::job::ProgressWriter;
use super::journal_access::{MadeFor, spend};
use super::local_days;
use super::storage::Storage;
use super::wishes::{Values, Wishes};
use crate::model::{CallOutcome, ClipSource, Submission};
use crate::service::{Client, Fetcher};
use crate::workflow::JobEvent;

/// Writes the intent down, then sends it, then writes the answer down. A voice that is too large to be sent along is put into `storage` before that: nothing
/// was sent where it cannot be.
#[expect(clippy::too_many_arguments, reason = "what one create is made of")]
pub(super) async fn create(
    client: Client,
    submission: Submission,
    clip: Option<ClipSource>,
    again: bool,
    journal: JournalOfService,
    wishes: Wishes,
    storage: Option<(Storage, Fetcher)>,
    progress: ProgressWriter,
) -> JobEvent {
    let stored = progress.clone();
    let sent = match storage {
        Some((storage, fetcher)) => {
            match storage.with_voice(&submission, &fetcher, move |now| stored.report(now)).await {
                Ok(sent) => sent,
                Err(problem) => return JobEvent::Created(CallOutcome::Refused(problem)),
            }
        }
        None => submission.clone(),
    };
    let intent = match &journal {
        None => None,
        Some((journal, service)) => {
            let day = local_days::day(journal.now_ms());
            let Values { budget, out, ends_with_process, .. } = wishes.now();
            let spend = spend(client.profile().dialect, &submission, day, budget);
            if let Err(problem) = client.learn_time().await {
                return JobEvent::Created(CallOutcome::Refused(problem));
            }
            let ahead_ms = client.known_ahead_ms();
            let made = MadeFor { clip: clip.as_ref(), out: out.as_deref(), ends_with_process };
            match journal.begin(service.clone(), &submission, made, ahead_ms, again, Some(spend)).await {
                Ok(intent) => Some((journal, intent)),
                // Nothing was sent.
                Err(problem) => return JobEvent::Created(CallOutcome::Refused(problem)),
            }
        }
    };
    let outcome = client.create_watched(&sent, move |now| progress.report(now)).await.map(Box::new);
    if let Some((journal, intent)) = intent {
        journal.answered(intent, &outcome).await;
    }
    JobEvent::Created(outcome)
}
