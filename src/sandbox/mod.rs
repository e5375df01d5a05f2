//! The embedded service: the whole of both vendor documents, on this machine. It really finds faces and really renders.
//!
//! It shares no code with the client but the values of `model` and the work of `media`: its contract types are its own and strict, and
//! client and sandbox meet over HTTP only. (The rules of the placement are `model`'s for both: a mistake in one of them is not found
//! by running the client against the sandbox.)

mod assets;
mod auth;
mod blocking;
mod clock;
mod core;
mod create;
mod faults;
mod fetch;
mod fields;
mod file_store;
mod hosts;
mod http;
mod identify;
mod ids;
mod kirin;
mod kling;
mod ledger;
mod media_work;
mod records;
mod refusal;
mod restore;
mod sessions;
mod speech;
mod state;
mod stop;
mod storage;
mod system_voice;
mod task;
mod tasks;
mod webhook;
#[doc(hidden)]
pub mod words;
mod work;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use self::assets::Assets;
use self::auth::Keys;
pub use self::clock::Clock;
use self::core::Core;
pub use self::create::BUILT_IN_VOICE;
use self::fetch::Outbound;
pub use self::fetch::OutboundTimeouts;
use self::hosts::Hosts;
use self::ids::Ids;
use self::restore::Kept;
use self::sessions::Sessions;
pub use self::state::StatePlace;
use self::stop::StopSignal;
use self::storage::Storage;
use self::tasks::Tasks;
use self::webhook::{WebhookSecret, Webhooks};

use crate::model::{KnownName, is_loopback_ip};

/// How long answers that are being sent may take once the sandbox stops.
const ANSWERS_GRACE: Duration = Duration::from_millis(500);
/// How long work that is being cancelled may take after that.
const WORK_GRACE: Duration = Duration::from_millis(500);

/// Limits of the sandbox. The defaults suit one person's machine.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many clips are analysed, and how many results are rendered, at the same time.
    pub workers: usize,
    /// How many tasks may be unfinished; one more is refused with 1303.
    pub unfinished_tasks: usize,
    /// How many bytes may be on the disk, with those that are being written; not more than [`KEPT_DISK_BYTES`] where they stay there. To
    /// make room, results, uploads and sessions that nobody uses are removed, the oldest first.
    pub disk_bytes: u64,
    /// How many connections may be open; one more waits until another ends.
    pub connections: usize,
    /// How long the head of a request may take, and how long a connection may be idle.
    pub head: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            workers: 2,
            unfinished_tasks: 64,
            disk_bytes: 4 * 1024 * 1024 * 1024,
            connections: 256,
            head: Duration::from_secs(20),
        }
    }
}

