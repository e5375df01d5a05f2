//! Formats values as short texts: sizes, times.

use crate::model::interval::clock_text;
use crate::model::{ClipProbe, Dialect, Interval, VoiceProbe};

/// `1.2 MB`, `340 kB`: in decimal units.
#[must_use]
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} bytes"),
        1_000..1_000_000 => format!("{:.0} kB", count as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", count as f64 / 1e6),
        _ => format!("{:.2} GB", count as f64 / 1e9),
    }
}

/// The display name of a service, by the name of its profile.
#[must_use]
pub fn shown_service(profile: &str) -> String {
    match profile {
        "sandbox" => "Sandbox".into(),
        "ezmodel" => "EZmodel".into(),
        "kling" => "Kling".into(),
        "vtrix" => "Vtrix".into(),
        other => other.to_owned(),
    }
}

/// `1.05 units`, `$0.15`: an amount in the unit in which a service states costs.
#[must_use]
pub fn amount_text(dialect: Dialect, amount: f64) -> String {
    match dialect {
        Dialect::Kling => format!("{amount:.2} units"),
        Dialect::Kirin => format!("${amount:.2}"),
    }
}

/// A text from elsewhere as a sentence of ours: with a capital letter, without a full stop.
#[must_use]
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let text = text.strip_suffix('.').filter(|rest| !rest.ends_with('.')).unwrap_or(text);
    let mut chars = text.chars();
    // A name that begins in lower case (`sound_file`, a path) keeps its spelling.
    let first_word = text.split_whitespace().next().unwrap_or_default();
    if first_word.contains(['_', '/', '.', '\\', ':']) {
        return text.to_owned();
    }
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A text of ours as it is within a sentence: without the capital letter it begins with, unless that belongs to an abbreviation.
#[must_use]
pub fn in_sentence(words: &str) -> String {
    let second_is_lower = words.chars().nth(1).is_some_and(|c| c.is_lowercase() || c.is_whitespace());
    let mut chars = words.chars();
    match chars.next().filter(|_| second_is_lower) {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => words.to_owned(),
    }
}

/// `9.000 s`.
#[must_use]
pub fn seconds(ms: i64) -> String {
    format!("{:.3} s", ms as f64 / 1e3)
}

/// A clip in one line.
#[must_use]
pub fn clip_facts(clip: &ClipProbe) -> String {
    let rate = if clip.variable_rate { "variable rate".to_owned() } else { format!("{} fps", trim_number(clip.fps)) };
    let sound = clip.audio_codec.clone().unwrap_or_else(|| "no sound".into());
    format!(
        "{} · {}×{} · {} · {} · {} · {} · {}",
        clip.container.to_uppercase(),
        clip.width_px,
        clip.height_px,
        seconds(clip.duration_ms),
        rate,
        clip.picture_words(),
        sound,
        bytes(clip.size_bytes),
    )
}

/// A voice in one line.
#[must_use]
pub fn voice_facts(voice: &VoiceProbe) -> String {
    let channels = match voice.channels {
        1 => "mono".to_owned(),
        2 => "stereo".to_owned(),
        n => format!("{n} channels"),
    };
    format!(
        "{} · {} · {} kHz · {channels} · {}",
        voice.format.to_uppercase(),
        seconds(voice.duration_ms),
        trim_number(f64::from(voice.sample_rate_hz) / 1e3),
        bytes(voice.size_bytes),
    )
}

