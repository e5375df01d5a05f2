//! Whether faces are fit to speak, where the clip is on this machine.

use std::path::Path;
use std::sync::Arc;

use super::console::Console;
use super::runner::Runner;
use crate::media::{Identified, Job, shared_faces};
use crate::model::fitness::{NotMeasured, Verdict};
use crate::model::{ClipSource, Face, Fitness, Interval};
use crate::workflow::Stage;

/// Times of one face in the service's answer and in what was found here may differ by so much, in milliseconds.
const SAME_MS: u64 = 100;

/// What this machine finds in a clip; `None` where it cannot be read. The embedded sandbox's own search of the same clip is used again.
pub async fn found_in(clip: &Path) -> Option<Arc<Identified>> {
    let clip = clip.to_owned();
    let found = tokio::task::spawn_blocking(move || shared_faces(&clip, &Job::new())).await.ok()?;
    found.inspect_err(|err| tracing::debug!(%err, "the faces are not measured")).ok()
}

/// How fit a face of the session is in `span`, else in all of its time; `None` where what was found here is not the same faces.
///
/// Local clips go to the embedded sandbox alone, which finds faces with the same engine and names them in the same order.
pub fn of_face(found: &Identified, faces: &[Face], face_id: &str, span: Option<Interval>) -> Option<Fitness> {
    let is_same = |face: &Face, here: Interval| {
        face.interval.is_some_and(|at| {
            here.start_ms.abs_diff(at.start_ms) <= SAME_MS && here.end_ms.abs_diff(at.end_ms) <= SAME_MS
        })
    };
    let all_same = faces.len() == found.faces.len()
        && faces.iter().zip(&found.faces).all(|(face, track)| is_same(face, track.interval));
    if !all_same {
        return None;
    }
    let track = found.faces.get(faces.iter().position(|face| face.face_id == face_id)?)?;
    found.measures(track, span.unwrap_or(track.interval)).map(Fitness::of)
}

/// Measures the chosen face where it is placed, or each face in its whole time, and says what was found.
pub async fn report(runner: &mut Runner<'_>) {
    let faces = runner.flow().faces().map(|faces| faces.session.faces.clone()).unwrap_or_default();
    let Some(ClipSource::File(clip)) = runner.flow().desk.clip.clone() else {
        runner.console.note(&NotMeasured::ClipIsElsewhere.words(""));
        return;
    };
    let found = found_in(&clip).await;
    let placed = match &runner.flow().stage {
        Stage::Choosing(choosing) => choosing.faces.chosen.clone().zip(choosing.placement),
        _ => None,
    };
    for (at, face) in faces.iter().enumerate() {
        let span = match &placed {
            Some((chosen, placement)) if *chosen == face.face_id => Some(placement.span()),
            Some(_) => continue,
            None => None,
        };
        let name = format!("Face {}", at + 1);
        match found.as_ref().and_then(|found| of_face(found, &faces, &face.face_id, span)) {
            Some(fitness) => {
                say(runner.console, &fitness, &name);
                runner.fitness.insert(face.face_id.clone(), fitness);
            }
            None => runner.console.note(&NotMeasured::NotFoundHere.words(&name)),
        }
    }
}

/// Says how fit a face is; a warning where it is not.
pub fn say(console: &Console, fitness: &Fitness, name: &str) {
    let words = fitness.words(name);
    match fitness.verdict {
        Verdict::Fit => console.say(&words),
        Verdict::Risky | Verdict::Unfit => console.warn(&words),
    }
}
