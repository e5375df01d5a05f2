//! What the sandbox answers without reading a clip: paths, keys, shapes, codes, hostile addresses.

use std::time::Duration;

use axum::body::Body;
use axum::response::IntoResponse as _;
use axum::routing::get;
use reqwest::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use viseme::sandbox::{Clock, OutboundTimeouts, Sandbox, SandboxConfig};

use crate::support::{Client, http, raw, read, serve};

const IDENTIFY: &str = "/kling/v1/videos/identify-face";
const CREATE: &str = "/kling/v1/videos/advanced-lip-sync";
const GENERATE: &str = "/model/v1/generation";

fn create_body() -> Value {
    json!({
        "session_id": "1",
        "face_choose": [{
            "face_id": "0", "audio_id": "sandbox_voice",
            "sound_start_time": 0, "sound_end_time": 4000, "sound_insert_time": 0,
        }],
    })
}

#[tokio::test]
async fn it_answers_as_soon_as_it_is_started() {
    let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
    let answer = raw(sandbox.addr(), "GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[tokio::test]
async fn a_prefix_of_one_segment_is_accepted() {
    let client = Client::new().await;
    for prefix in ["", "/kling", "/klingai", "/anything"] {
        client.post(&format!("{prefix}/v1/videos/identify-face"), &json!({})).await.refused(400, 1201, "video_id");
        assert_eq!(client.get(&format!("{prefix}/v1/videos/advanced-lip-sync")).await.data(), json!([]));
        client.get(&format!("{prefix}/v1/videos/advanced-lip-sync/7")).await.refused(
            400,
            1201,
            "Task not found by id/external id: 7",
        );
    }
    client.post("/v1/videos/Identify-face", &json!({})).await.refused(400, 1201, "video_id");
}

#[tokio::test]
async fn an_unknown_path_is_404_and_a_wrong_method_405_with_allow() {
    let client = Client::shared();
    for path in ["/nowhere", "/kling/v1/videos/identify-face/", "/a/b/v1/videos/identify-face", "/v1/audio/nowhere"] {
        client.get(path).await.refused(404, 1203, path);
    }
    for (method, path, allow) in [
        (Method::GET, IDENTIFY, "POST, OPTIONS"),
        (Method::DELETE, CREATE, "GET, HEAD, POST, OPTIONS"),
        (Method::POST, "/v1/videos/advanced-lip-sync/1", "GET, HEAD, OPTIONS"),
        (Method::PUT, GENERATE, "POST, OPTIONS"),
        (Method::POST, "/media/a.mp4", "PUT, OPTIONS"),
    ] {
        let answer = read(client.request(method, path).send().await.unwrap()).await;
        answer.refused(405, 1202, path);
        assert_eq!(answer.headers[ALLOW], allow);
        let options = client.request(Method::OPTIONS, path).send().await.unwrap();
        assert_eq!((options.status(), &options.headers()[ALLOW]), (StatusCode::NO_CONTENT, &allow.parse().unwrap()));
    }
    let head = client.request(Method::HEAD, CREATE).send().await.unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    assert_eq!(head.text().await.unwrap(), "");
}

#[tokio::test]
async fn every_path_of_the_service_needs_the_key_and_files_do_not() {
    let client = Client::shared();
    let http = http();
    for (method, path) in [
        (Method::POST, IDENTIFY),
        (Method::POST, CREATE),
        (Method::GET, CREATE),
        (Method::GET, "/v1/videos/advanced-lip-sync/1"),
        (Method::POST, GENERATE),
        (Method::GET, "/model/v1/generation/task/1"),
        (Method::PUT, "/media/a.mp4"),
        (Method::GET, "/tasks?external_task_ids=a"),
        (Method::GET, "/kling/account/costs"),
        (Method::POST, "/account/billing/package"),
        (Method::POST, "/kling/account/billing/balance"),
    ] {
        let ask = || http.request(method.clone(), client.url(path));
        read(ask().send().await.unwrap()).await.refused(401, 1001, "Authorization");
        read(ask().header("Authorization", "").send().await.unwrap()).await.refused(401, 1001, "empty");
        read(ask().basic_auth("user", Some("pass")).send().await.unwrap()).await.refused(401, 1000, "Bearer");
        read(ask().bearer_auth("wrong").send().await.unwrap()).await.refused(401, 1002, "Authorization");
    }
    for path in ["/media/1/a.mp4", "/results/1.mp4", "/faces/1/0.jpg"] {
        read(http.get(client.url(path)).send().await.unwrap()).await.refused(404, 1203, "");
    }
    for path in ["/", "/health", "/openapi.json"] {
        assert_eq!(http.get(client.url(path)).send().await.unwrap().status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn a_large_body_without_a_key_still_gets_its_answer() {
    let client = Client::shared();
    let sent = http().put(client.url("/media/a.mp4")).body(vec![0; 20 << 20]).send().await.unwrap();
    read(sent).await.refused(401, 1001, "Authorization");
}

#[tokio::test]
async fn a_client_that_expects_100_continue_is_refused_before_it_sends() {
    let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
    let mut stream = tokio::net::TcpStream::connect(sandbox.addr()).await.unwrap();
    let request = b"PUT /media/a.mp4 HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 401");
}

#[tokio::test]
async fn keys_can_be_chosen() {
    let config = SandboxConfig {
        key: Some("k".into()),
        access_key: Some("ak".into()),
        secret_key: Some("sk".into()),
        ..SandboxConfig::default()
    };
    let client = Client::with(config).await;
    assert_eq!(client.sandbox().access_key(), "ak");
    let answer = http().get(client.url(CREATE)).bearer_auth("k").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let shown = format!("{:?}", client.sandbox());
    assert!(!shown.contains("\"k\"") && !shown.contains("\"sk\""), "{shown}");
}

#[tokio::test]
async fn a_body_must_be_json_of_a_bounded_size() {
    let client = Client::new().await;
    for path in [IDENTIFY, CREATE, GENERATE] {
        let send =
            |body: &'static str| client.request(Method::POST, path).header(CONTENT_TYPE, "application/json").body(body);
        read(send("{\"a\":\n }").send().await.unwrap()).await.refused(400, 1201, "line 2 column 2");
        read(send("").send().await.unwrap()).await.refused(400, 1200, "The body: Required");
        read(send("[]").send().await.unwrap()).await.refused(400, 1201, "Expected an object, got an array");
        let deep: &'static str = Box::leak("[".repeat(5000).into_boxed_str());
        read(send(deep).send().await.unwrap()).await.refused(400, 1201, "recursion limit");
        let form =
            client.request(Method::POST, path).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body("a=b");
        read(form.send().await.unwrap()).await.refused(400, 1201, "Content-Type: Expected application/json");
        let large = client.request(Method::POST, path).body(vec![b' '; (16 << 20) + 1]);
        read(large.send().await.unwrap()).await.refused(400, 1201, "The body: Larger than 16777216 bytes");
    }
    // Without a Content-Type, and with a charset, it is JSON all the same.
    for content_type in [None, Some("application/json; charset=utf-8"), Some("Application/JSON")] {
        let mut ask = client.request(Method::POST, IDENTIFY).body("{}");
        if let Some(content_type) = content_type {
            ask = ask.header(CONTENT_TYPE, content_type);
        }
        read(ask.send().await.unwrap()).await.refused(400, 1201, "video_id: Neither this nor video_url");
    }
    let endless = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 1 << 16]));
    let chunked = client.request(Method::POST, IDENTIFY).body(reqwest::Body::wrap_stream(endless)).send().await;
    // A server cannot make a client stop sending: either the answer arrives, or the connection ends.
    if let Ok(answer) = chunked {
        read(answer).await.refused(400, 1201, "The body: Larger than");
    }
    assert_eq!(client.get(CREATE).await.data(), json!([]));
}

#[tokio::test]
async fn exclusive_fields_missing_fields_and_wrong_types_are_named() {
    let client = Client::shared();
    let both = json!({"video_id": "1", "video_url": "http://127.0.0.1:1/"});
    client.post(IDENTIFY, &both).await.refused(400, 1201, "video_id: Given together with video_url");
    client.post(IDENTIFY, &json!({"video_url": 7})).await.refused(400, 1201, "video_url: Expected a string");
    client.post(IDENTIFY, &json!({"video_id": "7"})).await.refused(400, 1201, "video_id: No video called 7");
    client.post(CREATE, &json!({})).await.refused(400, 1200, "session_id: Required");
    client.post(CREATE, &create_body()).await.refused(400, 1201, "session_id: Session 1 was not found");
    let kirin = |model: &str, params: Value| json!({"model": model, "input": [{"params": params}]});
    let identify = client.post(GENERATE, &kirin("kirin_identify_face", both)).await;
    identify.refused(400, 1201, "input[0].params.video_id: Given together");
    assert!(identify.body.get("id").is_none() && identify.body["error"]["error_message"].is_string());
    client.post(GENERATE, &kirin("kirin_lipsync", json!({}))).await.refused(400, 1200, "input[0].params.session_id");
    client.post(GENERATE, &kirin("kirin_lipsync", create_body())).await.refused(400, 1201, "session_id: Session 1 was");
    client.post(GENERATE, &kirin("gpt", json!({}))).await.refused(400, 1201, "model: No model is called gpt");
}

#[tokio::test]
async fn the_list_has_its_limits() {
    let client = Client::new().await;
    assert_eq!(client.get(&format!("{CREATE}?pageNum=1000&pageSize=500&other=x")).await.data(), json!([]));
    for (query, words) in [
        ("pageNum=0", "pageNum: Expected an integer from 1 to 1000, got 0"),
        ("pageNum=1001", "pageNum"),
        ("pageSize=501", "pageSize: Expected an integer from 1 to 500, got 501"),
        ("pageSize=-1", "pageSize"),
        ("pageSize=ten", "pageSize"),
    ] {
        client.get(&format!("{CREATE}?{query}")).await.refused(400, 1201, words);
    }
}

#[tokio::test]
async fn every_documented_error_can_be_asked_for() {
    let client = Client::shared();
    let codes = [
        (1000, 401),
        (1001, 401),
        (1002, 401),
        (1003, 401),
        (1004, 401),
        (1100, 429),
        (1101, 429),
        (1102, 429),
        (1103, 403),
        (1200, 400),
        (1201, 400),
        (1202, 404),
        (1203, 404),
        (1300, 400),
        (1301, 400),
        (1302, 429),
        (1303, 429),
        (1304, 429),
        (5000, 500),
        (5001, 503),
        (5002, 504),
    ];
    for (code, status) in codes {
        let by_header = client.request(Method::GET, CREATE).header("X-Viseme-Fault", format!("error-{code}"));
        let answer = read(by_header.send().await.unwrap()).await;
        answer.refused(status, code, "");
        assert_eq!(answer.headers.contains_key(RETRY_AFTER), matches!(code, 1302 | 1303 | 5001 | 5002), "{code}");
        let mut body = create_body();
        body["external_task_id"] = json!(format!("error-{code}:order 7"));
        client.post(CREATE, &body).await.refused(status, code, "");
        let kirin = json!({"model": "kirin_lipsync", "input": [{"params": body}]});
        client.post(GENERATE, &kirin).await.refused(status, code, "");
    }
    let unknown = client.request(Method::GET, CREATE).header("X-Viseme-Fault", "nonsense").send().await.unwrap();
    read(unknown).await.refused(
        400,
        1201,
        "X-Viseme-Fault: No fault is called \"nonsense\"; there are error-CODE, http-STATUS, ",
    );
}

#[tokio::test]
async fn faults_of_the_connection_happen_as_asked() {
    let clock = Clock::default();
    let client = Client::with(SandboxConfig { clock: clock.clone(), ..SandboxConfig::default() }).await;
    let ask = |fault: &'static str| client.request(Method::GET, CREATE).header("X-Viseme-Fault", fault);
    let proxy = ask("http-502").send().await.unwrap();
    assert_eq!((proxy.status().as_u16(), &proxy.headers()[CONTENT_TYPE]), (502, &"text/html".parse().unwrap()));
    let delayed = tokio::spawn(ask("delay-600000").send());
    // A later request is answered first.
    assert_eq!(client.get(CREATE).await.data(), json!([]));
    assert!(!delayed.is_finished());
    while !delayed.is_finished() {
        clock.advance(Duration::from_mins(10));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(delayed.await.unwrap().unwrap().status(), StatusCode::OK);
    let garbled = ask("garble").send().await.unwrap().text().await.unwrap();
    assert!(serde_json::from_str::<Value>(&garbled).is_err());
    let lost = async { ask("lose").send().await?.bytes().await };
    assert!(lost.await.is_err(), "the answer must break off");
    assert_eq!(client.get(CREATE).await.data(), json!([]));
}

#[tokio::test]
async fn hostile_addresses_are_refused_by_field() {
    let timeouts = OutboundTimeouts {
        fetch: Duration::from_secs(2),
        read: Duration::from_millis(500),
        ..OutboundTimeouts::default()
    };
    let client = Client::with(SandboxConfig { timeouts, ..SandboxConfig::default() }).await;
    let router = axum::Router::new()
        .route("/loop", get(|| async { (StatusCode::FOUND, [("location", "/loop")]).into_response() }))
        .route("/to-file", get(|| async { (StatusCode::FOUND, [("location", "file:///etc/passwd")]).into_response() }))
        .route("/nowhere", get(|| async { StatusCode::FOUND }))
        .route("/404", get(|| async { StatusCode::NOT_FOUND }))
        .route(
            "/huge",
            get(|| async { ([("content-length", "999999999999")], Body::from_stream(endless())).into_response() }),
        )
        .route("/endless", get(|| async { Body::from_stream(endless()) }))
        .route("/drip", get(|| async { Body::from_stream(drip()) }))
        .route("/silent", get(|| async { std::future::pending::<StatusCode>().await }));
    let base = serve(router).await;
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}/a.mp4", listener.local_addr().unwrap())
    };
    for (url, words) in [
        ("file:///etc/passwd".to_owned(), "The scheme file is not allowed"),
        ("/etc/passwd".to_owned(), "is no address"),
        ("data:video/mp4;base64,AAAA".to_owned(), "The scheme data is not allowed"),
        (format!("{base}/loop"), "redirects more than 5 times"),
        (format!("{base}/to-file"), "The scheme file is not allowed"),
        (format!("{base}/nowhere"), "redirects to nowhere"),
        (format!("{base}/404"), "answered HTTP 404"),
        (format!("{base}/huge"), "999999999999 bytes > 104857600 bytes (100 MB)"),
        (format!("{base}/endless"), " bytes > 104857600 bytes (100 MB)"),
        (format!("{base}/drip"), "did not arrive whole within 2 s"),
        (format!("{base}/silent"), "cannot be reached"),
        (closed, "cannot be reached"),
    ] {
        let answer = client.post(IDENTIFY, &json!({"video_url": url})).await;
        answer.refused(400, 1201, words);
        assert!(answer.message().starts_with("video_url: "), "{}", answer.message());
    }
}

