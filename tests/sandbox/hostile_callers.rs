//! Callers that are slow, silent, greedy or strange.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use viseme::sandbox::{Limits, SandboxConfig};

use crate::support::{CREATE, Client, IDENTIFY, identify_demo, raw, read, serve, short_create};

/// How long an answer may take at most: that it comes at all is what is tested.
const PATIENCE: Duration = Duration::from_secs(25);

/// A connection on which these bytes were sent, and nothing more.
async fn half_sent(addr: SocketAddr, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_callers_with_the_key_stop_nobody_else() {
    let client = Client::new().await;
    let sandbox = client.sandbox();
    let key = sandbox.key().expose_secret().to_owned();
    let mut slow = Vec::new();
    for path in [IDENTIFY, CREATE, "/model/v1/generation"].repeat(4) {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
             Content-Length: 16777216\r\n\r\n{{"
        );
        slow.push(half_sent(sandbox.addr(), &head).await);
    }
    let others = async {
        let session = identify_demo(&client).await;
        client.post(CREATE, &short_create(&session)).await.data()
    };
    let task = tokio::time::timeout(PATIENCE, others).await.expect("others are answered");
    assert!(task["task_id"].is_string(), "{task}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_is_read_whole_and_one_that_is_too_large_is_refused() {
    let client = Client::new().await;
    let voice = "x".repeat(10 * 1024 * 1024);
    let body = json!({"sound_file": voice, "session_id": "s", "face_choose": []});
    let answer = client.post(CREATE, &body).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(!answer.body["message"].as_str().unwrap().starts_with("body"), "it was read: {}", answer.body);
    let answer = client.post(CREATE, &json!({"sound_file": "x".repeat(17 * 1024 * 1024)})).await;
    assert!(answer.body["message"].as_str().unwrap().contains("Larger than"), "{}", answer.body);
    let chunked = futures_util::stream::iter((0..40).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1024 * 1024])));
    let sent = client.request(Method::POST, CREATE).header("content-type", "application/json");
    let answer = read(sent.body(reqwest::Body::wrap_stream(chunked)).send().await.unwrap()).await;
    assert!(answer.body["message"].as_str().unwrap().contains("Larger than"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_of_many_values_is_refused_before_it_is_built() {
    let client = Client::new().await;
    for body in
        [format!("[{}1]", "1,".repeat(8_000_000)), format!("[{}{{}}]", "{},".repeat(20_000)), "[".repeat(20_000)]
    {
        for path in [IDENTIFY, CREATE, "/model/v1/generation", "/account/billing/package"] {
            let sent = client.request(Method::POST, path).header("content-type", "application/json").body(body.clone());
            let answer = read(sent.send().await.unwrap()).await;
            let text = answer.body.to_string();
            assert!(answer.status == StatusCode::BAD_REQUEST && text.contains("10000 values"), "{path}: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn half_heads_and_idle_connections_end_and_others_are_served() {
    let limits = Limits { connections: 8, head: Duration::from_millis(300), ..Limits::default() };
    let client = Client::with(SandboxConfig { limits, ..SandboxConfig::default() }).await;
    let addr = client.sandbox().addr();
    let mut silent = Vec::new();
    for at in 0..20 {
        let begun =
            ["", "GET /health HTTP/1.1\r\nHost: local", "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"][at % 3];
        silent.push(half_sent(addr, begun).await);
    }
    let answer = tokio::time::timeout(PATIENCE, client.get("/health")).await.expect("others are answered");
    assert_eq!(answer.status, StatusCode::OK);
    for mut stream in silent {
        // Whatever was answered, the connection ends from the sandbox's side.
        let mut answered = Vec::new();
        let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answered)).await;
        assert!(ended.is_ok(), "{:?}", String::from_utf8_lossy(&answered));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_to_another_host_is_refused_and_learns_nothing() {
    let client = Client::with(SandboxConfig { hosts: vec!["box.example".into()], ..SandboxConfig::default() }).await;
    let addr = client.sandbox().addr();
    let get = async |path: &str, host: &str| {
        raw(addr, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await
    };
    for host in ["localhost", "127.0.0.1:99", "[::1]", "sub.localhost", "box.example", "BOX.example:8080"] {
        let answer = raw(addr, &format!("GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{host}: {answer}");
    }
    for path in ["/", "/health", "/openapi.json", "/results/1.mp4", IDENTIFY] {
        for host in ["evil.example", "127.0.0.1.evil.example", "192.0.2.1", "box.example.evil.example", "10.0.0.1:80"] {
            let answer = get(path, host).await;
            assert!(answer.starts_with("HTTP/1.1 403"), "{host}: {answer}");
            assert!(answer.contains("1103") && !answer.contains("http://"), "{host}: {answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_for_other_machines_fetches_nothing_private_but_its_own_files() {
    let clip = || axum::routing::get(|| async { std::fs::read(crate::support::CLIP).unwrap() });
    let private = serve(axum::Router::new().route("/clip.mp4", clip())).await;
    let port = private.rsplit(':').next().unwrap().to_owned();
    let beyond = || SandboxConfig { listen: "0.0.0.0:0".parse().unwrap(), ..SandboxConfig::default() };
    let client = Client::with(beyond()).await;
    for url in [
        format!("{private}/clip.mp4"),
        format!("http://localhost:{port}/clip.mp4"),
        format!("http://[::ffff:127.0.0.1]:{port}/clip.mp4"),
        "http://169.254.169.254/clip.mp4".to_owned(),
        "http://10.0.0.1/clip.mp4".to_owned(),
    ] {
        let answer = client.post(IDENTIFY, &json!({"video_url": url, "video_id": ""})).await;
        let why = answer.body["message"].as_str().unwrap().to_owned();
        assert!(answer.status == StatusCode::BAD_REQUEST && why.contains("--allow-private"), "{url}: {why}");
    }
    let session = identify_demo(&client).await;
    assert!(session["session_id"].is_string(), "a file that was uploaded to it is its own: {session}");
    let allowed = Client::with(SandboxConfig { allow_private: true, ..beyond() }).await;
    let answer = allowed.post(IDENTIFY, &json!({"video_url": format!("{private}/clip.mp4"), "video_id": ""})).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}
