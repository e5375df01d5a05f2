//! Commands that a person can type next, as a shell takes them.

use crate::journal::Service;
use crate::model::{Dialect, Profile};

/// The name of a service that is given by its address alone.
pub const CUSTOM: &str = "custom";

/// The options of the command line that say which service is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceOptions {
    /// `--profile`.
    pub profile: Option<String>,
    /// `--base-url`.
    pub base_url: Option<String>,
    /// `--prefix`.
    pub prefix: Option<String>,
    /// `--dialect`.
    pub dialect: Option<Dialect>,
}

impl ServiceOptions {
    /// The options that reach the service of a task: its profile, and what differs from the one of that name among `profiles`.
    #[must_use]
    pub fn of(service: &Service, profiles: &[Profile]) -> Self {
        let is_custom = service.profile == CUSTOM;
        let known =
            profiles.iter().find(|profile| profile.name == service.profile || is_custom && profile.is_sandbox());
        let unlike = |value: &str, of: fn(&Profile) -> &str| known.is_none_or(|profile| of(profile) != value);
        Self {
            profile: (!is_custom).then(|| service.profile.clone()),
            base_url: unlike(&service.base_url, |profile| &profile.base_url).then(|| service.base_url.clone()),
            prefix: unlike(&service.path_prefix, |profile| &profile.path_prefix).then(|| service.path_prefix.clone()),
            dialect: known.is_none_or(|profile| profile.dialect != service.dialect).then_some(service.dialect),
        }
    }
}

/// Whether a task ran in a sandbox that a window or a command had started for itself; what that kept, the next one goes on with.
#[must_use]
pub fn is_embedded(service: &Service) -> bool {
    service.base_url.is_empty()
}

/// The command that follows a task and saves its result, or looks it up by its name; `None` where there is nothing to follow. `profiles`: those
/// that the command knows by their names.
#[must_use]
pub fn follow_command(
    service: &Service,
    profiles: &[Profile],
    task_id: Option<&str>,
    external_task_id: Option<&str>,
) -> Option<String> {
    let options = service_options(&ServiceOptions::of(service, profiles));
    match (task_id, external_task_id) {
        (Some(task_id), _) => Some(task_command(task_id, "--wait", &options)),
        (None, Some(name)) => Some(look_up_command(name, &options)),
        (None, None) => None,
    }
}

/// The options that reach the same service again, each with a space before it.
#[must_use]
pub fn service_options(service: &ServiceOptions) -> String {
    let mut options = String::new();
    let mut add = |option: &str, value: Option<&str>| {
        if let Some(value) = value {
            options.extend([" --", option, " ", &quoted(value)]);
        }
    };
    add("profile", service.profile.as_deref());
    add("base-url", service.base_url.as_deref());
    add("prefix", service.prefix.as_deref());
    add("dialect", service.dialect.map(|dialect| dialect.to_string()).as_deref());
    options
}

/// `viseme task` with the id of a task; `options` as [`service_options`] writes them. An id that begins with a hyphen stands last,
/// after `--`.
#[must_use]
pub fn task_command(task_id: &str, more: &str, options: &str) -> String {
    let id = quoted(task_id);
    if task_id.starts_with('-') {
        format!("viseme task {more}{options} -- {id}")
    } else {
        format!("viseme task {id} {more}{options}")
    }
}

/// `viseme task` with the name that a task was created under.
#[must_use]
pub fn look_up_command(external_task_id: &str, options: &str) -> String {
    format!("viseme task --external-id {} --wait{options}", quoted(external_task_id))
}

/// A value as a shell takes it.
#[must_use]
pub fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_of_a_command_can_be_typed_again() {
        let service = ServiceOptions {
            profile: Some("kling".into()),
            base_url: Some("http://h/a b".into()),
            prefix: Some(String::new()),
            dialect: None,
        };
        assert_eq!(service_options(&service), " --profile kling --base-url 'http://h/a b' --prefix ''");
    }

    #[test]
    fn an_id_with_a_hyphen_is_no_option() {
        assert_eq!(task_command("t-1", "--wait", " --profile kling"), "viseme task t-1 --wait --profile kling");
        assert_eq!(task_command("-1f", "--wait", " --profile kling"), "viseme task --wait --profile kling -- -1f");
        assert_eq!(look_up_command("it's", ""), r"viseme task --external-id 'it'\''s' --wait");
    }

    fn options_of(profile: &str, base_url: &str, path_prefix: &str, dialect: Dialect) -> String {
        let service =
            Service { profile: profile.into(), base_url: base_url.into(), path_prefix: path_prefix.into(), dialect };
        service_options(&ServiceOptions::of(&service, &Profile::built_in()))
    }

    #[test]
    fn a_command_reaches_the_service_of_its_task() {
        let kling = "https://api-singapore.klingai.com";
        assert_eq!(options_of("kling", kling, "", Dialect::Kling), " --profile kling");
        assert_eq!(
            options_of("kling", "https://api-beijing.klingai.com", "", Dialect::Kling),
            " --profile kling --base-url https://api-beijing.klingai.com"
        );
        assert_eq!(options_of("custom", "https://h", "/kling", Dialect::Kling), " --base-url https://h");
        assert_eq!(
            options_of("custom", "https://h", "", Dialect::Kirin),
            " --base-url https://h --prefix '' --dialect kirin"
        );
        assert_eq!(
            options_of("mine", "https://h", "/kling", Dialect::Kling),
            " --profile mine --base-url https://h --prefix /kling --dialect kling"
        );
    }

    #[test]
    fn a_task_of_the_embedded_sandbox_is_followed_in_the_sandbox_of_the_next_command() {
        let service = Service {
            profile: "sandbox".into(),
            base_url: String::new(),
            path_prefix: "/kling".into(),
            dialect: Dialect::Kling,
        };
        let command = follow_command(&service, &Profile::built_in(), Some("t-1"), None);
        assert_eq!(command.as_deref(), Some("viseme task t-1 --wait --profile sandbox"));
        assert_eq!(follow_command(&service, &Profile::built_in(), None, None), None);
        let elsewhere = Service { base_url: "http://127.0.0.1:8080".into(), ..service };
        let command = follow_command(&elsewhere, &Profile::built_in(), None, Some("mine")).unwrap();
        assert!(command.contains("--external-id mine") && command.contains("127.0.0.1:8080"), "{command}");
    }
}
