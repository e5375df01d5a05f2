//! A lip-sync task as a service reports it.

use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Cost;

/// The status of a task, whatever word the service used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// Accepted, not started.
    Submitted,
    /// In progress; also every unknown status word.
    Processing,
    /// Ended with a result.
    Succeed,
    /// Ended without a result.
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
    /// The service's id for it.
    pub task_id: String,
    /// Its status.
    pub status: TaskStatus,
    /// The status word as received, for display only.
    pub status_raw: String,
    /// `task_status_msg`: the only reason of a failed task.
    pub status_msg: Option<String>,
    /// 0 to 1 where the service reports it.
    pub progress: Option<f32>,
    /// The results, once it succeeded.
    pub videos: Vec<TaskVideo>,
    /// `task_info.external_task_id`: our own name for it.
    pub external_task_id: Option<String>,
    /// `task_info.parent_video`, as received.
    pub parent_video: Option<Value>,
    /// Milliseconds since the epoch by the service's clock; a value in seconds was converted.
    pub created_at_ms: Option<i64>,
    /// See [`Task::created_at_ms`].
    pub updated_at_ms: Option<i64>,
    /// What it cost, where the service says so.
    pub cost: Option<Cost>,
    /// The service's own error code and words for a failed task, where its dialect has them (`kirin`).
    pub error: Option<TaskError>,
    /// Undocumented fields, as received.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

/// Why a task failed, in the service's code and words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskError {
    /// Text, because `014002095` is not a number.
    pub code: Option<String>,
    /// The message.
    pub message: String,
}

/// Most results that are taken from one answer: the documents have one.
pub const MOST_VIDEOS: usize = 16;
/// The name in [`Task::extra`] of how many more results an answer named.
pub const VIDEOS_LEFT_OUT: &str = "videos_left_out";

/// Longest value of a fact, in characters.
const FACT_CHARS: usize = 200;

impl Task {
    /// What the service reported beside status, message, names and cost, as name and value: its times, the clip the task was made
    /// from, copies with a watermark, and fields that no document names.
    #[must_use]
    pub fn facts(&self) -> Vec<(String, String)> {
        let mut facts: Vec<(String, String)> = Vec::new();
        let times = [("Created", self.created_at_ms), ("Updated", self.updated_at_ms)];
        facts.extend(times.iter().filter_map(|(name, ms)| Some(((*name).to_owned(), date_text((*ms)?)))));
        for (at, video) in self.videos.iter().enumerate() {
            let number = if self.videos.len() > 1 { format!(" {}", at + 1) } else { String::new() };
            if !video.id.is_empty() {
                facts.push((format!("Video id{number}"), video.id.clone()));
            }
            if let Some(url) = &video.watermark_url {
                facts.push((format!("With watermark{number}"), url.clone()));
            }
        }
        if let Some(parent) = &self.parent_video {
            facts.push(("Made from".to_owned(), value_text(parent)));
        }
        facts.extend(self.extra.iter().map(|(name, value)| (name.clone(), value_text(value))));
        facts
    }

    /// How many results its answer named beyond [`MOST_VIDEOS`].
    #[must_use]
    pub fn videos_left_out(&self) -> u64 {
        self.extra.get(VIDEOS_LEFT_OUT).and_then(Value::as_u64).unwrap_or(0)
    }

    /// Why it failed, in the service's words; empty where it gave none.
    #[must_use]
    pub fn failure_text(&self) -> &str {
        let of_error = self.error.as_ref().map(|err| err.message.as_str());
        of_error.or(self.status_msg.as_deref()).unwrap_or_default()
    }
}

/// A time stamp as HTTP writes dates: `Tue, 14 Nov 2023 22:13:20 GMT`.
#[must_use]
pub fn date_text(ms: i64) -> String {
    // The format has years of four digits.
    match u64::try_from(ms) {
        Ok(ms) if ms < 253_402_300_800_000 => httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(ms)),
        _ => format!("{ms} ms since 1970"),
    }
}

/// A value on one line, shortened where it is long.
pub(super) fn value_text(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut shown: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(FACT_CHARS).collect();
    if text.chars().nth(FACT_CHARS).is_some() {
        shown.push('…');
    }
    shown
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_no_other_place_shows_is_a_fact() {
        let video = TaskVideo {
            id: "v-1".into(),
            url: "https://h/v.mp4".into(),
            watermark_url: Some("https://h/w.mp4".into()),
            duration_ms: None,
        };
        let extra = json!({ "model": "m", "queue": { "place": 3 }, "long": "x".repeat(300), "odd": "a\nb" });
        let task = Task {
            task_id: "t".into(),
            status: TaskStatus::Succeed,
            status_raw: "succeed".into(),
            status_msg: None,
            progress: None,
            videos: vec![video],
            external_task_id: None,
            parent_video: Some(json!({ "id": "p-1" })),
            created_at_ms: Some(1_700_000_000_000),
            updated_at_ms: Some(i64::MAX),
            cost: None,
            error: None,
            extra: extra.as_object().cloned().unwrap(),
        };
        let facts = task.facts();
        let of = |name: &str| facts.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!(of("Created"), Some("Tue, 14 Nov 2023 22:13:20 GMT"));
        assert_eq!(of("Updated"), Some("9223372036854775807 ms since 1970"));
        assert_eq!((of("Video id"), of("With watermark")), (Some("v-1"), Some("https://h/w.mp4")));
        assert_eq!(of("Made from"), Some(r#"{"id":"p-1"}"#));
        assert_eq!((of("model"), of("queue"), of("odd")), (Some("m"), Some(r#"{"place":3}"#), Some("a b")));
        assert_eq!(of("long").map(|text| text.chars().count()), Some(FACT_CHARS + 1));
    }
}