/// How many bytes a sandbox keeps in a folder that stays, at most.
pub const KEPT_DISK_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// How a sandbox is started. The default listens on loopback at a port of the system's choice, with random keys.
#[derive(Clone, Debug)]
pub struct SandboxConfig {
    /// Where to listen; port 0 leaves the choice to the system.
    pub listen: SocketAddr,
    /// The Bearer key; a random one without it.
    pub key: Option<SecretString>,
    /// `iss` of signed tokens; a random one without it.
    pub access_key: Option<String>,
    /// What tokens are signed with; a random one without it.
    pub secret_key: Option<SecretString>,
    /// `whsec_…`: webhooks are signed with it, and not signed without it.
    pub webhook_secret: Option<SecretString>,
    /// Whether query and list show `external_task_id`, as some gateways' do. The official ones do not.
    pub shows_external_task_id: bool,
    /// Further names by which it is reached, for its `Host` header.
    pub hosts: Vec<String>,
    /// Names that it reaches at these addresses, whatever name servers say.
    pub known_names: Vec<KnownName>,
    /// Whether it fetches from private addresses although it listens for other machines. On loopback it always does.
    pub allow_private: bool,
    /// Where it has its state. By default that ends with the run.
    pub state: StatePlace,
    /// Its time; a test may hold a clone and set it ahead.
    pub clock: Clock,
    /// Its limits.
    pub limits: Limits,
    /// How long it waits for the servers of addresses that it is given.
    pub timeouts: OutboundTimeouts,
    /// Where the program of the system's voice is looked for, as `PATH` has it; `None`: in `PATH`.
    pub programs: Option<std::ffi::OsString>,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            key: None,
            access_key: None,
            secret_key: None,
            webhook_secret: None,
            shows_external_task_id: false,
            hosts: Vec::new(),
            known_names: Vec::new(),
            allow_private: false,
            state: StatePlace::Run(None),
            clock: Clock::default(),
            limits: Limits::default(),
            timeouts: OutboundTimeouts::default(),
            programs: None,
        }
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The system gives no random numbers.
    #[error("{}", words::no_random_numbers(.0))]
    Random(getrandom::Error),
    /// The address.
    #[error("{}", words::cannot_listen(.listen, .err))]
    Listen {
        /// Where it was to listen.
        listen: SocketAddr,
        /// The system's error.
        err: io::Error,
    },
    /// The folder.
    #[error("{}", words::no_folder(.path, .err))]
    Folder {
        /// Where it was to be.
        path: String,
        /// The system's error.
        err: io::Error,
    },
    /// Another process has the state.
    #[error("{}", words::state_taken(.0.display()))]
    StateTaken(PathBuf),
    /// A newer version of the program wrote the state.
    #[error("{}", words::state_newer(.0.display()))]
    StateNewer(PathBuf),
    /// What was kept could not be put back, because of an error in this program.
    #[error("{}", words::state_not_restored(.0))]
    Restore(tokio::task::JoinError),
    /// The webhook secret.
    #[error("{}", words::webhook_secret(.0))]
    WebhookSecret(String),
}

/// A running sandbox. It stops with [`Sandbox::shutdown`], or when dropped; its files are removed with it, unless its state is kept.
#[derive(Debug)]
pub struct Sandbox {
    addr: SocketAddr,
    core: Arc<Core>,
    server: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a sandbox on the current tokio runtime. It answers when this returns.
    ///
    /// # Errors
    /// Why it did not start.
    pub async fn start(config: SandboxConfig) -> Result<Self, SandboxError> {
        Self::start_with(config, getrandom::fill).await
    }

    async fn start_with(
        config: SandboxConfig,
        random: impl FnOnce(&mut [u8]) -> Result<(), getrandom::Error>,
    ) -> Result<Self, SandboxError> {
        let ids = Ids::new(random).map_err(SandboxError::Random)?;
        let secret = config.webhook_secret.as_ref().map(|secret| WebhookSecret::parse(secret.expose_secret()));
        let secret = secret.transpose().map_err(SandboxError::WebhookSecret)?;
        let listen = config.listen;
        let of_listen = |err| SandboxError::Listen { listen, err };
        let listener = TcpListener::bind(listen).await.map_err(of_listen)?;
        let addr = listener.local_addr().map_err(of_listen)?;
        let place = config.state;
        let opened = tokio::task::spawn_blocking({
            let ids = ids.clone();
            move || state::open(place, ids)
        });
        let (records, files) = opened.await.map_err(SandboxError::Restore)??;
        let disk_bytes = config.limits.disk_bytes;
        let disk_bytes = if records.is_kept() { disk_bytes.min(KEPT_DISK_BYTES) } else { disk_bytes };
        let keys = Keys {
            key: config.key.unwrap_or_else(|| format!("sandbox-{}", ids.token()).into()),
            access_key: config.access_key.unwrap_or_else(|| format!("ak-{}", ids.token())),
            secret_key: config.secret_key.unwrap_or_else(|| ids.token().into()),
        };
        let assets = Assets::new(ids.clone(), records.clone());
        let sessions = Sessions::new(ids.clone(), records.clone());
        let storage = Storage::new(files, assets, sessions, disk_bytes);
        let tasks = Tasks::new(ids.clone(), config.limits.unfinished_tasks);
        let permits = || Arc::new(Semaphore::new(config.limits.workers.max(1)));
        let hosts = Arc::new(Hosts::new(addr, config.hosts));
        let own = (!is_loopback_ip(addr.ip()) && !config.allow_private).then(|| Arc::clone(&hosts));
        let outbound = Arc::new(Outbound::new(config.timeouts, own, config.known_names));
        let (clock, stop) = (config.clock, StopSignal::default());
        let webhooks = Webhooks {
            outbound: Arc::clone(&outbound),
            clock: clock.clone(),
            ids: ids.clone(),
            secret,
            stop: stop.clone(),
        };
        let restoring = tokio::task::spawn_blocking({
            let (records, ids, base_url, now_ms) = (records.clone(), ids.clone(), base_url(addr), clock.now_ms());
            move || {
                let kept = Kept { records: &records, storage: &storage, tasks: &tasks, base_url: &base_url, now_ms };
                let (ledger, unfinished) = kept.restore(&ids);
                (storage, tasks, ledger, unfinished)
            }
        });
        let (storage, tasks, ledger, unfinished) = restoring.await.map_err(SandboxError::Restore)?;
        let core = Arc::new(Core {
            keys,
            clock,
            records,
            storage,
            tasks,
            shows_names: config.shows_external_task_id,
            ledger,
            ids,
            outbound,
            programs: config.programs,
            webhooks: Arc::new(webhooks),
            hosts,
            base_url: base_url(addr),
            analysis_permits: permits(),
            render_permits: permits(),
            body_permits: Semaphore::new(http::BODY_PERMITS_KIB),
            stop,
        });
        work::keep_forgotten(&core).await;
        for (task, work) in unfinished {
            work::begin_anew(&core, &task, work).await;
        }
        let router = http::router(Arc::clone(&core));
        let stop = core.stop.clone();
        let connections = http::Connections { most: config.limits.connections, head: config.limits.head };
        let server = tokio::spawn(http::serve_connections(listener, router, connections, stop));
        tracing::debug!(%addr, "the sandbox listens");
        Ok(Self { addr, core, server: Some(server) })
    }

