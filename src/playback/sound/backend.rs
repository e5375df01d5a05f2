//! What a way to be heard must be able to do.

use super::feed::{Cue, Shared};
use super::steady::Heard;
use super::{Choice, silent::Silent};

/// Why there is no sound, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble(pub String);

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A way to be heard, with one stream that takes its samples from a feed. It lives on the thread of the sound, and may wait there
/// for as long as a server is given to answer.
pub trait Backend {
    /// Stops, throws away what is not heard yet, and sets what is played next.
    fn cue(&mut self, cue: Cue) -> Result<(), Trouble>;
    /// Plays.
    fn start(&mut self) -> Result<(), Trouble>;
    /// Stops at once.
    fn stop(&mut self) -> Result<(), Trouble>;
    /// How much of the cue was heard until now.
    fn heard(&mut self) -> Result<Heard, Trouble>;
}

/// Opens the way to be heard that this system has.
pub fn open(choice: &Choice, feed: &Shared) -> Result<Box<dyn Backend>, Trouble> {
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
            Err(Trouble("sound is not supported on this system".into()))
        }
        #[cfg(not(target_os = "linux"))]
        Choice::Socket(_) => Err(Trouble("a sound server's socket is a matter of Linux".into())),
    }
}
