//! A create that was never answered: what is open about it, and what it means to close it.

use crate::engine::journal::IntentId;
use crate::model::cost::estimate_text;

/// An unclear create that may be closed.
#[derive(Clone, Debug, PartialEq)]
pub struct Unclear {
    /// Its intent in the journal.
    pub id: IntentId,
    /// `Face 2 of duo.mp4 with voice.wav`
    pub title: String,
    /// The estimate, in units.
    pub units: f64,
}

impl Unclear {
    /// What is open about it.
    #[must_use]
    pub fn what_is_open(&self) -> String {
        let cost = estimate_text(self.units);
        format!(
            "It was sent, and no answer came. If the service took it, it goes on there and is billed, estimate {cost}"
        )
    }

    /// What it means to close it.
    #[must_use]
    pub fn question(&self) -> Vec<String> {
        vec![
            format!("Whether the service took {} is not known", self.title),
            format!(
                "Close it only where your account there does not show it: nothing is stopped at the service. If it took it, that is billed, estimate {}, \
                 and its result is not fetched",
                estimate_text(self.units)
            ),
            "Here it then counts as not created and costs nothing; its name is never used again".to_owned(),
        ]
    }
}
