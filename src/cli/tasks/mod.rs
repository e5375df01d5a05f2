//! `viseme tasks`: what the journal knows of every task, whichever window or command created it.

mod json;
mod list;
mod show;

use std::path::PathBuf;

use super::args::{JournalArgs, ResumeArgs, ServiceArgs, TaskArgs, TasksArgs, TasksCommand};
use super::console::Console;
use super::{Failed, exit, shell, task, words};
use crate::engine::JournalAccess;
use crate::engine::journal::{Intent, IntentState, Journal, Service, default_file};
use crate::model::{Problem, ProblemKind, Profile};

pub use self::list::unfinished;

/// Runs the command; returns the exit code.
pub async fn run(
    args: TasksArgs,
    service: &ServiceArgs,
    journal: &JournalArgs,
    console: &Console,
) -> Result<u8, Failed> {
    match args.command.unwrap_or(TasksCommand::List(args.list)) {
        TasksCommand::List(args) => list::run(&args, service, &open(journal, console)?, console),
        TasksCommand::Show(args) => {
            let opened = open(journal, console)?;
            show::run(&find(&opened, &args.id, service)?, &opened, console)
        }
        TasksCommand::Resume(args) => {
            let intent = find(&open(journal, console)?, &args.id, service)?;
            resume(&intent, args, journal, console).await
        }
        TasksCommand::Delete(args) => {
            let opened = open(journal, console)?;
            let intent = find(&opened, &args.id, service)?;
            opened.delete(intent.id, now_ms()).map_err(Problem::from)?;
            console.say(&words::task_deleted(&args.id));
            if console.is_json() {
                console.object(&serde_json::json!({"deleted": args.id, "problem": null}))?;
            }
            Ok(exit::DONE)
        }
    }
}

/// The file of the journal.
pub fn file(journal: &JournalArgs) -> PathBuf {
    journal.data_dir.as_ref().map_or_else(default_file, |folder| folder.join("journal.db"))
}

/// Opens the journal, and says what was found wrong with it.
fn open(journal: &JournalArgs, console: &Console) -> Result<Journal, Problem> {
    let access = JournalAccess::of_file(file(journal));
    if let Some(notice) = access.open()? {
        console.warn(&notice);
    }
    access.journal()
}

fn usage(message: String) -> Problem {
    Problem::new(ProblemKind::Usage, message)
}

fn now_ms() -> i64 {
    crate::engine::Clock::system().now_ms()
}

/// The task of an id or a name; `service` chooses among those of several services.
///
/// # Errors
/// [`ProblemKind::Usage`]: there is none, or there are several.
fn find(journal: &Journal, id_or_name: &str, service: &ServiceArgs) -> Result<Intent, Problem> {
    let mut found = journal.find(id_or_name.trim())?;
    if let Some(profile) = &service.profile {
        found.retain(|intent| intent.service.profile == *profile);
    }
    if found.len() > 1 {
        let services: Vec<_> = found.iter().map(|intent| intent.service.profile.as_str()).collect();
        return Err(Problem::new(ProblemKind::Usage, words::several_tasks(id_or_name, services.join(", ")))
            .with_hint(words::several_tasks_hint()));
    }
    found.pop().ok_or_else(|| {
        Problem::new(ProblemKind::Usage, words::task_not_in_journal(id_or_name))
            .with_hint(words::task_not_in_journal_hint())
    })
}

/// Follows a task to its end and saves its result, as `viseme task` does; one without an id is looked up by its name first.
async fn resume(intent: &Intent, args: ResumeArgs, journal: &JournalArgs, console: &Console) -> Result<u8, Failed> {
    if is_of_ended_sandbox(&intent.service) {
        return Err(Problem::new(ProblemKind::Usage, words::sandbox_of_task_ended())
            .with_hint(words::sandbox_of_task_ended_hint())
            .into());
    }
    let task_id = intent.task.as_ref().map(|task| task.task_id.clone());
    let external_id = intent.external_task_id.clone().filter(|_| task_id.is_none());
    let may_exist = matches!(intent.state, IntentState::Sent | IntentState::Unknown | IntentState::Accepted);
    if !may_exist || (task_id.is_none() && external_id.is_none()) {
        return Err(Problem::new(ProblemKind::Usage, words::nothing_to_resume(intent.phase.word())).into());
    }
    let service = options(&intent.service);
    let args = TaskArgs {
        task_id,
        external_id,
        wait: true,
        out: args.out,
        timeout: args.timeout,
        poll_interval: args.poll_interval,
        service: ServiceArgs::default(),
        output: args.output,
    };
    task::run(args, &service, journal, console).await
}

/// Whether a task ran in a sandbox that a window or a command had started for itself.
fn is_of_ended_sandbox(service: &Service) -> bool {
    service.base_url.is_empty()
}

/// The command that follows a task and saves its result, or looks it up by its name; `None` where there is nothing to follow.
fn command(service: &Service, task_id: Option<&str>, external_task_id: Option<&str>) -> Option<String> {
    if is_of_ended_sandbox(service) {
        return None;
    }
    let options = shell::service_options(&options(service));
    match (task_id, external_task_id) {
        (Some(task_id), _) => Some(shell::task_command(task_id, "--wait", &options)),
        (None, Some(name)) => Some(shell::look_up_command(name, &options)),
        (None, None) => None,
    }
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

    #[test]
    fn a_task_of_a_sandbox_that_ended_has_no_command() {
        let service = Service {
            profile: "sandbox".into(),
            base_url: String::new(),
            path_prefix: "/kling".into(),
            dialect: Dialect::Kling,
        };
        assert_eq!(command(&service, Some("t-1"), None), None);
        let elsewhere = Service { base_url: "http://127.0.0.1:8080".into(), ..service };
        let command = command(&elsewhere, None, Some("mine")).unwrap();
        assert!(command.contains("--external-id mine") && command.contains("127.0.0.1:8080"), "{command}");
    }
}
