//! Which service is in use: the sandbox once it runs, or a real service with its key.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::Window;
use crate::app::platform::host::Host;
use crate::app::state::inspector::LocalSandbox;
use crate::app::state::shell::{Note, SandboxState, shown_name};
use crate::app::words::shown_service;
use crate::engine::{FoundKey, KeySearch, KeySource, Setup, credentials_of};
use crate::model::{Package, Problem, ServiceCheck};
use crate::secrets::{KeyStore, KeychainError, account};
use crate::workflow::PersonEvent;

/// Keys that are kept on this machine, as far as they were looked for.
#[derive(Default)]
pub struct KeptKeys {
    store: Option<Arc<dyn KeyStore>>,
    file: PathBuf,
    /// By account; `None` while it is being looked for.
    sought: HashMap<String, Option<Result<KeySearch, Problem>>>,
}

impl KeptKeys {
    /// The keychain and the file in which keys are looked for.
    pub(super) fn places(&self) -> (Option<Arc<dyn KeyStore>>, PathBuf) {
        (self.store.clone(), self.file.clone())
    }

    /// None were looked for yet, neither in this keychain nor in this file.
    pub fn of(store: Option<Arc<dyn KeyStore>>, file: Option<PathBuf>) -> Self {
        Self { store, file: file.unwrap_or_default(), ..Self::default() }
    }
}

/// What is said where another process has the state of the sandbox.
const SANDBOX_IS_ALONE: &str = "Another viseme has the sandbox's faces and tasks. This window has a sandbox of its own, which ends with it: \
                                close the other and open this one again to go on with them";

impl Window {
    pub(super) fn connect_sandbox(&mut self) {
        if !matches!(self.shell.sandbox, SandboxState::Starting { .. }) {
            return;
        }
        match self.host.sandbox() {
            None => self.shell.sandbox = SandboxState::Starting { waits: self.host.waits() },
            Some(Err(why)) => self.shell.sandbox = SandboxState::Failed(why),
            Some(Ok(sandbox)) => {
                let base_url = sandbox.base_url().to_owned();
                let key = sandbox.key().clone();
                self.shell.inspector.set_sandbox(LocalSandbox { base_url: base_url.clone(), key });
                let keeps_state = sandbox.keeps_state();
                self.shell.sandbox = SandboxState::Ready { base_url, keeps_state };
                // Faces and tasks of before are those of the other one.
                if !keeps_state && self.data_folder().is_some() {
                    self.shell.note = Some(Note::Bad(SANDBOX_IS_ALONE.into()));
                }
                if self.shell.is_embedded() {
                    self.use_profile();
                }
            }
        }
    }

