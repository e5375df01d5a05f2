//! The draft: what the result will look like, painted on this machine into the clip's own pictures before anything is paid.
//!
//! It is made as soon as a face, a voice and its placement are there, and made again when one of them changes; what was there before
//! stays until then.

mod matcher;
mod matching;
mod outline;
mod request;
#[cfg(test)]
mod tests;
mod worker;

use std::sync::Arc;

pub use self::matcher::{MatchedFaces, Matcher};
pub use self::outline::{Outline, Outlines};
use self::request::Change;
pub use self::request::{DraftRequest, FacePreview, Mouths, Picks, Scene, ServiceFace};
use self::worker::{DraftAnswer, DraftOrder, DraftWorker, Progress};
use super::picture::Paint;
use crate::media::faces::{Pose, TrackPoint};
use crate::media::mouth::{MouthBox, MouthFit};
use crate::media::{DraftStep, Frame, Job, Speaking};
use crate::worker::{Wake, no_wake};

/// How the work stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Work {
    /// Nothing to do, or all done.
    #[default]
    Rests,
    /// Since this moment; milliseconds since the epoch.
    Runs {
        /// When it started.
        since_ms: i64,
    },
    /// The person cancelled it.
    Cancelled,
    /// Which face is the chosen one is not known.
    Unclear,
    /// The chosen face was not found here.
    NotFound,
    /// It failed, and why.
    Failed(String),
}

/// A draft that can be shown.
struct Ready {
    scene: Scene,
    speaking: Arc<Speaking>,
    paint: Arc<dyn Paint>,
}

struct Painter(Arc<Speaking>);

impl Paint for Painter {
    fn paint(&self, frame: &mut Frame) {
        self.0.paint(frame);
    }
}

/// Makes the draft of the current job.
pub struct DraftMaker {
    wake: Wake,
    worker: Option<DraftWorker>,
    request: Option<DraftRequest>,
    finding: Job,
    job: Job,
    progress: Arc<Progress>,
    work: Work,
    ready: Option<Ready>,
    faces: Option<Arc<MatchedFaces>>,
    picks: Picks,
    mouths: Mouths,
    /// The same is to be made once more.
    retries: bool,
}

impl Default for DraftMaker {
    fn default() -> Self {
        Self::new(no_wake())
    }
}

/// What it is asked for.
impl DraftMaker {
    /// A maker that wakes the window when something came.
    #[must_use]
    pub fn new(wake: Wake) -> Self {
        Self {
            wake,
            worker: None,
            request: None,
            finding: Job::new(),
            job: Job::new(),
            progress: Arc::default(),
            work: Work::Rests,
            ready: None,
            faces: None,
            picks: Picks::default(),
            mouths: Mouths::default(),
            retries: false,
        }
    }

    /// Requests a draft, or only the faces, where that is not what was requested before.
    pub fn request(&mut self, mut request: DraftRequest, now_ms: i64) {
        let retries = std::mem::take(&mut self.retries);
        if self.request.as_ref() == Some(&request) && !retries {
            return;
        }
        let change = request.change_from(self.request.as_ref());
        match change {
            Change::Clip => self.clear(),
            // Ids of a session that is over mean nothing in the next.
            Change::Session => (self.picks, self.mouths, self.faces) = (Picks::default(), Mouths::default(), None),
            Change::Scene => {}
        }
        if change != Change::Scene {
            request.picks = Picks::default();
        }
        if change == Change::Clip || self.finding.is_cancelled() {
            self.finding.cancel();
            self.finding = self.watched();
        }
        self.job.cancel();
        self.job = self.watched();
        if !matches!(self.work, Work::Runs { .. }) {
            self.work = Work::Runs { since_ms: now_ms };
        }
        self.request = Some(request.clone());
        self.order(request);
    }

    fn watched(&self) -> Job {
        let progress = Arc::clone(&self.progress);
        Job::watched(move |part| progress.report(part))
    }

    fn order(&mut self, request: DraftRequest) {
        if self.worker.is_none() {
            match worker::spawn(Arc::clone(&self.wake)) {
                Ok(worker) => self.worker = Some(worker),
                Err(err) => self.work = Work::Failed(format!("No thread could be started: {err}")),
            }
        }
        if let Some(worker) = &mut self.worker {
            worker.order(DraftOrder {
                request,
                finding: self.finding.clone(),
                job: self.job.clone(),
                progress: Arc::clone(&self.progress),
            });
        }
    }

    /// Drops everything of the clip, also what the worker remembers of it.
    pub fn clear(&mut self) {
        self.stop();
        self.worker = None;
        self.request = None;
        self.work = Work::Rests;
        self.ready = None;
        self.faces = None;
        self.picks = Picks::default();
        self.mouths = Mouths::default();
    }

    /// Drops the draft that can be shown.
    pub fn drop_ready(&mut self) {
        self.ready = None;
    }

    fn stop(&mut self) {
        self.finding.cancel();
        self.job.cancel();
        if let Some(worker) = &mut self.worker {
            worker.withdraw();
        }
    }

    /// Stops the work: the person does not want it.
    pub fn cancel(&mut self) {
        self.stop();
        self.work = Work::Cancelled;
    }

    /// Makes the same once more, at the next request.
    pub const fn retry(&mut self) {
        self.retries = true;
    }

