//! The work of a task, from `submitted` to its end. Where tasks are kept, it is written down before its task is told of, and begun anew by
//! the next run where this one ends before it.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::media::RenderPlan;
use crate::media::faces::FaceTrack;
use crate::model::{MouthBox, Placement, TaskStatus};

use super::assets::{AssetKind, Origin};
use super::blocking::{self, Permit, Progress};
use super::core::Core;
use super::faults::Fault;
use super::file_store::{FileRecord, FileStore, StoredFile};
use super::identify;
use super::kling::{self, ClipRequest};
use super::ledger::Deduction;
use super::media_work::{self, WorkError};
use super::records::Kind;
use super::refusal::Refusal;
use super::sessions::{Session, SessionRecord};
use super::task::{Outcome, Task};
use super::webhook::WebhookSender;
use super::words;

/// A minute of 1080p takes about as long on one core; one that takes longer than this does not end.
const MAX_RENDER: Duration = Duration::from_mins(15);

/// The work of a task and what it uses, freed when it ends.
pub enum Work {
    /// Finds the faces of a clip.
    Identify(ClipRequest),
    /// Renders a result.
    LipSync(LipSync),
}

/// What a result is rendered from.
pub struct LipSync {
    /// The clip with its faces.
    pub session: Arc<Session>,
    /// The face's name in the session.
    pub face_id: String,
    /// The face.
    pub face: FaceTrack,
    /// The voice.
    pub voice: Arc<StoredFile>,
    /// Where the voice goes.
    pub placement: Placement,
    /// Where the mouth is, where the caller says so.
    pub mouth_box: Option<MouthBox>,
}

/// Who receives the changes of a task's status.
pub struct Owner {
    /// Where.
    pub url: Url,
    /// The address by which the caller knows the sandbox: addresses in webhooks begin with it.
    pub origin: String,
}

/// Work as it is kept, with where changes of its task's status are sent.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct WorkRecord {
    work: Kept,
    callback_url: Option<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
enum Kept {
    /// An address; a path where that is this sandbox.
    IdentifyUrl(String),
    IdentifyVideo(String),
    LipSync(Box<KeptLipSync>),
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct KeptLipSync {
    session: SessionRecord,
    face_id: String,
    voice: FileRecord,
    placement: Placement,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mouth_box: Option<MouthBox>,
}

/// The work of a task of an earlier run.
pub struct Resumed {
    work: Work,
    owner: Option<Owner>,
}

/// Sends the changes of a task's status.
struct Sender {
    sender: WebhookSender,
    origin: String,
}

impl Sender {
    fn spawn(core: &Core, owner: Owner) -> Self {
        Self { sender: WebhookSender::spawn(Arc::clone(&core.webhooks), owner.url), origin: owner.origin }
    }

    fn notify(&self, task: &Task) {
        self.sender.send(kling::webhook_data(task, &self.origin));
    }
}

impl Work {
    /// Its files.
    fn files(&self) -> Vec<Arc<StoredFile>> {
        match self {
            Self::Identify(_) => Vec::new(),
            Self::LipSync(lip_sync) => {
                let mut files = lip_sync.session.files();
                files.push(Arc::clone(&lip_sync.voice));
                files
            }
        }
    }

