//! Guarded downloads, without our key: an address in an answer may point anywhere, and its content may be anything. Each is recorded as
//! an exchange; pictures and videos by type and size only.

mod beginning;
mod file;
mod hop;
mod incoming;
mod mark;
mod part;
mod picture;
mod png;
mod public;
mod serves;
mod writer;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use url::Url;

use self::public::PublicOnly;
use super::clock::Clock;
use super::proxy;
use super::recorder::Recorder;
use super::transport::Route;
use super::words;
use crate::model::{Problem, ProblemKind, Profile, WholenessCheck, is_loopback};

pub use beginning::Beginning;
pub use file::download_target;
pub use hop::of_result;
pub use mark::{ContentMark, SeenContents};
pub use part::{ListedPart, NotePart, PartState, whole_tag};
pub use picture::{Preview, read_preview};
pub use serves::{Content, hex};

/// Bounds of downloads. Times in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchLimits {
    /// To establish a connection.
    pub connect_ms: u64,
    /// For the head of a response.
    pub head_ms: u64,
    /// Between two pieces of a body.
    pub gap_ms: u64,
    /// For the whole of a preview.
    pub preview_ms: u64,
    /// Largest preview file in bytes.
    pub preview_bytes: usize,
    /// Largest width and height of a preview, in pixels.
    pub preview_side_px: u32,
    /// Longest side of the thumbnail made from it, in pixels.
    pub thumb_side_px: u32,
    /// Most memory the decoder of a preview may use, in bytes.
    pub decode_bytes: u64,
    /// Largest result in bytes.
    pub file_bytes: u64,
    /// How many redirects are followed.
    pub redirects: usize,
    /// First wait before a broken download is tried again; doubles each time.
    pub backoff_first_ms: u64,
    /// Longest such wait.
    pub backoff_most_ms: u64,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            connect_ms: 10_000,
            head_ms: 30_000,
            gap_ms: 30_000,
            preview_ms: 60_000,
            preview_bytes: 8 * 1024 * 1024,
            preview_side_px: 4_096,
            thumb_side_px: 256,
            decode_bytes: 48 * 1024 * 1024,
            file_bytes: 2 * 1024 * 1024 * 1024,
            redirects: 5,
            backoff_first_ms: 500,
            backoff_most_ms: 5_000,
        }
    }
}

/// Downloads previews and results. Cheap to clone; clones share connections.
#[derive(Clone, Debug)]
pub struct Fetcher {
    inner: Arc<Inner>,
    service: Service,
    seen: SeenContents,
}

/// Whose addresses are fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts, each with a name of its own")]
struct Service {
    /// It is on this machine, so its files are too.
    is_here: bool,
    /// It speaks TLS.
    has_tls: bool,
    /// What it names is fetched by TLS alone.
    https_only: bool,
    /// What it names may be in this network.
    allow_private: bool,
}

/// The client of a kind of route.
type Routed = (Route, bool, reqwest::Client);

#[derive(Debug)]
struct Inner {
    limits: FetchLimits,
    recorder: Recorder,
    clock: Clock,
    /// Built when first needed, one for each kind of route; and for which change of the proxy.
    clients: Mutex<(u64, Vec<Routed>)>,
    /// Keeps the addresses of a service elsewhere out of this network.
    public_only: PublicOnly,
    /// Pictures are decoded one at a time: each may take [`FetchLimits::decode_bytes`].
    decoding: Arc<Semaphore>,
    /// Whether a result is whole, by its container.
    wholeness: WholenessCheck,
}

impl Fetcher {
    /// A fetcher with these limits that records its exchanges in `recorder`, and keeps a result only where `wholeness` finds nothing
    /// missing. Nothing is fetched yet.
    #[must_use]
    pub fn new(limits: FetchLimits, recorder: Recorder, wholeness: WholenessCheck) -> Self {
        let (clock, clients, decoding) = (Clock::system(), Mutex::default(), Arc::new(Semaphore::new(1)));
        let inner = Inner { limits, recorder, clock, clients, public_only: PublicOnly::default(), decoding, wholeness };
        let service = Service { is_here: true, ..Service::default() };
        Self { inner: Arc::new(inner), service, seen: SeenContents::default() }
    }

