//! Making drafts on a worker. A newer request supersedes the one being carried out; only the faces of a clip are found to the end,
//! whatever is placed meanwhile.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::matcher::{MatchedFaces, Matcher};
use super::matching::Match;
use super::request::{DraftRequest, Scene};
use crate::media::faces::FaceTrack;
use crate::media::{DraftPlan, DraftStep, Drafter, Job, MediaError, Speaking};
use crate::playback::stop::Stop;
use crate::worker::{Desk, Wake, Worker};

/// How many answers wait to be received at most.
const WAITING: usize = 4;

/// What is asked of the worker.
pub struct DraftOrder {
    /// What the draft is made of.
    pub request: DraftRequest,
    /// Cancels finding the faces.
    pub finding: Job,
    /// Cancels the rest.
    pub job: Job,
    /// Where the worker says how far it is.
    pub progress: Arc<Progress>,
}

/// How far the worker is: written by the worker, read whenever the window is drawn.
#[derive(Debug, Default)]
pub struct Progress {
    step: AtomicU32,
    part: AtomicU32,
}

impl Progress {
    fn begin(&self, step: DraftStep) {
        self.part.store(0, Ordering::Relaxed);
        self.step.store(step as u32, Ordering::Relaxed);
    }

    /// Sets how far the current step is, 0 to 1.
    pub fn report(&self, part: f32) {
        self.part.store(part.to_bits(), Ordering::Relaxed);
    }

    /// The current step, and how far it is, 0 to 1.
    #[must_use]
    pub fn read(&self) -> (DraftStep, f32) {
        let step = [DraftStep::Faces, DraftStep::Voice, DraftStep::Mouth]
            .into_iter()
            .find(|step| *step as u32 == self.step.load(Ordering::Relaxed));
        (step.unwrap_or(DraftStep::Faces), f32::from_bits(self.part.load(Ordering::Relaxed)))
    }
}

/// What the worker sends back.
pub enum DraftAnswer {
    /// The faces are found, and matched as far as can be.
    Faces(Arc<MatchedFaces>),
    /// The draft can be painted.
    Ready(Arc<Speaking>),
    /// Which face is the one that speaks is not known.
    Unclear,
    /// The one that speaks was not found here.
    NotFound,
    /// Nothing more to do: only the faces were requested, or the preview that decides is being fetched.
    Done,
    /// It failed, and why.
    Failed(String),
}

/// A worker that makes drafts.
pub type DraftWorker = Worker<DraftOrder, DraftAnswer>;

type DraftDesk<'a> = Desk<'a, DraftOrder, DraftAnswer>;

/// Starts the worker.
///
/// # Errors
/// The system gives no thread.
pub fn spawn(wake: Wake) -> io::Result<DraftWorker> {
    Worker::spawn("draft", WAITING, wake, || {
        let mut maker = Maker::default();
        move |order: DraftOrder, desk: &DraftDesk<'_>| maker.carry_out(&order, desk)
    })
}

#[derive(Default)]
struct Maker {
    drafter: Drafter,
    matcher: Matcher,
}

impl Maker {
    fn carry_out(&mut self, order: &DraftOrder, desk: &DraftDesk<'_>) {
        match self.make(order, desk) {
            // The one who cancelled it knows.
            Ok(()) | Err(Stop::Superseded | Stop::Failed(MediaError::Cancelled)) => {}
            Err(Stop::Failed(err)) => {
                let _ = desk.send(DraftAnswer::Failed(err.to_string()));
            }
        }
    }

    fn make(&mut self, order: &DraftOrder, desk: &DraftDesk<'_>) -> Result<(), Stop> {
        order.progress.begin(DraftStep::Faces);
        let identified = self.drafter.faces(&order.request.clip, &order.finding)?;
        // While the faces were being found the voice may have been moved: only its last place matters.
        desk.check()?;
        let faces = self.matcher.matched(&identified, &order.request.faces, &order.request.picks)?;
        desk.send(DraftAnswer::Faces(Arc::clone(&faces)))?;
        let Some(scene) = &order.request.scene else { return Ok(desk.send(DraftAnswer::Done)?) };
        let track = match faces.matches.get(scene.face).copied().unwrap_or(Match::Nowhere) {
            Match::Is(track) => track,
            _ if order.request.awaits_previews() => return Ok(desk.send(DraftAnswer::Done)?),
            Match::Unclear => return Ok(desk.send(DraftAnswer::Unclear)?),
            Match::Nowhere => return Ok(desk.send(DraftAnswer::NotFound)?),
        };
        let Some(track) = faces.tracks.get(track) else { return Ok(desk.send(DraftAnswer::NotFound)?) };
        let plan = plan(&order.request, scene, track);
        let speaking = self.drafter.prepare(&plan, |step| order.progress.begin(step), &order.job)?;
        Ok(desk.send(DraftAnswer::Ready(Arc::new(speaking)))?)
    }
}

fn plan(request: &DraftRequest, scene: &Scene, track: &Arc<FaceTrack>) -> DraftPlan {
    DraftPlan {
        clip: request.clip.clone(),
        voice: scene.voice.clone(),
        track: Arc::clone(track),
        placement: scene.placement,
        mouth_box: scene.mouth_box,
    }
}
