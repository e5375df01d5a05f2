//! Which tasks the history lists.

use crate::engine::journal::{HistoryQuery, Phase, Service};
use crate::engine::local_days;

/// The states that are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum States {
    /// All.
    #[default]
    Any,
    /// What is not at its end.
    Unfinished,
    /// One alone.
    Only(Phase),
}

impl States {
    /// Every choice, in display order.
    pub const ALL: [Self; 9] = [
        Self::Any,
        Self::Unfinished,
        Self::Only(Phase::Succeeded),
        Self::Only(Phase::Failed),
        Self::Only(Phase::Refused),
        Self::Only(Phase::NotReached),
        Self::Only(Phase::Unknown),
        Self::Only(Phase::NameTaken),
        Self::Only(Phase::Nothing),
    ];

    /// Its label.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Any => "Any state",
            Self::Unfinished => "Unfinished",
            Self::Only(phase) => super::row::Standing::of(phase).word,
        }
    }
}

/// The days that are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Days {
    /// All.
    #[default]
    Any,
    /// The current day and as many before it.
    Last(u32),
    /// The day before the current one.
    Yesterday,
    /// A day: `2026-11-21`.
    Only(String),
}

/// Milliseconds of a usual day; the bounds of a day are looked up.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Days {
    /// The choices of the menu; a day of one's own is entered.
    pub const ALL: [Self; 5] = [Self::Any, Self::Last(0), Self::Yesterday, Self::Last(6), Self::Last(29)];

    /// Its label.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Any => "Any day".into(),
            Self::Last(0) => "Today".into(),
            Self::Last(before) => format!("Last {} days", before + 1),
            Self::Yesterday => "Yesterday".into(),
            Self::Only(day) => day.clone(),
        }
    }

    /// When these days begin and end, in milliseconds since the epoch.
    fn bounds(&self, now_ms: i64) -> [Option<i64>; 2] {
        let of = |at_ms: i64| local_days::bounds(&local_days::day(at_ms));
        let start = |at_ms: i64| of(at_ms).map(|[from_ms, _]| from_ms);
        match self {
            Self::Any => [None, None],
            // From the middle of a day, so that one of 23 or 25 hours is not missed.
            Self::Last(before) => {
                let middle_ms = start(now_ms).map_or(now_ms, |from_ms| from_ms + DAY_MS / 2);
                [start(middle_ms - i64::from(*before) * DAY_MS), None]
            }
            Self::Yesterday => {
                let to_ms = start(now_ms);
                [to_ms.and_then(|to_ms| start(to_ms - 1)), to_ms]
            }
            Self::Only(day) => local_days::bounds(day).map_or([None, None], |bounds| bounds.map(Some)),
        }
    }
}

/// What is listed. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words that all occur.
    pub search: String,
    /// Only this service.
    pub service: Option<Service>,
    /// Only these states.
    pub states: States,
    /// Only these days.
    pub days: Days,
}

impl Filter {
    /// Whether anything is left out.
    #[must_use]
    pub fn is_set(&self) -> bool {
        let search = self.search.trim().is_empty();
        !(search && self.service.is_none() && self.states == States::Any && self.days == Days::Any)
    }

    /// The query of the journal, at `now_ms` (milliseconds since the epoch).
    #[must_use]
    pub fn query(&self, now_ms: i64) -> HistoryQuery {
        let [from_ms, to_ms] = self.days.bounds(now_ms);
        HistoryQuery {
            search: self.search.clone(),
            service: self.service.clone(),
            unfinished: self.states == States::Unfinished,
            phase: if let States::Only(phase) = self.states { Some(phase) } else { None },
            from_ms,
            to_ms,
            ..HistoryQuery::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_midnight_here_and_follow_each_other() {
        let now_ms = 1_795_000_000_000;
        let [today, open] = Days::Last(0).bounds(now_ms);
        assert!(today.unwrap() <= now_ms && now_ms - today.unwrap() < 25 * 60 * 60 * 1000 && open.is_none());
        let [from, to] = Days::Yesterday.bounds(now_ms);
        assert_eq!(to, today);
        assert_eq!(Days::Last(1).bounds(now_ms)[0], from);
        assert_eq!(Days::Only(local_days::day(now_ms)).bounds(now_ms)[0], today);
        assert_eq!(Days::Only("no day".into()).bounds(now_ms), [None, None]);
    }

    #[test]
    fn a_filter_that_leaves_nothing_out_is_none() {
        assert!(!Filter { search: "  ".into(), ..Filter::default() }.is_set());
        assert!(Filter { states: States::Unfinished, ..Filter::default() }.is_set());
        assert!(Filter { states: States::Unfinished, ..Filter::default() }.query(0).unfinished);
    }
}
