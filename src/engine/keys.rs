//! Keys from the environment: they are never an argument, where every process of the machine could read them.

use crate::model::{Problem, ProblemKind};
use crate::service::Credentials;

/// Where keys are looked for: the Bearer key, then access and secret key.
pub const KEY_VARIABLES: [&str; 3] = ["VISEME_KEY", "VISEME_ACCESS_KEY", "VISEME_SECRET_KEY"];

/// Credentials from this process's environment.
///
/// # Errors
/// [`ProblemKind::Usage`]: none is set, only half of a pair is, or one cannot be a key. Names the variables, never a value.
pub fn credentials_from_env() -> Result<Credentials, Problem> {
    credentials_from(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
}

/// The same from any source of variables. `VISEME_KEY` goes before the pair.
///
/// # Errors
/// As with [`credentials_from_env`].
pub fn credentials_from(variable: impl Fn(&str) -> Option<String>) -> Result<Credentials, Problem> {
    let [key_name, access_name, secret_name] = KEY_VARIABLES;
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let usage = |words: String| {
        Problem::new(ProblemKind::Usage, words).with_hint(format!(
            "Set {key_name}, or {access_name} and {secret_name} (signed tokens), in the environment"
        ))
    };
    match (set(key_name), set(access_name), set(secret_name)) {
        (Some(key), _, _) => Credentials::key(key),
        (None, Some(access_key), Some(secret_key)) => Credentials::signed(access_key, secret_key),
        (None, Some(_), None) => {
            Err(usage(format!("{access_name} is set and {secret_name} is not: a token needs both")))
        }
        (None, None, Some(_)) => {
            Err(usage(format!("{secret_name} is set and {access_name} is not: a token needs both")))
        }
        (None, None, None) => Err(usage("There is no key".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(set: &[(&str, &str)]) -> Result<Credentials, Problem> {
        credentials_from(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn a_key_or_a_whole_pair_and_else_the_names_of_the_variables() {
        assert!(!from(&[("VISEME_KEY", "k-123456")]).unwrap().can_sign_again());
        assert!(from(&[("VISEME_ACCESS_KEY", "ak-123"), ("VISEME_SECRET_KEY", "sk-123")]).unwrap().can_sign_again());
        for half in
            [&[][..], &[("VISEME_ACCESS_KEY", "ak-123")], &[("VISEME_SECRET_KEY", "sk-123")], &[("VISEME_KEY", "")]]
        {
            let problem = from(half).unwrap_err();
            assert_eq!(problem.kind, ProblemKind::Usage);
            let hint = problem.hint.unwrap();
            assert!(KEY_VARIABLES.iter().all(|name| hint.contains(name)), "{hint}");
            assert!(!problem.message.contains("sk-123") && !problem.message.contains("ak-123"));
        }
    }
}
