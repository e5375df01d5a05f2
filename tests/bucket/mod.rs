//! A strict S3 server: it checks the signature in the query of every request by itself (AWS, *Authenticating Requests: Using Query Parameters*), with the
//! method, the region and its own clock, and does what the request asks only then. It can be told to misbehave.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use viseme::model::BucketPlace;

pub const ACCESS_KEY: &str = "AKIATESTCANARY01";
pub const SECRET_KEY: &str = "store/Secret+Canary0123456789";
pub const REGION: &str = "eu-west-1";
pub const BUCKET: &str = "clips";
/// How far a clock may be off, in seconds.
const OFF_S: i64 = 15 * 60;

/// What it does otherwise than it should.
#[derive(Clone, Debug, Default)]
pub struct Twist {
    /// How far its clock is ahead, in seconds.
    pub ahead_s: i64,
    /// The methods that it denies.
    pub denied: Vec<&'static str>,
    /// The methods for which it is out of order, each for so many requests.
    pub broken: BTreeMap<&'static str, usize>,
    /// The methods after whose head it resets the connection, each for so many requests.
    pub cut: BTreeMap<&'static str, usize>,
    /// The methods that it never answers; of an upload it takes the first bytes.
    pub silent: Vec<&'static str>,
    /// What it serves instead of each object.
    pub serves: Option<Vec<u8>>,
    /// Whether its bucket is in another region.
    pub moved: bool,
}

#[derive(Default)]
struct State {
    objects: BTreeMap<String, Vec<u8>>,
    log: Vec<String>,
    twist: Twist,
}

/// A running server; it ends with the test.
pub struct Server {
    base: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub fn start() -> Self {
        Self::start_as("127.0.0.1")
    }

    /// One that goes by this name: whoever asks must know that it is on this machine.
    pub fn start_as(name: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = format!("{name}:{}", listener.local_addr().unwrap().port());
        let (base, state) = (format!("http://{host}"), Arc::<Mutex<State>>::default());
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, host) = (Arc::clone(&shared), host.clone());
                thread::spawn(move || serve(stream, &host, &shared));
            }
        });
        Self { base, state }
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    pub fn place(&self) -> BucketPlace {
        let (endpoint, region, bucket) = (self.base.clone(), REGION.into(), BUCKET.into());
        BucketPlace { endpoint, region, bucket, ..BucketPlace::default() }
    }

    pub fn twist(&self, change: impl FnOnce(&mut Twist)) {
        change(&mut self.locked().twist);
    }

    /// The objects by their keys.
    pub fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        self.locked().objects.clone()
    }

    pub fn insert(&self, key: &str, bytes: &[u8]) {
        self.locked().objects.insert(key.into(), bytes.into());
    }

    /// What was asked for so far: `PUT 200`, `HEAD 404`; and empties the list.
    pub fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.locked().log)
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// A request as it came.
struct Request {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: BTreeMap<String, String>,
}

struct Answer {
    status: u16,
    headers: String,
    body: Vec<u8>,
}

impl Answer {
    fn of(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: String::new(), body: body.into() }
    }

    fn error(status: u16, code: &str, more: &str) -> Self {
        let said = format!("Said no to {ACCESS_KEY}");
        Self::of(
            status,
            format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{said}</Message>{more}</Error>"),
        )
    }
}

fn now_s() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

fn serve(stream: TcpStream, host: &str, state: &Mutex<State>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut stream = stream;
    loop {
        let request = head(&mut reader)?;
        let method = request.method.clone();
        let twist = {
            let mut state = state.lock().unwrap();
            let count = state.twist.cut.iter_mut().find(|(known, count)| **known == method && **count > 0);
            if let Some((_, count)) = count {
                *count -= 1;
                state.log.push(format!("{method} cut"));
                return None;
            }
            state.twist.clone()
        };
        if twist.silent.contains(&method.as_str()) {
            state.lock().unwrap().log.push(format!("{method} silent"));
            thread::sleep(Duration::from_mins(2));
            return None;
        }
        let length: usize = request.headers.get("content-length").map_or(Some(0), |text| text.parse().ok())?;
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let answer = answer(&request, body, host, &mut state.lock().unwrap());
        let date = UNIX_EPOCH + Duration::from_secs((now_s() + twist.ahead_s).unsigned_abs());
        let Answer { status, headers, body } = answer;
        let head = format!(
            "HTTP/1.1 {status} X\r\ndate: {}\r\ncontent-length: {}\r\n{headers}\r\n",
            httpdate::fmt_http_date(date),
            body.len()
        );
        state.lock().unwrap().log.push(format!("{method} {status}"));
        stream.write_all(head.as_bytes()).ok()?;
        if method != "HEAD" {
            stream.write_all(&body).ok()?;
        }
    }
}

