//! The embedded sandbox, started in this process; the window is open while it starts.

use std::sync::Arc;
use std::time::Duration;

use egui::Context;
use poll_promise::Promise;
use tokio::runtime::{Handle, Runtime};

use crate::engine::{Credentials, Setup};
use crate::model::Profile;
use crate::sandbox::{Sandbox, SandboxConfig};

/// The runtime that all of this runs on, and the sandbox on it.
pub struct Host {
    sandbox: Option<Promise<Result<Arc<Sandbox>, String>>>,
    /// `None` only while it is being let go of.
    runtime: Option<Runtime>,
    handle: Handle,
}

impl Host {
    /// A runtime of two threads; work that blocks has its own.
    ///
    /// # Errors
    /// The system gives no threads.
    pub fn new() -> std::io::Result<Self> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).thread_name("engine").enable_all().build()?;
        let handle = runtime.handle().clone();
        Ok(Self { sandbox: None, runtime: Some(runtime), handle })
    }

    /// Where to run things.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Starts the sandbox, or starts it anew.
    pub fn start_sandbox(&mut self, ctx: &Context) {
        let (give, promise) = Promise::new();
        let ctx = ctx.clone();
        self.handle.spawn(async move {
            let started = Sandbox::start(SandboxConfig::default()).await;
            give.send(started.map(Arc::new).map_err(|err| err.to_string()));
            ctx.request_repaint();
        });
        self.sandbox = Some(promise);
    }

    /// The sandbox, once it answers; or why it does not.
    #[must_use]
    pub fn sandbox(&self) -> Option<Result<Arc<Sandbox>, String>> {
        self.sandbox.as_ref()?.ready().cloned()
    }

    /// How to reach a running sandbox under this profile.
    ///
    /// # Errors
    /// Its key cannot be used; that would be a fault of ours.
    pub fn setup(sandbox: &Sandbox, profile: &Profile) -> Result<Setup, String> {
        use secrecy::ExposeSecret as _;
        let credentials = Credentials::key(sandbox.key().expose_secret()).map_err(|problem| problem.message)?;
        let profile = Profile { base_url: sandbox.base_url().to_owned(), ..profile.clone() };
        Ok(Setup::new(profile, credentials))
    }
}

/// How long work that cannot be stopped at once may hold up the end of the program.
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
