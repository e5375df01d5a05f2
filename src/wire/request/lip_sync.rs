//! Identify, create, query and list in both dialects.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::body::bare_base64;
use super::{Body, Call, GENERATION, IDENTIFY, LIP_SYNC, Method, Operation, TASKS, has_list, is_official, kling_path};
use crate::model::{ClipSource, Dialect, MouthBox, Problem, ProblemKind, Profile, Submission, VoiceSource};
use crate::wire::{path, words};

/// Models of the `kirin` dialect.
const KIRIN_IDENTIFY: &str = "kirin_identify_face";
const KIRIN_LIP_SYNC: &str = "kirin_lipsync";

/// Where the mouth is, in `face_choose[0]`: understood by the sandbox alone, and sent to it alone.
const MOUTH_BOX: &str = "viseme_mouth_box";

/// Identify the faces of a clip.
///
/// # Errors
/// [`ProblemKind::Usage`]: a local file (none of these APIs takes one; docs: wire contract §2), or an empty address or id.
pub fn identify(profile: &Profile, source: &ClipSource) -> Result<Call, Problem> {
    let (field, value) = match source {
        ClipSource::File(path) => return Err(local_clip(profile, path)),
        ClipSource::Url(url) => ("video_url", url.trim()),
        ClipSource::VideoId(id) => ("video_id", id.trim()),
    };
    if value.is_empty() {
        return Err(Problem::new(ProblemKind::Usage, words::clip_empty(field)).with_hint(words::clip_empty_hint()));
    }
    let mut fields = Map::new();
    fields.insert(field.into(), value.into());
    Ok(call(profile, Operation::Identify, IDENTIFY, KIRIN_IDENTIFY, |_| fields.clone(), None))
}

/// Poll an asynchronous identify; `kirin` only, because `kling` returns the faces at once.
///
/// # Errors
/// [`ProblemKind::Usage`]: an id that cannot be a path segment.
pub fn identify_poll(profile: &Profile, job_id: &str) -> Result<Call, Problem> {
    let target = match profile.dialect {
        Dialect::Kirin => format!("{GENERATION}/task/{}", path::segment("task id", job_id)?),
        Dialect::Kling => kling_path(profile, &format!("{IDENTIFY}/{}", path::segment("task id", job_id)?)),
    };
    Ok(Call { operation: Operation::IdentifyPoll, method: Method::Get, target, body: None })
}

/// Create a lip-sync task. The rules of the placement are not checked here: the workflow does that, and a person may override it.
///
/// # Errors
/// [`ProblemKind::Usage`]: a volume that is no number, for JSON has no way to write it.
pub fn create(profile: &Profile, submission: &Submission) -> Result<Call, Problem> {
    let placement = &submission.placement;
    let mut choice = Map::new();
    choice.insert("face_id".into(), submission.face_id.as_str().into());
    let mut file = None;
    match &submission.voice {
        VoiceSource::AudioId(id) => {
            choice.insert("audio_id".into(), id.trim().into());
        }
        VoiceSource::Url(url) => {
            let sound = bare_base64(url).unwrap_or_else(|| url.trim().to_owned());
            choice.insert("sound_file".into(), sound.into());
        }
        VoiceSource::File(path) => {
            choice.insert("sound_file".into(), "".into());
            file = Some(path.as_path());
        }
    }
    choice.insert("sound_start_time".into(), placement.sound_start_time.into());
    choice.insert("sound_end_time".into(), placement.sound_end_time.into());
    choice.insert("sound_insert_time".into(), placement.sound_insert_time.into());
    let volumes =
        [("sound_volume", placement.sound_volume), ("original_audio_volume", placement.original_audio_volume)];
    for (name, volume) in volumes {
        if let Some(volume) = volume {
            if !volume.is_finite() {
                return Err(Problem {
                    rule: Some("R7".into()),
                    ..Problem::new(ProblemKind::Usage, words::volume_not_a_number(name, volume))
                        .with_hint(words::volume_hint())
                });
            }
            choice.insert(name.into(), volume.into());
        }
    }

    // The sandbox's own extra: a real service is never sent a field that its documents do not have.
    if let Some(mouth) = submission.mouth_box.filter(|_| profile.is_sandbox()) {
        let mut fields = Map::new();
        for (value, (name, _)) in mouth.values().into_iter().zip(MouthBox::RANGES) {
            // Ten-thousandths of a face: what a person drags is not finer, and `0.3` stays `0.3` in JSON.
            let value = (f64::from(value) * 1e4).round() / 1e4;
            fields.insert(name.into(), value.into());
        }
        choice.insert(MOUTH_BOX.into(), fields.into());
    }

    let fields_with = |mark: &str| {
        let mut choice = choice.clone();
        if file.is_some() {
            choice.insert("sound_file".into(), mark.into());
        }
        let mut fields = Map::new();
        fields.insert("session_id".into(), submission.session_id.as_str().into());
        fields.insert("face_choose".into(), json!([choice]));
        if !submission.external_task_id.is_empty() {
            fields.insert("external_task_id".into(), submission.external_task_id.as_str().into());
        }
        if let Some(url) = submission.callback_url.as_deref().map(str::trim).filter(|url| !url.is_empty()) {
            fields.insert("callback_url".into(), url.into());
        }
        if let Some(enabled) = submission.watermark.filter(|_| is_official(profile)) {
            fields.insert("watermark_info".into(), json!({ "enabled": enabled }));
        }
        fields
    };
    Ok(call(profile, Operation::Create, LIP_SYNC, KIRIN_LIP_SYNC, fields_with, file))
}

