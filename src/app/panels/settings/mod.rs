//! The dialog of the settings, a page for each subject.

mod about;
mod dialog;
mod editor;
mod pages;
mod services;
pub mod spending;

pub use dialog::settings_ui;
