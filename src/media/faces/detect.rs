//! Finding faces in one picture.

use super::luma::Luma;

/// A face seen in one picture, in that picture's pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sighting {
    /// Centre of the box.
    pub cx: f32,
    /// Centre of the box.
    pub cy: f32,
    /// Side of the box.
    pub size: f32,
    /// Score of the detector; its own scale.
    pub score: f32,
}

/// Finds faces. The one library for it is dormant, so it is used behind this trait only.
pub trait FaceDetector {
    /// Every face in the picture, in no particular order.
    fn detect(&mut self, picture: &Luma) -> Vec<Sighting>;
}

/// The `SeetaFace` frontal detector (VIPL, Chinese Academy of Sciences) with its own model.
pub struct SeetaDetector {
    inner: Box<dyn rustface::Detector>,
}

/// The model's licence and origin are in files beside it.
const MODEL: &[u8] = include_bytes!("../../../assets/faces/seeta_fd_frontal_v1.0.bin");

/// Below this the detector sees faces in patterns; measured on portraits and test pictures.
const SCORE_MIN: f64 = 4.5;

impl SeetaDetector {
    /// Reads the model that is inside the program.
    ///
    /// # Errors
    /// If the model cannot be read, which would be a broken build.
    pub fn new() -> Result<Self, std::io::Error> {
        let model = rustface::read_model(MODEL)?;
        let mut inner = rustface::create_detector_with_model(model);
        inner.set_score_thresh(SCORE_MIN);
        inner.set_slide_window_step(4, 4);
        inner.set_pyramid_scale_factor(0.8);
        Ok(Self { inner })
    }
}

impl FaceDetector for SeetaDetector {
    fn detect(&mut self, picture: &Luma) -> Vec<Sighting> {
        // The detector's window is 40 px; it asserts on less.
        let (Ok(width), Ok(height)) = (u32::try_from(picture.width_px), u32::try_from(picture.height_px)) else {
            return Vec::new();
        };
        if width < 40 || height < 40 {
            return Vec::new();
        }
        let data = rustface::ImageData::new(&picture.data, width, height);
        self.inner
            .detect(&data)
            .into_iter()
            .map(|face| {
                let area = face.bbox();
                Sighting {
                    cx: area.x() as f32 + area.width() as f32 / 2.0,
                    cy: area.y() as f32 + area.height() as f32 / 2.0,
                    size: (area.width() + area.height()) as f32 / 2.0,
                    score: face.score() as f32,
                }
            })
            .collect()
    }
}

impl std::fmt::Debug for SeetaDetector {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SeetaDetector")
    }
}
