//! The inspector: the exchanges of this run, the newest on top, each with what was asked, what came back, and how long it took.
//!
//! What is drawn is made ready when something changes, by [`State::refresh`] and [`State::handle`]; drawing costs as much for a
//! thousand exchanges as for twenty.

pub mod curl;
pub mod find;
pub mod page;
pub mod pretty;
mod row;
#[cfg(test)]
pub(in crate::app) mod tests;
pub mod texts;
mod update;

use std::collections::VecDeque;
use std::sync::Arc;

use egui::Id;

pub use self::curl::LocalSandbox;
#[cfg(test)]
pub use self::curl::command as command_of;
use self::page::Page;
pub use self::row::Row;
use crate::engine::KEPT_BODY_BYTES;

/// How wide the panel is as it comes, in points.
pub const WIDTH_PX: f32 = 400.0;
/// The narrowest it is.
pub const WIDTH_MIN_PX: f32 = 320.0;
/// The widest it is.
pub const WIDTH_MAX_PX: f32 = 720.0;
/// The part of its height that the list has as it comes.
const SPLIT: f32 = 0.42;

/// What of an exchange is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    /// What was sent.
    Request,
    /// What came back.
    #[default]
    Answer,
    /// The headers of both.
    Headers,
    /// How long it took.
    Timing,
    /// The request as a command.
    Curl,
}

impl Tab {
    /// All of them, from left to right.
    pub const ALL: [Self; 5] = [Self::Request, Self::Answer, Self::Headers, Self::Timing, Self::Curl];

    /// Its name.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Request => "Request",
            Self::Answer => "Answer",
            Self::Headers => "Headers",
            Self::Timing => "Timing",
            Self::Curl => "cURL",
        }
    }
}

/// What the inspector asks for.
#[derive(Clone, Debug)]
pub enum InspectorCommand {
    /// Show what answers to these words only.
    Filter(String),
    /// Show what went wrong only, or all.
    OnlyFailed(bool),
    /// Show the exchange with this number.
    Select(u64),
    /// Show this of it.
    Show(Tab),
    /// Show bodies indented, or as they came.
    Pretty(bool),
    /// Search the body for this.
    Search(String),
    /// To the next match, or to the one before.
    Step(bool),
    /// The match has been brought into view.
    Arrived,
    /// A line has this many columns.
    Columns(usize),
    /// The panel is this wide, in points.
    Width(f32),
    /// This part of the height belongs to the list.
    Split(f32),
    /// Copy what is shown, whole.
    Copy,
    /// Save the body that is shown, whole.
    SaveWhole,
}

/// A look through the exchanges that is under way.
#[derive(Debug)]
struct Scan {
    /// The number of the exchange that is looked at next; it goes from the newest down.
    next: u64,
    /// Those that are to be listed, newest first.
    found: Vec<u64>,
}

/// What is shown, and of what.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct State {
    pub(in crate::app) open: bool,
    /// Whether the keyboard shall go to the list as soon as it is there.
    pub(in crate::app) takes_keys: bool,
    /// Who had the keyboard before.
    pub(in crate::app) came_from: Option<Id>,
    pub(in crate::app) width_px: f32,
    pub(in crate::app) split: f32,
    /// Every exchange that is kept, oldest first.
    pub(in crate::app) rows: VecDeque<Row>,
    pub(in crate::app) recorded: u64,
    pub(in crate::app) filter: String,
    pub(in crate::app) only_failed: bool,
    /// The numbers of those that are listed, newest first.
    pub(in crate::app) listed: Vec<u64>,
    /// The list that comes next; until it is whole the one before stays.
    scan: Option<Scan>,
    /// The one that was chosen; without one the newest is shown.
    pub(in crate::app) selected: Option<u64>,
    pub(in crate::app) tab: Tab,
    pub(in crate::app) pretty: bool,
    pub(in crate::app) search: String,
    /// Which match is meant, and whether it still has to be brought into view.
    pub(in crate::app) at: usize,
    pub(in crate::app) arriving: bool,
    pub(in crate::app) columns: usize,
    /// The body that is shown, and of which exchange it is.
    pub(in crate::app) page: Page,
    pub(in crate::app) page_of: Option<(u64, Tab)>,
    /// The body that is being saved, with the name it is offered under.
    pub(in crate::app) saving: Option<String>,
    /// The sandbox of this process, once it runs.
    pub(in crate::app) sandbox: Option<LocalSandbox>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            open: false,
            takes_keys: false,
            came_from: None,
            width_px: WIDTH_PX,
            split: SPLIT,
            rows: VecDeque::new(),
            recorded: 0,
            filter: String::new(),
            only_failed: false,
            listed: Vec::new(),
            scan: None,
            selected: None,
            tab: Tab::default(),
            pretty: true,
            search: String::new(),
            at: 0,
            arriving: false,
            columns: 48,
            page: Page::default(),
            page_of: None,
            saving: None,
            sandbox: None,
        }
    }
}

