//! Names nobody can guess: ids of sessions, tasks, results and requests.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// Fills with random bytes. A system without a random source still gets bytes that differ from call to call.
fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0_u8; N];
    if getrandom::fill(&mut bytes).is_err() {
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
        let mixed = u64::from(nanos) ^ COUNTER.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        for (byte, value) in bytes.iter_mut().zip(mixed.to_le_bytes().iter().cycle()) {
            *byte = *value;
        }
    }
    bytes
}

/// An 18-digit id, as the official service gives to sessions and tasks. A text, for it is larger than a double holds.
pub fn number_id() -> String {
    let random = u64::from_le_bytes(random_bytes::<8>());
    (100_000_000_000_000_000 + random % 900_000_000_000_000_000).to_string()
}

/// A random name of 32 hexadecimal digits, in groups as a UUID is written.
pub fn request_id() -> String {
    let hex = hex(&random_bytes::<16>());
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// A random name of 32 hexadecimal digits: keys, and addresses that need no key.
pub fn token() -> String {
    hex(&random_bytes::<16>())
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_have_their_shape_and_do_not_repeat() {
        let ids: HashSet<String> = (0..1000).map(|_| number_id()).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.len() == 18 && id.bytes().all(|byte| byte.is_ascii_digit())));
        assert_eq!(request_id().len(), 36);
        assert_eq!(hex(&[0, 255]), "00ff");
    }
}
