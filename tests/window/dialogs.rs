//! The system's file dialog where it hangs, through the accessibility tree: nothing is held up by it, and it is said.

#![cfg(target_os = "linux")]

use std::os::unix::net::UnixListener;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::Desk;
use egui_kittest::kittest::Queryable as _;

/// Set for the process whose desktop does not answer.
const WITHIN: &str = "VISEME_TEST_DEAD_DESKTOP";

#[test]
fn a_dialog_that_hangs_is_reported_and_replaced_by_the_next() {
    // The address of the desktop's services is read from the environment, which only a new process can be given.
    if std::env::var_os(WITHIN).is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bus");
        // Whoever connects waits for ever.
        let _bus = UnixListener::bind(&path).unwrap();
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "dialogs::a_dialog_that_hangs_is_reported_and_replaced_by_the_next"])
            .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", path.display()))
            .env(WITHIN, "1")
            .status();
        assert!(status.unwrap().success());
        return;
    }
    let mut desk = Desk::open();
    desk.ready();
    let browse = |desk: &mut Desk| {
        desk.harness.get_by_label("Browse for a clip…").click();
        desk.harness.run_steps(4);
    };
    browse(&mut desk);
    assert!(!desk.has("The system's dialog"), "it may take its time");
    browse(&mut desk);
    assert!(desk.has("The system's dialog is open. If it does not show, type the path, or drop the file"));
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(3_200) {
        std::thread::sleep(Duration::from_millis(50));
        desk.harness.step();
    }
    browse(&mut desk);
    assert!(desk.has("The system's dialog did not respond: type the path, or drop the file"));
    browse(&mut desk);
    assert!(desk.has("The system's dialog is open"), "it was asked for once more");
}
