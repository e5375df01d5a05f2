//! The whole job over HTTP, on a real clip and a real voice, in both dialects: nothing here is made up.

#![allow(clippy::unwrap_used, clippy::panic)]

mod sandbox_support;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::header::RANGE;
use reqwest::{Method, StatusCode};
use sandbox_support::{Answer, Desk, http, read, serve};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use sha2::Sha256;
use viseme::sandbox::{BUILT_IN_VOICE, Clock, Limits, SandboxConfig};

const CLIP: &str = "assets/demo/duo.mp4";
const VOICE: &str = "assets/demo/voice.mp3";
const IDENTIFY: &str = "/v1/videos/identify-face";
const CREATE: &str = "/v1/videos/advanced-lip-sync";
const GENERATE: &str = "/model/v1/generation";
const SECRET: &str = "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI=";

/// Identifies the demo clip; `data` of the answer.
async fn identify_demo(desk: &Desk) -> Value {
    let clip = desk.upload_file(CLIP).await;
    assert_eq!(clip["kind"], "video", "{clip}");
    desk.post(IDENTIFY, &json!({"video_url": clip["url"], "video_id": ""})).await.data()
}

/// A create that keeps every rule: the face of 2 to 7 s says the first 4 s of the built-in voice.
fn create_body(session: &Value) -> Value {
    json!({
        "session_id": session["session_id"],
        "face_choose": [{
            "face_id": session["face_data"][1]["face_id"], "audio_id": BUILT_IN_VOICE,
            "sound_start_time": 0, "sound_end_time": 4000, "sound_insert_time": 2500,
        }],
    })
}

