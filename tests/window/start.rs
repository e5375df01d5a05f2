//! How the window is opened: with files, and where it cannot be opened, with plain words on stderr and exit code 2, no panic.

use std::path::Path;
use std::process::{Command, Stdio};

use egui_kittest::Harness;
use viseme::app::{Options, Window};
use viseme::model::{ClipSource, VoiceSource};

fn start(display: Option<&str>) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_viseme"));
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET").env_remove("VISEME_LOG");
    command.env("VISEME_KEYCHAIN", "off");
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

#[test]
fn files_given_at_the_start_become_clip_and_voice_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo").join(name);
    let options = Options {
        files: vec![file("voice.mp3"), file("duo.mp4")],
        downloads: Some(folder.path().join("results")),
        demo_folder: Some(folder.path().join("demo")),
        sound: viseme::playback::sound::Choice::Off,
        desktop: viseme::app::platform::desktop::Choice::Off,
        ..Options::default()
    };
    let harness = Harness::builder().build_eframe(|cc| Window::new(cc, options).expect("a window"));
    let desk = &harness.state().view().flow.desk;
    assert_eq!(desk.clip, Some(ClipSource::File(file("duo.mp4"))));
    assert_eq!(desk.voice, Some(VoiceSource::File(file("voice.mp3"))));
}
