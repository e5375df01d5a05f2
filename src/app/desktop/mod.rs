//! What the desktop asks of every program: dark or light, and whether things move by themselves.
//!
//! Windows and macOS tell `winit`, and `egui` follows by itself. On Linux `winit` knows nothing of it: there the desktop's settings
//! portal is asked, on a thread of its own, so that no bus and no portal can hold up the window.

#[cfg(target_os = "linux")]
mod portal;
mod wish;

use std::sync::mpsc::Receiver;
use std::sync::{Arc, OnceLock};

use egui::Context;

pub use wish::Wish;

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

/// What is heard from it.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "elsewhere the system tells it in its own way"))]
enum Heard {
    /// It asks for this.
    Asks(Wish),
    /// It cannot be asked, or answers nothing more.
    Silent,
}

/// The desktop, as far as it is heard.
#[derive(Default)]
pub struct Desktop {
    wish: Wish,
    /// Whether it was tried, and nothing is told about dark and light.
    unknown: bool,
    news: Option<Receiver<Heard>>,
    /// Whom to wake, once there is a window.
    ctx: Arc<OnceLock<Context>>,
    /// Dropped, it ends the thread.
    _listens: Option<tokio::sync::oneshot::Sender<()>>,
}

impl Desktop {
    /// Begins to listen; what is told comes when it comes.
    #[must_use]
    pub fn listen(choice: Choice) -> Self {
        if choice == Choice::Off { Self::default() } else { Self::to(choice) }
    }

    #[cfg(target_os = "linux")]
    fn to(choice: Choice) -> Self {
        let (give, news) = std::sync::mpsc::channel();
        let (listens, closed) = tokio::sync::oneshot::channel();
        let ctx = Arc::new(OnceLock::<Context>::new());
        let window = Arc::clone(&ctx);
        let tell = move |heard| {
            // The window may be gone by now: then nobody wants to know.
            let _ = give.send(heard);
            if let Some(ctx) = window.get() {
                ctx.request_repaint();
            }
        };
        let started =
            std::thread::Builder::new().name("desktop".into()).spawn(move || portal::follow(choice, &tell, closed));
        if let Err(err) = started {
            tracing::warn!(%err, "no thread could be started");
        }
        Self { news: Some(news), ctx, _listens: Some(listens), ..Self::default() }
    }

    #[cfg(not(target_os = "linux"))]
    fn to(_choice: Choice) -> Self {
        Self::default()
    }

    /// Wakes this window from now on when something is heard.
    pub fn wake(&self, ctx: &Context) {
        let _ = self.ctx.set(ctx.clone());
    }

    /// Takes in what was heard.
    pub fn take_news(&mut self) {
        for heard in self.news.iter().flat_map(Receiver::try_iter) {
            match heard {
                Heard::Asks(wish) => (self.wish, self.unknown) = (wish, wish.theme.is_none()),
                Heard::Silent => self.unknown = self.wish.theme.is_none(),
            }
        }
    }

    /// What it asks for.
    #[must_use]
    pub const fn wish(&self) -> Wish {
        self.wish
    }

    /// Whether it was asked for dark or light in vain.
    #[must_use]
    pub const fn tells_no_theme(&self) -> bool {
        self.unknown
    }
}
