//! `viseme batch`: many jobs from one file, as many at once as the service runs, and each of them once: what an earlier run of the same file
//! has done is not done again.

mod earlier;
mod row;
mod sessions;

use std::cell::Cell;
use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::sync::Notify;

use self::earlier::Left;
use self::row::Row;
use self::sessions::Sessions;
use super::args::{BatchArgs, JournalArgs, ServiceArgs};
use super::connection::Connection;
use super::console::Console;
use super::earlier::Earlier;
use super::owner::settle_owner;
use super::run::{self, Job};
use super::runner::{NO_SLOT, Runner};
use super::stop::Stop;
use super::{Failed, connect, exit, report, settle, task, words};
use crate::engine::{Journaling, Settling, shell};
use crate::model::{Problem, ProblemKind};

/// A row at its end.
struct Ended {
    line: usize,
    code: u8,
    object: Value,
}

/// What all rows of a batch share.
struct Batch<'a> {
    connection: Connection,
    journal: &'a JournalArgs,
    console: &'a Console,
    limit: Duration,
    /// How many rows may be with the service at once: fewer once it has refused one for that.
    most: Cell<usize>,
    running: Cell<usize>,
    sessions: Sessions,
    /// One row is no longer with the service.
    ended: Notify,
    /// A person has asked to stop: nothing further is begun.
    is_stopped: Cell<bool>,
}

/// Runs the command; returns the exit code.
pub async fn run(
    args: BatchArgs,
    service: &ServiceArgs,
    journal: &JournalArgs,
    console: &Console,
) -> Result<u8, Failed> {
    if journal.no_journal {
        let problem = Problem::new(ProblemKind::Usage, words::batch_needs_journal());
        return Err(problem.with_hint(words::batch_needs_journal_hint()).into());
    }
    if service.key_stdin && args.file.as_os_str() == "-" {
        return Err(Problem::new(ProblemKind::Usage, words::input_is_the_batch())
            .with_hint(words::no_service_key_hint(shell::quoted(service.profile.as_deref().unwrap_or("sandbox"))))
            .into());
    }
    let profile = connect::profile(service)?;
    let (file, out) = (args.file.clone(), args.out.clone());
    let rows = tokio::task::spawn_blocking(move || row::read(&file, out.as_deref())).await;
    let rows = rows.map_err(|err| Problem::new(ProblemKind::Internal, err.to_string()))??;
    let storage = connect::storage(args.storage, console).await?;
    let connection = Connection::open(service, profile, journal, true, console, |setup| {
        connect::set_polling(setup, args.timeout, args.poll_interval, console);
        setup.load_previews = false;
        setup.budget = args.budget.or(setup.budget);
        setup.recalls_faces &= !args.find_again;
        setup.storage = storage;
    })
    .await?;
    let limit = args.timeout.unwrap_or(Duration::from_millis(connection.setup.profile.poll_limit_ms));
    let most = args.jobs.min(rows.len());
    console.say(&words::batch_begins(rows.len(), most));
    let batch = Batch {
        connection,
        journal,
        console,
        limit,
        most: Cell::new(most),
        running: Cell::new(0),
        sessions: Sessions::default(),
        ended: Notify::new(),
        is_stopped: Cell::new(false),
    };
    if let Err(problem) = batch.check(&rows).await {
        if let Some(sandbox) = batch.connection.sandbox {
            sandbox.shutdown().await;
        }
        return Err(problem.into());
    }
    let mut ended: Vec<Ended> =
        futures_util::stream::iter(&rows).map(|row| batch.row(row)).buffer_unordered(most).collect().await;
    ended.sort_by_key(|row| row.line);
    // Rows share clips: what one of them has put there goes when none needs it any more.
    if let (Some(storage), true) = (&batch.connection.setup.storage, ended.iter().all(|row| row.code == exit::DONE)) {
        super::storage::tidy(storage, console).await;
    }
    if let Some(sandbox) = batch.connection.sandbox {
        sandbox.shutdown().await;
    }
    Ok(concluded(&ended, console))
}

/// Says how it went. Returns the exit code: of the codes of the rows, the one that matters most.
fn concluded(ended: &[Ended], console: &Console) -> u8 {
    let done = ended.iter().filter(|row| row.code == exit::DONE).count();
    console.say(&words::batch_ended(ended.len(), done));
    let code = exit::worst(ended.iter().map(|row| row.code));
    let rows: Vec<Value> = ended.iter().map(|row| row.object.clone()).collect();
    report::finish(console, json!({ "rows": rows, "done": done, "problem": null }), code)
}

