//! Stage 3: face, voice, placement; then the create.

use crate::model::placement::check_placement;
use crate::model::rule::first_broken;
use crate::model::{Placement, Problem, ProblemKind, Progress, Submission, VoiceSource};

use super::command::Command;
use super::desk::Probe;
use super::faces::Preview;
use super::flow::{Flow, Recording};
use super::identifying;
use super::idle::{is_http, source_to_send};
use super::stage::{Choosing, SendState, Sending, Stage, Submitted};
use super::step::Context;
use super::transition::go;
use super::words;

/// Computes the placement and its rules again from desk and choice.
pub(super) fn place(flow: &mut Flow) {
    let Stage::Choosing(choosing) = &mut flow.stage else { return };
    choosing.placement = None;
    choosing.rules.clear();
    let voice_is_settled = flow.desk.voice.is_some() && flow.desk.voice_probe.job().is_none();
    if choosing.faces.chosen.is_none() || !voice_is_settled {
        return;
    }
    let facts = flow.desk.facts(&choosing.faces);
    if let Ok(proposed) = Placement::propose(&facts, flow.desk.wanted) {
        let placement = Placement {
            sound_volume: flow.desk.sound_volume,
            original_audio_volume: flow.desk.original_audio_volume,
            ..proposed
        };
        choosing.rules = check_placement(&placement, &facts);
        choosing.placement = Some(placement);
    }
}

pub(super) fn choose_face(flow: &mut Flow, face_id: String) {
    let Stage::Choosing(choosing) = &mut flow.stage else { return };
    if choosing.faces.session.face(&face_id).is_some() {
        if choosing.faces.chosen.as_ref() != Some(&face_id) {
            flow.desk.mouth_box = None;
        }
        choosing.faces.chosen = Some(face_id);
        choosing.faces.proposed = None;
        choosing.problem = None;
        place(flow);
    }
}

pub(super) fn choose_none(flow: &mut Flow) {
    if let Stage::Choosing(choosing) = &mut flow.stage {
        choosing.faces.chosen = None;
        place(flow);
    }
}

pub(super) fn confirm_proposed(flow: &mut Flow) {
    if let Stage::Choosing(choosing) = &mut flow.stage
        && let Some(face_id) = choosing.faces.proposed.take()
    {
        choose_face(flow, face_id);
    }
}

/// Finds the faces of the same clip again; the choice is restored after a failure, and proposed after a success.
pub(super) fn identify_again(flow: &mut Flow, context: &mut Context) {
    let Stage::Choosing(choosing) = &flow.stage else { return };
    match source_to_send(flow, true) {
        Ok(source) => {
            let again = Box::new(Choosing { problem: None, ..choosing.clone() });
            identifying::start(flow, source, Some(again), context);
        }
        Err(problem) => set_problem(flow, Some(problem)),
    }
}

pub(super) fn reload_preview(flow: &mut Flow, face_id: &str, context: &mut Context) {
    let Some((index, url)) = flow.faces().and_then(|faces| {
        let index = faces.session.faces.iter().position(|face| face.face_id == face_id)?;
        let loading = matches!(faces.previews.get(index), Some(Preview::Loading(_)));
        let url = faces.session.faces[index].face_image.clone()?;
        (!loading).then_some((index, url))
    }) else {
        return;
    };
    let job = flow.new_job();
    if let Some(slot) = flow.faces_mut().and_then(|faces| faces.previews.get_mut(index)) {
        *slot = Preview::Loading(job);
        context.push(Command::LoadPreview { job, url });
    }
}

/// Cancels the previews that are being fetched; each can be fetched again.
pub(super) fn cancel_previews(flow: &mut Flow) {
    let Some(faces) = flow.faces_mut() else { return };
    for preview in &mut faces.previews {
        if preview.job().is_some() {
            *preview = Preview::Failed(Problem::new(ProblemKind::Cancelled, words::preview_stopped()));
        }
    }
}

