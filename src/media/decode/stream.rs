//! What the parameter sets of a stream say, and how its samples are cut into NAL units.

use std::path::Path;

use rust_h264::nal::{AvccConfig, NalUnit, SpsInfo, parse_avcc_config, parse_sps_info};

use super::fast::parameter_sets;
#[cfg(feature = "hevc")]
use super::hevc::HevcConfig;
use super::nal::nal_units;
use super::tone::Light;
#[cfg(feature = "hevc")]
use super::tone::ToneMap;
use crate::media::container::VideoTrack;
use crate::media::error::{MediaError, NEXT_FOR_VIDEO};
use crate::media::frame::{Color, UNSPECIFIED};
use crate::media::words;
use crate::model::clip::MAX_DECODED_SIDE_PX;

/// Kinds of NAL units of H.264 that hold a part of a picture.
const SLICES: std::ops::RangeInclusive<u8> = 1..=5;
/// What must be known of a stream before its first sample.
#[derive(Clone, Debug)]
pub(in crate::media) struct StreamFacts {
    /// Bytes of each NAL unit's length: 1 to 4.
    length_size: usize,
    /// Width as stored, cropped, in pixels.
    pub(in crate::media) width_px: u32,
    /// Height as stored, cropped, in pixels.
    pub(in crate::media) height_px: u32,
    /// What the samples of its decoded pictures mean.
    pub(in crate::media) color: Color,
    /// Its high dynamic range or wide colours, which the pictures do not have any more; and whether its range is full.
    mapped: Option<(Light, bool)>,
    pub(super) coding: Coding,
}

/// What only the decoders of a codec need.
#[derive(Clone, Debug)]
pub(super) enum Coding {
    H264(Box<H264>),
    #[cfg(feature = "hevc")]
    Hevc(Box<HevcConfig>),
}

/// An H.264 stream.
#[derive(Clone, Debug)]
pub(super) struct H264 {
    /// The `avcC` record.
    pub(super) avcc: Vec<u8>,
    info: SpsInfo,
}

impl StreamFacts {
    /// Reads the configuration of a track.
    ///
    /// # Errors
    /// [`MediaError::UnsupportedCodec`] for other codecs and features, [`MediaError::Damaged`].
    pub(in crate::media) fn of(track: &VideoTrack, path: &Path) -> Result<Self, MediaError> {
        let facts = match (track.codec.as_str(), &track.avcc, &track.hvcc) {
            ("H.264", Some(avcc), _) => Self::of_h264(avcc, track.colr, path)?,
            #[cfg(feature = "hevc")]
            ("HEVC", _, Some(hvcc)) => Self::of_hevc(hvcc, track.colr, path)?,
            _ => return Err(MediaError::UnsupportedCodec { codec: track.codec.clone(), next: NEXT_FOR_VIDEO }),
        };
        let size_px = (facts.width_px, facts.height_px);
        if size_px.0 == 0 || size_px.1 == 0 || size_px.0.max(size_px.1) > MAX_DECODED_SIDE_PX {
            return Err(MediaError::Limit(words::picture_too_large(size_px, MAX_DECODED_SIDE_PX)));
        }
        Ok(facts)
    }

    fn of_h264(avcc: &[u8], colr: Option<Tags>, path: &Path) -> Result<Self, MediaError> {
        let config = parse_avcc_config(avcc).map_err(|why| MediaError::damaged(path, why))?;
        let info = first_sps(&config)
            .ok_or_else(|| MediaError::damaged(path, "its H.264 configuration (SPS) is missing or broken"))?;
        let stated = (info.primaries, info.transfer, info.matrix, info.full_range);
        let (primaries, transfer, matrix, full) = stated_or(stated, colr);
        Ok(Self {
            length_size: config.length_size,
            width_px: info.width & !1,
            height_px: info.height & !1,
            color: Color::from_tags(primaries, transfer, matrix, full, info.height),
            mapped: None,
            coding: Coding::H264(Box::new(H264 { avcc: avcc.to_owned(), info })),
        })
    }

