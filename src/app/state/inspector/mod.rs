//! The inspector: the exchanges of this run, newest first, each with request, response and timing.
//!
//! What is drawn is prepared when something changes, by [`State::refresh`] and [`State::handle`]; drawing a thousand exchanges costs
//! as much as drawing twenty.

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

/// Default width of the panel, in points.
pub const WIDTH_PX: f32 = 400.0;
/// Minimum width of the panel, in points.
pub const WIDTH_MIN_PX: f32 = 320.0;
/// Maximum width of the panel, in points.
pub const WIDTH_MAX_PX: f32 = 720.0;
/// Default height of the list, as a fraction of the panel's height.
const SPLIT: f32 = 0.42;

/// A tab: the part of an exchange that is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    /// The request's body.
    Request,
    /// The response's body.
    #[default]
    Answer,
    /// The headers of both.
    Headers,
    /// The timing.
    Timing,
    /// The request as a curl command.
    Curl,
}

impl Tab {
    /// Every tab, from left to right.
    pub const ALL: [Self; 5] = [Self::Request, Self::Answer, Self::Headers, Self::Timing, Self::Curl];

    /// Its label.
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

/// A command for the inspector.
#[derive(Clone, Debug)]
pub enum InspectorCommand {
    /// List only the exchanges that match these words.
    Filter(String),
    /// List only failed exchanges, or all.
    OnlyFailed(bool),
    /// Select the exchange with this number.
    Select(u64),
    /// Select this tab.
    Show(Tab),
    /// Show bodies indented, or as they were received.
    Pretty(bool),
    /// Search the body for this text.
    Search(String),
    /// Go to the next match, or to the previous one.
    Step(bool),
    /// The current match has been scrolled into view.
    Arrived,
    /// A line holds this many columns.
    Columns(usize),
    /// Set the panel's width, in points.
    Width(f32),
    /// Set the list's height, as a fraction of the panel's.
    Split(f32),
    /// Copy the displayed text, in full.
    Copy,
    /// Save the displayed body, in full.
    SaveWhole,
}

/// A filter run in progress.
#[derive(Debug)]
struct Scan {
    /// The number of the exchange to examine next, from the newest down.
    next: u64,
    /// The exchanges that matched so far, newest first.
    found: Vec<u64>,
}

/// The state of the inspector.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct State {
    pub(in crate::app) open: bool,
    /// Whether the list takes the focus as soon as it is drawn.
    pub(in crate::app) takes_keys: bool,
    /// The widget that had the focus before.
    pub(in crate::app) came_from: Option<Id>,
    pub(in crate::app) width_px: f32,
    pub(in crate::app) split: f32,
    /// Every recorded exchange, oldest first.
    pub(in crate::app) rows: VecDeque<Row>,
    pub(in crate::app) recorded: u64,
    pub(in crate::app) filter: String,
    pub(in crate::app) only_failed: bool,
    /// The numbers of the listed exchanges, newest first.
    pub(in crate::app) listed: Vec<u64>,
    /// The next list; the current one is shown until it is complete.
    scan: Option<Scan>,
    /// The selected exchange; without one the newest is shown.
    pub(in crate::app) selected: Option<u64>,
    pub(in crate::app) tab: Tab,
    pub(in crate::app) pretty: bool,
    pub(in crate::app) search: String,
    /// The current match, and whether it still has to be scrolled into view.
    pub(in crate::app) at: usize,
    pub(in crate::app) arriving: bool,
    pub(in crate::app) columns: usize,
    /// The displayed body, and the exchange and tab it belongs to.
    pub(in crate::app) page: Page,
    pub(in crate::app) page_of: Option<(u64, Tab)>,
    /// The body that is being saved, with the suggested file name.
    pub(in crate::app) saving: Option<String>,
    /// The embedded sandbox, once it runs.
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
    /// Whether the service at this address has answered a request after this one, and has not refused it.
    #[must_use]
    pub fn has_answered(&self, base_url: &str, after: u64) -> bool {
        let newer = self.rows.iter().rev().take_while(|row| row.number() > after);
        newer.filter(|row| !row.failed && !row.is_download()).any(|row| row.exchange.url.starts_with(base_url))
    }

    /// Sets the embedded sandbox, whose key is put into commands for it.
    pub fn set_sandbox(&mut self, sandbox: LocalSandbox) {
        self.sandbox = Some(sandbox);
    }

    /// Whether the panel is open.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open
    }

    /// Opens or closes the panel, and moves the focus to it on request. `focused` has the focus now. Returns what gets it back.
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

    /// Width of the panel, in points.
    #[must_use]
    pub const fn width_px(&self) -> f32 {
        self.width_px
    }

    /// The width that a person set, in points; `None` is the default.
    #[must_use]
    pub fn given_width_px(&self) -> Option<f32> {
        ((self.width_px - WIDTH_PX).abs() > 0.5).then_some(self.width_px)
    }

    /// The height of the list that a person set, as a fraction of the panel's; `None` is the default.
    #[must_use]
    pub fn given_split(&self) -> Option<f32> {
        ((self.split - SPLIT).abs() > 0.001).then_some(self.split)
    }

    /// Sets the panel's width in points, and the list's fraction of its height; `None` is the default.
    pub fn resize(&mut self, width_px: Option<f32>, split: Option<f32>) {
        self.width_px = width_px.unwrap_or(WIDTH_PX).clamp(WIDTH_MIN_PX, WIDTH_MAX_PX);
        self.split = split.unwrap_or(SPLIT).clamp(0.15, 0.85);
    }

    /// Whether a filter run is in progress, which continues in the next frame.
    #[must_use]
    pub const fn is_searching(&self) -> bool {
        self.scan.is_some()
    }

    /// The text that *Copy* copies: all that is displayed.
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

    /// Keeps the displayed body until its path is chosen; returns a suggested file name.
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

    /// The file extension of the displayed body.
    #[must_use]
    pub fn ending(&self) -> &'static str {
        let text = self.saving.as_deref().unwrap_or_default();
        if text.trim_start().starts_with(['{', '[']) { "json" } else { "txt" }
    }

    pub(in crate::app) fn shown(&self) -> Option<&Row> {
        if let Some(number) = self.selected {
            return self.row(number);
        }
        // A picture that was fetched has nothing to read.
        let mut rows = self.listed.iter().filter_map(|number| self.row(*number));
        let first = rows.next()?;
        if first.is_download() { rows.find(|row| !row.is_download()).or(Some(first)) } else { Some(first) }
    }

    pub(in crate::app) fn row(&self, number: u64) -> Option<&Row> {
        // Numbers are consecutive.
        let first = self.rows.front()?.number();
        self.rows.get(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    /// Whether the displayed body was recorded in full.
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
