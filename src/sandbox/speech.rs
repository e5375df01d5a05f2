//! Text to speech, as the official document has it, with the system's own voice.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::assets::{Asset, AssetKind, Origin};
use super::blocking;
use super::core::Core;
use super::fields::Fields;
use super::kling::{balance, seconds_text, units_text};
use super::ledger::Deduction;
use super::media_work::{self, WorkError};
use super::refusal::Refusal;
use super::system_voice::{self, SystemVoiceError};
use super::words;
use crate::model::VoiceProbe;
use crate::model::cost::SPEECH_UNITS;

/// The longest text, in characters.
const MAX_CHARS: usize = 1_000;
/// The speeds there are.
const SPEEDS: [f64; 2] = [0.8, 2.0];
/// How long it may take.
const MAX_TIME: Duration = Duration::from_mins(1);
/// How many bytes a spoken text has at most: three minutes of 16 bits at 22 050 Hz.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// A text that is to be spoken.
#[derive(Clone, Debug, PartialEq)]
pub struct SpeechRequest {
    /// The text.
    pub text: String,
    /// The id of the voice: any, for the system's voices have others.
    pub voice_id: String,
    /// Whether the voice speaks Chinese; else English.
    pub is_chinese: bool,
    /// From 0.8 to 2.
    pub speed: f64,
}

/// Reads a request.
///
/// # Errors
/// What is missing or out of range.
pub fn read(fields: &Fields<'_>) -> Result<SpeechRequest, Refusal> {
    let text = fields.required_text("text")?;
    if text.chars().count() > MAX_CHARS {
        return Err(Refusal::field(&fields.name("text"), words::longer_than_chars(MAX_CHARS)));
    }
    let voice_id = fields.required_text("voice_id")?.to_owned();
    let language = fields.required_text("voice_language")?;
    let is_chinese = match language {
        "zh" => true,
        "en" => false,
        other => return Err(Refusal::field(&fields.name("voice_language"), words::no_such_language(other))),
    };
    let speed = fields.number("voice_speed")?.unwrap_or(1.0);
    if !(SPEEDS[0]..=SPEEDS[1]).contains(&speed) {
        return Err(Refusal::field(&fields.name("voice_speed"), words::speed_out_of_range(speed)));
    }
    Ok(SpeechRequest { text: text.to_owned(), voice_id, is_chinese, speed })
}

/// Speaks a text and books it. Returns `data` of the answer.
///
/// # Errors
/// This machine has no voice, or it failed: nothing is booked.
pub async fn speak(core: &Core, request: SpeechRequest, origin: &str) -> Result<Value, Refusal> {
    let began_ms = core.clock.now_ms();
    let asset = spoken(core, request).await?;
    let task_id = core.ids.number();
    let now_ms = core.clock.now_ms();
    core.ledger.book(Deduction::of_speech(&task_id, now_ms));
    core.ledger.keep(&core.records).await;
    let duration_ms = if let AssetKind::Audio(probe) = &asset.kind { probe.duration_ms } else { 0 };
    let audio = json!({
        "id": asset.id,
        "url": format!("{origin}/media/{}/speech.wav", asset.id),
        "duration": seconds_text(duration_ms),
    });
    Ok(json!({
        "task_id": task_id,
        "task_status": "succeed",
        "task_status_msg": "",
        "task_result": {"audios": [audio]},
        "final_unit_deduction": units_text(SPEECH_UNITS),
        "final_balance_deduction": balance(SPEECH_UNITS),
        "created_at": began_ms,
        "updated_at": now_ms,
    }))
}

async fn spoken(core: &Core, request: SpeechRequest) -> Result<Asset, Refusal> {
    let path = core.storage.files.new_path("part");
    let (to, programs) = (path.clone(), core.programs.clone());
    let permit = blocking::permit(&core.analysis_permits).await;
    let done = blocking::run(permit, MAX_TIME, Arc::new(|_| {}), move |job| {
        let spoken = system_voice::speak(&request, &to, &programs, job);
        Ok(spoken.and_then(|()| media_work::probe_voice(&to, job).map_err(SystemVoiceError::Work)))
    });
    let stored = match done.await {
        Ok(Ok(probe)) => stored(core, &path, probe).await,
        Ok(Err(SystemVoiceError::None)) => Err(Refusal::not_found(words::no_system_voice())),
        Ok(Err(SystemVoiceError::Work(err))) | Err(err) => Err(match err {
            WorkError::File(why) => Refusal::field("text", why),
            WorkError::Internal(why) => Refusal::field("text", words::internal(why)),
        }),
    };
    // What the program wrote is stored, or of no use.
    let _ = tokio::fs::remove_file(&path).await;
    stored
}

async fn stored(core: &Core, path: &Path, probe: VoiceProbe) -> Result<Asset, Refusal> {
    let bytes = tokio::fs::read(path).await.map_err(|err| Refusal::disk(&err))?;
    let mut writer = core.storage.writer(MAX_BYTES).await.map_err(|err| err.refusal("text"))?;
    writer.write(&bytes).await.map_err(|err| err.refusal("text"))?;
    let file = writer.finish().await.map_err(|err| err.refusal("text"))?;
    let added = core.storage.assets.add(core.clock.now_ms(), AssetKind::Audio(probe), file, Origin::Upload).await;
    added.map_err(|err| Refusal::disk(&err))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_strictly() {
        let read = |body: Value| read(&Fields::of_body(&body).unwrap());
        let body = json!({"text": "Hello", "voice_id": "v", "voice_language": "en", "voice_speed": 1.5});
        let expected = SpeechRequest { text: "Hello".into(), voice_id: "v".into(), is_chinese: false, speed: 1.5 };
        assert_eq!(read(body.clone()).unwrap(), expected);
        for (field, value, code, words) in [
            ("text", json!(null), 1200, "text: Required"),
            ("text", json!("x".repeat(1_001)), 1201, "Longer than 1000 characters"),
            ("voice_id", json!(""), 1200, "voice_id: Required"),
            ("voice_language", json!("de"), 1201, "There is no language de"),
            ("voice_speed", json!(2.1), 1201, "from 0.8 to 2"),
            ("voice_speed", json!("1"), 1201, "Expected a number"),
        ] {
            let mut body = body.clone();
            body[field] = value;
            let refused = read(body).unwrap_err();
            assert_eq!(refused.code, code, "{}", refused.message);
            assert!(refused.message.contains(words), "{}", refused.message);
        }
    }
}
