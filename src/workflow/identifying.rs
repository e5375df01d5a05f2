//! Stage 2: the service looks for faces.

use crate::model::face::LEAST_LEFT_MS;
use crate::model::{ClipSource, Face, Interval, Problem, ProblemKind, Progress, Session, StoredFile};

use super::clip_now::{self, ClipNow};
use super::command::{Command, PollTurn};
use super::event::IdentifyAnswer;
use super::faces::{Faces, Preview, Recalled};
use super::flow::{Flow, JobId};
use super::stage::{Choosing, IdentifyPhase, Identifying, Idle, Stage};
use super::step::Context;
use super::transition::{go, to_choosing};
use super::words;

/// Uploads a file, or requests the faces at once. `again`: the faces and the choice to restore.
pub(super) fn start(flow: &mut Flow, source: ClipSource, again: Option<Box<Choosing>>, context: &mut Context) {
    let job = flow.new_job();
    let (command, phase) = match &source {
        ClipSource::File(path) => {
            let progress = Progress::default();
            (Command::Upload { job, path: path.clone() }, IdentifyPhase::Uploading { job, progress })
        }
        _ => (Command::Identify { job, source: source.clone() }, IdentifyPhase::Asking(job)),
    };
    let next = Stage::Identifying(Identifying {
        source,
        phase,
        stored: None,
        started_ms: context.now_ms,
        since_steady_ms: context.steady_ms,
        again,
    });
    if go(flow, next, context) {
        context.push(command);
    }
}

/// Takes faces up that were found before in the same clip; where there are none, the service is asked for them.
pub(super) fn recall_or_start(flow: &mut Flow, source: ClipSource, context: &mut Context) {
    look_for_known(flow, source, true, None, context);
}

/// Takes faces up that were found before in the clip on the desk, and chooses one of them.
pub(super) fn recall(flow: &mut Flow, face_id: Option<String>, context: &mut Context) {
    let source = flow.desk.clip.clone().filter(|_| flow.terms.recalls_faces && matches!(flow.stage, Stage::Idle(_)));
    if let Some(source) = source {
        look_for_known(flow, source, false, face_id, context);
    }
}

fn look_for_known(flow: &mut Flow, clip: ClipSource, asks: bool, face_id: Option<String>, context: &mut Context) {
    let job = flow.new_job();
    let next = Stage::Identifying(Identifying {
        source: clip.clone(),
        phase: IdentifyPhase::Recalling { job, asks, face_id },
        stored: None,
        started_ms: context.now_ms,
        since_steady_ms: context.steady_ms,
        again: None,
    });
    if go(flow, next, context) {
        context.push(Command::RecallFaces { job, clip });
    }
}

/// The faces that were found before, while their session lives for long enough; without them it goes on as if there were none.
///
/// Where they are not taken up, a person is told before they are paid for again, and asks for them once more; a command goes on.
pub(super) fn recalled(flow: &mut Flow, job: JobId, found: Option<Box<Recalled>>, context: &mut Context) {
    let Stage::Identifying(Identifying {
        source, phase: IdentifyPhase::Recalling { job: waited, asks, face_id }, ..
    }) = &flow.stage
    else {
        return;
    };
    if *waited != job {
        return;
    }
    let (source, asks, face_id) = (source.clone(), *asks, face_id.clone());
    let lives = |faces: &Faces| {
        flow.session_left_ms(&faces.session, context.now_ms) >= LEAST_LEFT_MS && !faces.session.faces.is_empty()
    };
    match found.map(|found| *found).filter(|found| lives(&found.faces)) {
        Some(Recalled { not_taken: Some(why), .. }) if asks && flow.terms.tells_before_paying => {
            let _ = clip_now::give_up(flow, why, context);
        }
        Some(Recalled { not_taken: Some(why), .. }) if asks => {
            flow.warnings.push(why);
            start(flow, source, None, context);
        }
        Some(Recalled { faces, not_taken: None }) => {
            let previews = load_previews(flow, &faces.session.faces, faces.previews, context);
            let chosen = face_id.filter(|face_id| faces.session.face(face_id).is_some()).or(faces.chosen);
            let faces = Faces { previews, chosen, recalled: true, proposed: None, ..faces };
            let _ = to_choosing(flow, Some(faces), None, context);
        }
        None if asks => start(flow, source, None, context),
        Some(_) | None => give_up(flow, None, context),
    }
}

/// Cancels.
pub(super) fn cancel(flow: &mut Flow, context: &mut Context) {
    match &mut flow.stage {
        Stage::Idle(idle) => idle.identify_after_probe = None,
        Stage::Identifying(_) => give_up(flow, None, context),
        _ => {}
    }
}

