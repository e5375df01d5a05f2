//! How each command is carried out: what is asked of service, files and clock, and the answer as an event.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::job::{Progress, ProgressWriter};
use super::look;
use super::scratch::Scratch;
use crate::model::{ClipSource, Problem, ProblemKind, Submission};
use crate::service::schedule::{self, Next, Policy};
use crate::service::{self, Client, Fetcher, Identified, IfExists, Lookup, Recorder};
use crate::workflow::{Command, CreateOutcome, IdentifyAnswer, JobEvent, LookUpAnswer, PollTurn, PreviewImage, Saved};

/// The work of a command.
pub type Work = Pin<Box<dyn Future<Output = JobEvent> + Send>>;

/// A poll that is on its way when the limit runs out may still take this long, in milliseconds.
const LAST_POLL_MS: u64 = 2_000;

/// What commands are carried out with.
pub struct Carrier {
    /// `None` until a service is connected.
    pub client: Option<Client>,
    pub fetcher: Fetcher,
    pub recorder: Recorder,
    pub poll_interval_ms: Option<u64>,
    pub poll_limit_ms: Option<u64>,
    pub identify_limit_ms: Option<u64>,
    /// Files of this engine's own.
    pub scratch: Scratch,
    /// Moves the waits of this engine's polls a little.
    pub seed: u64,
}

impl Carrier {
    /// The work of a command, not begun yet.
    pub fn carry(&mut self, command: Command, progress: ProgressWriter) -> Work {
        match command {
            Command::ProbeClip { path, .. } => Box::pin(async move { JobEvent::ClipProbed(look::at_clip(path).await) }),
            Command::ProbeVoice { path, .. } => {
                Box::pin(async move { JobEvent::VoiceProbed(look::at_voice(path).await) })
            }
            Command::ConvertVoice { path, .. } => match self.scratch.path("wav") {
                Ok(to) => Box::pin(async move { JobEvent::VoiceConverted(look::as_wav(path, to).await) }),
                Err(err) => answered(JobEvent::VoiceConverted(Err(no_scratch(&err)))),
            },
            Command::LoadPreview { url, .. } => Box::pin(preview(self.fetcher.clone(), url)),
            Command::Download { url, to, .. } => Box::pin(download(self.fetcher.clone(), url, to, progress)),
            Command::Upload { path, .. } => match self.client() {
                Ok(client) => {
                    Box::pin(async move { JobEvent::Uploaded(client.upload(&path).await.map(|uploaded| uploaded.url)) })
                }
                Err(problem) => answered(JobEvent::Uploaded(Err(problem))),
            },
            Command::Identify { source, .. } => match self.client() {
                Ok(client) => Box::pin(identify(client, source, self.identify_limit_ms)),
                Err(problem) => answered(JobEvent::Identified(Err(problem))),
            },
            Command::PollIdentify { id, turn, .. } => match self.client() {
                Ok(client) => {
                    let policy = self.policy(&client);
                    let poll = async move { JobEvent::IdentifyPolled(client.identify_poll(&id).await.map(identified)) };
                    Box::pin(in_turn(policy, turn, self.seed, poll))
                }
                Err(problem) => answered(JobEvent::IdentifyPolled(Err(problem))),
            },
            Command::CreateTask { submission, .. } => match self.client() {
                Ok(client) => Box::pin(create(client, *submission)),
                Err(problem) => answered(JobEvent::Created(CreateOutcome::Refused(problem))),
            },
            Command::LookUp { external_task_id, wait_ms, .. } => match self.client() {
                Ok(client) => Box::pin(look_up(client, external_task_id, wait_ms)),
                Err(problem) => answered(JobEvent::LookedUp(LookUpAnswer::Failed(problem))),
            },
            Command::Query { task_id, turn, .. } => match self.client() {
                Ok(client) => {
                    let policy = self.policy(&client);
                    let poll = async move { JobEvent::Polled(client.poll(&task_id).await.map(Box::new)) };
                    Box::pin(in_turn(policy, turn, self.seed, poll))
                }
                Err(problem) => answered(JobEvent::Polled(Err(problem))),
            },
            // Carried out by the engine itself.
            Command::RecordIntent { .. } | Command::Abort { .. } => answered(JobEvent::BrokeDown),
        }
    }

