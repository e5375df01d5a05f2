//! Downloads: no key, no other scheme, no more than is allowed, nothing half on the disk, nothing overwritten.

use std::io::Cursor;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::hostile::{Act, Hostile, answer_with, profile};
use sha2::Digest as _;
use viseme::files::IfExists;
use viseme::model::{Dialect, ProblemKind, Profile, Progress};
use viseme::service::{FetchLimits, Fetcher, Recorder};

fn fetcher() -> Fetcher {
    recorded_fetcher(&Recorder::default())
}

pub fn recorded_fetcher(recorder: &Recorder) -> Fetcher {
    let limits = FetchLimits {
        connect_ms: 1_000,
        head_ms: 900,
        gap_ms: 500,
        preview_ms: 1_200,
        preview_bytes: 100_000,
        file_bytes: 1_000_000,
        backoff_first_ms: 5,
        backoff_most_ms: 20,
        ..FetchLimits::default()
    };
    Fetcher::new(limits, recorder.clone(), viseme::media::wholeness)
}

/// A video as far as its container goes: an index and data.
pub fn video() -> Vec<u8> {
    let boxed =
        |kind: &[u8; 4], body: &[u8]| [&u32::try_from(body.len() + 8).unwrap().to_be_bytes()[..], kind, body].concat();
    let noise: Vec<u8> = (0..50_000_u32).map(|at| (at % 251) as u8).collect();
    [boxed(b"ftyp", b"isom\x00\x00\x02\x00isomiso2avc1mp41"), boxed(b"moov", &[0; 600]), boxed(b"mdat", &noise)]
        .concat()
}

fn jpeg() -> Vec<u8> {
    let mut bytes = Vec::new();
    image::DynamicImage::new_rgb8(300, 200).write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Jpeg).unwrap();
    bytes
}

pub fn left_in(folder: &Path) -> Vec<String> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

#[tokio::test]
async fn a_preview_is_fetched_without_a_key_and_made_small() {
    let server = Hostile::always(Act::Send(answer_with("200 OK", "Content-Type: image/jpeg\r\n", jpeg()))).await;
    let preview = fetcher().preview(&format!("{}/face.jpg?sig=1", server.base())).await.unwrap();
    assert_eq!((preview.original_width_px, preview.original_height_px), (300, 200));
    assert_eq!((preview.width_px, preview.height_px, preview.rgba.len()), (256, 171, 256 * 171 * 4));
    assert_eq!((preview.bytes.as_ref(), preview.extension), (jpeg().as_slice(), "jpg"));
    let request = &server.requests()[0];
    assert_eq!(request.line, "GET /face.jpg?sig=1 HTTP/1.1");
    for secret in ["authorization", "cookie", "referer"] {
        assert_eq!(request.header(secret), None);
    }
}

