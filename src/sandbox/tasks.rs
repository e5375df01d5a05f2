//! Tasks: `submitted → processing → succeed | failed`, and what a query says of them.
//!
//! A task outlives its work: it holds what a query answers, never the clip, the voice or the result. Those are freed with the work.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use crate::model::TaskStatus;

use super::faults::Faults;
use super::file_store::lock;
use super::ids::Ids;
use super::refusal::Refusal;
use super::sessions::FoundFaces;
use super::words;

/// How many tasks are remembered; the oldest finished ones are forgotten first.
const MAX_TASKS: usize = 10_000;

/// What a task does.
#[derive(Debug)]
pub enum TaskKind {
    /// `kirin_identify_face`.
    Identify,
    /// A lip sync, in either dialect.
    LipSync(LipSyncInfo),
}

/// What a query says of a lip sync.
#[derive(Debug)]
pub struct LipSyncInfo {
    /// `parent_video.id`.
    pub parent_video_id: String,
    /// `parent_video.url`; the address of the result with that id where there is none.
    pub parent_video_url: Option<String>,
    /// Length of the clip in milliseconds.
    pub clip_ms: i64,
    /// Length of the crop in milliseconds.
    pub crop_ms: i64,
    /// `watermark_info.enabled`, as it came.
    pub watermark: Option<bool>,
}

/// How a task ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// With faces.
    Faces(Arc<FoundFaces>),
    /// With a video.
    Video {
        /// Works as a `video_id` afterwards.
        id: String,
        /// Length in milliseconds.
        duration_ms: i64,
    },
    /// It failed.
    Failed(Refusal),
}

/// The state of a task.
#[derive(Clone, Debug)]
pub struct TaskState {
    /// The status.
    pub status: TaskStatus,
    /// When it last changed, by the sandbox's clock.
    pub updated_ms: i64,
    /// How it ended; `None` before that.
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
    pub kind: TaskKind,
    /// What goes wrong with it on demand.
    pub faults: Faults,
    /// When it was made, by the sandbox's clock.
    pub created_ms: i64,
    state: Mutex<TaskState>,
    progress_permille: AtomicU32,
}

impl Task {
    /// Its state.
    pub fn state(&self) -> TaskState {
        lock(&self.state).clone()
    }

    /// How far the work has come, 0 to 1.
    pub fn progress(&self) -> f32 {
        self.progress_permille.load(Ordering::Relaxed) as f32 / 1000.0
    }

    /// Notes how far the work has come, 0 to 1. Never goes back.
    pub fn set_progress(&self, done: f32) {
        self.progress_permille.fetch_max((done.clamp(0.0, 1.0) * 1000.0) as u32, Ordering::Relaxed);
    }

    /// What a query says of a lip sync; `None` for an identify.
    pub const fn lip_sync(&self) -> Option<&LipSyncInfo> {
        match &self.kind {
            TaskKind::LipSync(lip_sync) => Some(lip_sync),
            TaskKind::Identify => None,
        }
    }
}

/// What a new task is made of.
pub struct NewTask {
    /// See [`Task::external_task_id`].
    pub external_task_id: Option<String>,
    /// See [`Task::kind`].
    pub kind: TaskKind,
    /// See [`Task::faults`].
    pub faults: Faults,
}

/// The refusal of a name that is used: the name, and the task that has or had it.
pub type NameTaken = fn(&str, &str) -> Refusal;

/// Every task.
#[derive(Debug)]
pub struct Tasks {
    ids: Ids,
    /// How many may be unfinished.
    limit: usize,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    by_id: HashMap<String, Arc<Task>>,
    /// Every name that was ever used, with its task's id: a name outlives its task.
    by_external_id: HashMap<String, String>,
    /// Oldest first.
    order: VecDeque<String>,
    unfinished: usize,
}

impl Tasks {
    /// No tasks yet, and never more than `limit` unfinished ones.
    pub fn new(ids: Ids, limit: usize) -> Self {
        Self { ids, limit, table: Mutex::default() }
    }

    /// How many may be unfinished.
    pub const fn limit(&self) -> usize {
        self.limit
    }

    /// Checks that a name of the caller's was never used.
    ///
    /// # Errors
    /// A task has it, or had it before it was forgotten.
    pub fn check_external_task_id(&self, external_task_id: Option<&str>, taken: NameTaken) -> Result<(), Refusal> {
        lock(&self.table).check_external_task_id(external_task_id, taken)
    }

    /// Adds a task, `submitted`.
    ///
    /// # Errors
    /// Its name is used, or too many tasks are unfinished.
    pub fn add(&self, now_ms: i64, new: NewTask, taken: NameTaken) -> Result<Arc<Task>, Refusal> {
        let mut table = lock(&self.table);
        table.check_external_task_id(new.external_task_id.as_deref(), taken)?;
        if table.unfinished >= self.limit {
            return Err(Refusal::new(1303, words::too_many_tasks(table.unfinished, self.limit)));
        }
        let state = TaskState { status: TaskStatus::Submitted, updated_ms: now_ms, outcome: None };
        let task = Arc::new(Task {
            task_id: self.ids.number(),
            external_task_id: new.external_task_id,
            kind: new.kind,
            faults: new.faults,
            created_ms: now_ms,
            state: Mutex::new(state),
            progress_permille: AtomicU32::new(0),
        });
        if let Some(external_task_id) = &task.external_task_id {
            table.by_external_id.insert(external_task_id.clone(), task.task_id.clone());
        }
        table.order.push_back(task.task_id.clone());
        table.by_id.insert(task.task_id.clone(), Arc::clone(&task));
        table.unfinished += 1;
        table.prune();
        Ok(task)
    }

