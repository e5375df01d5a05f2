//! Times as a person on this machine reads them: in the system's time zone.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, Zoned};

fn zoned(epoch_ms: i64, zone: &TimeZone) -> Zoned {
    Timestamp::from_millisecond(epoch_ms).unwrap_or_default().to_zoned(zone.clone())
}

/// `2026-11-21`: the day of a time in milliseconds since the epoch.
#[must_use]
pub fn day(epoch_ms: i64) -> String {
    zoned(epoch_ms, &TimeZone::system()).date().to_string()
}

/// `2026-11-21 18:51:30`: a time in milliseconds since the epoch.
#[must_use]
pub fn text(epoch_ms: i64) -> String {
    zoned(epoch_ms, &TimeZone::system()).strftime("%F %T").to_string()
}

/// `2026-11-21 18:51`: the same to the minute.
#[must_use]
pub fn minute(epoch_ms: i64) -> String {
    zoned(epoch_ms, &TimeZone::system()).strftime("%F %H:%M").to_string()
}

/// When a day begins and when the next one does, in milliseconds since the epoch; `None`: that is no day.
#[must_use]
pub fn bounds(day: &str) -> Option<[i64; 2]> {
    bounds_in(day, &TimeZone::system())
}

fn bounds_in(day: &str, zone: &TimeZone) -> Option<[i64; 2]> {
    let first: Date = day.trim().parse().ok()?;
    let next = first.checked_add(1.day()).ok()?;
    let start = |date: Date| Some(date.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond());
    Some([start(first)?, start(next)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_as_long_as_it_is_in_its_zone() {
        let hour = 3_600_000;
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let length = |day: &str, zone: &TimeZone| bounds_in(day, zone).map(|[from, to]| (to - from) / hour);
        assert_eq!(length("2026-11-21", &TimeZone::UTC), Some(24));
        assert_eq!(length("2026-10-25", &berlin), Some(25), "the clock goes back");
        assert_eq!(length("2026-03-29", &berlin), Some(23));
        assert_eq!((bounds_in("2026-02-30", &berlin), bounds_in("today", &berlin)), (None, None));
        let [from_ms, to_ms] = bounds_in("2026-11-21", &berlin).unwrap();
        assert_eq!(zoned(from_ms, &berlin).date().to_string(), "2026-11-21");
        assert_eq!(zoned(to_ms - 1, &berlin).strftime("%F %T").to_string(), "2026-11-21 23:59:59");
    }

    #[test]
    fn the_day_of_a_time_holds_it() {
        let now_ms = 1_795_000_000_000;
        let [from_ms, to_ms] = bounds(&day(now_ms)).unwrap();
        assert!((from_ms..to_ms).contains(&now_ms));
        assert!(text(now_ms).starts_with(&day(now_ms)));
    }
}
