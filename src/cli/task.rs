//! `viseme task`: how a task stands, its end, its result.

use super::args::{Global, TaskArgs};
use super::console::Console;
use super::drive::{Drive, Stop};
use super::files::check_writable;
use super::run::{file_stem, print, print_paths};
use super::{Failed, connect, report};
use crate::model::{Problem, ProblemKind};
use crate::workflow::{PersonEvent, Stage};

/// Runs the command; answers the exit code.
pub async fn run(args: TaskArgs, global: &Global, console: &Console) -> Result<u8, Failed> {
    let profile = connect::profile(global)?;
    if args.task_id.trim().is_empty() {
        return Err(Problem::new(ProblemKind::Usage, "The task id is empty").into());
    }
    if let Some(out) = &args.out {
        check_writable(out)?;
    } else if args.wait {
        check_writable("viseme.mp4".as_ref())?;
    }
    let mut drive = Drive::connect(global, profile, console, |setup| {
        connect::set_patience(setup, args.timeout, args.poll_interval, console);
    })
    .await?;
    let outcome = job(&mut drive, &args).await;
    Ok(drive.end(outcome).await)
}

async fn job(drive: &mut Drive<'_>, args: &TaskArgs) -> Result<(), Stop> {
    drive.engine.dispatch(PersonEvent::Follow { task_id: args.task_id.clone(), wait: args.wait });
    drive.follow().await.map_err(|stop| explain(stop, drive))?;
    let Stage::Done(done) = &drive.flow().stage else {
        // Asked for once, and not at its end.
        let status = drive.flow().task().map_or("", |task| task.status_raw.as_str()).to_owned();
        if args.out.is_some() {
            drive.console.say("note: there is no result yet; --wait waits for it");
        }
        return print(drive, &status);
    };
    if args.wait || args.out.is_some() {
        let name = report::external_task_id(drive.flow()).unwrap_or(&args.task_id).to_owned();
        drive.save(args.out.as_deref(), &file_stem(&name)).await?;
        return print_paths(drive);
    }
    for video in &done.task.videos {
        print(drive, &video.url)?;
    }
    Ok(())
}

/// A sandbox that was just started knows no task: that is said beside its refusal.
fn explain(stop: Stop, drive: &Drive<'_>) -> Stop {
    match stop {
        Stop::Problem(problem) if drive.has_own_sandbox() && problem.kind == ProblemKind::Refused => problem
            .with_hint(
                "This sandbox was started for this command and knows no task of another. Give the address of the `viseme sandbox` \
                 that has the task with --base-url, and its key in VISEME_KEY",
            )
            .into(),
        stop => stop,
    }
}
