//! A window that cannot be opened: plain words on stderr and exit code 2, no panic.

use std::process::{Command, Stdio};

fn start(display: Option<&str>) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_viseme"));
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET").env_remove("VISEME_LOG");
    if let Some(display) = display {
        command.env("DISPLAY", display);
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_display_it_says_so_and_what_to_do() {
    for display in [None, Some(":63999")] {
        let (code, words) = start(display);
        assert_eq!(code, Some(2), "{words}");
        assert!(words.contains("the window cannot be opened"), "{words}");
        assert!(words.contains("DISPLAY"), "{words}");
        assert!(!words.contains(".rs:") && !words.contains("panicked") && !words.contains("RUST_BACKTRACE"), "{words}");
    }
}
