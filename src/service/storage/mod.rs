//! Storage of one's own that speaks S3: a file is put into a bucket, and a signed address given to the service. `rusty-s3` signs; here the requests are
//! sent, limited and recorded, as everything that goes out.

mod exchange;
mod list;
mod refusal;

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rusty_s3::actions::{DeleteObject, GetObject, HeadObject, PutObject};
use rusty_s3::{Bucket, Credentials as Keys, S3Action, UrlStyle};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use url::Url;

use self::exchange::Sent;
use super::clock::Clock;
use super::credentials::checked;
use super::fetch::{Content, Fetcher, hex};
use super::limits::Limits;
use super::outgoing::{self, Outgoing};
use super::recorder::Recorder;
use super::transport::Route;
use super::{schedule, words};
use crate::model::{BucketPlace, Problem, ProblemKind, Progress, StoredFile};

pub use self::list::StoredObject;

/// How long our own requests are signed for, in seconds: the longest upload, and a clock that is a little wrong.
const OWN_S: u64 = 3_600;
/// How far our clock may be off before the storage's is taken, in milliseconds. S3 refuses from 15 minutes on.
const OFF_MS: i64 = 60_000;
/// How often a request to the storage is tried that failed for a while only.
const TRIES: u32 = 3;

/// A bucket, with the keys that sign for it. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Storage {
    inner: Arc<Inner>,
    recorder: Recorder,
    limits: Limits,
    clock: Clock,
}

struct Inner {
    place: BucketPlace,
    bucket: Bucket,
    keys: Keys,
    host: String,
    route: Route,
    /// How far our clock is ahead of the storage's, in milliseconds, by its last answer.
    ahead_ms: AtomicI64,
    reading: OnceLock<reqwest::Client>,
    writing: OnceLock<reqwest::Client>,
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Storage").field("place", &self.inner.place).finish_non_exhaustive()
    }
}

impl Storage {
    /// A bucket and its keys, which the redactor knows from now on. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ProblemKind::Usage`]: a part of the place or a key cannot be used. No key is in the message.
    pub fn new(place: BucketPlace, access_key: &SecretString, secret_key: &SecretString) -> Result<Self, Problem> {
        let endpoint = place.check()?;
        let access_key = checked(&words::part_access_key(), access_key.expose_secret().to_owned())?;
        let secret_key = checked(&words::part_secret_key(), secret_key.expose_secret().to_owned())?;
        let keys = Keys::new(access_key.expose_secret(), secret_key.expose_secret());
        let route = Route::to(&endpoint);
        if !route.tls && !route.loopback {
            tracing::warn!("{} is reached without TLS: anybody in between can read what is put there", place.name());
        }
        let style = if place.is_path_style() { UrlStyle::Path } else { UrlStyle::VirtualHost };
        let bucket = Bucket::new(endpoint, style, place.bucket.clone(), place.region.clone())
            .map_err(|_| Problem::new(ProblemKind::Usage, words::bucket_without_host(&place.bucket)))?;
        let host = bucket.base_url().host_str().unwrap_or_default().to_owned();
        let (reading, writing) = (OnceLock::new(), OnceLock::new());
        let inner = Inner { place, bucket, keys, host, route, ahead_ms: AtomicI64::new(0), reading, writing };
        let (recorder, limits, clock) = (Recorder::default(), Limits::default(), Clock::system());
        Ok(Self { inner: Arc::new(inner), recorder, limits, clock })
    }

    /// The same, with its exchanges recorded there.
    #[must_use]
    pub fn recorded_by(self, recorder: Recorder) -> Self {
        Self { recorder, ..self }
    }

    /// The same with these limits and this clock, for tests.
    #[must_use]
    pub fn with_limits(self, limits: Limits, clock: Clock) -> Self {
        Self { limits, clock, ..self }
    }

    /// Where it is.
    #[must_use]
    pub fn place(&self) -> &BucketPlace {
        &self.inner.place
    }

