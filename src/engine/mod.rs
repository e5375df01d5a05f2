//! Carries out the workflow's commands: each as a promise on tokio, its answer turned into the next event.
//!
//! Window and command line share it: they [`Engine::dispatch`] what a person wants and show [`Engine::flow`]. The window calls
//! [`Engine::pump`] in its logic phase; the command line waits with [`Engine::next`].

mod carry;
mod job;
mod keys;
mod look;
mod scratch;
mod setup;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::Notify;

use self::carry::Carrier;
use self::job::Jobs;
pub use self::keys::{KEY_VARIABLES, credentials_from, credentials_from_env};
use self::scratch::Scratch;
pub use self::setup::Setup;
use crate::model::{Problem, ProblemKind, Profile};
pub use crate::service::schedule::is_loopback;
use crate::service::{Client, Clock, Fetcher};
pub use crate::service::{Credentials, Exchange, KEPT_BODY_BYTES, Lookup, Recorder, Timing, Wait};
use crate::workflow::{Command, Event, Flow, JobEvent, PersonEvent, Terms, step};

/// For so long answers are taken in at once: a window has its frames to draw.
const PUMP_BUDGET: Duration = Duration::from_millis(4);

/// Drives one [`Flow`]. Belongs to one thread; the work itself runs on tokio.
pub struct Engine {
    runtime: Handle,
    flow: Flow,
    jobs: Jobs,
    carrier: Carrier,
    profile: Profile,
    clock: Clock,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("profile", &self.profile.name)
            .field("stage", &self.flow.stage.word())
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine before a service that is not connected yet: until [`Engine::connect`], what needs it answers with a problem.
    ///
    /// `wake` is called, from any thread, whenever there is something for [`Engine::pump`].
    #[must_use]
    pub fn new(runtime: Handle, profile: Profile, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let notify = Arc::new(Notify::new());
        let told = Arc::clone(&notify);
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
            told.notify_one();
            wake();
        });
        let carrier = Carrier {
            client: None,
            fetcher: Fetcher::default(),
            recorder: Recorder::default(),
            poll_interval_ms: None,
            poll_limit_ms: None,
            identify_limit_ms: None,
            scratch: Scratch::default(),
            seed: getrandom::u64().unwrap_or(0x9E37_79B9_7F4A_7C15),
        };
        let flow = Flow::new(Terms::of(&profile));
        Self { runtime, flow, jobs: Jobs::new(notify, wake), carrier, profile, clock: Clock::system() }
    }

    /// Connects to a service, now or instead of the one before. Nothing is sent.
    ///
    /// Leads to `Idle` with the desk kept: a session belongs to its service. With the service that is there already only keys and
    /// address change, and the stage stays.
    ///
    /// # Errors
    /// [`ProblemKind::Usage`]: the flow is busy with a task, or the base URL is none. Nothing changed.
    pub fn connect(&mut self, setup: Setup) -> Result<(), Problem> {
        if let Some(reason) = self.flow.busy_with() {
            return Err(Problem::new(ProblemKind::Usage, format!("The service cannot be changed now. {reason}")));
        }
        let terms = setup.terms();
        let client = Client::new(setup.profile.clone(), setup.credentials, self.carrier.recorder.clone())?;
        self.carrier.client = Some(client);
        self.carrier.poll_interval_ms = setup.poll_interval_ms;
        self.carrier.poll_limit_ms = setup.poll_limit_ms;
        self.carrier.identify_limit_ms = setup.identify_limit_ms;
        self.profile = setup.profile;
        self.dispatch(PersonEvent::SwitchService(terms));
        Ok(())
    }

    /// Whether a service is connected.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        self.carrier.client.is_some()
    }

    /// Everything there is to show.
    #[must_use]
    pub const fn flow(&self) -> &Flow {
        &self.flow
    }

    /// The service talked to.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The exchanges with the service so far.
    #[must_use]
    pub const fn recorder(&self) -> &Recorder {
        &self.carrier.recorder
    }

    /// What is waited for before it is sent again, where anything is.
    #[must_use]
    pub fn wait(&self) -> Option<Wait> {
        self.carrier.recorder.waits().current()
    }

    /// Ends that wait: what was to be sent again is not, and ends with the refusal it waited for.
    pub fn give_up_wait(&self) {
        self.carrier.recorder.waits().give_up();
    }

    /// How many requests were sent to the service so far.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.carrier.recorder.requests()
    }

    /// The engine's time of day: milliseconds since the epoch.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Tells the workflow what happened and starts what follows from it. Never blocks.
    pub fn dispatch(&mut self, event: impl Into<Event>) {
        // `step` takes the flow whole; an empty one stands in its place for that moment.
        let flow = std::mem::replace(&mut self.flow, Flow::new(Terms::of(&self.profile)));
        let (flow, commands) = step(flow, event.into(), self.clock.now_ms());
        self.flow = flow;
        for command in commands {
            self.carry_out(command);
        }
    }

    /// Submits under a fresh name, unless the person gave one.
    pub fn submit(&mut self, send_anyway: bool) {
        match fresh_external_task_id() {
            Ok(fresh_external_task_id) => self.dispatch(PersonEvent::Submit { fresh_external_task_id, send_anyway }),
            // Without random numbers there is no name that is surely unique, so nothing is sent.
            Err(err) => tracing::error!("no random numbers from the system: {err}"),
        }
    }

    /// Takes in what is ready, as far as there is time for it in a frame; of the rest it is told at once. Never blocks. Answers
    /// whether anything changed.
    pub fn pump(&mut self) -> bool {
        let began = Instant::now();
        let mut changed = false;
        while let Some((job, answer)) = self.jobs.take_ready() {
            self.dispatch(Event::Job { job, answer });
            changed = true;
            if began.elapsed() >= PUMP_BUDGET {
                self.jobs.wake();
                break;
            }
        }
        changed
    }

    /// Looks for a task by our own name for it. Changes nothing of the flow.
    ///
    /// # Errors
    /// As [`Client::find_by_name`].
    pub async fn find_task(&self, external_task_id: &str) -> Result<Lookup, Problem> {
        self.carrier.client()?.find_by_name(external_task_id).await
    }

    /// Whether any job is under way.
    #[must_use]
    pub fn is_working(&self) -> bool {
        !self.jobs.is_empty()
    }

    /// Waits until something changed, and takes it in. `false`: nothing is under way, so nothing will.
    ///
    /// May be dropped at any time without losing anything.
    pub async fn next(&mut self) -> bool {
        loop {
            if self.pump() {
                return true;
            }
            if !self.is_working() {
                return false;
            }
            self.jobs.notified().await;
        }
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Abort { job } => self.jobs.abort(job),
            // The journal's place: until an intent is written down, nothing is sent.
            Command::RecordIntent { job, .. } => self.jobs.ready(job, JobEvent::IntentRecorded(Ok(()))),
            command => {
                let job = command.job();
                let (progress, progress_of_job) = job::progress();
                let work = self.carrier.carry(command, progress);
                self.jobs.spawn(&self.runtime, job, work, progress_of_job);
            }
        }
    }
}

/// A name for a task that no other has: `viseme-` and 16 hexadecimal digits.
fn fresh_external_task_id() -> Result<String, getrandom::Error> {
    Ok(format!("viseme-{:016x}", getrandom::u64()?))
}
