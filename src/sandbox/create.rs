//! From a create to a task: session, face, voice, the rules of the placement, then the work.

use std::sync::Arc;
use std::time::Duration;

use crate::media::faces::FaceTrack;
use crate::model::placement::check_placement;
use crate::model::rule::first_broken;
use crate::model::voice::{MAX_SIZE_BYTES as MAX_VOICE_BYTES, check_voice};
use crate::model::{Placement, PlacementFacts, RuleReport, VoiceProbe};

use super::assets::{AssetError, AssetKind, Origin};
use super::blocking;
use super::core::Core;
use super::faults::{Fault, Faults};
use super::file_store::StoredFile;
use super::kirin;
use super::kling::{ClipRequest, CreateRequest, VoiceRequest};
use super::media_work::{self, WorkError};
use super::refusal::Refusal;
use super::sessions::{FoundFaces, Session};
use super::storage::WriteError;
use super::task::{LipSyncInfo, Task, TaskKind};
use super::tasks::{NameTaken, NewTask};
use super::words;
use super::work::{self, LipSync, Owner, Work};

/// The id of the voice that comes with the sandbox.
pub const BUILT_IN_VOICE: &str = "sandbox_voice";
static BUILT_IN_VOICE_MP3: &[u8] = include_bytes!("../../assets/demo/voice.mp3");
/// A voice of 5 MB is decoded in a moment; one that takes longer than this does not end.
pub const MAX_PROBE: Duration = Duration::from_secs(30);

/// A voice that was found good.
struct Voice {
    file: Arc<StoredFile>,
    probe: VoiceProbe,
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
    let lip_sync =
        LipSync { session, face_id: request.face_id, face, voice: voice.file, placement, mouth_box: request.mouth_box };
    let owner = request.callback_url.map(|url| Owner { url, origin: origin.into() });
    work::begin(core, &task, Work::LipSync(lip_sync), owner).await?;
    Ok(task)
}

/// Begins a `kirin_identify_face`.
///
/// # Errors
/// Too many tasks are unfinished, or it cannot be written down.
pub async fn create_identify(core: &Arc<Core>, request: ClipRequest, faults: Faults) -> Result<Arc<Task>, Refusal> {
    let new = NewTask { external_task_id: None, kind: TaskKind::Identify, faults };
    let task = core.tasks.add(core.clock.now_ms(), new, kirin::name_taken)?;
    work::begin(core, &task, Work::Identify(request), None).await?;
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
