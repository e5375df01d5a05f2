//! Who had the keyboard before a dialog took it: it comes back when the dialog is closed.

use egui::{Context, Id};

/// Keeps it.
#[derive(Debug, Default)]
pub struct FocusKeeper {
    /// What had the focus; the outer `Option` is whether something lies over it now.
    before: Option<Option<Id>>,
}

impl FocusKeeper {
    /// To be told before anything is drawn whether something lies over the window.
    pub fn follow(&mut self, ctx: &Context, covered: bool) {
        match (covered, self.before) {
            (true, None) => {
                let before = ctx.memory(egui::Memory::focused);
                self.before = Some(before);
                // What lies below must not hear the keys meant for what lies above.
                if let Some(id) = before {
                    ctx.memory_mut(|memory| memory.surrender_focus(id));
                }
            }
            (false, Some(before)) => {
                self.before = None;
                if let Some(id) = before {
                    ctx.memory_mut(|memory| memory.request_focus(id));
                }
            }
            _ => {}
        }
    }
}