/// Poll a task.
///
/// # Errors
/// [`ProblemKind::Usage`]: an id that cannot be a path segment.
pub fn query(profile: &Profile, task_id: &str) -> Result<Call, Problem> {
    let id = path::segment("task id", task_id)?;
    let target = match profile.dialect {
        Dialect::Kling => kling_path(profile, &format!("{LIP_SYNC}/{id}")),
        Dialect::Kirin => format!("{GENERATION}/task/{id}"),
    };
    Ok(Call { operation: Operation::Query, method: Method::Get, target, body: None })
}

/// List tasks, newest first where the service does so: page `page` of `size` tasks (docs: 1..1000 and 1..500).
///
/// # Errors
/// [`ProblemKind::Usage`]: a dialect without a list, or numbers out of range.
pub fn list(profile: &Profile, page: u32, size: u32) -> Result<Call, Problem> {
    if !has_list(profile) {
        return Err(Problem::new(ProblemKind::Usage, words::no_list(profile.dialect)).with_hint(words::no_list_hint()));
    }
    for (name, value, most) in [("pageNum", page, 1000), ("pageSize", size, 500)] {
        if !(1..=most).contains(&value) {
            return Err(Problem::new(ProblemKind::Usage, words::out_of_range(name, value, most)));
        }
    }
    let target = kling_path(profile, &format!("{LIP_SYNC}?pageNum={page}&pageSize={size}"));
    Ok(Call { operation: Operation::List, method: Method::Get, target, body: None })
}

/// Tasks by our own name for them, of old and new products alike: official only, and with an API key only.
///
/// # Errors
/// [`ProblemKind::Usage`]: an empty name.
pub fn tasks_named(profile: &Profile, external_task_id: &str) -> Result<Call, Problem> {
    let name = path::segment("external task id", external_task_id)?;
    let target = kling_path(profile, &format!("{TASKS}?external_task_ids={name}"));
    Ok(Call { operation: Operation::List, method: Method::Get, target, body: None })
}

/// A POST of `fields` as the dialect wraps them, followed by the profile's extra fields, which never replace a documented one.
fn call(
    profile: &Profile,
    operation: Operation,
    kling: &str,
    kirin_model: &str,
    fields_with: impl Fn(&str) -> Map<String, Value>,
    file: Option<&Path>,
) -> Call {
    let wrapped = |mark: &str| {
        let mut body = match profile.dialect {
            Dialect::Kling => fields_with(mark),
            Dialect::Kirin => {
                let mut body = Map::new();
                body.insert("model".into(), kirin_model.into());
                body.insert("input".into(), json!([{ "params": fields_with(mark) }]));
                body
            }
        };
        for (name, value) in &profile.extra_body {
            if !body.contains_key(name) {
                body.insert(name.clone(), value.clone());
            }
        }
        body
    };
    let target = match profile.dialect {
        Dialect::Kling => kling_path(profile, kling),
        Dialect::Kirin => GENERATION.to_owned(),
    };
    let body = match file {
        Some(file) => Body::with_file(wrapped, file),
        None => Body::of(&wrapped("")),
    };
    Call { operation, method: Method::Post, target, body: Some(body) }
}

fn local_clip(profile: &Profile, path: &Path) -> Problem {
    let problem = Problem::new(ProblemKind::Usage, words::clip_is_local(path.display(), &profile.name));
    Problem { rule: Some("video.source".into()), ..problem }.with_hint(words::clip_is_local_hint())
}
