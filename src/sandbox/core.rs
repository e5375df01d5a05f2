//! What all parts of the sandbox share.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::auth::Keys;
use super::clock::Clock;
use super::fetch::Outbound;
use super::hosts::Hosts;
use super::ids::Ids;
use super::ledger::Ledger;
use super::records::Records;
use super::stop::StopSignal;
use super::storage::Storage;
use super::tasks::Tasks;
use super::webhook::Webhooks;

/// The shared parts.
#[derive(Debug)]
pub struct Core {
    /// The keys that a request must have.
    pub keys: Keys,
    /// Its time.
    pub clock: Clock,
    /// Makes its ids.
    pub ids: Ids,
    /// What is kept for the next run.
    pub records: Records,
    /// Everything on its disk.
    pub storage: Storage,
    /// The tasks.
    pub tasks: Tasks,
    /// Whether query and list show `external_task_id`, which the official ones do not.
    pub shows_names: bool,
    /// What was deducted from the account.
    pub ledger: Ledger,
    /// Where the program of the system's voice is looked for.
    pub programs: super::system_voice::ProgramPath,
    /// Outgoing connections.
    pub outbound: Arc<Outbound>,
    /// What webhooks are sent with.
    pub webhooks: Arc<Webhooks>,
    /// By which names it is reached.
    pub hosts: Arc<Hosts>,
    /// The address it listens at: `http://127.0.0.1:PORT`.
    pub base_url: String,
    /// A permit for each clip that is analysed.
    pub analysis_permits: Arc<Semaphore>,
    /// A permit for each result that is rendered.
    pub render_permits: Arc<Semaphore>,
    /// A kibibyte of memory each, for the bodies of requests.
    pub body_permits: Semaphore,
    /// Whether the sandbox stops.
    pub stop: StopSignal,
}
