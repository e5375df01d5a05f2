//! Why a worker of the playback leaves an order.

use crate::media::MediaError;
use crate::worker::Superseded;

/// Why an order was not carried out to its end.
pub enum Stop {
    /// A newer one is there.
    Superseded,
    /// It cannot be carried out.
    Failed(MediaError),
}

impl From<Superseded> for Stop {
    fn from(_: Superseded) -> Self {
        Self::Superseded
    }
}

impl From<MediaError> for Stop {
    fn from(err: MediaError) -> Self {
        Self::Failed(err)
    }
}
