//! What the queue writes down: jobs that wait, and what becomes of them.

use std::sync::Arc;

use super::JournalAccess;
use super::redacted::intent_without_secrets;
use super::shared::Shared;
use super::values::{MadeFor, new_intent};
use crate::journal::{Begun, BookingId, Intent, IntentId, IntentState, Micros, Refusal, Sending, Service, Spend};
use crate::model::face::SESSION_LIFE_MS;
use crate::model::{ClipSource, Problem, SavedFile, Submission};
use crate::secrets::{redacted, without_secrets};

/// What an identify is booked as.
const IDENTIFY: &str = "identify";
const NOT_BOOKED: &str = "what an identify costs could not be written to the journal";

impl JournalAccess {
    /// Writes a job down that waits for its turn, durably, with its estimate.
    ///
    /// # Errors
    /// The journal cannot be written, the name was used, or the budget does not allow it: nothing waits.
    pub(in crate::engine) async fn enqueue(
        &self,
        service: Service,
        submission: &Submission,
        clip: Option<&ClipSource>,
        spend: Spend,
    ) -> Result<Intent, Problem> {
        let new = new_intent(service, submission, MadeFor { clip, ..MadeFor::default() }, None, Some(spend));
        let new = intent_without_secrets(new);
        self.blocking(move |shared| {
            let journal = &shared.open()?.journal;
            let id = match journal.queue_intent(&new, &shared.owner, shared.now_ms())? {
                Begun::Intent(id) => id,
                Begun::Refused(refusal) => return Err(refusal.problem()),
            };
            shared.keep_lease();
            Ok(journal.intent(id)?)
        })
        .await
    }

