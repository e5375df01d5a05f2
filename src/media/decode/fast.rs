//! The fast decoder of H.264: progressive, 8 bit, 4:2:0.

use rust_h264::nal::parse_avcc_config;
use rusty_h264_decoder::{DecodeError, Decoder};

use super::nal::nal_units;
use super::stream::H264;
use super::{Fault, VideoDecoder};
use crate::media::frame::{Color, Frame};

/// Kinds of NAL units a picture is made of; the rest (messages, delimiters, padding) is left out.
const SLICE: u8 = 1;
const SLICE_IDR: u8 = 5;
const SPS: u8 = 7;
const PPS: u8 = 8;
/// Data partitions, which it does not know.
const PARTITIONS: std::ops::RangeInclusive<u8> = 2..=4;

pub(super) struct Fast {
    decoder: Decoder,
    length_size: usize,
    color: Color,
    /// One sample with start codes.
    annex_b: Vec<u8>,
}

impl Fast {
    pub(super) fn new(coding: &H264, color: Color) -> Result<Self, Fault> {
        let config = parse_avcc_config(&coding.avcc).map_err(|why| Fault::Broken(why.to_owned()))?;
        let mut fast = Self { decoder: Decoder::new(), length_size: config.length_size, color, annex_b: Vec::new() };
        // The sets are in the record as they were in the stream: length of 2 bytes each.
        for unit in parameter_sets(&coding.avcc) {
            fast.push(unit);
        }
        fast.run(0).map(|_| fast)
    }

    fn push(&mut self, unit: &[u8]) {
        self.annex_b.extend_from_slice(&[0, 0, 0, 1]);
        self.annex_b.extend_from_slice(unit);
    }

    fn run(&mut self, pts_us: i64) -> Result<Option<Frame>, Fault> {
        let decoded = self.decoder.decode(&self.annex_b);
        self.annex_b.clear();
        match decoded {
            Ok(None) => Ok(None),
            Ok(Some(p)) => Frame::new((p.width as u32, p.height as u32), pts_us, self.color, (p.y, p.u, p.v))
                .map(Some)
                .map_err(|err| Fault::Broken(err.to_string())),
            Err(DecodeError::Unsupported(what)) => Err(Fault::Unsupported(what.to_owned())),
            Err(err) => Err(Fault::Broken(err.to_string())),
        }
    }
}

impl VideoDecoder for Fast {
    fn decode(&mut self, sample: &[u8], pts_us: i64, out: &mut Vec<Frame>) -> Result<(), Fault> {
        let mut slices = 0;
        for unit in nal_units(sample, self.length_size) {
            match unit.first().map(|byte| byte & 0x1f) {
                Some(SLICE | SLICE_IDR) => {
                    slices += 1;
                    self.push(unit);
                }
                Some(SPS | PPS) => self.push(unit),
                Some(kind) if PARTITIONS.contains(&kind) => {
                    self.annex_b.clear();
                    return Err(Fault::Unsupported("data partitions".to_owned()));
                }
                _ => {}
            }
        }
        match self.run(pts_us)? {
            Some(frame) => {
                out.push(frame);
                Ok(())
            }
            // Every sample with slices is a picture: one that comes late would get the next one's time.
            None if slices > 0 => Err(Fault::Broken("a sample gave no picture".to_owned())),
            None => Ok(()),
        }
    }

    fn flush(&mut self, _out: &mut Vec<Frame>) {}
}

/// The parameter sets of an `avcC` record, without their lengths.
pub(super) fn parameter_sets(avcc: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut rest = avcc.get(5..).unwrap_or_default();
    for mask in [0x1f, 0xff] {
        let Some((count, behind)) = rest.split_first() else { break };
        rest = behind;
        for _ in 0..count & mask {
            let Some((length, behind)) = rest.split_at_checked(2) else { return found };
            let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
            let Some((unit, after)) = behind.split_at_checked(length) else { return found };
            found.push(unit);
            rest = after;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameter_sets_are_taken_from_the_record_whole() {
        let record = [1, 100, 0, 31, 0xff, 0xe1, 0, 3, 0x67, 1, 2, 1, 0, 2, 0x68, 3];
        assert_eq!(parameter_sets(&record), [&[0x67_u8, 1, 2][..], &[0x68, 3]]);
        assert_eq!(parameter_sets(&record[..9]).len(), 0);
        assert_eq!(parameter_sets(&[]).len(), 0);
    }
}
