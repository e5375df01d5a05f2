//! The inspector: the exchanges of this run, the newest on top, each with what was asked, what came back, and how long it took.
//!
//! What is drawn is made ready when something changes, by [`State::refresh`] and [`State::handle`]; drawing costs as much for a
//! thousand exchanges as for twenty.

mod curl;
mod detail;
mod find;
mod headers;
mod list;
mod page;
mod panel;
mod pretty;
mod row;
mod timing;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::Id;

pub use self::curl::LocalSandbox;
#[cfg(test)]
pub use self::curl::command as command_of;
use self::page::Page;
pub use self::panel::{docked_ui, overlaid_ui};
pub use self::row::Row;
use crate::engine::{Exchange, KEPT_BODY_BYTES, Recorder};

/// How wide the panel is as it comes, in points.
pub const WIDTH_PX: f32 = 400.0;
/// The narrowest it is.
pub const WIDTH_MIN_PX: f32 = 320.0;
/// The widest it is.
pub const WIDTH_MAX_PX: f32 = 720.0;
/// The part of its height that the list has as it comes.
const SPLIT: f32 = 0.42;
/// For so long bodies are looked through in one frame: there may be megabytes of them.
const SLICE: Duration = Duration::from_millis(4);

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
    open: bool,
    /// Whether the keyboard shall go to the list as soon as it is there.
    takes_keys: bool,
    /// Who had the keyboard before.
    came_from: Option<Id>,
    width_px: f32,
    split: f32,
    /// Every exchange that is kept, oldest first.
    rows: VecDeque<Row>,
    recorded: u64,
    filter: String,
    only_failed: bool,
    /// The numbers of those that are listed, newest first.
    listed: Vec<u64>,
    /// The list that comes next; until it is whole the one before stays.
    scan: Option<Scan>,
    /// The one that was chosen; without one the newest is shown.
    selected: Option<u64>,
    tab: Tab,
    pretty: bool,
    search: String,
    /// Which match is meant, and whether it still has to be brought into view.
    at: usize,
    arriving: bool,
    columns: usize,
    /// The body that is shown, and of which exchange it is.
    page: Page,
    page_of: Option<(u64, Tab)>,
    /// The body that is being saved, with the name it is offered under.
    saving: Option<String>,
    /// The sandbox of this process, once it runs.
    sandbox: Option<LocalSandbox>,
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

    /// Takes in what was recorded since the last time, and goes on looking for what was filtered for.
    pub fn refresh(&mut self, recorder: &Recorder) {
        let recorded = recorder.recorded();
        if recorded != self.recorded {
            self.recorded = recorded;
            self.take(recorder.exchanges());
        }
        self.look(SLICE);
    }

    /// Takes in the exchanges that are kept, oldest first; those known already are left as they are.
    pub fn take(&mut self, exchanges: Vec<Arc<Exchange>>) {
        let first = exchanges.first().map_or(u64::MAX, |exchange| exchange.number);
        while self.rows.front().is_some_and(|row| row.number() < first) {
            self.rows.pop_front();
        }
        let known = self.rows.back().map_or(0, Row::number);
        self.rows.extend(exchanges.into_iter().filter(|exchange| exchange.number > known).map(Row::of));
        if self.selected.is_some_and(|number| number < first) {
            self.selected = None;
        }
        if self.open {
            // Of those that are listed already, or are not to be, only what is gone changes.
            let newest = self.rows.iter().rev().take_while(|row| row.number() > known);
            let fresh: Vec<u64> = newest.filter(|row| self.is_listed(row)).map(Row::number).collect();
            let listed = self.scan.as_mut().map_or(&mut self.listed, |scan| &mut scan.found);
            listed.splice(0..0, fresh);
            self.listed.retain(|number| *number >= first);
            self.lay_out(false);
        }
    }

    /// Applies what was asked for.
    pub fn handle(&mut self, command: InspectorCommand) {
        match command {
            InspectorCommand::Filter(words) => {
                self.filter = words;
                self.relist();
            }
            InspectorCommand::OnlyFailed(only) => {
                self.only_failed = only;
                self.relist();
            }
            InspectorCommand::Select(number) => {
                self.selected = Some(number);
                self.lay_out(false);
            }
            InspectorCommand::Show(tab) => {
                self.tab = tab;
                self.lay_out(false);
            }
            InspectorCommand::Pretty(pretty) => {
                self.pretty = pretty;
                self.lay_out(true);
            }
            InspectorCommand::Search(words) => {
                self.search = words;
                self.page.search(&self.search);
                self.go_to(0);
            }
            InspectorCommand::Step(forward) => {
                let count = self.page.matches.len();
                if count > 0 {
                    self.go_to((self.at + if forward { 1 } else { count - 1 }) % count);
                }
            }
            InspectorCommand::Arrived => {
                self.arriving = false;
                self.takes_keys = false;
            }
            InspectorCommand::Columns(columns) => {
                self.columns = columns;
                self.page.lay_out(columns);
            }
            InspectorCommand::Width(px) => self.width_px = px.clamp(WIDTH_MIN_PX, WIDTH_MAX_PX),
            InspectorCommand::Split(part) => self.split = part.clamp(0.15, 0.85),
            // Done by the window, which has clipboard and files.
            InspectorCommand::Copy | InspectorCommand::SaveWhole => {}
        }
    }

    /// What *Copy* copies: what is shown, whole.
    #[must_use]
    pub fn whole_text(&self) -> Option<String> {
        let exchange = &*self.shown()?.exchange;
        let body = |text: &str| if self.pretty { pretty_or_raw(text) } else { text.to_owned() };
        Some(match self.tab {
            Tab::Request => body(&exchange.request_body),
            Tab::Answer => body(&exchange.response_body),
            Tab::Headers => headers::text(exchange),
            Tab::Timing => timing::text(exchange),
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

    fn shown(&self) -> Option<&Row> {
        match self.selected {
            Some(number) => self.row(number),
            None => self.row(*self.listed.first()?),
        }
    }

    fn row(&self, number: u64) -> Option<&Row> {
        // Numbers follow each other without a gap.
        let first = self.rows.front()?.number();
        self.rows.get(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    /// Whether all of the body that is shown was kept.
    fn is_kept(&self) -> bool {
        self.shown().is_none_or(|row| match self.tab {
            Tab::Request => true,
            _ => row.exchange.response_bytes <= KEPT_BODY_BYTES as u64,
        })
    }

    fn is_listed(&self, row: &Row) -> bool {
        (!self.only_failed || row.failed) && row.answers_to(&self.filter)
    }

    /// Looks through all exchanges anew.
    fn relist(&mut self) {
        self.scan = Some(Scan { next: self.rows.back().map_or(0, Row::number), found: Vec::new() });
        self.look(SLICE);
    }

    /// Goes on looking through the exchanges, for about so long and at least through one.
    fn look(&mut self, budget: Duration) {
        let Some(mut scan) = self.scan.take() else { return };
        let began = Instant::now();
        let first = self.rows.front().map_or(u64::MAX, Row::number);
        while scan.next >= first {
            if self.row(scan.next).is_some_and(|row| self.is_listed(row)) {
                scan.found.push(scan.next);
            }
            scan.next -= 1;
            if scan.next >= first && began.elapsed() >= budget {
                self.scan = Some(scan);
                return;
            }
        }
        self.listed = scan.found;
        self.listed.retain(|number| *number >= first);
        self.lay_out(false);
    }

    /// Makes the body ready that is to be shown, where it is not.
    fn lay_out(&mut self, anew: bool) {
        let of = self.shown().map(|row| (row.number(), self.tab));
        if of == self.page_of && !anew {
            return;
        }
        self.page_of = of;
        let page = self.shown().map(|row| {
            let exchange = &*row.exchange;
            match self.tab {
                Tab::Request => Page::of_body(&exchange.request_body, exchange.request_bytes, self.pretty),
                Tab::Answer => Page::of_body(&exchange.response_body, exchange.response_bytes, self.pretty),
                Tab::Curl => Page::of_text(&curl::command(exchange, self.sandbox.as_ref())),
                Tab::Headers | Tab::Timing => Page::default(),
            }
        });
        self.page = page.unwrap_or_default();
        self.page.lay_out(self.columns);
        self.page.search(&self.search);
        self.at = 0;
        self.arriving = !self.page.matches.is_empty();
    }

    fn go_to(&mut self, index: usize) {
        self.at = index;
        self.arriving = true;
    }
}

fn pretty_or_raw(text: &str) -> String {
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    if is_json { pretty::indented(text) } else { text.to_owned() }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::engine::Timing;

    pub(in crate::app) fn exchange(
        number: u64,
        method: &'static str,
        url: &str,
        status: Option<u16>,
        body: &str,
    ) -> Exchange {
        Exchange {
            number,
            started_at_ms: 1_700_000_000_000,
            operation: "identify",
            method,
            url: url.into(),
            request_headers: Vec::new(),
            request_body: String::new(),
            request_file: None,
            request_bytes: 0,
            status,
            response_headers: Vec::new(),
            response_body: body.into(),
            response_bytes: body.len() as u64,
            failure: status.is_none().then(|| "the connection was closed".to_owned()),
            timing: Timing { head_us: status.map(|_| 400_000), total_us: 412_300 },
        }
    }

    fn some(numbers: std::ops::RangeInclusive<u64>) -> Vec<Arc<Exchange>> {
        let one = |number: u64| {
            let status = if number.is_multiple_of(3) { 400 } else { 200 };
            exchange(
                number,
                "POST",
                "https://a.b/v1/videos/identify-face",
                Some(status),
                &format!("{{\"n\":{number}}}"),
            )
        };
        numbers.map(|number| Arc::new(one(number))).collect()
    }

    fn open_with(exchanges: Vec<Arc<Exchange>>) -> State {
        let mut state = State::default();
        state.toggle(false, None);
        state.take(exchanges);
        state
    }

    #[test]
    fn the_newest_is_on_top_and_shown_until_another_is_chosen() {
        let mut state = open_with(some(1..=4));
        assert_eq!(state.listed, [4, 3, 2, 1]);
        assert_eq!(state.page.text, "{\n  \"n\": 4\n}");
        state.take(some(1..=5));
        assert_eq!(state.page.text, "{\n  \"n\": 5\n}", "it follows");
        state.handle(InspectorCommand::Select(2));
        state.take(some(1..=6));
        assert_eq!((state.listed[0], state.page.text.as_str()), (6, "{\n  \"n\": 2\n}"));
        state.take(some(4..=9));
        assert_eq!((state.rows.len(), state.selected), (6, None), "what is not kept any more is gone here too");
        assert_eq!(state.page.text, "{\n  \"n\": 9\n}");
    }

    #[test]
    fn a_closed_inspector_takes_in_what_came_and_shows_it_once_open() {
        let mut state = State::default();
        state.take(some(1..=3));
        assert!(state.listed.is_empty());
        state.toggle(true, None);
        assert_eq!(state.listed, [3, 2, 1]);
        assert_eq!(state.toggle(true, None), None);
        state.toggle(true, Some(Id::unique("before")));
        assert_eq!(state.toggle(true, None), Some(Id::unique("before")), "the keyboard goes back");
    }

    #[test]
    fn the_list_is_narrowed_by_words_and_by_failure() {
        let mut state = open_with(some(1..=9));
        state.handle(InspectorCommand::OnlyFailed(true));
        assert_eq!(state.listed, [9, 6, 3]);
        state.handle(InspectorCommand::Filter("\"n\":6".into()));
        assert_eq!(state.listed, [6]);
        state.handle(InspectorCommand::Filter("nothing".into()));
        assert!(state.listed.is_empty() && state.shown().is_none() && state.page.text.is_empty());
    }

    #[test]
    fn a_long_look_goes_on_from_frame_to_frame_and_the_list_stays_until_it_is_whole() {
        let mut state = open_with(some(1..=9));
        state.only_failed = true;
        state.scan = Some(Scan { next: 9, found: Vec::new() });
        for _ in 0..8 {
            state.look(Duration::ZERO);
            assert!(state.is_searching() && state.listed.len() == 9, "the predecessor stays");
        }
        state.take(some(2..=12));
        assert_eq!(state.listed.len(), 8, "but for what is gone");
        state.look(Duration::ZERO);
        assert_eq!((state.listed.as_slice(), state.is_searching()), (&[12, 9, 6, 3][..], false));
        state.take(some(2..=15));
        assert_eq!(state.listed, [15, 12, 9, 6, 3], "what comes now is looked at alone");
    }

    #[test]
    fn matches_are_walked_in_a_circle() {
        let body = r#"{"a":"x","b":"xx"}"#;
        let mut state = open_with(vec![Arc::new(exchange(1, "GET", "https://a.b/v1/x", Some(200), body))]);
        state.handle(InspectorCommand::Search("X".into()));
        assert_eq!((state.page.matches.len(), state.at, state.arriving), (3, 0, true));
        state.handle(InspectorCommand::Step(false));
        assert_eq!(state.at, 2);
        state.handle(InspectorCommand::Step(true));
        assert_eq!(state.at, 0);
        state.handle(InspectorCommand::Show(Tab::Curl));
        assert_eq!(state.page.matches.len(), 1, "the words stay, and are found in what is shown");
    }

    #[test]
    fn what_is_copied_or_saved_is_whole() {
        let body = format!("{{\"a\":\"{}\"}}", "x".repeat(100_000));
        let mut state = open_with(vec![Arc::new(exchange(1, "GET", "https://a.b/v1/x", Some(200), &body))]);
        assert!(state.page.is_cut && state.is_kept());
        assert!(state.whole_text().is_some_and(|text| text.len() > 100_000));
        assert_eq!(state.begin_saving().as_deref(), Some("identify 1 answer"));
        assert_eq!(state.ending(), "json");
        assert_eq!(state.take_saving(), Some(body));
    }
}
