//! Executes commands: the work of each with service, files and clock, and its outcome as an event.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::accepted::{Accepted, Line, Service};
use super::job::ProgressWriter;
use super::probe;
use super::scratch::Scratch;
use super::words;
use super::writes::Writes;
use crate::files::IfExists;
use crate::model::{CallOutcome, ClipSource, Problem, ProblemKind, Submission};
use crate::service::schedule::{self, Next, Policy};
use crate::service::{Client, Fetcher, Identified, Recorder, Waits};
use crate::workflow::{Command, IdentifyAnswer, JobEvent, PollTurn, PreviewImage};

/// The work of a command.
pub type Work = Pin<Box<dyn Future<Output = JobEvent> + Send>>;

/// How long a poll that was sent before the limit ran out may still take, in milliseconds.
const LAST_POLL_MS: u64 = 2_000;

/// What commands are executed with.
pub struct Executor {
    /// `None` until a service is connected.
    pub client: Option<Client>,
    pub fetcher: Fetcher,
    pub recorder: Recorder,
    pub waits: Waits,
    pub identify_limit_ms: Option<u64>,
    /// Where accepted tasks are written down; `None`: nowhere.
    pub tasks_file: Option<PathBuf>,
    pub writes: Writes,
    /// Files of this engine's own.
    pub scratch: Scratch,
    /// Seed of the jitter of this engine's polls.
    pub seed: u64,
}

impl Executor {
    /// The work of a command at `now_ms` (milliseconds since the epoch), not started yet; only a write to the file of accepted
    /// tasks starts at once. `None` for [`Command::Abort`].
    pub fn work(&mut self, command: Command, now_ms: i64, progress: ProgressWriter) -> Option<Work> {
        let unconnected = |command: &Command, problem: Problem| match command {
            // Nothing was sent.
            Command::CreateTask { .. } => Some(answered(JobEvent::Created(CallOutcome::Refused(problem)))),
            command => command.failed(problem).map(answered),
        };
        let client = match command {
            Command::Upload { .. }
            | Command::Identify { .. }
            | Command::PollIdentify { .. }
            | Command::CreateTask { .. }
            | Command::LookUp { .. }
            | Command::Query { .. } => match self.client() {
                Ok(client) => client,
                Err(problem) => return unconnected(&command, problem),
            },
            command => return self.local_work(command, now_ms, progress),
        };
        let policy = Policy::of(client.profile());
        let seed = self.seed;
        Some(match command {
            Command::Upload { path, .. } => Box::pin(async move { JobEvent::Uploaded(client.upload(&path).await) }),
            Command::Identify { source, .. } => Box::pin(identify(client, source, self.identify_limit_ms)),
            Command::PollIdentify { id, turn, .. } => {
                let poll = async move { JobEvent::IdentifyPolled(client.identify_poll(&id).await.map(identified)) };
                Box::pin(in_turn(policy, turn, seed, poll))
            }
            Command::CreateTask { submission, .. } => Box::pin(create(client, *submission)),
            Command::LookUp { external_task_id, wait_ms, thorough, .. } => {
                Box::pin(look_up(client, external_task_id, wait_ms, thorough))
            }
            Command::Query { task_id, turn, .. } => {
                let poll = async move { JobEvent::Polled(client.poll(&task_id).await.map(Box::new)) };
                Box::pin(in_turn(policy, turn, seed, poll))
            }
            _ => return None,
        })
    }

