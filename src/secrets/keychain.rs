//! The platform's keychain: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.
//!
//! A store may ask the person to unlock it, or hang. It has [`PATIENCE`], on a thread of its own; then it counts as absent, and stays so
//! until it has answered.

use std::sync::{Condvar, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use keyring::{Entry, Error};

use super::{KeyStore, StoredKey};

/// How long a store may take before it counts as absent.
pub const PATIENCE: Duration = Duration::from_secs(3);
/// The environment variable that turns the keychain off, by `off`.
pub const VARIABLE: &str = "VISEME_KEYCHAIN";
/// What our entries are called, before the service and its origin.
const SERVICE: &str = "viseme";

/// Why the keychain cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// There is none, or it is turned off.
    #[error("there is no keychain here")]
    None,
    /// It is locked, asks the person something, or does not answer.
    #[error("the keychain is locked, or did not answer within 3 s")]
    Late,
    /// It refused, in its own words.
    #[error("the keychain refused: {0}")]
    Refused(String),
}

/// The keychain of this platform. Each call takes 3 s at most.
#[derive(Clone, Copy, Debug)]
pub struct Keychain;

impl KeyStore for Keychain {
    fn read(&self, account: &str) -> Result<Option<StoredKey>, KeychainError> {
        let account = account.to_owned();
        in_time(PATIENCE, move || match entry(&account)?.get_password() {
            Ok(text) => Ok(serde_json::from_str(&text).ok().as_ref().and_then(StoredKey::of_document)),
            Err(Error::NoEntry) => Ok(None),
            Err(err) => Err(refused(&err)),
        })
    }

    fn keep(&self, account: &str, key: &StoredKey) -> Result<(), KeychainError> {
        let (account, text) = (account.to_owned(), key.document().to_string());
        in_time(PATIENCE, move || entry(&account)?.set_password(&text).map_err(|err| refused(&err)))
    }

    fn forget(&self, account: &str) -> Result<bool, KeychainError> {
        let account = account.to_owned();
        in_time(PATIENCE, move || match entry(&account)?.delete_credential() {
            Ok(()) => Ok(true),
            Err(Error::NoEntry) => Ok(false),
            Err(err) => Err(refused(&err)),
        })
    }
}

fn entry(account: &str) -> Result<Entry, KeychainError> {
    Entry::new(SERVICE, account).map_err(|err| match err {
        Error::NoDefaultStore => KeychainError::None,
        err => refused(&err),
    })
}

/// What the store says; never with the bytes that some of its errors hold.
fn refused(err: &Error) -> KeychainError {
    match err {
        Error::BadEncoding(_) | Error::BadDataFormat(..) => {
            KeychainError::Refused("what is kept there is no key".to_owned())
        }
        Error::NoStorageAccess(_) => KeychainError::Late,
        err => KeychainError::Refused(err.to_string()),
    }
}

/// Since when the store has been at work on a question of ours; it gets one at a time.
static ASKED: Mutex<Option<Instant>> = Mutex::new(None);
static ANSWERED: Condvar = Condvar::new();

/// Ends the question that the store was asked, also where that panicked.
struct Asking;

impl Drop for Asking {
    fn drop(&mut self) {
        *ASKED.lock().unwrap_or_else(PoisonError::into_inner) = None;
        ANSWERED.notify_all();
    }
}

impl Asking {
    /// Waits for the question before this one, as long as that has time; `None`: the store is late with it.
    fn begin(patience: Duration) -> Option<Self> {
        let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(since) = *asked {
            let left = patience.checked_sub(since.elapsed()).filter(|left| !left.is_zero())?;
            asked = ANSWERED.wait_timeout(asked, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *asked = Some(Instant::now());
        Some(Self)
    }
}

fn in_time<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> Result<T, KeychainError> + Send + 'static,
) -> Result<T, KeychainError> {
    if std::env::var_os(VARIABLE).is_some_and(|value| value == "off") {
        return Err(KeychainError::None);
    }
    let asking = Asking::begin(patience).ok_or(KeychainError::Late)?;
    let (sender, receiver) = mpsc::channel();
    let started = thread::Builder::new().name("keychain".into()).spawn(move || {
        let answer = work();
        drop(asking);
        // The caller may have stopped waiting.
        let _ = sender.send(answer);
    });
    started.map_err(|_| KeychainError::None)?;
    receiver.recv_timeout(patience).unwrap_or_else(|err| {
        Err(match err {
            mpsc::RecvTimeoutError::Timeout => KeychainError::Late,
            mpsc::RecvTimeoutError::Disconnected => KeychainError::None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_asks_or_hangs_is_absent_until_it_has_answered_and_one_that_is_busy_is_waited_for() {
        let brief = Duration::from_millis(20);
        let (answer, asked) = mpsc::channel::<()>();
        let late = in_time(brief, move || {
            let _ = asked.recv();
            Ok(())
        });
        assert_eq!(late, Err(KeychainError::Late));
        assert_eq!(in_time(brief, || Ok(())), Err(KeychainError::Late), "it is not asked meanwhile");
        answer.send(()).unwrap();
        assert_eq!(in_time(PATIENCE, || Ok(7)), Ok(7));
        let busy = thread::spawn(move || {
            in_time(PATIENCE, move || {
                thread::sleep(brief);
                Ok(1)
            })
        });
        assert_eq!(in_time(PATIENCE, || Ok(2)), Ok(2));
        assert_eq!(busy.join().unwrap(), Ok(1));
        assert_eq!(in_time::<()>(PATIENCE, || panic!("no luck")), Err(KeychainError::None));
        assert_eq!(in_time(PATIENCE, || Ok(3)), Ok(3), "it is asked again after that");
    }
}
