//! The embedded service: the whole of both vendor documents, on this machine. It really finds faces and really renders.
//!
//! It shares no code with the client but the words of `model` and the work of `media`: its contract types are its own
//! and strict, and it is met over HTTP only.

mod callbacks;
mod clock;
mod core;
mod create;
mod faults;
mod fetch;
mod fields;
mod http;
mod identify;
mod ids;
mod kirin;
mod kling;
mod library;
mod refusal;
mod sessions;
mod shelf;
mod studio;
mod tasks;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use self::callbacks::WebhookSecret;
pub use self::clock::Clock;
use self::core::Core;
pub use self::core::Limits;
pub use self::create::BUILT_IN_VOICE;
use self::fetch::Outbound;
pub use self::fetch::Patience;
use self::http::auth::Keys;
use self::library::Library;
use self::sessions::Sessions;
use self::shelf::Shelf;
use self::tasks::Tasks;

/// How long answers that are under way may take once the sandbox ends.
const GRACE: Duration = Duration::from_secs(2);

/// How a sandbox is started. The default listens on loopback at a port of the system's choice, with keys of its own.
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
    /// `whsec_…`: callbacks are signed with it, and not signed without it.
    pub webhook_secret: Option<SecretString>,
    /// Where the directory of this run is made, instead of the system's temporary directory. It goes with the run.
    pub data_dir: Option<PathBuf>,
    /// Its time; a test may hold a clone and set it ahead.
    pub clock: Clock,
    /// Its bounds.
    pub limits: Limits,
    /// How long it waits for the addresses it is given.
    pub patience: Patience,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            key: None,
            access_key: None,
            secret_key: None,
            webhook_secret: None,
            data_dir: None,
            clock: Clock::default(),
            limits: Limits::default(),
            patience: Patience::default(),
        }
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The address.
    #[error("the sandbox cannot listen at {listen}: {err}. Choose another port, or 0 for a free one")]
    Listen {
        /// Where it was to listen.
        listen: SocketAddr,
        /// What the system said.
        err: io::Error,
    },
    /// The directory.
    #[error("the sandbox cannot make its directory under {path}: {err}. Choose another data directory")]
    Directory {
        /// Where it was to be.
        path: String,
        /// What the system said.
        err: io::Error,
    },
    /// The webhook secret.
    #[error("the webhook secret cannot be used: {0}")]
    WebhookSecret(&'static str),
}

/// A running sandbox. It ends with [`Sandbox::shutdown`], or when dropped; its files go with it.
#[derive(Debug)]
pub struct Sandbox {
    addr: SocketAddr,
    core: Arc<Core>,
    server: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a sandbox on the current tokio runtime. When this returns it answers.
    pub async fn start(config: SandboxConfig) -> Result<Self, SandboxError> {
        let secret = config.webhook_secret.as_ref().map(|secret| WebhookSecret::parse(secret.expose_secret()));
        let webhook_secret = secret.transpose().map_err(SandboxError::WebhookSecret)?;
        let listen = config.listen;
        let of_listen = |err| SandboxError::Listen { listen, err };
        let listener = TcpListener::bind(listen).await.map_err(of_listen)?;
        let addr = listener.local_addr().map_err(of_listen)?;
        let shelf = Shelf::open(config.data_dir.as_deref()).map_err(|err| SandboxError::Directory {
            path: config.data_dir.clone().unwrap_or_else(std::env::temp_dir).display().to_string(),
            err,
        })?;
        let keys = Keys {
            key: config.key.unwrap_or_else(|| format!("sandbox-{}", ids::token()).into()),
            access_key: config.access_key.unwrap_or_else(|| format!("ak-{}", ids::token())),
            secret_key: config.secret_key.unwrap_or_else(|| ids::token().into()),
        };
        let core = Arc::new(Core {
            keys,
            clock: config.clock,
            shelf,
            library: Library::default(),
            sessions: Sessions::default(),
            tasks: Tasks::new(config.limits.unfinished_tasks),
            outbound: Arc::new(Outbound::new(config.patience)),
            webhook_secret,
            base_url: base_url(addr),
            limits: config.limits,
            analysis_places: Semaphore::new(config.limits.workers.max(1)),
            render_places: Semaphore::new(config.limits.workers.max(1)),
            body_room: Semaphore::new(http::BODY_ROOM_KIB),
            analysed: Mutex::default(),
            closing: watch::Sender::new(false),
        });
        let router = http::router(Arc::clone(&core));
        let mut closing = core.closing.subscribe();
        let server = tokio::spawn(async move {
            let closed = async move {
                let _ = closing.wait_for(|closing| *closing).await;
            };
            // The server ends with the signal; it has no errors of its own.
            let _ = axum::serve(listener, router).with_graceful_shutdown(closed).await;
        });
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

    /// Ends it: running work is stopped, answers under way get two seconds, its files are removed.
    pub async fn shutdown(mut self) {
        self.core.closing.send_replace(true);
        if let Some(server) = self.server.take() {
            let abort = server.abort_handle();
            if tokio::time::timeout(GRACE, server).await.is_err() {
                abort.abort();
            }
        }
        // Tasks that were stopped let go of the shelf within moments; what does not is not waited for.
        for _ in 0..100 {
            if Arc::strong_count(&self.core) == 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.core.shelf.clear();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.core.closing.send_replace(true);
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
