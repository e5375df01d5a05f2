//! What the engine is to carry out.

use std::path::PathBuf;

use crate::model::{ClipSource, Submission};

use super::flow::JobId;

/// Where a series of polls stands: what the schedule needs.
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
    /// Whether to ask at once, without waiting.
    pub at_once: bool,
}

/// One thing to do. Each is answered by one event that carries the same job, except [`Command::Abort`].
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Look into a local clip. Answered by `ClipProbed`.
    ProbeClip {
        /// Answer with this.
        job: JobId,
        /// The file.
        path: PathBuf,
    },
    /// Look into a local voice. Answered by `VoiceProbed`.
    ProbeVoice {
        /// Answer with this.
        job: JobId,
        /// The file.
        path: PathBuf,
    },
    /// Write a local voice anew as WAV, into a file of the engine's own. Answered by `VoiceConverted`.
    ConvertVoice {
        /// Answer with this.
        job: JobId,
        /// The file.
        path: PathBuf,
    },
    /// Hand a local clip to the sandbox. Answered by `Uploaded`.
    Upload {
        /// Answer with this.
        job: JobId,
        /// The file.
        path: PathBuf,
    },
    /// Ask for the faces of a clip, never a file. Answered by `Identified`.
    Identify {
        /// Answer with this.
        job: JobId,
        /// An address or id.
        source: ClipSource,
    },
    /// Wait as the schedule says, then ask for an identify under way. Answered by `IdentifyPolled`.
    PollIdentify {
        /// Answer with this.
        job: JobId,
        /// The service's id for it.
        id: String,
        /// Where the series stands.
        turn: PollTurn,
    },
    /// Fetch and decode a face's picture. Answered by `PreviewLoaded`.
    LoadPreview {
        /// Answer with this.
        job: JobId,
        /// Its address.
        url: String,
    },
    /// Write down that this is about to be sent. Answered by `IntentRecorded`, or never: then nothing is sent.
    RecordIntent {
        /// Answer with this.
        job: JobId,
        /// What is about to be sent.
        submission: Box<Submission>,
    },
    /// Create the task: paid, and sent once. Answered by `Created`.
    CreateTask {
        /// Answer with this.
        job: JobId,
        /// What is sent.
        submission: Box<Submission>,
    },
    /// Find a task by our own name for it. Answered by `LookedUp`.
    LookUp {
        /// Answer with this.
        job: JobId,
        /// Our own name.
        external_task_id: String,
        /// Wait this long first, in milliseconds: a task may be listed with a delay.
        wait_ms: u64,
    },
    /// Wait as the schedule says, then ask for the task. Answered by `Polled`.
    Query {
        /// Answer with this.
        job: JobId,
        /// The service's id for it.
        task_id: String,
        /// Where the series stands.
        turn: PollTurn,
    },
    /// Fetch a result into a file. Answered by `DownloadProgress` at times, then by `Downloaded`.
    Download {
        /// Answer with this.
        job: JobId,
        /// Its address.
        url: String,
        /// Where it goes.
        to: PathBuf,
    },
    /// Give up a job; its answer would be dropped. Never a create.
    Abort {
        /// Which.
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
            | Self::Identify { job, .. }
            | Self::PollIdentify { job, .. }
            | Self::LoadPreview { job, .. }
            | Self::RecordIntent { job, .. }
            | Self::CreateTask { job, .. }
            | Self::LookUp { job, .. }
            | Self::Query { job, .. }
            | Self::Download { job, .. }
            | Self::Abort { job } => *job,
        }
    }
}
