//! What of a PNG is decoded: the picture. A colour profile or a text in it is compressed, and may be a thousand times its size in memory.

use std::borrow::Cow;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Length and kind before the content of a chunk, and its checksum behind it, in bytes.
const AROUND_CHUNK: usize = 12;

/// A PNG with those chunks alone that make the picture; other bytes as they are. Ends at the first chunk that makes no sense.
pub fn without_extras(bytes: &[u8]) -> Cow<'_, [u8]> {
    let Some(mut rest) = bytes.strip_prefix(SIGNATURE) else { return Cow::Borrowed(bytes) };
    let mut kept = SIGNATURE.to_vec();
    while let Some((head, _)) = rest.split_first_chunk::<8>() {
        let [l0, l1, l2, l3, kind @ ..] = *head;
        let len = (u32::from_be_bytes([l0, l1, l2, l3]) as usize).saturating_add(AROUND_CHUNK);
        let (chunk, behind) = rest.split_at(len.min(rest.len()));
        // A capital first letter means that a decoder needs the chunk; tRNS makes pixels transparent.
        if kind[0].is_ascii_uppercase() || kind == *b"tRNS" {
            kept.extend_from_slice(chunk);
        }
        rest = behind;
    }
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, ImageEncoder as _, ImageFormat};

    use super::*;

    #[test]
    fn the_picture_stays_and_its_profile_goes() {
        let picture = DynamicImage::new_rgba8(5, 4).into_rgba8();
        let mut bytes = Vec::new();
        let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
        encoder.set_icc_profile(vec![b'x'; 100_000]).unwrap();
        encoder.write_image(&picture, 5, 4, image::ExtendedColorType::Rgba8).unwrap();
        let has_profile = |bytes: &[u8]| bytes.windows(4).any(|kind| kind == b"iCCP");
        assert!(has_profile(&bytes));
        let kept = without_extras(&bytes);
        assert!(!has_profile(&kept));
        let decoded = image::load_from_memory_with_format(&kept, ImageFormat::Png).unwrap();
        assert_eq!(decoded.into_rgba8(), picture);
        let mut plain = Vec::new();
        DynamicImage::new_rgb8(3, 2).write_to(&mut Cursor::new(&mut plain), ImageFormat::Png).unwrap();
        assert_eq!(without_extras(&plain), plain);
        assert_eq!(without_extras(b"\xFF\xD8"), &b"\xFF\xD8"[..]);
        for end in 0..bytes.len().min(200) {
            assert!(without_extras(&bytes[..end]).len() <= end);
        }
    }
}
