//! The queue as the window shows it: its texts, and whether it is open.

use std::path::PathBuf;
use std::sync::Arc;

use super::tasks::{Standing, Tone};
use super::unclear::Unclear;
use crate::app::words;
use crate::engine::journal::{IntentId, Phase};
use crate::engine::{Halt, MadeOf, Queue, QueueJob, QueueState};
use crate::model::cost::estimate_text;
use crate::secrets::shown;

/// A command for the queue.
#[derive(Clone, Debug)]
pub enum QueueCommand {
    /// Close the list.
    Hide,
    /// Remove a job that waits.
    Remove(IntentId),
    /// Show the saved result of a job in the player.
    OpenResult(IntentId, PathBuf),
    /// Look once more for the task of an unclear create.
    LookUp(IntentId),
    /// Ask whether to close an unclear create.
    Close(Unclear),
}

/// A job that was just put into the queue, until that lists it.
#[derive(Clone, Debug)]
pub struct Added {
    /// What it is made of.
    pub made_of: MadeOf,
    /// Since when, in milliseconds since the epoch.
    pub since_ms: i64,
}

/// The state of the queue in the window.
#[derive(Debug, Default)]
pub struct State {
    pub(in crate::app) open: bool,
    /// What waits, runs and has ended beside the workflow; `None`: nothing can.
    pub(in crate::app) queue: Option<Arc<Queue>>,
    /// What is asked whether to close.
    pub(in crate::app) closing: Option<Unclear>,
    /// What was put into it last.
    pub(in crate::app) added: Option<Added>,
}

/// How long it takes at most until what was put into the queue is listed, in milliseconds.
const ADDING_MS: i64 = 15_000;

/// A line of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// `Face 2 of duo.mp4 with voice.wav`
    pub title: String,
    /// How it stands, in words.
    pub words: String,
    /// Everything there is to say about that: why it failed, or is open.
    pub whole: String,
    /// Colour and mark of that.
    pub tone: Tone,
}

