//! The arguments of `viseme sandbox`.

use std::net::SocketAddr;

use clap::Args;

use super::OutputArgs;
use super::values::secret;

/// `viseme sandbox`.
#[derive(Args, Clone, Debug)]
pub struct SandboxArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// The Bearer key; `-` reads a line of stdin, for arguments are readable in the list of processes [default: the one in `VISEME_SANDBOX_KEY`, else a random one, printed]
    #[arg(long, value_name = "KEY", value_parser = secret)]
    pub key: Option<String>,
    /// The access key of signed tokens [default: the one in `VISEME_SANDBOX_ACCESS_KEY`, else a random one, printed]
    #[arg(long, value_name = "AK", value_parser = secret, requires = "secret_key")]
    pub access_key: Option<String>,
    /// The secret that signs tokens; `-` reads a line of stdin [default: the one in `VISEME_SANDBOX_SECRET_KEY`, else a random one, printed]
    #[arg(long, value_name = "SK", value_parser = secret, requires = "access_key")]
    pub secret_key: Option<String>,
    /// A further name by which this machine is reached; requests to any other `Host` are refused. May be given several times
    #[arg(long, value_name = "NAME")]
    pub host: Vec<String>,
    /// Fetch clips and voices from private addresses although --listen is not on loopback
    #[arg(long)]
    pub allow_private: bool,
    /// Show the names of tasks in query and list, as some gateways do; the official service does not
    #[arg(long)]
    pub show_external_task_id: bool,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}
