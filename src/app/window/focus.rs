//! Who had the keyboard before a dialog took it: it comes back when the dialog is closed.

use egui::{Context, Id};

/// Keeps it.
#[derive(Debug, Default)]
pub enum FocusKeeper {
    /// Nothing lies over the window.
    #[default]
    Open,
    /// Something does; this had the focus.
    Covered(Option<Id>),
    /// Nothing does any more; this gets the focus as soon as it may have it.
    Uncovered(Id),
}

impl FocusKeeper {
    /// To be told before anything is drawn whether something lies over the window.
    pub fn follow(&mut self, ctx: &Context, covered: bool) {
        if covered {
            if !matches!(self, Self::Covered(_)) {
                let before = ctx.memory(egui::Memory::focused);
                // What lies below must not hear the keys meant for what lies above.
                if let Some(id) = before {
                    ctx.memory_mut(|memory| memory.surrender_focus(id));
                }
                *self = Self::Covered(before);
            }
            return;
        }
        if let Self::Covered(before) = *self {
            *self = before.map_or(Self::Open, Self::Uncovered);
        }
        if let Self::Uncovered(id) = *self {
            // For one more frame egui keeps everything below a modal from the focus.
            if ctx.memory(egui::Memory::top_modal_layer).is_some() {
                ctx.request_repaint();
            } else {
                ctx.memory_mut(|memory| memory.request_focus(id));
                *self = Self::Open;
            }
        }
    }
}
