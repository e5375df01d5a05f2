//! Drafts are made on a thread of their own. A newer order takes the place of one that waits, and stops the one at work; only
//! the faces of a clip are found to the end, whatever is placed meanwhile.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::matching::{Match, matches};
use super::request::{DraftRequest, Picks, Scene, ServiceFace};
use crate::media::face_embedding::{FaceEmbedder, FaceEmbedding};
use crate::media::faces::FaceTrack;
use crate::media::{DraftPlan, DraftStep, Drafter, Identified, Job, MediaError, Speaking};
use crate::worker::Wake;

/// How many answers wait for the window.
const WAITING: usize = 4;

/// What is asked for.
pub struct Order {
    /// Comes back with each answer.
    pub ticket: u64,
    /// What it is.
    pub wish: DraftRequest,
    /// Stops finding the faces.
    pub finding: Job,
    /// Stops the rest.
    pub job: Job,
    /// Where the worker tells how far it is.
    pub progress: Arc<Progress>,
}

/// How far the worker is: written by the worker, read whenever the window is drawn.
#[derive(Debug, Default)]
pub struct Progress {
    step: AtomicU32,
    part: AtomicU32,
}

impl Progress {
    fn tell(&self, step: DraftStep) {
        self.part.store(0, Ordering::Relaxed);
        self.step.store(step as u32, Ordering::Relaxed);
    }

    /// Notes how far the step at hand is, 0 to 1.
    pub fn report(&self, part: f32) {
        self.part.store(part.to_bits(), Ordering::Relaxed);
    }

    /// What it is at, and how far that is, 0 to 1.
    #[must_use]
    pub fn read(&self) -> (DraftStep, f32) {
        let step = [DraftStep::Faces, DraftStep::Voice, DraftStep::Mouth]
            .into_iter()
            .find(|step| *step as u32 == self.step.load(Ordering::Relaxed));
        (step.unwrap_or(DraftStep::Faces), f32::from_bits(self.part.load(Ordering::Relaxed)))
    }
}

/// The faces of a clip as they were found here.
#[derive(Debug)]
pub struct Cast {
    /// Width of the clip in px.
    pub width_px: u32,
    /// The faces found here.
    pub tracks: Vec<Arc<FaceTrack>>,
    /// Which of them each of the service's is.
    pub matches: Vec<Match>,
}

/// What comes back.
pub enum Answer {
    /// The faces are found, and told apart as far as can be.
    Cast(Arc<Cast>),
    /// The draft can be painted.
    Ready(Arc<Speaking>),
    /// Which face is the one that speaks cannot be told.
    Unclear,
    /// The one that speaks was not found here.
    Nowhere,
    /// Nothing more to do: only the faces were asked for, or the picture that tells them apart is awaited.
    Rest,
    /// It went wrong, and why.
    Failed(String),
}

/// A box for one order: a newer one takes the place of the one in it.
#[derive(Default)]
struct Letterbox {
    order: Option<Order>,
    closed: bool,
}

type Shared = (Mutex<Letterbox>, Condvar);

fn open(shared: &Shared) -> MutexGuard<'_, Letterbox> {
    // Whoever panicked while holding it left it whole: it is only ever assigned.
    shared.0.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The other side of the thread. Dropped, it ends it.
pub struct Worker {
    shared: Arc<Shared>,
    answers: Receiver<(u64, Answer)>,
    /// What is to be stopped when the window goes.
    jobs: Option<(Job, Job)>,
}

impl Worker {
    /// Starts the thread.
    pub fn spawn(wake: Wake) -> std::io::Result<Self> {
        let shared: Arc<Shared> = Arc::default();
        let (give, answers) = sync_channel(WAITING);
        let todo = Arc::clone(&shared);
        std::thread::Builder::new().name("draft".to_owned()).spawn(move || {
            let mut bench = Bench { wake, give, drafter: Drafter::default(), known: None };
            while let Some(order) = wait(&todo) {
                bench.carry_out(&order, &todo);
            }
        })?;
        Ok(Self { shared, answers, jobs: None })
    }

    /// Asks for something, in place of what was asked for before.
    pub fn order(&mut self, order: Order) {
        self.jobs = Some((order.finding.clone(), order.job.clone()));
        open(&self.shared).order = Some(order);
        self.shared.1.notify_one();
    }

    /// Takes back what was asked for and not begun.
    pub fn forget(&self) {
        open(&self.shared).order = None;
    }

    /// The next answer, if there is one, with its order's ticket.
    #[must_use]
    pub fn answer(&self) -> Option<(u64, Answer)> {
        self.answers.try_recv().ok()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some((finding, job)) = &self.jobs {
            finding.cancel();
            job.cancel();
        }
        open(&self.shared).closed = true;
        self.shared.1.notify_one();
    }
}

/// The next order; none once the window is gone.
fn wait(shared: &Shared) -> Option<Order> {
    let mut letterbox = open(shared);
    loop {
        if letterbox.closed {
            return None;
        }
        if let Some(order) = letterbox.order.take() {
            return Some(order);
        }
        letterbox = shared.1.wait(letterbox).unwrap_or_else(PoisonError::into_inner);
    }
}

