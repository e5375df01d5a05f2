//! From a create to a task: session, face, voice, the rules of the placement, then the work.

use std::sync::Arc;
use std::time::Duration;

use crate::media::RenderPlan;
use crate::media::faces::FaceTrack;
use crate::model::placement::check_placement;
use crate::model::rule::first_broken;
use crate::model::voice::{MAX_SIZE_BYTES as MAX_VOICE_BYTES, check_voice};
use crate::model::{Placement, PlacementFacts, RuleReport, TaskStatus, VoiceProbe};

use super::assets::{AssetError, AssetKind, Origin};
use super::blocking::{self, Permit, Progress};
use super::core::Core;
use super::faults::{Fault, Faults};
use super::file_store::StoredFile;
use super::identify;
use super::kirin;
use super::kling::{self, ClipRequest, CreateRequest, VoiceRequest};
use super::ledger::Deduction;
use super::media_work::{self, WorkError};
use super::refusal::Refusal;
use super::sessions::{FoundFaces, Session};
use super::storage::WriteError;
use super::tasks::{LipSyncInfo, NameTaken, NewTask, Outcome, Task, TaskKind};
use super::webhook::WebhookSender;
use super::words;

/// The id of the voice that comes with the sandbox.
pub const BUILT_IN_VOICE: &str = "sandbox_voice";
static BUILT_IN_VOICE_MP3: &[u8] = include_bytes!("../../assets/demo/voice.mp3");
/// A voice of 5 MB is decoded in a moment; one that takes longer than this does not end.
pub const MAX_PROBE: Duration = Duration::from_secs(30);
/// A minute of 1080p takes about as long on one core; one that takes longer than this does not end.
const MAX_RENDER: Duration = Duration::from_mins(15);

/// A voice that was found good.
struct Voice {
    file: Arc<StoredFile>,
    probe: VoiceProbe,
}

/// The work of a task and what it uses, freed when it ends.
enum Work {
    Identify(ClipRequest),
    LipSync(LipSync),
}

struct LipSync {
    session: Arc<Session>,
    face: FaceTrack,
    voice: Arc<StoredFile>,
    placement: Placement,
}

/// Receives the changes of a task's status.
struct Owner {
    sender: WebhookSender,
    /// The address by which the caller knows the sandbox: addresses in webhooks begin with it.
    origin: String,
}

impl Owner {
    fn notify(&self, task: &Task) {
        self.sender.send(kling::webhook_data(task, &self.origin));
    }
}

/// Checks a create and begins its task.
///
/// # Errors
/// Why it is refused; no task was made then.
pub async fn create(
    core: &Arc<Core>,
    request: CreateRequest,
    faults: Faults,
    origin: &str,
    name_taken: NameTaken,
) -> Result<Arc<Task>, Refusal> {
    core.tasks.check_external_task_id(request.external_task_id.as_deref(), name_taken)?;
    let session = core.storage.sessions.find(core.clock.now_ms(), &request.session_id)?;
    let face = face_of(&session, &request.face_id)?.clone();
    let voice_field = match request.voice {
        VoiceRequest::AudioId(_) => "face_choose[0].audio_id",
        VoiceRequest::Url(_) | VoiceRequest::Bytes(_) => "face_choose[0].sound_file",
    };
    let voice = voice_of(core, request.voice, voice_field, &faults).await?;
    let placement = request.placement;
    let clip_ms = session.analysis.probe.duration_ms;
    let facts = PlacementFacts {
        voice_ms: Some(voice.probe.duration_ms),
        clip_ms: Some(clip_ms),
        face: Some(face.interval),
        ..PlacementFacts::default()
    };
    let mut reports = check_placement(&placement, &facts);
    if ends_in_padding(&placement, &voice.probe) {
        reports.retain(|report| report.rule != "R1");
    }
    // A wrong length of the voice is refused as such, before what its length makes of the crop.
    let of_voice = reports.iter().find(|report| report.rule == "R3" && report.is_broken());
    if let Some(broken) = of_voice.or_else(|| first_broken(&reports)) {
        return Err(broken_rule(broken, voice_field));
    }
    let info = LipSyncInfo {
        parent_video_id: session.video_id.clone(),
        parent_video_url: session.video_url.clone(),
        clip_ms,
        crop_ms: placement.crop_ms(),
        watermark: request.watermark,
    };
    let new = NewTask { external_task_id: request.external_task_id, kind: TaskKind::LipSync(info), faults };
    let task = core.tasks.add(core.clock.now_ms(), new, name_taken)?;
    let owner = request
        .callback_url
        .map(|url| Owner { sender: WebhookSender::spawn(Arc::clone(&core.webhooks), url), origin: origin.into() });
    let work = Work::LipSync(LipSync { session, face, voice: voice.file, placement });
    begin(core, &task, work, owner);
    Ok(task)
}

