//! The verdict: whether a result is what was asked for, measured on a worker by the judge.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::UNIX_EPOCH;

use super::draft::{Matcher, Picks, ServiceFace};
use crate::media::judge::{JudgePlan, Judgement, judge};
use crate::media::{Identified, Job, MediaError, shared_faces};
use crate::model::Placement;
use crate::worker::{Desk, Wake, Worker, no_wake};

/// So many judgements are kept, so that a result that is shown again is not measured again.
const KEPT: usize = 500;
/// Share of the work by which the faces of the clip are found, where nobody found them before.
const FACED: f32 = 0.35;

/// A result, and what it was made from.
#[derive(Clone, Debug, PartialEq)]
pub struct VerdictRequest {
    /// The result's file.
    pub result: PathBuf,
    /// The clip's file.
    pub clip: PathBuf,
    /// The voice's file.
    pub voice: PathBuf,
    /// Where the voice was asked for, and how loud.
    pub placement: Placement,
    /// The faces of the session; empty where they are not known any more.
    pub faces: Vec<ServiceFace>,
    /// What a person said about which of the faces found on this machine they are.
    pub picks: Picks,
    /// The face that was to speak.
    pub face_id: String,
}

impl VerdictRequest {
    /// Whether both ask for the same: previews may come later.
    fn is_same(&self, other: &Self) -> bool {
        let ids = |request: &'_ Self| request.faces.iter().map(|face| face.face_id.clone()).collect::<Vec<_>>();
        (&self.result, &self.clip, &self.voice, self.placement)
            == (&other.result, &other.clip, &other.voice, other.placement)
            && (&self.picks, &self.face_id) == (&other.picks, &other.face_id)
            && ids(self) == ids(other)
    }

    /// Of what a verdict on it is one, as a short text: result, clip and voice as they are on the disk, the placement, the face, and the form
    /// of the judge. `None`: a file is gone. Blocks.
    #[must_use]
    pub fn made_of(&self) -> Option<String> {
        let file = |path: &Path| {
            let about = std::fs::metadata(path).ok()?;
            let modified = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
            Some(format!("{} {} {}", path.display(), about.len(), modified.as_nanos()))
        };
        let Placement { sound_start_time, sound_end_time, sound_insert_time, sound_volume, original_audio_volume } =
            self.placement;
        // A volume is told in hundredths: written down and read again it may differ in its last bit.
        let volumes = [sound_volume, original_audio_volume].map(|volume| volume.map(|volume| (volume * 1e3).round()));
        let placement = format!("{sound_start_time} {sound_end_time} {sound_insert_time} {volumes:?}");
        let who = format!("{} {:?} {}", self.face_id, self.picks, Judgement::FORM);
        Some([file(&self.result)?, file(&self.clip)?, file(&self.voice)?, placement, who].join("\n"))
    }
}

/// What was just measured, to be written down.
#[derive(Clone, Debug)]
pub struct Fresh {
    /// Of what it is.
    pub request: VerdictRequest,
    /// The same as a short text ([`VerdictRequest::made_of`]).
    pub made_of: String,
    /// What was measured.
    pub judgement: Arc<Judgement>,
}

/// How a verdict stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Verdict {
    /// None is wanted.
    #[default]
    None,
    /// It is being measured.
    Measuring {
        /// Since when; milliseconds since the epoch.
        since_ms: i64,
    },
    /// The person stopped it.
    Stopped,
    /// It could not be measured, and why.
    Failed(String),
    /// What was measured.
    Measured(Arc<Judgement>),
}

struct Order {
    request: VerdictRequest,
    /// Cancelled once another verdict is wanted.
    job: Job,
}

/// What was measured, and of what; `None`: the files changed meanwhile.
type Answer = Result<(Judgement, Option<String>), MediaError>;

/// Measures the result that is shown.
pub struct ResultJudge {
    wake: Wake,
    request: Option<VerdictRequest>,
    verdict: Verdict,
    job: Job,
    progress: Arc<AtomicU32>,
    worker: Option<Worker<Order, Answer>>,
    /// What was measured before, the last one last.
    known: Vec<(VerdictRequest, Arc<Judgement>)>,
    fresh: Option<Fresh>,
}

impl Default for ResultJudge {
    fn default() -> Self {
        Self::new(no_wake())
    }
}

