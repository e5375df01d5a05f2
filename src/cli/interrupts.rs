//! Ctrl-C and the other signals that ask a process to end.

use super::words;
use crate::model::{Problem, ProblemKind};

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
#[cfg(windows)]
pub struct Interrupts {
    ctrl_c: tokio::signal::windows::CtrlC,
    ctrl_break: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
    shutdown: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Interrupts {
    /// Listens for the events of the console; from now on they do not end the process by themselves. Where the console is closed or
    /// the system shuts down, Windows ends it all the same some seconds later.
    ///
    /// # Errors
    /// The system refuses.
    pub fn listen() -> Result<Self, Problem> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};
        let problem = |err: std::io::Error| Problem::new(ProblemKind::Internal, words::no_signals(&err));
        Ok(Self {
            ctrl_c: ctrl_c().map_err(problem)?,
            ctrl_break: ctrl_break().map_err(problem)?,
            close: ctrl_close().map_err(problem)?,
            shutdown: ctrl_shutdown().map_err(problem)?,
        })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.ctrl_c.recv() => {}
            _ = self.ctrl_break.recv() => {}
            _ = self.close.recv() => {}
            _ = self.shutdown.recv() => {}
        }
    }
}
