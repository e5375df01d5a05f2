//! How many samples an index claims, checked before `re_mp4` reads it: that allocates for every sample of a table or a run, also for those
//! that have no byte in the file.

use std::ops::Range;

use super::boxes::{four, u32_at};
use super::facts::Fault;

/// The boxes that `re_mp4` reads as boxes in boxes, below `moov` and `moof`.
const CONTAINERS: [[u8; 4]; 8] = [*b"trak", *b"mdia", *b"minf", *b"stbl", *b"edts", *b"dinf", *b"mvex", *b"traf"];
/// `trak`, `mdia`, `minf`, `stbl`: further down `re_mp4` does not look for boxes of these kinds.
const DEEPEST: usize = 4;
/// Four hours at 60 pictures a second, or six of AAC.
const MAX_SAMPLES: u64 = 1_000_000;

/// Counts the samples that the tables and runs of a file claim.
pub(super) struct Claims {
    file_len: u64,
    samples: u64,
}

impl Claims {
    pub(super) const fn new(file_len: u64) -> Self {
        Self { file_len, samples: 0 }
    }

    /// Walks through the boxes within `bytes[within]`, the content of a `moov` or `moof`, and through those in them. They must fill
    /// it exactly: `re_mp4` reads on behind a box that is too short, and the same bytes again where a box claims no length.
    pub(super) fn walk(&mut self, bytes: &[u8], within: Range<usize>) -> Result<(), Fault> {
        self.descend(bytes, within, 0)
    }

    fn descend(&mut self, bytes: &[u8], within: Range<usize>, depth: usize) -> Result<(), Fault> {
        let mut at = within.start;
        while at < within.end {
            let (body, end) = box_at(bytes, at).ok_or("the boxes of its index contradict each other")?;
            if end > within.end {
                return Err("the boxes of its index contradict each other");
            }
            match four(bytes, at + 4) {
                Some(kind) if CONTAINERS.contains(&kind) && depth < DEEPEST => {
                    self.descend(bytes, body..end, depth + 1)?;
                }
                Some(kind) if kind == *b"stsz" => {
                    let each = u32_at(bytes, body + 4).ok_or("its table of sizes is cut off")?;
                    self.add(u32_at(bytes, body + 8).ok_or("its table of sizes is cut off")?, each)?;
                }
                Some(kind) if kind == *b"trun" => {
                    self.add(u32_at(bytes, body + 4).ok_or("a fragment is cut off")?, 0)?;
                }
                _ => {}
            }
            at = end;
        }
        Ok(())
    }

    /// `count` more samples of `each` bytes; 0 where they differ.
    fn add(&mut self, count: u32, each: u32) -> Result<(), Fault> {
        self.samples += u64::from(count);
        if u64::from(count) * u64::from(each) > self.file_len || self.samples > self.file_len {
            return Err("its index claims more samples than the file has bytes");
        }
        if self.samples > MAX_SAMPLES {
            return Err("its index claims more than a million samples");
        }
        Ok(())
    }
}

/// Where the content of the box at `at` begins, and where the box ends.
fn box_at(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let (body, len) = match u32_at(bytes, at)? {
        1 => {
            let len = (u64::from(u32_at(bytes, at + 8)?) << 32) | u64::from(u32_at(bytes, at + 12)?);
            (at + 16, usize::try_from(len).ok()?)
        }
        len => (at + 8, len as usize),
    };
    let end = at.checked_add(len)?;
    (end >= body).then_some((body, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
        [&u32::try_from(body.len() + 8).unwrap().to_be_bytes()[..], &kind, body].concat()
    }

    fn table(each: u32, count: u32) -> Vec<u8> {
        let body = [0, each, count].map(u32::to_be_bytes).concat();
        boxed(*b"trak", &boxed(*b"mdia", &boxed(*b"minf", &boxed(*b"stbl", &boxed(*b"stsz", &body)))))
    }

    fn walked(bytes: &[u8], file_len: u64) -> Result<u64, Fault> {
        let mut claims = Claims::new(file_len);
        claims.walk(bytes, 0..bytes.len()).map(|()| claims.samples)
    }

    #[test]
    fn samples_are_counted_wherever_they_are_claimed() {
        let run = boxed(*b"traf", &boxed(*b"trun", &[0_u32, 70].map(u32::to_be_bytes).concat()));
        assert_eq!(walked(&[table(0, 30), table(10, 40), run].concat(), 1_000), Ok(140));
    }

    #[test]
    fn more_samples_than_bytes_are_refused() {
        assert!(walked(&table(10, 101), 1_000).is_err());
        assert!(walked(&table(0, 1_001), 1_000).is_err());
        assert!(walked(&table(1, 1_000_001), 1 << 30).is_err());
        assert!(walked(&[table(0, 600), table(0, 600)].concat(), 1_000).is_err(), "all tracks together");
    }

    #[test]
    fn a_box_without_length_or_too_long_or_cut_off_is_refused() {
        let nothing = [0, 0, 0, 0, b't', b'r', b'e', b'x'];
        assert!(walked(&boxed(*b"mvex", &nothing), 1_000).is_err());
        assert!(walked(&[&table(0, 1)[..], &[0; 4]].concat(), 1_000).is_err());
        let mut long = boxed(*b"mvex", &boxed(*b"trex", &[0; 24]));
        long[11] += 1;
        assert!(walked(&long, 1_000).is_err());
    }
}
