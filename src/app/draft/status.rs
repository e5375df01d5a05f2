//! How the draft stands, in words.

use super::{Draft, Work};
use crate::app::words;
use crate::media::DraftStep;

/// A mark appears only for what takes longer, in milliseconds.
const MARK_AFTER_MS: i64 = 200;

/// How the draft stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// There is none, and none is on its way; why, in words.
    None(String),
    /// It is being prepared for so long that it must be said: what is done, how far, for how long.
    Preparing(String),
    /// It was just begun: nothing to say yet.
    Begun,
    /// The person stopped it.
    Stopped,
    /// It cannot be made, and why.
    Failed(String),
    /// It is there, and of what is at hand.
    Ready,
}

impl Draft {
    /// How it stands at this moment.
    #[must_use]
    pub fn status(&self, now_ms: i64) -> Status {
        match &self.work {
            Work::Runs(since_ms) if now_ms - since_ms < MARK_AFTER_MS => Status::Begun,
            Work::Runs(since_ms) => {
                let (step, part) = self.progress.read();
                let seconds = (now_ms - since_ms) / 1000;
                let elapsed = if seconds < 60 { format!("{seconds} s") } else { words::elapsed(now_ms - since_ms) };
                let percent = (part * 100.0).clamp(0.0, 100.0);
                let doing = match step {
                    _ if self.is_awaiting_previews() && self.cast.is_some() => "waiting for the faces' pictures".into(),
                    DraftStep::Faces => format!("finding faces {percent:.0} %"),
                    DraftStep::Voice => "reading the voice".into(),
                    DraftStep::Mouth => format!("looking at the mouth {percent:.0} %"),
                };
                let what = match &self.wish {
                    Some(wish) if wish.scene.is_some() => "Preparing the draft",
                    _ => "Preparing for drafts",
                };
                Status::Preparing(format!("{what} · {doing} · for {elapsed}"))
            }
            Work::Stopped => Status::Stopped,
            Work::Unclear => Status::Failed(
                "Which face in the picture is the chosen one cannot be told: click it in the picture".into(),
            ),
            Work::Nowhere => Status::Failed(
                "The chosen face was not found on this machine: click it in the picture if you see it outlined".into(),
            ),
            Work::Failed(why) => Status::Failed(format!("The draft cannot be made: {}", words::sentence(why))),
            Work::Rests if self.is_current() => Status::Ready,
            Work::Rests => Status::None(self.absence.map_or_else(String::new, |absence| absence.words().to_owned())),
        }
    }

    /// Why there is no draft to show; `None` where there is.
    #[must_use]
    pub fn obstacle(&self, now_ms: i64) -> Option<String> {
        if self.ready.is_some() {
            return None;
        }
        Some(match self.status(now_ms) {
            Status::None(words) | Status::Failed(words) | Status::Preparing(words) => words,
            Status::Stopped => "The draft was stopped".into(),
            Status::Begun | Status::Ready => "The draft is being prepared".into(),
        })
    }
}
