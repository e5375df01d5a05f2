//! The embedded sandbox, which starts in this process while the window is already open.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use egui::Context;
use poll_promise::Promise;
use tokio::runtime::{Handle, Runtime};

use crate::engine::{Credentials, Setup, known_names};
use crate::model::Profile;
use crate::sandbox::{Sandbox, SandboxConfig, StatePlace};

/// The runtime of the process, and the sandbox that runs on it.
pub struct Host {
    sandbox: Option<Promise<Result<Arc<Sandbox>, String>>>,
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
        Ok(Self { sandbox: None, runtime: Some(runtime), handle })
    }

    /// A handle of the runtime.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Starts or restarts the sandbox. It goes on with its state in this data folder, where there is one and no other process has it.
    pub fn start_sandbox(&mut self, ctx: &Context, data: Option<&Path>) {
        let (sender, promise) = Promise::new();
        let ctx = ctx.clone();
        let state = StatePlace::in_data_folder(data);
        let config = SandboxConfig { state, known_names: known_names(), ..SandboxConfig::default() };
        self.handle.spawn(async move {
            let started = Sandbox::start(config).await;
            sender.send(started.map(Arc::new).map_err(|err| err.to_string()));
            ctx.request_repaint();
        });
        self.sandbox = Some(promise);
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
