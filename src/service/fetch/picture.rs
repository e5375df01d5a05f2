//! A preview of a face: fetched within bounds, decoded within bounds, off the thread that draws.

use std::io::Cursor;

use bytes::Bytes;
use image::{ImageError, ImageFormat, ImageReader, Limits};
use tokio::time::{Instant, timeout_at};

use super::hop::{Asked, text_instead, unusable};
use super::incoming::{Broken, Incoming};
use super::{FetchLimits, Fetcher, duration, png};
use crate::model::Problem;
use crate::service::{fault, words};

/// A preview, ready to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Pixels of the thumbnail: red, green, blue, alpha (not premultiplied), row by row.
    pub rgba: Vec<u8>,
    /// Width of the thumbnail.
    pub width_px: u32,
    /// Height of the thumbnail.
    pub height_px: u32,
    /// Width of the original picture, in pixels.
    pub original_width_px: u32,
    /// Height of the original picture, in pixels.
    pub original_height_px: u32,
    /// The file as received, to be saved.
    pub bytes: Bytes,
    /// What it is, by its bytes: `jpg`, `png` or `webp`.
    pub extension: &'static str,
}

impl Fetcher {
    /// Fetches and decodes a preview. A preview that cannot be shown is a problem of its own; the faces stay usable.
    ///
    /// # Errors
    /// No answer, not a picture, one too large to decode safely, or a damaged one.
    pub async fn preview(&self, address: &str) -> Result<Preview, Problem> {
        let deadline = Instant::now() + duration(self.limits().preview_ms);
        let fetched = timeout_at(deadline, self.picture_bytes(address)).await;
        let bytes = fetched.unwrap_or_else(|_| Err(fault::no_answer(words::preview_late())))?;
        let limits = *self.limits();
        self.alone(move || decode(bytes, &limits)).await
    }

    async fn picture_bytes(&self, address: &str) -> Result<Bytes, Problem> {
        let accept = "image/jpeg, image/png, image/webp, image/*;q=0.5";
        let mut incoming = self.get(&Asked { operation: "preview", address, accept, part: None }).await?;
        let read = self.read_picture(&mut incoming).await;
        incoming.end(read)
    }

    async fn read_picture(&self, incoming: &mut Incoming) -> Result<Bytes, Problem> {
        let most = self.limits().preview_bytes;
        let too_large = || unusable(words::preview_too_large(most / (1024 * 1024)));
        if incoming.length().is_some_and(|length| length > most as u64) {
            return Err(too_large());
        }
        let known = incoming.length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
        let mut bytes = Vec::with_capacity(known.min(most));
        loop {
            match incoming.piece().await {
                Ok(Some(piece)) if bytes.len() + piece.len() > most => return Err(too_large()),
                Ok(Some(piece)) => bytes.extend_from_slice(&piece),
                Ok(None) => return Ok(bytes.into()),
                Err(Broken::Off(why)) => return Err(unusable(words::preview_broke_off(why))),
                Err(Broken::Stalled) => return Err(fault::no_answer(words::preview_stalled())),
            }
        }
    }
}

/// Reads the bytes of a preview that was fetched before, within the usual bounds. Blocking: not for a thread that draws.
///
/// # Errors
/// They are no picture that is shown.
pub fn read_preview(bytes: Vec<u8>) -> Result<Preview, Problem> {
    decode(bytes.into(), &FetchLimits::default())
}

/// Decodes within bounds and makes a thumbnail. Blocking: not for a thread that draws.
fn decode(bytes: Bytes, limits: &FetchLimits) -> Result<Preview, Problem> {
    if bytes.is_empty() {
        return Err(unusable(words::preview_empty()));
    }
    let drawn = png::without_extras(&bytes);
    let mut reader = ImageReader::new(Cursor::new(&drawn[..]))
        .with_guessed_format()
        .map_err(|err| unusable(words::preview_unreadable(err)))?;
    let Some(format) = reader.format().filter(ImageFormat::reading_enabled) else {
        let what = text_instead(&bytes[..bytes.len().min(4096)]).unwrap_or_else(words::part_no_picture);
        return Err(unusable(words::preview_is(what)));
    };
    let mut bounds = Limits::default();
    bounds.max_image_width = Some(limits.preview_side_px);
    bounds.max_image_height = Some(limits.preview_side_px);
    bounds.max_alloc = Some(limits.decode_bytes);
    let mut head = ImageReader::with_format(Cursor::new(&drawn[..]), format);
    head.limits(bounds.clone());
    let (wide_px, high_px) = head.into_dimensions().map_err(|err| match err {
        ImageError::Limits(_) => too_large(limits),
        err => unusable(words::preview_broken(err)),
    })?;
    let needed = u64::from(wide_px) * u64::from(high_px) * bytes_a_pixel(format, &bytes);
    if wide_px.max(high_px) > limits.preview_side_px || needed > limits.decode_bytes {
        return Err(too_large(limits));
    }
    reader.limits(bounds);
    let picture = reader.decode().map_err(|err| match err {
        ImageError::Limits(_) => too_large(limits),
        err => unusable(words::preview_broken(err)),
    })?;
    let (original_width_px, original_height_px) = (picture.width(), picture.height());
    if original_width_px == 0 || original_height_px == 0 {
        return Err(unusable(words::preview_without_pixels()));
    }
    let side_px = limits.thumb_side_px;
    let thumb = if original_width_px > side_px || original_height_px > side_px {
        picture.thumbnail(side_px, side_px)
    } else {
        picture
    };
    let rgba = thumb.into_rgba8();
    Ok(Preview {
        width_px: rgba.width(),
        height_px: rgba.height(),
        rgba: rgba.into_raw(),
        original_width_px,
        original_height_px,
        bytes,
        extension: format.extensions_str().first().copied().unwrap_or("img"),
    })
}

