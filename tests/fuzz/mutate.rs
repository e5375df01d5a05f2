//! Changes of bytes, from a seed: the same seed, the same bytes.

use crate::chance::Chance;

/// Numbers that lengths and counts go wrong at.
const ODD: [u64; 12] =
    [0, 1, 7, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF];

/// Bytes that are one of these, changed one to eight times; `words` are put in here and there.
pub fn mutated(chance: &mut Chance, corpus: &[Vec<u8>], words: &[&[u8]]) -> Vec<u8> {
    let pick = |chance: &mut Chance| corpus[chance.within(0, corpus.len() as u64) as usize].clone();
    let mut bytes = pick(chance);
    for _ in 0..chance.within(1, 9) {
        if bytes.is_empty() {
            bytes = pick(chance);
        }
        let at = |chance: &mut Chance, len: usize| chance.within(0, len as u64) as usize;
        let here = at(chance, bytes.len());
        match chance.within(0, 10) {
            0 | 1 => bytes[here] ^= 1 << chance.within(0, 8),
            2 => bytes[here] = chance.next() as u8,
            3 => {
                let odd = ODD[at(chance, ODD.len())].to_be_bytes();
                let width = [1, 2, 4, 8][at(chance, 4)];
                let end = (here + width).min(bytes.len());
                bytes[here..end].copy_from_slice(&odd[8 - width..][..end - here]);
            }
            4 => bytes.truncate(here),
            5 => {
                let end = (here + at(chance, 64)).min(bytes.len());
                bytes.drain(here..end);
            }
            6 => {
                let end = (here + at(chance, 64)).min(bytes.len());
                let again = bytes[here..end].to_vec();
                bytes.splice(here..here, again);
            }
            7 => {
                let other = pick(chance);
                let from = at(chance, other.len().max(1));
                bytes.truncate(here);
                bytes.extend_from_slice(&other[from.min(other.len())..]);
            }
            8 if chance.percent(90) => {
                let word = words[at(chance, words.len())].to_vec();
                bytes.splice(here..here, word);
            }
            _ => bytes.swap(here, 0),
        }
    }
    bytes
}
