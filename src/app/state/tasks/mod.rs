//! The history: every task of every run, as the journal has them, the newest first.
//!
//! What is shown was read by a thread of its own, and its texts were made there: drawing ten thousand tasks costs as much as drawing
//! the twenty in view.

pub mod detail;
pub mod filter;
pub mod row;

pub use self::detail::{Detail, TaskAction};
pub use self::filter::{Days, Filter, States};
pub use self::row::{Row, Standing, Tone};
use crate::engine::Expiring;
use crate::engine::journal::{Cursor, HistoryQuery, IntentId, Service};

/// How many rows are read at once.
pub const PAGE: u32 = 100;

/// A command for the history.
#[derive(Clone, Debug)]
pub enum TasksCommand {
    /// Close it.
    Close,
    /// List only what has these words.
    Search(String),
    /// List only this service.
    Service(Option<Service>),
    /// List only these states.
    States(States),
    /// List only these days.
    Days(Days),
    /// The text of a day changed.
    EditDay(String),
    /// List everything.
    ShowAll,
    /// Select this task.
    Select(IntentId),
    /// The end of what was read is near.
    NeedMore,
    /// The list has taken the focus.
    Arrived,
    /// Do this with the selected task.
    Do(TaskAction),
    /// Copy this id.
    Copy(String),
}

/// A part of the list to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListOrder {
    /// Which rows.
    pub query: HistoryQuery,
    /// How many at most.
    pub limit: u32,
    /// Whether they follow those that are shown, or replace them.
    pub appends: bool,
}

/// What to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Rows.
    pub list: Option<ListOrder>,
    /// A task with everything about it.
    pub detail: Option<IntentId>,
}

/// What was read.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "one value for each answer, moved once")]
pub enum Answer {
    /// Rows, where the next ones begin, and the services that there are tasks of.
    List {
        /// What was asked for.
        order: ListOrder,
        /// The rows.
        rows: Vec<Row>,
        /// Where the next page begins.
        next: Option<Cursor>,
        /// The services to filter by.
        services: Vec<Service>,
    },
    /// A task; `None`: it is not there any more.
    Detail(IntentId, Option<Box<Detail>>),
    /// Why nothing could be read.
    Failed(String),
}

/// The state of the history.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts, each with a name of its own")]
pub struct State {
    pub(in crate::app) open: bool,
    /// Whether the list takes the focus as soon as it is drawn.
    pub(in crate::app) takes_keys: bool,
    pub(in crate::app) filter: Filter,
    /// A day as it is entered.
    pub(in crate::app) day_entry: String,
    pub(in crate::app) services: Vec<Service>,
    pub(in crate::app) rows: Vec<Row>,
    next: Option<Cursor>,
    /// Whether the list has been read once since the history was opened.
    pub(in crate::app) is_read: bool,
    pub(in crate::app) selected: Option<IntentId>,
    pub(in crate::app) detail: Option<Box<Detail>>,
    /// Why nothing can be listed.
    pub(in crate::app) problem: Option<String>,
    /// What is being read.
    wanted: Order,
    /// Whether that has changed since it was ordered.
    is_new: bool,
    /// What the journal has of a task, while it is asked where to save that.
    pub(in crate::app) saving: Option<String>,
    /// How many tasks finished while no window was open, until the history is looked at.
    pub(in crate::app) finished_meanwhile: usize,
    /// The results that were not saved and go soon, until they are saved.
    pub(in crate::app) expiring: Vec<Expiring>,
}