    /// The work of a command that needs no connected service.
    fn local_work(&mut self, command: Command, now_ms: i64, progress: ProgressWriter) -> Option<Work> {
        Some(match command {
            Command::ProbeClip { path, .. } => Box::pin(async move { JobEvent::ClipProbed(probe::clip(path).await) }),
            Command::ProbeVoice { path, .. } => {
                Box::pin(async move { JobEvent::VoiceProbed(probe::voice(path).await) })
            }
            Command::ConvertVoice { path, .. } => match self.scratch.path("wav") {
                Ok(to) => Box::pin(async move { JobEvent::VoiceConverted(probe::voice_to_wav(path, to).await) }),
                Err(err) => answered(JobEvent::VoiceConverted(Err(no_scratch(&err)))),
            },
            Command::LoadPreview { url, .. } => Box::pin(preview(self.fetcher.clone(), url)),
            Command::Download { url, to, replaces, .. } => {
                let if_exists = if replaces { IfExists::Replace } else { IfExists::TakeFreeName };
                Box::pin(download(self.fetcher.clone(), url, to, if_exists, progress))
            }
            Command::RecordAccepted { task, .. } => {
                let task = *task;
                self.record(|service| {
                    Line::Accepted(Accepted {
                        service,
                        task_id: task.task_id,
                        external_task_id: task.external_task_id,
                        time_ms: now_ms,
                        clip: task.clip,
                        voice: task.voice,
                    })
                })
            }
            Command::RecordEnded { task_id, status, .. } => {
                self.record(|service| Line::Ended { service, task_id, status, time_ms: now_ms })
            }
            _ => return None,
        })
    }

    /// Begins to write a line about a task of the connected service.
    fn record(&mut self, line: impl FnOnce(Service) -> Line) -> Work {
        let (Some(file), Some(client)) = (&self.tasks_file, &self.client) else {
            return answered(JobEvent::Recorded(Ok(())));
        };
        let written = self.writes.append(file, &line(Service::of(client.profile())));
        Box::pin(async move {
            JobEvent::Recorded(written.await.unwrap_or_else(|_| {
                Err(Problem::new(ProblemKind::Internal, words::writer_died()).with_hint(words::writer_died_hint()))
            }))
        })
    }

    /// The connected service.
    ///
    /// # Errors
    /// [`ProblemKind::NoAnswer`]: there is none yet.
    pub fn client(&self) -> Result<Client, Problem> {
        self.client.clone().ok_or_else(|| {
            Problem::new(ProblemKind::NoAnswer, words::not_connected()).with_hint(words::not_connected_hint())
        })
    }
}

fn no_scratch(err: &std::io::Error) -> Problem {
    let folder = std::env::temp_dir();
    Problem::new(ProblemKind::File, words::no_temporary_folder(folder.display(), err))
        .with_hint(words::no_temporary_folder_hint())
}

fn answered(event: JobEvent) -> Work {
    Box::pin(async move { event })
}

/// Waits as the schedule says, then polls. A poll that hangs is dropped soon after the limit.
async fn in_turn(policy: Policy, turn: PollTurn, seed: u64, poll: impl Future<Output = JobEvent>) -> JobEvent {
    let wait_ms = if turn.at_once {
        0
    } else {
        match schedule::next(&policy, turn.attempt, turn.left_ms, turn.hint_ms, seed) {
            Next::Wait(wait_ms) => wait_ms,
            Next::Pause => return JobEvent::LimitReached,
        }
    };
    sleep(Duration::from_millis(wait_ms)).await;
    let left_ms = turn.left_ms.saturating_sub(wait_ms).max(LAST_POLL_MS);
    timeout(Duration::from_millis(left_ms), poll).await.unwrap_or(JobEvent::LimitReached)
}

/// The first answer to an identify, which in the `kling` dialect is the whole of it. `limit_ms`: the longest wait, in milliseconds.
async fn identify(client: Client, source: ClipSource, limit_ms: Option<u64>) -> JobEvent {
    let asked = client.identify_start(&source);
    let answer = match limit_ms {
        None => asked.await,
        Some(limit_ms) => timeout(Duration::from_millis(limit_ms), asked).await.unwrap_or_else(|_| {
            let words = words::identify_late(limit_ms as f64 / 1000.0);
            Err(Problem::new(ProblemKind::NoAnswer, words).with_hint(words::identify_late_hint()))
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
    JobEvent::Created(client.create(&submission).await.map(Box::new))
}

async fn look_up(client: Client, external_task_id: String, wait_ms: u64, thorough: bool) -> JobEvent {
    sleep(Duration::from_millis(wait_ms)).await;
    JobEvent::LookedUp(client.tasks_named(&external_task_id, thorough).await)
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

async fn download(
    fetcher: Fetcher,
    url: String,
    to: PathBuf,
    if_exists: IfExists,
    progress: ProgressWriter,
) -> JobEvent {
    JobEvent::Downloaded(fetcher.to_file(&url, &to, if_exists, move |now| progress.report(now)).await)
}
