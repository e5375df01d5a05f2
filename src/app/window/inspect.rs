//! Commands of the inspector that need more than its state: the clipboard, a file.

use std::path::PathBuf;

use egui::Context;

use super::Window;
use crate::app::state::inspector::InspectorCommand;
use crate::app::state::shell::Dialog;

impl Window {
    /// Applies a command of the inspector.
    pub(super) fn inspect(&mut self, ctx: &Context, command: InspectorCommand) {
        match &command {
            InspectorCommand::Copy => {
                if let Some(text) = self.shell.inspector.whole_text() {
                    ctx.copy_text(text);
                }
            }
            InspectorCommand::SaveWhole => {
                if let Some(stem) = self.shell.inspector.begin_saving() {
                    let ending = self.shell.inspector.ending();
                    let folder = self.shell.settings.downloads().to_owned();
                    self.offer_save_path(&folder, &stem, ending);
                    self.shell.dialog = Some(Dialog::SaveBody);
                }
            }
            _ => {}
        }
        self.shell.inspector.handle(command);
    }

    pub(super) fn save_body(&mut self) {
        let to = PathBuf::from(self.shell.save_entry.trim());
        if let Some(text) = self.shell.inspector.take_saving()
            && !to.as_os_str().is_empty()
        {
            self.background.write(text, to);
        }
    }
}
