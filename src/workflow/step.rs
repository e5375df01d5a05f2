//! One step: the event goes to the stage it is about.

use std::mem;
use std::path::PathBuf;

use crate::model::rule::Verdict;
use crate::model::voice::check_voice;
use crate::model::{ClipSource, Problem, ProblemKind, VoiceSource, clip};

use super::command::Command;
use super::desk::Probe;
use super::event::{CreateOutcome, Event, JobEvent, LookUpAnswer, PersonEvent};
use super::flow::{Flow, JobId};
use super::stage::{Done, Download, Follow, Idle, LookUp, Outcome, Preview, SendState, Stage};
use super::{choosing, done, identifying, idle, submitted};

/// The time of the event and the commands it leads to.
pub(super) struct Context {
    /// Milliseconds since the epoch.
    pub(super) now_ms: i64,
    /// In the order in which they are to be carried out.
    pub(super) commands: Vec<Command>,
}

impl Context {
    pub(super) fn push(&mut self, command: Command) {
        self.commands.push(command);
    }
}

/// What follows from an event at `now_ms` (milliseconds since the epoch): the next flow, and what is to be carried out.
#[must_use]
pub fn step(mut flow: Flow, event: Event, now_ms: i64) -> (Flow, Vec<Command>) {
    let mut context = Context { now_ms, commands: Vec::new() };
    match event {
        Event::Person(event) => on_person(&mut flow, event, &mut context),
        Event::Job { job, answer } => on_job(&mut flow, job, answer, &mut context),
    }
    (flow, context.commands)
}

fn on_person(flow: &mut Flow, event: PersonEvent, context: &mut Context) {
    match event {
        PersonEvent::SetClip(source) => set_clip(flow, source, context),
        PersonEvent::SetVoice(source) => set_voice(flow, source, context),
        PersonEvent::SendVoiceAsWav => convert_voice(flow, context),
        PersonEvent::CancelVoiceAsWav => cancel_conversion(flow, context),
        PersonEvent::Want(wanted) => {
            flow.desk.wanted = wanted;
            choosing::place(flow);
        }
        PersonEvent::SetMargin(margin_ms) => {
            flow.desk.margin_ms = Some(margin_ms);
            choosing::place(flow);
        }
        PersonEvent::SetVolumes { sound_volume, original_audio_volume } => {
            flow.desk.sound_volume = sound_volume;
            flow.desk.original_audio_volume = original_audio_volume;
            choosing::place(flow);
        }
        PersonEvent::SetDetails(details) => flow.desk.details = details,
        PersonEvent::Identify { send_anyway } => idle::identify(flow, send_anyway, context),
        PersonEvent::Cancel => identifying::cancel(flow, context),
        PersonEvent::ChooseFace(face_id) => choosing::choose_face(flow, face_id),
        PersonEvent::ChooseNone => choosing::choose_none(flow),
        PersonEvent::ConfirmProposed => choosing::confirm_proposed(flow),
        PersonEvent::IdentifyAgain => choosing::identify_again(flow, context),
        PersonEvent::ReloadPreview(face_id) => choosing::reload_preview(flow, &face_id, context),
        PersonEvent::CancelPreviews => choosing::cancel_previews(flow, context),
        PersonEvent::Submit { fresh_external_task_id, send_anyway } => {
            choosing::submit(flow, fresh_external_task_id, send_anyway, context);
        }
        PersonEvent::LookUp => submitted::look_up(flow, context),
        PersonEvent::CancelLookUp => submitted::cancel_look_up(flow, context),
        PersonEvent::Resend(_consent) => submitted::resend(flow, context),
        PersonEvent::GiveTaskId(task_id) => submitted::give_task_id(flow, &task_id, context),
        PersonEvent::Abandon => submitted::abandon(flow, context),
        PersonEvent::Pause => submitted::pause(flow, context),
        PersonEvent::Resume => submitted::resume(flow, context),
        PersonEvent::Follow { task_id, wait } => submitted::follow(flow, &task_id, wait, context),
        PersonEvent::Back => back(flow, context),
        PersonEvent::Again => done::again(flow, context),
        PersonEvent::NewClip => {
            if flow.busy_with().is_none() {
                set_clip(flow, None, context);
                flow.desk.wanted = crate::model::placement::Wanted::default();
            }
        }
        PersonEvent::Download { index, to } => done::download(flow, index, to, context),
        PersonEvent::CancelDownload { index } => done::cancel_download(flow, index, context),
        PersonEvent::DismissProblem => dismiss_problem(flow),
        PersonEvent::SwitchService(terms) => {
            if flow.busy_with().is_none() {
                to_idle(flow, None, context);
                flow.terms = terms;
                check_clip(flow);
            }
        }
    }
}

