//! Decoding H.264: a small trait, a fast decoder for the usual, a thorough one for the rest.
//!
//! Both decoders are young. They run guarded against their own panics, and what the fast one refuses or stumbles over is decoded
//! again by the thorough one, from the last keyframe where decoding can start.

mod fast;
mod planes;
mod stream;
mod thorough;

use super::error::{MediaError, NEXT_FOR_VIDEO};
use super::frame::Frame;
use crate::worker::guarded;

pub(super) use stream::StreamFacts;

/// Why a sample could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The bytes are broken, or what they refer to is missing.
    Broken(String),
    /// A feature of H.264 this decoder does not know.
    Unsupported(String),
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
        let made = guarded(|| {
            if allow_fast
                && facts.suits_fast()
                && let Ok(fast) = fast::Fast::new(facts)
            {
                return Ok((Which::Fast, Box::new(fast) as Box<dyn VideoDecoder>));
            }
            thorough::Thorough::new(facts).map(|it| (Which::Thorough, Box::new(it) as Box<dyn VideoDecoder>))
        });
        match made {
            Ok(Ok((which, inner))) => Ok(Self { which, inner }),
            Ok(Err(Fault::Unsupported(what))) => {
                Err(MediaError::UnsupportedCodec { codec: format!("H.264 with {what}"), next: NEXT_FOR_VIDEO })
            }
            Ok(Err(Fault::Broken(why) | Fault::Died(why))) | Err(why) => {
                Err(MediaError::internal("setting up the decoder", why))
            }
        }
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
