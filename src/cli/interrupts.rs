//! Ctrl-C and the other signals that ask a process to end.

#[cfg(unix)]
use super::words;
use crate::model::Problem;
#[cfg(unix)]
use crate::model::ProblemKind;

/// The requests to stop since this was created.
#[cfg(unix)]
pub struct Interrupts {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Interrupts {
    /// Listens for the signals; from now on they do not end the process by themselves.
    ///
    /// # Errors
    /// The system refuses.
    pub fn listen() -> Result<Self, Problem> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| {
            signal(kind).map_err(|err: std::io::Error| Problem::new(ProblemKind::Internal, words::no_signals(&err)))
        };
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hangup: listen(SignalKind::hangup())?,
        })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }
}

/// The requests to stop since this was created.
#[cfg(not(unix))]
pub struct Interrupts;

#[cfg(not(unix))]
impl Interrupts {
    /// Listens from the first [`Interrupts::next`] on.
    ///
    /// # Errors
    /// None on this system.
    pub fn listen() -> Result<Self, Problem> {
        Ok(Self)
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
