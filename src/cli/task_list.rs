//! Lists of tasks: a page of the history, or what is not at its end.

use std::path::PathBuf;

use serde_json::json;

use super::args::{JournalArgs, ListArgs, ServiceArgs};
use super::console::Console;
use super::{Failed, connect, exit, task_json, words};
use crate::engine::journal::{HistoryQuery, HistoryRow, Journal, Phase, set_aside_files};
use crate::engine::shell::follow_command;
use crate::engine::{Clock, expiring_soon, local_days};
use crate::model::{Problem, ProblemKind};

/// What stands for an absent value.
const NONE: &str = "-";

/// `viseme tasks list`: the newest first; returns the exit code.
///
/// `set_aside`: damaged journals that lie beside this one, whose tasks it does not have.
pub fn run(
    args: &ListArgs,
    service: &ServiceArgs,
    journal: &Journal,
    set_aside: &[PathBuf],
    console: &Console,
) -> Result<u8, Failed> {
    let [from_ms, to_ms] = match args.day.as_deref().map(local_days::bounds) {
        None => [None, None],
        Some(Some([from_ms, to_ms])) => [Some(from_ms), Some(to_ms)],
        Some(None) => {
            return Err(
                Problem::new(ProblemKind::Usage, words::not_a_day(args.day.as_deref().unwrap_or_default())).into()
            );
        }
    };
    let query = HistoryQuery {
        search: args.search.clone().unwrap_or_default(),
        phase: args.state,
        from_ms,
        to_ms,
        unfinished: args.unfinished,
        profile: service.profile.clone(),
        ..HistoryQuery::default()
    };
    let page = journal.history(&query, args.limit).map_err(Problem::from)?;
    write(&page.rows, set_aside, console)?;
    for file in set_aside {
        console.note(&words::journal_aside(file.display()));
    }
    if page.next.is_some() {
        console.note(&words::more_tasks(args.limit));
    }
    let now_ms = Clock::system().now_ms();
    for result in expiring_soon(journal, now_ms)? {
        let when = result.when(now_ms);
        console.warn(&if result.is_certain {
            words::result_expires(&result.name, when)
        } else {
            words::result_may_expire(&result.name, when)
        });
        if let Some(task) = journal.intent(result.id).ok().and_then(|intent| intent.task) {
            console.hint(&words::result_expires_hint(&task.task_id));
        }
    }
    Ok(exit::DONE)
}

/// `viseme task` without an id: what is not at its end.
pub fn unfinished(service: &ServiceArgs, journal: &JournalArgs, console: &Console) -> Result<u8, Failed> {
    let args = ListArgs { unfinished: true, limit: u32::MAX, ..ListArgs::default() };
    let opened = connect::open_journal(journal, console)?;
    run(&args, service, &opened, &set_aside_files(&connect::journal_file(journal)), console)
}

fn write(rows: &[HistoryRow], set_aside: &[PathBuf], console: &Console) -> Result<(), Problem> {
    let profiles = connect::profiles();
    if console.is_json() {
        let tasks: Vec<_> = rows.iter().map(|row| task_json::of_row(row, &profiles)).collect();
        return console.object(json!({"tasks": tasks, "set_aside": set_aside, "problem": null}));
    }
    if rows.is_empty() {
        console.say(&words::no_tasks());
    }
    for row in rows {
        let or_none = |text: Option<&str>| text.filter(|text| !text.is_empty()).unwrap_or(NONE).to_owned();
        let what_next = match &row.result {
            Some(result) => result.display().to_string(),
            None if row.phase.is_finished() => or_none(row.reason.as_deref()),
            None if row.phase == Phase::Intended => words::part_waits_in_queue(),
            None => or_none(
                follow_command(&row.service, &profiles, row.task_id.as_deref(), row.external_task_id.as_deref())
                    .as_deref(),
            ),
        };
        console.row(&[
            local_days::text(row.begun_ms),
            row.phase.word().to_owned(),
            or_none(row.task_id.as_deref()),
            or_none(row.external_task_id.as_deref()),
            row.service.profile.clone(),
            or_none(Some(&row.clip_name)),
            or_none(Some(&row.voice_name)),
            what_next,
        ])?;
    }
    Ok(())
}
