//! Tests of the inspector's state with constructed exchanges.

use std::time::Duration;

use super::*;
use crate::engine::Exchange;
use crate::engine::Timing;

pub(in crate::app) fn exchange(
    number: u64,
    method: &'static str,
    url: &str,
    status: Option<u16>,
    body: &str,
) -> Exchange {
    Exchange {
        number,
        started_at_ms: 1_700_000_000_000,
        operation: "identify",
        method,
        url: url.into(),
        request_headers: Vec::new(),
        request_body: String::new(),
        request_file: None,
        request_bytes: 0,
        status,
        response_headers: Vec::new(),
        response_body: body.into(),
        response_bytes: body.len() as u64,
        failure: status.is_none().then(|| "the connection was closed".to_owned()),
        timing: Timing { head_us: status.map(|_| 400_000), total_us: 412_300 },
    }
}

fn some(numbers: std::ops::RangeInclusive<u64>) -> Vec<Arc<Exchange>> {
    let one = |number: u64| {
        let status = if number.is_multiple_of(3) { 400 } else { 200 };
        exchange(number, "POST", "https://a.b/v1/videos/identify-face", Some(status), &format!("{{\"n\":{number}}}"))
    };
    numbers.map(|number| Arc::new(one(number))).collect()
}

fn open_with(exchanges: Vec<Arc<Exchange>>) -> State {
    let mut state = State::default();
    state.toggle(false, None);
    state.take(exchanges);
    state
}

#[test]
fn the_newest_is_on_top_and_shown_until_another_is_chosen() {
    let mut state = open_with(some(1..=4));
    assert_eq!(state.listed, [4, 3, 2, 1]);
    assert_eq!(state.page.text, "{\n  \"n\": 4\n}");
    state.take(some(1..=5));
    assert_eq!(state.page.text, "{\n  \"n\": 5\n}", "it follows");
    state.handle(InspectorCommand::Select(2));
    state.take(some(1..=6));
    assert_eq!((state.listed[0], state.page.text.as_str()), (6, "{\n  \"n\": 2\n}"));
    state.take(some(4..=9));
    assert_eq!((state.rows.len(), state.selected), (6, None), "what is not kept any more is gone here too");
    assert_eq!(state.page.text, "{\n  \"n\": 9\n}");
}

#[test]
fn a_closed_inspector_takes_in_what_came_and_shows_it_once_open() {
    let mut state = State::default();
    state.take(some(1..=3));
    assert!(state.listed.is_empty());
    state.toggle(true, None);
    assert_eq!(state.listed, [3, 2, 1]);
    assert_eq!(state.toggle(true, None), None);
    state.toggle(true, Some(Id::unique("before")));
    assert_eq!(state.toggle(true, None), Some(Id::unique("before")), "the keyboard goes back");
}

#[test]
fn the_list_is_narrowed_by_words_and_by_failure() {
    let mut state = open_with(some(1..=9));
    state.handle(InspectorCommand::OnlyFailed(true));
    assert_eq!(state.listed, [9, 6, 3]);
    state.handle(InspectorCommand::Filter("\"n\":6".into()));
    assert_eq!(state.listed, [6]);
    state.handle(InspectorCommand::Filter("nothing".into()));
    assert!(state.listed.is_empty() && state.shown().is_none() && state.page.text.is_empty());
}

#[test]
fn a_long_filter_run_continues_from_frame_to_frame_and_the_list_stays_until_it_is_complete() {
    let mut state = open_with(some(1..=9));
    state.only_failed = true;
    state.scan = Some(Scan { next: 9, found: Vec::new() });
    for _ in 0..8 {
        state.look(Duration::ZERO);
        assert!(state.is_searching() && state.listed.len() == 9, "the predecessor stays");
    }
    state.take(some(2..=12));
    assert_eq!(state.listed.len(), 8, "but for what is gone");
    state.look(Duration::ZERO);
    assert_eq!((state.listed.as_slice(), state.is_searching()), (&[12, 9, 6, 3][..], false));
    state.take(some(2..=15));
    assert_eq!(state.listed, [15, 12, 9, 6, 3], "what comes now is looked at alone");
}

#[test]
fn matches_are_walked_in_a_circle() {
    let body = r#"{"a":"x","b":"xx"}"#;
    let mut state = open_with(vec![Arc::new(exchange(1, "GET", "https://a.b/v1/x", Some(200), body))]);
    state.handle(InspectorCommand::Search("X".into()));
    assert_eq!((state.page.matches.len(), state.at, state.arriving), (3, 0, true));
    state.handle(InspectorCommand::Step(false));
    assert_eq!(state.at, 2);
    state.handle(InspectorCommand::Step(true));
    assert_eq!(state.at, 0);
    state.handle(InspectorCommand::Show(Tab::Curl));
    assert_eq!(state.page.matches.len(), 1, "the words stay, and are found in what is shown");
}

#[test]
fn what_is_copied_or_saved_is_whole() {
    let body = format!("{{\"a\":\"{}\"}}", "x".repeat(100_000));
    let mut state = open_with(vec![Arc::new(exchange(1, "GET", "https://a.b/v1/x", Some(200), &body))]);
    assert!(state.page.is_cut && state.is_kept());
    assert!(state.whole_text().is_some_and(|text| text.len() > 100_000));
    assert_eq!(state.begin_saving().as_deref(), Some("identify 1 answer"));
    assert_eq!(state.ending(), "json");
    assert_eq!(state.take_saving(), Some(body));
}
