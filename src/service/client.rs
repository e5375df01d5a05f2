//! The client of a service: identify, create, query, list, upload.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use super::clock::Clock;
use super::credentials::Credentials;
use super::limits::Limits;
use super::recorder::Recorder;
use super::retry::{self, OnceSent, outcome_of_identify};
use super::send::Payload;
use super::transport::Route;
use super::waits::Waits;
use super::words;
use crate::model::{CallOutcome, ClipSource, Problem, ProblemKind, Profile, Progress, Submission, Task};
use crate::wire::answer::{self, Identified, Reply};
use crate::wire::request;

/// A service, by its profile and our credentials. Cheap to clone; clones share connections, token and recorder.
#[derive(Clone, Debug)]
pub struct Client {
    inner: Arc<Inner>,
    waits: Waits,
}

#[derive(Debug)]
struct Inner {
    profile: Profile,
    base: String,
    host: String,
    route: Route,
    credentials: Credentials,
    recorder: Recorder,
    limits: Limits,
    clock: Clock,
    /// What the service's clock showed when [`Clock::since_boot_ms`] was zero, by its last answer with a date.
    service_zero_ms: AtomicI64,
    /// Whether anything was answered, with a date or without.
    has_answered: AtomicBool,
    /// Whether the last answer refused the key.
    key_is_refused: AtomicBool,
    /// When the account was last asked, by [`Clock::elapsed_ms`].
    account_asked_ms: tokio::sync::Mutex<Option<u64>>,
    reading: OnceLock<reqwest::Client>,
    writing: OnceLock<reqwest::Client>,
}

/// No answer had a date yet.
const UNKNOWN: i64 = i64::MIN;
/// An answer that took longer does not set the service's clock anew, in milliseconds: its date may be as old as the call.
const PROMPT_MS: i64 = 60_000;

impl Client {
    /// A client for `profile`. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ProblemKind::Usage`]: the base URL is not an address.
    pub fn new(profile: Profile, credentials: Credentials, recorder: Recorder) -> Result<Self, Problem> {
        Self::with_limits(profile, credentials, recorder, Limits::default(), Clock::system())
    }

    /// As [`Client::new`], with these limits and this clock, for tests.
    ///
    /// # Errors
    /// As with [`Client::new`].
    pub fn with_limits(
        profile: Profile,
        credentials: Credentials,
        recorder: Recorder,
        limits: Limits,
        clock: Clock,
    ) -> Result<Self, Problem> {
        let base = profile.base_url.trim().trim_end_matches('/').to_owned();
        let url = checked_base(&base, &profile.name)?;
        let host = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        let route = Route::to(&url);
        if !route.tls && !route.loopback {
            tracing::warn!("{host} is reached without TLS: anybody in between can read the key");
        }
        let (reading, writing) = (OnceLock::new(), OnceLock::new());
        let service_zero_ms = AtomicI64::new(UNKNOWN);
        let inner = Inner {
            profile,
            base,
            host,
            route,
            credentials,
            recorder,
            limits,
            clock,
            service_zero_ms,
            has_answered: AtomicBool::new(false),
            key_is_refused: AtomicBool::new(false),
            account_asked_ms: tokio::sync::Mutex::default(),
            reading,
            writing,
        };
        Ok(Self { inner: Arc::new(inner), waits: Waits::default() })
    }

    /// This client, with its waits registered in `waits`.
    #[must_use]
    pub fn with_waits(self, waits: Waits) -> Self {
        Self { waits, ..self }
    }

