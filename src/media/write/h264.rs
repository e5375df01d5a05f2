//! Encoding pictures as H.264.

use openh264::OpenH264API;
use openh264::encoder::{
    BitRate, ColorPrimaries, Encoder, EncoderConfig, FrameRate, FrameType, MatrixCoefficients, Profile, QpRange,
    RateControlMode, TransferCharacteristics, UsageType, VuiConfig,
};
use openh264::formats::YUVSlices;

use super::VideoFormat;
use crate::media::error::MediaError;
use crate::media::frame::{Color, Frame, UNSPECIFIED};
use crate::media::words;

const STAGE: &str = "encoding the picture";
/// The sizes that openh264 accepts, in pixels.
const LEAST_SIDE_PX: u32 = 16;
const MOST_SIDES_PX: (u32, u32) = (3_840, 2_160);
/// Bits a pixel at which a talking head cannot be distinguished from its original.
const BITS_PER_PIXEL: f64 = 0.2;

/// One encoded picture.
pub(super) struct Encoded {
    /// NAL units, each behind its length in 4 bytes, without parameter sets.
    pub(super) sample: Vec<u8>,
    pub(super) keyframe: bool,
}

/// Turns pictures, in the order of showing, into samples of the same order.
pub(super) trait VideoEncoder: Send {
    fn encode(&mut self, frame: &Frame) -> Result<Encoded, MediaError>;

    /// Sets the distance of keyframes, in pictures.
    fn keyframe_every(&mut self, frames: usize);

    /// Sets the bits a second that are not to be exceeded for long, where that is less than usual.
    fn at_most_bps(&mut self, bps: f64);

    /// Sequence and picture parameter sets; available once the first picture is encoded.
    fn parameter_sets(&self) -> (&[u8], &[u8]);
}

/// openh264, a new encoder for every two seconds, each of which begins with a keyframe.
///
/// Within a stretch the quality is constant; between them it follows the bits that were needed. The encoder's own rate
/// control either drops pictures, which a result must not, or complains on the terminal that it may not.
pub(super) struct OpenH264 {
    config: EncoderConfig,
    encoder: Option<Encoder>,
    stretch_frames: usize,
    /// Pictures and bits of the current stretch.
    frames: usize,
    bits: f64,
    /// Bits of a stretch that are not to be exceeded for long.
    most_bits: f64,
    /// Quantizer: 19 cannot be distinguished from the original, 30 can.
    qp: u8,
    sps: Vec<u8>,
    pps: Vec<u8>,
}

const BEST_QP: u8 = 19;
const WORST_QP: u8 = 32;
/// How far the encoder may go from the quantizer where the eye sees less.
const QP_SLACK: u8 = 3;
const STRETCH_SECONDS: f64 = 2.0;

impl OpenH264 {
    pub(super) fn new(format: &VideoFormat) -> Result<Self, MediaError> {
        let (long, short) = (format.width_px.max(format.height_px), format.width_px.min(format.height_px));
        if short < LEAST_SIDE_PX || long > MOST_SIDES_PX.0 || short > MOST_SIDES_PX.1 {
            let size_px = (format.width_px, format.height_px);
            return Err(MediaError::Limit(words::not_encodable(size_px, LEAST_SIDE_PX, MOST_SIDES_PX)));
        }
        let fps = format.fps.clamp(1.0, 120.0);
        let pixels = f64::from(format.width_px) * f64::from(format.height_px);
        // Small pictures need more bits a pixel.
        let bits = pixels * fps * BITS_PER_PIXEL * (640.0 * 360.0 / pixels).clamp(0.9, 2.0);
        let bits = bits.clamp(400_000.0, 40_000_000.0);
        let mut config = EncoderConfig::new()
            .bitrate(BitRate::from_bps(bits as u32))
            .max_frame_rate(FrameRate::from_hz(fps as f32))
            .rate_control_mode(RateControlMode::Bufferbased)
            .skip_frames(false)
            .usage_type(UsageType::CameraVideoRealTime)
            .profile(Profile::High)
            .num_threads(1);
        if let Some(vui) = vui(format.color) {
            config = config.vui(vui);
        }
        Ok(Self {
            config,
            encoder: None,
            stretch_frames: ((fps * STRETCH_SECONDS).round() as usize).max(2),
            frames: 0,
            bits: 0.0,
            most_bits: bits * STRETCH_SECONDS,
            qp: BEST_QP + 1,
            sps: Vec::new(),
            pps: Vec::new(),
        })
    }

    /// The encoder for the next picture: a new one where a stretch begins.
    fn ready(&mut self) -> Result<&mut Encoder, MediaError> {
        if self.frames >= self.stretch_frames {
            self.qp = next_qp(self.qp, self.bits / self.most_bits);
            self.encoder = None;
            self.frames = 0;
            self.bits = 0.0;
        }
        let encoder = if let Some(encoder) = self.encoder.take() {
            encoder
        } else {
            let config = self.config.qp(QpRange::new(self.qp, self.qp + QP_SLACK));
            Encoder::with_api_config(OpenH264API::from_source(), config)
                .map_err(|err| MediaError::internal(STAGE, err.to_string()))?
        };
        Ok(self.encoder.insert(encoder))
    }
}

/// The quantizer after a stretch that took `used` times its bits: six steps halve them.
fn next_qp(qp: u8, used: f64) -> u8 {
    let steps = (used.max(1e-6).log2() * 6.0).round();
    // The quality decreases immediately and increases slowly.
    let steps = if steps > 0.0 { steps } else { (steps + 3.0).clamp(-2.0, 0.0) };
    (f64::from(qp) + steps).clamp(f64::from(BEST_QP), f64::from(WORST_QP)) as u8
}

