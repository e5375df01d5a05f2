//! An address that a person gave and that does not answer with a clip or a voice: what came instead, why that may be, and what to do. No task brings
//! another one, as it does for a result's.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use url::Url;

use super::{local_days, words};
use crate::model::{Problem, ProblemKind};

/// A problem with an address, in words for the person who gave it. `now_ms`: milliseconds since the epoch.
#[must_use]
pub fn of_address(address: &str, now_ms: i64, problem: Problem) -> Problem {
    match problem.http_status {
        Some(404 | 410) => problem.with_hint(words::address_gone_hint()),
        Some(status @ (400 | 401 | 403)) => match signed_until_ms(address).filter(|until_ms| *until_ms <= now_ms) {
            Some(until_ms) => {
                let message = words::address_expired(local_days::minute(until_ms), &problem.message);
                Problem { message, ..problem }.with_hint(words::address_expired_hint())
            }
            None if status == 400 => problem.with_hint(words::copy_hint()),
            None => problem.with_hint(words::address_refused_hint()),
        },
        Some(429 | 500..=599) => problem.with_hint(words::address_busy_hint()),
        _ if matches!(problem.kind, ProblemKind::NoAnswer | ProblemKind::Unreadable | ProblemKind::Refused)
            && problem.hint.is_some() =>
        {
            problem.with_hint(words::copy_hint())
        }
        _ => problem,
    }
}

/// Until when a signed address is valid, by its own words, in milliseconds since the epoch; `None`: it does not say. S3 and what speaks like it, Google's
/// and Alibaba's storage, `CloudFront`, Azure.
fn signed_until_ms(address: &str) -> Option<i64> {
    let url = Url::parse(address.trim()).ok()?;
    let value = |name: &str| {
        let pair = url.query_pairs().find(|(key, _)| key.eq_ignore_ascii_case(name));
        pair.map(|(_, value)| value.into_owned())
    };
    let seconds = |text: String| text.trim().parse::<i64>().ok().filter(|seconds| (0..=1 << 40).contains(seconds));
    for of in ["X-Amz", "X-Goog", "x-oss"] {
        if let (Some(from), Some(valid)) = (value(&format!("{of}-Date")), value(&format!("{of}-Expires"))) {
            let from = DateTime::strptime("%Y%m%dT%H%M%SZ", &from).ok()?.to_zoned(TimeZone::UTC).ok()?;
            return Some(from.timestamp().as_millisecond() + seconds(valid)? * 1_000);
        }
    }
    if let Some(until) = value("Expires").and_then(seconds) {
        return Some(until * 1_000);
    }
    let until: Timestamp = value("se").filter(|_| value("sig").is_some())?.parse().ok()?;
    Some(until.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_addresses_say_until_when_they_are_valid() {
        let until_ms = 1_700_003_600_000;
        for query in [
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20231114T221320Z&X-Amz-Expires=3600&X-Amz-Signature=00",
            "x-goog-date=20231114T221320Z&x-goog-expires=3600",
            "x-oss-date=20231114T221320Z&x-oss-expires=3600",
            "OSSAccessKeyId=a&Expires=1700003600&Signature=00",
            "sv=2022-11-02&se=2023-11-14T23%3A13%3A20Z&sig=00",
        ] {
            assert_eq!(signed_until_ms(&format!("https://h/clip.mp4?{query}")), Some(until_ms), "{query}");
        }
        for query in ["", "Expires=soon", "Expires=99999999999999999", "X-Amz-Date=now&X-Amz-Expires=3600", "se=later"]
        {
            assert_eq!(signed_until_ms(&format!("https://h/clip.mp4?{query}")), None, "{query}");
        }
    }

    #[test]
    fn only_what_has_expired_by_now_is_said_to_have() {
        let address = "https://h/clip.mp4?Expires=1700000000";
        let refused = || Problem { http_status: Some(403), ..Problem::new(ProblemKind::Refused, "no") };
        let before = of_address(address, 1_699_999_999_000, refused());
        assert_eq!((before.message.as_str(), before.hint), ("no", Some(words::address_refused_hint())));
        let after = of_address(address, 1_700_000_000_000, refused());
        assert!(after.message.contains("valid until") && after.message.ends_with("no"), "{after}");
    }
}
