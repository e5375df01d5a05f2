//! Executes commands: the work of each with service, files and clock, and its outcome as an event.

use std::future::Future;
use std::pin::Pin;

use super::create::create;
use super::download::Saving;
use super::identify::{Keeping, PendingIdentifies, asked, polled};
use super::job::ProgressWriter;
use super::journal_access::spend;
use super::known_clips::{ClipMark, UploadedFiles, content_of, moved_picture};
use super::local_days;
use super::probe;
use super::queue::{QueueAccess, no_queue};
use super::scratch::Scratch;
use super::setup::Journaling;
use super::spending::IdentifySpend;
use super::storage::Storage;
use super::wishes::Wishes;
use super::{JournalAccess, words};
use crate::files::IfExists;
use crate::journal::{Described, Followed, Service, Settled};
use crate::model::{CallOutcome, ClipSource, Problem, ProblemKind, StoredFile, Task, VoiceSource};
use crate::service::schedule::{self, Next, Policy};
use crate::service::{Client, Clock, Fetcher, Recorder, SeenContents, Sink, Waits};
use crate::workflow::{AcceptedTask, ClipNow, Command, JobEvent, PollTurn, PreviewImage, Recalled};

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
    /// Where local files go, for a service that takes none itself.
    pub storage: Option<Storage>,
    /// What a person may change at any time.
    pub wishes: Wishes,
    /// What waits for a free slot; `None`: nothing can.
    pub queue: Option<QueueAccess>,
    pub journal: Journaling,
    /// The connected service as the journal knows it.
    pub service: Service,
    /// Tells the account from others, where one is connected: the mark of its key, and of those before it that were refused.
    pub accounts: Vec<String>,
    /// What was seen at addresses.
    pub seen: SeenContents,
    /// What was uploaded.
    pub uploaded: UploadedFiles,
    /// Identifies that a service still works on.
    pub pending: PendingIdentifies,
    /// Files of this engine's own.
    pub scratch: Scratch,
    /// Seed of the jitter of this engine's polls.
    pub seed: u64,
    /// Time, also how long to wait.
    pub clock: Clock,
}

