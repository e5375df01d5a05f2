//! The contract of the `kling` dialect: what a request may hold, and what the answers look like (seed documents and the
//! wire contract, §2 and §3). Strict, and not shared with the client's lenient reader.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value, json};
use url::Url;

use crate::model::cost::{IDENTIFY_UNITS, UNIT_USD, estimate_units};
use crate::model::{Placement, TaskStatus};

use super::fetch::parse_url;
use super::fields::{Either, Fields};
use super::refusal::Refusal;
use super::sessions::Session;
use super::tasks::{Outcome, Task};

/// What an identify is asked to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClipAsk {
    /// `video_url`.
    Url(Url),
    /// `video_id`.
    VideoId(String),
}

/// What a create is asked to say.
#[derive(Clone, PartialEq, Eq)]
pub enum VoiceAsk {
    /// `audio_id`.
    AudioId(String),
    /// `sound_file` as an address.
    Url(Url),
    /// `sound_file` as Base64, decoded.
    Bytes(Vec<u8>),
}

/// A create whose shape is right; whether its values fit each other is checked against the clip and the voice.
pub struct CreateAsk {
    /// `session_id`.
    pub session_id: String,
    /// `face_choose[0].face_id`.
    pub face_id: String,
    /// `face_choose[0].audio_id` or `.sound_file`.
    pub voice: VoiceAsk,
    /// The times and volumes of `face_choose[0]`.
    pub placement: Placement,
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
pub fn read_identify(fields: &Fields<'_>) -> Result<ClipAsk, Refusal> {
    match fields.either("video_id", "video_url")? {
        Either::Left(video_id) => Ok(ClipAsk::VideoId(video_id.into())),
        Either::Right(url) => {
            parse_url(url).map(ClipAsk::Url).map_err(|why| Refusal::field(&fields.name("video_url"), why))
        }
    }
}

/// Reads a create.
pub fn read_create(fields: &Fields<'_>) -> Result<CreateAsk, Refusal> {
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
        return Err(Refusal::field(
            &fields.name("external_task_id"),
            format_args!("longer than {MAX_EXTERNAL_ID_CHARS} characters"),
        ));
    }
    let callback_url = fields.text("callback_url")?.map(parse_url).transpose();
    let watermark = fields.object("watermark_info")?.map(|info| info.flag("enabled")).transpose()?.flatten();
    Ok(CreateAsk {
        session_id,
        face_id: face.required_text("face_id")?.to_owned(),
        voice: match face.either("audio_id", "sound_file")? {
            Either::Left(audio_id) => VoiceAsk::AudioId(audio_id.into()),
            Either::Right(text) => {
                read_sound_file(text).map_err(|why| Refusal::field(&face.name("sound_file"), why))?
            }
        },
        placement,
        external_task_id: external_task_id.map(Into::into),
        callback_url: callback_url.map_err(|why| Refusal::field(&fields.name("callback_url"), why))?,
        watermark,
    })
}

/// `sound_file` is an address or bare Base64; a colon tells them apart, for Base64 has none.
fn read_sound_file(text: &str) -> Result<VoiceAsk, String> {
    if text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:")) {
        return Err("a data: prefix is not accepted; send the Base64 alone".into());
    }
    if text.contains(':') {
        return parse_url(text).map(VoiceAsk::Url);
    }
    BASE64.decode(text).map(VoiceAsk::Bytes).map_err(|err| format!("neither an address nor Base64 ({err})"))
}

