//! What the work beside the workflow is done with: the queue's, and that on what was left (`engine/leftovers.rs`).

use std::sync::Arc;

use super::QueueAccess;
use crate::engine::JournalAccess;
use crate::engine::job::Runtime;
use crate::engine::storage::Storage;
use crate::engine::wishes::Wishes;
use crate::journal::Service;
use crate::service::{Client, Clock, Fetcher};

/// What the work is done with.
pub struct Tools {
    pub client: Client,
    pub journal: JournalAccess,
    pub service: Service,
    pub clock: Clock,
    pub seed: u64,
    /// What results are fetched with; `None`: they are not.
    pub fetcher: Option<Fetcher>,
    /// Where a voice goes that is too large to be sent along.
    pub storage: Option<Storage>,
    pub wishes: Wishes,
    pub queue: QueueAccess,
    pub runtime: Runtime,
    /// Called, from any thread, when something was settled or is at its end.
    pub changed: Arc<dyn Fn() + Send + Sync>,
}
