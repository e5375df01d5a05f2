//! A picture brought to another size, its shape kept, black where that leaves room.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::media::error::MediaError;
use crate::media::frame::Frame;

const STAGE: &str = "scaling a picture";

/// Scales pictures of one clip.
pub(super) struct Scaler {
    resizer: Resizer,
    to_px: (u32, u32),
}

impl Scaler {
    pub(super) fn new(to_px: (u32, u32)) -> Self {
        Self { resizer: Resizer::new(), to_px }
    }

    /// The picture in the size of the result.
    pub(super) fn scaled(&mut self, frame: Frame) -> Result<Frame, MediaError> {
        let from = (frame.width_px(), frame.height_px());
        if from == self.to_px {
            return Ok(frame);
        }
        let (width, height) = self.to_px;
        let inner = inner_size(from, self.to_px);
        let at = (even((width - inner.0) / 2), even((height - inner.1) / 2));
        let half = |(a, b): (u32, u32)| (a / 2, b / 2);
        let black = if frame.color.full_range { 0 } else { 16 };
        let y = self.plane(frame.y(), from, inner, (self.to_px, at, black))?;
        let room = (half(self.to_px), half(at), 128);
        let u = self.plane(frame.u(), half(from), half(inner), room)?;
        let v = self.plane(frame.v(), half(from), half(inner), room)?;
        Frame::new(self.to_px, frame.pts_us, frame.color, (y, u, v))
    }

    /// A plane scaled to `inner`, at a place within a larger one of one value.
    fn plane(
        &mut self,
        plane: &[u8],
        (width, height): (u32, u32),
        inner: (u32, u32),
        (to, at, fill): ((u32, u32), (u32, u32), u8),
    ) -> Result<Vec<u8>, MediaError> {
        let fail = |err: &dyn std::fmt::Display| MediaError::internal(STAGE, err.to_string());
        let source = ImageRef::new(width, height, plane, PixelType::U8).map_err(|err| fail(&err))?;
        let mut target = Image::new(inner.0, inner.1, PixelType::U8);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
        self.resizer.resize(&source, &mut target, &options).map_err(|err| fail(&err))?;
        let scaled = target.into_vec();
        if inner == to {
            return Ok(scaled);
        }
        let mut room = vec![fill; to.0 as usize * to.1 as usize];
        let rows = room.chunks_exact_mut(to.0 as usize).skip(at.1 as usize);
        for (row, scaled) in rows.zip(scaled.chunks_exact(inner.0 as usize)) {
            if let Some(place) = row.get_mut(at.0 as usize..(at.0 + inner.0) as usize) {
                place.copy_from_slice(scaled);
            }
        }
        Ok(room)
    }
}

const fn even(side: u32) -> u32 {
    side / 2 * 2
}

/// The largest even size of the same shape within another.
fn inner_size((width, height): (u32, u32), (most_width, most_height): (u32, u32)) -> (u32, u32) {
    let [width, height, most_width, most_height] = [width, height, most_width, most_height].map(u64::from);
    let nearest = |part: u64, whole: u64, most: u64| {
        // To the nearest even number.
        let side = (part * most + whole) / (2 * whole) * 2;
        side.clamp(2, most) as u32
    };
    if width * most_height >= height * most_width {
        (most_width as u32, nearest(height * most_width, width * most_height, most_height))
    } else {
        (nearest(width * most_height, height * most_width, most_width), most_height as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_is_kept_and_the_rest_is_black() {
        assert_eq!(inner_size((3840, 2160), (1920, 1080)), (1920, 1080));
        assert_eq!(inner_size((1000, 1000), (1280, 720)), (720, 720));
        assert_eq!(inner_size((640, 360), (1280, 720)), (1280, 720));
        assert_eq!(inner_size((2304, 1000), (1920, 1080)), (1920, 834));
        assert_eq!(inner_size((10, 5_000), (720, 1280)), (2, 1280));

        let square = Frame::filled(400, 400, [200, 90, 160]);
        let wide = Scaler::new((1280, 720)).scaled(square).unwrap();
        let (y, u, v) = (wide.y(), wide.u(), wide.v());
        let row = &y[360 * 1280..361 * 1280];
        assert_eq!((row[0], row[279], row[280], row[640], row[999], row[1000]), (16, 16, 200, 200, 200, 16));
        assert_eq!((u[180 * 640], u[180 * 640 + 320], v[180 * 640 + 320]), (128, 90, 160));
    }

    #[test]
    fn a_gradient_stays_one() {
        let mut frame = Frame::filled(64, 32, [0, 128, 128]);
        for (at, sample) in frame.planes_mut().0.iter_mut().enumerate() {
            *sample = (at % 64 * 4) as u8;
        }
        let large = Scaler::new((256, 128)).scaled(frame).unwrap();
        let row = &large.y()[64 * 256..65 * 256];
        assert!(row.windows(2).all(|pair| pair[0] <= pair[1]) && row[0] < 4 && row[255] > 248, "{row:?}");
    }
}
