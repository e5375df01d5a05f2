//! One step: the event goes to the stage it is about.

use std::path::PathBuf;

use crate::model::placement::Wanted;
use crate::model::rule::Verdict;
use crate::model::{ClipSource, Problem, VoiceSource, clip, voice};

use super::command::Command;
use super::desk::{CopyIs, Desk, Probe, RequestFields};
use super::event::{Event, JobEvent, PersonEvent};
use super::faces::{self, Preview};
use super::flow::{Flow, JobId};
use super::stage::Stage;
use super::transition::{to_choosing, to_idle};
use super::{choosing, clip_now, copies, done, identifying, idle, settle, submitted};

/// The time of an event, by two clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds since the epoch, by a clock that may be set at any time: for what a person is shown, and for sessions.
    pub wall_ms: i64,
    /// Milliseconds since some moment, by a clock that nobody sets: limits count by it.
    pub steady_ms: i64,
}

/// The time of the event and the commands it leads to.
pub(super) struct Context {
    /// Milliseconds since the epoch.
    pub(super) now_ms: i64,
    /// Milliseconds by the clock that nobody sets.
    pub(super) steady_ms: i64,
    /// In the order of their execution.
    pub(super) commands: Vec<Command>,
    /// Whether a person consented to leave a task that is not at its end.
    pub(super) has_consent: bool,
}

impl Context {
    pub(super) fn push(&mut self, command: Command) {
        self.commands.push(command);
    }
}

/// What follows from an event at this time: the next flow and the commands to execute.
#[must_use]
pub fn step(mut flow: Flow, event: Event, now: Now) -> (Flow, Vec<Command>) {
    let mut context =
        Context { now_ms: now.wall_ms, steady_ms: now.steady_ms, commands: Vec::new(), has_consent: false };
    settle::learn_sending(&mut flow, &context);
    let mut given_up = flow.awaited();
    match event {
        Event::Person(event) => on_person(&mut flow, event, &mut context),
        Event::Job { job, answer } => {
            // A job that has just ended needs no abort; the progress of a transfer is not its end.
            if !matches!(answer, JobEvent::Progress(_)) {
                given_up.remove(&job);
            }
            on_job(&mut flow, job, answer, &mut context);
        }
    }
    for job in &flow.awaited() {
        given_up.remove(job);
    }
    let aborts = given_up.into_iter().map(|job| Command::Abort { job });
    (flow, aborts.chain(context.commands).collect())
}

