//! Tasks: `submitted → processing → succeed | failed`, and what a query says of them.
//!
//! A task outlives its work: it holds what a query answers, never the clip, the voice or the result. Those are freed with the work.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use crate::model::TaskStatus;

use super::faults::Faults;
use super::file_store::lock;
use super::ids::Ids;
use super::refusal::Refusal;
use super::task::{Outcome, Task, TaskKind};
use super::words;

/// How many tasks are remembered; the oldest finished ones are forgotten first.
const MAX_TASKS: usize = 10_000;
/// How long a finished task is remembered: as long as its result may be.
const REMEMBER_MS: i64 = 30 * 24 * 60 * 60 * 1000;

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
    /// The names of forgotten tasks, with their ids.
    forgotten: BTreeMap<String, String>,
    /// The ids of tasks that were forgotten since that was last asked for.
    just_forgotten: Vec<String>,
}

/// What is to be kept of tasks that were forgotten.
#[derive(Debug)]
pub struct Forgotten {
    /// Every name that a forgotten task ever had, with its id.
    pub names: BTreeMap<String, String>,
    /// Those whose records are not needed any more.
    pub task_ids: Vec<String>,
}

impl Tasks {
    /// No tasks yet, and never more than `limit` unfinished ones.
    pub fn new(ids: Ids, limit: usize) -> Self {
        Self { ids, limit, table: Mutex::default() }
    }

    /// Puts the tasks of earlier runs back, in any order, and the names of forgotten ones.
    pub fn restore(&self, tasks: impl IntoIterator<Item = Arc<Task>>, names: BTreeMap<String, String>, now_ms: i64) {
        let mut tasks: Vec<_> = tasks.into_iter().collect();
        tasks.sort_by(|a, b| (a.created_ms, &a.task_id).cmp(&(b.created_ms, &b.task_id)));
        let mut table = lock(&self.table);
        table.by_external_id.extend(names.clone());
        table.forgotten = names;
        for task in tasks {
            table.insert(&task);
        }
        table.prune(now_ms);
    }

    /// What was forgotten since this was last asked; `None` where nothing was.
    pub fn forgotten(&self) -> Option<Forgotten> {
        let mut table = lock(&self.table);
        let task_ids = std::mem::take(&mut table.just_forgotten);
        (!task_ids.is_empty()).then(|| Forgotten { names: table.forgotten.clone(), task_ids })
    }

    /// Takes back a task that was just added, with its name: it could not be written down, and nobody was told of it.
    pub fn withdraw(&self, task: &Task) {
        let mut table = lock(&self.table);
        if table.by_id.remove(&task.task_id).is_some() {
            table.order.retain(|id| *id != task.task_id);
            table.unfinished -= 1;
            if let Some(name) = &task.external_task_id {
                table.by_external_id.remove(name);
            }
        }
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
        let NewTask { external_task_id, kind, faults } = new;
        let task = Arc::new(Task::new(self.ids.number(), external_task_id, kind, faults, now_ms));
        table.insert(&task);
        table.prune(now_ms);
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
        let has_changed = task.change(task.next(now_ms, status, outcome));
        if has_changed && status.is_terminal() {
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

    fn insert(&mut self, task: &Arc<Task>) {
        if let Some(external_task_id) = &task.external_task_id {
            self.by_external_id.insert(external_task_id.clone(), task.task_id.clone());
        }
        self.order.push_back(task.task_id.clone());
        self.by_id.insert(task.task_id.clone(), Arc::clone(task));
        self.unfinished += usize::from(!task.state().status.is_terminal());
    }

    /// Forgets finished tasks: the oldest where there are too many, and those whose time is over.
    fn prune(&mut self, now_ms: i64) {
        let is_over = |task: &Task| {
            let state = task.state();
            state.status.is_terminal() && now_ms.saturating_sub(state.updated_ms) > REMEMBER_MS
        };
        while let Some(id) = self.order.front()
            && self.by_id.get(id).is_none_or(|task| is_over(task))
        {
            self.forget(0);
        }
        while self.order.len() > MAX_TASKS {
            let is_finished = |id: &String| self.by_id.get(id).is_none_or(|task| task.state().status.is_terminal());
            let Some(at) = self.order.iter().position(is_finished) else { return };
            self.forget(at);
        }
    }

    fn forget(&mut self, at: usize) {
        let Some(id) = self.order.remove(at) else { return };
        let name = self.by_id.remove(&id).and_then(|task| task.external_task_id.clone());
        if let Some(name) = name {
            self.forgotten.insert(name, id.clone());
        }
        self.just_forgotten.push(id);
    }
}

#[cfg(test)]
mod tests {
    use super::super::task::TaskRecord;
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
    fn tasks_of_earlier_runs_come_back_and_names_outlive_them() {
        let day_ms = 24 * 60 * 60 * 1000;
        let before = tasks(9);
        let old = before.add(0, identify(Some("old")), name_taken).unwrap();
        let running = before.add(day_ms, identify(Some("running")), name_taken).unwrap();
        before.advance(&old, 1, TaskStatus::Succeed, None);
        let kept: Vec<TaskRecord<u8>> = [&running, &old].map(|task| task.record(task.state(), Some(7))).into();
        let text = serde_json::to_vec(&kept).unwrap();

        let read: Vec<TaskRecord<u8>> = serde_json::from_slice(&text).unwrap();
        let after = tasks(1);
        let names = BTreeMap::from([("ancient".to_owned(), "1".to_owned())]);
        after.restore(read.into_iter().map(|record| Arc::new(Task::of_record(record).0)), names, 31 * day_ms);
        assert_eq!(after.find("running").unwrap().task_id, running.task_id);
        assert!(after.find("old").is_none() && after.find(&old.task_id).is_none(), "its 30 days are over");
        for used in ["ancient", "old", "running"] {
            assert!(after.check_external_task_id(Some(used), name_taken).is_err(), "{used}");
        }
        let Forgotten { names, task_ids } = after.forgotten().unwrap();
        assert_eq!((names.len(), task_ids), (2, vec![old.task_id.clone()]));
        assert!(after.forgotten().is_none());
        assert_eq!(after.add(0, identify(None), name_taken).unwrap_err().code, 1303, "it is still unfinished");

        after.advance(&after.find("running").unwrap(), 0, TaskStatus::Failed, None);
        let taken_back = after.add(0, identify(Some("back")), name_taken).unwrap();
        after.withdraw(&taken_back);
        assert!(after.add(0, identify(Some("back")), name_taken).is_ok(), "its name and its place are free");
    }

    #[test]
    fn progress_never_goes_back() {
        let task = tasks(1).add(0, identify(None), name_taken).unwrap();
        task.set_progress(0.5);
        task.set_progress(0.25);
        assert!((task.progress() - 0.5).abs() < 1e-6);
    }
}
