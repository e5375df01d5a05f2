//! `viseme profiles`: the services that this program knows.

use serde_json::{Value, json};

use super::console::Console;
use super::{Failed, exit, words};
use crate::engine::KEY_VARIABLES;
use crate::model::{Dialect, Profile};

/// Runs the command; returns the exit code.
pub fn run(console: &Console) -> Result<u8, Failed> {
    let profiles = Profile::built_in();
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
        console.object(&json!({"profiles": rows, "problem": null}))?;
        return Ok(exit::DONE);
    }
    for profile in &profiles {
        let address = if profile.base_url.is_empty() { words::built_in() } else { profile.base_url.clone() };
        let keys = match keys(profile).as_slice() {
            [] => words::no_key(),
            [key] => (*key).to_owned(),
            [key, rest @ ..] => words::keys(key, &rest.join(" and ")),
        };
        let prefix = if profile.dialect == Dialect::Kling { profile.path_prefix.as_str() } else { "" };
        let line =
            format!("{:<8} {:<6} {:<34} {:<7} {keys}", profile.name, profile.dialect.to_string(), address, prefix);
        console.result(&line)?;
    }
    Ok(exit::DONE)
}

/// The variables that a profile's key is read from.
fn keys(profile: &Profile) -> Vec<&'static str> {
    let signed = profile.name == "kling";
    let wanted = if profile.is_sandbox() {
        0
    } else if signed {
        KEY_VARIABLES.len()
    } else {
        1
    };
    KEY_VARIABLES.into_iter().take(wanted).collect()
}
