//! Leaving a task that has not ended: the person is asked first, and the command is carried out after that.

use super::Window;
use crate::app::state::entry::SourceSlot;
use crate::app::state::shell::{Dialog, Leaving};
use crate::workflow::{Consent, PersonEvent};

impl Window {
    /// Whether `leaving` would leave a task: then the question is open, and nothing else has happened.
    pub(super) fn asks_before(&mut self, leaving: Leaving) -> bool {
        if self.engine.flow().loses().is_none() {
            return false;
        }
        self.shell.dialog = Some(Dialog::LeaveTask);
        self.shell.leaving = Some(leaving);
        true
    }

    /// Leaves the task, and does what it was left for.
    pub(super) fn leave_task(&mut self) {
        self.engine.dispatch(PersonEvent::LeaveTask(Consent::given_by_a_person()));
        match self.shell.leaving.take() {
            None | Some(Leaving::Back) => {}
            Some(Leaving::NewClip) => self.new_clip(),
            Some(Leaving::Clip) => self.commit(SourceSlot::Clip),
            Some(Leaving::Profile(name)) => self.switch_profile(&name),
            Some(Leaving::Follow(task_id)) => self.follow_task(task_id),
            Some(Leaving::FollowAt(service, task_id)) => self.follow_task_at(&service, task_id, None),
            Some(Leaving::RunAgain(desk)) => self.run_again(&desk),
        }
    }

    /// Closes the open dialog without any effect; a clip that was entered is reset to the one in use.
    pub(super) fn close_dialog(&mut self) {
        // Where the dialog was opened from a list, that has the keys again.
        self.shell.tasks.takes_keys = self.shell.tasks.is_open();
        self.shell.stored.takes_keys = self.shell.stored.open;
        if self.shell.dialog.take() == Some(Dialog::LeaveTask) && self.shell.leaving.take() == Some(Leaving::Clip) {
            self.shell.clip_entry.set_clip(self.engine.flow().desk.clip.as_ref());
        }
    }

    pub(super) fn new_clip(&mut self) {
        if self.asks_before(Leaving::NewClip) {
            return;
        }
        self.engine.dispatch(PersonEvent::NewClip);
        self.shell.clip_entry.set_text(String::new());
    }

    pub(super) fn switch_profile(&mut self, name: &str) {
        if name == self.shell.profile().name || self.asks_before(Leaving::Profile(name.to_owned())) {
            return;
        }
        if self.engine.flow().busy_with().is_none() && self.shell.set_profile(name) {
            self.use_profile();
        }
    }

    /// Asks for the id of a task, and offers those that have not ended.
    pub(super) fn ask_for_task(&mut self) {
        self.shell.dialog = Some(Dialog::Follow);
        self.shell.unfinished = None;
        self.background.read_unfinished(self.journal.clone());
    }

    /// Follows a task by its id.
    pub(super) fn follow_task(&mut self, task_id: String) {
        self.shell.dialog = None;
        if !task_id.is_empty() && !self.asks_before(Leaving::Follow(task_id.clone())) {
            self.engine.dispatch(PersonEvent::Follow { task_id, wait: true });
        }
    }
}
