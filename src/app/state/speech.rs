//! A text that is to be spoken, as it is entered, and what came of it.

use crate::app::words;
use crate::engine::journal::{SpeechId, SpeechOutcome, SpeechRecord};
use crate::engine::local_days;
use crate::engine::shell::is_embedded;
use crate::model::speech::KNOWN_VOICES;
use crate::model::{Problem, Speech, SpeechLanguage, Spoken};
use crate::secrets::shown;

/// How many ids of voices are remembered.
pub const MOST_VOICES: usize = 8;

/// A command of the dialog.
#[derive(Clone, Debug)]
pub enum SpeechCommand {
    /// The text changed.
    Text(String),
    /// The id of the voice changed.
    Voice(String),
    /// Set the language of the voice.
    Language(SpeechLanguage),
    /// Set the speed.
    Speed(f64),
    /// Show this page.
    Show(Page),
    /// Use what was spoken before as the voice.
    Use(SpeechId),
    /// Have it spoken: paid.
    Speak,
    /// Play what was spoken in the system's player.
    Hear,
    /// Close the dialog; what is on its way goes on.
    Close,
}

/// What the dialog shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// The text that is to be spoken.
    #[default]
    New,
    /// What was spoken before.
    Earlier,
}

/// A text that was sent before.
#[derive(Clone, Debug, PartialEq)]
pub struct Earlier {
    /// Its number in the journal.
    pub id: SpeechId,
    /// The text, in one line.
    pub text: String,
    /// Voice, length, when, and until when it can be used; or what became of it.
    pub about: String,
    /// What was spoken; `None`: no answer is known.
    pub spoken: Option<Spoken>,
    /// Whether the service no longer keeps it.
    pub is_over: bool,
}

impl Earlier {
    /// A record as it is shown at `now_ms` (milliseconds since the epoch); `None`: it was refused, and there is nothing to go back to.
    fn of(record: &SpeechRecord, now_ms: i64) -> Option<Self> {
        let sent = local_days::minute(record.begun_ms);
        let voice = &record.speech.voice_id;
        let is_over = record.kept_until_ms() <= now_ms;
        let (about, spoken) = match &record.outcome {
            SpeechOutcome::Refused(_) => return None,
            SpeechOutcome::Sent | SpeechOutcome::Unknown(_) => {
                let lost = if is_embedded(&record.service) {
                    "no answer came: it is lost"
                } else {
                    "no answer came: perhaps paid, and lost"
                };
                (format!("{voice} · {sent} · {lost}"), None)
            }
            SpeechOutcome::Done(spoken) => {
                let length = spoken.duration_ms.map(|ms| format!(" · {}", words::seconds(ms))).unwrap_or_default();
                let until = local_days::day(record.kept_until_ms());
                let until = if is_over {
                    format!("the service kept it until {until}")
                } else {
                    format!("usable until {until}")
                };
                (format!("{voice}{length} · {sent} · {until}"), Some((**spoken).clone()))
            }
        };
        let text = shown(&record.speech.text.split_whitespace().collect::<Vec<_>>().join(" "));
        Some(Self { id: record.id, text, about: shown(&about), spoken, is_over })
    }
}

/// How far a text is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Progress {
    /// Nothing was sent.
    #[default]
    Idle,
    /// It was sent to the service of this name, and no answer came yet.
    Sent(String),
    /// It was spoken.
    Done(Box<Spoken>),
    /// It was not, or nobody knows.
    Failed(Problem),
}

/// The dialog and its text.
#[derive(Debug)]
pub struct State {
    /// Whether the dialog is open.
    pub open: bool,
    /// The text as it is entered.
    pub speech: Speech,
    /// How far it is.
    pub progress: Progress,
    /// What the dialog shows.
    pub page: Page,
    /// What was sent to the service in use before, the newest first.
    pub earlier: Vec<Earlier>,
}

impl Default for State {
    fn default() -> Self {
        let speech = Speech { voice_id: KNOWN_VOICES[0].into(), speed: 1.0, ..Speech::default() };
        Self { open: false, speech, progress: Progress::default(), page: Page::New, earlier: Vec::new() }
    }
}

impl State {
    /// Whether an answer is awaited.
    #[must_use]
    pub const fn is_sent(&self) -> bool {
        matches!(self.progress, Progress::Sent(_))
    }

    /// Why it cannot be sent now; `None` where it can.
    #[must_use]
    pub fn obstacle(&self) -> Option<String> {
        if self.is_sent() {
            return Some("The text is being spoken".into());
        }
        self.speech.fault().map(|fault| fault.message)
    }

    /// Applies a change of the entered text: what came of another text is of no interest any more.
    pub fn edit(&mut self, change: impl FnOnce(&mut Speech)) {
        if !self.is_sent() {
            change(&mut self.speech);
            self.progress = Progress::Idle;
        }
    }

    /// Takes the answer of a service; returns what was spoken. That of a service which was left meanwhile is returned as well, for it is paid.
    pub fn take(&mut self, answer: Result<Spoken, Problem>) -> Option<Spoken> {
        match answer {
            Ok(spoken) => {
                self.progress = Progress::Done(Box::new(spoken.clone()));
                Some(spoken)
            }
            Err(problem) => {
                self.progress = Progress::Failed(problem);
                None
            }
        }
    }

    /// Takes what was sent before, as it is at `now_ms`.
    pub fn take_earlier(&mut self, records: &[SpeechRecord], now_ms: i64) {
        self.earlier = records.iter().filter_map(|record| Earlier::of(record, now_ms)).collect();
        if self.earlier.is_empty() {
            self.page = Page::New;
        }
    }

    /// The ids that are offered: those that were used, then those that are known.
    #[must_use]
    pub fn offered(used: &[String]) -> Vec<String> {
        let known = KNOWN_VOICES.iter().map(|id| (*id).to_owned()).filter(|id| !used.contains(id));
        used.iter().cloned().chain(known).collect()
    }
}

/// Puts an id first among those that were used.
pub fn remember(used: &mut Vec<String>, id: &str) {
    used.retain(|known| known != id);
    used.insert(0, id.to_owned());
    used.truncate(MOST_VOICES);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ProblemKind;

    #[test]
    fn a_text_on_its_way_is_neither_changed_nor_sent_twice() {
        let mut state = State::default();
        assert!(state.obstacle().unwrap().contains("empty"));
        state.edit(|speech| speech.text = "Hello".into());
        assert_eq!(state.obstacle(), None);
        state.progress = Progress::Sent("kling".into());
        state.edit(|speech| speech.text = "Another".into());
        assert!(state.speech.text == "Hello" && state.obstacle().is_some());
        assert!(state.take(Err(Problem::new(ProblemKind::OutcomeUnknown, "lost"))).is_none());
        assert!(matches!(state.progress, Progress::Failed(_)));
        state.edit(|speech| speech.text = "Another".into());
        assert_eq!(state.progress, Progress::Idle);
    }

    #[test]
    fn ids_that_were_used_come_first() {
        let mut used = Vec::new();
        for id in ["mine", "uk_man2", "mine"] {
            remember(&mut used, id);
        }
        let offered = State::offered(&used);
        assert_eq!((offered[0].as_str(), offered[1].as_str()), ("mine", "uk_man2"));
        assert_eq!(offered.len(), KNOWN_VOICES.len() + 1, "none is offered twice");
    }
}
