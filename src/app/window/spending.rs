//! Budgets, what is spent of them, and what else of the settings the engine must know.

use super::Window;
use super::tasks::ShownOfFlow;
use crate::engine::Retention;

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Bytes of a GiB.
const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// When what is spent was read last: it is read again when something of this has changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SpentOf {
    flow: ShownOfFlow,
    waiting: usize,
    services: usize,
    /// Whether the page is open.
    is_open: bool,
    /// The local day, by its number.
    day: i64,
}

impl Window {
    /// Tells the engine what is wished for: budget, folder for results, how long bodies are kept.
    pub(super) fn pass_wishes(&self) {
        let values = &self.shell.settings.values;
        self.engine.set_budget(values.budgets.get(&self.shell.profile().name).copied());
        self.engine.set_results(self.shell.settings.downloads().to_owned());
        let keep_ms = i64::from(values.kept.days).saturating_mul(DAY_MS);
        self.engine.set_retention(Retention { keep_ms, keep_bytes: (values.kept.gib * GIB) as u64 });
    }

    /// Reads what is spent today where that may have changed.
    pub(super) fn follow_spending(&mut self) {
        let settings = &self.shell.settings;
        let is_open = settings.page == Some(crate::app::state::settings::Page::Spending);
        if !is_open && !settings.values.budgets.contains_key(&self.shell.profile().name) {
            return;
        }
        let now = SpentOf {
            flow: ShownOfFlow::of(self.engine.flow(), self.engine.settled()),
            waiting: self.shell.queue.waiting(),
            services: self.shell.profiles().len(),
            is_open,
            day: self.engine.now_ms().div_euclid(DAY_MS / 24),
        };
        if self.spent_of != now {
            self.spent_of = now;
            self.background.read_spent(self.journal.clone(), self.shell.profiles().to_vec());
        }
    }
}
