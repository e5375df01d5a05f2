//! Ids of sessions, tasks, results and requests, and keys and addresses that nobody can guess.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::files::hex;

/// Makes ids: HMAC-SHA256 of a counter, with a secret from the system's random numbers. Those are needed once, so that an id made
/// later cannot fail. Clones share the counter.
#[derive(Clone)]
pub struct Ids(Arc<Inner>);

struct Inner {
    secret: Hmac<Sha256>,
    made: AtomicU64,
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ids(masked)")
    }
}

impl Ids {
    /// Takes the secret from `random`, which fills a buffer with random bytes: [`getrandom::fill`].
    ///
    /// # Errors
    /// There are no random numbers.
    pub fn new(random: impl FnOnce(&mut [u8]) -> Result<(), getrandom::Error>) -> Result<Self, getrandom::Error> {
        let mut secret = [0; 64];
        random(&mut secret)?;
        Ok(Self(Arc::new(Inner { secret: Hmac::new(&secret.into()), made: AtomicU64::new(0) })))
    }

    fn random_bytes(&self) -> [u8; 16] {
        let count = self.0.made.fetch_add(1, Ordering::Relaxed);
        let code = self.0.secret.clone().chain_update(count.to_le_bytes()).finalize().into_bytes();
        std::array::from_fn(|at| code[at])
    }

    /// An 18-digit id, as the official service gives to sessions and tasks. A string, for it is larger than a double holds.
    pub fn number(&self) -> String {
        let random = u128::from_le_bytes(self.random_bytes());
        (100_000_000_000_000_000 + random % 900_000_000_000_000_000).to_string()
    }

    /// The id of a request, written as a UUID.
    pub fn request(&self) -> String {
        let hex = self.token();
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    /// 32 hexadecimal digits: keys, and addresses that need no key.
    pub fn token(&self) -> String {
        hex(&self.random_bytes())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_have_their_shape_and_do_not_repeat() {
        let ids = Ids::new(getrandom::fill).unwrap();
        let numbers: HashSet<String> = (0..1000).map(|_| ids.number()).collect();
        assert_eq!(numbers.len(), 1000);
        assert!(numbers.iter().all(|id| id.len() == 18 && id.bytes().all(|byte| byte.is_ascii_digit())));
        assert_eq!(ids.request().len(), 36);
        assert_eq!(ids.token().len(), 32);
    }

    #[test]
    fn another_secret_makes_other_ids() {
        let with = |byte: u8| {
            let secret = |secret: &mut [u8]| {
                secret.fill(byte);
                Ok(())
            };
            Ids::new(secret).unwrap().token()
        };
        assert_ne!(with(1), with(2));
    }
}
