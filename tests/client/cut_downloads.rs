//! Downloads that are cut: resumed or begun anew, at most three times, and never taken for a result.

use std::path::Path;

use crate::fetch::{left_in, recorded_fetcher, video};
use crate::hostile::{Act, Hostile, Request};
use sha2::Digest as _;
use viseme::files::IfExists;
use viseme::model::{Problem, ProblemKind, SavedFile};
use viseme::service::Recorder;

/// How the end of a body is announced.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Framing {
    Length,
    Chunked,
    UntilClosed,
    Http10,
}

const FRAMINGS: [Framing; 4] = [Framing::Length, Framing::Chunked, Framing::UntilClosed, Framing::Http10];

/// The answer that brings `body`, of which only the first `sent` bytes come.
fn cut_answer(framing: Framing, status: &str, headers: &str, body: &[u8], sent: usize) -> Vec<u8> {
    let version = if framing == Framing::Http10 { "1.0" } else { "1.1" };
    let head = match framing {
        Framing::Length => format!("Content-Length: {}\r\n", body.len()),
        Framing::Chunked => "Transfer-Encoding: chunked\r\n".to_owned(),
        _ => "Connection: close\r\n".to_owned(),
    };
    let mut bytes = format!("HTTP/{version} {status}\r\n{headers}{head}\r\n").into_bytes();
    if framing != Framing::Chunked {
        bytes.extend_from_slice(&body[..sent]);
        return bytes;
    }
    for chunk in body[..sent].chunks(4096) {
        bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    if sent == body.len() {
        bytes.extend_from_slice(b"0\r\n\r\n");
    }
    bytes
}

/// The part of the content that a request asks for, if it asks for a part of this content.
fn asked_from(request: &Request, etag: &str) -> Option<usize> {
    let from = request.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()?;
    (request.header("if-range") == Some(etag)).then_some(from)
}

/// 20 places: the ends, and between them.
fn places(len: usize) -> Vec<usize> {
    let between = (1..17).map(|at| len * at / 17);
    [0, 5].into_iter().chain(between).chain([len - 2, len - 1]).collect()
}

async fn fetch(base: &str, path: &Path, if_exists: IfExists) -> (Result<SavedFile, Problem>, u64) {
    let recorder = Recorder::default();
    let fetched = recorded_fetcher(&recorder).to_file(&format!("{base}/v.mp4"), path, if_exists, |_| ()).await;
    (fetched, recorder.exchanges().iter().map(|exchange| exchange.response_bytes).sum())
}

#[tokio::test]
async fn a_cut_download_is_resumed_with_the_same_bytes_and_few_of_them_twice() {
    let etag = "\"one\"";
    for framing in FRAMINGS {
        for is_reset in [false, true] {
            for place in places(video().len()) {
                let server = Hostile::start(move |at, request| {
                    let whole = video();
                    let ranges = format!("ETag: {etag}\r\n");
                    let from = asked_from(request, etag);
                    if at == 0 {
                        let bytes = cut_answer(framing, "200 OK", &ranges, &whole, place);
                        return if is_reset { Act::SendAndReset(bytes) } else { Act::SendAndClose(bytes) };
                    }
                    let Some(from) = from else {
                        return Act::SendAndClose(cut_answer(framing, "200 OK", &ranges, &whole, whole.len()));
                    };
                    let range = format!("{ranges}Content-Range: bytes {from}-{}/{}\r\n", whole.len() - 1, whole.len());
                    let rest = &whole[from..];
                    Act::SendAndClose(cut_answer(framing, "206 Partial Content", &range, rest, rest.len()))
                })
                .await;
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("v.mp4");
                let (fetched, received_bytes) = fetch(&server.base(), &path, IfExists::Refuse).await;
                let what = format!("{framing:?}, reset: {is_reset}, {place} bytes");
                let saved = fetched.unwrap_or_else(|problem| panic!("{what}: {problem}"));
                let sha256 = viseme::files::hex(&sha2::Sha256::digest(video()));
                assert_eq!(saved.sha256, sha256, "{what}");
                assert_eq!(std::fs::read(&path).unwrap(), video(), "{what}");
                assert_eq!((server.count(), left_in(folder.path())), (2, vec!["v.mp4".to_owned()]), "{what}");
                assert!(received_bytes as f64 <= 1.1 * video().len() as f64, "{what}: {received_bytes}");
            }
        }
    }
}

#[tokio::test]
async fn a_download_that_is_always_cut_is_no_result_and_replaces_nothing() {
    for framing in FRAMINGS {
        for is_reset in [false, true] {
            for place in places(video().len()) {
                let server = Hostile::start(move |_, _| {
                    let bytes = cut_answer(framing, "200 OK", "ETag: W/\"weak\"\r\n", &video(), place);
                    if is_reset { Act::SendAndReset(bytes) } else { Act::SendAndClose(bytes) }
                })
                .await;
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("v.mp4");
                std::fs::write(&path, b"a good result").unwrap();
                let (fetched, _) = fetch(&server.base(), &path, IfExists::Replace).await;
                let what = format!("{framing:?}, reset: {is_reset}, {place} bytes");
                assert_eq!(fetched.expect_err(&what).kind, ProblemKind::NoAnswer, "{what}");
                assert_eq!(std::fs::read(&path).unwrap(), b"a good result", "{what}");
                assert_eq!(left_in(folder.path()), ["v.mp4"], "{what}");
                assert_eq!(server.count(), 3, "{what}");
                let ranges = server.requests().iter().filter(|request| request.header("range").is_some()).count();
                assert_eq!(ranges, 0, "{what}: a weak ETag names no bytes");
            }
        }
    }
}

#[tokio::test]
async fn another_content_under_the_same_address_is_fetched_from_its_beginning() {
    let mut other = video();
    *other.last_mut().unwrap() ^= 1;
    let (of_server, len) = (other.clone(), other.len());
    let server = Hostile::start(move |at, request| match at {
        0 => Act::SendAndClose(cut_answer(Framing::Length, "200 OK", "ETag: \"one\"\r\n", &video(), 20_000)),
        // The content has changed: the whole of the new one is sent, as `If-Range` asks.
        1 => {
            assert_eq!(asked_from(request, "\"one\""), Some(20_000));
            Act::SendAndClose(cut_answer(Framing::Length, "200 OK", "ETag: \"two\"\r\n", &of_server, 30_000))
        }
        _ => {
            let from = asked_from(request, "\"two\"").unwrap();
            let range = format!("Content-Range: bytes {from}-{}/{len}\r\n", len - 1);
            Act::Send(cut_answer(Framing::Length, "206 Partial Content", &range, &of_server[from..], len - from))
        }
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v.mp4");
    fetch(&server.base(), &path, IfExists::Refuse).await.0.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), other);
}

#[tokio::test]
async fn a_part_that_was_not_asked_for_is_not_put_together() {
    let server = Hostile::start(|at, request| match (at, asked_from(request, "\"one\"")) {
        (0, _) => Act::SendAndClose(cut_answer(Framing::Length, "200 OK", "ETag: \"one\"\r\n", &video(), 20_000)),
        (_, Some(_)) => {
            let range = format!("Content-Range: bytes 7-{}/{}\r\n", video().len() - 1, video().len());
            let rest = video()[7..].to_vec();
            Act::Send(cut_answer(Framing::Length, "206 Partial Content", &range, &rest, rest.len()))
        }
        (_, None) => Act::Send(cut_answer(Framing::Length, "200 OK", "", &video(), video().len())),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v.mp4");
    fetch(&server.base(), &path, IfExists::Refuse).await.0.unwrap();
    assert_eq!((std::fs::read(&path).unwrap(), server.count()), (video(), 3));
}

#[tokio::test]
async fn what_is_no_whole_video_is_no_result_however_whole_it_came() {
    let cut = video()[..30_000].to_vec();
    for (name, body, words) in [("noise", vec![0x80; 5_000], "not what was asked for"), ("cut", cut, "not whole")] {
        let answer = cut_answer(Framing::Length, "200 OK", "ETag: \"one\"\r\n", &body, body.len());
        let server = Hostile::always(Act::Send(answer)).await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.mp4");
        std::fs::write(&path, b"a good result").unwrap();
        let problem = fetch(&server.base(), &path, IfExists::Replace).await.0.expect_err(name);
        assert_eq!((problem.kind, server.count()), (ProblemKind::Unreadable, 1), "{name}: {problem}");
        assert!(problem.message.contains(words), "{name}: {problem}");
        assert_eq!(std::fs::read(&path).unwrap(), b"a good result", "{name}");
    }
}
