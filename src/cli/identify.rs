//! `viseme identify`: the faces of a clip.

use std::path::{Path, PathBuf};

use super::args::{IdentifyArgs, JournalArgs, ServiceArgs};
use super::console::Console;
use super::files::as_name;
use super::runner::Runner;
use super::stop::Stop;
use super::{Failed, connect, words};
use crate::files::{Access, IfExists, write_whole};
use crate::model::interval::clock_text;
use crate::model::{Problem, ProblemKind};
use crate::workflow::{PersonEvent, Preview};

/// Runs the command; returns the exit code.
pub async fn run(
    args: IdentifyArgs,
    service: &ServiceArgs,
    journal: &JournalArgs,
    console: &Console,
) -> Result<u8, Failed> {
    let profile = connect::profile(service)?;
    if let Some(folder) = &args.previews {
        make_folder(folder)?;
    }
    let storage = connect::storage(args.storage, console).await?;
    let mut runner = Runner::connect(service, profile, journal, true, console, |setup| {
        connect::set_polling(setup, args.timeout, args.poll_interval, console);
        // Here the limit is for identify; in a whole job it is for the task, which can be resumed.
        setup.identify_limit_ms = args.timeout.map(|_| setup.profile.poll_limit_ms);
        setup.load_previews = args.previews.is_some();
        // `viseme identify` exists to show what the service answers: it never reuses an earlier session.
        setup.recalls_faces = false;
        setup.storage = storage;
    })
    .await?;
    let outcome = job(&mut runner, &args).await;
    Ok(runner.end(outcome).await)
}

async fn job(runner: &mut Runner<'_>, args: &IdentifyArgs) -> Result<(), Stop> {
    runner.engine.dispatch(PersonEvent::SetClip(args.source.chosen()));
    runner.probe(args.send_anyway).await?;
    match runner.identify(args.send_anyway).await {
        // No face is an answer to this command, not a failure.
        Err(Stop::Problem(problem)) if problem.kind == ProblemKind::NoFace => {
            runner.console.say(&words::no_face_found(problem.hint.unwrap_or_default()));
            return Ok(());
        }
        other => other?,
    }
    if let Some(folder) = &args.previews {
        let loading = |preview: &Preview| matches!(preview, Preview::Loading(_));
        runner.until(|flow| !flow.faces().is_some_and(|faces| faces.previews.iter().any(loading))).await?;
        runner.previews = save_previews(runner, folder)?;
    }
    super::fitness::report(runner).await;
    print(runner)
}

/// A row for each face. The addresses of a sandbox that ends with this command are left out.
fn print(runner: &Runner<'_>) -> Result<(), Stop> {
    let Some(faces) = runner.flow().faces() else { return Ok(()) };
    for (at, face) in faces.session.faces.iter().enumerate() {
        let (start, end) = face.interval.map_or_else(
            || ("-".to_owned(), "-".to_owned()),
            |interval| (clock_text(interval.start_ms), clock_text(interval.end_ms)),
        );
        let saved = runner.previews.get(at).and_then(Option::as_ref).map(|path| path.display().to_string());
        let address = face.face_image.clone().filter(|_| !runner.has_own_sandbox());
        let preview = saved.or(address).unwrap_or_else(|| "-".to_owned());
        runner.console.result(&format!("{}\t{}\t{start}\t{end}\t{preview}", at + 1, face.face_id))?;
    }
    if runner.has_own_sandbox() && runner.previews.is_empty() {
        runner.console.note(&words::previews_can_be_saved());
    }
    Ok(())
}

fn make_folder(folder: &Path) -> Result<(), Problem> {
    std::fs::create_dir_all(folder).map_err(|err| {
        Problem::new(ProblemKind::File, words::folder_not_created(folder.display(), &err))
            .with_hint(words::choose_previews_folder())
    })
}

/// Saves each preview as it was served. One that did not come is reported, and the others are saved all the same.
fn save_previews(runner: &Runner<'_>, folder: &Path) -> Result<Vec<Option<PathBuf>>, Problem> {
    let Some(faces) = runner.flow().faces() else { return Ok(Vec::new()) };
    let mut saved = Vec::new();
    for (at, (face, preview)) in faces.session.faces.iter().zip(&faces.previews).enumerate() {
        saved.push(match preview {
            Preview::Ready(picture) => {
                let path = folder.join(format!("face-{}-{}.{}", at + 1, as_name(&face.face_id), picture.extension));
                write_whole(&path, &picture.encoded, IfExists::Replace, Access::Usual).map_err(|err| {
                    Problem::new(ProblemKind::File, words::unwritable(path.display(), err.to_string()))
                        .with_hint(words::choose_previews_folder())
                })?;
                Some(path)
            }
            Preview::Failed(problem) => {
                runner.console.warn(&words::preview_failed(at + 1, problem));
                None
            }
            Preview::None | Preview::Loading(_) => {
                runner.console.warn(&words::no_preview(at + 1));
                None
            }
        });
    }
    Ok(saved)
}
