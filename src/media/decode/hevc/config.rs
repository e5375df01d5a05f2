//! The configuration of an HEVC track (`hvcC`, ISO/IEC 14496-15), and what kind of picture a sample is.

use super::sps::Sps;
use crate::media::decode::nal::nal_units;

/// Kinds of NAL units.
const SPS: u8 = 33;
const LAST_SLICE: u8 = 31;
/// Pictures that refer to what is before the keyframe they follow (RASL).
const LEADING: std::ops::RangeInclusive<u8> = 8..=9;
/// Keyframes (IRAP); of them those that begin everything anew: BLA and IDR.
const KEYFRAMES: std::ops::RangeInclusive<u8> = 16..=23;
const FRESH_STARTS: std::ops::RangeInclusive<u8> = 16..=20;
/// Below this, an even kind is a picture that no other of its temporal layer refers to.
const FIRST_KEYFRAME: u8 = 16;

/// What the decoder needs before the first sample.
#[derive(Clone, Debug)]
pub(in crate::media::decode) struct HevcConfig {
    /// The parameter sets, each a NAL unit.
    pub(super) sets: Vec<Vec<u8>>,
    pub(super) sps: Sps,
    pub(super) length_size: usize,
}

impl HevcConfig {
    /// Reads an `hvcC` record.
    pub(in crate::media::decode) fn read(hvcc: &[u8]) -> Result<Self, &'static str> {
        let length_size = usize::from(hvcc.get(21).ok_or("its HEVC configuration (hvcC) is cut off")? & 3) + 1;
        let sets = parameter_sets(hvcc);
        let sps = sets
            .iter()
            .filter(|unit| kind(unit) == Some(SPS))
            .find_map(|unit| Sps::read(unit))
            .ok_or("its HEVC configuration (SPS) is missing or broken")?;
        Ok(Self { sets, sps, length_size })
    }

    /// Width and height as shown, in pixels.
    pub(in crate::media::decode) const fn size_px(&self) -> (u32, u32) {
        (self.sps.width_px, self.sps.height_px)
    }

    /// Primaries, transfer, matrix and range by the stream.
    pub(in crate::media::decode) const fn color_tags(&self) -> (u8, u8, u8, bool) {
        let (primaries, transfer, matrix) = self.sps.color;
        (primaries, transfer, matrix, self.sps.full_range)
    }

    /// Bytes of each NAL unit's length.
    pub(in crate::media::decode) const fn length_size(&self) -> usize {
        self.length_size
    }

    /// The name of a feature that the decoder does not know.
    pub(in crate::media::decode) fn unsupported(&self) -> Option<String> {
        match self.sps.chroma_format {
            1 => {}
            0 => return Some("HEVC without colour".to_owned()),
            2 => return Some("HEVC with 4:2:2 chroma".to_owned()),
            _ => return Some("HEVC with 4:4:4 chroma".to_owned()),
        }
        let depths = self.sps.bit_depths;
        let known = matches!(depths, (8, 8) | (10, 10));
        (!known).then(|| format!("HEVC with {} bits a sample", depths.0.max(depths.1)))
    }

    /// Whether no other picture refers to this sample.
    pub(in crate::media::decode) fn is_disposable(&self, sample: &[u8]) -> bool {
        let mut slices = nal_units(sample, self.length_size).filter(|unit| is_slice(unit)).peekable();
        // Pictures of higher temporal layers refer also to those.
        let is_highest = |unit: &&[u8]| unit.get(1).is_some_and(|byte| byte & 7 >= self.sps.layers);
        slices.peek().is_some()
            && slices
                .all(|unit| kind(unit).is_some_and(|kind| kind < FIRST_KEYFRAME && kind % 2 == 0) && is_highest(&unit))
    }
}

/// What a sample means for the samples around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A keyframe, and whether it is a fresh start by itself.
    Keyframe {
        fresh: bool,
    },
    /// Refers to what is before its keyframe.
    Leading,
    Other,
    /// There is no picture in it.
    Nothing,
}

pub(super) fn role(units: &[&[u8]]) -> Role {
    match units.iter().find(|unit| is_slice(unit)).and_then(|unit| kind(unit)) {
        Some(kind) if KEYFRAMES.contains(&kind) => Role::Keyframe { fresh: FRESH_STARTS.contains(&kind) },
        Some(kind) if LEADING.contains(&kind) => Role::Leading,
        Some(_) => Role::Other,
        None => Role::Nothing,
    }
}

pub(super) fn kind(unit: &[u8]) -> Option<u8> {
    unit.first().map(|byte| byte >> 1 & 0x3f)
}

fn is_slice(unit: &[u8]) -> bool {
    // Of the base layer: others are left out.
    kind(unit).is_some_and(|kind| kind <= LAST_SLICE) && is_base_layer(unit)
}

pub(super) fn is_base_layer(unit: &[u8]) -> bool {
    matches!(unit, [first, second, ..] if first & 1 == 0 && second >> 3 == 0)
}

fn parameter_sets(hvcc: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let Some((count, mut rest)) = hvcc.get(22..).and_then(<[u8]>::split_first) else { return found };
    for _ in 0..*count {
        let Some((head, behind)) = rest.split_at_checked(3) else { return found };
        rest = behind;
        for _ in 0..u16::from_be_bytes([head[1], head[2]]) {
            let Some((length, behind)) = rest.split_at_checked(2) else { return found };
            let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
            let Some((unit, after)) = behind.split_at_checked(length) else { return found };
            found.push(unit.to_vec());
            rest = after;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_known_by_its_first_slice() {
        let unit = |kind: u8, layer: u8| vec![kind << 1, layer << 3 | 1, 0x80];
        let role_of = |units: &[Vec<u8>]| role(&units.iter().map(Vec::as_slice).collect::<Vec<_>>());
        assert_eq!(role_of(&[unit(35, 0), unit(39, 0), unit(19, 0)]), Role::Keyframe { fresh: true });
        assert_eq!(role_of(&[unit(21, 0)]), Role::Keyframe { fresh: false });
        assert_eq!(role_of(&[unit(8, 0), unit(1, 0)]), Role::Leading);
        assert_eq!(role_of(&[unit(1, 1), unit(1, 0)]), Role::Other);
        assert_eq!(role_of(&[unit(40, 0)]), Role::Nothing);
    }

    #[test]
    fn a_record_that_is_cut_off_gives_the_sets_that_are_whole() {
        let mut record = vec![0; 22];
        record[21] = 3;
        record.extend([2, 0xa1, 0, 1, 0, 2, 0x42, 1, 0xa2, 0, 1, 0, 3, 0x44, 1, 7]);
        assert_eq!(parameter_sets(&record), [vec![0x42, 1], vec![0x44, 1, 7]]);
        assert_eq!(parameter_sets(&record[..record.len() - 1]), [vec![0x42, 1]]);
        assert!(HevcConfig::read(&record).is_err() && HevcConfig::read(&[]).is_err());
    }
}
