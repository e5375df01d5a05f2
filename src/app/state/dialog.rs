//! The dialogs that ask a question, and what is done after its answer.

use crate::app::state::desk::SavedDesk;
use crate::engine::journal::Service;

/// A dialog that asks a question before something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// Send the clip although it breaks a rule?
    FindFacesAnyway,
    /// Create the task although its placement breaks a rule?
    SubmitAnyway,
    /// Create the task a second time?
    Resend,
    /// Leave a task that has not ended?
    LeaveTask,
    /// Which task to follow?
    Follow,
    /// Where to save the result?
    Save,
    /// Where to save the body that the inspector shows?
    SaveBody,
    /// Where to save what the journal has of a task?
    SaveTask,
    /// Delete a task from the history?
    DeleteTask,
    /// Say of an unclear create that nothing was created?
    CloseTask,
    /// Send the same job once more?
    SendTwice {
        /// Whether it goes into the queue.
        queues: bool,
    },
    /// Delete an object from the storage?
    DeleteStored,
    /// Close the window although that loses something?
    Leave,
}

/// What is done once a task that has not ended has been left.
#[derive(Clone, Debug, PartialEq)]
pub enum Leaving {
    /// Go back to the placement.
    Back,
    /// Start over with another clip.
    NewClip,
    /// Use the clip that was entered.
    Clip,
    /// Switch to the service of this name.
    Profile(String),
    /// Follow the task with this id.
    Follow(String),
    /// Follow the task with this id at this service.
    FollowAt(Service, String),
    /// Put this on the desk.
    RunAgain(Box<SavedDesk>),
}
