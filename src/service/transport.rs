//! The HTTP clients: TLS by ring, no redirect followed, nothing sent twice, this machine never reached through a proxy.

use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::Resolve;
use reqwest::{Client, ClientBuilder, redirect, retry};

use super::{known_names, trust, words};
use crate::model::{Problem, ProblemKind};

/// The user agent.
const USER_AGENT: &str = concat!("viseme/", env!("CARGO_PKG_VERSION"));

/// The properties of an address that decide how its client is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Route {
    /// Whether TLS is spoken.
    pub tls: bool,
    /// Whether it points at this machine: then no proxy is used, and without TLS no certificates are read.
    pub loopback: bool,
}

impl Route {
    /// The route to an address.
    pub fn to(url: &url::Url) -> Self {
        Self { tls: url.scheme() == "https", loopback: crate::model::is_loopback(url.as_str()) }
    }

    fn builder(self, connect_ms: u64) -> ClientBuilder {
        // reqwest comes without a provider; a second installation is refused, and harmless.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(Duration::from_millis(connect_ms))
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(retry::never());
        let builder = if self.loopback { builder.no_proxy() } else { super::proxy::through(builder) };
        // Plain HTTP to this machine needs no certificates: the system's take time to read, and may be missing.
        if self.loopback && !self.tls { builder.tls_certs_only([]) } else { trust::with_extra(builder) }
    }

    /// For reads: connections are reused.
    pub fn reading(self, connect_ms: u64) -> Result<Client, Problem> {
        built(known_names::with_known(self.builder(connect_ms)))
    }

    /// For what a service names: as [`Route::reading`], with names looked up by `resolver` where there is one.
    pub fn fetching(self, connect_ms: u64, resolver: Option<impl Resolve + 'static>) -> Result<Client, Problem> {
        let builder = self.builder(connect_ms);
        built(match resolver {
            // It knows the names that were given: an address given to the client would go past it.
            Some(resolver) => builder.dns_resolver(Arc::new(resolver)),
            None => known_names::with_known(builder),
        })
    }

    /// For requests that cost something: each uses a new connection, so that a failure to connect proves that nothing was sent, and
    /// a stale connection is never the cause of a later failure.
    pub fn writing(self, connect_ms: u64) -> Result<Client, Problem> {
        built(known_names::with_known(self.builder(connect_ms)).http1_only().pool_max_idle_per_host(0))
    }
}

fn built(builder: ClientBuilder) -> Result<Client, Problem> {
    builder.build().map_err(|err| {
        Problem::new(ProblemKind::Internal, words::no_tls(super::fault::chain(&err))).with_hint(words::no_tls_hint())
    })
}
