//! The verdict on the result that is shown, as text: one line under it, and all measures on demand.

use std::path::Path;

use crate::app::words;
use crate::media::judge::{Entry, Finding, Grade, Judgement};
use crate::model::{ClipSource, Submission};
use crate::playback::draft::Picks;
use crate::playback::verdict::{ResultJudge, Verdict, VerdictRequest};
use crate::workflow::Faces;

use super::copies;
use super::draft::service_faces;

/// Measuring is shown once it takes longer than this, in milliseconds.
const SAID_AFTER_MS: i64 = 200;

/// What a result was made from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// It is not known on this machine.
    Unknown,
    /// Clip or voice are at an address, or stored at the service, and no copy is here.
    Elsewhere,
    /// Both are on this machine.
    Here(Box<VerdictRequest>),
}

impl Origin {
    /// That of a result which was made of this clip by this submission: files, or `copies` of what was sent as an address that are not known to be others. `faces` are those of its session, where they are still known.
    #[must_use]
    pub fn of(
        result: &Path,
        clip: Option<&ClipSource>,
        sent: &Submission,
        faces: Option<&Faces>,
        picks: &Picks,
        copies: &copies::State,
    ) -> Self {
        let Some(clip) = clip else { return Self::Unknown };
        let files = copies.clip_stand_in(clip).zip(copies.voice_stand_in(&sent.voice));
        let Some((clip, voice)) = files else { return Self::Elsewhere };
        Self::Here(Box::new(VerdictRequest {
            result: result.to_owned(),
            clip: clip.to_owned(),
            voice: voice.to_owned(),
            placement: sent.placement,
            faces: faces.map(service_faces).unwrap_or_default(),
            picks: picks.clone(),
            face_id: sent.face_id.clone(),
        }))
    }
}

/// What was measured of a result before, and of what it was made.
pub type Measured = (VerdictRequest, Judgement);

/// Colour and mark of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As asked for.
    Good,
    /// A flaw.
    Warn,
    /// Not what was asked for.
    Bad,
    /// Nothing is known.
    Unknown,
}

/// The line under the result.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// It is being measured: for how long in milliseconds, and how far that is, 0 to 1.
    Measuring(i64, f32),
    /// What was found, or why nothing was.
    Found(Tone, String),
}

/// A measure, as it is listed.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// `Offset`
    pub name: String,
    /// How it came out.
    pub tone: Tone,
    /// The same in a word.
    pub grade: &'static str,
    /// What was found, or why nothing was measured.
    pub found: String,
    /// When it is good, and the values.
    pub good: String,
}

/// The window's part of the verdict.
#[derive(Debug, Default)]
pub struct State {
    origin: Option<Origin>,
    pub(in crate::app) open: bool,
}

impl State {
    /// Receives what was measured, and requests the verdict on the result that is shown; `None`: no result is.
    pub fn follow(&mut self, judge: &mut ResultJudge, origin: Option<Origin>, now_ms: i64) {
        judge.receive();
        let request = if let Some(Origin::Here(request)) = &origin { Some((**request).clone()) } else { None };
        judge.request(request, now_ms);
        self.open &= judge.judgement().is_some();
        self.origin = origin;
    }

    /// The line under the result; `None` where there is nothing to say yet.
    #[must_use]
    pub fn line(&self, judge: &ResultJudge, now_ms: i64) -> Option<Line> {
        let unknown = |words: &str| Some(Line::Found(Tone::Unknown, words.to_owned()));
        match (self.origin.as_ref()?, judge.verdict()) {
            (Origin::Unknown, _) => unknown("Not measured: what it was made from is not known here"),
            (Origin::Elsewhere, _) => unknown(
                "Not measured: clip or voice are known by address only. Fetch them for the preview, on the left",
            ),
            (Origin::Here(_), Verdict::None) => None,
            (Origin::Here(_), Verdict::Measuring { since_ms }) => {
                let elapsed_ms = now_ms - since_ms;
                (elapsed_ms >= SAID_AFTER_MS).then(|| Line::Measuring(elapsed_ms, judge.progress()))
            }
            (Origin::Here(_), Verdict::Stopped) => unknown("Not measured: it was stopped"),
            (Origin::Here(_), Verdict::Failed(why)) => unknown(&format!("Not measured: {}", words::sentence(why))),
            (Origin::Here(_), Verdict::Measured(judgement)) => {
                Some(Line::Found(finding_tone(judgement.finding()), judgement.summary()))
            }
        }
    }
}

/// The tone of what was found.
#[must_use]
pub const fn finding_tone(finding: Finding) -> Tone {
    match finding {
        Finding::AsAsked => Tone::Good,
        Finding::Flawed => Tone::Warn,
        Finding::Unclear => Tone::Unknown,
        Finding::NotAsAsked => Tone::Bad,
    }
}

/// All measures, in the order in which they are shown.
#[must_use]
pub fn rows(judge: &ResultJudge) -> Vec<Row> {
    judge.judgement().map(|judgement| judgement.entries.iter().map(row).collect()).unwrap_or_default()
}

