//! How a clip or a voice that breaks a rule is made to keep it: what is cut, scaled and written anew, and why.

use serde::Serialize;

use super::clip::{self, ClipProbe, check_clip};
use super::rule::Verdict;
use super::voice::{self, VoiceProbe, check_voice};
use super::words;

/// Something that is wrong, and what is done about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cure {
    /// What is wrong, as a sentence.
    pub wrong: String,
    /// What is done, as a sentence.
    pub done: String,
}

impl Cure {
    /// A voice of this loudness is raised by so much, both in dB.
    #[must_use]
    pub fn louder(level_db: f64, gain_db: f64) -> Self {
        Self { wrong: words::fit_voice_quiet(level_db), done: words::fit_louder(gain_db) }
    }
}

/// The size that a picture is brought to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PictureSize {
    /// 1280×720, or upright.
    P720,
    /// 1920×1080, or upright.
    P1080,
}

impl PictureSize {
    /// The shorter and the longer side, in pixels.
    #[must_use]
    pub const fn sides_px(self) -> (u32, u32) {
        match self {
            Self::P720 => (720, 1_280),
            Self::P1080 => (1_080, 1_920),
        }
    }
}

/// What is asked for; the rest is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FitWish {
    /// Where the part begins that is kept, in milliseconds.
    pub start_ms: Option<i64>,
    /// Where it ends.
    pub end_ms: Option<i64>,
    /// The size of the picture, of a clip.
    pub size: Option<PictureSize>,
}

/// What becomes of a clip: MP4 with H.264 at a constant rate and AAC, within every rule.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipFit {
    /// Where the part begins that is kept, in milliseconds.
    pub start_ms: i64,
    /// Where it ends.
    pub end_ms: i64,
    /// Width of the result in pixels.
    pub width_px: u32,
    /// Height of the result in pixels.
    pub height_px: u32,
    /// Pictures a second of the result.
    pub fps: f64,
    /// Whether it has a sound, which is AAC then.
    pub has_sound: bool,
    /// Whether the pictures can stay as they are, where the cut allows it.
    pub keeps_pictures: bool,
    /// What is wrong, and what is done about it; nothing where there is nothing to do.
    pub cures: Vec<Cure>,
}

/// What becomes of a voice: WAV of 16 bit, one channel and 24 kHz.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoiceFit {
    /// Where the part begins that is kept, in milliseconds.
    pub start_ms: i64,
    /// Where it ends.
    pub end_ms: i64,
    /// What is wrong, and what is done about it. Loudness is only known once the voice is decoded.
    pub cures: Vec<Cure>,
}

/// Rates that every player and service knows; pictures a second.
const RATES: [f64; 5] = [24.0, 25.0, 30.0, 50.0, 60.0];
/// The usual sizes, shorter side first.
const USUAL_PX: [(u32, u32); 2] = [(720, 1_280), (1_080, 1_920)];

impl ClipFit {
    /// What is done to this clip.
    ///
    /// # Errors
    /// What cannot be cured, as a sentence: pictures that cannot be decoded here, and a clip or a part that is too short or too long.
    pub fn of(clip: &ClipProbe, wish: FitWish) -> Result<Self, String> {
        if let Some(why) = clip.undecoded() {
            return Err(words::fit_not_decoded(why));
        }
        let (start_ms, end_ms) = part(clip.duration_ms, wish, (clip::MIN_DURATION_MS, clip::MAX_DURATION_MS))?;
        if end_ms - start_ms < clip::MIN_DURATION_MS {
            return Err(words::fit_clip_too_short(clip.duration_ms));
        }
        let cut = words::fit_cut(start_ms as f64 / 1e3, end_ms as f64 / 1e3);
        let (width_px, height_px) = size(clip, wish.size);
        let fps = rate(clip);
        let mut cures = Vec::new();
        let mut cure = |wrong: String, done: String| cures.push(Cure { wrong, done });
        for report in check_clip(clip) {
            let (Verdict::Broken(why) | Verdict::Warn(why)) = report.verdict else { continue };
            cure(
                why,
                match report.rule {
                    "video.duration" => cut.clone(),
                    "video.dimensions" => words::fit_scale(width_px, height_px),
                    "video.size" => words::fit_smaller(),
                    _ => words::fit_written_as_mp4(),
                },
            );
        }
        let is_cut = (start_ms, end_ms) != (0, clip.duration_ms);
        if is_cut && clip.duration_ms <= clip::MAX_DURATION_MS {
            cure(words::fit_part_wanted(), cut);
        }
        let is_scaled = (width_px, height_px) != (clip.width_px, clip.height_px);
        if is_scaled && is_usual((clip.width_px, clip.height_px)) {
            cure(words::fit_size_wanted(), words::fit_scale(width_px, height_px));
        }
        if clip.video_codec != "H.264" {
            cure(words::fit_codec_wrong(&clip.video_codec), words::fit_codec_done());
        }
        if let Some(hdr) = &clip.hdr {
            cure(words::fit_hdr_wrong(hdr), words::fit_hdr_done());
        }
        let changes_rate = (fps - clip.fps).abs() > 0.01 || clip.variable_rate;
        if clip.variable_rate {
            cure(words::fit_variable_wrong(), words::fit_rate_done(fps));
        } else if changes_rate {
            cure(words::fit_rate_wrong(clip.fps), words::fit_rate_done(fps));
        }
        if let Some(sound) = clip.audio_codec.as_ref().filter(|codec| *codec != "AAC") {
            cure(words::fit_sound_wrong(sound), words::fit_sound_done());
        }
        let is_small = clip.size_bytes <= clip::MAX_SIZE_BYTES || is_cut;
        let keeps_pictures = clip.video_codec == "H.264" && !is_scaled && !changes_rate && is_small;
        let has_sound = clip.audio_codec.is_some();
        Ok(Self { start_ms, end_ms, width_px, height_px, fps, has_sound, keeps_pictures, cures })
    }
}