impl State {
    /// How many jobs are not at their end.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| queue.unfinished())
    }

    /// How many jobs wait to be sent.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| queue.waiting().count())
    }

    /// How many jobs are at the service, or on their way there.
    #[must_use]
    pub fn running(&self) -> usize {
        self.unfinished() - self.waiting()
    }

    /// Whether anything in it is at its end.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        let is_ended = |job: &QueueJob| job.state.is_over() && !job.state.is_unclear();
        self.queue.as_ref().is_some_and(|queue| queue.jobs.iter().any(is_ended))
    }

    /// Whether nothing further is sent.
    #[must_use]
    pub fn is_halted(&self) -> bool {
        self.queue.as_ref().is_some_and(|queue| queue.halt.is_some())
    }

    /// `1 running, 2 waiting`; empty where the list is.
    #[must_use]
    pub fn summary(&self) -> String {
        let Some(queue) = self.queue.as_ref().filter(|queue| !queue.jobs.is_empty()) else { return String::new() };
        let waiting = if self.is_halted() { "paused" } else { "waiting" };
        let unclear = queue.jobs.iter().filter(|job| job.state.is_unclear()).count();
        let done = queue.jobs.len() - self.unfinished() - unclear;
        let parts = [(self.running(), "running"), (self.waiting(), waiting), (unclear, "unclear")];
        let parts: Vec<String> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        if parts.is_empty() { format!("{done} ended") } else { parts.join(", ") }
    }

    /// The estimate for the whole, at `now_ms` (milliseconds since the epoch).
    #[must_use]
    pub fn estimate(&self, now_ms: i64) -> String {
        let Some(queue) = &self.queue else { return String::new() };
        let mut parts = Vec::new();
        if let Some(most) = queue.most {
            parts.push(format!("{} of {most} at once", queue.used.min(most)));
        }
        if self.waiting() > 0 {
            parts.push(format!("estimate {} for what waits", estimate_text(queue.waiting_units())));
        }
        match queue.remaining_ms(now_ms) {
            Some(left_ms) if !self.is_halted() || self.waiting() == 0 => parts.push(about(left_ms)),
            None if self.unfinished() > 0 => parts.push("how long is known once a task has ended".to_owned()),
            _ => {}
        }
        parts.join(" · ")
    }

    /// The job of this number as it is shown.
    #[must_use]
    pub fn line(&self, job: &QueueJob) -> Line {
        let place = self.queue.iter().flat_map(|queue| queue.waiting()).position(|other| other.id == job.id);
        let halt = self.queue.as_ref().and_then(|queue| queue.halt.as_ref());
        let (words, tone) = standing(&job.state, place, halt);
        let whole = match &job.state {
            QueueState::Ended(Phase::Unknown, Some(why)) => format!("{words}. {}", words::sentence(why)),
            _ => words.clone(),
        };
        let clip = if job.clip.is_empty() {
            job.task_id.clone().or_else(|| job.external_task_id.clone()).unwrap_or_default()
        } else {
            job.clip.clone()
        };
        let clip = job.face.map_or_else(|| clip.clone(), |face| format!("Face {face} of {clip}"));
        let voice = if job.voice.is_empty() { String::new() } else { format!(" with {}", job.voice) };
        Line { title: shown(&format!("{clip}{voice}")), words: shown(&words), whole: shown(&whole), tone }
    }

    /// The job, where it is an unclear create.
    #[must_use]
    pub fn unclear(&self, job: &QueueJob) -> Option<Unclear> {
        let is_unclear = matches!(job.state, QueueState::Unclear | QueueState::Ended(Phase::Unknown, _));
        is_unclear.then(|| Unclear { id: job.id, title: self.line(job).title, units: job.units })
    }

    /// How the same job as this stands, in words: one that waits or runs, is unclear, or was made already; `None`: there is none. `is_adding`: what was
    /// put into the queue is on its way there.
    #[must_use]
    pub fn same(&self, made_of: &MadeOf, is_adding: bool, now_ms: i64) -> Option<String> {
        let jobs = self.queue.as_ref().map(|queue| queue.jobs.as_slice()).unwrap_or_default();
        let same = || jobs.iter().filter(|job| job.made_of.is_same(made_of));
        let rank = |state: &QueueState| match state {
            QueueState::Ended(Phase::Unknown | Phase::Running, _) => Some(1),
            QueueState::Ended(..) => None,
            state if state.is_over() => Some(2),
            _ => Some(0),
        };
        let found = same().filter_map(|job| Some((rank(&job.state)?, job))).min_by_key(|(rank, _)| *rank);
        if let Some((_, job)) = found {
            let how = match &job.state {
                QueueState::Waiting(_) => "waits in the queue already",
                QueueState::Unclear | QueueState::Ended(Phase::Unknown, _) => {
                    "was sent already, and whether the service took it is not known"
                }
                QueueState::Saving | QueueState::NotSaved(_) | QueueState::Succeeded => "was made already",
                QueueState::Saved(_) => "was made already, and its result is saved",
                _ => "is at the service already",
            };
            return Some(format!("{}, in the same place, {how}", self.line(job).title));
        }
        let added = self.added.as_ref().filter(|added| added.made_of.is_same(made_of) && same().next().is_none())?;
        let is_on_its_way = is_adding || now_ms - added.since_ms < ADDING_MS;
        is_on_its_way.then(|| "The same clip, face, voice and place go into the queue just now".to_owned())
    }
}

/// `about 40 s`, `about 3 min`, until all is done.
fn about(ms: i64) -> String {
    match ms.max(0).unsigned_abs().div_ceil(1000) {
        0..2 => "done any moment".to_owned(),
        seconds @ 2..100 => format!("about {seconds} s"),
        seconds => format!("about {} min", seconds.div_ceil(60)),
    }
}

/// Whether a halt is for a key that the service does not take.
#[must_use]
pub fn needs_key(halt: &Halt) -> bool {
    matches!(halt, Halt::Problem(problem) if matches!(problem.http_status, Some(401 | 403)))
}

