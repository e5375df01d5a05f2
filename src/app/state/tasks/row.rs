//! A row of the history as it is shown: its texts are made when it is read, not when it is drawn.

use crate::app::words;
use crate::engine::journal::{HistoryRow, IntentId, Phase};
use crate::engine::local_days;
use crate::engine::shell::is_embedded;
use crate::secrets::shown;

/// What the colour and the mark of a state say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It succeeded.
    Good,
    /// It goes on.
    Busy,
    /// It is not known how it stands.
    Unclear,
    /// It failed.
    Bad,
    /// It ended, and there is nothing to show for it.
    Quiet,
}

/// How a task stands, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// `Succeeded`
    pub word: &'static str,
    /// Its colour and mark.
    pub tone: Tone,
}

impl Standing {
    /// The standing of a phase.
    #[must_use]
    pub const fn of(phase: Phase) -> Self {
        let (word, tone) = match phase {
            Phase::Intended => ("Waiting", Tone::Quiet),
            Phase::Sent => ("Being sent", Tone::Busy),
            Phase::Unknown => ("Unclear", Tone::Unclear),
            Phase::Running => ("Running", Tone::Busy),
            Phase::Succeeded => ("Succeeded", Tone::Good),
            Phase::Failed => ("Failed", Tone::Bad),
            Phase::Refused => ("Refused", Tone::Bad),
            Phase::NotReached => ("Not reached", Tone::Bad),
            Phase::NameTaken => ("Name taken", Tone::Bad),
            Phase::Nothing => ("Not created", Tone::Quiet),
            Phase::Withdrawn => ("Withdrawn", Tone::Quiet),
        };
        Self { word, tone }
    }

    /// A task whose sandbox ended before it did. One that kept it begins it anew.
    pub const SANDBOX_ENDED: Self = Self { word: "Stopped with its sandbox", tone: Tone::Quiet };
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number in the journal.
    pub id: IntentId,
    /// How it stands.
    pub standing: Standing,
    /// The clip, or what stands for it.
    pub clip: String,
    /// The voice; may be empty.
    pub voice: String,
    /// Why it failed; may be empty.
    pub reason: String,
    /// The service.
    pub service: String,
    /// When it was begun: `2026-11-21 18:51`.
    pub time: String,
    /// What it cost; may be empty.
    pub cost: String,
    /// Everything in one line, for assistive technology.
    pub name: String,
}

/// Whether a task ran in a sandbox that has ended: one of a process that is not there any more.
#[must_use]
pub fn ended_with_sandbox(row: &HistoryRow, now_ms: i64) -> bool {
    let is_held = row.held_until_ms.is_some_and(|until_ms| until_ms > now_ms);
    is_embedded(&row.service) && !row.phase.is_finished() && !is_held
}

impl Row {
    /// A row as it is shown at `now_ms` (milliseconds since the epoch).
    #[must_use]
    pub fn of(row: &HistoryRow, now_ms: i64) -> Self {
        let standing = if ended_with_sandbox(row, now_ms) { Standing::SANDBOX_ENDED } else { Standing::of(row.phase) };
        let or_id = || row.task_id.clone().or_else(|| row.external_task_id.clone());
        let clip = Some(row.clip_name.clone()).filter(|name| !name.is_empty()).or_else(or_id);
        let clip = shown(&clip.unwrap_or_else(|| "A clip that is not known here".to_owned()));
        let voice = shown(&row.voice_name);
        let time = local_days::text(row.begun_ms).chars().take(16).collect::<String>();
        let service = words::shown_service(&row.service.profile);
        let cost = row.cost.as_ref().map(|cost| shown(&cost.text())).unwrap_or_default();
        // A reason belongs to what went wrong; other words of the service only repeat the state.
        let wrong = matches!(standing.tone, Tone::Bad | Tone::Unclear);
        let reason = row
            .reason
            .as_deref()
            .filter(|_| wrong)
            .map(words::sentence)
            .map(|reason| shown(&reason))
            .unwrap_or_default();
        let parts: [&str; 7] = [&clip, &voice, standing.word, &reason, &service, &time, &cost];
        let name = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        Self { id: row.id, standing, clip, voice, reason, service, time, cost, name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::journal::{Origin, Service};
    use crate::model::{Cost, Dialect};

    fn row(base_url: &str, phase: Phase) -> HistoryRow {
        HistoryRow {
            id: IntentId(1),
            service: Service {
                profile: "sandbox".into(),
                base_url: base_url.into(),
                path_prefix: String::new(),
                dialect: Dialect::Kling,
            },
            origin: Origin::Created,
            phase,
            begun_ms: 1_795_000_000_000,
            finished_ms: None,
            clip_name: "duo.mp4".into(),
            voice_name: "voice.mp3".into(),
            external_task_id: Some("viseme-1".into()),
            task_id: Some("t-1".into()),
            status_raw: None,
            reason: Some("the face is too small.".into()),
            result: None,
            cost: Some(Cost { units: Some("0.55".into()), ..Cost::default() }),
            held_until_ms: Some(1_000),
        }
    }

    #[test]
    fn a_task_of_a_sandbox_that_is_gone_has_stopped_with_it() {
        let word = |base_url: &str, phase, now_ms| Row::of(&row(base_url, phase), now_ms).standing.word;
        assert_eq!(word("", Phase::Running, 999), "Running", "its process holds it");
        assert_eq!(word("", Phase::Running, 1_000), "Stopped with its sandbox");
        assert_eq!(word("", Phase::Succeeded, 1_000), "Succeeded");
        assert_eq!(word("https://h", Phase::Running, 1_000), "Running", "a real service goes on");
    }

    #[test]
    fn a_row_reads_as_one_line_and_says_why_where_it_failed() {
        let failed = Row::of(&row("https://h", Phase::Failed), 0);
        assert!(
            failed.name.starts_with("duo.mp4, voice.mp3, Failed, The face is too small, Sandbox, 20"),
            "{}",
            failed.name
        );
        assert!(failed.name.contains("0.55"), "{}", failed.name);
        assert_eq!(Row::of(&row("https://h", Phase::Succeeded), 0).reason, "");
        let unnamed = HistoryRow { clip_name: String::new(), ..row("https://h", Phase::Running) };
        assert_eq!(Row::of(&unnamed, 0).clip, "t-1");
    }
}