#[tokio::test]
async fn a_bad_preview_says_why() {
    let page = answer_with("200 OK", "Content-Type: text/html\r\n", "<html><title>Sign in</title>");
    let cut = answer_with("200 OK", "", jpeg());
    let cut = cut[..cut.len() - 100].to_vec();
    let denied = answer_with("403 Forbidden", "", "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>");
    let cases = [
        ("page", Act::Send(page), ProblemKind::Unreadable, "a web page: Sign in"),
        (
            "noise",
            Act::Send(answer_with("200 OK", "Content-Type: image/png\r\n", [7; 500])),
            ProblemKind::Unreadable,
            "no JPEG, PNG or WebP",
        ),
        ("broken", Act::Send(answer_with("200 OK", "", &jpeg()[..200])), ProblemKind::Unreadable, "broken"),
        ("cut", Act::SendAndClose(cut), ProblemKind::Unreadable, "broke off"),
        ("empty", Act::Send(answer_with("200 OK", "", "")), ProblemKind::Unreadable, "empty"),
        ("gone", Act::Send(answer_with("404 Not Found", "", "")), ProblemKind::Refused, "has nothing at this address"),
        ("denied", Act::Send(denied), ProblemKind::Refused, "AccessDenied"),
        ("too large", Act::Send(answer_with("200 OK", "", vec![0; 100_001])), ProblemKind::Unreadable, "larger than"),
        (
            "endless",
            Act::Endless(b"HTTP/1.1 200 OK\r\n\r\n\xff\xd8\xff".to_vec(), vec![0; 4096]),
            ProblemKind::Unreadable,
            "larger than",
        ),
        ("hang", Act::Hang, ProblemKind::NoAnswer, "in time"),
        (
            "stops",
            Act::SendAndHang(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n\xff\xd8".to_vec()),
            ProblemKind::NoAnswer,
            "stopped",
        ),
        (
            "drips",
            Act::Drip([b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n".to_vec(), vec![0; 5000]].concat(), 3),
            ProblemKind::NoAnswer,
            "in time",
        ),
        ("reset", Act::Reset, ProblemKind::NoAnswer, "before an answer"),
        (
            "compressed",
            Act::Send(answer_with("200 OK", "Content-Encoding: gzip\r\n", "x")),
            ProblemKind::Unreadable,
            "compressed",
        ),
    ];
    for (name, act, kind, words) in cases {
        let server = Hostile::always(act).await;
        let began = Instant::now();
        let problem = fetcher().preview(&format!("{}/f.jpg", server.base())).await.unwrap_err();
        assert_eq!(problem.kind, kind, "{name}: {problem}");
        assert!(problem.message.contains(words), "{name}: {problem}");
        assert!(problem.hint.is_some(), "{name}");
        assert!(began.elapsed() < Duration::from_mins(1), "{name}");
        assert_eq!(server.count(), 1, "{name}");
    }
    for address in ["file:///etc/passwd", "ftp://h/a.jpg", "not an address", "", "data:image/png;base64,AAAA"] {
        assert_eq!(fetcher().preview(address).await.unwrap_err().kind, ProblemKind::Unreadable, "{address}");
    }
}

#[tokio::test]
async fn redirects_are_followed_so_far_and_no_further() {
    let hop = |to: String| Act::Send(answer_with("302 Found", &format!("Location: {to}\r\n"), ""));
    let picture = Act::Send(answer_with("200 OK", "", jpeg()));
    let server = Hostile::turns(vec![
        hop("/2".into()),
        hop("3?x=1".into()),
        hop("/4".into()),
        hop("/5".into()),
        hop("/6".into()),
        picture,
    ])
    .await;
    fetcher().preview(&format!("{}/1", server.base())).await.unwrap();
    assert_eq!((server.count(), server.requests()[2].line.as_str()), (6, "GET /3?x=1 HTTP/1.1"));

    let circle = Hostile::always(hop("/again".into())).await;
    let problem = fetcher().preview(&format!("{}/1", circle.base())).await.unwrap_err();
    assert!(problem.message.contains("more than 5 redirects"), "{problem}");
    assert_eq!(circle.count(), 6);

    for to in ["file:///etc/passwd", "gopher://h/", "javascript:alert(1)", "http://"] {
        let server = Hostile::always(hop(to.into())).await;
        let problem = fetcher().preview(&format!("{}/1", server.base())).await.unwrap_err();
        assert_eq!((problem.kind, server.count()), (ProblemKind::Unreadable, 1), "{to}");
    }
    let nowhere = Hostile::always(Act::Send(answer_with("302 Found", "", ""))).await;
    assert!(fetcher().preview(&nowhere.base()).await.unwrap_err().message.contains("redirects without an address"));
}

#[tokio::test]
async fn a_result_is_saved_whole_with_its_checksum() {
    let server = Hostile::always(Act::Send(answer_with("200 OK", "Content-Type: video/mp4\r\n", video()))).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("result.mp4");
    let mut seen: Vec<Progress> = Vec::new();
    let saved = fetcher()
        .to_file(&format!("{}/v.mp4", server.base()), &path, IfExists::Refuse, |at| seen.push(at))
        .await
        .unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), video());
    assert_eq!((saved.path.as_path(), saved.size_bytes), (path.as_path(), video().len() as u64));
    let bytes: Vec<u8> =
        (0..64).step_by(2).map(|at| u8::from_str_radix(&saved.sha256[at..at + 2], 16).unwrap()).collect();
    assert_eq!(bytes, sha2::Sha256::digest(video()).to_vec());
    assert!(seen.windows(2).all(|pair| pair[0].received_bytes < pair[1].received_bytes));
    assert_eq!(
        seen.last(),
        Some(&Progress { received_bytes: video().len() as u64, total_bytes: Some(video().len() as u64) })
    );
    assert_eq!(left_in(folder.path()), ["result.mp4"]);
    assert_eq!(server.requests()[0].header("authorization"), None);
}

#[tokio::test]
async fn nothing_is_overwritten_that_was_not_meant_to_be() {
    let server = Hostile::always(Act::Send(answer_with("200 OK", "", video()))).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.mp4");
    std::fs::write(&path, b"precious").unwrap();
    let problem = fetcher().to_file(&server.base(), &path, IfExists::Refuse, |_| ()).await.unwrap_err();
    assert_eq!((problem.kind, server.count()), (ProblemKind::File, 0));
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");

    // One that comes while the download runs is no less precious.
    let late = folder.path().join("late.mp4");
    let appears = late.clone();
    let once = std::sync::Once::new();
    let problem = fetcher()
        .to_file(&server.base(), &late, IfExists::Refuse, move |_| {
            once.call_once(|| std::fs::write(&appears, b"late").unwrap());
        })
        .await
        .unwrap_err();
    assert!(problem.message.contains("already"), "{problem}");
    assert_eq!(std::fs::read(&late).unwrap(), b"late");

    // A result under a name of our own choice is never thrown away because the name was taken meanwhile.
    let automatic = folder.path().join("automatic.mp4");
    let appears = automatic.clone();
    let once = std::sync::Once::new();
    let saved = fetcher()
        .to_file(&server.base(), &automatic, IfExists::TakeFreeName, move |_| {
            once.call_once(|| std::fs::write(&appears, b"another window's").unwrap());
        })
        .await
        .unwrap();
    assert_eq!(saved.path, folder.path().join("automatic (2).mp4"));
    assert_eq!(std::fs::read(&saved.path).unwrap(), video());
    assert_eq!(std::fs::read(&automatic).unwrap(), b"another window's");

    fetcher().to_file(&server.base(), &path, IfExists::Replace, |_| ()).await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), video());
    for bad in [folder.path().to_owned(), folder.path().join("no/such/folder/v.mp4")] {
        assert_eq!(
            fetcher().to_file(&server.base(), &bad, IfExists::Replace, |_| ()).await.unwrap_err().kind,
            ProblemKind::File
        );
    }
    let mut left = left_in(folder.path());
    left.sort();
    assert_eq!(left, ["automatic (2).mp4", "automatic.mp4", "late.mp4", "mine.mp4"], "no part is left behind");
}

