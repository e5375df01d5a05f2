//! The whole state: the desk, the stage, and the results before.

use std::collections::BTreeSet;

use crate::model::{ClipProbe, ClipSource, Dialect, Problem, Profile, RuleReport, Session, Task};

use super::desk::Desk;
use super::faces::{Faces, KeptFaces, Preview};
use super::stage::{Done, Download, Follow, Idle, Outcome, SendState, Stage, Submitted};
use super::words;

/// Names an asynchronous job. An answer with an id that is not awaited is stale, and dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

/// What a service does with our names for tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// A task cannot be looked up by its name.
    Unseen,
    /// A query by a name, or its list, may find the task; whether a name is used once is not known.
    Listed,
    /// A name is used once, and finds its task ([`Profile::knows_names`]).
    Known,
}

impl Names {
    fn of(profile: &Profile) -> Self {
        match (profile.dialect, profile.knows_names) {
            (Dialect::Kirin, _) => Self::Unseen,
            (Dialect::Kling, false) => Self::Listed,
            (Dialect::Kling, true) => Self::Known,
        }
    }
}

/// What the workflow must know of the service, and of how patient to be with it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts, each with a name of its own")]
pub struct Terms {
    /// The profile's name, for messages.
    pub profile: String,
    /// Whether local clips can be handed to it: the sandbox only.
    pub takes_files: bool,
    /// What storage of one's own is called from which the service fetches local files; `None`: there is none, or it takes files itself.
    pub storage: Option<String>,
    /// What the service does with our names for tasks (`external_task_id`).
    pub names: Names,
    /// How long a task is followed before it is paused, in milliseconds.
    pub poll_limit_ms: u64,
    /// Whether face previews are fetched at all.
    pub load_previews: bool,
    /// Whether faces are taken up again that were found before in the same clip, while their session lives.
    pub recalls_faces: bool,
    /// Whether known faces are paid for again only after the person was told and has asked a second time; otherwise there is only a warning.
    pub tells_before_paying: bool,
}

impl Terms {
    /// The terms of a profile, with previews.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        Self {
            profile: profile.name.clone(),
            takes_files: profile.is_sandbox(),
            storage: None,
            names: Names::of(profile),
            poll_limit_ms: profile.poll_limit_ms,
            load_previews: true,
            recalls_faces: false,
            tells_before_paying: false,
        }
    }
}

/// Everything that window and command line show of a job.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// What must be known of the service.
    pub terms: Terms,
    /// How far our clock is ahead of the service's, in milliseconds, by its last answer; `None` before its first one.
    pub ahead_ms: Option<i64>,
    /// What a person has entered; it outlives the stages.
    pub desk: Desk,
    /// The stage of the job.
    pub stage: Stage,
    /// The result before this one; it stays until its successor is there.
    pub previous: Option<Box<Done>>,
    /// Faces of clips that were left while their sessions live, the last one first.
    pub kept: Vec<KeptFaces>,
    /// What the clip was whose faces came back, until its file has been read again.
    pub(super) expected_clip: Option<ClipProbe>,
    /// Results before the previous one that are still being saved.
    pub earlier: Vec<Done>,
    /// What went wrong beside the stage: an id that could not be written down, an earlier result that could not be saved.
    pub warnings: Vec<Problem>,
    /// Ids that are being written down.
    pub(super) recording: Vec<Recording>,
    next_job: u64,
}

/// An id that is being written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Recording {
    /// The writing down.
    pub(super) job: JobId,
    /// Whether the first poll, which comes only after it, is sent without waiting; `None` where none follows.
    pub(super) first_poll_at_once: Option<bool>,
}

impl Flow {
    /// A flow with an empty desk, for a service with these terms.
    #[must_use]
    pub fn new(terms: Terms) -> Self {
        Self {
            terms,
            ahead_ms: None,
            desk: Desk::default(),
            stage: Stage::Idle(Idle::default()),
            previous: None,
            kept: Vec::new(),
            expected_clip: None,
            earlier: Vec::new(),
            warnings: Vec::new(),
            recording: Vec::new(),
            next_job: 1,
        }
    }

