//! A service, how to be let in, and how patient to be with it.

use crate::model::Profile;
use crate::service::Credentials;
use crate::workflow::Terms;

/// Everything needed to talk to a service.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The service. For the sandbox, with the address it listens at.
    pub profile: Profile,
    /// What lets us in.
    pub credentials: Credentials,
    /// Wait before the first poll in milliseconds, instead of the profile's; the floor of 1 s holds but for loopback addresses.
    pub poll_interval_ms: Option<u64>,
    /// How long a task is followed before it is paused, in milliseconds, instead of the profile's.
    pub poll_limit_ms: Option<u64>,
    /// How long the first answer to an identify may take, in milliseconds; in the `kling` dialect that is the whole of it.
    pub identify_limit_ms: Option<u64>,
    /// Whether face previews are fetched.
    pub load_previews: bool,
}

impl Setup {
    /// A service as its profile says, with previews.
    #[must_use]
    pub const fn new(profile: Profile, credentials: Credentials) -> Self {
        Self {
            profile,
            credentials,
            poll_interval_ms: None,
            poll_limit_ms: None,
            identify_limit_ms: None,
            load_previews: true,
        }
    }

    /// What the workflow must know of it.
    pub(super) fn terms(&self) -> Terms {
        let terms = Terms::of(&self.profile);
        Terms {
            poll_limit_ms: self.poll_limit_ms.unwrap_or(terms.poll_limit_ms),
            load_previews: self.load_previews,
            ..terms
        }
    }
}
