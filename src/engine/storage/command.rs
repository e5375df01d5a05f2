//! A program that puts a file somewhere and prints its address. Started with its arguments as they are, never through a shell, and without our variables: a key
//! is none of its business.

use std::ffi::OsString;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, sleep};
use std::time::Duration;

use tokio::task::spawn_blocking;

use crate::engine::words;
use crate::model::{Problem, ProblemKind, StorageCommand, inert};
use crate::secrets;

/// How often it is looked whether the program has ended.
const TICK: Duration = Duration::from_millis(10);
/// How much of what it prints is kept, in bytes: the last of it.
const MOST_BYTES: usize = 64 * 1024;
/// How much of what it says of an error is told, in characters.
const MOST_WORDS: usize = 400;
/// What the names of our own variables begin with.
const OWN_VARIABLES: &str = "VISEME_";

/// Kills the program when it is dropped: a cancelled upload leaves no process behind.
struct StopsProgram(Arc<AtomicBool>);

impl Drop for StopsProgram {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// The address that the program prints for a file: the last line of its output that is one. Dropping the future stops the program.
///
/// # Errors
/// [`ProblemKind::Usage`]: there is no such program. [`ProblemKind::File`]: it failed, or printed no address.
pub async fn address_of(command: StorageCommand, path: &Path) -> Result<String, Problem> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let Some(text) = path.to_str().map(str::to_owned) else {
        return Err(Problem::new(ProblemKind::File, words::storage_path_unusable(path.display())));
    };
    let stopped = Arc::new(AtomicBool::new(false));
    let _stops = StopsProgram(Arc::clone(&stopped));
    let ran = spawn_blocking(move || run(&command, &text, &stopped)).await;
    ran.unwrap_or_else(|err| Err(Problem::new(ProblemKind::Internal, err.to_string())))
}

fn run(command: &StorageCommand, path: &str, stopped: &AtomicBool) -> Result<String, Problem> {
    let program = &command.program;
    let failed = |why: &str| {
        let why = secrets::shown(&inert(why));
        Problem::new(ProblemKind::File, words::storage_command_failed(program, why))
            .with_hint(words::storage_command_hint())
    };
    let mut started = Command::new(program);
    started.args(command.arguments_for(path)).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in own_variables() {
        started.env_remove(name);
    }
    #[cfg(windows)]
    // Without a window of its own.
    std::os::windows::process::CommandExt::creation_flags(&mut started, 0x0800_0000);
    let mut child = match started.spawn() {
        Ok(child) => child,
        Err(err) if err.kind() == ErrorKind::NotFound => {
            let words = words::storage_program_missing(program);
            return Err(Problem::new(ProblemKind::Usage, words).with_hint(words::storage_command_hint()));
        }
        Err(err) => return Err(failed(&err.to_string())),
    };
    // Read beside each other: a program whose output nobody takes stops at it.
    let (out, said) = (child.stdout.take().map(reader), child.stderr.take().map(reader));
    let ended = wait(&mut child, stopped);
    if !matches!(ended, Ok(Some(_))) {
        // It may have ended by itself. What it has started may hold its output: that is not waited for.
        let _ = child.kill();
        let _ = child.wait();
        return match ended {
            Err(err) => Err(failed(&err.to_string())),
            _ => Err(Problem::new(ProblemKind::Cancelled, words::storage_command_stopped(program))),
        };
    }
    let text = |reading: Option<thread::JoinHandle<Vec<u8>>>| {
        let bytes = reading.and_then(|reading| reading.join().ok()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let (out, said) = (text(out), text(said));
    if !matches!(ended, Ok(Some(true))) {
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let said: String = said.chars().take(MOST_WORDS).collect();
        return Err(failed(&if said.is_empty() { words::part_without_words() } else { said }));
    }
    let is_address = |line: &&str| line.starts_with("https://") || line.starts_with("http://");
    let address = out.lines().map(str::trim).rfind(is_address);
    address.map(str::to_owned).ok_or_else(|| failed(&words::part_no_address()))
}

fn own_variables() -> impl Iterator<Item = OsString> {
    let names = std::env::vars_os().map(|(name, _)| name);
    names.filter(|name| name.to_string_lossy().to_ascii_uppercase().starts_with(OWN_VARIABLES))
}

/// Whether it succeeded; `None`: nobody waits for it any more.
fn wait(child: &mut Child, stopped: &AtomicBool) -> io::Result<Option<bool>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.success()));
        }
        if stopped.load(Ordering::SeqCst) {
            return Ok(None);
        }
        sleep(TICK);
    }
}

