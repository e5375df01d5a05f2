//! Encoding sound as AAC.

use syom::{EncodeContainer, EncodeOptions, Encoder};

use crate::media::error::MediaError;
use crate::media::sound::{CHANNELS, RATE_HZ};

const STAGE: &str = "encoding the sound";
/// Transparent for speech and music alike.
const BITRATE_BPS: u32 = 192_000;
/// Frames of one packet.
pub(super) const PACKET_FRAMES: u32 = 1_024;

/// Turns stereo at 48 kHz into packets of [`PACKET_FRAMES`] frames.
pub(super) trait SoundEncoder: Send {
    /// The `AudioSpecificConfig`.
    fn config(&self) -> &[u8];

    /// Encodes a block, left and right in turn, of any length; `None` ends the sound.
    fn encode(&mut self, block: Option<&[f32]>, packets: &mut Vec<Vec<u8>>) -> Result<(), MediaError>;
}

/// syom's AAC-LC. Its first packet is the priming, and is left out: then the second begins at time 0.
pub(super) struct Syom {
    encoder: Encoder,
    primed: bool,
    any: bool,
}

impl Syom {
    pub(super) fn new() -> Result<Self, MediaError> {
        // The struct grows with the crate, so it cannot be written out whole.
        let mut options = EncodeOptions::default();
        options.container = EncodeContainer::Raw;
        options.bitrate_bps = BITRATE_BPS;
        let encoder =
            Encoder::new(RATE_HZ, CHANNELS, &options).map_err(|err| MediaError::internal(STAGE, err.to_string()))?;
        Ok(Self { encoder, primed: false, any: false })
    }
}

impl SoundEncoder for Syom {
    fn config(&self) -> &[u8] {
        self.encoder.asc()
    }

    fn encode(&mut self, block: Option<&[f32]>, packets: &mut Vec<Vec<u8>>) -> Result<(), MediaError> {
        let fail = |err: syom::AacError| MediaError::internal(STAGE, err.to_string());
        let primed = &mut self.primed;
        let take = |frame: syom::EncodedFrame<'_>| {
            if std::mem::replace(primed, true) {
                packets.push(frame.payload.to_vec());
            }
            Ok(())
        };
        if let Some(block) = block.filter(|block| !block.is_empty()) {
            self.any = true;
            let side = |at: usize| -> Vec<f32> {
                let clean = |s: &f32| if s.is_finite() { s.clamp(-1.0, 1.0) } else { 0.0 };
                block.iter().skip(at).step_by(CHANNELS).map(clean).collect()
            };
            let (left, right) = (side(0), side(1));
            self.encoder.feed(&[&left, &right], take).map_err(fail)?;
        } else if block.is_none() && self.any {
            self.encoder.finish(take).map_err(fail)?;
        }
        Ok(())
    }
}
