//! The five stages and what each holds.

use std::path::PathBuf;

use crate::model::{
    ClipSource, Placement, Problem, Progress, RuleReport, SavedFile, Session, StoredFile, Submission, Task,
};

use super::faces::Faces;
use super::flow::JobId;

/// The stage of a job.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// A clip is being entered.
    Idle(Idle),
    /// The service looks for faces.
    Identifying(Identifying),
    /// Face, voice and placement are being chosen.
    Choosing(Choosing),
    /// A create is sent, refused, unclear, or its task is followed.
    Submitted(Submitted),
    /// The task came to its end.
    Done(Done),
}

impl Stage {
    /// The stage's name as the command line's JSON has it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Idle(_) => "idle",
            Self::Identifying(_) => "identifying",
            Self::Choosing(_) => "choosing",
            Self::Submitted(_) => "submitted",
            Self::Done(_) => "done",
        }
    }

    /// Its place in the stepper, from 0.
    #[must_use]
    pub const fn index(&self) -> usize {
        match self {
            Self::Idle(_) => 0,
            Self::Identifying(_) => 1,
            Self::Choosing(_) => 2,
            Self::Submitted(_) => 3,
            Self::Done(_) => 4,
        }
    }

    /// The problem to show with this stage.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Idle(idle) => idle.problem.as_ref(),
            Self::Identifying(identifying) => match &identifying.phase {
                IdentifyPhase::Polling { problem, .. } => problem.as_ref(),
                _ => None,
            },
            Self::Choosing(choosing) => choosing.problem.as_ref(),
            Self::Submitted(submitted) => submitted.problem(),
            Self::Done(done) => done.problem.as_ref(),
        }
    }
}

/// Stage 1: the clip is on the [`super::Desk`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Idle {
    /// Identify was requested while the clip was still being probed: it starts by itself after the probe. Holds `send_anyway`.
    pub identify_after_probe: Option<bool>,
    /// Why the last step failed.
    pub problem: Option<Problem>,
    /// The answer to the last identify, where it is a session without a face.
    pub faceless: Option<Box<Session>>,
    /// Whether the problem said that faces of this clip are known and are paid for again: who asks for them then knows it.
    pub pays_again: bool,
}

/// Stage 2.
#[derive(Clone, Debug, PartialEq)]
pub struct Identifying {
    /// The clip as the service gets it; a local file until it is uploaded.
    pub source: ClipSource,
    /// How far it is.
    pub phase: IdentifyPhase,
    /// Where the local clip was put, once it is there.
    pub stored: Option<StoredFile>,
    /// When it began; milliseconds since the epoch.
    pub started_ms: i64,
    /// The same by the clock that nobody sets ([`super::Now::steady_ms`]): the poll limit counts from here.
    pub since_steady_ms: i64,
    /// The faces and the choice to restore, where the faces of an expired session are found again.
    pub again: Option<Box<Choosing>>,
}

/// How far identify is.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "there is one of it")]
pub enum IdentifyPhase {
    /// It is looked whether the faces were found before, and their session lives.
    Recalling {
        /// The look.
        job: JobId,
        /// Whether they are looked for by the service where none are known.
        asks: bool,
        /// The face to choose where they are.
        face_id: Option<String>,
    },
    /// The local clip is being put where the service can fetch it.
    Uploading {
        /// The upload.
        job: JobId,
        /// How far it is; the length is not known before it has begun.
        progress: Progress,
    },
    /// The request is sent, and its answer awaited.
    Asking(JobId),
    /// The service is still working (`kirin`), and is polled.
    Polling {
        /// The poll in progress.
        job: JobId,
        /// The service's id for this identify.
        id: String,
        /// How many polls were sent.
        attempts: u32,
        /// The service's status word as last received.
        status_raw: String,
        /// 0 to 1 where the service reports it.
        progress: Option<f32>,
        /// Why the last poll failed; polling continues.
        problem: Option<Problem>,
    },
}

