//! The sandbox answers every request: in the envelope, with a documented code, and never with 500.

use std::sync::LazyLock;
use std::time::Duration;

use proptest::prelude::*;
use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use crate::support::{Client, read};

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());
static CLIENT: LazyLock<Client> = LazyLock::new(Client::shared);

const FIELDS: [&str; 20] = [
    "video_id",
    "video_url",
    "session_id",
    "face_choose",
    "face_id",
    "audio_id",
    "sound_file",
    "sound_start_time",
    "sound_end_time",
    "sound_insert_time",
    "sound_volume",
    "original_audio_volume",
    "external_task_id",
    "callback_url",
    "watermark_info",
    "enabled",
    "model",
    "input",
    "params",
    "anything",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        ".{0,20}".prop_map(Value::from),
        prop::sample::select(vec![
            "sandbox_voice",
            "kirin_identify_face",
            "kirin_lipsync",
            "http://127.0.0.1:1/a",
            "file:///a",
            "data:,",
            "AAAA",
            "fail:x",
            "error-1303:x",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::vec((prop::sample::select(FIELDS.to_vec()), inner), 0..6).prop_map(|pairs| {
                Value::Object(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
            }),
        ]
    })
}

/// A create that is right except for some fields.
fn nearly_a_create() -> impl Strategy<Value = Value> {
    let change = (prop::sample::select(FIELDS.to_vec()), any_json()).boxed();
    (prop::collection::vec(change.clone(), 0..2), prop::collection::vec(change, 0..3)).prop_map(|(outer, inner)| {
        let mut body = json!({"session_id": "1", "face_choose": [{"face_id": "0", "audio_id": "sandbox_voice",
            "sound_start_time": 0, "sound_end_time": 4000, "sound_insert_time": 0}]});
        for (name, value) in inner {
            body["face_choose"][0][name] = value;
        }
        for (name, value) in outer {
            body[name] = value;
        }
        body
    })
}

fn answered(path: &str, body: Vec<u8>) {
    let client = &*CLIENT;
    let answer = RUNTIME.block_on(async {
        let sent = client.request(Method::POST, path).timeout(Duration::from_secs(20)).body(body).send().await.unwrap();
        read(sent).await
    });
    let status = answer.status.as_u16();
    assert!(status == 200 || (400..500).contains(&status), "{path}: HTTP {status} {}", answer.body);
    if status != 200 {
        assert!((1000..=1304).contains(&answer.code()), "{}", answer.body);
        assert!(!answer.message().is_empty() && answer.body["request_id"].is_string(), "{}", answer.body);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_is_answered(body in any_json(), path in 0..3_usize) {
        answered(["/v1/videos/identify-face", "/kling/v1/videos/advanced-lip-sync", "/model/v1/generation"][path], body.to_string().into());
    }

    #[test]
    fn nearly_right_creates_are_answered(body in nearly_a_create(), is_kirin in any::<bool>()) {
        if is_kirin {
            answered("/model/v1/generation", json!({"model": "kirin_lipsync", "input": [{"params": body}]}).to_string().into());
        } else {
            answered("/v1/videos/advanced-lip-sync", body.to_string().into());
        }
    }

    #[test]
    fn any_bytes_are_answered(body in prop::collection::vec(any::<u8>(), 0..200)) {
        answered("/v1/videos/advanced-lip-sync", body);
    }

    #[test]
    fn any_path_is_answered(path in "[a-zA-Z0-9/%._~-]{0,40}", query in "[a-zA-Z0-9=&%+]{0,20}") {
        let client = &*CLIENT;
        RUNTIME.block_on(async {
            let sent = client.request(Method::GET, &format!("/{path}?{query}")).send().await.unwrap();
            assert!(sent.status().as_u16() < 500, "{path}: {}", sent.status());
        });
    }
}
