//! The window opens again where it was closed: its desk is written to the journal when it changes, and put there again at the start.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use egui::Context;

use super::Window;
use crate::app::state::desk::{LeftDesk, SavedDesk, SavedWindow};
use crate::app::state::entry::Entry;
use crate::app::state::shell::{AtClosing, Note, SandboxState};
use crate::engine::journal::Service;
use crate::engine::shell::is_embedded;
use crate::engine::{Expiring, Journaling};
use crate::secrets::shown;
use crate::workflow::{Follow, PauseReason, PersonEvent, SendState, Stage, Submitted};

/// The name of the window in the journal.
const NAME: &str = "window";
/// How often the desk is written down at most.
const EVERY: Duration = Duration::from_secs(1);
/// How long after the end of another process's lease its task is taken over, in milliseconds.
const AFTER_LEASE_MS: i64 = 250;
/// How often the seconds that are left are shown anew.
const COUNT: Duration = Duration::from_millis(500);
/// After which time it is looked again whether that is so.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What is written down of the desk, and when.
#[derive(Debug)]
pub(super) struct DeskKeeper {
    /// Whether how it was left has been read: nothing is written before.
    is_read: bool,
    written: SavedDesk,
    written_at: Option<Instant>,
    /// What had come to its end when it was written: beside the workflow so much, and whether in it.
    ended: (u64, bool),
    /// Whether files were given: they are on the desk, and stay there.
    has_files: bool,
    /// The service that was asked for; `None`: the one that was left.
    asked: Option<String>,
    /// How the last window was left, until it is known whether the sandbox that it was left in goes on.
    waiting: Option<Box<LeftDesk>>,
    /// A task that another process may still have followed when it was put on the desk, and when that is certain; milliseconds since the
    /// epoch.
    resume_at: Option<(String, i64)>,
}

impl DeskKeeper {
    /// The desk of a window that is opened with these files, on the service of this name.
    pub(super) fn new(files: &[PathBuf], profile: &str) -> Self {
        let asked = (profile != "sandbox").then(|| profile.to_owned());
        let written = SavedDesk::default();
        let has_files = !files.is_empty();
        let (written_at, ended) = (None, (0, false));
        Self { is_read: false, written, written_at, ended, has_files, asked, waiting: None, resume_at: None }
    }
}

impl Window {
    /// Reads how the last window was left.
    pub(super) fn read_desk(&self) {
        if let Journaling::On(journal) = &self.journal {
            self.background.read_desk(journal.clone(), NAME);
        }
    }

    /// Puts on the desk what was there, unless the person has begun something else.
    pub(super) fn take_desk(&mut self, left: Result<Box<LeftDesk>, String>) {
        let left = match left {
            Ok(left) => *left,
            Err(why) => {
                self.shell.note = Some(Note::Bad(why));
                return;
            }
        };
        let is_starting = matches!(self.shell.sandbox, SandboxState::Starting { .. });
        if is_starting && left.desk.service.as_ref().is_some_and(is_embedded) && !self.desk_keeper.has_files {
            self.desk_keeper.waiting = Some(Box::new(left));
            return;
        }
        self.desk_keeper.is_read = true;
        self.shell.at_closing = AtClosing::ComesBack;
        self.shell.tasks.finished_meanwhile = left.finished;
        let mut notes: Vec<String> = left.notice.clone().into_iter().collect();
        let is_bad = left.notice.is_some() || !left.missing.is_empty();
        notes.extend(expiring_words(&left.expiring, self.engine.now_ms()));
        self.shell.tasks.expiring.clone_from(&left.expiring);
        match left.finished {
            0 => {}
            1 => notes.push("One task finished while no window was open: the history has it".into()),
            many => notes.push(format!("{many} tasks finished while no window was open: the history has them")),
        }
        if self.is_untouched() && !self.desk_keeper.has_files {
            for gone in &left.missing {
                notes.push(format!("{} is no longer there: choose it again, or another", gone.display()));
            }
            self.restore(left, &mut notes);
        }
        if !notes.is_empty() {
            let words = notes.join(". ");
            self.shell.note = Some(match self.shell.tasks.expiring.first() {
                Some(first) => Note::Unsaved(words, first.id),
                None if is_bad => Note::Bad(words),
                None => Note::Good(words),
            });
        }
    }

    /// Whether the person has begun nothing yet: nothing is on the desk, and nothing is being typed that restoring would erase.
    fn is_untouched(&self) -> bool {
        let flow = self.engine.flow();
        let is_empty = |entry: &Entry| *entry == Entry::default();
        flow.desk.clip.is_none()
            && flow.desk.voice.is_none()
            && matches!(flow.stage, Stage::Idle(_))
            && is_empty(&self.shell.clip_entry)
            && is_empty(&self.shell.voice_entry)
    }

