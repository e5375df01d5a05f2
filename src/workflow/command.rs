//! Commands for the engine.

use std::path::PathBuf;

use crate::model::{CallOutcome, ClipSource, Problem, ProblemKind, Submission, TaskStatus};

use super::clip_now::ClipNow;
use super::event::JobEvent;
use super::flow::JobId;

/// The state of a series of polls: what the schedule needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollTurn {
    /// How many polls came before this one.
    pub attempt: u32,
    /// Milliseconds since the series began.
    pub elapsed_ms: u64,
    /// Milliseconds until the limit runs out.
    pub left_ms: u64,
    /// How long the service asked to wait (`Retry-After`), in milliseconds.
    pub hint_ms: Option<u64>,
    /// Whether to poll at once, without waiting.
    pub at_once: bool,
}

/// An accepted task, as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedTask {
    /// The service's id for it.
    pub task_id: String,
    /// Our own name for it.
    pub external_task_id: Option<String>,
    /// The name of the clip: a file's name, the end of an address, an id.
    pub clip: Option<String>,
    /// The name of the voice, likewise.
    pub voice: Option<String>,
}

/// One thing to do. Each is answered by one event with the same job id, except [`Command::Abort`].
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Probe a local clip. Answered by `ClipProbed`.
    ProbeClip {
        /// The id of the job.
        job: JobId,
        /// The file.
        path: PathBuf,
    },
    /// Probe a local voice. Answered by `VoiceProbed`.
    ProbeVoice {
        /// The id of the job.
        job: JobId,
        /// The file.
        path: PathBuf,
    },
    /// Convert a local voice to WAV, into a temporary file of the engine. Answered by `VoiceConverted`.
    ConvertVoice {
        /// The id of the job.
        job: JobId,
        /// The file.
        path: PathBuf,
    },
    /// Put a local clip where the service can fetch it: the sandbox takes it itself, for any other it goes to storage of one's own. Answered by
    /// `Progress` at times, then by `Uploaded`.
    Upload {
        /// The id of the job.
        job: JobId,
        /// The file.
        path: PathBuf,
    },
    /// Look for the faces that were found before in the same clip, whose session lives. Nothing is sent. Answered by `FacesRecalled`.
    RecallFaces {
        /// The id of the job.
        job: JobId,
        /// The clip, also a local file.
        clip: ClipSource,
    },
    /// Look whether a clip is still the one that the faces of a session were found in. Nothing is sent to the service. Answered by `ClipCompared`.
    CompareClip {
        /// The id of the job.
        job: JobId,
        /// The clip, also a local file.
        clip: ClipSource,
        /// The session.
        session_id: String,
    },
    /// Ask for the faces of a clip, never a file. Answered by `Identified`.
    Identify {
        /// The id of the job.
        job: JobId,
        /// An address or id.
        source: ClipSource,
    },
    /// Wait as the schedule says, then poll an identify in progress. Answered by `IdentifyPolled`.
    PollIdentify {
        /// The id of the job.
        job: JobId,
        /// The service's id for it.
        id: String,
        /// What it was asked for.
        source: ClipSource,
        /// The state of the series.
        turn: PollTurn,
    },
    /// Fetch and decode a face's picture. Answered by `PreviewLoaded`.
    LoadPreview {
        /// The id of the job.
        job: JobId,
        /// Its address.
        url: String,
    },
    /// Write down the id of an accepted task, durably. Answered by `Recorded`.
    RecordAccepted {
        /// The id of the job.
        job: JobId,
        /// The task.
        task: Box<AcceptedTask>,
    },
    /// Write down that a task is at its end. Answered by `Recorded`.
    RecordEnded {
        /// The id of the job.
        job: JobId,
        /// The service's id for it.
        task_id: String,
        /// How it ended.
        status: TaskStatus,
    },
    /// Write down that the name of an intent belongs to another task: nothing was created. Answered by `Recorded`.
    RecordNameTaken {
        /// The id of the job.
        job: JobId,
        /// Our own name.
        external_task_id: String,
        /// The task of that name, where it is known.
        other_task_id: Option<String>,
        /// What the person reads.
        problem: Problem,
    },
    /// Create the task: paid, and sent once. Answered by `Created`.
    CreateTask {
        /// The id of the job.
        job: JobId,
        /// What is sent.
        submission: Box<Submission>,
        /// The clip whose session it is.
        clip: Option<ClipSource>,
        /// Whether a person has an unclear create of this name sent again; else the name must be new.
        again: bool,
    },
    /// Let a task wait for a free slot: it is written down, and sent when its turn comes. Answered by `Recorded`.
    QueueTask {
        /// The id of the job.
        job: JobId,
        /// What is to be sent.
        submission: Box<Submission>,
        /// The clip whose session it is.
        clip: Option<ClipSource>,
    },
    /// Find a task by our own name for it. Answered by `LookedUp`.
    LookUp {
        /// The id of the job.
        job: JobId,
        /// Our own name.
        external_task_id: String,
        /// Wait this long first, in milliseconds: a task may be listed with a delay.
        wait_ms: u64,
        /// Whether to look everywhere, not only where it is most likely.
        thorough: bool,
    },
    /// Wait as the schedule says, then query the task. Answered by `Polled`.
    Query {
        /// The id of the job.
        job: JobId,
        /// The service's id for it.
        task_id: String,
        /// The state of the series.
        turn: PollTurn,
    },
    /// Fetch a result into a file. Answered by `Progress` at times, then by `Downloaded`.
    Download {
        /// The id of the job.
        job: JobId,
        /// Its address.
        url: String,
        /// Where it goes.
        to: PathBuf,
        /// Whether a file of that name is replaced; else the result takes the next free name beside it.
        replaces: bool,
    },
    /// Abort a job whose answer would be dropped. Never a create, and never the writing down of an id.
    Abort {
        /// The id of the job.
        job: JobId,
    },
}

