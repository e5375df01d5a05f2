//! A real program that is killed (SIGKILL) at one write after another: nothing that the service accepted is missing afterwards, nothing is
//! paid twice, and the next run ends the job.
//!
//! The program knows nothing of this: its journal, its folder and the requests that the service gets are watched from outside, and each
//! change of them is a point to kill it at. What happens between two looks (a fraction of a millisecond apart) is one point.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use viseme::engine::journal::{IntentState, Journal};

use crate::batch_service::{age_leases, batch, begin, kill, write_rows};
use crate::program::{Program, is_of};
use crate::shop::Shop;

/// How many points each run of the tests has, of all that there are.
const POINTS: usize = 10;

/// What can be seen of a program from outside: the sizes of its files, and how many requests it has sent.
type Seen = (BTreeMap<String, u64>, usize);

fn seen(program: &Program, shop: &Shop) -> Seen {
    let mut sizes = BTreeMap::new();
    for folder in [program.path(), program.data.path()] {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let size = entry.metadata().map_or(0, |of| of.len());
            sizes.insert(entry.file_name().to_string_lossy().into_owned(), size);
        }
    }
    (sizes, shop.server.seen().len())
}

/// Runs the job, and kills it at this point. Returns how many points there were until then, and what went wrong.
fn killed_at(point: usize) -> (usize, Vec<String>) {
    let shop = Shop::start(2, 2);
    let program = Program::new();
    write_rows(&program, 1);
    let mut last = seen(&program, &shop);
    let mut child = begin(&program, &shop);
    let mut points = 0;
    while points < point && child.try_wait().unwrap().is_none() {
        let now = seen(&program, &shop);
        if now == last {
            std::thread::sleep(Duration::from_micros(100));
        } else {
            last = now;
            points += 1;
        }
    }
    if child.try_wait().unwrap().is_none() {
        kill(child);
    }
    (points, judged(&program, &shop))
}

fn judged(program: &Program, shop: &Shop) -> Vec<String> {
    let mut wrong = Vec::new();
    let created = shop.books(|books| books.tasks.clone());
    let is_there = program.journal_file().metadata().is_ok_and(|of| of.len() > 0);
    let journal = is_there.then(|| Journal::open(&program.journal_file()).unwrap());
    let mut sent = 0;
    if let Some(opened) = &journal {
        if let Some(notice) = &opened.notice {
            wrong.push(format!("the journal was damaged: {}", notice.text()));
        }
        sent = opened.journal.unfinished().unwrap().len();
    }
    for task in &created {
        let known = journal.as_ref().map(|opened| opened.journal.find(&task.name).unwrap()).unwrap_or_default();
        let is_kept = |state| matches!(state, IntentState::Sent | IntentState::Unknown | IntentState::Accepted);
        if !known.iter().any(|intent| is_kept(intent.state)) {
            wrong.push(format!("{} was accepted, and the journal has {known:?}", task.name));
        }
    }
    drop(journal);
    if created.is_empty() && sent > 0 {
        // Written down and never sent: what settles that looks for two minutes, and lives in a model do so by the thousand.
        return wrong;
    }
    if is_there {
        age_leases(program, 0);
    }
    let ended = batch(program, shop, "1");
    if ended.code != 0 {
        wrong.push(format!("the next run ended with {}: {}", ended.code, ended.stderr));
    }
    if shop.books(|books| books.tasks.len()) != 1 {
        wrong.push(format!("created: {:?}", shop.books(|books| books.tasks.clone())));
    }
    let files = program.files();
    if files.iter().filter(|name| is_of(name, "mp4")).count() != 1 {
        wrong.push(format!("files: {files:?}"));
    }
    if files.iter().any(|name| is_of(name, "part") && program.path().join(name).metadata().is_ok_and(|of| of.len() > 0))
    {
        wrong.push(format!("a part is left: {files:?}"));
    }
    wrong
}

/// Kills at each of these points, some at once.
fn kill_at_each(points: &[usize]) {
    let (next, wrong) = (AtomicUsize::new(0), std::sync::Mutex::new(Vec::new()));
    let work = || {
        while let Some(&point) = points.get(next.fetch_add(1, Ordering::SeqCst)) {
            let (_, found) = killed_at(point);
            wrong.lock().unwrap().extend(found.into_iter().map(|what| format!("killed at point {point}: {what}")));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// How many points a run has that nobody kills.
fn all_points() -> usize {
    let (points, wrong) = killed_at(usize::MAX);
    assert_eq!(wrong, Vec::<String>::new());
    assert!(points >= 12, "only {points} points were seen");
    points
}

#[test]
fn a_program_killed_here_and_there_loses_nothing_that_was_accepted() {
    let all = all_points();
    let points: Vec<usize> = (1..=POINTS).map(|at| at * all / (POINTS + 1)).filter(|&point| point > 0).collect();
    kill_at_each(&points);
}

/// For `.ci/check`.
#[test]
#[ignore = "takes a minute"]
fn a_program_killed_at_every_write_loses_nothing_that_was_accepted() {
    let all = all_points();
    println!("{all} points");
    kill_at_each(&(1..=all).collect::<Vec<_>>());
}
