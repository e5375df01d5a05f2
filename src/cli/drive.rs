//! Drives the engine through one job, telling each step as it comes.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::args::Global;
use super::console::Console;
use super::faces::{Wish, face_text, find_face};
use super::files::{fresh_name, numbered};
use super::interrupts::Interrupts;
use super::{connect, exit, report, tell};
use crate::engine::{Engine, Setup};
use crate::model::interval::clock_text;
use crate::model::{Problem, ProblemKind, Profile, Verdict};
use crate::sandbox::Sandbox;
use crate::workflow::{Desk, Download, Flow, Follow, LookUp, PauseReason, PersonEvent, SendState, Stage, Submitted};

/// Why a job did not come to its end.
#[derive(Debug)]
pub enum Stop {
    /// Something is wrong.
    Problem(Box<Problem>),
    /// A person wants to stop.
    Interrupted,
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

/// A job under way.
pub struct Drive<'a> {
    /// What carries it out.
    pub engine: Engine,
    /// Where its words go.
    pub console: &'a Console,
    /// Where each face's preview was saved.
    pub previews: Vec<Option<PathBuf>>,
    sandbox: Option<Sandbox>,
    interrupts: Interrupts,
    flags: String,
    told: Option<String>,
}

impl<'a> Drive<'a> {
    /// Connects to the service of a profile.
    ///
    /// # Errors
    /// The key is missing, the address is none, or the sandbox did not start.
    pub async fn connect(
        global: &Global,
        profile: Profile,
        console: &'a Console,
        settle: impl FnOnce(&mut Setup),
    ) -> Result<Self, Problem> {
        let of_signals =
            |err: std::io::Error| Problem::new(ProblemKind::Internal, format!("No signals from the system: {err}"));
        let interrupts = Interrupts::listen().map_err(of_signals)?;
        let flags = connect::flags(global, &profile);
        let (mut setup, sandbox) = connect::connect(profile).await?;
        settle(&mut setup);
        let mut engine = Engine::new(tokio::runtime::Handle::current(), setup.profile.clone(), || {});
        engine.connect(setup)?;
        if let Some(sandbox) = &sandbox {
            console.say(&format!("Sandbox started for this command at {}", sandbox.base_url()));
        }
        Ok(Self { engine, console, previews: Vec::new(), sandbox, interrupts, flags, told: None })
    }

    /// Everything there is to know.
    pub const fn flow(&self) -> &Flow {
        self.engine.flow()
    }

    /// Whether the sandbox lives and ends with this command.
    pub const fn has_own_sandbox(&self) -> bool {
        self.sandbox.is_some()
    }

    /// Waits until `done` holds or nothing is under way any more.
    ///
    /// # Errors
    /// [`Stop::Interrupted`].
    pub async fn until(&mut self, done: impl Fn(&Flow) -> bool) -> Result<(), Stop> {
        let outcome = loop {
            self.tell();
            if done(self.engine.flow()) {
                break Ok(());
            }
            tokio::select! {
                more = self.engine.next() => if !more { break Ok(()) },
                () = self.interrupts.next() => break Err(Stop::Interrupted),
            }
        };
        self.console.progress_over();
        outcome
    }

    /// Says what is new of a long wait, and shows how far it is.
    fn tell(&mut self) {
        let Some((line, done)) = tell::of(self.engine.flow()) else { return };
        self.console.progress(&line, done);
        if self.told.as_ref() != Some(&line) {
            self.console.say(&line);
            self.told = Some(line);
        }
    }

