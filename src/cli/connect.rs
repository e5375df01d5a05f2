//! From the arguments to a connected service: its profile, its key, and the sandbox where this command starts one.

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::args::{JournalArgs, ServiceArgs};
use super::console::Console;
use super::words;
use crate::engine::journal::{Journal, default_file};
use crate::engine::shell::{self, CUSTOM};
use crate::engine::{
    Credentials, FoundKey, JournalAccess, Journaling, KeySearch, KeySource, Setup, Storage, credentials_of,
    entered_key, environment_key, find_key, known_names,
};
use crate::model::profile::POLL_FLOOR_MS;
use crate::model::{AddressError, AuthKind, Problem, ProblemKind, Profile, ServiceAddress, is_loopback};
use crate::preferences;
use crate::sandbox::{Sandbox, SandboxConfig, StatePlace};
use crate::secrets::{Keychain, KeychainError, StoredKey, key_file};

/// The profile that the arguments name: one that comes with the program, or one that a person added. The sandbox's address stays
/// empty where this command is to start it.
///
/// # Errors
/// [`ProblemKind::Usage`]: no profile has that name, or the address cannot be used.
pub fn profile(service: &ServiceArgs) -> Result<Profile, Problem> {
    let built_in = Profile::built_in();
    let name = service.profile.as_deref().unwrap_or("sandbox");
    if built_in.iter().any(|profile| profile.name == name) {
        return profile_among(&built_in, service);
    }
    let found = preferences::look(&preferences::settings_file());
    let known = [built_in, found.settings.profiles].concat();
    profile_among(&known, service).map_err(|unknown| match found.problem {
        // The name may be in there.
        Some(problem) => {
            let hint = format!("{problem}. {}", unknown.hint.as_deref().unwrap_or_default());
            unknown.with_hint(hint)
        }
        None => unknown,
    })
}

/// Every service that the program knows: those that come with it, and those that a person added, as far as these can be read.
pub fn profiles() -> Vec<Profile> {
    [Profile::built_in(), preferences::look(&preferences::settings_file()).settings.profiles].concat()
}

fn profile_among(known: &[Profile], service: &ServiceArgs) -> Result<Profile, Problem> {
    let wanted = service.profile.as_deref();
    let name = wanted.unwrap_or("sandbox");
    let Some(mut profile) = known.iter().find(|profile| profile.name == name).cloned() else {
        let names: Vec<_> = known.iter().map(|profile| profile.name.as_str()).collect();
        return Err(Problem::new(ProblemKind::Usage, words::no_profile(name))
            .with_hint(words::no_profile_hint(names.join(", "))));
    };
    if let Some(dialect) = service.dialect {
        profile.dialect = dialect;
    }
    if let Some(prefix) = &service.prefix {
        let bare = prefix.trim().trim_matches('/');
        profile.path_prefix = if bare.is_empty() { String::new() } else { format!("/{bare}") };
    }
    if let Some(text) = &service.base_url {
        let address: ServiceAddress =
            text.parse().map_err(|err: AddressError| Problem::new(ProblemKind::Usage, words::bad_base_url(err)))?;
        // A service elsewhere is not the sandbox unless that is said: it accepts no uploads.
        if wanted.is_none() && !is_loopback(&address.base_url) {
            CUSTOM.clone_into(&mut profile.name);
            profile.auth = AuthKind::KeyOrSigned;
            profile.knows_names = false;
            profile.poll_interval_ms = 2 * POLL_FLOOR_MS;
        }
        // A path in the address is the prefix, in place of the profile's own.
        let keeps_prefix = address.path.is_empty() || service.prefix.is_some();
        let prefix = if keeps_prefix { profile.path_prefix.as_str() } else { "" };
        (profile.base_url, profile.path_prefix) = address.base_and_prefix(profile.dialect, prefix);
    }
    Ok(profile)
}

/// Whether the sandbox of this profile is one that this command has to start itself.
pub fn is_started_here(profile: &Profile) -> bool {
    profile.is_sandbox() && profile.base_url.is_empty()
}