    #[cfg(feature = "hevc")]
    fn of_hevc(hvcc: &[u8], colr: Option<Tags>, path: &Path) -> Result<Self, MediaError> {
        let config = HevcConfig::read(hvcc).map_err(|why| MediaError::damaged(path, why))?;
        let (width_px, height_px) = config.size_px();
        let (primaries, transfer, matrix, full) = stated_or(config.color_tags(), colr);
        let mapped = Light::of((primaries, transfer, matrix)).map(|light| (light, full));
        let color = match mapped {
            Some(_) => Color::from_tags(1, 1, 1, false, height_px),
            None => Color::from_tags(primaries, transfer, matrix, full, height_px),
        };
        Ok(Self {
            length_size: config.length_size(),
            width_px: width_px & !1,
            height_px: height_px & !1,
            color,
            mapped,
            coding: Coding::Hevc(Box::new(config)),
        })
    }

    /// The usual name of the codec.
    pub(in crate::media) const fn codec(&self) -> &'static str {
        match self.coding {
            Coding::H264(_) => "H.264",
            #[cfg(feature = "hevc")]
            Coding::Hevc(_) => "HEVC",
        }
    }

    /// Whether its samples can stand in a file of our own as they are.
    pub(in crate::media) fn can_be_copied(&self) -> bool {
        match &self.coding {
            Coding::H264(coding) => coding.suits_fast() && self.length_size == 4,
            #[cfg(feature = "hevc")]
            Coding::Hevc(_) => false,
        }
    }

    /// The sequence and the picture parameter sets of an H.264 stream.
    pub(in crate::media) fn parameter_sets(&self) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
        match &self.coding {
            Coding::H264(coding) => parameter_sets(&coding.avcc)
                .into_iter()
                .map(<[u8]>::to_vec)
                .partition(|unit| unit.first().is_some_and(|byte| byte & 0x1f == 7)),
            #[cfg(feature = "hevc")]
            Coding::Hevc(_) => (Vec::new(), Vec::new()),
        }
    }

    /// The high dynamic range of the stream, which its pictures do not have any more: `HLG` or `PQ`.
    pub(in crate::media) fn hdr(&self) -> Option<&'static str> {
        self.mapped.and_then(|(light, _)| light.hdr_name())
    }

    /// The table that its pictures go through, where they are of high dynamic range or in wide colours.
    #[cfg(feature = "hevc")]
    pub(super) fn tone_map(&self) -> Option<&'static ToneMap> {
        self.mapped.map(|(light, full_range)| ToneMap::of(light, full_range))
    }

    /// Whether no other picture refers to this sample: it need not be decoded where it is not shown.
    pub(in crate::media) fn is_disposable(&self, sample: &[u8]) -> bool {
        match &self.coding {
            // `nal_ref_idc` is 0 in all its slices.
            Coding::H264(_) => {
                let mut slices = nal_units(sample, self.length_size)
                    .filter_map(|unit| unit.first())
                    .filter(|head| SLICES.contains(&(*head & 0x1f)))
                    .peekable();
                slices.peek().is_some() && slices.all(|head| head & 0x60 == 0)
            }
            #[cfg(feature = "hevc")]
            Coding::Hevc(config) => config.is_disposable(sample),
        }
    }

    /// The name of a feature that no decoder knows.
    pub(super) fn unsupported(&self) -> Option<String> {
        match &self.coding {
            Coding::H264(coding) => coding.unsupported(),
            #[cfg(feature = "hevc")]
            Coding::Hevc(config) => config.unsupported(),
        }
    }
}

/// Primaries, transfer, matrix, full range.
type Tags = (u8, u8, u8, bool);

/// The stream's own words count; the container's only where it says nothing.
fn stated_or(stated: Tags, colr: Option<Tags>) -> Tags {
    let (primaries, _, matrix, _) = stated;
    colr.filter(|_| matrix == UNSPECIFIED && primaries == UNSPECIFIED).unwrap_or(stated)
}

impl H264 {
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

    fn unsupported(&self) -> Option<String> {
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
