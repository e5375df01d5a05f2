//! Programs that are killed without warning, and what the next one makes of what they left.

use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sha2::Digest as _;

use crate::program::{Program, is_of, run_arguments, signal, until};
use crate::scripted::{Answer, Request, Scripted, kling_script, video};

/// How the content of the result is called.
const ETAG: &str = "\"one\"";
const SIZE: usize = 16_000_000;

/// The answer that brings the result from a byte on, of which as many bytes come before it stops.
fn part_of_result(from: usize, sent: usize) -> Vec<u8> {
    let whole = video(SIZE);
    let head = if from == 0 {
        format!("HTTP/1.1 200 OK\r\netag: {ETAG}\r\ncontent-length: {SIZE}\r\n\r\n")
    } else {
        format!(
            "HTTP/1.1 206 Partial Content\r\netag: {ETAG}\r\ncontent-range: bytes {from}-{}/{SIZE}\r\ncontent-length: {}\r\n\r\n",
            SIZE - 1,
            SIZE - from
        )
    };
    [head.as_bytes(), &whole[from..(from + sent).min(SIZE)]].concat()
}

/// Serves the result: each time so many bytes of it, then nothing more. Counts the bytes.
fn serving(pieces: &'static [usize], served: Arc<AtomicUsize>) -> Scripted {
    Scripted::start(move |request: &Request, before, base| {
        if !request.path.ends_with("/result.mp4") {
            return kling_script(request, before, base);
        }
        let from = request.range.as_ref().filter(|(_, etag)| etag == ETAG).map_or(0, |(from, _)| *from);
        let sent = pieces.get(before).copied().unwrap_or(SIZE).min(SIZE - from);
        served.fetch_add(sent, Ordering::SeqCst);
        let stays = if from + sent < SIZE { Duration::from_mins(1) } else { Duration::ZERO };
        Answer::Raw(part_of_result(from, sent), stays)
    })
}

fn parts(program: &Program) -> Vec<String> {
    program.files().into_iter().filter(|name| name.starts_with(".viseme-") && is_of(name, "part")).collect()
}

/// Waits until so many bytes of the result are on the disk, and kills the program.
fn kill_at(program: &Program, mut child: Child, bytes: usize) {
    until("a part grows", || {
        let parts = parts(program);
        parts.iter().any(|name| program.path().join(name).metadata().is_ok_and(|of| of.len() as usize >= bytes))
    });
    // What was noted last follows at once.
    std::thread::sleep(Duration::from_millis(200));
    signal(child.id(), "KILL");
    let _ = child.wait();
}

fn begin(program: &Program, url: &str) -> Child {
    let arguments = [&run_arguments(url, "kling")[..], &["--out".into(), "result.mp4".into()]].concat();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    program.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn a_download_of_a_killed_program_is_continued_by_the_next_one() {
    let served = Arc::<AtomicUsize>::default();
    let server = serving(&[6_500_000, 5_000_000], Arc::clone(&served));
    let program = Program::new();
    kill_at(&program, begin(&program, &server.url()), 5_500_000);
    assert_eq!((parts(&program).len(), program.files().contains(&"result.mp4".to_owned())), (1, false));

    // The one that continues is killed, too.
    let resume = ["tasks", "resume", "t-1", "--out", "result.mp4"];
    let child = program.command(&resume).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    kill_at(&program, child, 9_500_000);
    assert_eq!(parts(&program).len(), 1);

    let ended = program.run(&resume).expect(0);
    assert!(ended.stdout.contains("result.mp4"), "{ended:?}");
    let bytes = std::fs::read(program.path().join("result.mp4")).unwrap();
    assert_eq!(
        viseme::files::hex(&sha2::Sha256::digest(&bytes)),
        viseme::files::hex(&sha2::Sha256::digest(video(SIZE)))
    );
    assert_eq!((parts(&program), server.creates()), (Vec::<String>::new(), 1));
    let served = served.load(Ordering::SeqCst);
    assert!(served as f64 <= 1.1 * SIZE as f64, "{served} bytes of {SIZE}");
    let asked: Vec<_> = server.seen().iter().filter_map(|request| request.range.clone()).collect();
    assert!(asked.len() == 2 && asked.iter().all(|(from, etag)| *from > 0 && etag == ETAG), "{asked:?}");
}

#[test]
fn a_part_is_continued_in_its_own_folder_only_and_strangers_files_stay() {
    let served = Arc::<AtomicUsize>::default();
    let server = serving(&[2_500_000], Arc::clone(&served));
    let program = Program::new();
    std::fs::write(program.path().join(".viseme-strange.part"), b"not in the journal").unwrap();
    kill_at(&program, begin(&program, &server.url()), 1_500_000);
    assert_eq!(parts(&program).len(), 2);
    std::fs::create_dir(program.path().join("elsewhere")).unwrap();
    program.run(&["tasks", "resume", "t-1", "--out", "elsewhere/result.mp4"]).expect(0);
    assert_eq!(std::fs::read(program.path().join("elsewhere/result.mp4")).unwrap(), video(SIZE));
    // The part in the first folder is of no use to anybody, and was listed; the other one was not.
    assert_eq!(parts(&program), [".viseme-strange.part"]);
    assert!(server.seen().iter().all(|request| request.range.is_none()));
}

#[test]
fn an_interrupted_download_without_a_strong_etag_begins_anew_in_its_part() {
    let server = Scripted::start(|request: &Request, before, base| {
        if !request.path.ends_with("/result.mp4") {
            return kling_script(request, before, base);
        }
        let whole = video(SIZE);
        let head = format!("HTTP/1.1 200 OK\r\netag: W/\"weak\"\r\ncontent-length: {SIZE}\r\n\r\n");
        let sent = if before == 0 { 1_000_000 } else { SIZE };
        let stays = if before == 0 { Duration::from_mins(1) } else { Duration::ZERO };
        Answer::Raw([head.as_bytes(), &whole[..sent]].concat(), stays)
    });
    let program = Program::new();
    kill_at(&program, begin(&program, &server.url()), 500_000);
    assert_eq!(parts(&program).len(), 1);
    program.run(&["tasks", "resume", "t-1", "--out", "result.mp4"]).expect(0);
    assert_eq!(std::fs::read(program.path().join("result.mp4")).unwrap(), video(SIZE));
    assert_eq!(parts(&program), Vec::<String>::new());
}
