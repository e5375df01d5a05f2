//! The decoder of HEVC: 4:2:0 in 8 and 10 bit.
//!
//! It gives pictures without their times, in the order of decoding, one for each sample. On several threads it gives them late; which
//! picture is of which sample is known by counting then, and checked by the order in which they are shown. At the first fault the
//! reader begins again at the last keyframe with one thread, which gives each picture with its own sample.

mod config;
mod sps;

use std::collections::VecDeque;

use rust_h265::{DecodeError, DecodeLimits, Decoder, Frame as Picture, PixelData, parse_nal};

use super::nal::nal_units;
use super::tone::ToneMap;
use super::{Fault, VideoDecoder, planes};
use crate::media::frame::{Color, Frame};

pub(super) use config::HevcConfig;
use config::{Role, is_base_layer, role};

/// Threads that decode; more take more memory for every picture than they save time.
const MOST_THREADS: usize = 4;
/// The largest picture, in pixels, and its memory.
const LIMITS: DecodeLimits =
    DecodeLimits { max_picture_pixels: 4_096 * 2_304, max_picture_memory_bytes: 256 * 1024 * 1024 };
/// An access unit delimiter: the picture before it is complete.
const DELIMITER: [u8; 3] = [35 << 1, 1, 0x50];

/// How many threads are worth it here.
pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(MOST_THREADS)
}

pub(super) struct Hevc {
    decoder: Decoder,
    threads: usize,
    length_size: usize,
    color: Color,
    tone: Option<&'static ToneMap>,
    /// What was given to the decoder and has not come back.
    inside: VecDeque<Due>,
    /// The last picture that came back, where the next is of the same sequence: its number and time.
    last: Option<(i32, i64)>,
    /// Whether a keyframe was decoded, and those that refer to what is before it are left out.
    started: bool,
    leaves_leading_out: bool,
}

/// A picture on its way.
struct Due {
    pts_us: i64,
    /// Numbers begin anew with it.
    renumbers: bool,
}

impl Hevc {
    pub(super) fn new(
        config: &HevcConfig,
        color: Color,
        tone: Option<&'static ToneMap>,
        threads: usize,
    ) -> Result<Self, Fault> {
        let mut decoder = Decoder::with_limits(LIMITS).with_threads(threads);
        for unit in &config.sets {
            if let Some(unit) = parse_nal(unit) {
                decoder.decode_nal(&unit).map_err(fault)?;
            }
        }
        Ok(Self {
            decoder,
            threads,
            length_size: config.length_size,
            color,
            tone,
            inside: VecDeque::new(),
            last: None,
            started: false,
            leaves_leading_out: false,
        })
    }

    /// Whether this sample is decoded. It is not where it lacks what it refers to.
    fn admits(&mut self, role: Role) -> bool {
        match role {
            Role::Keyframe { fresh } => {
                self.leaves_leading_out = fresh || !self.started;
                self.started = true;
                true
            }
            Role::Leading => self.started && !self.leaves_leading_out,
            Role::Other => self.started,
            Role::Nothing => true,
        }
    }

    fn push(&mut self, unit: &[u8], out: &mut Vec<Frame>) -> Result<(), Fault> {
        let Some(unit) = parse_nal(unit) else { return Err(Fault::Broken("a NAL unit makes no sense".to_owned())) };
        match self.decoder.decode_nal(&unit).map_err(fault)? {
            Some(picture) => self.take(&picture).map(|frame| out.push(frame)),
            None => Ok(()),
        }
    }

    /// Gives a picture its time.
    fn take(&mut self, picture: &Picture) -> Result<Frame, Fault> {
        let Some(due) = self.inside.pop_front() else { return Err(Fault::Broken("a picture too many".to_owned())) };
        let number = picture.pic_order_cnt;
        if let Some((before, before_us)) = self.last.filter(|_| !due.renumbers)
            && number.cmp(&before) != due.pts_us.cmp(&before_us)
        {
            return Err(Fault::Broken("the order of its pictures contradicts their times".to_owned()));
        }
        self.last = Some((number, due.pts_us));
        self.frame(picture, due.pts_us)
    }

    fn frame(&self, picture: &Picture, pts_us: i64) -> Result<Frame, Fault> {
        let size = (picture.width as usize, picture.height as usize);
        let planes = match (&picture.y, &picture.u, &picture.v) {
            (PixelData::U8(y), PixelData::U8(u), PixelData::U8(v)) => {
                let (y, u, v) = planes::even_420(y, u, v, size);
                match self.tone {
                    Some(tone) => tone.map((&widened(&y), &widened(&u), &widened(&v)), size.0 & !1),
                    None => (y, u, v),
                }
            }
            (PixelData::U16(y), PixelData::U16(u), PixelData::U16(v)) => {
                let (y, u, v) = planes::even_420(y, u, v, size);
                match self.tone {
                    Some(tone) => tone.map((&y, &u, &v), size.0 & !1),
                    None => (narrowed(&y), narrowed(&u), narrowed(&v)),
                }
            }
            _ => return Err(Fault::Unsupported("luma and chroma of different depths".to_owned())),
        };
        let size = (picture.width & !1, picture.height & !1);
        Frame::new(size, pts_us, self.color, planes).map_err(|err| Fault::Broken(err.to_string()))
    }
}

impl VideoDecoder for Hevc {
    fn decode(&mut self, sample: &[u8], pts_us: i64, out: &mut Vec<Frame>) -> Result<(), Fault> {
        let units: Vec<&[u8]> = nal_units(sample, self.length_size).filter(|unit| is_base_layer(unit)).collect();
        let role = role(&units);
        if !self.admits(role) {
            return Err(Fault::Skipped);
        }
        let has_picture = role != Role::Nothing;
        if has_picture {
            let renumbers = matches!(role, Role::Keyframe { fresh } if fresh || self.leaves_leading_out);
            self.inside.push_back(Due { pts_us, renumbers });
        }
        let mut pushed = Ok(());
        for unit in units.into_iter().chain([&DELIMITER[..]]) {
            pushed = pushed.and(self.push(unit, out));
        }
        if self.threads > 1 {
            return pushed;
        }
        // With one thread the picture is there now, or never comes. A broken one is filled with grey: it is left out.
        if pushed.is_err() {
            out.clear();
            self.inside.clear();
            self.last = None;
            return pushed;
        }
        if self.inside.is_empty() {
            return Ok(());
        }
        self.inside.clear();
        Err(Fault::Broken("a sample gave no picture".to_owned()))
    }

    fn flush(&mut self, out: &mut Vec<Frame>) {
        while let Some(picture) = self.decoder.flush() {
            match self.take(&picture) {
                Ok(frame) => out.push(frame),
                Err(why) => tracing::warn!(?why, "a last picture was left out"),
            }
        }
    }
}

/// 10 bit samples, rounded to 8 bit.
fn narrowed(plane: &[u16]) -> Vec<u8> {
    plane.iter().map(|sample| ((sample + 2) >> 2).min(255) as u8).collect()
}

fn widened(plane: &[u8]) -> Vec<u16> {
    plane.iter().map(|sample| u16::from(*sample) << 2).collect()
}

fn fault(err: DecodeError) -> Fault {
    match err {
        DecodeError::Unsupported(what) => Fault::Unsupported(what.to_owned()),
        other => Fault::Broken(other.to_string()),
    }
}
