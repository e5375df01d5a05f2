//! What still lies in the bucket of what was put there.

use rusty_s3::actions::ListObjectsV2;

use super::Storage;
use crate::model::{Problem, inert};
use crate::service::{fault, words};

/// How many pages of a list are read at most, of 1000 objects each.
const MOST_PAGES: usize = 100;

/// An object that this program has put there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// Its key.
    pub key: String,
    /// Its size in bytes, where the storage says so.
    pub size_bytes: Option<u64>,
    /// When it was put there, in milliseconds since the epoch, likewise.
    pub put_ms: Option<i64>,
}

impl Storage {
    /// The objects under the prefix whose keys are ours, whichever machine has put them there.
    ///
    /// # Errors
    /// The storage refuses, does not answer, or its list cannot be read.
    pub async fn list(&self) -> Result<Vec<StoredObject>, Problem> {
        let mut found = Vec::new();
        let mut token: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let sent = self
                .tried(|| async {
                    let mut action = ListObjectsV2::new(&self.inner.bucket, Some(&self.inner.keys));
                    action.with_prefix(self.place().prefix.as_str());
                    if let Some(token) = &token {
                        action.with_continuation_token(token.as_str());
                    }
                    let url = self.own(&action);
                    self.exchange("list", reqwest::Method::GET, url, None).await
                })
                .await?;
            if sent.http_status != 200 {
                return Err(self.refused(&sent));
            }
            let text = String::from_utf8_lossy(&sent.body);
            let page = ListObjectsV2::parse_response(&text).map_err(|err| {
                let why = inert(&err.to_string()).into_owned();
                fault::unreadable(sent.http_status, words::storage_list_unreadable(self.place().name(), why))
            })?;
            let ours = page.contents.into_iter().filter(|object| self.place().is_ours(&object.key));
            found.extend(ours.map(|object| StoredObject {
                put_ms: object.last_modified.as_deref().and_then(time_ms),
                size_bytes: object.size,
                key: object.key,
            }));
            token = page.next_continuation_token;
            if token.is_none() {
                break;
            }
        }
        Ok(found)
    }
}

fn time_ms(text: &str) -> Option<i64> {
    text.trim().parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}
