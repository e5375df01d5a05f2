//! `viseme run`: the whole job.

use std::path::PathBuf;

use super::args::{Global, Run};
use super::console::Console;
use super::drive::{Drive, Stop};
use super::faces::Wish;
use super::files::{as_name, check_writable};
use super::{Failed, connect, report};
use crate::model::placement::{Placement, PlacementFacts, Wanted, check_placement};
use crate::model::rule::first_broken;
use crate::model::{ClipSource, Problem, ProblemKind, VoiceSource};
use crate::workflow::{Details, PersonEvent, Stage, is_http};

/// What is to be done, checked.
#[derive(Clone, Debug)]
pub struct Job {
    /// The clip.
    pub source: Option<ClipSource>,
    /// The voice.
    pub voice: Option<VoiceSource>,
    /// The face.
    pub face: Wish,
    /// What of the placement is fixed.
    pub wanted: Wanted,
    /// Volume of the voice.
    pub sound_volume: Option<f64>,
    /// Volume of the clip's own sound.
    pub original_audio_volume: Option<f64>,
    /// The rest of a create.
    pub details: Details,
    /// Where the result goes; `None`: a fresh name in the current directory.
    pub out: Option<PathBuf>,
    /// Whether the voice is sent as WAV.
    pub as_wav: bool,
    /// Whether to leave once the task is accepted.
    pub no_wait: bool,
    /// Whether a broken rule is no reason not to send.
    pub send_anyway: bool,
}

/// Runs the command; answers the exit code.
pub async fn run(args: Run, global: &Global, console: &Console) -> Result<u8, Failed> {
    let profile = connect::profile(global)?;
    let (timeout, poll_interval) = (args.timeout, args.poll_interval);
    let job = checked(args)?;
    if !job.no_wait {
        check_writable(job.out.as_deref().unwrap_or_else(|| "viseme.mp4".as_ref()))?;
    }
    let mut drive = Drive::connect(global, profile, console, |setup| {
        connect::set_patience(setup, timeout, poll_interval, console);
        setup.load_previews = false;
    })
    .await?;
    let outcome = carry_out(&mut drive, &job).await;
    Ok(drive.end(outcome).await)
}

/// What can be told wrong before anything is opened or asked.
fn checked(args: Run) -> Result<Job, Problem> {
    let voice = args.voice.chosen();
    if let (Some(VoiceSource::Url(_) | VoiceSource::AudioId(_)), None) = (&voice, args.end) {
        return Err(Problem::new(
            ProblemKind::Usage,
            "The length of a voice at an address or by an id is not known here, so --end must be given",
        )
        .with_hint("Give --end MS: the time in the voice at which it is to stop, in milliseconds"));
    }
    if args.external_task_id.as_ref().is_some_and(|id| id.trim().is_empty()) {
        return Err(
            Problem::new(ProblemKind::Usage, "--external-task-id is empty").with_hint("Leave it out for a fresh one")
        );
    }
    if let Some(address) = args.callback_url.as_deref().filter(|address| !args.send_anyway && !is_http(address)) {
        return Err(Problem::new(ProblemKind::Usage, format!("--callback-url \"{address}\" is no address"))
            .with_hint("An address begins with http:// or https://"));
    }
    Ok(Job {
        source: args.source.chosen(),
        voice,
        face: args.face.map_or(Wish::Only, Wish::Named),
        wanted: Wanted { start_ms: args.start, end_ms: args.end, insert_ms: args.insert },
        sound_volume: args.volume,
        original_audio_volume: args.original_volume,
        details: Details { external_task_id: args.external_task_id, callback_url: args.callback_url, watermark: None },
        out: args.out,
        as_wav: args.as_wav,
        no_wait: args.no_wait,
        send_anyway: args.send_anyway,
    })
}

