//! Exchanges, their bodies, and how long these are kept.

use std::fs;
use std::time::{Duration, SystemTime};

use super::*;
use crate::journal::{ExchangeRecord, Pruned, ROW_BODY_BYTES, Retention};

const DAY_MS: i64 = 86_400_000;

fn exchange(started_ms: i64, body: Vec<u8>) -> ExchangeRecord {
    ExchangeRecord {
        started_ms,
        service: Some(service()),
        operation: "query".into(),
        method: "GET".into(),
        url: "https://h/v1".into(),
        status: Some(200),
        head_us: Some(5),
        total_us: 10,
        request_headers: vec![("Authorization".into(), "Bearer …".into())],
        request_file: Some("/a/voice.wav".into()),
        request_body: b"{}".to_vec(),
        request_bytes: 2,
        response_bytes: body.len() as u64,
        response_body: body,
        ..ExchangeRecord::default()
    }
}

fn opened(folder: &tempfile::TempDir) -> Journal {
    Journal::open(&folder.path().join("journal.db")).unwrap().journal
}

fn files(folder: &tempfile::TempDir) -> usize {
    fs::read_dir(folder.path().join("bodies")).map_or(0, Iterator::count)
}

#[test]
fn an_exchange_comes_back_whole_and_a_long_body_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let journal = opened(&folder);
    let intent = send(&journal, "n-1", "a", 0);
    for (length, in_files) in [(ROW_BODY_BYTES, 0), (ROW_BODY_BYTES + 1, 1)] {
        let written = ExchangeRecord { intent: Some(intent), ..exchange(1, vec![7; length]) };
        let id = journal.record(&written).unwrap();
        assert_eq!(journal.exchange(id).unwrap(), Some(written));
        assert_eq!(files(&folder), in_files);
    }
    let unknown = ExchangeRecord { intent: Some(IntentId(99)), ..exchange(2, Vec::new()) };
    let unknown = journal.record(&unknown).unwrap();
    assert_eq!(journal.exchange(unknown).unwrap().unwrap().intent, None, "an intent that is gone hinders nothing");
    let of_intent = journal.exchanges(Some(intent), None, 10).unwrap();
    assert_eq!(of_intent.len(), 2);
    let newest = journal.exchanges(None, None, 2).unwrap();
    let rest = journal.exchanges(None, Some(newest[1].0), 10).unwrap();
    assert_eq!((newest[0].0, rest.len()), (unknown, 1));
    assert!(rest[0].1.response_body.is_empty() && rest[0].1.response_bytes > 0);
    // Its file is gone: what the row has is left.
    fs::remove_dir_all(folder.path().join("bodies")).unwrap();
    let cut = journal.exchange(newest[1].0).unwrap().unwrap();
    assert_eq!(cut.response_body.len(), ROW_BODY_BYTES);
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_a_body() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    opened(&folder).record(&exchange(1, vec![7; 100_000])).unwrap();
    let bodies = folder.path().join("bodies");
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&bodies), 0o700);
    assert_eq!(mode(&fs::read_dir(&bodies).unwrap().next().unwrap().unwrap().path()), 0o600);
}

#[test]
fn bodies_that_are_old_or_too_many_go_and_the_exchanges_stay() {
    let folder = tempfile::tempdir().unwrap();
    let journal = opened(&folder);
    // The first two share a file.
    let days = [(0, 1), (60, 1), (80, 2), (95, 3)];
    let ids = days.map(|(day, byte)| journal.record(&exchange(day * DAY_MS, vec![byte; 100_000])).unwrap());
    assert_eq!(files(&folder), 3);
    let now_ms = 100 * DAY_MS;
    let is_kept = |at: usize| !journal.exchange(ids[at]).unwrap().unwrap().response_body.is_empty();
    assert_eq!(journal.prune(Retention::default(), now_ms).unwrap(), Pruned { exchanges: 1, orphans: 0 });
    assert_eq!((files(&folder), is_kept(0), is_kept(1)), (3, false, true));
    // Each keeps 100 000 bytes in its file and the beginning of them in its row: one has room.
    let retention = Retention { keep_bytes: 200_000, ..Retention::default() };
    assert_eq!(journal.prune(retention, now_ms).unwrap(), Pruned { exchanges: 2, orphans: 0 });
    assert_eq!((files(&folder), is_kept(2), is_kept(3)), (1, false, true));
    assert_eq!(journal.exchanges(None, None, 10).unwrap().len(), 4);
    assert_eq!(journal.prune(retention, now_ms).unwrap(), Pruned::default());
}

#[test]
fn files_that_no_exchange_names_are_swept_and_those_of_strangers_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let journal = opened(&folder);
    journal.record(&exchange(1, vec![7; 100_000])).unwrap();
    let bodies = folder.path().join("bodies");
    fs::write(bodies.join("0".repeat(64)), b"of a transaction that came to nothing").unwrap();
    fs::write(bodies.join("notes.txt"), b"a stranger's").unwrap();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let in_ms = |after: Duration| i64::try_from((now + after).as_millis()).unwrap();
    let retention = Retention { keep_ms: i64::MAX, ..Retention::default() };
    assert_eq!(journal.prune(retention, in_ms(Duration::ZERO)).unwrap().orphans, 0, "it may be written just now");
    assert_eq!(journal.prune(retention, in_ms(Duration::from_hours(2))).unwrap().orphans, 1);
    assert_eq!(files(&folder), 2);
}
