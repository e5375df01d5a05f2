//! `viseme run`: the whole job.

use std::path::PathBuf;
use std::time::Duration;

use super::args::{JournalArgs, RunArgs, ServiceArgs};
use super::console::Console;
use super::faces::FaceChoice;
use super::files::check_writable;
use super::runner::Runner;
use super::stop::Stop;
use super::{Failed, connect, placement, report, words};
use crate::files::IfExists;
use crate::model::placement::{Placement, Wanted, check_placement};
use crate::model::rule::first_broken;
use crate::model::{ClipSource, MouthBox, Problem, ProblemKind, VoiceSource};
use crate::workflow::{Details, PersonEvent, is_http};

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Job {
    /// The clip.
    pub source: Option<ClipSource>,
    /// The voice.
    pub voice: Option<VoiceSource>,
    /// The face.
    pub face: FaceChoice,
    /// What of the placement is given.
    pub wanted: Wanted,
    /// Volume of the voice.
    pub sound_volume: Option<f64>,
    /// Volume of the clip's own sound.
    pub original_audio_volume: Option<f64>,
    /// The rest of a create.
    pub details: Details,
    /// Where the mouth is, for the sandbox.
    pub mouth_box: Option<MouthBox>,
    /// Where the result goes; `None`: a free name in the current directory.
    pub out: Option<PathBuf>,
    /// What happens to a file of that name: one that a person named is replaced.
    pub if_exists: IfExists,
    /// Whether the voice is sent as WAV.
    pub as_wav: bool,
    /// Whether the command ends once the task is accepted.
    pub no_wait: bool,
    /// Whether it is sent although a rule is broken.
    pub send_anyway: bool,
}

/// Runs the command; returns the exit code.
pub async fn run(args: RunArgs, service: &ServiceArgs, journal: &JournalArgs, console: &Console) -> Result<u8, Failed> {
    let profile = connect::profile(service)?;
    let (timeout, poll_interval, budget) = (args.timeout, args.poll_interval, args.budget);
    let find_again = args.find_again;
    let storage = connect::storage(args.storage, console).await?;
    let placed = storage.clone();
    let job = checked(args)?;
    if !job.no_wait {
        check_writable(job.out.as_deref().unwrap_or_else(|| "lip-sync.mp4".as_ref()))?;
    }
    let mut runner = Runner::connect(service, profile, journal, true, console, |setup| {
        connect::set_polling(setup, timeout, poll_interval, console);
        setup.load_previews = false;
        setup.budget = budget.or(setup.budget);
        setup.recalls_faces &= !find_again;
        setup.storage = storage;
    })
    .await?;
    if job.no_wait && runner.tasks_end_with_it() {
        let problem = Problem::new(ProblemKind::Usage, words::no_wait_in_vain());
        return Ok(runner.end(Err(problem.with_hint(words::no_wait_in_vain_hint()).into())).await);
    }
    runner.limit(timeout.unwrap_or(Duration::from_millis(runner.flow().terms.poll_limit_ms)));
    let outcome = run_job(&mut runner, &job).await;
    // Of a task that goes on, or is to be tried again, the service may fetch the clip once more.
    if let (Some(storage), Ok(()), false) = (&placed, &outcome, job.no_wait) {
        super::storage::tidy(storage, console).await;
    }
    Ok(runner.end(outcome).await)
}

/// The job, once everything is checked that needs no file and no service.
fn checked(args: RunArgs) -> Result<Job, Problem> {
    let voice = args.voice.chosen();
    let job = Job {
        source: args.source.chosen(),
        voice,
        wanted: args.placement.wanted(),
        face: FaceChoice::given(args.placement.face),
        sound_volume: args.placement.volume,
        original_audio_volume: args.placement.original_volume,
        details: Details { external_task_id: args.external_task_id, callback_url: args.callback_url, watermark: None },
        mouth_box: args.mouth.mouth_box,
        out: args.out,
        if_exists: IfExists::Replace,
        as_wav: args.as_wav,
        no_wait: args.no_wait,
        send_anyway: args.send_anyway,
    };
    check(&job)?;
    Ok(job)
}

/// Checks what needs no file and no service.
///
/// # Errors
/// [`ProblemKind::Usage`]: what is wrong.
pub fn check(job: &Job) -> Result<(), Problem> {
    if let (Some(VoiceSource::Url(_) | VoiceSource::AudioId(_)), None) = (&job.voice, job.wanted.end_ms) {
        return Err(Problem::new(ProblemKind::Usage, words::end_is_needed()).with_hint(words::end_is_needed_hint()));
    }
    if job.details.external_task_id.as_ref().is_some_and(|id| id.trim().is_empty()) {
        return Err(Problem::new(ProblemKind::Usage, words::empty_external_task_id()).with_hint(words::leave_it_out()));
    }
    let callback_url = job.details.callback_url.as_deref();
    if let Some(address) = callback_url.filter(|address| !job.send_anyway && !is_http(address)) {
        return Err(
            Problem::new(ProblemKind::Usage, words::callback_is_no_address(address)).with_hint(words::address_hint())
        );
    }
    Ok(())
}

