//! A key as it is kept between two runs, and under which name.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::KeychainError;
use crate::model::{BucketPlace, Profile};

/// A key as it was entered.
#[derive(Clone)]
pub enum StoredKey {
    /// An API key.
    Key(SecretString),
    /// An access key, and the secret key that signs tokens.
    Pair(SecretString, SecretString),
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key(_) => "StoredKey(key)",
            Self::Pair(..) => "StoredKey(pair)",
        })
    }
}

impl StoredKey {
    pub(super) fn document(&self) -> Value {
        match self {
            Self::Key(key) => json!({"key": key.expose_secret()}),
            Self::Pair(access_key, secret_key) => {
                json!({"access_key": access_key.expose_secret(), "secret_key": secret_key.expose_secret()})
            }
        }
    }

    pub(super) fn of_document(document: &Value) -> Option<Self> {
        let text = |name: &str| document.get(name)?.as_str().map(|text| SecretString::from(text.to_owned()));
        text("key").map(Self::Key).or_else(|| Some(Self::Pair(text("access_key")?, text("secret_key")?)))
    }
}

/// A place in which keys are kept. Its calls block: not for the thread that draws.
pub trait KeyStore: fmt::Debug + Send + Sync {
    /// The key kept under this name.
    ///
    /// # Errors
    /// The place cannot be used.
    fn read(&self, account: &str) -> Result<Option<StoredKey>, KeychainError>;
    /// Keeps a key under this name, in place of the one before.
    ///
    /// # Errors
    /// As with [`KeyStore::read`].
    fn keep(&self, account: &str, key: &StoredKey) -> Result<(), KeychainError>;
    /// Forgets the key kept under this name; answers whether there was one.
    ///
    /// # Errors
    /// As with [`KeyStore::read`].
    fn forget(&self, account: &str) -> Result<bool, KeychainError>;
}

/// Under which name a service's key is kept: its own and its origin's. A key that was entered for one origin is never found for another.
#[must_use]
pub fn account(profile: &Profile) -> String {
    let base_url = profile.base_url.trim();
    let origin = url::Url::parse(base_url).map(|url| url.origin().ascii_serialization());
    format!("{} at {}", profile.name, origin.as_deref().unwrap_or(base_url))
}

/// Under which name the keys of a bucket are kept: its own and its origin's.
#[must_use]
pub fn storage_account(place: &BucketPlace) -> String {
    let endpoint = place.endpoint.trim();
    let origin = url::Url::parse(endpoint).map(|url| url.origin().ascii_serialization());
    format!("storage {} at {}", place.bucket, origin.as_deref().unwrap_or(endpoint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_and_belongs_to_one_origin() {
        for document in [json!({"key": "k-0123456"}), json!({"access_key": "a-0123456", "secret_key": "s-0123456"})] {
            let key = StoredKey::of_document(&document).unwrap();
            assert_eq!(key.document(), document);
            assert!(!format!("{key:?}").contains("0123456"));
        }
        assert!(StoredKey::of_document(&json!({"access_key": "a"})).is_none());
        let mut profile = Profile::built_in().swap_remove(1);
        let first = account(&profile);
        profile.path_prefix = "/other".into();
        assert_eq!(account(&profile), first);
        for other in ["http://api.ezmodel.cloud", "https://api.ezmodel.cloud:8443", "https://evil.example"] {
            profile.base_url = other.into();
            assert_ne!(account(&profile), first, "{other}");
        }
    }
}