impl IdentifyPhase {
    /// The job waited for.
    #[must_use]
    pub const fn job(&self) -> JobId {
        match self {
            Self::Asking(job)
            | Self::Recalling { job, .. }
            | Self::Uploading { job, .. }
            | Self::Polling { job, .. } => *job,
        }
    }
}

/// Stage 3: the voice and what is wanted of the placement are on the [`super::Desk`].
#[derive(Clone, Debug, PartialEq)]
pub struct Choosing {
    /// The session, its faces, the choice.
    pub faces: Faces,
    /// What would be sent; `None` until face and voice are there, or while the end of a voice of unknown length is missing.
    pub placement: Option<Placement>,
    /// R1–R7 on that placement.
    pub rules: Vec<RuleReport>,
    /// Why the last step failed.
    pub problem: Option<Problem>,
}

/// Stage 4.
#[derive(Clone, Debug, PartialEq)]
pub struct Submitted {
    /// The session to return to, where there is one.
    pub faces: Option<Box<Faces>>,
    /// What is, or was, sent; `None` where an existing task is followed by its id.
    pub submission: Option<Box<Submission>>,
    /// How far the create is.
    pub state: SendState,
    /// How it was sent so far.
    pub sending: Sending,
    /// When this began; milliseconds since the epoch.
    pub started_ms: i64,
}

impl Submitted {
    /// The task's id, once there is one.
    #[must_use]
    pub fn task_id(&self) -> Option<&str> {
        match &self.state {
            SendState::Accepted { task_id, .. } => Some(task_id),
            _ => None,
        }
    }

    /// The task as last reported.
    #[must_use]
    pub fn task(&self) -> Option<&Task> {
        match &self.state {
            SendState::Accepted { task, .. } => task.as_deref(),
            _ => None,
        }
    }

    /// Whether it is followed by an id of which its service says that it has no such task: there is nothing to lose sight of.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        let SendState::Accepted { task: None, follow: Follow::Paused(PauseReason::Stopped(problem)), .. } = &self.state
        else {
            return false;
        };
        // A refused key, or a limit, says nothing about the task.
        let is_refusal = problem.http_status.is_some_and(|status| matches!(status, 400 | 404 | 410));
        self.submission.is_none() && is_refusal && !problem.transient
    }

    /// The problem to show: a refusal, an unclear outcome, a poll that failed, why it was paused.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match &self.state {
            SendState::Sent { .. } => None,
            SendState::Refused(problem) | SendState::NameTaken { problem, .. } | SendState::Unknown { problem, .. } => {
                Some(problem)
            }
            SendState::Accepted { follow, .. } => match follow {
                Follow::Polling { problem, .. } | Follow::Paused(PauseReason::Limit(problem)) => problem.as_ref(),
                Follow::Paused(PauseReason::Stopped(problem)) => Some(problem),
                Follow::Paused(PauseReason::Person | PauseReason::Once) => None,
            },
        }
    }
}

/// How a create was sent so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sending {
    /// When it was first sent, in milliseconds since the epoch: by the service's clock where that was known, else by ours.
    pub first_ms: i64,
    /// Whether that is by the service's clock.
    pub by_service_clock: bool,
    /// The same moment by the clock that is never set, in milliseconds: see [`super::Now`].
    pub first_steady_ms: i64,
    /// How many times a person had it sent.
    pub count: u32,
    /// Whether the service refused the last sending because its name was used.
    pub name_taken: bool,
}

