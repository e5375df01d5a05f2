//! Text to speech: what is asked for, its rules and its price, and the voice that comes of it (wire contract §6).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::cost::Cost;
use super::problem::{Problem, ProblemKind};
use super::{voice, words};

/// The longest text, in characters.
pub const MAX_CHARS: usize = 1_000;
/// The slowest and the fastest speed.
pub const SPEED_MIN: f64 = 0.8;
/// See [`SPEED_MIN`].
pub const SPEED_MAX: f64 = 2.0;
/// How long a service keeps a spoken voice, in milliseconds: 30 days.
pub const VOICE_KEPT_MS: i64 = 30 * 24 * 3_600_000;
/// How long a sign of Chinese is spoken at speed 1, in milliseconds.
const CHINESE_SIGN_MS: f64 = 230.0;
/// How long a character of any other script is spoken at speed 1, in milliseconds: some 160 words a minute.
const CHARACTER_MS: f64 = 65.0;

/// Voices that are known by their ids: there is no list of them in the API, and any id may be given. The first is of the vendor's own example.
pub const KNOWN_VOICES: [&str; 8] = [
    "oversea_male1",
    "uk_boy1",
    "uk_man2",
    "calm_story1",
    "reader_en_m-v1",
    "commercial_lady_en_f-v1",
    "genshin_vindi2",
    "zhinen_xuesheng",
];

/// The language of a voice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpeechLanguage {
    /// Chinese.
    Zh,
    /// English.
    #[default]
    En,
}

impl SpeechLanguage {
    /// Both.
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// Its word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }
}

impl fmt::Display for SpeechLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for SpeechLanguage {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|language| language.word() == word).ok_or_else(|| words::no_language(word))
    }
}

/// A text that is to be spoken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Speech {
    /// The text.
    pub text: String,
    /// The id of the voice.
    pub voice_id: String,
    /// The language of the voice.
    pub language: SpeechLanguage,
    /// Its speed, as it was asked for.
    pub speed: f64,
}

impl Speech {
    /// How many characters the text has, as it is sent.
    #[must_use]
    pub fn chars(&self) -> usize {
        self.text.trim().chars().count()
    }

    /// The speed as it is sent: one decimal place, within its range.
    #[must_use]
    pub fn sent_speed(&self) -> f64 {
        let speed = if self.speed.is_finite() { self.speed } else { 1.0 };
        (speed.clamp(SPEED_MIN, SPEED_MAX) * 10.0).round() / 10.0
    }

    /// Why it cannot be sent; `None` where it can.
    #[must_use]
    pub fn fault(&self) -> Option<Problem> {
        let chars = self.chars();
        let (rule, why) = if chars == 0 {
            ("speech.text", words::speech_empty())
        } else if chars > MAX_CHARS {
            ("speech.text", words::speech_too_long(chars, MAX_CHARS))
        } else if self.voice_id.trim().is_empty() {
            ("speech.voice", words::speech_without_voice())
        } else {
            return None;
        };
        Some(Problem { rule: Some(rule.into()), ..Problem::new(ProblemKind::Usage, why) })
    }

    /// About how long it will last, in milliseconds: by its characters and its speed, nothing more.
    #[must_use]
    pub fn likely_ms(&self) -> i64 {
        let of = |c: char| match c {
            c if c.is_whitespace() || c.is_alphanumeric() && c.is_ascii() => CHARACTER_MS,
            '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' => CHINESE_SIGN_MS,
            _ => CHARACTER_MS,
        };
        (self.text.trim().chars().map(of).sum::<f64>() / self.sent_speed()).round() as i64
    }

    /// Why the voice will probably be of no use for lip sync, which takes 2 s to 60 s; `None` where it will be.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        let likely_ms = self.likely_ms();
        let seconds = likely_ms as f64 / 1000.0;
        if likely_ms < voice::MIN_DURATION_MS {
            Some(words::speech_likely_short(seconds))
        } else {
            (likely_ms > voice::MAX_DURATION_MS).then(|| words::speech_likely_long(seconds))
        }
    }
}

/// A text that was spoken: a voice that the service holds for 30 days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spoken {
    /// Its id, which a lip sync takes as `audio_id`.
    pub audio_id: String,
    /// Where it can be fetched.
    pub url: Option<String>,
    /// How long it is, in milliseconds.
    pub duration_ms: Option<i64>,
    /// What it cost, where the answer says so.
    pub cost: Option<Cost>,
    /// The service's id for having made it.
    pub task_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speech(text: &str, speed: f64) -> Speech {
        Speech { text: text.into(), voice_id: "oversea_male1".into(), speed, ..Speech::default() }
    }

    #[test]
    fn a_text_has_up_to_1000_characters_and_a_voice() {
        assert!(speech(&"é".repeat(1_000), 1.0).fault().is_none());
        assert!(speech(&format!("  {}\n", "a".repeat(1_000)), 1.0).fault().is_none(), "what is around it is not sent");
        assert!(speech(&"é".repeat(1_001), 1.0).fault().unwrap().message.contains("1001"));
        assert!(speech(" \n ", 1.0).fault().unwrap().message.contains("empty"));
        let without = Speech { voice_id: " ".into(), ..speech("Hello", 1.0) };
        assert_eq!(without.fault().unwrap().rule.as_deref(), Some("speech.voice"));
    }

    #[test]
    fn a_speed_is_rounded_into_its_range() {
        for (asked, sent) in [(1.0, 1.0), (1.26, 1.3), (0.1, 0.8), (9.0, 2.0), (f64::NAN, 1.0), (0.84, 0.8)] {
            assert!((speech("x", asked).sent_speed() - sent).abs() < 1e-9, "{asked}");
        }
    }

    #[test]
    fn a_text_that_is_likely_too_short_or_too_long_is_doubted() {
        assert!(speech("Yes.", 1.0).doubt().unwrap().contains("0.3 s"));
        let long_enough = "This sentence is spoken for about three seconds.";
        assert_eq!(speech(long_enough, 1.0).doubt(), None);
        assert!(speech(long_enough, 2.0).doubt().is_some(), "twice as fast it is too short");
        assert_eq!(speech("这句话大约要说三秒钟左右。", 1.0).doubt(), None, "signs take longer than letters");
        assert!(speech(&"word ".repeat(199), 0.8).doubt().unwrap().contains("60 s"));
    }
}
