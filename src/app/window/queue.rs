//! What is done with the queue.

use std::path::{Path, PathBuf};

use super::Window;
use super::tasks::OpenedResult;
use crate::app::state::queue::{Added, QueueCommand};
use crate::app::state::shell::{Dialog, Note};
use crate::app::state::unclear::Unclear;
use crate::engine::journal::IntentId;
use crate::engine::{Journaling, MadeOf};
use crate::workflow::{Consent, PersonEvent};

impl Window {
    /// Applies a command of the queue.
    pub(super) fn handle_queue(&mut self, command: QueueCommand) {
        match command {
            QueueCommand::Hide => self.shell.queue.open = false,
            QueueCommand::LookUp(id) => self.engine.look_again(id),
            QueueCommand::Close(unclear) => self.ask_to_close(unclear),
            QueueCommand::Remove(id) => self.engine.remove_from_queue(id),
            QueueCommand::OpenResult(id, path) => {
                self.shell.queue.open = false;
                self.open_file(id, path);
            }
        }
    }

    /// Asks whether to close an unclear create.
    pub(super) fn ask_to_close(&mut self, unclear: Unclear) {
        self.shell.queue.closing = Some(unclear);
        self.shell.dialog = Some(Dialog::CloseTask);
    }

    /// Closes the unclear create that was asked about.
    pub(super) fn close_unclear(&mut self) {
        self.shell.tasks.takes_keys = self.shell.tasks.is_open();
        if let (Some(unclear), Journaling::On(journal)) = (self.shell.queue.closing.take(), &self.journal) {
            self.background.close_task(self.engine.close_unclear(journal.clone(), unclear.id));
        }
    }

    /// Whether the same job waits, runs or was made already: then the question is open whether to send it once more.
    pub(super) fn asks_before_twice(&mut self, queues: bool) -> bool {
        let is_same = self.view().same_job().is_some();
        if is_same {
            self.shell.dialog = Some(Dialog::SendTwice { queues });
        }
        is_same
    }

    /// Notes what goes into the queue now.
    fn note_added(&mut self) {
        let since_ms = self.engine.now_ms();
        self.shell.queue.added = MadeOf::on_desk(self.engine.flow()).map(|made_of| Added { made_of, since_ms });
    }

    /// Lets what is on the desk wait for a free slot.
    pub(super) fn enqueue(&mut self) {
        self.engine.enqueue();
        self.note_added();
        if self.engine.flow().stage.problem().is_none() {
            let words = "It goes into the queue, and is sent when the service has a free slot. Place the next voice, or choose another clip";
            self.shell.note = Some(Note::Good(words.into()));
        }
    }

    /// Goes back to the placement while the task goes on: it is followed in the queue from now on, and its result is saved.
    pub(super) fn prepare_next(&mut self) {
        self.note_added();
        // To press the button is to consent: nothing is lost by it.
        self.engine.dispatch(PersonEvent::LeaveTask(Consent::given_by_a_person()));
        let folder = self.shell.short_path(self.shell.settings.downloads());
        self.shell.note = Some(Note::Good(format!("The task goes on in the queue; its result is saved to {folder}")));
    }

    /// Shows the saved result of a task in the player.
    pub(super) fn open_file(&mut self, id: IntentId, path: PathBuf) {
        self.background.read_origin(self.journal.clone(), id, path.clone(), self.copies_folder.clone());
        let flow = self.engine.flow();
        self.opened_result =
            Some(OpenedResult::of(id, path, flow.desk.clip.clone(), self.shell.saved_result(flow).map(Path::to_owned)));
    }
}
