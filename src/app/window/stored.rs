//! What lies in the storage of one's own: read and deleted when a person says so.

use super::Window;
use crate::app::state::shell::Dialog;
use crate::app::state::stored::StoredCommand;
use crate::engine::KnownFile;
use crate::model::{ClipSource, Problem, VoiceSource};
use crate::workflow::Stage;

impl Window {
    /// Applies a command about what lies in the storage.
    pub(super) fn handle_stored(&mut self, command: StoredCommand) {
        match command {
            StoredCommand::Open => {
                self.shell.stored.open = true;
                self.shell.stored.takes_keys = true;
                self.read_stored();
            }
            StoredCommand::Close => self.shell.stored.open = false,
            StoredCommand::Read => self.read_stored(),
            StoredCommand::Arrived => self.shell.stored.takes_keys = false,
            StoredCommand::Choose(key) => self.shell.stored.choose(key),
            StoredCommand::Delete => {
                if self.shell.stored.chosen_row().is_some() && self.shell.stored.deleting.is_none() {
                    self.shell.dialog = Some(Dialog::DeleteStored);
                }
            }
        }
    }

    fn read_stored(&mut self) {
        let Some(storage) = self.storage.ready.clone() else { return };
        if self.shell.stored.reading_since_ms.is_some() {
            return;
        }
        self.shell.stored.reading_since_ms = Some(self.engine.now_ms());
        let files = self.files_on_desk();
        self.background.read_stored(storage, self.journal.clone(), files);
    }

    /// Clip and voice on the desk, and recent ones: by them what lies there has names. What a session was found in, or a create is made from, is needed.
    fn files_on_desk(&self) -> Vec<KnownFile> {
        let flow = self.engine.flow();
        let is_needed = !self.shell.is_embedded()
            && matches!(flow.stage, Stage::Identifying(_) | Stage::Choosing(_) | Stage::Submitted(_));
        let clip = flow
            .desk
            .clip
            .as_ref()
            .and_then(|clip| if let ClipSource::File(path) = clip { Some(path.clone()) } else { None });
        let voice = flow
            .desk
            .voice
            .as_ref()
            .and_then(|voice| if let VoiceSource::File(path) = voice { Some(path.clone()) } else { None });
        let on_desk = clip.into_iter().chain(voice).map(|path| KnownFile { path, is_needed });
        let recent = self.shell.settings.recent_files().into_iter().map(|path| KnownFile { path, is_needed: false });
        on_desk.chain(recent).collect()
    }

    /// Deletes the chosen object: a person has said so.
    pub(super) fn delete_stored(&mut self) {
        let key = self.shell.stored.chosen_row().map(|row| row.key.clone());
        if let Some((storage, key)) = self.storage.ready.clone().zip(key) {
            self.shell.stored.deleting = Some(key.clone());
            self.background.delete_stored(storage, key);
        }
        self.shell.stored.takes_keys = true;
    }

    /// Takes the outcome of a deletion.
    pub(super) fn take_stored_deleted(&mut self, key: &str, deleted: Result<(), Problem>) {
        let stored = &mut self.shell.stored;
        stored.deleting = None;
        match deleted {
            Ok(()) => {
                stored.drop_row(key);
                self.read_stored();
            }
            Err(problem) => stored.problem = Some(problem),
        }
    }
}
