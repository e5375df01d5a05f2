//! What was measured of results.

use rusqlite::Connection;
use serde_json::json;

use super::*;
use crate::journal::{Entry, KeptVerdict, Notice, Opened, Writer};
use crate::worker::no_wake;

fn verdict(made_of: &str, says: &str) -> KeptVerdict {
    KeptVerdict { made_of: made_of.into(), document: json!({ "says": says }) }
}

fn keep(journal: &Journal, id: IntentId, verdicts: &[(&str, &str, i64)]) {
    let writer = Writer::spawn(journal.clone(), no_wake()).unwrap();
    for (made_of, says, now_ms) in verdicts {
        writer.write(Entry::Verdict { intent: id, verdict: Box::new(verdict(made_of, says)), now_ms: *now_ms });
    }
}

#[test]
fn a_verdict_is_kept_with_its_task_and_goes_with_it() {
    let journal = Journal::in_memory().unwrap();
    let (id, other) = (send(&journal, "n-1", "a", 0), send(&journal, "n-2", "a", 0));
    keep(&journal, id, &[("files", "late", 5), ("files", "as asked", 6), ("others", "sharp", 7)]);
    assert_eq!(journal.verdicts(id).unwrap(), [verdict("others", "sharp"), verdict("files", "as asked")]);
    assert_eq!(journal.verdicts(other).unwrap(), []);
    let names: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    let many: Vec<_> = names.iter().zip(10..).map(|(name, at_ms)| (name.as_str(), "again", at_ms)).collect();
    keep(&journal, id, &many);
    let kept = journal.verdicts(id).unwrap();
    assert!(kept.len() == 8 && kept[0].made_of == "19", "the last ones: {kept:?}");
    journal.accepted(id, "t-1", 40).unwrap();
    journal.task_seen(id, &owner("a"), &task("t-1", TaskStatus::Succeed), 41).unwrap();
    journal.delete(id, 50).unwrap();
    keep(&journal, id, &[("files", "too late", 60)]);
    assert_eq!(journal.verdicts(id).unwrap(), [], "what is deleted has none, and gets none");
}

#[test]
fn a_journal_from_before_verdicts_is_brought_up_to_date_with_a_copy_of_it_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let Opened { journal, .. } = Journal::open_by(&file, &crate::journal::schema::STEPS[..2]).unwrap();
    let id = send(&journal, "n-1", "a", 0);
    drop(journal);
    let Opened { journal, notice } = Journal::open(&file).unwrap();
    let Some(Notice::Migrated { backup, .. }) = notice else { panic!("{notice:?}") };
    assert_eq!(backup, folder.path().join("journal.db.before-2"));
    assert!(Connection::open(&backup).unwrap().prepare("SELECT made_of FROM verdicts").is_err());
    keep(&journal, id, &[("files", "as asked", 5)]);
    assert_eq!(journal.verdicts(id).unwrap().len(), 1);
}