/// The service with its credentials and its budget of the settings, and the sandbox where it was started here. `data`: the data folder that has the sandbox's state; `None`:
/// its state ends with it.
///
/// # Errors
/// The key is missing, or the sandbox did not start.
pub async fn connect(
    mut profile: Profile,
    key_stdin: bool,
    data: Option<&Path>,
    console: &Console,
) -> Result<(Setup, Option<Sandbox>), Problem> {
    // The one that the window has set: it holds for whatever spends on this machine.
    let budget = preferences::look(&preferences::settings_file()).settings.budgets.get(&profile.name).copied();
    if !is_started_here(&profile) {
        let credentials = credentials(&profile, key_stdin, console).await?;
        return Ok((Setup { budget, ..Setup::new(profile, credentials) }, None));
    }
    if key_stdin {
        return Err(Problem::new(ProblemKind::Usage, words::no_key_for_sandbox()));
    }
    let state = StatePlace::in_data_folder(data);
    let config = SandboxConfig { state, known_names: known_names(), ..SandboxConfig::default() };
    let sandbox = Sandbox::start(config).await.map_err(|err| Problem::new(ProblemKind::Internal, err.to_string()))?;
    sandbox.base_url().clone_into(&mut profile.base_url);
    let credentials = Credentials::key(sandbox.key().expose_secret())?;
    let keeps_state = sandbox.keeps_state();
    Ok((Setup { budget, ..Setup::new(profile, credentials) }.embedded(keeps_state), Some(sandbox)))
}

/// The key of a service that was not started here: from standard input where that is asked for, else as [`find_key`] finds it; a sandbox
/// has one of the environment only.
async fn credentials(profile: &Profile, key_stdin: bool, console: &Console) -> Result<Credentials, Problem> {
    if key_stdin {
        return credentials_of(&key_of_input(console).await?);
    }
    if profile.is_sandbox() {
        let key = environment_key().ok_or_else(|| {
            Problem::new(ProblemKind::Usage, words::no_sandbox_key(&profile.base_url))
                .with_hint(words::no_sandbox_key_hint())
        })?;
        return Ok(key?.credentials);
    }
    let search = search(profile).await?;
    if let Some(why @ KeychainError::Late) = &search.keychain {
        console.note(&words::keychain_absent(why));
    }
    match search.key {
        Some(FoundKey { credentials, source: KeySource::Environment(_) }) => Ok(credentials),
        Some(FoundKey { credentials, source }) => {
            console.say(&words::key_comes(&profile.name, source));
            Ok(credentials)
        }
        None => Err(Problem::new(ProblemKind::Usage, words::no_service_key(&profile.name))
            .with_hint(words::no_service_key_hint(shell::quoted(&profile.name)))),
    }
}

/// Looks for the key of a service, off the threads that must not wait.
///
/// # Errors
/// As [`find_key`].
pub async fn search(profile: &Profile) -> Result<KeySearch, Problem> {
    let profile = profile.clone();
    blocking(move || find_key(&profile, &Keychain, environment_key(), &key_file::path())).await
}

/// The storage that is set up, where it is asked for.
///
/// # Errors
/// As [`super::storage::ready`].
pub async fn storage(is_wanted: bool, console: &Console) -> Result<Option<Storage>, Problem> {
    if is_wanted { super::storage::ready(console).await.map(Some) } else { Ok(None) }
}

/// The key that standard input has.
///
/// # Errors
/// [`ProblemKind::Usage`]: none that can be used.
pub async fn key_of_input(console: &Console) -> Result<StoredKey, Problem> {
    entered_key(&text_of_input(console, &words::key_is_typed()).await?)
}

/// The text that standard input has; `typed` is said where a person types it.
///
/// # Errors
/// [`ProblemKind::Usage`]: it cannot be read.
pub async fn text_of_input(console: &Console, typed: &str) -> Result<String, Problem> {
    if std::io::stdin().is_terminal() {
        console.note(typed);
    }
    blocking(|| {
        let mut text = String::new();
        // More than any key has, and no more.
        let read = std::io::stdin().take(64 * 1024).read_to_string(&mut text);
        read.map_err(|err| Problem::new(ProblemKind::Usage, words::input_unreadable(err)))?;
        Ok(text)
    })
    .await
}

