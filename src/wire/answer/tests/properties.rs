//! No answer makes the reader panic, and values are the same in whatever a gateway wraps them.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::model::{CallOutcome, ProblemKind, Session, Task};

/// One way to wrap an answer further, as gateways do.
#[derive(Clone, Debug)]
enum Wrap {
    Envelope(Value),
    Data,
    Quoted,
    QuotedData,
}

fn wrapped(value: Value, wraps: &[Wrap]) -> Value {
    wraps.iter().fold(value, |inner, wrap| match wrap {
        Wrap::Envelope(code) => json!({ "code": code, "message": "success", "request_id": "outer", "data": inner }),
        Wrap::Data => json!({ "data": inner }),
        Wrap::Quoted => json!(inner.to_string()),
        Wrap::QuotedData => json!({ "code": 0, "data": inner.to_string() }),
    })
}

/// Every number as text, and back where it can be one: what a careless gateway makes of values.
fn restated(value: &Value, flip: bool) -> Value {
    match value {
        Value::Number(number) if flip => json!(number.to_string()),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), restated(value, flip))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(|item| restated(item, flip)).collect::<Vec<_>>().into(),
        other => other.clone(),
    }
}

fn wraps() -> impl Strategy<Value = Vec<Wrap>> {
    let codes =
        prop::sample::select(vec![json!(0), json!(200), json!("0"), json!("200"), json!("success"), json!(null)]);
    let wrap =
        prop_oneof![codes.prop_map(Wrap::Envelope), Just(Wrap::Data), Just(Wrap::Quoted), Just(Wrap::QuotedData)];
    prop::collection::vec(wrap, 0..4).prop_filter("a string is quoted at most twice in a row", |wraps| {
        !wraps.windows(2).any(|pair| matches!(pair, [Wrap::Quoted, Wrap::Quoted | Wrap::QuotedData]))
    })
}

fn any_json() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "code",
        "message",
        "data",
        "task_id",
        "id",
        "task_status",
        "status",
        "task_result",
        "videos",
        "url",
        "error",
        "output",
        "content",
        "text",
        "type",
        "session_id",
        "face_data",
        "face_list",
        "face_id",
        "progress",
        "created_at",
        "duration",
        "task_info",
        "usage",
        "fail_reason",
        "metadata",
        "start_time",
        "end_time",
        "face_rect",
        "final_balance_deduction",
        "success",
        "result",
    ]);
    let words = prop::sample::select(vec![
        "",
        "0",
        "success",
        "failed",
        "completed",
        "014002095",
        "45%",
        "5.041",
        "https://h/v",
        "{\"code\":1}",
        "[{}]",
        "\"{}\"",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words.prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner.clone()), 0..6).prop_map(|fields| fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<Map<_, _>>()
                .into()),
            inner.prop_map(|value| json!(value.to_string())),
        ]
    })
}

fn read_everything(http_status: u16, body: &[u8]) {
    let reply = Reply::new(http_status, body);
    let _ = (read_identify(&reply, 0), read_task(&reply, "t"), read_list(&reply), read_upload(&reply));
    if let CallOutcome::Done(task) = read_create(&reply) {
        assert!(!task.task_id.is_empty());
    }
}

proptest! {
    #[test]
    fn no_json_makes_the_reader_panic(value in any_json(), http_status in prop::sample::select(vec![200_u16, 201, 302, 400, 429, 500, 999])) {
        read_everything(http_status, &bytes(&value));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(body in prop::collection::vec(any::<u8>(), 0..200), http_status in 0..1000_u16) {
        read_everything(http_status, &body);
    }

    #[test]
    fn a_cut_answer_never_makes_the_reader_panic(at in 0..600_usize) {
        let whole = bytes(&kirin(&seed_identify()));
        read_everything(200, &whole[..at.min(whole.len())]);
    }

    #[test]
    fn a_task_reads_the_same_however_it_is_wrapped(wraps in wraps(), flip in any::<bool>()) {
        let plain = Task { extra: Map::new(), ..task(&seed_query()["data"]) };
        let answer = wrapped(restated(&seed_query()["data"], flip), &wraps);
        let read = Task { extra: Map::new(), ..task(&answer) };
        prop_assert_eq!(read, plain);
    }

    #[test]
    fn a_session_reads_the_same_however_it_is_wrapped(wraps in wraps(), flip in any::<bool>(), in_kirin in any::<bool>()) {
        let plain = Session { extra: Map::new(), ..session(&seed_identify()) };
        let inner = restated(&seed_identify()["data"], flip);
        let answer = if in_kirin { kirin(&wrapped(inner, &wraps)) } else { wrapped(inner, &wraps) };
        let read = session(&answer);
        prop_assert_eq!(Session { extra: Map::new(), cost: None, ..read }, plain);
    }

    #[test]
    fn an_error_reads_the_same_however_it_is_wrapped(wraps in wraps(), http_status in prop::sample::select(vec![200_u16, 400])) {
        let answer = wrapped(json!({ "code": "1201", "message": "no", "request_id": "r" }), &wraps);
        let problem = identify_problem(http_status, &answer);
        prop_assert_eq!((problem.kind, problem.code, problem.message.as_str(), problem.request_id.as_deref()), (ProblemKind::Refused, code("1201"), "no", Some("r")));
    }
}
