//! What a sound output must be able to do.

use super::feed::{Cue, SharedFeed};
use super::position::OutputPosition;
use super::{Choice, silent::Silent};

/// Why there is no sound: a sentence without a full stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SoundError(pub String);

/// A sound output with one stream that takes its samples from a feed. It lives on the output thread, and may wait there for as long as
/// a server is given to answer.
pub trait Backend {
    /// Stops, drops what is not heard yet, and sets what is played next.
    fn cue(&mut self, cue: Cue) -> Result<(), SoundError>;
    /// Plays.
    fn start(&mut self) -> Result<(), SoundError>;
    /// Stops at once.
    fn stop(&mut self) -> Result<(), SoundError>;
    /// How much of the cue was heard until now.
    fn position(&mut self) -> Result<OutputPosition, SoundError>;
}

/// Opens a sound output.
pub type OpenBackend = fn(&Choice, &SharedFeed) -> Result<Box<dyn Backend>, SoundError>;

/// Opens the sound output that was chosen.
pub fn open(choice: &Choice, feed: &SharedFeed) -> Result<Box<dyn Backend>, SoundError> {
    match choice {
        Choice::Off => Ok(Box::new(Silent::default())),
        #[cfg(target_os = "linux")]
        Choice::System => Ok(Box::new(super::pulse::Pulse::open(&super::server::find()?, feed)?)),
        #[cfg(target_os = "linux")]
        Choice::Socket(path) => {
            let server = super::server::Server { socket: path.clone(), cookie: None };
            Ok(Box::new(super::pulse::Pulse::open(&server, feed)?))
        }
        #[cfg(any(windows, target_os = "macos"))]
        Choice::System => Ok(Box::new(super::device::Device::open(feed)?)),
        #[cfg(not(any(target_os = "linux", windows, target_os = "macos")))]
        Choice::System => {
            let _ = feed;
            Err(SoundError("Sound is not supported on this system".into()))
        }
        #[cfg(not(target_os = "linux"))]
        Choice::Socket(_) => Err(SoundError("The socket of a sound server can be chosen on Linux only".into())),
    }
}