impl ResultJudge {
    /// No verdict yet. `wake` is called when there is one.
    #[must_use]
    pub fn new(wake: Wake) -> Self {
        let progress = Arc::new(AtomicU32::new(0));
        let (known, fresh) = (Vec::new(), None);
        Self { wake, request: None, verdict: Verdict::None, job: Job::new(), progress, worker: None, known, fresh }
    }

    /// Measures this result in place of the one before, unless it is the same; `None`: there is nothing to measure.
    pub fn request(&mut self, request: Option<VerdictRequest>, now_ms: i64) {
        let is_same = match (&self.request, &request) {
            (Some(known), Some(wanted)) => known.is_same(wanted),
            (None, None) => true,
            _ => false,
        };
        if is_same {
            return;
        }
        self.job.cancel();
        self.request = request;
        self.verdict = Verdict::None;
        self.worker = self.worker.take().filter(|_| self.request.is_some());
        let is_it =
            |(known, _): &&(VerdictRequest, _)| self.request.as_ref().is_some_and(|wanted| known.is_same(wanted));
        if let Some((_, judgement)) = self.known.iter().find(is_it) {
            self.verdict = Verdict::Measured(Arc::clone(judgement));
            self.worker = None;
            return;
        }
        self.measure(now_ms);
    }

    /// Measures what is requested, from the beginning.
    pub fn measure(&mut self, now_ms: i64) {
        let Some(request) = self.request.clone() else { return };
        let progress = Arc::new(AtomicU32::new(0));
        let reported = Arc::clone(&progress);
        self.progress = progress;
        self.job = Job::watched(move |part| reported.store(part.to_bits(), Ordering::Relaxed));
        self.verdict = Verdict::Measuring { since_ms: now_ms };
        if self.worker.is_none() {
            let spawned = Worker::spawn("verdict", 1, Arc::clone(&self.wake), || {
                let mut matcher = Matcher::default();
                move |order: Order, desk: &Desk<'_, Order, Answer>| {
                    let made_of = order.request.made_of();
                    let answer = measured(&mut matcher, order.request.clone(), &order.job);
                    // A cancelled measurement has no answer: the caller that cancelled it shows that itself.
                    if answer != Err(MediaError::Cancelled) {
                        let is_still = |made_of: &String| order.request.made_of().as_ref() == Some(made_of);
                        let _ = desk.send(answer.map(|judgement| (judgement, made_of.filter(is_still))));
                    }
                }
            });
            match spawned {
                Ok(worker) => self.worker = Some(worker),
                Err(err) => self.verdict = Verdict::Failed(format!("no thread could be started: {err}")),
            }
        }
        if let Some(worker) = &mut self.worker {
            worker.order(Order { request, job: self.job.clone() });
        }
    }

    /// Stops measuring: the person does not want it.
    pub fn stop(&mut self) {
        if self.is_working() {
            self.job.cancel();
            self.worker = None;
            self.verdict = Verdict::Stopped;
        }
    }

    /// Receives what was measured.
    pub fn receive(&mut self) {
        let Some(worker) = &mut self.worker else { return };
        let mut of = None;
        self.verdict = match worker.receive() {
            Ok(None) => return,
            Ok(Some(Ok((judgement, made_of)))) => {
                of = made_of;
                Verdict::Measured(Arc::new(judgement))
            }
            Ok(Some(Err(err))) => Verdict::Failed(err.to_string()),
            Err(died) => Verdict::Failed(died.to_string()),
        };
        // Done: the thread ends.
        self.worker = None;
        if let (Some(request), Verdict::Measured(judgement)) = (&self.request, &self.verdict) {
            let (request, judgement) = (request.clone(), Arc::clone(judgement));
            self.fresh =
                of.map(|made_of| Fresh { request: request.clone(), made_of, judgement: Arc::clone(&judgement) });
            self.know(request, judgement);
        }
    }

    fn know(&mut self, request: VerdictRequest, judgement: Arc<Judgement>) {
        self.known.retain(|(known, _)| known.result != request.result);
        if self.known.len() >= KEPT {
            self.known.remove(0);
        }
        self.known.push((request, judgement));
    }

    /// Takes what was measured before, by another window: it is not measured again. What this one has measured stays.
    pub fn remember(&mut self, request: VerdictRequest, judgement: Judgement) {
        if self.known.iter().any(|(known, _)| known.result == request.result) {
            return;
        }
        let judgement = Arc::new(judgement);
        if self.is_working() && self.request.as_ref().is_some_and(|wanted| wanted.is_same(&request)) {
            self.job.cancel();
            self.worker = None;
            self.verdict = Verdict::Measured(Arc::clone(&judgement));
        }
        self.know(request, judgement);
    }

    /// What was measured and is not written down yet.
    #[must_use]
    pub const fn fresh(&self) -> Option<&Fresh> {
        self.fresh.as_ref()
    }

    /// It is written down.
    pub fn written(&mut self) {
        self.fresh = None;
    }

    /// What was measured of a result, now or before.
    #[must_use]
    pub fn known(&self, result: &Path) -> Option<&Judgement> {
        let found = self.known.iter().find(|(known, _)| known.result == result)?;
        Some(&found.1)
    }

    /// How it stands.
    #[must_use]
    pub const fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// What was measured of the result that is requested.
    #[must_use]
    pub fn judgement(&self) -> Option<&Judgement> {
        if let Verdict::Measured(judgement) = &self.verdict { Some(judgement) } else { None }
    }

    /// What is measured, or was.
    #[must_use]
    pub const fn requested(&self) -> Option<&VerdictRequest> {
        self.request.as_ref()
    }

    /// Whether something is being measured.
    #[must_use]
    pub const fn is_working(&self) -> bool {
        matches!(self.verdict, Verdict::Measuring { .. })
    }

    /// How far that is, 0 to 1.
    #[must_use]
    pub fn progress(&self) -> f32 {
        f32::from_bits(self.progress.load(Ordering::Relaxed))
    }
}

