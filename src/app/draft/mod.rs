//! The draft: what the result will look like, painted on this machine into the clip's own pictures before anything is paid.
//!
//! It is made by itself as soon as a face, a voice and its place are there, and made anew when one of them changes; what was
//! there before stays until then.

mod outline;
mod status;
mod wish;

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::Context;

pub use self::outline::{Outline, Outlines};
pub use self::status::Status;
pub use self::wish::Absence;
use self::wish::Wish;
use crate::app::wake::wake;
use crate::media::faces::{Pose, TrackPoint};
use crate::media::mouth::{MouthBox, MouthFit};
use crate::media::{Frame, Job, Speaking};
use crate::playback::draft::request::{DraftRequest, Picks, Scene};
use crate::playback::draft::worker::{Answer, Cast, Order, Progress, Worker};
use crate::playback::picture::Paint;
use crate::workflow::Flow;

/// Where a person says that mouths are, by the ids of their faces; elsewhere they are found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mouths(BTreeMap<String, MouthBox>);

impl Mouths {
    /// Of this face.
    #[must_use]
    pub fn of(&self, face_id: &str) -> Option<MouthBox> {
        self.0.get(face_id).copied()
    }

    /// With the mouth of this face there, or found again.
    #[must_use]
    pub fn with(&self, face_id: &str, mouth: Option<MouthBox>) -> Self {
        let mut mouths = self.clone();
        match mouth {
            Some(mouth) => mouths.0.insert(face_id.to_owned(), mouth),
            None => mouths.0.remove(face_id),
        };
        mouths
    }
}

/// What is asked of the draft.
#[derive(Clone, Debug)]
pub enum DraftCommand {
    /// The chosen face is this one of those found on this machine.
    Pick(usize),
    /// Where mouths are.
    SetMouths(Mouths),
    /// Outline the faces on the picture, or not.
    ToggleFaces,
    /// Show the mouth's box to adjust it, or not.
    ToggleMouth,
    /// Find the chosen face's mouth again.
    ResetMouth,
    /// Stop preparing.
    Cancel,
    /// Prepare after all.
    Prepare,
}

/// How the work stands.
#[derive(Clone, Debug, Default, PartialEq)]
enum Work {
    /// Nothing to do, or all done.
    #[default]
    Rests,
    /// Since this moment; milliseconds since the epoch.
    Runs(i64),
    /// The person stopped it.
    Stopped,
    /// Which face is the chosen one cannot be told.
    Unclear,
    /// The chosen face was not found here.
    Nowhere,
    /// It went wrong, and why.
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

/// The draft of the job at hand.
#[derive(Default)]
pub struct Draft {
    worker: Option<Worker>,
    ticket: u64,
    wish: Option<DraftRequest>,
    /// Why there is nothing to do.
    absence: Option<Absence>,
    finding: Job,
    job: Job,
    progress: Arc<Progress>,
    work: Work,
    ready: Option<Ready>,
    cast: Option<Arc<Cast>>,
    picks: Picks,
    mouths: Mouths,
    /// What is wished for is asked for once more.
    again: bool,
    hides_faces: bool,
    adjusts_mouth: bool,
}

impl Draft {
    /// Takes what the worker gave, and asks it for what is wished for now.
    pub fn follow(&mut self, ctx: &Context, flow: &Flow, now_ms: i64) {
        self.receive();
        match Wish::of(flow, &self.picks, &self.mouths) {
            Err(absence) => {
                if self.wish.is_some() && !absence.passes() {
                    self.let_go();
                }
                self.absence = Some(absence);
            }
            Ok(Wish { request: wish, absence }) => {
                self.absence = absence;
                if self.absence.is_some_and(|absence| !absence.passes()) {
                    self.ready = None;
                }
                if self.wish.as_ref() != Some(&wish) || std::mem::take(&mut self.again) {
                    self.wish_for(ctx, wish, now_ms);
                }
            }
        }
    }

    /// Everything of the clip that was.
    fn let_go(&mut self) {
        self.stop();
        self.wish = None;
        self.work = Work::Rests;
        self.ready = None;
        self.cast = None;
        self.picks = Picks::default();
        self.mouths = Mouths::default();
    }

    fn stop(&mut self) {
        self.ticket += 1;
        self.finding.cancel();
        self.job.cancel();
        if let Some(worker) = &self.worker {
            worker.forget();
        }
    }

    fn wish_for(&mut self, ctx: &Context, mut wish: DraftRequest, now_ms: i64) {
        let same_clip = self.wish.as_ref().is_some_and(|before| before.clip == wish.clip);
        let same_session = self.wish.as_ref().is_some_and(|before| {
            before.faces.len() == wish.faces.len()
                && before.faces.iter().zip(&wish.faces).all(|(one, two)| one.face_id == two.face_id)
        });
        if !same_clip {
            self.let_go();
            wish.picks = Picks::default();
        } else if !same_session {
            // Ids of a session that is over mean nothing in the next.
            (self.picks, self.mouths) = (Picks::default(), Mouths::default());
            wish.picks = Picks::default();
            self.cast = None;
        }
        if !same_clip || self.finding.is_cancelled() {
            self.finding.cancel();
            let told = Arc::clone(&self.progress);
            self.finding = Job::watched(move |part| told.report(part));
        }
        self.job.cancel();
        let told = Arc::clone(&self.progress);
        self.job = Job::watched(move |part| told.report(part));
        self.ticket += 1;
        let since_ms = match self.work {
            Work::Runs(since_ms) => since_ms,
            _ => now_ms,
        };
        self.work = Work::Runs(since_ms);
        let order = Order {
            ticket: self.ticket,
            wish: wish.clone(),
            finding: self.finding.clone(),
            job: self.job.clone(),
            progress: Arc::clone(&self.progress),
        };
        self.wish = Some(wish);
        if self.worker.is_none() {
            match Worker::spawn(wake(ctx)) {
                Ok(worker) => self.worker = Some(worker),
                Err(err) => self.work = Work::Failed(format!("no thread could be started: {err}")),
            }
        }
        if let Some(worker) = &mut self.worker {
            worker.order(order);
        }
    }

