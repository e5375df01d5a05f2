//! The workflow: `Idle → Identifying → Choosing → Submitted → Done`, one state machine for window and command line.
//!
//! Pure: [`step()`] takes the [`Flow`] and an [`Event`] and returns the next flow and the [`Command`]s to execute. Ids and time
//! come in as values; nothing here reads a file, a clock or a socket. What a person has entered (the [`Desk`]) outlives the
//! stages, and a problem never costs an input.
//!
//! | stage | holds | leaves by |
//! |---|---|---|
//! | Idle | the clip being entered, its probe, a problem | `Identify` → Identifying; `Follow` → Submitted |
//! | Identifying | the request or its polls | faces → Choosing; a problem or `Cancel` → Idle, or Choosing where it came from there |
//! | Choosing | session, faces, chosen face, placement, a problem | `Submit`, `Follow` → Submitted; `IdentifyAgain` → Identifying; `Back` → Idle |
//! | Submitted | the create: `Sent → Accepted \| Refused \| NameTaken \| Unknown`; then the polls | the task's end → Done; from `Refused` and `NameTaken`: `Back`, `Again` → Choosing, `Follow`; from `Accepted`: only `LeaveTask`; from `Unknown`: only `Abandon` |
//! | Done | the task at its end, its downloads | `Again` → Choosing; `NewClip` → Idle; `Follow` → Submitted |
//!
//! `SetClip`, `NewClip` and `SwitchService` lead to Idle from every stage that may be left. What may be left, and what becomes of what
//! the stage held, is stated once, in `transition::go`. An accepted task leaves the stage only at its end, or with a person's consent
//! ([`PersonEvent::LeaveTask`]); [`Flow::loses`] says when to ask for it. Each accepted id is written down ([`Command::RecordAccepted`])
//! before its first poll.

mod choosing;
mod clip_now;
pub mod command;
mod copies;
pub mod desk;
mod done;
pub mod event;
mod faces;
pub mod flow;
mod identifying;
mod idle;
mod settle;
pub mod stage;
mod step;
mod submitted;
mod transition;
pub mod words;

pub use clip_now::ClipNow;
pub use command::{AcceptedTask, Command, PollTurn};
pub use desk::{CopyIs, Desk, Details, Probe};
pub use event::{Consent, Event, IdentifyAnswer, JobEvent, PersonEvent};
pub use faces::{Faces, KeptFaces, Preview, PreviewImage, Recalled};
pub use flow::{Flow, JobId, Names, Terms};
pub use idle::is_http;
pub use stage::{
    Choosing, Done, Download, Follow, IdentifyPhase, Identifying, Idle, LookUp, Outcome, PauseReason, SendState,
    Sending, Stage, Submitted,
};
pub use step::{Now, step};

#[cfg(test)]
mod tests;