/// Reads to the end, on a thread, and keeps the last of it.
fn reader(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let (mut kept, mut piece) = (Vec::new(), vec![0; 8 * 1024]);
        while let Ok(count @ 1..) = from.read(&mut piece) {
            kept.extend_from_slice(&piece[..count]);
            if kept.len() > 2 * MOST_BYTES {
                kept.drain(..kept.len() - MOST_BYTES);
            }
        }
        kept
    })
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// A program of this script, and a file for it.
    fn program(script: &str) -> (tempfile::TempDir, StorageCommand, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("put");
        std::fs::write(&program, format!("#!/bin/sh\n{script}")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let file = folder.path().join("my $(clip); x.mp4");
        std::fs::write(&file, b"clip").unwrap();
        let program = program.to_string_lossy().into_owned();
        (folder, StorageCommand { program, arguments: vec!["--to".into(), "{file}".into()] }, file)
    }

    #[tokio::test]
    async fn the_last_address_that_it_prints_is_taken_and_no_shell_reads_the_path() {
        let (folder, command, file) = program(
            "echo http://first.example\nprintf '%s' \"$2\" > \"$(dirname \"$0\")/seen\"\necho ' https://b.example/x?sig=1 '\necho done",
        );
        assert_eq!(address_of(command, &file).await.unwrap(), "https://b.example/x?sig=1");
        assert_eq!(std::fs::read_to_string(folder.path().join("seen")).unwrap(), file.to_string_lossy());
    }

    #[tokio::test]
    async fn a_program_that_fails_or_prints_no_address_is_told_with_its_words() {
        for (script, words) in [
            ("echo 'no such remote' >&2\nexit 3", "no such remote"),
            ("exit 3", "without a word"),
            ("echo all fine", "no address"),
        ] {
            let (_folder, command, file) = program(script);
            let problem = address_of(command, &file).await.unwrap_err();
            assert!(problem.kind == ProblemKind::File && problem.message.contains(words), "{problem}");
        }
        let missing = StorageCommand { program: "no-such-program-here".into(), arguments: Vec::new() };
        assert_eq!(address_of(missing, Path::new("/x")).await.unwrap_err().kind, ProblemKind::Usage);
    }

    #[tokio::test]
    async fn a_program_that_nobody_waits_for_is_stopped() {
        let (folder, command, file) =
            program("d=$(dirname \"$0\")\necho $$ > \"$d/pid.part\"\nmv \"$d/pid.part\" \"$d/pid\"\nexec sleep 600");
        let waiting = tokio::spawn(async move { address_of(command, &file).await });
        let pid = folder.path().join("pid");
        while !pid.exists() {
            tokio::task::yield_now().await;
        }
        waiting.abort();
        let _ = waiting.await;
        let running = std::path::PathBuf::from(format!("/proc/{}", std::fs::read_to_string(pid).unwrap().trim()));
        while running.exists() {
            sleep(TICK);
        }
    }

    /// The variables of the process, printed as an address.
    #[tokio::test]
    async fn the_storage_command_gets_no_key() {
        let script = "echo \"https://x.example/$(env | grep -c '^VISEME_')\"";
        if std::env::vars_os().any(|(name, _)| name == "VISEME_KEY") {
            let (_folder, command, file) = program(script);
            assert_eq!(address_of(command, &file).await.unwrap(), "https://x.example/0");
            return;
        }
        // In a process of its own that has one.
        let itself = std::env::current_exe().unwrap();
        let name = "engine::storage::command::tests::the_storage_command_gets_no_key";
        let ended =
            Command::new(itself).args(["--exact", name]).env("VISEME_KEY", "sk-canary-0123456").output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
    }
}