    /// Puts a file into the bucket, unless its content is there, and returns an address from which `fetcher` has fetched its beginning as a service
    /// would. Dropping the future stops the upload: an object appears whole or not at all.
    ///
    /// # Errors
    /// The file cannot be read or changes meanwhile; the storage refuses or does not answer; or the address does not serve the file.
    pub async fn put(
        &self,
        path: &Path,
        fetcher: &Fetcher,
        on_progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Result<(StoredFile, String), Problem> {
        let content = Content::of_file(path).await?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let key = self.place().key_of(&content.sha256, &name);
        let was_there = self.has(&key, content.size_bytes).await?;
        if !was_there {
            self.upload(path, &key, &content, Arc::new(on_progress)).await?;
        }
        let (address, until_ms) = self.address(&key);
        fetcher.check_serves(&address, &content).await?;
        Ok((StoredFile { address, until_ms: Some(until_ms), was_there }, key))
    }

    /// A signed address of an object, and until when it holds, in milliseconds since the epoch by our clock.
    #[must_use]
    pub fn address(&self, key: &str) -> (String, i64) {
        let hold = Duration::from_secs(u64::from(self.place().hours) * 3_600);
        let url = self.signed(&GetObject::new(&self.inner.bucket, Some(&self.inner.keys), key), hold);
        let hold_ms = i64::try_from(hold.as_millis()).unwrap_or(i64::MAX);
        (url.into(), self.clock.now_ms().saturating_add(hold_ms))
    }

    /// Deletes an object; one that is gone already is as good as deleted.
    ///
    /// # Errors
    /// [`ProblemKind::Usage`]: the key is none of ours. Else the storage refuses or does not answer.
    pub async fn delete(&self, key: &str) -> Result<(), Problem> {
        if !self.place().is_ours(key) {
            return Err(Problem::new(ProblemKind::Usage, words::not_our_object(key)));
        }
        let sent = self
            .tried(|| async {
                let url = self.own(&DeleteObject::new(&self.inner.bucket, Some(&self.inner.keys), key));
                self.exchange("delete", reqwest::Method::DELETE, url, None).await
            })
            .await?;
        if matches!(sent.http_status, 200..=299 | 404) && !sent.says("NoSuchBucket") {
            return Ok(());
        }
        Err(self.refused(&sent))
    }

    /// Whether the bucket has this object, in this size.
    async fn has(&self, key: &str, size_bytes: u64) -> Result<bool, Problem> {
        let sent = self
            .tried(|| async {
                let url = self.own(&HeadObject::new(&self.inner.bucket, Some(&self.inner.keys), key));
                self.exchange("look", reqwest::Method::HEAD, url, None).await
            })
            .await?;
        // Any other status has no reason with it, for a HEAD has no body: the upload is told why.
        Ok(sent.http_status == 200 && sent.length == Some(size_bytes))
    }

    async fn upload(
        &self,
        path: &Path,
        key: &str,
        content: &Content,
        on_progress: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<(), Problem> {
        let seen = Arc::new(Mutex::new(Sha256::new()));
        let sent = self
            .tried(|| {
                *lock(&seen) = Sha256::new();
                let (hashed, told, total) = (Arc::clone(&seen), Arc::clone(&on_progress), content.size_bytes);
                let mut sent_bytes = 0;
                let watch = Box::new(move |piece: &[u8]| {
                    lock(&hashed).update(piece);
                    sent_bytes += piece.len() as u64;
                    told(Progress { received_bytes: sent_bytes, total_bytes: Some(total) });
                });
                async move {
                    let outgoing: Outgoing = outgoing::watched_file(path, watch).await?;
                    let url = self.own(&PutObject::new(&self.inner.bucket, Some(&self.inner.keys), key));
                    self.exchange("store", reqwest::Method::PUT, url, Some((path, outgoing))).await
                }
            })
            .await?;
        if !(200..300).contains(&sent.http_status) {
            return Err(self.refused(&sent));
        }
        let stored = hex(&lock(&seen).clone().finalize());
        if stored != content.sha256 {
            // Under its key is another content now.
            if let Err(problem) = self.delete(key).await {
                tracing::warn!("{problem}");
            }
            let why = words::part_changed();
            return Err(Problem::new(ProblemKind::File, words::file_not_sent(path.display(), why))
                .with_hint(words::file_not_sent_hint()));
        }
        Ok(())
    }

    /// Sends a request again while it fails for a while only. What is put twice is the same, and what is deleted twice is gone.
    async fn tried<F>(&self, send: impl Fn() -> F + Send) -> Result<Sent, Problem>
    where
        F: Future<Output = Result<Sent, Problem>> + Send,
    {
        let seed = getrandom::u64().unwrap_or_default();
        for attempt in 1.. {
            let before_ms = self.inner.ahead_ms.load(Ordering::Relaxed);
            let sent = send().await;
            let is_last = attempt >= TRIES;
            match &sent {
                // It was signed by a clock that the storage does not share; from now on its own is taken.
                Ok(sent) if sent.http_status == 403 && self.clock_was_off(before_ms) && !is_last => continue,
                Ok(sent) if (sent.http_status == 429 || sent.http_status >= 500) && !is_last => {}
                Err(problem) if problem.transient && !is_last => {}
                _ => return sent,
            }
            let (first, most) = (self.limits.backoff_first_ms, self.limits.backoff_most_ms);
            self.clock.sleep(schedule::resend_ms(first, most, attempt - 1, seed)).await;
        }
        Err(Problem::new(ProblemKind::Internal, words::part_no_reason()))
    }

    fn clock_was_off(&self, before_ms: i64) -> bool {
        let now_ms = self.inner.ahead_ms.load(Ordering::Relaxed);
        now_ms.saturating_sub(before_ms).abs() > OFF_MS
    }

    /// A request of our own, signed for a while.
    fn own<'a>(&self, action: &impl S3Action<'a>) -> Url {
        self.signed(action, Duration::from_secs(OWN_S))
    }

    fn signed<'a>(&self, action: &impl S3Action<'a>, hold: Duration) -> Url {
        let ahead_ms = self.inner.ahead_ms.load(Ordering::Relaxed);
        let off_ms = if ahead_ms.abs() > OFF_MS { ahead_ms } else { 0 };
        let now =
            Timestamp::from_millisecond(self.clock.now_ms().saturating_sub(off_ms)).unwrap_or(Timestamp::UNIX_EPOCH);
        action.sign_with_time(hold, &now)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
