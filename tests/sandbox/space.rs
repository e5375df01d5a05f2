//! The disk: what is freed for something new, in which order, and the refusal where nothing can be.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use viseme::sandbox::{Clock, Limits, SandboxConfig, StatePlace};

use crate::support::{CLIP, CREATE, Client, IDENTIFY, http, read, short_create, wait_for};

const MIB: usize = 1 << 20;

/// A client of a sandbox with a small disk, and its clock.
async fn with_disk(disk_bytes: usize) -> (Client, Clock) {
    let clock = Clock::default();
    let limits = Limits { disk_bytes: disk_bytes as u64, ..Limits::default() };
    (Client::with(SandboxConfig { limits, clock: clock.clone(), ..SandboxConfig::default() }).await, clock)
}

/// A clip with two faces, of `size` bytes: behind it is a box that no reader looks at, and `mark` makes it another file.
fn padded_clip(mark: u8, size: usize) -> Vec<u8> {
    let mut clip = std::fs::read(CLIP).unwrap();
    let padding = size - clip.len();
    clip.extend((padding as u32).to_be_bytes());
    clip.extend(b"free");
    clip.resize(size, mark);
    clip
}

async fn identify(client: &Client, clip: Vec<u8>) -> Value {
    let upload = client.upload("clip.mp4", clip).await;
    client.post(IDENTIFY, &json!({"video_url": upload["url"]})).await.data()
}

async fn create(client: &Client, session: &Value, external_task_id: &str) -> Value {
    let mut body = short_create(session);
    body["external_task_id"] = json!(external_task_id);
    client.post(CREATE, &body).await.data()
}

#[tokio::test(flavor = "multi_thread")]
async fn finished_tasks_free_what_they_used_and_the_newer_session_stays() {
    let (client, clock) = with_disk(10 * MIB).await;
    let mut sessions = Vec::new();
    for mark in 0..2 {
        let session = identify(&client, padded_clip(mark, 3 * MIB)).await;
        clock.advance(Duration::from_mins(1));
        let task = create(&client, &session, &format!("fail:{mark}")).await;
        let failed = wait_for(&client, task["task_id"].as_str().unwrap()).await;
        assert_eq!(
            failed["task_info"]["parent_video"]["duration"], "9",
            "a finished task still says of which clip it was"
        );
        clock.advance(Duration::from_mins(1));
        sessions.push(session);
    }
    // The third clip is stored twice for a moment: as it was uploaded, and as it is fetched from there.
    let third = identify(&client, padded_clip(2, 3 * MIB)).await;
    create(&client, &third, "fail:third").await;
    create(&client, &sessions[1], "fail:second again").await;
    let mut body = short_create(&sessions[0]);
    body["external_task_id"] = json!("fail:first again");
    client.post(CREATE, &body).await.refused(400, 1201, "was closed to make room; identify again");
    let tasks = client.get(CREATE).await.data();
    assert_eq!(tasks.as_array().unwrap().len(), 4, "no task is forgotten: {tasks}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_unfinished_task_uses_is_never_removed_and_the_refusal_says_so() {
    let (client, _) = with_disk(6 * MIB).await;
    let session = identify(&client, padded_clip(0, 3 * MIB)).await;
    create(&client, &session, "hang:1").await;
    let sent = client.request(Method::PUT, "/media/large.bin").body(vec![7; 4 * MIB]).send().await.unwrap();
    read(sent).await.refused(
        504,
        5002,
        "There is no room for 4194304 bytes: unfinished tasks and files that are being",
    );
    let sent = client.request(Method::PUT, "/media/larger.bin").body(vec![7; 7 * MIB]).send().await.unwrap();
    read(sent).await.refused(
        504,
        5002,
        "7340032 bytes are more than the sandbox keeps on the disk, which is 6291456 bytes",
    );
    create(&client, &session, "fail:1").await;
    client.upload("fits.bin", vec![7; 2 * MIB]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_of_an_unfinished_upload_count_until_it_hangs_up() {
    let (client, _) = with_disk(10 * MIB).await;
    let addr = client.sandbox().addr();
    let mut unfinished = TcpStream::connect(addr).await.unwrap();
    let key = client.sandbox().key().expose_secret();
    let head = format!("PUT /media/a.bin HTTP/1.1\r\nhost: {addr}\r\nauthorization: Bearer {key}\r\n");
    let head = format!("{head}content-length: {}\r\nexpect: 100-continue\r\n\r\n", 6 * MIB);
    unfinished.write_all(head.as_bytes()).await.unwrap();
    // The sandbox wants the body: it has reserved the room for it.
    let mut answer = [0; 12];
    unfinished.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100");
    let upload = async || client.request(Method::PUT, "/media/b.bin").body(vec![7; 6 * MIB]).send().await.unwrap();
    read(upload().await).await.refused(504, 5002, "There is no room for 6291456 bytes");
    drop(unfinished);
    while upload().await.status() != StatusCode::CREATED {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn the_disk_is_bounded_and_what_was_not_used_for_the_longest_time_is_removed_first() {
    let parent = tempfile::tempdir().unwrap();
    let clock = Clock::default();
    let config = SandboxConfig {
        limits: Limits { disk_bytes: 20 * MIB as u64, ..Limits::default() },
        state: StatePlace::Run(Some(parent.path().into())),
        clock: clock.clone(),
        ..SandboxConfig::default()
    };
    let client = Client::with(config).await;
    let mut urls: Vec<String> = Vec::new();
    let status = async |url: &str| http().get(url).send().await.unwrap().status();
    for mark in 0..4_u8 {
        if let Some(first) = urls.first() {
            assert_eq!(status(first).await, StatusCode::OK, "it is used");
            clock.advance(Duration::from_secs(1));
        }
        let upload = client.upload("a.bin", vec![mark; 6 * MIB]).await;
        urls.push(upload["url"].as_str().unwrap().to_owned());
        clock.advance(Duration::from_secs(1));
    }
    let on_disk: u64 = walk(parent.path()).iter().map(|file| std::fs::metadata(file).unwrap().len()).sum();
    assert!(on_disk <= 20 * MIB as u64, "{on_disk}");
    let mut statuses = Vec::new();
    for url in &urls {
        statuses.push(status(url).await.as_u16());
    }
    assert_eq!(statuses, [200, 404, 200, 200]);
    client.own.unwrap().shutdown().await;
    assert_eq!(walk(parent.path()), Vec::<PathBuf>::new(), "its files are removed with it");
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