impl Batch<'_> {
    /// Reads every clip and every voice and checks each row as far as it can be without the service, before anything is sent.
    ///
    /// # Errors
    /// A row cannot be run: what is wrong with each is said.
    async fn check(&self, rows: &[Row]) -> Result<(), Problem> {
        let mut worst = None;
        let mut bad = 0;
        for row in rows {
            let console = self.console.of_row(row.line);
            let mut runner = Runner::on(&self.connection, Journaling::Off, &console)?;
            match run::prepare(&mut runner, &row.job).await {
                Ok(()) => {}
                Err(Stop::Problem(problem)) => {
                    let problem = runner.with_cure(*problem);
                    console.problem(&problem);
                    bad += 1;
                    worst.get_or_insert(problem.kind);
                }
                Err(_) => return Err(Problem::new(ProblemKind::Cancelled, words::stopped_before_anything())),
            }
        }
        match worst {
            Some(kind) => Err(Problem::new(kind, words::batch_bad_rows(bad, rows.len()))),
            None => Ok(()),
        }
    }

    /// Runs a row. Its messages begin with its line.
    async fn row(&self, row: &Row) -> Ended {
        let console = self.console.of_row(row.line);
        let (code, mut object) = match self.try_row(row, &console).await {
            Ok(ended) => ended,
            Err(problem) => {
                console.problem(&problem);
                let profile = &self.connection.setup.profile.name;
                let mut object = report::of_problem_only(Some(profile), &problem);
                object["external_task_id"] = json!(row.name);
                (exit::of(&problem), object)
            }
        };
        if let Some(object) = object.as_object_mut() {
            object.insert("row".into(), json!(row.line));
        }
        Ended { line: row.line, code, object }
    }

    async fn try_row(&self, row: &Row, console: &Console) -> Result<(u8, Value), Problem> {
        loop {
            self.wait_for_slot().await;
            if self.is_stopped.get() {
                return Err(Problem::new(ProblemKind::Cancelled, words::stopped_before_anything()));
            }
            self.running.set(self.running.get() + 1);
            let once = self.once(row, console).await;
            self.running.set(self.running.get() - 1);
            self.ended.notify_waiters();
            if let Some(ended) = once? {
                return Ok(ended);
            }
        }
    }

    async fn wait_for_slot(&self) {
        while self.running.get() >= self.most.get() && !self.is_stopped.get() {
            self.ended.notified().await;
        }
    }

    /// Runs a row once. `None`: the service has no slot for it, and other rows hold those that it has.
    async fn once(&self, row: &Row, console: &Console) -> Result<Option<(u8, Value)>, Problem> {
        // One owner for each row: what one of them leaves is not the other's.
        let journal = connect::journal(self.journal, true, console).await?;
        let (left, earlier) = match &journal {
            Journaling::On(access) => {
                let (opened, service) = (access.journal()?, &self.connection.setup.service);
                if let Some(id) = earlier::unfinished(&opened, service, &row.name)? {
                    // The run before may have been killed a moment ago.
                    settle_owner(&opened, id, console).await?;
                }
                let left = earlier::left(&opened, service, &row.name)?;
                let earlier = left.intent().map(|id| Earlier::of(&opened, id)).transpose()?;
                (left, earlier)
            }
            Journaling::Off => (Left::Everything(row.name.clone()), None),
        };
        if let (Left::Nothing(_, file), Some(earlier)) = (&left, &earlier) {
            console.say(&words::batch_row_is_done(file.display()));
            console.result(&file.display().to_string())?;
            return Ok(Some((exit::DONE, earlier.of_done(self.connection.sandbox.is_none()))));
        }
        let mut runner = Runner::on(&self.connection, journal, console)?;
        runner.earlier = earlier;
        runner.limit(self.limit);
        // A slot of another row is free sooner than the service is asked in vain often enough.
        runner.waits_for_slots = self.running.get() <= 1;
        let outcome = self.finish(&mut runner, row, left).await;
        if let Err(Stop::Problem(problem)) = &outcome
            && problem.code.as_ref() == Some(&NO_SLOT)
            && !runner.waits_for_slots
        {
            self.most.set(self.running.get().saturating_sub(1).max(1));
            console.note(&words::batch_no_slot(self.most.get()));
            return Ok(None);
        }
        if matches!(outcome, Err(Stop::Interrupted)) {
            self.is_stopped.set(true);
        }
        Ok(Some(runner.conclude(outcome).await))
    }

    /// Does what is left of a row.
    async fn finish(&self, runner: &mut Runner<'_>, row: &Row, left: Left) -> Result<(), Stop> {
        let task_id = match left {
            Left::Everything(name) => return self.run_job(runner, row, name).await,
            Left::Follow(_, task_id) => task_id,
            Left::Settle(id, name) => {
                runner.console.say(&words::settling(&name));
                match runner.settle(id).await? {
                    Settling::Created(task_id) => task_id,
                    Settling::Nothing => {
                        let further = earlier::further(&name, &row.name);
                        runner.earlier = None;
                        return self.run_job(runner, row, further).await;
                    }
                    Settling::Open => {
                        let problem = Problem::new(ProblemKind::OutcomeUnknown, words::not_settled(&name));
                        let hint = settle::how_to_settle(runner.engine.profile(), &name);
                        return Err(problem.with_hint(hint).into());
                    }
                }
            }
            Left::Nothing(..) => return Ok(()),
        };
        task::follow_and_save(runner, task_id, row.job.out.as_deref(), false).await
    }

    /// Runs the whole job of a row under this name, with the faces that another row has found in its clip.
    async fn run_job(&self, runner: &mut Runner<'_>, row: &Row, name: String) -> Result<(), Stop> {
        let mut job: Job = row.job.clone();
        job.details.external_task_id = Some(name);
        run::prepare(runner, &job).await?;
        let of_clip = self.sessions.of(&job);
        let mut known = of_clip.lock().await;
        let is_taken = known.as_ref().is_some_and(|faces| sessions::take(runner, faces));
        if is_taken {
            runner.console.say(&words::batch_same_session());
        } else {
            runner.identify(job.send_anyway).await?;
            *known = runner.flow().faces().cloned();
        }
        drop(known);
        run::finish(runner, &job).await
    }
}
