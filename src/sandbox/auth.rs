//! Authorization: a Bearer key, or a token signed with the access and the secret key (the wire contract, §1).

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::digest::array::Array;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use sha2::Sha256;

use super::refusal::Refusal;
use super::words;

/// The keys of this sandbox.
#[derive(Debug)]
pub struct Keys {
    /// The plain key.
    pub key: SecretString,
    /// `iss` of a signed token.
    pub access_key: String,
    /// What a token is signed with.
    pub secret_key: SecretString,
}

/// What a request was authorised with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authorised {
    /// The plain key.
    Key,
    /// A token signed with the access and the secret key.
    Signed,
}

impl Authorised {
    /// Refuses a signed token, with the words that a wrong key gets: some official paths take the API key only.
    ///
    /// # Errors
    /// 1002 for a signed token.
    pub fn only_key(self) -> Result<(), Refusal> {
        if self == Self::Signed { Err(invalid(&words::token_not_for_tasks())) } else { Ok(()) }
    }
}

impl Keys {
    /// Checks the key of a request, and returns what it was authorised with.
    ///
    /// # Errors
    /// Why it is refused, with the documented code.
    pub fn check(&self, headers: &HeaderMap, now_s: i64) -> Result<Authorised, Refusal> {
        let Some(header) = headers.get(AUTHORIZATION) else {
            return Err(refusal(1001, &words::no_authorization()));
        };
        let header = header.to_str().map_err(|_| invalid(&words::header_not_text()))?.trim();
        if header.is_empty() {
            return Err(refusal(1001, &words::empty_authorization()));
        }
        let (scheme, credential) = header.split_once(' ').unwrap_or((header, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(refusal(1000, &words::not_bearer()));
        }
        let credential = credential.trim();
        if credential.is_empty() {
            return Err(refusal(1001, &words::bearer_without_key()));
        }
        if same(credential, self.key.expose_secret()) {
            return Ok(Authorised::Key);
        }
        match credential.split('.').collect::<Vec<_>>().as_slice() {
            [header, claims, signature] => self.check_signed(header, claims, signature, now_s),
            _ => Err(invalid(&words::unknown_key())),
        }
    }

    fn check_signed(&self, header: &str, claims: &str, signature: &str, now_s: i64) -> Result<Authorised, Refusal> {
        let signed = format!("{header}.{claims}");
        let algorithm = read_part(header).ok_or_else(|| invalid(&words::token_header_unreadable()))?;
        if algorithm.get("alg").and_then(Value::as_str) != Some("HS256") {
            return Err(invalid(&words::token_not_hs256()));
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| invalid(&words::token_signature_unreadable()))?;
        if hmac(self.secret_key.expose_secret().as_bytes(), signed.as_bytes()).verify_slice(&signature).is_err() {
            return Err(invalid(&words::token_signature_wrong()));
        }
        let claims = read_part(claims).ok_or_else(|| invalid(&words::token_claims_unreadable()))?;
        if !claims.get("iss").and_then(Value::as_str).is_some_and(|iss| same(iss, &self.access_key)) {
            return Err(invalid(&words::token_wrong_issuer()));
        }
        let seconds = |name: &str| claims.get(name).and_then(Value::as_f64);
        let exp = seconds("exp").ok_or_else(|| invalid(&words::token_without_exp()))?;
        if let Some(nbf) = seconds("nbf")
            && (now_s as f64) < nbf
        {
            return Err(refusal(1003, &words::token_not_yet_valid(nbf, now_s)));
        }
        if now_s as f64 >= exp {
            return Err(refusal(1004, &words::token_expired(exp, now_s)));
        }
        Ok(Authorised::Signed)
    }
}

fn refusal(code: u16, why: &str) -> Refusal {
    Refusal::new(code, format!("{}: {why}", words::AUTHORIZATION))
}

fn invalid(why: &str) -> Refusal {
    refusal(1002, why)
}

fn read_part(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn hmac(key: &[u8], text: &[u8]) -> Hmac<Sha256> {
    // HMAC takes keys of every length; were that to change, no token would be valid any more.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Array::default()));
    mac.update(text);
    mac
}

/// Whether two secrets are equal, in a time that does not depend on how much of them is.
fn same(given: &str, expected: &str) -> bool {
    let of_given = hmac(b"viseme", given.as_bytes()).finalize().into_bytes();
    hmac(b"viseme", expected.as_bytes()).verify_slice(&of_given).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW_S: i64 = 1_800_000_000;

    fn keys() -> Keys {
        Keys { key: "the-key".into(), access_key: "ak".into(), secret_key: "sk".into() }
    }

    fn signed(header: &Value, claims: &Value, secret: &str) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(header), part(claims));
        let signature = URL_SAFE_NO_PAD.encode(hmac(secret.as_bytes(), text.as_bytes()).finalize().into_bytes());
        format!("{text}.{signature}")
    }

    fn check(header: Option<&str>) -> Result<Authorised, u16> {
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert(AUTHORIZATION, header.parse().unwrap());
        }
        keys().check(&headers, NOW_S).map_err(|refusal| {
            assert_eq!(refusal.status.as_u16(), 401);
            assert!(!refusal.message.contains("the-key"));
            refusal.code
        })
    }

    #[test]
    fn the_key_opens_and_everything_else_has_its_code() {
        assert_eq!(check(Some("Bearer the-key")), Ok(Authorised::Key));
        assert_eq!(check(Some("bearer  the-key ")), Ok(Authorised::Key));
        for (header, code) in [
            (None, 1001),
            (Some(""), 1001),
            (Some("Bearer"), 1001),
            (Some("Bearer   "), 1001),
            (Some("Basic dXNlcjpwYXNz"), 1000),
            (Some("the-key"), 1000),
            (Some("Bearer the-keY"), 1002),
            (Some("Bearer the-key-and-more"), 1002),
        ] {
            assert_eq!(check(header), Err(code), "{header:?}");
        }
    }

    #[test]
    fn a_signed_token_opens_while_it_is_valid() {
        let header = json!({"alg": "HS256", "typ": "JWT"});
        let good = json!({"iss": "ak", "exp": NOW_S + 1800, "nbf": NOW_S - 5});
        let bearer = |token: String| format!("Bearer {token}");
        assert_eq!(check(Some(&bearer(signed(&header, &good, "sk")))), Ok(Authorised::Signed));
        let none = json!({"alg": "none"});
        for (token, code) in [
            (signed(&header, &good, "other"), 1002),
            (signed(&none, &good, "sk"), 1002),
            (signed(&header, &json!({"iss": "other", "exp": NOW_S + 9}), "sk"), 1002),
            (signed(&header, &json!({"iss": "ak"}), "sk"), 1002),
            (signed(&header, &json!({"iss": "ak", "exp": NOW_S + 9, "nbf": NOW_S + 1}), "sk"), 1003),
            (signed(&header, &json!({"iss": "ak", "exp": NOW_S}), "sk"), 1004),
            ("a.b.c".into(), 1002),
        ] {
            assert_eq!(check(Some(&bearer(token.clone()))), Err(code), "{token}");
        }
    }

    #[test]
    fn a_token_of_another_library_is_accepted() {
        // {"iss": "ak", "exp": 1800001800, "nbf": 1799999995} signed with "sk" by Python's hmac module.
        let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJhayIsImV4cCI6MTgwMDAwMTgwMCwibmJmIjoxNzk5OTk5OTk1fQ\
                     .9bB6YfXYauxkfil8lKURdqD43NDJix6EWqqkKDxrD6E";
        assert_eq!(check(Some(&format!("Bearer {token}"))), Ok(Authorised::Signed));
    }
}