    /// A job that waits and belongs to this process; `None` where it does not wait any more, or another process has it.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub(in crate::engine) async fn waiting(&self, id: IntentId) -> Result<Option<Intent>, Problem> {
        self.blocking(move |shared| {
            let intent = shared.open()?.journal.intent(id)?;
            let is_ours = intent.owner.as_ref() == Some(&shared.owner);
            Ok((is_ours && intent.state == IntentState::Intended).then_some(intent))
        })
        .await
    }

    /// Writes down that a job that waited is about to be sent, durably.
    ///
    /// # Errors
    /// It does not wait any more, another process has it, or the journal cannot be written: nothing must be sent.
    pub(in crate::engine) async fn send_waiting(
        &self,
        intent: &Intent,
        sending: Sending,
    ) -> Result<Result<(), Refusal>, Problem> {
        let (id, name) = (intent.id, intent.external_task_id.clone());
        self.blocking(move |shared| {
            let sent = shared.open()?.journal.sent(id, &shared.owner, &sending, shared.now_ms())?;
            if sent.is_ok() {
                let mut known = shared.known();
                known.sending.insert(id);
                if let Some(name) = name {
                    known.creates.insert(name, id);
                    known.current.get_or_insert(id);
                }
            }
            shared.keep_lease();
            Ok(sent)
        })
        .await
    }

    /// Writes down that what was sent was certainly not taken: it waits again. `false`: an earlier sending of it is not clear, and is to be
    /// settled first.
    ///
    /// # Errors
    /// It is not being sent, another process has it, or the journal cannot be written.
    pub(in crate::engine) async fn not_taken(&self, id: IntentId, problem: Problem) -> Result<bool, Problem> {
        let problem = without_secrets(problem);
        self.blocking(move |shared| {
            let state = shared.open()?.journal.not_taken(id, &shared.owner, &problem, shared.now_ms())?;
            let waits = state == IntentState::Intended;
            let mut known = shared.known();
            known.sending.remove(&id);
            known.current.take_if(|current| *current == id);
            if waits {
                // It is no create of this process any more: another process may send it next. `send_waiting` enters it again.
                known.creates.retain(|_, of| *of != id);
            }
            drop(known);
            Ok(waits)
        })
        .await
    }

    /// Gives a job up that waits. `why`: what a person reads of it, where they have not done it themselves.
    ///
    /// # Errors
    /// It does not wait any more, another process has it, or the journal cannot be written.
    pub(in crate::engine) async fn withdraw(&self, id: IntentId, why: Option<Problem>) -> Result<(), Problem> {
        let why = why.map(without_secrets);
        self.blocking(move |shared| {
            Ok(shared.open()?.journal.withdraw(id, &shared.owner, why.as_ref(), shared.now_ms())?)
        })
        .await
    }

    /// Makes certain that the task of a name that was sent here is written down.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub(in crate::engine) async fn accepted_name(&self, name: &str, task_id: &str) -> Result<(), Problem> {
        let (name, task_id) = (name.to_owned(), task_id.to_owned());
        self.blocking(move |shared| {
            let known = shared.known().creates.get(&name).copied();
            if let Some(id) = known {
                shared.open()?.journal.accepted(id, &redacted(&task_id), shared.now_ms())?;
                shared.known().tasks.insert(task_id, id);
            }
            Ok(())
        })
        .await
    }

    /// From now on this is followed beside the workflow.
    pub(in crate::engine) fn hand_over(&self, id: IntentId) {
        let mut known = self.shared.known();
        known.sending.remove(&id);
        known.leftovers.insert(id);
    }

    /// An intent as it is now.
    ///
    /// # Errors
    /// It is not there, or the journal cannot be read.
    pub(in crate::engine) async fn intent(&self, id: IntentId) -> Result<Intent, Problem> {
        self.blocking(move |shared| Ok(shared.open()?.journal.intent(id)?)).await
    }

    /// The tasks of a service that waited in the queue and succeeded within the last day, and whose results were not saved.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub(in crate::engine) async fn unsaved_of_queue(&self, service: Service) -> Result<Vec<Intent>, Problem> {
        const DAY_MS: i64 = 24 * 3_600_000;
        self.blocking(move |shared| {
            let from_ms = shared.now_ms().saturating_sub(DAY_MS);
            let mut unsaved = shared.open()?.journal.unsaved_of_queue(from_ms)?;
            unsaved.retain(|intent| intent.service.is_same(&service));
            Ok(unsaved)
        })
        .await
    }

    /// The results of this intent are about to be fetched: what is saved of them is its own.
    pub(in crate::engine) fn expect_videos(&self, intent: &Intent) {
        let mut known = self.shared.known();
        for (number, video) in (0..).zip(intent.task.iter().flat_map(|task| &task.videos)) {
            known.videos.insert(video.url.clone(), (intent.id, number));
        }
    }

    /// The numbers of the faces of intents among those of their sessions, from 1; `None` where that is not known.
    pub(in crate::engine) async fn face_numbers(&self, intents: Vec<Intent>) -> Vec<Option<usize>> {
        let count = intents.len();
        let found = self.blocking(move |shared| {
            let journal = &shared.open()?.journal;
            let number = |intent: &Intent| {
                let record = journal.session(&intent.service, intent.session_id.as_deref()?).ok()??;
                let face_id = intent.face_ids.first()?;
                Some(record.session.faces.iter().position(|face| face.face_id == *face_id)? + 1)
            };
            Ok(intents.iter().map(number).collect())
        });
        found.await.unwrap_or_else(|_| vec![None; count])
    }

    /// The intent that has used a name at a service.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub(in crate::engine) async fn named(&self, service: Service, name: String) -> Result<Option<Intent>, Problem> {
        self.blocking(move |shared| Ok(shared.open()?.journal.named(&service, &name)?)).await
    }

    /// The intent of a task at a service; `None`: it is not known here.
    pub(in crate::engine) async fn of_task(&self, service: Service, task_id: String) -> Option<Intent> {
        let found = self.blocking(move |shared| {
            let found = shared.open()?.journal.find(&task_id)?;
            Ok(found.into_iter().find(|intent| {
                intent.service.is_same(&service) && intent.task.as_ref().is_some_and(|task| task.task_id == task_id)
            }))
        });
        found.await.ok().flatten()
    }

    /// Whether a result of a task was saved by anybody.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub(in crate::engine) async fn first_saved(&self, id: IntentId) -> Result<Option<SavedFile>, Problem> {
        let results = self.blocking(move |shared| Ok(shared.open()?.journal.results(id)?)).await?;
        Ok(results.into_iter().next().map(|result| result.file))
    }

    /// How many tasks of a service run or are about to, and how long they usually take, in milliseconds.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub(in crate::engine) async fn load(&self, service: &Service) -> Result<(u32, Option<i64>), Problem> {
        let service = service.clone();
        self.blocking(move |shared| {
            let journal = &shared.open()?.journal;
            Ok((journal.slots_used(&service)?, journal.usual_ms(&service)?))
        })
        .await
    }

    /// Why this does not fit into the budget of the day; `None`: it does.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub(in crate::engine) async fn may_spend(
        &self,
        service: Service,
        spend: Spend,
    ) -> Result<Option<Refusal>, Problem> {
        self.blocking(move |shared| Ok(shared.open()?.journal.may_spend(&service, &spend)?)).await
    }

    /// Whether the service charged nothing for the last identify.
    pub(in crate::engine) async fn identify_is_free(&self, service: Service) -> bool {
        let last = self.blocking(move |shared| Ok(shared.open()?.journal.last_booked(&service, IDENTIFY)?)).await;
        last.is_ok_and(|last| last == Some(Micros(0)))
    }

    /// Books an identify; `None`: that cannot be written down.
    pub(in crate::engine) async fn book_identify(&self, service: Service, spend: Spend) -> Option<BookingId> {
        // It is not limited: it was sent already.
        let booked = self.blocking(move |shared| Ok(shared.open()?.journal.spend(&service, IDENTIFY, &spend)?.ok()));
        booked.await.unwrap_or_else(|problem| {
            tracing::warn!(%problem, "{NOT_BOOKED}");
            None
        })
    }

    /// Books what an identify cost, once that is known, instead of its estimate.
    pub(in crate::engine) async fn settle_identify(&self, booking: BookingId, unit: &'static str, cost: Micros) {
        let settled = self.blocking(move |shared| Ok(shared.open()?.journal.settle_booking(booking, unit, cost)?));
        if let Err(problem) = settled.await {
            tracing::warn!(%problem, "{NOT_BOOKED}");
        }
    }

    /// Whether a session is over at `service_ms` by the service's clock (milliseconds since the epoch). One that the journal does not know
    /// is not known to be.
    pub(in crate::engine) async fn session_is_over(
        &self,
        service: &Service,
        session_id: &str,
        service_ms: i64,
    ) -> bool {
        let (service, session_id) = (service.clone(), redacted(session_id).into_owned());
        let over = self.blocking(move |shared| {
            let session = shared.open()?.journal.session(&service, &session_id)?;
            Ok(session.is_some_and(|record| record.session.begun_at_ms.saturating_add(SESSION_LIFE_MS) <= service_ms))
        });
        over.await.unwrap_or(false)
    }
}

impl Shared {
    /// Takes over jobs that wait at a service and belong to no living process; those of this one belong to it already.
    pub(super) fn take_waiting(self: &Arc<Self>, free: &[Intent]) -> Result<Vec<Intent>, Problem> {
        let mut taken = Vec::new();
        let journal = &self.open()?.journal;
        for intent in free {
            if journal.is_held(intent.id, self.now_ms())? {
                continue;
            }
            if let crate::journal::Claim::Yours(intent) = journal.claim(intent.id, &self.owner, self.now_ms())? {
                taken.push(*intent);
            }
        }
        if !taken.is_empty() {
            self.keep_lease();
        }
        Ok(taken)
    }
}
