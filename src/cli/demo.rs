//! `viseme demo`: the whole job on the bundled clip.

use std::fs;
use std::path::Path;

use super::args::{DemoArgs, JournalArgs, ServiceArgs};
use super::console::Console;
use super::faces::FaceChoice;
use super::files::check_writable;
use super::run::{Job, run_job};
use super::runner::Runner;
use super::{Failed, connect, words};
use crate::engine::Demo;
use crate::files::{IfExists, RunFolder, free_path};
use crate::model::placement::Wanted;
use crate::model::{ClipSource, Problem, ProblemKind, VoiceSource};
use crate::workflow::Details;

/// Runs the command; returns the exit code.
pub async fn run(
    args: DemoArgs,
    service: &ServiceArgs,
    journal: &JournalArgs,
    console: &Console,
) -> Result<u8, Failed> {
    let profile = connect::profile(service)?;
    let folder = args.out.as_deref().unwrap_or_else(|| Path::new(""));
    if !folder.as_os_str().is_empty() {
        fs::create_dir_all(folder).map_err(|err| {
            Problem::new(ProblemKind::File, words::folder_not_created(folder.display(), &err))
                .with_hint(words::choose_out_folder())
        })?;
    }
    let out = free_path(&folder.join("duo lip-sync.mp4"));
    check_writable(&out)?;
    let folder = RunFolder::create(&std::env::temp_dir(), "viseme-demo-");
    // The folder is removed with its guard.
    let (demo, _folder) = folder.and_then(|folder| Ok((Demo::unpack(folder.path())?, folder))).map_err(|err| {
        Problem::new(ProblemKind::File, words::demo_not_unpacked(std::env::temp_dir().display(), &err))
            .with_hint(words::set_tmpdir())
    })?;
    console.say(&words::demo());
    let job = Job {
        source: Some(ClipSource::File(demo.clip)),
        voice: Some(VoiceSource::File(demo.voice)),
        face: FaceChoice::First,
        wanted: Wanted::default(),
        sound_volume: None,
        original_audio_volume: None,
        mouth_box: None,
        details: Details::default(),
        out: Some(out),
        if_exists: IfExists::TakeFreeName,
        as_wav: false,
        no_wait: false,
        send_anyway: false,
    };
    let mut runner =
        Runner::connect(service, profile, journal, true, console, |setup| setup.load_previews = false).await?;
    let outcome = run_job(&mut runner, &job).await;
    Ok(runner.end(outcome).await)
}
