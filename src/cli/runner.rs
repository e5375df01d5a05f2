//! Runs one job on the engine and reports each step on the console.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep, sleep_until};

use super::args::{JournalArgs, ServiceArgs};
use super::connection::{Connection, Hosted};
use super::console::Console;
use super::earlier::Earlier;
use super::faces::{FaceChoice, face_text, find_face};
use super::interrupts::Interrupts;
use super::progress::{self, Reminder};
use super::stop::Stop;
use super::{placement, report, words};
use crate::engine::{Engine, Journaling, Setup, local_days};
use crate::model::face::SESSION_LIFE_MS;
use crate::model::{Cost, Fitness, Problem, ProblemKind, Profile, ServiceCode, Verdict};
use crate::workflow::{Desk, Flow, Follow, LookUp, PauseReason, PersonEvent, SendState, Stage, Submitted};

/// How often it is looked whether something waits to be sent again.
const WAIT_TICK: Duration = Duration::from_millis(200);

/// The code with which a service refuses a task beyond those that it runs at once (wire contract §4).
pub(super) const NO_SLOT: ServiceCode = ServiceCode::Number(1303);

/// A running job.
pub struct Runner<'a> {
    /// The engine it runs on.
    pub engine: Engine,
    /// Where its messages go.
    pub console: &'a Console,
    /// Where each face's preview was saved.
    pub previews: Vec<Option<PathBuf>>,
    /// How fit the faces that were measured are, by their ids.
    pub fitness: BTreeMap<String, Fitness>,
    /// What its identify cost, where it sent one and the service says so.
    pub identify_cost: Option<Cost>,
    /// The job, where an earlier run began it.
    pub earlier: Option<Earlier>,
    /// The task that has its name, as the journal knows it.
    pub name_taken_by: Option<Value>,
    pub(super) sandbox: Hosted,
    pub(super) interrupts: Interrupts,
    /// The options that reach the same service again, for commands to type.
    service_options: String,
    last_line: Option<String>,
    /// When its time is over, by the monotonic clock.
    pub(super) deadline: Option<Instant>,
    /// How long it may take.
    pub(super) limit: Option<Duration>,
    /// The wait before a retry that was mentioned last.
    mentioned_wait_ms: Option<i64>,
    /// Whether it is waited for a slot where the service has none (1303); else that is the outcome.
    pub(super) waits_for_slots: bool,
}

impl<'a> Runner<'a> {
    /// Connects to the service of a profile. `pays`: the command is about to call what real services are paid for.
    ///
    /// # Errors
    /// The key is missing, the address is none, or the sandbox did not start.
    pub async fn connect(
        args: &ServiceArgs,
        profile: Profile,
        journal: &JournalArgs,
        pays: bool,
        console: &'a Console,
        adjust: impl FnOnce(&mut Setup),
    ) -> Result<Self, Problem> {
        // From now on a signal does not end the process by itself.
        let interrupts = Interrupts::listen()?;
        let Connection { setup, sandbox, service_options } =
            Connection::open(args, profile, journal, pays, console, adjust).await?;
        let sandbox = sandbox.map_or(Hosted::Elsewhere, Hosted::Here);
        Self::with(setup, sandbox, service_options, interrupts, console)
    }

    /// One of several jobs on a connection, which outlives it.
    ///
    /// # Errors
    /// The address is none.
    pub fn on(connection: &Connection, journal: Journaling, console: &'a Console) -> Result<Self, Problem> {
        let setup = connection.setup.clone().with_journal(journal);
        Self::with(
            setup,
            connection.shared_sandbox(),
            connection.service_options.clone(),
            Interrupts::listen()?,
            console,
        )
    }

    fn with(
        setup: Setup,
        sandbox: Hosted,
        service_options: String,
        interrupts: Interrupts,
        console: &'a Console,
    ) -> Result<Self, Problem> {
        let mut engine = Engine::new(tokio::runtime::Handle::current(), setup.profile.clone(), || {});
        engine.connect(setup)?;
        Ok(Self {
            engine,
            console,
            previews: Vec::new(),
            fitness: BTreeMap::new(),
            identify_cost: None,
            earlier: None,
            name_taken_by: None,
            sandbox,
            interrupts,
            service_options,
            last_line: None,
            deadline: None,
            limit: None,
            mentioned_wait_ms: None,
            waits_for_slots: true,
        })
    }

    /// From now on the job may take this long.
    pub fn limit(&mut self, limit: Duration) {
        // What is too far to be counted has no end.
        self.deadline = Instant::now().checked_add(limit);
        self.limit = Some(limit);
    }

    /// The state of the job.
    pub const fn flow(&self) -> &Flow {
        self.engine.flow()
    }

    /// Whether the sandbox was started for this command and ends with it.
    pub const fn has_own_sandbox(&self) -> bool {
        self.sandbox.is_own()
    }

