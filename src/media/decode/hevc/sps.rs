//! What the sequence parameter set of an HEVC stream says of its pictures (ITU-T H.265, 7.3.2.2 and E.2.1).

/// What must be known before the first picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sps {
    /// Width as shown, in pixels.
    pub(super) width_px: u32,
    /// Height as shown, in pixels.
    pub(super) height_px: u32,
    /// `chroma_format_idc`: 1 is 4:2:0.
    pub(super) chroma_format: u32,
    /// Bits of a luma sample, and of a chroma sample.
    pub(super) bit_depths: (u32, u32),
    /// Number of temporal layers.
    pub(super) layers: u8,
    /// Primaries, transfer, matrix; 2 where it says nothing.
    pub(super) color: (u8, u8, u8),
    pub(super) full_range: bool,
}

/// The limits of the standard, for what is read into memory.
const MOST_SETS: u32 = 64;
const MOST_PICTURES: u32 = 16;

impl Sps {
    /// Reads a NAL unit of kind 33, header included. `None` where it is cut off or makes no sense.
    pub(super) fn read(unit: &[u8]) -> Option<Self> {
        let payload = without_escapes(unit.get(2..)?);
        let mut bits = Bits { bytes: &payload, at: 0 };
        bits.skip(4)?;
        let layers = bits.read(3)?;
        bits.skip(1)?;
        profile_tier_level(&mut bits, layers)?;
        bits.ue()?;
        let chroma_format = bits.ue()?;
        if chroma_format == 3 {
            bits.skip(1)?;
        }
        let (width, height) = (bits.ue()?, bits.ue()?);
        let mut window = [0_u32; 4];
        if bits.flag()? {
            for side in &mut window {
                *side = bits.ue()?;
            }
        }
        let bit_depths = (bits.ue()?.checked_add(8)?, bits.ue()?.checked_add(8)?);
        let counter_bits = bits.ue()?.checked_add(4)?;
        let from = if bits.flag()? { 0 } else { layers };
        for _ in from..=layers {
            bits.skip_ue(3)?;
        }
        bits.skip_ue(6)?;
        if bits.flag()? && bits.flag()? {
            scaling_lists(&mut bits)?;
        }
        bits.skip(2)?;
        if bits.flag()? {
            bits.skip(8)?;
            bits.skip_ue(2)?;
            bits.skip(1)?;
        }
        reference_sets(&mut bits)?;
        if bits.flag()? {
            for _ in 0..bits.ue().filter(|count| *count <= MOST_SETS)? {
                bits.skip(counter_bits as usize + 1)?;
            }
        }
        bits.skip(2)?;
        let (color, full_range) = if bits.flag()? { usability(&mut bits)? } else { ((2, 2, 2), false) };
        // The window counts in chroma samples.
        let (across, down) = match chroma_format {
            1 => (2, 2),
            2 => (2, 1),
            _ => (1, 1),
        };
        let [left, right, top, bottom] = window;
        let shown = |side: u32, from: u32, to: u32, unit: u32| {
            side.checked_sub(from.checked_add(to)?.checked_mul(unit)?).filter(|side| *side > 0)
        };
        Some(Self {
            width_px: shown(width, left, right, across)?,
            height_px: shown(height, top, bottom, down)?,
            chroma_format,
            bit_depths,
            layers: layers as u8 + 1,
            color,
            full_range,
        })
    }
}

fn profile_tier_level(bits: &mut Bits<'_>, layers: u32) -> Option<()> {
    const PROFILE_BITS: usize = 88;
    const LEVEL_BITS: usize = 8;
    bits.skip(PROFILE_BITS + LEVEL_BITS)?;
    let mut present = Vec::new();
    for _ in 0..layers {
        present.push((bits.flag()?, bits.flag()?));
    }
    if layers > 0 {
        bits.skip(2 * (8 - layers as usize))?;
    }
    for (profile, level) in present {
        bits.skip(if profile { PROFILE_BITS } else { 0 } + if level { LEVEL_BITS } else { 0 })?;
    }
    Some(())
}

fn scaling_lists(bits: &mut Bits<'_>) -> Option<()> {
    for size in 0..4 {
        for _ in (0..6).step_by(if size == 3 { 3 } else { 1 }) {
            if bits.flag()? {
                let coefficients = 64.min(1 << (4 + (size << 1))) + usize::from(size > 1);
                bits.skip_ue(coefficients)?;
            } else {
                bits.ue()?;
            }
        }
    }
    Some(())
}

