//! A named rule and what came of checking it.

use serde::Serialize;

/// What came of checking a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict", content = "why")]
pub enum Verdict {
    /// It holds.
    Pass,
    /// It may be refused: documented unclearly, or seen refused in the field.
    Warn(String),
    /// It is broken; the text carries the arithmetic.
    Broken(String),
    /// Its inputs are not known; the text says which. Never a refusal.
    Unchecked(String),
}

/// A rule of the wire contract by name, with its verdict on the values at hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleReport {
    /// Its name: `R1`…`R7` for the placement, `video.size`, `audio.format` and so on for the inputs.
    pub rule: &'static str,
    /// What it asks, in a few words: "At least 2 s of voice".
    pub asks: &'static str,
    /// What came of it.
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

/// The first broken rule of a list.
#[must_use]
pub fn first_broken(reports: &[RuleReport]) -> Option<&RuleReport> {
    reports.iter().find(|report| report.is_broken())
}
