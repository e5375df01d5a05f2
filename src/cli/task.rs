//! `viseme task`: how a task stands, its end, its result, by the service's id or by the name it was created under.

use std::path::Path;
use std::time::Duration;

use super::args::{JournalArgs, ServiceArgs, TaskArgs};
use super::console::Console;
use super::files::check_writable;
use super::runner::Runner;
use super::stop::Stop;
use super::{Failed, connect, words};
use crate::model::{Lookup, Problem, ProblemKind};
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
    let outcome = job(&mut runner, &args).await;
    Ok(runner.end(outcome).await)
}

async fn job(runner: &mut Runner<'_>, args: &TaskArgs) -> Result<(), Stop> {
    let task_id = match (&args.task_id, &args.external_id) {
        (Some(task_id), _) => task_id.clone(),
        (None, name) => find(runner, name.as_deref().unwrap_or_default()).await?,
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

/// The id of the task that was created under `name`.
///
/// # Errors
/// There is none, or it cannot be looked for.
pub async fn find(runner: &mut Runner<'_>, name: &str) -> Result<String, Stop> {
    let found = runner.find_task(name).await.map_err(|stop| explain(stop, runner))?;
    let not_found =
        |message: String| Problem::new(ProblemKind::Refused, message).with_hint(words::name_not_found_hint());
    match found {
        Lookup::Found(task) => {
            runner.console.say(&words::task_found(name, &task.task_id));
            Ok(task.task_id)
        }
        Lookup::Absent { complete: true, .. } => Err(explain(not_found(words::name_not_found(name)).into(), runner)),
        Lookup::Absent { looked_at, complete: false } => {
            Err(explain(not_found(words::name_not_among_newest(name, looked_at)).into(), runner))
        }
        Lookup::NoList => {
            Err(Problem::new(ProblemKind::Usage, words::no_look_up()).with_hint(words::look_up_by_hand(name)).into())
        }
    }
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
