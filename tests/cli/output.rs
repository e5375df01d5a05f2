//! What is written, and what happens where it cannot be.

use std::process::Stdio;

use crate::program::{Program, finish};

#[test]
fn profiles_are_a_row_each() {
    let program = Program::new();
    let ended = program.run(&["profiles"]).expect(0);
    let names: Vec<_> = ended.stdout.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(names, ["sandbox", "ezmodel", "kling", "vtrix"]);
    assert!(ended.stdout.contains("https://api.ezmodel.cloud") && ended.stdout.contains("VISEME_SECRET_KEY"));
    let report = program.run(&["--json", "profiles"]).expect(0).json();
    assert_eq!(report["profiles"].as_array().unwrap().len(), 4);
    assert_eq!(report["problem"], serde_json::Value::Null);
}

#[test]
fn help_and_version_go_to_stdout() {
    let program = Program::new();
    for command in ["demo", "identify", "run", "task", "sandbox", "profiles"] {
        assert!(program.run(&["--help"]).expect(0).stdout.contains(command));
        let help = program.run(&["help", command]).expect(0);
        assert!(help.stdout.contains("--profile") && help.stderr.is_empty(), "{help:?}");
    }
    assert!(program.run(&["--version"]).expect(0).stdout.starts_with("viseme "));
}

#[cfg(unix)]
#[test]
fn a_reader_that_is_gone_is_no_crash() {
    let program = Program::new();
    for arguments in [&["profiles"][..], &["--help"][..], &["profiles", "--json"][..], &["frobnicate", "--json"][..]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = program.command(arguments);
        command.stdout(writer);
        let ended = finish(command);
        assert!(ended.code == 0 || (ended.code == 2 && arguments[0] == "frobnicate"), "{arguments:?}: {ended:?}");
        assert!(!ended.stderr.contains("panicked"), "{ended:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_stdout_is_an_error() {
    let program = Program::new();
    let mut command = program.command(&["profiles", "--json"]);
    command.stdout(Stdio::from(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap()));
    let ended = finish(command).expect(2);
    assert!(ended.stderr.contains("stdout cannot be written"), "{ended:?}");
}