/// Polls a task of the `kling` dialect to its end.
async fn wait_for(desk: &Desk, task_id: &str) -> Value {
    let started = Instant::now();
    loop {
        let data = desk.get(&format!("{CREATE}/{task_id}")).await.data();
        if matches!(data["task_status"].as_str(), Some("succeed" | "failed")) {
            return data;
        }
        assert!(started.elapsed() < Duration::from_mins(3), "{data}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[derive(Clone, Default)]
struct Inbox(Arc<Mutex<Vec<(HeaderMap, String)>>>);

async fn receive(State(inbox): State<Inbox>, headers: HeaderMap, body: String) -> StatusCode {
    let mut letters = inbox.0.lock().unwrap();
    letters.push((headers, body));
    // The first one is refused once: a callback is tried again.
    if letters.len() == 1 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("{value} is no integer"))
}

#[tokio::test(flavor = "multi_thread")]
async fn kling_from_upload_to_result_and_on_from_the_result() {
    let clock = Clock::default();
    let config =
        SandboxConfig { clock: clock.clone(), webhook_secret: Some(SECRET.into()), ..SandboxConfig::default() };
    let desk = Desk::with(config).await;
    let inbox = Inbox::default();
    let callback = serve(axum::Router::new().fallback(receive).with_state(inbox.clone())).await;

    let session = identify_demo(&desk).await;
    assert_eq!(session["final_unit_deduction"], "0.05");
    let faces = session["face_data"].as_array().unwrap();
    assert_eq!(faces.len(), 2, "{session}");
    for (face, (start_ms, end_ms)) in faces.iter().zip([(0, 9_000), (2_000, 7_000)]) {
        assert!((number(&face["start_time"]) - start_ms).abs() <= 200, "{face}");
        assert!((number(&face["end_time"]) - end_ms).abs() <= 200, "{face}");
        let image = http().get(face["face_image"].as_str().unwrap()).send().await.unwrap();
        assert_eq!(image.headers()["content-type"], "image/jpeg");
        let picture = image::load_from_memory(&image.bytes().await.unwrap()).unwrap();
        assert!(picture.width() >= 64 && picture.height() >= 64, "{}×{}", picture.width(), picture.height());
    }

    let voice = desk.upload_file(VOICE).await;
    assert_eq!((&voice["kind"], &voice["audio_id"]), (&json!("audio"), &voice["id"]));
    let mut body = create_body(&session);
    body["face_choose"][0]["audio_id"] = voice["audio_id"].clone();
    body["external_task_id"] = json!("order 7");
    body["callback_url"] = json!(format!("{callback}/hook"));
    body["watermark_info"] = json!({"enabled": false});
    let created = desk.post(CREATE, &body).await.data();
    assert_eq!(created["task_status"], "submitted");
    assert_eq!(created["task_info"]["external_task_id"], "order 7");
    assert!((number(&created["created_at"]) - clock.now_ms()).abs() < 60_000);
    let task_id = created["task_id"].as_str().unwrap();
    desk.post(CREATE, &body).await.refused(400, 1201, "external_task_id: order 7 is already the name of task");

    let done = wait_for(&desk, task_id).await;
    assert_eq!((done["task_status"].as_str(), done["task_status_msg"].as_str()), (Some("succeed"), Some("success")));
    assert!(number(&done["updated_at"]) > number(&done["created_at"]));
    assert_eq!(done["task_info"]["parent_video"]["duration"], "9");
    assert_eq!((&done["final_unit_deduction"], &done["watermark_info"]["enabled"]), (&json!("0.5"), &json!(false)));
    assert_eq!(desk.get(&format!("{CREATE}/order%207")).await.data()["task_id"], task_id);
    let list = desk.get(&format!("/kling{CREATE}?pageNum=1&pageSize=1")).await.data();
    assert_eq!((list.as_array().unwrap().len(), &list[0]), (1, &done));

    let video = &done["task_result"]["videos"][0];
    let seconds: f64 = video["duration"].as_str().unwrap().parse().unwrap();
    assert!((seconds - 9.0).abs() < 0.1, "{video}");
    let url = video["url"].as_str().unwrap();
    let result = http().get(url).send().await.unwrap();
    assert_eq!(result.headers()["content-type"], "video/mp4");
    let result = result.bytes().await.unwrap();
    let place = |name: &[u8]| result.windows(4).position(|window| window == name).unwrap();
    assert!(place(b"ftyp") < place(b"moov") && place(b"moov") < place(b"mdat"), "moov comes first");
    assert!(place(b"avc1") < place(b"mdat") && place(b"mp4a") < place(b"mdat"), "H.264 and AAC");
    let part = http().get(url).header(RANGE, "bytes=100-199").send().await.unwrap();
    assert_eq!((part.status(), part.bytes().await.unwrap()), (StatusCode::PARTIAL_CONTENT, result.slice(100..200)));

    check_callbacks(&inbox, &done);

    // The result is a clip like any other: its id works as video_id, for 30 days.
    let again = desk.post(IDENTIFY, &json!({"video_id": video["id"]})).await.data();
    assert_eq!(again["face_data"].as_array().unwrap().len(), 2, "{again}");
    clock.advance(Duration::from_hours(24));
    let mut late = create_body(&session);
    late["external_task_id"] = json!("late");
    let session_id = session["session_id"].as_str().unwrap();
    desk.post(CREATE, &late).await.refused(400, 1201, &format!("session_id: session {session_id} has expired"));
    let image = faces[0]["face_image"].as_str().unwrap();
    read(http().get(image).send().await.unwrap()).await.refused(404, 1203, "expired");
    clock.advance(Duration::from_hours(29 * 24 + 1));
    desk.post(IDENTIFY, &json!({"video_id": video["id"]})).await.refused(400, 1201, "is older than 30 days");
    assert_eq!(http().get(url).send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

/// Every change was posted in order, the refused one twice, each signed.
fn check_callbacks(inbox: &Inbox, done: &Value) {
    let letters = inbox.0.lock().unwrap();
    let statuses: Vec<String> = letters
        .iter()
        .map(|(_, body)| serde_json::from_str::<Value>(body).unwrap()["task_status"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(statuses, ["submitted", "submitted", "processing", "succeed"]);
    let last: Value = serde_json::from_str(&letters.last().unwrap().1).unwrap();
    assert_eq!(&last, done, "a callback posts the data of the query");
    let text = |headers: &HeaderMap, name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(text(&letters[0].0, "webhook-id"), text(&letters[1].0, "webhook-id"), "a retry keeps its id");
    for (headers, body) in letters.iter() {
        let (id, at) = (text(headers, "webhook-id"), text(headers, "webhook-timestamp"));
        let key = STANDARD.decode(SECRET.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{id}.{at}.{body}").as_bytes());
        let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        assert_eq!(text(headers, "webhook-signature"), signature);
    }
}

/// Polls a task of the `kirin` dialect to its end; the answer and every progress that was told.
async fn wait_for_generation(desk: &Desk, id: &str) -> (Value, Vec<f64>) {
    let started = Instant::now();
    let mut told = Vec::new();
    loop {
        let answer = desk.get(&format!("{GENERATE}/task/{id}")).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.body["id"], id);
        if answer.body["status"] != "in_progress" {
            return (answer.body, told);
        }
        told.push(answer.body["progress"].as_f64().unwrap());
        assert!(started.elapsed() < Duration::from_mins(3), "{}", answer.body);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn generate(desk: &Desk, model: &str, params: &Value, fault: &str) -> Answer {
    let body = json!({"model": model, "input": [{"params": params}]}).to_string();
    let ask = desk.ask(Method::POST, GENERATE).header("content-type", "application/json");
    let ask = if fault.is_empty() { ask } else { ask.header("X-Viseme-Fault", fault) };
    read(ask.body(body).send().await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn kirin_from_upload_to_result() {
    let desk = Desk::new().await;
    let clip = desk.upload_file(CLIP).await;
    let params = json!({"video_url": clip["url"]});
    let created = generate(&desk, "kirin_identify_face", &params, "").await.body;
    assert_eq!((&created["status"], &created["model"]), (&json!("in_progress"), &json!("kirin_identify_face")));
    let (found, told) = wait_for_generation(&desk, created["id"].as_str().unwrap()).await;
    assert_eq!(found["status"], "completed", "{found}");
    assert!(told.is_sorted() && told.iter().all(|done| (0.0..=1.0).contains(done)), "{told:?}");
    assert_eq!((&found["usage"]["cost"], &found["usage"]["discount"]), (&json!("0.0070"), &json!(1)));
    let content = &found["output"][0]["content"][0];
    assert_eq!((&content["type"], &content["url"]), (&json!("text"), &json!("")));
    let inner: Value = serde_json::from_str(content["text"].as_str().unwrap()).unwrap();
    assert_eq!(inner["code"], 0);
    assert_eq!(inner["data"]["face_data"].as_array().unwrap().len(), 2, "{inner}");

    let created = generate(&desk, "kirin_lipsync", &create_body(&inner["data"]), "").await.body;
    let (done, told) = wait_for_generation(&desk, created["id"].as_str().unwrap()).await;
    assert_eq!(done["status"], "completed", "{done}");
    assert!(told.is_sorted(), "{told:?}");
    assert!(told.iter().any(|done| (0.02..0.98).contains(done)), "progress is told while it runs: {told:?}");
    let video = &done["output"][0]["content"][0];
    assert_eq!(video["type"], "video");
    let result = http().get(video["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(result.status(), StatusCode::OK);

    // What is wrong with the clip shows when the task failed; the code is a text, with its zero.
    let bad = desk.upload("note.mp4", b"no clip at all, just a line of text".to_vec()).await;
    for (fault, plain) in [("", false), ("plain-error", true)] {
        let created = generate(&desk, "kirin_identify_face", &json!({"video_url": bad["url"]}), fault).await.body;
        let (failed, _) = wait_for_generation(&desk, created["id"].as_str().unwrap()).await;
        assert_eq!(failed["status"], "failed", "{failed}");
        let words = if plain { &failed["error"] } else { &failed["error"]["error_message"] };
        assert!(words.as_str().unwrap().starts_with("video_url: "), "{failed}");
        assert_eq!(failed["error"]["code"].as_str(), (!plain).then_some("014002097"), "{failed}");
        assert!(failed.get("output").is_none() && failed.get("usage").is_none());
    }
    let created = generate(&desk, "kirin_identify_face", &params, "inner-1301").await.body;
    let (completed, _) = wait_for_generation(&desk, created["id"].as_str().unwrap()).await;
    let inner: Value = serde_json::from_str(completed["output"][0]["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!((&completed["status"], &inner["code"]), (&json!("completed"), &json!(1301)));
    desk.get(&format!("{CREATE}/{}", created["id"].as_str().unwrap())).await.refused(404, 1203, "task_id");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_of_the_placement_is_refused_by_field_with_its_arithmetic() {
    let desk = Desk::new().await;
    let session = identify_demo(&desk).await;
    let (start, end) = (number(&session["face_data"][1]["start_time"]), number(&session["face_data"][1]["end_time"]));
    let cases = [
        (json!({"sound_start_time": -1}), "sound_start_time: sound_start_time -1 ms < 0 (R1"),
        (json!({"sound_start_time": 4000}), "sound_start_time: sound_start_time 4000 ms is not before"),
        (json!({"sound_end_time": 60_000}), "sound_end_time: sound_end_time 60000 ms > 82"),
        (json!({"sound_end_time": 1999}), "sound_end_time: 1999 - 0 = 1999 ms < 2000 ms (R2"),
        (json!({"sound_insert_time": -1}), "sound_insert_time: sound_insert_time -1 ms < 0 (R4"),
        (json!({"sound_insert_time": 5001}), "sound_insert_time: 5001 + 4000 = 9001 ms > 9000 ms"),
        (
            json!({"sound_insert_time": end - 1999, "sound_end_time": 2000}),
            "sound_insert_time: the crop starts too late for the face",
        ),
        (
            json!({"sound_insert_time": start - 1, "sound_end_time": 2000}),
            "sound_insert_time: the crop ends too early for the face",
        ),
        (json!({"sound_volume": 2.01}), "sound_volume: sound_volume 2.01 is not within 0 to 2 (R7"),
        (json!({"original_audio_volume": -0.1}), "original_audio_volume: original_audio_volume -0.1 is not within"),
    ];
    for (change, words) in cases {
        let mut body = create_body(&session);
        for (field, value) in change.as_object().unwrap() {
            body["face_choose"][0][field] = value.clone();
        }
        desk.post(CREATE, &body).await.refused(400, 1201, &format!("face_choose[0].{words}"));
    }
    let mut body = create_body(&session);
    body["face_choose"][0]["face_id"] = json!("nobody");
    desk.post(CREATE, &body).await.refused(400, 1201, "face_choose[0].face_id: session");
    assert_eq!(desk.get(CREATE).await.data(), json!([]), "what is refused makes no task");
}

#[tokio::test(flavor = "multi_thread")]
async fn voices_are_refused_by_field_and_by_their_bytes() {
    let desk = Desk::new().await;
    let session = identify_demo(&desk).await;
    let with = |field: &str, value: Value| {
        let mut body = create_body(&session);
        body["face_choose"][0].as_object_mut().unwrap().remove("audio_id");
        body["face_choose"][0][field] = value;
        body
    };
    let base64 = |bytes: &[u8]| json!(STANDARD.encode(bytes));
    let text = desk.upload("voice.mp3", b"certainly not a voice".to_vec()).await;
    assert!(text.get("audio_id").is_none(), "{text}");
    let large = vec![0; 5_242_881];
    let clip = desk.upload_file(CLIP).await;
    let cases = [
        (with("sound_file", base64(b"certainly not a voice")), "sound_file: Audio format is invalid: "),
        (with("sound_file", base64(&large)), "sound_file: 5242881 bytes > 5242880 bytes (5 MB)"),
        (with("sound_file", base64(&wav(1_999))), "sound_file: the voice is 1999 ms < 2000 ms (R3"),
        (with("sound_file", base64(&wav(60_001))), "sound_file: the voice is 60001 ms > 60000 ms; the whole file"),
        (with("sound_file", text["url"].clone()), "sound_file: Audio format is invalid: "),
        (with("audio_id", json!("unknown")), "audio_id: no voice is called unknown"),
    ];
    for (body, words) in cases {
        desk.post(CREATE, &body).await.refused(400, 1201, &format!("face_choose[0].{words}"));
    }
    let no_sound = desk.post(CREATE, &with("audio_id", clip["id"].clone())).await;
    no_sound.refused(400, 1201, "is no sound, it is video");
}

/// A WAV of silence, 8 kHz mono.
fn wav(duration_ms: u32) -> Vec<u8> {
    let bytes = duration_ms * 16;
    let mut wav = Vec::from(*b"RIFF");
    wav.extend((36 + bytes).to_le_bytes());
    wav.extend(*b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend(8_000_u32.to_le_bytes());
    wav.extend(16_000_u32.to_le_bytes());
    wav.extend(*b"\x02\0\x10\0data");
    wav.extend(bytes.to_le_bytes());
    wav.resize(44 + bytes as usize, 0);
    wav
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_no_good_clips_are_refused_by_field_in_time() {
    let desk = Desk::new().await;
    let good = std::fs::read(CLIP).unwrap();
    let noise: Vec<u8> = (0..100_000_u64).map(|at| (at.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8).collect();
    let mut holed = good.clone();
    let middle = holed.len() / 2;
    holed[middle..middle + 20_000].fill(0xA5);
    let cases: [(&str, Vec<u8>, Option<&str>); 6] = [
        ("text.mp4", b"hello, this is text\n".repeat(50), Some("plain text")),
        ("empty.mp4", Vec::new(), Some("empty")),
        ("noise.mov", noise, Some("")),
        ("truncated.mp4", good[..good.len() / 3].to_vec(), Some("")),
        ("voice.mp4", std::fs::read(VOICE).unwrap(), Some("MP3")),
        // A clip with a hole may be read past it: an answer is due, whichever.
        ("holed.mp4", holed, None),
    ];
    for (name, bytes, words) in cases {
        let clip = desk.upload(name, bytes).await;
        let started = Instant::now();
        let answer = desk.post(IDENTIFY, &json!({"video_url": clip["url"]})).await;
        assert!(started.elapsed() < Duration::from_secs(90), "{name}: {:?}", started.elapsed());
        if let Some(words) = words {
            answer.refused(400, 1201, words);
        }
        assert!(
            answer.status == StatusCode::OK || answer.message().starts_with("video_url: "),
            "{name}: {}",
            answer.body
        );
        let shown = answer.body.to_string();
        assert!(!shown.contains("viseme-sandbox-"), "{name}: no path of ours is told: {shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_limit_for_a_clip_is_refused_by_field_and_no_face_is_no_error() {
    let desk = Desk::new().await;
    for (name, words) in [
        ("short_1500ms.mp4", "1500 ms < 2000 ms (video.duration: 2 s to 60 s)"),
        ("long_61s.mp4", "61000 ms > 60000 ms"),
        ("small_360p.mp4", "640×360: the shorter side 360 px < 512 px"),
        ("wide_2304px.mp4", "the longer side 2304 px > 2160 px"),
        ("hevc.mov", "HEVC"),
        ("vp8.webm", "WebM"),
    ] {
        let clip = desk.upload_file(format!("tests/media/clips/{name}")).await;
        let answer = desk.post(IDENTIFY, &json!({"video_url": clip["url"]})).await;
        answer.refused(400, 1201, words);
        assert!(answer.message().starts_with("video_url: "), "{}", answer.message());
    }
    let clip = desk.upload_file("tests/media/clips/no_face.mp4").await;
    let session = desk.post(IDENTIFY, &json!({"video_url": clip["url"]})).await.data();
    assert_eq!(session["face_data"], json!([]));
    assert!(session["session_id"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn m4a_and_aac_are_taken_as_documented_and_refused_as_seen_where_that_is_asked_for() {
    let desk = Desk::new().await;
    let session = identify_demo(&desk).await;
    for format in ["m4a", "aac"] {
        let voice = desk.upload_file(format!("tests/media/voice.{format}")).await;
        assert_eq!(voice["kind"], "audio", "{voice}");
        let mut body = create_body(&session);
        body["face_choose"][0]["audio_id"] = voice["audio_id"].clone();
        body["face_choose"][0]["sound_end_time"] = json!(3000);
        let refused = desk.ask(Method::POST, CREATE).header("X-Viseme-Fault", "refuse-m4a");
        let refused = refused.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
        read(refused).await.refused(400, 1201, "audio_id: Audio format is invalid");
        body["external_task_id"] = json!(format!("hang:{format}"));
        assert_eq!(desk.post(CREATE, &body).await.data()["task_status"], "submitted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_look_at_the_same_clip_is_quick() {
    let desk = Desk::new().await;
    identify_demo(&desk).await;
    let started = Instant::now();
    let again = identify_demo(&desk).await;
    assert!(started.elapsed() < Duration::from_millis(500), "{:?}", started.elapsed());
    assert_eq!(again["face_data"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_fail_hang_and_queue_on_demand_and_the_rest_goes_on() {
    let limits = Limits { unfinished_tasks: 3, ..Limits::default() };
    let desk = Desk::with(SandboxConfig { limits, ..SandboxConfig::default() }).await;
    let session = identify_demo(&desk).await;
    let create = async |external_task_id: &str| {
        let mut body = create_body(&session);
        body["external_task_id"] = json!(external_task_id);
        desk.post(CREATE, &body).await
    };
    let task_id = |answer: Answer| answer.data()["task_id"].as_str().unwrap().to_owned();
    let failed = task_id(create("fail:the mouth is hidden").await);
    let failed = wait_for(&desk, &failed).await;
    assert_eq!((&failed["task_status"], &failed["task_status_msg"]), (&json!("failed"), &json!("the mouth is hidden")));
    assert!(failed.get("task_result").is_none(), "{failed}");
    let hanging = task_id(create("hang:1").await);
    let queued = task_id(create("queue:1").await);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let status = async |id: &str| desk.get(&format!("{CREATE}/{id}")).await.data()["task_status"].clone();
    assert_eq!((status(&hanging).await, status(&queued).await), (json!("processing"), json!("submitted")));
    let good = task_id(create("good").await);
    let refused = create("one more").await;
    refused.refused(429, 1303, "3 are not finished, and the limit is 3");
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(wait_for(&desk, &good).await["task_status"], "succeed");
    let after = task_id(create("fail:one more").await);
    wait_for(&desk, &after).await;
    let ids: Vec<Value> =
        desk.get(CREATE).await.data().as_array().unwrap().iter().map(|task| task["task_id"].clone()).collect();
    assert_eq!(
        ids,
        [json!(after), json!(good), json!(queued), json!(hanging), failed["task_id"].clone()],
        "newest first"
    );
    let lost = desk
        .ask(Method::POST, CREATE)
        .header("X-Viseme-Fault", "lose, fail:x")
        .header("content-type", "application/json")
        .body({
            let mut body = create_body(&session);
            body["external_task_id"] = json!("lost");
            body.to_string()
        })
        .send();
    let lost = async { lost.await?.bytes().await }.await;
    assert!(lost.is_err(), "the answer must break off");
    assert_eq!(
        desk.get(&format!("{CREATE}/lost")).await.data()["task_info"]["external_task_id"],
        "lost",
        "and the task is there"
    );
    desk.sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_side_by_side_all_come_to_their_end() {
    let desk = Desk::new().await;
    let session = identify_demo(&desk).await;
    let mut ids = Vec::new();
    for (at, voice) in
        [json!(STANDARD.encode(std::fs::read(VOICE).unwrap())), desk.upload_file(VOICE).await["url"].clone()]
            .into_iter()
            .enumerate()
    {
        let mut body = create_body(&session);
        body["face_choose"][0].as_object_mut().unwrap().remove("audio_id");
        body["face_choose"][0]["sound_file"] = voice;
        body["face_choose"][0]["face_id"] = session["face_data"][at]["face_id"].clone();
        ids.push(desk.post(CREATE, &body).await.data()["task_id"].as_str().unwrap().to_owned());
    }
    let mut urls = Vec::new();
    for id in &ids {
        let done = wait_for(&desk, id).await;
        assert_eq!(done["task_status"], "succeed", "{done}");
        urls.push(done["task_result"]["videos"][0]["url"].as_str().unwrap().to_owned());
    }
    let first = http().get(&urls[0]).send().await.unwrap().bytes().await.unwrap();
    let second = http().get(&urls[1]).send().await.unwrap().bytes().await.unwrap();
    assert_ne!(first, second, "another face speaks");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_token_does_the_job_and_ages_by_the_sandboxs_clock() {
    let clock = Clock::default();
    let desk = Desk::with(SandboxConfig { clock: clock.clone(), ..SandboxConfig::default() }).await;
    let now_s = clock.now_s();
    let claims = json!({"iss": desk.sandbox.access_key(), "exp": now_s + 1800, "nbf": now_s - 5});
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&json!({"alg": "HS256", "typ": "JWT"})), part(&claims));
    let key = desk.sandbox.secret_key().expose_secret().as_bytes().to_vec();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(text.as_bytes());
    let token = format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
    let ask = || http().get(desk.url(CREATE)).bearer_auth(&token).send();
    assert_eq!(read(ask().await.unwrap()).await.data(), json!([]));
    clock.advance(Duration::from_mins(30));
    read(ask().await.unwrap()).await.refused(401, 1004, "expired");
}
