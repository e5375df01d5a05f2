//! The contract of the `kling` dialect: what a request may hold, and what the answers look like (the vendor documents and the
//! wire contract, §2 and §3). Strict, and not shared with the client's lenient reader.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value, json};
use url::Url;

use crate::model::cost::{IDENTIFY_UNITS, UNIT_USD, estimate_units};
use crate::model::{MouthBox, Placement, TaskStatus};

use super::fetch::parse_url;
use super::fields::{Either, Fields};
use super::refusal::Refusal;
use super::sessions::FoundFaces;
use super::task::{Outcome, Task};
use super::words;

/// The clip of an identify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClipRequest {
    /// `video_url`.
    Url(Url),
    /// `video_id`.
    VideoId(String),
}

/// The voice of a create.
#[derive(Clone, PartialEq, Eq)]
pub enum VoiceRequest {
    /// `audio_id`.
    AudioId(String),
    /// `sound_file` as an address.
    Url(Url),
    /// `sound_file` as Base64, decoded.
    Bytes(Vec<u8>),
}

/// A create whose shape is right; whether its values fit each other is checked against the clip and the voice.
pub struct CreateRequest {
    /// `session_id`.
    pub session_id: String,
    /// `face_choose[0].face_id`.
    pub face_id: String,
    /// `face_choose[0].audio_id` or `.sound_file`.
    pub voice: VoiceRequest,
    /// The times and volumes of `face_choose[0]`.
    pub placement: Placement,
    /// `face_choose[0].viseme_mouth_box`: the sandbox's own extra.
    pub mouth_box: Option<MouthBox>,
    /// `external_task_id`.
    pub external_task_id: Option<String>,
    /// `callback_url`.
    pub callback_url: Option<Url>,
    /// `watermark_info.enabled`.
    pub watermark: Option<bool>,
}

/// The longest `external_task_id`.
const MAX_EXTERNAL_ID_CHARS: usize = 256;

/// Standard Base64, with or without the padding at the end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads an identify.
pub fn read_identify(fields: &Fields<'_>) -> Result<ClipRequest, Refusal> {
    match fields.either("video_id", "video_url")? {
        Either::Left(video_id) => Ok(ClipRequest::VideoId(video_id.into())),
        Either::Right(url) => {
            parse_url(url).map(ClipRequest::Url).map_err(|why| Refusal::field(&fields.name("video_url"), why))
        }
    }
}

/// Reads a create.
pub fn read_create(fields: &Fields<'_>) -> Result<CreateRequest, Refusal> {
    let session_id = fields.required_text("session_id")?.to_owned();
    let face = fields.the_one_of("face_choose")?;
    let placement = Placement {
        sound_start_time: face.required_ms("sound_start_time")?,
        sound_end_time: face.required_ms("sound_end_time")?,
        sound_insert_time: face.required_ms("sound_insert_time")?,
        sound_volume: face.number("sound_volume")?,
        original_audio_volume: face.number("original_audio_volume")?,
    };
    let external_task_id = fields.text("external_task_id")?;
    if external_task_id.is_some_and(|id| id.chars().count() > MAX_EXTERNAL_ID_CHARS) {
        return Err(Refusal::field(&fields.name("external_task_id"), words::longer_than_chars(MAX_EXTERNAL_ID_CHARS)));
    }
    let callback_url = fields.text("callback_url")?.map(parse_url).transpose();
    let watermark = fields.object("watermark_info")?.map(|info| info.flag("enabled")).transpose()?.flatten();
    Ok(CreateRequest {
        session_id,
        face_id: face.required_text("face_id")?.to_owned(),
        voice: match face.either("audio_id", "sound_file")? {
            Either::Left(audio_id) => VoiceRequest::AudioId(audio_id.into()),
            Either::Right(text) => {
                read_sound_file(text).map_err(|why| Refusal::field(&face.name("sound_file"), why))?
            }
        },
        placement,
        mouth_box: read_mouth_box(&face)?,
        external_task_id: external_task_id.map(Into::into),
        callback_url: callback_url.map_err(|why| Refusal::field(&fields.name("callback_url"), why))?,
        watermark,
    })
}