#[tokio::test]
async fn a_bad_result_leaves_nothing_behind() {
    let whole = answer_with("200 OK", "", video());
    let cut = whole[..whole.len() - 10].to_vec();
    let chunked_cut = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n\x00\x01\x02\x03\x04\r\n".to_vec();
    let chunked_empty = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_vec();
    let cases = [
        ("cut", Act::SendAndClose(cut), ProblemKind::NoAnswer, "broke off after"),
        ("chunked, cut", Act::SendAndClose(chunked_cut), ProblemKind::NoAnswer, "broke off after 5 bytes"),
        (
            "stops",
            Act::SendAndHang(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n\x00\x00".to_vec()),
            ProblemKind::NoAnswer,
            "broke off after 2 of 500 bytes",
        ),
        ("empty", Act::Send(answer_with("200 OK", "", "")), ProblemKind::Unreadable, "serves nothing"),
        ("chunked, empty", Act::Send(chunked_empty), ProblemKind::Unreadable, "serves nothing"),
        (
            "page",
            Act::Send(answer_with("200 OK", "Content-Type: video/mp4\r\n", "<!DOCTYPE html><title>Expired</title>")),
            ProblemKind::Unreadable,
            "a web page: Expired",
        ),
        (
            "error",
            Act::Send(answer_with("200 OK", "", r#"{"code":1203,"message":"gone"}"#)),
            ProblemKind::Unreadable,
            "JSON",
        ),
        (
            "expired",
            Act::Send(answer_with(
                "403 Forbidden",
                "",
                "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
            )),
            ProblemKind::Refused,
            "expired",
        ),
        (
            "part of it",
            Act::Send(answer_with("206 Partial Content", "", video())),
            ProblemKind::Refused,
            "refuses the download",
        ),
        (
            "too large",
            Act::SendAndHang(b"HTTP/1.1 200 OK\r\nContent-Length: 1000001\r\n\r\n".to_vec()),
            ProblemKind::Unreadable,
            "larger than",
        ),
        (
            "endless",
            Act::Endless(b"HTTP/1.1 200 OK\r\n\r\n\x00\x00\x00\x20ftyp".to_vec(), vec![1; 4096]),
            ProblemKind::Unreadable,
            "larger than",
        ),
    ];
    for (name, act, kind, words) in cases {
        let server = Hostile::always(act).await;
        let folder = tempfile::tempdir().unwrap();
        let problem = fetcher()
            .to_file(&format!("{}/v.mp4", server.base()), &folder.path().join("v.mp4"), IfExists::Refuse, |_| ())
            .await
            .unwrap_err();
        assert_eq!(problem.kind, kind, "{name}: {problem}");
        assert!(problem.message.contains(words), "{name}: {problem}");
        assert_eq!(left_in(folder.path()), Vec::<String>::new(), "{name}");
    }
}

#[tokio::test]
async fn a_download_that_is_given_up_leaves_nothing_behind() {
    let server = Hostile::always(Act::SendAndHang(
        [b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n".to_vec(), video()].concat(),
    ))
    .await;
    let folder = tempfile::tempdir().unwrap();
    let (fetcher, path, address) = (fetcher(), folder.path().join("v.mp4"), server.base());
    let download = fetcher.to_file(&address, &path, IfExists::Refuse, |_| ());
    assert!(tokio::time::timeout(Duration::from_millis(100), download).await.is_err());
    assert_eq!(left_in(folder.path()), Vec::<String>::new());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_place_that_cannot_be_written_is_named() {
    let server = Hostile::always(Act::Send(answer_with("200 OK", "", video()))).await;
    let problem =
        fetcher().to_file(&server.base(), Path::new("/proc/v.mp4"), IfExists::Refuse, |_| ()).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::File);
    assert!(problem.message.contains("/proc/v.mp4 cannot be written"), "{problem}");
}

#[tokio::test]
async fn every_download_is_recorded_by_type_and_size() {
    let expired = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
    let server = Hostile::start(move |_, request| {
        Act::Send(match request.line.as_str() {
            line if line.contains("/moved") => answer_with("302 Found", "Location: /v.mp4\r\n", ""),
            line if line.contains("/v.mp4") => answer_with("200 OK", "Content-Type: video/mp4\r\n", video()),
            line if line.contains("/face.jpg") => answer_with("200 OK", "Content-Type: image/jpeg\r\n", jpeg()),
            line if line.contains("/page") => answer_with("200 OK", "", "<!DOCTYPE html><title>Gone</title>"),
            _ => answer_with("403 Forbidden", "Content-Type: application/xml\r\n", expired),
        })
    })
    .await;
    let recorder = Recorder::default();
    let fetcher = recorded_fetcher(&recorder);
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("v.mp4");
    let address = |path: &str| format!("{}{path}", server.base());
    fetcher.preview(&address("/face.jpg?sig=1")).await.unwrap();
    fetcher.to_file(&address("/moved"), &to, IfExists::TakeFreeName, |_| ()).await.unwrap();
    fetcher.to_file(&address("/expired"), &to, IfExists::TakeFreeName, |_| ()).await.unwrap_err();
    fetcher.to_file(&address("/page"), &to, IfExists::TakeFreeName, |_| ()).await.unwrap_err();
    let kept = recorder.exchanges();
    let rows: Vec<_> = kept
        .iter()
        .map(|kept| (kept.operation, kept.method, kept.url.trim_start_matches(&server.base()), kept.status))
        .collect();
    assert_eq!(
        rows,
        [
            ("preview", "GET", "/face.jpg?•••", Some(200)),
            ("download", "GET", "/moved", Some(302)),
            ("download", "GET", "/v.mp4", Some(200)),
            ("download", "GET", "/expired", Some(403)),
            ("download", "GET", "/page", Some(200)),
        ]
    );
    let [preview, _, video_kept, expired_kept, page] = &kept[..] else { panic!("{kept:?}") };
    let not_kept = |kind: &str, bytes: usize| format!("({kind}, {bytes} bytes; not kept)");
    assert_eq!(preview.response_body, not_kept("image/jpeg", jpeg().len()));
    assert_eq!(video_kept.response_body, not_kept("video/mp4", video().len()));
    assert_eq!((video_kept.response_bytes, &video_kept.failure), (video().len() as u64, &None));
    assert!(video_kept.response_headers.iter().any(|(name, value)| name == "content-type" && value == "video/mp4"));
    assert_eq!(
        (expired_kept.response_body.as_str(), &expired_kept.failure),
        (expired, &None),
        "the storage's own words"
    );
    assert!(page.failure.as_ref().is_some_and(|words| words.contains("a web page: Gone")), "{page:?}");
    for kept in &kept {
        assert!(kept.request_headers.iter().all(|(name, _)| !name.eq_ignore_ascii_case("authorization")));
        assert!(kept.timing.head_us.is_some() && kept.timing.total_us >= kept.timing.head_us.unwrap());
    }
    assert_eq!(recorder.requests(), 0, "requests to the service's API are counted, downloads are not");

    let nowhere = fetcher.preview("http://127.0.0.1:9/face.jpg").await.unwrap_err();
    let last = recorder.last().unwrap();
    assert_eq!((last.status, last.failure.as_deref()), (None, Some(nowhere.message.as_str())));
}

#[tokio::test]
async fn what_a_service_elsewhere_names_must_be_public() {
    let server = Hostile::always(Act::Send(answer_with("200 OK", "Content-Type: image/jpeg\r\n", jpeg()))).await;
    let port = server.addr.port();
    let folder = tempfile::tempdir().unwrap();
    let addresses = [
        format!("http://127.0.0.1:{port}/f.jpg"),
        // A name is looked up, and what it leads to is what counts.
        format!("http://localhost:{port}/f.jpg"),
        format!("http://[::ffff:127.0.0.1]:{port}/f.jpg"),
        format!("http://2130706433:{port}/f.jpg"),
        format!("http://0.0.0.0:{port}/f.jpg"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "http://10.0.0.1/".to_owned(),
        "http://[fd00::1]/".to_owned(),
    ];
    for elsewhere in ["https://api.example.com", "http://192.0.2.1:8080"] {
        let guarded = fetcher().of_service(&profile(elsewhere, Dialect::Kling));
        for address in &addresses {
            let of_preview = guarded.preview(address).await.unwrap_err();
            let to = folder.path().join("v.mp4");
            let of_result = guarded.to_file(address, &to, IfExists::Refuse, |_| ()).await.unwrap_err();
            for problem in [of_preview, of_result] {
                assert_eq!(problem.kind, ProblemKind::Unreadable, "{address}: {problem}");
                assert!(problem.message.contains("private or special"), "{address}: {problem}");
            }
        }
    }
    assert_eq!(server.connections(), 0);
    let here = profile(&server.base(), Dialect::Kling);
    fetcher().of_service(&here).preview(&addresses[1]).await.unwrap();
    assert_eq!(server.count(), 1, "a service on this machine has its files here");
    let allowed = Profile { allow_private: true, ..profile("https://api.example.com", Dialect::Kling) };
    fetcher().of_service(&allowed).preview(&addresses[0]).await.unwrap();
    assert_eq!(server.count(), 2, "its profile allows it");
    for https_only in [Profile { https_only: true, ..allowed }, Profile { https_only: true, ..here }] {
        let problem = fetcher().of_service(&https_only).preview(&addresses[0]).await.unwrap_err();
        assert!(problem.message.contains("not https"), "{problem}");
    }
    assert_eq!(server.count(), 2, "nothing was asked for");
}