    /// An id that no job had before.
    pub(super) fn new_job(&mut self) -> JobId {
        let job = JobId(self.next_job);
        self.next_job += 1;
        job
    }

    /// Milliseconds since the epoch by the service's clock, at `now_ms` by ours; by ours where the service has not said its time.
    #[must_use]
    pub fn service_ms(&self, now_ms: i64) -> i64 {
        now_ms.saturating_sub(self.ahead_ms.unwrap_or(0))
    }

    /// Milliseconds that `session` has left at `now_ms` by our clock. Our clock alone may be wrong: see [`Flow::is_session_over`].
    #[must_use]
    pub fn session_left_ms(&self, session: &Session, now_ms: i64) -> i64 {
        session.left_ms(self.service_ms(now_ms))
    }

    /// Whether `session` is over by the service's own clock, as its answers show it. Our clock alone refuses nothing.
    #[must_use]
    pub fn is_session_over(&self, session: &Session, now_ms: i64) -> bool {
        self.ahead_ms.is_some() && self.session_left_ms(session, now_ms) <= 0
    }

    /// The faces of the current session, in every stage that has one.
    #[must_use]
    pub fn faces(&self) -> Option<&Faces> {
        match &self.stage {
            Stage::Idle(_) => None,
            Stage::Identifying(identifying) => identifying.again.as_ref().map(|choosing| &choosing.faces),
            Stage::Choosing(choosing) => Some(&choosing.faces),
            Stage::Submitted(submitted) => submitted.faces.as_deref(),
            Stage::Done(done) => done.faces.as_deref(),
        }
    }

    pub(super) fn faces_mut(&mut self) -> Option<&mut Faces> {
        match &mut self.stage {
            Stage::Idle(_) => None,
            Stage::Identifying(identifying) => identifying.again.as_mut().map(|choosing| &mut choosing.faces),
            Stage::Choosing(choosing) => Some(&mut choosing.faces),
            Stage::Submitted(submitted) => submitted.faces.as_deref_mut(),
            Stage::Done(done) => done.faces.as_deref_mut(),
        }
    }

    /// The task as last reported, once there is one.
    #[must_use]
    pub fn task(&self) -> Option<&Task> {
        match &self.stage {
            Stage::Submitted(submitted) => submitted.task(),
            Stage::Done(done) => Some(&done.task),
            _ => None,
        }
    }

    /// The result to show: this one where it succeeded, else the one before it.
    #[must_use]
    pub fn result(&self) -> Option<&Done> {
        match &self.stage {
            Stage::Done(done) if done.outcome == Outcome::Succeeded => Some(done),
            _ => self.previous.as_deref(),
        }
    }

    /// The default name of a result's file, without extension: `CLIP lip-sync`, or by the task's name where a task of another time is followed.
    #[must_use]
    pub fn result_stem(&self) -> String {
        let followed = match &self.stage {
            Stage::Submitted(Submitted {
                submission: None, state: SendState::Accepted { task_id, task, .. }, ..
            }) => Some((task_id, task.as_deref())),
            Stage::Done(Done { submission: None, task, .. }) => Some((&task.task_id, Some(task))),
            _ => None,
        };
        let name = match followed {
            Some((task_id, task)) => {
                task.and_then(|task| task.external_task_id.clone()).or_else(|| Some(task_id.clone()))
            }
            None => self.desk.clip.as_ref().and_then(ClipSource::stem),
        };
        format!("{} lip-sync", name.as_deref().unwrap_or("clip"))
    }

    /// Every rule known to be checked now: of the clip, the voice and the placement.
    pub fn rules(&self) -> impl Iterator<Item = &RuleReport> {
        let of_placement = match &self.stage {
            Stage::Choosing(choosing) => choosing.rules.as_slice(),
            _ => &[],
        };
        self.desk.clip_rules.iter().chain(&self.desk.voice_rules).chain(of_placement)
    }

