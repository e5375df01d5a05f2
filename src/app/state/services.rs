//! The services there are, the one in use, its keys, and the embedded sandbox.

use super::shell::Shell;
use crate::app::state::keys::Keys;
use crate::model::Profile;

/// What is said while the start of the sandbox waits for another process.
pub const SANDBOX_WAITS: &str = "Waiting for the other viseme to close its sandbox";

/// State of the embedded sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SandboxState {
    /// It is starting.
    Starting {
        /// Whether it waits for another viseme to close the one whose state it goes on with.
        waits: bool,
    },
    /// It is running.
    Ready {
        /// Its address: `http://127.0.0.1:PORT`.
        base_url: String,
        /// Whether it goes on where the sandbox of the last window or command ended, and the next one where this ends.
        keeps_state: bool,
    },
    /// It did not start: the reason.
    Failed(String),
}

impl Shell {
    /// Every profile.
    #[must_use]
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// The profile in use.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profiles[self.profile]
    }

    /// Whether the service in use is the embedded sandbox; a sandbox elsewhere needs a key like any other service.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        is_embedded(self.profile())
    }

    /// The embedded sandbox, where it is among the services.
    #[must_use]
    pub fn embedded(&self) -> Option<&Profile> {
        self.profiles.iter().find(|profile| is_embedded(profile))
    }

    /// Replaces the services of the settings, which follow those the window was opened with. If the one in use is removed, the first
    /// one is used instead.
    pub fn set_own_profiles(&mut self, own: Vec<Profile>) {
        let in_use = self.profile().name.clone();
        self.profiles.truncate(self.given);
        self.profiles.retain(|known| !own.iter().any(|profile| profile.name == known.name));
        self.given = self.profiles.len();
        self.profiles.extend(own);
        self.profile = self.profiles.iter().position(|known| known.name == in_use).unwrap_or(0);
    }

    /// Renames a profile; it stays in use if it was, and keeps its keys.
    pub fn rename_profile(&mut self, was: &str, name: &str) {
        for profile in self.profiles.iter_mut().filter(|profile| profile.name == was) {
            name.clone_into(&mut profile.name);
        }
        self.keys.rename(was, name);
    }

    /// Uses another profile; returns whether there is one of this name.
    pub fn set_profile(&mut self, name: &str) -> bool {
        let found = self.profiles.iter().position(|known| known.name == name);
        if let Some(index) = found {
            self.profile = index;
            self.key_problem = None;
        }
        found.is_some()
    }

    /// The keys of the profile in use.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        self.keys.of(&self.profile().name)
    }

    /// The keys of the profile in use, for editing.
    pub fn keys_mut(&mut self) -> &mut Keys {
        let name = self.profile().name.clone();
        self.keys.of_mut(&name)
    }

    /// Whether the profile in use has a key.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.keys().in_use
    }
}

/// The display name of a profile.
#[must_use]
pub fn shown_name(profile: &Profile) -> String {
    crate::app::words::shown_service(&profile.name)
}

/// The id of the service menu, for the action that opens it.
#[must_use]
pub fn service_menu_id() -> egui::Id {
    egui::Id::unique("service menu")
}

/// Whether this is the embedded sandbox.
#[must_use]
pub fn is_embedded(profile: &Profile) -> bool {
    profile.is_sandbox() && profile.base_url.is_empty()
}
