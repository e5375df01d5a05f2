//! The dialog of the settings, a page for each subject.

mod about;
mod account;
mod dialog;
mod editor;
mod pages;
mod services;
pub mod spending;
mod storage;
mod stored;

pub use dialog::settings_ui;