/// `data` of an identify.
pub fn identify_data(session: &Session, origin: &str) -> Value {
    let faces: Vec<Value> = session
        .analysis
        .faces
        .iter()
        .map(|face| {
            json!({
                "face_id": face.face_id,
                "face_image": format!("{origin}/faces/{}/{}.jpg", session.image_token, face.face_id),
                "start_time": face.interval.start_ms,
                "end_time": face.interval.end_ms,
            })
        })
        .collect();
    json!({
        "session_id": session.session_id,
        "final_unit_deduction": units_text(IDENTIFY_UNITS),
        "final_balance_deduction": balance(IDENTIFY_UNITS),
        "face_data": faces,
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

/// `data` of a query, and what a callback posts.
pub fn task_data(task: &Task, origin: &str) -> Value {
    let standing = task.standing();
    let mut data = Map::new();
    data.insert("task_id".into(), json!(task.task_id));
    data.insert("task_status".into(), json!(standing.status.word()));
    let message = match &standing.outcome {
        Some(Outcome::Failed(refusal)) => refusal.message.as_str(),
        Some(_) => "success",
        None => "",
    };
    data.insert("task_status_msg".into(), json!(message));
    if let Some(lip_sync) = task.lip_sync() {
        let session = &lip_sync.session;
        let external_task_id = task.external_task_id.as_deref().unwrap_or_default();
        data.insert(
            "task_info".into(),
            json!({
                "external_task_id": external_task_id,
                "parent_video": {
                    "id": session.video_id,
                    "url": session.video_url.clone().unwrap_or_else(|| result_url(origin, &session.video_id)),
                    "duration": seconds_text(session.analysis.probe.duration_ms),
                },
            }),
        );
        if let Some(enabled) = lip_sync.watermark {
            data.insert("watermark_info".into(), json!({"enabled": enabled}));
        }
    }
    if let Some(Outcome::Video { id, duration_ms }) = &standing.outcome {
        let video = json!({"id": id, "url": result_url(origin, id), "duration": seconds_text(*duration_ms)});
        data.insert("task_result".into(), json!({"videos": [video]}));
        let units = task_units(task);
        data.insert("final_unit_deduction".into(), json!(units_text(units)));
        data.insert("final_balance_deduction".into(), balance(units));
    }
    data.insert("created_at".into(), json!(task.created_ms));
    data.insert("updated_at".into(), json!(standing.updated_ms));
    Value::Object(data)
}

/// What a task takes, in units: identify 0.05, a lip sync 0.5 for each started 5 s of the crop.
pub fn task_units(task: &Task) -> f64 {
    task.lip_sync().map_or(IDENTIFY_UNITS, |sync| estimate_units(sync.placement.crop_ms()) - IDENTIFY_UNITS)
}

/// The address of a result.
pub fn result_url(origin: &str, video_id: &str) -> String {
    format!("{origin}/results/{video_id}.mp4")
}

/// Seconds as the service writes them: a text, with a fraction where there is one.
pub fn seconds_text(ms: i64) -> String {
    format!("{}", ms as f64 / 1000.0)
}

fn units_text(units: f64) -> String {
    let text = format!("{units:.2}");
    text.strip_suffix('0').unwrap_or(&text).to_owned()
}

fn balance(units: f64) -> Value {
    let usd = format!("{:.4}", units * UNIT_USD);
    json!({"quota": usd, "list_price": usd})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(change: impl FnOnce(&mut Value)) -> Result<CreateAsk, Refusal> {
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
        assert!(ask.voice == VoiceAsk::Bytes(b"hello".to_vec()));
        let padded = create(|body| body["face_choose"][0]["sound_file"] = json!("aGVsbG8=")).unwrap();
        assert!(padded.voice == VoiceAsk::Bytes(b"hello".to_vec()));
    }

    #[test]
    fn each_wrong_value_names_its_field() {
        type Change = fn(&mut Value);
        let cases: [(Change, u16, &str); 12] = [
            (|body| body["session_id"] = json!(7), 1201, "session_id: expected a string"),
            (|body| body["session_id"] = json!(""), 1200, "session_id: required"),
            (|body| body["face_choose"] = json!(null), 1200, "face_choose: required"),
            (|body| body["face_choose"][0]["face_id"] = json!(0), 1201, "face_choose[0].face_id: expected a string"),
            (
                |body| body["face_choose"][0]["audio_id"] = json!("a"),
                1201,
                "face_choose[0].audio_id: given together with",
            ),
            (|body| body["face_choose"][0]["sound_file"] = json!(""), 1201, "face_choose[0].audio_id: neither"),
            (
                |body| body["face_choose"][0]["sound_file"] = json!("data:audio/mp3;base64,aGVsbG8="),
                1201,
                "face_choose[0].sound_file: a data: prefix is not accepted",
            ),
            (
                |body| body["face_choose"][0]["sound_file"] = json!("not base64!"),
                1201,
                "face_choose[0].sound_file: neither an address nor Base64",
            ),
            (
                |body| body["face_choose"][0]["sound_file"] = json!("file:///v.mp3"),
                1201,
                "face_choose[0].sound_file: the scheme file is not allowed",
            ),
            (|body| body["callback_url"] = json!("ftp://x/"), 1201, "callback_url: the scheme ftp is not allowed"),
            (|body| body["watermark_info"] = json!([]), 1201, "watermark_info: expected an object"),
            (|body| body["external_task_id"] = json!("x".repeat(257)), 1201, "external_task_id: longer than 256"),
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