    /// Where it listens.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.core.base_url
    }

    /// Whether the next run goes on with its state.
    #[must_use]
    pub fn keeps_state(&self) -> bool {
        self.core.records.is_kept()
    }

    /// The Bearer key.
    #[must_use]
    pub fn key(&self) -> &SecretString {
        &self.core.keys.key
    }

    /// `iss` of signed tokens.
    #[must_use]
    pub fn access_key(&self) -> &str {
        &self.core.keys.access_key
    }

    /// What tokens are signed with.
    #[must_use]
    pub fn secret_key(&self) -> &SecretString {
        &self.core.keys.secret_key
    }

    /// Stops it and removes its files, unless its state is kept, within a second: requests and tasks are cancelled at once and answered,
    /// answers that are being sent get half a second, and work that is being cancelled another half.
    pub async fn shutdown(mut self) {
        self.core.storage.files.end();
        self.core.stop.stop();
        if let Some(server) = self.server.take() {
            let abort = server.abort_handle();
            if tokio::time::timeout(ANSWERS_GRACE, server).await.is_err() {
                abort.abort();
            }
        }
        let work_ended = async {
            while Arc::strong_count(&self.core) > 1 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        // What has not ended by then writes into a folder that is removed, or swept by the next run.
        let _ = tokio::time::timeout(WORK_GRACE, work_ended).await;
        self.core.storage.files.clear();
        self.core.records.close();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.core.storage.files.end();
        self.core.stop.stop();
        if let Some(server) = self.server.take() {
            server.abort();
        }
    }
}

/// The address as a caller on this machine writes it: a wildcard address is reached through loopback.
fn base_url(addr: SocketAddr) -> String {
    if addr.ip().is_unspecified() {
        let host = if addr.is_ipv6() { "[::1]" } else { "127.0.0.1" };
        return format!("http://{host}:{}", addr.port());
    }
    format!("http://{addr}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_random_numbers_it_refuses_to_start_and_says_why() {
        let parent = tempfile::tempdir().unwrap();
        let state = StatePlace::Run(Some(parent.path().into()));
        let config = SandboxConfig { state, ..SandboxConfig::default() };
        let err = Sandbox::start_with(config, |_| Err(getrandom::Error::UNSUPPORTED)).await.unwrap_err();
        assert!(matches!(err, SandboxError::Random(_)));
        assert!(err.to_string().starts_with("The system gives the sandbox no random numbers"), "{err}");
        assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}
