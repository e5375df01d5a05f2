//! Decoding H.264 and HEVC: a small trait, a fast decoder for the usual, a thorough one for the rest. Of HEVC the fast one is the
//! same decoder on several threads.
//!
//! All these decoders are young. They run guarded against their own panics, and what the fast one refuses or stumbles over is decoded
//! again by the thorough one, from the last keyframe where decoding can start.

mod fast;
#[cfg(feature = "hevc")]
mod hevc;
mod nal;
mod planes;
mod stream;
mod thorough;
// Only HEVC is of high dynamic range here.
#[cfg_attr(not(feature = "hevc"), allow(dead_code))]
mod tone;

use super::error::{MediaError, NEXT_FOR_VIDEO};
use super::frame::Frame;
use crate::worker::guarded;

pub(super) use stream::StreamFacts;
use stream::{Coding, H264};

const SETUP: &str = "setting up the decoder";

/// Why a sample could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The bytes are broken, or what they refer to is missing.
    Broken(String),
    /// A feature of the codec this decoder does not know.
    Unsupported(String),
    /// The picture refers to what is before the keyframe that decoding began at: it cannot be shown, and nothing is wrong with it.
    Skipped,
    /// The decoder panicked: it must not be used again.
    Died(String),
}

/// Turns samples, in the order of decoding, into pictures with the time of their sample, in any order.
pub(super) trait VideoDecoder: Send {
    /// Decodes one sample: NAL units, each behind its length, as in MP4.
    fn decode(&mut self, sample: &[u8], pts_us: i64, out: &mut Vec<Frame>) -> Result<(), Fault>;

    /// Gives out what is still held back.
    fn flush(&mut self, out: &mut Vec<Frame>);
}

/// Which decoder works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Fast,
    Thorough,
}

/// A decoder of this stream, guarded against its own panics.
pub(super) struct Guarded {
    which: Which,
    inner: Box<dyn VideoDecoder>,
}

impl Guarded {
    /// The decoder for a stream: the fast one where it may and can.
    pub(super) fn new(facts: &StreamFacts, allow_fast: bool) -> Result<Self, MediaError> {
        if let Some(what) = facts.unsupported() {
            return Err(MediaError::UnsupportedCodec { codec: what, next: NEXT_FOR_VIDEO });
        }
        let made = guarded(|| match &facts.coding {
            Coding::H264(coding) => Self::of_h264(coding, facts, allow_fast),
            #[cfg(feature = "hevc")]
            Coding::Hevc(config) => Self::of_hevc(config, facts, allow_fast),
        });
        match made {
            Ok(Ok(it)) => Ok(it),
            Ok(Err(Fault::Unsupported(what))) => {
                let codec = format!("{} with {what}", facts.codec());
                Err(MediaError::UnsupportedCodec { codec, next: NEXT_FOR_VIDEO })
            }
            Ok(Err(Fault::Broken(why) | Fault::Died(why))) | Err(why) => Err(MediaError::internal(SETUP, why)),
            Ok(Err(Fault::Skipped)) => Err(MediaError::internal(SETUP, "a parameter set is no picture")),
        }
    }

    fn of_h264(coding: &H264, facts: &StreamFacts, allow_fast: bool) -> Result<Self, Fault> {
        if allow_fast
            && coding.suits_fast()
            && let Ok(fast) = fast::Fast::new(coding, facts.color)
        {
            return Ok(Self { which: Which::Fast, inner: Box::new(fast) });
        }
        let inner = Box::new(thorough::Thorough::new(coding, facts.color)?);
        Ok(Self { which: Which::Thorough, inner })
    }

    #[cfg(feature = "hevc")]
    fn of_hevc(config: &hevc::HevcConfig, facts: &StreamFacts, allow_fast: bool) -> Result<Self, Fault> {
        let threads = if allow_fast { hevc::threads() } else { 1 };
        let which = if threads > 1 { Which::Fast } else { Which::Thorough };
        let inner = Box::new(hevc::Hevc::new(config, facts.color, facts.tone_map(), threads)?);
        Ok(Self { which, inner })
    }

    pub(super) const fn which(&self) -> Which {
        self.which
    }

    /// Decodes one sample.
    pub(super) fn decode(&mut self, sample: &[u8], pts_us: i64, out: &mut Vec<Frame>) -> Result<(), Fault> {
        guarded(|| self.inner.decode(sample, pts_us, out)).unwrap_or_else(|panic| Err(Fault::Died(panic)))
    }

    /// Gives out what is still held back.
    pub(super) fn flush(&mut self, out: &mut Vec<Frame>) -> Result<(), Fault> {
        guarded(|| self.inner.flush(out)).map_err(Fault::Died)
    }

    #[cfg(test)]
    pub(super) fn of(which: Which, inner: Box<dyn VideoDecoder>) -> Self {
        Self { which, inner }
    }
}
