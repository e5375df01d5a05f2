//! `viseme profiles`: the services that this program knows; those of one's own are added and removed here as in the window.

use std::path::Path;

use serde_json::{Value, json};

use super::args::{ProfilesAddArgs, ProfilesArgs, ProfilesCommand, ProfilesRemoveArgs};
use super::console::Console;
use super::{Failed, connect, exit, key, words};
use crate::engine::{KEY_VARIABLES, shell};
use crate::model::{Dialect, Problem, ProblemKind, Profile, is_read_on_the_way};
use crate::preferences::{self, FormField};
use crate::secrets::KeychainError;

/// Runs the command; returns the exit code.
pub async fn run(args: &ProfilesArgs, console: &Console) -> Result<u8, Failed> {
    match &args.command {
        None | Some(ProfilesCommand::List(_)) => list(console),
        Some(ProfilesCommand::Add(args)) => add(args, console),
        Some(ProfilesCommand::Remove(args)) => remove(args, console).await,
    }
}

fn add(args: &ProfilesAddArgs, console: &Console) -> Result<u8, Failed> {
    let settings = preferences::settings_file();
    let mut own = preferences::look(&settings).settings.profiles;
    let at = own.iter().position(|profile| profile.name == args.name.trim());
    if args.replace && at.is_none() {
        return Err(no_service_of_ones_own(&args.name, &own).into());
    }
    let known = at.filter(|_| args.replace);
    let mut taken: Vec<String> = [Profile::built_in(), own.clone()].concat().into_iter().map(|it| it.name).collect();
    taken.retain(|name| known.is_none() || *name != args.name.trim());
    let checked = args.form(known.map(|at| &own[at])).check(&taken);
    let profile = checked.map_err(|(field, why)| match (field, at) {
        (FormField::Name, Some(_)) => {
            refused(field, &why).with_hint(words::profile_replace_hint(shell::quoted(args.name.trim())))
        }
        _ => refused(field, &why),
    })?;
    match known {
        Some(at) => own[at] = profile.clone(),
        None => own.push(profile.clone()),
    }
    keep(&settings, own)?;
    console.say(&words::profile_added(&profile.name, address(&profile)));
    if is_read_on_the_way(&profile.base_url) {
        console.warn(&words::profile_in_the_clear(&profile.name));
    }
    console.hint(&words::no_service_key_hint(shell::quoted(&profile.name)));
    if console.is_json() {
        console.object(json!({ "profile": document(&profile), "problem": null }))?;
    }
    Ok(exit::DONE)
}

/// Address and prefix, as one text.
fn address(profile: &Profile) -> String {
    format!("{}{}", profile.base_url, profile.path_prefix)
}

async fn remove(args: &ProfilesRemoveArgs, console: &Console) -> Result<u8, Failed> {
    let settings = preferences::settings_file();
    let mut own = preferences::look(&settings).settings.profiles;
    let Some(at) = own.iter().position(|profile| profile.name == args.name.trim()) else {
        return Err(no_service_of_ones_own(&args.name, &own).into());
    };
    let profile = own.remove(at);
    // First, since it is found by its service alone.
    let was_kept = if args.keep_key { None } else { Some(key::forget(&profile).await?) };
    let was_kept = match was_kept {
        Some((_, Err(why @ (KeychainError::Late | KeychainError::Refused(_))))) => {
            let problem = Problem::new(ProblemKind::Usage, words::profile_key_not_forgotten(&profile.name, why));
            return Err(problem.with_hint(words::profile_key_not_forgotten_hint()).into());
        }
        Some((of_file, of_chain)) => of_file || of_chain.unwrap_or(false),
        None => false,
    };
    keep(&settings, own)?;
    console.say(&words::profile_removed(&profile.name));
    if was_kept {
        console.say(&words::key_forgotten(&profile.name));
    }
    if console.is_json() {
        console.object(json!({ "removed": profile.name, "key_removed": was_kept, "problem": null }))?;
    }
    Ok(exit::DONE)
}

fn keep(settings: &Path, own: Vec<Profile>) -> Result<(), Problem> {
    preferences::set_services(settings, own)
        .map_err(|err| Problem::new(ProblemKind::File, words::settings_unwritable(settings.display(), err)))
}

fn no_service_of_ones_own(name: &str, own: &[Profile]) -> Problem {
    let names: Vec<_> = own.iter().map(|profile| profile.name.as_str()).collect();
    let hint =
        if names.is_empty() { words::no_own_profiles_hint() } else { words::own_profiles_hint(names.join(", ")) };
    Problem::new(ProblemKind::Usage, words::no_own_profile(name)).with_hint(hint)
}

/// What the form says of a field, with the option that has it.
fn refused(field: FormField, why: &str) -> Problem {
    let option = match field {
        FormField::Name => "NAME",
        FormField::Address => "--base-url",
        FormField::Prefix => "--prefix",
        FormField::Extra => "--extra",
    };
    Problem::new(ProblemKind::Usage, words::profile_refused(option, why)).with_hint(words::profile_refused_hint())
}

fn document(profile: &Profile) -> Value {
    json!({
        "name": profile.name,
        "dialect": profile.dialect,
        "base_url": (!profile.base_url.is_empty()).then_some(&profile.base_url),
        "prefix": profile.path_prefix,
        "keys": keys(profile),
    })
}

fn list(console: &Console) -> Result<u8, Failed> {
    let profiles = connect::profiles();
    if console.is_json() {
        let rows: Vec<Value> = profiles.iter().map(document).collect();
        console.object(json!({"profiles": rows, "problem": null}))?;
        return Ok(exit::DONE);
    }
    let width = |of: fn(&Profile) -> usize, least: usize| profiles.iter().map(of).fold(least, usize::max);
    let name_width = width(|profile| profile.name.chars().count(), 8);
    let address_width = width(|profile| profile.base_url.len(), 34);
    for profile in &profiles {
        let address = if profile.base_url.is_empty() { words::part_built_in() } else { profile.base_url.clone() };
        let keys = match keys(profile).as_slice() {
            [] => words::part_no_key(),
            [key] => (*key).to_owned(),
            [key, rest @ ..] => words::keys(key, rest.join(" and ")),
        };
        let prefix = if profile.dialect == Dialect::Kling { profile.path_prefix.as_str() } else { "" };
        let (name, dialect) = (&profile.name, profile.dialect.to_string());
        let line = format!("{name:<name_width$} {dialect:<6} {address:<address_width$} {prefix:<7} {keys}");
        console.result(&line)?;
    }
    Ok(exit::DONE)
}

/// The variables that a profile's key is read from.
fn keys(profile: &Profile) -> Vec<&'static str> {
    // The gateways that come with the program know no signed tokens; what a service of one's own knows is not known here.
    let signed = !matches!(profile.name.as_str(), "ezmodel" | "vtrix");
    let wanted = if profile.is_sandbox() {
        0
    } else if signed {
        KEY_VARIABLES.len()
    } else {
        1
    };
    KEY_VARIABLES.into_iter().take(wanted).collect()
}
