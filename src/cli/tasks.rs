//! `viseme task` without an id: the accepted tasks of which no end is known.

use std::path::Path;

use serde_json::{Value, json};

use super::args::ServiceArgs;
use super::console::Console;
use super::{Failed, exit, shell, words};
use crate::engine::accepted::{self, Accepted, Service};
use crate::model::{Problem, ProblemKind, Profile};

/// Lists them, the newest last, with the command that follows each; returns the exit code. `service` limits them to one profile.
pub fn run(service: &ServiceArgs, console: &Console) -> Result<u8, Failed> {
    list(&accepted::default_file(), service, console)
}

fn list(file: &Path, service: &ServiceArgs, console: &Console) -> Result<u8, Failed> {
    let mut tasks = accepted::unfinished(file).map_err(|err| {
        Problem::new(ProblemKind::File, words::tasks_unreadable(file.display(), &err)).with_hint(words::tasks_hint())
    })?;
    if let Some(profile) = &service.profile {
        tasks.retain(|task| task.service.profile == *profile);
    }
    if console.is_json() {
        let tasks: Vec<_> = tasks.iter().map(as_json).collect();
        console.object(&json!({"tasks": tasks, "problem": null}))?;
        return Ok(exit::DONE);
    }
    if tasks.is_empty() {
        console.say(&words::no_unfinished_tasks());
    }
    for task in &tasks {
        let or_none = |text: Option<&String>| text.cloned().unwrap_or_else(|| "-".to_owned());
        let (name, clip) = (or_none(task.external_task_id.as_ref()), or_none(task.clip.as_ref()));
        console.result(&format!("{}\t{}\t{name}\t{clip}\t{}", task.task_id, task.service.profile, command(task)))?;
    }
    Ok(exit::DONE)
}

fn as_json(task: &Accepted) -> Value {
    let mut object = json!(task);
    object["command"] = json!(command(task));
    object
}

/// The command that follows a task and saves its result.
fn command(task: &Accepted) -> String {
    shell::task_command(&task.task_id, "--wait", &shell::service_options(&options(&task.service)))
}

/// The options that reach the service of a task: its profile, and what differs from the profile of that name.
fn options(service: &Service) -> ServiceArgs {
    let built_in = Profile::built_in();
    let is_custom = service.profile == super::connect::CUSTOM;
    let known = built_in.iter().find(|profile| profile.name == service.profile || is_custom && profile.is_sandbox());
    let unlike = |value: &str, of: fn(&Profile) -> &str| known.is_none_or(|profile| of(profile) != value);
    ServiceArgs {
        profile: (!is_custom).then(|| service.profile.clone()),
        base_url: unlike(&service.base_url, |profile| &profile.base_url).then(|| service.base_url.clone()),
        prefix: unlike(&service.path_prefix, |profile| &profile.path_prefix).then(|| service.path_prefix.clone()),
        dialect: known.is_none_or(|profile| profile.dialect != service.dialect).then_some(service.dialect),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Dialect;

    fn options_of(profile: &str, base_url: &str, path_prefix: &str, dialect: Dialect) -> String {
        let service =
            Service { profile: profile.into(), base_url: base_url.into(), path_prefix: path_prefix.into(), dialect };
        shell::service_options(&options(&service))
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
}
