//! The thread that writes in groups.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::journal::{Entry, ExchangeRecord, Writer};
use crate::worker::no_wake;

fn exchange(number: usize, body: usize) -> Entry {
    Entry::Exchange(Box::new(ExchangeRecord {
        operation: format!("query {number}"),
        method: "GET".into(),
        response_body: vec![b'x'; body],
        ..ExchangeRecord::default()
    }))
}

#[test]
fn everything_is_written_in_order_by_the_time_it_is_dropped() {
    let journal = Journal::in_memory().unwrap();
    let id = send(&journal, "n-1", "a", 0);
    journal.accepted(id, "t-1", 1).unwrap();
    let writer = Writer::spawn(journal.clone(), no_wake()).unwrap();
    for number in 0..600 {
        writer.write(exchange(number, 10));
    }
    writer.write(Entry::Polled { intent: id, owner: owner("a"), now_ms: 5 });
    let seen = Box::new(task("t-1", TaskStatus::Succeed));
    writer.write(Entry::TaskSeen { intent: id, owner: owner("a"), task: seen, now_ms: 6 });
    writer.write(Entry::Desk { name: "main".into(), document: json!(1), now_ms: 7 });
    drop(writer);
    let written = journal.exchanges(None, None, 1_000).unwrap();
    let expected: Vec<_> = (0..600).rev().map(|number| format!("query {number}")).collect();
    assert_eq!(written.into_iter().map(|(_, exchange)| exchange.operation).collect::<Vec<_>>(), expected);
    assert_eq!(journal.intent(id).unwrap().task.unwrap().ended_ms, Some(6));
    assert_eq!(journal.desk("main").unwrap().unwrap().saved_ms, 7);
}

#[test]
fn one_entry_that_cannot_be_written_is_reported_and_takes_no_other_with_it() {
    let journal = Journal::in_memory().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let called = Arc::clone(&calls);
    let failed = Arc::new(move || {
        called.fetch_add(1, Ordering::SeqCst);
    });
    let writer = Writer::spawn(journal.clone(), failed).unwrap();
    writer.write(exchange(0, 1));
    writer.write(Entry::Polled { intent: IntentId(99), owner: owner("a"), now_ms: 5 });
    writer.write(exchange(1, 1));
    let failure = writer.flush().unwrap_err();
    assert_eq!(failure.count, 1);
    assert!(failure.to_string().contains("99"), "{failure}");
    assert_eq!(writer.flush(), Ok(()), "it is reported once");
    assert_eq!(journal.exchanges(None, None, 10).unwrap().len(), 2);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn a_full_disk_is_reported_and_what_comes_after_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("journal.db")).unwrap().journal;
    let most = |pages: i64| journal.read(|db| Ok(db.pragma_update(None, "max_page_count", pages)?)).unwrap();
    let writer = Writer::spawn(journal.clone(), no_wake()).unwrap();
    most(1);
    writer.write(exchange(0, 50_000));
    assert!(writer.flush().unwrap_err().to_string().contains("disk is full"));
    most(1_000_000);
    writer.write(exchange(1, 50_000));
    writer.flush().unwrap();
    assert_eq!(journal.exchanges(None, None, 10).unwrap()[0].1.operation, "query 1");
}

#[test]
fn bodies_that_wait_are_bounded_and_the_exchanges_are_written_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let journal = Journal::open(&file).unwrap().journal;
    let writer = Writer::spawn(Journal::open(&file).unwrap().journal, no_wake()).unwrap();
    // Held up, as by another process that writes.
    journal
        .write(|_| {
            for number in 0..40 {
                writer.write(exchange(number, 1024 * 1024));
            }
            Ok(())
        })
        .unwrap();
    writer.flush().unwrap();
    let written = journal.exchanges(None, None, 100).unwrap();
    assert_eq!(written.len(), 40);
    let bodies = written.iter().filter(|(id, _)| !journal.exchange(*id).unwrap().unwrap().response_body.is_empty());
    assert!((1..=16).contains(&bodies.count()));
}
