//! The window's state beside the workflow: text fields, the service in use, the undo history. Values and their rules; nothing here
//! draws.

pub mod account;
pub mod appearance;
pub mod copies;
pub mod desk;
pub mod dialog;
pub mod downloads;
pub mod draft;
pub mod entry;
pub mod fit;
pub mod fitness;
pub mod history;
pub mod inspector;
pub mod keys;
pub mod leave;
pub mod listening;
pub mod palette;
pub mod paste;
pub mod picture_view;
pub mod placed;
pub mod queue;
pub mod screen;
pub mod services;
pub mod settings;
pub mod shell;
pub mod since;
pub mod speech;
pub mod stored;
pub mod takes;
pub mod tasks;
pub mod textures;
pub mod timeline;
pub mod unclear;
pub mod verdict;
pub mod view;
