//! What the window does with storage of one's own, and with its keys. Each is one background job.

use std::path::PathBuf;
use std::sync::Arc;

use super::background::{Background, BackgroundEvent};
use crate::engine::shell::is_embedded;
use crate::engine::{Journaling, KnownFile, Storage, find_storage_keys};
use crate::model::{BucketPlace, ClipSource, StoragePlace, VoiceSource};
use crate::secrets::{KeyStore, StoredKey, storage_account};

impl Background {
    /// Looks for the keys of a bucket, in the keychain where there is one.
    pub fn seek_storage_keys(&self, store: Option<Arc<dyn KeyStore>>, place: BucketPlace, file: PathBuf) {
        self.spawn("Looking for the keys of the storage", move || {
            let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
            let found = find_storage_keys(&place, store.as_deref(), variable, &file);
            BackgroundEvent::StorageKeysSought(StoragePlace::Bucket(place), found)
        });
    }

    /// Keeps the keys of a bucket in the keychain.
    pub fn keep_storage_keys(&self, store: Arc<dyn KeyStore>, place: &BucketPlace, keys: StoredKey) {
        let account = storage_account(place);
        self.spawn("Keeping the keys", move || BackgroundEvent::StorageKeysKept(store.keep(&account, &keys)));
    }

    /// Forgets the keys of a bucket in the keychain.
    pub fn forget_storage_keys(&self, store: Arc<dyn KeyStore>, place: &BucketPlace) {
        let account = storage_account(place);
        self.spawn("Forgetting the keys", move || BackgroundEvent::StorageKeysForgotten(store.forget(&account)));
    }

    /// Deletes what was put into storage of one's own, where that is wanted.
    pub fn tidy_storage(&self, storage: Storage) {
        self.receive(async move { BackgroundEvent::StorageTidied(storage.tidy().await) });
    }

    /// Tries storage of one's own out.
    pub fn check_storage(&self, storage: Storage) {
        self.receive(async move { BackgroundEvent::StorageChecked(storage.check().await.map(drop)) });
    }

    /// Reads what lies in the storage. What unfinished tasks of the journal were made from may still be fetched there; `files`: further ones.
    pub fn read_stored(&self, storage: Storage, journal: Journaling, files: Vec<KnownFile>) {
        self.receive(async move {
            let of_tasks = tokio::task::spawn_blocking(move || needed_files(&journal)).await.unwrap_or_default();
            BackgroundEvent::StoredRead(storage.contents(of_tasks.into_iter().chain(files).collect()).await)
        });
    }

    /// Deletes an object from the storage.
    pub fn delete_stored(&self, storage: Storage, key: String) {
        self.receive(async move {
            let deleted = storage.delete(&key).await;
            BackgroundEvent::StoredDeleted(key, deleted)
        });
    }
}

/// The files from which the unfinished tasks of the journal were made, but those of a sandbox, which fetches nothing. What cannot be read is not known.
fn needed_files(journal: &Journaling) -> Vec<KnownFile> {
    let Journaling::On(access) = journal else { return Vec::new() };
    let unfinished = access.journal().and_then(|journal| Ok(journal.unfinished()?)).unwrap_or_else(|problem| {
        tracing::warn!(%problem, "which tasks are unfinished is not known");
        Vec::new()
    });
    let remote = unfinished.into_iter().filter(|intent| !is_embedded(&intent.service));
    let files = remote.flat_map(|intent| {
        let clip: Option<ClipSource> = serde_json::from_value(intent.clip.document).ok().flatten();
        let voice: Option<VoiceSource> = serde_json::from_value(intent.voice.document).ok().flatten();
        let clip = clip.and_then(|clip| if let ClipSource::File(path) = clip { Some(path) } else { None });
        let voice = voice.and_then(|voice| if let VoiceSource::File(path) = voice { Some(path) } else { None });
        clip.into_iter().chain(voice)
    });
    files.map(|path| KnownFile { path, is_needed: true }).collect()
}
