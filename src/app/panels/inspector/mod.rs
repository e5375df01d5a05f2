//! The inspector: the exchanges of this run, the newest on top, each with request, answer, headers, timing and command.

mod detail;
mod headers;
mod list;
mod panel;
mod timing;

pub use self::panel::{docked_ui, overlaid_ui};