    /// Waits for the looks into local files, and tells what they found.
    ///
    /// # Errors
    /// [`Stop::Interrupted`].
    pub async fn look(&mut self, send_anyway: bool) -> Result<(), Stop> {
        let looking = |desk: &Desk| {
            [desk.clip_probe.job(), desk.voice_probe.job(), desk.voice_as_wav.job()].iter().any(Option::is_some)
        };
        self.until(|flow| !looking(&flow.desk)).await?;
        let desk = &self.engine.flow().desk;
        if let Some(problem) = desk.voice_as_wav.problem() {
            return Err(problem.clone().into());
        }
        if let Some(clip) = desk.clip_probe.known() {
            self.console.say(&format!(
                "Clip: {}, {}×{}, {}, {:.3} fps, {}{}",
                clip.container,
                clip.width_px,
                clip.height_px,
                clock_text(clip.duration_ms),
                clip.fps,
                clip.video_codec,
                clip.audio_codec.as_ref().map_or(", no sound".to_owned(), |codec| format!(", sound {codec}")),
            ));
        }
        if let Some(voice) = desk.voice_probe.known() {
            self.console.say(&format!(
                "Voice: {}, {}, {} Hz",
                voice.format,
                clock_text(voice.duration_ms),
                voice.sample_rate_hz
            ));
        }
        tell::rules(self.console, self.engine.flow().rules(), send_anyway);
        if desk
            .voice_rules
            .iter()
            .any(|report| report.rule == "audio.format" && matches!(report.verdict, Verdict::Warn(_)))
        {
            self.console.say("hint: --as-wav sends it as WAV");
        }
        Ok(())
    }

    /// Finds the faces.
    ///
    /// # Errors
    /// A broken rule, a refusal, no face, no answer; or an interruption.
    pub async fn identify(&mut self, send_anyway: bool) -> Result<(), Stop> {
        self.engine.dispatch(PersonEvent::Identify { send_anyway });
        self.until(|flow| !matches!(flow.stage, Stage::Identifying(_))).await?;
        if !matches!(self.flow().stage, Stage::Choosing(_)) {
            return Err(self.problem_or("The faces were not found").into());
        }
        let faces = self.flow().faces().map(|faces| faces.session.faces.as_slice()).unwrap_or_default();
        self.console.say(&format!(
            "{} found",
            if faces.len() == 1 { "1 face".to_owned() } else { format!("{} faces", faces.len()) }
        ));
        Ok(())
    }

    /// Chooses a face.
    ///
    /// # Errors
    /// There is no such face, or there are several and none was named.
    pub fn choose(&mut self, wish: &Wish) -> Result<(), Problem> {
        let faces = self.flow().faces().map(|faces| faces.session.faces.clone()).unwrap_or_default();
        let (face, note) = find_face(&faces, wish)?;
        if let Some(note) = note {
            self.console.say(&note);
        }
        self.console.say(&format!("Face: {}", face_text(&faces, &face)));
        self.engine.dispatch(PersonEvent::ChooseFace(face.face_id));
        Ok(())
    }

    /// Submits and waits until the task is accepted.
    ///
    /// # Errors
    /// A broken rule, a refusal, an unclear outcome; or an interruption before the create was sent.
    pub async fn submit(&mut self, send_anyway: bool) -> Result<(), Stop> {
        if let Stage::Choosing(choosing) = &self.flow().stage
            && let Some(placement) = &choosing.placement
        {
            self.console.say(&format!(
                "Placement: {} to {} of the voice, at {} of the clip",
                clock_text(placement.sound_start_time),
                clock_text(placement.sound_end_time),
                clock_text(placement.sound_insert_time),
            ));
            tell::rules(self.console, &choosing.rules, send_anyway);
        }
        self.engine.submit(send_anyway);
        if !matches!(self.flow().stage, Stage::Submitted(_)) {
            return Err(self.problem_or("The task was not submitted").into());
        }
        // Before the create is sent, so that the task can be found again whatever happens to this process.
        let name = report::external_task_id(self.flow()).unwrap_or_default().to_owned();
        self.console.say(&format!("external_task_id: {name}"));
        self.until_created().await?;
        match &self.flow().stage {
            Stage::Submitted(Submitted { state: SendState::Accepted { .. }, .. }) | Stage::Done(_) => Ok(()),
            _ => Err(self.problem_or("The task was not created").into()),
        }
    }