    /// It as it is kept; `None` where nothing is.
    fn record(&self, core: &Core, owner: Option<&Owner>) -> Option<WorkRecord> {
        let work = match self {
            Self::Identify(ClipRequest::Url(url)) => Kept::IdentifyUrl(core.hosts.path_or_url(url)),
            Self::Identify(ClipRequest::VideoId(id)) => Kept::IdentifyVideo(id.clone()),
            Self::LipSync(LipSync { session, face_id, voice, placement, mouth_box, .. }) => {
                let (face_id, voice, placement, mouth_box) = (face_id.clone(), voice.record(), *placement, *mouth_box);
                let session = session.record()?;
                Kept::LipSync(Box::new(KeptLipSync { session, face_id, voice, placement, mouth_box }))
            }
        };
        let callback_url = owner.map(|owner| owner.url.to_string());
        core.records.is_kept().then_some(WorkRecord { work, callback_url })
    }
}

impl WorkRecord {
    /// The work of an earlier run, on its files. `open`: the sessions that are open; `base_url`: the address of this run. Blocks.
    ///
    /// # Errors
    /// A file is not there any more, or an address is none.
    pub fn resumed(
        self,
        files: &FileStore,
        open: &HashMap<String, Arc<Session>>,
        base_url: &str,
    ) -> io::Result<Resumed> {
        let parse = |text: &str| Url::parse(text).map_err(|err| io::Error::new(io::ErrorKind::InvalidData, err));
        let work = match self.work {
            Kept::IdentifyUrl(url) if url.starts_with('/') => {
                Work::Identify(ClipRequest::Url(parse(&format!("{base_url}{url}"))?))
            }
            Kept::IdentifyUrl(url) => Work::Identify(ClipRequest::Url(parse(&url)?)),
            Kept::IdentifyVideo(id) => Work::Identify(ClipRequest::VideoId(id)),
            Kept::LipSync(kept) => {
                let KeptLipSync { session, face_id, voice, placement, mouth_box } = *kept;
                let session = match open.get(&session.session_id) {
                    Some(session) => Arc::clone(session),
                    None => Arc::new(Session::of_record(session, files)?),
                };
                let face = session.analysis.face(&face_id).cloned();
                let face = face.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, words::face_is_gone()))?;
                let voice = files.adopt(&voice)?;
                Work::LipSync(LipSync { session, face_id, face, voice, placement, mouth_box })
            }
        };
        let url = self.callback_url.as_deref().map(parse).transpose()?;
        Ok(Resumed { work, owner: url.map(|url| Owner { url, origin: base_url.to_owned() }) })
    }
}

/// Begins the work of a task that was just added. Where tasks are kept, both are written down first.
///
/// # Errors
/// They cannot be written down: there is no such task then.
pub async fn begin(core: &Arc<Core>, task: &Arc<Task>, work: Work, owner: Option<Owner>) -> Result<(), Refusal> {
    let (core, task) = (Arc::clone(core), Arc::clone(task));
    // Not by the caller's future: a caller that hangs up must not leave a task that nobody works on.
    let begun = tokio::spawn(async move {
        if let Some(record) = work.record(&core, owner.as_ref()) {
            let record = task.record(task.state(), Some(record));
            if let Err(err) = core.records.write(Kind::Task, &task.task_id, record, work.files()).await {
                core.tasks.withdraw(&task);
                return Err(Refusal::disk(&err));
            }
        }
        keep_forgotten(&core).await;
        spawn(&core, &task, work, owner);
        Ok(())
    });
    begun.await.unwrap_or_else(|err| Err(Refusal::internal(err)))
}

/// Begins the work of a task of an earlier run anew, or ends the task where that cannot be.
pub async fn begin_anew(core: &Arc<Core>, task: &Arc<Task>, work: Result<Resumed, Refusal>) {
    match work {
        Ok(Resumed { work, owner }) => spawn(core, task, work, owner),
        Err(refusal) => end(core, task, Outcome::Failed(refusal), Vec::new()).await,
    }
}

/// Writes down the names of tasks that were forgotten, and then removes what else is kept of those.
pub async fn keep_forgotten(core: &Core) {
    let Some(forgotten) = core.tasks.forgotten() else { return };
    match core.records.write(Kind::Book, "names", forgotten.names, Vec::new()).await {
        Ok(()) => forgotten.task_ids.iter().for_each(|id| core.records.remove(Kind::Task, id)),
        // The tasks are there again in the next run, which forgets them once more.
        Err(err) => tracing::warn!(%err, "the sandbox could not write down the names of its oldest tasks"),
    }
}

fn spawn(core: &Arc<Core>, task: &Arc<Task>, work: Work, owner: Option<Owner>) {
    let sender = owner.map(|owner| Sender::spawn(core, owner));
    if let Some(sender) = &sender {
        sender.notify(task);
    }
    tokio::spawn(run(Arc::clone(core), Arc::clone(task), work, sender));
}

