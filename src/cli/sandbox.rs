//! `viseme sandbox`: the built-in service alone.

use secrecy::ExposeSecret as _;
use serde_json::json;

use super::args::SandboxArgs;
use super::console::Console;
use super::interrupts::Interrupts;
use super::{Failed, exit, words};
use crate::model::{Problem, ProblemKind, is_loopback_ip};
use crate::sandbox::{Sandbox, SandboxConfig};

/// Runs the command until it is interrupted; returns the exit code.
pub async fn run(args: SandboxArgs, console: &Console) -> Result<u8, Failed> {
    let mut interrupts = Interrupts::listen()?;
    let config = SandboxConfig {
        listen: args.listen,
        key: args.key.map(Into::into),
        access_key: args.access_key,
        secret_key: args.secret_key.map(Into::into),
        shows_external_task_id: args.show_external_task_id,
        ..SandboxConfig::default()
    };
    let sandbox = Sandbox::start(config).await.map_err(|err| Problem::new(ProblemKind::Usage, err.to_string()))?;
    if !is_loopback_ip(args.listen.ip()) {
        console.warn(&words::listens_beyond_this_machine());
    }
    let (base_url, key) = (sandbox.base_url().to_owned(), sandbox.key().expose_secret().to_owned());
    let (access_key, secret_key) = (sandbox.access_key().to_owned(), sandbox.secret_key().expose_secret().to_owned());
    let written = if console.is_json() {
        let object = json!({"base_url": base_url, "key": key, "access_key": access_key, "secret_key": secret_key, "problem": null});
        console.object(&object)
    } else {
        console.result(&format!("listening on {base_url}\nkey {key}\naccess-key {access_key}\nsecret-key {secret_key}"))
    };
    if let Err(problem) = written {
        sandbox.shutdown().await;
        return Err(problem.into());
    }
    console.say(&words::runs_until_interrupted());
    interrupts.next().await;
    console.say(&words::stopping());
    tokio::select! {
        () = sandbox.shutdown() => {}
        // A second interruption ends the wait.
        () = interrupts.next() => {}
    }
    Ok(exit::DONE)
}