struct Bench {
    wake: Wake,
    give: SyncSender<(u64, Answer)>,
    drafter: Drafter,
    known: Option<Known>,
}

/// The faces of the clip at hand, and the pictures they are told apart by.
struct Known {
    identified: Arc<Identified>,
    tracks: Vec<Arc<FaceTrack>>,
    embeddings: HashMap<usize, Option<FaceEmbedding>>,
    cast: Option<(Vec<ServiceFace>, Picks, Arc<Cast>)>,
}

impl Bench {
    fn carry_out(&mut self, order: &Order, todo: &Shared) {
        order.progress.tell(DraftStep::Faces);
        let identified = match self.drafter.faces(&order.wish.clip, &order.finding) {
            // While the faces were being found the voice may have been moved: only the last place of it matters.
            _ if open(todo).order.is_some() => return,
            Ok(identified) => identified,
            Err(err) => return self.failed(order, &err),
        };
        let cast = match self.cast(&order.wish, &identified) {
            Ok(cast) => cast,
            Err(err) => return self.failed(order, &err),
        };
        self.tell(order.ticket, Answer::Cast(Arc::clone(&cast)));
        let Some(scene) = &order.wish.scene else { return self.tell(order.ticket, Answer::Rest) };
        let track = match cast.matches.get(scene.face).copied().unwrap_or(Match::Nowhere) {
            Match::Is(track) => track,
            _ if order.wish.faces.iter().any(|face| face.preview_pending) => {
                return self.tell(order.ticket, Answer::Rest);
            }
            Match::Unclear => return self.tell(order.ticket, Answer::Unclear),
            Match::Nowhere => return self.tell(order.ticket, Answer::Nowhere),
        };
        let Some(track) = cast.tracks.get(track) else { return };
        let plan = plan(&order.wish, scene, track);
        let told = Arc::clone(&order.progress);
        match self.drafter.prepare(&plan, |step| told.tell(step), &order.job) {
            Ok(speaking) => self.tell(order.ticket, Answer::Ready(Arc::new(speaking))),
            Err(err) => self.failed(order, &err),
        }
    }

    fn cast(&mut self, wish: &DraftRequest, identified: &Arc<Identified>) -> Result<Arc<Cast>, MediaError> {
        let known = match self.known.take() {
            Some(known) if Arc::ptr_eq(&known.identified, identified) => known,
            _ => Known {
                tracks: identified.faces.iter().cloned().map(Arc::new).collect(),
                identified: Arc::clone(identified),
                embeddings: HashMap::new(),
                cast: None,
            },
        };
        let known = self.known.insert(known);
        if let Some((faces, picks, cast)) = &known.cast
            && *faces == wish.faces
            && *picks == wish.picks
        {
            return Ok(Arc::clone(cast));
        }
        let mut embedder = FaceEmbedder::new()?;
        let mut seen = HashMap::new();
        let intervals: Vec<_> = wish.faces.iter().map(|face| face.interval).collect();
        let tracks: Vec<_> = known.tracks.iter().map(|track| track.interval).collect();
        let mut found = matches(&intervals, &tracks, |face, track| {
            let preview = wish.faces[face].preview.as_ref()?;
            if *preview.encoded == known.tracks[track].preview_jpeg[..] {
                return Some(1.0);
            }
            let of_service = seen
                .entry(face)
                .or_insert_with(|| embedder.of_rgba(preview.width_px, preview.height_px, &preview.rgba));
            let own =
                known.embeddings.entry(track).or_insert_with(|| embedder.of_encoded(&known.tracks[track].preview_jpeg));
            let similarity = of_service.as_ref()?.similarity(own.as_ref()?);
            tracing::debug!(face, track, similarity, "two pictures of faces are compared");
            Some(similarity)
        });
        for (face, slot) in wish.faces.iter().zip(&mut found) {
            if let Some(track) = wish.picks.of(&face.face_id).filter(|track| *track < tracks.len()) {
                *slot = Match::Is(track);
            }
        }
        let cast = Arc::new(Cast { width_px: identified.width_px, tracks: known.tracks.clone(), matches: found });
        known.cast = Some((wish.faces.clone(), wish.picks.clone(), Arc::clone(&cast)));
        Ok(cast)
    }

    fn failed(&self, order: &Order, err: &MediaError) {
        // Whoever stopped it knows.
        if *err != MediaError::Cancelled {
            self.tell(order.ticket, Answer::Failed(err.to_string()));
        }
    }

    fn tell(&self, ticket: u64, answer: Answer) {
        // The window may be gone: then the next wait ends the thread.
        if self.give.send((ticket, answer)).is_ok() {
            (self.wake)();
        }
    }
}

fn plan(wish: &DraftRequest, scene: &Scene, track: &Arc<FaceTrack>) -> DraftPlan {
    DraftPlan {
        clip: wish.clip.clone(),
        voice: scene.voice.clone(),
        track: Arc::clone(track),
        placement: scene.placement,
        mouth_box: scene.mouth_box,
    }
}
