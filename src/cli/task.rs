//! `viseme task`: how a task stands, its end, its result, by the service's id or by the name it was created under.

use std::path::Path;
use std::time::Duration;

use super::args::{JournalArgs, ServiceArgs, TaskArgs};
use super::console::Console;
use super::files::check_writable;
use super::runner::Runner;
use super::stop::Stop;
use super::{Failed, connect, words};
use crate::model::{Problem, ProblemKind};
use crate::workflow::{PersonEvent, Stage};

/// Runs the command; returns the exit code.
pub async fn run(
    args: TaskArgs,
    service: &ServiceArgs,
    journal: &JournalArgs,
    console: &Console,
) -> Result<u8, Failed> {
    let profile = connect::profile(service)?;
    if args.task_id.iter().chain(&args.external_id).any(|id| id.trim().is_empty()) {
        return Err(Problem::new(ProblemKind::Usage, words::empty_task_id()).into());
    }
    if let Some(out) = &args.out {
        check_writable(out)?;
    } else if args.wait {
        check_writable("lip-sync.mp4".as_ref())?;
    }
    let mut runner = Runner::connect(service, profile, journal, false, console, |setup| {
        connect::set_polling(setup, args.timeout, args.poll_interval, console);
    })
    .await?;
    if args.wait {
        runner.limit(args.timeout.unwrap_or(Duration::from_millis(runner.flow().terms.poll_limit_ms)));
    }
    let outcome = job(&mut runner, &args, journal).await;
    Ok(runner.end(outcome).await)
}

async fn job(runner: &mut Runner<'_>, args: &TaskArgs, journal: &JournalArgs) -> Result<(), Stop> {
    let task_id = match (&args.task_id, &args.external_id) {
        (Some(task_id), _) => task_id.clone(),
        (None, name) => find(runner, name.as_deref().unwrap_or_default(), journal).await?,
    };
    runner.engine.dispatch(PersonEvent::Follow { task_id, wait: args.wait });
    runner.follow().await.map_err(|stop| explain(stop, runner))?;
    let Stage::Done(done) = &runner.flow().stage else {
        // The task is not at its end, and only its status was asked for.
        let status = runner.flow().task().map_or("", |task| task.status_raw.as_str());
        if args.out.is_some() {
            runner.console.note(&words::no_result_yet());
        }
        return Ok(runner.console.result(status)?);
    };
    if args.wait || args.out.is_some() {
        return runner.save(args.out.as_deref(), true).await;
    }
    for video in &done.task.videos {
        runner.console.result(&video.url)?;
    }
    Ok(())
}

/// Follows a task to its end and saves its result.
///
/// # Errors
/// As [`Runner::follow`] and [`Runner::save`].
pub async fn follow_and_save(
    runner: &mut Runner<'_>,
    task_id: String,
    out: Option<&Path>,
    replaces: bool,
) -> Result<(), Stop> {
    runner.engine.dispatch(PersonEvent::Follow { task_id, wait: true });
    runner.follow().await.map_err(|stop| explain(stop, runner))?;
    runner.save(out, replaces).await
}

/// The id of the task that was created under `name`. Where it was not known whether that was created, it is from now on.
///
/// # Errors
/// There is none, or it cannot be looked for.
async fn find(runner: &mut Runner<'_>, name: &str, journal: &JournalArgs) -> Result<String, Stop> {
    let not_found =
        |message: String| Problem::new(ProblemKind::Refused, message).with_hint(words::name_not_found_hint());
    let Some(looked) = runner.find_tasks(name).await.map_err(|stop| explain(stop, runner))? else {
        return Err(Problem::new(ProblemKind::Usage, words::no_look_up())
            .with_hint(words::look_up_by_hand(name))
            .into());
    };
    let settled = runner.settle_with(name, &looked.found, journal).await?;
    let task_id = settled.or_else(|| looked.found.into_iter().next().map(|task| task.task_id));
    let Some(task_id) = task_id else {
        let message = if looked.complete {
            words::name_not_found(name)
        } else {
            words::name_not_among_newest(name, looked.looked_at)
        };
        return Err(explain(not_found(message).into(), runner));
    };
    runner.console.say(&words::task_found(name, &task_id));
    Ok(task_id)
}

/// Explains the refusal of a sandbox that was started for this command, and so has no task of another.
fn explain(stop: Stop, runner: &Runner<'_>) -> Stop {
    match stop {
        Stop::Problem(problem) if runner.has_own_sandbox() && problem.kind == ProblemKind::Refused => {
            let is_alone = runner.tasks_end_with_it();
            let hint = if is_alone { words::no_task_of_another_command() } else { words::no_task_in_state() };
            problem.with_hint(hint).into()
        }
        stop => stop,
    }
}
