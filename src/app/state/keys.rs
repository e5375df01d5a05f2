//! Keys of services as they are entered: kept in memory, in the keychain where the person wants that, and never in a message or a log.

use std::collections::HashMap;
use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

use crate::engine::KeySource;
use crate::secrets::StoredKey;

/// A field of the credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPart {
    /// The API key.
    Key,
    /// The access key of a pair.
    AccessKey,
    /// The secret key of a pair.
    SecretKey,
}

/// The keys of one profile, as they are entered.
#[derive(Clone, Default)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts, each with a name of its own")]
pub struct Keys {
    key: SecretString,
    access_key: SecretString,
    secret_key: SecretString,
    /// Whether they are in use.
    pub in_use: bool,
    /// Whether they were edited since they were last used; merely focusing a field is no edit.
    pub edited: bool,
    /// Whether the service refused them (HTTP 401).
    pub refused: bool,
    /// Whether the service has accepted them: it has answered a request that was sent with them.
    pub accepted: bool,
    /// The last request that was recorded before they came into use.
    pub used_after: u64,
    /// Where the key in use was found, where it was not entered here.
    pub source: Option<KeySource>,
    /// Whether what is entered is to be kept in the keychain once it is used.
    pub remember: bool,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("in_use", &self.in_use).finish_non_exhaustive()
    }
}

impl Keys {
    /// The text of a field.
    #[must_use]
    pub fn text(&self, part: KeyPart) -> &str {
        match part {
            KeyPart::Key => self.key.expose_secret(),
            KeyPart::AccessKey => self.access_key.expose_secret(),
            KeyPart::SecretKey => self.secret_key.expose_secret(),
        }
    }

    /// Sets the text of a field.
    pub fn set(&mut self, part: KeyPart, text: SecretString) {
        match part {
            KeyPart::Key => self.key = text,
            KeyPart::AccessKey => self.access_key = text,
            KeyPart::SecretKey => self.secret_key = text,
        }
        self.in_use = false;
        self.edited = true;
        self.accepted = false;
        self.source = None;
    }

    /// Why they cannot be used yet; `None` where they can.
    #[must_use]
    pub fn obstacle(&self) -> Option<&'static str> {
        let has = |part| !self.text(part).trim().is_empty();
        match (has(KeyPart::Key), has(KeyPart::AccessKey), has(KeyPart::SecretKey)) {
            (true, _, _) | (false, true, true) => None,
            (false, true, false) => Some("The secret key is missing"),
            (false, false, true) => Some("The access key is missing"),
            (false, false, false) => Some("Enter a key, or a pair"),
        }
    }

    /// The credentials that were entered: the API key where there is one, else the pair.
    #[must_use]
    pub fn given(&self) -> Option<StoredKey> {
        if self.obstacle().is_some() {
            return None;
        }
        let key = self.text(KeyPart::Key).trim();
        Some(if key.is_empty() {
            let part = |part| SecretString::from(self.text(part).trim().to_owned());
            StoredKey::Pair(part(KeyPart::AccessKey), part(KeyPart::SecretKey))
        } else {
            StoredKey::Key(key.to_owned().into())
        })
    }
}

/// The keys of every profile, by name.
#[derive(Debug, Default)]
pub struct KeyRing {
    keys: HashMap<String, Keys>,
    none: Keys,
}

impl KeyRing {
    /// The keys of a profile.
    #[must_use]
    pub fn of(&self, profile: &str) -> &Keys {
        self.keys.get(profile).unwrap_or(&self.none)
    }

    /// The keys of a profile, for editing.
    pub fn of_mut(&mut self, profile: &str) -> &mut Keys {
        self.keys.entry(profile.to_owned()).or_default()
    }

    /// Moves the keys of a renamed profile to its new name, and drops any that were kept under that name.
    pub fn rename(&mut self, was: &str, name: &str) {
        match self.keys.remove(was) {
            Some(keys) => drop(self.keys.insert(name.to_owned(), keys)),
            None => drop(self.keys.remove(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_or_a_whole_pair_is_needed() {
        let mut keys = Keys::default();
        assert!(keys.given().is_none());
        keys.set(KeyPart::AccessKey, "ak".to_owned().into());
        assert_eq!(keys.obstacle(), Some("The secret key is missing"));
        keys.set(KeyPart::SecretKey, "sk".to_owned().into());
        assert!(matches!(keys.given(), Some(StoredKey::Pair(access, _)) if access.expose_secret() == "ak"));
        keys.set(KeyPart::Key, " k ".to_owned().into());
        assert!(matches!(keys.given(), Some(StoredKey::Key(key)) if key.expose_secret() == "k"));
    }

    #[test]
    fn no_key_is_in_a_debug_print() {
        let mut ring = KeyRing::default();
        ring.of_mut("kling").set(KeyPart::Key, "top-secret".to_owned().into());
        assert!(!format!("{ring:?} {:?}", ring.of("kling").given()).contains("top-secret"));
    }
}