fn too_large(limits: &FetchLimits) -> Problem {
    unusable(words::preview_not_shown(limits.preview_side_px, limits.decode_bytes / (1024 * 1024)))
}

/// Memory that a decoder uses for each pixel, in bytes, as measured: the picture and the decoder's own buffers.
/// The limits of `image` count the picture alone.
fn bytes_a_pixel(format: ImageFormat, bytes: &[u8]) -> u64 {
    match format {
        // Three bytes; a progressive JPEG has two more for each channel until the last scan.
        ImageFormat::Jpeg if is_progressive(bytes) => 9,
        ImageFormat::Jpeg => 3,
        ImageFormat::WebP => 7,
        // PNG: depends on the bit depth, which the decoder's own limits take into account.
        _ => 1,
    }
}

/// Whether a JPEG is progressive, by its frame header. `true` where that cannot be found: the larger estimate.
fn is_progressive(jpeg: &[u8]) -> bool {
    let mut at = 2;
    while let Some([0xFF, marker, high, low]) = jpeg.get(at..at + 4) {
        match marker {
            0xC2 | 0xC6 | 0xCA | 0xCE => return true,
            0xC0 | 0xC1 | 0xC3 | 0xC5 | 0xC7 | 0xC9 | 0xCB | 0xCD | 0xCF => return false,
            0xFF => at += 1,
            _ => at += 2 + usize::from(u16::from_be_bytes([*high, *low])),
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::DynamicImage;
    use proptest::prelude::*;

    fn encoded(width_px: u32, height_px: u32, format: ImageFormat) -> Bytes {
        let mut bytes = Vec::new();
        let picture = DynamicImage::new_rgb8(width_px, height_px);
        picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        bytes.into()
    }

    #[test]
    fn a_picture_becomes_a_small_thumbnail() {
        for (format, extension) in [(ImageFormat::Jpeg, "jpg"), (ImageFormat::Png, "png"), (ImageFormat::WebP, "webp")]
        {
            let preview = decode(encoded(1000, 500, format), &FetchLimits::default()).unwrap();
            assert_eq!((preview.width_px, preview.height_px, preview.rgba.len()), (256, 128, 256 * 128 * 4));
            assert_eq!(
                (preview.original_width_px, preview.original_height_px, preview.extension),
                (1000, 500, extension)
            );
        }
        let small = decode(encoded(3, 2, ImageFormat::Png), &FetchLimits::default()).unwrap();
        assert_eq!((small.width_px, small.height_px), (3, 2));
        let thin = decode(encoded(4000, 1, ImageFormat::Png), &FetchLimits::default()).unwrap();
        assert!(thin.height_px >= 1 && thin.width_px <= 256);
    }

    #[test]
    fn what_cannot_be_shown_says_why() {
        let limits = FetchLimits::default();
        let why = |bytes: Bytes| decode(bytes, &limits).unwrap_err().message;
        assert!(why(encoded(4097, 1, ImageFormat::Png)).contains("too large"));
        assert!(why(Bytes::new()).contains("empty"));
        assert!(why("<html><title>Gone</title>".into()).contains("a web page: Gone"));
        assert!(why(Bytes::from_static(&[7; 64])).contains("no JPEG, PNG or WebP"));
        let whole = encoded(100, 100, ImageFormat::Png);
        assert!(why(whole.slice(..whole.len() / 2)).contains("broken"));
        let tight = FetchLimits { decode_bytes: 1_000, ..limits };
        assert!(decode(encoded(100, 100, ImageFormat::Png), &tight).unwrap_err().message.contains("too large"));
    }

    #[test]
    fn memory_is_reckoned_by_format() {
        assert!(!is_progressive(&encoded(16, 16, ImageFormat::Jpeg)));
        // A frame header of each kind behind an application segment with a thumbnail of the other kind inside.
        let header = |inner: u8, outer: u8| [0xFF, 0xD8, 0xFF, 0xE1, 0, 6, 0xFF, inner, 0, 8, 0xFF, outer, 0, 8, 8];
        assert!(is_progressive(&header(0xC0, 0xC2)));
        assert!(!is_progressive(&header(0xC2, 0xC0)));
        assert!(is_progressive(b"\xFF\xD8"));
        // 4096 × 4096 fits as a plain JPEG and not as a WebP.
        let limits = FetchLimits::default();
        assert!(decode(encoded(4096, 4096, ImageFormat::Jpeg), &limits).is_ok());
        assert!(decode(encoded(4096, 4096, ImageFormat::WebP), &limits).unwrap_err().message.contains("too large"));
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        // A PNG that claims 4096 × 4096 with 16 bits and alpha: 128 MiB when decoded.
        let mut bytes = Vec::new();
        DynamicImage::new_rgba16(64, 64).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        bytes[16..20].copy_from_slice(&4096_u32.to_be_bytes());
        bytes[20..24].copy_from_slice(&4096_u32.to_be_bytes());
        assert!(decode(bytes.into(), &FetchLimits::default()).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_decode_or_say_why(noise in proptest::collection::vec(any::<u8>(), 0..200), at in 0..500_usize, value in any::<u8>()) {
            let _ = decode(noise.into(), &FetchLimits::default());
            for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
                let mut bytes = encoded(16, 16, format).to_vec();
                let at = at % bytes.len();
                bytes[at] = value;
                let _ = decode(bytes.into(), &FetchLimits::default());
            }
        }
    }
}
