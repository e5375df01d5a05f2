//! Keys from the environment: they are never an argument, where every process of the machine could read them.

use super::words;
use crate::model::{Problem, ProblemKind};
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
