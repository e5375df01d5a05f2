//! `viseme tasks`: what the journal knows of every task, whichever window or command created it.

use super::args::{JournalArgs, ResumeArgs, ServiceArgs, TaskArgs, TasksArgs, TasksCommand};
use super::console::Console;
use super::{Failed, connect, exit, owner, task, task_list, task_show, words};
use crate::engine::journal::{Intent, IntentState, Journal};
use crate::engine::shell::ServiceOptions;
use crate::model::{Problem, ProblemKind};

/// Runs the command; returns the exit code.
pub async fn run(
    args: TasksArgs,
    service: &ServiceArgs,
    journal: &JournalArgs,
    console: &Console,
) -> Result<u8, Failed> {
    match args.command.unwrap_or(TasksCommand::List(args.list)) {
        TasksCommand::List(args) => task_list::run(&args, service, &connect::open_journal(journal, console)?, console),
        TasksCommand::Show(args) => {
            let opened = connect::open_journal(journal, console)?;
            task_show::run(&find(&opened, &args.id, service)?, &opened, console)
        }
        TasksCommand::Resume(args) => {
            let opened = connect::open_journal(journal, console)?;
            let intent = find(&opened, &args.id, service)?;
            owner::wait_for_owner(&opened, intent.id, console).await?;
            drop(opened);
            resume(&intent, args, service.key_stdin, journal, console).await
        }
        TasksCommand::Delete(args) => {
            let opened = connect::open_journal(journal, console)?;
            let intent = find(&opened, &args.id, service)?;
            opened.delete(intent.id, now_ms()).map_err(Problem::from)?;
            console.say(&words::task_deleted(&args.id));
            if console.is_json() {
                console.object(serde_json::json!({"deleted": args.id, "problem": null}))?;
            }
            Ok(exit::DONE)
        }
    }
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
async fn resume(
    intent: &Intent,
    args: ResumeArgs,
    key_stdin: bool,
    journal: &JournalArgs,
    console: &Console,
) -> Result<u8, Failed> {
    let task_id = intent.task.as_ref().map(|task| task.task_id.clone());
    let external_id = intent.external_task_id.clone().filter(|_| task_id.is_none());
    let may_exist = matches!(intent.state, IntentState::Sent | IntentState::Unknown | IntentState::Accepted);
    if !may_exist || (task_id.is_none() && external_id.is_none()) {
        return Err(Problem::new(ProblemKind::Usage, words::nothing_to_resume(intent.phase.word())).into());
    }
    let service = ServiceArgs { key_stdin, ..ServiceArgs::from(ServiceOptions::of(&intent.service)) };
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
