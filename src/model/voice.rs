//! A voice as its own bytes describe it, and the rules for audio (wire contract §2).

use serde::{Deserialize, Serialize};

use super::rule::{RuleReport, Verdict};
use super::words;

/// What the probe of a voice file found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoiceProbe {
    /// Format by its bytes: `mp3`, `wav`, `m4a`, `aac`, or what else it looks like.
    pub format: String,
    /// Size of the raw file in bytes, before Base64.
    pub size_bytes: u64,
    /// Length in milliseconds.
    pub duration_ms: i64,
    /// Samples a second.
    pub sample_rate_hz: u32,
    /// How many channels.
    pub channels: u32,
    /// Whether nothing is heard in it, from its beginning to its end.
    #[serde(default)]
    pub is_silent: bool,
}

/// Formats the services document.
pub const FORMATS: [&str; 4] = ["mp3", "wav", "m4a", "aac"];
/// Largest raw file: 5 MB.
pub const MAX_SIZE_BYTES: u64 = 5_242_880;
/// Shortest and longest voice, the whole of it (R3).
pub const MIN_DURATION_MS: i64 = 2_000;
/// See [`MIN_DURATION_MS`].
pub const MAX_DURATION_MS: i64 = 60_000;

/// The rule that something is heard: no conversion cures it.
pub const SILENCE: &str = "audio.silence";

/// Checks a voice against the rules for the file itself; its length is R3 of the placement.
#[must_use]
pub fn check_voice(voice: &VoiceProbe) -> Vec<RuleReport> {
    let format = voice.format.as_str();
    vec![
        RuleReport::new(
            "audio.format",
            "MP3, WAV, M4A or AAC",
            if !FORMATS.contains(&format) {
                Verdict::Broken(words::voice_format(format))
            } else if matches!(format, "m4a" | "aac") {
                Verdict::Warn(words::voice_format_doubtful(format.to_ascii_uppercase()))
            } else {
                Verdict::Pass
            },
        ),
        RuleReport::new(
            "audio.size",
            "At most 5 MB",
            if voice.size_bytes > MAX_SIZE_BYTES {
                Verdict::Broken(words::voice_size(voice.size_bytes, MAX_SIZE_BYTES))
            } else {
                Verdict::Pass
            },
        ),
        RuleReport::new(
            SILENCE,
            "Something is heard",
            if voice.is_silent { Verdict::Warn(words::voice_silent()) } else { Verdict::Pass },
        ),
    ]
}

/// The same where a voice that is too large to be sent along goes through storage of one's own, as an address.
#[must_use]
pub fn check_voice_with_storage(voice: &VoiceProbe) -> Vec<RuleReport> {
    let mut reports = check_voice(voice);
    for report in reports.iter_mut().filter(|report| report.rule == "audio.size" && report.is_broken()) {
        report.verdict = Verdict::Warn(words::voice_size_storage(voice.size_bytes, MAX_SIZE_BYTES));
    }
    reports
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(format: &str, size_bytes: u64) -> VoiceProbe {
        VoiceProbe {
            format: format.into(),
            size_bytes,
            duration_ms: 5_000,
            sample_rate_hz: 48_000,
            channels: 1,
            is_silent: false,
        }
    }

    #[test]
    fn formats_and_size_are_checked() {
        assert!(check_voice(&voice("mp3", MAX_SIZE_BYTES)).iter().all(|report| report.verdict == Verdict::Pass));
        assert!(matches!(check_voice(&voice("m4a", 1))[0].verdict, Verdict::Warn(_)));
        assert!(check_voice(&voice("ogg", 1))[0].is_broken());
        assert!(check_voice(&voice("wav", MAX_SIZE_BYTES + 1))[1].is_broken());
        let silent = VoiceProbe { is_silent: true, ..voice("wav", 1) };
        assert!(matches!(check_voice(&silent)[2].verdict, Verdict::Warn(_)));
        let stored = check_voice_with_storage(&voice("ogg", MAX_SIZE_BYTES + 1));
        assert!(stored[0].is_broken() && matches!(stored[1].verdict, Verdict::Warn(_)));
        assert_eq!(check_voice_with_storage(&voice("wav", 1)), check_voice(&voice("wav", 1)));
    }
}
