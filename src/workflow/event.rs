//! What happens: a person's wish, or the answer to a job.

use std::path::PathBuf;

use crate::model::placement::Wanted;
use crate::model::{ClipProbe, ClipSource, Problem, Session, Task, VoiceProbe, VoiceSource};

use super::desk::Details;
use super::flow::{JobId, Terms};
use super::stage::PreviewImage;

/// Something happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A person wants something.
    Person(PersonEvent),
    /// A job answers.
    Job {
        /// Which job.
        job: JobId,
        /// Its answer.
        answer: JobEvent,
    },
}

impl From<PersonEvent> for Event {
    fn from(event: PersonEvent) -> Self {
        Self::Person(event)
    }
}

/// That a person knows a create may be paid twice, and wants it sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent(());

impl Consent {
    /// To be called only where a person has just said so, having been told what it may cost.
    #[must_use]
    pub const fn given_by_a_person() -> Self {
        Self(())
    }
}

/// What a person, or the command line on a person's behalf, wants.
///
/// What makes no sense in the stage at hand changes nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum PersonEvent {
    /// Another clip, or none. Leads to `Idle`, unless the flow is busy with a task.
    SetClip(Option<ClipSource>),
    /// Another voice, or none. What was fixed of the crop is forgotten: it was of another voice.
    SetVoice(Option<VoiceSource>),
    /// Send the local voice as WAV: services were seen to refuse M4A and AAC.
    SendVoiceAsWav,
    /// Stop writing the WAV; the voice stays what it is.
    CancelVoiceAsWav,
    /// What of the placement is fixed; the rest is proposed. `Wanted::default()` snaps to the best.
    Want(Wanted),
    /// Safety margin of proposals in milliseconds.
    SetMargin(i64),
    /// The two volumes, 0 to 2; `None` leaves one to the service.
    SetVolumes {
        /// Of the voice.
        sound_volume: Option<f64>,
        /// Of the clip's own sound.
        original_audio_volume: Option<f64>,
    },
    /// The rest of a create.
    SetDetails(Details),
    /// Find the faces of the clip.
    Identify {
        /// Also where a rule is broken.
        send_anyway: bool,
    },
    /// Give up finding faces.
    Cancel,
    /// Choose a face by its id.
    ChooseFace(String),
    /// Choose no face: what a choice is taken back to.
    ChooseNone,
    /// Take the face proposed after identifying again.
    ConfirmProposed,
    /// Find the faces of the same clip again: the session is over, or about to be.
    IdentifyAgain,
    /// Fetch a preview again, by face id.
    ReloadPreview(String),
    /// Stop fetching the previews that are on their way.
    CancelPreviews,
    /// Create the task.
    Submit {
        /// A fresh name for the task, used where the person gave none.
        fresh_external_task_id: String,
        /// Also where a rule is broken.
        send_anyway: bool,
    },
    /// Look an unclear create up (again).
    LookUp,
    /// Stop looking an unclear create up.
    CancelLookUp,
    /// Send an unclear create again, under the same name.
    Resend(Consent),
    /// The person found the id of an unclear create elsewhere.
    GiveTaskId(String),
    /// The person gives an unclear create up; its outcome stays unknown.
    Abandon,
    /// Stop asking for the task; it goes on at the service.
    Pause,
    /// Ask for it again.
    Resume,
    /// Follow a task of another time by its id.
    Follow {
        /// The service's id for it.
        task_id: String,
        /// Until its end; else one answer is enough.
        wait: bool,
    },
    /// Back to choosing from a refusal, a paused task or a result; from choosing back to the clip.
    Back,
    /// From a result or a refusal: choose again with the same faces.
    Again,
    /// Start over with another clip, unless the flow is busy with a task. The voice stays.
    NewClip,
    /// Save a result.
    Download {
        /// Which of the task's videos, from 0.
        index: usize,
        /// Where to; what is there is replaced.
        to: PathBuf,
    },
    /// Stop a download that is on its way.
    CancelDownload {
        /// Which of the task's videos, from 0.
        index: usize,
    },
    /// The problem has been read.
    DismissProblem,
    /// Talk to another service. Its sessions are its own: leads to `Idle` with the desk kept, unless the flow is busy.
    SwitchService(Terms),
}

/// What a job answers.
#[derive(Clone, Debug, PartialEq)]
pub enum JobEvent {
    /// To `ProbeClip`.
    ClipProbed(Result<ClipProbe, Problem>),
    /// To `ProbeVoice`.
    VoiceProbed(Result<VoiceProbe, Problem>),
    /// To `ConvertVoice`: the WAV.
    VoiceConverted(Result<PathBuf, Problem>),
    /// To `Upload`: the address the sandbox serves it at.
    Uploaded(Result<String, Problem>),
    /// To `Identify`.
    Identified(Result<IdentifyAnswer, Problem>),
    /// To `PollIdentify`. A transient problem never ends it.
    IdentifyPolled(Result<IdentifyAnswer, Problem>),
    /// To `LoadPreview`.
    PreviewLoaded(Result<PreviewImage, Problem>),
    /// To `RecordIntent`; an error means that nothing was sent.
    IntentRecorded(Result<(), Problem>),
    /// To `CreateTask`.
    Created(CreateOutcome),
    /// To `LookUp`.
    LookedUp(LookUpAnswer),
    /// To `Query`. A transient problem never ends the following, and none fails the task.
    Polled(Result<Box<Task>, Problem>),
    /// To anything: the program itself failed at it.
    BrokeDown,
    /// To `Query` and `PollIdentify`: the next poll would come after the limit.
    LimitReached,
    /// To `Download`, at times.
    DownloadProgress {
        /// Bytes so far.
        received_bytes: u64,
        /// Bytes in all, where the server says so.
        total_bytes: Option<u64>,
    },
    /// To `Download`, at its end.
    Downloaded(Result<Saved, Problem>),
}

/// What identify brought.
#[derive(Clone, Debug, PartialEq)]
pub enum IdentifyAnswer {
    /// The faces.
    Ready(Box<Session>),
    /// Not yet: ask again by this id (`kirin`).
    Pending {
        /// The service's id for it.
        id: String,
        /// The status word as it came.
        status_raw: String,
        /// 0 to 1 where the service tells.
        progress: Option<f32>,
    },
}

/// What came of a create.
#[derive(Clone, Debug, PartialEq)]
pub enum CreateOutcome {
    /// Taken.
    Accepted(Box<Task>),
    /// Refused: nothing was created.
    Refused(Problem),
    /// Nobody knows.
    Unknown(Problem),
}

/// What a look-up brought.
#[derive(Clone, Debug, PartialEq)]
pub enum LookUpAnswer {
    /// The task.
    Found(Box<Task>),
    /// The service does not know the name, at least not yet.
    NotFound,
    /// The look-up failed.
    Failed(Problem),
}

/// A result that is on this machine now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Where.
    pub path: PathBuf,
    /// Its checksum, in hexadecimal.
    pub sha256: String,
    /// Its size.
    pub size_bytes: u64,
}
