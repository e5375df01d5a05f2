//! NAL units, as MP4 stores them.

/// The NAL units of a sample, each behind a length of `length_size` bytes; ends at the first length that is too long.
pub(super) fn nal_units(sample: &[u8], length_size: usize) -> impl Iterator<Item = &[u8]> {
    let mut rest = sample;
    std::iter::from_fn(move || {
        let (length, behind) = rest.split_at_checked(length_size)?;
        let length = length.iter().fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte));
        let (unit, after) = behind.split_at_checked(length)?;
        rest = after;
        Some(unit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_cut_by_their_lengths_and_a_lie_ends_the_sample() {
        let sample = [0, 0, 0, 2, 9, 240, 0, 0, 0, 1, 101, 0, 0, 0, 9, 1];
        let units: Vec<&[u8]> = nal_units(&sample, 4).collect();
        assert_eq!(units, [&[9_u8, 240][..], &[101]]);
        assert_eq!(nal_units(&[2, 7, 8, 1, 9], 1).count(), 2);
    }
}
