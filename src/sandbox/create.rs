//! From a create to a task: session, face, voice, the rules of the placement, then real work.

use std::sync::Arc;
use std::time::Duration;

use crate::model::placement::check_placement;
use crate::model::rule::first_broken;
use crate::model::voice::{MAX_SIZE_BYTES as MAX_VOICE_BYTES, check_voice};
use crate::model::{Placement, PlacementFacts, RuleReport, TaskStatus, VoiceProbe};

use super::callbacks::Postman;
use super::core::Core;
use super::faults::{Fault, Faults};
use super::fetch::too_large;
use super::identify::{self, Progress, watched};
use super::kling::{self, ClipAsk, CreateAsk, VoiceAsk};
use super::library::{Gone, Kind};
use super::refusal::Refusal;
use super::sessions::Session;
use super::shelf::{Blob, WriteError};
use super::studio::{self, Trouble};
use super::tasks::{LipSync, NewTask, Outcome, Task, Voice, Work};

/// The id of the voice that comes with the sandbox.
pub const BUILT_IN_VOICE: &str = "sandbox_voice";
static BUILT_IN_VOICE_MP3: &[u8] = include_bytes!("../../assets/demo/voice.mp3");
/// Room that is made for a result: the largest clip, once more.
const RESULT_ROOM_BYTES: u64 = crate::model::clip::MAX_SIZE_BYTES;
/// A voice of 5 MB is decoded in a moment; one that takes longer than this does not end.
const MAX_PROBE: Duration = Duration::from_secs(30);
/// A minute of 1080p takes about as long on one core; one that takes longer than this does not end.
const MAX_RENDER: Duration = Duration::from_mins(15);

/// Checks a create and begins its task.
pub async fn create(core: &Arc<Core>, ask: CreateAsk, faults: Faults, origin: &str) -> Result<Arc<Task>, Refusal> {
    core.tasks.check_external_task_id(ask.external_task_id.as_deref())?;
    let session = core.sessions.find(core.clock.now_ms(), &ask.session_id)?;
    let face_index = face_index(&session, &ask.face_id)?;
    let voice_field = match ask.voice {
        VoiceAsk::AudioId(_) => "face_choose[0].audio_id",
        VoiceAsk::Url(_) | VoiceAsk::Bytes(_) => "face_choose[0].sound_file",
    };
    let voice = voice_of(core, ask.voice, voice_field, &faults).await?;
    let facts = PlacementFacts {
        voice_ms: Some(voice.probe.duration_ms),
        clip_ms: Some(session.analysis.probe.duration_ms),
        face: Some(session.analysis.faces[face_index].interval),
        ..PlacementFacts::default()
    };
    let mut reports = check_placement(&ask.placement, &facts);
    if ends_in_padding(&ask.placement, &voice.probe) {
        reports.retain(|report| report.rule != "R1");
    }
    // A voice of the wrong length is told as such, before what its length makes of the crop.
    let of_voice = reports.iter().find(|report| report.rule == "R3" && report.is_broken());
    if let Some(broken) = of_voice.or_else(|| first_broken(&reports)) {
        return Err(broken_rule(broken, voice_field));
    }
    let postman = ask
        .callback_url
        .map(|url| Postman::new(url, Arc::clone(&core.outbound), core.clock.clone(), core.webhook_secret.clone()));
    let work =
        Work::LipSync(LipSync { session, face_index, voice, placement: ask.placement, watermark: ask.watermark });
    let new = NewTask { external_task_id: ask.external_task_id, work, faults, postman, origin: origin.into() };
    let task = core.tasks.add(core.clock.now_ms(), new)?;
    tell(&task);
    tokio::spawn(run(Arc::clone(core), Arc::clone(&task), None));
    Ok(task)
}

/// Begins a `kirin_identify_face`.
pub fn create_identify(core: &Arc<Core>, ask: ClipAsk, faults: Faults, origin: &str) -> Result<Arc<Task>, Refusal> {
    let new = NewTask { external_task_id: None, work: Work::Identify, faults, postman: None, origin: origin.into() };
    let task = core.tasks.add(core.clock.now_ms(), new)?;
    tokio::spawn(run(Arc::clone(core), Arc::clone(&task), Some(ask)));
    Ok(task)
}