/// Begins a `kirin_identify_face`.
///
/// # Errors
/// Too many tasks are unfinished.
pub fn create_identify(core: &Arc<Core>, request: ClipRequest, faults: Faults) -> Result<Arc<Task>, Refusal> {
    let new = NewTask { external_task_id: None, kind: TaskKind::Identify, faults };
    let task = core.tasks.add(core.clock.now_ms(), new, kirin::name_taken)?;
    begin(core, &task, Work::Identify(request), None);
    Ok(task)
}

/// Whether a crop ends after the last sample, yet within the length that the file's own container gives.
///
/// Clients measure a voice by its container (ffprobe, mutagen), which counts the encoder's delay and padding: at most 2304
/// samples of an MP3 and 3136 of AAC; and round up. What is past the sound is silence, so `sound_end_time` may reach there.
fn ends_in_padding(placement: &Placement, voice: &VoiceProbe) -> bool {
    let padding_samples = match voice.format.as_str() {
        "mp3" => 2_304,
        "m4a" | "aac" => 3_136,
        _ => 0,
    };
    let rate_hz = i64::from(voice.sample_rate_hz.max(1));
    let container_ms = voice.duration_ms + (padding_samples * 1000 + rate_hz - 1) / rate_hz + 1;
    let (s, e) = (placement.sound_start_time, placement.sound_end_time);
    s >= 0 && s < e && e > voice.duration_ms && e <= container_ms
}

fn face_of<'a>(session: &'a Session, face_id: &str) -> Result<&'a FaceTrack, Refusal> {
    session.analysis.face(face_id).ok_or_else(|| {
        let FoundFaces { session_id, faces, .. } = &*session.found;
        let known = faces.iter().map(|(face_id, _)| face_id.as_str()).collect::<Vec<_>>().join(", ");
        Refusal::field(
            "face_choose[0].face_id",
            if known.is_empty() {
                words::session_has_no_face(session_id)
            } else {
                words::no_such_face(session_id, face_id, &known)
            },
        )
    })
}

/// The refusal of a broken rule: names its field, and has its arithmetic.
fn broken_rule(report: &RuleReport, voice_field: &str) -> Refusal {
    let why = report.why().unwrap_or_default();
    let named = ["sound_start_time", "sound_end_time", "sound_volume", "original_audio_volume"];
    let field = match report.rule {
        "R2" => "face_choose[0].sound_end_time".to_owned(),
        "R3" => voice_field.to_owned(),
        "R4" | "R5" | "R6" => "face_choose[0].sound_insert_time".to_owned(),
        _ => {
            let first = named.into_iter().filter_map(|name| Some((why.find(name)?, name))).min();
            let field = first.map_or("sound_end_time", |(_, name)| name);
            format!("face_choose[0].{field}")
        }
    };
    Refusal::field(&field, format_args!("{why} ({}: {})", report.rule, report.asks))
}

async fn voice_of(core: &Core, request: VoiceRequest, field: &str, faults: &Faults) -> Result<Voice, Refusal> {
    let (file, probe) = match request {
        VoiceRequest::AudioId(id) if id == BUILT_IN_VOICE => {
            (store(core, BUILT_IN_VOICE_MP3).await.map_err(|err| err.refusal(field))?, None)
        }
        VoiceRequest::AudioId(id) => match core.storage.assets.find(core.clock.now_ms(), &id, Origin::Upload) {
            Ok(asset) => match asset.kind {
                AssetKind::Audio(probe) => (asset.file, Some(probe)),
                other => return Err(Refusal::field(field, words::no_sound(&id, other.word()))),
            },
            Err(AssetError::NotFound) => return Err(Refusal::field(field, words::voice_not_found(&id))),
            Err(AssetError::Expired) => return Err(Refusal::field(field, words::voice_expired(&id))),
        },
        VoiceRequest::Bytes(bytes) => (store(core, &bytes).await.map_err(|err| err.refusal(field))?, None),
        VoiceRequest::Url(url) => {
            let mut writer = core.storage.writer(MAX_VOICE_BYTES).await.map_err(|err| err.refusal(field))?;
            core.outbound.fetch(&url, &mut writer).await.map_err(|err| err.refusal(field))?;
            (writer.finish().await.map_err(|err| err.refusal(field))?, None)
        }
    };
    let probe = match probe {
        Some(probe) => probe,
        None => probe_voice(&file).await.map_err(|err| match err {
            WorkError::File(why) => Refusal::field(field, words::audio_format_is_invalid_because(&why)),
            WorkError::Internal(why) => Refusal::internal(why),
        })?,
    };
    if faults.has(&Fault::RefuseM4a) && matches!(probe.format.as_str(), "m4a" | "aac") {
        return Err(Refusal::field(field, words::audio_format_is_invalid()));
    }
    if let Some(broken) = first_broken(&check_voice(&probe)) {
        let why = words::capitalised(broken.why().unwrap_or_default());
        let is_format = broken.rule == "audio.format";
        return Err(Refusal::field(field, if is_format { words::audio_format_is_invalid_because(&why) } else { why }));
    }
    Ok(Voice { file, probe })
}

