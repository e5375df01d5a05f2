//! Opus, as a decoder like symphonia's own, which only demuxes it.

use opus_decoder::OpusDecoder;
use symphonia::core::audio::{
    AsGenericAudioBufferRef as _, AudioBuffer, AudioMut as _, AudioSpec, GenericAudioBufferRef,
};
use symphonia::core::codecs::CodecInfo;
use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, FinalizeResult};
use symphonia::core::errors::{Error, Result};
use symphonia::core::packet::PacketRef;

use super::RATE_HZ;

/// Longest packet: 120 ms (RFC 6716, §2.1.4), in frames.
const MOST_FRAMES: usize = RATE_HZ as usize * 120 / 1000;
/// How an `OpusHead` begins (RFC 7845, §5.1).
const HEAD: &[u8] = b"OpusHead";

const INFO: CodecInfo = CodecInfo { short_name: "opus", long_name: "Opus", profiles: &[] };

/// What the head of a stream says.
#[derive(Debug, PartialEq)]
struct Head {
    channels: usize,
    /// Frames at the beginning that are not to be heard.
    skip: usize,
    /// What every sample is multiplied with.
    gain: f32,
}

impl Head {
    /// Reads an `OpusHead`; `None` for what it is not, and for more than two channels.
    fn read(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(HEAD)?;
        let (&channels, &family) = (rest.get(1)?, rest.get(10)?);
        let word = |at: usize| Some(u16::from_le_bytes([*rest.get(at)?, *rest.get(at + 1)?]));
        let (skip, gain_q8) = (word(2)?, word(8)?.cast_signed());
        // Families beyond 0 have several streams in a packet.
        let is_plain = matches!(channels, 1 | 2) && family == 0;
        let gain = 10_f32.powf(f32::from(gain_q8) / 256.0 / 20.0);
        is_plain.then_some(Self { channels: channels.into(), skip: skip.into(), gain })
    }
}

/// A decoder of Opus in mono or stereo.
pub struct Opus {
    decoder: OpusDecoder,
    params: AudioCodecParameters,
    head: Head,
    /// How much of [`Head::skip`] is still to come.
    skip: usize,
    /// Whether what is padding is cut off.
    gapless: bool,
    block: Vec<f32>,
    decoded: AudioBuffer<f32>,
}

impl Opus {
    /// A decoder for these parameters; `None` where they are not Opus in mono or stereo.
    pub fn new(params: &AudioCodecParameters, gapless: bool) -> Option<Self> {
        if params.codec != CODEC_ID_OPUS {
            return None;
        }
        let head = Head::read(params.extra_data.as_deref()?)?;
        let decoder = OpusDecoder::new(RATE_HZ, head.channels).ok()?;
        let spec = AudioSpec::new(RATE_HZ, params.channels.clone()?);
        Some(Self {
            decoder,
            params: params.clone(),
            skip: if gapless { head.skip } else { 0 },
            gapless,
            block: vec![0.0; MOST_FRAMES * head.channels],
            head,
            decoded: AudioBuffer::new(spec, MOST_FRAMES),
        })
    }

    fn decode_packet(&mut self, packet: &PacketRef<'_>) -> Result<()> {
        let channels = self.head.channels;
        let frames = self
            .decoder
            .decode_float(packet.data, &mut self.block, false)
            .map_err(|_| Error::DecodeError("opus: a packet makes no sense"))?;
        let heard = &mut self.block[..frames * channels];
        for sample in &mut *heard {
            *sample *= self.head.gain;
        }
        self.decoded.clear();
        self.decoded.resize_with_silence(frames);
        self.decoded.copy_from_slice_interleaved(&heard);
        if self.gapless {
            let skipped = self.skip.min(frames);
            self.skip -= skipped;
            self.decoded.trim(skipped, usize::try_from(packet.trim_end.get()).unwrap_or(usize::MAX));
        }
        Ok(())
    }
}

impl AudioDecoder for Opus {
    fn reset(&mut self) {
        self.decoder.reset();
    }

    fn codec_info(&self) -> &CodecInfo {
        &INFO
    }

    fn codec_params(&self) -> &AudioCodecParameters {
        &self.params
    }

    fn decode_ref(&mut self, packet: &PacketRef<'_>) -> Result<GenericAudioBufferRef<'_>> {
        if let Err(err) = self.decode_packet(packet) {
            self.decoded.clear();
            return Err(err);
        }
        Ok(self.decoded.as_generic_audio_buffer_ref())
    }

    fn finalize(&mut self) -> FinalizeResult {
        FinalizeResult::default()
    }

    fn last_decoded(&self) -> GenericAudioBufferRef<'_> {
        self.decoded.as_generic_audio_buffer_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(channels: u8, gain_q8: i16, family: u8) -> Vec<u8> {
        let [low, high] = gain_q8.to_le_bytes();
        [HEAD, &[1, channels, 0x38, 1, 0x80, 0xbb, 0, 0, low, high, family]].concat()
    }

    #[test]
    fn a_head_says_channels_skip_and_gain() {
        assert_eq!(Head::read(&head(2, 0, 0)), Some(Head { channels: 2, skip: 312, gain: 1.0 }));
        let quiet = Head::read(&head(1, -1_541, 0)).unwrap();
        assert!((quiet.gain - 0.5).abs() < 0.001, "6 dB less: {}", quiet.gain);
    }

    #[test]
    fn what_is_no_head_or_has_more_streams_is_left() {
        assert_eq!(Head::read(&head(6, 0, 1)), None);
        assert_eq!(Head::read(&head(0, 0, 0)), None);
        assert_eq!(Head::read(b"OpusTags and more than nineteen bytes"), None);
        let whole = head(1, 0, 0);
        for length in 0..whole.len() {
            assert_eq!(Head::read(&whole[..length]), None, "{length} bytes");
        }
    }
}
