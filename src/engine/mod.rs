//! Executes the workflow's commands: each as a promise on tokio, its answer turned into the next event.
//!
//! Window and command line share it: they [`Engine::dispatch`] what a person wants and show [`Engine::flow`]. The window calls
//! [`Engine::pump`] in its logic phase; the command line waits with [`Engine::next`].

mod account;
mod beside;
mod copies;
mod create;
mod dead_address;
mod demo;
mod download;
mod execute;
mod expiring;
mod identify;
mod job;
mod journal_access;
mod keys;
mod known_clips;
mod leftovers;
pub mod local_days;
mod probe;
mod proof;
mod queue;
mod scratch;
mod setup;
pub mod shell;
mod speech;
mod spending;
mod storage;
mod task_document;
mod wishes;
pub mod words;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::Notify;

pub use self::account::{AccountReport, LedgerRow};
use self::beside::Followed;
pub use self::copies::{CopyKind, Likeness, There, copy_path};
pub use self::demo::Demo;
use self::execute::Executor;
pub use self::expiring::{Expiring, expiring_soon};
use self::identify::PendingIdentifies;
use self::job::{Jobs, Runtime};
pub use self::journal_access::JournalAccess;
pub use self::keys::{
    EnvironmentKey, FoundKey, FoundStorageKeys, KEY_HINT, KEY_VARIABLES, KeySearch, KeySource, STORAGE_KEY_VARIABLES,
    StorageKeySearch, credentials_of, entered_key, entered_storage_keys, environment_key, environment_key_in,
    file_problem, find_key, find_storage_keys,
};
use self::known_clips::UploadedFiles;
use self::leftovers::Leftovers;
pub use self::leftovers::Settling;
pub use self::queue::{Halt, MadeOf, Queue, QueueJob, QueueState, submission_of};
use self::scratch::Scratch;
pub use self::setup::{Journaling, Setup};
pub use self::speech::{speech_estimate, spoken_folder, spoken_path};
pub use self::spending::{identify_estimate, spent_on_day, unit_of};
pub use self::storage::{KnownFile, KnownObject, Storage, StoredObject};
pub use self::task_document::task_document;
use self::wishes::Wishes;
use crate::journal::Service;
use crate::media;
use crate::model::{Problem, ProblemKind, Profile, ServiceCheck};
pub use crate::service::use_proxy;
use crate::service::world::World;
use crate::service::{Client, FetchLimits, Fetcher, Limits, SeenContents, Waits};
pub use crate::service::{Clock, Credentials, Exchange, KEPT_BODY_BYTES, Looked, Recorder, Timing, Wait};
pub use crate::service::{known_names, reach_names_at, trust_ca_file};
use crate::workflow::{Command, Event, Flow, Now, PersonEvent, Stage, Terms, step};

/// How long answers are applied in one go: a window has its frames to draw.
const PUMP_BUDGET: Duration = Duration::from_millis(4);

pub use crate::journal::Retention;
/// The journal, for the floors above.
pub mod journal {
    pub use crate::journal::{
        Change, Cursor, Described, Desk, HistoryPage, HistoryQuery, HistoryRow, Intent, IntentId, IntentState, Journal,
        JournalError, KeptVerdict, KnownVideo, Origin, Owner, Phase, Preview, Refusal, SavedResult, Service,
        SessionRecord, Settled, SpeechId, SpeechOutcome, SpeechRecord, Take, TaskRecord, default_file, set_aside_files,
    };
}

/// Drives one [`Flow`]. Belongs to one thread; the work itself runs on tokio.
pub struct Engine {
    runtime: Runtime,
    flow: Flow,
    jobs: Jobs,
    executor: Executor,
    profile: Profile,
    /// Whether nothing is connected, and what the flow has belongs to that profile already.
    expects: bool,
    clock: Clock,
    /// The work on what earlier processes left.
    leftovers: Option<Leftovers>,
    /// How often that settled something.
    settled: Arc<AtomicU64>,
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
    /// An engine without a service: until [`Engine::connect`], what needs it ends with a problem.
    ///
    /// `wake` is called, from any thread, whenever there is something for [`Engine::pump`].
    #[must_use]
    pub fn new(runtime: Handle, profile: Profile, wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self::with(Runtime::Tokio(runtime), profile, Clock::system(), wake)
    }

    /// An engine in a simulation: its jobs, its times and its chances are those of `world`.
    #[must_use]
    pub fn in_world(world: Arc<dyn World>, profile: Profile) -> Self {
        Self::with(Runtime::World(Arc::clone(&world)), profile, Clock::of_world(world), || ())
    }

