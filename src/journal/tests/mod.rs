//! The journal through its own door.

mod exchanges;
mod files;
mod history;
mod import;
mod intents;
mod leases;
mod limits;
mod processes;
mod properties;
mod results;
mod sessions;
mod speech;
mod takes;
mod verdicts;
mod writer;

use serde_json::{Map, json};

use super::{Begun, Described, IntentId, Journal, NewIntent, Owner, Service, Spend};
use crate::model::{Cost, Placement, Problem, ProblemKind, Profile, Task, TaskStatus, TaskVideo};

pub(super) fn service() -> Service {
    Service::of(&Profile::built_in()[2])
}

pub(super) fn owner(name: &str) -> Owner {
    Owner::new(name)
}

pub(super) fn new(name: &str) -> NewIntent {
    NewIntent {
        service: service(),
        external_task_id: name.into(),
        session_id: "s-1".into(),
        face_ids: vec!["0".into()],
        placement: Placement {
            sound_start_time: 0,
            sound_end_time: 4_000,
            sound_insert_time: 1_000,
            sound_volume: Some(1.5),
            original_audio_volume: None,
        },
        clip: Described { name: "Duo.mp4".into(), document: json!({ "file": "/a/Duo.mp4" }) },
        voice: Described::named("voice.wav"),
        options: json!({ "watermark": false }),
        spend: None,
    }
}

pub(super) fn with_spend(name: &str, spend: Spend) -> NewIntent {
    NewIntent { spend: Some(spend), ..new(name) }
}

/// The id of what was begun.
#[track_caller]
pub(super) fn id(begun: Begun) -> IntentId {
    match begun {
        Begun::Intent(id) => id,
        Begun::Refused(refusal) => panic!("refused: {refusal:?}"),
    }
}

#[track_caller]
pub(super) fn send(journal: &Journal, name: &str, by: &str, now_ms: i64) -> IntentId {
    id(journal.send_intent(&new(name), &owner(by), now_ms).unwrap())
}

pub(super) fn problem(words: &str) -> Problem {
    Problem::new(ProblemKind::Refused, words)
}

pub(super) fn task(task_id: &str, status: TaskStatus) -> Task {
    let video =
        TaskVideo { id: "v-1".into(), url: "https://h/v.mp4".into(), watermark_url: None, duration_ms: Some(9_000) };
    Task {
        task_id: task_id.into(),
        status,
        status_raw: status.word().into(),
        status_msg: None,
        progress: Some(0.5),
        videos: if status == TaskStatus::Succeed { vec![video] } else { Vec::new() },
        external_task_id: None,
        parent_video: None,
        created_at_ms: None,
        updated_at_ms: None,
        cost: (status == TaskStatus::Succeed).then(|| Cost { units: Some("0.5".into()), ..Cost::default() }),
        error: None,
        extra: Map::new(),
    }
}
