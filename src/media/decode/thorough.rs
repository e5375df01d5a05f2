//! The thorough decoder of H.264: also interlaced, 10 bit and 4:2:2.

use rust_h264::decoder::OrderedDecoder;
use rust_h264::error::DecodeError;
use rust_h264::nal::{parse_avcc, parse_avcc_config};

use super::stream::H264;
use super::{Fault, VideoDecoder, planes};
use crate::media::frame::{Color, Frame};

pub(super) struct Thorough {
    /// Carries each picture's time; the order is put right by the reader, which knows all times.
    decoder: OrderedDecoder<i64>,
    length_size: usize,
    color: Color,
}

impl Thorough {
    pub(super) fn new(coding: &H264, color: Color) -> Result<Self, Fault> {
        let config = parse_avcc_config(&coding.avcc).map_err(|why| Fault::Broken(why.to_owned()))?;
        let mut decoder = OrderedDecoder::with_max_depth(1);
        for unit in config.sps_nals.iter().chain(&config.pps_nals) {
            decoder.decode_nal_with_meta(unit, 0).map_err(fault)?;
        }
        Ok(Self { decoder, length_size: config.length_size, color })
    }

    fn frame(&self, picture: &rust_h264::decoder::Frame, pts_us: i64) -> Result<Frame, Fault> {
        let size = (picture.width & !1, picture.height & !1);
        Frame::new(size, pts_us, self.color, planes::to_8_bit_420(picture))
            .map_err(|err| Fault::Broken(err.to_string()))
    }
}

impl VideoDecoder for Thorough {
    fn decode(&mut self, sample: &[u8], pts_us: i64, out: &mut Vec<Frame>) -> Result<(), Fault> {
        for unit in parse_avcc(sample, self.length_size) {
            for (picture, pts_us) in self.decoder.decode_nal_with_meta(&unit, pts_us).map_err(fault)? {
                out.push(self.frame(&picture, pts_us)?);
            }
        }
        Ok(())
    }

    fn flush(&mut self, out: &mut Vec<Frame>) {
        for (picture, pts_us) in self.decoder.flush_with_meta() {
            match self.frame(&picture, pts_us) {
                Ok(frame) => out.push(frame),
                Err(why) => tracing::warn!(?why, "a last picture was left out"),
            }
        }
    }
}

fn fault(err: DecodeError) -> Fault {
    match err {
        DecodeError::Unsupported(what) => Fault::Unsupported(what.to_owned()),
        other => Fault::Broken(other.to_string()),
    }
}
