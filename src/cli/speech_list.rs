//! `viseme speak --list`: what was spoken before, so that nothing that is paid is lost.

use serde_json::{Value, json};

use super::args::{JournalArgs, ServiceArgs};
use super::console::Console;
use super::{Failed, connect, exit, words};
use crate::engine::journal::{Service, SpeechOutcome, SpeechRecord};
use crate::engine::{Clock, local_days};
use crate::model::{Problem, Profile};

/// At most so many are listed, the newest first.
const MOST: u32 = 1_000;
/// What stands for an absent value.
const NONE: &str = "-";

/// Runs the command; returns the exit code.
pub fn run(service: &ServiceArgs, journal: &JournalArgs, console: &Console) -> Result<u8, Failed> {
    let only = match &service.profile {
        Some(_) => Some(Service::of(&connect::profile(service)?)),
        None => None,
    };
    let opened = connect::open_journal(journal, console)?;
    let records = opened.speeches(only.as_ref(), MOST).map_err(Problem::from)?;
    let (profiles, now_ms) = (connect::profiles(), Clock::system().now_ms());
    if console.is_json() {
        let speeches: Vec<Value> = records.iter().map(|record| of_record(record, &profiles, now_ms)).collect();
        console.object(json!({ "speeches": speeches, "problem": null }))?;
        return Ok(exit::DONE);
    }
    if records.is_empty() {
        console.say(&words::no_speeches());
    }
    for record in &records {
        let spoken = if let SpeechOutcome::Done(spoken) = &record.outcome { Some(spoken) } else { None };
        let seconds = spoken.and_then(|spoken| spoken.duration_ms).map(|ms| format!("{} s", ms as f64 / 1e3));
        console.row(&[
            local_days::text(record.begun_ms),
            state(record, now_ms).to_owned(),
            spoken.map_or_else(|| NONE.to_owned(), |spoken| spoken.audio_id.clone()),
            spoken.map_or_else(|| NONE.to_owned(), |_| local_days::day(record.kept_until_ms())),
            name(record, &profiles),
            record.speech.voice_id.clone(),
            seconds.unwrap_or_else(|| NONE.to_owned()),
            record.speech.text.clone(),
        ])?;
    }
    Ok(exit::DONE)
}

/// How it stands, in a word: `spoken` can be used, `over` is no longer kept by the service, `unknown` was perhaps paid.
const fn state(record: &SpeechRecord, now_ms: i64) -> &'static str {
    match &record.outcome {
        SpeechOutcome::Done(_) if record.kept_until_ms() <= now_ms => "over",
        SpeechOutcome::Done(_) => "spoken",
        SpeechOutcome::Refused(_) => "refused",
        SpeechOutcome::Sent | SpeechOutcome::Unknown(_) => "unknown",
    }
}

/// The service that has its address, else the address.
fn name(record: &SpeechRecord, profiles: &[Profile]) -> String {
    let known = profiles.iter().find(|profile| Service::of(profile).is_same(&record.service));
    known.map_or_else(|| record.service.base_url.clone(), |profile| profile.name.clone())
}

fn of_record(record: &SpeechRecord, profiles: &[Profile], now_ms: i64) -> Value {
    let spoken = if let SpeechOutcome::Done(spoken) = &record.outcome { Some(spoken) } else { None };
    let problem = match &record.outcome {
        SpeechOutcome::Refused(problem) | SpeechOutcome::Unknown(problem) => problem.as_ref(),
        SpeechOutcome::Sent | SpeechOutcome::Done(_) => None,
    };
    json!({
        "profile": name(record, profiles),
        "state": state(record, now_ms),
        "audio_id": spoken.map(|spoken| &spoken.audio_id),
        "text": record.speech.text,
        "voice_id": record.speech.voice_id,
        "language": record.speech.language,
        "speed": record.speech.speed,
        "duration_ms": spoken.and_then(|spoken| spoken.duration_ms),
        "cost": spoken.and_then(|spoken| spoken.cost.as_ref()),
        "begun_ms": record.begun_ms,
        "usable_until_ms": spoken.map(|_| record.kept_until_ms()),
        "refusal": problem,
    })
}
