//! A lip-sync task as a service reports it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Cost;

/// Where a task stands, whatever word the service used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// Taken, not begun.
    Submitted,
    /// Under way; also every word nobody knows.
    Processing,
    /// Done, with a result.
    Succeed,
    /// Over, without one.
    Failed,
}

impl TaskStatus {
    /// Whether it will not change any more.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Succeed | Self::Failed)
    }

    /// The word of the vendor document.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Processing => "processing",
            Self::Succeed => "succeed",
            Self::Failed => "failed",
        }
    }
}

/// A task as last reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The service's name for it.
    pub task_id: String,
    /// Where it stands.
    pub status: TaskStatus,
    /// The word as it came; shown, never trusted.
    pub status_raw: String,
    /// `task_status_msg`: the only reason of a failed task.
    pub status_msg: Option<String>,
    /// 0 to 1 where the service tells.
    pub progress: Option<f32>,
    /// The results, once it succeeded.
    pub videos: Vec<TaskVideo>,
    /// `task_info.external_task_id`: our own name for it.
    pub external_task_id: Option<String>,
    /// `task_info.parent_video`, as it came.
    pub parent_video: Option<Value>,
    /// Milliseconds since the epoch by the service's clock; a value in seconds was converted.
    pub created_at_ms: Option<i64>,
    /// See [`Task::created_at_ms`].
    pub updated_at_ms: Option<i64>,
    /// What it took, where the service says so.
    pub cost: Option<Cost>,
    /// The service's own error code and words for a failed task, where its dialect has them (`kirin`).
    pub error: Option<TaskError>,
    /// Fields nobody documented, as they came.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

/// Why a task failed, in the service's code and words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskError {
    /// A string, for `014002095` is not a number.
    pub code: Option<String>,
    /// The words.
    pub message: String,
}

impl Task {
    /// Why it failed, in the service's words; empty where it gave none.
    #[must_use]
    pub fn failure_text(&self) -> &str {
        let of_error = self.error.as_ref().map(|err| err.message.as_str());
        of_error.or(self.status_msg.as_deref()).unwrap_or_default()
    }
}

/// A result of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskVideo {
    /// Works as a `video_id` afterwards; empty where the service gave none.
    pub id: String,
    /// Where it can be fetched; short-lived (30 days, some gateways 24 hours).
    pub url: String,
    /// The same with a watermark, where there is one.
    pub watermark_url: Option<String>,
    /// `duration`, a string of seconds, possibly fractional, in milliseconds here.
    pub duration_ms: Option<i64>,
}
