//! What the tests of the workflow are made of.

use std::collections::BTreeSet;

use crate::model::{
    ClipProbe, Dialect, Face, Interval, Problem, ProblemKind, Profile, Session, Task, TaskStatus, TaskVideo, VoiceProbe,
};
use crate::workflow::*;

pub fn terms(dialect: Dialect) -> Terms {
    let profile = Profile { dialect, ..Profile::built_in().swap_remove(0) };
    Terms::of(&profile)
}

pub fn problem() -> Problem {
    Problem::new(ProblemKind::NoAnswer, "no answer")
}

pub fn session(faces: u8) -> Session {
    let face = |number: u8| Face {
        face_id: number.to_string(),
        face_image: Some(format!("http://127.0.0.1/{number}.jpg")),
        interval: Some(Interval::new(0, 9_000 - i64::from(number) * 1_000)),
        rect: None,
        extra: serde_json::Map::new(),
    };
    Session {
        session_id: "s".into(),
        begun_at_ms: 0,
        faces: (0..faces).map(face).collect(),
        cost: None,
        extra: serde_json::Map::new(),
    }
}

pub fn task(status: TaskStatus) -> Task {
    let video =
        TaskVideo { id: "v".into(), url: "http://127.0.0.1/v.mp4".into(), watermark_url: None, duration_ms: None };
    Task {
        task_id: "t-1".into(),
        status,
        status_raw: status.word().into(),
        status_msg: None,
        progress: None,
        videos: if status == TaskStatus::Succeed { vec![video] } else { Vec::new() },
        external_task_id: None,
        parent_video: None,
        created_at_ms: None,
        updated_at_ms: None,
        cost: None,
        error: None,
        extra: serde_json::Map::new(),
    }
}

pub fn clip_probe() -> ClipProbe {
    ClipProbe {
        container: "mp4".into(),
        size_bytes: 1,
        duration_ms: 9_000,
        width_px: 1280,
        height_px: 720,
        fps: 25.0,
        variable_rate: false,
        video_codec: "H.264".into(),
        hdr: None,
        audio_codec: None,
    }
}

pub fn voice_probe() -> VoiceProbe {
    VoiceProbe {
        format: "mp3".into(),
        size_bytes: 1,
        duration_ms: 8_000,
        sample_rate_hz: 48_000,
        channels: 1,
        is_silent: false,
    }
}

/// The jobs whose answer is awaited: enumerated here once more, so that the program's own list is checked against it.
pub fn awaited(flow: &Flow) -> BTreeSet<JobId> {
    let mut jobs = BTreeSet::new();
    jobs.extend(flow.recording.iter().map(|recording| recording.job));
    jobs.extend(flow.desk.clip_probe.job());
    jobs.extend(flow.desk.voice_probe.job());
    jobs.extend(flow.desk.voice_as_wav.job());
    for preview in flow.faces().map(|faces| faces.previews.as_slice()).unwrap_or_default() {
        if let Preview::Loading(job) = preview {
            jobs.insert(*job);
        }
    }
    if let Some(ClipNow::Asked(job)) = flow.faces().map(|faces| &faces.clip_now) {
        jobs.insert(*job);
    }
    match &flow.stage {
        Stage::Identifying(identifying) => jobs.extend([identifying.phase.job()]),
        Stage::Submitted(submitted) => match &submitted.state {
            SendState::Sent { job, .. }
            | SendState::Accepted { follow: Follow::Polling { job, .. }, .. }
            | SendState::Unknown { look_up: LookUp::Running { job, .. }, .. } => jobs.extend([*job]),
            _ => {}
        },
        _ => {}
    }
    let dones = match &flow.stage {
        Stage::Done(done) => Some(done),
        _ => None,
    };
    for done in dones.into_iter().chain(flow.previous.as_deref()).chain(&flow.earlier) {
        for download in &done.downloads {
            if let Download::Running { job, .. } = download {
                jobs.insert(*job);
            }
        }
    }
    jobs
}
