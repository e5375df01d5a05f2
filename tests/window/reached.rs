//! A service that is reached like a real one, by a name that is not of this machine: in the window, from a phone's clip and a text to the saved result.

use std::path::Path;

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use tokio::runtime::Runtime;
use viseme::engine::reach_names_at;
use viseme::media::sound::{CHANNELS, RATE_HZ, write_wav};
use viseme::media::{Sound, probe_clip};
use viseme::model::{ClipSource, KnownName, Profile, VoiceSource};
use viseme::sandbox::{Sandbox, SandboxConfig};

use crate::bucket::Server;
use crate::hostile;
use crate::money::{enter_key, open_keys};
use crate::slow_service::next_step;
use crate::storage::{enter, no_key_is_seen, set_up};
use crate::support::Desk;

const API: &str = "api.window.viseme.test";
const CLIPS: &str = "clips.window.viseme.test";

fn known(name: &str) -> KnownName {
    KnownName { name: name.into(), ip: [127, 0, 0, 1].into() }
}

/// A folder with the program of the system's voice: a recording.
fn voices() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    // As short as the clip.
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/voice.wav");
    let voice = viseme::media::read_voice(&whole, &viseme::media::Job::new()).unwrap();
    let recording = folder.path().join("said.wav");
    write_wav(&recording, &Sound::new(voice.samples()[..RATE_HZ as usize * CHANNELS * 22 / 10].to_vec())).unwrap();
    crate::system_voice::install(folder.path(), &recording);
    folder
}

fn desk_at(base_url: String) -> Desk {
    let kling = Profile::built_in().into_iter().find(|profile| profile.name == "kling").unwrap();
    let profile = Profile { name: "studio".into(), base_url, allow_private: true, poll_interval_ms: 1_000, ..kling };
    let mut desk = Desk::at_services(vec![profile]);
    open_keys(&mut desk);
    enter_key(&mut desk, hostile::KEY);
    desk
}

fn clip(desk: &Desk) -> Option<ClipSource> {
    desk.harness.state().view().flow.desk.clip.clone()
}

#[test]
fn a_phones_clip_and_a_text_become_a_result_of_a_service_elsewhere() {
    reach_names_at(&[known(API), known(CLIPS)]);
    let (runtime, voices, bucket) = (Runtime::new().unwrap(), voices(), Server::start_as(CLIPS));
    let config = SandboxConfig {
        key: Some(hostile::KEY.into()),
        hosts: vec![API.into()],
        known_names: vec![known(CLIPS)],
        programs: Some(voices.path().as_os_str().to_owned()),
        ..SandboxConfig::default()
    };
    let sandbox = runtime.block_on(Sandbox::start(config)).unwrap();
    let port = sandbox.base_url().rsplit(':').next().unwrap();
    let mut desk = desk_at(format!("http://{API}:{port}"));

    // As the phone wrote it, it breaks rules; its cure stands beside it.
    let phone = desk.folder.path().join("phone_4k.mov");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/clips/phone_4k.mov"), &phone).unwrap();
    desk.drop_file(&phone);
    desk.wait("the offer", |desk| desk.is_enabled("Make the clip fit…"));
    desk.button("Make the clip fit…").click();
    desk.harness.run_steps(3);
    desk.button("Make the fitted copy").click();
    let fitted = desk.folder.path().join("phone_4k fitted.mp4");
    desk.wait("the fitted copy", |desk| clip(desk) == Some(ClipSource::File(fitted.clone())));
    desk.wait("the ways out", |desk| desk.has("accepts no video files"));
    set_up(&mut desk, &bucket, CLIPS);
    desk.harness.key_press(Key::Escape);
    desk.harness.run_steps(3);

    desk.harness.get_by_role_and_label(Role::RadioButton, "Voice as: Id").click();
    desk.wait("the way to the dialog", |desk| desk.is_enabled("Speak a text…"));
    desk.button("Speak a text…").click();
    desk.wait("the dialog", |desk| desk.harness.query_by_role_and_label(Role::Dialog, "Speak a text").is_some());
    enter(&mut desk, Role::MultilineTextInput, "Text", "What I say here, a phone has recorded.");
    desk.button("Speak it").click();
    desk.wait("the voice", |desk| desk.has("Spoken, and placed as the voice"));
    assert!(matches!(desk.harness.state().view().flow.desk.voice, Some(VoiceSource::AudioId(_))));
    desk.button("Done").click();
    desk.harness.run_steps(3);

    next_step(&mut desk);
    desk.wait("the face", |desk| desk.has_tile("Face 1"));
    assert_eq!(bucket.objects().into_values().collect::<Vec<_>>(), [std::fs::read(&fitted).unwrap()]);
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    desk.button("Submit").click();
    desk.wait("a saved result", |desk| desk.saved().is_some());
    let result = probe_clip(&desk.saved().unwrap()).unwrap();
    assert_eq!((result.width_px, result.height_px), (1080, 1920), "upright, as it was held");
    assert!(result.audio_codec.is_some(), "the voice is in it");
    no_key_is_seen(&desk);
    assert!(!desk.has(hostile::KEY));
    runtime.block_on(sandbox.shutdown());
}