/// Runs the whole job on a connected service.
pub async fn run_job(runner: &mut Runner<'_>, job: &Job) -> Result<(), Stop> {
    prepare(runner, job).await?;
    // Before identify, which is paid for too.
    if let Some(name) = &job.details.external_task_id
        && let Some(by) = runner.engine.name_used(name).await?
    {
        return Err(runner.name_used(by).into());
    }
    if let Ok(placement) = proposed(runner, job) {
        runner.engine.check_budget(placement.crop_ms()).await?;
    }
    runner.identify(job.send_anyway).await?;
    finish(runner, job).await
}

/// Puts a job on the desk, and checks what needs no service.
///
/// # Errors
/// A file cannot be read, or a rule is broken; or an interruption.
pub async fn prepare(runner: &mut Runner<'_>, job: &Job) -> Result<(), Stop> {
    runner.engine.dispatch(PersonEvent::SetClip(job.source.clone()));
    runner.engine.dispatch(PersonEvent::SetVoice(job.voice.clone()));
    runner.engine.dispatch(PersonEvent::Want(job.wanted));
    let (sound_volume, original_audio_volume) = (job.sound_volume, job.original_audio_volume);
    runner.engine.dispatch(PersonEvent::SetVolumes { sound_volume, original_audio_volume });
    runner.engine.dispatch(PersonEvent::SetDetails(job.details.clone()));
    if job.as_wav {
        runner.engine.dispatch(PersonEvent::SendVoiceAsWav);
    }
    runner.probe(job.send_anyway).await?;
    if job.send_anyway {
        warn_of_voice(runner, job)?;
    } else {
        // The clip first: where it is too short, no placement in it fits.
        check_clip(runner)?;
        check_voice(runner, job)?;
    }
    Ok(())
}

/// Reports what is wrong with the clip.
fn check_clip(runner: &Runner<'_>) -> Result<(), Problem> {
    let desk = &runner.flow().desk;
    if let Some(problem) = desk.clip_probe.problem() {
        return Err(problem.clone());
    }
    first_broken(&desk.clip_rules).map_or(Ok(()), |report| Err(Problem::of_rule(report)))
}

/// Chooses a face of those that were found, creates the task, and saves its result.
///
/// # Errors
/// A refusal, an unclear outcome, a failed task; or an interruption.
pub async fn finish(runner: &mut Runner<'_>, job: &Job) -> Result<(), Stop> {
    runner.choose(&job.face)?;
    if job.mouth_box.is_some() && !runner.flow().terms.takes_files {
        runner.console.note(&words::mouth_box_not_sent());
    }
    runner.engine.dispatch(PersonEvent::SetMouthBox(job.mouth_box));
    super::fitness::report(runner).await;
    runner.engine.want_result_in(job.out.as_deref());
    runner.submit(job.send_anyway).await?;
    if job.no_wait {
        runner.engine.dispatch(PersonEvent::Pause);
        return leave(runner);
    }
    runner.follow().await?;
    runner.save(job.out.as_deref(), job.if_exists == IfExists::Replace).await
}

/// Reports what is wrong with voice and placement before identify, which costs a little.
fn check_voice(runner: &Runner<'_>, job: &Job) -> Result<(), Problem> {
    let desk = &runner.flow().desk;
    if let Some(problem) = desk.voice_probe.problem() {
        return Err(problem.clone());
    }
    if let Some(report) = first_broken(&desk.voice_rules) {
        return Err(Problem::of_rule(report));
    }
    match first_broken(&check_placement(&proposed(runner, job)?, &placement::facts_of_files(runner.flow()))) {
        Some(report) => Err(placement::explain(Problem::of_rule(report), runner.flow())),
        None => Ok(()),
    }
}

/// The placement that is proposed from the lengths of clip and voice, before the faces are known.
fn proposed(runner: &Runner<'_>, job: &Job) -> Result<Placement, Problem> {
    let proposed = Placement::propose(&placement::facts_of_files(runner.flow()), job.wanted)
        .map_err(|_| Problem::new(ProblemKind::Usage, words::end_is_needed()).with_hint(words::end_is_needed_hint()))?;
    let (sound_volume, original_audio_volume) = (job.sound_volume, job.original_audio_volume);
    Ok(Placement { sound_volume, original_audio_volume, ..proposed })
}

/// With `--send-anyway` the service judges the voice; a file that does not exist cannot be sent at all.
fn warn_of_voice(runner: &Runner<'_>, job: &Job) -> Result<(), Problem> {
    let Some(problem) = runner.flow().desk.voice_probe.problem() else { return Ok(()) };
    if let Some(VoiceSource::File(path)) = &job.voice
        && !path.is_file()
    {
        return Err(problem.clone());
    }
    runner.console.warn(&problem.to_string());
    Ok(())
}

/// Ends with the task accepted: prints its id.
fn leave(runner: &Runner<'_>) -> Result<(), Stop> {
    if runner.tasks_end_with_it() {
        runner.console.note(&words::own_sandbox_ends());
    } else if runner.has_own_sandbox() {
        let command = runner.command_to_follow();
        runner.console.note(&words::own_sandbox_goes_on(command));
    }
    Ok(runner.console.result(report::task_id(runner.flow()).unwrap_or_default())?)
}
