//! What all parts of the sandbox share, and the work behind the answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::{Semaphore, watch};

use super::callbacks::WebhookSecret;
use super::clock::Clock;
use super::fetch::Outbound;
use super::http::auth::Keys;
use super::identify::Analysed;
use super::library::Library;
use super::refusal::Refusal;
use super::sessions::Sessions;
use super::shelf::Shelf;
use super::tasks::Tasks;

/// Bounds of the sandbox. The defaults suit one person's machine.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many clips are looked through, and how many results are made, at the same time.
    pub workers: usize,
    /// How many tasks may be unfinished; one more is refused with 1303.
    pub unfinished_tasks: usize,
    /// How many bytes may be on disk; what was not used for the longest time goes first.
    pub disk_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { workers: 2, unfinished_tasks: 64, disk_bytes: 4 * 1024 * 1024 * 1024 }
    }
}

/// The shared parts.
#[derive(Debug)]
pub struct Core {
    /// What opens it.
    pub keys: Keys,
    /// Its time.
    pub clock: Clock,
    /// Its files.
    pub shelf: Shelf,
    /// The files with ids.
    pub library: Library,
    /// The sessions.
    pub sessions: Sessions,
    /// The tasks.
    pub tasks: Tasks,
    /// The way out.
    pub outbound: Arc<Outbound>,
    /// What callbacks are signed with.
    pub webhook_secret: Option<WebhookSecret>,
    /// The address it listens at: `http://127.0.0.1:PORT`.
    pub base_url: String,
    /// Its bounds.
    pub limits: Limits,
    /// A place for each clip that is looked through.
    pub analysis_places: Semaphore,
    /// A place for each result that is made.
    pub render_places: Semaphore,
    /// A kibibyte of memory each, for the bodies of requests.
    pub body_room: Semaphore,
    /// Clips that were looked through, by the hash of their bytes.
    pub analysed: Mutex<HashMap<String, Analysed>>,
    /// True once the sandbox ends.
    pub closing: watch::Sender<bool>,
}

impl Core {
    /// Makes room for a file of up to `bytes`, at the expense of what was not used for the longest time.
    pub fn make_room(&self, bytes: u64) -> Result<(), Refusal> {
        let has_room = || self.shelf.used_bytes().saturating_add(bytes) <= self.limits.disk_bytes;
        while !has_room() {
            match (self.library.oldest_use_ms(), self.sessions.oldest_ms()) {
                (None, None) => {
                    return Err(Refusal::new(
                        5002,
                        format!("the sandbox's {} bytes of disk are taken by running tasks", self.limits.disk_bytes),
                    ));
                }
                (Some(file_ms), Some(session_ms)) if session_ms < file_ms => self.sessions.close_oldest(),
                (None, Some(_)) => self.sessions.close_oldest(),
                (Some(_), _) => self.library.forget_oldest(),
            }
        }
        Ok(())
    }

    /// Waits until the sandbox ends.
    pub async fn closed(&self) {
        // The sender lives in `self`: the wait ends with the value, never with an error.
        let _ = self.closing.subscribe().wait_for(|closing| *closing).await;
    }
}
