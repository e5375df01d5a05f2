//! An exchange as a curl command for a terminal.

use secrecy::{ExposeSecret as _, SecretString};

use crate::engine::Exchange;
use crate::wire::curl::{self, Sent};

/// The embedded sandbox: commands for it contain its key, which gives access to nothing else.
#[derive(Debug)]
pub struct LocalSandbox {
    /// `http://127.0.0.1:PORT`.
    pub base_url: String,
    /// The key of this run.
    pub key: SecretString,
}

fn sent<'a>(exchange: &'a Exchange, sandbox: Option<&'a LocalSandbox>) -> Sent<'a> {
    let is_its = |sandbox: &&LocalSandbox| {
        exchange.url.strip_prefix(&sandbox.base_url).is_some_and(|path| path.starts_with('/'))
    };
    Sent {
        method: exchange.method,
        url: &exchange.url,
        headers: &exchange.request_headers,
        body: &exchange.request_body,
        file: exchange.request_file.as_deref(),
        sandbox_key: sandbox.filter(is_its).map(|sandbox| sandbox.key.expose_secret()),
    }
}

/// The command that sends the request of `exchange` again.
#[must_use]
pub fn command(exchange: &Exchange, sandbox: Option<&LocalSandbox>) -> String {
    curl::command(&sent(exchange, sandbox))
}

/// Notes on running the command of `exchange`, a sentence each.
#[must_use]
pub fn hints(exchange: &Exchange, sandbox: Option<&LocalSandbox>) -> Vec<String> {
    curl::hints(&sent(exchange, sandbox))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::inspector::tests::exchange;

    #[test]
    fn only_commands_for_the_sandbox_contain_its_key() {
        let sandbox = LocalSandbox { base_url: "http://127.0.0.1:80".into(), key: "sandbox-key".to_owned().into() };
        let of = |url: &str| {
            let sent = Exchange {
                request_headers: vec![("authorization".into(), "Bearer •••".into())],
                ..exchange(1, "POST", url, Some(200), "")
            };
            command(&sent, Some(&sandbox))
        };
        assert!(of("http://127.0.0.1:80/kling/v1/videos/identify-face").contains("Bearer sandbox-key'"));
        for url in ["http://127.0.0.1:8080/v1", "https://api.example.com/v1", "http://127.0.0.1:80.example.com/v1"] {
            assert!(of(url).contains("Bearer $VISEME_KEY\""), "{url}");
        }
        assert!(!format!("{sandbox:?}").contains("sandbox-key"));
    }
}