fn standing(state: &QueueState, place: Option<usize>, halt: Option<&Halt>) -> (String, Tone) {
    let because = |what: &str, why: &str| format!("{what}: {}", words::sentence(why));
    match state {
        QueueState::Waiting(_) if halt.is_some_and(needs_key) => ("Needs key".into(), Tone::Unclear),
        QueueState::Waiting(_) if halt.is_some() => ("Paused".into(), Tone::Quiet),
        QueueState::Waiting(Some(problem)) => (because("Waiting", &problem.message), Tone::Quiet),
        QueueState::Waiting(None) => match place {
            None | Some(0) => ("Waiting, next to be sent".into(), Tone::Quiet),
            Some(before) => (format!("Waiting, {before} before it"), Tone::Quiet),
        },
        QueueState::Sending => ("Sending".into(), Tone::Busy),
        QueueState::Unclear => ("Unclear: whether it was created is being looked up".into(), Tone::Unclear),
        QueueState::Accepted => ("Accepted".into(), Tone::Busy),
        QueueState::Queued(raw) => (format!("Queued at the service ({raw})"), Tone::Busy),
        QueueState::Processing(raw, None) => (format!("Processing ({raw})"), Tone::Busy),
        QueueState::Processing(_, Some(part)) => {
            (format!("Processing, {:.0} %", f64::from(part.clamp(0.0, 1.0)) * 100.0), Tone::Busy)
        }
        QueueState::Saving => ("Done, the result is being fetched".into(), Tone::Busy),
        QueueState::Saved(path) => (format!("Done, saved to {}", crate::files::folders::short(path)), Tone::Good),
        QueueState::NotSaved(problem) => (because("Done, and not saved", &problem.message), Tone::Bad),
        QueueState::Succeeded => ("Done".into(), Tone::Good),
        QueueState::Ended(Phase::Unknown, _) => {
            ("Unclear: no answer came. Look it up, or close it".into(), Tone::Unclear)
        }
        QueueState::Ended(Phase::Running, why) => match why {
            Some(why) => (because("Left to you", why), Tone::Unclear),
            None => ("Left to you: the service does not show the task".into(), Tone::Unclear),
        },
        QueueState::Ended(phase, why) => {
            let Standing { word, tone } = Standing::of(*phase);
            (why.as_ref().map_or_else(|| word.to_owned(), |why| because(word, why)), tone)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Problem, ProblemKind};

    fn job(id: i64, state: QueueState) -> QueueJob {
        QueueJob {
            id: IntentId(id),
            clip: "duo.mp4".into(),
            face: None,
            voice: "v.wav".into(),
            made_of: crate::engine::MadeOf::default(),
            external_task_id: None,
            task_id: None,
            units: 0.5,
            accepted_ms: Some(0),
            state,
        }
    }

    fn state(halt: Option<Halt>, states: Vec<QueueState>) -> State {
        let jobs = states.into_iter().zip(1..).map(|(state, id)| job(id, state)).collect();
        State {
            open: true,
            queue: Some(Arc::new(Queue { jobs, halt, most: Some(2), used: 1, usual_ms: Some(30_000) })),
            ..State::default()
        }
    }

    #[test]
    fn the_whole_is_counted_and_estimated() {
        let states =
            || vec![QueueState::Accepted, QueueState::Waiting(None), QueueState::Waiting(None), QueueState::Succeeded];
        let all = state(None, states());
        assert_eq!(all.summary(), "1 running, 2 waiting");
        assert_eq!(
            all.estimate(10_000),
            "1 of 2 at once · estimate 1.00 units ($0.14) for what waits · about 50 s",
            "20 s are left of the first; the second ends after 30 s, the third 30 s after the first"
        );
        let lines: Vec<String> = all.queue.as_ref().unwrap().jobs.iter().map(|job| all.line(job).words).collect();
        assert_eq!(lines, ["Accepted", "Waiting, next to be sent", "Waiting, 1 before it", "Done"]);
        let paused = state(Some(Halt::Person), states());
        assert_eq!(paused.summary(), "1 running, 2 paused");
        assert_eq!(state(None, vec![QueueState::Succeeded]).summary(), "1 ended");
        assert_eq!(State::default().summary(), "");
    }

    #[test]
    fn a_refused_key_is_what_a_waiting_job_needs() {
        let refused = Problem { http_status: Some(401), ..Problem::new(ProblemKind::Refused, "no such key") };
        let all = state(Some(Halt::Problem(refused)), vec![QueueState::Waiting(None)]);
        assert_eq!(all.line(&all.queue.as_ref().unwrap().jobs[0]).words, "Needs key");
    }
}
