//! The system around the window: rendering, wake-ups, dialogs, desktop preferences, background jobs, and the embedded sandbox's host.

pub mod background;
pub mod desktop;
mod file_dialog;
pub mod host;
pub mod journal_reader;
mod journal_work;
mod media_work;
mod opened;
pub mod renderer;
mod service_work;
mod storage_work;
pub mod wake;
