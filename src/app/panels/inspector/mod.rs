//! The inspector: the exchanges of this run, newest first, each with request, response, headers, timing and command.

mod detail;
mod headers;
mod list;
mod panel;
mod timing;

pub use self::panel::{docked_ui, overlaid_ui};
