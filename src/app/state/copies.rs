//! Copies on this machine of a clip or a voice that is sent as an address or an id: fetched for the preview, or chosen by the person.
//! What is sent stays the address.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::desk::OtherCopy;
use super::entry::SourceSlot;
use crate::engine::journal::KnownVideo;
use crate::engine::{Likeness, There};
use crate::model::{ClipSource, Problem, Progress, VoiceSource};
use crate::workflow::{CopyIs, Desk, PersonEvent};

/// As many copies are remembered for their addresses.
const MOST_KEPT: usize = 32;

/// A command about a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyCommand {
    /// Show the field for a file that the person has.
    Choose(SourceSlot),
    /// That field has taken the focus.
    Arrived(SourceSlot),
    /// Close that field.
    Close(SourceSlot),
    /// Its text changed.
    Edit(SourceSlot, String),
    /// Use the file that is entered.
    Commit(SourceSlot),
    /// Choose the file in the system's dialog.
    Browse(SourceSlot),
    /// Use this file.
    Use(SourceSlot, PathBuf),
    /// Compare the copy with the address once more.
    Compare(SourceSlot),
    /// Look at no copy any more.
    Forget(SourceSlot),
}

/// Where a clip or a voice is that is not a file of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remote {
    /// At an address.
    Address(String),
    /// At the service, by its id.
    Id(String),
}

impl Remote {
    /// Where a clip is; `None`: on this machine.
    #[must_use]
    pub fn of_clip(clip: &ClipSource) -> Option<Self> {
        match clip {
            ClipSource::File(_) => None,
            ClipSource::Url(url) => Some(Self::Address(url.clone())),
            ClipSource::VideoId(id) => Some(Self::Id(id.clone())),
        }
    }

    /// Where a voice is, likewise.
    #[must_use]
    pub fn of_voice(voice: &VoiceSource) -> Option<Self> {
        match voice {
            VoiceSource::File(_) => None,
            VoiceSource::Url(url) => Some(Self::Address(url.clone())),
            VoiceSource::AudioId(id) => Some(Self::Id(id.clone())),
        }
    }

    /// Where the clip or the voice on the desk is.
    #[must_use]
    pub fn on_desk(desk: &Desk, slot: SourceSlot) -> Option<Self> {
        match slot {
            SourceSlot::Clip => desk.clip.as_ref().and_then(Self::of_clip),
            SourceSlot::Voice => desk.voice.as_ref().and_then(Self::of_voice),
        }
    }

    /// The address.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::Address(address) => Some(address),
            Self::Id(_) => None,
        }
    }
}

/// Where a copy comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyOrigin {
    /// It was fetched from the address, at this time; milliseconds since the epoch.
    Fetched(i64),
    /// The person chose it.
    Chosen,
    /// The service spoke it.
    Spoken,
}

/// Whether a chosen copy is what is at the address.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Comparison {
    /// It was not compared.
    #[default]
    None,
    /// Since this time; milliseconds since the epoch.
    Running(i64),
    /// It was compared.
    Done(Likeness),
    /// It could not be, and why.
    Failed(Problem),
}

impl Comparison {
    /// What was found where the copy is another file than what is at the address, and what is there.
    #[must_use]
    pub fn another(&self) -> Option<OtherCopy> {
        match self {
            Self::Done(Likeness::Other(words, there)) => Some((words.clone(), there.clone())),
            _ => None,
        }
    }

    /// Whether the copy is another file.
    #[must_use]
    pub const fn is_another(&self) -> bool {
        matches!(self, Self::Done(Likeness::Other(..)))
    }

    /// What the workflow is to know of it.
    #[must_use]
    pub fn for_flow(&self, slot: SourceSlot) -> PersonEvent {
        let is_another = self.is_another();
        let there = match self {
            Self::Done(Likeness::Other(_, there)) => there.as_deref(),
            _ => None,
        };
        match slot {
            SourceSlot::Clip => PersonEvent::ClipCopyIs(copy_is(is_another, there, |there| match there {
                There::Clip(clip) => Some(clip.clone()),
                There::Voice(_) => None,
            })),
            SourceSlot::Voice => PersonEvent::VoiceCopyIs(copy_is(is_another, there, |there| match there {
                There::Voice(voice) => Some(voice.clone()),
                There::Clip(_) => None,
            })),
        }
    }
}

fn copy_is<T>(is_another: bool, there: Option<&There>, of: impl Fn(&There) -> Option<T>) -> CopyIs<T> {
    if is_another { CopyIs::Another(there.and_then(of).map(Box::new)) } else { CopyIs::Alike }
}