/// Whether a crop ends behind the last sample, yet within the length that the file's own container gives.
///
/// Everyone measures a voice by its container (ffprobe, mutagen), which counts the encoder's delay and padding: at most 2304
/// samples of an MP3 and 3136 of AAC; and rounds up. What is past the sound is silence, so `sound_end_time` may reach there.
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

fn face_index(session: &Session, face_id: &str) -> Result<usize, Refusal> {
    let faces = &session.analysis.faces;
    faces.iter().position(|face| face.face_id == face_id).ok_or_else(|| {
        let known: Vec<&str> = faces.iter().map(|face| face.face_id.as_str()).collect();
        let known = if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
        Refusal::field(
            "face_choose[0].face_id",
            format_args!("session {} has no face called {face_id:.60}; {known}", session.session_id),
        )
    })
}

/// A broken rule as a refusal that names its field and carries its arithmetic.
fn broken_rule(report: &RuleReport, voice_field: &str) -> Refusal {
    let why = report.why().unwrap_or_default();
    let named = ["sound_start_time", "sound_end_time", "sound_volume", "original_audio_volume"];
    let field = match report.rule {
        "R2" => "face_choose[0].sound_end_time".to_owned(),
        "R3" => voice_field.to_owned(),
        "R4" | "R5" | "R6" => "face_choose[0].sound_insert_time".to_owned(),
        _ => {
            let field = named.into_iter().find(|name| why.starts_with(name)).unwrap_or("sound_end_time");
            format!("face_choose[0].{field}")
        }
    };
    Refusal::field(&field, format_args!("{why} ({}: {})", report.rule, report.asks))
}

async fn voice_of(core: &Core, ask: VoiceAsk, field: &'static str, faults: &Faults) -> Result<Voice, Refusal> {
    let of_write = |err: WriteError| match err {
        WriteError::TooLarge(_) => Refusal::field(field, too_large(MAX_VOICE_BYTES + 1, MAX_VOICE_BYTES)),
        WriteError::Io(err) => Refusal::internal(err),
    };
    let (blob, probe) = match ask {
        VoiceAsk::AudioId(id) if id == BUILT_IN_VOICE => {
            (store(core, BUILT_IN_VOICE_MP3).await.map_err(of_write)?, None)
        }
        VoiceAsk::AudioId(id) => match core.library.find(core.clock.now_ms(), &id, false) {
            Ok(item) => match item.kind {
                Kind::Audio(probe) => (item.blob, Some(probe)),
                other => {
                    return Err(Refusal::field(field, format_args!("{id} is no sound, it is {}", other.word())));
                }
            },
            Err(Gone::Unknown) => return Err(Refusal::field(field, format_args!("no voice is called {id:.60}"))),
            Err(Gone::TooOld) => {
                return Err(Refusal::field(field, format_args!("voice {id} is older than 30 days and was removed")));
            }
        },
        VoiceAsk::Bytes(bytes) => {
            if bytes.len() as u64 > MAX_VOICE_BYTES {
                return Err(Refusal::field(field, too_large(bytes.len() as u64, MAX_VOICE_BYTES)));
            }
            (store(core, &bytes).await.map_err(of_write)?, None)
        }
        VoiceAsk::Url(url) => {
            core.make_room(MAX_VOICE_BYTES)?;
            let mut writer = core.shelf.writer(MAX_VOICE_BYTES).await.map_err(Refusal::internal)?;
            core.outbound.fetch(&url, &mut writer, MAX_VOICE_BYTES).await.map_err(|why| Refusal::field(field, why))?;
            (writer.finish().await.map_err(of_write)?, None)
        }
    };
    let probe = match probe {
        Some(probe) => probe,
        None => probe_voice(core, &blob).await.map_err(|trouble| match trouble {
            Trouble::File(why) => Refusal::field(field, format_args!("Audio format is invalid: {why}")),
            Trouble::Ours(why) => Refusal::internal(why),
        })?,
    };
    if faults.has(&Fault::RefuseM4a) && matches!(probe.format.as_str(), "m4a" | "aac") {
        return Err(Refusal::field(field, "Audio format is invalid"));
    }
    if let Some(broken) = first_broken(&check_voice(&probe)) {
        let why = broken.why().unwrap_or_default();
        let words = if broken.rule == "audio.format" { "Audio format is invalid: " } else { "" };
        return Err(Refusal::field(field, format_args!("{words}{why}")));
    }
    Ok(Voice { blob, probe })
}

