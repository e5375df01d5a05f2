//! The embedded sandbox, which starts in this process while the window is already open.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use egui::Context;
use poll_promise::Promise;
use tokio::runtime::{Handle, Runtime};

use crate::engine::{Credentials, Setup, known_names};
use crate::model::Profile;
use crate::sandbox::{Sandbox, SandboxConfig, SandboxError, StatePlace};

/// The runtime of the process, and the sandbox that runs on it.
pub struct Host {
    sandbox: Option<Promise<Result<Arc<Sandbox>, String>>>,
    /// Whether its start waits for another process that has its state.
    waits: Arc<AtomicBool>,
    /// `None` only while it is being dropped.
    runtime: Option<Runtime>,
    handle: Handle,
}

impl Host {
    /// A runtime of two threads; blocking work has its own threads.
    ///
    /// # Errors
    /// The system cannot start threads.
    pub fn new() -> std::io::Result<Self> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).thread_name("engine").enable_all().build()?;
        let handle = runtime.handle().clone();
        Ok(Self { sandbox: None, waits: Arc::default(), runtime: Some(runtime), handle })
    }

    /// A handle of the runtime.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Starts or restarts the sandbox. It goes on with its state in this data folder, where there is one and no other process has it: one that is
    /// just ending is waited for, for some seconds.
    pub fn start_sandbox(&mut self, ctx: &Context, data: Option<&Path>) {
        let (sender, promise) = Promise::new();
        let ctx = ctx.clone();
        let state = StatePlace::in_data_folder(data);
        let config = SandboxConfig { state, known_names: known_names(), ..SandboxConfig::default() };
        self.waits = Arc::default();
        let waits = Arc::clone(&self.waits);
        self.handle.spawn(async move {
            let started = start_in_turn(config, &waits, &ctx).await;
            sender.send(started.map(Arc::new).map_err(|err| err.to_string()));
            ctx.request_repaint();
        });
        self.sandbox = Some(promise);
    }

    /// Whether its start waits for another process that has its state.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }

    /// The sandbox once it runs, or why it could not start.
    #[must_use]
    pub fn sandbox(&self) -> Option<Result<Arc<Sandbox>, String>> {
        self.sandbox.as_ref()?.ready().cloned()
    }

    /// The connection settings of the running sandbox under this profile.
    ///
    /// # Errors
    /// Its key is invalid, which would be a defect of this program.
    pub fn setup(sandbox: &Sandbox, profile: &Profile) -> Result<Setup, String> {
        use secrecy::ExposeSecret as _;
        let credentials = Credentials::key(sandbox.key().expose_secret()).map_err(|problem| problem.message)?;
        let profile = Profile { base_url: sandbox.base_url().to_owned(), ..profile.clone() };
        Ok(Setup::new(profile, credentials).embedded(sandbox.keeps_state()))
    }
}

/// How long another process that has the state of the sandbox is waited for: it may be closing.
const TURN: Duration = Duration::from_secs(5);
/// How often it is looked whether that has ended.
const LOOK: Duration = Duration::from_millis(100);

/// Starts the sandbox with the state that is kept, once no other process has it any more; with one of its own where another keeps it.
async fn start_in_turn(config: SandboxConfig, waits: &AtomicBool, ctx: &Context) -> Result<Sandbox, SandboxError> {
    let began = Instant::now();
    while let StatePlace::KeptIfFree(folder) = &config.state
        && began.elapsed() < TURN
    {
        let kept = SandboxConfig { state: StatePlace::Kept(folder.clone()), ..config.clone() };
        match Sandbox::start(kept).await {
            Err(SandboxError::StateTaken(_)) => {}
            Err(_) => break,
            started => {
                waits.store(false, Ordering::Relaxed);
                return started;
            }
        }
        waits.store(true, Ordering::Relaxed);
        ctx.request_repaint();
        tokio::time::sleep(LOOK).await;
    }
    waits.store(false, Ordering::Relaxed);
    Sandbox::start(config).await
}

/// How long work that cannot be cancelled may delay the end of the program.
const GRACE: Duration = Duration::from_millis(500);

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(Ok(sandbox)) = self.sandbox.take().and_then(|promise| promise.try_take().ok())
            && let Ok(sandbox) = Arc::try_unwrap(sandbox)
        {
            self.handle.block_on(sandbox.shutdown());
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(GRACE);
        }
    }
}
