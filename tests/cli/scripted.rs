//! A service whose every answer is scripted, over plain sockets, so that it can also misbehave.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub authorization: String,
    /// `Range` and `If-Range`, where a part is asked for.
    pub range: Option<(usize, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn is_create(&self) -> bool {
        self.method == "POST" && (self.path.contains("lip-sync") || self.text().contains("kirin_lipsync"))
    }

    pub fn is_identify(&self) -> bool {
        self.method == "POST" && (self.path.contains("identify-face") || self.text().contains("kirin_identify_face"))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What to do with a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Status, content type, body.
    Body(u16, &'static str, Vec<u8>),
    /// A redirect with this status to this address.
    Redirect(u16, String),
    /// Close the connection without a word.
    Close,
    /// These bytes, head included, then nothing for this long.
    Raw(Vec<u8>, Duration),
    /// Promise more than comes.
    Truncated,
    /// Say nothing for this long, then close.
    Hang(Duration),
}

pub fn ok(value: &Value) -> Answer {
    status(200, value)
}

pub fn status(status: u16, value: &Value) -> Answer {
    Answer::Body(status, "application/json", value.to_string().into_bytes())
}

pub fn refusal(http_status: u16, code: i64, message: &str) -> Answer {
    status(http_status, &json!({"code": code, "message": message, "request_id": "r-refused"}))
}

/// A connection, plain or with TLS.
pub trait Stream: Read + Write {}

impl<S: Read + Write> Stream for S {}

/// A running service; ends with the test.
pub struct Scripted {
    base: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Scripted {
    /// Answers each request by the script; the number is how many of the same method and path came before.
    pub fn start(script: impl Fn(&Request, usize, &str) -> Answer + Send + Sync + 'static) -> Self {
        Self::start_on("http://127.0.0.1", |stream| Some(Box::new(stream)), script)
    }

    /// The same with connections as `wrap` makes them, at an address that begins like this.
    pub fn start_on(
        base: &str,
        wrap: impl Fn(TcpStream) -> Option<Box<dyn Stream>> + Send + Sync + 'static,
        script: impl Fn(&Request, usize, &str) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let seen = Arc::<Mutex<Vec<Request>>>::default();
        let base = format!("{base}:{}", addr.port());
        let (shared, script, wrap, of_answers) = (Arc::clone(&seen), Arc::new(script), Arc::new(wrap), base.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, script, wrap, base) =
                    (Arc::clone(&shared), Arc::clone(&script), Arc::clone(&wrap), of_answers.clone());
                thread::spawn(move || {
                    if let Some(stream) = wrap(stream) {
                        serve(stream, &base, &shared, &*script);
                    }
                });
            }
        });
        Self { base, seen }
    }

    pub fn url(&self) -> String {
        self.base.clone()
    }

    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    pub fn creates(&self) -> usize {
        self.seen().iter().filter(|request| request.is_create()).count()
    }
}

fn serve(
    mut stream: Box<dyn Stream>,
    base: &str,
    seen: &Mutex<Vec<Request>>,
    script: &(dyn Fn(&Request, usize, &str) -> Answer + Send + Sync),
) {
    let Some(request) = read(&mut *stream) else { return };
    let before = {
        let mut seen = seen.lock().unwrap();
        let same = |other: &&Request| other.method == request.method && other.path == request.path;
        let before = seen.iter().filter(same).count();
        seen.push(request.clone());
        before
    };
    match script(&request, before, base) {
        Answer::Body(status, content_type, body) => {
            let date = httpdate::fmt_http_date(std::time::SystemTime::now());
            let head = format!(
                "HTTP/1.1 {status} X\r\ndate: {date}\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(&body);
        }
        Answer::Redirect(status, to) => {
            let head =
                format!("HTTP/1.1 {status} X\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(head.as_bytes());
        }
        Answer::Close => {}
        Answer::Raw(bytes, duration) => {
            let _ = stream.write_all(&bytes);
            thread::sleep(duration);
        }
        Answer::Truncated => {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"code\":0,";
            let _ = stream.write_all(head.as_bytes());
        }
        Answer::Hang(duration) => thread::sleep(duration),
    }
}

fn read(stream: &mut dyn Stream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut authorization, mut length, mut chunked) = (String::new(), 0, false);
    let (mut from, mut etag) = (None, String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => value.trim().clone_into(&mut authorization),
            "range" => {
                from = value.trim().strip_prefix("bytes=").and_then(|range| range.strip_suffix('-')?.parse().ok());
            }
            "if-range" => value.trim().clone_into(&mut etag),
            "content-length" => length = value.trim().parse().ok()?,
            "transfer-encoding" => chunked = value.trim().eq_ignore_ascii_case("chunked"),
            _ => {}
        }
    }
    let mut body = Vec::new();
    if chunked {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size).ok()?;
            let size = usize::from_str_radix(size.trim(), 16).ok()?;
            let mut piece = vec![0; size + 2];
            reader.read_exact(&mut piece).ok()?;
            if size == 0 {
                break;
            }
            body.extend_from_slice(&piece[..size]);
        }
    } else {
        body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
    }
    let range = from.map(|from| (from, etag));
    Some(Request { method, path, authorization, range, body })
}

