//! What the parameter sets of a stream say, and how its samples are cut into NAL units.

use rust_h264::nal::{AvccConfig, NalUnit, SpsInfo, parse_avcc_config, parse_sps_info};

use crate::media::container::VideoTrack;
use crate::media::error::{MediaError, NEXT_FOR_VIDEO};
use crate::media::frame::Color;
use crate::media::words;

/// Kinds of NAL units that hold a part of a picture.
const SLICES: std::ops::RangeInclusive<u8> = 1..=5;
/// Larger pictures than any service takes would only eat memory.
const MAX_SIDE_PX: u32 = 4_096;

/// What must be known of a stream before its first sample.
#[derive(Clone, Debug)]
pub(in crate::media) struct StreamFacts {
    /// The `avcC` record.
    pub(super) avcc: Vec<u8>,
    /// Bytes of each NAL unit's length: 1, 2 or 4.
    pub(super) length_size: usize,
    /// Width as stored, cropped, in pixels.
    pub(in crate::media) width_px: u32,
    /// Height as stored, cropped, in pixels.
    pub(in crate::media) height_px: u32,
    pub(in crate::media) color: Color,
    info: SpsInfo,
}

impl StreamFacts {
    /// Reads the configuration of an H.264 track.
    ///
    /// # Errors
    /// [`MediaError::UnsupportedCodec`] for other codecs and features, [`MediaError::Damaged`].
    pub(in crate::media) fn of(track: &VideoTrack, path: &std::path::Path) -> Result<Self, MediaError> {
        let Some(avcc) = track.avcc.clone().filter(|_| track.codec == "H.264") else {
            return Err(MediaError::UnsupportedCodec { codec: track.codec.clone(), next: NEXT_FOR_VIDEO });
        };
        let config = parse_avcc_config(&avcc).map_err(|why| MediaError::damaged(path, why))?;
        let info = first_sps(&config)
            .ok_or_else(|| MediaError::damaged(path, "its H.264 configuration (SPS) is missing or broken"))?;
        let length_size = config.length_size;
        if info.width == 0 || info.height == 0 || info.width.max(info.height) > MAX_SIDE_PX {
            return Err(MediaError::Limit(words::picture_too_large((info.width, info.height), MAX_SIDE_PX)));
        }
        let (primaries, transfer, matrix, full) = match track.colr {
            // The stream's own words count; the container's only where it says nothing.
            Some(tags) if info.matrix == 2 && info.primaries == 2 => tags,
            _ => (info.primaries, info.transfer, info.matrix, info.full_range),
        };
        let color = Color::from_tags(primaries, transfer, matrix, full, info.height);
        Ok(Self { length_size, width_px: info.width & !1, height_px: info.height & !1, color, info, avcc })
    }

    /// Whether no other picture refers to this sample: it need not be decoded where it is not shown (`nal_ref_idc` is 0 in all its slices).
    pub(in crate::media) fn is_disposable(&self, sample: &[u8]) -> bool {
        let mut slices = nal_units(sample, self.length_size)
            .filter_map(|unit| unit.first())
            .filter(|head| SLICES.contains(&(*head & 0x1f)))
            .peekable();
        slices.peek().is_some() && slices.all(|head| head & 0x60 == 0)
    }

    /// Whether the fast decoder knows everything this stream announces.
    pub(super) fn suits_fast(&self) -> bool {
        let info = &self.info;
        info.progressive
            && info.chroma_format == 1
            && info.bit_depth_luma == 8
            && info.bit_depth_chroma == 8
            && info.width.is_multiple_of(2)
            && info.height.is_multiple_of(2)
    }

    /// The name of a feature that neither decoder knows.
    pub(super) fn unsupported(&self) -> Option<String> {
        let info = &self.info;
        if info.chroma_format == 3 {
            return Some("H.264 with 4:4:4 chroma".to_owned());
        }
        let depths = (info.bit_depth_luma, info.bit_depth_chroma);
        (!matches!(depths, (8, 8) | (10, 10))).then(|| format!("H.264 with {} bits a sample", depths.0))
    }
}

fn first_sps(config: &AvccConfig<'_>) -> Option<SpsInfo> {
    config.sps_nals.iter().find_map(|nal: &NalUnit<'_>| parse_sps_info(nal).ok())
}

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
