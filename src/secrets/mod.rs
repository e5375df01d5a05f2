//! What must not be shown: keys by their value and by the forms that others make of it, and the queries of signed addresses.
//!
//! A key is known from the moment in which credentials are made of it ([`guard`], [`guard_token`]) until the process ends: what was sent
//! with it may come back later. Everything that leaves the process as text goes through [`redacted`]: log, terminal, JSON, window,
//! clipboard, journal, panic text. Where, and what shows it, is listed in `tests/sinks/`.

mod address;
mod fold;
mod forms;
pub mod key_file;
mod keychain;
mod known;
mod output;
mod stored;

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use self::address::without_signatures;
pub use self::keychain::{Keychain, KeychainError};
pub use self::known::{guard, guard_token};
pub use self::output::{RedactedWriter, redact_panics};
pub use self::stored::{KeyStore, StoredKey, account, storage_account};

/// Replaces a secret in every text that is shown.
pub const MASK: &str = "•••";
/// Shorter keys are refused: they would be found in ordinary words, and are no secret.
pub const LEAST_CHARS: usize = 8;

/// `text` without any known secret, in whatever form it stands there: as it is, as Base64 at each of the three alignments, as hexadecimal
/// digits, percent-encoded or escaped as in JSON, wholly or in part.
#[must_use]
pub fn redacted(text: &str) -> Cow<'_, str> {
    known::redacted(text)
}

/// [`redacted`], and the queries of signed addresses masked as well: for everything but the journal and what a person copies as an
/// address.
#[must_use]
pub fn shown(text: &str) -> String {
    without_signatures(&redacted(text)).into_owned()
}

/// Every text of a JSON value [`redacted`], the names of its fields too.
pub fn redact_value(value: &mut Value) {
    change_texts(value, &[], &|_, text| redacted(text));
}

/// Every text of a JSON value as [`shown`].
pub fn show_value(value: &mut Value) {
    change_texts(value, &[], &|_, text| Cow::Owned(shown(text)));
}

/// Every text of a JSON value as [`shown`], but the addresses of results, `videos[].url`, keep their query: whoever asked for the
/// JSON fetches them.
pub fn show_all_but_results(value: &mut Value) {
    change_texts(value, &[], &|names, text| {
        if names.ends_with(&["videos", "url"]) { redacted(text) } else { Cow::Owned(shown(text)) }
    });
}

/// A value whose every text is [`redacted`]; itself where nothing is.
#[must_use]
pub fn without_secrets<T: Serialize + DeserializeOwned>(value: T) -> T {
    let Ok(before) = serde_json::to_value(&value) else { return value };
    let mut after = before.clone();
    redact_value(&mut after);
    if after == before { value } else { serde_json::from_value(after).unwrap_or(value) }
}

/// `names`: of the fields that the value stands in, the outermost first; those of the names themselves are none.
fn change_texts(value: &mut Value, names: &[&str], change: &impl for<'a> Fn(&[&str], &'a str) -> Cow<'a, str>) {
    match value {
        Value::String(text) => *text = change(names, text).into_owned(),
        Value::Array(values) => values.iter_mut().for_each(|value| change_texts(value, names, change)),
        Value::Object(fields) => {
            for (name, mut value) in std::mem::take(fields) {
                change_texts(&mut value, &[names, &[name.as_str()]].concat(), change);
                fields.insert(change(&[], &name).into_owned(), value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_addresses_of_results_keep_their_signature() {
        let signed = "https://a.b/v?sig=1";
        let masked = format!("https://a.b/v?{MASK}");
        let value = json!({"videos": [{"url": signed, "id": signed}], "url": signed, "odd": {"url": [signed]}});
        let mut shown = value.clone();
        show_all_but_results(&mut shown);
        let expected = json!({"videos": [{"url": signed, "id": masked}], "url": masked, "odd": {"url": [masked]}});
        assert_eq!(shown, expected);
        let mut shown = value.clone();
        show_value(&mut shown);
        assert_eq!(shown["videos"][0]["url"], masked);
        assert_eq!(without_secrets(value.clone()), value, "an address is no key");
    }
}
