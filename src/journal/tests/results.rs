//! Results and downloads in progress.

use std::path::PathBuf;

use super::*;
use crate::journal::{JournalError, LEASE_MS, NewPart, Part, PartBegun};
use crate::model::SavedFile;

fn part(intent: IntentId) -> NewPart {
    NewPart {
        intent,
        number: 0,
        path: "/r/.viseme-1.part".into(),
        target: "/r/Duo lip-sync.mp4".into(),
        url: "https://h/v.mp4".into(),
    }
}

fn accepted(journal: &Journal) -> IntentId {
    let id = send(journal, "n-1", "a", 0);
    journal.accepted(id, "t-1", 1).unwrap();
    journal.task_seen(id, &owner("a"), &task("t-1", TaskStatus::Succeed), 2).unwrap();
    id
}

#[track_caller]
fn begun(journal: &Journal, intent: IntentId, by: &str, now_ms: i64) -> Part {
    match journal.begin_part(&part(intent), &owner(by), now_ms).unwrap() {
        PartBegun::Part(id) => journal.part(id).unwrap().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_download_is_listed_until_its_result_is() {
    let journal = Journal::in_memory().unwrap();
    let id = accepted(&journal);
    let part = begun(&journal, id, "a", 10);
    let etag = Some("\"strong\"");
    assert!(journal.part_progress(part.id, &owner("a"), &part.url, etag, 512, Some(u64::MAX)).unwrap());
    let known = journal.part(part.id).unwrap().unwrap();
    assert_eq!((known.etag.as_deref(), known.received_bytes), (etag, 512));
    assert!(journal.lists(&part.path).unwrap());
    assert_eq!(journal.delete(id, 11), Err(JournalError::Unfinished(id)));
    let file = SavedFile { path: part.target.clone(), sha256: "ab".into(), size_bytes: 1_024 };
    journal.end_part(&known, Some(&file), 20).unwrap();
    assert_eq!(journal.part(part.id).unwrap(), None);
    assert!(!journal.lists(&part.path).unwrap() && journal.lists(&part.target).unwrap());
    let results = journal.results(id).unwrap();
    assert_eq!((results.len(), &results[0].file, results[0].saved_ms), (1, &file, 20));
}

#[test]
fn no_result_is_downloaded_by_two_at_once_and_an_interrupted_one_is_resumed() {
    let journal = Journal::in_memory().unwrap();
    let id = accepted(&journal);
    let first = begun(&journal, id, "a", 10);
    assert!(journal.part_progress(first.id, &owner("a"), &first.url, Some("\"e\""), 7, None).unwrap());
    let PartBegun::HeldBy { part: held, until_ms } = journal.begin_part(&part(id), &owner("b"), 11).unwrap() else {
        panic!("not held")
    };
    assert_eq!((held.owner, until_ms), (Some(owner("a")), 10 + LEASE_MS));
    assert_eq!(journal.take_over_parts(&owner("b"), 12).unwrap(), []);
    let later_ms = 10 + LEASE_MS;
    let PartBegun::Resume(resumed) = journal.begin_part(&part(id), &owner("c"), later_ms).unwrap() else {
        panic!("not resumed")
    };
    assert_eq!((resumed.id, resumed.received_bytes, &resumed.owner), (first.id, 7, &Some(owner("c"))));
    assert!(!journal.part_progress(first.id, &owner("a"), &first.url, None, 8, None).unwrap(), "a has lost it");
    journal.release(&owner("c")).unwrap();
    let taken = journal.take_over_parts(&owner("d"), later_ms + 1).unwrap();
    assert_eq!((taken.len(), taken[0].id, &taken[0].owner), (1, first.id, &Some(owner("d"))));
    journal.end_part(&taken[0], None, later_ms + 2).unwrap();
    assert_eq!(journal.results(id).unwrap(), []);
}

#[test]
fn a_download_is_taken_from_who_holds_it_by_one_alone_and_given_back() {
    let journal = Journal::in_memory().unwrap();
    let id = accepted(&journal);
    let first = begun(&journal, id, "a", 10);
    assert!(journal.take_part(first.id, Some(&owner("a")), &owner("b")).unwrap());
    assert!(!journal.take_part(first.id, Some(&owner("a")), &owner("c")).unwrap(), "b was first");
    journal.release_part(first.id, &owner("a")).unwrap();
    assert!(matches!(journal.begin_part(&part(id), &owner("b"), 11).unwrap(), PartBegun::Resume(_)), "still b's");
    journal.release_part(first.id, &owner("b")).unwrap();
    assert!(matches!(journal.begin_part(&part(id), &owner("c"), 12).unwrap(), PartBegun::Resume(_)));
}

#[test]
fn a_deleted_task_has_no_download_that_is_resumed() {
    let journal = Journal::in_memory().unwrap();
    let id = accepted(&journal);
    let part = begun(&journal, id, "a", 10);
    journal.part_progress(part.id, &owner("a"), &part.url, Some("\"e\""), 7, None).unwrap();
    journal.release_part(part.id, &owner("a")).unwrap();
    journal.delete(id, 11).unwrap();
    let known = journal.part(part.id).unwrap().unwrap();
    assert_eq!((known.begun_ms, known.etag, known.path), (0, None, part.path), "it is swept");
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_text_is_kept_as_it_is() {
    use std::os::unix::ffi::OsStringExt as _;
    let journal = Journal::in_memory().unwrap();
    let id = accepted(&journal);
    let path = PathBuf::from(std::ffi::OsString::from_vec(b"/r/\xFFDuo.mp4".to_vec()));
    let file = SavedFile { path: path.clone(), sha256: "ab".into(), size_bytes: 1 };
    journal.saved(id, 0, &file, 9).unwrap();
    journal.saved(id, 0, &file, 10).unwrap();
    assert_eq!(journal.results(id).unwrap().len(), 1);
    assert_eq!(journal.results(id).unwrap()[0].file.path, path);
    assert!(journal.lists(&path).unwrap());
}

#[test]
fn a_video_is_known_by_the_task_that_made_it_by_its_files_and_by_what_was_made_of_it() {
    let journal = Journal::in_memory().unwrap();
    assert_eq!(journal.video("v-1").unwrap(), None);
    let id = accepted(&journal);
    let made = journal.video("v-1").unwrap().unwrap();
    assert_eq!(made.task_id.as_deref(), Some("t-1"));
    assert_eq!(made.made_from, Some(("Duo.mp4".into(), "voice.wav".into())));
    assert_eq!((made.duration_ms, made.saved.len(), made.used), (Some(9_000), 0, 0));
    let saved = begun(&journal, id, "a", 10);
    let file = SavedFile { path: saved.target.clone(), sha256: "ab".into(), size_bytes: 1_024 };
    journal.end_part(&saved, Some(&file), 20).unwrap();
    let clip = Described { name: "v-1".into(), document: json!({ "video_id": "v-1" }) };
    journal.send_intent(&NewIntent { clip, ..new("n-2") }, &owner("a"), 30).unwrap();
    let used = journal.video("v-1").unwrap().unwrap();
    assert_eq!((used.saved, used.used), (vec![PathBuf::from("/r/Duo lip-sync.mp4")], 1));
    assert_eq!(journal.video("v-2").unwrap(), None);
}
