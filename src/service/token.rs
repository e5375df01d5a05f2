//! The signed token of the official API: a JWT by HS256 (docs: wire contract §1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

/// How long a token is valid, in seconds.
pub const LIFE_S: i64 = 1_800;
/// How far back it begins to be valid, in seconds: clocks differ.
pub const EARLY_S: i64 = 5;
/// How long before its end it is renewed, in seconds.
pub const RENEW_S: i64 = 300;

/// The token for `access_key`, signed with `secret_key` at `now_s` seconds since the epoch.
#[must_use]
pub fn sign(access_key: &str, secret_key: &str, now_s: i64) -> String {
    let header = URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let claims =
        json!({ "iss": access_key, "exp": now_s.saturating_add(LIFE_S), "nbf": now_s.saturating_sub(EARLY_S) });
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    // HMAC takes keys of any length, so that this never fails.
    let signature = Hmac::<Sha256>::new_from_slice(secret_key.as_bytes()).map(|mut mac| {
        mac.update(signed.as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    });
    format!("{signed}.{}", signature.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_the_one_other_implementations_make() {
        // Checked with Python's hmac and base64 modules.
        let token = sign("ak", "sk", 1_700_000_000);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        assert_eq!(header, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9");
        let claims = URL_SAFE_NO_PAD.decode(claims).unwrap();
        assert_eq!(claims, br#"{"iss":"ak","exp":1700001800,"nbf":1699999995}"#);
        assert_eq!(signature, "mgn0T3D3XT4hbNxAtEsJsDH8-Kpgvs6l8t89iZ9EkEg");
    }
}
