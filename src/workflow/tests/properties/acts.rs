//! Random acts of a person and of the service.

use std::path::PathBuf;

use proptest::prelude::*;

use crate::model::placement::Wanted;
use crate::model::{
    CallOutcome, ClipSource, Dialect, Problem, Progress, SavedFile, StoredFile, Task, TaskStatus, VoiceSource,
};
use crate::workflow::tests::fixtures::*;
use crate::workflow::*;

/// The id of a task that had the name before.
pub(super) const OLDER: &str = "older";

/// One random act: a person's wish, or an answer to one of the jobs asked for so far, old or new.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Person(PersonEvent),
    Answer { pick: usize, mood: u8 },
    Wait(i64),
}

fn persons() -> impl Strategy<Value = PersonEvent> {
    use PersonEvent as P;
    let file = || PathBuf::from("clip.mp4");
    let wanted = || Wanted { start_ms: None, end_ms: Some(4_000), insert_ms: None };
    let choices: Vec<PersonEvent> = vec![
        P::SetClip(Some(ClipSource::File(file()))),
        P::SetClip(Some(ClipSource::Url("https://example.org/clip.mp4".into()))),
        P::SetClip(None),
        P::SetVoice(Some(VoiceSource::File("voice.mp3".into()))),
        P::SetVoice(Some(VoiceSource::AudioId("a-1".into()))),
        P::SetVoice(None),
        P::SetClipCopy(Some(file())),
        P::SetClipCopy(None),
        P::SetVoiceCopy(Some("voice.wav".into())),
        P::SetVoiceCopy(None),
        P::ClipCopyIs(CopyIs::Another(None)),
        P::ClipCopyIs(CopyIs::Another(Some(Box::new(clip_probe())))),
        P::VoiceCopyIs(CopyIs::Another(None)),
        P::VoiceCopyIs(CopyIs::Alike),
        P::SendVoiceAsWav,
        P::CancelVoiceAsWav,
        P::Want(wanted()),
        P::Want(Wanted { start_ms: Some(i64::MIN), end_ms: Some(i64::MAX), insert_ms: Some(i64::MIN) }),
        P::SetVolumes { sound_volume: Some(f64::NAN), original_audio_volume: Some(3.0) },
        P::SetVolumes { sound_volume: None, original_audio_volume: Some(0.5) },
        P::SetDetails(Details { external_task_id: Some("mine".into()), ..Details::default() }),
        P::TakeRequest { sound_volume: Some(0.5), original_audio_volume: None, details: Details::default() },
        P::Identify { send_anyway: false },
        P::Identify { send_anyway: true },
        P::Recall { face_id: None },
        P::Recall { face_id: Some("0".into()) },
        P::Cancel,
        P::ChooseFace("0".into()),
        P::ChooseFace("nobody".into()),
        P::ChooseNone,
        P::ConfirmProposed,
        P::IdentifyAgain,
        P::ReloadPreview("0".into()),
        P::CancelPreviews,
        P::Submit { fresh_external_task_id: Some("fresh".into()), send_anyway: false },
        P::Submit { fresh_external_task_id: Some("fresh".into()), send_anyway: true },
        P::Submit { fresh_external_task_id: None, send_anyway: true },
        P::Enqueue { fresh_external_task_id: Some("fresh".into()) },
        P::LookUp,
        P::CancelLookUp,
        P::Resend(Consent::given_by_a_person()),
        P::GiveTaskId("t-2".into()),
        P::Abandon,
        P::LeaveTask(Consent::given_by_a_person()),
        P::Pause,
        P::Resume,
        P::Follow { task_id: "t-3".into(), wait: true },
        P::Follow { task_id: "t-3".into(), wait: false },
        P::Back,
        P::Again,
        P::NewClip,
        P::Download { index: 0, to: "out.mp4".into(), replaces: false },
        P::CancelDownload { index: 0 },
        P::DismissProblem,
        P::DismissWarning,
        P::ChangeTerms(terms(Dialect::Kling)),
        P::ChangeTerms(Terms { recalls_faces: true, ..terms(Dialect::Kling) }),
        P::SwitchService(terms(Dialect::Kirin)),
        P::SwitchService(terms(Dialect::Kling)),
    ];
    proptest::sample::select(choices)
}

pub(super) fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => persons().prop_map(Act::Person),
        6 => (any::<usize>(), any::<u8>()).prop_map(|(pick, mood)| Act::Answer { pick, mood }),
        1 => (0..90_000_000_i64).prop_map(Act::Wait),
    ];
    // Chance alone seldom comes as far as a create: most lives begin with some steps of the straight way there.
    (0..=straight_way().len(), proptest::collection::vec(act, 0..120))
        .prop_map(|(steps, acts)| straight_way().into_iter().take(steps).chain(acts).collect())
}

/// The straight way from nothing to a create in progress.
fn straight_way() -> Vec<Act> {
    use PersonEvent as P;
    let well = |mood| Act::Answer { pick: 0, mood };
    vec![
        Act::Person(P::SetClip(Some(ClipSource::Url("https://example.org/clip.mp4".into())))),
        Act::Person(P::SetVoice(Some(VoiceSource::File("voice.mp3".into())))),
        well(200),
        Act::Person(P::Identify { send_anyway: false }),
        // Two faces: see `answer`.
        well(202),
        Act::Person(P::ChooseFace("0".into())),
        Act::Person(P::Submit { fresh_external_task_id: Some("fresh".into()), send_anyway: false }),
    ]
}

