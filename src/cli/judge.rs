//! `viseme judge`: whether a result is what was asked for, measured on this machine.

use serde_json::json;

use super::args::JudgeArgs;
use super::console::Console;
use super::faces::{FaceChoice, face_text, find_face};
use super::local::{Reports, faces_of, place, problem, work};
use super::{Failed, exit, placement, report, words};
use crate::media::judge::{Entry, Finding, Grade, JudgePlan, Judgement, judge};
use crate::media::{Job, MediaError, probe_clip, probe_voice, shared_faces};
use crate::model::placement::PlacementFacts;
use crate::model::{Placement, Problem};

/// A result that was judged.
struct Judged {
    args: JudgeArgs,
    face_id: Option<String>,
    placement: Placement,
    judgement: Judgement,
}

/// Runs the command; returns the exit code.
pub async fn run(args: JudgeArgs, console: &Console) -> Result<u8, Failed> {
    let broke_down = |err: &tokio::task::JoinError| words::judge_broke_down(err);
    let judged = work(console, broke_down, move |reports, job| measured(args, reports, job)).await?;
    for entry in &judged.judgement.entries {
        console.result(&line(entry))?;
    }
    console.result(&judged.judgement.summary())?;
    let code = if judged.judgement.finding() == Finding::NotAsAsked { exit::NOT_AS_ASKED } else { exit::DONE };
    if console.is_json() {
        let mut object = judged.judgement.to_json();
        if let Some(object) = object.as_object_mut() {
            object.insert("result".into(), json!(judged.args.result.to_string_lossy()));
            object.insert("face_id".into(), json!(judged.face_id));
            object.insert("placement".into(), json!(judged.placement));
            object.insert("problem".into(), json!(null));
        }
        console.object(object)?;
    }
    Ok(code)
}

/// One measure: its name, how it came out, what was found.
fn line(entry: &Entry) -> String {
    let grade = match (&entry.grade, entry.measure.is_decisive()) {
        (Grade::Good, _) => words::part_good(),
        (Grade::Bad, true) => words::part_bad(),
        (Grade::Bad, false) => words::part_warns(),
        (Grade::NotMeasured(_), _) => words::part_not_measured(),
    };
    words::part_measure(format!("{:<10}", entry.measure.word()), format!("{grade:<13}"), &entry.says)
}

/// Judges; blocks.
fn measured(args: JudgeArgs, reports: &Reports, job: &Job) -> Result<Judged, Problem> {
    let problem = |err: &MediaError| problem(err, words::judge_stopped);
    let clip = probe_clip(&args.clip).map_err(|err| problem(&err))?;
    reports.line(report::clip_line(&clip));
    let voice = probe_voice(&args.audio, &job.stage(0.0, 0.0)).map_err(|err| problem(&err))?;
    reports.line(report::voice_line(&voice));

    reports.step(words::finding_faces());
    // A clip whose pictures cannot be read here has sound and length all the same.
    let faces = match shared_faces(&args.clip, &job.stage(0.0, 0.5)) {
        Ok(identified) => faces_of(&identified),
        Err(MediaError::UnsupportedCodec { .. }) => Vec::new(),
        Err(err) => return Err(problem(&err)),
    };
    reports.line(words::faces_found(faces.len()));
    let face = if faces.is_empty() {
        None
    } else {
        let (face, note) = find_face(&faces, &FaceChoice::given(args.placement.face.clone()))?;
        if let Some(note) = note {
            reports.line(words::part_note_line(&note));
        }
        reports.line(words::face_line(face_text(&faces, &face)));
        Some(face)
    };
    let facts = PlacementFacts {
        voice_ms: Some(voice.duration_ms),
        clip_ms: Some(clip.duration_ms),
        face: face.as_ref().and_then(|face| face.interval),
        ..PlacementFacts::default()
    };
    let placement = place(&args.placement, &facts)?;
    reports.line(placement::line(&placement));

    reports.step(words::judging());
    let plan = JudgePlan {
        result: args.result.clone(),
        clip: args.clip.clone(),
        voice: args.audio.clone(),
        face: face.as_ref().and_then(|face| faces.iter().position(|other| other.face_id == face.face_id)),
        placement,
    };
    let judgement = judge(&plan, &job.stage(0.5, 1.0)).map_err(|err| problem(&err))?;
    Ok(Judged { args, face_id: face.map(|face| face.face_id), placement, judgement })
}
