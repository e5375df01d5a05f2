//! Copies of what is sent as an address or an id: found again, fetched, chosen, compared, and given to the workflow to be looked at.

use std::path::{Path, PathBuf};

use super::Window;
use crate::app::platform::background::Purpose;
use crate::app::state::copies::{Amount, Comparison, CopyCommand, CopyOrigin, Fetching, LocalCopy, Remote};
use crate::app::state::desk::OtherCopy;
use crate::app::state::entry::{SourceSlot, entered_path};
use crate::app::state::shell::Note;
use crate::engine::journal::{KnownVideo, Service};
use crate::engine::{CopyKind, Journaling, Likeness, copy_path, spoken_folder, spoken_path};
use crate::model::{Problem, SavedFile};
use crate::workflow::PersonEvent;

const SLOTS: [SourceSlot; 2] = [SourceSlot::Clip, SourceSlot::Voice];

impl Window {
    /// Turns to what is on the desk by now: what is known of it on this machine is used at once, and nothing is fetched.
    pub(super) fn follow_copies(&mut self) {
        for slot in SLOTS {
            let desk = &self.engine.flow().desk;
            let remote = Remote::on_desk(desk, slot);
            let in_use = match slot {
                SourceSlot::Clip => desk.clip_copy.as_ref(),
                SourceSlot::Voice => desk.voice_copy.as_ref(),
            };
            let is_other = self.shell.copies.turn_to(slot, remote.clone());
            if is_other {
                self.background.cancel_fetch(slot);
            }
            let Some(remote) = remote else { continue };
            if let Some(copy) = self.shell.copies.known(slot, &remote) {
                // What was undone and done again has lost its copy meanwhile.
                if in_use != Some(&copy.path) {
                    let (path, is) = (copy.path.clone(), copy.comparison.for_flow(slot));
                    self.look_at(slot, Some(path));
                    self.engine.dispatch(is);
                }
                continue;
            }
            if !is_other {
                continue;
            }
            match (slot, &remote) {
                (_, Remote::Address(address)) => {
                    let path = copy_path(&self.copies_folder, address);
                    self.background.find_copy(slot, remote, path);
                }
                (SourceSlot::Clip, Remote::Id(id)) => self.background.read_video(self.journal.clone(), id.clone()),
                (SourceSlot::Voice, Remote::Id(id)) => {
                    if let Journaling::On(journal) = &self.journal {
                        let service = Service::of(self.shell.profile());
                        let path = spoken_path(&spoken_folder(journal), &service, id);
                        self.background.find_copy(slot, remote, path);
                    }
                }
            }
        }
    }

    pub(super) fn handle_copy(&mut self, command: CopyCommand) {
        match command {
            CopyCommand::Choose(slot) => {
                let state = self.shell.copies.slot_mut(slot);
                (state.is_choosing, state.takes_keys) = (true, true);
            }
            CopyCommand::Arrived(slot) => self.shell.copies.slot_mut(slot).takes_keys = false,
            CopyCommand::Close(slot) => self.shell.copies.slot_mut(slot).is_choosing = false,
            CopyCommand::Edit(slot, text) => self.shell.copies.slot_mut(slot).entry = text,
            CopyCommand::Commit(slot) => {
                let entered = entered_path(&self.shell.copies.slot(slot).entry);
                if let Some(path) = entered {
                    self.choose_copy(slot, path);
                }
            }
            CopyCommand::Browse(slot) => {
                let at = PathBuf::from(self.shell.copies.slot(slot).entry.clone());
                self.ask_system(Purpose::Copy(slot), &at);
            }
            CopyCommand::Use(slot, path) => self.choose_copy(slot, path),
            CopyCommand::Compare(slot) => {
                if let Some(copy) = self.shell.copies.of_desk(slot) {
                    let path = copy.path.clone();
                    self.compare(slot, path);
                }
            }
            CopyCommand::Forget(slot) => {
                if let Some(remote) = self.shell.copies.slot(slot).remote.clone() {
                    self.shell.copies.forget(slot, &remote);
                    self.look_at(slot, None);
                }
            }
        }
    }

    /// Takes the address as it is entered, and fetches what is there.
    pub(super) fn commit_and_fetch(&mut self, slot: SourceSlot) {
        self.commit(slot);
        self.follow_copies();
        self.fetch_copy(slot);
    }

    /// Fetches what is at the address on the desk.
    pub(super) fn fetch_copy(&mut self, slot: SourceSlot) {
        let Some(Remote::Address(address)) = self.shell.copies.slot(slot).remote.clone() else { return };
        if matches!(self.shell.copies.slot(slot).fetching, Fetching::Running(..)) {
            return;
        }
        let amount = Amount::default();
        let (noted, ctx) = (amount.clone(), self.background.ctx().clone());
        let on_progress = Box::new(move |progress| {
            if noted.note(progress) {
                ctx.request_repaint();
            }
        });
        let kind = match slot {
            SourceSlot::Clip => CopyKind::Clip,
            SourceSlot::Voice => CopyKind::Voice,
        };
        let fetch = self.engine.fetch_copy(kind, address.clone(), self.copies_folder.clone(), on_progress);
        self.background.fetch_copy(slot, address, fetch);
        self.shell.copies.slot_mut(slot).fetching = Fetching::Running(self.engine.now_ms(), amount);
    }

    pub(super) fn cancel_fetch(&mut self, slot: SourceSlot) {
        self.background.cancel_fetch(slot);
        self.shell.copies.slot_mut(slot).fetching = Fetching::Idle;
    }