    /// Waits for the answer to a create, and for the look-up of an unclear one. A first interruption is not heeded: an answer
    /// that nobody waits for could be a task that is paid and lost.
    async fn until_created(&mut self) -> Result<(), Stop> {
        let settled = |flow: &Flow| match &flow.stage {
            Stage::Submitted(submitted) => !matches!(
                submitted.state,
                SendState::Intended { .. }
                    | SendState::Sent { .. }
                    | SendState::Unknown { look_up: LookUp::Running { .. }, .. }
            ),
            _ => true,
        };
        match self.until(settled).await {
            Err(Stop::Interrupted) => {
                self.console.say("The create is on its way: waiting for its answer. Interrupt again to leave with the outcome unknown");
                self.until(settled).await
            }
            outcome => outcome,
        }
    }

    /// Waits for the end of the task.
    ///
    /// # Errors
    /// It failed, is paused, or cannot be asked for.
    pub async fn follow(&mut self) -> Result<(), Stop> {
        let ended = |flow: &Flow| match &flow.stage {
            Stage::Submitted(Submitted { state: SendState::Accepted { follow, .. }, .. }) => {
                matches!(follow, Follow::Paused(_))
            }
            _ => true,
        };
        self.until(ended).await?;
        match &self.flow().stage {
            Stage::Done(done) => match &done.problem {
                Some(problem) => Err(problem.clone().into()),
                None => Ok(()),
            },
            Stage::Submitted(Submitted {
                state: SendState::Accepted { follow: Follow::Paused(reason), .. }, ..
            }) => match reason {
                PauseReason::Once | PauseReason::Person => Ok(()),
                PauseReason::Stopped(problem) => Err(problem.clone().into()),
                PauseReason::Limit(last) => Err(self.paused(last.as_ref()).into()),
            },
            _ => Err(self.problem_or("The task is not followed").into()),
        }
    }

    /// The problem that a paused task is, with the way to resume it.
    fn paused(&self, last: Option<&Problem>) -> Problem {
        let limit_s = self.flow().terms.poll_limit_ms as f64 / 1000.0;
        let task_id = report::task_id(self.flow()).unwrap_or_default();
        let mut words = format!("Task {task_id} is not done after {limit_s} s");
        if let Some(last) = last {
            words = format!("{words}; the last poll brought nothing: {last}");
        }
        Problem::new(ProblemKind::Paused, words).with_hint(self.how_to_resume(task_id))
    }

    fn how_to_resume(&self, task_id: &str) -> String {
        if self.has_own_sandbox() {
            return "The sandbox was started for this command and ends with it, and the task with it. Start `viseme sandbox` and \
                    give its address with --base-url for tasks that outlive a command"
                .to_owned();
        }
        format!("It goes on at the service. Resume with: viseme task {} --wait{}", connect::quoted(task_id), self.flags)
    }

