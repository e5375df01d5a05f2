//! A state that stays: what the next run of the sandbox goes on with, and what happens to it where something is wrong.

use std::fs;
use std::path::Path;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use viseme::sandbox::{Clock, Limits, Sandbox, SandboxConfig, SandboxError, StatePlace};

use crate::support::{CLIP, CREATE, Client, IDENTIFY, http, identify_demo, read, short_create, wait_for};

const GENERATE: &str = "/model/v1/generation";
const EVER: &str = "start_time=0&end_time=4102444800000";

fn kept(folder: &Path, clock: &Clock) -> SandboxConfig {
    SandboxConfig { state: StatePlace::Kept(folder.into()), clock: clock.clone(), ..SandboxConfig::default() }
}

/// Stops the sandbox and starts one on the same folder.
async fn again(client: Client, folder: &Path, clock: &Clock) -> Client {
    client.own.unwrap().shutdown().await;
    Client::with(kept(folder, clock)).await
}

async fn create(client: &Client, session: &Value, external_task_id: &str) -> String {
    let mut body = short_create(session);
    body["external_task_id"] = json!(external_task_id);
    client.post(CREATE, &body).await.data()["task_id"].as_str().unwrap().to_owned()
}

async fn task(client: &Client, id_or_name: &str) -> Value {
    client.get(&format!("{CREATE}/{id_or_name}")).await.data()
}

