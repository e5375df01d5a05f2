//! What is done with the queue.

use std::path::{Path, PathBuf};

use super::Window;
use super::tasks::OpenedResult;
use crate::app::state::queue::QueueCommand;
use crate::app::state::shell::Note;
use crate::engine::journal::IntentId;
use crate::workflow::{Consent, PersonEvent};

impl Window {
    /// Applies a command of the queue.
    pub(super) fn handle_queue(&mut self, command: QueueCommand) {
        match command {
            QueueCommand::Close => self.shell.queue.open = false,
            QueueCommand::Remove(id) => self.engine.remove_from_queue(id),
            QueueCommand::OpenResult(id, path) => {
                self.shell.queue.open = false;
                self.open_file(id, path);
            }
        }
    }

    /// Lets what is on the desk wait for a free slot.
    pub(super) fn enqueue(&mut self) {
        self.engine.enqueue();
        if self.engine.flow().stage.problem().is_none() {
            let words = "It goes into the queue, and is sent when the service has a free slot. Place the next voice, or choose another clip";
            self.shell.note = Some(Note::Good(words.into()));
        }
    }

    /// Goes back to the placement while the task goes on: it is followed in the queue from now on, and its result is saved.
    pub(super) fn prepare_next(&mut self) {
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
