//! The panels: each reads a [`View`](crate::app::state::view::View) and pushes
//! [`Command`](crate::app::action::command::Command)s; none changes anything.

pub mod bars;
pub mod canvas;
pub mod dialogs;
pub mod drop;
pub mod inspector;
pub mod palette;
pub mod paste;
pub mod queue;
pub mod settings;
pub mod side;
pub mod speech;
pub mod tasks;
pub mod timeline;
pub mod verdict;