impl Drop for ResultJudge {
    fn drop(&mut self) {
        self.job.cancel();
    }
}

/// Measures a result; blocks.
fn measured(matcher: &mut Matcher, request: VerdictRequest, job: &Job) -> Result<Judgement, MediaError> {
    let faces = match shared_faces(&request.clip, &job.stage(0.0, FACED)) {
        Ok(identified) => Some(identified),
        // Sound and length are measured all the same.
        Err(MediaError::UnsupportedCodec { .. }) => None,
        Err(err) => return Err(err),
    };
    let face = faces.map(|faces| speaker(matcher, &request, &faces)).transpose()?.flatten();
    let VerdictRequest { result, clip, voice, placement, .. } = request;
    judge(&JudgePlan { result, clip, voice, face, placement }, &job.stage(FACED, 1.0))
}

/// Which of the faces found here was to speak; `None` where that is not known.
fn speaker(
    matcher: &mut Matcher,
    request: &VerdictRequest,
    found: &Arc<Identified>,
) -> Result<Option<usize>, MediaError> {
    if request.faces.is_empty() {
        return Ok((found.faces.len() == 1).then_some(0));
    }
    let Some(face) = request.faces.iter().position(|face| face.face_id == request.face_id) else { return Ok(None) };
    let matched = matcher.matched(found, &request.faces, &request.picks)?;
    Ok(matched.matches.get(face).and_then(|found| found.track()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::media::judge::{Finding, Grade, Measure};
    use crate::model::Interval;

    /// The demo's clip as a result of itself: Face 1 is in view from the beginning, Face 2 from 2 s on.
    fn request(face_id: &str) -> VerdictRequest {
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
        let face = |id: &str, start_ms, end_ms| ServiceFace {
            face_id: id.into(),
            interval: Some(Interval::new(start_ms, end_ms)),
            preview: None,
            preview_pending: false,
        };
        VerdictRequest {
            result: demo.join("duo.mp4"),
            clip: demo.join("duo.mp4"),
            voice: demo.join("voice.mp3"),
            placement: Placement {
                sound_start_time: 0,
                sound_end_time: 3_000,
                sound_insert_time: 2_500,
                sound_volume: None,
                original_audio_volume: None,
            },
            faces: vec![face("one", 0, 9_000), face("two", 2_000, 7_040)],
            picks: Picks::default(),
            face_id: face_id.into(),
        }
    }

    fn wait(judge: &mut ResultJudge) {
        let began = Instant::now();
        while judge.is_working() {
            assert!(began.elapsed() < Duration::from_mins(2), "no verdict came");
            std::thread::sleep(Duration::from_millis(2));
            judge.receive();
        }
    }

    #[test]
    fn the_last_result_that_was_asked_for_is_measured_and_a_face_that_is_not_known_is_not_guessed() {
        let mut judge = ResultJudge::default();
        judge.request(Some(request("two")), 0);
        judge.request(Some(request("nobody")), 0);
        assert!(judge.is_working());
        wait(&mut judge);
        let judgement = judge.judgement().unwrap();
        assert_eq!(judgement.finding(), Finding::NotAsAsked, "there is no voice in it");
        let moved = judgement.entry(Measure::Moved).unwrap();
        assert!(matches!(&moved.grade, Grade::NotMeasured(why) if why.contains("not known")), "{moved:?}");
        // The same again is not measured again.
        judge.request(Some(request("nobody")), 0);
        assert!(!judge.is_working());
        judge.request(Some(request("two")), 0);
        wait(&mut judge);
        let moved = judge.judgement().unwrap().entry(Measure::Moved).unwrap().clone();
        assert_eq!(moved.grade, Grade::Bad, "a still picture does not speak: {moved:?}");
        judge.request(Some(request("nobody")), 0);
        wait(&mut judge);
        judge.request(None, 0);
        judge.request(Some(request("nobody")), 0);
        assert!(!judge.is_working() && judge.judgement().is_some(), "what was measured before is known");
        assert!(judge.known(&request("nobody").result).is_some() && judge.known("none.mp4".as_ref()).is_none());
        judge.request(None, 0);
        assert_eq!(judge.verdict(), &Verdict::None);
    }

    #[test]
    fn what_another_window_has_measured_is_not_measured_again_while_the_files_are_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let result = folder.path().join("result.mp4");
        std::fs::copy(request("two").result, &result).unwrap();
        let of = |face_id: &str| VerdictRequest { result: result.clone(), ..request(face_id) };
        let mut judge = ResultJudge::default();
        judge.request(Some(of("two")), 0);
        wait(&mut judge);
        let fresh = judge.fresh().expect("to be written down").clone();
        judge.written();
        assert!(judge.fresh().is_none());
        assert_eq!(of("two").made_of().as_ref(), Some(&fresh.made_of));
        let written = serde_json::to_string(&*fresh.judgement).unwrap();
        let read = || serde_json::from_str::<Judgement>(&written).unwrap();
        assert_eq!(read().summary(), fresh.judgement.summary());
        assert_eq!(read().openings.len(), fresh.judgement.openings.len());

        // It comes before it is asked for, and while it is being measured.
        let mut next = ResultJudge::default();
        next.remember(of("two"), read());
        next.request(Some(of("two")), 0);
        assert!(!next.is_working() && next.judgement().is_some() && next.known(&result).is_some());
        assert!(next.fresh().is_none(), "it is written down already");
        let mut late = ResultJudge::default();
        late.request(Some(of("two")), 0);
        assert!(late.is_working());
        late.remember(of("two"), read());
        assert!(!late.is_working() && late.judgement().is_some());

        // Another face, another placement, or another file is another matter.
        let placement = Placement { sound_insert_time: 2_600, ..request("two").placement };
        for other in [of("one"), VerdictRequest { placement, ..of("two") }, request("two")] {
            assert_ne!(other.made_of(), Some(fresh.made_of.clone()));
        }
        std::fs::write(&result, "something else").unwrap();
        assert_ne!(of("two").made_of(), Some(fresh.made_of));
        assert_eq!(VerdictRequest { result: "none.mp4".into(), ..of("two") }.made_of(), None);
    }

    #[test]
    fn it_can_be_stopped_and_taken_up_again_and_says_why_it_fails() {
        let mut judge = ResultJudge::default();
        judge.request(Some(request("two")), 0);
        judge.stop();
        assert_eq!(judge.verdict(), &Verdict::Stopped);
        judge.request(Some(VerdictRequest { result: "none.mp4".into(), ..request("two") }), 7);
        assert_eq!(judge.verdict(), &Verdict::Measuring { since_ms: 7 });
        wait(&mut judge);
        assert!(matches!(judge.verdict(), Verdict::Failed(why) if why.contains("none.mp4")), "{:?}", judge.verdict());
        judge.measure(9);
        assert!(judge.is_working());
        wait(&mut judge);
    }
}