    /// Connects to the profile in use, where it has a key.
    pub(super) fn use_profile(&mut self) {
        let profile = self.shell.profile().clone();
        let embedded = self.shell.is_embedded();
        let mut source = None;
        let setup = if embedded {
            match self.host.sandbox() {
                Some(Ok(sandbox)) => Host::setup(&sandbox, &profile),
                _ => return,
            }
        } else {
            // What is only being typed is no key yet.
            if self.shell.keys().edited {
                return;
            }
            let credentials = match self.shell.keys().given() {
                Some(given) => credentials_of(&given),
                None => match self.found_key() {
                    None => return,
                    Some(Ok(key)) => {
                        source = Some(key.source);
                        Ok(key.credentials)
                    }
                    Some(Err(problem)) => {
                        self.shell.key_problem = Some(problem.message.clone());
                        self.shell.note = Some(Note::Bad(problem.message.clone()));
                        return;
                    }
                },
            };
            credentials.map(|credentials| Setup::new(profile, credentials)).map_err(|problem| problem.message)
        };
        // A sandbox with a state of its own knows nothing of what was left at another.
        let knows = !embedded || matches!(self.shell.sandbox, SandboxState::Ready { keeps_state: true, .. });
        let results = Some(self.shell.settings.downloads().to_owned());
        let budget = self.shell.settings.values.budgets.get(&self.shell.profile().name).copied();
        let storage = self.storage.ready.clone();
        let setup = setup.map(|setup| Setup { budget, results, storage, tells_before_paying: true, ..setup });
        let setup = setup.map(|setup| setup.with_journal(self.journal.clone()));
        let setup = setup.map(|setup| if knows { setup.with_leftovers() } else { setup });
        match setup.and_then(|setup| self.engine.connect(setup).map_err(|problem| problem.message)) {
            Ok(()) if embedded => self.resume_where_that_waits(),
            Ok(()) => {
                self.shell.key_problem = None;
                self.connect_later = false;
                self.resume_where_that_waits();
                let used_after = self.engine.recorder().recorded();
                let keys = self.shell.keys_mut();
                if keys.source != source || !keys.accepted {
                    (keys.accepted, keys.used_after) = (false, used_after);
                }
                (keys.in_use, keys.edited, keys.refused, keys.source) = (true, false, false, source);
                self.keep_key();
            }
            // Changes of the service apply as soon as no task of the previous connection is running.
            Err(_) if self.engine.flow().busy_with().is_some() || self.engine.flow().loses().is_some() => {
                self.connect_later = true;
                let name = shown_name(self.shell.profile());
                self.shell.note = Some(Note::Hint(format!("The changes of {name} apply once this task has ended")));
            }
            Err(why) if embedded => self.shell.sandbox = SandboxState::Failed(why),
            Err(why) => self.shell.key_problem = Some(why),
        }
    }

    /// The key of the service in use that was not entered here; `None` where there is none, or it is still being looked for.
    fn found_key(&mut self) -> Option<Result<FoundKey, Problem>> {
        let profile = self.shell.profile();
        let Some(store) = &self.kept_keys.store else {
            let of_environment = self.environment_key.clone()?;
            return Some(
                of_environment
                    .map(|key| FoundKey { credentials: key.credentials, source: KeySource::Environment(key.variable) }),
            );
        };
        let account = account(profile);
        if let Some(sought) = self.kept_keys.sought.get(&account) {
            return match sought.clone()? {
                Ok(search) => search.key.map(Ok),
                Err(problem) => Some(Err(problem)),
            };
        }
        let (store, file) = (Arc::clone(store), self.kept_keys.file.clone());
        self.background.seek_key(store, profile.clone(), self.environment_key.clone(), file);
        self.kept_keys.sought.insert(account, None);
        None
    }

    /// The key of a service was looked for.
    pub(super) fn take_found_key(&mut self, of: String, found: Result<KeySearch, Problem>) {
        let is_in_use = account(self.shell.profile()) == of && !self.shell.is_embedded() && !self.shell.has_key();
        if let (true, Ok(KeySearch { key, keychain: Some(why @ KeychainError::Late) })) = (is_in_use, &found) {
            let words = format!("No key is taken from the keychain: {why}");
            self.shell.note = Some(match key {
                Some(_) => Note::Good(words),
                None => Note::Bad(format!("{words}. Unlock it and choose the service again, or enter the key")),
            });
        }
        if matches!(found, Ok(KeySearch { key: None, .. })) {
            // It is looked for again when the service is chosen again: it may be kept by then.
            self.kept_keys.sought.remove(&of);
            return;
        }
        self.kept_keys.sought.insert(of, Some(found));
        if is_in_use {
            self.use_profile();
        }
    }

    /// Keeps the key that was just accepted, where the person wants that.
    fn keep_key(&mut self) {
        let profile = self.shell.profile().clone();
        let keys = self.shell.keys_mut();
        if !std::mem::take(&mut keys.remember) {
            return;
        }
        if let (Some(key), Some(store)) = (keys.given(), &self.kept_keys.store) {
            self.background.keep_key(Arc::clone(store), profile, key);
        }
    }

