//! How workers wake the window.

use std::sync::Arc;

use egui::Context;

use crate::worker::Wake;

/// Requests a repaint of this window.
#[must_use]
pub fn wake(ctx: &Context) -> Wake {
    let ctx = ctx.clone();
    Arc::new(move || ctx.request_repaint())
}