/// Where the mouth is, in sides of the face's box: all four values, each where a mouth can be.
fn read_mouth_box(face: &Fields<'_>) -> Result<Option<MouthBox>, Refusal> {
    let Some(given) = face.object("viseme_mouth_box")? else { return Ok(None) };
    let mut values = [0.0; 4];
    for (value, (name, _)) in values.iter_mut().zip(MouthBox::RANGES) {
        *value = given.number(name)?.ok_or_else(|| Refusal::missing(&given.name(name)))? as f32;
    }
    let mouth = MouthBox::of(values);
    mouth.check().map_err(|(name, why)| Refusal::field(&given.name(name), why))?;
    Ok(Some(mouth))
}

/// `sound_file` is an address or bare Base64; a colon tells them apart, for Base64 has none.
fn read_sound_file(text: &str) -> Result<VoiceRequest, String> {
    if text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:")) {
        return Err(words::data_prefix());
    }
    if text.contains(':') {
        return parse_url(text).map(VoiceRequest::Url);
    }
    BASE64
        .decode(text)
        .map(VoiceRequest::Bytes)
        .map_err(|err| words::neither_address_nor_base64(err.to_string().trim_end_matches('.')))
}

/// `data` of an identify.
pub fn identify_data(found: &FoundFaces, origin: &str) -> Value {
    let face_data: Vec<Value> = found
        .faces
        .iter()
        .map(|(face_id, interval)| {
            json!({
                "face_id": face_id,
                "face_image": format!("{origin}/faces/{}/{face_id}.jpg", found.image_token),
                "start_time": interval.start_ms,
                "end_time": interval.end_ms,
            })
        })
        .collect();
    json!({
        "session_id": found.session_id,
        "final_unit_deduction": units_text(IDENTIFY_UNITS),
        "final_balance_deduction": balance(IDENTIFY_UNITS),
        "face_data": face_data,
    })
}

/// `data` of a create.
pub fn create_data(task: &Task) -> Value {
    json!({
        "task_id": task.task_id,
        "task_info": {"external_task_id": task.external_task_id.as_deref().unwrap_or_default()},
        "task_status": TaskStatus::Submitted.word(),
        "created_at": task.created_ms,
        "updated_at": task.created_ms,
    })
}

/// `data` of a webhook: as that of a query, always with the caller's own name for the task.
pub fn webhook_data(task: &Task, origin: &str) -> Value {
    task_data(task, origin, true)
}

/// `data` of a query, and of each entry of the list. The official ones do not show `external_task_id`.
pub fn task_data(task: &Task, origin: &str, shows_name: bool) -> Value {
    let state = task.state();
    let mut data = Map::new();
    data.insert("task_id".into(), json!(task.task_id));
    data.insert("task_status".into(), json!(state.status.word()));
    let message = match &state.outcome {
        Some(Outcome::Failed(refusal)) => refusal.message.as_str(),
        Some(_) => "success",
        None => "",
    };
    data.insert("task_status_msg".into(), json!(message));
    if let Some(lip_sync) = task.lip_sync() {
        let video_id = &lip_sync.parent_video_id;
        let video_url = match lip_sync.parent_video_url.as_deref() {
            Some(path) if path.starts_with('/') => format!("{origin}{path}"),
            Some(url) => url.to_owned(),
            None => result_url(origin, video_id),
        };
        let duration = seconds_text(lip_sync.clip_ms);
        let mut info = json!({"parent_video": {"id": video_id, "url": video_url, "duration": duration}});
        if shows_name {
            info["external_task_id"] = json!(task.external_task_id.as_deref().unwrap_or_default());
        }
        data.insert("task_info".into(), info);
        if let Some(enabled) = lip_sync.watermark {
            data.insert("watermark_info".into(), json!({"enabled": enabled}));
        }
    }
    if let Some(Outcome::Video { id, duration_ms }) = &state.outcome {
        let video = json!({"id": id, "url": result_url(origin, id), "duration": seconds_text(*duration_ms)});
        data.insert("task_result".into(), json!({"videos": [video]}));
        let units = task_units(task);
        data.insert("final_unit_deduction".into(), json!(units_text(units)));
        data.insert("final_balance_deduction".into(), balance(units));
    }
    data.insert("created_at".into(), json!(task.created_ms));
    data.insert("updated_at".into(), json!(state.updated_ms));
    Value::Object(data)
}