impl VoiceFit {
    /// Samples a second of the result.
    pub const RATE_HZ: u32 = 24_000;

    /// What is done to this voice.
    ///
    /// # Errors
    /// What cannot be cured, as a sentence.
    pub fn of(voice: &VoiceProbe, wish: FitWish) -> Result<Self, String> {
        let (start_ms, end_ms) = part(voice.duration_ms, wish, (0, voice::MAX_DURATION_MS))?;
        if end_ms <= start_ms {
            return Err(words::fit_part_empty(start_ms, end_ms));
        }
        let cut = words::fit_cut(start_ms as f64 / 1e3, end_ms as f64 / 1e3);
        let mut cures = Vec::new();
        let mut cure = |wrong: String, done: String| cures.push(Cure { wrong, done });
        for report in check_voice(voice).into_iter().filter(|report| report.rule != voice::SILENCE) {
            if let Verdict::Broken(why) | Verdict::Warn(why) = report.verdict {
                cure(why, words::fit_wav());
            }
        }
        let is_long = voice.duration_ms > voice::MAX_DURATION_MS;
        if is_long {
            cure(words::fit_voice_too_long(voice.duration_ms), cut);
        } else if (start_ms, end_ms) != (0, voice.duration_ms) {
            cure(words::fit_part_wanted(), cut);
        }
        if end_ms - start_ms < voice::MIN_DURATION_MS {
            cure(words::fit_voice_too_short(end_ms - start_ms), words::fit_padded());
        }
        Ok(Self { start_ms, end_ms, cures })
    }
}

/// The part that is kept: as asked for, else as much from the beginning as may be.
fn part(duration_ms: i64, wish: FitWish, (least_ms, most_ms): (i64, i64)) -> Result<(i64, i64), String> {
    let start_ms = wish.start_ms.unwrap_or(0);
    let end_ms = wish.end_ms.unwrap_or_else(|| duration_ms.min(start_ms.saturating_add(most_ms)));
    if start_ms >= end_ms && wish.start_ms.is_some() && wish.end_ms.is_some() {
        return Err(words::fit_part_backwards(start_ms, end_ms));
    }
    if start_ms < 0 || start_ms >= end_ms || end_ms > duration_ms {
        return Err(words::fit_part_outside(start_ms, end_ms, duration_ms));
    }
    let asked = wish.start_ms.is_some() || wish.end_ms.is_some();
    if asked && !(least_ms..=most_ms).contains(&(end_ms - start_ms)) {
        return Err(words::fit_part_wrong_length(end_ms - start_ms));
    }
    Ok((start_ms, end_ms))
}

fn is_usual((width, height): (u32, u32)) -> bool {
    USUAL_PX.contains(&(width.min(height), width.max(height)))
}

/// The size as asked for; else as it is where it is usual, else the larger usual one that adds no pixels.
fn size(clip: &ClipProbe, wish: Option<PictureSize>) -> (u32, u32) {
    let (width, height) = (clip.width_px, clip.height_px);
    if wish.is_none() && is_usual((width, height)) {
        return (width, height);
    }
    let wish = wish.unwrap_or(if width.min(height) >= 1_080 || width.max(height) >= 1_920 {
        PictureSize::P1080
    } else {
        PictureSize::P720
    });
    let (short, long) = wish.sides_px();
    if height > width { (short, long) } else { (long, short) }
}

