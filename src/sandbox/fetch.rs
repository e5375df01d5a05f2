//! Outgoing connections of the sandbox: clips and voices that are given as addresses, and webhooks.
//!
//! Addresses come from callers who have the key, and may be hostile: only `http` and `https`, and a bounded number of redirects
//! (each checked again), bytes and seconds. Loopback and private addresses are allowed while the sandbox listens on loopback, for local files
//! are uploaded there; a sandbox that listens for other machines fetches from itself and from public addresses only.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::redirect::Policy;
use tokio::sync::OnceCell;
use url::{Host, Url};

use super::hosts::Hosts;
use super::refusal::Refusal;
use super::storage::{WriteError, Writer};
use super::words;
use crate::model::{KnownName, is_loopback, is_special_ip};

const MAX_REDIRECTS: usize = 5;
const CONNECT: Duration = Duration::from_secs(5);

/// How long the sandbox waits for other servers.
#[derive(Clone, Copy, Debug)]
pub struct OutboundTimeouts {
    /// For the whole of a clip or a voice.
    pub fetch: Duration,
    /// For the next bytes of it.
    pub read: Duration,
    /// For the answer to a webhook.
    pub webhook: Duration,
}

impl Default for OutboundTimeouts {
    fn default() -> Self {
        Self { fetch: Duration::from_mins(1), read: Duration::from_secs(10), webhook: Duration::from_secs(5) }
    }
}

/// Why an address could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address or its server; the text says how.
    #[error("{0}")]
    Address(String),
    /// What came could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl FetchError {
    /// The refusal of a request whose `field` has the address.
    pub fn refusal(self, field: &str) -> Refusal {
        match self {
            Self::Address(why) => Refusal::field(field, why),
            Self::Write(err) => err.refusal(field),
        }
    }
}

/// Outgoing connections. The clients are made when first needed: most runs of the sandbox never leave the machine.
#[derive(Debug, Default)]
pub struct Outbound {
    timeouts: OutboundTimeouts,
    /// For this machine: a proxy could not reach it.
    direct: OnceCell<reqwest::Client>,
    /// For everywhere else, through the system's proxy where there is one.
    outside: OnceCell<reqwest::Client>,
    /// For everywhere else where private addresses are refused: without a proxy, which would look names up by itself.
    guarded: OnceCell<reqwest::Client>,
    /// Private addresses are refused, but for these names of the sandbox itself; `None`: none is refused.
    own: Option<Arc<Hosts>>,
    /// Names that are reached at these addresses.
    known: Arc<[KnownName]>,
}

impl Outbound {
    /// Connections with these timeouts. With `own`, private and special addresses are refused, but for those of the sandbox itself.
    pub fn new(timeouts: OutboundTimeouts, own: Option<Arc<Hosts>>, known: Vec<KnownName>) -> Self {
        Self { timeouts, own, known: known.into(), ..Self::default() }
    }

    /// Writes what is at `url` to `writer`.
    ///
    /// # Errors
    /// The address or its server, or what came cannot be written.
    pub async fn fetch(&self, url: &Url, writer: &mut Writer<'_>) -> Result<(), FetchError> {
        let whole = self.timeouts.fetch;
        tokio::time::timeout(whole, self.fetch_untimed(url, writer))
            .await
            .unwrap_or_else(|_| Err(FetchError::Address(words::fetch_takes_too_long(url, whole.as_secs_f32()))))
    }

