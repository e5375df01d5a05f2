//! A server that does to a client what services, gateways and networks were seen to do, and keeps every request it got.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use viseme::model::{AuthKind, Dialect, Placement, Profile, Submission, VoiceSource};
use viseme::service::{Client, Clock, Credentials, Limits, Recorder};

pub const KEY: &str = "sk-test-0123456789";

/// What the server does with a request, once it has read it.
#[derive(Clone)]
pub enum Act {
    /// These bytes, and the connection stays.
    Send(Vec<u8>),
    /// These bytes, then the end of the connection.
    SendAndClose(Vec<u8>),
    /// These bytes, then the connection is reset.
    SendAndReset(Vec<u8>),
    /// These bytes, one every so many milliseconds.
    Drip(Vec<u8>, u64),
    /// These bytes, then nothing, and the connection stays.
    SendAndHang(Vec<u8>),
    /// These bytes, then pieces of this one without an end.
    Endless(Vec<u8>, Vec<u8>),
    /// The connection is reset, before the body was read.
    ResetEarly,
    /// The connection is reset.
    Reset,
    /// The connection is closed without a word.
    Close,
    /// Nothing ever comes.
    Hang,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }
}

pub struct Hostile {
    pub addr: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    connections: Arc<Mutex<usize>>,
}

impl Hostile {
    /// A server that answers request number `n` (from 0) with `act(n, request)`.
    pub async fn start(act: impl Fn(usize, &Request) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(Mutex::new(0));
        let server = Self { addr, requests: requests.clone(), connections: connections.clone() };
        let act = Arc::new(act);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *connections.lock().unwrap() += 1;
                let (act, requests) = (act.clone(), requests.clone());
                tokio::spawn(async move { serve(stream, &*act, &requests).await });
            }
        });
        server
    }

    /// The same act for every request.
    pub async fn always(act: Act) -> Self {
        Self::start(move |_, _| act.clone()).await
    }

    /// These acts in turn, the last for all that follow.
    pub async fn turns(acts: Vec<Act>) -> Self {
        Self::start(move |at, _| acts[at.min(acts.len() - 1)].clone()).await
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    pub fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

async fn serve(
    mut stream: TcpStream,
    act: &(impl Fn(usize, &Request) -> Act + ?Sized),
    requests: &Mutex<Vec<Request>>,
) -> Option<()> {
    let mut unread = Vec::new();
    loop {
        let mut request = head(&mut stream, &mut unread).await?;
        let at = requests.lock().unwrap().len();
        // Counted from its head on: a request that is cut down here was sent all the same.
        requests.lock().unwrap().push(request.clone());
        let what = act(at, &request);
        if matches!(what, Act::ResetEarly) {
            let _ = stream.set_zero_linger();
            return None;
        }
        request.body = body(&mut stream, &mut unread, &request).await?;
        requests.lock().unwrap()[at] = request;
        match what {
            Act::Send(bytes) => stream.write_all(&bytes).await.ok()?,
            Act::SendAndClose(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                let _ = stream.shutdown().await;
                return None;
            }
            Act::SendAndReset(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                let _ = stream.set_zero_linger();
                return None;
            }
            Act::Drip(bytes, ms) => {
                for byte in bytes {
                    stream.write_all(&[byte]).await.ok()?;
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                }
            }
            Act::SendAndHang(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                std::future::pending::<()>().await;
            }
            Act::Endless(bytes, piece) => {
                stream.write_all(&bytes).await.ok()?;
                loop {
                    stream.write_all(&piece).await.ok()?;
                }
            }
            Act::Reset | Act::ResetEarly => {
                let _ = stream.set_zero_linger();
                return None;
            }
            Act::Close => return None,
            Act::Hang => std::future::pending::<()>().await,
        }
    }
}

async fn head(stream: &mut TcpStream, unread: &mut Vec<u8>) -> Option<Request> {
    let end = loop {
        if let Some(at) = unread.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        let mut piece = vec![0; 16 * 1024];
        let count = stream.read(&mut piece).await.ok().filter(|&count| count > 0)?;
        unread.extend_from_slice(&piece[..count]);
    };
    let text = String::from_utf8_lossy(&unread[..end]).into_owned();
    unread.drain(..end + 4);
    let mut lines = text.split("\r\n");
    let line = lines.next()?.to_owned();
    let headers = lines
        .filter_map(|line| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect();
    Some(Request { line, headers, body: Vec::new() })
}

async fn body(stream: &mut TcpStream, unread: &mut Vec<u8>, request: &Request) -> Option<Vec<u8>> {
    let length: usize = request.header("content-length").map_or(Some(0), |text| text.parse().ok())?;
    while unread.len() < length {
        let mut piece = vec![0; 64 * 1024];
        let count = stream.read(&mut piece).await.ok().filter(|&count| count > 0)?;
        unread.extend_from_slice(&piece[..count]);
    }
    Some(unread.drain(..length).collect())
}

/// A whole answer with these headers besides its length.
pub fn answer_with(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

pub fn json_answer(status: &str, body: &Value) -> Act {
    Act::Send(answer_with(status, "Content-Type: application/json\r\n", body.to_string()))
}

/// The same with the time of the service, which is that of this machine.
pub fn dated_answer(status: &str, body: &Value) -> Act {
    let date = httpdate::fmt_http_date(std::time::SystemTime::now());
    Act::Send(answer_with(status, &format!("Content-Type: application/json\r\nDate: {date}\r\n"), body.to_string()))
}

/// Bounds that make a test quick.
pub fn brief() -> Limits {
    Limits {
        connect_ms: 1_000,
        read_ms: 900,
        identify_ms: 900,
        write_ms: 900,
        upload_ms_per_mib: 2_000,
        gap_ms: 500,
        body_bytes: 64 * 1024,
        read_attempts: 3,
        connect_attempts: 3,
        backoff_first_ms: 5,
        backoff_most_ms: 20,
        patience_ms: 3_000,
        account_gap_ms: 20,
    }
}

pub fn profile(base_url: &str, dialect: Dialect) -> Profile {
    Profile {
        name: "hostile".into(),
        dialect,
        base_url: base_url.into(),
        path_prefix: "/kling".into(),
        auth: AuthKind::KeyOrSigned,
        knows_names: false,
        https_only: false,
        allow_private: false,
        extra_body: Map::new(),
        poll_interval_ms: 10,
        poll_limit_ms: 60_000,
    }
}

pub fn client(base_url: &str, dialect: Dialect) -> Client {
    client_as(base_url, dialect, Credentials::key(KEY).expect("a key"))
}

pub fn client_as(base_url: &str, dialect: Dialect, credentials: Credentials) -> Client {
    Client::with_limits(
        profile(base_url, dialect),
        credentials,
        Recorder::default(),
        brief(),
        Clock::of(|| 1_700_000_000_000),
    )
    .expect("a client")
}

pub fn submission(voice: VoiceSource) -> Submission {
    Submission {
        session_id: "session-1".into(),
        face_id: "0".into(),
        voice,
        placement: Placement {
            sound_start_time: 0,
            sound_end_time: 3_000,
            sound_insert_time: 500,
            sound_volume: None,
            original_audio_volume: None,
        },
        external_task_id: "mine-1".into(),
        callback_url: None,
        watermark: None,
        mouth_box: None,
    }
}

pub fn by_id() -> Submission {
    submission(VoiceSource::AudioId("a-1".into()))
}
