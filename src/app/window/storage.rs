//! Storage of one's own in the window: its keys are looked for in the background, and the connection to a real service is made with it.

use super::Window;
use crate::app::state::settings::{StorageCheck, StorageForm, StorageState};
use crate::app::state::shell::Note;
use crate::app::state::stored;
use crate::engine::{FoundStorageKeys, Storage, StorageKeySearch};
use crate::model::{Problem, ProblemKind, StoragePlace};
use crate::secrets::{KeychainError, StoredKey};
use crate::workflow::{Done, Outcome, Stage};

/// The storage that is set up, and what was found of it.
#[derive(Default)]
pub struct StorageKeeper {
    /// What the settings had when its keys were looked for last.
    sought: Option<StoragePlace>,
    /// It, with its keys.
    pub ready: Option<Storage>,
    /// The last task after which it was tidied.
    tidied_after: Option<String>,
}

impl Window {
    /// Gets ready what the settings have, where that is something else than before.
    pub(super) fn follow_storage(&mut self) {
        let place = &self.shell.settings.values.storage;
        if *place == self.storage.sought {
            return;
        }
        self.storage.sought.clone_from(place);
        self.storage.ready = None;
        self.shell.settings.storage_known = StorageState::None;
        self.shell.settings.storage_check = StorageCheck::None;
        match self.storage.sought.clone() {
            None => self.use_storage(None),
            Some(StoragePlace::Command(command)) => self.use_storage(Some(Storage::command(command))),
            Some(StoragePlace::Bucket(place)) => {
                let (store, file) = self.kept_keys.places();
                self.background.seek_storage_keys(store, place, file);
            }
        }
    }

    /// Deletes what was put there, where that is wanted: once a task has succeeded, and nothing else that may need it is under way.
    pub(super) fn tidy_storage(&mut self) {
        let Stage::Done(Done { task, outcome: Outcome::Succeeded, .. }) = &self.engine.flow().stage else { return };
        let is_alone = self.engine.queue().is_none_or(|queue| queue.unfinished() == 0);
        if !is_alone || self.storage.tidied_after.as_ref() == Some(&task.task_id) {
            return;
        }
        self.storage.tidied_after = Some(task.task_id.clone());
        if let Some(storage) = self.storage.ready.clone() {
            self.background.tidy_storage(storage);
        }
    }

    /// The keys of a bucket were looked for.
    pub(super) fn take_storage_keys(&mut self, of: StoragePlace, found: Result<StorageKeySearch, Problem>) {
        if self.storage.sought.as_ref() != Some(&of) || self.storage.ready.is_some() {
            return;
        }
        let StoragePlace::Bucket(place) = of else { return };
        let storage = found.and_then(|search| match search.found {
            Some(FoundStorageKeys { keys, .. }) => Storage::bucket(place, &keys),
            None => Err(Problem::new(ProblemKind::Usage, format!("There are no keys for {}", place.name())).with_hint(
                "Enter its access key and secret key in the settings, or keep them with viseme storage set",
            )),
        });
        self.use_storage(Some(storage));
    }

    fn use_storage(&mut self, storage: Option<Result<Storage, Problem>>) {
        // What lies in another storage is not known.
        self.shell.stored = stored::State::default();
        let state = match &storage {
            None => StorageState::None,
            Some(Ok(storage)) => StorageState::Ready(storage.name()),
            Some(Err(problem)) => StorageState::Unusable(problem.clone()),
        };
        self.shell.settings.storage_known = state;
        self.storage.ready = storage.and_then(Result::ok);
        if !self.shell.is_embedded() {
            // The same connection, with it or without it.
            self.use_profile();
        }
    }

    /// Uses the bucket of the form from now on, and keeps its keys where there is a keychain.
    pub(super) fn save_storage(&mut self) {
        let Ok((place, keys)) = self.shell.settings.storage_form.checked() else { return };
        let storage = StoragePlace::Bucket(place.clone());
        self.shell.settings.values.storage = Some(storage.clone());
        self.shell.settings.storage_form = StorageForm { place: place.clone(), ..StorageForm::default() };
        let Some(keys) = keys else {
            // Those that are kept, looked for anew.
            self.storage.sought = None;
            return;
        };
        self.storage.sought = Some(storage);
        self.shell.settings.storage_check = StorageCheck::None;
        if let StoredKey::Pair(access_key, secret_key) = &keys {
            let storage = Storage::bucket(place.clone(), &(access_key.clone(), secret_key.clone()));
            self.use_storage(Some(storage));
        }
        if let (Some(store), _) = self.kept_keys.places() {
            self.background.keep_storage_keys(store, &place, keys);
        }
    }

    /// The keys of the storage were kept, or not.
    pub(super) fn take_kept_storage_keys(&mut self, kept: Result<(), KeychainError>) {
        self.shell.note = Some(match kept {
            Ok(()) => Note::Good("The keys of the storage are kept in the keychain".into()),
            Err(why) => Note::Bad(format!(
                "The keys of the storage are in use and not kept: {why}. viseme storage set --file --yes keeps them in a file that you alone may read"
            )),
        });
    }

    /// Forgets the storage and its keys.
    pub(super) fn forget_storage(&mut self) {
        let Some(was) = self.shell.settings.values.storage.take() else { return };
        if let (StoragePlace::Bucket(place), (Some(store), _)) = (was, self.kept_keys.places()) {
            self.background.forget_storage_keys(store, &place);
        }
        self.shell.settings.storage_form = StorageForm::default();
    }

    /// Tries the storage out.
    pub(super) fn check_storage(&mut self) {
        if let Some(storage) = self.storage.ready.clone() {
            self.shell.settings.storage_check = StorageCheck::Running;
            self.background.check_storage(storage);
        }
    }

    /// The storage was tried out.
    pub(super) fn take_storage_check(&mut self, checked: Result<(), Problem>) {
        if matches!(self.shell.settings.storage_check, StorageCheck::Running) {
            self.shell.settings.storage_check = checked.map_or_else(StorageCheck::Bad, |()| StorageCheck::Good);
        }
    }
}
