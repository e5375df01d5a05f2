//! Where keys come from: the keychain, the environment, standard input, a file of the person's own. They are never an argument, where every
//! process of the machine could read them.

use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

use super::words;
use crate::model::{BucketPlace, Problem, ProblemKind, Profile};
use crate::secrets::{KeyStore, KeychainError, StoredKey, account, key_file, storage_account};
use crate::service::Credentials;

/// Where keys are looked for: the Bearer key, then access and secret key.
pub const KEY_VARIABLES: [&str; 3] = ["VISEME_KEY", "VISEME_ACCESS_KEY", "VISEME_SECRET_KEY"];

/// How a key is given.
pub const KEY_HINT: &str =
    "Set VISEME_KEY, or VISEME_ACCESS_KEY and VISEME_SECRET_KEY (signed tokens), in the environment";

/// The key that the environment holds.
#[derive(Clone, Debug)]
pub struct EnvironmentKey {
    /// The credentials.
    pub credentials: Credentials,
    /// The variable it is in: `VISEME_KEY`, or `VISEME_ACCESS_KEY` for a pair.
    pub variable: &'static str,
}

/// The key in this process's environment; `None` where none of the variables is set.
///
/// # Errors
/// [`ProblemKind::Usage`]: only half of a pair is set, or a value cannot be a key. Names the variables, never a value.
#[must_use]
pub fn environment_key() -> Option<Result<EnvironmentKey, Problem>> {
    environment_key_in(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
}

/// The key among any variables. `VISEME_KEY` goes before the pair.
///
/// # Errors
/// As with [`environment_key`].
pub fn environment_key_in(variable: impl Fn(&str) -> Option<String>) -> Option<Result<EnvironmentKey, Problem>> {
    let [key_name, access_name, secret_name] = KEY_VARIABLES;
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let half_a_pair = |set: &str, missing: &str| {
        Some(Err(Problem::new(ProblemKind::Usage, words::half_a_pair(set, missing)).with_hint(KEY_HINT)))
    };
    let (credentials, variable) = match (set(key_name), set(access_name), set(secret_name)) {
        (Some(key), _, _) => (Credentials::key(key), key_name),
        (None, Some(access_key), Some(secret_key)) => (Credentials::signed(access_key, secret_key), access_name),
        (None, Some(_), None) => return half_a_pair(access_name, secret_name),
        (None, None, Some(_)) => return half_a_pair(secret_name, access_name),
        (None, None, None) => return None,
    };
    let unusable = |problem: Problem| Problem { message: words::key_unusable(variable, &problem.message), ..problem };
    Some(credentials.map(|credentials| EnvironmentKey { credentials, variable }).map_err(unusable))
}

/// Where a key came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// The platform's keychain.
    Keychain,
    /// This variable of the environment.
    Environment(&'static str),
    /// Standard input.
    StandardInput,
    /// A file that its owner alone may read.
    File(PathBuf),
}

impl fmt::Display for KeySource {
    /// `from the keychain`, without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Self::Keychain => words::part_from_keychain(),
            Self::Environment(variable) => words::part_from_environment(variable),
            Self::StandardInput => words::part_from_input(),
            Self::File(path) => words::part_from_file(path.display()),
        })
    }
}

/// A key, and where it came from.
#[derive(Clone, Debug)]
pub struct FoundKey {
    /// The credentials.
    pub credentials: Credentials,
    /// Where they were found.
    pub source: KeySource,
}

/// What was looked for.
#[derive(Clone, Debug, Default)]
pub struct KeySearch {
    /// The first key that was found.
    pub key: Option<FoundKey>,
    /// Why the keychain could not be asked, where it could not.
    pub keychain: Option<KeychainError>,
}

/// The key of a real service: from the keychain, else the environment, else this file of keys. Blocks for as long as a keychain may take: not for
/// the thread that draws.
///
/// # Errors
/// [`ProblemKind::Usage`]: what was found first cannot be used. [`ProblemKind::File`]: the file cannot be read.
pub fn find_key(
    profile: &Profile,
    store: &dyn KeyStore,
    environment: Option<Result<EnvironmentKey, Problem>>,
    file: &Path,
) -> Result<KeySearch, Problem> {
    let account = account(profile);
    let (stored, failure) = match store.read(&account) {
        Ok(stored) => (stored, None),
        Err(err) => (None, Some(err)),
    };
    let found =
        |credentials, source| KeySearch { key: Some(FoundKey { credentials, source }), keychain: failure.clone() };
    if let Some(stored) = stored {
        return Ok(found(credentials_of(&stored)?, KeySource::Keychain));
    }
    if let Some(key) = environment {
        let key = key?;
        return Ok(found(key.credentials, KeySource::Environment(key.variable)));
    }
    let stored = key_file::read(file, &account).map_err(|err| file_problem(file, &err))?;
    Ok(match stored {
        Some(stored) => found(credentials_of(&stored)?, KeySource::File(file.to_owned())),
        None => KeySearch { key: None, keychain: failure },
    })
}

