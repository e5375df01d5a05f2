//! `viseme draft`: the mouth moved on this machine, without a service.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::args::DraftArgs;
use super::console::Console;
use super::faces::{FaceChoice, face_text, find_face};
use super::files::check_writable;
use super::local::{Reports, faces_of, place, problem, work};
use super::{Failed, exit, placement, report, words};
use crate::files::{Access, IfExists, WholeFile, safe_stem};
use crate::media::mouth::Manner;
use crate::media::{Job, MediaError, RenderPlan, Rendered, identify, probe_clip, probe_voice, render};
use crate::model::placement::PlacementFacts;
use crate::model::{Face, Fitness, Placement, Problem, ProblemKind};

/// A draft that was saved.
struct Draft {
    path: PathBuf,
    faces: Vec<Face>,
    face_id: String,
    placement: Placement,
    fitness: Option<Fitness>,
    rendered: Rendered,
}

/// Runs the command; returns the exit code.
pub async fn run(args: DraftArgs, console: &Console) -> Result<u8, Failed> {
    check_writable(args.out.as_deref().unwrap_or_else(|| "draft.mp4".as_ref()))?;
    let broke_down = |err: &tokio::task::JoinError| words::draft_broke_down(err);
    let draft = work(console, broke_down, move |reports, job| draft(&args, reports, job)).await?;
    finish(&draft, console)
}

fn finish(draft: &Draft, console: &Console) -> Result<u8, Failed> {
    console.say(&words::draft_saved(draft.path.display(), draft.rendered.spoken_frames));
    console.result(&draft.path.display().to_string())?;
    if console.is_json() {
        let faces = draft.faces.iter().map(|face| {
            let interval = face.interval.unwrap_or(crate::model::Interval::new(0, 0));
            json!({"face_id": face.face_id, "start_time": interval.start_ms, "end_time": interval.end_ms})
        });
        console.object(json!({
            "path": draft.path.to_string_lossy(),
            "duration_ms": draft.rendered.duration_ms,
            "spoken_frames": draft.rendered.spoken_frames,
            "unknown_frames": draft.rendered.unknown_frames,
            "teeth_drawn": draft.rendered.manner.is_some_and(|manner| manner != Manner::Own),
            "faces": faces.collect::<Vec<_>>(),
            "face_id": draft.face_id,
            "placement": draft.placement,
            "fitness": draft.fitness,
            "problem": null,
        }))?;
    }
    Ok(exit::DONE)
}

/// Makes the draft; blocks.
fn draft(args: &DraftArgs, reports: &Reports, job: &Job) -> Result<Draft, Problem> {
    let (line, step) = (|line| reports.line(line), |step| reports.step(step));
    let problem = |err: &MediaError| problem(err, words::draft_stopped);
    let clip = probe_clip(&args.video).map_err(|err| problem(&err))?;
    line(report::clip_line(&clip));
    let voice = probe_voice(&args.audio, &job.stage(0.0, 0.0)).map_err(|err| problem(&err))?;
    line(report::voice_line(&voice));

    step(words::finding_faces());
    let identified = identify(&args.video, &job.stage(0.0, 0.4)).map_err(|err| problem(&err))?;
    let faces = faces_of(&identified);
    line(words::faces_found(faces.len()));
    if faces.is_empty() {
        return Err(Problem::new(ProblemKind::NoFace, words::draft_no_face()).with_hint(words::draft_no_face_hint()));
    }
    let (face, note) = find_face(&faces, &FaceChoice::given(args.placement.face.clone()))?;
    if let Some(note) = note {
        line(words::part_note_line(&note));
    }
    line(words::face_line(face_text(&faces, &face)));

    let facts = PlacementFacts {
        voice_ms: Some(voice.duration_ms),
        clip_ms: Some(clip.duration_ms),
        face: face.interval,
        ..PlacementFacts::default()
    };
    let placement = place(&args.placement, &facts)?;
    line(placement::line(&placement));
    let at = faces.iter().position(|other| other.face_id == face.face_id).unwrap_or_default();
    for note in placement::note_lines(&placement, &facts, Some(at + 1)) {
        line(words::part_note_line(&note));
    }
    let track = identified.faces.get(at).cloned();
    let track = track.ok_or_else(|| Problem::new(ProblemKind::Internal, words::faces_not_found()))?;
    let fitness = identified.measures(&track, placement.span()).map(Fitness::of);
    if let Some(fitness) = &fitness {
        reports.fitness(fitness.clone(), format!("Face {}", at + 1));
    }

    step(words::drafting());
    let out = OutputFile::reserve(args)?;
    let plan = RenderPlan {
        clip: args.video.clone(),
        voice: args.audio.clone(),
        track,
        placement,
        mouth_box: args.mouth.mouth_box,
        out: out.path.clone(),
    };
    let rendered = render(&plan, &job.stage(0.4, 1.0)).map_err(|err| problem(&err))?;
    Ok(Draft { path: out.keep(), faces, face_id: face.face_id, placement, fitness, rendered })
}

/// The file that the draft becomes. A default name is taken at once, so that nothing else takes it meanwhile, and freed again where
/// there is no draft.
struct OutputFile {
    path: PathBuf,
    is_reserved: bool,
}

impl OutputFile {
    fn reserve(args: &DraftArgs) -> Result<Self, Problem> {
        if let Some(out) = &args.out {
            return Ok(Self { path: out.clone(), is_reserved: false });
        }
        let stem = args.video.file_stem().unwrap_or_default().to_string_lossy();
        let name = format!("{}.mp4", safe_stem(&words::part_draft_stem(&stem)));
        let reserved =
            WholeFile::create(Path::new(&name), IfExists::TakeFreeName, Access::Usual).and_then(WholeFile::finish);
        let path = reserved.map_err(|err| {
            Problem::new(ProblemKind::File, words::unwritable(&name, err.to_string()))
                .with_hint(words::choose_other_folder())
        })?;
        Ok(Self { path, is_reserved: true })
    }

    fn keep(mut self) -> PathBuf {
        self.is_reserved = false;
        std::mem::take(&mut self.path)
    }
}

impl Drop for OutputFile {
    fn drop(&mut self) {
        if self.is_reserved
            && let Err(err) = std::fs::remove_file(&self.path)
        {
            tracing::debug!(%err, path = %self.path.display(), "a reserved name could not be freed");
        }
    }
}