/// A copy.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalCopy {
    /// Its file.
    pub path: PathBuf,
    /// Where it comes from.
    pub origin: CopyOrigin,
    /// Whether it is what is at the address.
    pub comparison: Comparison,
}

/// How far the fetching is; the job that fetches writes it.
#[derive(Clone, Debug, Default)]
pub struct Amount(Arc<[AtomicU64; 2]>);

impl Amount {
    /// Notes how far it is. Whether that is worth another frame: another hundredth, or 256 kB of an unknown length.
    #[must_use]
    pub fn note(&self, progress: Progress) -> bool {
        let step = progress.total_bytes.map_or(1 << 18, |total| (total / 100).max(1));
        let before = self.0[0].swap(progress.received_bytes, Ordering::Relaxed);
        self.0[1].store(progress.total_bytes.unwrap_or(0), Ordering::Relaxed);
        before / step != progress.received_bytes / step
    }

    /// How far it is.
    #[must_use]
    pub fn now(&self) -> Progress {
        let [received_bytes, total_bytes] = [0, 1].map(|at: usize| self.0[at].load(Ordering::Relaxed));
        Progress { received_bytes, total_bytes: (total_bytes > 0).then_some(total_bytes) }
    }
}

/// What is fetched.
#[derive(Clone, Debug, Default)]
pub enum Fetching {
    /// Nothing.
    #[default]
    Idle,
    /// The address, since this time in milliseconds since the epoch.
    Running(i64, Amount),
    /// It could not be fetched, and why.
    Failed(Problem),
}

/// What is known of the clip or the voice on the desk, where that is not a file.
#[derive(Debug, Default)]
pub struct SlotCopy {
    /// Where it is.
    pub remote: Option<Remote>,
    /// Whether the field for a file is shown.
    pub is_choosing: bool,
    /// Whether that takes the focus as soon as it is drawn.
    pub takes_keys: bool,
    /// What is entered there.
    pub entry: String,
    /// Whether it is being fetched.
    pub fetching: Fetching,
    /// What the journal knows of a video by its id.
    pub video: Option<KnownVideo>,
}

/// A copy that is remembered.
#[derive(Debug)]
struct Kept {
    slot: SourceSlot,
    remote: Remote,
    copy: LocalCopy,
}

/// The copies that are known, and what is done about those of the desk.
#[derive(Debug, Default)]
pub struct State {
    clip: SlotCopy,
    voice: SlotCopy,
    kept: Vec<Kept>,
}

impl State {
    /// What is known of the clip, or of the voice.
    #[must_use]
    pub const fn slot(&self, slot: SourceSlot) -> &SlotCopy {
        match slot {
            SourceSlot::Clip => &self.clip,
            SourceSlot::Voice => &self.voice,
        }
    }

    /// The same, for a change.
    pub const fn slot_mut(&mut self, slot: SourceSlot) -> &mut SlotCopy {
        match slot {
            SourceSlot::Clip => &mut self.clip,
            SourceSlot::Voice => &mut self.voice,
        }
    }

    /// Begins anew for what is on the desk by now. Whether it is something else than before.
    pub fn turn_to(&mut self, slot: SourceSlot, remote: Option<Remote>) -> bool {
        let is_other = self.slot(slot).remote != remote;
        if is_other {
            *self.slot_mut(slot) = SlotCopy { remote, ..SlotCopy::default() };
        }
        is_other
    }

    /// The copy of what is there.
    #[must_use]
    pub fn known(&self, slot: SourceSlot, remote: &Remote) -> Option<&LocalCopy> {
        self.kept.iter().find(|kept| kept.slot == slot && kept.remote == *remote).map(|kept| &kept.copy)
    }

    /// The copy of what is on the desk.
    #[must_use]
    pub fn of_desk(&self, slot: SourceSlot) -> Option<&LocalCopy> {
        self.known(slot, self.slot(slot).remote.as_ref()?)
    }

    /// Remembers a copy, in place of another of the same.
    pub fn remember(&mut self, slot: SourceSlot, remote: Remote, copy: LocalCopy) {
        self.forget(slot, &remote);
        self.kept.insert(0, Kept { slot, remote, copy });
        self.kept.truncate(MOST_KEPT);
    }

    /// Forgets a copy.
    pub fn forget(&mut self, slot: SourceSlot, remote: &Remote) {
        self.kept.retain(|kept| kept.slot != slot || kept.remote != *remote);
    }

