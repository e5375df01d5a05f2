//! Making a clip or a voice fit: what is open, which part is chosen, how far the work is, what came of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::entry::SourceSlot;
use super::placed;
use super::view::View;
use crate::app::words;
use crate::engine::shell::quoted;
use crate::media::Job;
use crate::media::fit::{Plan, Probed, plan};
use crate::model::fit::{Cure, FitWish};
use crate::model::{ClipProbe, ClipSource, VoiceSource, clip, voice};

/// A command about making something fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FitCommand {
    /// Close what shows what would be done.
    Close,
    /// What is asked for.
    Wish(FitWish),
    /// Do it.
    Start,
    /// Use the original again.
    UseOriginal(SourceSlot),
}

/// What is offered, done and was done; one at a time.
#[derive(Debug, Default)]
pub struct State {
    /// For which file it is shown what would be done.
    pub open: Option<Open>,
    /// What is being done.
    pub running: Option<Running>,
    /// What was done last, of clip and voice.
    finished: [Option<Finished>; 2],
}

impl State {
    /// The fitted copy that is in use as clip or voice.
    #[must_use]
    pub fn finished(&self, slot: SourceSlot, in_use: Option<&Path>) -> Option<&Finished> {
        self.finished[slot as usize].as_ref().filter(|finished| Some(finished.path.as_path()) == in_use)
    }

    /// Remembers what was done.
    pub fn set_finished(&mut self, slot: SourceSlot, finished: Finished) {
        self.finished[slot as usize] = Some(finished);
    }
}

/// A file for which it is shown what would be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// Clip or voice.
    pub slot: SourceSlot,
    /// The file.
    pub file: PathBuf,
    /// What is asked for.
    pub wish: FitWish,
}

/// Work on a file.
#[derive(Debug)]
pub struct Running {
    /// Clip or voice.
    pub slot: SourceSlot,
    /// The file.
    pub file: PathBuf,
    /// What it is, in one line.
    pub was: String,
    /// Since when; milliseconds since the epoch.
    pub since_ms: i64,
    /// Cancels it.
    pub job: Job,
    /// How far it is.
    pub done: Done,
}

/// A clip or a voice.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A clip.
    Clip(ClipSource),
    /// A voice.
    Voice(VoiceSource),
}

/// A fitted copy.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// The copy.
    pub path: PathBuf,
    /// The file it was made from.
    pub original: PathBuf,
    /// What clip or voice was before it.
    pub before: Source,
    /// What that is, in one line.
    pub was: String,
    /// What was wrong, and what was done about it.
    pub cures: Vec<Cure>,
    /// Whether the pictures are those of the original, copied.
    pub copied: bool,
}

/// How far some work is; the worker writes it.
#[derive(Clone, Debug, Default)]
pub struct Done(Arc<AtomicU32>);

impl Done {
    /// Notes the part that is done, 0 to 1. Whether that is another percent than before.
    #[must_use]
    pub fn note(&self, part: f32) -> bool {
        let percent = (part.clamp(0.0, 1.0) * 100.0) as u32;
        self.0.swap(percent, Ordering::Relaxed) != percent
    }

