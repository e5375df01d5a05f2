//! The arguments of what a shell is given: completions and manual pages.

use clap::Args;

/// `viseme completions`.
#[derive(Args, Clone, Debug)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// `viseme man`.
#[derive(Args, Clone, Debug)]
pub struct ManArgs {
    /// The command whose page is printed [default: the page of the program]
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}