/// Where the keys of storage of one's own are looked for: access and secret key.
pub const STORAGE_KEY_VARIABLES: [&str; 2] = ["VISEME_STORAGE_ACCESS_KEY", "VISEME_STORAGE_SECRET_KEY"];

/// The keys of a bucket, and where they came from.
#[derive(Clone, Debug)]
pub struct FoundStorageKeys {
    /// Access key and secret key.
    pub keys: (SecretString, SecretString),
    /// Where they were found.
    pub source: KeySource,
}

/// What was looked for.
#[derive(Clone, Debug, Default)]
pub struct StorageKeySearch {
    /// The first pair that was found.
    pub found: Option<FoundStorageKeys>,
    /// Why the keychain could not be asked, where it could not.
    pub keychain: Option<KeychainError>,
}

/// The keys of a bucket, from where [`find_key`] looks for the key of a service, and in its order; without a keychain where there is none. Blocks, likewise.
///
/// # Errors
/// [`ProblemKind::Usage`]: the environment has only half of the pair. [`ProblemKind::File`]: the file cannot be read.
pub fn find_storage_keys(
    place: &BucketPlace,
    store: Option<&dyn KeyStore>,
    variable: impl Fn(&str) -> Option<String>,
    file: &Path,
) -> Result<StorageKeySearch, Problem> {
    let account = storage_account(place);
    let (stored, keychain) = match store.map(|store| store.read(&account)) {
        Some(Ok(stored)) => (stored, None),
        Some(Err(err)) => (None, Some(err)),
        None => (None, None),
    };
    let found =
        |keys, source| StorageKeySearch { found: Some(FoundStorageKeys { keys, source }), keychain: keychain.clone() };
    if let Some(StoredKey::Pair(access_key, secret_key)) = stored {
        return Ok(found((access_key, secret_key), KeySource::Keychain));
    }
    let [access_name, secret_name] = STORAGE_KEY_VARIABLES;
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    match (set(access_name), set(secret_name)) {
        (Some(access_key), Some(secret_key)) => {
            return Ok(found((access_key.into(), secret_key.into()), KeySource::Environment(access_name)));
        }
        (None, None) => {}
        (Some(_), None) => {
            return Err(Problem::new(ProblemKind::Usage, words::half_a_storage_pair(access_name, secret_name)));
        }
        (None, Some(_)) => {
            return Err(Problem::new(ProblemKind::Usage, words::half_a_storage_pair(secret_name, access_name)));
        }
    }
    let stored = key_file::read(file, &account).map_err(|err| file_problem(file, &err))?;
    Ok(match stored {
        Some(StoredKey::Pair(access_key, secret_key)) => {
            found((access_key, secret_key), KeySource::File(file.to_owned()))
        }
        _ => StorageKeySearch { found: None, keychain },
    })
}

/// The keys of a bucket as they are typed or piped in: two lines.
///
/// # Errors
/// [`ProblemKind::Usage`]: they are not two, or cannot be used. They are not in the message.
pub fn entered_storage_keys(text: &str) -> Result<StoredKey, Problem> {
    match entered_key(text)? {
        pair @ StoredKey::Pair(..) => Ok(pair),
        StoredKey::Key(_) => Err(Problem::new(ProblemKind::Usage, words::storage_needs_a_pair())
            .with_hint(words::storage_needs_a_pair_hint())),
    }
}

/// Credentials of a key as it is kept.
///
/// # Errors
/// [`ProblemKind::Usage`]: it cannot be used.
pub fn credentials_of(key: &StoredKey) -> Result<Credentials, Problem> {
    match key {
        StoredKey::Key(key) => Credentials::key(key.expose_secret()),
        StoredKey::Pair(access_key, secret_key) => {
            Credentials::signed(access_key.expose_secret(), secret_key.expose_secret())
        }
    }
}

/// A key as it is typed or piped in: one line with an API key, or two with an access key and a secret key.
///
/// # Errors
/// [`ProblemKind::Usage`]: it cannot be used. It is not in the message.
pub fn entered_key(text: &str) -> Result<StoredKey, Problem> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let key = match lines[..] {
        [key] => StoredKey::Key(key.to_owned().into()),
        [access_key, secret_key] => StoredKey::Pair(access_key.to_owned().into(), secret_key.to_owned().into()),
        _ => {
            let problem = Problem::new(ProblemKind::Usage, words::no_key_entered(lines.len()));
            return Err(problem.with_hint(words::no_key_entered_hint()));
        }
    };
    credentials_of(&key).map(|_| key)
}

