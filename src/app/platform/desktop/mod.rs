//! Preferences of the desktop: dark or light, and reduced motion.
//!
//! On Windows and macOS `winit` reports them, and `egui` follows by itself. On Linux `winit` does not: there the desktop's settings
//! portal is read, on its own thread, so that neither bus nor portal can block the window.

#[cfg(target_os = "linux")]
mod portal;

use std::sync::mpsc::Receiver;
use std::sync::{Arc, OnceLock};

use egui::Context;

use crate::app::state::appearance::Appearance;

/// Which desktop's preferences are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The desktop of this session.
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
    /// The window to wake, once it exists.
    ctx: Arc<OnceLock<Context>>,
    /// Dropping it ends the thread.
    _open: Option<tokio::sync::oneshot::Sender<()>>,
}

impl Desktop {
    /// Starts to follow the desktop's settings.
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
            // The send fails when the window is closed; the value is not needed then.
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

    /// Sets the window that is woken when a setting changes.
    pub fn wake(&self, ctx: &Context) {
        let _ = self.ctx.set(ctx.clone());
    }

    /// The current preferences, where they changed since the last call.
    #[must_use]
    pub fn changed(&self) -> Option<Appearance> {
        self.changes.as_ref()?.try_iter().last()
    }
}
