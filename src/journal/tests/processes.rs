//! Several threads and processes, each with a connection of its own, on one file.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;
use crate::journal::{Claim, Micros, Refusal, Sending};

/// In which variable a child process finds the journal.
const FILE: &str = "VISEME_TEST_JOURNAL";

fn open(file: &Path) -> Journal {
    Journal::open(file).unwrap().journal
}

/// A life of one owner: begins, sends, accepts and ends intents. Each name that is returned by `done` is on the disk.
fn live(file: &Path, name: &str, intents: usize, mut done: impl FnMut(&str)) {
    let journal = open(file);
    let by = owner(name);
    for number in 0..intents {
        let now_ms = number as i64;
        let external = format!("{name}-{number}");
        let spend = Spend { day: "today".into(), unit: "units".into(), estimate: Micros(1_000_000), limit: None };
        let begun = id(journal.send_intent(&with_spend(&external, spend), &by, now_ms).unwrap());
        let task_id = format!("t-{external}");
        journal.accepted(begun, &task_id, now_ms).unwrap();
        journal.heartbeat(&by, now_ms).unwrap();
        journal.task_seen(begun, &by, &task(&task_id, TaskStatus::Succeed), now_ms).unwrap();
        journal.book(begun, "today", "units", Micros(500_000)).unwrap();
        done(&external);
    }
}

#[test]
fn threads_with_connections_of_their_own_lose_no_row() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let file = &file;
            scope.spawn(move || live(file, &format!("thread-{thread}"), 8, |_| {}));
        }
    });
    let journal = open(&file);
    let words: String = journal.read(|db| Ok(db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?)).unwrap();
    assert_eq!(words, "ok");
    for thread in 0..4 {
        for number in 0..8 {
            let found = journal.find(&format!("t-thread-{thread}-{number}")).unwrap();
            assert_eq!((found.len(), found[0].task.as_ref().unwrap().ended_ms), (1, Some(number)));
        }
    }
    assert_eq!(journal.spent(&service(), "today", "units").unwrap(), Micros(16_000_000));
}

#[test]
fn no_two_threads_get_the_last_slot_or_the_last_of_a_budget() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let sent: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|thread| {
                let file = &file;
                scope.spawn(move || {
                    let journal = open(file);
                    let limit = Some(Micros(7_000_000));
                    let spend = Spend { day: "today".into(), unit: "units".into(), estimate: Micros(1_000_000), limit };
                    let sending = Sending { most: Some(5), ..Sending::default() };
                    let sent = (0..5).filter(|number| {
                        let new = with_spend(&format!("n-{thread}-{number}"), spend.clone());
                        match journal.queue_intent(&new, &owner("a"), 0).unwrap() {
                            Begun::Intent(id) => match journal.sent(id, &owner("a"), &sending, 0).unwrap() {
                                Ok(()) => true,
                                Err(refusal) => {
                                    assert!(matches!(refusal, Refusal::NoSlot { most: 5, used: 5 }), "{refusal:?}");
                                    false
                                }
                            },
                            Begun::Refused(refusal) => {
                                assert!(matches!(refusal, Refusal::OverBudget { .. }), "{refusal:?}");
                                false
                            }
                        }
                    });
                    sent.count()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(sent, 5, "the budget is for seven, the slots are five");
    assert_eq!(open(&file).slots_used(&service()).unwrap(), 5);
    assert_eq!(open(&file).spent(&service(), "today", "units").unwrap(), Micros(7_000_000));
}

#[test]
fn one_of_many_takes_over_what_a_dead_owner_left() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let left: BTreeSet<_> = (0..10).map(|number| send(&open(&file), &format!("n-{number}"), "dead", 0)).collect();
    let taken: Vec<Vec<IntentId>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|thread| {
                let file = &file;
                scope.spawn(move || {
                    let (journal, owner) = (open(file), owner(&format!("o-{thread}")));
                    let ids = journal.unfinished().unwrap().into_iter().map(|intent| intent.id);
                    let is_taken =
                        |id: &IntentId| matches!(journal.claim(*id, &owner, 40_000).unwrap(), Claim::Yours(_));
                    ids.filter(is_taken).collect()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let all: Vec<_> = taken.into_iter().flatten().collect();
    assert_eq!(all.len(), 10, "each by one");
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), left);
}

/// A child process of the test below; nothing by itself.
#[test]
#[ignore = "run by the test of several processes"]
fn child() {
    let file = std::env::var_os(FILE).unwrap();
    let name = format!("child-{}", std::process::id());
    live(Path::new(&file), &name, 1_000_000, |external| println!("done {external}"));
}

#[test]
fn processes_that_are_killed_while_they_write_lose_nothing_they_were_told_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    open(&file);
    let path = format!("{}::child", module_path!().split_once("::").unwrap().1);
    let mut children: Vec<_> = (0..3)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", &path, "--ignored", "--nocapture"])
                .env(FILE, &file)
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    // Each is killed in the middle of its writes, not before them.
    let mut outputs: Vec<_> = children.iter_mut().map(|child| BufReader::new(child.stdout.take().unwrap())).collect();
    let mut texts = vec![String::new(); 3];
    for (output, text) in outputs.iter_mut().zip(&mut texts) {
        while !text.contains("done ") {
            assert_ne!(output.read_line(text).unwrap(), 0, "the child has ended: {text}");
        }
    }
    live(&file, "parent", 10, |_| {});
    for child in &mut children {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let journal = open(&file);
    let words: String = journal.read(|db| Ok(db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?)).unwrap();
    assert_eq!(words, "ok");
    for (mut output, mut text) in outputs.into_iter().zip(texts) {
        output.read_to_string(&mut text).unwrap();
        // The last line may be cut short.
        let whole = &text[..text.rfind('\n').map_or(0, |at| at + 1)];
        let names: Vec<_> = whole.lines().filter_map(|line| line.split_once("done ").map(|(_, name)| name)).collect();
        assert!(!names.is_empty());
        for name in names {
            let found = journal.find(name).unwrap();
            assert_eq!((found.len(), found[0].finished_ms.is_some()), (1, true), "{name}");
        }
    }
    for number in 0..10 {
        assert_eq!(journal.find(&format!("t-parent-{number}")).unwrap().len(), 1);
    }
}
