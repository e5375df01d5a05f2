//! Arguments, logging, runtime; then the window or a command.

fn main() {}
