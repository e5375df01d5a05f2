//! `viseme key`: keep the key of a service, forget it, or show where it comes from. The key itself is never written.

use serde_json::json;

use super::args::{KeyCommand, ServiceArgs};
use super::console::Console;
use super::{Failed, connect, exit, words};
use crate::engine::{KeySource, file_problem, shell};
use crate::model::{Problem, ProblemKind, Profile};
use crate::secrets::{KeyStore as _, Keychain, KeychainError, account, key_file};

/// Runs the command; returns the exit code.
pub async fn run(command: &KeyCommand, service: &ServiceArgs, console: &Console) -> Result<u8, Failed> {
    if let KeyCommand::Show(_) = command
        && service.profile.is_none()
        && service.base_url.is_none()
    {
        return show_all(console).await;
    }
    let profile = connect::profile(service)?;
    if profile.is_sandbox() && service.profile.is_none() {
        let names: Vec<_> = connect::profiles().into_iter().filter(|profile| !profile.is_sandbox()).collect();
        let names: Vec<_> = names.iter().map(|profile| profile.name.as_str()).collect();
        return Err(Problem::new(ProblemKind::Usage, words::which_service())
            .with_hint(words::which_service_hint(names.join(", ")))
            .into());
    }
    if profile.is_sandbox() {
        return Err(Problem::new(ProblemKind::Usage, words::no_key_for_sandbox()).into());
    }
    let (name, account) = (profile.name.as_str(), account(&profile));
    let path = key_file::path();
    match command {
        KeyCommand::Set(args) if args.file && !args.yes => {
            let problem = Problem::new(ProblemKind::Usage, words::file_needs_yes(path.display()));
            return Err(problem.with_hint(words::file_needs_yes_hint()).into());
        }
        KeyCommand::Set(args) => {
            let key = connect::key_of_input(console).await?;
            let in_file = args.file;
            let source = connect::blocking(move || {
                if in_file {
                    key_file::keep(&path, &account, &key).map_err(|err| file_problem(&path, &err))?;
                    return Ok(KeySource::File(path));
                }
                Keychain.keep(&account, &key).map_err(|why| {
                    Problem::new(ProblemKind::Usage, words::key_not_kept(why)).with_hint(words::key_not_kept_hint())
                })?;
                Ok(KeySource::Keychain)
            })
            .await?;
            console.result(&words::key_kept(name, &source))?;
            report(console, name, Some(&source))?;
        }
        KeyCommand::Forget(_) => {
            let (of_file, of_chain) = forget(&profile).await?;
            if let Err(why @ (KeychainError::Late | KeychainError::Refused(_))) = &of_chain {
                console.warn(&words::key_not_forgotten(why));
            }
            let was_kept = of_file || of_chain.unwrap_or(false);
            console.result(&if was_kept { words::key_forgotten(name) } else { words::key_not_known(name) })?;
            report(console, name, None)?;
        }
        KeyCommand::Show(_) => {
            let search = connect::search(&profile).await?;
            if let Some(why @ (KeychainError::Late | KeychainError::Refused(_))) = &search.keychain {
                console.note(&words::keychain_absent(why));
            }
            let Some(key) = search.key else {
                return Err(Problem::new(ProblemKind::Usage, words::no_service_key(name))
                    .with_hint(words::no_service_key_hint(shell::quoted(name)))
                    .into());
            };
            console.result(&words::key_comes(name, &key.source))?;
            report(console, name, Some(&key.source))?;
        }
    }
    Ok(exit::DONE)
}

/// Removes the key of a service from the file of keys and from the keychain. Returns whether each had it.
///
/// # Errors
/// The file cannot be written.
pub async fn forget(profile: &Profile) -> Result<(bool, Result<bool, KeychainError>), Problem> {
    let (account, path) = (account(profile), key_file::path());
    connect::blocking(move || {
        let of_file = key_file::forget(&path, &account).map_err(|err| file_problem(&path, &err))?;
        Ok((of_file, Keychain.forget(&account)))
    })
    .await
}

/// Shows of every service where its key comes from.
async fn show_all(console: &Console) -> Result<u8, Failed> {
    let mut keys = Vec::new();
    let mut is_noted = false;
    for profile in connect::profiles().into_iter().filter(|profile| !profile.is_sandbox()) {
        let search = connect::search(&profile).await?;
        if let (Some(why @ (KeychainError::Late | KeychainError::Refused(_))), false) = (&search.keychain, is_noted) {
            console.note(&words::keychain_absent(why));
            is_noted = true;
        }
        let source = search.key.map(|key| key.source.to_string());
        let text = source.as_ref().map_or_else(words::part_no_key, Clone::clone);
        console.row(&[&profile.name, &text])?;
        keys.push(json!({"profile": profile.name, "source": source}));
    }
    if console.is_json() {
        console.object(json!({"keys": keys, "problem": null}))?;
    }
    Ok(exit::DONE)
}

fn report(console: &Console, profile: &str, source: Option<&KeySource>) -> Result<(), Problem> {
    if !console.is_json() {
        return Ok(());
    }
    console.object(json!({"profile": profile, "source": source.map(ToString::to_string), "problem": null}))
}
