//! The signal that the sandbox stops, for everything that waits.

use tokio::sync::watch;

/// Whether the sandbox stops. Clones share the signal.
#[derive(Clone, Debug, Default)]
pub struct StopSignal(watch::Sender<bool>);

impl StopSignal {
    /// Stops the sandbox.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Waits until the sandbox stops.
    pub async fn stopped(&self) {
        // The sender lives in `self`, so the wait never ends with an error.
        let _ = self.0.subscribe().wait_for(|stops| *stops).await;
    }

    /// Waits for `future`; `None` once the sandbox stops, and `future` is dropped then.
    pub async fn unless_stopped<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.stopped() => None,
            done = future => Some(done),
        }
    }
}
