//! The boxes of an MP4 or MOV file, walked with every length checked.
//!
//! `re_mp4` reads the tables; before it may, this looks at the file: where the boxes lie, whether the index is there,
//! and whether its numbers are sane. What `re_mp4` would stumble over is hidden from it.

use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

/// A box at the top of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TopBox {
    pub(super) kind: [u8; 4],
    /// Where its header begins.
    pub(super) start: u64,
    /// Where its content begins.
    pub(super) body: u64,
    /// Where it says it ends; may lie behind the end of a file that was cut off.
    pub(super) end: u64,
    /// Whether it says that it reaches to the end of the file, however long that is.
    pub(super) to_end_of_file: bool,
}

/// More boxes than any clip has.
const MAX_TOP_BOXES: usize = 100_000;

/// Lists the boxes at the top of the file until they end or make no sense.
pub(super) fn top_boxes<R: Read + Seek>(reader: &mut R, file_len: u64) -> std::io::Result<Vec<TopBox>> {
    let mut found = Vec::new();
    let mut at = 0_u64;
    while at.saturating_add(8) <= file_len && found.len() < MAX_TOP_BOXES {
        reader.seek(SeekFrom::Start(at))?;
        let mut header = [0_u8; 16];
        reader.read_exact(&mut header[..8])?;
        let [s0, s1, s2, s3, k0, k1, k2, k3, ..] = header;
        let kind = [k0, k1, k2, k3];
        let size = u32::from_be_bytes([s0, s1, s2, s3]);
        let (body, len) = match size {
            0 => (at + 8, file_len - at),
            1 if at.saturating_add(16) <= file_len => {
                reader.read_exact(&mut header[8..])?;
                let mut large = [0; 8];
                large.copy_from_slice(&header[8..]);
                (at + 16, u64::from_be_bytes(large))
            }
            len => (at + 8, u64::from(len)),
        };
        let Some(end) = at.checked_add(len).filter(|end| *end >= body) else { break };
        if !kind.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ' || *byte == 0xa9) {
            break;
        }
        found.push(TopBox { kind, start: at, body, end, to_end_of_file: size == 0 });
        at = end;
    }
    Ok(found)
}

/// The boxes within `bytes[within]`: kind, whole range, range of the content. Ends at the first that makes no sense.
pub(super) fn children(
    bytes: &[u8],
    within: Range<usize>,
) -> impl Iterator<Item = ([u8; 4], Range<usize>, Range<usize>)> {
    let mut at = within.start;
    let end = within.end.min(bytes.len());
    std::iter::from_fn(move || {
        let size = u32_at(bytes, at)?;
        let kind = four(bytes, at + 4)?;
        let (body, len) = match size {
            0 => (at + 8, end.checked_sub(at)?),
            1 => {
                let (high, low) = (u32_at(bytes, at + 8)?, u32_at(bytes, at + 12)?);
                (at + 16, usize::try_from((u64::from(high) << 32) | u64::from(low)).ok()?)
            }
            size => (at + 8, size as usize),
        };
        let stop = at.checked_add(len).filter(|stop| *stop >= body && *stop <= end)?;
        let start = std::mem::replace(&mut at, stop);
        Some((kind, start..stop, body..stop))
    })
}

/// The content of the first box of this kind within `bytes[within]`.
pub(super) fn child(bytes: &[u8], within: Range<usize>, kind: [u8; 4]) -> Option<Range<usize>> {
    children(bytes, within).find(|(k, ..)| *k == kind).map(|(_, _, body)| body)
}

/// Follows a path of kinds down from `bytes[within]`.
pub(super) fn descend(bytes: &[u8], within: Range<usize>, path: &[&[u8; 4]]) -> Option<Range<usize>> {
    path.iter().try_fold(within, |at, kind| child(bytes, at, **kind))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    four(bytes, at).map(u32::from_be_bytes)
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_be_bytes)
}

pub(super) fn four(bytes: &[u8], at: usize) -> Option<[u8; 4]> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
        let mut bytes = u32::try_from(body.len() + 8).unwrap().to_be_bytes().to_vec();
        bytes.extend_from_slice(&kind);
        bytes.extend_from_slice(body);
        bytes
    }

    #[test]
    fn nested_boxes_are_found_and_a_lie_about_a_length_ends_the_walk() {
        let inner = [boxed(*b"aaaa", &[1]), boxed(*b"bbbb", &boxed(*b"cccc", &[7, 8]))].concat();
        let file = boxed(*b"moov", &inner);
        let at = descend(&file, 0..file.len(), &[b"moov", b"bbbb", b"cccc"]).unwrap();
        assert_eq!(file[at], [7, 8]);
        let mut lying = file.clone();
        lying[11] = 200;
        assert_eq!(children(&lying, 8..lying.len()).count(), 0);
    }

    #[test]
    fn a_cut_off_last_box_keeps_the_end_it_claims() {
        let mut file = [boxed(*b"ftyp", b"isom"), boxed(*b"mdat", &[0; 100])].concat();
        file.truncate(60);
        let top = top_boxes(&mut std::io::Cursor::new(&file), 60).unwrap();
        assert_eq!((top.len(), top[1].end), (2, 120));
    }

    proptest! {
        #[test]
        fn any_bytes_are_walked_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let len = bytes.len();
            prop_assert!(children(&bytes, 0..len).count() <= len);
            prop_assert!(top_boxes(&mut std::io::Cursor::new(&bytes), len as u64).is_ok());
        }
    }
}
