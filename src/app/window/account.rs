//! The account of the service in use: asked for when its page is opened.

use super::Window;
use crate::app::state::settings::Page;
use crate::engine::AccountReport;
use crate::model::Problem;

/// Of how long the deductions are shown, in milliseconds: 30 days.
const LEDGER_MS: i64 = 30 * 24 * 60 * 60 * 1000;

impl Window {
    /// Asks for the account where its page is open and nothing is known of it yet.
    pub(super) fn follow_account(&mut self) {
        let name = &self.shell.profile().name;
        let is_open = self.shell.settings.page == Some(Page::Account);
        if is_open && self.shell.account.of(name).is_none() && !self.shell.account.is_asking(name) {
            self.ask_account();
        }
    }

    /// Asks for the account, unless something is in the way or it is being asked for.
    pub(super) fn ask_account(&mut self) {
        let profile = self.shell.profile();
        let may_ask = profile.shows_account() && self.view().service_obstacle().is_none();
        if !may_ask || self.shell.account.is_asking(&profile.name) {
            return;
        }
        let name = profile.name.clone();
        self.shell.account.asking = Some(name.clone());
        self.background.ask_account(name, self.engine.account(LEDGER_MS));
    }

    /// The account was answered.
    pub(super) fn take_account(&mut self, name: String, answer: Result<AccountReport, Problem>) {
        if let Some(most) = answer.as_ref().ok().and_then(|report| report.account.at_once())
            && self.shell.profile().name == name
        {
            self.engine.allow_at_once(most);
        }
        self.shell.account.take(name, answer);
    }
}
