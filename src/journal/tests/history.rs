//! The history.

use super::*;
use crate::journal::{ExchangeRecord, Followed, HistoryQuery, HistoryRow, JournalError, Phase, Refusal};
use crate::model::SavedFile;

/// Twenty intents, begun at 0, 10, …, 190; every fourth refused, every fourth running, the others unknown; two services.
fn filled() -> Journal {
    let journal = Journal::in_memory().unwrap();
    let a = owner("a");
    for number in 0..20_i64 {
        let base_url = if number % 2 == 0 { "https://even" } else { "https://odd" };
        let wished = NewIntent {
            service: Service { base_url: base_url.into(), ..service() },
            clip: Described::named(format!("Clip {number} Ümlaut.mp4")),
            ..new(&format!("n-{number}"))
        };
        let id = id(journal.send_intent(&wished, &a, number * 10).unwrap());
        match number % 4 {
            0 => drop(journal.refused(id, &a, &problem("Sound is INVALID"), number * 10 + 5)),
            1 => drop(journal.accepted(id, &format!("t-{number}"), number * 10 + 5)),
            _ => journal.unknown(id, &a, None, number * 10 + 5).unwrap(),
        }
    }
    journal
}

fn numbers(rows: &[HistoryRow]) -> Vec<i64> {
    rows.iter().map(|row| row.begun_ms / 10).collect()
}

fn all(journal: &Journal, query: &HistoryQuery) -> Vec<i64> {
    let (mut found, mut query) = (Vec::new(), query.clone());
    loop {
        let page = journal.history(&query, 3).unwrap();
        assert!(page.rows.len() <= 3);
        found.extend(numbers(&page.rows));
        query.before = page.next;
        if page.next.is_none() {
            return found;
        }
    }
}

#[test]
fn pages_follow_each_other_the_newest_first_without_a_gap() {
    let journal = filled();
    assert_eq!(all(&journal, &HistoryQuery::default()), (0..20).rev().collect::<Vec<_>>());
    let page = journal.history(&HistoryQuery::default(), 20).unwrap();
    assert_eq!((page.rows.len(), page.next), (20, None));
    // What is begun meanwhile does not move what comes.
    let first = journal.history(&HistoryQuery::default(), 5).unwrap();
    send(&journal, "n-new", "a", 1_000);
    let second = journal.history(&HistoryQuery { before: first.next, ..HistoryQuery::default() }, 5).unwrap();
    assert_eq!(numbers(&second.rows), [14, 13, 12, 11, 10]);
}

#[test]
fn filters_hold_together() {
    let journal = filled();
    let even = Service { base_url: "https://even".into(), ..service() };
    let query = HistoryQuery { service: Some(even.clone()), ..HistoryQuery::default() };
    assert_eq!(all(&journal, &query), [18, 16, 14, 12, 10, 8, 6, 4, 2, 0]);
    let query = HistoryQuery { phase: Some(Phase::Refused), ..query };
    assert_eq!(all(&journal, &query), [16, 12, 8, 4, 0]);
    let query = HistoryQuery { from_ms: Some(40), to_ms: Some(160), ..query };
    assert_eq!(all(&journal, &query), [12, 8, 4]);
    let query = HistoryQuery { search: "clip 12".into(), ..query };
    assert_eq!(all(&journal, &query), [12]);
    let nowhere = Service { base_url: "https://nowhere".into(), ..service() };
    assert_eq!(all(&journal, &HistoryQuery { service: Some(nowhere), ..HistoryQuery::default() }), Vec::<i64>::new());
}

#[test]
fn every_word_of_a_search_occurs_in_any_case() {
    let journal = filled();
    let search = |text: &str| all(&journal, &HistoryQuery { search: text.into(), ..HistoryQuery::default() });
    assert_eq!(search("T-13"), [13]);
    assert_eq!(search("ümlaut 17"), [17]);
    assert_eq!(search("sound invalid"), [16, 12, 8, 4, 0]);
    assert_eq!(search("n-19 n-18"), Vec::<i64>::new());
    assert_eq!(search("  ").len(), 20);
    assert_eq!(search("%_'\"").len(), 0);
}

