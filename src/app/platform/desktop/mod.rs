//! What the desktop prefers: dark or light, and whether things are animated.
//!
//! On Windows and macOS `winit` reports it, and `egui` follows by itself. On Linux `winit` does not: there the desktop's settings
//! portal is read, on a thread of its own, so that no bus and no portal can hold up the window.

#[cfg(target_os = "linux")]
mod portal;

use std::sync::mpsc::Receiver;
use std::sync::{Arc, OnceLock};

use egui::Context;

use crate::app::state::appearance::Appearance;

/// Which desktop is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The one of this session.
    #[default]
    Session,
    /// The one on the bus at this address.
    Bus(String),
    /// None: for tests.
    Off,
}

/// The connection to the desktop's settings.
#[derive(Default)]
pub struct Desktop {
    changes: Option<Receiver<Appearance>>,
    /// The window to wake, once there is one.
    ctx: Arc<OnceLock<Context>>,
    /// Dropped, it ends the thread.
    _open: Option<tokio::sync::oneshot::Sender<()>>,
}

impl Desktop {
    /// Begins to follow the desktop's settings.
    #[must_use]
    pub fn listen(choice: Choice) -> Self {
        if choice == Choice::Off { Self::default() } else { Self::to(choice) }
    }

    #[cfg(target_os = "linux")]
    fn to(choice: Choice) -> Self {
        let (send, changes) = std::sync::mpsc::channel();
        let (open, closed) = tokio::sync::oneshot::channel();
        let ctx = Arc::new(OnceLock::<Context>::new());
        let window = Arc::clone(&ctx);
        let report = move |appearance| {
            // Fails when the window is closed: then nobody needs it.
            let _ = send.send(appearance);
            if let Some(ctx) = window.get() {
                ctx.request_repaint();
            }
        };
        let started =
            std::thread::Builder::new().name("desktop".into()).spawn(move || portal::follow(choice, &report, closed));
        if let Err(err) = started {
            tracing::warn!(%err, "no thread could be started");
        }
        Self { changes: Some(changes), ctx, _open: Some(open) }
    }

    #[cfg(not(target_os = "linux"))]
    fn to(_choice: Choice) -> Self {
        Self::default()
    }

    /// Wakes this window from now on when something changes.
    pub fn wake(&self, ctx: &Context) {
        let _ = self.ctx.set(ctx.clone());
    }

    /// What the desktop prefers now, where that changed since the last call.
    #[must_use]
    pub fn changed(&self) -> Option<Appearance> {
        self.changes.as_ref()?.try_iter().last()
    }
}