    /// The profile this client was made for.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.inner.profile
    }

    /// The recorder of its exchanges.
    #[must_use]
    pub fn recorder(&self) -> &Recorder {
        &self.inner.recorder
    }

    /// How far our clock is ahead of the service's, in milliseconds, by the `Date` of its last answer; 0 before that. Where our clock was
    /// set since that answer, that counts too.
    #[must_use]
    pub fn ahead_ms(&self) -> i64 {
        self.known_ahead_ms().unwrap_or(0)
    }

    /// The same; `None` before the first answer with a `Date`.
    #[must_use]
    pub fn known_ahead_ms(&self) -> Option<i64> {
        Some(self.clock().now_ms().saturating_sub(self.service_ms(self.clock().since_boot_ms())?))
    }

    /// Notes that an answer has come, with this status.
    pub(super) fn note_answer(&self, http_status: u16) {
        self.inner.has_answered.store(true, Ordering::Relaxed);
        self.inner.key_is_refused.store(http_status == 401, Ordering::Relaxed);
    }

    /// Whether the service refused the key (HTTP 401) when it last answered.
    #[must_use]
    pub fn key_is_refused(&self) -> bool {
        self.inner.key_is_refused.load(Ordering::Relaxed)
    }

    /// Whether one has: a service whose answers have no date is not asked for the time again.
    pub(super) fn has_answered(&self) -> bool {
        self.inner.has_answered.load(Ordering::Relaxed)
    }

    /// What the service's clock showed at this moment of [`Clock::since_boot_ms`]; `None` before the first answer with a `Date`.
    fn service_ms(&self, boot_ms: i64) -> Option<i64> {
        let zero_ms = Some(self.inner.service_zero_ms.load(Ordering::Relaxed)).filter(|&zero_ms| zero_ms != UNKNOWN)?;
        Some(zero_ms.saturating_add(boot_ms))
    }

    /// Remembers the `Date` of an answer that has just come to a call that was sent at `sent_boot_ms` ([`Clock::since_boot_ms`]).
    ///
    /// Kept by the clock that nobody sets and that goes on in sleep: a create is proven, and a session ends, by the service's time.
    /// The date is taken for that of the sending, so that no session seems to live longer than it does.
    pub(super) fn note_date(&self, date_ms: i64, sent_boot_ms: i64) {
        let boot_ms = self.clock().since_boot_ms();
        if boot_ms.saturating_sub(sent_boot_ms) <= PROMPT_MS {
            self.inner.service_zero_ms.store(date_ms.saturating_sub(sent_boot_ms), Ordering::Relaxed);
        } else {
            // The machine may have slept meanwhile. The earliest that it can be at the service: later, and a task of ours would seem older than its
            // own sending, and be created once more.
            let zero_ms = date_ms.saturating_sub(boot_ms);
            let zero = &self.inner.service_zero_ms;
            let _ = zero.compare_exchange(UNKNOWN, zero_ms, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// When a session began at the earliest whose answer came to a call of this moment: by the service's clock where it is known, else by
    /// ours, in milliseconds since the epoch.
    fn session_begun_ms(&self, sent: (i64, i64)) -> i64 {
        let (sent_ms, sent_boot_ms) = sent;
        self.service_ms(sent_boot_ms).unwrap_or(sent_ms)
    }

    /// This moment, by our clock and by [`Clock::since_boot_ms`].
    fn moment(&self) -> (i64, i64) {
        (self.clock().now_ms(), self.clock().since_boot_ms())
    }

    /// Requests the faces of a clip: returned at once (`kling`), or later by [`Client::identify_poll`] (`kirin`).
    ///
    /// Identify costs a little, and is not sent again after an unclear outcome.
    ///
    /// # Errors
    /// A refusal with its code, no answer, an unreadable one, or a local file, which no service takes.
    pub async fn identify_start(&self, source: &ClipSource) -> Result<Identified, Problem> {
        let call = request::identify(self.profile(), source)?;
        self.check_before_paying().await?;
        let sent = self.moment();
        let read =
            |reply: &Reply<'_>| outcome_of_identify(reply, answer::read_identify(reply, self.session_begun_ms(sent)));
        let outcome = self.send_with_retries(&call, &Payload::OfCall, self.limits().connect_attempts, read).await;
        outcome.into_result()
    }

    /// Polls an asynchronous identify once.
    ///
    /// # Errors
    /// The identify failed, or the poll did: then [`Problem::transient`] says whether a retry may help.
    pub async fn identify_poll(&self, job_id: &str) -> Result<Identified, Problem> {
        let call = request::identify_poll(self.profile(), job_id)?;
        let sent = self.moment();
        let read = |reply: &Reply<'_>| CallOutcome::of_read(answer::read_identify(reply, self.session_begun_ms(sent)));
        self.send_with_retries(&call, &Payload::OfCall, 1, read).await.into_result()
    }

    /// Creates a task. Retried only where the table of codes says that it was certainly not accepted (docs: wire contract §4).
    ///
    /// Dropping the future before it is done leaves the outcome unknown.
    ///
    /// Never retry after an unknown outcome without looking for the task ([`Client::tasks_named`]) or asking the person;
    /// its problem is of kind [`ProblemKind::OutcomeUnknown`].
    pub async fn create(&self, submission: &Submission) -> CallOutcome<Task> {
        self.create_watched(submission, |_| ()).await
    }

    /// The same, and says how much of the request has gone out: a voice that is sent along may be large.
    pub async fn create_watched(
        &self,
        submission: &Submission,
        on_progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> CallOutcome<Task> {
        let call = match request::create(self.profile(), submission) {
            Ok(call) => call,
            Err(problem) => return CallOutcome::Refused(problem),
        };
        if let Err(problem) = self.check_before_paying().await {
            return CallOutcome::Refused(problem);
        }
        let payload = Payload::Watched(Arc::new(on_progress));
        match self.send_with_retries(&call, &payload, self.limits().connect_attempts, answer::read_create).await {
            CallOutcome::Unknown(problem) => CallOutcome::Unknown(unknown(problem, request::has_list(self.profile()))),
            CallOutcome::Refused(problem) if problem.is_unreached() => {
                CallOutcome::Refused(Problem { message: words::create_not_reached(&problem.message), ..problem })
            }
            settled => settled,
        }
    }

    /// Creates a task with a single request, for who has a schedule of their own: what was certainly not taken, and may be sent again later
    /// under the same name, is told apart from what was refused for good.
    ///
    /// Dropping the future before it is done leaves the outcome unknown.
    pub async fn create_once(&self, submission: &Submission) -> OnceSent {
        let call = match request::create(self.profile(), submission) {
            Ok(call) => call,
            Err(problem) => return OnceSent::Outcome(CallOutcome::Refused(problem)),
        };
        if let Err(problem) = self.check_before_paying().await {
            return OnceSent::Stopped(problem);
        }
        match self.send_with_retries(&call, &Payload::OfCall, 1, answer::read_create).await {
            CallOutcome::Unknown(problem) => {
                let problem = unknown(problem, request::has_list(self.profile()));
                OnceSent::Outcome(CallOutcome::Unknown(problem))
            }
            CallOutcome::Refused(problem) => retry::of_refusal(problem),
            settled => OnceSent::Outcome(settled),
        }
    }

    /// Polls a task once; in a loop with [`super::schedule::next`] between.
    ///
    /// # Errors
    /// A refusal with its code, no answer, or an unreadable one. [`Problem::transient`] says whether a retry may help,
    /// [`Problem::retry_after_ms`] when. A failed task is no error: see its status.
    pub async fn poll(&self, task_id: &str) -> Result<Task, Problem> {
        let call = request::query(self.profile(), task_id)?;
        let read = |reply: &Reply<'_>| CallOutcome::of_read(answer::read_task(reply, task_id));
        self.send_with_retries(&call, &Payload::OfCall, 1, read).await.into_result()
    }

    /// A page of the list of tasks (docs: pages 1..1000 of 1..500 tasks).
    ///
    /// # Errors
    /// The dialect has no list, or the request was refused or not answered.
    pub async fn list(&self, page: u32, size: u32) -> Result<Vec<Task>, Problem> {
        let call = request::list(self.profile(), page, size)?;
        let read = |reply: &Reply<'_>| CallOutcome::of_read(answer::read_list(reply));
        self.send_with_retries(&call, &Payload::OfCall, self.limits().read_attempts, read).await.into_result()
    }

    /// Uploads a local file to the sandbox, under its own name. Returns the address at which the sandbox serves it.
    ///
    /// # Errors
    /// [`ProblemKind::Usage`] for any other service; else the file cannot be read, or the sandbox refuses it.
    pub async fn upload(&self, path: &Path) -> Result<String, Problem> {
        if !self.profile().is_sandbox() {
            let words = words::takes_no_uploads(&self.profile().name, path.display());
            return Err(Problem::new(ProblemKind::Usage, words).with_hint(words::takes_no_uploads_hint()));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let call = request::upload(&name)?;
        let read = |reply: &Reply<'_>| CallOutcome::of_read(answer::read_upload(reply));
        self.send_with_retries(&call, &Payload::File(path), 1, read).await.into_result()
    }

    pub(super) fn base(&self) -> &str {
        &self.inner.base
    }

    pub(super) fn host(&self) -> &str {
        &self.inner.host
    }

    pub(super) fn credentials(&self) -> &Credentials {
        &self.inner.credentials
    }

    pub(super) fn waits(&self) -> &Waits {
        &self.waits
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    pub(super) fn account_asked_ms(&self) -> &tokio::sync::Mutex<Option<u64>> {
        &self.inner.account_asked_ms
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Built when first needed: the system's certificates take a while to read.
    pub(super) fn reading(&self) -> Result<&reqwest::Client, Problem> {
        lazily(&self.inner.reading, || self.inner.route.reading(self.inner.limits.connect_ms))
    }

    pub(super) fn writing(&self) -> Result<&reqwest::Client, Problem> {
        lazily(&self.inner.writing, || self.inner.route.writing(self.inner.limits.connect_ms))
    }
}

/// What is in the cell; built when first needed.
pub(super) fn lazily(
    cell: &OnceLock<reqwest::Client>,
    build: impl FnOnce() -> Result<reqwest::Client, Problem>,
) -> Result<&reqwest::Client, Problem> {
    if cell.get().is_none() {
        let built = build()?;
        return Ok(cell.get_or_init(|| built));
    }
    cell.get().ok_or_else(|| Problem::new(ProblemKind::Internal, words::client_gone()))
}

/// The problem of an unknown outcome: what happened, what it means and what to do.
fn unknown(problem: Problem, has_list: bool) -> Problem {
    let message = words::outcome_unknown(&problem.message);
    let hint = if has_list { words::look_up_hint() } else { words::look_for_it_hint() };
    Problem { kind: ProblemKind::OutcomeUnknown, message, hint: Some(hint), transient: false, ..problem }
}

fn checked_base(base: &str, name: &str) -> Result<url::Url, Problem> {
    let wrong = |words: String| Problem::new(ProblemKind::Usage, words).with_hint(words::base_url_hint());
    if base.is_empty() {
        return Err(wrong(words::base_url_missing(name)));
    }
    let url = url::Url::parse(base).map_err(|err| wrong(words::base_url_unreadable(name, err)))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(words::base_url_scheme(name, url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(words::base_url_secret(name)));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong(words::base_url_query(name)));
    }
    Ok(url)
}
