//! What lies in the storage of one's own, as it is listed in the settings.

use crate::app::words;
use crate::engine::{KnownObject, local_days};
use crate::model::Problem;
use crate::secrets::shown;

/// How much of a key is shown where the name of its file is not known: enough to tell it from another.
const KEY_CHARS: usize = 12;

/// A command about what lies in the storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredCommand {
    /// Show it.
    Open,
    /// Show the settings of the storage again.
    Close,
    /// Read it again.
    Read,
    /// The list has taken the focus.
    Arrived,
    /// Choose the object with this key.
    Choose(String),
    /// Delete the chosen object, once a person has said so.
    Delete,
}

/// An object as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its key.
    pub key: String,
    /// The name of its file, or the beginning of its key.
    pub name: String,
    /// Size, and when it was put there.
    pub facts: String,
    /// Whether something that has not ended may still fetch it.
    pub is_needed: bool,
    /// Whether a file of this machine has the same content, as far as is known.
    pub is_here: bool,
}

impl Row {
    fn of(known: KnownObject) -> Self {
        let file = known.object.key.rsplit('/').next().unwrap_or(&known.object.key).to_owned();
        let short = || {
            let (hash, extension) = file.split_once('.').unwrap_or((&file, ""));
            let hash: String = hash.chars().take(KEY_CHARS).collect();
            format!("{} {hash}…", extension.to_uppercase()).trim_start().to_owned()
        };
        let size = known.object.size_bytes.map(words::bytes);
        let time = known.object.put_ms.map(|put_ms| {
            let time: String = local_days::text(put_ms).chars().take(16).collect();
            format!("put there {time}")
        });
        let facts = [size, time].into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let is_here = known.name.is_some();
        let name = known.name.as_deref().map_or_else(short, shown);
        Self { key: known.object.key, name, facts, is_needed: known.is_needed, is_here }
    }

    /// What is asked before it is deleted.
    #[must_use]
    pub fn question(&self) -> Vec<String> {
        let mut words = vec![format!("{} · {}", self.name, self.facts)];
        words.push(if self.is_needed {
            "A task that has not ended, or the session on the desk, was made from it: where the service has not fetched it yet, that fails".into()
        } else if self.is_here {
            "The file on this machine stays, and is uploaded again when it is sent again".into()
        } else {
            "No file that viseme knows of on this machine has this content: it may be the only copy".into()
        });
        words
    }
}

/// What is shown of the storage.
#[derive(Debug, Default)]
pub struct State {
    /// Whether it is shown in place of the settings of the storage.
    pub(in crate::app) open: bool,
    /// Whether the list takes the focus as soon as it is drawn.
    pub(in crate::app) takes_keys: bool,
    /// The newest first.
    pub(in crate::app) rows: Vec<Row>,
    /// Whether it was read once.
    pub(in crate::app) is_read: bool,
    /// Since when it is being read; milliseconds since the epoch.
    pub(in crate::app) reading_since_ms: Option<i64>,
    /// Why it could not be read, or something not be deleted.
    pub(in crate::app) problem: Option<Problem>,
    chosen: Option<String>,
    /// The key of what is being deleted.
    pub(in crate::app) deleting: Option<String>,
    total_bytes: u64,
}

impl State {
    /// Takes what was read, or why it could not be.
    pub fn take(&mut self, read: Result<Vec<KnownObject>, Problem>) {
        if self.reading_since_ms.take().is_none() {
            return;
        }
        match read {
            Ok(found) => {
                self.total_bytes = found.iter().filter_map(|known| known.object.size_bytes).sum();
                self.rows = found.into_iter().map(Row::of).collect();
                (self.is_read, self.problem) = (true, None);
                let is_there = self.chosen.as_ref().is_some_and(|key| self.rows.iter().any(|row| row.key == *key));
                if !is_there {
                    self.chosen = self.rows.first().map(|row| row.key.clone());
                }
            }
            Err(problem) => self.problem = Some(problem),
        }
    }

    /// Chooses an object.
    pub fn choose(&mut self, key: String) {
        self.chosen = Some(key);
    }

    /// The place of the chosen object.
    #[must_use]
    pub fn chosen_place(&self) -> Option<usize> {
        let key = self.chosen.as_ref()?;
        self.rows.iter().position(|row| row.key == *key)
    }

    /// The chosen object.
    #[must_use]
    pub fn chosen_row(&self) -> Option<&Row> {
        self.rows.get(self.chosen_place()?)
    }

    /// Something was deleted: what stood below it is chosen, or the last.
    pub fn drop_row(&mut self, key: &str) {
        let Some(at) = self.rows.iter().position(|row| row.key == key) else { return };
        self.rows.remove(at);
        let next = self.rows.get(at).or_else(|| self.rows.last());
        self.chosen = next.map(|row| row.key.clone());
    }

    /// How many objects there are, and how large they are together: `3 files, 12 MB`.
    #[must_use]
    pub fn total(&self) -> String {
        let count = self.rows.len();
        let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
        if self.total_bytes == 0 { files } else { format!("{files}, {}", words::bytes(self.total_bytes)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::StoredObject;
    use crate::model::ProblemKind;

    fn known(key: &str, name: Option<&str>) -> KnownObject {
        let object = StoredObject { key: key.into(), size_bytes: Some(1_500_000), put_ms: None };
        KnownObject { object, name: name.map(Into::into), is_needed: name.is_some() }
    }

    #[test]
    fn what_is_known_here_has_its_name_and_what_is_not_the_beginning_of_its_key() {
        let key = format!("viseme/{}.mp4", "0123456789abcdef".repeat(4));
        let rows = [Row::of(known(&key, None)), Row::of(known(&key, Some("interview.mp4")))];
        assert_eq!((rows[0].name.as_str(), rows[1].name.as_str()), ("MP4 0123456789ab…", "interview.mp4"));
        assert_eq!(rows[0].facts, "1.5 MB");
        assert!(rows[1].question()[1].contains("has not ended") && rows[0].question()[1].contains("the only copy"));
        let here = Row { is_needed: false, ..rows[1].clone() };
        assert!(here.question()[1].contains("stays"));
    }

    #[test]
    fn what_is_deleted_gives_its_place_to_what_stood_below_it_and_an_answer_that_nobody_awaits_is_dropped() {
        let mut state = State::default();
        state.take(Ok(vec![known("a", None)]));
        assert!(state.rows.is_empty() && !state.is_read);
        state.reading_since_ms = Some(0);
        state.take(Ok(["a", "b", "c"].map(|key| known(key, None)).into()));
        assert_eq!((state.total().as_str(), state.chosen_place()), ("3 files, 4.5 MB", Some(0)));
        state.choose("b".into());
        state.drop_row("b");
        assert_eq!(state.chosen_row().map(|row| row.key.as_str()), Some("c"));
        state.drop_row("c");
        assert_eq!(state.chosen_row().map(|row| row.key.as_str()), Some("a"));
        state.reading_since_ms = Some(0);
        state.take(Err(Problem::new(ProblemKind::NoAnswer, "late")));
        assert!(state.problem.is_some() && state.rows.len() == 1, "what was read stays");
    }
}