/// A number with at most two decimals: `29.97`, `25`.
#[must_use]
pub fn trim_number(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `0.00 – 9.00 s`.
#[must_use]
pub fn interval_short(interval: Interval) -> String {
    format!("{:.2} – {:.2} s", interval.start_ms as f64 / 1e3, interval.end_ms as f64 / 1e3)
}

/// `In view from 0:02.000 to 0:07.000`.
#[must_use]
pub fn interval_long(interval: Interval) -> String {
    format!("In view from {} to {}", clock_text(interval.start_ms), clock_text(interval.end_ms))
}

/// `0:12`: an elapsed time.
#[must_use]
pub fn elapsed(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    if seconds < 3600 {
        format!("{}:{:02}", seconds / 60, seconds % 60)
    } else {
        format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

/// `3.4 ms`, `412 ms`, `3.21 s`: the duration of an exchange.
#[must_use]
pub fn micros(us: u64) -> String {
    match us {
        0..9_950 => format!("{:.1} ms", us as f64 / 1e3),
        9_950..999_500 => format!("{:.0} ms", us as f64 / 1e3),
        _ => format!("{:.2} s", us as f64 / 1e6),
    }
}

/// `Tue, 14 Nov 2023 22:13:20 GMT`: a date as HTTP headers have it.
#[must_use]
pub fn moment(epoch_ms: i64) -> String {
    let since = std::time::Duration::from_millis(u64::try_from(epoch_ms).unwrap_or(0));
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + since)
}

/// `22:13:20 UTC`: a time of day.
#[must_use]
pub fn time_of_day(epoch_ms: i64) -> String {
    let seconds = epoch_ms.div_euclid(1_000).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02} UTC", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// `23:41`: remaining hours and minutes.
#[must_use]
pub fn hours_left(ms: i64) -> String {
    let minutes = ms.max(0) / 60_000;
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_within_a_sentence_begins_in_lower_case_and_abbreviations_stay() {
        assert_eq!([in_sentence("At most 5 %"), in_sentence("A face")], ["at most 5 %", "a face"]);
        assert_eq!([in_sentence("40 dB or so"), in_sentence("SSIM of 1")], ["40 dB or so", "SSIM of 1"]);
    }

    #[test]
    fn facts_read_as_people_say_them() {
        assert_eq!(bytes(999), "999 bytes");
        assert_eq!(bytes(1_234_567), "1.2 MB");
        assert_eq!(seconds(9_000), "9.000 s");
        assert_eq!(elapsed(72_500), "1:12");
        assert_eq!(
            [micros(3_440), micros(9_960), micros(412_300), micros(3_214_000)],
            ["3.4 ms", "10 ms", "412 ms", "3.21 s"]
        );
        assert_eq!(elapsed(3_661_000), "1:01:01");
        assert_eq!(time_of_day(1_700_000_000_000), "22:13:20 UTC");
        assert_eq!(hours_left(23 * 3_600_000 + 41 * 60_000 + 59_000), "23:41");
        assert_eq!(hours_left(-1), "0:00");
        assert_eq!(interval_short(Interval::new(2_000, 7_000)), "2.00 – 7.00 s");
    }

    #[test]
    fn the_words_of_others_become_sentences_of_ours() {
        assert_eq!(sentence("the clip is too long."), "The clip is too long");
        assert_eq!(sentence("sound_file is invalid"), "sound_file is invalid");
        assert_eq!(sentence("and so on..."), "And so on...");
        assert_eq!(sentence(""), "");
    }

    #[test]
    fn a_clip_and_a_voice_fit_in_a_line() {
        let clip = ClipProbe {
            container: "mp4".into(),
            size_bytes: 1_234_567,
            duration_ms: 9_000,
            width_px: 1280,
            height_px: 720,
            fps: 25.0,
            variable_rate: false,
            video_codec: "H.264".into(),
            hdr: None,
            audio_codec: None,
        };
        assert_eq!(clip_facts(&clip), "MP4 · 1280×720 · 9.000 s · 25 fps · H.264 · no sound · 1.2 MB");
        let voice = VoiceProbe {
            format: "mp3".into(),
            size_bytes: 66_000,
            duration_ms: 8_259,
            sample_rate_hz: 22_050,
            channels: 1,
            is_silent: false,
        };
        assert_eq!(voice_facts(&voice), "MP3 · 8.259 s · 22.05 kHz · mono · 66 kB");
    }
}
