//! Finding faces: asked for and polled, what came of it written down for the next run, and what it cost.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::execute::JournalOfService;
use super::spending::IdentifySpend;
use super::words;
use crate::journal::{BookingId, Described};
use crate::model::{ClipSource, Problem, ProblemKind, Session};
use crate::service::{Client, Clock, Identified};
use crate::workflow::IdentifyAnswer;

/// The answer to an identify or to a poll of it.
pub type Answer = Result<IdentifyAnswer, Problem>;

/// Identifies that a service still works on, by its ids: each is booked at its estimate until the service says what it cost. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct PendingIdentifies(Arc<Mutex<HashMap<String, BookingId>>>);

impl PendingIdentifies {
    fn note(&self, id: &str, booking: BookingId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), booking);
    }

    fn take(&self, id: &str) -> Option<BookingId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id)
    }
}

/// What is written down of an identify.
pub struct Keeping {
    /// The clip, as its session is written down.
    pub clip: Described,
    pub journal: JournalOfService,
    /// What it is counted with.
    pub spend: Option<IdentifySpend>,
    pub pending: PendingIdentifies,
}

impl Keeping {
    /// Whether it fits into the budget.
    ///
    /// # Errors
    /// It does not: nothing must be sent.
    pub async fn check_budget(&self) -> Result<(), Problem> {
        match &self.spend {
            Some(spend) => spend.check().await,
            None => Ok(()),
        }
    }

    /// What was asked for is booked, and the faces are written down where they came at once.
    pub async fn answered(&self, answer: &Answer) {
        let session = self.found(answer).await;
        let (Some(spend), Ok(answer)) = (&self.spend, answer) else { return };
        let booking = spend.book(session.and_then(|session| session.cost.as_ref())).await;
        if let (IdentifyAnswer::Pending { id, .. }, Some(booking)) = (answer, booking) {
            self.pending.note(id, booking);
        }
    }

    /// The faces are written down once they come, and what they cost is booked, where the service says that (the `kirin` dialect: `usage.cost`,
    /// in the answer that has the faces). One that failed stays booked at its estimate: what it cost, nobody says.
    pub async fn polled(&self, id: &str, answer: &Answer) {
        let Some(session) = self.found(answer).await else { return };
        if let (Some(spend), Some(booking)) = (&self.spend, self.pending.take(id)) {
            spend.settle(booking, session.cost.as_ref()).await;
        }
    }

    /// Writes down the session that was found, for the next run.
    async fn found<'a>(&self, answer: &'a Answer) -> Option<&'a Session> {
        let Ok(IdentifyAnswer::Ready(session)) = answer else { return None };
        if let Some((journal, service)) = &self.journal {
            journal.session_found(service.clone(), Session::clone(session), self.clip.clone()).await;
        }
        Some(session)
    }
}

/// The first answer to an identify, which in the `kling` dialect is the whole of it. `limit_ms`: the longest wait, in milliseconds.
pub async fn asked(client: Client, source: ClipSource, limit_ms: Option<u64>, clock: Clock) -> Answer {
    let asked = client.identify_start(&source);
    let answer = match limit_ms {
        None => asked.await,
        Some(limit_ms) => clock.within(limit_ms, asked).await.unwrap_or_else(|| {
            let words = words::identify_late(limit_ms as f64 / 1000.0);
            Err(Problem::new(ProblemKind::NoAnswer, words).with_hint(words::identify_late_hint()))
        }),
    };
    answer.map(identified)
}

/// What has become of an identify.
pub async fn polled(client: &Client, id: &str) -> Answer {
    client.identify_poll(id).await.map(identified)
}

fn identified(answer: Identified) -> IdentifyAnswer {
    match answer {
        Identified::Session(session) => IdentifyAnswer::Ready(Box::new(session)),
        Identified::Running(job) => {
            IdentifyAnswer::Pending { id: job.job_id, status_raw: job.status_raw, progress: job.progress }
        }
    }
}