fn row(entry: &Entry) -> Row {
    let (tone, grade) = match (&entry.grade, entry.measure.is_decisive()) {
        (Grade::Good, _) => (Tone::Good, "Good"),
        (Grade::Bad, true) => (Tone::Bad, "Fails"),
        (Grade::Bad, false) => (Tone::Warn, "Warns"),
        (Grade::NotMeasured(_), _) => (Tone::Unknown, "Not measured"),
    };
    let values: Vec<String> = entry.values.iter().map(|(name, value)| value_text(name, *value)).collect();
    let good = format!("Good: {}", words::in_sentence(&entry.threshold));
    let good = if values.is_empty() { good } else { format!("{good} · {}", values.join(", ")) };
    Row { name: words::sentence(entry.measure.word()), tone, grade, found: entry.says.clone(), good }
}

/// `late_ms` and 3.7 as `late 4 ms`.
fn value_text(name: &str, value: f64) -> String {
    let plain = |name: &str| name.replace('_', " ");
    // A zero has no sign.
    let rounded = |digits: i32| (value * 10_f64.powi(digits)).round() / 10_f64.powi(digits) + 0.0;
    if let Some(name) = name.strip_suffix("_ms") {
        format!("{} {:.0} ms", plain(name), rounded(0))
    } else if let Some(name) = name.strip_suffix("_db") {
        format!("{} {:.1} dB", plain(name), rounded(1))
    } else if value.fract().abs() < 1e-9 && value.abs() >= 2.0 {
        format!("{} {value:.0}", plain(name))
    } else {
        format!("{} {:.3}", plain(name), rounded(3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::entry::SourceSlot;
    use crate::model::{Placement, VoiceSource};

    fn sent(voice: VoiceSource) -> Submission {
        Submission {
            session_id: "s".into(),
            face_id: "f".into(),
            voice,
            placement: Placement {
                sound_start_time: 0,
                sound_end_time: 2_000,
                sound_insert_time: 0,
                sound_volume: None,
                original_audio_volume: None,
            },
            external_task_id: "t".into(),
            callback_url: None,
            watermark: None,
            mouth_box: None,
        }
    }

    #[test]
    fn only_files_of_this_machine_are_measured_and_else_it_is_said_why_not() {
        let (file, address) = (ClipSource::File("a.mp4".into()), ClipSource::Url("https://example.com/a.mp4".into()));
        let voice = || VoiceSource::File("v.wav".into());
        let mut copies = copies::State::default();
        let copied = ClipSource::Url("https://example.com/copied.mp4".into());
        let (origin, comparison) = (copies::CopyOrigin::Chosen, copies::Comparison::None);
        let copy = copies::LocalCopy { path: "copy.mp4".into(), origin, comparison };
        copies.remember(SourceSlot::Clip, copies::Remote::of_clip(&copied).unwrap(), copy);
        let of = |clip: Option<&ClipSource>, voice| {
            Origin::of("r.mp4".as_ref(), clip, &sent(voice), None, &Picks::default(), &copies)
        };
        assert!(matches!(of(Some(&file), voice()), Origin::Here(_)));
        assert_eq!(of(Some(&address), voice()), Origin::Elsewhere);
        let Origin::Here(request) = of(Some(&copied), voice()) else { panic!("a copy of it is here") };
        assert_eq!(request.clip, Path::new("copy.mp4"));
        let another = copies::Comparison::Done(crate::engine::Likeness::Other("longer".into(), None));
        copies.compared(SourceSlot::Clip, &copies::Remote::of_clip(&copied).unwrap(), "copy.mp4".as_ref(), another);
        let of = |clip: Option<&ClipSource>, voice| {
            Origin::of("r.mp4".as_ref(), clip, &sent(voice), None, &Picks::default(), &copies)
        };
        assert_eq!(of(Some(&copied), voice()), Origin::Elsewhere, "nothing is measured against another file");
        assert_eq!(of(Some(&file), VoiceSource::AudioId("1".into())), Origin::Elsewhere);
        assert_eq!(of(None, voice()), Origin::Unknown);
        for (origin, words) in [(Origin::Elsewhere, "by address only"), (Origin::Unknown, "not known here")] {
            let (mut state, mut judge) = (State::default(), ResultJudge::default());
            state.follow(&mut judge, Some(origin), 0);
            let Some(Line::Found(Tone::Unknown, said)) = state.line(&judge, 0) else { panic!("a line") };
            assert!(said.starts_with("Not measured: ") && said.contains(words), "{said}");
            state.follow(&mut judge, None, 0);
            assert_eq!(state.line(&judge, 0), None);
        }
    }

    #[test]
    fn values_have_their_units() {
        assert_eq!(value_text("late_ms", -0.2), "late 0 ms");
        assert_eq!(value_text("own_encoder_db", 49.87), "own encoder 49.9 dB");
        assert_eq!((value_text("frames", 225.0), value_text("ssim", 1.0)), ("frames 225".into(), "ssim 1.000".into()));
    }
}
