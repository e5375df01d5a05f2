//! A named rule and the verdict on it.

use serde::Serialize;

/// The verdict on a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict", content = "why")]
pub enum Verdict {
    /// It holds.
    Pass,
    /// It may be refused: documented unclearly, or seen refused in the field. The text is a sentence, as are the others.
    Warn(String),
    /// It is broken; the text says by how much, with the arithmetic.
    Broken(String),
    /// Its inputs are not known; the text says which. Never a refusal.
    Unchecked(String),
}

/// A rule of the wire contract by name, with its verdict on the current values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleReport {
    /// Its name: `R1`…`R7` for the placement, `video.size`, `audio.format` and so on for the inputs.
    pub rule: &'static str,
    /// What it requires, in a few words: "At least 2 s of voice".
    pub asks: &'static str,
    /// The verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl RuleReport {
    /// A report on `rule`.
    #[must_use]
    pub const fn new(rule: &'static str, asks: &'static str, verdict: Verdict) -> Self {
        Self { rule, asks, verdict }
    }

    /// Whether the rule is broken.
    #[must_use]
    pub const fn is_broken(&self) -> bool {
        matches!(self.verdict, Verdict::Broken(_))
    }

    /// The words of the verdict; `None` where the rule holds.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        match &self.verdict {
            Verdict::Pass => None,
            Verdict::Warn(why) | Verdict::Broken(why) | Verdict::Unchecked(why) => Some(why),
        }
    }
}

/// A length beside its limit, in seconds: to a tenth where that distinguishes them, else to the millisecond.
#[must_use]
pub fn seconds_beside(ms: i64, limit_ms: i64) -> String {
    let tenths = |ms: i64| (ms as f64 / 100.0).round();
    if tenths(ms).total_cmp(&tenths(limit_ms)).is_eq() && ms != limit_ms {
        return format!("{} s", ms as f64 / 1_000.0);
    }
    format!("{} s", tenths(ms) / 10.0)
}

/// `65.1 s is longer than 60 s`, `1.5 s is shorter than 2 s`; `None` within the limits.
#[must_use]
pub fn beyond(ms: i64, least_ms: i64, most_ms: i64) -> Option<String> {
    let words = |limit_ms: i64, how: &str| {
        format!("{} is {how} than {}", seconds_beside(ms, limit_ms), seconds_beside(limit_ms, limit_ms))
    };
    if ms < least_ms { Some(words(least_ms, "shorter")) } else { (ms > most_ms).then(|| words(most_ms, "longer")) }
}

/// The first broken rule of a list.
#[must_use]
pub fn first_broken(reports: &[RuleReport]) -> Option<&RuleReport> {
    reports.iter().find(|report| report.is_broken())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_told_as_people_say_it_and_never_as_its_limit() {
        let of = |ms| beyond(ms, 2_000, 60_000);
        for (ms, words) in [
            (65_120, "65.1 s is longer than 60 s"),
            (61_000, "61 s is longer than 60 s"),
            (60_001, "60.001 s is longer than 60 s"),
            (1_500, "1.5 s is shorter than 2 s"),
            (1_999, "1.999 s is shorter than 2 s"),
        ] {
            assert_eq!(of(ms).as_deref(), Some(words));
        }
        assert_eq!((of(2_000), of(60_000)), (None, None));
    }
}
