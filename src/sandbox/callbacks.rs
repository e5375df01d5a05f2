//! Telling a task's owner of each change of status (the wire contract, §5).

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use sha2::Sha256;
use tokio::sync::mpsc;
use url::Url;

use super::clock::Clock;
use super::fetch::Outbound;
use super::ids;

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
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let coded = text.strip_prefix("whsec_").ok_or("a webhook secret begins with whsec_")?;
        STANDARD.decode(coded).map(Self).map_err(|_| "what follows whsec_ is not Base64")
    }

    /// The value of `webhook-signature`.
    pub fn sign(&self, id: &str, timestamp_s: i64, body: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(format!("{id}.{timestamp_s}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// Posts the callbacks of one task, one after the other, so that none overtakes another.
#[derive(Clone, Debug)]
pub struct Postman {
    letters: mpsc::UnboundedSender<Value>,
}

impl Postman {
    /// A postman for `url`. He goes once the last clone is dropped and the last letter delivered.
    pub fn new(url: Url, outbound: Arc<Outbound>, clock: Clock, secret: Option<WebhookSecret>) -> Self {
        let (letters, mut inbox) = mpsc::unbounded_channel::<Value>();
        tokio::spawn(async move {
            while let Some(letter) = inbox.recv().await {
                deliver(&url, &outbound, &clock, secret.as_ref(), &letter).await;
            }
        });
        Self { letters }
    }

    /// Sends the query answer's `data`.
    pub fn send(&self, data: Value) {
        // The inbox only closes with the runtime, and then nobody waits for the letter.
        let _ = self.letters.send(data);
    }
}

async fn deliver(url: &Url, outbound: &Outbound, clock: &Clock, secret: Option<&WebhookSecret>, data: &Value) {
    let body = data.to_string();
    let id = format!("msg_{}", ids::token());
    for wait in RETRIES.iter().map(Some).chain([None]) {
        let headers = headers(&id, clock.now_s(), secret, &body);
        match outbound.post(url, headers, body.clone()).await {
            Ok(true) => return,
            Ok(false) => tracing::info!(%url, "the callback was not taken"),
            Err(err) => tracing::info!(%url, err, "the callback did not arrive"),
        }
        if let Some(wait) = wait {
            tokio::time::sleep(*wait).await;
        }
    }
    tracing::warn!(%url, "the callback was given up after three tries");
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
