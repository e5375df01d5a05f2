//! Work on files of this machine, without a service: its messages, its progress, its end; and what clip, faces and placement it is about.

use serde_json::Map;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until};

use super::args::PlacementArgs;
use super::console::Console;
use super::interrupts::Interrupts;
use super::progress::Reminder;
use super::{Failed, fitness, placement, words};
use crate::media::{Identified, Job, MediaError};
use crate::model::placement::{PlacementFacts, check_placement};
use crate::model::rule::first_broken;
use crate::model::{Face, Fitness, Placement, Problem, ProblemKind};

/// What the thread that works reports.
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

/// Where the thread that works reports to. A receiver that is gone has nobody to show it to.
#[derive(Clone)]
pub struct Reports(UnboundedSender<Update>);

impl Reports {
    /// A message.
    pub fn line(&self, line: String) {
        drop(self.0.send(Update::Line(line)));
    }

    /// How fit the face of this name is.
    pub fn fitness(&self, found: Fitness, name: String) {
        drop(self.0.send(Update::Fitness(found, name)));
    }

    /// What it does now.
    pub fn step(&self, step: String) {
        drop(self.0.send(Update::Step(step)));
    }
}

/// Does the work, which blocks, on a thread, and shows what it reports; an interrupt cancels it. `broke_down` says that it panicked.
pub async fn work<T: Send + 'static>(
    console: &Console,
    broke_down: fn(&tokio::task::JoinError) -> String,
    work: impl FnOnce(&Reports, &Job) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Failed> {
    let mut interrupts = Interrupts::listen()?;
    let (updates, mut received) = unbounded_channel();
    let progress = updates.clone();
    // A receiver that is gone has nobody to show the progress to.
    let job = Job::watched(move |done| drop(progress.send(Update::Progress(done))));
    let watched = job.clone();
    let mut work = tokio::task::spawn_blocking(move || work(&Reports(updates), &watched));
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
    Ok(outcome.map_err(|err| Problem::new(ProblemKind::Internal, broke_down(&err)))??)
}

/// The faces of a clip, named as the sandbox names them.
pub fn faces_of(identified: &Identified) -> Vec<Face> {
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
pub fn place(args: &PlacementArgs, facts: &PlacementFacts) -> Result<Placement, Problem> {
    let wanted = args.wanted();
    let proposed = Placement::propose(facts, wanted)
        .map_err(|_| Problem::new(ProblemKind::Usage, words::end_is_needed()).with_hint(words::end_is_needed_hint()))?;
    let placement = Placement { sound_volume: args.volume, original_audio_volume: args.original_volume, ..proposed };
    match first_broken(&check_placement(&placement, facts)) {
        Some(report) => Err(placement::explain_insert(Problem::of_rule(report), wanted, facts)),
        None => Ok(placement),
    }
}

/// An error of media work. `stopped` says what there is not where the work was cancelled.
pub fn problem(err: &MediaError, stopped: fn() -> String) -> Problem {
    match err {
        MediaError::Cancelled => Problem::new(ProblemKind::Cancelled, stopped()),
        MediaError::Internal { .. } => Problem::new(ProblemKind::Internal, err.to_string()),
        err => Problem::new(ProblemKind::File, err.to_string()),
    }
}
