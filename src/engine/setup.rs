//! A service, the credentials for it, and how long to wait for it.

use std::path::PathBuf;

use crate::model::Profile;
use crate::service::Credentials;
use crate::workflow::Terms;

/// Everything needed to talk to a service.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The service, with how long it is polled and how often. For the sandbox, with the address it listens at.
    pub profile: Profile,
    /// What authorises our requests.
    pub credentials: Credentials,
    /// How long the first answer to an identify may take, in milliseconds; in the `kling` dialect that is the whole of it.
    pub identify_limit_ms: Option<u64>,
    /// Whether face previews are fetched.
    pub load_previews: bool,
    /// The file in which accepted tasks are written down ([`super::accepted`]); `None` where they end with this process, as in a
    /// sandbox of its own.
    pub tasks_file: Option<PathBuf>,
}

impl Setup {
    /// A service as its profile says, with previews; accepted tasks are not written down.
    #[must_use]
    pub const fn new(profile: Profile, credentials: Credentials) -> Self {
        Self { profile, credentials, identify_limit_ms: None, load_previews: true, tasks_file: None }
    }

    /// The same with accepted tasks written down in this file.
    #[must_use]
    pub fn with_tasks_file(self, tasks_file: Option<PathBuf>) -> Self {
        Self { tasks_file, ..self }
    }

    /// What the workflow must know of it.
    pub(super) fn terms(&self) -> Terms {
        Terms { load_previews: self.load_previews, ..Terms::of(&self.profile) }
    }
}