    /// The percent that are done.
    #[must_use]
    pub fn percent(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The file of a slot and what it is, where both are known: of an address, its copy.
#[must_use]
pub fn probed(view: &View<'_>, slot: SourceSlot) -> Option<(PathBuf, Probed)> {
    let desk = &view.flow.desk;
    match slot {
        SourceSlot::Clip => {
            let (file, clip) = desk.local_clip().zip(desk.clip_probe.known())?;
            Some((file.to_owned(), Probed::Clip(clip.clone())))
        }
        SourceSlot::Voice => {
            let (file, voice) = desk.local_voice().zip(desk.voice_probe.known())?;
            Some((file.to_owned(), Probed::Voice(voice.clone())))
        }
    }
}

/// Whether something is wrong with the file of a slot that can be cured, or can only be cured in part.
#[must_use]
pub fn is_offered(view: &View<'_>, slot: SourceSlot) -> bool {
    probed(view, slot)
        .and_then(|(_, probed)| plan(&probed, FitWish::default()).ok())
        .is_some_and(|plan| !plan.cures().is_empty())
}

/// Why a file cannot be made to fit whatever is asked for, with what to do: its pictures cannot be decoded here.
#[must_use]
pub fn undecoded(probed: &Probed) -> Option<String> {
    match probed {
        Probed::Clip(clip) => clip.undecoded(),
        Probed::Voice(_) => None,
    }
}

/// The command by which another program converts the clip, where that cannot be decoded here.
#[must_use]
pub fn conversion_of(view: &View<'_>) -> Option<String> {
    match probed(view, SourceSlot::Clip)? {
        (file, Probed::Clip(clip)) if clip.undecoded().is_some() => Some(conversion(&file, &clip)),
        _ => None,
    }
}

fn conversion(file: &Path, probed: &ClipProbe) -> String {
    let fitted = file.with_file_name(format!("{} fitted.mp4", file.file_stem().unwrap_or_default().to_string_lossy()));
    let [from, to] = [file, &fitted].map(|path: &Path| quoted(&path.to_string_lossy()));
    let is_large = probed.width_px.max(probed.height_px) > clip::MAX_DECODED_SIDE_PX;
    let scale = if is_large { SCALE } else { "" };
    format!("ffmpeg -i {from} {scale}-c:v libx264 -pix_fmt yuv420p -c:a aac {to}")
}

/// Makes a picture smaller in its own shape, with even sides.
const SCALE: &str = "-vf scale=1920:1920:force_original_aspect_ratio=decrease:force_divisible_by=2 ";

/// Length of a file, in milliseconds.
#[must_use]
pub const fn length_ms(probed: &Probed) -> i64 {
    match probed {
        Probed::Clip(clip) => clip.duration_ms,
        Probed::Voice(voice) => voice.duration_ms,
    }
}

/// The part that is asked for, in milliseconds: what is left open is as much from its beginning as may be.
#[must_use]
pub fn part(probed: &Probed, wish: FitWish) -> (i64, i64) {
    let most_ms = match probed {
        Probed::Clip(_) => clip::MAX_DURATION_MS,
        Probed::Voice(_) => voice::MAX_DURATION_MS,
    };
    let start_ms = wish.start_ms.unwrap_or(0);
    (start_ms, wish.end_ms.unwrap_or_else(|| length_ms(probed).min(start_ms.saturating_add(most_ms))))
}

/// The part of the voice that is heard as it is placed, where that is not all of it.
#[must_use]
pub fn crop(view: &View<'_>) -> Option<(i64, i64)> {
    let placement = placed::placement(view.flow)?;
    let whole_ms = view.flow.desk.voice_probe.known()?.duration_ms;
    let crop = (placement.sound_start_time, placement.sound_end_time);
    (crop != (0, whole_ms)).then_some(crop)
}

/// What a file is, in one line.
#[must_use]
pub fn facts(probed: &Probed) -> String {
    match probed {
        Probed::Clip(clip) => words::clip_facts(clip),
        Probed::Voice(voice) => words::voice_facts(voice),
    }
}

/// What it will be, in one line.
#[must_use]
pub fn facts_after(plan: &Plan) -> String {
    match plan {
        Plan::Clip(fit) => format!(
            "MP4 · {}×{} · {} · {} fps · H.264 · {}",
            fit.width_px,
            fit.height_px,
            words::seconds(fit.end_ms - fit.start_ms),
            words::trim_number(fit.fps),
            if fit.has_sound { "AAC" } else { "no sound" },
        ),
        Plan::Voice(fit) => {
            let length_ms = (fit.end_ms - fit.start_ms).max(voice::MIN_DURATION_MS);
            // 24 000 samples of two bytes a second, behind a head of 44 bytes.
            let bytes = words::bytes(length_ms.unsigned_abs() * 48 + 44);
            format!("WAV · {} · 24 kHz · mono · {bytes}", words::seconds(length_ms))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::VoiceProbe;

    #[test]
    fn progress_is_told_percent_by_percent() {
        let done = Done::default();
        assert!(!done.note(0.001) && done.note(0.5) && !done.note(0.501));
        assert_eq!(done.clone().percent(), 50);
    }

    #[test]
    fn what_a_clip_will_be_names_its_picture_and_its_sound() {
        let clip = ClipProbe {
            container: "mov".into(),
            size_bytes: 200_000_000,
            duration_ms: 9_000,
            width_px: 1280,
            height_px: 720,
            fps: 25.0,
            variable_rate: false,
            video_codec: "H.264".into(),
            hdr: None,
            audio_codec: Some("Opus".into()),
        };
        let after = |clip: &ClipProbe| {
            let probed = Probed::Clip(clip.clone());
            facts_after(&plan(&probed, FitWish::default()).unwrap())
        };
        assert!(after(&clip).ends_with("H.264 · AAC"), "{}", after(&clip));
        let silent = ClipProbe { audio_codec: None, ..clip };
        assert!(after(&silent).ends_with("H.264 · no sound"), "{}", after(&silent));
    }

    #[test]
    fn the_command_of_another_program_names_the_file_as_a_shell_takes_it() {
        let clip = ClipProbe {
            container: "mov".into(),
            size_bytes: 1,
            duration_ms: 9_000,
            width_px: 1280,
            height_px: 720,
            fps: 25.0,
            variable_rate: false,
            video_codec: "AV1".into(),
            hdr: None,
            audio_codec: None,
        };
        let of = |clip: &ClipProbe| conversion("/x/my clip.mov".as_ref(), clip);
        assert_eq!(
            of(&clip),
            "ffmpeg -i '/x/my clip.mov' -c:v libx264 -pix_fmt yuv420p -c:a aac '/x/my clip fitted.mp4'"
        );
        assert!(of(&ClipProbe { width_px: 8_000, ..clip }).contains("scale=1920"));
    }

    #[test]
    fn a_part_that_is_left_open_is_as_long_as_may_be() {
        let long = Probed::Voice(VoiceProbe {
            format: "mp3".into(),
            size_bytes: 1,
            duration_ms: 100_000,
            sample_rate_hz: 48_000,
            channels: 1,
            is_silent: false,
        });
        let of = |start_ms, end_ms| part(&long, FitWish { start_ms, end_ms, size: None });
        assert_eq!(of(None, None), (0, 60_000));
        assert_eq!(of(Some(50_000), None), (50_000, 100_000));
        assert_eq!(of(None, Some(7_000)), (0, 7_000));
    }

    #[test]
    fn a_fitted_copy_is_told_of_while_it_is_in_use() {
        let mut state = State::default();
        let finished = Finished {
            path: "/x/a fitted.mp4".into(),
            original: "/x/a.mov".into(),
            before: Source::Clip(ClipSource::File("/x/a.mov".into())),
            was: "MOV".into(),
            cures: Vec::new(),
            copied: false,
        };
        state.set_finished(SourceSlot::Clip, finished.clone());
        assert_eq!(state.finished(SourceSlot::Clip, Some(&finished.path)), Some(&finished));
        assert_eq!(state.finished(SourceSlot::Clip, Some("/x/a.mov".as_ref())), None);
        assert_eq!(state.finished(SourceSlot::Voice, Some(&finished.path)), None);
    }
}
