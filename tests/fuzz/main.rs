//! Bytes of strangers, made wrong from a seed: answers, MP4, pictures, sound, cURL commands. Whatever they are, what reads them ends with a
//! value or an error in words, in bounded time.
//!
//! The corpora are `tests/fuzz/corpus` and `tests/media/streams`. Here each target has a fixed number of seeds; `.ci/check` goes on for some
//! seconds each. `VISEME_FUZZ=SEED cargo test --test fuzz TARGET` is one seed again, and leaves its bytes in the folder for temporary files.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by a panic, and says what it did"
)]

#[path = "../lives/chance.rs"]
mod chance;
mod mutate;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chance::Chance;
use mutate::mutated;
use viseme::media::{ClipReader, Job, Movie, clip_sound, probe_clip, probe_voice, read_voice, wholeness};
use viseme::model::Purse;
use viseme::service::read_preview;
use viseme::wire::answer::{self, Reply};
use viseme::wire::curl;

/// Longest that reading may take, in milliseconds: more is taken for an endless loop.
const PATIENCE: Duration = Duration::from_secs(20);
/// Most pictures of a clip that are decoded.
const PICTURES: usize = 8;

/// What reads strangers' bytes.
struct Target {
    name: &'static str,
    corpus: &'static [&'static str],
    /// The endings of the files that belong to it.
    endings: &'static [&'static str],
    words: &'static [&'static [u8]],
    /// How many seeds each run of the tests has.
    seeds: u64,
    read: fn(&[u8], &Path),
}

const TARGETS: [Target; 5] = [
    Target {
        name: "answers",
        corpus: &["tests/fuzz/corpus/answers"],
        endings: &["json", "html"],
        words: &[
            b"\"task_id\":",
            b"null",
            b"1e999",
            b"-1",
            b"[[[[",
            b"{\"data\":",
            b"\\u202e",
            b"\\\"",
            b"\"code\":1303,",
        ],
        seeds: 3_000,
        read: answers,
    },
    Target {
        name: "mp4",
        corpus: &["tests/media/streams"],
        endings: &["mp4", "mov"],
        words: &[b"moov", b"mdat", b"stts", b"stsz", b"stco", b"co64", b"avcC", b"moof", b"trun", b"elst"],
        seeds: 150,
        read: mp4,
    },
    Target {
        name: "image",
        corpus: &["tests/fuzz/corpus/image"],
        endings: &["png", "jpg", "webp"],
        words: &[b"IHDR", b"IDAT", b"iCCP", b"\xFF\xDB", b"\xFF\xC4", b"VP8X", b"ANIM", b"RIFF"],
        seeds: 2_000,
        read: |bytes, _| drop(read_preview(bytes.to_vec())),
    },
    Target {
        name: "sound",
        corpus: &["tests/media/streams"],
        endings: &["aac", "flac", "m4a", "mp3", "ogg", "opus"],
        words: &[b"fLaC", b"OggS", b"OpusHead", b"ID3", b"\xFF\xFB", b"\xFF\xF1", b"RIFF", b"data", b"esds"],
        seeds: 150,
        read: sound,
    },
    Target {
        name: "curl",
        corpus: &["tests/fuzz/corpus/curl"],
        endings: &["sh", "cmd"],
        words: &[b"'", b"\"", b"\\\n", b"$'", b"^", b"--data-binary @", b"-H", b"-u", b"$(", b"\xFF", b"\0"],
        seeds: 3_000,
        read: |bytes, _| {
            let text = String::from_utf8_lossy(bytes);
            if curl::is_curl(&text) {
                drop(curl::understand(&text));
            }
        },
    },
];

fn answers(bytes: &[u8], _: &Path) {
    for http_status in [200, 302, 400, 429, 502] {
        let reply = Reply::new(http_status, bytes);
        let _ = answer::read_create(&reply);
        let _ = answer::read_identify(&reply, 0);
        let _ = answer::read_task(&reply, "t-1");
        let _ = answer::read_task_by_name(&reply);
        let _ = answer::read_list(&reply);
        let _ = answer::read_upload(&reply);
        let _ = answer::read_packages(&reply);
        let _ = answer::read_speech(&reply);
        let _ = answer::read_deductions(&reply, Purse::Balance);
    }
}