    /// Goes on with what waited for the sandbox, and with a task that nobody else follows by now.
    pub(super) fn go_on(&mut self, ctx: &Context) {
        if !matches!(self.shell.sandbox, SandboxState::Starting { .. })
            && let Some(left) = self.desk_keeper.waiting.take()
        {
            self.take_desk(Ok(left));
        }
        self.shell.claimed_until_ms = None;
        let Some((task_id, at_ms)) = self.desk_keeper.resume_at.take() else { return };
        if self.engine.flow().loses() != Some(task_id.as_str()) {
            return;
        }
        let left_ms = at_ms.saturating_sub(self.engine.now_ms());
        if left_ms > 0 {
            // Each second is counted down; and the clock may have been set.
            let left = Duration::from_millis(left_ms.unsigned_abs()).min(LONGEST_WAIT);
            ctx.request_repaint_after(left.min(COUNT));
            self.shell.claimed_until_ms = Some(at_ms);
            self.desk_keeper.resume_at = Some((task_id, at_ms));
            return;
        }
        let is_stopped = matches!(
            &self.engine.flow().stage,
            Stage::Submitted(Submitted {
                state: SendState::Accepted { follow: Follow::Paused(PauseReason::Stopped(_)), .. },
                ..
            })
        );
        if is_stopped && self.view().service_obstacle().is_none() {
            self.engine.dispatch(PersonEvent::Resume);
        }
    }

    fn restore(&mut self, left: LeftDesk, notes: &mut Vec<String>) {
        let LeftDesk { desk, faces, task_has_ended, sent, held_until_ms, .. } = left;
        let service = desk.service.clone().unwrap_or_else(|| Service::of(self.shell.profile()));
        if self.desk_keeper.asked.is_none() {
            self.use_service(&service);
        }
        // Faces and task belong to their service.
        let is_there = Service::of(self.shell.profile()).is_same(&service);
        // A sandbox with a state of its own knows nothing of them.
        let keeps_state = matches!(self.shell.sandbox, SandboxState::Ready { keeps_state: true, .. });
        let is_known = is_there && (keeps_state || !is_embedded(&service));
        self.lay_out(&desk);
        if is_known && let Some(faces) = faces {
            self.engine.dispatch(PersonEvent::TakeFaces(faces));
            if let Some(face_id) = &desk.face_id {
                self.engine.dispatch(PersonEvent::ChooseFace(face_id.clone()));
            }
        }
        match desk.task_id {
            Some(task_id) if is_known && !task_has_ended => {
                if let Some(at_ms) = held_until_ms {
                    notes.push(format!(
                        "Task {task_id} was followed by a window that is still open, or that was killed: then it is followed here within \
                         half a minute"
                    ));
                    self.desk_keeper.resume_at = Some((task_id.clone(), at_ms + AFTER_LEASE_MS));
                }
                self.follow_task_at(&service, task_id, sent);
            }
            Some(task_id) if is_there && !is_known && !task_has_ended => {
                notes.push(format!(
                    "The sandbox of this window does not have task {task_id}: another viseme that is running has it, or its state \
                     cannot be written. What the task was made from is here"
                ));
            }
            _ => {}
        }
    }

    /// Writes the desk down where it has changed, or something came to its end before the eyes of the person, from time to time.
    pub(super) fn keep_desk(&mut self, ctx: &Context) {
        if !self.desk_keeper.is_read {
            return;
        }
        let desk = SavedDesk::of(self.engine.flow(), Service::of(self.shell.profile()), &self.shell.copies);
        if desk == self.desk_keeper.written && self.ended() == self.desk_keeper.ended {
            return;
        }
        let left = self.desk_keeper.written_at.and_then(|at| EVERY.checked_sub(at.elapsed()));
        if let Some(left) = left.filter(|left| !left.is_zero()) {
            ctx.request_repaint_after(left);
            return;
        }
        self.write_desk(desk);
    }

    /// The window closes: what is on the desk is written down, with the time.
    pub(super) fn leave_desk(&mut self) {
        if self.desk_keeper.is_read {
            self.write_desk(SavedDesk::of(self.engine.flow(), Service::of(self.shell.profile()), &self.shell.copies));
        }
    }

    fn ended(&self) -> (u64, bool) {
        (self.engine.settled(), matches!(self.engine.flow().stage, Stage::Done(_)))
    }

    fn write_desk(&mut self, desk: SavedDesk) {
        let Journaling::On(journal) = &self.journal else { return };
        self.desk_keeper.ended = self.ended();
        let window = SavedWindow { desk, seen_ms: self.engine.now_ms() };
        match serde_json::to_value(&window) {
            Ok(document) => journal.save_desk(NAME, document),
            // A path that is no text: the desk stays as it was written.
            Err(err) => tracing::debug!(%err, "the desk cannot be written down"),
        }
        (self.desk_keeper.written, self.desk_keeper.written_at) = (window.desk, Some(Instant::now()));
    }
}

/// That results go soon that nobody has saved, in one sentence.
fn expiring_words(expiring: &[Expiring], now_ms: i64) -> Option<String> {
    let first = expiring.first()?;
    let (name, when) = (shown(&first.name), first.when(now_ms));
    let deletes = if first.is_certain { "deletes it" } else { "may delete it" };
    let others = match expiring.len() {
        1 => String::new(),
        many => format!(", as {} others before long", many - 1),
    };
    Some(format!("The result of {name} is not saved, and its service {deletes} {when}{others}"))
}
