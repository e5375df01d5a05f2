//! `viseme draft`: the mouth moved on this machine, without a service.

use std::path::{Path, PathBuf};

use serde_json::{Map, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until};

use super::args::DraftArgs;
use super::console::Console;
use super::faces::{FaceChoice, face_text, find_face};
use super::files::check_writable;
use super::interrupts::Interrupts;
use super::progress::Reminder;
use super::{Failed, exit, fitness, placement, report, words};
use crate::files::{Access, IfExists, WholeFile, safe_stem};
use crate::media::mouth::Manner;
use crate::media::{Identified, Job, MediaError, RenderPlan, Rendered, identify, probe_clip, probe_voice, render};
use crate::model::placement::{PlacementFacts, check_placement};
use crate::model::rule::first_broken;
use crate::model::{Face, Fitness, Placement, Problem, ProblemKind};

/// What the thread that drafts reports.
enum Update {
    /// A message.
    Line(String),
    /// How fit the face is, and its name.
    Fitness(Fitness, String),
    /// What it does now.
    Step(String),
    /// How far the whole is, 0 to 1.
    Progress(f32),
}

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
    let mut interrupts = Interrupts::listen()?;
    let (updates, mut received) = unbounded_channel();
    let progress = updates.clone();
    // A receiver that is gone has nobody to show the progress to.
    let job = Job::watched(move |done| drop(progress.send(Update::Progress(done))));
    let watched = job.clone();
    let mut work = tokio::task::spawn_blocking(move || draft(&args, &updates, &watched));
    let (began, mut reminder, mut step) = (Instant::now(), Reminder::default(), String::new());
    let outcome = loop {
        tokio::select! {
            biased;
            Some(update) = received.recv() => match update {
                Update::Line(line) => console.say(&line),
                Update::Fitness(found, name) => fitness::say(console, &found, &name),
                Update::Step(now) => {
                    console.say(&now);
                    console.progress(&now, None);
                    step = now;
                }
                Update::Progress(done) => console.progress(&step, Some(done)),
            },
            () = interrupts.next() => job.cancel(),
            outcome = &mut work => break outcome,
            () = sleep_until(began + reminder.next()), if !console.has_bar() => console.say(&reminder.mention(&step)),
        }
    };
    console.clear_progress();
    let draft = outcome.map_err(|err| Problem::new(ProblemKind::Internal, words::draft_broke_down(&err)))??;
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
fn draft(args: &DraftArgs, updates: &UnboundedSender<Update>, job: &Job) -> Result<Draft, Problem> {
    // A receiver that is gone has nobody to show it to.
    let line = |line: String| drop(updates.send(Update::Line(line)));
    let step = |step: String| drop(updates.send(Update::Step(step)));
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
    let placement = place(args, &facts)?;
    line(placement::line(&placement));
    let at = faces.iter().position(|other| other.face_id == face.face_id).unwrap_or_default();
    for note in placement::note_lines(&placement, &facts, Some(at + 1)) {
        line(words::part_note_line(&note));
    }
    let track = identified.faces.get(at).cloned();
    let track = track.ok_or_else(|| Problem::new(ProblemKind::Internal, words::faces_not_found()))?;
    let fitness = identified.measures(&track, placement.span()).map(Fitness::of);
    if let Some(fitness) = &fitness {
        drop(updates.send(Update::Fitness(fitness.clone(), format!("Face {}", at + 1))));
    }

    step(words::drafting());
    let out = OutputFile::reserve(args)?;
    let plan = RenderPlan {
        clip: args.video.clone(),
        voice: args.audio.clone(),
        track,
        placement,
        mouth_box: args.placement.mouth_box,
        out: out.path.clone(),
    };
    let rendered = render(&plan, &job.stage(0.4, 1.0)).map_err(|err| problem(&err))?;
    Ok(Draft { path: out.keep(), faces, face_id: face.face_id, placement, fitness, rendered })
}

/// The faces of a clip, named as the sandbox names them.
fn faces_of(identified: &Identified) -> Vec<Face> {
    let named = identified.faces.iter().enumerate().map(|(at, track)| Face {
        face_id: format!("face_{:03}", at + 1),
        face_image: None,
        interval: Some(track.interval),
        rect: None,
        extra: Map::new(),
    });
    named.collect()
}

/// The placement that is asked for, where the services would take it too.
fn place(args: &DraftArgs, facts: &PlacementFacts) -> Result<Placement, Problem> {
    let wanted = args.placement.wanted();
    let proposed = Placement::propose(facts, wanted)
        .map_err(|_| Problem::new(ProblemKind::Usage, words::end_is_needed()).with_hint(words::end_is_needed_hint()))?;
    let placement = Placement {
        sound_volume: args.placement.volume,
        original_audio_volume: args.placement.original_volume,
        ..proposed
    };
    match first_broken(&check_placement(&placement, facts)) {
        Some(report) => Err(placement::explain_insert(Problem::of_rule(report), wanted, facts)),
        None => Ok(placement),
    }
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

fn problem(err: &MediaError) -> Problem {
    match err {
        MediaError::Cancelled => Problem::new(ProblemKind::Cancelled, words::draft_stopped()),
        MediaError::Internal { .. } => Problem::new(ProblemKind::Internal, err.to_string()),
        err => Problem::new(ProblemKind::File, err.to_string()),
    }
}