fn on_person(flow: &mut Flow, event: PersonEvent, context: &mut Context) {
    match event {
        PersonEvent::SetClip(source) => {
            set_clip(flow, source, context);
        }
        PersonEvent::SetClipCopy(copy) => copies::set_clip_copy(flow, copy, context),
        PersonEvent::SetVoiceCopy(copy) => copies::set_voice_copy(flow, copy, context),
        PersonEvent::ClipCopyIs(is) => copies::clip_copy_is(flow, is),
        PersonEvent::VoiceCopyIs(is) => copies::voice_copy_is(flow, is),
        PersonEvent::SetVoice(source) => set_voice(flow, source, context),
        PersonEvent::SendVoiceAsWav => convert_voice(flow, context),
        PersonEvent::CancelVoiceAsWav => cancel_conversion(flow),
        PersonEvent::Want(wanted) => {
            flow.desk.wanted = wanted;
            choosing::place(flow);
        }
        PersonEvent::SetMargin(margin_ms) => {
            flow.desk.margin_ms = Some(margin_ms);
            choosing::place(flow);
        }
        PersonEvent::SetVolumes { sound_volume, original_audio_volume } => {
            let details = flow.desk.details.clone();
            flow.desk.set_fields(RequestFields { sound_volume, original_audio_volume, details });
            choosing::place(flow);
        }
        PersonEvent::SetDetails(details) => {
            let Desk { sound_volume, original_audio_volume, .. } = flow.desk;
            flow.desk.set_fields(RequestFields { sound_volume, original_audio_volume, details });
        }
        PersonEvent::TakeRequest { sound_volume, original_audio_volume, details } => {
            flow.desk.take_request(RequestFields { sound_volume, original_audio_volume, details });
            choosing::place(flow);
        }
        PersonEvent::SetMouthBox(mouth) => flow.desk.mouth_box = mouth,
        PersonEvent::Identify { send_anyway } => idle::identify(flow, send_anyway, context),
        PersonEvent::Recall { face_id } => identifying::recall(flow, face_id, context),
        PersonEvent::Cancel => identifying::cancel(flow, context),
        PersonEvent::LeaveTask(_consent) => submitted::leave(flow, context),
        PersonEvent::ChooseFace(face_id) => choosing::choose_face(flow, face_id),
        PersonEvent::ChooseNone => choosing::choose_none(flow),
        PersonEvent::ConfirmProposed => choosing::confirm_proposed(flow),
        PersonEvent::IdentifyAgain => choosing::identify_again(flow, context),
        PersonEvent::TakeFaces(faces) => identifying::take_faces(flow, *faces, context),
        PersonEvent::ReloadPreview(face_id) => choosing::reload_preview(flow, &face_id, context),
        PersonEvent::CancelPreviews => choosing::cancel_previews(flow),
        PersonEvent::Submit { fresh_external_task_id, send_anyway } => {
            choosing::submit(flow, fresh_external_task_id, send_anyway, context);
        }
        PersonEvent::Enqueue { fresh_external_task_id } => choosing::enqueue(flow, fresh_external_task_id, context),
        PersonEvent::LookUp => settle::look_up(flow, context),
        PersonEvent::CancelLookUp => settle::cancel_look_up(flow),
        PersonEvent::Resend(_consent) => settle::resend(flow, context),
        PersonEvent::GiveTaskId(task_id) => submitted::give_task_id(flow, &task_id, context),
        PersonEvent::Abandon => submitted::abandon(flow, context),
        PersonEvent::Pause => submitted::pause(flow),
        PersonEvent::Resume => submitted::resume(flow, context),
        PersonEvent::Follow { task_id, wait } => submitted::follow(flow, &task_id, wait, None, context),
        PersonEvent::FollowSent { task_id, submission } => {
            submitted::follow(flow, &task_id, true, Some(submission), context);
        }
        PersonEvent::Back => back(flow, context),
        PersonEvent::Again => done::again(flow, context),
        PersonEvent::NewClip => {
            set_clip(flow, None, context);
        }
        PersonEvent::Download { index, to, replaces } => done::download(flow, index, to, replaces, context),
        PersonEvent::CancelDownload { index } => done::cancel_download(flow, index),
        PersonEvent::DismissProblem => dismiss_problem(flow),
        PersonEvent::DismissWarning => {
            flow.warnings.drain(..flow.warnings.len().min(1));
        }
        PersonEvent::SwitchService(terms) => {
            if to_idle(flow, None, context) {
                // A session belongs to its service.
                flow.kept.clear();
                change_terms(flow, terms);
            }
        }
        PersonEvent::ChangeTerms(terms) => {
            change_terms(flow, terms);
            forget_refused_key(flow);
            // What is known of its faces can be read only now.
            clip_now::ask(flow, context);
        }
    }
}