/// An MP4 as far as its boxes go: nothing more of a result is looked into.
pub fn mp4() -> Vec<u8> {
    video(50_040)
}

/// An MP4 of so many bytes.
pub fn video(size: usize) -> Vec<u8> {
    let mut bytes = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2\0\0\0\x08moov".to_vec();
    let noise: Vec<u8> = (0..size - 40).map(|n| (n % 251) as u8).collect();
    bytes.extend(u32::try_from(noise.len() + 8).unwrap().to_be_bytes());
    bytes.extend(b"mdat");
    bytes.extend(noise);
    bytes
}

pub fn faces_of(base: &str, faces: &[(&str, i64, i64)]) -> Value {
    let faces: Vec<_> = faces
        .iter()
        .map(|(id, start, end)| {
            json!({"face_id": id, "face_image": format!("{base}/face.png"), "start_time": start, "end_time": end})
        })
        .collect();
    json!({"session_id": "s-1", "face_data": faces})
}

/// The `kling` dialect where all goes well: two polls, then the result.
pub fn kling_script(request: &Request, before: usize, base: &str) -> Answer {
    let envelope = |data: Value| ok(&json!({"code": 0, "message": "SUCCEED", "request_id": "r-1", "data": data}));
    if let Some(answer) = files(request) {
        return answer;
    }
    if request.is_identify() {
        return envelope(faces_of(base, &[("f-1", 0, 9_000)]));
    }
    if request.is_create() {
        let external = request.json()["external_task_id"].clone();
        return envelope(
            json!({"task_id": "t-1", "task_status": "submitted", "task_info": {"external_task_id": external}}),
        );
    }
    if request.path.contains("/t-1") {
        return envelope(if before < 2 {
            json!({"task_id": "t-1", "task_status": "processing", "task_status_msg": ""})
        } else {
            json!({"task_id": "t-1", "task_status": "succeed", "task_status_msg": "", "final_unit_deduction": "0.5",
                   "task_result": {"videos": [{"id": "v-1", "url": format!("{base}/result.mp4"), "duration": "9.041"}]}})
        });
    }
    refusal(404, 1203, "no such resource")
}

/// The `kirin` dialect where all goes well.
pub fn kirin_script(request: &Request, before: usize, base: &str) -> Answer {
    if let Some(answer) = files(request) {
        return answer;
    }
    if request.method == "POST" {
        let id = if request.is_identify() { "i-1" } else { "t-1" };
        return ok(&json!({"id": id, "status": "in_progress", "model": "m", "created_at": 1_700_000_000}));
    }
    let inner = json!({"code": 0, "message": "ok", "request_id": "r-in", "data": faces_of(base, &[("0", 0, 9_000)])});
    if before == 0 {
        return ok(&json!({"id": "x", "status": "in_progress", "progress": 0.5}));
    }
    if request.path.ends_with("/i-1") {
        return ok(&json!({"id": "i-1", "status": "completed", "usage": {"cost": "0.007", "discount": 1},
                          "output": [{"content": [{"type": "text", "text": inner.to_string()}]}]}));
    }
    ok(&json!({"id": "t-1", "status": "completed", "usage": {"cost": "0.07", "discount": 1},
               "output": [{"content": [{"type": "video", "url": format!("{base}/result.mp4")}]}]}))
}

pub fn files(request: &Request) -> Option<Answer> {
    match request.path.as_str() {
        path if path.ends_with("/result.mp4") => Some(Answer::Body(200, "video/mp4", mp4())),
        "/face.png" => Some(Answer::Body(200, "image/png", PNG.to_vec())),
        _ => None,
    }
}

/// One red pixel.
pub const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0,
    0x90, 0x77, 0x53, 0xDE, 0, 0, 0, 12, b'I', b'D', b'A', b'T', 0x08, 0xD7, 0x63, 0xF8, 0xCF, 0xC0, 0, 0, 3, 1, 1, 0,
    0x18, 0xDD, 0x8D, 0xB0, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xAE, 0x42, 0x60, 0x82,
];
