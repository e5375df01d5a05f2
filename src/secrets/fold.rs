//! A text with its escapes undone, and where each of its bytes stood: percent-encoding (RFC 3986 §2.1) and the escapes of JSON (RFC 8259 §7).

/// How deeply escapes may stand within escapes.
const LEVELS: usize = 4;

/// A text with its escapes undone.
pub struct Folded {
    pub bytes: Vec<u8>,
    /// Where each byte began in the text; one more for its end.
    pub from: Vec<usize>,
}

/// Each level of escapes undone, outermost first; none where there are no escapes.
pub fn levels(text: &[u8]) -> Vec<Folded> {
    let mut levels: Vec<Folded> = Vec::new();
    while levels.len() < LEVELS {
        let last = levels.last();
        let Some(mut next) = unfolded(last.map_or(text, |last| &last.bytes)) else { break };
        if let Some(last) = last {
            for at in &mut next.from {
                *at = last.from[*at];
            }
        }
        levels.push(next);
    }
    levels
}

fn unfolded(text: &[u8]) -> Option<Folded> {
    memchr::memchr2(b'%', b'\\', text)?;
    let mut folded = Folded { bytes: Vec::with_capacity(text.len()), from: Vec::with_capacity(text.len() + 1) };
    let mut is_changed = false;
    let mut at = 0;
    while at < text.len() {
        let (byte, length) = escape(&text[at..]).unwrap_or((text[at], 1));
        is_changed |= length > 1;
        folded.bytes.push(byte);
        folded.from.push(at);
        at += length;
    }
    folded.from.push(text.len());
    is_changed.then_some(folded)
}

/// The byte that an escape at the beginning of `text` stands for, and the escape's length.
fn escape(text: &[u8]) -> Option<(u8, usize)> {
    let hex = |digits: &[u8]| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    let byte = |digits: &[u8]| hex(digits).and_then(|value| u8::try_from(value).ok());
    match *text {
        [b'%', high, low, ..] => Some((byte(&[high, low])?, 3)),
        [b'\\', b'u', a, b, c, d, ..] => Some((byte(&[a, b, c, d]).filter(u8::is_ascii)?, 6)),
        [b'\\', b'x', high, low, ..] => Some((byte(&[high, low])?, 4)),
        [b'\\', sign @ (b'"' | b'\'' | b'\\' | b'/'), ..] => Some((sign, 2)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_one_level_after_another() {
        let text = br"a%41\u0042\/%2541 %zz \u20ac";
        let levels = levels(text);
        assert_eq!(levels[0].bytes, br"aAB/%41 %zz \u20ac");
        assert_eq!(levels[1].bytes, br"aAB/A %zz \u20ac");
        assert_eq!(levels.len(), 2);
        let at = levels[1].bytes.iter().rposition(|&byte| byte == b'A').unwrap();
        assert_eq!(&text[levels[1].from[at]..levels[1].from[at + 1]], b"%2541");
        assert!(super::levels(b"nothing").is_empty());
    }
}
