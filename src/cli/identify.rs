//! `viseme identify`: the faces of a clip.

use std::path::{Path, PathBuf};

use super::args::{Global, Identify};
use super::console::Console;
use super::drive::{Drive, Stop};
use super::files::as_name;
use super::{Failed, connect};
use crate::model::interval::clock_text;
use crate::model::{Problem, ProblemKind};
use crate::workflow::{PersonEvent, Preview};

/// Runs the command; answers the exit code.
pub async fn run(args: Identify, global: &Global, console: &Console) -> Result<u8, Failed> {
    let profile = connect::profile(global)?;
    if let Some(folder) = &args.previews {
        make_folder(folder)?;
    }
    let mut drive = Drive::connect(global, profile, console, |setup| {
        connect::set_patience(setup, args.timeout, args.poll_interval, console);
        // Here it is the identify that is waited for; of a whole job the limit is for the task, which can be resumed.
        setup.identify_limit_ms = setup.poll_limit_ms;
        setup.load_previews = args.previews.is_some();
    })
    .await?;
    let outcome = job(&mut drive, &args).await;
    Ok(drive.end(outcome).await)
}

async fn job(drive: &mut Drive<'_>, args: &Identify) -> Result<(), Stop> {
    drive.engine.dispatch(PersonEvent::SetClip(args.source.chosen()));
    drive.look(args.send_anyway).await?;
    match drive.identify(args.send_anyway).await {
        // That there is none is an answer to what was asked here.
        Err(Stop::Problem(problem)) if problem.kind == ProblemKind::NoFace => {
            drive.console.say(&format!("0 faces found. {}", problem.hint.unwrap_or_default()));
            return Ok(());
        }
        other => other?,
    }
    if let Some(folder) = &args.previews {
        let loading = |preview: &Preview| matches!(preview, Preview::Loading(_));
        drive.until(|flow| !flow.faces().is_some_and(|faces| faces.previews.iter().any(loading))).await?;
        drive.previews = save_previews(drive, folder)?;
    }
    print(drive)
}

fn print(drive: &Drive<'_>) -> Result<(), Stop> {
    let Some(faces) = drive.flow().faces() else { return Ok(()) };
    for (at, face) in faces.session.faces.iter().enumerate() {
        let (start, end) = face.interval.map_or_else(
            || ("-".to_owned(), "-".to_owned()),
            |interval| (clock_text(interval.start_ms), clock_text(interval.end_ms)),
        );
        let saved = drive.previews.get(at).and_then(Option::as_ref).map(|path| path.display().to_string());
        let preview = saved.or_else(|| face.face_image.clone()).unwrap_or_else(|| "-".to_owned());
        let line = format!("{}\t{}\t{start}\t{end}\t{preview}", at + 1, face.face_id);
        drive
            .console
            .result(&line)
            .map_err(|err| Problem::new(ProblemKind::File, format!("stdout cannot be written: {err}")))?;
    }
    Ok(())
}

fn make_folder(folder: &Path) -> Result<(), Problem> {
    std::fs::create_dir_all(folder).map_err(|err| {
        Problem::new(ProblemKind::File, format!("The folder {} cannot be made: {err}", folder.display()))
            .with_hint("Choose another folder for --previews")
    })
}

/// Saves each preview as it was served. One that did not come is said and spoils nothing else.
fn save_previews(drive: &Drive<'_>, folder: &Path) -> Result<Vec<Option<PathBuf>>, Problem> {
    let Some(faces) = drive.flow().faces() else { return Ok(Vec::new()) };
    let mut saved = Vec::new();
    for (at, (face, preview)) in faces.session.faces.iter().zip(&faces.previews).enumerate() {
        saved.push(match preview {
            Preview::Ready(picture) => {
                let path = folder.join(format!("face-{}-{}.{}", at + 1, as_name(&face.face_id), picture.extension));
                std::fs::write(&path, &picture.encoded).map_err(|err| {
                    Problem::new(ProblemKind::File, format!("{} cannot be written: {err}", path.display()))
                        .with_hint("Choose another folder for --previews")
                })?;
                Some(path)
            }
            Preview::Failed(problem) => {
                drive.console.say(&format!("warning: no preview of face {}: {problem}", at + 1));
                None
            }
            Preview::None | Preview::Loading(_) => {
                drive.console.say(&format!("warning: the service gave no preview of face {}", at + 1));
                None
            }
        });
    }
    Ok(saved)
}