impl Command {
    /// The job this is about.
    #[must_use]
    pub const fn job(&self) -> JobId {
        match self {
            Self::ProbeClip { job, .. }
            | Self::ProbeVoice { job, .. }
            | Self::ConvertVoice { job, .. }
            | Self::Upload { job, .. }
            | Self::RecallFaces { job, .. }
            | Self::CompareClip { job, .. }
            | Self::Identify { job, .. }
            | Self::PollIdentify { job, .. }
            | Self::LoadPreview { job, .. }
            | Self::RecordAccepted { job, .. }
            | Self::RecordEnded { job, .. }
            | Self::RecordNameTaken { job, .. }
            | Self::CreateTask { job, .. }
            | Self::QueueTask { job, .. }
            | Self::LookUp { job, .. }
            | Self::Query { job, .. }
            | Self::Download { job, .. }
            | Self::Abort { job } => *job,
        }
    }

    /// The event that reports this command as failed without an answer; `None` where none is awaited.
    ///
    /// The outcome of a create that did not run to its end is unknown: it may have been sent.
    #[must_use]
    pub fn failed(&self, problem: Problem) -> Option<JobEvent> {
        Some(match self {
            Self::ProbeClip { .. } => JobEvent::ClipProbed(Err(problem)),
            Self::ProbeVoice { .. } => JobEvent::VoiceProbed(Err(problem)),
            Self::ConvertVoice { .. } => JobEvent::VoiceConverted(Err(problem)),
            Self::Upload { .. } => JobEvent::Uploaded(Err(problem)),
            // They are found as if none were known.
            Self::RecallFaces { .. } => JobEvent::FacesRecalled(None),
            Self::CompareClip { .. } => JobEvent::ClipCompared(ClipNow::Unknown(problem)),
            Self::Identify { .. } => JobEvent::Identified(Err(problem)),
            Self::PollIdentify { .. } => JobEvent::IdentifyPolled(Err(problem)),
            Self::LoadPreview { .. } => JobEvent::PreviewLoaded(Err(problem)),
            Self::RecordAccepted { .. }
            | Self::RecordEnded { .. }
            | Self::RecordNameTaken { .. }
            | Self::QueueTask { .. } => JobEvent::Recorded(Err(problem)),
            Self::CreateTask { .. } => {
                JobEvent::Created(CallOutcome::Unknown(Problem { kind: ProblemKind::OutcomeUnknown, ..problem }))
            }
            Self::LookUp { .. } => JobEvent::LookedUp(Err(problem)),
            Self::Query { .. } => JobEvent::Polled(Err(problem)),
            Self::Download { .. } => JobEvent::Downloaded(Err(problem)),
            Self::Abort { .. } => return None,
        })
    }
}
