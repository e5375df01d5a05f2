//! Commands that a person can type next, as a shell takes them.

use super::args::ServiceArgs;

/// The options that reach the same service again, each with a space before it.
pub fn service_options(args: &ServiceArgs) -> String {
    let mut options = String::new();
    let mut add = |option: &str, value: Option<&str>| {
        if let Some(value) = value {
            options.extend([" --", option, " ", &quoted(value)]);
        }
    };
    add("profile", args.profile.as_deref());
    add("base-url", args.base_url.as_deref());
    add("prefix", args.prefix.as_deref());
    add("dialect", args.dialect.map(|dialect| dialect.to_string()).as_deref());
    options
}

/// `viseme task` with the id of a task; `options` as [`service_options`] writes them. An id that begins with a hyphen stands last,
/// after `--`.
pub fn task_command(task_id: &str, more: &str, options: &str) -> String {
    let id = quoted(task_id);
    if task_id.starts_with('-') {
        format!("viseme task {more}{options} -- {id}")
    } else {
        format!("viseme task {id} {more}{options}")
    }
}

/// `viseme task` with the name that a task was created under.
pub fn look_up_command(external_task_id: &str, options: &str) -> String {
    format!("viseme task --external-id {} --wait{options}", quoted(external_task_id))
}

/// A value as a shell takes it.
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
        let args = ServiceArgs {
            profile: Some("kling".into()),
            base_url: Some("http://h/a b".into()),
            prefix: Some(String::new()),
            dialect: None,
        };
        assert_eq!(service_options(&args), " --profile kling --base-url 'http://h/a b' --prefix ''");
    }

    #[test]
    fn an_id_with_a_hyphen_is_no_option() {
        assert_eq!(task_command("t-1", "--wait", " --profile kling"), "viseme task t-1 --wait --profile kling");
        assert_eq!(task_command("-1f", "--wait", " --profile kling"), "viseme task --wait --profile kling -- -1f");
        assert_eq!(look_up_command("it's", ""), r"viseme task --external-id 'it'\''s' --wait");
    }
}
