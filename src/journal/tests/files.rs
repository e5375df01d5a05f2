//! Opening: private, durable, several at once; older, newer, damaged, not to be written.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::super::schema;
use super::*;
use crate::journal::{JournalError, Notice, Opened};

fn open(file: &Path) -> Journal {
    let Opened { journal, notice } = Journal::open(file).unwrap();
    assert_eq!(notice, None);
    journal
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_is_committed_is_there_after_the_next_opening() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data").join("journal.db");
    let id = send(&open(&file), "n-1", "a", 1_000);
    let again = open(&file);
    let intent = again.intent(id).unwrap();
    assert_eq!(
        (intent.external_task_id.as_deref(), intent.sent_ms, intent.sends, intent.owner),
        (Some("n-1"), Some(1_000), 1, Some(owner("a")))
    );
    let wished = new("n-1");
    assert_eq!((intent.placement, intent.clip), (Some(wished.placement), wished.clip));
    assert_eq!((intent.voice, intent.options), (wished.voice, wished.options));
    assert_eq!((intent.service, intent.face_ids), (wished.service, wished.face_ids));
}

#[test]
fn a_commit_waits_for_the_disk_in_every_connection() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(&folder.path().join("journal.db"));
    let settings = journal.read(|db| {
        let of = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        let mode: String = db.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        Ok((mode, of("synchronous"), of("foreign_keys")))
    });
    assert_eq!(settings.unwrap(), ("wal".into(), 2, 1));
}

#[test]
fn a_call_waits_for_another_connection_and_not_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let (journal, other) = (open(&file), open(&file));
    let (held, is_held) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            other
                .write(|_| {
                    held.send(()).unwrap();
                    std::thread::sleep(std::time::Duration::from_millis(300));
                    Ok(())
                })
                .unwrap();
        });
        is_held.recv().unwrap();
        send(&journal, "n-1", "a", 0);
    });
    let other = open(&file);
    let busy = other.write(|_| Ok(journal.send_intent(&new("n-2"), &owner("a"), 0))).unwrap();
    assert_eq!(busy, Err(JournalError::Busy { place: file.display().to_string() }));
}