    /// The key of a service was kept, or not.
    pub(super) fn take_kept_key(&mut self, name: &str, kept: Result<(), KeychainError>) {
        if kept.is_ok() && self.shell.profile().name == name && self.shell.keys().in_use {
            self.shell.keys_mut().source = Some(KeySource::Keychain);
        }
        let name = shown_service(name);
        self.shell.note = Some(match kept {
            Ok(()) => Note::Good(format!("The key for {name} is kept in the keychain")),
            Err(why) => Note::Bad(format!(
                "The key for {name} is in use and not kept: {why}. viseme key set --file --yes keeps it in a file that you alone may read"
            )),
        });
    }

    /// Forgets the key of the service in use; it stays in use for this run.
    pub(super) fn forget_key(&mut self) {
        let profile = self.shell.profile().clone();
        if let Some(store) = &self.kept_keys.store {
            self.background.forget_key(Arc::clone(store), profile);
        }
    }

    /// The key of a service was forgotten, or not.
    pub(super) fn take_forgotten_key(&mut self, name: &str, forgotten: Result<bool, KeychainError>) {
        if forgotten.is_ok() && self.shell.profile().name == name {
            self.shell.keys_mut().source = None;
        }
        let name = shown_service(name);
        self.shell.note = Some(match forgotten {
            Ok(_) => Note::Good(format!("The key for {name} is forgotten; it is in use until viseme is closed")),
            Err(why) => Note::Bad(format!("The key for {name} is not forgotten: {why}")),
        });
    }

    fn resume_where_that_waits(&mut self) {
        if std::mem::take(&mut self.resume_when_connected) {
            self.engine.dispatch(PersonEvent::Resume);
        }
    }

    /// Connects where that had to wait for a task; a refused key is shown.
    pub(super) fn follow_connection(&mut self) {
        let flow = self.engine.flow();
        if self.connect_later && flow.busy_with().is_none() && flow.loses().is_none() {
            self.connect_later = false;
            self.use_profile();
        }
        let is_refused = self.engine.flow().stage.problem().is_some_and(|problem| problem.http_status == Some(401));
        // Once for each refusal: a key that is entered afterwards has not been refused.
        let requests = self.engine.requests();
        if is_refused && !self.shell.is_embedded() && self.refused_at != Some(requests) {
            self.refused_at = Some(requests);
            self.note_refused_key();
        }
    }

    fn note_refused_key(&mut self) {
        let keys = self.shell.keys_mut();
        (keys.refused, keys.accepted) = (true, false);
    }

    /// Notes that the service has accepted the key in use, once it has answered a request with it.
    pub(super) fn note_accepted_key(&mut self) {
        let (keys, base_url) = (self.shell.keys(), &self.shell.profile().base_url);
        let is_open = keys.in_use && !keys.accepted && !keys.refused && !self.shell.is_embedded();
        if is_open && self.shell.inspector.has_answered(base_url, keys.used_after) {
            self.shell.keys_mut().accepted = true;
        }
    }

    /// What a check of the service found, in one message.
    pub(super) fn take_check(&mut self, checked: Result<ServiceCheck, Problem>) {
        self.shell.checking = false;
        let name = shown_name(self.shell.profile());
        let words = |problem: &Problem| {
            let hint = problem.hint.as_ref().map(|hint| format!(". {hint}")).unwrap_or_default();
            format!("{problem}{hint}")
        };
        self.shell.note = Some(match checked {
            Err(problem) => Note::Bad(words(&problem)),
            Ok(check) => {
                if check.problem.as_ref().is_some_and(|problem| problem.http_status == Some(401)) {
                    self.note_refused_key();
                }
                let clock = check.clock_words().map(|words| format!(". {words}")).unwrap_or_default();
                if let Some(problem) = &check.problem {
                    Note::Bad(format!("{}{clock}", words(problem)))
                } else {
                    self.shell.keys_mut().accepted = true;
                    // Of several packages, the one that allows most counts (wire contract §7).
                    if let Some(most) = check.packages.iter().flatten().filter_map(Package::allows).max() {
                        self.engine.allow_at_once(most);
                    }
                    let packages = check.packages.iter().flatten().map(|package| format!(". {}", package.words()));
                    Note::Good(format!("{name} accepts the key{clock}{}", packages.collect::<String>()))
                }
            }
        });
    }
}
