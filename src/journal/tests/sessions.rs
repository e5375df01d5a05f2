//! Sessions and desks.

use super::*;
use crate::journal::{Preview, SessionRecord};
use crate::model::{Face, Interval, Session};

fn record() -> SessionRecord {
    let face = Face {
        face_id: "-1".into(),
        face_image: Some("https://h/f.png".into()),
        interval: Some(Interval::new(0, 5_000)),
        rect: None,
        extra: Map::new(),
    };
    let session =
        Session { session_id: "s-1".into(), begun_at_ms: 10, faces: vec![face], cost: None, extra: Map::new() };
    let clip = Described { name: "Duo.mp4".into(), document: json!({ "file": "/a/Duo.mp4" }) };
    SessionRecord { service: service(), ends_ms: session.begun_at_ms + 86_400_000, session, clip }
}

#[test]
fn a_session_comes_back_with_its_clock_and_its_previews() {
    let journal = Journal::in_memory().unwrap();
    let preview = Preview { face_id: "-1".into(), extension: "png".into(), bytes: vec![1, 2, 3] };
    assert!(!journal.save_preview(&service(), "s-1", &preview).unwrap(), "no such session");
    journal.save_session(&record()).unwrap();
    assert!(journal.save_preview(&service(), "s-1", &preview).unwrap());
    assert_eq!(journal.session(&service(), "s-1").unwrap(), Some(record()));
    journal.save_session(&record()).unwrap();
    assert_eq!(journal.previews(&service(), "s-1").unwrap(), [preview]);
    assert_eq!(journal.session(&service(), "s-2").unwrap(), None);
    let elsewhere = Service { base_url: "https://other".into(), ..service() };
    assert_eq!(journal.session(&elsewhere, "s-1").unwrap(), None);
}

#[test]
fn a_desk_is_as_it_was_last_left() {
    let journal = Journal::in_memory().unwrap();
    assert_eq!(journal.desk("main").unwrap(), None);
    for (n, now_ms) in [(1, 10), (2, 20)] {
        journal.save_desk("main", &json!({ "n": n }), now_ms).unwrap();
    }
    journal.save_desk("other", &json!([]), 30).unwrap();
    let desk = journal.desk("main").unwrap().unwrap();
    assert_eq!((desk.saved_ms, desk.document), (20, json!({ "n": 2 })));
    assert!(journal.desk("other").unwrap().is_some());
}
