//! What a job found, in lines for people and in the one JSON object of `--json`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::console::Console;
use super::runner::Runner;
use super::{exit, words};
use crate::model::interval::clock_text;
use crate::model::{ClipProbe, Cost, Face, Fitness, Problem, SavedFile, TaskStatus, TaskVideo, VoiceProbe};
use crate::workflow::{Download, Flow, Idle, SendState, Stage, Submitted};

/// The object of a command that ended before a service was used.
pub fn of_problem_only(profile: Option<&str>, problem: &Problem) -> Value {
    let mut object = Map::new();
    object.insert("stage".into(), json!("idle"));
    if let Some(profile) = profile {
        object.insert("profile".into(), json!(profile));
    }
    object.insert("requests".into(), json!(0));
    object.insert("problem".into(), json!(problem));
    Value::Object(object)
}

/// The object of a job. What the job itself does not know, because an earlier run began it, is the journal's.
pub fn of_job(runner: &Runner<'_>, problem: Option<&Problem>) -> Value {
    let engine = &runner.engine;
    let service_stays = !runner.has_own_sandbox();
    let flow = engine.flow();
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            object.insert(key.into(), value);
        }
    };
    put("stage", json!(flow.stage.word()));
    put("profile", json!(engine.profile().name));
    if let Some(faces) = flow.faces() {
        put("session_id", json!(faces.session.session_id));
        put("faces", faces_json(&faces.session.faces, &runner.previews, &runner.fitness, service_stays));
    }
    if let Stage::Idle(Idle { faceless: Some(session), .. }) = &flow.stage {
        put("session_id", if session.session_id.is_empty() { Value::Null } else { json!(session.session_id) });
        put("faces", json!([]));
    }
    put("face_id", json!(face_id(flow)));
    put("placement", json!(placement(flow)));
    put("task_id", json!(task_id(flow)));
    put("external_task_id", json!(external_task_id(flow)));
    if let Some(task) = flow.task() {
        put("status", json!(task.status));
        put("status_raw", json!(task.status_raw));
    }
    if let Stage::Done(done) = &flow.stage
        && done.task.status == TaskStatus::Succeed
    {
        let videos = done.task.videos.iter().zip(&done.downloads).map(|(video, download)| {
            video_json(video, if let Download::Saved(file) = download { Some(file) } else { None })
        });
        put("videos", Value::Array(videos.collect()));
    }
    if let Stage::Submitted(Submitted { state: SendState::NameTaken { task: Some(task), .. }, .. }) = &flow.stage {
        let other = json!({
            "task_id": task.task_id,
            "status": task.status,
            "status_raw": task.status_raw,
            "created_at_ms": task.created_at_ms,
        });
        put("name_taken_by", other);
    }
    put("name_taken_by", json!(runner.name_taken_by));
    put("requests", json!(engine.requests()));
    put_costs(&mut object, runner.identify_cost.as_ref(), task_cost(flow));
    if let Some(earlier) = &runner.earlier {
        earlier.add_to(&mut object, service_stays);
    }
    object.insert("problem".into(), json!(problem));
    Value::Object(object)
}

/// What the task cost, where the service says so.
pub fn task_cost(flow: &Flow) -> Option<&Cost> {
    flow.task().and_then(|task| task.cost.as_ref())
}

/// What the whole of a run cost, and each of its stages, as far as the service says it.
pub fn put_costs(object: &mut Map<String, Value>, identify: Option<&Cost>, lip_sync: Option<&Cost>) {
    let stages = [("identify", identify), ("lip_sync", lip_sync)];
    let known: Vec<_> = stages.into_iter().filter_map(|(stage, cost)| Some((stage, cost?))).collect();
    if let Some(sum) = Cost::sum(&known.iter().map(|(_, cost)| *cost).collect::<Vec<_>>()) {
        object.insert("cost".into(), json!(sum));
        let stages: Map<String, Value> = known.into_iter().map(|(stage, cost)| (stage.into(), json!(cost))).collect();
        object.insert("costs".into(), Value::Object(stages));
    }
}

