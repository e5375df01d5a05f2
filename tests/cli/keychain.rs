//! Keys in a real Secret Service (`gnome-keyring`, on a message bus of the test's own), in a file, and from standard input.
//!
//! Where `gnome-keyring` is not installed the test of the keychain says so and passes, but not in CI.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::program::{Ended, KEY, Program, ended, finish};
use crate::scripted::{Scripted, refusal};

const KEPT: &str = "key-in-the-keychain-0123";

fn service() -> Scripted {
    Scripted::start(|_, _, _| refusal(400, 1201, "Task not found by id/external id"))
}

/// Runs a command, with this on its standard input.
fn with_input(mut command: Command, text: &str) -> Ended {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let ended = ended(child);
    for secret in text.lines() {
        assert!(!ended.stdout.contains(secret) && !ended.stderr.contains(secret), "{ended:?}");
    }
    ended
}

/// The key of the last request.
fn last_key(service: &Scripted) -> String {
    service.seen().last().unwrap().authorization.clone()
}

#[cfg(target_os = "linux")]
mod secret_service {
    use std::io::{BufRead as _, BufReader};
    use std::process::Child;

    use super::*;

    /// A session with a message bus and a keyring of its own, which end with it.
    struct Session {
        child: Child,
        bus: String,
    }

    impl Session {
        /// With the keyring in `folder`, unlocked by its password or locked; `None` where none is installed.
        fn start(folder: &Path, unlocked: bool) -> Option<Self> {
            let start = if unlocked {
                "printf pw | gnome-keyring-daemon --unlock --components=secrets"
            } else {
                "gnome-keyring-daemon --start --components=secrets"
            };
            let script = format!("{start} >&2; echo \"$DBUS_SESSION_BUS_ADDRESS\"; exec cat");
            let is_there = Command::new("gnome-keyring-daemon").arg("--version").stdout(Stdio::null()).status();
            let started = is_there.and_then(|_| {
                Command::new("dbus-run-session")
                    .args(["--", "sh", "-c", &script])
                    .env("HOME", folder)
                    .env("XDG_DATA_HOME", folder)
                    .env("XDG_RUNTIME_DIR", folder)
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::null())
                    .spawn()
            });
            let mut child = match started {
                Ok(child) => child,
                Err(err) if std::env::var_os("CI").is_some() => panic!("gnome-keyring is needed here: {err}"),
                Err(err) => {
                    eprintln!("skipped: gnome-keyring with dbus-run-session cannot be started: {err}");
                    return None;
                }
            };
            let mut bus = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut bus).unwrap();
            assert!(!bus.trim().is_empty(), "the session has a bus");
            Some(Self { child, bus: bus.trim().to_owned() })
        }

        fn command(&self, program: &Program, arguments: &[&str]) -> Command {
            let mut command = program.command(arguments);
            command.env("VISEME_KEYCHAIN", "on").env("DBUS_SESSION_BUS_ADDRESS", &self.bus);
            command
        }
    }

    impl Drop for Session {
        fn drop(&mut self) {
            // What holds the session open ends with its input, and bus and keyring with it.
            drop(self.child.stdin.take());
            let _ = self.child.wait();
        }
    }

    #[test]
    fn a_key_is_kept_in_the_keychain_found_there_and_forgotten_and_a_locked_one_is_absent() {
        let (program, service, folder) = (Program::new(), service(), tempfile::tempdir().unwrap());
        let at = ["--profile", "kling", "--base-url", &service.url()];
        let Some(session) = Session::start(folder.path(), true) else { return };
        let run = |session: &Session, arguments: &[&str]| finish(session.command(&program, &[arguments, &at].concat()));
        let shown = run(&session, &["key", "show"]).expect(0);
        assert!(shown.stdout.contains("from VISEME_KEY"), "nothing is kept yet: {shown:?}");
        let kept = with_input(session.command(&program, &[&["key", "set"], &at[..]].concat()), &format!("{KEPT}\n"));
        assert!(kept.expect(0).stdout.contains("from the keychain"));
        let shown = run(&session, &["key", "show", "--json"]).expect(0);
        assert_eq!(shown.json()["source"], "from the keychain");
        let checked = run(&session, &["check-key"]).expect(0);
        assert!(checked.stderr.contains("comes from the keychain"), "{checked:?}");
        assert_eq!(last_key(&service), format!("Bearer {KEPT}"), "before the one of the environment");
        // It belongs to the origin that it was entered for.
        let other = super::service();
        let arguments = ["check-key", "--profile", "kling", "--base-url", &other.url()];
        finish(session.command(&program, &arguments)).expect(0);
        assert_eq!(last_key(&other), format!("Bearer {KEY}"));
        drop(session);

        let locked = Session::start(folder.path(), false).unwrap();
        run(&locked, &["check-key"]).expect(0);
        assert_eq!(last_key(&service), format!("Bearer {KEY}"), "a locked keychain counts as absent");
        drop(locked);

        let session = Session::start(folder.path(), true).unwrap();
        assert!(run(&session, &["key", "forget"]).expect(0).stdout.contains("is forgotten"));
        assert!(run(&session, &["key", "forget"]).expect(0).stdout.contains("No key for kling is kept"));
        assert!(run(&session, &["key", "show"]).expect(0).stdout.contains("from VISEME_KEY"));
    }
}