    /// Whether the sandbox was started for this command, and its tasks end with it, too.
    pub fn tasks_end_with_it(&self) -> bool {
        self.sandbox.ends_with_job()
    }

    /// The options that reach the same service again.
    pub fn service_options(&self) -> &str {
        &self.service_options
    }

    /// Waits until `done` holds or no work is left.
    ///
    /// # Errors
    /// [`Stop::Interrupted`], [`Stop::TimedOut`].
    pub async fn until(&mut self, done: impl Fn(&Flow) -> bool) -> Result<(), Stop> {
        self.until_or(self.deadline, done).await
    }

    async fn until_or(&mut self, deadline: Option<Instant>, done: impl Fn(&Flow) -> bool) -> Result<(), Stop> {
        let began = Instant::now();
        let mut reminder = Reminder::default();
        let outcome = loop {
            self.report_progress();
            if done(self.engine.flow()) {
                break Ok(());
            }
            tokio::select! {
                more = self.engine.next() => if !more { break Ok(()) },
                () = self.interrupts.next() => break Err(Stop::Interrupted),
                () = sleep_until(deadline.unwrap_or(began)), if deadline.is_some() => break Err(Stop::TimedOut),
                // A wait before a retry wakes nobody.
                () = sleep(WAIT_TICK) => {}
                () = sleep_until(began + reminder.next()), if !self.console.has_bar() => {
                    let line = reminder.mention(self.last_line.as_deref().unwrap_or_default());
                    self.console.say(&line);
                }
            }
        };
        self.console.clear_progress();
        outcome
    }

    /// Writes what is new of a long wait, and shows how far it is.
    fn report_progress(&mut self) {
        self.report_warnings();
        if let Some(wait) = self.engine.wait() {
            if !self.waits_for_slots && wait.problem.code.as_ref() == Some(&NO_SLOT) {
                self.engine.give_up_wait();
                return;
            }
            let line = progress::of_wait(&wait, self.engine.now_ms());
            self.console.progress(&line, None);
            if self.mentioned_wait_ms != Some(wait.until_ms) {
                self.mentioned_wait_ms = Some(wait.until_ms);
                self.console.say(&line);
                self.last_line = Some(line);
            }
            return;
        }
        let Some((line, done)) = progress::of(self.engine.flow()) else { return };
        self.console.progress(&line, done);
        if self.last_line.as_ref() != Some(&line) {
            self.console.say(&line);
            self.last_line = Some(line);
        }
    }

    pub(super) fn report_warnings(&mut self) {
        while let Some(warning) = self.engine.flow().warnings.first() {
            let hint = warning.hint.as_ref().map(|hint| format!(". {hint}")).unwrap_or_default();
            self.console.warn(&format!("{warning}{hint}"));
            self.engine.dispatch(PersonEvent::DismissWarning);
        }
    }

    /// Waits until the local files are probed, and reports what was found.
    ///
    /// # Errors
    /// The voice could not be converted to WAV; or an interruption.
    pub async fn probe(&mut self, send_anyway: bool) -> Result<(), Stop> {
        let is_probing = |desk: &Desk| {
            [desk.clip_probe.job(), desk.voice_probe.job(), desk.voice_as_wav.job()].iter().any(Option::is_some)
        };
        self.until(|flow| !is_probing(&flow.desk)).await?;
        let desk = &self.engine.flow().desk;
        if let Some(problem) = desk.voice_as_wav.problem() {
            return Err(problem.clone().into());
        }
        if let Some(clip) = desk.clip_probe.known() {
            self.console.say(&report::clip_line(clip));
        }
        if let Some(voice) = desk.voice_probe.known() {
            self.console.say(&report::voice_line(voice));
        }
        progress::rules(self.console, self.engine.flow().rules(), send_anyway);
        if desk
            .voice_rules
            .iter()
            .any(|report| report.rule == "audio.format" && matches!(report.verdict, Verdict::Warn(_)))
        {
            self.console.hint(&words::as_wav_hint());
        }
        self.hint_at_cures(send_anyway);
        Ok(())
    }

