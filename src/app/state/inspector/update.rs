//! Updates of the inspector's state: recorded exchanges and commands.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::page::Page;
use super::{InspectorCommand, Row, Scan, State, Tab, WIDTH_MAX_PX, WIDTH_MIN_PX, curl};
use crate::engine::{Exchange, Recorder};

/// Maximum time for searching bodies in one frame: there may be megabytes of them.
const SLICE: Duration = Duration::from_millis(4);

impl State {
    /// Adds the exchanges recorded since the last call, and continues a filter run.
    pub fn refresh(&mut self, recorder: &Recorder) {
        let recorded = recorder.recorded();
        if recorded != self.recorded {
            self.recorded = recorded;
            self.take(recorder.exchanges());
        }
        self.look(SLICE);
    }

    /// Replaces the recorded exchanges, oldest first; rows of exchanges that stay are kept.
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
            // Of exchanges that are already listed or filtered out, only the dropped ones change the list.
            let newest = self.rows.iter().rev().take_while(|row| row.number() > known);
            let fresh: Vec<u64> = newest.filter(|row| self.is_listed(row)).map(Row::number).collect();
            let listed = self.scan.as_mut().map_or(&mut self.listed, |scan| &mut scan.found);
            listed.splice(0..0, fresh);
            self.listed.retain(|number| *number >= first);
            self.lay_out(false);
        }
    }

    /// Applies a command.
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
            // Handled by the window, which has access to clipboard and files.
            InspectorCommand::Copy | InspectorCommand::SaveWhole => {}
        }
    }

    /// Restarts the filter run over all exchanges.
    pub(super) fn relist(&mut self) {
        self.scan = Some(Scan { next: self.rows.back().map_or(0, Row::number), found: Vec::new() });
        self.look(SLICE);
    }

    /// Continues the filter run for about the given time, and for one exchange at least.
    pub(super) fn look(&mut self, budget: Duration) {
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

    /// Prepares the body to display, unless it is already prepared.
    pub(super) fn lay_out(&mut self, anew: bool) {
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

    pub(super) fn go_to(&mut self, index: usize) {
        self.at = index;
        self.arriving = true;
    }
}
