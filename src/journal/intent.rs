//! An intent: the wish to create one task, under a name of its own; and how it is read.

use std::fmt;
use std::path::{Path, PathBuf};

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension as _, Row};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::db::{Journal, Result};
use super::error::JournalError;
use super::service::{Owner, Service};
use super::task::TaskRecord;
use crate::model::{ClipSource, Placement, Problem};

/// Names an intent in this journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntentId(pub i64);

impl fmt::Display for IntentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Defines an enum whose values are words in the database.
macro_rules! worded {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $value:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $value,)* }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$value),*];

            /// The word in the database, and in JSON.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$value => $word,)* }
            }

            /// The value of a word.
            #[must_use]
            pub fn of_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$value),)* _ => None }
            }
        }
    };
}

worded! {
    /// How far an intent is.
    IntentState {
        /// Nothing was sent yet, or what was sent was certainly not taken.
        Intended = "intended",
        /// The create was sent, or is about to be.
        Sent = "sent",
        /// The service has a task for it.
        Accepted = "accepted",
        /// The service refused it; nothing was created.
        Refused = "refused",
        /// The name belongs to another task: nothing was created by this intent.
        NameTaken = "name_taken",
        /// It was sent, and nobody knows whether it was taken.
        Unknown = "unknown",
        /// It was unknown, and it is settled that nothing was created.
        Nothing = "nothing",
        /// It was given up before anything was sent, or after what was sent was certainly not taken.
        Withdrawn = "withdrawn",
    }
}

worded! {
    /// Where an intent comes from.
    Origin {
        /// Created here.
        Created = "created",
        /// Followed by its task id.
        Followed = "followed",
        /// From the file of accepted ids of earlier versions.
        Imported = "imported",
    }
}

worded! {
    /// By what an unclear create was settled, or looked for.
    Settled {
        /// A query by its name.
        NameQuery = "name_query",
        /// The list of all tasks of the account, by its name.
        Tasks = "tasks",
        /// The list of lip-sync tasks, whose entries show the name.
        List = "list",
        /// Sending the same name once more.
        Resend = "resend",
        /// A person.
        Person = "person",
    }
}

worded! {
    /// What the history shows of an intent: its state, and of an accepted one how its task is.
    Phase {
        /// See [`IntentState::Intended`].
        Intended = "intended",
        /// See [`IntentState::Sent`].
        Sent = "sent",
        /// See [`IntentState::Unknown`].
        Unknown = "unknown",
        /// Accepted, and not at its end.
        Running = "running",
        /// The task succeeded.
        Succeeded = "succeeded",
        /// The task failed.
        Failed = "failed",
        /// See [`IntentState::Refused`].
        Refused = "refused",
        /// Refused, and not by the service: that was never reached.
        NotReached = "not_reached",
        /// See [`IntentState::NameTaken`].
        NameTaken = "name_taken",
        /// See [`IntentState::Nothing`].
        Nothing = "nothing",
        /// See [`IntentState::Withdrawn`].
        Withdrawn = "withdrawn",
    }
}

impl Phase {
    /// Whether it will not change any more by itself.
    #[must_use]
    pub const fn is_finished(self) -> bool {
        !matches!(self, Self::Intended | Self::Sent | Self::Unknown | Self::Running)
    }
}

/// A clip or a voice as it was chosen: a name to show and to search, and whatever the caller needs to choose it again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Described {
    /// `duo.mp4`
    pub name: String,
    /// The caller's own document; `null` where there is none.
    pub document: Value,
}

impl Described {
    /// A name without a document.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), document: Value::Null }
    }
}

/// An intent as the journal has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Intent {
    /// Its number in this journal.
    pub id: IntentId,
    /// Where.
    pub service: Service,
    /// Where it comes from.
    pub origin: Origin,
    /// How far it is.
    pub state: IntentState,
    /// What the history shows.
    pub phase: Phase,
    /// Our own name for the task; `None` for one that was not created here.
    pub external_task_id: Option<String>,
    /// From identify.
    pub session_id: Option<String>,
    /// The chosen faces.
    pub face_ids: Vec<String>,
    /// Where the voice is put.
    pub placement: Option<Placement>,
    /// The clip.
    pub clip: Described,
    /// The voice.
    pub voice: Described,
    /// What else was sent, as the caller wrote it.
    pub options: Value,
    /// How often the create was sent.
    pub sends: u32,
    /// Whether the outcome of a sending was unknown at any time.
    pub was_unclear: bool,
    /// When the last look-up found nothing, since the last sending.
    pub not_found_ms: Option<i64>,
    /// By what that look-up was done.
    pub not_found_by: Option<Settled>,
    /// By what an unclear create was settled.
    pub settled_by: Option<Settled>,
    /// The task that has our name, where that is not ours.
    pub other_task_id: Option<String>,
    /// The last refusal, or why the outcome is unknown.
    pub problem: Option<Problem>,
    /// Times in milliseconds since the epoch.
    pub begun_ms: i64,
    /// When the create was last sent.
    pub sent_ms: Option<i64>,
    /// When the answer to it came.
    pub answered_ms: Option<i64>,
    /// When it came to its end.
    pub finished_ms: Option<i64>,
    /// Who works on it.
    pub owner: Option<Owner>,
    /// Its task, once it is accepted.
    pub task: Option<TaskRecord>,
}