    /// Whether a create is in progress or its outcome is not known.
    #[must_use]
    pub fn create_is_open(&self) -> bool {
        matches!(
            &self.stage,
            Stage::Submitted(submitted)
                if matches!(submitted.state, SendState::Sent { .. } | SendState::Unknown { .. })
        )
    }

    /// The id of the accepted task that any way out of the stage would lose sight of, followed or paused: it is paid and not at its
    /// end, as far as its service does not say that it knows no such task. Such a way out is taken only after [`super::PersonEvent::LeaveTask`], for which a person is to be asked.
    #[must_use]
    pub fn loses(&self) -> Option<&str> {
        match &self.stage {
            Stage::Submitted(submitted) if !submitted.is_denied() => submitted.task_id(),
            _ => None,
        }
    }

    /// Whether an id is being written down: a program that ends now should wait for it.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        !self.recording.is_empty()
    }

    /// Every job whose answer is awaited. One that is no longer awaited is aborted.
    pub(super) fn awaited(&self) -> BTreeSet<JobId> {
        let Self { desk, stage, previous, earlier, recording, .. } = self;
        let mut jobs: BTreeSet<JobId> = recording.iter().map(|recording| recording.job).collect();
        jobs.extend([desk.clip_probe.job(), desk.voice_probe.job(), desk.voice_as_wav.job()].into_iter().flatten());
        let previews = self.faces().map(|faces| faces.previews.as_slice()).unwrap_or_default();
        jobs.extend(previews.iter().filter_map(Preview::job));
        jobs.extend(self.faces().and_then(|faces| faces.clip_now.job()));
        jobs.extend(match stage {
            Stage::Identifying(identifying) => Some(identifying.phase.job()),
            Stage::Submitted(submitted) => submitted.state.job(),
            Stage::Idle(_) | Stage::Choosing(_) | Stage::Done(_) => None,
        });
        let current = if let Stage::Done(done) = stage { Some(done) } else { None };
        let results = current.into_iter().chain(previous.as_deref()).chain(earlier);
        jobs.extend(results.flat_map(|done| &done.downloads).filter_map(Download::job));
        jobs
    }

    /// Why no way out of the stage can be offered just now; `None` where one can, if only with a person's consent ([`Flow::loses`]).
    #[must_use]
    pub fn busy_with(&self) -> Option<&'static str> {
        match &self.stage {
            Stage::Submitted(submitted) => match &submitted.state {
                SendState::Sent { .. } => Some(words::BEING_CREATED),
                SendState::Unknown { .. } => Some(words::OUTCOME_OPEN),
                SendState::Accepted { follow: Follow::Polling { .. }, .. } => Some(words::BEING_FOLLOWED),
                SendState::Accepted { .. } | SendState::Refused(_) | SendState::NameTaken { .. } => None,
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::{PersonEvent, step};

    #[test]
    fn a_result_is_named_after_its_clip_else_after_its_task() {
        let flow = Flow::new(Terms::of(&Profile::built_in()[1]));
        assert_eq!(flow.result_stem(), "clip lip-sync");
        for (clip, stem) in [
            (ClipSource::File("/a/duo.mp4".into()), "duo lip-sync"),
            (ClipSource::Url("https://h/a/duo.v2.mp4?key=1".into()), "duo.v2 lip-sync"),
            (ClipSource::Url("https://h/".into()), "clip lip-sync"),
            (ClipSource::VideoId("v-1".into()), "v-1 lip-sync"),
        ] {
            let mut flow = flow.clone();
            flow.desk.clip = Some(clip);
            assert_eq!(flow.result_stem(), stem);
            let follow = PersonEvent::Follow { task_id: "t-1".into(), wait: true };
            assert_eq!(
                step(flow, follow.into(), crate::workflow::Now { wall_ms: 0, steady_ms: 0 }).0.result_stem(),
                "t-1 lip-sync",
                "the clip is of another task"
            );
        }
    }
}