/// How far a create is.
#[derive(Clone, Debug, PartialEq)]
pub enum SendState {
    /// Sent, and its answer awaited.
    Sent {
        /// The create.
        job: JobId,
        /// When it was sent; milliseconds since the epoch.
        sent_ms: i64,
        /// How much of it has gone out; the length is known where a voice is sent along.
        progress: Progress,
    },
    /// The service has accepted it.
    Accepted {
        /// The service's id for the task.
        task_id: String,
        /// The task as last reported.
        task: Option<Box<Task>>,
        /// How it is followed.
        follow: Follow,
    },
    /// The service refused: nothing was created.
    Refused(Problem),
    /// The name was used before, by a task that is not ours: no task was created or paid.
    NameTaken {
        /// What happened, and what to do.
        problem: Problem,
        /// The task of that name, where the service shows it.
        task: Option<Box<Task>>,
    },
    /// Sent, and it is not known whether it was accepted. Never retried automatically.
    Unknown {
        /// Why the outcome is unknown.
        problem: Problem,
        /// The state of its look-up.
        look_up: LookUp,
    },
}

impl SendState {
    /// The job waited for.
    #[must_use]
    pub const fn job(&self) -> Option<JobId> {
        match self {
            Self::Sent { job, .. }
            | Self::Accepted { follow: Follow::Polling { job, .. }, .. }
            | Self::Unknown { look_up: LookUp::Running { job, .. }, .. } => Some(*job),
            Self::Accepted { .. } | Self::Refused(_) | Self::NameTaken { .. } | Self::Unknown { .. } => None,
        }
    }
}

/// How an accepted task is followed.
#[derive(Clone, Debug, PartialEq)]
pub enum Follow {
    /// It is polled.
    Polling {
        /// The poll in progress; before the first one, the writing down of the task's id.
        job: JobId,
        /// How many polls were sent.
        attempts: u32,
        /// Since when, by the clock that nobody sets ([`super::Now::steady_ms`]). The poll limit counts from here.
        since_steady_ms: i64,
        /// Whether to stop after one answer.
        once: bool,
        /// Why the last poll failed; polling continues.
        problem: Option<Problem>,
    },
    /// It goes on at the service, and is not polled. Can be resumed.
    Paused(PauseReason),
}

/// Why a task is not followed for now.
#[derive(Clone, Debug, PartialEq)]
pub enum PauseReason {
    /// A person paused it.
    Person,
    /// The poll limit ran out; with the problem of the last poll, where that failed.
    Limit(Option<Problem>),
    /// A single query was requested.
    Once,
    /// Polling again is of no use: the service refuses the query (key, rights, no such task).
    Stopped(Problem),
}

/// The look-up of an unclear create.
#[derive(Clone, Debug, PartialEq)]
pub enum LookUp {
    /// This dialect has no way to look a task up by our own name.
    Impossible,
    /// Under way.
    Running {
        /// The look-up.
        job: JobId,
        /// How many look-ups came before it.
        attempt: u32,
    },
    /// The service does not list it, at least not yet: no proof that it was not accepted.
    NotFound,
    /// The look-up itself failed.
    Failed(Problem),
}

/// Stage 5.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// The session, for "again with the same faces".
    pub faces: Option<Box<Faces>>,
    /// What was sent.
    pub submission: Option<Box<Submission>>,
    /// The task at its end.
    pub task: Task,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it failed, or what is wrong with its answer.
    pub problem: Option<Problem>,
    /// One for each video of the task, in the same order.
    pub downloads: Vec<Download>,
    /// When the submission began; milliseconds since the epoch.
    pub started_ms: i64,
    /// When its end became known; milliseconds since the epoch.
    pub finished_ms: i64,
}

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With videos.
    Succeeded,
    /// Without.
    Failed,
}

/// The download of a result.
#[derive(Clone, Debug, PartialEq)]
pub enum Download {
    /// Not requested.
    NotAsked,
    /// In progress.
    Running {
        /// The download.
        job: JobId,
        /// Where it goes.
        to: PathBuf,
        /// How far it is.
        progress: Progress,
    },
    /// Saved.
    Saved(SavedFile),
    /// It failed, and why. Can be requested again.
    Failed(Problem),
}

impl Download {
    /// The job that fetches it.
    #[must_use]
    pub const fn job(&self) -> Option<JobId> {
        if let Self::Running { job, .. } = self { Some(*job) } else { None }
    }
}
