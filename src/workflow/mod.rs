//! The workflow: `Idle → Identifying → Choosing → Submitted → Done`, one state machine for window and command line.
//!
//! Pure: [`step()`] takes the [`Flow`] and an [`Event`] and answers the next flow and the [`Command`]s to carry out. Ids and time
//! come in as values; nothing here reads a file, a clock or a socket. What a person has entered (the [`Desk`]) outlives the
//! stages, and a problem never costs an input.

mod choosing;
pub mod command;
pub mod desk;
mod done;
pub mod event;
pub mod flow;
mod identifying;
mod idle;
pub mod stage;
mod step;
mod submitted;

pub use command::{Command, PollTurn};
pub use desk::{Desk, Details, Probe};
pub use event::{Consent, CreateOutcome, Event, IdentifyAnswer, JobEvent, LookUpAnswer, PersonEvent, Saved};
pub use flow::{Flow, JobId, Terms};
pub use idle::is_http;
pub use stage::{
    Choosing, Done, Download, Faces, Follow, IdentifyPhase, Identifying, Idle, LookUp, Outcome, PauseReason, Preview,
    PreviewImage, SendState, Stage, Submitted,
};
pub use step::step;

#[cfg(test)]
mod tests;