impl State {
    /// Sets the sandbox of this process: commands for it have its key in them.
    pub fn set_sandbox(&mut self, sandbox: LocalSandbox) {
        self.sandbox = Some(sandbox);
    }

    /// Whether it is shown.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open
    }

    /// Shows or hides it; the keyboard goes with it where that is wanted. `focused` has it now. Answers who shall have it back.
    pub fn toggle(&mut self, takes_keys: bool, focused: Option<Id>) -> Option<Id> {
        self.open = !self.open;
        if self.open {
            self.relist();
            self.takes_keys = takes_keys && !self.listed.is_empty();
            self.came_from = if self.takes_keys { focused } else { None };
            return None;
        }
        self.came_from.take().filter(|_| takes_keys)
    }

    /// How wide it is, in points.
    #[must_use]
    pub const fn width_px(&self) -> f32 {
        self.width_px
    }

    /// The width a person gave it, in points; `None`: as it comes.
    #[must_use]
    pub fn given_width_px(&self) -> Option<f32> {
        ((self.width_px - WIDTH_PX).abs() > 0.5).then_some(self.width_px)
    }

    /// The part of its height that a person gave the list; `None`: as it comes.
    #[must_use]
    pub fn given_split(&self) -> Option<f32> {
        ((self.split - SPLIT).abs() > 0.001).then_some(self.split)
    }

    /// Gives it a width, in points, and its list a part of its height; `None`: as it comes.
    pub fn resize(&mut self, width_px: Option<f32>, split: Option<f32>) {
        self.width_px = width_px.unwrap_or(WIDTH_PX).clamp(WIDTH_MIN_PX, WIDTH_MAX_PX);
        self.split = split.unwrap_or(SPLIT).clamp(0.15, 0.85);
    }

    /// Whether exchanges are being looked through, so that it wants to go on with the next frame.
    #[must_use]
    pub const fn is_searching(&self) -> bool {
        self.scan.is_some()
    }

    /// What *Copy* copies: what is shown, whole.
    #[must_use]
    pub fn whole_text(&self) -> Option<String> {
        let exchange = &*self.shown()?.exchange;
        let body = |text: &str| if self.pretty { pretty_or_raw(text) } else { text.to_owned() };
        Some(match self.tab {
            Tab::Request => body(&exchange.request_body),
            Tab::Answer => body(&exchange.response_body),
            Tab::Headers => texts::headers(exchange),
            Tab::Timing => texts::timing(exchange),
            Tab::Curl => curl::command(exchange, self.sandbox.as_ref()),
        })
    }

    /// Keeps the body that is shown until it is known where it goes; answers a name for the file.
    pub fn begin_saving(&mut self) -> Option<String> {
        let exchange = Arc::clone(&self.shown()?.exchange);
        let (body, what) = match self.tab {
            Tab::Request => (&exchange.request_body, "request"),
            _ => (&exchange.response_body, "answer"),
        };
        self.saving = Some(body.clone());
        Some(format!("{} {} {what}", exchange.operation, exchange.number))
    }

    /// The body that is being saved.
    pub fn take_saving(&mut self) -> Option<String> {
        self.saving.take()
    }

    /// Which ending fits the body that is shown.
    #[must_use]
    pub fn ending(&self) -> &'static str {
        let text = self.saving.as_deref().unwrap_or_default();
        if text.trim_start().starts_with(['{', '[']) { "json" } else { "txt" }
    }

    pub(in crate::app) fn shown(&self) -> Option<&Row> {
        match self.selected {
            Some(number) => self.row(number),
            None => self.row(*self.listed.first()?),
        }
    }

    pub(in crate::app) fn row(&self, number: u64) -> Option<&Row> {
        // Numbers follow each other without a gap.
        let first = self.rows.front()?.number();
        self.rows.get(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    /// Whether all of the body that is shown was kept.
    pub(in crate::app) fn is_kept(&self) -> bool {
        self.shown().is_none_or(|row| match self.tab {
            Tab::Request => true,
            _ => row.exchange.response_bytes <= KEPT_BODY_BYTES as u64,
        })
    }

    fn is_listed(&self, row: &Row) -> bool {
        (!self.only_failed || row.failed) && row.answers_to(&self.filter)
    }
}

fn pretty_or_raw(text: &str) -> String {
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    if is_json { pretty::indented(text) } else { text.to_owned() }
}
