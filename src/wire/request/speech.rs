//! Text to speech: paid, answered at once, and without a name of ours, so that a lost answer cannot be found again.

use serde_json::{Map, json};

use super::{Body, Call, Method, Operation, SPEECH, kling_path};
use crate::model::{Problem, ProblemKind, Profile, Speech};
use crate::wire::words;

/// Speak a text.
///
/// # Errors
/// [`ProblemKind::Usage`]: the dialect does not speak, or the text or the voice cannot be sent.
pub fn speak(profile: &Profile, speech: &Speech) -> Result<Call, Problem> {
    if !profile.speaks() {
        let problem = Problem::new(ProblemKind::Usage, words::no_speech(&profile.name));
        return Err(problem.with_hint(words::no_speech_hint()));
    }
    if let Some(fault) = speech.fault() {
        return Err(fault);
    }
    let mut fields = Map::new();
    fields.insert("text".into(), json!(speech.text.trim()));
    fields.insert("voice_id".into(), json!(speech.voice_id.trim()));
    fields.insert("voice_language".into(), json!(speech.language.word()));
    fields.insert("voice_speed".into(), json!(speech.sent_speed()));
    for (name, value) in &profile.extra_body {
        if !fields.contains_key(name) {
            fields.insert(name.clone(), value.clone());
        }
    }
    let target = kling_path(profile, SPEECH);
    Ok(Call { operation: Operation::Speak, method: Method::Post, target, body: Some(Body::of(&fields)) })
}
