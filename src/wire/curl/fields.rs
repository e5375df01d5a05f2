//! The fields of a request body, as the two vendor documents name them: clip, session, face, voice, placement.

use serde_json::{Map, Value};

use super::words;
use crate::model::ClipSource;

/// A voice as a request gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PastedVoice {
    /// At an address.
    Url(String),
    /// Held by the service.
    AudioId(String),
    /// In the request itself, as Base64.
    Base64(String),
}

/// What a request asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields {
    /// The clip.
    pub clip: Option<ClipSource>,
    /// The face's session.
    pub session_id: Option<String>,
    /// The face.
    pub face_id: Option<String>,
    /// The voice.
    pub voice: Option<PastedVoice>,
    /// `sound_start_time`.
    pub start_ms: Option<i64>,
    /// `sound_end_time`.
    pub end_ms: Option<i64>,
    /// `sound_insert_time`.
    pub insert_ms: Option<i64>,
    /// `sound_volume`.
    pub sound_volume: Option<f64>,
    /// `original_audio_volume`.
    pub original_audio_volume: Option<f64>,
    /// `external_task_id`.
    pub external_task_id: Option<String>,
    /// `callback_url`.
    pub callback_url: Option<String>,
    /// `watermark_info.enabled`.
    pub watermark: Option<bool>,
    /// What was ignored, and why.
    pub left_out: Vec<String>,
}

impl Fields {
    /// Whether anything was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        Self { left_out: Vec::new(), ..self.clone() } == Self::default()
    }
}

/// Reads a body.
///
/// # Errors
/// It is not a JSON object; says where it goes wrong.
pub fn read(body: &str) -> Result<Fields, String> {
    let body = body.trim();
    let value: Value = serde_json::from_str(body).map_err(|err| {
        if err.is_eof() {
            words::body_cut_off(err.line(), err.column())
        } else {
            words::body_not_json(err.line(), err.column())
        }
    })?;
    let Value::Object(mut object) = value else { return Err(words::BODY_NOT_OBJECT.into()) };
    let mut fields = Fields::default();
    // The `kirin` dialect wraps the fields, and names a model instead of a path.
    if let Some(Value::Array(mut inputs)) = object.remove("input") {
        object.remove("model");
        if inputs.len() > 1 {
            fields.left_out.push(words::all_but_first(inputs.len(), "inputs"));
        }
        let first = if inputs.is_empty() { Value::Null } else { inputs.swap_remove(0) };
        match first {
            Value::Object(mut first) => match first.remove("params") {
                Some(Value::Object(params)) => object.extend(params),
                _ => object.extend(first),
            },
            _ => fields.left_out.push(words::NO_PARAMS.into()),
        }
    }
    for (name, value) in object {
        top(&mut fields, &name, value);
    }
    Ok(fields)
}

fn top(fields: &mut Fields, name: &str, value: Value) {
    match (name, value) {
        (_, Value::Null) => {}
        ("video_url", Value::String(url)) if !url.trim().is_empty() => set_clip(fields, ClipSource::Url(trimmed(&url))),
        ("video_id", value) => match id(&value) {
            Some(id) => set_clip(fields, ClipSource::VideoId(id)),
            None => bad_value(fields, name),
        },
        ("session_id", value) => text(fields, name, &value, |fields, text| fields.session_id = Some(text)),
        ("external_task_id", value) => text(fields, name, &value, |fields, text| fields.external_task_id = Some(text)),
        ("callback_url", value) => text(fields, name, &value, |fields, text| fields.callback_url = Some(text)),
        ("watermark_info", Value::Object(info)) => match info.get("enabled") {
            Some(Value::Bool(enabled)) => fields.watermark = Some(*enabled),
            _ => bad_value(fields, "watermark_info.enabled"),
        },
        ("face_choose", Value::Array(mut faces)) => {
            if faces.len() > 1 {
                fields.left_out.push(words::all_but_first(faces.len(), "faces"));
            }
            match if faces.is_empty() { Value::Null } else { faces.swap_remove(0) } {
                Value::Object(face) => chosen(fields, face),
                _ => bad_value(fields, name),
            }
        }
        // Some send the choice without the list around it.
        ("face_choose", Value::Object(face)) => chosen(fields, face),
        ("video_url" | "watermark_info" | "face_choose", _) => bad_value(fields, name),
        _ => fields.left_out.push(words::unknown_field(name)),
    }
}

