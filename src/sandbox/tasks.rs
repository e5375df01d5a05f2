//! Tasks: `submitted → processing → succeed | failed`, and everything that is told about them.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use crate::model::{Placement, TaskStatus, VoiceProbe};

use super::callbacks::Postman;
use super::faults::Faults;
use super::ids;
use super::refusal::Refusal;
use super::sessions::Session;
use super::shelf::{Blob, lock};

/// How many tasks are remembered; the oldest finished ones go first.
const MOST: usize = 10_000;

/// What a task does.
#[derive(Debug)]
pub enum Work {
    /// `kirin_identify_face`.
    Identify,
    /// A lip sync, in either dialect.
    LipSync(LipSync),
}

/// A lip sync whose request was found good.
#[derive(Debug)]
pub struct LipSync {
    /// The clip and its faces.
    pub session: Arc<Session>,
    /// Which of the faces.
    pub face_index: usize,
    /// The voice.
    pub voice: Voice,
    /// Where it goes.
    pub placement: Placement,
    /// `watermark_info.enabled`, as it came.
    pub watermark: Option<bool>,
}

/// A voice that was found good.
#[derive(Clone, Debug)]
pub struct Voice {
    /// The file.
    pub blob: Arc<Blob>,
    /// What it is.
    pub probe: VoiceProbe,
}

/// What came of a task.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Faces.
    Faces(Arc<Session>),
    /// A video: its id and its length in milliseconds.
    Video {
        /// Works as a `video_id` afterwards.
        id: String,
        /// Length in milliseconds.
        duration_ms: i64,
    },
    /// Nothing, and why.
    Failed(Refusal),
}

/// Where a task stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The status.
    pub status: TaskStatus,
    /// When it last changed, by the sandbox's clock.
    pub updated_ms: i64,
    /// What came of it, once it is over.
    pub outcome: Option<Outcome>,
}

/// A task.
#[derive(Debug)]
#[expect(clippy::struct_field_names, reason = "task_id and external_task_id are its names on the wire")]
pub struct Task {
    /// The sandbox's name for it.
    pub task_id: String,
    /// The caller's name for it.
    pub external_task_id: Option<String>,
    /// What it does.
    pub work: Work,
    /// What goes wrong with it on demand.
    pub faults: Faults,
    /// When it was made, by the sandbox's clock.
    pub created_ms: i64,
    /// Who is told of its changes.
    pub postman: Option<Postman>,
    /// The address the caller knows the sandbox by: what the callbacks' addresses begin with.
    pub origin: String,
    standing: Mutex<Standing>,
    progress_permille: AtomicU32,
}

impl Task {
    /// Where it stands.
    pub fn standing(&self) -> Standing {
        lock(&self.standing).clone()
    }

    /// How far the work came, 0 to 1.
    pub fn progress(&self) -> f32 {
        self.progress_permille.load(Ordering::Relaxed) as f32 / 1000.0
    }

    /// Notes how far the work came, 0 to 1. Never goes back.
    pub fn set_progress(&self, done: f32) {
        self.progress_permille.fetch_max((done.clamp(0.0, 1.0) * 1000.0) as u32, Ordering::Relaxed);
    }

    /// The lip sync it does; `None` for an identify.
    pub const fn lip_sync(&self) -> Option<&LipSync> {
        match &self.work {
            Work::LipSync(lip_sync) => Some(lip_sync),
            Work::Identify => None,
        }
    }
}

/// What a new task is made of.
pub struct NewTask {
    /// See [`Task::external_task_id`].
    pub external_task_id: Option<String>,
    /// See [`Task::work`].
    pub work: Work,
    /// See [`Task::faults`].
    pub faults: Faults,
    /// See [`Task::postman`].
    pub postman: Option<Postman>,
    /// See [`Task::origin`].
    pub origin: String,
}

/// Every task.
#[derive(Debug)]
pub struct Tasks {
    limit: usize,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    by_id: HashMap<String, Arc<Task>>,
    by_external_id: HashMap<String, String>,
    /// Oldest first.
    order: VecDeque<String>,
    unfinished: usize,
}

impl Tasks {
    /// No tasks yet, and never more than `limit` unfinished ones.
    pub fn new(limit: usize) -> Self {
        Self { limit, inner: Mutex::default() }
    }

    /// Whether a name of the caller's is free.
    pub fn check_external_task_id(&self, external_task_id: Option<&str>) -> Result<(), Refusal> {
        lock(&self.inner).check_external_task_id(external_task_id)
    }

    /// Adds a task, `submitted`.
    pub fn add(&self, now_ms: i64, new: NewTask) -> Result<Arc<Task>, Refusal> {
        let mut inner = lock(&self.inner);
        inner.check_external_task_id(new.external_task_id.as_deref())?;
        if inner.unfinished >= self.limit {
            return Err(Refusal::new(
                1303,
                format!(
                    "too many tasks at once: {} are not finished, and the limit is {}; try again in a second",
                    inner.unfinished, self.limit
                ),
            ));
        }
        let standing = Standing { status: TaskStatus::Submitted, updated_ms: now_ms, outcome: None };
        let task = Arc::new(Task {
            task_id: ids::number_id(),
            external_task_id: new.external_task_id,
            work: new.work,
            faults: new.faults,
            created_ms: now_ms,
            postman: new.postman,
            origin: new.origin,
            standing: Mutex::new(standing),
            progress_permille: AtomicU32::new(0),
        });
        if let Some(external_task_id) = &task.external_task_id {
            inner.by_external_id.insert(external_task_id.clone(), task.task_id.clone());
        }
        inner.order.push_back(task.task_id.clone());
        inner.by_id.insert(task.task_id.clone(), Arc::clone(&task));
        inner.unfinished += 1;
        inner.prune();
        Ok(task)
    }

