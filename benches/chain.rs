//! What the client adds to plain reqwest: one call, and the whole chain (identify, create, five polls) against the same local server.
//!
//! Both sides run in one process, interleaved, and are compared at the median; only their difference and ratio mean anything.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::{get, post};
use serde_json::{Value, json};
use viseme::model::{CallOutcome, ClipSource, Placement, Profile, Submission, VoiceSource};
use viseme::service::{Client, Credentials, Recorder};

const ROUNDS: usize = 400;
const POLLS: usize = 5;

async fn serve() -> String {
    let answer = |data: Value| json!({"code": 0, "message": "SUCCEED", "request_id": "r", "data": data}).to_string();
    let faces = answer(json!({"session_id": "s", "face_data": [
        {"face_id": "0", "face_image": "http://127.0.0.1:1/a.jpg", "start_time": 0, "end_time": 9000}]}));
    let created = answer(json!({"task_id": "t", "task_status": "submitted", "created_at": 1_722_769_557_708_i64}));
    let task = answer(
        json!({"task_id": "t", "task_status": "processing", "task_status_msg": "", "created_at": 1_722_769_557_708_i64}),
    );
    let router = Router::new()
        .route("/kling/v1/videos/identify-face", post(move || async move { faces }))
        .route("/kling/v1/videos/advanced-lip-sync", post(move || async move { created }))
        .route("/kling/v1/videos/advanced-lip-sync/t", get(move || async move { task }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    base_url
}

fn submission() -> Submission {
    Submission {
        session_id: "s".into(),
        face_id: "0".into(),
        voice: VoiceSource::Url("https://example.com/voice.mp3".into()),
        placement: Placement {
            sound_start_time: 0,
            sound_end_time: 5_000,
            sound_insert_time: 0,
            sound_volume: Some(1.0),
            original_audio_volume: Some(0.5),
        },
        external_task_id: "e".into(),
        callback_url: None,
        watermark: None,
        mouth_box: None,
    }
}

async fn with_client(client: &Client) {
    client.identify_start(&ClipSource::Url("https://example.com/clip.mp4".into())).await.unwrap();
    assert!(matches!(client.create(&submission()).await, CallOutcome::Done(_)));
    for _ in 0..POLLS {
        client.poll("t").await.unwrap();
    }
}

async fn plain_json(request: reqwest::RequestBuilder) -> Value {
    let bytes = request.bearer_auth("bench-key").send().await.unwrap().bytes().await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn body(value: &Value) -> (reqwest::header::HeaderName, &'static str, String) {
    (reqwest::header::CONTENT_TYPE, "application/json", value.to_string())
}

async fn with_reqwest(http: &reqwest::Client, base_url: &str) {
    let post = |path: &str, value: &Value| {
        let (name, kind, text) = body(value);
        http.post(format!("{base_url}{path}")).header(name, kind).body(text)
    };
    plain_json(post("/kling/v1/videos/identify-face", &json!({"video_url": "https://example.com/clip.mp4"}))).await;
    let create = json!({"session_id": "s", "external_task_id": "e", "face_choose": [{
        "face_id": "0", "sound_file": "https://example.com/voice.mp3", "sound_start_time": 0, "sound_end_time": 5000,
        "sound_insert_time": 0, "sound_volume": 1.0, "original_audio_volume": 0.5}]});
    plain_json(post("/kling/v1/videos/advanced-lip-sync", &create)).await;
    for _ in 0..POLLS {
        plain_json(http.get(format!("{base_url}/kling/v1/videos/advanced-lip-sync/t"))).await;
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[tokio::main]
async fn main() {
    let base_url = serve().await;
    let mut profile = Profile::built_in().into_iter().find(|profile| profile.name == "ezmodel").unwrap();
    profile.base_url.clone_from(&base_url);
    let client = Client::new(profile, Credentials::key("bench-key").unwrap(), Recorder::default()).unwrap();
    // The client has installed the TLS provider; plain reqwest needs it too, even for plain HTTP.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let (mut ours, mut plain, mut our_call, mut plain_call) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS + 20 {
        let started = Instant::now();
        with_client(&client).await;
        let our_chain = started.elapsed();
        let started = Instant::now();
        with_reqwest(&http, &base_url).await;
        let plain_chain = started.elapsed();
        let started = Instant::now();
        client.poll("t").await.unwrap();
        let our_poll = started.elapsed();
        let started = Instant::now();
        plain_json(http.get(format!("{base_url}/kling/v1/videos/advanced-lip-sync/t"))).await;
        let plain_poll = started.elapsed();
        // The first rounds open connections and warm caches.
        if round >= 20 {
            ours.push(our_chain);
            plain.push(plain_chain);
            our_call.push(our_poll);
            plain_call.push(plain_poll);
        }
    }
    let (ours, plain, our_call, plain_call) = (median(ours), median(plain), median(our_call), median(plain_call));
    println!("medians of {ROUNDS} rounds on loopback, in one run");
    println!(
        "one call:  viseme {our_call:?}, plain reqwest {plain_call:?}: {:+.1} µs",
        (our_call.as_secs_f64() - plain_call.as_secs_f64()) * 1e6
    );
    println!(
        "the chain (identify, create, {POLLS} polls without waits):  viseme {ours:?}, plain reqwest {plain:?}: {:.2} ×",
        ours.as_secs_f64() / plain.as_secs_f64()
    );
}