fn on_job(flow: &mut Flow, job: JobId, answer: JobEvent, context: &mut Context) {
    match answer {
        JobEvent::ClipProbed(found) => {
            if flow.desk.clip_probe.job() == Some(job) {
                flow.desk.clip_probe = probed(found);
                check_clip(flow);
                drop_faces_of_another(flow, context);
                choosing::place(flow);
                idle::after_probe(flow, context);
            }
        }
        JobEvent::VoiceProbed(found) => {
            if flow.desk.voice_probe.job() == Some(job) {
                flow.desk.voice_probe = probed(found);
                check_voice(flow);
                choosing::place(flow);
            }
        }
        JobEvent::VoiceConverted(answer) => voice_converted(flow, job, answer, context),
        JobEvent::PreviewLoaded(found) => {
            if let Some(slot) = flow
                .faces_mut()
                .and_then(|faces| faces.previews.iter_mut().find(|preview| **preview == Preview::Loading(job)))
            {
                *slot = found.map_or_else(Preview::Failed, Preview::Ready);
            }
        }
        JobEvent::FacesRecalled(faces) => identifying::recalled(flow, job, faces, context),
        JobEvent::ClipCompared(found) => clip_now::compared(flow, job, found, context),
        JobEvent::Uploaded(answer) => identifying::uploaded(flow, job, answer, context),
        JobEvent::Identified(answer) => identifying::answered(flow, job, answer, context),
        JobEvent::IdentifyPolled(answer) => identifying::polled(flow, job, answer, context),
        JobEvent::Recorded(answer) => submitted::recorded(flow, job, answer, context),
        JobEvent::Created(outcome) => submitted::created(flow, job, outcome, context),
        JobEvent::LookedUp(answer) => settle::looked_up(flow, job, answer, context),
        JobEvent::LimitReached => {
            identifying::limit_reached(flow, job, context);
            submitted::limit_reached(flow, job);
        }
        JobEvent::Polled(answer) => submitted::polled(flow, job, answer, context),
        JobEvent::Progress(progress) => {
            identifying::upload_progress(flow, job, progress);
            submitted::create_progress(flow, job, progress);
            done::download_progress(flow, job, progress);
        }
        JobEvent::Downloaded(answer) => done::downloaded(flow, job, answer),
    }
}

fn probed<T>(found: Result<T, Problem>) -> Probe<T> {
    found.map_or_else(Probe::Failed, Probe::Known)
}

fn change_terms(flow: &mut Flow, terms: super::Terms) {
    flow.terms = terms;
    check_clip(flow);
    check_voice(flow);
}

/// What was said of a refused key is not so of another one. A refused task stays what it is until it is sent again.
fn forget_refused_key(flow: &mut Flow) {
    let of_key = |problem: &Problem| problem.http_status == Some(401);
    if matches!(flow.stage, Stage::Idle(_) | Stage::Choosing(_)) && flow.stage.problem().is_some_and(of_key) {
        dismiss_problem(flow);
    }
}

/// Checks the voice: with storage of one's own, one that is too large to be sent along goes there.
pub(super) fn check_voice(flow: &mut Flow) {
    let check = if flow.terms.storage.is_some() { voice::check_voice_with_storage } else { voice::check_voice };
    flow.desk.voice_rules = flow.desk.known_voice().map(check).unwrap_or_default();
}

/// Checks the clip against the rules of the current service: what takes files is the sandbox, and that decodes one codec only.
pub(super) fn check_clip(flow: &mut Flow) {
    let Some(found) = flow.desk.known_clip() else {
        flow.desk.clip_rules.clear();
        return;
    };
    // It is no rule of the services: only where it does not hold is there something to say.
    let of_sandbox = flow.terms.takes_files.then(|| clip::check_sandbox_codec(found));
    let of_sandbox = of_sandbox.filter(|report| report.verdict != Verdict::Pass);
    flow.desk.clip_rules = clip::check_clip(found).into_iter().chain(of_sandbox).collect();
}