    /// The same, noting what is seen at each address in `seen`.
    #[must_use]
    pub fn noting(self, seen: SeenContents) -> Self {
        Self { seen, ..self }
    }

    /// The same for what a service names. Of one that is not on this machine, private and special addresses are not fetched from, unless
    /// its profile allows it; an http address of an https service is, with a warning, unless its profile says https only.
    #[must_use]
    pub fn of_service(&self, profile: &Profile) -> Self {
        let Profile { base_url, https_only, allow_private, .. } = profile;
        let has_tls = base_url.trim().get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
        let (https_only, allow_private) = (*https_only, *allow_private);
        let service = Service { is_here: is_loopback(base_url), has_tls, https_only, allow_private };
        Self { inner: Arc::clone(&self.inner), service, seen: self.seen.clone() }
    }

    fn limits(&self) -> &FetchLimits {
        &self.inner.limits
    }

    /// Runs `work` on a thread that may block, one at a time: the permit is held until the work ends, even if its caller is gone.
    async fn alone<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        // The semaphore is never closed.
        let permit = Arc::clone(&self.inner.decoding).acquire_owned().await.ok();
        let done = spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        done.await.unwrap_or_else(|_| {
            Err(Problem::new(ProblemKind::Internal, words::preview_panicked())
                .with_hint(words::preview_panicked_hint()))
        })
    }

    /// The client for an address.
    ///
    /// # Errors
    /// What a service elsewhere names must be public, and this is not; or it is not https, and its profile asks for that.
    fn client(&self, url: &Url) -> Result<reqwest::Client, Problem> {
        let (route, is_guarded) = (Route::to(url), !self.service.is_here && !self.service.allow_private);
        if self.service.https_only && !route.tls {
            return Err(hop::unusable(words::https_only(url.host_str().unwrap_or_default())));
        }
        if is_guarded {
            self.inner.public_only.guard(url)?;
        }
        if self.service.has_tls && !route.tls {
            tracing::warn!(
                "{} is fetched without TLS, although the service has it: anybody in between can change it",
                url.host_str().unwrap_or_default()
            );
        }
        let mut known = self.inner.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = proxy::changes();
        if known.0 != changes {
            *known = (changes, Vec::new());
        }
        let clients = &mut known.1;
        if let Some((.., client)) = clients.iter().find(|(known, guarded, _)| (*known, *guarded) == (route, is_guarded))
        {
            return Ok(client.clone());
        }
        let guard = is_guarded.then(|| self.inner.public_only.clone());
        let client = route.fetching(self.limits().connect_ms, guard)?;
        clients.push((route, is_guarded, client.clone()));
        Ok(client)
    }
}

fn duration(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::model::Wholeness;

    #[tokio::test]
    async fn work_that_nobody_waits_for_is_still_alone() {
        let fetcher = Fetcher::new(FetchLimits::default(), Recorder::default(), |_| Wholeness::Whole);
        let (begun, has_begun) = mpsc::channel();
        let (end, may_end) = mpsc::channel::<()>();
        let dropped = {
            let fetcher = fetcher.clone();
            tokio::spawn(async move {
                fetcher
                    .alone(move || {
                        begun.send(()).unwrap();
                        may_end.recv().unwrap();
                        Ok(())
                    })
                    .await
            })
        };
        spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
        dropped.abort();
        let _ = dropped.await;
        assert_eq!(fetcher.inner.decoding.available_permits(), 0, "it runs on");
        end.send(()).unwrap();
        assert_eq!(fetcher.alone(|| Ok(7)).await, Ok(7));
    }
}
