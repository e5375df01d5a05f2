//! `viseme profiles`: the services this program knows.

use serde_json::{Value, json};

use super::console::Console;
use super::{Failed, exit};
use crate::engine::KEY_VARIABLES;
use crate::model::{Dialect, Problem, ProblemKind, Profile};

/// Prints them; answers the exit code.
pub fn run(console: &Console) -> Result<u8, Failed> {
    let profiles = Profile::built_in();
    let failed = |err: std::io::Error| Problem::new(ProblemKind::File, format!("stdout cannot be written: {err}"));
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
        console.object(&json!({"profiles": rows, "problem": null})).map_err(failed)?;
        return Ok(exit::DONE);
    }
    for profile in &profiles {
        let address = if profile.base_url.is_empty() { "built in" } else { &profile.base_url };
        let keys = match keys(profile).as_slice() {
            [] => "no key".to_owned(),
            [key] => (*key).to_owned(),
            [key, rest @ ..] => format!("{key}, or {}", rest.join(" and ")),
        };
        let prefix = if profile.dialect == Dialect::Kling { profile.path_prefix.as_str() } else { "" };
        let line =
            format!("{:<8} {:<6} {:<34} {:<7} {keys}", profile.name, profile.dialect.to_string(), address, prefix);
        console.result(&line).map_err(failed)?;
    }
    Ok(exit::DONE)
}

/// The variables a profile's key comes from.
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
