//! Which service is in use: the sandbox once it runs, or a real service with its key.

use secrecy::ExposeSecret as _;

use super::Window;
use crate::app::platform::host::Host;
use crate::app::state::inspector::LocalSandbox;
use crate::app::state::keys::Given;
use crate::app::state::shell::{Note, SandboxState, shown_name};
use crate::engine::{Credentials, Setup};
use crate::model::{Problem, ServiceCheck};
use crate::workflow::PersonEvent;

impl Window {
    pub(super) fn connect_sandbox(&mut self) {
        if !matches!(self.shell.sandbox, SandboxState::Starting) {
            return;
        }
        match self.host.sandbox() {
            None => {}
            Some(Err(why)) => self.shell.sandbox = SandboxState::Failed(why),
            Some(Ok(sandbox)) => {
                let base_url = sandbox.base_url().to_owned();
                let key = sandbox.key().clone();
                self.shell.inspector.set_sandbox(LocalSandbox { base_url: base_url.clone(), key });
                self.shell.sandbox = SandboxState::Ready { base_url };
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
        let mut variable = None;
        let setup = if embedded {
            match self.host.sandbox() {
                Some(Ok(sandbox)) => Host::setup(&sandbox, &profile),
                _ => return,
            }
        } else {
            let credentials = match self.shell.keys().given() {
                Some(Given::Key(key)) => Credentials::key(key.expose_secret()),
                Some(Given::Pair(access_key, secret_key)) => {
                    Credentials::signed(access_key, secret_key.expose_secret())
                }
                None => match &self.environment_key {
                    None => return,
                    Some(Ok(key)) => {
                        variable = Some(key.variable);
                        Ok(key.credentials.clone())
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
        let setup = setup.map(|setup| setup.with_journal(self.journal.clone()).with_leftovers());
        match setup.and_then(|setup| self.engine.connect(setup).map_err(|problem| problem.message)) {
            Ok(()) if embedded => {}
            Ok(()) => {
                self.shell.key_problem = None;
                self.connect_later = false;
                if std::mem::take(&mut self.resume_when_connected) {
                    self.engine.dispatch(PersonEvent::Resume);
                }
                let keys = self.shell.keys_mut();
                (keys.in_use, keys.edited, keys.refused, keys.variable) = (true, false, false, variable);
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
            self.shell.keys_mut().refused = true;
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
                let clock = check.clock_words().map(|words| format!(". {words}")).unwrap_or_default();
                if let Some(problem) = &check.problem {
                    Note::Bad(format!("{}{clock}", words(problem)))
                } else {
                    let packages = check.packages.iter().flatten().map(|package| format!(". {}", package.words()));
                    Note::Good(format!("{name} accepts the key{clock}{}", packages.collect::<String>()))
                }
            }
        });
    }
}
