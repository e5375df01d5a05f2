//! Keys and signed tokens. A secret never leaves this file but in the `Authorization` header, and to the redactor.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::clock::Clock;
use super::{token, words};
use crate::files;
use crate::model::{Problem, ProblemKind};
use crate::secrets;

/// A key, or an access key with the secret that signs tokens. Cheap to clone; clones share the current token.
#[derive(Clone)]
pub struct Credentials {
    kind: Arc<Kind>,
    clock: Clock,
    /// The services that were asked whether they take it.
    checked: Arc<Mutex<BTreeSet<String>>>,
}

enum Kind {
    Key(SecretString),
    Signed { access_key: SecretString, secret_key: SecretString, current: Mutex<Issued> },
}

/// The token in use.
#[derive(Default)]
struct Issued {
    token: Option<SecretString>,
    made_at_s: i64,
}

impl Credentials {
    /// `Authorization: Bearer KEY`.
    ///
    /// # Errors
    /// [`ProblemKind::Usage`]: an empty key, or one with white space or other characters that no key has. The key is not in the message.
    pub fn key(key: impl Into<String>) -> Result<Self, Problem> {
        let key = checked("key", key.into())?;
        Ok(Self { kind: Arc::new(Kind::Key(key)), clock: Clock::system(), checked: Arc::default() })
    }

    /// A token signed with these, valid for 30 minutes and renewed in time.
    ///
    /// # Errors
    /// As with [`Credentials::key`].
    pub fn signed(access_key: impl Into<String>, secret_key: impl Into<String>) -> Result<Self, Problem> {
        let access_key = checked("access key", access_key.into())?;
        let secret_key = checked("secret key", secret_key.into())?;
        let kind = Kind::Signed { access_key, secret_key, current: Mutex::default() };
        Ok(Self { kind: Arc::new(kind), clock: Clock::system(), checked: Arc::default() })
    }

    /// The same with this clock, for tests.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Tells accounts apart, by two bytes of a checksum: another account has another mark, nearly always, and no key can be told from it.
    #[must_use]
    pub fn account_mark(&self) -> String {
        let name = match &*self.kind {
            Kind::Key(key) => key.expose_secret(),
            Kind::Signed { access_key, .. } => access_key.expose_secret(),
        };
        let sum = Sha256::new().chain_update("viseme account\0").chain_update(name).finalize();
        files::hex(&sum[..2])
    }

    /// Whether a fresh token can be signed when a service rejects the current one as not yet valid or expired (1003, 1004).
    #[must_use]
    pub fn can_sign_again(&self) -> bool {
        matches!(*self.kind, Kind::Signed { .. })
    }

    /// Whether the service at this address was not asked yet whether it takes this key; from now on it was.
    pub(super) fn is_first_check(&self, base_url: &str) -> bool {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner).insert(base_url.to_owned())
    }

    /// Makes the next request use a fresh token.
    pub(super) fn forget_token(&self) {
        if let Kind::Signed { current, .. } = &*self.kind {
            let mut issued = current.lock().unwrap_or_else(PoisonError::into_inner);
            issued.made_at_s = i64::MIN;
        }
    }

    /// The `Authorization` header, marked as sensitive.
    pub(super) fn header(&self) -> Result<HeaderValue, Problem> {
        let written = match &*self.kind {
            Kind::Key(key) => format!("Bearer {}", key.expose_secret()),
            Kind::Signed { access_key, secret_key, current } => {
                let now_s = self.clock.now_ms().div_euclid(1000);
                let mut issued = current.lock().unwrap_or_else(PoisonError::into_inner);
                // A clock that was set back makes a token from the future: that is stale, too.
                let age_s = now_s.saturating_sub(issued.made_at_s);
                let is_fresh = (0..token::LIFE_S - token::RENEW_S).contains(&age_s);
                if issued.token.is_none() || !is_fresh {
                    let fresh = token::sign(access_key.expose_secret(), secret_key.expose_secret(), now_s);
                    secrets::guard_token(&fresh);
                    issued.token = Some(fresh.into());
                    issued.made_at_s = now_s;
                }
                let token = issued.token.as_ref().map(SecretString::expose_secret).unwrap_or_default();
                format!("Bearer {token}")
            }
        };
        let mut header =
            HeaderValue::try_from(written).map_err(|_| Problem::new(ProblemKind::Usage, words::key_not_in_header()))?;
        header.set_sensitive(true);
        Ok(header)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self.kind {
            Kind::Key(_) => "Credentials(key)",
            Kind::Signed { .. } => "Credentials(signed)",
        })
    }
}