    /// The task with this id, or with this `external_task_id`.
    pub fn find(&self, id: &str) -> Option<Arc<Task>> {
        let table = lock(&self.table);
        let by_external_id = || table.by_external_id.get(id).and_then(|id| table.by_id.get(id));
        table.by_id.get(id).or_else(by_external_id).map(Arc::clone)
    }

    /// A page of the lip syncs, newest first. Pages count from 1.
    pub fn page(&self, number: usize, size: usize) -> Vec<Arc<Task>> {
        let table = lock(&self.table);
        let newest_first = table.order.iter().rev().filter_map(|id| table.by_id.get(id));
        let lip_syncs = newest_first.filter(|task| task.lip_sync().is_some());
        lip_syncs.skip((number - 1).saturating_mul(size)).take(size).map(Arc::clone).collect()
    }

    /// Changes a task's status. A finished task stays as it is.
    pub fn advance(&self, task: &Task, now_ms: i64, status: TaskStatus, outcome: Option<Outcome>) {
        let mut table = lock(&self.table);
        let mut state = lock(&task.state);
        if state.status.is_terminal() {
            return;
        }
        // A change is later than what came before it, also within the same millisecond.
        let updated_ms = now_ms.max(state.updated_ms + 1);
        *state = TaskState { status, updated_ms, outcome };
        if status.is_terminal() {
            table.unfinished -= 1;
        }
    }
}

impl Table {
    fn check_external_task_id(&self, external_task_id: Option<&str>, taken: NameTaken) -> Result<(), Refusal> {
        match external_task_id.and_then(|id| self.by_external_id.get_key_value(id)) {
            None => Ok(()),
            Some((external_task_id, task_id)) => Err(taken(external_task_id, task_id)),
        }
    }

    fn prune(&mut self) {
        while self.order.len() > MAX_TASKS {
            let is_finished = |id: &String| self.by_id.get(id).is_none_or(|task| task.state().status.is_terminal());
            let Some(at) = self.order.iter().position(is_finished) else { return };
            if let Some(id) = self.order.remove(at) {
                self.by_id.remove(&id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::kling::name_taken;

    fn tasks(limit: usize) -> Tasks {
        Tasks::new(Ids::new(getrandom::fill).unwrap(), limit)
    }

    fn identify(external_task_id: Option<&str>) -> NewTask {
        NewTask {
            external_task_id: external_task_id.map(Into::into),
            kind: TaskKind::Identify,
            faults: Faults::default(),
        }
    }

    #[test]
    fn an_external_id_is_unique_and_finds_the_task() {
        let tasks = tasks(9);
        let task = tasks.add(1, identify(Some("mine")), name_taken).unwrap();
        assert_eq!(tasks.find("mine").unwrap().task_id, task.task_id);
        assert_eq!(tasks.find(&task.task_id).unwrap().task_id, task.task_id);
        tasks.advance(&task, 2, TaskStatus::Failed, None);
        let refused = tasks.add(3, identify(Some("mine")), name_taken).unwrap_err();
        assert_eq!((refused.code, refused.message.as_str()), (1201, "External_task_id mine already exists"));
    }

    #[test]
    fn too_many_unfinished_tasks_are_1303_until_one_is_finished() {
        let tasks = tasks(2);
        let first = tasks.add(1, identify(None), name_taken).unwrap();
        tasks.add(1, identify(None), name_taken).unwrap();
        assert_eq!(tasks.add(1, identify(None), name_taken).unwrap_err().code, 1303);
        tasks.advance(&first, 1, TaskStatus::Succeed, None);
        assert_eq!(first.state().updated_ms, 2);
        tasks.advance(&first, 9, TaskStatus::Failed, None);
        assert_eq!(first.state().status, TaskStatus::Succeed, "a finished task stays as it is");
        assert!(tasks.add(1, identify(None), name_taken).is_ok());
    }

    #[test]
    fn old_finished_tasks_are_forgotten() {
        let tasks = tasks(3);
        let waiting = tasks.add(0, identify(Some("waiting")), name_taken).unwrap();
        for at in 0..=MAX_TASKS {
            let task = tasks.add(at as i64, identify(Some(&format!("x{at}"))), name_taken).unwrap();
            tasks.advance(&task, at as i64, TaskStatus::Succeed, None);
        }
        assert!(tasks.find(&waiting.task_id).is_some());
        assert!(tasks.find("x0").is_none());
        assert!(tasks.check_external_task_id(Some("x0"), name_taken).is_err(), "a name outlives its task");
        assert!(tasks.find(&format!("x{MAX_TASKS}")).is_some());
    }

    #[test]
    fn progress_never_goes_back() {
        let task = tasks(1).add(0, identify(None), name_taken).unwrap();
        task.set_progress(0.5);
        task.set_progress(0.25);
        assert!((task.progress() - 0.5).abs() < 1e-6);
    }
}
