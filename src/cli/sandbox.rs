//! `viseme sandbox`: the built-in service alone.

use secrecy::ExposeSecret as _;
use serde_json::json;

use super::args::SandboxArgs;
use super::console::Console;
use super::interrupts::Interrupts;
use super::{Failed, exit};
use crate::model::{Problem, ProblemKind};
use crate::sandbox::{Sandbox, SandboxConfig};

/// Runs until it is told to stop; answers the exit code.
pub async fn run(args: SandboxArgs, console: &Console) -> Result<u8, Failed> {
    let internal =
        |err: std::io::Error| Problem::new(ProblemKind::Internal, format!("No signals from the system: {err}"));
    let mut interrupts = Interrupts::listen().map_err(internal)?;
    let config = SandboxConfig {
        listen: args.listen,
        key: args.key.map(Into::into),
        access_key: args.access_key,
        secret_key: args.secret_key.map(Into::into),
        ..SandboxConfig::default()
    };
    let sandbox = Sandbox::start(config).await.map_err(|err| Problem::new(ProblemKind::Usage, err.to_string()))?;
    if !args.listen.ip().is_loopback() {
        console.say(
            "warning: the sandbox listens beyond this machine: who knows its key can have it fetch addresses from here",
        );
    }
    let (base_url, key) = (sandbox.base_url().to_owned(), sandbox.key().expose_secret().to_owned());
    let (access_key, secret_key) = (sandbox.access_key().to_owned(), sandbox.secret_key().expose_secret().to_owned());
    let written = if console.is_json() {
        let object = json!({"base_url": base_url, "key": key, "access_key": access_key, "secret_key": secret_key, "problem": null});
        console.object(&object)
    } else {
        console.result(&format!("listening on {base_url}\nkey {key}\naccess-key {access_key}\nsecret-key {secret_key}"))
    };
    if let Err(err) = written {
        sandbox.shutdown().await;
        return Err(Problem::new(ProblemKind::File, format!("stdout cannot be written: {err}")).into());
    }
    console.say("Runs until Ctrl-C");
    interrupts.next().await;
    console.say("Stopping");
    tokio::select! {
        () = sandbox.shutdown() => {}
        // Whoever asks twice does not want to wait.
        () = interrupts.next() => {}
    }
    Ok(exit::DONE)
}