/// Takes another clip. Returns `false`, and changes nothing, where the stage may not be left.
fn set_clip(flow: &mut Flow, source: Option<ClipSource>, context: &mut Context) -> bool {
    let left = flow.desk.clip.clone().zip(flow.faces().cloned());
    // What a copy is says nothing about what is at the address.
    let is_file = matches!(flow.desk.clip, Some(ClipSource::File(_)));
    let probe = flow.desk.clip_probe.known().filter(|_| is_file).cloned();
    if !to_idle(flow, None, context) {
        return false;
    }
    if let Some((clip, faces)) = left.filter(|(clip, _)| Some(clip) != source.as_ref()) {
        faces::keep(&mut flow.kept, clip, probe, faces);
    }
    if flow.desk.clip.is_some() && flow.desk.clip != source {
        // What a person fixed belongs to the clip it was fixed in.
        flow.desk.wanted = Wanted::default();
        flow.desk.leave_request();
    }
    if flow.desk.clip != source {
        flow.desk.clip_copy = None;
        flow.desk.clip_copy_is = CopyIs::default();
    }
    flow.desk.clip = source;
    copies::probe_clip(flow, context);
    let back = flow.kept.iter().position(|kept| Some(&kept.clip) == flow.desk.clip.as_ref());
    if let Some(kept) = back.map(|at| flow.kept.remove(at))
        && !flow.is_session_over(&kept.faces.session, context.now_ms)
    {
        flow.expected_clip = kept.probe;
        let is_there = to_choosing(flow, Some(kept.faces), None, context);
        clip_now::ask(flow, context);
        return is_there;
    }
    true
}

/// A clip came back with its faces, and its file is another than the one they were found in: they do not belong to it.
fn drop_faces_of_another(flow: &mut Flow, context: &mut Context) {
    let expected = flow.expected_clip.take();
    let found = flow.desk.clip_probe.known();
    if expected.is_some() && found.is_some() && expected.as_ref() != found && matches!(flow.stage, Stage::Choosing(_)) {
        let _ = to_idle(flow, None, context);
    }
}

fn set_voice(flow: &mut Flow, source: Option<VoiceSource>, context: &mut Context) {
    if flow.desk.voice != source {
        flow.desk.wanted.start_ms = None;
        flow.desk.wanted.end_ms = None;
    }
    flow.desk.voice_as_wav = Probe::None;
    take_voice(flow, source, context);
}

fn cancel_conversion(flow: &mut Flow) {
    if flow.desk.voice_as_wav.job().is_some() {
        flow.desk.voice_as_wav = Probe::None;
    }
}

/// Begins to write the voice as WAV; until that is there, the voice stays what it is.
fn convert_voice(flow: &mut Flow, context: &mut Context) {
    if let Some(VoiceSource::File(path)) = flow.desk.voice.clone()
        && flow.desk.voice_as_wav.job().is_none()
        && flow.desk.voice_as_wav.known() != Some(&path)
    {
        let job = flow.new_job();
        context.push(Command::ConvertVoice { job, path });
        flow.desk.voice_as_wav = Probe::Running(job);
    }
}

/// It is the same sound, so what was fixed of the crop stays.
fn voice_converted(flow: &mut Flow, job: JobId, answer: Result<PathBuf, Problem>, context: &mut Context) {
    if flow.desk.voice_as_wav.job() == Some(job) {
        if let Ok(path) = &answer {
            take_voice(flow, Some(VoiceSource::File(path.clone())), context);
        }
        flow.desk.voice_as_wav = probed(answer);
    }
}

fn take_voice(flow: &mut Flow, source: Option<VoiceSource>, context: &mut Context) {
    if flow.desk.voice != source {
        flow.desk.voice_copy = None;
        flow.desk.voice_copy_is = CopyIs::default();
    }
    flow.desk.voice = source;
    copies::probe_voice(flow, context);
    choosing::place(flow);
}

fn back(flow: &mut Flow, context: &mut Context) {
    match &flow.stage {
        Stage::Idle(_) => {}
        Stage::Identifying(_) => identifying::cancel(flow, context),
        Stage::Choosing(_) => {
            let _ = to_idle(flow, None, context);
        }
        Stage::Submitted(_) => submitted::back(flow, context),
        Stage::Done(_) => done::again(flow, context),
    }
}

fn dismiss_problem(flow: &mut Flow) {
    match &mut flow.stage {
        Stage::Idle(idle) => (idle.problem, idle.pays_again) = (None, false),
        Stage::Choosing(choosing) => choosing.problem = None,
        // A refusal, an unclear outcome and a failed task are the state of the job: they are left, not dismissed.
        Stage::Identifying(_) | Stage::Submitted(_) | Stage::Done(_) => {}
    }
}
