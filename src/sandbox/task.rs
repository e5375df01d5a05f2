//! One task: what a query says of it, and how it is kept.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};

use crate::model::TaskStatus;

use super::faults::Faults;
use super::file_store::lock;
use super::refusal::Refusal;
use super::sessions::FoundFaces;

/// What a task does.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub enum TaskKind {
    /// `kirin_identify_face`.
    Identify,
    /// A lip sync, in either dialect.
    LipSync(LipSyncInfo),
}

/// What a query says of a lip sync.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct LipSyncInfo {
    /// `parent_video.id`.
    pub parent_video_id: String,
    /// `parent_video.url`, a path where that is this sandbox; the address of the result with that id where there is none.
    pub parent_video_url: Option<String>,
    /// Length of the clip in milliseconds.
    pub clip_ms: i64,
    /// Length of the crop in milliseconds.
    pub crop_ms: i64,
    /// `watermark_info.enabled`, as it came.
    pub watermark: Option<bool>,
}

/// How a task ended.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub enum Outcome {
    /// With faces.
    Faces(#[serde(with = "shared_faces")] Arc<FoundFaces>),
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

/// Faces by value: shared ones are written once for each task.
mod shared_faces {
    use std::sync::Arc;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use crate::sandbox::sessions::FoundFaces;

    pub fn serialize<S: Serializer>(faces: &Arc<FoundFaces>, serializer: S) -> Result<S::Ok, S::Error> {
        FoundFaces::serialize(faces, serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<FoundFaces>, D::Error> {
        FoundFaces::deserialize(deserializer).map(Arc::new)
    }
}

/// The state of a task.
#[derive(Clone, Debug, Deserialize, Serialize)]
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
    /// A task that was just made, `submitted`.
    pub fn new(task_id: String, external_task_id: Option<String>, kind: TaskKind, faults: Faults, now_ms: i64) -> Self {
        let state = TaskState { status: TaskStatus::Submitted, updated_ms: now_ms, outcome: None };
        let (state, progress_permille) = (Mutex::new(state), AtomicU32::new(0));
        Self { task_id, external_task_id, kind, faults, created_ms: now_ms, state, progress_permille }
    }

    /// Changes its state, unless it is at its end. Returns whether it did.
    pub(super) fn change(&self, next: TaskState) -> bool {
        let mut state = lock(&self.state);
        let may = !state.status.is_terminal();
        if may {
            *state = next;
        }
        may
    }

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

    /// Its state once its status is another, changed at `now_ms`.
    pub fn next(&self, now_ms: i64, status: TaskStatus, outcome: Option<Outcome>) -> TaskState {
        // A change is later than what came before it, also within the same millisecond.
        TaskState { status, updated_ms: now_ms.max(lock(&self.state).updated_ms + 1), outcome }
    }

    /// It as it is kept, in this state. `unfinished`: what its work is made of, until it is at its end.
    pub fn record<W>(&self, state: TaskState, unfinished: Option<W>) -> TaskRecord<W> {
        TaskRecord {
            task_id: self.task_id.clone(),
            external_task_id: self.external_task_id.clone(),
            kind: self.kind.clone(),
            faults: self.faults.clone(),
            created_ms: self.created_ms,
            state,
            unfinished,
        }
    }

    /// The task of a record, with what its work is made of.
    pub fn of_record<W>(record: TaskRecord<W>) -> (Self, Option<W>) {
        let TaskRecord { task_id, external_task_id, kind, faults, created_ms, state, unfinished } = record;
        let (state, progress_permille) = (Mutex::new(state), AtomicU32::new(0));
        (Self { task_id, external_task_id, kind, faults, created_ms, state, progress_permille }, unfinished)
    }

    /// What a query says of a lip sync; `None` for an identify.
    pub const fn lip_sync(&self) -> Option<&LipSyncInfo> {
        match &self.kind {
            TaskKind::LipSync(lip_sync) => Some(lip_sync),
            TaskKind::Identify => None,
        }
    }
}

/// A task as it is kept. `W`: what its work is made of.
#[derive(Debug, Deserialize, Serialize)]
pub struct TaskRecord<W> {
    /// See [`Task::task_id`].
    pub task_id: String,
    external_task_id: Option<String>,
    kind: TaskKind,
    faults: Faults,
    created_ms: i64,
    /// How it stands.
    pub state: TaskState,
    /// What its work is made of; `None` once it is at its end.
    pub unfinished: Option<W>,
}
