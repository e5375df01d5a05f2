//! What happens: a person's action, or the answer to a job.

use std::path::PathBuf;

use crate::model::placement::Wanted;
use crate::model::{
    CallOutcome, ClipProbe, ClipSource, MouthBox, Problem, Progress, SavedFile, Session, StoredFile, Submission, Task,
    VoiceProbe, VoiceSource,
};

use super::clip_now::ClipNow;
use super::desk::{CopyIs, Details};
use super::faces::{Faces, PreviewImage, Recalled};
use super::flow::{JobId, Terms};

/// Something happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// An action of a person.
    Person(PersonEvent),
    /// The answer to a job.
    Job {
        /// The id of the job.
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

/// A person's consent to an action, given after its possible cost was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent(());

impl Consent {
    /// To be called only where a person has just consented.
    #[must_use]
    pub const fn given_by_a_person() -> Self {
        Self(())
    }
}

/// An action of a person, or of the command line on a person's behalf.
///
/// An action that does not apply to the current stage changes nothing; nor does one that would leave a stage that must not be left.
#[derive(Clone, Debug, PartialEq)]
pub enum PersonEvent {
    /// Another clip, or none. Leads to `Idle`.
    SetClip(Option<ClipSource>),
    /// A copy on this machine of a clip that is an address or an id, or none: what is sent stays what it is, and so does the stage.
    SetClipCopy(Option<PathBuf>),
    /// The same of a voice.
    SetVoiceCopy(Option<PathBuf>),
    /// Whether the clip's copy stands for what is sent. One that is another file decides nothing.
    ClipCopyIs(CopyIs<ClipProbe>),
    /// The same of a voice.
    VoiceCopyIs(CopyIs<VoiceProbe>),
    /// Another voice, or none. The crop is reset: it was for another voice.
    SetVoice(Option<VoiceSource>),
    /// Send the local voice as WAV: services were seen to refuse M4A and AAC.
    SendVoiceAsWav,
    /// Stop writing the WAV; the voice stays what it is.
    CancelVoiceAsWav,
    /// The fixed parts of the placement; the rest is proposed. `Wanted::default()` snaps to the best.
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
    /// The volumes and the rest of a create of a request that was pasted: they belong to it, and go with the clip.
    TakeRequest {
        /// Of the voice.
        sound_volume: Option<f64>,
        /// Of the clip's own sound.
        original_audio_volume: Option<f64>,
        /// The rest.
        details: Details,
    },
    /// The rest of a create.
    SetDetails(Details),
    /// Where the mouth of the chosen face is; `None`: it is found.
    SetMouthBox(Option<MouthBox>),
    /// Find the faces of the clip.
    Identify {
        /// Also where a rule is broken.
        send_anyway: bool,
    },
    /// Take the faces that were found before in the clip on the desk, where their session lives: nothing is sent or paid, and where there are none
    /// nothing changes. From `Idle`.
    Recall {
        /// The face to choose among them.
        face_id: Option<String>,
    },
    /// Give up finding faces.
    Cancel,
    /// Choose a face by its id.
    ChooseFace(String),
    /// Choose no face: what undoing a choice leads to.
    ChooseNone,
    /// Take the face proposed after identifying again.
    ConfirmProposed,
    /// Find the faces of the same clip again: the session is over, or about to be.
    IdentifyAgain,
    /// Take the faces that an earlier run found in this clip, while their session lives; from `Idle`.
    TakeFaces(Box<Faces>),
    /// Fetch a preview again, by face id.
    ReloadPreview(String),
    /// Stop fetching the previews that are being fetched.
    CancelPreviews,
    /// Create the task.
    Submit {
        /// A fresh name for the task, used where the person gave none; `None` where the system gives no random numbers.
        fresh_external_task_id: Option<String>,
        /// Also where a rule is broken.
        send_anyway: bool,
    },
    /// Let the task wait for a free slot, and go on choosing: it is sent when its turn comes.
    Enqueue {
        /// A fresh name for the task, as in [`PersonEvent::Submit`].
        fresh_external_task_id: Option<String>,
    },
    /// Look an unclear create up (again).
    LookUp,
    /// Stop looking an unclear create up.
    CancelLookUp,
    /// Send an unclear create again, under the same name.
    Resend(Consent),
    /// The person found the id of an unclear create elsewhere.
    GiveTaskId(String),
    /// The person abandons an unclear create; its outcome stays unknown.
    Abandon,
    /// Stop polling the task; it goes on at the service.
    Pause,
    /// Resume polling.
    Resume,
    /// Leave an accepted task that is not at its end: it goes on at the service, and its id is in the journal. Leads
    /// to `Choosing` with the same faces, or to `Idle`. See [`super::Flow::loses`].
    LeaveTask(Consent),
    /// Follow an existing task by its id, from `Idle`, `Choosing`, `Done` or a refusal.
    Follow {
        /// The service's id for it.
        task_id: String,
        /// Until its end; else one answer is enough.
        wait: bool,
    },
    /// Follow the task of what an earlier run submitted, until its end; the rest as [`PersonEvent::Follow`].
    FollowSent {
        /// The service's id for it.
        task_id: String,
        /// What was submitted.
        submission: Box<Submission>,
    },
    /// Back to choosing from a refusal or a result; from choosing back to the clip.
    Back,
    /// From a result or a refusal: choose again with the same faces.
    Again,
    /// Start over with another clip. The voice stays.
    NewClip,
    /// Save a result.
    Download {
        /// Which of the task's videos, from 0.
        index: usize,
        /// The file to save to.
        to: PathBuf,
        /// Whether a file of that name is replaced, which a person must have been asked; else the result takes the next free name
        /// beside it.
        replaces: bool,
    },
    /// Stop a download in progress.
    CancelDownload {
        /// Which of the task's videos, from 0.
        index: usize,
    },
    /// The problem has been read.
    DismissProblem,
    /// The first of [`super::Flow::warnings`] has been read.
    DismissWarning,
    /// Talk to another service. Its sessions are its own: leads to `Idle` with the desk kept.
    SwitchService(Terms),
    /// The same service with another key or other bounds: the stage stays.
    ChangeTerms(Terms),
}

/// The answer to a job, by its command.
#[derive(Clone, Debug, PartialEq)]
pub enum JobEvent {
    /// To `ProbeClip`.
    ClipProbed(Result<ClipProbe, Problem>),
    /// To `ProbeVoice`.
    VoiceProbed(Result<VoiceProbe, Problem>),
    /// To `ConvertVoice`: the WAV.
    VoiceConverted(Result<PathBuf, Problem>),
    /// To `Upload`: where a service can fetch it.
    Uploaded(Result<StoredFile, Problem>),
    /// To `RecallFaces`: the faces with what is known of their pictures, or why they are not taken up; `None`: none are known.
    FacesRecalled(Option<Box<Recalled>>),
    /// To `CompareClip`.
    ClipCompared(ClipNow),
    /// To `Identify`.
    Identified(Result<IdentifyAnswer, Problem>),
    /// To `PollIdentify`. A transient problem never ends it.
    IdentifyPolled(Result<IdentifyAnswer, Problem>),
    /// To `LoadPreview`.
    PreviewLoaded(Result<PreviewImage, Problem>),
    /// To `RecordAccepted`, `RecordEnded` and `QueueTask`. An error is a warning: a task that is accepted is followed nevertheless, and one
    /// that was to wait does not.
    Recorded(Result<(), Problem>),
    /// To `CreateTask`.
    Created(CallOutcome<Box<Task>>),
    /// To `LookUp`: the tasks that the service shows under that name, at least so far; whose they are is to be proven.
    LookedUp(Result<Vec<Task>, Problem>),
    /// To `Query`. A transient problem never ends the polling, and no problem fails the task.
    Polled(Result<Box<Task>, Problem>),
    /// To `Query` and `PollIdentify`: the next poll would come after the limit.
    LimitReached,
    /// To `Download` and `Upload`, at times.
    Progress(Progress),
    /// To `Download`, at its end.
    Downloaded(Result<SavedFile, Problem>),
}

/// The result of identify.
#[derive(Clone, Debug, PartialEq)]
pub enum IdentifyAnswer {
    /// The faces.
    Ready(Box<Session>),
    /// Not yet: poll by this id (`kirin`).
    Pending {
        /// The service's id for it.
        id: String,
        /// The status word as received.
        status_raw: String,
        /// 0 to 1 where the service reports it.
        progress: Option<f32>,
    },
}