/// The name in [`Intent::options`] of the file in which the result is wanted.
pub const RESULT_WANTED: &str = "out";

/// The name in [`Intent::options`] of what says that the service ends with the process that sent it: a sandbox of a command's own.
pub const ENDS_WITH_PROCESS: &str = "ends_with_process";

impl Intent {
    /// Whether its service ended with the process that sent it.
    #[must_use]
    pub fn ends_with_process(&self) -> bool {
        self.options.get(ENDS_WITH_PROCESS).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The file in which a person wanted the result, where one was named.
    #[must_use]
    pub fn result_wanted(&self) -> Option<PathBuf> {
        self.options.get(RESULT_WANTED)?.as_str().map(PathBuf::from)
    }

    /// The name of its result's file, without extension: `CLIP lip-sync`, or by the task where its clip is not known.
    #[must_use]
    pub fn result_stem(&self) -> String {
        let clip: Option<ClipSource> = serde_json::from_value(self.clip.document.clone()).ok().flatten();
        let of_name = || Some(Path::new(&self.clip.name).file_stem()?.to_string_lossy().into_owned());
        let of_task = || self.external_task_id.clone().or_else(|| Some(self.task.as_ref()?.task_id.clone()));
        let name = clip.as_ref().and_then(ClipSource::stem).or_else(of_name).or_else(of_task);
        format!("{} lip-sync", name.as_deref().unwrap_or("clip"))
    }
}

/// The columns that [`intent_of_row`] reads, in this order.
pub(super) const INTENT_COLUMNS: &str = "i.id, i.profile, s.base_url, s.path_prefix, s.dialect, i.origin, i.state, i.phase, \
     i.external_task_id, i.session_id, i.face_ids, i.placement, i.clip_name, i.clip, i.voice_name, i.voice, i.options, i.sends, \
     i.unclear, i.not_found_ms, i.not_found_by, i.settled_by, i.other_task_id, i.problem, i.begun_ms, i.sent_ms, i.answered_ms, \
     i.finished_ms, i.owner";

/// JSON from a column. What cannot be read counts as absent: a document of another version must not hide the rest.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, at: &str) -> rusqlite::Result<Option<T>> {
    Ok(of_json(row.get(at)?))
}

fn of_json<T: DeserializeOwned>(text: Option<String>) -> Option<T> {
    text.and_then(|text| serde_json::from_str(&text).ok())
}

/// The columns of a row, one after the other: finding thirty of them by name takes longer than reading them.
struct Columns<'a, 'row> {
    row: &'a Row<'row>,
    next: usize,
}

impl Columns<'_, '_> {
    fn next<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        self.next += 1;
        self.row.get(self.next - 1)
    }

    fn json<T: DeserializeOwned>(&mut self) -> rusqlite::Result<Option<T>> {
        Ok(of_json(self.next()?))
    }

    fn word<T>(&mut self, of_word: impl Fn(&str) -> Option<T>) -> rusqlite::Result<Option<T>> {
        Ok(self.next::<Option<String>>()?.as_deref().and_then(of_word))
    }

    fn described(&mut self) -> rusqlite::Result<Described> {
        Ok(Described { name: self.next()?, document: self.json()?.unwrap_or_default() })
    }
}

