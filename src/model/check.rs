//! What the free check of a service found: key, host, clock, and the account's packages.

use serde::{Deserialize, Serialize};

use super::Problem;

/// A difference of the clocks from which on signed tokens are in danger, in milliseconds; `Date` has whole seconds.
const CLOCK_IS_OFF_MS: i64 = 30_000;

/// The outcome of a check.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceCheck {
    /// Why the service cannot be used with this key; `None`: all is well.
    pub problem: Option<Problem>,
    /// How far our clock is ahead of the service's, in milliseconds, where its answer had a date.
    pub ahead_ms: Option<i64>,
    /// The account's packages; `None` where the service does not show them.
    pub packages: Option<Vec<Package>>,
}

impl ServiceCheck {
    /// Whether the key was taken: `None` where no answer says so.
    #[must_use]
    pub fn key_is_taken(&self) -> Option<bool> {
        match &self.problem {
            None => Some(true),
            Some(problem) if problem.http_status == Some(401) => Some(false),
            Some(_) => None,
        }
    }

    /// Our clock against the service's, in words; `None` where the answer had no date.
    #[must_use]
    pub fn clock_words(&self) -> Option<String> {
        let ahead_ms = self.ahead_ms?;
        if ahead_ms.abs() < CLOCK_IS_OFF_MS {
            return Some(super::words::clock_agrees());
        }
        let seconds = ahead_ms.unsigned_abs().saturating_add(500) / 1000;
        Some(if ahead_ms > 0 { super::words::clock_ahead(seconds) } else { super::words::clock_behind(seconds) })
    }
}

/// A package of an account (the official documentation, `GET /account/costs`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// `decreasing_total` or `constant_period`.
    pub kind: Option<String>,
    /// How many units it had.
    #[serde(serialize_with = "crate::model::cost::write_amount")]
    pub total: Option<f64>,
    /// How many are left; up to 12 hours late.
    #[serde(serialize_with = "crate::model::cost::write_amount")]
    pub remaining: Option<f64>,
    /// When it ends, in milliseconds since the epoch.
    pub ends_ms: Option<i64>,
    /// `toBeOnline`, `online`, `expired` or `runOut`.
    pub status: Option<String>,
    /// How many tasks may be unfinished at once, where its name says so (`…-5Con-…`).
    pub at_once: Option<u32>,
}

impl Package {
    /// How many tasks at once a package's name allows: `Video-5Con-30Days` allows 5.
    #[must_use]
    pub fn at_once_of(name: &str) -> Option<u32> {
        name.split('-').find_map(|part| part.strip_suffix("Con")?.parse().ok())
    }

    /// How many tasks may be unfinished at once by it now: it is active, and its name says so.
    #[must_use]
    pub fn allows(&self) -> Option<u32> {
        self.at_once.filter(|_| self.status.as_deref().is_none_or(|status| status == "online"))
    }

    /// Whether something can be paid with it at this time, in milliseconds since the epoch: it is online, and its end has not come.
    #[must_use]
    pub fn is_active(&self, now_ms: i64) -> bool {
        self.status.as_deref().is_none_or(|status| status == "online")
            && self.ends_ms.is_none_or(|ends_ms| ends_ms > now_ms)
    }

    /// It in one line.
    #[must_use]
    pub fn words(&self) -> String {
        let left = match (self.remaining, self.total) {
            (Some(remaining), Some(total)) => super::words::part_package_left(remaining, total),
            (Some(remaining), None) => super::words::part_package_remaining(remaining),
            _ => String::new(),
        };
        let ends =
            self.ends_ms.map(|ms| super::words::part_package_ends(super::task::date_text(ms))).unwrap_or_default();
        let at_once = self.at_once.map(super::words::part_package_at_once).unwrap_or_default();
        let status = self.status.clone().unwrap_or_default();
        let parts = [self.name.clone(), status, left, at_once, ends];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_says_how_many_tasks_at_once_and_the_clock_how_far_it_is_off() {
        assert_eq!(Package::at_once_of("Video-5Con-30Days"), Some(5));
        assert_eq!(Package::at_once_of("Controls-Con-x"), None);
        let check = |ahead_ms| ServiceCheck { problem: None, ahead_ms, packages: None };
        assert_eq!(check(None).clock_words(), None);
        assert!(check(Some(-1_500)).clock_words().unwrap().contains("agrees"));
        assert!(check(Some(600_000)).clock_words().unwrap().contains("600 s ahead"));
        assert!(check(Some(-90_000_000)).clock_words().unwrap().contains("90000 s behind"));
    }
}
