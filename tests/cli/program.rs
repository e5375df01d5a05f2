//! Runs the binary.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use viseme::journal::{Intent, Journal};

/// The key of every scripted service; must never show.
pub const KEY: &str = "test-key-never-shown-1234";
/// Nothing that these tests run may take longer.
const PATIENCE: Duration = Duration::from_mins(4);

/// A run that came to its end.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// The one JSON object on stdout.
    pub fn json(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "one line of JSON: {self:?}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|err| panic!("{err}: {self:?}"))
    }

    /// Checks the exit code, and what must hold of every run.
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        for text in [&self.stdout, &self.stderr] {
            assert!(!text.contains(KEY), "the key shows: {self:?}");
            assert!(!text.contains('\u{1b}'), "colour without a terminal: {self:?}");
            assert!(!text.contains("panicked"), "{self:?}");
        }
        self
    }
}

/// A program in a folder of its own, with nothing of ours in its environment.
pub struct Program {
    pub folder: TempDir,
    /// Where it keeps what must not be lost, instead of the user's data folder.
    pub data: TempDir,
}

impl Program {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), data: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_viseme"));
        command.args(arguments);
        self.set_up(&mut command);
        command
    }

    /// Gives a command the program's folders and key, and nothing else of ours.
    pub fn set_up(&self, command: &mut Command) {
        command.current_dir(self.path()).env("VISEME_KEY", KEY);
        command.env("VISEME_DATA_DIR", self.data.path());
        // Nor the keychain of whoever runs this.
        command.env("VISEME_KEYCHAIN", "off");
        // Not the services of whoever runs this.
        command.env("XDG_CONFIG_HOME", self.path().join("config"));
        for name in [
            "VISEME_ACCESS_KEY",
            "VISEME_SECRET_KEY",
            "VISEME_LOG",
            "VISEME_CA_FILE",
            "http_proxy",
            "HTTP_PROXY",
            "https_proxy",
            "HTTPS_PROXY",
            "all_proxy",
            "ALL_PROXY",
        ] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        finish(self.command(arguments))
    }

    /// The file of the journal.
    pub fn journal_file(&self) -> PathBuf {
        self.data.path().join("journal.db")
    }

    /// What the journal has that is not at its end.
    pub fn unfinished(&self) -> Vec<Intent> {
        unfinished(&self.journal_file())
    }

    /// The files of the folder, by name.
    pub fn files(&self) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(self.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// What the journal in this file has that is not at its end.
pub fn unfinished(file: &Path) -> Vec<Intent> {
    Journal::open(file).unwrap().journal.unfinished().unwrap()
}

pub fn finish(mut command: Command) -> Ended {
    ended(command.spawn().unwrap())
}

/// Waits for a child; one that takes too long is killed and fails the test.
pub fn ended(child: Child) -> Ended {
    let id = child.id();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(output) = receiver.recv_timeout(PATIENCE) else {
        signal(id, "KILL");
        panic!("still running after {PATIENCE:?}");
    };
    let Output { status, stdout, stderr } = output.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ended { code: status.code().unwrap_or(-1), stdout: text(stdout), stderr: text(stderr) }
}

/// What a running child has written to stderr so far.
pub struct StderrLog {
    text: Arc<Mutex<String>>,
}

impl StderrLog {
    /// Reads the child's stderr from now on.
    pub fn of(child: &mut Child) -> Self {
        let text = Arc::<Mutex<String>>::default();
        let (shared, stderr) = (Arc::clone(&text), child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let mut text = shared.lock().unwrap();
                text.push_str(&line);
                text.push('\n');
            }
        });
        Self { text }
    }

    pub fn text(&self) -> String {
        self.text.lock().unwrap().clone()
    }
}

/// Sends a signal, by the system's own `kill`.
pub fn signal(process: u32, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Waits until something holds.
pub fn until(what: &str, holds: impl Fn() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The arguments of a run against a scripted service, quick and with nothing local.
pub fn run_arguments(url: &str, dialect: &str) -> Vec<String> {
    let fixed = [
        "run",
        "--profile",
        "kling",
        "--video-url",
        "https://example.org/clip.mp4",
        "--audio-url",
        "https://example.org/voice.mp3",
        "--end",
        "4000",
        "--poll-interval",
        "10ms",
        "--base-url",
        url,
        "--dialect",
        dialect,
    ];
    fixed.map(str::to_owned).to_vec()
}

/// Runs `viseme run` against a scripted service, with further arguments.
pub fn run_against(program: &Program, url: &str, dialect: &str, more: &[&str]) -> Ended {
    let mut arguments = run_arguments(url, dialect);
    arguments.extend(more.iter().map(|&argument| argument.to_owned()));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    program.run(&arguments)
}

/// Whether a file has this extension, by its name.
pub fn is_of(name: &str, extension: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|of| of == extension)
}