/// Reads [`INTENT_COLUMNS`]: its fields stand in their order.
fn intent_of_row(row: &Row<'_>) -> rusqlite::Result<Intent> {
    let mut columns = Columns { row, next: 5 };
    Ok(Intent {
        id: IntentId(row.get(0)?),
        service: Service::of_row(row, 1)?,
        origin: columns.word(Origin::of_word)?.unwrap_or(Origin::Created),
        state: columns.word(IntentState::of_word)?.unwrap_or(IntentState::Unknown),
        phase: columns.word(Phase::of_word)?.unwrap_or(Phase::Unknown),
        external_task_id: columns.next()?,
        session_id: columns.next()?,
        face_ids: columns.json()?.unwrap_or_default(),
        placement: columns.json()?,
        clip: columns.described()?,
        voice: columns.described()?,
        options: columns.json()?.unwrap_or_default(),
        sends: columns.next()?,
        was_unclear: columns.next()?,
        not_found_ms: columns.next()?,
        not_found_by: columns.word(Settled::of_word)?,
        settled_by: columns.word(Settled::of_word)?,
        other_task_id: columns.next()?,
        problem: columns.json()?,
        begun_ms: columns.next()?,
        sent_ms: columns.next()?,
        answered_ms: columns.next()?,
        finished_ms: columns.next()?,
        owner: columns.next::<Option<String>>()?.map(Owner::new),
        task: None,
    })
}

/// The intents of a query over `intents i` and `services s`, with their tasks.
pub(super) fn intents_where(
    connection: &Connection,
    condition: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<Intent>> {
    let sql = format!("SELECT {INTENT_COLUMNS} FROM intents i JOIN services s ON s.id = i.service_id {condition}");
    let mut query = connection.prepare_cached(&sql)?;
    let mut intents: Vec<Intent> = query.query_map(values, intent_of_row)?.collect::<rusqlite::Result<_>>()?;
    for intent in &mut intents {
        intent.task = super::task::task_of(connection, intent.id)?;
    }
    Ok(intents)
}

pub(super) fn intent(connection: &Connection, id: IntentId) -> Result<Intent> {
    intents_where(connection, "WHERE i.id = ?1", [id.0])?.pop().ok_or(JournalError::Absent(id))
}

/// The state of an intent, and its owner.
pub(super) fn state_of(connection: &Connection, id: IntentId) -> Result<(IntentState, Option<String>)> {
    let mut query = connection.prepare_cached("SELECT state, owner FROM intents WHERE id = ?1")?;
    let found: Option<(String, Option<String>)> =
        query.query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (state, owner) = found.ok_or(JournalError::Absent(id))?;
    let state = IntentState::of_word(&state).ok_or(JournalError::Failed(state))?;
    Ok((state, owner))
}

impl Journal {
    /// An intent by its number.
    ///
    /// # Errors
    /// [`JournalError::Absent`]; the journal cannot be read.
    pub fn intent(&self, id: IntentId) -> Result<Intent> {
        self.read(|db| intent(db, id))
    }

    /// The intents whose task has this id, or this name (`external_task_id`), at any service; the newest first.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn find(&self, id_or_name: &str) -> Result<Vec<Intent>> {
        const FOUND: &str = "WHERE i.id IN (SELECT intent_id FROM tasks WHERE task_id = ?1 \
             UNION SELECT intent_id FROM tasks WHERE external_task_id = ?1 UNION SELECT id FROM intents WHERE external_task_id = ?1) \
             AND i.hidden_ms IS NULL ORDER BY i.begun_ms DESC, i.id DESC";
        self.read(|db| intents_where(db, FOUND, [id_or_name]))
    }

    /// Each change of an intent and its task, the oldest first.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn changes(&self, id: IntentId) -> Result<Vec<Change>> {
        self.read(|db| {
            let mut query =
                db.prepare_cached("SELECT at_ms, what, detail FROM changes WHERE intent_id = ?1 ORDER BY id")?;
            let changes = query
                .query_map([id.0], |row| Ok(Change { at_ms: row.get(0)?, what: row.get(1)?, detail: row.get(2)? }))?;
            Ok(changes.collect::<rusqlite::Result<_>>()?)
        })
    }
}

/// A change of an intent or its task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When; milliseconds since the epoch.
    pub at_ms: i64,
    /// The word of an [`IntentState`], a status of a task, or what was done.
    pub what: String,
    /// The service's own words, where there are any.
    pub detail: Option<String>,
}

/// Writes down a change.
pub(super) fn log(connection: &Connection, id: IntentId, at_ms: i64, what: &str, detail: Option<&str>) -> Result<()> {
    let mut insert =
        connection.prepare_cached("INSERT INTO changes (intent_id, at_ms, what, detail) VALUES (?1, ?2, ?3, ?4)")?;
    insert.execute(rusqlite::params![id.0, at_ms, what, detail])?;
    Ok(())
}