impl VideoEncoder for OpenH264 {
    fn encode(&mut self, frame: &Frame) -> Result<Encoded, MediaError> {
        let (width, height) = (frame.width_px() as usize, frame.height_px() as usize);
        let source = YUVSlices::new((frame.y(), frame.u(), frame.v()), (width, height), (width, width / 2, width / 2));
        let stream = self.ready()?.encode(&source).map_err(|err| MediaError::internal(STAGE, err.to_string()))?;
        let keyframe = stream.frame_type() == FrameType::IDR;
        let (mut sample, mut sets) = (Vec::new(), Vec::new());
        for layer in (0..stream.num_layers()).filter_map(|at| stream.layer(at)) {
            for unit in (0..layer.nal_count()).filter_map(|at| layer.nal_unit(at)) {
                let unit = without_start_code(unit);
                match unit.first().map(|byte| byte & 0x1f) {
                    Some(7 | 8) => sets.push(unit.to_vec()),
                    Some(_) => {
                        sample.extend_from_slice(&(unit.len() as u32).to_be_bytes());
                        sample.extend_from_slice(unit);
                    }
                    None => {}
                }
            }
        }
        for unit in sets {
            let known = if unit.first().is_some_and(|byte| byte & 0x1f == 7) { &mut self.sps } else { &mut self.pps };
            if known.is_empty() {
                *known = unit;
            } else if *known != unit {
                return Err(MediaError::internal(STAGE, "the parameter sets changed within the clip"));
            }
        }
        self.frames += 1;
        self.bits += sample.len() as f64 * 8.0;
        if sample.is_empty() {
            return Err(MediaError::internal(STAGE, format!("no bytes for the picture at {} µs", frame.pts_us)));
        }
        Ok(Encoded { sample, keyframe })
    }

    fn keyframe_every(&mut self, frames: usize) {
        self.most_bits *= frames as f64 / self.stretch_frames as f64;
        self.stretch_frames = frames;
    }

    fn at_most_bps(&mut self, bps: f64) {
        self.most_bits = self.most_bits.min(bps * STRETCH_SECONDS);
    }

    fn parameter_sets(&self) -> (&[u8], &[u8]) {
        (&self.sps, &self.pps)
    }
}

fn without_start_code(unit: &[u8]) -> &[u8] {
    unit.strip_prefix(&[0, 0, 0, 1]).or_else(|| unit.strip_prefix(&[0, 0, 1])).unwrap_or(unit)
}

/// The colour words of the stream: those of the clip, or none where it has none.
fn vui(color: Color) -> Option<VuiConfig> {
    let tagged = [color.primaries, color.transfer, color.matrix_tag].iter().any(|tag| *tag != UNSPECIFIED);
    if !tagged && !color.full_range {
        return None;
    }
    let primaries = match color.primaries {
        1 => ColorPrimaries::Bt709,
        4 => ColorPrimaries::Bt470M,
        5 => ColorPrimaries::Bt470BG,
        6 => ColorPrimaries::Smpte170M,
        7 => ColorPrimaries::Smpte240M,
        8 => ColorPrimaries::Film,
        9 => ColorPrimaries::Bt2020,
        _ => ColorPrimaries::Unspecified,
    };
    let transfer = match color.transfer {
        1 => TransferCharacteristics::Bt709,
        4 => TransferCharacteristics::Bt470M,
        5 => TransferCharacteristics::Bt470Bg,
        6 => TransferCharacteristics::Smpte170M,
        7 => TransferCharacteristics::Smpte240M,
        8 => TransferCharacteristics::Linear,
        13 => TransferCharacteristics::Srgb,
        14 => TransferCharacteristics::Bt2020_10,
        15 => TransferCharacteristics::Bt2020_12,
        16 => TransferCharacteristics::Smpte2084,
        18 => TransferCharacteristics::Hlg,
        _ => TransferCharacteristics::Unspecified,
    };
    let matrix = match color.matrix_tag {
        1 => MatrixCoefficients::Bt709,
        5 => MatrixCoefficients::Bt470Bg,
        6 => MatrixCoefficients::Smpte170M,
        7 => MatrixCoefficients::Smpte240M,
        9 => MatrixCoefficients::Bt2020Ncl,
        10 => MatrixCoefficients::Bt2020Cl,
        _ => MatrixCoefficients::Unspecified,
    };
    Some(
        VuiConfig::bt709()
            .color_primaries(primaries)
            .transfer_characteristics(transfer)
            .matrix_coefficients(matrix)
            .full_range(color.full_range),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quality_follows_the_bits_and_stays_within_its_bounds() {
        assert_eq!(next_qp(20, 2.0), 26, "twice the bits: six steps");
        assert_eq!(next_qp(20, 1.0), 20);
        assert_eq!(next_qp(26, 0.5), 24, "better by two at most");
        assert_eq!(next_qp(26, 0.8), 26);
        assert_eq!((next_qp(30, 100.0), next_qp(19, 0.0)), (WORST_QP, BEST_QP));
    }

    #[test]
    fn every_two_seconds_decoding_can_start_and_the_parameter_sets_stay() {
        let format = VideoFormat { width_px: 64, height_px: 48, fps: 10.0, frames: 50, color: Color::untagged(48) };
        let mut encoder = OpenH264::new(&format).unwrap();
        let mut keys = Vec::new();
        for n in 0..50_u8 {
            let mut frame = Frame::filled(64, 48, [100, 120, 130]);
            for (at, sample) in frame.planes_mut().0.iter_mut().enumerate() {
                *sample = (at as u8).wrapping_mul(3).wrapping_add(n) / 2 + 40;
            }
            if encoder.encode(&frame).unwrap().keyframe {
                keys.push(n);
            }
        }
        assert_eq!(keys, [0, 20, 40]);
    }
}
