//! What a voice of 5 MiB and a result of 256 MiB take in memory, measured as the peak of a process in which nothing else runs.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use serde_json::Map;
use viseme::files::IfExists;
use viseme::model::{AuthKind, CallOutcome, Dialect, Placement, Profile, Submission, VoiceSource, Wholeness};
use viseme::service::{Client, Credentials, FetchLimits, Fetcher, Recorder};

const MIB: u64 = 1024 * 1024;

/// The largest resident size so far, in bytes.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// Sets the peak back to what is resident now.
fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// The worst documents of 8 MiB, by what one byte of them becomes: many values, many empty objects, deep quoting, one long text.
fn bombs() -> Vec<String> {
    let most = 8 * MIB as usize - 100;
    let quoted = serde_json::json!(format!("[{}0]", "0,".repeat(most / 16))).to_string();
    vec![
        format!("[{}0]", "0,".repeat(most / 2)),
        format!("[{}0]", "{},".repeat(most / 3)),
        format!(r#"{{"data":{}}}"#, serde_json::json!(quoted)),
        format!(r#"{{"message":"{}"}}"#, "\\u00e9".repeat(most / 8)),
        format!(r#"{{"data":[{}]}}"#, "x".repeat(most / 2)),
        "\u{fffd}<html>".repeat(most / 16),
    ]
}

/// Takes any POST without keeping it, hands out 256 MiB to a GET of a video, and a bomb to any other.
fn server() -> String {
    let bombs = bombs();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut piece = vec![0; 64 * 1024];
            let mut head = Vec::new();
            while !head.windows(4).any(|four| four == b"\r\n\r\n") {
                let count = stream.read(&mut piece).unwrap();
                head.extend_from_slice(&piece[..count]);
            }
            let end = head.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
            let text = String::from_utf8_lossy(&head[..end]).to_ascii_lowercase();
            let length = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            let mut left: usize = length - (head.len() - end);
            while left > 0 {
                left -= stream.read(&mut piece).unwrap();
            }
            if text.starts_with("post") {
                let body = format!(r#"{{"code":0,"data":{{"task_id":"{length}"}}}}"#);
                write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
                    .unwrap();
            } else if let Some(at) = text.find("bomb-") {
                let number = usize::from(text.as_bytes()[at + 5] - b'0');
                let body = bombs.get(number).cloned().unwrap_or_default();
                write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
                    .unwrap();
            } else {
                write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", 256 * MIB)
                    .unwrap();
                for _ in 0..256 * 16 {
                    if stream.write_all(&piece).is_err() {
                        break;
                    }
                }
            }
        }
    });
    base
}

fn profile_bomb() -> Vec<u8> {
    use image::ImageEncoder as _;
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    encoder.set_icc_profile(vec![b'x'; 200 * MIB as usize]).unwrap();
    encoder.write_image(&[7; 16 * 16 * 3], 16, 16, image::ExtendedColorType::Rgb8).unwrap();
    bytes
}

/// Answers one request with these bytes.
fn serve_once(body: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len()).unwrap();
        stream.write_all(&body).unwrap();
    });
    base
}

#[test]
fn a_voice_and_a_result_are_never_held_whole() {
    let alone = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["memory::measured_alone", "--exact", "--ignored", "--test-threads=1"])
        .output()
        .unwrap();
    let words = [alone.stdout, alone.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(alone.status.success() && words[0].contains("1 passed"), "{}{}", words[0], words[1]);
}

#[tokio::test]
#[ignore = "run by the test above, in a process of its own"]
async fn measured_alone() {
    let base_url = server();
    let folder = tempfile::tempdir().unwrap();
    let voice = folder.path().join("voice.wav");
    std::fs::write(&voice, vec![7; 5 * MIB as usize]).unwrap();
    let profile = Profile {
        name: "test".into(),
        dialect: Dialect::Kling,
        base_url: base_url.clone(),
        path_prefix: String::new(),
        auth: AuthKind::KeyOrSigned,
        knows_names: false,
        https_only: false,
        allow_private: false,
        extra_body: Map::new(),
        poll_interval_ms: 1_000,
        poll_limit_ms: 1_000,
    };
    let client = Client::new(profile, Credentials::key("sk-012345").unwrap(), Recorder::default()).unwrap();
    let placement = Placement {
        sound_start_time: 0,
        sound_end_time: 3_000,
        sound_insert_time: 0,
        sound_volume: None,
        original_audio_volume: None,
    };
    let small = Submission {
        session_id: "s".into(),
        face_id: "f".into(),
        voice: VoiceSource::AudioId("a".into()),
        placement,
        external_task_id: "x".into(),
        callback_url: None,
        watermark: None,
        mouth_box: None,
    };
    // What a first exchange brings along (threads, code, buffers) is the idle process.
    assert!(matches!(client.create(&small).await, CallOutcome::Done(_)));
    forget_peak();
    let idle = peak_bytes();
    let CallOutcome::Done(task) = client.create(&Submission { voice: VoiceSource::File(voice), ..small }).await else {
        panic!("not accepted")
    };
    assert!(task.task_id.parse::<u64>().unwrap() > 5 * MIB * 4 / 3);
    let above = peak_bytes().saturating_sub(idle);
    assert!(above <= 16 * MIB, "sending 5 MiB took {} KiB", above / 1024);

    forget_peak();
    let idle = peak_bytes();
    let saved = Fetcher::new(FetchLimits::default(), Recorder::default(), |_| Wholeness::Whole)
        .to_file(&base_url, &folder.path().join("v.mp4"), IfExists::Refuse, |_| ())
        .await
        .unwrap();
    assert_eq!(saved.size_bytes, 256 * MIB);
    let above = peak_bytes().saturating_sub(idle);
    assert!(above <= 64 * MIB, "saving 256 MiB took {} KiB", above / 1024);
    for number in 0..bombs().len() {
        forget_peak();
        let idle = peak_bytes();
        let began = std::time::Instant::now();
        let problem = client.poll(&format!("bomb-{number}")).await.unwrap_err();
        let above = peak_bytes().saturating_sub(idle);
        println!(
            "bomb {number}: {} KiB above idle, {:?}: {}",
            above / 1024,
            began.elapsed(),
            problem.message.chars().take(60).collect::<String>()
        );
        assert!(above <= 64 * MIB, "bomb {number} took {} KiB", above / 1024);
    }
    println!("256 MiB: {} KiB above idle", above / 1024);

    // A picture of 16 × 16 whose colour profile is 200 MiB when unpacked.
    std::fs::write(folder.path().join("bomb.png"), profile_bomb()).unwrap();
    let bomb = std::fs::read(folder.path().join("bomb.png")).unwrap();
    let base_url = serve_once(bomb);
    forget_peak();
    let idle = peak_bytes();
    let fetcher = Fetcher::new(FetchLimits::default(), Recorder::default(), |_| Wholeness::Whole);
    let preview = fetcher.preview(&base_url).await.unwrap();
    assert_eq!((preview.width_px, preview.height_px), (16, 16), "the picture itself is a good one");
    let above = peak_bytes().saturating_sub(idle);
    println!("colour profile: {} KiB above idle", above / 1024);
    assert!(above <= 64 * MIB, "a colour profile took {} KiB", above / 1024);
}
