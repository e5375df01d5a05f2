//! A sandbox and a plain HTTP client with its key.

use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::{Builder, Runtime};
use viseme::sandbox::{BUILT_IN_VOICE, Limits, Sandbox, SandboxConfig, StatePlace};

/// The clip that comes with the program: two faces, from 0 to 9 s and from 2 to 7 s.
pub const CLIP: &str = "assets/demo/duo.mp4";
/// The voice that comes with it: 8.26 s.
pub const VOICE: &str = "assets/demo/voice.mp3";
/// Paths of the `kling` dialect, without a prefix.
pub const IDENTIFY: &str = "/v1/videos/identify-face";
/// See [`IDENTIFY`].
pub const CREATE: &str = "/v1/videos/advanced-lip-sync";

/// A client of a sandbox.
pub struct Client {
    /// The sandbox, unless it is the one that tests share.
    pub own: Option<Sandbox>,
    pub http: reqwest::Client,
    pub base_url: String,
    key: String,
}

/// The sandbox of the tests that need none of their own, on threads of its own.
struct Shared {
    _runtime: Runtime,
    sandbox: Sandbox,
}

static SHARED: LazyLock<Shared> = LazyLock::new(|| {
    // A test may ask for it on a thread of its own runtime, which cannot start another.
    let start = || {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let config = SandboxConfig {
            limits: Limits { unfinished_tasks: 1_000, ..Limits::default() },
            state: StatePlace::Run(Some(env!("CARGO_TARGET_TMPDIR").into())),
            ..SandboxConfig::default()
        };
        let sandbox = runtime.block_on(Sandbox::start(config)).unwrap();
        Shared { _runtime: runtime, sandbox }
    };
    std::thread::spawn(start).join().unwrap()
});

/// An answer that was read.
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

impl Client {
    /// A client of the sandbox that tests share. Its tasks are everybody's.
    pub fn shared() -> Self {
        Self::of(&SHARED.sandbox)
    }

    /// A client of a sandbox of its own.
    pub async fn new() -> Self {
        Self::with(SandboxConfig::default()).await
    }

    pub async fn with(config: SandboxConfig) -> Self {
        let sandbox = Sandbox::start(config).await.unwrap();
        let client = Self::of(&sandbox);
        Self { own: Some(sandbox), ..client }
    }

    fn of(sandbox: &Sandbox) -> Self {
        let key = sandbox.key().expose_secret().to_owned();
        Self { own: None, http: http(), base_url: sandbox.base_url().to_owned(), key }
    }

    /// The sandbox of its own.
    pub fn sandbox(&self) -> &Sandbox {
        self.own.as_ref().unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    /// A request with the key.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path)).bearer_auth(&self.key)
    }

    pub async fn get(&self, path: &str) -> Answer {
        read(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let request =
            self.request(Method::POST, path).header("content-type", "application/json").body(body.to_string());
        read(request.send().await.unwrap()).await
    }

    /// Uploads bytes; `data` of the answer.
    pub async fn upload(&self, name: &str, bytes: Vec<u8>) -> Value {
        let sent = self.request(Method::PUT, &format!("/media/{name}")).body(bytes).send().await.unwrap();
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

/// Sends bytes as they are, and reads the answer to its end.
pub async fn raw(addr: std::net::SocketAddr, request: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(addr).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// A server of the test's own; its address.
pub async fn serve(router: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{addr}")
}

/// Identifies the demo clip; `data` of the answer.
pub async fn identify_demo(client: &Client) -> Value {
    let clip = client.upload_file(CLIP).await;
    assert_eq!(clip["kind"], "video", "{clip}");
    client.post(IDENTIFY, &json!({"video_url": clip["url"], "video_id": ""})).await.data()
}

/// Polls a task of the `kling` dialect to its end.
pub async fn wait_for(client: &Client, task_id: &str) -> Value {
    let began = Instant::now();
    loop {
        let data = client.get(&format!("{CREATE}/{task_id}")).await.data();
        if matches!(data["task_status"].as_str(), Some("succeed" | "failed")) {
            return data;
        }
        assert!(began.elapsed() < Duration::from_mins(3), "{data}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A create that keeps every rule: the face of 2 to 7 s speaks the first 4 s of the built-in voice.
pub fn create_body(session: &Value) -> Value {
    json!({
        "session_id": session["session_id"],
        "face_choose": [{
            "face_id": session["face_data"][1]["face_id"], "audio_id": BUILT_IN_VOICE,
            "sound_start_time": 0, "sound_end_time": 4000, "sound_insert_time": 2500,
        }],
    })
}

/// A create on the short clip that keeps every rule.
pub fn short_create(session: &Value) -> Value {
    let mut body = create_body(session);
    let face = &mut body["face_choose"][0];
    face["face_id"] = session["face_data"][0]["face_id"].clone();
    face["sound_end_time"] = json!(2_000);
    face["sound_insert_time"] = json!(0);
    body
}

/// A value that must be an integer.
pub fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("{value} is no integer"))
}
