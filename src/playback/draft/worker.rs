//! Making drafts on a worker. A newer request supersedes the one being carried out; only the faces of a clip are found to the end,
//! whatever is placed meanwhile.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::matching::{Match, matches};
use super::request::{DraftRequest, Picks, Scene, ServiceFace};
use crate::media::face_embedding::{FaceEmbedder, FaceEmbedding};
use crate::media::faces::FaceTrack;
use crate::media::{DraftPlan, DraftStep, Drafter, Identified, Job, MediaError, Speaking};
use crate::worker::{Desk, Superseded, Wake, Worker};

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

/// The faces of a clip as they were found on this machine.
#[derive(Debug)]
pub struct MatchedFaces {
    /// What was found in the clip.
    pub identified: Arc<Identified>,
    /// The faces found here.
    pub tracks: Vec<Arc<FaceTrack>>,
    /// Which of them each of the service's is.
    pub matches: Vec<Match>,
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

/// Why an order was not carried out to its end.
enum Stop {
    Superseded,
    Failed(MediaError),
}

impl From<Superseded> for Stop {
    fn from(_: Superseded) -> Self {
        Self::Superseded
    }
}

impl From<MediaError> for Stop {
    fn from(err: MediaError) -> Self {
        Self::Failed(err)
    }
}

#[derive(Default)]
struct Maker {
    drafter: Drafter,
    known: Option<Known>,
}

/// The faces of the current clip, and the embeddings they are matched by.
struct Known {
    identified: Arc<Identified>,
    tracks: Vec<Arc<FaceTrack>>,
    embeddings: HashMap<usize, Option<FaceEmbedding>>,
    matched: Option<(Vec<ServiceFace>, Picks, Arc<MatchedFaces>)>,
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
        let faces = self.match_faces(&order.request, &identified)?;
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

    fn match_faces(
        &mut self,
        request: &DraftRequest,
        identified: &Arc<Identified>,
    ) -> Result<Arc<MatchedFaces>, MediaError> {
        let known = match self.known.take() {
            Some(known) if Arc::ptr_eq(&known.identified, identified) => known,
            _ => Known {
                tracks: identified.faces.iter().cloned().map(Arc::new).collect(),
                identified: Arc::clone(identified),
                embeddings: HashMap::new(),
                matched: None,
            },
        };
        let known = self.known.insert(known);
        if let Some((faces, picks, matched)) = &known.matched
            && *faces == request.faces
            && *picks == request.picks
        {
            return Ok(Arc::clone(matched));
        }
        let mut embedder = FaceEmbedder::new()?;
        let mut of_previews = HashMap::new();
        let intervals: Vec<_> = request.faces.iter().map(|face| face.interval).collect();
        let tracks: Vec<_> = known.tracks.iter().map(|track| track.interval).collect();
        let mut found = matches(&intervals, &tracks, |face, track| {
            let preview = request.faces[face].preview.as_ref()?;
            if *preview.encoded == known.tracks[track].preview_jpeg[..] {
                return Some(1.0);
            }
            let of_service = of_previews
                .entry(face)
                .or_insert_with(|| embedder.of_rgba(preview.width_px, preview.height_px, &preview.rgba));
            let own =
                known.embeddings.entry(track).or_insert_with(|| embedder.of_encoded(&known.tracks[track].preview_jpeg));
            let similarity = of_service.as_ref()?.similarity(own.as_ref()?);
            tracing::debug!(face, track, similarity, "two pictures of faces are compared");
            Some(similarity)
        });
        for (face, slot) in request.faces.iter().zip(&mut found) {
            if let Some(track) = request.picks.of(&face.face_id).filter(|track| *track < tracks.len()) {
                *slot = Match::Is(track);
            }
        }
        let matched =
            Arc::new(MatchedFaces { identified: Arc::clone(identified), tracks: known.tracks.clone(), matches: found });
        known.matched = Some((request.faces.clone(), request.picks.clone(), Arc::clone(&matched)));
        Ok(matched)
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
