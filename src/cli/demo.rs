//! `viseme demo`: the whole job on the bundled clip.

use std::fs;
use std::path::{Path, PathBuf};

use super::args::{DemoArgs, ServiceArgs};
use super::console::Console;
use super::faces::FaceChoice;
use super::files::check_writable;
use super::run::{Job, run_job};
use super::runner::Runner;
use super::{Failed, connect, words};
use crate::files::free_path;
use crate::model::placement::Wanted;
use crate::model::{ClipSource, Problem, ProblemKind, VoiceSource};
use crate::workflow::Details;

/// Two faces, 9 s (see `assets/README.md`).
const CLIP: &[u8] = include_bytes!("../../assets/demo/duo.mp4");
/// 8.3 s of speech.
const VOICE: &[u8] = include_bytes!("../../assets/demo/voice.mp3");

/// A folder for the demo's inputs, removed with it.
struct Unpacked(PathBuf);

impl Unpacked {
    fn new() -> std::io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("viseme-demo-{:016x}", getrandom::u64().unwrap_or_default()));
        fs::create_dir(&folder)?;
        let unpacked = Self(folder);
        fs::write(unpacked.clip(), CLIP)?;
        fs::write(unpacked.voice(), VOICE)?;
        Ok(unpacked)
    }

    fn clip(&self) -> PathBuf {
        self.0.join("duo.mp4")
    }

    fn voice(&self) -> PathBuf {
        self.0.join("voice.mp3")
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs the command; returns the exit code.
pub async fn run(args: DemoArgs, service: &ServiceArgs, console: &Console) -> Result<u8, Failed> {
    let profile = connect::profile(service)?;
    let folder = args.out.as_deref().unwrap_or_else(|| Path::new(""));
    if !folder.as_os_str().is_empty() {
        fs::create_dir_all(folder).map_err(|err| {
            Problem::new(ProblemKind::File, words::folder_not_created(&folder.display(), &err))
                .with_hint(words::choose_out_folder())
        })?;
    }
    let out = free_path(&folder.join("duo lip-sync.mp4"));
    check_writable(&out)?;
    let unpacked = Unpacked::new().map_err(|err| {
        Problem::new(ProblemKind::File, words::demo_not_unpacked(&std::env::temp_dir().display(), &err))
            .with_hint(words::set_tmpdir())
    })?;
    console.say(&words::demo());
    let job = Job {
        source: Some(ClipSource::File(unpacked.clip())),
        voice: Some(VoiceSource::File(unpacked.voice())),
        face: FaceChoice::First,
        wanted: Wanted::default(),
        sound_volume: None,
        original_audio_volume: None,
        details: Details::default(),
        out: Some(out),
        replaces: false,
        as_wav: false,
        no_wait: false,
        send_anyway: false,
    };
    let mut runner = Runner::connect(service, profile, console, |setup| setup.load_previews = false).await?;
    let outcome = run_job(&mut runner, &job).await;
    Ok(runner.end(outcome).await)
}
