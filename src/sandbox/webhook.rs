//! Webhooks: a task's owner receives each change of its status (the wire contract, §5).

use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use tokio::sync::mpsc;
use url::Url;

use super::clock::Clock;
use super::fetch::Outbound;
use super::ids::Ids;
use super::stop::StopSignal;
use super::words;

/// Waits before the second and the third try.
const RETRIES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// A `whsec_…` secret, read.
#[derive(Clone)]
pub struct WebhookSecret(Vec<u8>);

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret(masked)")
    }
}

impl WebhookSecret {
    /// Reads `whsec_` followed by Base64.
    ///
    /// # Errors
    /// Why the text is no such secret.
    pub fn parse(text: &str) -> Result<Self, String> {
        let coded = text.strip_prefix("whsec_").ok_or_else(words::webhook_secret_prefix)?;
        STANDARD
            .decode(coded)
            .map(Self)
            .map_err(|err| words::webhook_secret_not_base64(err.to_string().trim_end_matches('.')))
    }

    /// The value of `webhook-signature`.
    pub fn sign(&self, id: &str, timestamp_s: i64, body: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(format!("{id}.{timestamp_s}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// What all webhooks are sent with.
#[derive(Debug)]
pub struct Webhooks {
    /// Outgoing connections.
    pub outbound: Arc<Outbound>,
    /// The time of signatures and retries.
    pub clock: Clock,
    /// Makes the ids of messages.
    pub ids: Ids,
    /// What they are signed with; they are not signed without it.
    pub secret: Option<WebhookSecret>,
    /// Whether the sandbox stops.
    pub stop: StopSignal,
}

/// Sends the webhooks of one task, one after the other, so that none overtakes another.
#[derive(Debug)]
pub struct WebhookSender {
    queue: mpsc::UnboundedSender<Value>,
}

impl WebhookSender {
    /// A sender to `url`. Its task ends when the sender is dropped and everything is delivered or given up, and when the sandbox stops.
    pub fn spawn(webhooks: Arc<Webhooks>, url: Url) -> Self {
        let (queue, mut queued) = mpsc::unbounded_channel::<Value>();
        tokio::spawn(async move {
            let deliver_all = async {
                while let Some(data) = queued.recv().await {
                    deliver(&webhooks, &url, &data).await;
                }
            };
            webhooks.stop.unless_stopped(deliver_all).await
        });
        Self { queue }
    }

    /// Sends the `data` of a query.
    pub fn send(&self, data: Value) {
        // The queue only closes when the sandbox stops.
        let _ = self.queue.send(data);
    }
}

async fn deliver(webhooks: &Webhooks, url: &Url, data: &Value) {
    let body = data.to_string();
    let id = format!("msg_{}", webhooks.ids.token());
    for wait in RETRIES.iter().map(Some).chain([None]) {
        let headers = headers(&id, webhooks.clock.now_s(), webhooks.secret.as_ref(), &body);
        // The address may hold a secret of its owner's: the log has its host only.
        let host = url.host_str().unwrap_or_default();
        match webhooks.outbound.post(url, headers, body.clone()).await {
            Ok(true) => return,
            Ok(false) => tracing::info!(host, "the webhook's receiver refused it"),
            Err(err) => tracing::info!(host, err, "the webhook did not arrive"),
        }
        if let Some(wait) = wait {
            webhooks.clock.sleep(*wait).await;
        } else {
            tracing::warn!(host, "the webhook was given up after three tries");
        }
    }
}

fn headers(id: &str, now_s: i64, secret: Option<&WebhookSecret>, body: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let Some(secret) = secret else { return headers };
    let signed = [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", now_s.to_string()),
        ("webhook-signature", secret.sign(id, now_s, body)),
    ];
    for (name, value) in signed {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhooks() -> Arc<Webhooks> {
        Arc::new(Webhooks {
            outbound: Arc::default(),
            clock: Clock::default(),
            ids: Ids::new(getrandom::fill).unwrap(),
            secret: None,
            stop: StopSignal::default(),
        })
    }

    /// Waits until nothing else uses them: the sender's task has ended.
    async fn until_alone(webhooks: &Arc<Webhooks>) {
        while Arc::strong_count(webhooks) > 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn a_sender_ends_once_all_is_given_up() {
        // Nobody listens there, so every try fails at once.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        drop(listener);
        let webhooks = webhooks();
        let sender = WebhookSender::spawn(Arc::clone(&webhooks), url);
        sender.send(Value::Null);
        drop(sender);
        let advancing = async {
            loop {
                webhooks.clock.advance(Duration::from_secs(1));
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::select! {
            () = until_alone(&webhooks) => {}
            () = advancing => {}
        }
    }

    #[tokio::test]
    async fn a_sender_ends_when_the_sandbox_stops() {
        let webhooks = webhooks();
        let sender = WebhookSender::spawn(Arc::clone(&webhooks), "http://127.0.0.1:9/".parse().unwrap());
        sender.send(Value::Null);
        webhooks.stop.stop();
        until_alone(&webhooks).await;
    }

    #[test]
    fn the_vector_of_the_wire_contract() {
        let secret = WebhookSecret::parse("whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI=").unwrap();
        let body = r#"{"id":"1234567890","status":"succeeded","message":"","create_time":1781080778802,"update_time":1781080794151}"#;
        assert_eq!(secret.sign("9876543210", 1_781_080_794, body), "v1,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4=");
    }

    #[test]
    fn a_secret_has_its_prefix_and_is_never_shown() {
        assert!(WebhookSecret::parse("dGVzdA==").is_err());
        assert!(WebhookSecret::parse("whsec_%%").is_err());
        assert_eq!(format!("{:?}", WebhookSecret::parse("whsec_dGVzdA==").unwrap()), "WebhookSecret(masked)");
    }
}
