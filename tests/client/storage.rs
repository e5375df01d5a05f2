//! Storage of one's own against a server that checks every signature by itself: what is put there, what is served from the signed address, and what is said
//! when it goes wrong.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use viseme::media;
use viseme::model::{BucketPlace, Dialect, Problem, ProblemKind, StoredFile};
use viseme::service::{Clock, FetchLimits, Fetcher, Recorder, Storage};

use crate::bucket::{ACCESS_KEY, SECRET_KEY, Server};
use crate::canary;
use crate::hostile::{Act, Hostile, answer_with, brief, profile};

/// Storage at this server, and what records its exchanges.
struct Setting {
    server: Server,
    storage: Storage,
    fetcher: Fetcher,
    recorder: Recorder,
    folder: TempDir,
}

fn storage_at(place: BucketPlace, secret: &str, recorder: &Recorder) -> Storage {
    let keys: [SecretString; 2] = [ACCESS_KEY.to_owned().into(), secret.to_owned().into()];
    let storage = Storage::new(place, &keys[0], &keys[1]).unwrap();
    storage.recorded_by(recorder.clone()).with_limits(brief(), Clock::system())
}

impl Setting {
    fn new() -> Self {
        Self::with(|_| (), SECRET_KEY)
    }

    fn with(change: impl FnOnce(&mut BucketPlace), secret: &str) -> Self {
        let (server, recorder) = (Server::start(), Recorder::default());
        let mut place = server.place();
        change(&mut place);
        let storage = storage_at(place, secret, &recorder);
        let limits = FetchLimits { head_ms: 900, gap_ms: 500, ..FetchLimits::default() };
        let fetcher = Fetcher::new(limits, recorder.clone(), media::wholeness);
        Self { server, storage, fetcher, recorder, folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    async fn put(&self, path: &std::path::Path) -> Result<(StoredFile, String), Problem> {
        self.storage.put(path, &self.fetcher, |_| ()).await
    }
}

/// More than is compared, and of no pattern.
fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|at| (at * 7919 % 251) as u8).collect()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// The status with which a plain client is answered.
async fn status_of(url: &str, method: &str) -> u16 {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let url = url::Url::parse(url).unwrap();
    let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let mut stream = tokio::net::TcpStream::connect(&host).await.unwrap();
    let target = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    let head = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\ncontent-length: 0\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    std::str::from_utf8(&answer[9..]).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_file_is_put_once_served_from_its_signed_address_listed_and_deleted() {
    let setting = Setting::new();
    let clip = bytes(200_000);
    let path = setting.file("My clip ü.MP4", &clip);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let shared = Arc::clone(&seen);
    let report = move |now: viseme::model::Progress| shared.lock().unwrap().push(now);
    let (stored, key) = setting.storage.put(&path, &setting.fetcher, report).await.unwrap();
    assert_eq!(key, format!("viseme/{}.mp4", sha256(&clip)));
    assert!(!stored.was_there && stored.until_ms.unwrap() >= Clock::system().now_ms() + 24 * 3_600_000 - 60_000);
    assert_eq!(setting.server.objects()[&key], clip);
    assert_eq!(
        setting.server.take_log(),
        ["HEAD 404", "PUT 200", "GET 206"],
        "looked for, put, fetched as a service would"
    );
    let seen = seen.lock().unwrap().clone();
    assert!(seen.len() > 2 && seen.is_sorted_by_key(|now| now.received_bytes), "{seen:?}");
    assert_eq!((seen.last().unwrap().received_bytes, seen[0].total_bytes), (200_000, Some(200_000)));

    // The same content under another name of the same kind is not uploaded again.
    let copy = setting.file("copy.mp4", &clip);
    let (again, same) = setting.put(&copy).await.unwrap();
    assert!(again.was_there && same == key);
    assert_eq!(setting.server.take_log(), ["HEAD 200", "GET 206"]);

    // Several pages of a list; what is not ours is neither listed nor deleted.
    let mut keys = vec![key];
    for number in 0..4 {
        let path = setting.file("voice.wav", &bytes(1_000 + number));
        keys.push(setting.put(&path).await.unwrap().1);
    }
    setting.server.insert("viseme/notes.txt", b"mine");
    setting.server.insert("other.mp4", b"mine");
    keys.sort();
    let listed: Vec<_> = setting.storage.list().await.unwrap();
    assert_eq!(listed.iter().map(|object| object.key.clone()).collect::<Vec<_>>(), keys);
    assert_eq!(listed[0].put_ms, Some(1_606_855_391_794));
    assert!(listed.iter().all(|object| object.size_bytes >= Some(1_000)));
    let refused = setting.storage.delete("viseme/notes.txt").await.unwrap_err();
    assert_eq!(refused.kind, ProblemKind::Usage);
    for key in &keys {
        setting.storage.delete(key).await.unwrap();
    }
    setting.storage.delete(&keys[0]).await.expect("what is gone is as good as deleted");
    assert_eq!(setting.server.objects().into_keys().collect::<Vec<_>>(), ["other.mp4", "viseme/notes.txt"]);
}

#[tokio::test]
async fn one_changed_byte_of_a_signed_address_another_method_or_its_end_is_refused() {
    let setting = Setting::new();
    let (stored, _) = setting.put(&setting.file("clip.mp4", &bytes(10))).await.unwrap();
    assert_eq!(status_of(&stored.address, "GET").await, 200);
    let signature = stored.address.find("X-Amz-Signature=").unwrap() + "X-Amz-Signature=".len();
    for at in signature..stored.address.len() {
        let mut changed = stored.address.clone().into_bytes();
        changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
        assert_eq!(status_of(std::str::from_utf8(&changed).unwrap(), "GET").await, 403, "character {at}");
    }
    for (from, to) in
        [("X-Amz-Expires=86400", "X-Amz-Expires=604800"), ("viseme/", "viseme2"), ("eu-west-1", "eu-west-2")]
    {
        assert!(stored.address.contains(from), "{}", stored.address);
        assert_eq!(status_of(&stored.address.replace(from, to), "GET").await, 403, "{to}");
    }
    assert_eq!(status_of(&stored.address, "PUT").await, 403, "who may read may not write");
    assert_eq!(status_of(&stored.address, "DELETE").await, 403);
    setting.server.twist(|twist| twist.ahead_s = 24 * 3_600 + 60);
    assert_eq!(status_of(&stored.address, "GET").await, 403, "it has ended");
    assert_eq!(setting.server.objects().len(), 1);
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_put_right_by_the_storages() {
    for ahead_s in [7_200, -7_200, 120] {
        let setting = Setting::new();
        setting.server.twist(|twist| twist.ahead_s = ahead_s);
        let (stored, _) = setting.put(&setting.file("clip.mp4", &bytes(100_000))).await.unwrap();
        assert_eq!(status_of(&stored.address, "GET").await, 200);
        assert_eq!(setting.server.objects().len(), 1, "{ahead_s} s");
    }
}

/// What a put ends with, and how many objects are there then.
async fn refusal(setting: &Setting) -> Problem {
    let problem = setting.put(&setting.file("clip.mp4", &bytes(5_000))).await.unwrap_err();
    assert!(setting.server.objects().is_empty());
    let told = format!("{problem:?}");
    assert!(!told.contains(SECRET_KEY) && !told.contains(ACCESS_KEY) && !told.contains("X-Amz-Sig"), "{told}");
    problem
}

#[tokio::test]
async fn what_the_storage_says_no_to_is_told_with_what_to_do() {
    let problem = refusal(&Setting::with(|_| (), "another/Secret+0123456789")).await;
    assert!(problem.message.contains("signature") && problem.kind == ProblemKind::Refused, "{problem}");
    let setting = Setting::new();
    setting.server.twist(|twist| twist.moved = true);
    let problem = refusal(&setting).await;
    assert!(problem.message.contains("us-west-2") && problem.message.contains("eu-west-1"), "{problem}");
    assert!(problem.hint.unwrap().contains("us-west-2"));
    let setting = Setting::new();
    setting.server.twist(|twist| twist.denied = vec!["PUT"]);
    let problem = refusal(&setting).await;
    assert!(
        problem.message.contains("Said no to •••") && problem.hint.unwrap().contains("s3:PutObject"),
        "{}",
        problem.message
    );
    let problem = refusal(&Setting::with(|place| place.bucket = "nobody".into(), SECRET_KEY)).await;
    assert!(problem.message.contains("no bucket nobody"), "{problem}");
    let setting = Setting::new();
    setting.server.twist(|twist| twist.denied = vec!["GET"]);
    let problem = setting.put(&setting.file("clip.mp4", &bytes(9))).await.unwrap_err();
    assert_eq!(problem.http_status, Some(403), "nobody pays for a clip that cannot be fetched");
}

#[tokio::test]
async fn what_fails_for_a_while_is_tried_again_and_no_longer() {
    let setting = Setting::new();
    setting.server.twist(|twist| {
        twist.broken.insert("PUT", 1);
        twist.cut.insert("PUT", 1);
    });
    setting.put(&setting.file("clip.mp4", &bytes(300_000))).await.unwrap();
    assert_eq!(setting.server.take_log(), ["HEAD 404", "PUT cut", "PUT 503", "PUT 200", "GET 206"]);
    let setting = Setting::new();
    setting.server.twist(|twist| _ = twist.broken.insert("PUT", 99));
    let problem = refusal(&setting).await;
    assert!(problem.http_status == Some(503) && problem.message.contains("SlowDown"), "{problem}");
    assert_eq!(setting.server.take_log().len(), 4, "a look, and three tries");
    let setting = Setting::new();
    setting.server.twist(|twist| _ = twist.cut.insert("PUT", 99));
    assert_eq!(refusal(&setting).await.kind, ProblemKind::NoAnswer);
}

#[tokio::test]
async fn a_storage_that_never_answers_is_given_up_and_an_upload_that_is_dropped_leaves_nothing() {
    let setting = Setting::new();
    setting.server.twist(|twist| twist.silent = vec!["PUT"]);
    let problem = refusal(&setting).await;
    assert!(problem.kind == ProblemKind::NoAnswer && problem.message.contains("did not take the file"), "{problem}");
    assert_eq!(setting.server.take_log(), ["HEAD 404", "PUT silent"], "the time for an upload is over: not once more");

    let path = setting.file("clip.mp4", &bytes(5_000_000));
    let (storage, fetcher) = (setting.storage.clone(), setting.fetcher.clone());
    let putting = tokio::spawn(async move { storage.put(&path, &fetcher, |_| ()).await });
    while setting.server.take_log().iter().all(|line| line != "PUT silent") {
        tokio::task::yield_now().await;
    }
    putting.abort();
    assert!(putting.await.unwrap_err().is_cancelled());
    assert!(setting.server.objects().is_empty());
    let last = setting.recorder.last().unwrap();
    assert!(last.operation == "store" && last.failure.is_some(), "it is recorded as given up");
}

#[tokio::test]
async fn an_address_that_serves_something_else_is_found_out_before_anything_is_paid() {
    let clip = bytes(100_000);
    let mut other = clip.clone();
    other[65_535] ^= 1;
    for (served, words) in [
        (other, "something else"),
        (clip[..99_999].to_vec(), "99999 bytes"),
        (b"<html>hello</html>".to_vec(), "18 bytes"),
    ] {
        let setting = Setting::new();
        setting.server.twist(|twist| twist.serves = Some(served));
        let problem = setting.put(&setting.file("clip.mp4", &clip)).await.unwrap_err();
        assert!(problem.message.contains(words), "{problem}");
    }
    // Without ranges the beginning is read, and no more.
    let setting = Setting::new();
    let plain = Hostile::always(Act::SendAndHang(answer_with("200 OK", "", &clip))).await;
    let content = viseme::service::Content::of_file(&setting.file("clip.mp4", &clip)).await.unwrap();
    setting.fetcher.check_serves(&plain.base(), &content).await.unwrap();
    let cut = answer_with("200 OK", "", &clip)[..30_000].to_vec();
    let cut = Hostile::always(Act::SendAndClose(cut)).await;
    assert!(setting.fetcher.check_serves(&cut.base(), &content).await.unwrap_err().message.contains("broke off"));
    // What no service elsewhere can reach is not handed to one.
    let elsewhere = setting.fetcher.of_service(&profile("https://api.example.com", Dialect::Kling));
    let problem = elsewhere.check_serves(&plain.base(), &content).await.unwrap_err();
    assert!(problem.message.contains("127.0.0.1"), "{problem}");
}

#[tokio::test]
async fn a_file_that_cannot_be_sent_is_named_and_nothing_is_asked() {
    let setting = Setting::new();
    for path in
        [setting.folder.path().join("none.mp4"), setting.folder.path().to_owned(), setting.file("empty.mp4", b"")]
    {
        let problem = setting.put(&path).await.unwrap_err();
        assert_eq!(problem.kind, ProblemKind::File, "{problem}");
    }
    assert!(setting.server.take_log().is_empty());
}

#[tokio::test]
async fn no_exchange_with_the_storage_has_a_key_or_a_signature() {
    let setting = Setting::new();
    setting.server.twist(|twist| twist.denied = vec!["DELETE"]);
    let kept = Arc::new(Mutex::new(Vec::new()));
    let shared = Arc::clone(&kept);
    setting.recorder.set_sink(Some(Box::new(move |exchange| shared.lock().unwrap().push(format!("{exchange:?}")))));
    let (stored, key) = setting.put(&setting.file("clip.mp4", &bytes(100))).await.unwrap();
    setting.storage.list().await.unwrap();
    setting.storage.delete(&key).await.unwrap_err();
    let shown: Vec<String> = setting.recorder.exchanges().iter().map(|exchange| format!("{exchange:?}")).collect();
    assert_eq!(shown.len(), 5, "look, store, check, list, delete");
    for text in shown.iter().chain(&*kept.lock().unwrap()).chain([&format!("{:?}", setting.storage)]) {
        for form in canary::forms(&[SECRET_KEY, ACCESS_KEY], "") {
            assert!(form.is_empty() || !text.contains(&form), "{form} in {text}");
        }
    }
    let signature = stored.address.split("X-Amz-Signature=").nth(1).unwrap();
    assert!(shown.iter().all(|text| !text.contains(signature) && !text.contains("X-Amz-Signature")));
    let own = kept.lock().unwrap().iter().filter(|text| !text.contains("\"check\"")).cloned().collect::<Vec<_>>();
    assert!(own.len() == 4 && own.iter().all(|text| !text.contains("X-Amz-Signature")), "what could write is nowhere");
}
