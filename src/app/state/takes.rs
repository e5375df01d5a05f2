//! The takes of a clip: its results on this machine, the newest first, of which one is shown and another can be put beside it.

use std::path::{Path, PathBuf};

use super::verdict::{Origin, Tone, finding_tone};
use crate::app::words;
use crate::engine::journal::{IntentId, Take};
use crate::engine::local_days;
use crate::model::{ClipSource, Placement};
use crate::playback::verdict::ResultJudge;
use crate::secrets::shown;

/// Whose takes are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakesOf {
    /// Those of this clip.
    Clip(ClipSource),
    /// Those of the clip that this task was made from.
    Task(IntentId),
}

/// What the shown take is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Partner {
    /// The clip they were all made from.
    #[default]
    Original,
    /// Another take.
    Take(IntentId),
}

/// A command about the takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakesCommand {
    /// Close the list.
    Close,
    /// The list has taken the focus.
    Arrived,
    /// Show this take, at the same moment.
    Show(IntentId),
    /// Put this beside the shown take, or take it away again.
    Beside(Partner),
}

/// A take as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakeRow {
    /// Its task's number in the journal.
    pub id: IntentId,
    /// `Take 2`: the first one that was made is 1.
    pub name: String,
    /// `2026-11-22 21:04`
    pub time: String,
    /// The name of the voice; may be empty.
    pub voice: String,
    /// Face, placement and volumes, and the service where there are several.
    pub facts: String,
    /// Where it is on this machine, the last place first; never empty.
    pub files: Vec<PathBuf>,
}

impl TakeRow {
    /// The file that is shown.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.files[0]
    }

    /// Its name and its voice, for the picture.
    #[must_use]
    pub fn title(&self) -> String {
        if self.voice.is_empty() { self.name.clone() } else { format!("{} · {}", self.name, self.voice) }
    }
}

/// The takes, as they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Takes {
    /// The newest first.
    pub rows: Vec<TakeRow>,
    /// The clip they were all made from.
    pub clip: Option<ClipSource>,
    /// The clip's file, or a copy of what is at its address, where one is on this machine.
    pub original: Option<PathBuf>,
}

impl Takes {
    /// Takes of a clip that are on this machine: `saved` are those of the journal with the files that are still there, and the number of the face that was to speak, from 1.
    #[must_use]
    pub fn of(clip: &ClipSource, original: Option<PathBuf>, saved: Vec<(Take, Option<usize>)>) -> Self {
        let services: std::collections::BTreeSet<String> =
            saved.iter().map(|(take, _)| take.service.profile.clone()).collect();
        let count = saved.len();
        let rows = saved.into_iter().enumerate().map(|(at, (take, face))| {
            let face = face.map(|number| format!("Face {number}"));
            let placement = take.placement.as_ref().map(placement_words);
            let service = (services.len() > 1).then(|| words::shown_service(&take.service.profile));
            let facts: Vec<String> = [face, placement, service].into_iter().flatten().collect();
            TakeRow {
                id: take.id,
                name: format!("Take {}", count - at),
                time: local_days::text(take.begun_ms).chars().take(16).collect(),
                voice: shown(&take.voice_name),
                facts: facts.join(" · "),
                files: take.saved,
            }
        });
        Self { rows: rows.collect(), clip: Some(clip.clone()), original }
    }
}