impl Executor {
    /// The work of a command at `now_ms` (milliseconds since the epoch), not started yet. `None` for [`Command::Abort`].
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
        let (seed, clock) = (self.seed, self.clock.clone());
        Some(match command {
            Command::Upload { path, .. } => {
                let (storage, fetcher, uploaded) = (self.storage.clone(), self.fetcher.clone(), self.uploaded.clone());
                Box::pin(async move {
                    let content = content_of(&path).await;
                    let stored = match storage {
                        Some(storage) => storage.put(&path, &fetcher, move |now| progress.report(now)).await,
                        None => client.upload(&path).await.map(StoredFile::at),
                    };
                    // A file that was written meanwhile is of no known content.
                    if let (Ok(stored), Some(content)) = (&stored, content)
                        && content_of(&path).await.as_ref() == Some(&content)
                    {
                        uploaded.note(stored.address.clone(), content, ClipSource::File(path).name());
                    }
                    JobEvent::Uploaded(stored)
                })
            }
            Command::Identify { source, .. } => {
                let keeping = self.keeping(&source);
                let asked = asked(client, source, self.identify_limit_ms, clock);
                Box::pin(async move {
                    if let Err(problem) = keeping.check_budget().await {
                        return JobEvent::Identified(Err(problem));
                    }
                    let answer = asked.await;
                    keeping.answered(&answer).await;
                    JobEvent::Identified(answer)
                })
            }
            Command::PollIdentify { id, source, turn, .. } => {
                let keeping = self.keeping(&source);
                Box::pin(async move {
                    let poll = async { JobEvent::IdentifyPolled(polled(&client, &id).await) };
                    let polled = in_turn(policy, turn, seed, clock, poll).await;
                    if let JobEvent::IdentifyPolled(answer) = &polled {
                        keeping.polled(&id, answer).await;
                    }
                    polled
                })
            }
            Command::CreateTask { submission, clip, again, .. } => {
                let wishes = self.wishes.clone();
                let voice = self.storage.clone().map(|storage| (storage, self.fetcher.clone()));
                let journal = self.journal_of_service();
                Box::pin(create(client, *submission, clip, again, journal, wishes, voice, progress))
            }
            Command::LookUp { external_task_id, wait_ms, thorough, .. } => {
                let journal = self.journal_of_service();
                Box::pin(async move {
                    clock.sleep(wait_ms).await;
                    look_up(client, external_task_id, thorough, journal).await
                })
            }
            Command::Query { task_id, turn, .. } => {
                let poll = query(client, task_id, turn.attempt == 0, self.journal_of_service());
                Box::pin(in_turn(policy, turn, seed, clock, poll))
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
            Command::RecallFaces { clip, .. } => {
                let found = self.recall(clip);
                Box::pin(async move { JobEvent::FacesRecalled(found.await.map(Box::new)) })
            }
            Command::CompareClip { clip, session_id, .. } => {
                let found = self.compare_clip(clip, session_id);
                Box::pin(async move { JobEvent::ClipCompared(found.await) })
            }
            Command::LoadPreview { url, .. } => {
                let journal = self.journal_of_service().map(|(journal, _)| journal);
                // An embedded sandbox listens at another address at each start.
                let moved_to = self.client.as_ref().filter(|_| self.service.base_url.is_empty());
                let at = moved_to.map(|client| moved_picture(&url, &client.profile().base_url));
                Box::pin(preview(self.fetcher.clone(), at.unwrap_or_else(|| url.clone()), url, journal))
            }
            Command::Download { url, to, replaces, .. } => {
                let if_exists = if replaces { IfExists::Replace } else { IfExists::TakeFreeName };
                let journal = self.journal_of_service().map(|(journal, _)| journal);
                Box::pin(
                    Saving {
                        fetcher: self.fetcher.clone(),
                        journal,
                        waits: self.waits.clone(),
                        clock: self.clock.clone(),
                    }
                    .save(url, to, if_exists, progress),
                )
            }
            Command::QueueTask { submission, clip, .. } => match (&self.queue, &self.client) {
                (Some(queue), Some(client)) => {
                    let (queue, budget) = (queue.clone(), self.wishes.now().budget);
                    let day = local_days::day(now_ms);
                    let spend = spend(client.profile().dialect, &submission, day, budget);
                    let goes = matches!(&submission.voice, VoiceSource::File(voice) if self.scratch.has(voice));
                    Box::pin(async move { JobEvent::Recorded(queue.add(*submission, clip, spend, goes).await) })
                }
                _ => answered(JobEvent::Recorded(Err(no_queue()))),
            },
            Command::RecordAccepted { task, .. } => match self.journal_of_service() {
                Some((journal, service)) => Box::pin(record_accepted(journal, service, *task)),
                None => answered(JobEvent::Recorded(Ok(()))),
            },
            Command::RecordNameTaken { external_task_id, other_task_id, problem, .. } => {
                match self.journal_of_service() {
                    Some((journal, _)) => Box::pin(async move {
                        JobEvent::Recorded(journal.name_taken(external_task_id, other_task_id, problem).await)
                    }),
                    None => answered(JobEvent::Recorded(Ok(()))),
                }
            }
            Command::RecordEnded { task_id, .. } => match self.journal_of_service() {
                Some((journal, _)) => Box::pin(record_ended(journal, task_id, local_days::day(now_ms))),
                None => answered(JobEvent::Recorded(Ok(()))),
            },
            _ => return None,
        })
    }

    /// What is written down of an identify of this clip.
    fn keeping(&self, source: &ClipSource) -> Keeping {
        let account = self.accounts.first().map(String::as_str).unwrap_or_default();
        let clip = self.uploaded.described(source, account, &self.seen);
        Keeping {
            clip,
            journal: self.journal_of_service(),
            spend: self.identify_spend(),
            pending: self.pending.clone(),
        }
    }

