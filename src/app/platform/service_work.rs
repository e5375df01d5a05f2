//! What the window asks a service beside the workflow, and its keys. Each is one background job.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use super::background::{Background, BackgroundEvent};
use crate::engine::{AccountReport, EnvironmentKey, find_key};
use crate::model::{Problem, Profile, ServiceCheck, Spoken};
use crate::secrets::{KeyStore, StoredKey, account};

impl Background {
    /// Receives the outcome of a check of the service.
    pub fn check(&self, check: impl Future<Output = Result<ServiceCheck, Problem>> + Send + 'static) {
        self.receive(async move { BackgroundEvent::Checked(check.await) });
    }

    /// Receives the outcome of closing an unclear create.
    pub fn close_task(&self, closed: impl Future<Output = Result<(), Problem>> + Send + 'static) {
        self.receive(async move { BackgroundEvent::TaskClosed(closed.await) });
    }

    /// Receives what the service of this name spoke.
    pub fn speak(&self, name: String, spoken: impl Future<Output = Result<Spoken, Problem>> + Send + 'static) {
        self.receive(async move { BackgroundEvent::Spoken(name, spoken.await) });
    }

    /// Receives the sound of the spoken text with this id.
    pub fn fetch_speech(
        &self,
        audio_id: String,
        fetched: impl Future<Output = Result<PathBuf, Problem>> + Send + 'static,
    ) {
        self.receive(async move { BackgroundEvent::SpeechFetched(audio_id, fetched.await) });
    }

    /// Receives the account of the service of this name.
    pub fn ask_account(
        &self,
        name: String,
        asked: impl Future<Output = Result<AccountReport, Problem>> + Send + 'static,
    ) {
        self.receive(async move { BackgroundEvent::Account(name, asked.await) });
    }

    /// Looks for the key of a service in keychain, environment and this file.
    pub fn seek_key(
        &self,
        store: Arc<dyn KeyStore>,
        profile: Profile,
        environment: Option<Result<EnvironmentKey, Problem>>,
        file: PathBuf,
    ) {
        self.spawn("Looking for the key", move || {
            BackgroundEvent::KeySought(account(&profile), find_key(&profile, &*store, environment, &file))
        });
    }

    /// Keeps the key of a service in the keychain.
    pub fn keep_key(&self, store: Arc<dyn KeyStore>, profile: Profile, key: StoredKey) {
        self.spawn("Keeping the key", move || {
            let kept = store.keep(&account(&profile), &key);
            BackgroundEvent::KeyKept(profile.name, kept)
        });
    }

    /// Forgets the key of a service in the keychain.
    pub fn forget_key(&self, store: Arc<dyn KeyStore>, profile: Profile) {
        self.spawn("Forgetting the key", move || {
            let forgotten = store.forget(&account(&profile));
            BackgroundEvent::KeyForgotten(profile.name, forgotten)
        });
    }
}
