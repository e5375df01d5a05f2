//! Everything about the selected task, and what can be done with it.

use std::path::PathBuf;

use super::row::{Standing, Tone};
use crate::app::state::unclear::Unclear;
use crate::app::words;
use crate::engine::journal::{Change, Intent, Phase, SavedResult};
use crate::engine::shell::is_embedded;
use crate::engine::{local_days, task_document};
use crate::model::cost::lip_sync_units;
use crate::model::{ClipSource, Profile, VoiceSource};
use crate::secrets;

/// What can be done with a task of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskAction {
    /// Show its result in the player.
    OpenResult,
    /// Show its result among those that were made from the same clip.
    Compare,
    /// Open the folder of its result.
    ShowInFolder,
    /// Follow it at its service.
    Follow,
    /// Look for it at its service by its name.
    LookUp,
    /// Say of it that it was not created.
    Close,
    /// Put its clip, voice and placement on the desk.
    RunAgain,
    /// Put its clip and placement on the desk, and choose a voice.
    AnotherVoice,
    /// Save everything about it as JSON.
    Export,
    /// Remove it from the history.
    Delete,
}

impl TaskAction {
    /// Its label.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::OpenResult => "Open result",
            Self::Compare => "Compare takes",
            Self::ShowInFolder => "Show in folder",
            Self::Follow => "Follow",
            Self::LookUp => "Look it up",
            Self::Close => "Close it…",
            Self::RunAgain => "Run again",
            Self::AnotherVoice => "Another voice…",
            Self::Export => "Export…",
            Self::Delete => "Delete…",
        }
    }

    /// What it does.
    #[must_use]
    pub const fn tooltip(self) -> &'static str {
        match self {
            Self::OpenResult => "Plays the saved result in this window",
            Self::Compare => "Lists every result that was made from the same clip, and puts two of them side by side",
            Self::ShowInFolder => "Opens the folder that the result was saved to",
            Self::Follow => {
                "Polls the task at its service until it ends, and saves its result; switches to that service"
            }
            Self::LookUp => {
                "Asks the service for it by its name, which costs nothing; what is found is followed in the queue, and its result is saved"
            }
            Self::Close => "Says of it that the service did not take it: it is looked for no more. Asks first",
            Self::RunAgain => "Puts clip, voice and placement on the desk; nothing is sent",
            Self::AnotherVoice => "Puts clip and placement on the desk, and asks for a voice; nothing is sent",
            Self::Export => {
                "Saves everything about the task as JSON, as viseme tasks show --json writes it, signed addresses masked"
            }
            Self::Delete => "Removes the task from the history; files that were saved stay",
        }
    }
}

/// A line of the detail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// Whether it is an id, which can be copied.
    pub is_id: bool,
}

/// A result on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultFile {
    /// Where it was saved.
    pub path: PathBuf,
    /// `1.2 MB`
    pub size: String,
    /// Whether it is still there.
    pub is_there: bool,
}

/// Everything about a task, as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    /// The task.
    pub intent: Intent,
    /// Clip and voice.
    pub title: String,
    /// How it stands.
    pub standing: Standing,
    /// Why it failed, was refused or is unclear; may be empty.
    pub reason: String,
    /// Service, ids, placement, times, cost.
    pub facts: Vec<Fact>,
    /// Time and words of each change, the oldest first.
    pub changes: Vec<[String; 2]>,
    /// Its results.
    pub results: Vec<ResultFile>,
    /// The clip, where it is known.
    pub clip: Option<ClipSource>,
    /// The voice, where it is known.
    pub voice: Option<VoiceSource>,
    /// Whether another process that is running works on it.
    pub held_elsewhere: bool,
    /// Whether it was sent and nobody knows whether the service took it.
    pub unclear: Option<Unclear>,
    /// Everything about it, as one JSON document.
    pub document: String,
}