#[test]
fn one_that_hangs_while_it_opens_holds_up_no_other_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    drop(open(&file));
    let lock = fs::File::open(folder.path().join("journal.db.lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(Journal::open(&file).unwrap_err(), JournalError::Busy { place: file.display().to_string() });
    lock.unlock().unwrap();
    open(&file);
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_any_of_its_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data").join("journal.db");
    let journal = open(&file);
    send(&journal, "n-1", "a", 0);
    let data = file.parent().unwrap();
    assert_eq!(data.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(names(data), ["journal.db", "journal.db-shm", "journal.db-wal", "journal.db.lock"]);
    for name in names(data) {
        assert_eq!(data.join(&name).metadata().unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_damaged_file_is_set_aside_with_its_log_and_a_new_one_begins() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let whole = {
        send(&open(&file), "n-1", "a", 0);
        fs::read(&file).unwrap()
    };
    let mut torn = whole.clone();
    torn[4_096..].fill(0xA5);
    for (at, bytes) in [b"this is no database, but a text that somebody wrote".repeat(40), torn].iter().enumerate() {
        fs::write(&file, bytes).unwrap();
        fs::write(folder.path().join("journal.db-wal"), b"the log of another").unwrap();
        let Opened { journal, notice } = Journal::open(&file).unwrap();
        let Some(Notice::SetAside { kept, why, .. }) = notice.clone() else { panic!("{notice:?}") };
        assert_eq!(&fs::read(&kept).unwrap(), bytes, "{why}");
        assert!(notice.unwrap().text().contains(&kept.display().to_string()));
        let expected = ["journal.corrupt.db", "journal.corrupt (2).db"][at];
        assert_eq!(kept.file_name().unwrap(), expected);
        assert!(journal.find("n-1").unwrap().is_empty());
        send(&journal, "n-2", "a", 0);
        journal.check().unwrap();
    }
}

#[test]
fn damage_in_a_large_file_is_found_by_the_call_that_meets_it_and_the_file_set_aside_at_the_next_opening() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    open(&file).save_desk("main", &json!("x".repeat(5_000_000)), 0).unwrap();
    let mut bytes = fs::read(&file).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0xA5);
    fs::write(&file, &bytes).unwrap();
    let err = open(&file).desk("main").unwrap_err();
    assert!(err.is_corrupt(), "{err:?}");
    let Opened { journal, notice } = Journal::open(&file).unwrap();
    assert!(matches!(notice, Some(Notice::SetAside { .. })), "{notice:?}");
    assert_eq!(journal.desk("main").unwrap(), None);
    drop(journal);
    open(&file);
}

#[test]
fn a_newer_file_is_read_and_never_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let id = send(&open(&file), "n-1", "a", 0);
    Connection::open(&file).unwrap().pragma_update(None, "user_version", schema::newest() + 1).unwrap();
    let Opened { journal, notice } = Journal::open(&file).unwrap();
    assert_eq!(notice, Some(Notice::Newer { file: file.clone(), version: schema::newest() + 1 }));
    assert!(journal.is_read_only());
    assert_eq!(journal.intent(id).unwrap().external_task_id.as_deref(), Some("n-1"));
    let refused = journal.send_intent(&new("n-2"), &owner("a"), 1).unwrap_err();
    assert!(matches!(refused, JournalError::Newer { .. }), "{refused}");
    assert!(Problem::from(refused).hint.unwrap().contains("--data-dir"));
    assert!(matches!(journal.import(&file).unwrap_err(), JournalError::Newer { .. }));
    drop(journal);
    let version: i64 =
        Connection::open(&file).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, schema::newest() + 1);
}

/// The form of a program that is one step ahead of the one under test.
fn next_steps() -> Vec<&'static str> {
    let mut steps = schema::STEPS.to_vec();
    steps.push("ALTER TABLE intents ADD COLUMN colour TEXT; UPDATE intents SET colour = 'blue';");
    steps
}

#[test]
fn an_older_file_is_brought_up_to_date_and_kept_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    // A file of the first version, as its own SQL makes it.
    let first = Connection::open(&file).unwrap();
    first.execute_batch(include_str!("../step_1.sql")).unwrap();
    first
        .execute_batch(
            "PRAGMA user_version = 1;
             INSERT INTO services VALUES (1, 'kling', 'https://h', '', 'kling');
             INSERT INTO intents (service_id, profile, origin, state, phase, external_task_id, begun_ms)
                 VALUES (1, 'kling', 'created', 'unknown', 'unknown', 'n-1', 5);",
        )
        .unwrap();
    drop(first);
    let Opened { journal, notice } = Journal::open_by(&file, &next_steps()).unwrap();
    let Some(Notice::Migrated { backup, .. }) = notice else { panic!("{notice:?}") };
    assert_eq!(backup, folder.path().join("journal.db.before-1"));
    let kept = Connection::open(&backup).unwrap();
    let (version, name): (i64, String) = kept
        .query_row("SELECT user_version, external_task_id FROM pragma_user_version, intents", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!((version, name.as_str()), (1, "n-1"));
    assert!(kept.prepare("SELECT colour FROM intents").is_err());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(backup.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let colour = journal.read(|db| Ok(db.query_row("SELECT colour FROM intents", [], |row| row.get::<_, String>(0))?));
    assert_eq!(colour.unwrap(), "blue");
    assert_eq!(Journal::open_by(&file, &next_steps()).unwrap().notice, None);
    // The version before reads it, and writes nothing.
    assert!(Journal::open(&file).unwrap().journal.is_read_only());
}

#[test]
fn a_step_that_fails_changes_nothing_and_the_copy_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    send(&open(&file), "n-1", "a", 0);
    let mut steps = schema::STEPS.to_vec();
    steps.push("UPDATE intents SET clip_name = 'changed'; CREATE TABLE intents (a);");
    Journal::open_by(&file, &steps).unwrap_err();
    let journal = open(&file);
    assert_eq!(journal.find("n-1").unwrap()[0].clip.name, "Duo.mp4");
    send(&journal, "n-2", "a", 0);
    drop(journal);
    let Opened { notice, .. } = Journal::open_by(&file, &next_steps()).unwrap();
    let Some(Notice::Migrated { backup, .. }) = notice else { panic!("{notice:?}") };
    let rows: i64 =
        Connection::open(backup).unwrap().query_row("SELECT count(*) FROM intents", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 2);
}

