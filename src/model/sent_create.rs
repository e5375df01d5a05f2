//! What is known of a create that was sent, and the proof that a task found under its name is its own.

use serde_json::Value;

use super::{ClipSource, Task};

/// How much earlier than its sending a task may seem to be created, in milliseconds: a service has more than one clock.
pub const TOLERANCE_MS: i64 = 5 * 60 * 1000;
/// The same for a create that was refused for its name, and never sent before. Its task can only be its own where something on the way sent it twice, so
/// within the same second; what is older was there before. `Date` has whole seconds, and so have some services' tasks.
pub const REFUSED_TOLERANCE_MS: i64 = 2_000;
/// How far two statements of a clip's length may be apart, in milliseconds: containers and services round it in their own ways.
const LENGTH_TOLERANCE_MS: i64 = 1_000;

/// A create that was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct SentCreate {
    /// Our own name for its task.
    pub external_task_id: String,
    /// When it was first sent, in milliseconds since the epoch.
    pub sent_ms: i64,
    /// Whether that is by the service's clock. Else it is by ours, which may be wrong: a task that seems older is not certainly another's.
    pub by_service_clock: bool,
    /// Whether the service answered its only sending in the clear: the name is used.
    pub was_refused: bool,
    /// The clip.
    pub clip: Option<ClipSource>,
    /// Length of the clip in milliseconds, where it is known.
    pub clip_ms: Option<i64>,
}

/// Whose a task is that was found under the name of a create.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// It is the one of this create.
    Ours,
    /// It was there before, or is about another clip.
    Another,
    /// The answer does not say when it was created, or the service's time at the sending is not known: nothing is proven.
    Open,
}

impl SentCreate {
    /// Whose `task` is. A name may have been used before, so that it is no proof: a task is ours only if it was created no earlier
    /// than the sending, with a tolerance of 5 minutes, and its clip is ours as far as the answer shows it. Where the only sending was refused in the
    /// clear, nothing was created unless that sending came twice: the tolerance is then 2 s, and our own clock proves nothing.
    #[must_use]
    pub fn ownership_of(&self, task: &Task) -> Ownership {
        if task.external_task_id.as_ref().is_some_and(|name| *name != self.external_task_id) || self.is_other_clip(task)
        {
            return Ownership::Another;
        }
        let tolerance_ms = if self.was_refused { REFUSED_TOLERANCE_MS } else { TOLERANCE_MS };
        match task.created_at_ms {
            Some(_) if self.was_refused && !self.by_service_clock => Ownership::Open,
            Some(created_ms) if created_ms < self.sent_ms.saturating_sub(tolerance_ms) => {
                if self.by_service_clock {
                    Ownership::Another
                } else {
                    Ownership::Open
                }
            }
            Some(_) => Ownership::Ours,
            None => Ownership::Open,
        }
    }

    /// Whether `parent_video` certainly shows another clip. Services may keep a copy of a clip at an address of their own: only
    /// addresses of the same host are compared.
    fn is_other_clip(&self, task: &Task) -> bool {
        let Some(parent) = task.parent_video.as_ref() else { return false };
        let text = |name: &str| parent.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let is_other_source = match &self.clip {
            Some(ClipSource::VideoId(id)) => text("id").is_some_and(|shown| shown != id.trim()),
            Some(ClipSource::Url(url)) => text("url").is_some_and(|shown| differ_on_one_host(url.trim(), shown)),
            Some(ClipSource::File(_)) | None => false,
        };
        let shown_ms = match parent.get("duration") {
            Some(Value::String(text)) => text.trim().parse::<f64>().ok(),
            Some(value) => value.as_f64(),
            None => None,
        };
        let shown_ms =
            shown_ms.filter(|seconds| seconds.is_finite() && *seconds > 0.0).map(|seconds| (seconds * 1000.0) as i64);
        let is_other_length = shown_ms
            .zip(self.clip_ms)
            .is_some_and(|(shown_ms, clip_ms)| shown_ms.saturating_sub(clip_ms).abs() > LENGTH_TOLERANCE_MS);
        is_other_source || is_other_length
    }
}

