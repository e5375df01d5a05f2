//! What a storage says no with, in words: its error is XML with a code (S3, *Error responses*).

use super::Storage;
use super::exchange::Sent;
use crate::model::{Problem, ProblemKind};
use crate::secrets;
use crate::service::words;
use crate::wire::answer::presentable;

/// What of an error is told, in characters.
const LONGEST: usize = 200;

impl Sent {
    /// Whether the answer is an error with this code.
    pub fn says(&self, code: &str) -> bool {
        element(&self.body, "Code").as_deref() == Some(code)
    }
}

impl Storage {
    /// The problem that an answer without success is.
    pub(super) fn refused(&self, sent: &Sent) -> Problem {
        let place = self.place();
        let name = place.name();
        let code = element(&sent.body, "Code").unwrap_or_default();
        let said = element(&sent.body, "Message").unwrap_or_default();
        let region = element(&sent.body, "Region").or_else(|| sent.region.clone());
        let region = region.map(|region| presentable(&region)).filter(|region| *region != place.region);
        let (message, hint) = match (code.as_str(), region) {
            (
                "PermanentRedirect"
                | "TemporaryRedirect"
                | "AuthorizationHeaderMalformed"
                | "IllegalLocationConstraintException",
                Some(region),
            ) => {
                (words::storage_other_region(&name, &place.region, &region), words::storage_other_region_hint(&region))
            }
            ("", Some(region)) if matches!(sent.http_status, 301 | 307 | 400) => {
                (words::storage_other_region(&name, &place.region, &region), words::storage_other_region_hint(&region))
            }
            ("SignatureDoesNotMatch", _) => (words::storage_bad_signature(&name), words::storage_keys_hint()),
            ("InvalidAccessKeyId", _) => (words::storage_unknown_key(&name), words::storage_keys_hint()),
            ("RequestTimeTooSkewed", _) => (words::storage_clock(&name), words::storage_clock_hint()),
            ("NoSuchBucket", _) => (words::storage_no_bucket(&place.bucket, &name), words::storage_no_bucket_hint()),
            ("AccessDenied", _) => (words::storage_denied(&name, part(&said)), words::storage_rights_hint()),
            (_, _) if sent.http_status == 401 || sent.http_status == 403 => {
                (words::storage_denied(&name, part(&said)), words::storage_rights_hint())
            }
            (code, _) => {
                let words = if code.is_empty() { String::new() } else { format!("{code} {said}") };
                (words::storage_refused(&name, part(&words)), words::storage_refused_hint())
            }
        };
        let mut problem = Problem {
            http_status: Some(sent.http_status),
            ..Problem::new(ProblemKind::Refused, secrets::shown(&message)).with_hint(hint)
        };
        problem.transient = matches!(sent.http_status, 429 | 500..=599);
        problem
    }
}

/// A part of a sentence in the storage's own words: `: Access Denied`.
fn part(said: &str) -> String {
    let said: String = presentable(said).chars().take(LONGEST).collect();
    let said = said.trim().trim_end_matches('.');
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

/// The text of the first element of that name; a body that is no XML has none.
fn element(body: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (value, _) = rest.split_once("</")?;
    let plain = value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    Some(plain.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_found_and_its_escapes_undone() {
        let body = b"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>a &amp;lt; b</Message></Error>";
        assert_eq!(element(body, "Code").unwrap(), "AccessDenied");
        assert_eq!(element(body, "Message").unwrap(), "a &lt; b");
        assert_eq!((element(body, "Region"), element(b"<Code>x", "Code"), element(b"", "Code")), (None, None, None));
    }
}