    async fn fetch_untimed(&self, url: &Url, writer: &mut Writer<'_>) -> Result<(), FetchError> {
        let mut url = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            check_scheme(&url).map_err(FetchError::Address)?;
            let client = self.client_for(&url).await.map_err(FetchError::Address)?;
            let sent = client.get(url.clone()).send().await;
            let mut response =
                sent.map_err(|err| FetchError::Address(words::not_reached(&url, with_causes(&err.without_url()))))?;
            if response.status().is_redirection() {
                let target = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
                let target = target.ok_or_else(|| FetchError::Address(words::redirect_to_nowhere(&url)))?;
                url = url.join(target).map_err(|err| {
                    FetchError::Address(words::redirect_is_no_address(&url, format_args!("{target:?}"), err))
                })?;
                continue;
            }
            if response.status() != reqwest::StatusCode::OK {
                return Err(FetchError::Address(words::answered_with(&url, response.status())));
            }
            if let Some(bytes) = response.content_length() {
                writer.announce(bytes)?;
            }
            loop {
                match response.chunk().await {
                    Ok(Some(bytes)) => writer.write(&bytes).await?,
                    Ok(None) => return Ok(()),
                    Err(err) => {
                        return Err(FetchError::Address(words::broke_off(&url, with_causes(&err.without_url()))));
                    }
                }
            }
        }
        Err(FetchError::Address(words::too_many_redirects(&url, MAX_REDIRECTS)))
    }

    /// Posts a webhook. Returns whether it was accepted (a status of 2xx).
    ///
    /// # Errors
    /// Why it did not arrive.
    pub async fn post(&self, url: &Url, headers: HeaderMap, body: String) -> Result<bool, String> {
        check_scheme(url)?;
        let request = self.client_for(url).await?.post(url.clone()).headers(headers).body(body);
        let sent = request.timeout(self.timeouts.webhook).send().await;
        let response = sent.map_err(|err| with_causes(&err.without_url()))?;
        Ok(response.status().is_success())
    }

    fn reaching_known(&self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        self.known.iter().fold(builder, |builder, known| builder.resolve(&known.name, SocketAddr::new(known.ip, 0)))
    }

    async fn client_for(&self, url: &Url) -> Result<&reqwest::Client, String> {
        let is_guarded = self.own.as_ref().is_some_and(|own| !own.is_own(url));
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => Some(ip.into()),
            Some(Host::Ipv6(ip)) => Some(ip.into()),
            _ => None,
        };
        if is_guarded && literal.is_some_and(is_special_ip) {
            return Err(words::private_not_allowed(url.host_str().unwrap_or_default()));
        }
        let is_here = is_loopback(url.as_str()) || (self.own.is_some() && !is_guarded);
        let cell = match (is_guarded, is_here) {
            (true, _) => &self.guarded,
            (false, true) => &self.direct,
            (false, false) => &self.outside,
        };
        cell.get_or_try_init(|| async {
            // An error means that one is installed already; ring is the only provider of this program.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let builder = reqwest::Client::builder()
                .redirect(Policy::none())
                .connect_timeout(CONNECT)
                .read_timeout(self.timeouts.read)
                .user_agent(concat!("viseme-sandbox/", env!("CARGO_PKG_VERSION")));
            let builder = if is_here || is_guarded { builder.no_proxy() } else { builder };
            let builder = if is_guarded {
                builder.dns_resolver(Arc::new(PublicOnly(Arc::clone(&self.known))))
            } else {
                self.reaching_known(builder)
            };
            builder.build().map_err(|err| with_causes(&err))
        })
        .await
    }
}

/// Finds the addresses of names, without those that are private or special. What it returns is what is connected to, so a name that
/// leads elsewhere the next time changes nothing.
struct PublicOnly(Arc<[KnownName]>);

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let known = KnownName::find(&self.0, name.as_str());
        Box::pin(async move {
            let found: Vec<_> = match known {
                Some(ip) => vec![SocketAddr::new(ip, 0)],
                None => tokio::net::lookup_host((name.as_str(), 0)).await?.collect(),
            };
            let public: Vec<_> = found.iter().copied().filter(|at| !is_special_ip(at.ip())).collect();
            if public.is_empty() && !found.is_empty() {
                return Err(words::private_not_allowed(name.as_str()).into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Only `http` and `https`.
fn check_scheme(url: &Url) -> Result<(), String> {
    match url.scheme() {
        "http" | "https" => Ok(()),
        other => Err(words::scheme_not_allowed(other)),
    }
}

/// Reads an address of a request.
///
/// # Errors
/// Why the text is no address that the sandbox may fetch.
pub fn parse_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|err| words::no_address(text, err))?;
    check_scheme(&url)?;
    Ok(url)
}

/// An error with its causes, for reqwest's own words only say which step failed.
fn with_causes(err: &dyn std::error::Error) -> String {
    let mut text = err.to_string();
    let mut cause = err.source();
    while let Some(err) = cause {
        let next = err.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = err.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_and_https_are_addresses() {
        assert!(parse_url("https://example.com/a.mp4").is_ok());
        for (text, why) in [
            ("file:///etc/passwd", "The scheme file is not allowed"),
            ("ftp://example.com/a", "The scheme ftp"),
            ("a.mp4", "is no address"),
            ("http://", "is no address"),
        ] {
            assert!(parse_url(text).unwrap_err().contains(why), "{text}");
        }
    }
}
