//! The whole job over HTTP, on a real clip and a real voice, in both dialects.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::header::RANGE;
use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use sha2::Sha256;
use viseme::sandbox::{Clock, Limits, SandboxConfig};

use crate::support::{
    Answer, CLIP, CREATE, Client, IDENTIFY, VOICE, create_body, http, identify_demo, number, read, serve, wait_for,
};

const GENERATE: &str = "/model/v1/generation";
const SECRET: &str = "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI=";

#[derive(Clone, Default)]
struct Received(Arc<Mutex<Vec<(HeaderMap, String)>>>);

async fn receive(State(received): State<Received>, headers: HeaderMap, body: String) -> StatusCode {
    let mut webhooks = received.0.lock().unwrap();
    webhooks.push((headers, body));
    // The first one is refused once: it is sent again.
    if webhooks.len() == 1 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
}

#[tokio::test(flavor = "multi_thread")]
async fn kling_from_upload_to_result_and_on_from_the_result() {
    let clock = Clock::default();
    let config =
        SandboxConfig { clock: clock.clone(), webhook_secret: Some(SECRET.into()), ..SandboxConfig::default() };
    let client = Client::with(config).await;
    let received = Received::default();
    let receiver = serve(axum::Router::new().fallback(receive).with_state(received.clone())).await;

    let session = identify_demo(&client).await;
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

    let voice = client.upload_file(VOICE).await;
    assert_eq!((&voice["kind"], &voice["audio_id"]), (&json!("audio"), &voice["id"]));
    let mut body = create_body(&session);
    body["face_choose"][0]["audio_id"] = voice["audio_id"].clone();
    body["external_task_id"] = json!("order 7");
    body["callback_url"] = json!(format!("{receiver}/hook"));
    body["watermark_info"] = json!({"enabled": false});
    let created = client.post(CREATE, &body).await.data();
    assert_eq!(created["task_status"], "submitted");
    assert_eq!(created["task_info"]["external_task_id"], "order 7");
    assert!((number(&created["created_at"]) - clock.now_ms()).abs() < 60_000);
    let task_id = created["task_id"].as_str().unwrap();
    client.post(CREATE, &body).await.refused(400, 1201, "External_task_id order 7 already exists");

    let done = wait_for(&client, task_id).await;
    assert_eq!((done["task_status"].as_str(), done["task_status_msg"].as_str()), (Some("succeed"), Some("success")));
    assert!(number(&done["updated_at"]) > number(&done["created_at"]));
    assert_eq!(done["task_info"]["parent_video"]["duration"], "9");
    assert_eq!((&done["final_unit_deduction"], &done["watermark_info"]["enabled"]), (&json!("0.5"), &json!(false)));
    assert_eq!(client.get(&format!("{CREATE}/order%207")).await.data()["task_id"], task_id);
    let list = client.get(&format!("/kling{CREATE}?pageNum=1&pageSize=1")).await.data();
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

    check_webhooks(&received, &done);

    // The result is a clip like any other: its id works as video_id, for 30 days.
    let again = client.post(IDENTIFY, &json!({"video_id": video["id"]})).await.data();
    assert_eq!(again["face_data"].as_array().unwrap().len(), 2, "{again}");
    clock.advance(Duration::from_hours(24));
    let mut late = create_body(&session);
    late["external_task_id"] = json!("late");
    let session_id = session["session_id"].as_str().unwrap();
    client.post(CREATE, &late).await.refused(400, 1201, &format!("session_id: Session {session_id} has expired"));
    let image = faces[0]["face_image"].as_str().unwrap();
    read(http().get(image).send().await.unwrap()).await.refused(404, 1203, "expired");
    clock.advance(Duration::from_hours(29 * 24 + 1));
    client.post(IDENTIFY, &json!({"video_id": video["id"]})).await.refused(400, 1201, "is older than 30 days");
    assert_eq!(http().get(url).send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

/// Every change was sent in order, the refused one twice, each signed.
fn check_webhooks(received: &Received, done: &Value) {
    let webhooks = received.0.lock().unwrap();
    let statuses: Vec<String> = webhooks
        .iter()
        .map(|(_, body)| serde_json::from_str::<Value>(body).unwrap()["task_status"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(statuses, ["submitted", "submitted", "processing", "succeed"]);
    let mut last: Value = serde_json::from_str(&webhooks.last().unwrap().1).unwrap();
    assert_eq!(last["task_info"].as_object_mut().unwrap().remove("external_task_id"), Some(json!("order 7")));
    assert_eq!(&last, done, "a webhook has the data of a query, and the name beside it");
    let text = |headers: &HeaderMap, name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(text(&webhooks[0].0, "webhook-id"), text(&webhooks[1].0, "webhook-id"), "a retry keeps its id");
    for (headers, body) in webhooks.iter() {
        let (id, at) = (text(headers, "webhook-id"), text(headers, "webhook-timestamp"));
        let key = STANDARD.decode(SECRET.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{id}.{at}.{body}").as_bytes());
        let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        assert_eq!(text(headers, "webhook-signature"), signature);
    }
}

/// Polls a task of the `kirin` dialect to its end. Returns the answer and every progress before it.
async fn wait_for_generation(client: &Client, id: &str) -> (Value, Vec<f64>) {
    let started = Instant::now();
    let mut reported = Vec::new();
    loop {
        let answer = client.get(&format!("{GENERATE}/task/{id}")).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.body["id"], id);
        if answer.body["status"] != "in_progress" {
            return (answer.body, reported);
        }
        reported.push(answer.body["progress"].as_f64().unwrap());
        assert!(started.elapsed() < Duration::from_mins(3), "{}", answer.body);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn generate(client: &Client, model: &str, params: &Value, fault: &str) -> Answer {
    let body = json!({"model": model, "input": [{"params": params}]}).to_string();
    let ask = client.request(Method::POST, GENERATE).header("content-type", "application/json");
    let ask = if fault.is_empty() { ask } else { ask.header("X-Viseme-Fault", fault) };
    read(ask.body(body).send().await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn kirin_from_upload_to_result() {
    let client = Client::shared();
    let clip = client.upload_file(CLIP).await;
    let params = json!({"video_url": clip["url"]});
    let created = generate(&client, "kirin_identify_face", &params, "").await.body;
    assert_eq!((&created["status"], &created["model"]), (&json!("in_progress"), &json!("kirin_identify_face")));
    let (found, reported) = wait_for_generation(&client, created["id"].as_str().unwrap()).await;
    assert_eq!(found["status"], "completed", "{found}");
    assert!(reported.is_sorted() && reported.iter().all(|done| (0.0..=1.0).contains(done)), "{reported:?}");
    assert_eq!((&found["usage"]["cost"], &found["usage"]["discount"]), (&json!("0.0070"), &json!(1)));
    let content = &found["output"][0]["content"][0];
    assert_eq!((&content["type"], &content["url"]), (&json!("text"), &json!("")));
    let inner: Value = serde_json::from_str(content["text"].as_str().unwrap()).unwrap();
    assert_eq!(inner["code"], 0);
    assert_eq!(inner["data"]["face_data"].as_array().unwrap().len(), 2, "{inner}");

    let created = generate(&client, "kirin_lipsync", &create_body(&inner["data"]), "").await.body;
    let (done, reported) = wait_for_generation(&client, created["id"].as_str().unwrap()).await;
    assert_eq!(done["status"], "completed", "{done}");
    assert!(reported.is_sorted(), "{reported:?}");
    assert!(reported.iter().any(|done| (0.02..0.98).contains(done)), "it has progress while it runs: {reported:?}");
    let video = &done["output"][0]["content"][0];
    assert_eq!(video["type"], "video");
    let result = http().get(video["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(result.status(), StatusCode::OK);

    // A refused clip is a failed task here; the code is a string, with its zero.
    let bad = client.upload("note.mp4", b"no clip at all, just a line of text".to_vec()).await;
    for (fault, plain) in [("", false), ("plain-error", true)] {
        let created = generate(&client, "kirin_identify_face", &json!({"video_url": bad["url"]}), fault).await.body;
        let (failed, _) = wait_for_generation(&client, created["id"].as_str().unwrap()).await;
        assert_eq!(failed["status"], "failed", "{failed}");
        let words = if plain { &failed["error"] } else { &failed["error"]["error_message"] };
        assert!(words.as_str().unwrap().starts_with("video_url: "), "{failed}");
        assert_eq!(failed["error"]["code"].as_str(), (!plain).then_some("014002097"), "{failed}");
        assert!(failed.get("output").is_none() && failed.get("usage").is_none());
    }
    let created = generate(&client, "kirin_identify_face", &params, "inner-1301").await.body;
    let (completed, _) = wait_for_generation(&client, created["id"].as_str().unwrap()).await;
    let inner: Value = serde_json::from_str(completed["output"][0]["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!((&completed["status"], &inner["code"]), (&json!("completed"), &json!(1301)));
    client.get(&format!("{CREATE}/{}", created["id"].as_str().unwrap())).await.refused(
        400,
        1201,
        "Task not found by id/external id",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_fail_hang_and_queue_on_demand_and_the_rest_goes_on() {
    let limits = Limits { unfinished_tasks: 3, ..Limits::default() };
    let client = Client::with(SandboxConfig { limits, ..SandboxConfig::default() }).await;
    let session = identify_demo(&client).await;
    let create = async |external_task_id: &str| {
        let mut body = create_body(&session);
        body["external_task_id"] = json!(external_task_id);
        client.post(CREATE, &body).await
    };
    let task_id = |answer: Answer| answer.data()["task_id"].as_str().unwrap().to_owned();
    let failed = task_id(create("fail:the mouth is hidden").await);
    let failed = wait_for(&client, &failed).await;
    assert_eq!((&failed["task_status"], &failed["task_status_msg"]), (&json!("failed"), &json!("the mouth is hidden")));
    assert!(failed.get("task_result").is_none(), "{failed}");
    let hanging = task_id(create("hang:1").await);
    let queued = task_id(create("queue:1").await);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let status = async |id: &str| client.get(&format!("{CREATE}/{id}")).await.data()["task_status"].clone();
    assert_eq!((status(&hanging).await, status(&queued).await), (json!("processing"), json!("submitted")));
    let good = task_id(create("good").await);
    let refused = create("one more").await;
    refused.refused(429, 1303, "3 are not finished, and the limit is 3");
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(wait_for(&client, &good).await["task_status"], "succeed");
    let after = task_id(create("fail:one more").await);
    wait_for(&client, &after).await;
    let ids: Vec<Value> =
        client.get(CREATE).await.data().as_array().unwrap().iter().map(|task| task["task_id"].clone()).collect();
    assert_eq!(
        ids,
        [json!(after), json!(good), json!(queued), json!(hanging), failed["task_id"].clone()],
        "newest first"
    );
    let lost = client
        .request(Method::POST, CREATE)
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
    let found = client.get(&format!("{CREATE}/lost")).await.data();
    assert!(found["task_id"].is_string(), "and the task is there: {found}");
    client.own.unwrap().shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_side_by_side_all_end() {
    let client = Client::shared();
    let session = identify_demo(&client).await;
    let mut ids = Vec::new();
    for (at, voice) in
        [json!(STANDARD.encode(std::fs::read(VOICE).unwrap())), client.upload_file(VOICE).await["url"].clone()]
            .into_iter()
            .enumerate()
    {
        let mut body = create_body(&session);
        body["face_choose"][0].as_object_mut().unwrap().remove("audio_id");
        body["face_choose"][0]["sound_file"] = voice;
        body["face_choose"][0]["face_id"] = session["face_data"][at]["face_id"].clone();
        ids.push(client.post(CREATE, &body).await.data()["task_id"].as_str().unwrap().to_owned());
    }
    let mut urls = Vec::new();
    for id in &ids {
        let done = wait_for(&client, id).await;
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
    let client = Client::with(SandboxConfig { clock: clock.clone(), ..SandboxConfig::default() }).await;
    let now_s = clock.now_s();
    let claims = json!({"iss": client.sandbox().access_key(), "exp": now_s + 1800, "nbf": now_s - 5});
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&json!({"alg": "HS256", "typ": "JWT"})), part(&claims));
    let key = client.sandbox().secret_key().expose_secret().as_bytes().to_vec();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(text.as_bytes());
    let token = format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
    let ask = || http().get(client.url(CREATE)).bearer_auth(&token).send();
    assert_eq!(read(ask().await.unwrap()).await.data(), json!([]));
    clock.advance(Duration::from_mins(30));
    read(ask().await.unwrap()).await.refused(401, 1004, "expired");
}