#[test]
fn without_a_keychain_a_key_goes_into_a_file_only_after_a_yes() {
    let (program, service) = (Program::new(), service());
    let at = ["--profile", "kling", "--base-url", &service.url()];
    let bare = |arguments: &[&str]| {
        let mut command = program.command(&[arguments, &at].concat());
        command.env_remove("VISEME_KEY");
        command
    };
    let file = program.path().join("config/viseme/keys.json");
    let refused = with_input(bare(&["key", "set"]), "key-for-the-file-0123").expect(2);
    assert!(
        refused.stderr.contains("there is no keychain here") && refused.stderr.contains("--file --yes"),
        "{refused:?}"
    );
    let asked = with_input(bare(&["key", "set", "--file"]), "").expect(2);
    assert!(asked.stderr.contains("every program that you run") && !file.exists(), "{asked:?}");
    let kept = with_input(bare(&["key", "set", "--file", "--yes"]), "key-for-the-file-0123\n").expect(0);
    assert!(kept.stdout.contains("keys.json"), "{kept:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    finish(bare(&["check-key"])).expect(0);
    assert_eq!(last_key(&service), "Bearer key-for-the-file-0123");
    let all = program.run(&["key", "show"]).expect(0);
    assert!(all.stdout.lines().any(|line| line.starts_with("kling\tfrom ")), "every service: {all:?}");
    assert!(!all.stdout.contains("sandbox"), "{all:?}");
    let unnamed = program.run(&["key", "forget"]).expect(2);
    assert!(unnamed.stderr.contains("--profile") && unnamed.stderr.contains("kling"), "{unnamed:?}");
    finish(bare(&["key", "forget"])).expect(0);
    assert!(!file.exists());
    assert!(finish(bare(&["key", "show"])).expect(2).stderr.contains("There is no key for kling"));
}

#[test]
fn a_key_on_standard_input_goes_before_all_others() {
    let (program, service) = (Program::new(), service());
    let arguments = ["check-key", "--key-stdin", "--profile", "kling", "--base-url", &service.url()];
    with_input(program.command(&arguments), "key-of-the-input-0123\n").expect(0);
    assert_eq!(last_key(&service), "Bearer key-of-the-input-0123");
    with_input(program.command(&arguments), "access-of-input\nsecret-of-input\n").expect(0);
    assert_eq!(last_key(&service).matches('.').count(), 2, "a signed token");
    let before = service.seen().len();
    let none = with_input(program.command(&arguments), "").expect(2);
    assert!(none.stderr.contains("Standard input has 0 lines"), "{none:?}");
    let batch = ["batch", "-", "--key-stdin", "--profile", "kling", "--base-url", &service.url()];
    let both = with_input(program.command(&batch), "").expect(2);
    assert!(both.stderr.contains("The rows come from standard input"), "{both:?}");
    assert_eq!(service.seen().len(), before);
}

#[test]
fn a_service_that_is_removed_takes_its_key_along() {
    let program = Program::new();
    let bare = |arguments: &[&str]| {
        let mut command = program.command(arguments);
        command.env_remove("VISEME_KEY");
        command
    };
    program.run(&["profiles", "add", "judge", "--base-url", "https://api.example.com"]).expect(0);
    let set = ["key", "set", "--profile", "judge", "--file", "--yes"];
    with_input(bare(&set), KEPT).expect(0);
    assert!(finish(bare(&["key", "show", "--profile", "judge"])).expect(0).stdout.contains("judge"));
    let kept = finish(bare(&["profiles", "remove", "judge", "--keep-key", "--json"])).expect(0).json();
    assert_eq!(kept["key_removed"], false);
    program.run(&["profiles", "add", "judge", "--base-url", "https://api.example.com"]).expect(0);
    finish(bare(&["key", "show", "--profile", "judge"])).expect(0);
    let removed = finish(bare(&["profiles", "remove", "judge"])).expect(0);
    assert!(removed.stderr.contains("The key for judge is forgotten"), "{removed:?}");
    program.run(&["profiles", "add", "judge", "--base-url", "https://api.example.com"]).expect(0);
    finish(bare(&["key", "show", "--profile", "judge"])).expect(2);
}