    /// The task with this id, or with this `external_task_id`.
    pub fn find(&self, id: &str) -> Option<Arc<Task>> {
        let inner = lock(&self.inner);
        let by_external_id = || inner.by_external_id.get(id).and_then(|id| inner.by_id.get(id));
        inner.by_id.get(id).or_else(by_external_id).map(Arc::clone)
    }

    /// A page of the lip syncs, newest first. Pages count from 1.
    pub fn page(&self, number: usize, size: usize) -> Vec<Arc<Task>> {
        let inner = lock(&self.inner);
        let newest_first = inner.order.iter().rev().filter_map(|id| inner.by_id.get(id));
        let lip_syncs = newest_first.filter(|task| task.lip_sync().is_some());
        lip_syncs.skip((number - 1).saturating_mul(size)).take(size).map(Arc::clone).collect()
    }

    /// Moves a task on. A task that is over stays as it is.
    pub fn advance(&self, task: &Task, now_ms: i64, status: TaskStatus, outcome: Option<Outcome>) {
        let mut inner = lock(&self.inner);
        let mut standing = lock(&task.standing);
        if standing.status.is_terminal() {
            return;
        }
        // A change is later than what came before it, also within the same millisecond.
        let updated_ms = now_ms.max(standing.updated_ms + 1);
        *standing = Standing { status, updated_ms, outcome };
        if status.is_terminal() {
            inner.unfinished -= 1;
        }
    }
}

impl Inner {
    fn check_external_task_id(&self, external_task_id: Option<&str>) -> Result<(), Refusal> {
        match external_task_id.and_then(|id| self.by_external_id.get_key_value(id)) {
            None => Ok(()),
            Some((external_task_id, task_id)) => Err(Refusal::field(
                "external_task_id",
                format_args!("{external_task_id} is already the name of task {task_id}; it must be unique"),
            )),
        }
    }

    fn prune(&mut self) {
        while self.order.len() > MOST {
            let is_over = |id: &String| self.by_id.get(id).is_none_or(|task| task.standing().status.is_terminal());
            let Some(at) = self.order.iter().position(is_over) else { return };
            let Some(task) = self.order.remove(at).and_then(|id| self.by_id.remove(&id)) else { continue };
            if let Some(external_task_id) = &task.external_task_id {
                self.by_external_id.remove(external_task_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identify(external_task_id: Option<&str>) -> NewTask {
        NewTask {
            external_task_id: external_task_id.map(Into::into),
            work: Work::Identify,
            faults: Faults::default(),
            postman: None,
            origin: String::new(),
        }
    }

    #[test]
    fn an_external_id_is_unique_and_finds_the_task() {
        let tasks = Tasks::new(9);
        let task = tasks.add(1, identify(Some("mine"))).unwrap();
        assert_eq!(tasks.find("mine").unwrap().task_id, task.task_id);
        assert_eq!(tasks.find(&task.task_id).unwrap().task_id, task.task_id);
        tasks.advance(&task, 2, TaskStatus::Failed, None);
        let refused = tasks.add(3, identify(Some("mine"))).unwrap_err();
        assert_eq!(refused.code, 1201);
        assert!(refused.message.starts_with("external_task_id: mine is already"), "{refused}");
    }

    #[test]
    fn too_many_unfinished_tasks_are_1303_until_one_is_over() {
        let tasks = Tasks::new(2);
        let first = tasks.add(1, identify(None)).unwrap();
        tasks.add(1, identify(None)).unwrap();
        assert_eq!(tasks.add(1, identify(None)).unwrap_err().code, 1303);
        tasks.advance(&first, 1, TaskStatus::Succeed, None);
        assert_eq!(first.standing().updated_ms, 2);
        tasks.advance(&first, 9, TaskStatus::Failed, None);
        assert_eq!(first.standing().status, TaskStatus::Succeed, "a task that is over stays as it is");
        assert!(tasks.add(1, identify(None)).is_ok());
    }

    #[test]
    fn old_finished_tasks_are_forgotten() {
        let tasks = Tasks::new(3);
        let waiting = tasks.add(0, identify(Some("waiting"))).unwrap();
        for at in 0..=MOST {
            let task = tasks.add(at as i64, identify(Some(&format!("x{at}")))).unwrap();
            tasks.advance(&task, at as i64, TaskStatus::Succeed, None);
        }
        assert!(tasks.find(&waiting.task_id).is_some());
        assert!(tasks.find("x0").is_none());
        assert!(tasks.find(&format!("x{MOST}")).is_some());
    }

    #[test]
    fn progress_never_goes_back() {
        let task = Tasks::new(1).add(0, identify(None)).unwrap();
        task.set_progress(0.5);
        task.set_progress(0.25);
        assert!((task.progress() - 0.5).abs() < 1e-6);
    }
}