    fn with(runtime: Runtime, profile: Profile, clock: Clock, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let notify = Arc::new(Notify::new());
        let notified = Arc::clone(&notify);
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
            notified.notify_one();
            wake();
        });
        let recorder = Recorder::default();
        let executor = Executor {
            client: None,
            fetcher: Fetcher::new(FetchLimits::default(), recorder.clone(), media::wholeness),
            recorder,
            waits: Waits::default(),
            identify_limit_ms: None,
            wishes: Wishes::default(),
            queue: None,
            storage: None,
            journal: Journaling::Off,
            service: Service::of(&profile),
            accounts: Vec::new(),
            seen: SeenContents::default(),
            uploaded: UploadedFiles::default(),
            pending: PendingIdentifies::default(),
            scratch: Scratch::default(),
            seed: clock.random(),
            clock: clock.clone(),
        };
        let flow = Flow::new(Terms::of(&profile));
        let jobs = Jobs::new(notify, wake);
        let (leftovers, settled) = (None, Arc::default());
        Self { runtime, flow, jobs, executor, profile, expects: true, clock, leftovers, settled }
    }

    /// Connects to a service, now or instead of the one before. Nothing is sent.
    ///
    /// With the same service as before (profile name, dialect, base URL and prefix) only the key and the bounds change: stage, session
    /// and task stay, and what is paused can be resumed. Another service leads to `Idle` with the desk kept: a session belongs to its
    /// service.
    ///
    /// # Errors
    /// [`ProblemKind::Usage`]: the base URL is not an address; or it is another service while a create is in progress or a task is not
    /// at its end ([`Flow::loses`]). Nothing changed.
    pub fn connect(&mut self, setup: Setup) -> Result<(), Problem> {
        let is_known = self.executor.client.is_some() || self.expects;
        let is_same = is_known && Service::of(&self.profile) == Service::of(&setup.profile);
        if !is_same {
            self.may_change_service()?;
        }
        let terms = setup.terms();
        let (limits, clock) = (Limits::default(), self.clock.clone());
        let recorder = self.executor.recorder.clone();
        let client = Client::with_limits(setup.profile.clone(), setup.credentials.clone(), recorder, limits, clock)?;
        self.work_beside(&setup, &client, is_same);
        let is_same_account = is_same && self.executor.client.as_ref().is_some_and(Client::key_is_refused);
        self.executor.client = Some(client.with_waits(self.executor.waits.clone()));
        self.executor.fetcher = self.executor.fetcher.of_service(&setup.profile);
        self.executor.identify_limit_ms = setup.identify_limit_ms;
        self.executor.storage = setup.storage().map(|storage| storage.recorded_by(self.executor.recorder.clone()));
        // A sandbox has a new key at each start. One that goes on with its state has one account all the same; the sessions of another end with it,
        // and so are nobody's later.
        let goes_on = setup.profile.is_sandbox() && setup.keeps_state;
        let account = if goes_on { String::new() } else { setup.credentials.account_mark() };
        // A key that comes in place of one that was refused is of the same account; any other may be of another.
        let same = std::mem::take(&mut self.executor.accounts)
            .into_iter()
            .filter(|known| is_same_account || *known == account);
        self.executor.accounts =
            std::iter::once(account.clone()).chain(same.filter(|known| *known != account)).collect();
        self.executor.service = setup.service;
        self.executor.use_journal(setup.journal);
        self.profile = setup.profile;
        self.expects = false;
        self.dispatch(if is_same { PersonEvent::ChangeTerms(terms) } else { PersonEvent::SwitchService(terms) });
        Ok(())
    }

    /// Switches to a service that is not connected yet, for example because its key is missing: what is put on the desk from now on
    /// belongs to it, and stays when it is connected. A task can be followed: it is paused until then.
    ///
    /// # Errors
    /// As [`Engine::connect`]: nothing changed.
    pub fn expect(&mut self, profile: Profile) -> Result<(), Problem> {
        self.may_change_service()?;
        self.leftovers = None;
        self.executor.queue = None;
        self.executor.client = None;
        self.executor.accounts.clear();
        self.executor.storage = None;
        self.executor.service = Service::of(&profile);
        self.executor.fetcher = self.executor.fetcher.of_service(&profile);
        self.dispatch(PersonEvent::SwitchService(Terms::of(&profile)));
        self.profile = profile;
        self.expects = true;
        Ok(())
    }

    fn may_change_service(&self) -> Result<(), Problem> {
        let why = self.flow.busy_with().map(str::to_owned).or_else(|| self.flow.loses().map(words::leave_first));
        why.map_or(Ok(()), |why| Err(Problem::new(ProblemKind::Usage, words::not_changed(why))))
    }

    /// Everything there is to show.
    #[must_use]
    pub const fn flow(&self) -> &Flow {
        &self.flow
    }

    /// The connected service.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The exchanges so far: with the service, and downloads of previews and results.
    #[must_use]
    pub const fn recorder(&self) -> &Recorder {
        &self.executor.recorder
    }

    /// The wait before a retry, where one is in progress.
    #[must_use]
    pub fn wait(&self) -> Option<Wait> {
        self.executor.waits.current()
    }

    /// Cancels that wait: nothing is retried, and the operation ends with the refusal.
    pub fn give_up_wait(&self) {
        self.executor.waits.give_up();
    }

    /// From now on no create is sent again, whatever the service answers: a wait for that ends with the refusal.
    pub fn stop_creates(&self) {
        self.executor.waits.stop_creates();
    }

    /// How many requests were sent to the service so far.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.executor.recorder.requests()
    }

    /// How often something that earlier processes left unfinished was settled here, or came to its end.
    #[must_use]
    pub fn settled(&self) -> u64 {
        self.settled.load(Ordering::Relaxed)
    }

    /// The engine's time of day: milliseconds since the epoch.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    fn now(&self) -> Now {
        let steady_ms = i64::try_from(self.clock.elapsed_ms()).unwrap_or(i64::MAX);
        Now { wall_ms: self.clock.now_ms(), steady_ms }
    }

    /// Passes an event to the workflow and starts what follows from it. Never blocks.
    pub fn dispatch(&mut self, event: impl Into<Event>) {
        // `step` takes the flow by value; an empty one replaces it for that moment.
        let flow = std::mem::replace(&mut self.flow, Flow::new(Terms::of(&self.profile)));
        let mut flow = flow;
        flow.ahead_ms = self.executor.client.as_ref().and_then(Client::known_ahead_ms);
        let before = Followed::by(&flow);
        let (flow, commands) = step(flow, event.into(), self.now());
        self.flow = flow;
        for command in commands {
            self.execute(command);
        }
        if let Some(left) = before
            && !matches!(self.flow.stage, Stage::Submitted(_) | Stage::Done(_))
        {
            self.leave_to_the_others(left);
        }
    }

    /// Submits under a fresh name, unless the person gave one. Without random numbers there is no name that is certainly unique: then
    /// nothing is sent, and the stage has the problem.
    pub fn submit(&mut self, send_anyway: bool) {
        self.dispatch(PersonEvent::Submit { fresh_external_task_id: fresh_external_task_id(), send_anyway });
    }

    /// Lets the task wait for a free slot, under a name as [`Engine::submit`] gives.
    pub fn enqueue(&mut self) {
        self.dispatch(PersonEvent::Enqueue { fresh_external_task_id: fresh_external_task_id() });
    }

    /// Applies the answers that are ready, as far as there is time for them in a frame; wakes at once for the rest. Never blocks.
    /// Returns whether anything changed.
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

    /// Looks for tasks by our own name for them; `None`: the service cannot be asked for names. Changes nothing of the flow.
    ///
    /// # Errors
    /// As [`Client::look_for`].
    pub async fn find_tasks(&self, external_task_id: &str) -> Result<Option<Looked>, Problem> {
        self.executor.client()?.look_for(external_task_id, true).await
    }

    /// Checks key, host and clock with the connected service, and asks for the account's packages; costs nothing.
    ///
    /// # Errors
    /// [`ProblemKind::NoAnswer`]: no service is connected.
    pub fn check(&self) -> impl Future<Output = Result<ServiceCheck, Problem>> + Send + 'static {
        let client = self.executor.client();
        async move { Ok(client?.check().await) }
    }

    /// Whether any job is in progress.
    #[must_use]
    pub fn is_working(&self) -> bool {
        !self.jobs.is_empty()
    }

    /// Waits until something changed, and applies it. `false`: nothing is in progress, so nothing will.
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

    fn execute(&mut self, command: Command) {
        let job = command.job();
        let panicked = Problem::new(ProblemKind::Internal, words::failed()).with_hint(words::failed_hint());
        let Some(failed) = command.failed(panicked) else { return self.jobs.abort(job) };
        let (progress, progress_of_job) = job::progress();
        if let Some(work) = self.executor.work(command, self.clock.now_ms(), progress) {
            self.jobs.spawn(&self.runtime, job, work, failed, progress_of_job);
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.leftovers = None;
        // A job that is being aborted may hold the journal for a while longer.
        if let Journaling::On(journal) = &self.executor.journal {
            journal.release();
        }
    }
}

/// A name for a task that no other has: `viseme-` and 16 hexadecimal digits.
fn fresh_external_task_id() -> Option<String> {
    let number = getrandom::u64().inspect_err(|err| tracing::error!("no random numbers from the system: {err}"));
    Some(format!("viseme-{:016x}", number.ok()?))
}

#[cfg(test)]
mod tests;