/// Checks everything, then creates the task.
pub(super) fn submit(flow: &mut Flow, fresh_id: Option<String>, send_anyway: bool, context: &mut Context) {
    let Stage::Choosing(choosing) = &flow.stage else { return };
    match submission(flow, choosing, fresh_id, send_anyway, context.now_ms) {
        Ok(submission) => {
            let faces = Some(Box::new(choosing.faces.clone()));
            let job = flow.new_job();
            let next = Stage::Submitted(Submitted {
                faces,
                submission: Some(Box::new(submission.clone())),
                state: SendState::Sent { job, sent_ms: context.now_ms, progress: Progress::default() },
                sending: Sending {
                    first_ms: flow.service_ms(context.now_ms),
                    by_service_clock: flow.ahead_ms.is_some(),
                    first_steady_ms: context.steady_ms,
                    count: 1,
                    name_taken: false,
                },
                started_ms: context.now_ms,
            });
            if go(flow, next, context) {
                let clip = flow.desk.clip.clone();
                context.push(Command::CreateTask { job, submission: Box::new(submission), clip, again: false });
            }
        }
        Err(problem) => set_problem(flow, Some(problem)),
    }
}

/// Checks everything, then lets the task wait for a free slot. The choice stays, for the next one.
pub(super) fn enqueue(flow: &mut Flow, fresh_id: Option<String>, context: &mut Context) {
    let Stage::Choosing(choosing) = &flow.stage else { return };
    match submission(flow, choosing, fresh_id, false, context.now_ms) {
        Ok(submission) => {
            let job = flow.new_job();
            // The name is used up: the next task of this desk needs another.
            flow.desk.details.external_task_id = None;
            flow.recording.push(Recording { job, first_poll_at_once: None });
            let clip = flow.desk.clip.clone();
            context.push(Command::QueueTask { job, submission: Box::new(submission), clip });
            set_problem(flow, None);
        }
        Err(problem) => set_problem(flow, Some(problem)),
    }
}

/// The submission, or the first reason not to send it.
fn submission(
    flow: &Flow,
    choosing: &Choosing,
    fresh_id: Option<String>,
    send_anyway: bool,
    now_ms: i64,
) -> Result<Submission, Problem> {
    let usage = |words: String, hint: String| Err(Problem::new(ProblemKind::Usage, words).with_hint(hint));
    if let Some(problem) = choosing.faces.clip_now.obstacle() {
        return Err(problem);
    }
    let Some(face_id) = choosing.faces.chosen.clone() else {
        return usage(words::no_choice(), words::no_choice_hint());
    };
    let Some(voice) = flow.desk.voice.clone() else {
        return usage(words::no_voice(), words::no_voice_hint());
    };
    match &voice {
        VoiceSource::Url(url) if !send_anyway && !is_http(url) => {
            return usage(words::voice_address(url), words::address_hint());
        }
        VoiceSource::AudioId(id) if !send_anyway && id.trim().is_empty() => {
            return usage(words::audio_id_empty(), words::audio_id_empty_hint());
        }
        _ => {}
    }
    if flow.desk.voice_as_wav.job().is_some() {
        return usage(words::voice_converting(), words::in_a_moment());
    }
    if matches!(flow.desk.voice_probe, Probe::Running(_)) {
        return usage(words::voice_reading(), words::in_a_moment());
    }
    // A copy that cannot be read here hinders nobody from sending the address.
    if !send_anyway && let (VoiceSource::File(_), Some(problem)) = (&voice, flow.desk.voice_probe.problem()) {
        return Err(problem.clone());
    }
    let Some(placement) = choosing.placement else {
        return usage(words::end_unknown(), words::end_unknown_hint());
    };
    if !send_anyway {
        let broken = first_broken(&flow.desk.voice_rules).or_else(|| first_broken(&choosing.rules));
        if let Some(report) = broken {
            return Err(Problem::of_rule(report));
        }
        if flow.is_session_over(&choosing.faces.session, now_ms) {
            return usage(words::session_over(), words::session_over_hint());
        }
    }
    let given = flow.desk.details.external_task_id.clone().filter(|id| !id.trim().is_empty());
    let Some(external_task_id) = given.or(fresh_id) else {
        return usage(words::no_random_numbers(), words::no_random_numbers_hint());
    };
    Ok(Submission {
        session_id: choosing.faces.session.session_id.clone(),
        face_id,
        voice,
        placement,
        external_task_id,
        callback_url: flow.desk.details.callback_url.clone().filter(|url| !url.trim().is_empty()),
        watermark: flow.desk.details.watermark,
        mouth_box: flow.desk.mouth_box,
    })
}

fn set_problem(flow: &mut Flow, problem: Option<Problem>) {
    if let Stage::Choosing(choosing) = &mut flow.stage {
        choosing.problem = problem;
    }
}