/// What went wrong with the file of keys.
#[must_use]
pub fn file_problem(file: &Path, err: &std::io::Error) -> Problem {
    Problem::new(ProblemKind::File, words::key_file_failed(file.display(), err))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_in(set: &[(&str, &str)]) -> Option<Result<EnvironmentKey, Problem>> {
        environment_key_in(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn a_key_or_a_whole_pair_is_found_with_its_variable() {
        let key = key_in(&[("VISEME_KEY", "key-0123456"), ("VISEME_ACCESS_KEY", "access-0123")]).unwrap().unwrap();
        assert_eq!((key.credentials.can_sign_again(), key.variable), (false, "VISEME_KEY"));
        let pair =
            key_in(&[("VISEME_ACCESS_KEY", "access-0123"), ("VISEME_SECRET_KEY", "secret-0123")]).unwrap().unwrap();
        assert_eq!((pair.credentials.can_sign_again(), pair.variable), (true, "VISEME_ACCESS_KEY"));
        assert!(key_in(&[]).is_none() && key_in(&[("VISEME_KEY", "")]).is_none());
    }

    /// A keychain with one answer.
    #[derive(Debug)]
    struct Answers(Result<Option<StoredKey>, KeychainError>);

    impl KeyStore for Answers {
        fn read(&self, _: &str) -> Result<Option<StoredKey>, KeychainError> {
            self.0.clone()
        }

        fn keep(&self, _: &str, _: &StoredKey) -> Result<(), KeychainError> {
            Err(KeychainError::None)
        }

        fn forget(&self, _: &str) -> Result<bool, KeychainError> {
            Err(KeychainError::None)
        }
    }

    #[test]
    fn the_keychain_goes_before_the_environment_and_that_before_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.json");
        let profile = Profile::built_in().swap_remove(1);
        let stored = || StoredKey::Key("key-0123456".to_owned().into());
        let environment = || key_in(&[("VISEME_KEY", "key-of-environment")]);
        let source = |chain: Result<Option<StoredKey>, KeychainError>, environment| {
            let search = find_key(&profile, &Answers(chain), environment, &file).unwrap();
            (search.key.map(|key| key.source.to_string()), search.keychain)
        };
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(source(Ok(None), None), (None, None));
        key_file::keep(&file, &account(&profile), &stored()).unwrap();
        assert_eq!(source(Ok(Some(stored())), environment()).0, is("from the keychain"));
        let late = Some(KeychainError::Late);
        assert_eq!(source(Err(KeychainError::Late), environment()), (is("from VISEME_KEY"), late));
        assert!(source(Ok(None), None).0.unwrap().ends_with("keys.json"));
        let elsewhere = Profile { base_url: "https://another.example".into(), ..profile.clone() };
        assert!(find_key(&elsewhere, &Answers(Ok(None)), None, &file).unwrap().key.is_none(), "another origin");
    }

    #[test]
    fn what_is_piped_in_is_a_key_or_a_pair() {
        assert!(matches!(entered_key("key-0123456\n").unwrap(), StoredKey::Key(_)));
        assert!(matches!(entered_key("access-0123\r\nsecret-0123\r\n").unwrap(), StoredKey::Pair(..)));
        for wrong in ["", "\n \n", "a-012345678\nb-012345678\nc-012345678", "short"] {
            let problem = entered_key(wrong).unwrap_err();
            assert!(problem.kind == ProblemKind::Usage && !problem.to_string().contains("012345678"), "{problem}");
        }
    }

    #[test]
    fn half_a_pair_or_a_line_break_is_named_and_no_value_shown() {
        for (set, names) in [
            (&[("VISEME_ACCESS_KEY", "access-0123")][..], &["VISEME_ACCESS_KEY", "VISEME_SECRET_KEY"][..]),
            (&[("VISEME_SECRET_KEY", "secret-0123")], &["VISEME_ACCESS_KEY", "VISEME_SECRET_KEY"]),
            (&[("VISEME_KEY", "secret-0123\n")], &["VISEME_KEY"]),
        ] {
            let problem = key_in(set).unwrap().unwrap_err();
            assert_eq!(problem.kind, ProblemKind::Usage);
            assert!(names.iter().all(|name| problem.message.contains(name)), "{}", problem.message);
            assert!(!problem.message.contains("-0123"), "{}", problem.message);
        }
    }
}