/// Whether two addresses are of one host and name different files. What follows the path may be a signature, which changes.
fn differ_on_one_host(ours: &str, shown: &str) -> bool {
    match (url::Url::parse(ours), url::Url::parse(shown)) {
        (Ok(ours), Ok(shown)) => {
            ours.host_str() == shown.host_str()
                && ours.port_or_known_default() == shown.port_or_known_default()
                && ours.path() != shown.path()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::TaskStatus;

    const SENT_MS: i64 = 1_700_000_000_000;

    fn task(created_at_ms: Option<i64>, parent_video: Value) -> Task {
        Task {
            task_id: "t-1".into(),
            status: TaskStatus::Processing,
            status_raw: "processing".into(),
            status_msg: None,
            progress: None,
            videos: Vec::new(),
            external_task_id: None,
            parent_video: Some(parent_video).filter(|parent| !parent.is_null()),
            created_at_ms,
            updated_at_ms: None,
            cost: None,
            error: None,
            extra: serde_json::Map::new(),
        }
    }

    fn sent(clip: ClipSource) -> SentCreate {
        let external_task_id = "mine".into();
        SentCreate {
            external_task_id,
            sent_ms: SENT_MS,
            by_service_clock: true,
            was_refused: false,
            clip: Some(clip),
            clip_ms: Some(9_000),
        }
    }

    #[test]
    fn by_our_clock_an_older_task_is_not_certainly_of_another() {
        let by_ours = SentCreate { by_service_clock: false, ..sent(ClipSource::Url("https://h/a.mp4".into())) };
        let owner = |created_ms| by_ours.ownership_of(&task(Some(created_ms), Value::Null));
        assert_eq!(owner(SENT_MS - TOLERANCE_MS - 1), Ownership::Open);
        assert_eq!(owner(SENT_MS), Ownership::Ours);
    }

    #[test]
    fn a_task_is_ours_only_if_it_is_no_older_than_the_sending() {
        let create = sent(ClipSource::File("clip.mp4".into()));
        for (created_ms, owner) in [
            (Some(SENT_MS), Ownership::Ours),
            (Some(SENT_MS + 86_400_000), Ownership::Ours),
            (Some(SENT_MS - TOLERANCE_MS), Ownership::Ours),
            (Some(SENT_MS - TOLERANCE_MS - 1), Ownership::Another),
            (Some(0), Ownership::Another),
            (None, Ownership::Open),
        ] {
            assert_eq!(create.ownership_of(&task(created_ms, Value::Null)), owner, "{created_ms:?}");
        }
        let other = Task { external_task_id: Some("other".into()), ..task(Some(SENT_MS), Value::Null) };
        assert_eq!(create.ownership_of(&other), Ownership::Another);
    }

    #[test]
    fn a_create_that_was_refused_in_the_clear_owns_only_what_came_with_it() {
        let refused = SentCreate { was_refused: true, ..sent(ClipSource::File("clip.mp4".into())) };
        for (created_ms, owner) in [
            (SENT_MS + 1, Ownership::Ours),
            (SENT_MS - REFUSED_TOLERANCE_MS, Ownership::Ours),
            (SENT_MS - REFUSED_TOLERANCE_MS - 1, Ownership::Another),
            (SENT_MS - TOLERANCE_MS, Ownership::Another),
        ] {
            assert_eq!(refused.ownership_of(&task(Some(created_ms), Value::Null)), owner, "{created_ms}");
        }
        let by_ours = SentCreate { by_service_clock: false, ..refused };
        assert_eq!(by_ours.ownership_of(&task(Some(SENT_MS), Value::Null)), Ownership::Open);
    }

    #[test]
    fn another_clip_is_another_task() {
        let by_url = sent(ClipSource::Url("https://h.example/a.mp4?sign=1".into()));
        let by_id = sent(ClipSource::VideoId("v-1".into()));
        let (ours, another) = (Ownership::Ours, Ownership::Another);
        for (create, parent, owner) in [
            (&by_url, json!({"url": "https://h.example/a.mp4?sign=2", "id": "7"}), ours),
            (&by_url, json!({"url": "https://h.example/b.mp4"}), another),
            (&by_url, json!({"url": "https://cdn.example/copy-of-it.mp4", "duration": "9.04"}), ours),
            (&by_url, json!({"url": "https://cdn.example/copy.mp4", "duration": "12.5"}), another),
            (&by_url, json!({"url": "", "id": "", "duration": ""}), ours),
            (&by_id, json!({"id": "v-1", "duration": 9}), ours),
            (&by_id, json!({"id": "v-2"}), another),
            (&by_id, json!("nonsense"), ours),
        ] {
            assert_eq!(create.ownership_of(&task(Some(SENT_MS), parent.clone())), owner, "{parent}");
        }
    }
}
