//! Text to speech: paid, and without a name by which a lost answer could be found.

use super::client::Client;
use super::send::Payload;
use super::words;
use crate::model::{CallOutcome, Problem, ProblemKind, Speech, Spoken};
use crate::wire::answer;
use crate::wire::request;

impl Client {
    /// Speaks a text. Retried only where it was certainly not taken, as a create is.
    ///
    /// Dropping the future before it is done leaves the outcome unknown. An unknown outcome may have been paid, and nothing settles it: never
    /// retry it without asking the person; its problem is of kind [`ProblemKind::OutcomeUnknown`].
    pub async fn speak(&self, speech: &Speech) -> CallOutcome<Spoken> {
        let call = match request::speak(self.profile(), speech) {
            Ok(call) => call,
            Err(problem) => return CallOutcome::Refused(problem),
        };
        if let Err(problem) = self.check_before_paying().await {
            return CallOutcome::Refused(problem);
        }
        let attempts = self.limits().connect_attempts;
        match self.send_with_retries(&call, &Payload::OfCall, attempts, answer::read_speech).await {
            CallOutcome::Unknown(problem) => CallOutcome::Unknown(Problem {
                kind: ProblemKind::OutcomeUnknown,
                message: words::speech_unknown(&problem.message),
                hint: Some(words::speech_unknown_hint()),
                transient: false,
                ..problem
            }),
            settled => settled,
        }
    }
}
