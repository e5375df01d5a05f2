//! Results that nobody has saved, and that their services delete soon.

use super::shell::is_embedded;
use super::words;
use crate::journal::{Intent, IntentId, Journal, Service};
use crate::model::Problem;

/// Milliseconds of an hour.
const HOUR_MS: i64 = 60 * 60 * 1000;
/// How long the official service keeps a result, and the sandbox (wire contract §3).
const OFFICIAL_MS: i64 = 30 * 24 * HOUR_MS;
/// How long a gateway keeps it at least: some delete it after a day.
const GATEWAY_MS: i64 = 24 * HOUR_MS;
/// How long before its end a result is announced.
const ANNOUNCED_MS: i64 = 3 * 24 * HOUR_MS;

/// A result that nobody has saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiring {
    /// Its task in the journal.
    pub id: IntentId,
    /// Its service.
    pub service: Service,
    /// Its id there.
    pub task_id: String,
    /// The clip's name, or the task's id.
    pub name: String,
    /// From when on it may be gone; milliseconds since the epoch.
    pub until_ms: i64,
    /// Whether that is when its service deletes it; else some gateways do by then, and others keep it for longer.
    pub is_certain: bool,
}

impl Expiring {
    fn of(intent: &Intent) -> Option<Self> {
        let task = intent.task.as_ref()?;
        let is_certain = is_official(&intent.service);
        let life_ms = if is_certain { OFFICIAL_MS } else { GATEWAY_MS };
        let name = if intent.clip.name.is_empty() { task.task_id.clone() } else { intent.clip.name.clone() };
        let (service, task_id) = (intent.service.clone(), task.task_id.clone());
        Some(Self {
            id: intent.id,
            service,
            task_id,
            name,
            until_ms: task.ended_ms?.saturating_add(life_ms),
            is_certain,
        })
    }

    /// When it may be gone, in words, at `now_ms` (milliseconds since the epoch): `in 2 days`, `within the hour`.
    #[must_use]
    pub fn when(&self, now_ms: i64) -> String {
        match self.until_ms.saturating_sub(now_ms).div_euclid(HOUR_MS) {
            ..0 => words::part_by_now(),
            0 => words::part_within_the_hour(),
            1 => words::part_in_an_hour(),
            hours @ 2..48 => words::part_in_hours(hours),
            hours => words::part_in_days(hours / 24),
        }
    }
}

fn is_official(service: &Service) -> bool {
    let host = service.base_url.split_once("://").map_or(service.base_url.as_str(), |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    is_embedded(service) || host == "klingai.com" || host.ends_with(".klingai.com")
}

/// The results that nobody has saved and that may be gone within three days of `now_ms` (milliseconds since the epoch), or are by now at a
/// gateway that may have kept them; the first to go first. Blocks.
///
/// # Errors
/// The journal cannot be read.
pub fn expiring_soon(journal: &Journal, now_ms: i64) -> Result<Vec<Expiring>, Problem> {
    let unsaved = journal.unsaved_since(now_ms.saturating_sub(OFFICIAL_MS))?;
    let mut soon: Vec<Expiring> = unsaved
        .iter()
        .filter_map(Expiring::of)
        .filter(|result| result.until_ms.saturating_sub(now_ms) <= ANNOUNCED_MS)
        .filter(|result| !result.is_certain || result.until_ms > now_ms)
        .collect();
    soon.sort_by_key(|result| result.until_ms);
    Ok(soon)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Described, Followed, Owner};
    use crate::model::{Dialect, SavedFile, Task, TaskStatus, TaskVideo};

    const NOW_MS: i64 = 2_000_000_000_000;

    fn ended(journal: &Journal, name: &str, base_url: &str, ago_ms: i64) -> IntentId {
        let owner = Owner::new("a");
        let service = Service {
            profile: "p".into(),
            base_url: base_url.into(),
            path_prefix: String::new(),
            dialect: Dialect::Kling,
        };
        let (clip, voice) = (Described::named(name), Described::default());
        let followed = Followed { service, task_id: format!("t-{name}"), external_task_id: None, clip, voice };
        let at_ms = NOW_MS - ago_ms;
        let id = journal.follow(&followed, &owner, at_ms).unwrap();
        let video = TaskVideo { id: "v".into(), url: "https://h/v".into(), watermark_url: None, duration_ms: None };
        let task = Task {
            task_id: format!("t-{name}"),
            status: TaskStatus::Succeed,
            status_raw: "succeed".into(),
            status_msg: None,
            progress: None,
            videos: vec![video],
            external_task_id: None,
            parent_video: None,
            created_at_ms: None,
            updated_at_ms: None,
            cost: None,
            error: None,
            extra: serde_json::Map::new(),
        };
        journal.task_seen(id, &owner, &task, at_ms).unwrap();
        id
    }

    #[test]
    fn what_is_not_saved_is_announced_before_its_service_deletes_it() {
        let journal = Journal::in_memory().unwrap();
        let official = "https://api-singapore.klingai.com";
        ended(&journal, "fresh", official, 24 * HOUR_MS);
        ended(&journal, "old", official, 28 * 24 * HOUR_MS);
        ended(&journal, "gone", official, 31 * 24 * HOUR_MS);
        ended(&journal, "gateway", "https://gateway.example", 22 * HOUR_MS);
        let saved = ended(&journal, "saved", official, 28 * 24 * HOUR_MS);
        let file = SavedFile { path: "/x.mp4".into(), size_bytes: 1, sha256: String::new() };
        journal.saved(saved, 0, &file, NOW_MS).unwrap();
        let soon = expiring_soon(&journal, NOW_MS).unwrap();
        let told: Vec<_> = soon.iter().map(|it| (it.name.as_str(), it.when(NOW_MS), it.is_certain)).collect();
        assert_eq!(told, [("gateway", "in 2 hours".into(), false), ("old", "in 2 days".into(), true)]);
        assert!(!is_official(&Service {
            base_url: "https://klingai.com.example".into(),
            ..journal.services().unwrap()[0].clone()
        }));
    }
}
