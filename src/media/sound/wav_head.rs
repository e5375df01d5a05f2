//! WAV files whose header states a wrong length: cut off, or written by a program that could not go back to fill it in.

use std::fs::File;
use std::io::{BufReader, Read, Seek};

use crate::media::overlay::Overlay;

/// Chunks before the sound are small.
const HEAD_BYTES: u64 = 64 * 1024;

/// The file, its lengths set right where they reach behind its end.
pub(super) fn with_true_lengths(file: File, file_len: u64) -> std::io::Result<Overlay> {
    let mut reader = BufReader::new(file);
    let mut head = Vec::new();
    (&mut reader).take(HEAD_BYTES).read_to_end(&mut head)?;
    reader.rewind()?;
    set_right(&mut head, file_len);
    Ok(Overlay::new(reader, file_len, 0, head))
}

fn set_right(head: &mut [u8], file_len: u64) {
    let mut put = |at: usize, from: usize| {
        let rest = u32::try_from(file_len.saturating_sub(from as u64)).unwrap_or(u32::MAX);
        if let Some(slot) = head.get_mut(at..at + 4) {
            slot.copy_from_slice(&rest.to_le_bytes());
        }
    };
    put(4, 8);
    let mut at = 12_usize;
    while let (Some(kind), Some(len)) = (head.get(at..at + 4), head.get(at + 4..at + 8)) {
        let len = len.iter().rev().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        let body = at + 8;
        if kind == b"data" {
            if len == 0 || body as u64 + len > file_len {
                let rest = u32::try_from(file_len.saturating_sub(body as u64)).unwrap_or(u32::MAX);
                head[at + 4..at + 8].copy_from_slice(&rest.to_le_bytes());
            }
            return;
        }
        let Ok(len) = usize::try_from(len) else { return };
        at = body.saturating_add(len).saturating_add(len & 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(riff: u32, data: u32) -> Vec<u8> {
        let mut bytes = b"RIFF".to_vec();
        bytes.extend(riff.to_le_bytes());
        bytes.extend(b"WAVELIST\x03\0\0\0abc\0data");
        bytes.extend(data.to_le_bytes());
        bytes
    }

    #[test]
    fn lengths_behind_the_end_are_set_right_and_true_ones_stay() {
        for (riff, data, expected) in [(u32::MAX, u32::MAX, 100), (0, 0, 100), (124, 60, 60), (124, 101, 100)] {
            let mut bytes = head(riff, data);
            let len = bytes.len() as u64 + 100;
            set_right(&mut bytes, len);
            assert_eq!(bytes, head(124, expected), "{riff} {data}");
        }
        let mut short = b"RIFF".to_vec();
        set_right(&mut short, 4);
        assert_eq!(short, b"RIFF");
    }
}
