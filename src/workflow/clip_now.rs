//! Whether the clip is still the one that its faces were found in: a file of the same name, and what is at an address, may be another by now.

use crate::model::{Problem, ProblemKind};

use super::command::Command;
use super::flow::{Flow, JobId};
use super::stage::{Idle, Stage};
use super::step::Context;
use super::transition::go;
use super::words;

/// What is known of it.
#[derive(Clone, Debug, PartialEq)]
pub enum ClipNow {
    /// It is, as far as it can be known; or they were found just now.
    Same,
    /// Nobody has looked yet: the faces come from an earlier run.
    Unasked,
    /// It is being looked at.
    Asked(JobId),
    /// Nobody can know, and why: for the person, before a task is paid.
    Unknown(Problem),
    /// It is another clip, and why: its faces are of no use.
    Another(Problem),
}

impl ClipNow {
    /// The look at it.
    #[must_use]
    pub const fn job(&self) -> Option<JobId> {
        if let Self::Asked(job) = self { Some(*job) } else { None }
    }

    /// Why no task may be sent with these faces; `None`: one may.
    pub(super) fn obstacle(&self) -> Option<Problem> {
        match self {
            Self::Same | Self::Unknown(_) => None,
            Self::Unasked | Self::Asked(_) => {
                let problem = Problem::new(ProblemKind::Usage, words::clip_being_compared());
                Some(problem.with_hint(words::in_a_moment()))
            }
            Self::Another(why) => Some(why.clone()),
        }
    }
}

/// Has it looked at, where nobody has.
pub(super) fn ask(flow: &mut Flow, context: &mut Context) {
    let (Some(clip), Some(faces)) = (flow.desk.clip.clone(), flow.faces()) else { return };
    if faces.clip_now != ClipNow::Unasked {
        return;
    }
    let session_id = faces.session.session_id.clone();
    let job = flow.new_job();
    if let Some(faces) = flow.faces_mut() {
        faces.clip_now = ClipNow::Asked(job);
        context.push(Command::CompareClip { job, clip, session_id });
    }
}

/// What was found. The faces of another clip go, unless a task was made with them: then they go before the next one.
pub(super) fn compared(flow: &mut Flow, job: JobId, found: ClipNow, context: &Context) {
    let Some(faces) = flow.faces_mut().filter(|faces| faces.clip_now.job() == Some(job)) else { return };
    faces.clip_now = found.clone();
    if let (ClipNow::Another(why), Stage::Choosing(_)) = (found, &flow.stage) {
        let _ = give_up(flow, why, context);
    }
}

/// Back to where faces are looked for: who asks for them then knows that they are paid for again.
#[must_use]
pub(super) fn give_up(flow: &mut Flow, why: Problem, context: &Context) -> bool {
    go(flow, Stage::Idle(Idle { problem: Some(why), pays_again: true, ..Idle::default() }), context)
}