fn mp4(bytes: &[u8], file: &Path) {
    fs::write(file, bytes).unwrap();
    let _ = wholeness(file);
    let _ = probe_clip(file);
    if let Ok(mut reader) = ClipReader::open(file) {
        for _ in 0..PICTURES {
            if !matches!(reader.next_frame(), Ok(Some(_))) {
                break;
            }
        }
    }
    if let Ok(movie) = Movie::open(file) {
        let _ = clip_sound(&movie, &Job::new());
    }
}

fn sound(bytes: &[u8], file: &Path) {
    fs::write(file, bytes).unwrap();
    let _ = probe_voice(file, &Job::new());
    let _ = read_voice(file, &Job::new());
}

fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = target
        .corpus
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| target.endings.contains(&ending.to_str().unwrap())))
        .collect();
    // Folders are listed in any order.
    files.sort();
    assert!(files.len() >= 4, "{}: {files:?}", target.name);
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Reads the bytes of a seed. Returns what went wrong.
fn one(target: &Target, corpus: &[Vec<u8>], seed: u64, folder: &Path) -> Result<(), String> {
    let bytes = mutated(&mut Chance::new(seed), corpus, target.words);
    let file = folder.join(format!("{}-{seed}", target.name));
    let began = Instant::now();
    let read = catch_unwind(AssertUnwindSafe(|| (target.read)(&bytes, &file)));
    let _ = fs::remove_file(&file);
    match read {
        Ok(()) if began.elapsed() < PATIENCE => Ok(()),
        Ok(()) => Err(format!("{}: VISEME_FUZZ={seed} took {:?}", target.name, began.elapsed())),
        Err(_) => Err(format!("{}: VISEME_FUZZ={seed} panicked", target.name)),
    }
}

fn run(target: &Target, from: u64, most: u64, until: Option<Instant>) {
    let (corpus, folder) = (corpus(target), tempfile::tempdir().unwrap());
    if let Some(seed) = number("VISEME_FUZZ") {
        let kept = std::env::temp_dir().join(format!("viseme-fuzz-{}-{seed}", target.name));
        fs::write(&kept, mutated(&mut Chance::new(seed), &corpus, target.words)).unwrap();
        println!("the bytes are in {}", kept.display());
        return one(target, &corpus, seed, folder.path()).unwrap();
    }
    // The corpus itself is read, too.
    for bytes in &corpus {
        (target.read)(bytes, &folder.path().join("whole"));
    }
    let mut count = 0;
    for seed in from..from.saturating_add(most) {
        if until.is_some_and(|until| Instant::now() >= until) {
            break;
        }
        one(target, &corpus, seed, folder.path()).unwrap();
        count += 1;
    }
    println!("{}: {count} seeds from {from}", target.name);
    assert!(count > 0, "{}: nothing was read", target.name);
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.trim().parse().ok()
}

fn target(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    run(target, 0, target.seeds, None);
}

#[test]
fn answers_of_strangers() {
    target("answers");
}

#[test]
fn mp4_of_strangers() {
    target("mp4");
}

#[test]
fn image_of_strangers() {
    target("image");
}

#[test]
fn sound_of_strangers() {
    target("sound");
}

#[test]
fn curl_of_strangers() {
    target("curl");
}

/// For `.ci/check`: further seeds for some seconds each.
#[test]
#[ignore = "takes half a minute"]
fn every_target_for_some_seconds() {
    let seconds = number("VISEME_SECONDS").unwrap_or(6);
    for target in &TARGETS {
        let until = Instant::now() + Duration::from_secs(seconds);
        run(target, number("VISEME_FROM").unwrap_or(1_000_000), u64::MAX / 2, Some(until));
    }
}