async fn store(core: &Core, bytes: &[u8]) -> Result<Arc<Blob>, WriteError> {
    core.make_room(MAX_VOICE_BYTES).map_err(|refusal| WriteError::Io(std::io::Error::other(refusal.message)))?;
    let mut writer = core.shelf.writer(MAX_VOICE_BYTES).await?;
    writer.write(bytes).await?;
    writer.finish().await
}

async fn probe_voice(core: &Core, voice: &Arc<Blob>) -> Result<VoiceProbe, Trouble> {
    let voice = Arc::clone(voice);
    watched(core, MAX_PROBE, Arc::new(|_| {}), move |_| studio::probe_voice(voice.path())).await
}

/// Carries a task out, from `submitted` to its end.
async fn run(core: Arc<Core>, task: Arc<Task>, clip: Option<ClipAsk>) {
    let outcome = tokio::select! {
        outcome = outcome_of(&core, &task, clip) => outcome,
        () = core.closed() => Outcome::Failed(Refusal::internal("the sandbox ended before the task did")),
    };
    let status = if matches!(outcome, Outcome::Failed(_)) { TaskStatus::Failed } else { TaskStatus::Succeed };
    core.tasks.advance(&task, core.clock.now_ms(), status, Some(outcome));
    tell(&task);
}

async fn outcome_of(core: &Arc<Core>, task: &Arc<Task>, clip: Option<ClipAsk>) -> Outcome {
    if task.faults.has(&Fault::Queue) {
        std::future::pending::<()>().await;
    }
    let place = match &task.work {
        Work::LipSync(_) => core.render_places.acquire().await.ok(),
        Work::Identify => None,
    };
    core.tasks.advance(task, core.clock.now_ms(), TaskStatus::Processing, None);
    tell(task);
    if task.faults.has(&Fault::Hang) {
        // The place is given back: a task that hangs on demand does not stop the others.
        drop(place);
        std::future::pending::<()>().await;
    }
    if let Some(by) = task.faults.slow() {
        tokio::time::sleep(by).await;
    }
    if let Some(reason) = task.faults.find(|fault| if let Fault::Fail(why) = fault { Some(why) } else { None }) {
        return Outcome::Failed(Refusal::new(5000, reason));
    }
    let progress: Progress = {
        let task = Arc::clone(task);
        Arc::new(move |done| task.set_progress(done))
    };
    let outcome = match clip {
        Some(ask) => identify::identify(core, ask, progress).await.map(Outcome::Faces),
        None => render(core, task, progress).await,
    };
    outcome.unwrap_or_else(Outcome::Failed)
}

async fn render(core: &Arc<Core>, task: &Arc<Task>, progress: Progress) -> Result<Outcome, Refusal> {
    core.make_room(RESULT_ROOM_BYTES)?;
    let out = core.shelf.new_path("mp4");
    let (for_work, to) = (Arc::clone(task), out.clone());
    let made = watched(core, MAX_RENDER, progress, move |job| {
        let lip_sync = for_work.lip_sync().ok_or_else(|| Trouble::Ours("the task is no lip sync".into()))?;
        studio::render(lip_sync, &to, job)
    })
    .await;
    let duration_ms = made.map_err(|trouble| {
        let _ = std::fs::remove_file(&out);
        match trouble {
            Trouble::File(why) => Refusal::new(1201, why),
            Trouble::Ours(why) => Refusal::internal(why),
        }
    })?;
    let for_shelf = Arc::clone(core);
    let blob = tokio::task::spawn_blocking(move || for_shelf.shelf.adopt(out))
        .await
        .map_err(Refusal::internal)?
        .map_err(Refusal::internal)?;
    let item = core.library.add(core.clock.now_ms(), "result.mp4", Kind::Video, blob, true);
    Ok(Outcome::Video { id: item.id, duration_ms })
}

/// Posts the callback of a change.
fn tell(task: &Task) {
    if let Some(postman) = &task.postman {
        postman.send(kling::task_data(task, &task.origin));
    }
}
