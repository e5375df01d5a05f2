//! What a judgement says: one entry for each measure, none of them guessed.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::words;

/// What is measured; each is defined where it is computed, and in the table of `ARCHITECTURE.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Measure {
    /// The mouth moves while the voice is heard.
    Moved,
    /// The mouth moves when the voice is heard, not before or after it.
    Offset,
    /// The opening of the mouth follows the loudness of the voice.
    Agreement,
    /// The mouth closes where the voice asks for it.
    Closures,
    /// The mouth is still while the voice is silent.
    Leak,
    /// The picture outside of the face is the clip's.
    Kept,
    /// The mouth is as sharp as the clip's.
    Sharp,
    /// Nothing flickers around the mouth.
    Steady,
    /// Eyes and nose are the clip's.
    Same,
    /// The voice is heard when, and as loud as, it was asked for.
    Placed,
    /// The result is a whole clip, as long and as large as the one that was sent.
    Whole,
}

impl Measure {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 11] = [
        Self::Moved,
        Self::Offset,
        Self::Agreement,
        Self::Closures,
        Self::Leak,
        Self::Kept,
        Self::Sharp,
        Self::Steady,
        Self::Same,
        Self::Placed,
        Self::Whole,
    ];

    /// Its name: in tables, in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::Offset => "offset",
            Self::Agreement => "agreement",
            Self::Closures => "closures",
            Self::Leak => "leak",
            Self::Kept => "kept",
            Self::Sharp => "sharp",
            Self::Steady => "steady",
            Self::Same => "same",
            Self::Placed => "placed",
            Self::Whole => "whole",
        }
    }

    /// When it is good, in words.
    pub(super) fn threshold(self) -> String {
        match self {
            Self::Moved => words::good_moved(),
            Self::Offset => words::good_offset(),
            Self::Agreement => {
                words::good_agreement(format!("{:.2}", super::follows::SHARE * super::follows::REFERENCE))
            }
            Self::Closures => words::good_closures(),
            Self::Leak => words::good_leak(),
            Self::Kept => words::good_kept(),
            Self::Sharp => words::good_sharp(),
            Self::Steady => words::good_steady(),
            Self::Same => words::good_same(),
            Self::Placed => words::good_placed(),
            Self::Whole => words::good_whole(),
        }
    }

    /// Whether a result that fails it is not what was asked for. The others warn.
    #[must_use]
    pub const fn is_decisive(self) -> bool {
        matches!(self, Self::Moved | Self::Offset | Self::Placed | Self::Whole)
    }
}

/// How a measure came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grade {
    /// Within its threshold.
    Good,
    /// Beyond it.
    Bad,
    /// It could not be taken, and why.
    NotMeasured(String),
}

impl Grade {
    /// `Good` where it holds.
    pub(super) const fn of(holds: bool) -> Self {
        if holds { Self::Good } else { Self::Bad }
    }

    /// Its name in JSON.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::NotMeasured(_) => "not_measured",
        }
    }
}

/// One measure of a result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What was measured.
    pub measure: Measure,
    /// How it came out.
    pub grade: Grade,
    /// The values, each with its name, which has its unit.
    pub values: Vec<(Cow<'static, str>, f64)>,
    /// When it is good, in words.
    pub threshold: String,
    /// What was found, in words; the reason where nothing was measured.
    pub says: String,
}

impl Entry {
    pub(super) fn new(measure: Measure, holds: bool, threshold: String, says: String) -> Self {
        Self { measure, grade: Grade::of(holds), values: Vec::new(), threshold, says }
    }

    pub(super) fn not_measured(measure: Measure, threshold: String, why: String) -> Self {
        Self { measure, grade: Grade::NotMeasured(why.clone()), values: Vec::new(), threshold, says: why }
    }

    pub(super) fn value(mut self, name: &'static str, value: f64) -> Self {
        if value.is_finite() {
            self.values.push((Cow::Borrowed(name), value));
        }
        self
    }

    /// The value of this name, where it was measured.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }

    fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("measure".into(), json!(self.measure.word()));
        object.insert("grade".into(), json!(self.grade.word()));
        object.insert("decides".into(), json!(self.measure.is_decisive()));
        let rounded = |value: f64| (value * 10_000.0).round() / 10_000.0;
        let values: Map<_, _> =
            self.values.iter().map(|(name, value)| (name.clone().into_owned(), json!(rounded(*value)))).collect();
        object.insert("values".into(), Value::Object(values));
        object.insert("good".into(), json!(self.threshold));
        object.insert("says".into(), json!(self.says));
        Value::Object(object)
    }
}

/// How far a mouth is open at a moment of a result.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    /// When, in milliseconds of the result.
    pub at_ms: i64,
    /// 0 closed, 1 as far as it opens in this result.
    pub open: f32,
}

/// What was found of a result as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Every measure that was taken is good, and each that decides was taken.
    AsAsked,
    /// What decides is good, and something else is not.
    Flawed,
    /// Something that decides could not be measured, and nothing that was is bad.
    Unclear,
    /// Something that decides is bad.
    NotAsAsked,
}

impl Finding {
    /// Its name in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AsAsked => "as_asked",
            Self::Flawed => "flawed",
            Self::Unclear => "unclear",
            Self::NotAsAsked => "not_as_asked",
        }
    }
}

/// A result, measured against what was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// One entry for each measure, in the order of [`Measure::ALL`].
    pub entries: Vec<Entry>,
    /// The opening of the mouth, picture by picture while the voice is heard; empty where it could not be seen.
    pub openings: Vec<Opening>,
}

impl Judgement {
    /// The form of what is measured: to be raised with every change of a measure, a threshold or a text. What was measured in another form is
    /// measured again.
    pub const FORM: u32 = 2;

    /// The entry of a measure.
    #[must_use]
    pub fn entry(&self, measure: Measure) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.measure == measure)
    }

    /// What was found as a whole.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let of = |decisive: bool| self.entries.iter().filter(move |entry| entry.measure.is_decisive() == decisive);
        let is_bad = |entry: &Entry| entry.grade == Grade::Bad;
        if of(true).any(is_bad) {
            Finding::NotAsAsked
        } else if of(false).any(is_bad) {
            Finding::Flawed
        } else if of(true).any(|entry| matches!(entry.grade, Grade::NotMeasured(_))) {
            Finding::Unclear
        } else {
            Finding::AsAsked
        }
    }

    /// The judgement in one line: what is wrong, what decides first.
    #[must_use]
    pub fn summary(&self) -> String {
        let said = |decisive: bool, bad: bool| -> Vec<&str> {
            let wanted = |entry: &&Entry| {
                entry.measure.is_decisive() == decisive
                    && (if bad { entry.grade == Grade::Bad } else { matches!(entry.grade, Grade::NotMeasured(_)) })
            };
            self.entries.iter().filter(wanted).map(|entry| entry.says.as_str()).collect()
        };
        match self.finding() {
            Finding::AsAsked => words::as_asked(),
            Finding::Flawed => words::as_asked_but(said(false, true).join(". ")),
            Finding::Unclear => words::unclear(said(true, false).join(". ")),
            Finding::NotAsAsked => words::not_as_asked(said(true, true).join(". ")),
        }
    }

    /// As JSON: the finding, the line, and each measure with its values.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "finding": self.finding().word(),
            "summary": self.summary(),
            "measures": self.entries.iter().map(Entry::to_json).collect::<Vec<_>>(),
        })
    }
}
