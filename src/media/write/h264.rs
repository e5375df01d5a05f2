//! Encoding pictures as H.264.

use openh264::OpenH264API;
use openh264::encoder::{
    BitRate, ColorPrimaries, Encoder, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, MatrixCoefficients,
    Profile, QpRange, RateControlMode, TransferCharacteristics, UsageType, VuiConfig,
};
use openh264::formats::YUVSlices;

use super::VideoFormat;
use crate::media::error::MediaError;
use crate::media::frame::{Color, Frame, UNSPECIFIED};

const STAGE: &str = "encoding the picture";
/// What openh264 takes, in pixels.
const LEAST_SIDE_PX: u32 = 16;
const MOST_SIDES_PX: (u32, u32) = (3_840, 2_160);
/// Bits a pixel at which a talking head cannot be told from its original.
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

    /// Sequence and picture parameter sets; there once the first picture is encoded.
    fn parameter_sets(&self) -> (&[u8], &[u8]);
}

/// openh264: the first picture and every two seconds a picture where decoding can start; no pictures out of order.
pub(super) struct OpenH264 {
    encoder: Encoder,
    sps: Vec<u8>,
    pps: Vec<u8>,
}

impl OpenH264 {
    pub(super) fn new(format: &VideoFormat) -> Result<Self, MediaError> {
        let (long, short) = (format.width_px.max(format.height_px), format.width_px.min(format.height_px));
        if short < LEAST_SIDE_PX || long > MOST_SIDES_PX.0 || short > MOST_SIDES_PX.1 {
            return Err(MediaError::Limit(format!(
                "{}×{} px cannot be encoded: {LEAST_SIDE_PX} px to {}×{} px can. Scale the clip first",
                format.width_px, format.height_px, MOST_SIDES_PX.0, MOST_SIDES_PX.1
            )));
        }
        let fps = format.fps.clamp(1.0, 120.0);
        let pixels = f64::from(format.width_px) * f64::from(format.height_px);
        // Small pictures need more bits a pixel.
        let bits = pixels * fps * BITS_PER_PIXEL * (640.0 * 360.0 / pixels).clamp(0.9, 2.0);
        let mut config = EncoderConfig::new()
            .bitrate(BitRate::from_bps(bits.clamp(400_000.0, 40_000_000.0) as u32))
            .max_frame_rate(FrameRate::from_hz(fps as f32))
            .rate_control_mode(RateControlMode::Quality)
            .qp(QpRange::new(14, 30))
            .skip_frames(false)
            .usage_type(UsageType::CameraVideoRealTime)
            .intra_frame_period(IntraFramePeriod::from_num_frames((fps * 2.0).round() as u32))
            .profile(Profile::High)
            .num_threads(1);
        if let Some(vui) = vui(format.color) {
            config = config.vui(vui);
        }
        let encoder = Encoder::with_api_config(OpenH264API::from_source(), config)
            .map_err(|err| MediaError::internal(STAGE, err.to_string()))?;
        Ok(Self { encoder, sps: Vec::new(), pps: Vec::new() })
    }
}

impl VideoEncoder for OpenH264 {
    fn encode(&mut self, frame: &Frame) -> Result<Encoded, MediaError> {
        let (width, height) = (frame.width_px() as usize, frame.height_px() as usize);
        let source = YUVSlices::new((frame.y(), frame.u(), frame.v()), (width, height), (width, width / 2, width / 2));
        let stream = self.encoder.encode(&source).map_err(|err| MediaError::internal(STAGE, err.to_string()))?;
        let keyframe = stream.frame_type() == FrameType::IDR;
        let mut sample = Vec::new();
        for layer in (0..stream.num_layers()).filter_map(|at| stream.layer(at)) {
            for unit in (0..layer.nal_count()).filter_map(|at| layer.nal_unit(at)) {
                let unit = without_start_code(unit);
                match unit.first().map(|byte| byte & 0x1f) {
                    Some(7) => unit.clone_into(&mut self.sps),
                    Some(8) => unit.clone_into(&mut self.pps),
                    Some(_) => {
                        sample.extend_from_slice(&(unit.len() as u32).to_be_bytes());
                        sample.extend_from_slice(unit);
                    }
                    None => {}
                }
            }
        }
        if sample.is_empty() {
            return Err(MediaError::internal(STAGE, format!("no bytes for the picture at {} µs", frame.pts_us)));
        }
        Ok(Encoded { sample, keyframe })
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
