//! `viseme sandbox`: the built-in service alone.

use secrecy::ExposeSecret as _;
use serde_json::json;

use super::args::{JournalArgs, NetworkArgs, SandboxArgs, secret as checked_secret};
use super::console::Console;
use super::interrupts::Interrupts;
use super::{Failed, exit, words};
use crate::model::{Problem, ProblemKind, is_loopback_ip};
use crate::sandbox::{Sandbox, SandboxConfig, StatePlace};
use crate::secrets;

/// Runs the command until it is interrupted; returns the exit code.
pub async fn run(
    args: SandboxArgs,
    network: &NetworkArgs,
    journal: &JournalArgs,
    console: &Console,
) -> Result<u8, Failed> {
    let mut interrupts = Interrupts::listen()?;
    let key = secret(args.key, "VISEME_SANDBOX_KEY")?;
    let access_key = secret(args.access_key, "VISEME_SANDBOX_ACCESS_KEY")?;
    let secret_key = secret(args.secret_key, "VISEME_SANDBOX_SECRET_KEY")?;
    if access_key.is_some() != secret_key.is_some() {
        return Err(Problem::new(ProblemKind::Usage, words::half_a_sandbox_pair()).into());
    }
    let given = [&key, &secret_key];
    if given.iter().any(|key| key.as_ref().is_some_and(|key| key.len() < secrets::LEAST_CHARS)) {
        let problem = Problem::new(ProblemKind::Usage, words::sandbox_key_too_short(secrets::LEAST_CHARS));
        return Err(problem.into());
    }
    let config = SandboxConfig {
        listen: args.listen,
        key: key.map(Into::into),
        access_key,
        secret_key: secret_key.map(Into::into),
        hosts: args.host,
        known_names: network.resolve.clone(),
        allow_private: args.allow_private,
        state: journal
            .data_dir
            .as_deref()
            .map_or(StatePlace::Run(None), |data| StatePlace::Kept(StatePlace::folder(data))),
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
        console.own_keys(&object.to_string())
    } else {
        console
            .own_keys(&format!("listening on {base_url}\nkey {key}\naccess-key {access_key}\nsecret-key {secret_key}"))
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

/// A secret: the argument, where `-` stands for a line of stdin, else the variable.
///
/// # Errors
/// [`ProblemKind::Usage`]: what was read is no key.
fn secret(argument: Option<String>, variable: &str) -> Result<Option<String>, Problem> {
    let (text, source) = match argument.as_deref() {
        None => (std::env::var(variable).ok().filter(|text| !text.is_empty()), variable),
        Some("-") => {
            let mut line = String::new();
            std::io::stdin()
                .read_line(&mut line)
                .map_err(|err| Problem::new(ProblemKind::Usage, words::secret_unusable("stdin", err)))?;
            (Some(line.trim_end_matches(['\n', '\r']).to_owned()), "stdin")
        }
        Some(_) => return Ok(argument),
    };
    text.map(|text| checked_secret(&text))
        .transpose()
        .map_err(|why| Problem::new(ProblemKind::Usage, words::secret_unusable(source, why)))
}