    /// Sets which of the faces found here the service's face is.
    pub fn pick(&mut self, face_id: String, track: usize) {
        self.picks.set(face_id, track);
    }

    /// What a person said about which face is which.
    #[must_use]
    pub const fn picks(&self) -> &Picks {
        &self.picks
    }

    /// Sets where mouths are.
    pub fn set_mouths(&mut self, mouths: Mouths) {
        self.mouths = mouths;
    }

    /// Where a person says that mouths are.
    #[must_use]
    pub const fn mouths(&self) -> &Mouths {
        &self.mouths
    }

    /// Receives what the worker sent.
    pub fn receive(&mut self) {
        while let Some(worker) = &mut self.worker {
            match worker.receive() {
                Ok(None) => break,
                Ok(Some(answer)) => self.apply(answer),
                Err(died) => self.fail(Work::Failed(died.to_string())),
            }
        }
    }

    fn apply(&mut self, answer: DraftAnswer) {
        match answer {
            DraftAnswer::Faces(faces) => self.faces = Some(faces),
            DraftAnswer::Ready(speaking) => {
                self.work = Work::Rests;
                if let Some(scene) = self.scene() {
                    let paint = Arc::new(Painter(Arc::clone(&speaking)));
                    self.ready = Some(Ready { scene: scene.clone(), speaking, paint });
                }
            }
            DraftAnswer::Done if self.awaits_previews() => {}
            DraftAnswer::Done => self.work = Work::Rests,
            DraftAnswer::Unclear => self.fail(Work::Unclear),
            DraftAnswer::NotFound => self.fail(Work::NotFound),
            DraftAnswer::Failed(why) => self.fail(Work::Failed(why)),
        }
    }

    fn fail(&mut self, work: Work) {
        self.work = work;
        self.ready = None;
    }
}

impl Drop for DraftMaker {
    fn drop(&mut self) {
        self.stop();
    }
}

/// How it stands.
impl DraftMaker {
    /// How the work stands.
    #[must_use]
    pub const fn work(&self) -> &Work {
        &self.work
    }

    /// What is being done, and how far that is, 0 to 1.
    #[must_use]
    pub fn progress(&self) -> (DraftStep, f32) {
        self.progress.read()
    }

    /// Whether the faces are found, and the previews that decide which is which are being fetched.
    #[must_use]
    pub fn is_awaiting_previews(&self) -> bool {
        self.faces.is_some() && self.awaits_previews()
    }

    fn awaits_previews(&self) -> bool {
        self.request.as_ref().is_some_and(DraftRequest::awaits_previews)
    }

    fn scene(&self) -> Option<&Scene> {
        self.request.as_ref()?.scene.as_ref()
    }

    /// Whether anything is requested.
    #[must_use]
    pub const fn has_request(&self) -> bool {
        self.request.is_some()
    }

    /// Whether a draft is requested, not only the faces.
    #[must_use]
    pub fn has_scene(&self) -> bool {
        self.scene().is_some()
    }

    /// What paints the draft; what was there before until its successor is.
    #[must_use]
    pub fn paint(&self) -> Option<Arc<dyn Paint>> {
        self.ready.as_ref().map(|ready| Arc::clone(&ready.paint))
    }

    /// Whether there is a draft to show.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.ready.is_some()
    }

    /// Whether what can be shown is what is requested.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.ready.as_ref().is_some_and(|ready| self.scene() == Some(&ready.scene))
    }

    /// Whether something is being worked at.
    #[must_use]
    pub const fn is_working(&self) -> bool {
        matches!(self.work, Work::Runs { .. })
    }

    /// Whether it was cancelled or failed, and can be tried again.
    #[must_use]
    pub const fn can_retry(&self) -> bool {
        matches!(self.work, Work::Cancelled | Work::Unclear | Work::NotFound | Work::Failed(_))
    }

    /// Whether a person has to say which of the faces in the picture is the chosen one.
    #[must_use]
    pub const fn asks_for_face(&self) -> bool {
        matches!(self.work, Work::Unclear | Work::NotFound)
    }

    /// The id of the face whose draft is shown or on its way.
    #[must_use]
    pub fn speaker(&self) -> Option<&str> {
        let request = self.request.as_ref()?;
        let face = request.scene.as_ref()?.face;
        request.faces.get(face).map(|face| face.face_id.as_str())
    }

    /// Where its mouth is: as a person said, else as it was found; `None` while it is not known.
    #[must_use]
    pub fn mouth(&self) -> Option<MouthBox> {
        let given = self.speaker().and_then(|face_id| self.mouths.of(face_id));
        given.or_else(|| self.ready_of_speaker()?.speaking.fit().map(MouthFit::to_box))
    }

    /// Whether a person said where it is.
    #[must_use]
    pub fn mouth_is_given(&self) -> bool {
        self.speaker().is_some_and(|face_id| self.mouths.of(face_id).is_some())
    }

    /// Where the face that speaks is in the picture of this moment, in pixels of the clip.
    #[must_use]
    pub fn pose_at(&self, pts_us: i64) -> Option<Pose> {
        self.ready_of_speaker()?.speaking.track().at(pts_us).map(TrackPoint::pose)
    }

    /// The draft that can be shown, unless it is of another face than the one that is to speak now.
    fn ready_of_speaker(&self) -> Option<&Ready> {
        let face = self.scene()?.face;
        self.ready.as_ref().filter(|ready| ready.scene.face == face)
    }
}
