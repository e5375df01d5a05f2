//! `viseme demo`: the whole job on the bundled clip.

use std::fs;
use std::path::{Path, PathBuf};

use super::args::{Demo, Global};
use super::console::Console;
use super::drive::Drive;
use super::faces::Wish;
use super::files::{check_writable, fresh_name};
use super::run::{Job, carry_out};
use super::{Failed, connect};
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

/// Runs the command; answers the exit code.
pub async fn run(args: Demo, global: &Global, console: &Console) -> Result<u8, Failed> {
    let profile = connect::profile(global)?;
    let folder = args.out.as_deref().unwrap_or_else(|| Path::new(""));
    if !folder.as_os_str().is_empty() {
        fs::create_dir_all(folder).map_err(|err| {
            Problem::new(ProblemKind::File, format!("The folder {} cannot be made: {err}", folder.display()))
                .with_hint("Choose another with --out")
        })?;
    }
    let out = fresh_name(folder, "viseme-demo", "mp4");
    check_writable(&out)?;
    let unpacked = Unpacked::new().map_err(|err| {
        Problem::new(
            ProblemKind::File,
            format!("The demo cannot be unpacked to {}: {err}", std::env::temp_dir().display()),
        )
        .with_hint("Set TMPDIR to a folder that can be written")
    })?;
    console.say("The bundled clip has two faces; the first one is made to speak");
    let job = Job {
        source: Some(ClipSource::File(unpacked.clip())),
        voice: Some(VoiceSource::File(unpacked.voice())),
        face: Wish::First,
        wanted: Wanted::default(),
        sound_volume: None,
        original_audio_volume: None,
        details: Details::default(),
        out: Some(out),
        as_wav: false,
        no_wait: false,
        send_anyway: false,
    };
    let mut drive = Drive::connect(global, profile, console, |setup| setup.load_previews = false).await?;
    let outcome = carry_out(&mut drive, &job).await;
    Ok(drive.end(outcome).await)
}
