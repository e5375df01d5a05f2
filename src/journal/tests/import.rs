//! The file of earlier versions.

use std::fs;
use std::path::Path;

use super::*;
use crate::journal::{Imported, JournalError, Origin, Phase};

const LINES: &str = r#"{"event":"accepted","profile":"kling","base_url":"https://api-singapore.klingai.com","path_prefix":"","dialect":"kling","task_id":"t-1","external_task_id":"n-1","time_ms":10,"clip":"Duo.mp4","voice":"voice.wav"}
{"event":"accepted","profile":"vtrix","base_url":"https://cloud.vtrix.ai","path_prefix":"","dialect":"kirin","task_id":"t-1","time_ms":20}
{"event":"accepted","profile":"kling","base_url":"https://api-singapore.klingai.com","path_prefix":"","dialect":"kling","task_id":"t-2","time_ms":30}
{"event":"ended","profile":"kling","base_url":"https://api-singapore.klingai.com","path_prefix":"","dialect":"kling","task_id":"t-2","status":"succeed","time_ms":40}
"#;

fn rows(journal: &Journal) -> Vec<(String, Phase, i64)> {
    let mut rows = Vec::new();
    for task_id in ["t-1", "t-2"] {
        for intent in journal.find(task_id).unwrap() {
            assert_eq!((intent.origin, intent.owner), (Origin::Imported, None));
            rows.push((intent.service.profile, intent.phase, intent.task.unwrap().accepted_ms));
        }
    }
    rows
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn tasks_are_imported_once_and_the_file_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.jsonl");
    let journal = Journal::in_memory().unwrap();
    assert_eq!(journal.import(&file).unwrap(), Imported::default());
    fs::write(&file, LINES).unwrap();
    assert_eq!(journal.import(&file).unwrap(), Imported { tasks: 3, unreadable: 0, kept: None });
    assert_eq!(names(folder.path()), Vec::<String>::new());
    let expected = [
        ("vtrix".to_owned(), Phase::Running, 20),
        ("kling".to_owned(), Phase::Running, 10),
        ("kling".to_owned(), Phase::Succeeded, 30),
    ];
    assert_eq!(rows(&journal), expected);
    assert_eq!(journal.find("n-1").unwrap()[0].clip.name, "Duo.mp4");
    let waiting = journal.unfinished().unwrap();
    assert_eq!(waiting.len(), 2);
    assert!(waiting.iter().all(|intent| intent.owner.is_none()), "what is not at its end is free to be followed");
}

#[test]
fn an_interrupted_import_loses_nothing_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.jsonl");
    let journal = Journal::in_memory().unwrap();
    // Renamed and then stopped; inserted in part and then stopped; and an older version has begun a new file meanwhile.
    let (first, rest) = LINES.split_at(LINES.find('\n').unwrap() + 1);
    fs::write(folder.path().join("tasks.jsonl.importing-0a"), first).unwrap();
    journal.import(&file).unwrap();
    fs::write(folder.path().join("tasks.jsonl.importing-0b"), first).unwrap();
    fs::write(&file, rest).unwrap();
    assert_eq!(journal.import(&file).unwrap(), Imported { tasks: 2, unreadable: 0, kept: None });
    assert_eq!(rows(&journal).len(), 3);
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn a_journal_that_refuses_leaves_the_lines_for_the_next_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.jsonl");
    fs::write(&file, LINES).unwrap();
    let journal = Journal::in_memory().unwrap();
    let refuse = |on: bool| journal.read(|db| Ok(db.pragma_update(None, "query_only", on)?)).unwrap();
    refuse(true);
    let err = journal.import(&file).unwrap_err();
    assert!(matches!(err, JournalError::Unwritable { .. }), "{err:?}");
    refuse(false);
    assert_eq!(journal.import(&file).unwrap().tasks, 3);
}

#[test]
fn a_file_with_a_line_that_cannot_be_read_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.jsonl");
    fs::write(&file, format!("{LINES}{}", &LINES[..50])).unwrap();
    let journal = Journal::in_memory().unwrap();
    let kept = folder.path().join("tasks.jsonl.imported");
    assert_eq!(journal.import(&file).unwrap(), Imported { tasks: 3, unreadable: 1, kept: Some(kept.clone()) });
    assert!(fs::read_to_string(kept).unwrap().starts_with(LINES));
    assert_eq!(journal.import(&file).unwrap(), Imported::default());
}