impl State {
    /// Whether it is open.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open
    }

    /// What is new in it at `now_ms` (milliseconds since the epoch): how many tasks finished while no window was open, and how many results go soon
    /// that nobody has saved.
    #[must_use]
    pub fn badge(&self, now_ms: i64) -> Option<String> {
        // After its time a result is gone, or nothing is known of it.
        let expiring = self.expiring.iter().filter(|result| result.until_ms > now_ms).count();
        let parts = [(expiring, "expiring"), (self.finished_meanwhile, "finished")];
        let parts: Vec<String> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// Opens it.
    pub fn open(&mut self, now_ms: i64) {
        self.open = true;
        self.is_read = false;
        self.takes_keys = true;
        self.finished_meanwhile = 0;
        self.refresh(now_ms);
    }

    /// Selects this task, and takes the filters away that may hide it.
    pub fn show_only(&mut self, id: IntentId) {
        self.filter = Filter::default();
        self.selected = Some(id);
    }

    /// Closes it. What was read is forgotten: it may be much.
    pub fn close(&mut self) {
        let filter = std::mem::take(&mut self.filter);
        let (selected, finished_meanwhile) = (self.selected, self.finished_meanwhile);
        let expiring = std::mem::take(&mut self.expiring);
        *self = Self { filter, selected, finished_meanwhile, expiring, ..Self::default() };
    }

    /// Reads what is shown once more: something has changed.
    pub fn refresh(&mut self, now_ms: i64) {
        if self.open {
            let shown = u32::try_from(self.rows.len()).unwrap_or(u32::MAX).max(PAGE);
            self.list(now_ms, shown);
            self.want_detail(self.selected);
        }
    }

    /// Applies a command, at `now_ms` (milliseconds since the epoch).
    pub fn handle(&mut self, command: TasksCommand, now_ms: i64) {
        let before = self.filter.clone();
        match command {
            TasksCommand::Close => self.close(),
            TasksCommand::Search(words) => self.filter.search = words,
            TasksCommand::Service(service) => self.filter.service = service,
            TasksCommand::States(states) => self.filter.states = states,
            TasksCommand::Days(days) => self.filter.days = days,
            TasksCommand::EditDay(text) => self.day_entry = text,
            TasksCommand::ShowAll => self.filter = Filter::default(),
            TasksCommand::Select(id) => {
                self.selected = Some(id);
                self.want_detail(Some(id));
            }
            TasksCommand::NeedMore => {
                if let (Some(before), None) = (self.next, &self.wanted.list) {
                    let query = HistoryQuery { before: Some(before), ..self.filter.query(now_ms) };
                    self.wanted.list = Some(ListOrder { query, limit: PAGE, appends: true });
                    self.is_new = true;
                }
            }
            TasksCommand::Arrived => self.takes_keys = false,
            TasksCommand::Do(_) | TasksCommand::Copy(_) => {}
        }
        if self.open && self.filter != before {
            self.list(now_ms, PAGE);
        }
    }

    fn list(&mut self, now_ms: i64, limit: u32) {
        self.wanted.list = Some(ListOrder { query: self.filter.query(now_ms), limit, appends: false });
        self.is_new = true;
    }

    fn want_detail(&mut self, id: Option<IntentId>) {
        if id.is_some() {
            self.wanted.detail = id;
            self.is_new = true;
        }
    }

    /// What is to be read now, where that is not ordered yet.
    pub fn order(&mut self) -> Option<Order> {
        (std::mem::take(&mut self.is_new) && self.open).then(|| self.wanted.clone())
    }

    /// Takes what was read.
    pub fn take(&mut self, answer: Answer) {
        match answer {
            Answer::List { order, rows, next, services } => {
                if self.wanted.list.as_ref() != Some(&order) {
                    return;
                }
                self.wanted.list = None;
                if order.appends {
                    self.rows.extend(rows);
                } else {
                    self.rows = rows;
                }
                (self.next, self.services, self.is_read, self.problem) = (next, services, true, None);
                let is_listed = |id| self.rows.iter().any(|row| row.id == id);
                if !self.selected.is_some_and(is_listed) {
                    self.selected = self.rows.first().map(|row| row.id);
                    self.want_detail(self.selected);
                }
            }
            Answer::Detail(id, detail) => {
                if self.wanted.detail == Some(id) {
                    self.wanted.detail = None;
                    self.detail = detail;
                }
            }
            Answer::Failed(why) => {
                self.wanted = Order::default();
                (self.is_read, self.problem) = (true, Some(why));
            }
        }
    }

    /// The detail of the selected task, once it is read.
    #[must_use]
    pub fn shown(&self) -> Option<&Detail> {
        self.detail.as_deref().filter(|detail| Some(detail.intent.id) == self.selected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64) -> Row {
        Row {
            id: IntentId(id),
            standing: Standing::SANDBOX_ENDED,
            clip: String::new(),
            voice: String::new(),
            reason: String::new(),
            service: String::new(),
            time: String::new(),
            cost: String::new(),
            name: String::new(),
        }
    }

    fn list(order: Order, ids: &[i64]) -> Answer {
        let rows = ids.iter().copied().map(row).collect();
        Answer::List { order: order.list.unwrap(), rows, next: None, services: Vec::new() }
    }

    #[test]
    fn what_was_read_for_an_older_filter_is_dropped_and_the_first_row_selected() {
        let mut state = State::default();
        assert_eq!(state.order(), None);
        state.open(0);
        let first = state.order().unwrap();
        assert_eq!(state.order(), None, "it is ordered once");
        state.handle(TasksCommand::Search("duo".into()), 0);
        let second = state.order().unwrap();
        state.take(list(first, &[1, 2]));
        assert!(state.rows.is_empty() && !state.is_read);
        state.take(list(second, &[2]));
        assert_eq!((state.rows.len(), state.selected), (1, Some(IntentId(2))));
        assert_eq!(state.order().unwrap().detail, Some(IntentId(2)), "and everything about it is read");
        state.handle(TasksCommand::Close, 0);
        assert_eq!((state.rows.len(), state.filter.search.as_str()), (0, "duo"));
        state.refresh(0);
        assert_eq!(state.order(), None, "nothing is read while it is closed");
    }
}