    /// Notes whether a copy is what is at its address.
    pub fn compared(&mut self, slot: SourceSlot, remote: &Remote, path: &Path, comparison: Comparison) {
        let is_it = |kept: &&mut Kept| kept.slot == slot && kept.remote == *remote && kept.copy.path == path;
        if let Some(kept) = self.kept.iter_mut().find(is_it) {
            kept.copy.comparison = comparison;
        }
    }

    /// The file on this machine that a clip can be judged by: itself, or a copy that is not known to be another file.
    #[must_use]
    pub fn clip_stand_in<'a>(&'a self, clip: &'a ClipSource) -> Option<&'a Path> {
        let copy = Remote::of_clip(clip).and_then(|remote| self.known(SourceSlot::Clip, &remote));
        self.clip_file(clip).filter(|_| copy.is_none_or(|copy| !copy.comparison.is_another()))
    }

    /// The same for a voice.
    #[must_use]
    pub fn voice_stand_in<'a>(&'a self, voice: &'a VoiceSource) -> Option<&'a Path> {
        let copy = Remote::of_voice(voice).and_then(|remote| self.known(SourceSlot::Voice, &remote));
        self.voice_file(voice).filter(|_| copy.is_none_or(|copy| !copy.comparison.is_another()))
    }

    /// The file on this machine that shows a clip.
    #[must_use]
    pub fn clip_file<'a>(&'a self, clip: &'a ClipSource) -> Option<&'a Path> {
        match clip {
            ClipSource::File(path) => Some(path),
            elsewhere => self.known(SourceSlot::Clip, &Remote::of_clip(elsewhere)?).map(|copy| copy.path.as_path()),
        }
    }

    /// The file on this machine in which a voice is heard.
    #[must_use]
    pub fn voice_file<'a>(&'a self, voice: &'a VoiceSource) -> Option<&'a Path> {
        match voice {
            VoiceSource::File(path) => Some(path),
            elsewhere => self.known(SourceSlot::Voice, &Remote::of_voice(elsewhere)?).map(|copy| copy.path.as_path()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(path: &str) -> LocalCopy {
        LocalCopy { path: path.into(), origin: CopyOrigin::Chosen, comparison: Comparison::None }
    }

    #[test]
    fn a_copy_belongs_to_its_address_and_to_clip_or_voice() {
        let mut state = State::default();
        let there = || Remote::Address("https://h/a".into());
        state.remember(SourceSlot::Clip, there(), copy("/x/a.mp4"));
        assert_eq!(state.clip_file(&ClipSource::Url("https://h/a".into())), Some("/x/a.mp4".as_ref()));
        assert_eq!(state.clip_file(&ClipSource::VideoId("https://h/a".into())), None);
        assert_eq!(state.voice_file(&VoiceSource::Url("https://h/a".into())), None);
        assert_eq!(state.voice_file(&VoiceSource::File("/x/v.wav".into())), Some("/x/v.wav".as_ref()));
        state.remember(SourceSlot::Clip, there(), copy("/x/b.mp4"));
        state.compared(SourceSlot::Clip, &there(), "/x/a.mp4".as_ref(), Comparison::Running(0));
        assert_eq!(state.known(SourceSlot::Clip, &there()), Some(&copy("/x/b.mp4")), "another was compared");
        for n in 0..MOST_KEPT {
            state.remember(SourceSlot::Voice, Remote::Id(n.to_string()), copy("/x/v.wav"));
        }
        assert_eq!(state.known(SourceSlot::Clip, &there()), None, "only so many are remembered");
    }

    #[test]
    fn another_address_begins_anew() {
        let mut state = State::default();
        let there = || Some(Remote::Address("https://h/a".into()));
        assert!(state.turn_to(SourceSlot::Clip, there()));
        state.slot_mut(SourceSlot::Clip).is_choosing = true;
        assert!(!state.turn_to(SourceSlot::Clip, there()) && state.slot(SourceSlot::Clip).is_choosing);
        assert!(state.turn_to(SourceSlot::Clip, None) && !state.slot(SourceSlot::Clip).is_choosing);
    }

    #[test]
    fn progress_is_worth_a_frame_when_it_is_another_hundredth() {
        let amount = Amount::default();
        let at = |received_bytes, total_bytes| Progress { received_bytes, total_bytes };
        assert!(!amount.note(at(999, Some(100_000))) && amount.note(at(1_000, Some(100_000))));
        assert!(!amount.note(at(1_999, Some(100_000))));
        assert_eq!(amount.now(), at(1_999, Some(100_000)));
        assert!(amount.note(at(1 << 20, None)) && !amount.note(at((1 << 20) + 1, None)));
        assert_eq!(amount.now().total_bytes, None);
    }
}
