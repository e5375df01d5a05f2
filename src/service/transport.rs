//! The HTTP clients: TLS by ring, no redirect followed, nothing sent twice, this machine never reached through a proxy.

use std::time::Duration;

use reqwest::{Client, ClientBuilder, redirect, retry};

use super::words;
use crate::model::{Problem, ProblemKind};

/// How we introduce ourselves.
const USER_AGENT: &str = concat!("viseme/", env!("CARGO_PKG_VERSION"));

/// Where a client goes, as far as it matters for how it is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Route {
    /// Whether TLS is spoken.
    pub tls: bool,
    /// Whether this machine itself is meant: then the system's proxy is passed by, and without TLS no certificates are read.
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
        let builder = if self.loopback { builder.no_proxy() } else { builder };
        // This machine is spoken to in the clear: the system's certificates take time to read, and may not even be there.
        if self.loopback && !self.tls { builder.tls_certs_only([]) } else { builder }
    }

    /// For requests that only ask: connections are kept.
    pub fn reading(self, connect_ms: u64) -> Result<Client, Problem> {
        built(self.builder(connect_ms))
    }

    /// For requests that cost something: each has a connection of its own, so that what fails before it is established was surely not sent,
    /// and what goes wrong after is never the fault of a connection that had gone stale.
    pub fn writing(self, connect_ms: u64) -> Result<Client, Problem> {
        built(self.builder(connect_ms).http1_only().pool_max_idle_per_host(0))
    }
}

fn built(builder: ClientBuilder) -> Result<Client, Problem> {
    builder.build().map_err(|err| {
        Problem::new(ProblemKind::Internal, words::no_tls(super::fault::chain(&err))).with_hint(words::no_tls_hint())
    })
}