    /// Saves every video of the task that is done: the first as `out`, or under a fresh name. Prints where.
    ///
    /// # Errors
    /// One of them could not be fetched or written.
    pub async fn save(&mut self, out: Option<&Path>, stem: &str) -> Result<(), Stop> {
        let Stage::Done(done) = &self.flow().stage else { return Ok(()) };
        for index in 0..done.downloads.len() {
            let to = match (out, index) {
                (Some(out), 0) => out.to_owned(),
                (Some(out), index) => numbered(out, index + 1),
                (None, _) => fresh_name(Path::new(""), stem, "mp4"),
            };
            self.engine.dispatch(PersonEvent::Download { index, to });
            self.until(|flow| !matches!(download(flow, index), Some(Download::Running { .. }))).await?;
            match download(self.flow(), index) {
                Some(Download::Saved { path, sha256, size_bytes }) => {
                    self.console.say(&format!("Saved {} ({size_bytes} bytes, SHA-256 {sha256})", path.display()));
                }
                Some(Download::Failed(problem)) => {
                    let task_id = report::task_id(self.flow()).unwrap_or_default();
                    let words = format!("The task is done, and its result could not be saved: {}", problem.message);
                    let again = if self.has_own_sandbox() {
                        // The sandbox ends with this command, and the result with it.
                        "run the command again once there is room; it costs nothing in the sandbox".to_owned()
                    } else {
                        let again = format!("viseme task {} --out FILE{}", connect::quoted(task_id), self.flags);
                        format!("fetch it again with: {again}")
                    };
                    let hint = problem.hint.iter().cloned().chain([again]).collect::<Vec<_>>().join("; ");
                    return Err(Problem { message: words, hint: Some(hint), ..problem.clone() }.into());
                }
                _ => return Err(self.problem_or("The result was not saved").into()),
            }
        }
        Ok(())
    }

    fn problem_or(&self, words: &str) -> Problem {
        self.flow().stage.problem().cloned().unwrap_or_else(|| Problem::new(ProblemKind::Internal, words))
    }

    /// Ends the job: what went wrong for people, the object where that is wanted, the sandbox. Answers the exit code.
    pub async fn end(mut self, outcome: Result<(), Stop>) -> u8 {
        let problem = match outcome {
            Ok(()) => None,
            Err(Stop::Problem(problem)) => Some(*problem),
            Err(Stop::Interrupted) => Some(self.interrupted()),
        };
        self.console.progress_over();
        if let Some(problem) = &problem {
            self.console.problem(problem);
        }
        let object = report::of_engine(&self.engine, &self.previews, problem.as_ref());
        if let Some(sandbox) = self.sandbox.take() {
            drop(self.engine);
            sandbox.shutdown().await;
        }
        let code = problem.as_ref().map_or(exit::DONE, exit::of);
        finish(self.console, &object, code)
    }

    /// What an interruption means depends on what is on its way.
    fn interrupted(&self) -> Problem {
        let stopped = |words: &str| Problem::new(ProblemKind::Cancelled, words);
        match &self.flow().stage {
            Stage::Submitted(Submitted { state, .. }) => {
                let name = report::external_task_id(self.flow()).unwrap_or_default();
                match state {
                    SendState::Intended { .. } => stopped("Stopped before the task was created"),
                    SendState::Sent { .. } | SendState::Unknown { .. } => Problem::new(
                        ProblemKind::OutcomeUnknown,
                        "Stopped while the create was on its way: nobody knows whether the task was created",
                    )
                    .with_hint(format!(
                        "Look for {name} at the service before you send it again: a second task would be paid as well"
                    )),
                    SendState::Refused(problem) => problem.clone(),
                    SendState::Accepted { task_id, .. } => {
                        Problem::new(ProblemKind::Paused, format!("Stopped while task {task_id} was followed"))
                            .with_hint(self.how_to_resume(task_id))
                    }
                }
            }
            Stage::Done(done) => Problem::new(ProblemKind::Paused, "Stopped while the result was being saved")
                .with_hint(self.how_to_resume(&done.task.task_id)),
            _ => stopped("Stopped before anything was created"),
        }
    }
}

/// Writes the object where that is wanted. Answers the exit code: a stdout that cannot be written is a failure of its own.
pub fn finish(console: &Console, object: &Value, code: u8) -> u8 {
    if !console.is_json() {
        return code;
    }
    match console.object(object) {
        Ok(()) => code,
        Err(err) => {
            console.say(&format!("error: stdout cannot be written: {err}"));
            if code == exit::DONE { exit::USAGE } else { code }
        }
    }
}

fn download(flow: &Flow, index: usize) -> Option<&Download> {
    match &flow.stage {
        Stage::Done(done) => done.downloads.get(index),
        _ => None,
    }
}