fn head(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let pair = |text: &str| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        (decoded(name), decoded(value))
    };
    let query = query.split('&').filter(|text| !text.is_empty()).map(pair).collect();
    Some(Request { method, path: path.to_owned(), query, headers })
}

fn answer(request: &Request, body: Vec<u8>, host: &str, state: &mut State) -> Answer {
    let method = request.method.as_str();
    if let Some(count) = state.twist.broken.get_mut(method).filter(|count| **count > 0) {
        *count -= 1;
        return Answer::error(503, "SlowDown", "");
    }
    let value = |name: &str| {
        let found = request.query.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    if state.twist.moved && value("X-Amz-Credential").contains(REGION) {
        return Answer::error(400, "AuthorizationHeaderMalformed", "<Region>us-west-2</Region>");
    }
    if let Err(code) = verified(request, host, now_s() + state.twist.ahead_s) {
        return Answer::error(403, code, "");
    }
    if state.twist.denied.contains(&method) {
        return Answer::error(403, "AccessDenied", "");
    }
    let path = decoded(&request.path);
    let Some(key) = path.strip_prefix(&format!("/{BUCKET}/")) else { return Answer::error(404, "NoSuchBucket", "") };
    match method {
        "PUT" => {
            state.objects.insert(key.to_owned(), body);
            Answer::of(200, "")
        }
        "GET" if value("list-type") == "2" => listed(&state.objects, &value("prefix"), &value("continuation-token")),
        "GET" | "HEAD" => match state.twist.serves.as_ref().or(state.objects.get(key)) {
            Some(bytes) => part(bytes, request.headers.get("range").map(String::as_str)),
            None => Answer::error(404, "NoSuchKey", ""),
        },
        "DELETE" => {
            state.objects.remove(key);
            Answer::of(204, "")
        }
        _ => Answer::error(405, "MethodNotAllowed", ""),
    }
}

fn part(bytes: &[u8], range: Option<&str>) -> Answer {
    let wanted = range.and_then(|text| text.strip_prefix("bytes=")?.split_once('-'));
    let Some((from, to)) = wanted.and_then(|(from, to)| Some((from.parse::<usize>().ok()?, to.parse::<usize>().ok()?)))
    else {
        return Answer::of(200, bytes);
    };
    let end = (to + 1).min(bytes.len());
    let headers = format!("content-range: bytes {from}-{}/{}\r\n", end - 1, bytes.len());
    Answer { status: 206, headers, body: bytes[from..end].to_vec() }
}

/// Two objects a page.
fn listed(objects: &BTreeMap<String, Vec<u8>>, prefix: &str, token: &str) -> Answer {
    let mut found = objects.iter().filter(|(key, _)| key.starts_with(prefix) && key.as_str() > token);
    let page: Vec<_> = found.by_ref().take(2).collect();
    let mut xml =
        "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">".to_owned();
    for (key, bytes) in &page {
        write!(
            xml,
            "<Contents><Key>{}</Key><LastModified>2020-12-01T20:43:11.794Z</LastModified><Size>{}</Size></Contents>",
            encoded(key, false),
            bytes.len()
        )
        .unwrap();
    }
    let more = found.next().is_some();
    let next =
        page.last().filter(|_| more).map(|(key, _)| format!("<NextContinuationToken>{key}</NextContinuationToken>"));
    write!(
        xml,
        "<EncodingType>url</EncodingType><MaxKeys>2</MaxKeys><KeyCount>{}</KeyCount><IsTruncated>{more}</IsTruncated>{}</ListBucketResult>",
        page.len(),
        next.unwrap_or_default()
    )
    .unwrap();
    Answer::of(200, xml)
}

/// Checks the signature in the query of a request at this time, in seconds since the epoch.
fn verified(request: &Request, host: &str, now_s: i64) -> Result<(), &'static str> {
    let all: BTreeMap<&str, &str> = request.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if all.len() != request.query.len() {
        return Err("InvalidArgument");
    }
    let value = |name: &str| all.get(name).copied().ok_or("AccessDenied");
    if value("X-Amz-Algorithm")? != "AWS4-HMAC-SHA256" {
        return Err("AuthorizationQueryParametersError");
    }
    let scope: Vec<&str> = value("X-Amz-Credential")?.split('/').collect();
    let [access_key, day, region, "s3", "aws4_request"] = scope[..] else {
        return Err("AuthorizationQueryParametersError");
    };
    if access_key != ACCESS_KEY {
        return Err("InvalidAccessKeyId");
    }
    let (date, expires) = (value("X-Amz-Date")?, value("X-Amz-Expires")?);
    let expires_s: i64 = expires.parse().map_err(|_| "AuthorizationQueryParametersError")?;
    let compact: jiff::Timestamp = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date)
        .and_then(|time| time.to_zoned(jiff::tz::TimeZone::UTC))
        .map_err(|_| "AuthorizationQueryParametersError")?
        .timestamp();
    if region != REGION || !date.starts_with(day) || !(1..=604_800).contains(&expires_s) {
        return Err("AuthorizationQueryParametersError");
    }
    let signed_s = compact.as_second();
    if signed_s > now_s + OFF_S {
        return Err("RequestTimeTooSkewed");
    }
    if now_s > signed_s + expires_s {
        return Err("AccessDenied");
    }
    let names: BTreeSet<&str> = value("X-Amz-SignedHeaders")?.split(';').collect();
    let unsigned = request.headers.keys().any(|name| name.starts_with("x-amz-") && !names.contains(name.as_str()));
    if !names.contains("host") || unsigned {
        return Err("AccessDenied");
    }
    let mut canonical = format!("{}\n{}\n", request.method, encoded(&decoded(&request.path), true));
    let pairs: BTreeSet<String> = all
        .iter()
        .filter(|(name, _)| **name != "X-Amz-Signature")
        .map(|(name, value)| format!("{}={}", encoded(name, false), encoded(value, false)))
        .collect();
    canonical.push_str(&pairs.into_iter().collect::<Vec<_>>().join("&"));
    canonical.push('\n');
    for name in &names {
        let sent = if *name == "host" { host } else { request.headers.get(*name).map_or("", String::as_str) };
        writeln!(canonical, "{name}:{sent}").unwrap();
    }
    write!(canonical, "\n{}\nUNSIGNED-PAYLOAD", names.into_iter().collect::<Vec<_>>().join(";")).unwrap();
    let expected = signature(SECRET_KEY, day, region, date, &canonical);
    // The host that the connection was made to is the one that was signed.
    if request.headers.get("host").is_none_or(|sent| sent != host) || value("X-Amz-Signature")? != expected {
        return Err("SignatureDoesNotMatch");
    }
    Ok(())
}

fn signature(secret: &str, day: &str, region: &str, date: &str, canonical: &str) -> String {
    let hashed = hex(&Sha256::digest(canonical.as_bytes()));
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{day}/{region}/s3/aws4_request\n{hashed}");
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in [day, region, "s3", "aws4_request", &text] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(part.as_bytes());
        key = mac.finalize().into_bytes().to_vec();
    }
    hex(&key)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut plain, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        plain.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// As SigV4 wants it (RFC 3986); the slashes of a path stay.
fn encoded(text: &str, is_path: bool) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            b'/' if is_path => out.push('/'),
            _ => write!(out, "%{byte:02X}").unwrap(),
        }
        out
    })
}

/// The example that AWS publishes for a signature in the query.
#[test]
fn the_server_computes_the_signature_of_the_published_example() {
    let canonical = "GET\n/test.txt\nX-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\nhost:examplebucket.s3.amazonaws.com\n\nhost\nUNSIGNED-PAYLOAD";
    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let computed = signature(secret, "20130524", "us-east-1", "20130524T000000Z", canonical);
    assert_eq!(computed, "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}