impl Detail {
    /// A task with what belongs to it. `held`: whether a living process works on it; `own`: whether that is this one.
    /// Looks whether the results are still there: not for the thread that draws.
    #[must_use]
    pub fn of(intent: Intent, changes: &[Change], results: &[SavedResult], held: bool, own: bool) -> Self {
        let ended = is_embedded(&intent.service) && !intent.phase.is_finished() && !held;
        let task = intent.task.as_ref();
        let of_task = task.and_then(|task| task.status_msg.clone());
        let reason = of_task.or_else(|| intent.problem.as_ref().map(|problem| problem.message.clone()));
        let mut document = task_document(&intent, changes, results, &Profile::built_in());
        secrets::show_value(&mut document);
        let results = results.iter().map(|result| ResultFile {
            path: result.file.path.clone(),
            size: words::bytes(result.file.size_bytes),
            is_there: result.file.path.is_file(),
        });
        let line = |change: &Change| [local_days::text(change.at_ms), secrets::shown(&change_words(change))];
        let standing = if ended { Standing::SANDBOX_ENDED } else { Standing::of(intent.phase) };
        // Other words of the service only repeat the state.
        let is_wrong = matches!(standing.tone, Tone::Bad | Tone::Unclear);
        Self {
            standing,
            title: secrets::shown(&title(&intent)),
            reason: secrets::shown(&reason.as_deref().filter(|_| is_wrong).map(words::sentence).unwrap_or_default()),
            facts: facts(&intent),
            changes: changes.iter().map(line).collect(),
            results: results.collect(),
            clip: serde_json::from_value(intent.clip.document.clone()).ok().flatten(),
            voice: serde_json::from_value(intent.voice.document.clone()).ok().flatten(),
            held_elsewhere: held && !own,
            unclear: unclear(&intent, standing, held),
            document: document.to_string(),
            intent,
        }
    }

    /// The last result that is still there.
    #[must_use]
    pub fn result(&self) -> Option<&ResultFile> {
        self.results.iter().rev().find(|result| result.is_there)
    }
}

/// The task, where it was sent, nobody is sending it, and nobody knows whether the service took it.
fn unclear(intent: &Intent, standing: Standing, held: bool) -> Option<Unclear> {
    let is_unclear = match intent.phase {
        Phase::Unknown => standing != Standing::SANDBOX_ENDED,
        Phase::Sent => standing != Standing::SANDBOX_ENDED && !held,
        _ => false,
    };
    let units = intent.placement.map_or(0.0, |placement| lip_sync_units(placement.crop_ms()));
    is_unclear.then(|| Unclear { id: intent.id, title: secrets::shown(&title(intent)), units })
}

/// A change of a task, in words.
fn change_words(change: &Change) -> String {
    let detail = change.detail.as_deref();
    match (change.what.as_str(), detail) {
        ("not_found", Some("name_query")) => "Looked for by its name: the service does not show it".to_owned(),
        ("not_found", Some("tasks" | "list")) => "Looked for in the list of tasks: it is not there".to_owned(),
        ("not_found", _) => "Looked for: the service does not show it".to_owned(),
        ("unknown", None) => "No answer came".to_owned(),
        ("unknown", Some(why)) => format!("No answer that says whether it was created: {why}"),
        ("nothing", None) => "Not created".to_owned(),
        (what, None) => words::sentence(&what.replace('_', " ")),
        (what, Some(detail)) => format!("{}: {detail}", words::sentence(&what.replace('_', " "))),
    }
}

fn title(intent: &Intent) -> String {
    match (intent.clip.name.as_str(), intent.voice.name.as_str()) {
        ("", _) => "A task that was not created here".to_owned(),
        (clip, "") => clip.to_owned(),
        (clip, voice) => format!("{clip} with {voice}"),
    }
}

fn facts(intent: &Intent) -> Vec<Fact> {
    let task = intent.task.as_ref();
    let fact = |name, value: Option<String>| {
        let value = value.filter(|value| !value.is_empty());
        value.map(|value| Fact { name, value: secrets::shown(&value), is_id: false })
    };
    let id = |name, value: Option<String>| fact(name, value).map(|fact| Fact { is_id: true, ..fact });
    let time = |at_ms: Option<i64>| at_ms.map(local_days::text);
    let host = intent.service.base_url.trim_start_matches("https://").trim_start_matches("http://");
    let service = [words::shown_service(&intent.service.profile), host.to_owned()];
    let service: Vec<_> = service.into_iter().filter(|part| !part.is_empty()).collect();
    let placement = intent.placement.as_ref().map(|placement| {
        let span = placement.span();
        format!(
            "{} of the voice from {}, heard from {} to {}",
            words::seconds(placement.crop_ms()),
            words::seconds(placement.sound_start_time),
            words::seconds(span.start_ms),
            words::seconds(span.end_ms)
        )
    });
    [
        fact("Service", Some(service.join(" · "))),
        id("Task id", task.map(|task| task.task_id.clone())),
        id("External id", intent.external_task_id.clone().or_else(|| task?.external_task_id.clone())),
        id("Session id", intent.session_id.clone()),
        id("Face id", Some(intent.face_ids.join(", "))),
        id("Has the name", intent.other_task_id.clone()),
        fact("Placement", placement),
        fact("Cost", task.and_then(|task| task.cost.as_ref()).map(crate::model::Cost::text)),
        fact("Begun", time(Some(intent.begun_ms))),
        fact("Last asked", time(task.and_then(|task| task.polled_ms)).filter(|_| intent.finished_ms.is_none())),
        fact("Ended", time(intent.finished_ms)),
    ]
    .into_iter()
    .flatten()
    .collect()
}