/// The whole job, on a service that is connected.
pub async fn carry_out(drive: &mut Drive<'_>, job: &Job) -> Result<(), Stop> {
    drive.engine.dispatch(PersonEvent::SetClip(job.source.clone()));
    drive.engine.dispatch(PersonEvent::SetVoice(job.voice.clone()));
    drive.engine.dispatch(PersonEvent::Want(job.wanted));
    let (sound_volume, original_audio_volume) = (job.sound_volume, job.original_audio_volume);
    drive.engine.dispatch(PersonEvent::SetVolumes { sound_volume, original_audio_volume });
    drive.engine.dispatch(PersonEvent::SetDetails(job.details.clone()));
    if job.as_wav {
        drive.engine.dispatch(PersonEvent::SendVoiceAsWav);
    }
    drive.look(job.send_anyway).await?;
    if job.send_anyway {
        warn_of_voice(drive, job)?;
    } else {
        check_voice(drive, job)?;
    }
    drive.identify(job.send_anyway).await?;
    drive.choose(&job.face)?;
    drive.submit(job.send_anyway).await?;
    if job.no_wait {
        drive.engine.dispatch(PersonEvent::Pause);
        return left(drive);
    }
    drive.follow().await?;
    let name = report::external_task_id(drive.flow()).unwrap_or("result").to_owned();
    drive.save(job.out.as_deref(), &file_stem(&name)).await?;
    print_paths(drive)
}

/// What is already wrong with voice and placement is said before identify, which costs a little.
fn check_voice(drive: &Drive<'_>, job: &Job) -> Result<(), Problem> {
    let desk = &drive.flow().desk;
    if let Some(problem) = desk.voice_probe.problem() {
        return Err(problem.clone());
    }
    if let Some(report) = first_broken(&desk.voice_rules) {
        return Err(Problem::of_rule(report));
    }
    let facts = PlacementFacts {
        voice_ms: desk.voice_probe.known().map(|voice| voice.duration_ms),
        clip_ms: desk.clip_probe.known().map(|clip| clip.duration_ms),
        ..PlacementFacts::default()
    };
    let proposed = Placement::propose(&facts, job.wanted)
        .map_err(|err| Problem::new(ProblemKind::Usage, err.to_string()).with_hint("Give --end MS"))?;
    let (sound_volume, original_audio_volume) = (job.sound_volume, job.original_audio_volume);
    let placement = Placement { sound_volume, original_audio_volume, ..proposed };
    match first_broken(&check_placement(&placement, &facts)) {
        Some(report) => Err(Problem::of_rule(report)),
        None => Ok(()),
    }
}

/// Sending anyway is for what a service may judge: a file that is not there cannot be sent at all.
fn warn_of_voice(drive: &Drive<'_>, job: &Job) -> Result<(), Problem> {
    let Some(problem) = drive.flow().desk.voice_probe.problem() else { return Ok(()) };
    if let Some(VoiceSource::File(path)) = &job.voice
        && !path.is_file()
    {
        return Err(problem.clone());
    }
    drive.console.say(&format!("warning: {problem}"));
    Ok(())
}

fn left(drive: &Drive<'_>) -> Result<(), Stop> {
    if drive.has_own_sandbox() {
        drive.console.say(
            "note: the sandbox was started for this command and ends with it now, and the task with it. \
             Start `viseme sandbox` and give its address with --base-url for tasks that outlive a command",
        );
    }
    let task_id = report::task_id(drive.flow()).unwrap_or_default();
    print(drive, task_id)
}

/// The default name of a result, without its extension.
pub fn file_stem(external_task_id: &str) -> String {
    let name = as_name(external_task_id);
    if name.starts_with("viseme") { name } else { format!("viseme-{name}") }
}

/// Prints where each saved video is.
pub fn print_paths(drive: &Drive<'_>) -> Result<(), Stop> {
    if let Stage::Done(done) = &drive.flow().stage {
        for download in &done.downloads {
            if let crate::workflow::Download::Saved { path, .. } = download {
                print(drive, &path.display().to_string())?;
            }
        }
    }
    Ok(())
}

/// A line of result.
pub fn print(drive: &Drive<'_>, line: &str) -> Result<(), Stop> {
    let written = drive.console.result(line);
    written.map_err(|err| Problem::new(ProblemKind::File, format!("stdout cannot be written: {err}")).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_named_after_its_task_once() {
        assert_eq!(file_stem("viseme-00ff"), "viseme-00ff");
        assert_eq!(file_stem("my/task"), "viseme-my_task");
    }
}