/// A secret of visible ASCII and of a length that can be told from an ordinary word; the redactor knows it from now on. What is wrong
/// with it is reported without showing it.
pub(super) fn checked(what: &str, secret: String) -> Result<SecretString, Problem> {
    let wrong = if secret.trim().is_empty() {
        Some(words::key_empty(what))
    } else if secret.trim_start().get(..7).is_some_and(|word| word.eq_ignore_ascii_case("bearer ")) {
        Some(words::key_with_bearer(what))
    } else if secret.ends_with(['\n', '\r']) {
        Some(words::key_with_line_break(what))
    } else if let Some(at) = secret.chars().position(char::is_whitespace) {
        Some(words::key_with_space(what, at + 1))
    } else {
        let at = secret.chars().position(|letter| !letter.is_ascii_graphic());
        let is_short = secret.len() < secrets::LEAST_CHARS;
        let too_short = is_short.then(|| words::key_too_short(what, secret.len(), secrets::LEAST_CHARS));
        at.map(|at| words::key_with_character(what, at + 1)).or(too_short)
    };
    if let Some(wrong) = wrong {
        return Err(Problem::new(ProblemKind::Usage, wrong).with_hint(words::key_hint()));
    }
    secrets::guard(&secret);
    Ok(secret.into())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    const KEY: &str = "sk-very-secret-0123";

    #[test]
    fn a_key_with_something_around_it_is_named_without_being_shown() {
        let cases = [
            ("", "empty"),
            (" ", "empty"),
            ("sk-very-secret-0123\n", "line break"),
            (" sk-very-secret-0123", "character 1"),
            ("sk-very secret", "character 8"),
            ("Bearer sk-very-secret-0123", "Bearer"),
            ("sk-very-secret-ü", "character 16"),
            ("secret7", "has 7 characters"),
        ];
        for (key, words) in cases {
            let problem = Credentials::key(key).unwrap_err();
            assert_eq!(problem.kind, ProblemKind::Usage);
            assert!(problem.message.contains(words), "{}", problem.message);
            assert!(!problem.message.contains("secret"), "{}", problem.message);
        }
        assert!(Credentials::signed("access-1", "sk\n").unwrap_err().message.contains("secret key"));
    }

    #[test]
    fn secrets_do_not_show() {
        let of_key = Credentials::key(KEY).unwrap();
        assert_eq!(format!("{of_key:?}"), "Credentials(key)");
        assert!(!format!("{:?}", of_key.header().unwrap()).contains(KEY));
        assert_eq!(secrets::redacted(&format!("bad key {KEY}!")), "bad key •••!");
        let signed = Credentials::signed("access-1", "secret-1").unwrap();
        let header = signed.header().unwrap().to_str().unwrap().to_owned();
        let token = header.strip_prefix("Bearer ").unwrap();
        assert_eq!(secrets::redacted(&format!("{token} access-1 secret-1")), "••• ••• •••");
    }

    #[test]
    fn a_token_is_kept_and_renewed_five_minutes_before_its_end() {
        let now_ms = Arc::new(AtomicI64::new(1_700_000_000_000));
        let clock = {
            let now_ms = now_ms.clone();
            Clock::of(move || now_ms.load(Ordering::SeqCst))
        };
        let signed = Credentials::signed("access-2", "secret-2").unwrap().with_clock(clock);
        let first = signed.header().unwrap();
        now_ms.fetch_add(1_499_000, Ordering::SeqCst);
        assert_eq!(signed.header().unwrap(), first);
        now_ms.fetch_add(1_000, Ordering::SeqCst);
        let second = signed.header().unwrap();
        assert_ne!(second, first);
        now_ms.fetch_sub(60_000, Ordering::SeqCst);
        let third = signed.header().unwrap();
        assert_ne!(third, second, "the clock was set back");
        now_ms.fetch_add(1_000, Ordering::SeqCst);
        signed.forget_token();
        assert_ne!(signed.header().unwrap(), third);
    }
}