/// What the whole of a run cost, with its stages where there are several; `None` where the service does not say.
pub fn cost_line(identify: Option<&Cost>, lip_sync: Option<&Cost>) -> Option<String> {
    let known: Vec<_> = identify.into_iter().chain(lip_sync).collect();
    let sum = Cost::sum(&known)?.text();
    Some(match (identify, lip_sync) {
        (Some(identify), Some(lip_sync)) => words::cost_of_stages(sum, identify.text(), lip_sync.text()),
        _ => words::cost(sum),
    })
}

/// A result, and where it was saved.
pub fn video_json(video: &TaskVideo, saved: Option<&SavedFile>) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            object.insert(key.into(), value);
        }
    };
    put("id", if video.id.is_empty() { Value::Null } else { json!(video.id) });
    put("url", json!(video.url));
    if let Some(SavedFile { path, sha256, .. }) = saved {
        put("path", json!(path.to_string_lossy()));
        put("sha256", json!(sha256));
    }
    put("duration_ms", json!(video.duration_ms));
    Value::Object(object)
}

/// A clip as it was probed.
pub fn clip_line(clip: &ClipProbe) -> String {
    let sound = clip.audio_codec.as_ref().map_or_else(words::part_no_sound, words::part_sound);
    words::clip(
        &clip.container,
        clip.width_px,
        clip.height_px,
        clock_text(clip.duration_ms),
        clip.fps,
        clip.picture_words(),
        &sound,
    )
}

/// A voice as it was probed.
pub fn voice_line(voice: &VoiceProbe) -> String {
    words::voice(&voice.format, clock_text(voice.duration_ms), voice.sample_rate_hz)
}

/// Writes the object where JSON is wanted. Returns the exit code, which a stdout that cannot be written turns into a failure.
pub fn finish(console: &Console, object: Value, code: u8) -> u8 {
    if !console.is_json() {
        return code;
    }
    match console.object(object) {
        Ok(()) => code,
        Err(problem) => {
            console.problem(&problem);
            if code == exit::DONE { exit::of(&problem) } else { code }
        }
    }
}

/// The faces of a session, each with its preview and, where it was measured, its fitness.
pub fn faces_json(
    faces: &[Face],
    previews: &[Option<PathBuf>],
    fitness: &BTreeMap<String, Fitness>,
    service_stays: bool,
) -> Value {
    let rows = faces.iter().enumerate().map(|(at, face)| {
        let mut object = Map::new();
        object.insert("face_id".into(), json!(face.face_id));
        if let Some(interval) = face.interval {
            object.insert("start_time".into(), json!(interval.start_ms));
            object.insert("end_time".into(), json!(interval.end_ms));
        }
        let saved = previews.get(at).and_then(Option::as_ref).map(|path| path.to_string_lossy().into_owned());
        if let Some(preview) = saved.or_else(|| face.face_image.clone().filter(|_| service_stays)) {
            object.insert("preview".into(), json!(preview));
        }
        if let Some(fitness) = fitness.get(&face.face_id) {
            object.insert("fitness".into(), json!(fitness));
        }
        Value::Object(object)
    });
    Value::Array(rows.collect())
}

fn submission(flow: &Flow) -> Option<&crate::model::Submission> {
    match &flow.stage {
        Stage::Submitted(submitted) => submitted.submission.as_deref(),
        Stage::Done(done) => done.submission.as_deref(),
        _ => None,
    }
}

fn face_id(flow: &Flow) -> Option<String> {
    let sent = submission(flow).map(|submission| submission.face_id.clone());
    sent.or_else(|| flow.faces().and_then(|faces| faces.chosen.clone()))
}

fn placement(flow: &Flow) -> Option<crate::model::Placement> {
    let proposed = match &flow.stage {
        Stage::Choosing(choosing) => choosing.placement,
        _ => None,
    };
    submission(flow).map(|submission| submission.placement).or(proposed)
}

/// The service's id for the task, once there is one.
pub fn task_id(flow: &Flow) -> Option<&str> {
    match &flow.stage {
        Stage::Submitted(Submitted { state: SendState::Accepted { task_id, .. }, .. }) => Some(task_id),
        Stage::Done(done) => Some(&done.task.task_id),
        _ => None,
    }
}

/// Our own name for the task, from the moment it is about to be sent.
pub fn external_task_id(flow: &Flow) -> Option<&str> {
    let ours = submission(flow).map(|submission| submission.external_task_id.as_str());
    ours.or_else(|| flow.task().and_then(|task| task.external_task_id.as_deref()))
}