fn rate(clip: &ClipProbe) -> f64 {
    let nearest = || RATES.into_iter().min_by(|a, b| (a - clip.fps).abs().total_cmp(&(b - clip.fps).abs()));
    let is_fine = !clip.variable_rate && (10.0..=60.5).contains(&clip.fps);
    if is_fine { clip.fps } else { nearest().unwrap_or(25.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn clip() -> ClipProbe {
        ClipProbe {
            container: "mp4".into(),
            size_bytes: 1_000_000,
            duration_ms: 9_000,
            width_px: 1280,
            height_px: 720,
            fps: 25.0,
            variable_rate: false,
            video_codec: "H.264".into(),
            hdr: None,
            audio_codec: Some("AAC".into()),
        }
    }

    fn fit(clip: &ClipProbe) -> ClipFit {
        ClipFit::of(clip, FitWish::default()).unwrap()
    }

    #[test]
    fn a_good_clip_needs_nothing() {
        let fit = fit(&clip());
        assert!(fit.cures.is_empty() && fit.keeps_pictures, "{fit:?}");
        assert_eq!((fit.start_ms, fit.end_ms, fit.width_px, fit.height_px), (0, 9_000, 1280, 720));
    }

    #[test]
    fn a_phones_clip_is_written_anew() {
        let phone = ClipProbe {
            container: "mov".into(),
            width_px: 2160,
            height_px: 3840,
            fps: 29.7,
            variable_rate: true,
            video_codec: "HEVC".into(),
            hdr: Some("HLG".into()),
            duration_ms: 71_000,
            ..clip()
        };
        if !cfg!(feature = "hevc") {
            return assert!(ClipFit::of(&phone, FitWish::default()).unwrap_err().contains("without it"));
        }
        let fit = fit(&phone);
        assert_eq!((fit.width_px, fit.height_px, fit.end_ms), (1080, 1920, 60_000));
        assert!((fit.fps - 30.0).abs() < 1e-9 && !fit.keeps_pictures);
        assert_eq!(fit.cures.len(), 5, "{:#?}", fit.cures);
    }

    #[test]
    fn only_a_cut_keeps_the_pictures() {
        let long = ClipProbe { duration_ms: 70_000, size_bytes: 140_000_000, ..clip() };
        let wish = FitWish { start_ms: Some(5_000), end_ms: Some(20_000), size: None };
        let fit = ClipFit::of(&long, wish).unwrap();
        assert!(fit.keeps_pictures, "{fit:?}");
        assert!(!ClipFit::of(&long, FitWish { size: Some(PictureSize::P1080), ..wish }).unwrap().keeps_pictures);
    }

    #[test]
    fn what_cannot_be_cured_is_said() {
        assert!(ClipFit::of(&ClipProbe { duration_ms: 1_500, ..clip() }, FitWish::default()).is_err());
        let why = ClipFit::of(&ClipProbe { video_codec: "VP9".into(), ..clip() }, FitWish::default()).unwrap_err();
        assert!(why.starts_with("The picture is VP9"), "{why}");
        for (start, end) in [(0, 1_000), (8_000, 9_500), (-1, 5_000), (5_000, 5_000)] {
            let wish = FitWish { start_ms: Some(start), end_ms: Some(end), size: None };
            assert!(ClipFit::of(&clip(), wish).is_err(), "{start} {end}");
        }
    }

    #[test]
    fn a_voice_becomes_a_wav_within_the_limits() {
        let voice = |format: &str, duration_ms| VoiceProbe {
            format: format.into(),
            size_bytes: 1_000,
            duration_ms,
            sample_rate_hz: 48_000,
            channels: 2,
            is_silent: false,
        };
        let fit = |voice: &VoiceProbe| VoiceFit::of(voice, FitWish::default()).unwrap();
        assert!(fit(&voice("mp3", 5_000)).cures.is_empty());
        assert_eq!(fit(&voice("ogg", 5_000)).cures.len(), 1);
        assert!(fit(&VoiceProbe { is_silent: true, ..voice("mp3", 5_000) }).cures.is_empty(), "nothing cures silence");
        assert_eq!(fit(&voice("wav", 1_000)).cures.len(), 1, "padded");
        assert_eq!(fit(&voice("mp3", 61_000)).end_ms, 60_000);
    }

    proptest! {
        #[test]
        fn a_fit_keeps_every_rule_of_length_and_size(
            width in 16_u32..=clip::MAX_DECODED_SIDE_PX, height in 16_u32..=clip::MAX_DECODED_SIDE_PX, ms in 2_000_i64..400_000, fps in 1.0..240.0_f64, variable: bool
        ) {
            let odd = ClipProbe { width_px: width, height_px: height, duration_ms: ms, fps, variable_rate: variable, ..clip() };
            let fit = fit(&odd);
            let fitted = ClipProbe {
                width_px: fit.width_px, height_px: fit.height_px, duration_ms: fit.end_ms - fit.start_ms, ..clip()
            };
            prop_assert!(check_clip(&fitted).iter().all(|report| report.verdict == Verdict::Pass), "{fit:?}");
            prop_assert!((10.0..=60.5).contains(&fit.fps));
        }
    }
}