/// An answer of the right kind to a command, good or bad by `mood`.
pub(super) fn answer(command: &Command, mood: u8) -> Option<JobEvent> {
    let well = mood >= 64;
    let or_problem = |good: JobEvent, bad: JobEvent| Some(if well { good } else { bad });
    let failure = || Problem { transient: !mood.is_multiple_of(4), ..problem() };
    let pending = || IdentifyAnswer::Pending { id: "i".into(), status_raw: String::new(), progress: None };
    let faces = mood % 4;
    if mood == 254 {
        return command.failed(problem());
    }
    let older = || Task { task_id: OLDER.into(), created_at_ms: Some(-1_000_000), ..task(TaskStatus::Processing) };
    let named = |task: Task| Box::new(Task { task_id: format!("t-{}", command.job().0), ..task });
    match command {
        Command::ProbeClip { .. } => {
            or_problem(JobEvent::ClipProbed(Ok(clip_probe())), JobEvent::ClipProbed(Err(problem())))
        }
        Command::ProbeVoice { .. } => {
            or_problem(JobEvent::VoiceProbed(Ok(voice_probe())), JobEvent::VoiceProbed(Err(problem())))
        }
        Command::ConvertVoice { .. } => {
            or_problem(JobEvent::VoiceConverted(Ok("voice.wav".into())), JobEvent::VoiceConverted(Err(problem())))
        }
        Command::Upload { .. } => or_problem(
            JobEvent::Uploaded(Ok(StoredFile::at("http://127.0.0.1/clip"))),
            JobEvent::Uploaded(Err(problem())),
        ),
        Command::RecallFaces { .. } => Some(JobEvent::FacesRecalled((mood > 128).then(|| {
            let previews = vec![Preview::None; usize::from(faces)];
            let session = session(faces);
            let clip_now = if mood.is_multiple_of(3) { ClipNow::Unasked } else { ClipNow::Same };
            let faces = Faces { session, previews, chosen: None, proposed: None, recalled: false, clip_now };
            let not_taken = (mood > 192).then(problem);
            Box::new(Recalled { faces, not_taken })
        }))),
        Command::CompareClip { .. } => Some(JobEvent::ClipCompared(match mood {
            0..64 => ClipNow::Unknown(problem()),
            64..128 => ClipNow::Another(problem()),
            _ => ClipNow::Same,
        })),
        Command::Identify { .. } => Some(JobEvent::Identified(match mood {
            0..64 => Err(problem()),
            64..96 => Ok(pending()),
            _ => Ok(IdentifyAnswer::Ready(Box::new(session(faces)))),
        })),
        Command::PollIdentify { .. } | Command::Query { .. } if mood == 255 => Some(JobEvent::LimitReached),
        Command::PollIdentify { .. } => Some(JobEvent::IdentifyPolled(match mood {
            0..64 => Err(failure()),
            64..96 => Ok(pending()),
            _ => Ok(IdentifyAnswer::Ready(Box::new(session(faces)))),
        })),
        Command::LoadPreview { .. } => Some(JobEvent::PreviewLoaded(Err(problem()))),
        Command::RecordAccepted { .. }
        | Command::RecordEnded { .. }
        | Command::RecordNameTaken { .. }
        | Command::QueueTask { .. } => or_problem(JobEvent::Recorded(Ok(())), JobEvent::Recorded(Err(problem()))),
        Command::CreateTask { .. } => Some(JobEvent::Created(match mood {
            0..64 => CallOutcome::Unknown(problem()),
            64..96 => CallOutcome::Refused(problem()),
            96..128 => CallOutcome::NameTaken(problem()),
            _ => CallOutcome::Done(named(task(TaskStatus::Submitted))),
        })),
        Command::LookUp { .. } => Some(JobEvent::LookedUp(match mood {
            0..64 => Err(problem()),
            64..128 => Ok(Vec::new()),
            // Older than the create, of an unknown age, and ours beside an older one.
            128..176 => Ok(vec![older()]),
            176..192 => Ok(vec![*named(task(TaskStatus::Processing))]),
            _ => Ok(vec![older(), Task { created_at_ms: Some(i64::MAX), ..*named(task(TaskStatus::Processing)) }]),
        })),
        Command::Query { .. } => Some(JobEvent::Polled(match mood {
            0..64 => Err(failure()),
            64..128 => Ok(Box::new(task(TaskStatus::Processing))),
            128..160 => Ok(Box::new(task(TaskStatus::Failed))),
            _ => Ok(Box::new(task(TaskStatus::Succeed))),
        })),
        Command::Download { .. } => Some(match mood {
            0..64 => JobEvent::Downloaded(Err(problem())),
            64..128 => JobEvent::Progress(Progress { received_bytes: 1, total_bytes: None }),
            _ => JobEvent::Downloaded(Ok(SavedFile { path: "out.mp4".into(), sha256: "0".into(), size_bytes: 1 })),
        }),
        Command::Abort { .. } => None,
    }
}