fn endless() -> impl futures_util::Stream<Item = Result<Vec<u8>, std::io::Error>> {
    futures_util::stream::repeat_with(|| Ok(vec![0_u8; 1 << 20]))
}

fn drip() -> impl futures_util::Stream<Item = Result<Vec<u8>, std::io::Error>> {
    futures_util::stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        Some((Ok(vec![0_u8]), ()))
    })
}

#[tokio::test]
async fn the_openapi_document_describes_every_path_and_points_here() {
    let client = Client::shared();
    let document = read(http().get(client.url("/openapi.json")).send().await.unwrap()).await.body;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], client.base_url);
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 25);
    for (path, item) in paths {
        let filled = path.replace("{prefix}", "kling").replace(['{', '}'], "");
        for method in ["get", "put", "post", "delete"] {
            let method_name = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let answer = client.request(method_name, &filled).body("{}").send().await.unwrap();
            let is_there = answer.status() != StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(is_there, item.get(method).is_some(), "{method} {path}: {}", answer.status());
        }
    }
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer} leads nowhere");
    }
}

#[tokio::test]
async fn the_first_page_is_html_or_json_as_accepted() {
    let client = Client::shared();
    let page = http().get(client.url("/")).header("accept", "text/html,*/*").send().await.unwrap();
    assert!(page.headers()[CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
    let page = page.text().await.unwrap();
    assert!(page.contains(&client.base_url) && page.contains("/model/v1/generation"), "{page}");
    let plain = read(http().get(client.url("/")).send().await.unwrap()).await.body;
    assert_eq!(plain["name"], "viseme sandbox");
}

#[tokio::test]
async fn start_errors_say_what_to_do() {
    let first = Sandbox::start(SandboxConfig::default()).await.unwrap();
    let err = Sandbox::start(SandboxConfig { listen: first.addr(), ..SandboxConfig::default() }).await.unwrap_err();
    assert!(
        err.to_string().contains("cannot listen at 127.0.0.1") && err.to_string().contains("another port"),
        "{err}"
    );
    let config = SandboxConfig { webhook_secret: Some("secret".into()), ..SandboxConfig::default() };
    let err = Sandbox::start(config).await.unwrap_err();
    assert!(err.to_string().contains("has to begin with whsec_"), "{err}");
}
