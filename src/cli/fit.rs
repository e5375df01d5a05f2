//! `viseme fit`: a clip or a voice made to keep every rule, on this machine.

use serde_json::{Value, json};

use super::args::{FitArgs, FitSize};
use super::console::Console;
use super::files::check_writable;
use super::local::{Reports, problem, work};
use super::{Failed, exit, report, words};
use crate::media::fit::{self, Fitted, Probed};
use crate::media::{Job, MediaError};
use crate::model::clip::check_clip;
use crate::model::fit::{Cure, FitWish, PictureSize};
use crate::model::placement::{PlacementFacts, check_placement};
use crate::model::rule::first_broken;
use crate::model::voice::check_voice;
use crate::model::{Placement, Problem, ProblemKind, RuleReport};

/// What was found and done.
struct Done {
    cures: Vec<Cure>,
    /// `None`: there was nothing to do, or it was only to be said.
    fitted: Option<Fitted>,
    probe: Probed,
}

/// Runs the command; returns the exit code.
pub async fn run(args: FitArgs, console: &Console) -> Result<u8, Failed> {
    if let Some(out) = &args.out {
        check_writable(out)?;
    }
    let file = args.file.clone();
    let broke_down = |err: &tokio::task::JoinError| words::fit_broke_down(err);
    let done = work(console, broke_down, move |reports, job| fitted(&args, reports, job)).await?;
    if let Some(fitted) = &done.fitted {
        console.result(&fitted.path.display().to_string())?;
    }
    if console.is_json() {
        let probe = match &done.probe {
            Probed::Clip(clip) => json!(clip),
            Probed::Voice(voice) => json!(voice),
        };
        console.object(json!({
            "source": file.to_string_lossy(),
            "path": done.fitted.as_ref().map_or(Value::Null, |fitted| json!(fitted.path.to_string_lossy())),
            "copied": done.fitted.as_ref().is_some_and(|fitted| fitted.copied),
            "cures": done.cures,
            "probe": probe,
            "problem": null,
        }))?;
    }
    Ok(exit::DONE)
}

/// Fits; blocks.
fn fitted(args: &FitArgs, reports: &Reports, job: &Job) -> Result<Done, Problem> {
    let problem = |err: &MediaError| problem(err, words::fit_stopped);
    let probe = fit::probe(&args.file, &job.stage(0.0, 0.0)).map_err(|err| problem(&err))?;
    reports.line(line(&probe));
    let size = args.size.map(|size| match size {
        FitSize::P720 => PictureSize::P720,
        FitSize::P1080 => PictureSize::P1080,
    });
    let wish = FitWish { start_ms: args.start, end_ms: args.end, size };
    let plan = fit::plan(&probe, wish).map_err(|err| problem(&err))?;
    let is_silent = matches!(&probe, Probed::Voice(voice) if voice.is_silent);
    if is_silent {
        reports.line(words::fit_silent());
    }
    if plan.cures().is_empty() {
        if !is_silent {
            reports.line(words::fit_nothing_to_do());
        }
        return Ok(Done { cures: Vec::new(), fitted: None, probe });
    }
    if args.dry_run {
        for Cure { wrong, done } in plan.cures() {
            reports.line(words::fit_would_be(wrong, done));
        }
        return Ok(Done { cures: plan.cures().to_vec(), fitted: None, probe });
    }
    reports.step(words::fit_step());
    let fitted = fit::fit(&args.file, &plan, args.out.as_deref(), job).map_err(|err| problem(&err))?;
    for Cure { wrong, done } in &fitted.cures {
        reports.line(words::fit_cure(wrong, done));
    }
    if fitted.copied {
        reports.line(words::fit_copied());
    }
    reports.line(words::fit_saved(fitted.path.display()));
    reports.line(line(&fitted.probe));
    // The plan keeps the rules; the file is asked whether it does.
    if let Some(broken) = first_broken(&rules(&fitted.probe)) {
        let why = words::fit_broken_still(broken.why().unwrap_or_default());
        return Err(Problem::new(ProblemKind::Internal, why));
    }
    Ok(Done { cures: fitted.cures.clone(), probe: fitted.probe.clone(), fitted: Some(fitted) })
}

fn line(probe: &Probed) -> String {
    match probe {
        Probed::Clip(clip) => report::clip_line(clip),
        Probed::Voice(voice) => report::voice_line(voice),
    }
}

/// Every rule of the file itself.
fn rules(probe: &Probed) -> Vec<RuleReport> {
    match probe {
        Probed::Clip(clip) => check_clip(clip),
        Probed::Voice(voice) => {
            let facts = PlacementFacts { voice_ms: Some(voice.duration_ms), ..PlacementFacts::default() };
            let whole = Placement {
                sound_start_time: 0,
                sound_end_time: voice.duration_ms,
                sound_insert_time: 0,
                sound_volume: None,
                original_audio_volume: None,
            };
            check_voice(voice).into_iter().chain(check_placement(&whole, &facts)).collect()
        }
    }
}
