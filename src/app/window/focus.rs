//! Restores the keyboard focus after a modal overlay is closed.

use egui::{Context, Id};

/// Remembers the focus.
#[derive(Debug, Default)]
pub enum FocusKeeper {
    /// No overlay is open.
    #[default]
    Open,
    /// An overlay is open; this widget had the focus.
    Covered(Option<Id>),
    /// The overlay was closed; this widget gets the focus as soon as egui allows it.
    Uncovered(Id),
}

impl FocusKeeper {
    /// Called before anything is drawn, with whether an overlay is open.
    pub fn follow(&mut self, ctx: &Context, covered: bool) {
        if covered {
            if !matches!(self, Self::Covered(_)) {
                let before = ctx.memory(egui::Memory::focused);
                // Widgets below the overlay must not receive its key presses.
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
            // For one more frame egui denies the focus to everything below a modal.
            if ctx.memory(egui::Memory::top_modal_layer).is_some() {
                ctx.request_repaint();
            } else {
                ctx.memory_mut(|memory| memory.request_focus(id));
                *self = Self::Open;
            }
        }
    }
}