    /// Finds the faces.
    ///
    /// # Errors
    /// A broken rule, a refusal, no face, no answer; or an interruption.
    pub async fn identify(&mut self, send_anyway: bool) -> Result<(), Stop> {
        self.engine.dispatch(PersonEvent::Identify { send_anyway });
        self.until(|flow| !matches!(flow.stage, Stage::Identifying(_))).await?;
        let session = match &self.flow().stage {
            Stage::Choosing(choosing) => Some(&choosing.faces.session),
            Stage::Idle(idle) => idle.faceless.as_deref(),
            _ => None,
        };
        let is_recalled = self.flow().faces().is_some_and(|faces| faces.recalled);
        self.identify_cost = session.filter(|_| !is_recalled).and_then(|session| session.cost.clone());
        if !matches!(self.flow().stage, Stage::Choosing(_)) {
            return Err(self.problem_or(words::faces_not_found()).into());
        }
        let faces = self.flow().faces().map(|faces| faces.session.faces.as_slice()).unwrap_or_default();
        self.console.say(&words::faces_found(faces.len()));
        if let Some(faces) = self.flow().faces().filter(|faces| faces.recalled) {
            let begun_ms = faces.session.begun_at_ms;
            let (from, until) =
                [0, SESSION_LIFE_MS].map(|after_ms| local_days::minute(begun_ms.saturating_add(after_ms))).into();
            self.console.say(&words::faces_recalled(from, until));
        }
        Ok(())
    }

    /// Chooses a face.
    ///
    /// # Errors
    /// There is no such face, or there are several and none was named.
    pub fn choose(&mut self, choice: &FaceChoice) -> Result<(), Problem> {
        let faces = self.flow().faces().map(|faces| faces.session.faces.clone()).unwrap_or_default();
        let (face, note) = find_face(&faces, choice)?;
        if let Some(note) = note {
            self.console.note(&note);
        }
        self.console.say(&words::face_line(face_text(&faces, &face)));
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
            self.console.say(&placement::line(placement));
            let facts = self.flow().desk.facts(&choosing.faces);
            for note in placement::note_lines(placement, &facts, choosing.faces.chosen_number()) {
                self.console.note(&note);
            }
            progress::rules(self.console, &choosing.rules, send_anyway);
        }
        self.engine.submit(send_anyway);
        if !matches!(self.flow().stage, Stage::Submitted(_)) {
            let problem = self.problem_or(words::not_submitted());
            return Err(placement::explain(problem, self.flow()).into());
        }
        // Before its answer is waited for, so that the task can be found again whatever happens to this process.
        let name = report::external_task_id(self.flow()).unwrap_or_default().to_owned();
        self.console.say(&words::part_external_task_id(&name));
        self.until_created().await?;
        match &self.flow().stage {
            Stage::Submitted(Submitted { state: SendState::Accepted { .. }, .. }) | Stage::Done(_) => Ok(()),
            Stage::Submitted(Submitted { state: SendState::Unknown { problem, look_up }, .. }) => {
                Err(self.unknown_outcome(problem, look_up).into())
            }
            Stage::Submitted(Submitted { state: SendState::NameTaken { problem, task }, .. }) => {
                Err(self.name_taken(problem, task.as_deref()).into())
            }
            _ => Err(self.of_create().await.into()),
        }
    }

    /// A refusal with what else may be behind it: that the service does not have the session any more that was taken up again.
    pub(super) fn of_recalled(&self, problem: Problem) -> Problem {
        let is_recalled = self.flow().faces().is_some_and(|faces| faces.recalled);
        if !is_recalled || problem.kind != ProblemKind::Refused {
            return problem;
        }
        let hint = problem.hint.iter().cloned().chain([words::recalled_refused_hint()]).collect::<Vec<_>>().join(". ");
        problem.with_hint(hint)
    }

    /// Waits for the answer to a create, and for the look-up of an unclear one. The first interruption, or the end of the time, does not
    /// end the wait for a create that is under way: an answer that is not read could be a task that is paid and lost. One that waits to be
    /// sent again is not sent any more.
    async fn until_created(&mut self) -> Result<(), Stop> {
        let settled = |flow: &Flow| match &flow.stage {
            Stage::Submitted(submitted) => !matches!(
                submitted.state,
                SendState::Sent { .. } | SendState::Unknown { look_up: LookUp::Running { .. }, .. }
            ),
            _ => true,
        };
        let stop = match self.until(settled).await {
            Err(stop @ (Stop::Interrupted | Stop::TimedOut)) => stop,
            outcome => return outcome,
        };
        let is_under_way = self.engine.wait().is_none();
        self.engine.stop_creates();
        if is_under_way {
            self.console.say(&words::create_under_way());
        }
        self.until_or(None, settled).await?;
        match &self.flow().stage {
            // It would have been sent again; now it is not, and nothing was created.
            Stage::Submitted(Submitted { state: SendState::Refused(problem), .. }) if problem.transient => Err(stop),
            // The task goes on at the service.
            Stage::Submitted(Submitted { state: SendState::Accepted { .. }, .. }) => Err(stop),
            _ => Ok(()),
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
            _ => Err(self.problem_or(words::not_followed()).into()),
        }
    }

    /// The problem that the workflow reports, or one of these words.
    pub fn problem_or(&self, words: String) -> Problem {
        self.flow().stage.problem().cloned().unwrap_or_else(|| Problem::new(ProblemKind::Internal, words))
    }
}