/// Does the work of a task, from `submitted` to its end. What the work uses is freed before the task is finished.
async fn run(core: Arc<Core>, task: Arc<Task>, work: Work, sender: Option<Sender>) {
    // What is kept of the task names them until its end is written down.
    let files = if core.records.is_kept() { work.files() } else { Vec::new() };
    let outcome = core.stop.unless_stopped(outcome_of(&core, &task, work, sender.as_ref())).await;
    let outcome = match outcome {
        Some(outcome) => outcome,
        // The next run begins it anew.
        None if core.records.is_kept() => return,
        None => Outcome::Failed(Refusal::internal(words::stopped_before_the_task())),
    };
    end(&core, &task, outcome, files).await;
    if let Some(sender) = sender {
        sender.notify(&task);
    }
}

/// Ends a task: first on the disk, where tasks are kept.
async fn end(core: &Core, task: &Task, outcome: Outcome, files: Vec<Arc<StoredFile>>) {
    let status = if matches!(outcome, Outcome::Failed(_)) { TaskStatus::Failed } else { TaskStatus::Succeed };
    let now_ms = core.clock.now_ms();
    if core.records.is_kept() {
        let state = task.next(now_ms, status, Some(outcome.clone()));
        let record = task.record(state, None::<WorkRecord>);
        if let Err(err) = core.records.write(Kind::Task, &task.task_id, record, Vec::new()).await {
            tracing::warn!(%err, task = task.task_id, "the sandbox could not write down the end of a task: its next run does it again");
        }
    }
    drop(files);
    if status == TaskStatus::Succeed {
        core.ledger.book(Deduction::of_task(task, &outcome, now_ms));
        core.ledger.keep(&core.records).await;
    }
    core.tasks.advance(task, now_ms, status, Some(outcome));
}

async fn outcome_of(core: &Arc<Core>, task: &Arc<Task>, work: Work, sender: Option<&Sender>) -> Outcome {
    if task.faults.has(&Fault::Queue) {
        return std::future::pending().await;
    }
    let permit = match work {
        Work::LipSync(_) => blocking::permit(&core.render_permits).await,
        Work::Identify(_) => None,
    };
    core.tasks.advance(task, core.clock.now_ms(), TaskStatus::Processing, None);
    if let Some(sender) = sender {
        sender.notify(task);
    }
    if task.faults.has(&Fault::Hang) {
        // The permit is given back: a task that hangs on demand does not stop the others.
        drop(permit);
        return std::future::pending().await;
    }
    if let Some(by) = task.faults.slow() {
        core.clock.sleep(by).await;
    }
    if let Some(reason) = task.faults.find(|fault| if let Fault::Fail(why) = fault { Some(why) } else { None }) {
        return Outcome::Failed(Refusal::new(5000, reason));
    }
    let progress: Progress = {
        let task = Arc::clone(task);
        Arc::new(move |done| task.set_progress(done))
    };
    let outcome = match work {
        Work::Identify(request) => {
            identify::identify(core, request, progress).await.map(|session| Outcome::Faces(Arc::clone(&session.found)))
        }
        Work::LipSync(lip_sync) => render(core, permit, lip_sync, progress).await,
    };
    outcome.unwrap_or_else(Outcome::Failed)
}

/// Renders the result of a lip sync, and stores it.
async fn render(core: &Arc<Core>, permit: Permit, work: LipSync, progress: Progress) -> Result<Outcome, Refusal> {
    let reservation = core.storage.reserve(media_work::result_bytes(&work.session.analysis.probe))?;
    let of_work = Arc::clone(core);
    let rendered = blocking::run(permit, MAX_RENDER, progress, move |job| {
        let files = &of_work.storage.files;
        let out = files.new_path("mp4");
        let plan = RenderPlan {
            clip: work.session.clip.path().to_owned(),
            voice: work.voice.path().to_owned(),
            track: work.face,
            placement: work.placement,
            mouth_box: work.mouth_box,
            out: out.clone(),
        };
        let duration_ms = media_work::render(&plan, job)?;
        let stored = files.store(out, reservation).map_err(|err| WorkError::Internal(err.to_string()))?;
        Ok((stored, duration_ms))
    });
    let (file, duration_ms) = rendered.await.map_err(|err| match err {
        WorkError::File(why) => Refusal::new(1201, why),
        WorkError::Internal(why) => Refusal::internal(why),
    })?;
    let added = core.storage.assets.add(core.clock.now_ms(), AssetKind::Video, file, Origin::Result).await;
    let asset = added.map_err(|err| Refusal::disk(&err))?;
    Ok(Outcome::Video { id: asset.id, duration_ms })
}