    /// The faces that were found before in a clip at the connected service, or why they are not taken up; `None`: none are known.
    pub fn recall(&self, clip: ClipSource) -> impl Future<Output = Option<Recalled>> + Send + 'static + use<> {
        let (journal, accounts, fetcher) = (self.journal_of_service(), self.accounts.clone(), self.fetcher.clone());
        // What was uploaded for a session and is deleted after it is not there for the next task.
        let is_gone = matches!(clip, ClipSource::File(_)) && self.storage.as_ref().is_some_and(Storage::deletes_after);
        async move {
            let (journal, service) = journal.filter(|_| !accounts.is_empty() && !is_gone)?;
            journal.recall(service, ClipMark { clip, accounts }, &fetcher).await
        }
    }

    /// Whether a clip is still the one that the faces of a session were found in. What is known of them is read once a service is connected; before,
    /// no task is sent with them.
    fn compare_clip(
        &self,
        clip: ClipSource,
        session_id: String,
    ) -> impl Future<Output = ClipNow> + Send + 'static + use<> {
        let (journal, fetcher) = (self.journal_of_service(), self.fetcher.clone());
        let is_connected = self.client.is_some();
        async move {
            match journal {
                _ if !is_connected => ClipNow::Unasked,
                Some((journal, service)) => journal.compare_clip(service, &session_id, &clip, &fetcher).await,
                None => ClipNow::Same,
            }
        }
    }

    /// The journal, and the connected service as it knows it; `None` where nothing is written down.
    pub fn journal_of_service(&self) -> Option<(JournalAccess, Service)> {
        match &self.journal {
            Journaling::On(journal) => Some((journal.clone(), self.service.clone())),
            Journaling::Off => None,
        }
    }

    /// What an identify at the connected service is counted with; `None` where nothing is written down or connected.
    pub fn identify_spend(&self) -> Option<IdentifySpend> {
        let (journal, service) = self.journal_of_service()?;
        let dialect = self.client().ok()?.profile().dialect;
        Some(IdentifySpend { journal, service, dialect, budget: self.wishes.now().budget })
    }

    /// From now on writes to this journal, exchanges included.
    pub fn use_journal(&mut self, journal: Journaling) {
        self.journal = journal;
        let to = self.journal_of_service();
        self.recorder.set_sink(
            to.map(|(journal, service)| -> Sink { Box::new(move |exchange| journal.exchanged(&service, exchange)) }),
        );
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

/// Why there is no place for a file of an engine's own.
pub fn no_scratch(err: &std::io::Error) -> Problem {
    let folder = std::env::temp_dir();
    Problem::new(ProblemKind::File, words::no_temporary_folder(folder.display(), err))
        .with_hint(words::no_temporary_folder_hint())
}

fn answered(event: JobEvent) -> Work {
    Box::pin(async move { event })
}

/// Waits as the schedule says, then polls. A poll that hangs is dropped soon after the limit.
async fn in_turn(
    policy: Policy,
    turn: PollTurn,
    seed: u64,
    clock: Clock,
    poll: impl Future<Output = JobEvent>,
) -> JobEvent {
    let wait_ms = if turn.at_once {
        0
    } else {
        match schedule::next(&policy, turn.attempt, turn.left_ms, turn.hint_ms, seed) {
            Next::Wait(wait_ms) => wait_ms,
            Next::Pause => return JobEvent::LimitReached,
        }
    };
    clock.sleep(wait_ms).await;
    let left_ms = turn.left_ms.saturating_sub(wait_ms).max(LAST_POLL_MS);
    clock.within(left_ms, poll).await.unwrap_or(JobEvent::LimitReached)
}

/// The journal, and the service it is written for.
pub(super) type JournalOfService = Option<(JournalAccess, Service)>;

async fn look_up(client: Client, external_task_id: String, thorough: bool, journal: JournalOfService) -> JobEvent {
    let found = client.tasks_named(&external_task_id, thorough).await;
    if let (Some((journal, _)), Ok(found)) = (journal, &found) {
        journal.looked_up(external_task_id, !found.is_empty(), Settled::NameQuery).await;
    }
    JobEvent::LookedUp(found)
}

/// Queries a task. Before the `first` query it is made sure that no other process follows it.
async fn query(client: Client, task_id: String, first: bool, journal: JournalOfService) -> JobEvent {
    if let (true, Some((journal, service))) = (first, &journal)
        && let Err(problem) = journal.claim(service.clone(), task_id.clone()).await
    {
        return JobEvent::Polled(Err(problem));
    }
    let answer = client.poll(&task_id).await.map(Box::new);
    if let (Some((journal, service)), Ok(task)) = (journal, &answer) {
        // What was asked for, whatever id a gateway reports.
        let task = Task { task_id, ..Task::clone(task) };
        journal.seen(service, Box::new(task)).await;
    }
    JobEvent::Polled(answer)
}

async fn record_accepted(journal: JournalAccess, service: Service, task: AcceptedTask) -> JobEvent {
    let task_id = task.task_id.clone();
    let described = |name: Option<String>| Described::named(name.unwrap_or_default());
    let followed = Followed {
        service,
        task_id: task.task_id,
        external_task_id: task.external_task_id,
        clip: described(task.clip),
        voice: described(task.voice),
    };
    JobEvent::Recorded(journal.accepted(followed).await.map_err(|problem| {
        let words = words::accepted_not_written(task_id, problem);
        Problem::new(ProblemKind::File, words).with_hint(words::accepted_not_written_hint())
    }))
}

async fn record_ended(journal: JournalAccess, task_id: String, day: String) -> JobEvent {
    JobEvent::Recorded(journal.ended(task_id.clone(), day).await.map_err(|problem| {
        let words = words::end_not_written(task_id, problem);
        Problem::new(ProblemKind::File, words).with_hint(words::end_not_written_hint())
    }))
}

/// Fetches the picture of a face from where it is now. `url`: as its session has it.
async fn preview(fetcher: Fetcher, at: String, url: String, journal: Option<JournalAccess>) -> JobEvent {
    let loaded = fetcher.preview(&at).await.map(|preview| PreviewImage {
        encoded: preview.bytes.as_ref().into(),
        extension: preview.extension,
        width_px: preview.width_px,
        height_px: preview.height_px,
        rgba: preview.rgba.into(),
    });
    if let (Some(journal), Ok(image)) = (journal, &loaded) {
        journal.preview_loaded(url, image).await;
    }
    JobEvent::PreviewLoaded(loaded)
}