fn set_clip(fields: &mut Fields, clip: ClipSource) {
    if fields.clip.is_some() {
        fields.left_out.push(words::only_one("video_url", "video_id"));
    } else {
        fields.clip = Some(clip);
    }
}

fn chosen(fields: &mut Fields, face: Map<String, Value>) {
    for (name, value) in face {
        match name.as_str() {
            _ if value.is_null() => {}
            "face_id" => text(fields, &name, &value, |fields, text| fields.face_id = Some(text)),
            "audio_id" => text(fields, &name, &value, |fields, id| set_voice(fields, PastedVoice::AudioId(id))),
            "sound_file" => text(fields, &name, &value, |fields, sound| set_voice(fields, voice(sound))),
            "sound_start_time" => time(fields, &name, &value, |fields, ms| fields.start_ms = Some(ms)),
            "sound_end_time" => time(fields, &name, &value, |fields, ms| fields.end_ms = Some(ms)),
            "sound_insert_time" => time(fields, &name, &value, |fields, ms| fields.insert_ms = Some(ms)),
            "sound_volume" => volume(fields, &name, &value, |fields, volume| fields.sound_volume = Some(volume)),
            "original_audio_volume" => {
                volume(fields, &name, &value, |fields, volume| fields.original_audio_volume = Some(volume));
            }
            _ => fields.left_out.push(words::unknown_field(&name)),
        }
    }
}

fn set_voice(fields: &mut Fields, voice: PastedVoice) {
    if fields.voice.is_some() {
        fields.left_out.push(words::only_one("audio_id", "sound_file"));
    } else {
        fields.voice = Some(voice);
    }
}

fn voice(sound: String) -> PastedVoice {
    let is_address = ["http://", "https://"].iter().any(|scheme| sound.to_ascii_lowercase().starts_with(scheme));
    if is_address { PastedVoice::Url(sound) } else { PastedVoice::Base64(sound) }
}

fn text(fields: &mut Fields, name: &str, value: &Value, set: impl FnOnce(&mut Fields, String)) {
    match id(value) {
        Some(text) => set(fields, text),
        None => bad_value(fields, name),
    }
}

