//! `viseme profiles`: the services that this program knows.

use serde_json::{Value, json};

use super::console::Console;
use super::{Failed, exit, words};
use crate::engine::KEY_VARIABLES;
use crate::model::{Dialect, Profile};
use crate::preferences;

/// Runs the command; returns the exit code.
pub fn run(console: &Console) -> Result<u8, Failed> {
    let settings = preferences::settings_file();
    let own = preferences::own_services(&settings).unwrap_or_else(|err| {
        console.note(&words::settings_unreadable(settings.display(), &err));
        Vec::new()
    });
    let profiles = [Profile::built_in(), own].concat();
    if console.is_json() {
        let rows: Vec<Value> = profiles
            .iter()
            .map(|profile| {
                json!({
                    "name": profile.name,
                    "dialect": profile.dialect,
                    "base_url": (!profile.base_url.is_empty()).then_some(&profile.base_url),
                    "prefix": profile.path_prefix,
                    "keys": keys(profile),
                })
            })
            .collect();
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