#[test]
fn a_place_that_cannot_be_written_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken");
    fs::write(&taken, b"a file where a folder is needed").unwrap();
    let a_folder = folder.path().join("journal.db");
    fs::create_dir(&a_folder).unwrap();
    for file in [taken.join("journal.db"), a_folder] {
        let err = Journal::open(&file).unwrap_err();
        assert!(matches!(err, JournalError::Unwritable { .. }), "{err:?}");
        let problem = Problem::from(err);
        assert_eq!(problem.kind, ProblemKind::File);
        assert!(problem.message.contains(&file.display().to_string()), "{problem}");
        assert!(problem.hint.unwrap().contains("--data-dir"));
    }
}

#[test]
fn a_full_disk_is_said_and_what_was_committed_stays() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let journal = open(&file);
    let pages: i64 = journal.read(|db| Ok(db.pragma_query_value(None, "page_count", |row| row.get(0))?)).unwrap();
    journal.read(|db| Ok(db.pragma_update(None, "max_page_count", pages + 4)?)).unwrap();
    let mut kept = Vec::new();
    let full = loop {
        let name = format!("n-{}", kept.len());
        let big = NewIntent { options: json!("x".repeat(1_000)), ..new(&name) };
        match journal.send_intent(&big, &owner("a"), 0) {
            Ok(begun) => kept.push((id(begun), name)),
            Err(err) => break err,
        }
    };
    assert_eq!(full, JournalError::Full { place: file.display().to_string() });
    assert!(!kept.is_empty() && kept.len() < 1_000);
    drop(journal);
    let again = open(&file);
    again.check().unwrap();
    for (id, name) in kept {
        assert_eq!(again.intent(id).unwrap().external_task_id, Some(name));
    }
}

#[test]
fn a_journal_in_memory_survives_a_simulated_crash_with_what_was_committed() {
    let journal = Journal::in_memory().unwrap();
    let first = send(&journal, "n-1", "a", 0);
    let snapshot = journal.snapshot().unwrap();
    let second = send(&journal.clone(), "n-2", "a", 0);
    assert!(journal.intent(second).is_ok());
    let restored = Journal::restore(&snapshot).unwrap();
    assert_eq!(restored.intent(first).unwrap(), journal.intent(first).unwrap());
    assert_eq!(restored.intent(second), Err(JournalError::Absent(second)));
    assert_eq!(send(&restored, "n-3", "a", 0), second, "it goes on from there");
}

#[test]
fn a_journal_in_memory_is_emptied_and_one_in_a_file_is_not() {
    let used = Journal::in_memory().unwrap();
    let first = send(&used, "n-1", "a", 0);
    used.clear().unwrap();
    assert_eq!(used.intent(first), Err(JournalError::Absent(first)));
    assert_eq!(send(&used, "n-1", "a", 0), first, "names and numbers begin anew");
    let folder = tempfile::tempdir().unwrap();
    let kept = open(&folder.path().join("journal.db"));
    let first = send(&kept, "n-1", "a", 0);
    assert!(matches!(kept.clear(), Err(JournalError::Failed(_))));
    assert!(kept.intent(first).is_ok());
}
