//! The sandbox's own way out: clips and voices it is given as addresses, and callbacks.
//!
//! Addresses come from whoever holds the key, and may be hostile: only `http` and `https`, a bounded number of redirects
//! (each looked at again), bytes and seconds. Loopback is allowed, for that is where local files are handed over.

use std::time::Duration;

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::redirect::Policy;
use tokio::sync::OnceCell;
use url::{Host, Url};

use super::shelf::{WriteError, Writer};

const MAX_REDIRECTS: usize = 5;
const CONNECT: Duration = Duration::from_secs(5);

/// How long the sandbox waits for others.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the whole of a clip or a voice.
    pub fetch: Duration,
    /// For the next bytes of it.
    pub read: Duration,
    /// For the answer to a callback.
    pub callback: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { fetch: Duration::from_mins(1), read: Duration::from_secs(10), callback: Duration::from_secs(5) }
    }
}

/// Outgoing connections. The clients are made when first needed: most runs of the sandbox never leave the machine.
#[derive(Debug, Default)]
pub struct Outbound {
    patience: Patience,
    /// For this machine: a proxy could not reach it.
    direct: OnceCell<reqwest::Client>,
    /// For everywhere else, through the system's proxy where there is one.
    outside: OnceCell<reqwest::Client>,
}

impl Outbound {
    /// A way out with that patience.
    pub fn new(patience: Patience) -> Self {
        Self { patience, ..Self::default() }
    }

    /// Writes what is at `url` to `writer`, whose limit holds. The error says why in words, without the field's name.
    pub async fn fetch(&self, url: &Url, writer: &mut Writer<'_>, limit_bytes: u64) -> Result<(), String> {
        tokio::time::timeout(self.patience.fetch, self.fetch_unhurried(url, writer, limit_bytes)).await.unwrap_or_else(
            |_| Err(format!("{url} did not arrive whole within {} s", self.patience.fetch.as_secs_f32())),
        )
    }

    async fn fetch_unhurried(&self, url: &Url, writer: &mut Writer<'_>, limit_bytes: u64) -> Result<(), String> {
        let mut url = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            check_scheme(&url)?;
            let client = self.client_for(&url).await?;
            let mut response = client
                .get(url.clone())
                .send()
                .await
                .map_err(|err| format!("{url} cannot be reached: {}", words(&err)))?;
            if response.status().is_redirection() {
                let target = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
                let target = target.ok_or_else(|| format!("{url} redirects to nowhere"))?;
                url = url.join(target).map_err(|err| format!("{url} redirects to {target:?}: {err}"))?;
                continue;
            }
            if response.status() != reqwest::StatusCode::OK {
                return Err(format!("{url} answered HTTP {}", response.status()));
            }
            if let Some(bytes) = response.content_length().filter(|bytes| *bytes > limit_bytes) {
                return Err(too_large(bytes, limit_bytes));
            }
            loop {
                match response.chunk().await {
                    Ok(Some(bytes)) => writer.write(&bytes).await.map_err(|err| match err {
                        WriteError::TooLarge(limit) => format!("more than {limit} bytes ({})", megabytes(limit)),
                        WriteError::Io(err) => format!("the sandbox cannot store it: {err}"),
                    })?,
                    Ok(None) => return Ok(()),
                    Err(err) => return Err(format!("{url} broke off: {}", words(&err))),
                }
            }
        }
        Err(format!("{url}: more than {MAX_REDIRECTS} redirects"))
    }

    /// Posts a callback; true where it was taken (a status of 2xx).
    pub async fn post(&self, url: &Url, headers: HeaderMap, body: String) -> Result<bool, String> {
        check_scheme(url)?;
        let request = self.client_for(url).await?.post(url.clone()).headers(headers).body(body);
        let response = request.timeout(self.patience.callback).send().await.map_err(|err| words(&err))?;
        Ok(response.status().is_success())
    }

    async fn client_for(&self, url: &Url) -> Result<&reqwest::Client, String> {
        let is_here = match url.host() {
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        let cell = if is_here { &self.direct } else { &self.outside };
        cell.get_or_try_init(|| async {
            // Whoever came first has installed one; ring is the only provider of this program.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let builder = reqwest::Client::builder()
                .redirect(Policy::none())
                .connect_timeout(CONNECT)
                .read_timeout(self.patience.read)
                .user_agent(concat!("viseme-sandbox/", env!("CARGO_PKG_VERSION")));
            if is_here { builder.no_proxy() } else { builder }.build().map_err(|err| words(&err))
        })
        .await
    }
}

/// Only `http` and `https`.
fn check_scheme(url: &Url) -> Result<(), String> {
    match url.scheme() {
        "http" | "https" => Ok(()),
        other => Err(format!("the scheme {other} is not allowed; http or https")),
    }
}

/// Reads an address of a request.
pub fn parse_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|err| format!("{text:.200} is not an address: {err}"))?;
    check_scheme(&url)?;
    Ok(url)
}

/// `104857601 bytes > 104857600 bytes (100 MB)`.
pub fn too_large(bytes: u64, limit_bytes: u64) -> String {
    format!("{bytes} bytes > {limit_bytes} bytes ({})", megabytes(limit_bytes))
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes / (1024 * 1024))
}

/// An error with its causes, for reqwest's own words only say which step failed.
fn words(err: &dyn std::error::Error) -> String {
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
            ("file:///etc/passwd", "the scheme file is not allowed"),
            ("ftp://example.com/a", "the scheme ftp"),
            ("a.mp4", "is not an address"),
            ("http://", "is not an address"),
        ] {
            assert!(parse_url(text).unwrap_err().contains(why), "{text}");
        }
    }
}
