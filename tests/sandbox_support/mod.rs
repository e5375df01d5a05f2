//! A started sandbox and a plain HTTP client: what the tests of the sandbox share. No code of the client floor is used.

#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::path::Path;
use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use viseme::sandbox::{BUILT_IN_VOICE, Sandbox, SandboxConfig};

/// The clip that comes with the program: two faces, from 0 to 9 s and from 2 to 7 s.
pub const CLIP: &str = "assets/demo/duo.mp4";
/// The voice that comes with it: 8.26 s.
pub const VOICE: &str = "assets/demo/voice.mp3";
/// Paths of the `kling` dialect, without a prefix.
pub const IDENTIFY: &str = "/v1/videos/identify-face";
/// See [`IDENTIFY`].
pub const CREATE: &str = "/v1/videos/advanced-lip-sync";

/// A sandbox, and a client with its key.
pub struct Desk {
    pub sandbox: Sandbox,
    pub http: reqwest::Client,
    key: String,
}

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> i64 {
        self.body["code"].as_i64().unwrap_or_else(|| panic!("no code in {}", self.body))
    }

    pub fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_else(|| panic!("no message in {}", self.body))
    }

    /// `data` of an answer that must be a success.
    pub fn data(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        assert_eq!(self.code(), 0, "{}", self.body);
        assert!(self.body["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{}", self.body);
        self.body["data"].clone()
    }

    /// Asserts a refusal: HTTP status, code, and what the message holds.
    #[track_caller]
    pub fn refused(&self, status: u16, code: i64, words: &str) {
        assert_eq!((self.status.as_u16(), self.code()), (status, code), "{}", self.body);
        assert!(self.message().contains(words), "{words:?} is not in {:?}", self.message());
        assert!(self.body["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{}", self.body);
    }
}

pub fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().timeout(Duration::from_mins(2)).build().unwrap()
}

impl Desk {
    pub async fn new() -> Self {
        Self::with(SandboxConfig::default()).await
    }

    pub async fn with(config: SandboxConfig) -> Self {
        let sandbox = Sandbox::start(config).await.unwrap();
        let key = sandbox.key().expose_secret().to_owned();
        Self { sandbox, http: http(), key }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.base_url())
    }

    /// A request with the key.
    pub fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path)).bearer_auth(&self.key)
    }

    pub async fn get(&self, path: &str) -> Answer {
        read(self.ask(Method::GET, path).send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let ask = self.ask(Method::POST, path).header("content-type", "application/json").body(body.to_string());
        read(ask.send().await.unwrap()).await
    }

    /// Uploads bytes; `data` of the answer.
    pub async fn upload(&self, name: &str, bytes: Vec<u8>) -> Value {
        let sent = self.ask(Method::PUT, &format!("/media/{name}")).body(bytes).send().await.unwrap();
        let answer = read(sent).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.body["data"].clone()
    }

    pub async fn upload_file(&self, path: impl AsRef<Path>) -> Value {
        let name = path.as_ref().file_name().unwrap().to_str().unwrap().to_owned();
        self.upload(&name, std::fs::read(path).unwrap()).await
    }
}

pub async fn read(response: Response) -> Answer {
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or_else(|err| panic!("HTTP {status}, no JSON ({err}): {text}"));
    Answer { status, headers, body }
}

/// A little server of the test's own; its address.
pub async fn serve(router: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{addr}")
}

/// Identifies the demo clip; `data` of the answer.
pub async fn identify_demo(desk: &Desk) -> Value {
    let clip = desk.upload_file(CLIP).await;
    assert_eq!(clip["kind"], "video", "{clip}");
    desk.post(IDENTIFY, &json!({"video_url": clip["url"], "video_id": ""})).await.data()
}

/// A create that keeps every rule: the face of 2 to 7 s says the first 4 s of the built-in voice.
pub fn create_body(session: &Value) -> Value {
    json!({
        "session_id": session["session_id"],
        "face_choose": [{
            "face_id": session["face_data"][1]["face_id"], "audio_id": BUILT_IN_VOICE,
            "sound_start_time": 0, "sound_end_time": 4000, "sound_insert_time": 2500,
        }],
    })
}

/// A value that must be an integer.
pub fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("{value} is no integer"))
}