pub(super) fn upload_progress(flow: &mut Flow, job: JobId, now: Progress) {
    if let Stage::Identifying(Identifying { phase: IdentifyPhase::Uploading { job: waited, progress }, .. }) =
        &mut flow.stage
        && *waited == job
    {
        *progress = now;
    }
}

pub(super) fn uploaded(flow: &mut Flow, job: JobId, answer: Result<StoredFile, Problem>, context: &mut Context) {
    if !waits_for(flow, job, |phase| matches!(phase, IdentifyPhase::Uploading { .. })) {
        return;
    }
    match answer {
        Ok(stored) => {
            let job = flow.new_job();
            let source = ClipSource::Url(stored.address.clone());
            if let Stage::Identifying(identifying) = &mut flow.stage {
                identifying.source = source.clone();
                identifying.stored = Some(stored);
                identifying.phase = IdentifyPhase::Asking(job);
            }
            context.push(Command::Identify { job, source });
        }
        Err(problem) => give_up(flow, Some(problem), context),
    }
}

pub(super) fn answered(flow: &mut Flow, job: JobId, answer: Result<IdentifyAnswer, Problem>, context: &mut Context) {
    if !waits_for(flow, job, |phase| matches!(phase, IdentifyPhase::Asking(_))) {
        return;
    }
    match answer {
        Ok(IdentifyAnswer::Ready(session)) => found(flow, *session, context),
        Ok(IdentifyAnswer::Pending { id, status_raw, progress }) => {
            poll(flow, Series { id, attempts: 0, status_raw, progress, problem: None }, context);
        }
        Err(problem) => give_up(flow, Some(problem), context),
    }
}

pub(super) fn polled(flow: &mut Flow, job: JobId, answer: Result<IdentifyAnswer, Problem>, context: &mut Context) {
    let Some(series) = series(flow, job) else { return };
    let attempts = series.attempts + 1;
    match answer {
        Ok(IdentifyAnswer::Ready(session)) => found(flow, *session, context),
        // Some gateways omit the id in the answer to a poll: the id that was polled stays.
        Ok(IdentifyAnswer::Pending { status_raw, progress, .. }) => {
            poll(flow, Series { attempts, status_raw, progress, problem: None, ..series }, context);
        }
        Err(problem) if problem.transient => poll(flow, Series { attempts, problem: Some(problem), ..series }, context),
        Err(problem) => give_up(flow, Some(problem), context),
    }
}

pub(super) fn limit_reached(flow: &mut Flow, job: JobId, context: &Context) {
    if let Some(series) = series(flow, job) {
        give_up_at_limit(flow, series.problem, context);
    }
}

fn waits_for(flow: &Flow, job: JobId, in_phase: impl Fn(&IdentifyPhase) -> bool) -> bool {
    matches!(&flow.stage, Stage::Identifying(identifying) if identifying.phase.job() == job && in_phase(&identifying.phase))
}

/// What is known of an identify in progress.
struct Series {
    id: String,
    attempts: u32,
    status_raw: String,
    progress: Option<f32>,
    problem: Option<Problem>,
}

/// The polls that wait for this job.
fn series(flow: &Flow, job: JobId) -> Option<Series> {
    match &flow.stage {
        Stage::Identifying(Identifying {
            phase: IdentifyPhase::Polling { job: waited, id, attempts, status_raw, progress, problem },
            ..
        }) if *waited == job => Some(Series {
            id: id.clone(),
            attempts: *attempts,
            status_raw: status_raw.clone(),
            progress: *progress,
            problem: problem.clone(),
        }),
        _ => None,
    }
}

fn poll(flow: &mut Flow, series: Series, context: &mut Context) {
    let Stage::Identifying(identifying) = &flow.stage else { return };
    let source = identifying.source.clone();
    let elapsed_ms = u64::try_from(context.steady_ms.saturating_sub(identifying.since_steady_ms)).unwrap_or(0);
    let left_ms = flow.terms.poll_limit_ms.saturating_sub(elapsed_ms);
    if left_ms == 0 {
        give_up_at_limit(flow, series.problem, context);
        return;
    }
    let job = flow.new_job();
    let Series { id, attempts, status_raw, progress, problem } = series;
    let hint_ms = problem.as_ref().and_then(|problem| problem.retry_after_ms);
    let turn = PollTurn { attempt: attempts, elapsed_ms, left_ms, hint_ms, at_once: false };
    context.push(Command::PollIdentify { job, id: id.clone(), source, turn });
    if let Stage::Identifying(identifying) = &mut flow.stage {
        identifying.phase = IdentifyPhase::Polling { job, id, attempts, status_raw, progress, problem };
    }
}