    fn receive(&mut self) {
        while let Some((ticket, answer)) = self.worker.as_ref().and_then(Worker::answer) {
            if ticket != self.ticket {
                continue;
            }
            match answer {
                Answer::Cast(cast) => self.cast = Some(cast),
                Answer::Ready(speaking) => {
                    self.work = Work::Rests;
                    if let Some(scene) = self.wish.as_ref().and_then(|wish| wish.scene.as_ref()) {
                        let paint = Arc::new(Painter(Arc::clone(&speaking)));
                        self.ready = Some(Ready { scene: scene.clone(), speaking, paint });
                    }
                }
                Answer::Rest if self.is_awaiting_previews() => {}
                Answer::Rest => self.work = Work::Rests,
                Answer::Unclear => (self.work, self.ready) = (Work::Unclear, None),
                Answer::Nowhere => (self.work, self.ready) = (Work::Nowhere, None),
                Answer::Failed(why) => (self.work, self.ready) = (Work::Failed(why), None),
            }
        }
    }

    fn is_awaiting_previews(&self) -> bool {
        self.wish
            .as_ref()
            .is_some_and(|wish| wish.scene.is_some() && wish.faces.iter().any(|face| face.preview_pending))
    }

    /// Does what a person asked for.
    pub fn handle(&mut self, flow: &Flow, command: DraftCommand) {
        match command {
            DraftCommand::Pick(track) => {
                if let Some(face_id) = flow.faces().and_then(|faces| faces.chosen.clone()) {
                    self.picks.set(face_id, track);
                }
            }
            DraftCommand::SetMouths(mouths) => self.mouths = mouths,
            DraftCommand::ToggleFaces => self.hides_faces = !self.hides_faces,
            DraftCommand::ToggleMouth => self.adjusts_mouth = !self.adjusts_mouth,
            DraftCommand::ResetMouth => {
                if let Some(face_id) = self.speaker() {
                    self.mouths = self.mouths.with(face_id, None);
                }
            }
            DraftCommand::Cancel => {
                self.stop();
                self.work = Work::Stopped;
            }
            DraftCommand::Prepare => self.again = true,
        }
    }

    /// What paints the draft; what was there before until its successor is.
    #[must_use]
    pub fn paint(&self) -> Option<Arc<dyn Paint>> {
        self.ready.as_ref().map(|ready| Arc::clone(&ready.paint))
    }

    /// Whether something is being worked at.
    #[must_use]
    pub const fn is_working(&self) -> bool {
        matches!(self.work, Work::Runs(_))
    }

    /// Whether it was stopped or went wrong, and can be tried again.
    #[must_use]
    pub const fn is_pending(&self) -> bool {
        matches!(self.work, Work::Stopped | Work::Unclear | Work::Nowhere | Work::Failed(_))
    }

    /// Whether it is not known which of the faces found here is the chosen one.
    const fn is_unsure(&self) -> bool {
        matches!(self.work, Work::Unclear | Work::Nowhere)
    }

    /// Whether what can be shown is what is wished for.
    #[must_use]
    pub fn is_current(&self) -> bool {
        match (&self.ready, &self.wish) {
            (Some(ready), Some(wish)) => wish.scene.as_ref().is_some_and(|scene| *scene == ready.scene),
            _ => false,
        }
    }

    /// The id of the face whose draft is shown or on its way.
    #[must_use]
    pub fn speaker(&self) -> Option<&str> {
        let wish = self.wish.as_ref()?;
        let scene = wish.scene.as_ref()?;
        wish.faces.get(scene.face).map(|face| face.face_id.as_str())
    }

    /// Where its mouth is: as a person said, else as it was found; none while it is not known.
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

    /// What is there, unless it is of another face than the one that is to speak now.
    fn ready_of_speaker(&self) -> Option<&Ready> {
        let wished = self.wish.as_ref()?.scene.as_ref()?.face;
        self.ready.as_ref().filter(|ready| ready.scene.face == wished)
    }

    /// Whether the mouth's box is shown.
    #[must_use]
    pub const fn adjusts_mouth(&self) -> bool {
        self.adjusts_mouth
    }

    /// Whether the faces are outlined on the picture.
    #[must_use]
    pub const fn shows_faces(&self) -> bool {
        !self.hides_faces
    }

    /// Where a person says that mouths are.
    #[must_use]
    pub const fn mouths(&self) -> &Mouths {
        &self.mouths
    }
}
