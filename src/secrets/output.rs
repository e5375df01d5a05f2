//! The process's own texts on their way out: the log, and what a panic says.

use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::thread;

use super::shown;

/// Passes on what is written to it, a whole text at a time, as [`shown`].
#[derive(Debug)]
pub struct RedactedWriter<W: Write>(pub W);

impl<W: Write> Write for RedactedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_all(shown(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// From now on a panic's text goes to stderr as [`shown`], in place of the standard library's.
pub fn redact_panics() {
    std::panic::set_hook(Box::new(|info| {
        let _ = writeln!(io::stderr(), "{}", panic_text(info));
    }));
}

fn panic_text(info: &PanicHookInfo<'_>) -> String {
    let thread = thread::current();
    let backtrace = std::backtrace::Backtrace::capture();
    let backtrace = match backtrace.status() {
        std::backtrace::BacktraceStatus::Captured => format!("\n{backtrace}"),
        _ => String::new(),
    };
    shown(&format!("thread '{}' {info}{backtrace}", thread.name().unwrap_or("<unnamed>")))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::super::{MASK, guard};
    use super::*;

    const KEY: &str = "sk-canary-of-panics-0123";

    #[test]
    #[ignore = "a process of its own, started by the test below: it panics"]
    fn says_a_key_and_panics() {
        guard(KEY);
        redact_panics();
        let mut log = RedactedWriter(io::stderr());
        writeln!(log, "logged: {KEY} https://a.b/c?sig=0011aabb").unwrap();
        panic!("panicked: {KEY}");
    }

    #[test]
    fn a_panic_and_the_log_are_redacted() {
        let itself = std::env::current_exe().unwrap();
        let arguments = ["--ignored", "--exact", "secrets::output::tests::says_a_key_and_panics", "--test-threads=1"];
        let ended = Command::new(itself).args(arguments).env("RUST_BACKTRACE", "1").output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(said.contains(&format!("logged: {MASK} https://a.b/c?{MASK}")), "{said}");
        assert!(said.contains(&format!("panicked: {MASK}")), "{said}");
        let all = format!("{said}{}", String::from_utf8_lossy(&ended.stdout));
        assert!(!all.contains(KEY) && !all.contains("0011aabb"), "{all}");
    }
}