/// The sets of reference pictures: a set may be told as the difference to the one before it, so their distances must be followed.
fn reference_sets(bits: &mut Bits<'_>) -> Option<()> {
    let mut before: Vec<i64> = Vec::new();
    for index in 0..bits.ue().filter(|count| *count <= MOST_SETS)? {
        let mut set = Vec::new();
        if index > 0 && bits.flag()? {
            let negative = bits.flag()?;
            let step = i64::from(bits.ue()?) + 1;
            let step = if negative { -step } else { step };
            for distance in before.iter().copied().chain([0]) {
                let used = bits.flag()?;
                let kept = used || bits.flag()?;
                if kept && distance + step != 0 {
                    set.push(distance + step);
                }
            }
        } else {
            let (past, future) = (bits.ue()?, bits.ue()?);
            for (count, sign) in [(past, -1), (future, 1)] {
                let mut distance = 0;
                for _ in 0..Some(count).filter(|count| *count <= MOST_PICTURES)? {
                    distance += sign * (i64::from(bits.ue()?) + 1);
                    bits.skip(1)?;
                    set.push(distance);
                }
            }
        }
        if set.len() > MOST_PICTURES as usize {
            return None;
        }
        before = set;
    }
    Some(())
}

fn usability(bits: &mut Bits<'_>) -> Option<((u8, u8, u8), bool)> {
    const SHAPE_IS_WRITTEN_OUT: u32 = 255;
    if bits.flag()? && bits.read(8)? == SHAPE_IS_WRITTEN_OUT {
        bits.skip(32)?;
    }
    if bits.flag()? {
        bits.skip(1)?;
    }
    let (mut color, mut full_range) = ((2, 2, 2), false);
    if bits.flag()? {
        bits.skip(3)?;
        full_range = bits.flag()?;
        if bits.flag()? {
            color = (bits.read(8)? as u8, bits.read(8)? as u8, bits.read(8)? as u8);
        }
    }
    Some((color, full_range))
}

/// The payload without the bytes that keep a start code out of it.
fn without_escapes(payload: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(payload.len());
    let mut zeros = 0;
    for byte in payload {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        plain.push(*byte);
    }
    plain
}

/// Reads bits, the highest first.
struct Bits<'a> {
    bytes: &'a [u8],
    /// In bits.
    at: usize,
}

impl Bits<'_> {
    fn flag(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let set = byte >> (7 - self.at % 8) & 1 == 1;
        self.at += 1;
        Some(set)
    }

    fn read(&mut self, count: usize) -> Option<u32> {
        (0..count).try_fold(0, |sum, _| Some(sum << 1 | u32::from(self.flag()?)))
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.at = self.at.checked_add(count).filter(|at| *at <= self.bytes.len() * 8)?;
        Some(())
    }

    /// An Exp-Golomb code without a sign.
    fn ue(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let rest = self.read(zeros)?;
        Some(((1_u32 << zeros) - 1).saturating_add(rest))
    }

    /// Codes with or without a sign have the same lengths.
    fn skip_ue(&mut self, count: usize) -> Option<()> {
        (0..count).try_for_each(|_| self.ue().map(|_| ()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Of x265: 1920×1080 (1088 stored), 10 bit, BT.2020 and HLG.
    const HLG: &[u8] = include_bytes!("../../../../tests/media/streams/hlg_1080.sps");

    #[test]
    fn size_depth_and_colour_are_read_behind_everything_else() {
        let sps = Sps::read(HLG).unwrap();
        assert_eq!((sps.width_px, sps.height_px, sps.chroma_format), (1920, 1080, 1));
        assert_eq!((sps.bit_depths, sps.color, sps.full_range), ((10, 10), (9, 18, 9), false));
    }

    #[test]
    fn a_set_that_is_cut_off_is_none() {
        let needed = (0..HLG.len()).find(|len| Sps::read(&HLG[..*len]).is_some()).unwrap();
        assert!(needed > 30 && (needed..=HLG.len()).all(|len| Sps::read(&HLG[..len]) == Sps::read(HLG)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            let _ = Sps::read(&bytes);
        }

        #[test]
        fn a_set_with_wrong_bits_is_read_without_a_panic(at in 2_usize..40, byte in any::<u8>()) {
            let mut wrong = HLG.to_vec();
            if let Some(place) = wrong.get_mut(at) {
                *place = byte;
            }
            let _ = Sps::read(&wrong);
        }
    }
}