/// Runs what blocks.
///
/// # Errors
/// Its own, or that it panicked.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|err| Err(Problem::new(ProblemKind::Internal, err.to_string())))
}

/// The file of the journal.
pub fn journal_file(journal: &JournalArgs) -> PathBuf {
    journal.data_dir.as_ref().map_or_else(default_file, |folder| folder.join("journal.db"))
}

/// The folder of what must not be lost; `None` where nothing is kept.
pub fn data_folder(journal: &JournalArgs) -> Option<PathBuf> {
    let file = (!journal.no_journal).then(|| journal_file(journal))?;
    file.parent().map(Path::to_owned)
}

/// Opens the journal, and says what was found wrong with it.
pub fn open_journal(journal: &JournalArgs, console: &Console) -> Result<Journal, Problem> {
    let access = JournalAccess::of_file(journal_file(journal));
    if let Some(notice) = access.open()? {
        console.warn(&notice);
    }
    access.journal()
}

/// The journal of a command, opened. What costs nothing works without one, and that is said; what is paid for does not, unless the person
/// says so: it would be lost with this process.
///
/// # Errors
/// Something is to be paid for, and the journal cannot be written.
pub async fn journal(args: &JournalArgs, pays: bool, console: &Console) -> Result<Journaling, Problem> {
    if args.no_journal {
        return Ok(Journaling::Off);
    }
    let access = JournalAccess::of_command(journal_file(args));
    let opening = access.clone();
    let opened = tokio::task::spawn_blocking(move || opening.open()).await;
    let opened = opened.map_err(|err| Problem::new(ProblemKind::Internal, err.to_string()))?;
    match opened.and_then(|notice| access.writable().map(|()| notice)) {
        Ok(notice) => {
            if let Some(notice) = notice {
                console.warn(&notice);
            }
            Ok(Journaling::On(access))
        }
        Err(problem) if !pays => {
            console.warn(&words::nothing_is_kept(problem));
            Ok(Journaling::Off)
        }
        Err(problem) => Err(problem.with_hint(words::journal_needed_hint())),
    }
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
    fn a_path_in_the_address_is_the_prefix() {
        for (url, prefix, dialect, base_url, path_prefix) in [
            ("https://a.b", None, None, "https://a.b", "/kling"),
            ("https://a.b/", None, None, "https://a.b", "/kling"),
            ("https://a.b/gateway/", None, None, "https://a.b", "/gateway"),
            ("https://a.b/gateway", Some("kling"), None, "https://a.b", "/gateway/kling"),
            ("https://a.b/gateway", Some(""), None, "https://a.b", "/gateway"),
            ("https://a.b/gateway", None, Some(Dialect::Kirin), "https://a.b/gateway", ""),
        ] {
            let service =
                ServiceArgs { prefix: prefix.map(str::to_owned), dialect, ..global(Some("ezmodel"), Some(url)) };
            let profile = profile(&service).unwrap();
            assert_eq!((profile.base_url.as_str(), profile.path_prefix.as_str()), (base_url, path_prefix), "{url}");
        }
        let problem = profile(&global(None, Some("https://me:word@a.b"))).unwrap_err();
        assert!(problem.kind == ProblemKind::Usage && !format!("{problem:?}").contains("word@"));
    }

    #[test]
    fn a_service_that_was_added_is_found_by_its_name() {
        let own = Profile { name: "Judge".into(), ..Profile::built_in().swap_remove(1) };
        let known = [Profile::built_in(), vec![own.clone()]].concat();
        assert_eq!(profile_among(&known, &global(Some("Judge"), None)).unwrap(), own);
        let problem = profile_among(&known, &global(Some("Jugde"), None)).unwrap_err();
        assert!(problem.hint.unwrap().contains("vtrix, Judge"));
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
        let problem = profile_among(&Profile::built_in(), &global(Some("klingon"), None)).unwrap_err();
        assert!(problem.hint.unwrap().contains("sandbox, ezmodel, kling, vtrix"));
    }
}
