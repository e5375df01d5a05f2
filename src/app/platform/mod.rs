//! The system around the window: what draws and wakes it, its dialogs, its look, files and programs, and the embedded sandbox's host.

pub mod background;
pub mod desktop;
mod file_dialog;
pub mod host;
pub mod renderer;
pub mod wake;
