//! Files and folders opened in the program made for them. That program is a stranger: no key of our environment is passed on to it.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::engine::KEY_VARIABLES;

/// How long a program that opens it is watched for a failure: what starts others has ended by then.
const WATCHED: Duration = Duration::from_secs(2);

/// Opens a file or folder, by the first way of the system that works. Blocks for up to two seconds for each.
///
/// # Errors
/// None of them works.
pub fn open(path: &Path) -> io::Result<()> {
    let mut outcome = Err(ErrorKind::NotFound.into());
    for mut command in open::commands(path) {
        without_keys(&mut command);
        outcome = run(&mut command);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

fn without_keys(command: &mut Command) {
    for variable in KEY_VARIABLES {
        command.env_remove(variable);
    }
}

fn run(command: &mut Command) -> io::Result<()> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // It outlives this process, and does not end with a Ctrl-C in its terminal.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let mut child = command.spawn()?;
    let since = Instant::now();
    while since.elapsed() < WATCHED {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(io::Error::other(status.to_string())),
            None => sleep(Duration::from_millis(20)),
        }
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn an_opened_program_gets_no_key() {
        let shell = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            for variable in KEY_VARIABLES {
                command.env(variable, "sk-secret-0123456789");
            }
            command
        };
        let finds_a_key = r#"test -n "$VISEME_KEY$VISEME_ACCESS_KEY$VISEME_SECRET_KEY""#;
        assert!(run(&mut shell(finds_a_key)).is_ok(), "without the removal it would");
        let mut command = shell(finds_a_key);
        without_keys(&mut command);
        assert!(run(&mut command).is_err());
    }
}
