//! The takes of a clip: read when something changes, shown one after the other at the same moment, or two side by side.

use std::path::PathBuf;

use super::Window;
use super::tasks::ShownOfFlow;
use crate::app::state::shell::Note;
use crate::app::state::takes::{Partner, Takes, TakesCommand, TakesOf};
use crate::app::state::verdict::Measured;
use crate::engine::journal::IntentId;
use crate::engine::{Expiring, QueueState};
use crate::playback::player::Shown;

/// What the takes depend on: when it changes, they are read again.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TakesRead {
    shown: Option<PathBuf>,
    of_flow: ShownOfFlow,
    /// Results of the queue.
    of_queue: usize,
}

impl Window {
    /// Reads the takes of what is shown where something has changed, and puts beside it what was chosen.
    pub(super) fn follow_takes(&mut self) {
        let flow = self.engine.flow();
        let desk_clip = || flow.desk.clip.clone().or_else(|| self.result_of.clone());
        let opened = self.opened_result.as_ref().map(|opened| TakesOf::Task(opened.id));
        let of = opened.or_else(|| desk_clip().map(TakesOf::Clip));
        let queue = self.shell.queue.queue.as_ref();
        let now = TakesRead {
            shown: self.shown_result.clone(),
            of_flow: ShownOfFlow::of(flow, self.engine.settled()),
            of_queue: queue
                .map_or(0, |queue| queue.jobs.iter().filter(|job| matches!(job.state, QueueState::Saved(_))).count()),
        };
        let is_other = self.shell.takes.set_of(of);
        if is_other || now != self.takes_read {
            self.takes_read = now;
            self.read_takes();
            // One of them may have been saved.
            self.read_expiring();
        }
        let takes = &mut self.shell.takes;
        takes.set_shown(self.shown_result.as_deref());
        let clip = self.engine.flow().desk.local_clip();
        let other = takes.other_file(clip).map(std::path::Path::to_owned);
        if let Some((id, file)) = takes.set_other(other.as_deref()) {
            self.background.read_origin(self.journal.clone(), id, file, self.copies_folder.clone());
        }
        self.shell.player.set_other(other.as_deref());
    }

    /// Takes what was read of the takes, with what was measured of them by earlier windows.
    pub(super) fn take_takes(&mut self, of: &TakesOf, takes: Takes, measured: Vec<Measured>) {
        for (request, judgement) in measured {
            self.shell.judge.remember(request, judgement);
        }
        self.shell.takes.take(of, takes);
    }

    /// Takes which results go soon by now: of those that were announced, what was saved is announced no more.
    pub(super) fn take_expiring(&mut self, expiring: &[Expiring]) {
        let is_left = |known: &Expiring| expiring.iter().any(|result| result.id == known.id);
        self.shell.tasks.expiring.retain(is_left);
        let known = &self.shell.tasks.expiring;
        if matches!(&self.shell.note, Some(Note::Unsaved(_, id)) if known.iter().all(|result| result.id != *id)) {
            self.shell.note = None;
        }
    }

    /// Reads which of the results that were announced nobody has saved still.
    pub(super) fn read_expiring(&self) {
        if !self.shell.tasks.expiring.is_empty() {
            self.background.read_expiring(self.journal.clone());
        }
    }

    /// Saves a result that goes soon: its task is followed to its end, which is there already.
    pub(super) fn save_expiring(&mut self, id: IntentId) {
        let result = self.shell.tasks.expiring.iter().find(|result| result.id == id).cloned();
        if let Some(Expiring { service, task_id, .. }) = result {
            self.follow_task_at(&service, task_id, None);
        }
    }

    pub(super) fn read_takes(&self) {
        if let Some(of) = self.shell.takes.of().cloned() {
            self.background.read_takes(self.journal.clone(), of, self.copies_folder.clone());
        }
    }

    /// Applies a command about the takes.
    pub(super) fn handle_takes(&mut self, command: TakesCommand) {
        match command {
            TakesCommand::Close => self.shell.takes.open = false,
            TakesCommand::Arrived => self.shell.takes.takes_keys = false,
            TakesCommand::Show(id) => {
                let shown = self.shell.takes.shown_row().map(|row| row.id);
                let Some(row) = self.shell.takes.row(id).cloned() else { return };
                if shown == Some(id) {
                    self.shell.player.show(Shown::Result);
                    return;
                }
                // What was beside it changes places with it.
                if let (Partner::Take(partner), Some(shown)) = (self.shell.takes.partner, shown)
                    && partner == id
                {
                    self.shell.takes.partner = Partner::Take(shown);
                }
                let own = self.shell.saved_result(self.engine.flow());
                if own.is_some_and(|own| row.files.iter().any(|file| file == own)) {
                    self.opened_result = None;
                } else {
                    self.open_file(id, row.file().to_owned());
                }
                self.shows_take = true;
            }
            TakesCommand::Beside(partner) => {
                let takes = &mut self.shell.takes;
                let is_same = takes.partner == partner && self.shell.player.is_beside();
                takes.partner = partner;
                self.follow_takes();
                let player = &mut self.shell.player;
                if !is_same && player.shown() != Shown::Other {
                    player.show(Shown::Result);
                }
                player.set_beside(!is_same);
            }
        }
    }

    /// Opens the list; it takes the keyboard.
    pub(super) const fn open_takes(&mut self) {
        self.shell.takes.open = true;
        self.shell.takes.takes_keys = true;
    }

    pub(super) fn toggle_beside(&mut self) {
        let player = &mut self.shell.player;
        player.set_beside(!player.is_beside());
    }

    /// Hears the other side.
    pub(super) fn hear_other(&mut self) {
        let player = &mut self.shell.player;
        let other = match player.shown() {
            Shown::Clip | Shown::Draft | Shown::Other => Shown::Result,
            Shown::Result if player.has_source(Shown::Other) => Shown::Other,
            Shown::Result if player.clip_is_draft() => Shown::Draft,
            Shown::Result => Shown::Clip,
        };
        player.show(other);
    }
}