async fn store(core: &Core, bytes: &[u8]) -> Result<Arc<StoredFile>, WriteError> {
    let mut writer = core.storage.writer(MAX_VOICE_BYTES).await?;
    writer.write(bytes).await?;
    writer.finish().await
}

async fn probe_voice(voice: &Arc<StoredFile>) -> Result<VoiceProbe, WorkError> {
    let voice = Arc::clone(voice);
    blocking::run(None, MAX_PROBE, Arc::new(|_| {}), move |job| media_work::probe_voice(voice.path(), job)).await
}

/// Begins the work of a task.
fn begin(core: &Arc<Core>, task: &Arc<Task>, work: Work, owner: Option<Owner>) {
    if let Some(owner) = &owner {
        owner.notify(task);
    }
    tokio::spawn(run(Arc::clone(core), Arc::clone(task), work, owner));
}

/// Does the work of a task, from `submitted` to its end. What the work uses is freed before the task is finished.
async fn run(core: Arc<Core>, task: Arc<Task>, work: Work, owner: Option<Owner>) {
    let outcome = core.stop.unless_stopped(outcome_of(&core, &task, work, owner.as_ref())).await;
    let outcome = outcome.unwrap_or_else(|| Outcome::Failed(Refusal::internal(words::stopped_before_the_task())));
    let status = if matches!(outcome, Outcome::Failed(_)) { TaskStatus::Failed } else { TaskStatus::Succeed };
    let now_ms = core.clock.now_ms();
    if status == TaskStatus::Succeed {
        core.ledger.book(Deduction::of_task(&task, &outcome, now_ms));
    }
    core.tasks.advance(&task, now_ms, status, Some(outcome));
    if let Some(owner) = owner {
        owner.notify(&task);
    }
}

async fn outcome_of(core: &Arc<Core>, task: &Arc<Task>, work: Work, owner: Option<&Owner>) -> Outcome {
    if task.faults.has(&Fault::Queue) {
        return std::future::pending().await;
    }
    let permit = match work {
        Work::LipSync(_) => blocking::permit(&core.render_permits).await,
        Work::Identify(_) => None,
    };
    core.tasks.advance(task, core.clock.now_ms(), TaskStatus::Processing, None);
    if let Some(owner) = owner {
        owner.notify(task);
    }
    if task.faults.has(&Fault::Hang) {
        // The permit is given back: a task that hangs on demand does not stop the others.
        drop(permit);
        return std::future::pending().await;
    }
    if let Some(by) = task.faults.slow() {
        core.clock.sleep(by).await;
    }
    if let Some(reason) = task.faults.find(|fault| if let Fault::Fail(why) = fault { Some(why) } else { None }) {
        return Outcome::Failed(Refusal::new(5000, reason));
    }
    let progress: Progress = {
        let task = Arc::clone(task);
        Arc::new(move |done| task.set_progress(done))
    };
    let outcome = match work {
        Work::Identify(request) => {
            identify::identify(core, request, progress).await.map(|session| Outcome::Faces(Arc::clone(&session.found)))
        }
        Work::LipSync(lip_sync) => render(core, permit, lip_sync, progress).await,
    };
    outcome.unwrap_or_else(Outcome::Failed)
}

/// Renders the result of a lip sync, and stores it.
async fn render(core: &Arc<Core>, permit: Permit, work: LipSync, progress: Progress) -> Result<Outcome, Refusal> {
    let reservation = core.storage.reserve(media_work::result_bytes(&work.session.analysis.probe))?;
    let of_work = Arc::clone(core);
    let rendered = blocking::run(permit, MAX_RENDER, progress, move |job| {
        let files = &of_work.storage.files;
        let out = files.new_path("mp4");
        let plan = RenderPlan {
            clip: work.session.clip.path().to_owned(),
            voice: work.voice.path().to_owned(),
            track: work.face,
            placement: work.placement,
            mouth_box: None,
            out: out.clone(),
        };
        let duration_ms = media_work::render(&plan, job)?;
        let stored = files.store(out, reservation).map_err(|err| WorkError::Internal(err.to_string()))?;
        Ok((stored, duration_ms))
    });
    let (file, duration_ms) = rendered.await.map_err(|err| match err {
        WorkError::File(why) => Refusal::new(1201, why),
        WorkError::Internal(why) => Refusal::internal(why),
    })?;
    let asset = core.storage.assets.add(core.clock.now_ms(), AssetKind::Video, file, Origin::Result);
    Ok(Outcome::Video { id: asset.id, duration_ms })
}
