//! A service, the credentials for it, how long to wait for it, and where what it accepts is written down.

use std::path::PathBuf;

use super::journal_access::JournalAccess;
use super::storage::Storage;
use crate::journal::Service;
use crate::model::Profile;
use crate::service::Credentials;
use crate::workflow::Terms;

/// Whether what is done is written to the journal.
#[derive(Clone, Debug, Default)]
pub enum Journaling {
    /// It is: what is paid for and cannot be written down is not sent.
    On(JournalAccess),
    /// It is not: tasks are lost with this process.
    #[default]
    Off,
}

/// Everything needed to talk to a service.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "independent options, each with a name of its own")]
pub struct Setup {
    /// The service, with how long it is polled and how often. For the sandbox, with the address it listens at.
    pub profile: Profile,
    /// What authorises our requests.
    pub credentials: Credentials,
    /// How long the first answer to an identify may take, in milliseconds; in the `kling` dialect that is the whole of it.
    pub identify_limit_ms: Option<u64>,
    /// How much may be spent at it on a local day, in the unit in which it states costs: units, or dollars. What is sent is counted at its
    /// estimate until its true cost is known, whichever process sent it.
    pub budget: Option<f64>,
    /// The folder to which the results of tasks go that are followed beside the workflow; `None`: they are not saved.
    pub results: Option<PathBuf>,
    /// Whether face previews are fetched.
    pub load_previews: bool,
    /// Whether what is done is written to the journal.
    pub journal: Journaling,
    /// Whether what earlier processes left unfinished at this service is settled and followed.
    pub takes_leftovers: bool,
    /// Whether faces are taken up again that were found before in the same clip, while their session lives. Needs a journal.
    pub recalls_faces: bool,
    /// Whether known faces are paid for again only after the person was told and has asked a second time; otherwise there is only a warning.
    pub tells_before_paying: bool,
    /// Whether the service knows later what it knows now: not a sandbox whose state ends with it.
    pub keeps_state: bool,
    /// Storage of one's own, for a service that takes no files itself.
    pub storage: Option<Storage>,
    /// The service as the journal knows it: the address of an embedded sandbox is another at each start.
    pub service: Service,
}

impl Setup {
    /// A service as its profile says, with previews; nothing is written to the journal.
    #[must_use]
    pub fn new(profile: Profile, credentials: Credentials) -> Self {
        let service = Service::of(&profile);
        // A sandbox elsewhere may have begun anew, and its faces cost nothing.
        let recalls_faces = !profile.is_sandbox();
        Self {
            profile,
            credentials,
            identify_limit_ms: None,
            budget: None,
            results: None,
            load_previews: true,
            journal: Journaling::Off,
            takes_leftovers: false,
            recalls_faces,
            tells_before_paying: false,
            keeps_state: true,
            storage: None,
            service,
        }
    }

    /// The same of a sandbox that this process has started for itself. `keeps_state`: it goes on where the one before ended.
    #[must_use]
    pub fn embedded(mut self, keeps_state: bool) -> Self {
        self.service.base_url.clear();
        (self.recalls_faces, self.keeps_state) = (keeps_state, keeps_state);
        self
    }

    /// The same with what is done written to this journal.
    #[must_use]
    pub fn with_journal(self, journal: Journaling) -> Self {
        Self { journal, ..self }
    }

    /// The same, where what earlier processes left unfinished at this service is settled and followed.
    #[must_use]
    pub fn with_leftovers(self) -> Self {
        Self { takes_leftovers: true, ..self }
    }

    /// What the workflow must know of it.
    pub(super) fn terms(&self) -> Terms {
        let storage = self.storage().map(Storage::name);
        let recalls_faces = self.recalls_faces && matches!(self.journal, Journaling::On(_));
        let Self { load_previews, tells_before_paying, .. } = *self;
        Terms { storage, load_previews, recalls_faces, tells_before_paying, ..Terms::of(&self.profile) }
    }

    /// The storage that local files go to: none where the service takes files itself.
    pub(super) fn storage(&self) -> Option<&Storage> {
        self.storage.as_ref().filter(|_| !self.profile.is_sandbox())
    }
}