/// An id: a string that is not empty, or a number.
fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(trimmed(text)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn trimmed(text: &str) -> String {
    text.trim().to_owned()
}

fn time(fields: &mut Fields, name: &str, value: &Value, set: impl FnOnce(&mut Fields, i64)) {
    let ms = number(value).filter(|ms| ms.fract() == 0.0 && ms.abs() < 1e12);
    match ms {
        Some(ms) => set(fields, ms as i64),
        None => fields.left_out.push(words::not_milliseconds(name)),
    }
}

fn volume(fields: &mut Fields, name: &str, value: &Value, set: impl FnOnce(&mut Fields, f64)) {
    match number(value).filter(|volume| (0.0..=crate::model::placement::MAX_VOLUME).contains(volume)) {
        Some(volume) => set(fields, volume),
        None => fields.left_out.push(words::not_a_volume(name)),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|number: &f64| number.is_finite())
}

fn bad_value(fields: &mut Fields, name: &str) {
    fields.left_out.push(words::bad_value(name));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_documents_own_examples_are_understood_whole() {
        let identify = read(r#"{ "video_url": "https://example.com/video.mp4" }"#).unwrap();
        assert_eq!(identify.clip, Some(ClipSource::Url("https://example.com/video.mp4".into())));
        let create = read(
            r#"{
              "session_id": "session_abc123",
              "face_choose": [{
                "face_id": "face_001", "sound_file": "https://example.com/audio.mp3",
                "sound_start_time": 0, "sound_end_time": 5000, "sound_insert_time": 0,
                "sound_volume": 1.0, "original_audio_volume": 0.5
              }]
            }"#,
        )
        .unwrap();
        assert_eq!(
            create,
            Fields {
                session_id: Some("session_abc123".into()),
                face_id: Some("face_001".into()),
                voice: Some(PastedVoice::Url("https://example.com/audio.mp3".into())),
                start_ms: Some(0),
                end_ms: Some(5_000),
                insert_ms: Some(0),
                sound_volume: Some(1.0),
                original_audio_volume: Some(0.5),
                ..Fields::default()
            }
        );
    }

    #[test]
    fn the_other_dialect_and_numbers_as_texts_are_understood() {
        let fields = read(
            r#"{"model":"kirin_lipsync","input":[{"params":{"session_id":7,"face_choose":[{"face_id":0,"audio_id":"a-1",
            "sound_start_time":"100","sound_end_time":2600.0,"original_audio_volume":"0.3"}],"callback_url":"https://c"}}]}"#,
        )
        .unwrap();
        assert_eq!((fields.session_id.as_deref(), fields.face_id.as_deref()), (Some("7"), Some("0")));
        assert_eq!(fields.voice, Some(PastedVoice::AudioId("a-1".into())));
        assert_eq!((fields.start_ms, fields.end_ms, fields.original_audio_volume), (Some(100), Some(2_600), Some(0.3)));
        assert_eq!((fields.callback_url.as_deref(), fields.left_out.len()), (Some("https://c"), 0));
    }

    #[test]
    fn what_is_ignored_is_listed_with_its_reason() {
        let fields = read(
            r#"{"video_url":"https://a","video_id":"b","seed":1,"watermark_info":{},"face_choose":[
            {"face_id":"","sound_file":"UklG","audio_id":"x","sound_start_time":1.5,"sound_volume":3,"pitch":2},{}]}"#,
        )
        .unwrap();
        assert_eq!(
            fields.left_out,
            [
                "the second of video_url and video_id: only one may be given",
                "seed, which is not known here",
                "watermark_info.enabled, whose value cannot be used",
                "all but the first of 2 faces",
                "face_id, whose value cannot be used",
                "the second of audio_id and sound_file: only one may be given",
                "sound_start_time, which is not a whole number of milliseconds",
                "sound_volume, which is not between 0 and 2",
                "pitch, which is not known here",
            ]
        );
        assert_eq!(fields.voice, Some(PastedVoice::Base64("UklG".into())));
    }

    #[test]
    fn what_is_no_json_says_where() {
        assert_eq!(read("{\"a\":").unwrap_err(), "The body is cut off at line 1, column 5: copy the whole command");
        assert_eq!(read("{\"a\" 1}").unwrap_err(), "The body is not JSON: it goes wrong at line 1, column 6");
        assert!(read("[1]").unwrap_err().contains("not an object"));
        assert!(read("{}").unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(text in "\\{?[\"a-z_:,\\[\\]{}0-9.null ]{0,80}\\}?") {
            let _ = read(&text);
        }

        #[test]
        fn times_and_volumes_come_through(start in 0_i64..60_000, end in 0_i64..60_000, insert in -5_i64..60_000, volume in 0.0..=2.0_f64) {
            let body = serde_json::json!({"face_choose": [{"sound_start_time": start, "sound_end_time": end,
                "sound_insert_time": insert, "sound_volume": volume}]});
            let fields = read(&body.to_string()).unwrap();
            prop_assert_eq!((fields.start_ms, fields.end_ms, fields.insert_ms), (Some(start), Some(end), Some(insert)));
            prop_assert!(fields.sound_volume.is_some_and(|read| (read - volume).abs() < 1e-9));
        }
    }
}
