//! The form of storage of one's own, and what is known of it.

use std::fmt;

use crate::engine::entered_storage_keys;
use crate::model::{BucketPlace, Problem, StoragePlace};
use crate::secrets::StoredKey;

/// What the fields of the storage page hold.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct StorageForm {
    /// The bucket; its parts are tidied when it is saved.
    pub place: BucketPlace,
    /// The access key as it is typed; empty: the kept ones stay.
    pub access_key: String,
    /// The secret key, likewise.
    pub secret_key: String,
}

impl fmt::Debug for StorageForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StorageForm").field("place", &self.place).finish_non_exhaustive()
    }
}

impl StorageForm {
    /// The form of what is set up; of a bucket that is none yet, the usual values.
    #[must_use]
    pub fn of(storage: Option<&StoragePlace>) -> Self {
        match storage {
            Some(StoragePlace::Bucket(place)) => Self { place: place.clone(), ..Self::default() },
            Some(StoragePlace::Command(_)) | None => Self::default(),
        }
    }

    /// The bucket and the keys that were typed; `None`: none were.
    ///
    /// # Errors
    /// What is wrong, without a key in it.
    pub fn checked(&self) -> Result<(BucketPlace, Option<StoredKey>), Problem> {
        let place = self.place.clone().tidied();
        place.check()?;
        if self.access_key.trim().is_empty() && self.secret_key.trim().is_empty() {
            return Ok((place, None));
        }
        let keys = entered_storage_keys(&format!("{}\n{}", self.access_key.trim(), self.secret_key.trim()))?;
        Ok((place, Some(keys)))
    }
}

/// What is known of the storage that is set up.
#[derive(Clone, Debug, Default)]
pub enum StorageState {
    /// None is set up, or its keys are being looked for.
    #[default]
    None,
    /// It can be used; what it is called.
    Ready(String),
    /// Why it cannot.
    Unusable(Problem),
}

/// What a check of the storage found.
#[derive(Clone, Debug, Default)]
pub enum StorageCheck {
    /// It was not asked for.
    #[default]
    None,
    /// It is in progress.
    Running,
    /// All went well.
    Good,
    /// What does not work.
    Bad(Problem),
}
