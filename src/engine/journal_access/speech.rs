//! What the journal is told of texts that are spoken: without secrets, on a thread that may block.

use super::JournalAccess;
use super::values::booked;
use crate::journal::{Service, SpeechId, SpeechOutcome, Spend};
use crate::model::{CallOutcome, Dialect, Problem, Speech, Spoken};
use crate::secrets::without_secrets;

impl JournalAccess {
    /// Writes down that a text is about to be sent, durably.
    ///
    /// # Errors
    /// The journal cannot be written, or it does not fit into the budget: nothing must be sent.
    pub(in crate::engine) async fn begin_speech(
        &self,
        service: Service,
        speech: &Speech,
        spend: Spend,
    ) -> Result<SpeechId, Problem> {
        let speech = without_secrets(speech.clone());
        self.blocking(move |shared| {
            let begun = shared.open()?.journal.begin_speech(&service, &speech, &spend, shared.now_ms())?;
            begun.map_err(|refusal| refusal.problem())
        })
        .await
    }

    /// Writes down the answer. Where that fails it is said in the log: what was paid for is in the caller's hands.
    pub(in crate::engine) async fn end_speech(&self, id: SpeechId, dialect: Dialect, outcome: &CallOutcome<Spoken>) {
        let ended = match outcome {
            CallOutcome::Done(spoken) => SpeechOutcome::Done(Box::new(without_secrets(spoken.clone()))),
            CallOutcome::Refused(problem) => SpeechOutcome::Refused(Some(without_secrets(problem.clone()))),
            CallOutcome::NameTaken(problem) | CallOutcome::Unknown(problem) => {
                SpeechOutcome::Unknown(Some(without_secrets(problem.clone())))
            }
        };
        let spoken = if let CallOutcome::Done(spoken) = outcome { Some(spoken) } else { None };
        let cost = spoken.and_then(|spoken| booked(spoken.cost.as_ref()?, dialect));
        let written = self
            .blocking(move |shared| Ok(shared.open()?.journal.end_speech(id, &ended, cost, shared.now_ms())?))
            .await;
        if let Err(problem) = written {
            tracing::warn!(%problem, "the answer to a text that was to be spoken could not be written to the journal");
        }
    }
}