#[test]
fn a_row_says_what_became_of_it() {
    let journal = filled();
    let refused =
        &journal.history(&HistoryQuery { search: "n-16".into(), ..HistoryQuery::default() }, 1).unwrap().rows[0];
    assert_eq!((refused.phase, refused.reason.as_deref()), (Phase::Refused, Some("Sound is INVALID")));
    let id = journal.find("n-17").unwrap()[0].id;
    journal.task_seen(id, &owner("a"), &task("t-17", TaskStatus::Succeed), 300).unwrap();
    let file = SavedFile { path: "/r/a.mp4".into(), sha256: "ab".into(), size_bytes: 1 };
    journal.saved(id, 0, &file, 301).unwrap();
    let row =
        &journal.history(&HistoryQuery { phase: Some(Phase::Succeeded), ..HistoryQuery::default() }, 9).unwrap().rows;
    assert_eq!((row.len(), row[0].task_id.as_deref(), row[0].finished_ms), (1, Some("t-17"), Some(300)));
    assert_eq!(row[0].result, Some(file.path));
    let finished: Vec<_> = journal.finished_since(165, 10).unwrap();
    assert_eq!(numbers(&finished), [17]);
    assert_eq!(
        numbers(&journal.finished_since(120, 10).unwrap()),
        [17],
        "what was refused has not come to its end at the service"
    );
}

#[test]
fn only_what_is_at_its_end_is_deleted_and_its_name_is_never_used_again() {
    let journal = filled();
    let a = owner("a");
    let (running, refused) = (journal.find("n-17").unwrap()[0].id, journal.find("n-16").unwrap()[0].id);
    journal.record(&ExchangeRecord { intent: Some(refused), ..ExchangeRecord::default() }).unwrap();
    assert_eq!(journal.delete(running, 500), Err(JournalError::Unfinished(running)));
    assert_eq!(journal.delete(IntentId(99), 500), Err(JournalError::Absent(IntentId(99))));
    journal.delete(refused, 500).unwrap();
    assert!(!all(&journal, &HistoryQuery::default()).contains(&16));
    assert!(journal.find("n-16").unwrap().is_empty());
    assert_eq!(journal.exchanges(Some(refused), None, 9).unwrap(), []);
    let even = Service { base_url: "https://even".into(), ..service() };
    let again = journal.send_intent(&NewIntent { service: even, ..new("n-16") }, &a, 600).unwrap();
    assert!(matches!(again, Begun::Refused(Refusal::NameUsed(_))), "{again:?}");
    let embedded = Service { base_url: String::new(), ..service() };
    let begun = journal.send_intent(&NewIntent { service: embedded, ..new("of a sandbox") }, &a, 600).unwrap();
    let Begun::Intent(of_sandbox) = begun else { panic!("{begun:?}") };
    journal.heartbeat(&a, 600).unwrap();
    assert_eq!(journal.delete(of_sandbox, 601), Err(JournalError::Unfinished(of_sandbox)), "its owner lives");
    journal.release_one(of_sandbox, &a).unwrap();
    journal.delete(of_sandbox, 602).unwrap();
    assert!(journal.unfinished().unwrap().iter().all(|intent| intent.id != of_sandbox));
    // A deleted task that is followed once more is shown again.
    journal.task_seen(running, &a, &task("t-17", TaskStatus::Failed), 700).unwrap();
    journal.delete(running, 701).unwrap();
    let odd = Service { base_url: "https://odd".into(), ..service() };
    let followed = Followed {
        service: odd,
        task_id: "t-17".into(),
        external_task_id: None,
        clip: Described::default(),
        voice: Described::default(),
    };
    assert_eq!(journal.follow(&followed, &a, 702).unwrap(), running);
    assert_eq!(
        numbers(
            &journal.history(&HistoryQuery { phase: Some(Phase::Failed), ..HistoryQuery::default() }, 9).unwrap().rows
        ),
        [17]
    );
}
