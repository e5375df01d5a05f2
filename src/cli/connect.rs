//! From the arguments to a connected service: its profile, its key, and the sandbox where this command starts one.

use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::args::ServiceArgs;
use super::console::Console;
use super::words;
use crate::engine::{Credentials, Setup, accepted, credentials_from_env};
use crate::model::profile::POLL_FLOOR_MS;
use crate::model::{AuthKind, Problem, ProblemKind, Profile, is_loopback};
use crate::sandbox::{Sandbox, SandboxConfig};

/// The name of a service that is known by its address only.
const CUSTOM: &str = "custom";

/// The profile that the arguments name. The sandbox's address stays empty where this command is to start it.
///
/// # Errors
/// [`ProblemKind::Usage`]: no profile has that name.
pub fn profile(global: &ServiceArgs) -> Result<Profile, Problem> {
    let built_in = Profile::built_in();
    let base_url = global.base_url.as_deref().map(|url| url.trim().trim_end_matches('/').to_owned());
    let wanted = global.profile.as_deref();
    let name = wanted.unwrap_or("sandbox");
    let Some(mut profile) = built_in.iter().find(|profile| profile.name == name).cloned() else {
        let names: Vec<_> = built_in.iter().map(|profile| profile.name.as_str()).collect();
        return Err(Problem::new(ProblemKind::Usage, words::no_profile(name))
            .with_hint(words::no_profile_hint(&names.join(", "))));
    };
    if let Some(base_url) = base_url {
        // A service elsewhere is not the sandbox unless that is said: it takes no uploads.
        if wanted.is_none() && !is_loopback(&base_url) {
            CUSTOM.clone_into(&mut profile.name);
            profile.auth = AuthKind::KeyOrSigned;
            profile.poll_interval_ms = 2 * POLL_FLOOR_MS;
        }
        profile.base_url = base_url;
    }
    if let Some(dialect) = global.dialect {
        profile.dialect = dialect;
    }
    if let Some(prefix) = &global.prefix {
        let bare = prefix.trim().trim_matches('/');
        profile.path_prefix = if bare.is_empty() { String::new() } else { format!("/{bare}") };
    }
    Ok(profile)
}

/// Whether the sandbox of this profile is one that this command has to start itself.
pub fn is_started_here(profile: &Profile) -> bool {
    profile.is_sandbox() && profile.base_url.is_empty()
}

/// The service with its credentials, and the sandbox where it was started here.
///
/// # Errors
/// The key is missing, or the sandbox did not start.
pub async fn connect(mut profile: Profile) -> Result<(Setup, Option<Sandbox>), Problem> {
    if !is_started_here(&profile) {
        let credentials = credentials_from_env().map_err(|problem| {
            if profile.is_sandbox() {
                Problem { message: words::no_sandbox_key(&profile.base_url), ..problem }
                    .with_hint(words::no_sandbox_key_hint())
            } else {
                Problem { message: words::key_problem(&problem.message, &profile.name), ..problem }
            }
        })?;
        let setup = Setup::new(profile, credentials).with_tasks_file(Some(accepted::default_file()));
        return Ok((setup, None));
    }
    let sandbox = Sandbox::start(SandboxConfig::default())
        .await
        .map_err(|err| Problem::new(ProblemKind::Internal, err.to_string()))?;
    sandbox.base_url().clone_into(&mut profile.base_url);
    let credentials = Credentials::key(sandbox.key().expose_secret())?;
    Ok((Setup::new(profile, credentials), Some(sandbox)))
}

/// Sets the limit and the interval of polls. Raises an interval that is too short for a real service, and says so.
pub fn set_polling(setup: &mut Setup, timeout: Option<Duration>, poll_interval: Option<Duration>, console: &Console) {
    let ms = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let profile = &mut setup.profile;
    profile.poll_limit_ms = timeout.map_or(profile.poll_limit_ms, ms);
    let Some(interval_ms) = poll_interval.map(ms) else { return };
    profile.poll_interval_ms = interval_ms;
    if interval_ms < POLL_FLOOR_MS && !is_loopback(&profile.base_url) {
        profile.poll_interval_ms = POLL_FLOOR_MS;
        console.note(&words::poll_interval_raised(&profile.name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Dialect;

    fn global(profile: Option<&str>, base_url: Option<&str>) -> ServiceArgs {
        ServiceArgs {
            profile: profile.map(str::to_owned),
            base_url: base_url.map(str::to_owned),
            ..ServiceArgs::default()
        }
    }

    #[test]
    fn the_sandbox_is_started_here_unless_it_has_an_address() {
        assert!(is_started_here(&profile(&global(None, None)).unwrap()));
        let standing = profile(&global(None, Some("http://127.0.0.1:8080/"))).unwrap();
        assert!(standing.is_sandbox() && !is_started_here(&standing));
        assert_eq!(standing.base_url, "http://127.0.0.1:8080");
    }

    #[test]
    fn an_address_elsewhere_is_not_the_sandbox() {
        let custom = profile(&global(None, Some("https://gateway.example"))).unwrap();
        assert_eq!((custom.name.as_str(), custom.is_sandbox()), ("custom", false));
        assert!(profile(&global(Some("sandbox"), Some("http://10.0.0.2:1"))).unwrap().is_sandbox());
    }

    #[test]
    fn prefix_and_dialect_are_settings() {
        for (given, meant) in [("klingai", "/klingai"), ("/a/b/", "/a/b"), ("", ""), ("/", "")] {
            let global = ServiceArgs {
                prefix: Some(given.into()),
                dialect: Some(Dialect::Kirin),
                ..global(Some("ezmodel"), None)
            };
            let profile = profile(&global).unwrap();
            assert_eq!((profile.path_prefix.as_str(), profile.dialect), (meant, Dialect::Kirin));
        }
        let problem = profile(&global(Some("klingon"), None)).unwrap_err();
        assert!(problem.hint.unwrap().contains("sandbox, ezmodel, kling, vtrix"));
    }
}