async fn fetch(url: &Value) -> Vec<u8> {
    let response = http().get(url.as_str().unwrap()).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{url}");
    response.bytes().await.unwrap().to_vec()
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_run_has_the_sessions_tasks_names_files_and_deductions() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::default());
    let client = Client::with(kept(folder.path(), &clock)).await;
    assert!(client.sandbox().keeps_state());
    let session = identify_demo(&client).await;
    let id = create(&client, &session, "order-1").await;
    let done = wait_for(&client, &id).await;
    let video = done["task_result"]["videos"][0].clone();
    let (result, picture) = (fetch(&video["url"]).await, fetch(&session["face_data"][0]["face_image"]).await);
    let voice = client.upload("voice.mp3", fs::read("assets/demo/voice.mp3").unwrap()).await;
    let costs = client.get(&format!("/account/costs?{EVER}")).await.data();
    let before = client.base_url.clone();

    let client = again(client, folder.path(), &clock).await;
    let here = |value: &Value| json!(value.as_str().unwrap().replace(&before, &client.base_url));
    let mut expected = done.clone();
    for address in ["/task_info/parent_video/url", "/task_result/videos/0/url"] {
        let value = expected.pointer_mut(address).unwrap();
        assert!(value.as_str().unwrap().starts_with(&before), "{value}");
        *value = here(value);
    }
    for asked in [&id, "order-1"] {
        assert_eq!(task(&client, asked).await, expected, "the same, at the address of this run");
    }
    assert_eq!(fetch(&here(&video["url"])).await, result);
    assert_eq!(fetch(&here(&session["face_data"][0]["face_image"])).await, picture);
    let mut body = short_create(&session);
    body["external_task_id"] = json!("order-1");
    client.post(CREATE, &body).await.refused(400, 1201, "External_task_id order-1 already exists");
    assert_eq!(client.get(&format!("/account/costs?{EVER}")).await.data(), costs);
    let by_video = client.post(IDENTIFY, &json!({"video_id": video["id"]})).await.data();
    assert_eq!(by_video["face_data"].as_array().unwrap().len(), 2);

    // The session still takes a create, also of a voice that was uploaded before.
    body["external_task_id"] = json!("order-2");
    body["face_choose"][0]["audio_id"] = voice["audio_id"].clone();
    let second = client.post(CREATE, &body).await.data();
    assert_eq!(wait_for(&client, second["task_id"].as_str().unwrap()).await["task_status"], "succeed");

    // A day later the session is over, a month later the task; its name is used for ever.
    clock.advance(Duration::from_hours(25));
    let client = again(client, folder.path(), &clock).await;
    body["external_task_id"] = json!("order-3");
    client.post(CREATE, &body).await.refused(400, 1201, "has expired");
    assert_eq!(names_in(&folder.path().join("sessions")), Vec::<String>::new());
    clock.advance(Duration::from_hours(30 * 24));
    client.own.unwrap().shutdown().await;
    for _ in 0..2 {
        let client = Client::with(kept(folder.path(), &clock)).await;
        client.get(&format!("{CREATE}/{id}")).await.refused(400, 1201, "Task not found by id/external id");
        let session = identify_demo(&client).await;
        let mut body = short_create(&session);
        body["external_task_id"] = json!("order-1");
        client.post(CREATE, &body).await.refused(400, 1201, "External_task_id order-1 already exists");
        client.own.unwrap().shutdown().await;
    }
    assert_eq!(names_in(&folder.path().join("tasks")), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_done_is_begun_anew_under_the_same_id() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::default());
    let client = Client::with(kept(folder.path(), &clock)).await;
    let session = identify_demo(&client).await;
    let slow = create(&client, &session, "slow-60000:1").await;
    let hangs = create(&client, &session, "hang:1").await;
    let clip = client.upload_file(CLIP).await;
    let identify =
        json!({"model": "kirin_identify_face", "input": [{"params": {"video_url": clip["url"], "video_id": ""}}]});
    let request = client.request(Method::POST, GENERATE).header("x-viseme-fault", "slow-60000");
    let request = request.header("content-type", "application/json").body(identify.to_string());
    let faces = read(request.send().await.unwrap()).await.body["id"].as_str().unwrap().to_owned();
    let created = task(&client, &slow).await;

    let client = again(client, folder.path(), &clock).await;
    let unfinished = task(&client, &slow).await;
    assert_eq!(unfinished["created_at"], created["created_at"]);
    assert!(matches!(unfinished["task_status"].as_str(), Some("submitted" | "processing")), "{unfinished}");
    clock.advance(Duration::from_mins(1));
    let done = wait_for(&client, &slow).await;
    assert_eq!((&done["task_status"], &done["task_id"]), (&json!("succeed"), &json!(slow)), "{done}");
    assert!(fetch(&done["task_result"]["videos"][0]["url"]).await.len() > 50_000);
    let found = loop {
        let answer = client.get(&format!("{GENERATE}/task/{faces}")).await.body;
        if answer["status"] != "in_progress" {
            break answer;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(found["status"], "completed", "its clip was at the sandbox's own address: {found}");
    assert_eq!(task(&client, &hangs).await["task_status"], "processing");

    // One that is not done within a day is given up.
    clock.advance(Duration::from_hours(24));
    let client = again(client, folder.path(), &clock).await;
    let given_up = wait_for(&client, &hangs).await;
    assert_eq!(given_up["task_status"], "failed");
    assert!(given_up["task_status_msg"].as_str().unwrap().contains("not done within 24 hours"), "{given_up}");
    assert_eq!(wait_for(&client, &slow).await["task_status"], "succeed");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_has_the_state_and_another_is_told_so_or_has_its_own() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::default());
    let first = Client::with(kept(folder.path(), &clock)).await;
    let session = identify_demo(&first).await;
    let refused = Sandbox::start(kept(folder.path(), &clock)).await.unwrap_err();
    assert!(matches!(refused, SandboxError::StateTaken(_)));
    assert!(refused.to_string().contains("is in use"), "{refused}");
    let if_free = || SandboxConfig { state: StatePlace::KeptIfFree(folder.path().into()), ..SandboxConfig::default() };
    let second = Client::with(if_free()).await;
    assert!(!second.sandbox().keeps_state());
    second.post(CREATE, &short_create(&session)).await.refused(400, 1201, "was not found");
    let own = identify_demo(&second).await;
    create(&second, &own, "hang:2").await;
    second.own.unwrap().shutdown().await;
    create(&first, &session, "hang:1").await;
    first.own.unwrap().shutdown().await;

    let third = Client::with(if_free()).await;
    assert!(third.sandbox().keeps_state());
    assert_eq!(third.get(CREATE).await.data().as_array().unwrap().len(), 1, "the first one's");

    // A folder that cannot be used at all is no reason not to start, unless it was asked for.
    let file = folder.path().join("no folder");
    fs::write(&file, b"").unwrap();
    let state = StatePlace::KeptIfFree(file.clone());
    assert!(!Client::with(SandboxConfig { state, ..SandboxConfig::default() }).await.sandbox().keeps_state());
    assert!(matches!(Sandbox::start(kept(&file, &clock)).await, Err(SandboxError::Folder { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_record_is_set_aside_and_the_rest_is_there() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::default());
    let client = Client::with(kept(folder.path(), &clock)).await;
    let session = identify_demo(&client).await;
    let ids = [create(&client, &session, "fail:1").await, create(&client, &session, "fail:2").await];
    for id in &ids {
        wait_for(&client, id).await;
    }
    let hangs = create(&client, &session, "hang:1").await;
    client.own.unwrap().shutdown().await;

    let record = |id: &str| folder.path().join(format!("tasks/{id}.json"));
    let bytes = fs::read(record(&ids[0])).unwrap();
    fs::write(record(&ids[0]), &bytes[..bytes.len() / 2]).unwrap();
    fs::write(folder.path().join("books/ledger.json"), b"no ledger").unwrap();
    fs::write(folder.path().join("files/left-over.part"), b"half").unwrap();
    let client = Client::with(kept(folder.path(), &clock)).await;
    client.get(&format!("{CREATE}/{}", ids[0])).await.refused(400, 1201, "Task not found");
    assert_eq!(task(&client, &ids[1]).await["task_status"], "failed");
    assert!(folder.path().join(format!("tasks/{}.broken", ids[0])).is_file());
    assert!(!folder.path().join("files/left-over.part").exists());
    create(&client, &session, "fail:3").await;

    // Without its files a session is gone, and an unfinished task ends.
    client.own.unwrap().shutdown().await;
    fs::remove_dir_all(folder.path().join("files")).unwrap();
    let client = Client::with(kept(folder.path(), &clock)).await;
    client.post(CREATE, &short_create(&session)).await.refused(400, 1201, "was not found");
    let ended = wait_for(&client, &hangs).await;
    assert!(ended["task_status_msg"].as_str().unwrap().contains("is not there any more"), "{ended}");
    assert_eq!(task(&client, &ids[1]).await["task_status"], "failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_down_is_refused_and_nothing_of_it_stays() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::default());
    let client = Client::with(kept(folder.path(), &clock)).await;
    let session = identify_demo(&client).await;
    let tasks = folder.path().join("tasks");
    fs::remove_dir(&tasks).unwrap();
    fs::write(&tasks, b"in the way").unwrap();
    let mut body = short_create(&session);
    body["external_task_id"] = json!("fail:mine");
    client.post(CREATE, &body).await.refused(500, 5000, "The sandbox could not do this");
    assert_eq!(client.get(CREATE).await.data(), json!([]), "there is no such task");
    fs::remove_file(&tasks).unwrap();
    let id = create(&client, &session, "fail:mine").await;
    assert_eq!(wait_for(&client, &id).await["task_status"], "failed", "and its name was not used");

    for (kind, record) in [("assets", 0), ("sessions", 1)] {
        let clip = client.upload_file(CLIP).await;
        let folder_of_kind = folder.path().join(kind);
        let aside = folder.path().join("aside");
        fs::rename(&folder_of_kind, &aside).unwrap();
        fs::write(&folder_of_kind, b"in the way").unwrap();
        let answer = if record == 0 {
            read(client.request(Method::PUT, "/media/a.bin").body("x").send().await.unwrap()).await
        } else {
            client.post(IDENTIFY, &json!({"video_url": clip["url"]})).await
        };
        answer.refused(500, 5000, "The sandbox could not do this");
        fs::remove_file(&folder_of_kind).unwrap();
        fs::rename(&aside, &folder_of_kind).unwrap();
    }
    identify_demo(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_key_is_in_what_the_sandbox_keeps() {
    const KEY: &str = "canary-key-5f3b9c1d7e";
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::default());
    let secrets = [KEY, "canary-access-key-1", "canary-secret-key-2"];
    let config = SandboxConfig {
        key: Some(KEY.into()),
        access_key: Some(secrets[1].into()),
        secret_key: Some(secrets[2].into()),
        webhook_secret: Some("whsec_Y2FuYXJ5LXdlYmhvb2stc2VjcmV0".into()),
        ..kept(folder.path(), &clock)
    };
    let client = Client::with(config).await;
    let session = identify_demo(&client).await;
    let mut body = short_create(&session);
    body["callback_url"] = json!("http://127.0.0.1:9/hook");
    let done = client.post(CREATE, &body).await.data();
    wait_for(&client, done["task_id"].as_str().unwrap()).await;
    create(&client, &session, "hang:1").await;
    client.own.unwrap().shutdown().await;
    let mut looked_at = 0;
    for kind in ["sessions", "assets", "tasks", "books", "files"] {
        for name in names_in(&folder.path().join(kind)) {
            let bytes = fs::read(folder.path().join(kind).join(&name)).unwrap();
            looked_at += 1;
            for secret in secrets.iter().chain(&["canary-webhook-secret", "Y2FuYXJ5LXdlYmhvb2stc2VjcmV0"]) {
                assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{kind}/{name}: {secret}");
            }
        }
    }
    assert!(looked_at > 8, "{looked_at}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_bounded_over_all_runs() {
    const MIB: usize = 1 << 20;
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::default());
    let config = || {
        let limits = Limits { disk_bytes: 20 * MIB as u64, ..Limits::default() };
        SandboxConfig { limits, ..kept(folder.path(), &clock) }
    };
    let status = async |url: String| http().get(url).send().await.unwrap().status().as_u16();
    let mut paths: Vec<String> = Vec::new();
    for mark in 0..5_u8 {
        let client = Client::with(config()).await;
        let upload = client.upload("a.bin", vec![mark; 6 * MIB]).await;
        paths.push(upload["url"].as_str().unwrap().replace(&client.base_url, ""));
        clock.advance(Duration::from_secs(1));
        client.own.unwrap().shutdown().await;
    }
    let files: Vec<_> = names_in(&folder.path().join("files"));
    assert_eq!((files.len(), names_in(&folder.path().join("assets")).len()), (3, 3), "{files:?}");
    let client = Client::with(config()).await;
    let mut statuses = Vec::new();
    for path in paths {
        statuses.push(status(client.url(&path)).await);
    }
    assert_eq!(statuses, [404, 404, 200, 200, 200], "the oldest go first");
}