    /// Takes what was fetched from an address, unless another one is on the desk by now.
    pub(super) fn take_fetched(&mut self, slot: SourceSlot, address: String, fetched: Result<SavedFile, Problem>) {
        let remote = Remote::Address(address);
        let is_on_desk = self.shell.copies.slot(slot).remote.as_ref() == Some(&remote);
        match fetched {
            Ok(file) => {
                let origin = CopyOrigin::Fetched(self.engine.now_ms());
                self.take_copy(slot, remote, file.path, origin);
                if is_on_desk {
                    self.shell.copies.slot_mut(slot).fetching = Fetching::Idle;
                }
            }
            Err(problem) if is_on_desk => self.shell.copies.slot_mut(slot).fetching = Fetching::Failed(problem),
            Err(_) => {}
        }
    }

    /// Takes a copy that an earlier window fetched: from an address, or of a spoken text.
    pub(super) fn take_found(&mut self, slot: SourceSlot, remote: Remote, path: PathBuf, fetched_ms: i64) {
        if self.shell.copies.known(slot, &remote).is_none() {
            let origin = match remote {
                Remote::Address(_) => CopyOrigin::Fetched(fetched_ms),
                Remote::Id(_) => CopyOrigin::Spoken,
            };
            self.take_copy(slot, remote, path, origin);
        }
    }

    /// Whether a copy is found by what it is of, and so needs not be written down with the desk.
    pub(super) fn is_found_again(&self, copy: &Path) -> bool {
        let is_spoken = matches!(&self.journal, Journaling::On(journal) if copy.starts_with(spoken_folder(journal)));
        is_spoken || copy.starts_with(&self.copies_folder)
    }

    /// Remembers a copy, and looks at it where it is one of what is on the desk.
    pub(super) fn take_copy(&mut self, slot: SourceSlot, remote: Remote, path: PathBuf, origin: CopyOrigin) {
        let is_on_desk = Remote::on_desk(&self.engine.flow().desk, slot).as_ref() == Some(&remote);
        let copy = LocalCopy { path: path.clone(), origin, comparison: Comparison::None };
        self.shell.copies.remember(slot, remote, copy);
        if is_on_desk {
            self.look_at(slot, Some(path));
        }
    }

    /// Takes a file that the person has, and compares it with the address.
    pub(super) fn choose_copy(&mut self, slot: SourceSlot, path: PathBuf) {
        let Some(remote) = self.shell.copies.slot(slot).remote.clone() else {
            self.shell.note =
                Some(Note::Hint("A copy is for a clip or a voice that is sent as an address or an id".into()));
            return;
        };
        let state = self.shell.copies.slot_mut(slot);
        state.is_choosing = false;
        state.entry = path.display().to_string();
        self.take_copy(slot, remote, path.clone(), CopyOrigin::Chosen);
        self.compare(slot, path);
    }

    fn compare(&mut self, slot: SourceSlot, path: PathBuf) {
        let Some(remote) = self.shell.copies.slot(slot).remote.clone() else { return };
        let Remote::Address(address) = &remote else { return };
        let running = Comparison::Running(self.engine.now_ms());
        self.shell.copies.compared(slot, &remote, &path, running);
        let compared = self.engine.compare_copy(address.clone(), path.clone());
        self.background.compare_copy(slot, address.clone(), path, compared);
    }

    pub(super) fn take_compared(
        &mut self,
        slot: SourceSlot,
        address: String,
        path: &Path,
        compared: Result<Likeness, Problem>,
    ) {
        let comparison = compared.map_or_else(Comparison::Failed, Comparison::Done);
        self.note_comparison(slot, &Remote::Address(address), path, comparison);
    }

    /// Takes a copy that was looked at before. Whether it is another file was found then: nobody is asked again.
    pub(super) fn take_copy_again(&mut self, slot: SourceSlot, remote: &Remote, path: &Path, other: Option<OtherCopy>) {
        self.take_copy(slot, remote.clone(), path.to_owned(), CopyOrigin::Chosen);
        if let Some((words, there)) = other {
            self.note_comparison(slot, remote, path, Comparison::Done(Likeness::Other(words, there)));
        }
    }

    fn note_comparison(&mut self, slot: SourceSlot, remote: &Remote, path: &Path, comparison: Comparison) {
        self.shell.copies.compared(slot, remote, path, comparison);
        // Another copy may be looked at by now, or another address.
        let is_on_desk = Remote::on_desk(&self.engine.flow().desk, slot).as_ref() == Some(remote);
        let copy = self.shell.copies.known(slot, remote).filter(|copy| is_on_desk && copy.path == path);
        if let Some(is) = copy.map(|copy| copy.comparison.for_flow(slot)) {
            self.engine.dispatch(is);
        }
    }

    /// Takes what the journal knows of a video; a result of it that is still there is looked at.
    pub(super) fn take_video(&mut self, id: String, video: Option<KnownVideo>) {
        let remote = Remote::Id(id);
        if self.shell.copies.slot(SourceSlot::Clip).remote.as_ref() != Some(&remote) {
            return;
        }
        if let Some(path) = video.as_ref().and_then(|video| video.saved.first()).cloned()
            && self.shell.copies.known(SourceSlot::Clip, &remote).is_none()
        {
            self.take_copy(SourceSlot::Clip, remote, path, CopyOrigin::Chosen);
        }
        self.shell.copies.slot_mut(SourceSlot::Clip).video = video;
    }

    fn look_at(&mut self, slot: SourceSlot, path: Option<PathBuf>) {
        match slot {
            SourceSlot::Clip => self.engine.dispatch(PersonEvent::SetClipCopy(path)),
            SourceSlot::Voice => self.engine.dispatch(PersonEvent::SetVoiceCopy(path)),
        }
    }
}