fn on_job(flow: &mut Flow, job: JobId, answer: JobEvent, context: &mut Context) {
    match answer {
        JobEvent::ClipProbed(found) => {
            if flow.desk.clip_probe.job() == Some(job) {
                flow.desk.clip_probe = probed(found);
                check_clip(flow);
                choosing::place(flow);
                idle::after_probe(flow, context);
            }
        }
        JobEvent::VoiceProbed(found) => {
            if flow.desk.voice_probe.job() == Some(job) {
                flow.desk.voice_rules = found.as_ref().map(check_voice).unwrap_or_default();
                flow.desk.voice_probe = probed(found);
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
        JobEvent::Uploaded(answer) => identifying::uploaded(flow, job, answer, context),
        JobEvent::Identified(answer) => identifying::answered(flow, job, answer, context),
        JobEvent::IdentifyPolled(answer) => identifying::polled(flow, job, answer, context),
        JobEvent::IntentRecorded(answer) => submitted::intent_recorded(flow, job, answer, context),
        JobEvent::Created(outcome) => submitted::created(flow, job, outcome, context),
        JobEvent::LookedUp(answer) => submitted::looked_up(flow, job, answer, context),
        JobEvent::BrokeDown => broke_down(flow, job, context),
        JobEvent::LimitReached => {
            identifying::limit_reached(flow, job);
            submitted::limit_reached(flow, job);
        }
        JobEvent::Polled(answer) => submitted::polled(flow, job, answer, context),
        JobEvent::DownloadProgress { received_bytes, total_bytes } => {
            done::download_progress(flow, job, received_bytes, total_bytes);
        }
        JobEvent::Downloaded(answer) => done::downloaded(flow, job, answer),
    }
}

/// A job of which nobody knows the kind brought nothing: whoever waits for it takes it as its own failure, the others drop it.
fn broke_down(flow: &mut Flow, job: JobId, context: &mut Context) {
    let problem = || {
        Problem::new(ProblemKind::Internal, "The program itself failed at this")
            .with_hint("Try again; if it stays, please report it")
    };
    let unknown = Problem { kind: ProblemKind::OutcomeUnknown, ..problem() };
    for failure in [
        JobEvent::ClipProbed(Err(problem())),
        JobEvent::VoiceProbed(Err(problem())),
        JobEvent::VoiceConverted(Err(problem())),
        JobEvent::PreviewLoaded(Err(problem())),
        JobEvent::Uploaded(Err(problem())),
        JobEvent::Identified(Err(problem())),
        JobEvent::IdentifyPolled(Err(problem())),
        JobEvent::IntentRecorded(Err(problem())),
        JobEvent::Created(CreateOutcome::Unknown(unknown)),
        JobEvent::LookedUp(LookUpAnswer::Failed(problem())),
        JobEvent::Polled(Err(problem())),
        JobEvent::Downloaded(Err(problem())),
    ] {
        on_job(flow, job, failure, context);
    }
}

fn probed<T>(found: Result<T, Problem>) -> Probe<T> {
    found.map_or_else(Probe::Failed, Probe::Known)
}

/// Checks the clip against the rules for the service at hand: what takes files is the sandbox, and that decodes one codec only.
fn check_clip(flow: &mut Flow) {
    let Some(found) = flow.desk.clip_probe.known() else {
        flow.desk.clip_rules.clear();
        return;
    };
    // It is no rule of the services: only where it does not hold is there something to say.
    let of_sandbox = flow.terms.takes_files.then(|| clip::check_sandbox_codec(found));
    let of_sandbox = of_sandbox.filter(|report| report.verdict != Verdict::Pass);
    flow.desk.clip_rules = clip::check_clip(found).into_iter().chain(of_sandbox).collect();
}

fn set_clip(flow: &mut Flow, source: Option<ClipSource>, context: &mut Context) {
    if flow.busy_with().is_some() {
        return;
    }
    to_idle(flow, None, context);
    if let Some(job) = flow.desk.clip_probe.job() {
        context.push(Command::Abort { job });
    }
    flow.desk.clip_rules.clear();
    flow.desk.clip_probe = match &source {
        Some(ClipSource::File(path)) => {
            let job = flow.new_job();
            context.push(Command::ProbeClip { job, path: path.clone() });
            Probe::Running(job)
        }
        _ => Probe::None,
    };
    flow.desk.clip = source;
}

fn set_voice(flow: &mut Flow, source: Option<VoiceSource>, context: &mut Context) {
    if flow.desk.voice != source {
        flow.desk.wanted.start_ms = None;
        flow.desk.wanted.end_ms = None;
    }
    cancel_conversion(flow, context);
    flow.desk.voice_as_wav = Probe::None;
    take_voice(flow, source, context);
}

fn cancel_conversion(flow: &mut Flow, context: &mut Context) {
    if let Some(job) = flow.desk.voice_as_wav.job() {
        context.push(Command::Abort { job });
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
    if let Some(job) = flow.desk.voice_probe.job() {
        context.push(Command::Abort { job });
    }
    flow.desk.voice_rules.clear();
    flow.desk.voice_probe = match &source {
        Some(VoiceSource::File(path)) => {
            let job = flow.new_job();
            context.push(Command::ProbeVoice { job, path: path.clone() });
            Probe::Running(job)
        }
        _ => Probe::None,
    };
    flow.desk.voice = source;
    choosing::place(flow);
}

fn back(flow: &mut Flow, context: &mut Context) {
    match &flow.stage {
        Stage::Idle(_) => {}
        Stage::Identifying(_) => identifying::cancel(flow, context),
        Stage::Choosing(_) => to_idle(flow, None, context),
        Stage::Submitted(_) => submitted::back(flow, context),
        Stage::Done(_) => done::again(flow, context),
    }
}

fn dismiss_problem(flow: &mut Flow) {
    match &mut flow.stage {
        Stage::Idle(idle) => idle.problem = None,
        Stage::Choosing(choosing) => choosing.problem = None,
        // A refusal, an unclear outcome and a failed task are where the job stands: they are left, not dismissed.
        Stage::Identifying(_) | Stage::Submitted(_) | Stage::Done(_) => {}
    }
}

/// Goes to `Idle` with this problem; what the stage still waited for is given up, a result is kept as the previous one.
pub(super) fn to_idle(flow: &mut Flow, problem: Option<Problem>, context: &mut Context) {
    replace_stage(flow, Stage::Idle(Idle { problem, ..Idle::default() }), context);
}

/// Leaves the stage for another that takes nothing over from it.
pub(super) fn replace_stage(flow: &mut Flow, next: Stage, context: &mut Context) {
    if let Some(faces) = flow.faces() {
        for preview in &faces.previews {
            if let Preview::Loading(job) = preview {
                context.push(Command::Abort { job: *job });
            }
        }
    }
    match mem::replace(&mut flow.stage, next) {
        Stage::Idle(_) | Stage::Choosing(_) => {}
        Stage::Identifying(identifying) => context.push(Command::Abort { job: identifying.phase.job() }),
        Stage::Submitted(submitted) => match submitted.state {
            SendState::Accepted { follow: Follow::Polling { job, .. }, .. }
            | SendState::Unknown { look_up: LookUp::Running { job, .. }, .. } => context.push(Command::Abort { job }),
            _ => {}
        },
        Stage::Done(done) => keep_as_previous(flow, done, context),
    }
}

/// Keeps a result until its successor is there. A failed task has nothing to show, so what was there before it stays.
pub(super) fn keep_as_previous(flow: &mut Flow, mut done: Done, context: &mut Context) {
    if done.outcome == Outcome::Failed {
        return;
    }
    if let Some(faces) = &mut done.faces {
        for preview in &mut faces.previews {
            if matches!(preview, Preview::Loading(_)) {
                *preview = Preview::None;
            }
        }
    }
    drop_previous(flow, context);
    flow.previous = Some(Box::new(done));
}

/// Lets go of the previous result and of what was still coming in for it.
pub(super) fn drop_previous(flow: &mut Flow, context: &mut Context) {
    if let Some(previous) = flow.previous.take() {
        for download in &previous.downloads {
            if let Download::Running { job, .. } = download {
                context.push(Command::Abort { job: *job });
            }
        }
    }
}