    /// The connected service.
    ///
    /// # Errors
    /// [`ProblemKind::NoAnswer`]: there is none yet.
    pub fn client(&self) -> Result<Client, Problem> {
        self.client.clone().ok_or_else(|| {
            Problem::new(ProblemKind::NoAnswer, "The service is not connected yet")
                .with_hint("Choose a service and give its key; the sandbox takes a moment to start")
        })
    }

    fn policy(&self, client: &Client) -> Policy {
        Policy::of(client.profile(), self.poll_interval_ms, self.poll_limit_ms)
    }
}

fn no_scratch(err: &std::io::Error) -> Problem {
    let folder = std::env::temp_dir();
    Problem::new(ProblemKind::File, format!("The temporary folder {} cannot be used: {err}", folder.display()))
        .with_hint("Set TMPDIR to a folder that can be written")
}

fn answered(event: JobEvent) -> Work {
    Box::pin(async move { event })
}

/// Waits for the turn as the schedule says, then polls. A poll that hangs is given up soon after the limit.
async fn in_turn(policy: Policy, turn: PollTurn, seed: u64, poll: impl Future<Output = JobEvent>) -> JobEvent {
    let wait_ms = if turn.at_once {
        0
    } else {
        match schedule::next(&policy, turn.attempt, turn.elapsed_ms, turn.hint_ms, seed) {
            Next::Wait(wait_ms) => wait_ms,
            Next::Pause => return JobEvent::LimitReached,
        }
    };
    sleep(Duration::from_millis(wait_ms)).await;
    let left_ms = turn.left_ms.saturating_sub(wait_ms).max(LAST_POLL_MS);
    timeout(Duration::from_millis(left_ms), poll).await.unwrap_or(JobEvent::LimitReached)
}

/// The first answer to an identify, which in the `kling` dialect is the whole of it. `limit_ms`: how long somebody wants to wait at most.
async fn identify(client: Client, source: ClipSource, limit_ms: Option<u64>) -> JobEvent {
    let asked = client.identify_start(&source);
    let answer = match limit_ms {
        None => asked.await,
        Some(limit_ms) => timeout(Duration::from_millis(limit_ms), asked).await.unwrap_or_else(|_| {
            let words = format!("The service has not answered identify within {} s", limit_ms as f64 / 1000.0);
            Err(Problem::new(ProblemKind::NoAnswer, words).with_hint("Find the faces again, or wait longer for them"))
        }),
    };
    JobEvent::Identified(answer.map(identified))
}

fn identified(answer: Identified) -> IdentifyAnswer {
    match answer {
        Identified::Session(session) => IdentifyAnswer::Ready(Box::new(session)),
        Identified::Running(job) => {
            IdentifyAnswer::Pending { id: job.job_id, status_raw: job.status_raw, progress: job.progress }
        }
    }
}

async fn create(client: Client, submission: Submission) -> JobEvent {
    JobEvent::Created(match client.create(&submission).await {
        service::CreateOutcome::Accepted(task) => CreateOutcome::Accepted(Box::new(task)),
        service::CreateOutcome::Refused(problem) => CreateOutcome::Refused(problem),
        service::CreateOutcome::Unknown(problem) => CreateOutcome::Unknown(problem),
    })
}

async fn look_up(client: Client, external_task_id: String, wait_ms: u64) -> JobEvent {
    sleep(Duration::from_millis(wait_ms)).await;
    JobEvent::LookedUp(match client.find_by_external_task_id(&external_task_id).await {
        Ok(Lookup::Found(task)) => LookUpAnswer::Found(Box::new(task)),
        Ok(Lookup::Absent { .. } | Lookup::NoList) => LookUpAnswer::NotFound,
        Err(problem) => LookUpAnswer::Failed(problem),
    })
}

async fn preview(fetcher: Fetcher, url: String) -> JobEvent {
    JobEvent::PreviewLoaded(fetcher.preview(&url).await.map(|preview| PreviewImage {
        encoded: preview.bytes.as_ref().into(),
        extension: preview.extension,
        width_px: preview.width_px,
        height_px: preview.height_px,
        rgba: preview.rgba.into(),
    }))
}

async fn download(fetcher: Fetcher, url: String, to: PathBuf, progress: ProgressWriter) -> JobEvent {
    let tell = move |now: service::Progress| {
        progress.tell(Progress { received_bytes: now.bytes, total_bytes: now.total });
    };
    JobEvent::Downloaded(fetcher.to_file(&url, &to, IfExists::Replace, tell).await.map(|saved| Saved {
        path: saved.path,
        sha256: saved.sha256,
        size_bytes: saved.size_bytes,
    }))
}