fn give_up_at_limit(flow: &mut Flow, last: Option<Problem>, context: &Context) {
    let seconds = flow.terms.poll_limit_ms as f64 / 1000.0;
    let words = match last {
        Some(last) => words::faces_late_with_answer(seconds, last),
        None => words::faces_late(seconds),
    };
    let problem = Problem::new(ProblemKind::Paused, words).with_hint(words::faces_late_hint());
    give_up(flow, Some(problem), context);
}

/// Back to where it came from, with everything that was entered.
fn give_up(flow: &mut Flow, problem: Option<Problem>, context: &Context) {
    let Stage::Identifying(identifying) = &flow.stage else { return };
    let next = match identifying.again.as_deref().cloned() {
        Some(choosing) => Stage::Choosing(Choosing { problem, ..choosing }),
        None => Stage::Idle(Idle { problem, ..Idle::default() }),
    };
    let _ = go(flow, next, context);
}

fn found(flow: &mut Flow, session: Session, context: &mut Context) {
    if session.faces.is_empty() {
        let problem = Problem::new(ProblemKind::NoFace, words::no_face()).with_hint(words::no_face_hint());
        give_up(flow, Some(problem), context);
        if let Stage::Idle(idle) = &mut flow.stage {
            idle.faceless = Some(Box::new(session));
        }
        return;
    }
    if let left_out @ 1.. = session.faces_left_out() {
        let words = words::faces_left_out(session.faces.len(), left_out);
        flow.warnings.push(Problem::new(ProblemKind::Unreadable, words).with_hint(words::left_out_hint()));
    }
    let before = match &flow.stage {
        Stage::Identifying(identifying) => identifying.again.as_ref().map(|choosing| {
            let face = choosing
                .faces
                .chosen_face()
                .or_else(|| choosing.faces.session.face(choosing.faces.proposed.as_deref()?));
            face.and_then(|face| face.interval)
        }),
        _ => None,
    };
    let previews = load_previews(flow, &session.faces, Vec::new(), context);
    let chosen = match session.faces.as_slice() {
        [only] => Some(only.face_id.clone()),
        _ => None,
    };
    let proposed = match before {
        Some(Some(interval)) if chosen.is_none() => most_alike(&session.faces, interval),
        _ => None,
    };
    let faces = Faces { session, previews, chosen, proposed, recalled: false, clip_now: ClipNow::Same };
    let _ = to_choosing(flow, Some(faces), None, context);
}

/// The previews that are known, and requests for the others.
fn load_previews(flow: &mut Flow, faces: &[Face], known: Vec<Preview>, context: &mut Context) -> Vec<Preview> {
    let mut known = known.into_iter();
    let mut previews = Vec::with_capacity(faces.len());
    for face in faces {
        previews.push(match (known.next(), &face.face_image) {
            (Some(ready @ Preview::Ready(_)), _) => ready,
            (_, Some(url)) if flow.terms.load_previews => {
                let job = flow.new_job();
                context.push(Command::LoadPreview { job, url: url.clone() });
                Preview::Loading(job)
            }
            _ => Preview::None,
        });
    }
    previews
}

/// Takes the faces that an earlier run found in the clip on the desk.
pub(super) fn take_faces(flow: &mut Flow, faces: Faces, context: &mut Context) {
    let lives = flow.session_left_ms(&faces.session, context.now_ms) > 0 && !faces.session.faces.is_empty();
    if !matches!(flow.stage, Stage::Idle(_)) || flow.desk.clip.is_none() || !lives {
        return;
    }
    let previews = load_previews(flow, &faces.session.faces, faces.previews, context);
    let _ = to_choosing(flow, Some(Faces { previews, ..faces }), None, context);
    clip_now::ask(flow, context);
}

/// The face whose interval overlaps `interval` most and exceeds it least; `None` where none overlaps.
fn most_alike(faces: &[Face], interval: Interval) -> Option<String> {
    faces
        .iter()
        .filter_map(|face| {
            let overlap_ms = face.interval?.overlap_ms(interval);
            let beside_ms = face.interval?.len_ms() + interval.len_ms() - 2 * overlap_ms;
            (overlap_ms > 0).then_some((overlap_ms - beside_ms, face))
        })
        .max_by_key(|(likeness_ms, _)| *likeness_ms)
        .map(|(_, face)| face.face_id.clone())
}