/// `0:01.000 to 0:05.000`, and volumes that are not the usual ones.
fn placement_words(placement: &Placement) -> String {
    let volume = |name: &str, volume: Option<f64>| {
        let volume = volume.filter(|volume| (volume - 1.0).abs() > f64::EPSILON)?;
        Some(format!("{name} {:.0} %", volume * 100.0))
    };
    let when = words::interval_short(placement.span());
    let parts =
        [Some(when), volume("voice", placement.sound_volume), volume("original", placement.original_audio_volume)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The state of the list.
#[derive(Debug, Default)]
pub struct State {
    pub(in crate::app) open: bool,
    /// Whether the list takes the focus as soon as it is drawn.
    pub(in crate::app) takes_keys: bool,
    of: Option<TakesOf>,
    pub(in crate::app) takes: Takes,
    pub(in crate::app) partner: Partner,
    /// The result that is shown.
    shown: Option<PathBuf>,
    /// What is beside it, where that is not the clip on the desk; and what that was made from, where it is a take.
    other: Option<(PathBuf, Option<Origin>)>,
}

impl State {
    /// Whose takes are listed from now on; returns whether that is another clip or task.
    pub fn set_of(&mut self, of: Option<TakesOf>) -> bool {
        if self.of == of {
            return false;
        }
        // A task of the same clip: what is listed stays until it is read again.
        let is_known = match &of {
            Some(TakesOf::Task(id)) => self.row(*id).is_some(),
            Some(TakesOf::Clip(clip)) => self.takes.clip.as_ref() == Some(clip),
            None => false,
        };
        if !is_known {
            (self.takes, self.partner) = (Takes::default(), Partner::default());
        }
        self.of = of;
        true
    }

    /// Whose takes are listed.
    #[must_use]
    pub const fn of(&self) -> Option<&TakesOf> {
        self.of.as_ref()
    }

    /// Takes what was read.
    pub fn take(&mut self, of: &TakesOf, takes: Takes) {
        if self.of.as_ref() == Some(of) {
            self.takes = takes;
            if matches!(self.partner, Partner::Take(id) if self.row(id).is_none()) {
                self.partner = Partner::Original;
            }
        }
    }

    /// A take.
    #[must_use]
    pub fn row(&self, id: IntentId) -> Option<&TakeRow> {
        self.takes.rows.iter().find(|row| row.id == id)
    }

    /// Sets the result that is shown.
    pub fn set_shown(&mut self, shown: Option<&Path>) {
        if self.shown.as_deref() != shown {
            self.shown = shown.map(Path::to_owned);
        }
    }

    /// The place of the take that is shown.
    #[must_use]
    pub fn shown_place(&self) -> Option<usize> {
        let shown = self.shown.as_ref()?;
        self.takes.rows.iter().position(|row| row.files.contains(shown))
    }

    /// The take that is shown.
    #[must_use]
    pub fn shown_row(&self) -> Option<&TakeRow> {
        self.takes.rows.get(self.shown_place()?)
    }

    /// The take that is, or would be, beside the shown one; `None`: the clip.
    #[must_use]
    pub fn partner_row(&self) -> Option<&TakeRow> {
        let Partner::Take(id) = self.partner else { return None };
        self.row(id).filter(|row| self.shown_row().is_some_and(|shown| shown.id != row.id))
    }

    /// The file that is to be beside the result, where it is not the clip on the desk, which is `desk_clip`.
    #[must_use]
    pub fn other_file(&self, desk_clip: Option<&Path>) -> Option<&Path> {
        self.shown.as_ref()?;
        let partner = self.partner_row().map(TakeRow::file);
        let original = || self.takes.original.as_deref().filter(|original| Some(*original) != desk_clip);
        partner.or_else(original)
    }

    /// Sets what is beside the result; returns the take whose origin is to be read, where it is one.
    pub fn set_other(&mut self, other: Option<&Path>) -> Option<(IntentId, PathBuf)> {
        if self.other.as_ref().map(|(path, _)| path.as_path()) == other {
            return None;
        }
        self.other = other.map(|path| (path.to_owned(), None));
        let row = self.partner_row().filter(|row| Some(row.file()) == other)?;
        Some((row.id, row.file().to_owned()))
    }

    /// Takes what was read about the take beside the shown one.
    pub fn take_origin(&mut self, result: &Path, origin: &Origin) {
        if let Some((_, of)) = self.other.as_mut().filter(|(path, _)| path == result) {
            *of = Some(origin.clone());
        }
    }

    /// What the take beside the shown one was made from, once that is read.
    #[must_use]
    pub fn other_origin(&self) -> Option<&Origin> {
        self.other.as_ref()?.1.as_ref()
    }

    /// What is beside the result, by its name: a take's, or the clip's where it is not the one on the desk.
    #[must_use]
    pub fn other_name(&self) -> &str {
        self.partner_row().map_or("Original", |row| row.name.as_str())
    }

    /// The name of the result that is shown, where there are several.
    #[must_use]
    pub fn shown_name(&self) -> Option<&str> {
        self.shown_row().filter(|_| self.takes.rows.len() > 1).map(|row| row.name.as_str())
    }

    /// The verdict on a take, where it was measured, by this window or an earlier one.
    #[must_use]
    pub fn verdict(row: &TakeRow, judge: &ResultJudge) -> Option<(Tone, String)> {
        let judgement = row.files.iter().find_map(|file| judge.known(file))?;
        Some((finding_tone(judgement.finding()), judgement.summary()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::journal::Service;
    use crate::model::Dialect;

    fn take(id: i64, voice: &str, profile: &str) -> (Take, Option<usize>) {
        let service = Service {
            profile: profile.into(),
            base_url: String::new(),
            path_prefix: String::new(),
            dialect: Dialect::Kling,
        };
        let placement = Placement {
            sound_start_time: 0,
            sound_end_time: 2_000,
            sound_insert_time: 500,
            sound_volume: Some(1.5),
            original_audio_volume: Some(1.0),
        };
        let take = Take {
            id: IntentId(id),
            service,
            begun_ms: id,
            voice_name: voice.into(),
            session_id: None,
            face_id: None,
            placement: Some(placement),
            saved: vec![format!("{voice}.mp4").into(), format!("copy of {voice}.mp4").into()],
        };
        (take, Some(2))
    }

    fn clip() -> ClipSource {
        ClipSource::File("/a/duo.mp4".into())
    }

    fn state() -> State {
        let mut state = State::default();
        let of = TakesOf::Clip(clip());
        assert!(state.set_of(Some(of.clone())) && !state.set_of(Some(of.clone())));
        let takes = vec![take(9, "hello", "sandbox"), take(4, "again", "sandbox")];
        state.take(&of, Takes::of(&clip(), Some("/a/duo.mp4".into()), takes));
        state
    }

    #[test]
    fn a_row_says_what_tells_it_from_the_others() {
        let rows = state().takes.rows;
        assert_eq!((rows[0].name.as_str(), rows[1].name.as_str()), ("Take 2", "Take 1"), "the newest first");
        assert_eq!(rows[0].title(), "Take 2 · hello");
        assert!(rows[0].facts.starts_with("Face 2 · 0.50 – 2.50 s"), "{}", rows[0].facts);
        assert!(rows[0].facts.ends_with("voice 150 %"), "the usual volume is not said: {}", rows[0].facts);
        let two = vec![take(9, "hello", "sandbox"), take(4, "again", "kling")];
        let rows = Takes::of(&clip(), None, two).rows;
        assert!(rows[1].facts.ends_with(&words::shown_service("kling")), "{}", rows[1].facts);
    }

    #[test]
    fn beside_the_shown_take_is_another_or_the_clip_but_never_itself() {
        let mut state = state();
        let desk = Some(Path::new("/a/duo.mp4"));
        state.partner = Partner::Take(IntentId(4));
        assert_eq!(state.other_file(desk), None, "nothing is shown");
        state.set_shown(Some("copy of hello.mp4".as_ref()));
        assert_eq!(state.shown_name(), Some("Take 2"), "whichever of its files it is");
        assert_eq!(state.other_file(desk), Some(Path::new("again.mp4")));
        assert_eq!(state.other_name(), "Take 1");
        assert_eq!(state.set_other(Some("again.mp4".as_ref())), Some((IntentId(4), "again.mp4".into())));
        assert_eq!(state.set_other(Some("again.mp4".as_ref())), None, "it is read once");
        state.take_origin("another.mp4".as_ref(), &Origin::Unknown);
        assert_eq!(state.other_origin(), None);
        state.take_origin("again.mp4".as_ref(), &Origin::Unknown);
        assert_eq!(state.other_origin(), Some(&Origin::Unknown));
        state.set_shown(Some("again.mp4".as_ref()));
        assert_eq!(state.other_file(desk), None, "the clip on the desk");
        assert_eq!(state.other_file(None), Some(Path::new("/a/duo.mp4")), "the clip, which is not on the desk");
        assert_eq!(state.set_other(Some("/a/duo.mp4".as_ref())), None, "the clip was made from nothing");
    }

    #[test]
    fn what_was_read_for_another_clip_is_dropped_and_a_take_of_the_same_clip_keeps_the_list() {
        let mut state = state();
        state.partner = Partner::Take(IntentId(4));
        assert!(state.set_of(Some(TakesOf::Task(IntentId(9)))));
        assert_eq!((state.takes.rows.len(), state.partner), (2, Partner::Take(IntentId(4))));
        state.take(&TakesOf::Clip(clip()), Takes::default());
        assert_eq!(state.takes.rows.len(), 2, "that was asked for before");
        assert!(state.set_of(Some(TakesOf::Clip(clip()))) && state.set_of(Some(TakesOf::Task(IntentId(9)))));
        assert_eq!((state.takes.rows.len(), state.partner), (2, Partner::Take(IntentId(4))), "and back");
        state.take(&TakesOf::Task(IntentId(9)), Takes::of(&clip(), None, vec![take(9, "hello", "sandbox")]));
        assert_eq!(state.partner, Partner::Original, "the other take was deleted");
        assert!(state.set_of(Some(TakesOf::Task(IntentId(1)))));
        assert!(state.takes.rows.is_empty());
    }
}
