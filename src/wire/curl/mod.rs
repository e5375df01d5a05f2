//! cURL commands for a lip-sync service: [`understand`] reads one, [`command`] writes one that can be run, and that is read back.

pub mod fields;
mod options;
mod read;
mod shell;
pub mod words;
mod write;

pub use self::read::{CurlError, Request, is_curl, understand};
pub use self::shell::ShellError;
pub use self::write::{KEY_VARIABLE, Sent, command, hints};