/// A task as `GET /tasks` shows it, old-style tasks included.
pub fn listed_by_name(task: &Task, origin: &str) -> Value {
    let state = task.state();
    let status = match state.status {
        TaskStatus::Succeed => "succeeded",
        other => other.word(),
    };
    let (message, outputs, billing) = match &state.outcome {
        Some(Outcome::Video { id, duration_ms }) => (
            "success",
            json!([{
                "type": "video",
                "id": id,
                "url": result_url(origin, id),
                "duration": seconds_text(*duration_ms),
            }]),
            json!([{"unit_deduction": units_text(task_units(task)), "balance_deduction": balance(task_units(task))}]),
        ),
        Some(Outcome::Failed(refusal)) => (refusal.message.as_str(), json!([]), json!([])),
        Some(Outcome::Faces(_)) | None => ("", json!([]), json!([])),
    };
    json!({
        "id": task.task_id,
        "external_id": task.external_task_id.as_deref().unwrap_or_default(),
        "status": status,
        "message": message,
        "outputs": outputs,
        "billing": billing,
        "create_time": task.created_ms,
        "update_time": state.updated_ms,
    })
}

/// The refusal of a name that was used before.
pub fn name_taken(external_task_id: &str, _task_id: &str) -> Refusal {
    Refusal::new(1201, words::name_exists(external_task_id))
}

/// The refusal of an id that no task has, and no name.
pub fn task_not_found(id: &str) -> Refusal {
    Refusal::new(1201, words::task_not_found(id))
}

/// What a task costs, in units: identify 0.05, a lip sync 0.5 for each started 5 s of the crop.
pub fn task_units(task: &Task) -> f64 {
    task.lip_sync().map_or(IDENTIFY_UNITS, |lip_sync| estimate_units(lip_sync.crop_ms) - IDENTIFY_UNITS)
}

/// The address of a result.
pub fn result_url(origin: &str, video_id: &str) -> String {
    format!("{origin}/results/{video_id}.mp4")
}

/// Seconds as the service writes them: a string, with a fraction where there is one.
pub fn seconds_text(ms: i64) -> String {
    format!("{}", ms as f64 / 1000.0)
}

/// Units as the documents write them: `0.05`, `0.5`.
pub fn units_text(units: f64) -> String {
    let text = format!("{units:.2}");
    text.strip_suffix('0').unwrap_or(&text).to_owned()
}

