//! `viseme tasks`: what the journal knows of every task, whichever window or command created it.

use std::path::Path;
use std::time::Duration;

use super::args::{JournalArgs, ResumeArgs, ServiceArgs, TasksArgs, TasksCommand};
use super::console::Console;
use super::earlier::Earlier;
use super::files::check_writable;
use super::runner::Runner;
use super::stop::Stop;
use super::{Failed, connect, exit, owner, report, save, settle, task, task_list, task_show, words};
use crate::engine::Settling;
use crate::engine::journal::{Intent, IntentState, Journal, JournalError, Owner, set_aside_files};
use crate::engine::shell::{self, ServiceOptions, is_embedded};
use crate::model::{Problem, ProblemKind};

/// Runs the command; returns the exit code.
pub async fn run(
    args: TasksArgs,
    service: &ServiceArgs,
    journal: &JournalArgs,
    console: &Console,
) -> Result<u8, Failed> {
    match args.command.unwrap_or(TasksCommand::List(args.list)) {
        TasksCommand::List(args) => {
            let opened = connect::open_journal(journal, console)?;
            task_list::run(&args, service, &opened, &set_aside_files(&connect::journal_file(journal)), console)
        }
        TasksCommand::Show(args) => {
            let opened = connect::open_journal(journal, console)?;
            task_show::run(&find(&opened, &args.id, service)?, &opened, console)
        }
        TasksCommand::Resume(args) => {
            let opened = connect::open_journal(journal, console)?;
            let intent = find(&opened, &args.id, service)?;
            owner::settle_owner(&opened, intent.id, console).await?;
            let saved = opened.results(intent.id).map_err(Problem::from)?;
            let earlier = Earlier::of(&opened, intent.id)?;
            if let (Some(saved), None) = (saved.iter().find(|saved| saved.file.path.is_file()), &args.out) {
                let path = saved.file.path.display().to_string();
                console.say(&words::already_saved(&path));
                console.result(&path)?;
                // Addresses of a sandbox that was started for a command have ended with it.
                let service_stays = !is_embedded(&intent.service);
                return Ok(report::finish(console, earlier.of_done(service_stays), exit::DONE));
            }
            let intent = opened.intent(intent.id).map_err(Problem::from)?;
            if intent.ends_with_process() && intent.finished_ms.is_some() {
                let problem = Problem::new(ProblemKind::Usage, words::ended_with_sandbox(&args.id));
                return Err(problem.with_hint(words::ended_with_sandbox_hint()).into());
            }
            drop(opened);
            resume(earlier, &intent, args, service.key_stdin, journal, console).await
        }
        TasksCommand::Delete(args) => {
            let opened = connect::open_journal(journal, console)?;
            let intent = find(&opened, &args.id, service)?;
            opened.delete(intent.id, now_ms()).map_err(|err| of_delete(err, &intent, &args.id))?;
            console.say(&words::task_deleted(&args.id));
            if console.is_json() {
                console.object(serde_json::json!({"deleted": args.id, "problem": null}))?;
            }
            Ok(exit::DONE)
        }
        TasksCommand::Close(args) => {
            let opened = connect::open_journal(journal, console)?;
            let intent = find(&opened, &args.id, service)?;
            if !can_be_closed(&intent) {
                return Err(not_closed(&intent, &args.id).into());
            }
            owner::wait_for_owner(&opened, intent.id, console).await?;
            // Nobody else has this name while this process lives.
            let by = Owner::new(format!("{}-close", std::process::id()));
            opened.close(intent.id, &by, now_ms()).map_err(Problem::from)?;
            console.say(&words::task_closed(&args.id));
            if console.is_json() {
                console.object(serde_json::json!({"closed": args.id, "problem": null}))?;
            }
            Ok(exit::DONE)
        }
    }
}

/// Whether it waits in the queue, or nobody knows whether the service took it.
const fn can_be_closed(intent: &Intent) -> bool {
    matches!(intent.state, IntentState::Intended | IntentState::Sent | IntentState::Unknown)
}

/// Why a task is not closed: the service has it, or it is at its end.
fn not_closed(intent: &Intent, id: &str) -> Problem {
    let problem = |message: String| Problem::new(ProblemKind::Usage, message);
    if intent.finished_ms.is_some() {
        return problem(words::close_at_end(id, intent.phase.word()))
            .with_hint(words::close_at_end_hint(shell::quoted(id)));
    }
    problem(words::close_accepted(id)).with_hint(words::close_accepted_hint(shell::quoted(id)))
}

/// Why a task is not deleted, and what to do: it depends on whether the service has it.
fn of_delete(err: JournalError, intent: &Intent, id: &str) -> Problem {
    let id = shell::quoted(id);
    match err {
        JournalError::Unfinished(_) => {
            let hint =
                if can_be_closed(intent) { words::delete_unclear_hint(&id) } else { words::delete_running_hint(&id) };
            Problem::new(ProblemKind::Usage, words::delete_unfinished(&id)).with_hint(hint)
        }
        other => other.into(),
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

/// Follows a task to its end and saves its result, under the name that it would have had, had its run not been stopped. An unclear create is
/// settled first.
async fn resume(
    earlier: Earlier,
    intent: &Intent,
    args: ResumeArgs,
    key_stdin: bool,
    journal: &JournalArgs,
    console: &Console,
) -> Result<u8, Failed> {
    let is_unclear = matches!(intent.state, IntentState::Sent | IntentState::Unknown);
    if !is_unclear && intent.task.is_none() {
        return Err(Problem::new(ProblemKind::Usage, words::nothing_to_resume(intent.phase.word())).into());
    }
    let service =
        ServiceArgs { key_stdin, ..ServiceArgs::from(ServiceOptions::of(&intent.service, &connect::profiles())) };
    let profile = connect::profile(&service)?;
    check_writable(&args.out.clone().unwrap_or_else(|| save::path_of(intent)))?;
    let mut runner = Runner::connect(&service, profile, journal, false, console, |setup| {
        connect::set_polling(setup, args.timeout, args.poll_interval, console);
    })
    .await?;
    runner.earlier = Some(earlier);
    runner.limit(args.timeout.unwrap_or(Duration::from_millis(runner.flow().terms.poll_limit_ms)));
    let outcome = finish(&mut runner, intent, args.out.as_deref()).await;
    Ok(runner.end(outcome).await)
}

async fn finish(runner: &mut Runner<'_>, intent: &Intent, out: Option<&Path>) -> Result<(), Stop> {
    let task_id = match &intent.task {
        Some(task) => task.task_id.clone(),
        None => settle(runner, intent).await?,
    };
    task::follow_and_save(runner, task_id, out, true).await
}

/// The task that an unclear create has made.
async fn settle(runner: &mut Runner<'_>, intent: &Intent) -> Result<String, Stop> {
    let name = intent.external_task_id.as_deref().unwrap_or_default();
    runner.console.say(&words::settling(name));
    let problem = match runner.settle(intent.id).await? {
        Settling::Created(task_id) => {
            runner.console.say(&words::task_found(name, &task_id));
            return Ok(task_id);
        }
        Settling::Nothing => Problem::new(ProblemKind::Refused, words::nothing_was_created(name)),
        Settling::Open => {
            let hint = settle::how_to_settle(runner.engine.profile(), name);
            Problem::new(ProblemKind::OutcomeUnknown, words::not_settled(name)).with_hint(hint)
        }
    };
    Err(problem.into())
}
