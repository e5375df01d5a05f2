//! The takes of a clip.

use serde_json::{Value, json};

use super::*;
use crate::model::SavedFile;

fn saved(journal: &Journal, id: IntentId, path: &str, now_ms: i64) {
    let file = SavedFile { path: path.into(), sha256: "ab".into(), size_bytes: 1 };
    journal.saved(id, 0, &file, now_ms).unwrap();
}

#[test]
fn what_was_made_from_the_same_clip_and_has_a_result_is_listed_the_newest_first() {
    let journal = Journal::in_memory().unwrap();
    let clip = new("any").clip.document;
    let other = Described { name: "Duo.mp4".into(), document: json!({ "file": "/b/Duo.mp4" }) };
    let of = |name: &str, clip: &Described, begun_ms| {
        let new = NewIntent { clip: clip.clone(), voice: Described::named(format!("{name}.wav")), ..new(name) };
        id(journal.send_intent(&new, &owner("a"), begun_ms).unwrap())
    };
    let same = new("any").clip;
    let [first, second, without] = [of("first", &same, 1), of("second", &same, 2), of("without", &same, 3)];
    let elsewhere = of("elsewhere", &other, 4);
    saved(&journal, first, "/r/a.mp4", 10);
    saved(&journal, first, "/r/copy of a.mp4", 11);
    saved(&journal, second, "/r/b.mp4", 12);
    saved(&journal, elsewhere, "/r/c.mp4", 13);
    let found = journal.takes(&[Value::Null, clip.clone()], 10).unwrap();
    let ids: Vec<IntentId> = found.iter().map(|take| take.id).collect();
    assert_eq!(ids, [second, first], "not {without}, which has no result, nor {elsewhere}, of another clip");
    assert_eq!(found[1].saved, [std::path::Path::new("/r/copy of a.mp4"), "/r/a.mp4".as_ref()]);
    assert_eq!((found[0].voice_name.as_str(), found[0].face_id.as_deref()), ("second.wav", Some("0")));
    assert_eq!(found[0].placement.map(|placement| placement.sound_insert_time), Some(1_000));
    assert_eq!(journal.takes(&[clip], 1).unwrap().len(), 1);
    assert_eq!(journal.takes(&[Value::Null], 10).unwrap(), [], "of a clip that is not known, nothing is");
}