/// `final_balance_deduction` of so many units.
pub fn balance(units: f64) -> Value {
    let usd = format!("{:.4}", units * UNIT_USD);
    json!({"quota": usd, "list_price": usd})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(change: impl FnOnce(&mut Value)) -> Result<CreateRequest, Refusal> {
        let mut body = json!({
            "session_id": "s", "external_task_id": "", "callback_url": "",
            "face_choose": [{
                "face_id": "0", "sound_file": "aGVsbG8", "sound_start_time": 0, "sound_end_time": 3000,
                "sound_insert_time": 1000, "sound_volume": 2, "original_audio_volume": 0.5,
            }],
        });
        change(&mut body);
        read_create(&Fields::of_body(&body).unwrap())
    }

    #[test]
    fn the_official_example_is_read() {
        let ask = create(|_| ()).unwrap();
        assert_eq!((ask.session_id.as_str(), ask.face_id.as_str()), ("s", "0"));
        assert_eq!((ask.placement.sound_volume, ask.placement.original_audio_volume), (Some(2.0), Some(0.5)));
        assert!(ask.external_task_id.is_none() && ask.callback_url.is_none() && ask.watermark.is_none());
        assert!(ask.voice == VoiceRequest::Bytes(b"hello".to_vec()));
        let padded = create(|body| body["face_choose"][0]["sound_file"] = json!("aGVsbG8=")).unwrap();
        let mouth = json!({"u": 0, "v": 0.3, "width": 0.4, "height": 0.12});
        let placed = create(|body| body["face_choose"][0]["viseme_mouth_box"] = mouth).unwrap();
        assert_eq!((ask.mouth_box, placed.mouth_box), (None, Some(MouthBox::of([0.0, 0.3, 0.4, 0.12]))));
        assert!(padded.voice == VoiceRequest::Bytes(b"hello".to_vec()));
    }

    #[test]
    fn each_wrong_value_names_its_field() {
        type Change = fn(&mut Value);
        let cases: [(Change, u16, &str); 16] = [
            (|body| body["session_id"] = json!(7), 1201, "session_id: Expected a string"),
            (|body| body["session_id"] = json!(""), 1200, "session_id: Required"),
            (|body| body["face_choose"] = json!(null), 1200, "face_choose: Required"),
            (|body| body["face_choose"][0]["face_id"] = json!(0), 1201, "face_choose[0].face_id: Expected a string"),
            (
                |body| body["face_choose"][0]["audio_id"] = json!("a"),
                1201,
                "face_choose[0].audio_id: Given together with",
            ),
            (|body| body["face_choose"][0]["sound_file"] = json!(""), 1201, "face_choose[0].audio_id: Neither"),
            (
                |body| body["face_choose"][0]["sound_file"] = json!("data:audio/mp3;base64,aGVsbG8="),
                1201,
                "face_choose[0].sound_file: A data: prefix is not accepted",
            ),
            (
                |body| body["face_choose"][0]["sound_file"] = json!("not base64!"),
                1201,
                "face_choose[0].sound_file: This is neither an address nor Base64",
            ),
            (
                |body| body["face_choose"][0]["sound_file"] = json!("file:///v.mp3"),
                1201,
                "face_choose[0].sound_file: The scheme file is not allowed",
            ),
            (|body| body["callback_url"] = json!("ftp://x/"), 1201, "callback_url: The scheme ftp is not allowed"),
            (|body| body["watermark_info"] = json!([]), 1201, "watermark_info: Expected an object"),
            (
                |body| body["face_choose"][0]["viseme_mouth_box"] = json!([0, 0.3, 0.4, 0.1]),
                1201,
                "face_choose[0].viseme_mouth_box: Expected an object",
            ),
            (
                |body| body["face_choose"][0]["viseme_mouth_box"] = json!({"u": 0, "v": 0.3, "width": 0.4}),
                1200,
                "face_choose[0].viseme_mouth_box.height: Required",
            ),
            (
                |body| {
                    body["face_choose"][0]["viseme_mouth_box"] =
                        json!({"u": "0", "v": 0.3, "width": 0.4, "height": 0.1});
                },
                1201,
                "face_choose[0].viseme_mouth_box.u: Expected a number",
            ),
            (
                |body| {
                    body["face_choose"][0]["viseme_mouth_box"] = json!({"u": 0, "v": 0.3, "width": 1.4, "height": 0.1});
                },
                1201,
                "face_choose[0].viseme_mouth_box.width: Expected a number from 0.12 to 0.8",
            ),
            (|body| body["external_task_id"] = json!("x".repeat(257)), 1201, "external_task_id: Longer than 256"),
        ];
        for (change, code, words) in cases {
            let Err(refused) = create(change) else { panic!("{words}: was taken") };
            assert_eq!(refused.code, code, "{refused}");
            assert!(refused.message.starts_with(words), "{refused}");
        }
    }

    #[test]
    fn figures_are_written_as_the_service_writes_them() {
        assert_eq!(seconds_text(9_000), "9");
        assert_eq!(seconds_text(12_041), "12.041");
        assert_eq!(units_text(0.05), "0.05");
        assert_eq!(units_text(0.5), "0.5");
        assert_eq!(balance(0.5)["list_price"], "0.0700");
    }
}
