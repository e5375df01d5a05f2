//! The status of the draft, as text.

use super::DraftView;
use crate::app::words;
use crate::media::DraftStep;
use crate::playback::draft::{DraftMaker, Work};

/// The preparation is shown once it takes longer than this, in milliseconds.
const SAID_AFTER_MS: i64 = 200;

/// The status of the draft.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// There is none, and none is being made: the reason.
    None(String),
    /// It has been in preparation long enough to be shown: the step, its progress and the elapsed time.
    Preparing(String),
    /// It was just started: nothing is shown yet.
    Started,
    /// The person cancelled it.
    Cancelled,
    /// It cannot be made: the reason.
    Failed(String),
    /// It is ready and current.
    Ready,
}

impl DraftView {
    /// The current status.
    #[must_use]
    pub fn status(&self, draft: &DraftMaker, now_ms: i64) -> Status {
        match draft.work() {
            Work::Runs { since_ms } if now_ms - since_ms < SAID_AFTER_MS => Status::Started,
            Work::Runs { since_ms } => Status::Preparing(preparing_words(draft, now_ms - since_ms)),
            Work::Cancelled => Status::Cancelled,
            Work::Unclear => {
                Status::Failed("It is not clear which face in the picture is the chosen one: click it there".into())
            }
            Work::NotFound => Status::Failed(
                "The chosen face was not found on this machine: click it in the picture if you see it outlined".into(),
            ),
            Work::Failed(why) => Status::Failed(format!("The draft cannot be made: {}", words::sentence(why))),
            Work::Rests if draft.is_current() => Status::Ready,
            Work::Rests => Status::None(self.absence.map_or_else(String::new, |absence| absence.words().to_owned())),
        }
    }

    /// Why no draft can be shown; `None` where one can.
    #[must_use]
    pub fn obstacle(&self, draft: &DraftMaker, now_ms: i64) -> Option<String> {
        if draft.is_ready() {
            return None;
        }
        Some(match self.status(draft, now_ms) {
            Status::None(words) | Status::Failed(words) | Status::Preparing(words) => words,
            Status::Cancelled => "The draft was stopped".into(),
            Status::Started | Status::Ready => "The draft is being prepared".into(),
        })
    }
}

fn preparing_words(draft: &DraftMaker, elapsed_ms: i64) -> String {
    let (step, part) = draft.progress();
    let seconds = elapsed_ms / 1000;
    let elapsed = if seconds < 60 { format!("{seconds} s") } else { words::elapsed(elapsed_ms) };
    let percent = (part * 100.0).clamp(0.0, 100.0);
    let doing = match step {
        _ if draft.is_awaiting_previews() => "waiting for the faces' pictures".into(),
        DraftStep::Faces => format!("finding faces {percent:.0} %"),
        DraftStep::Voice => "reading the voice".into(),
        DraftStep::Mouth => format!("looking at the mouth {percent:.0} %"),
    };
    let what = if draft.has_scene() { "Preparing the draft" } else { "Preparing for drafts" };
    format!("{what} · {doing} · for {elapsed}")
}
