//! From what decoders give (8 or 10 bit, 4:2:0 or 4:2:2) to 8 bit 4:2:0 with even sides.

use rust_h264::decoder::{ChromaFormat, Frame as Picture};

/// The planes of a picture as 8 bit 4:2:0; an odd last row is left out.
pub(super) fn to_8_bit_420(picture: &Picture) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let (even_width, even_height) = (width & !1, height & !1);
    let y = to_8_bit(&picture.y, picture.bit_depth);
    let y = cropped(y, width, (even_width, even_height));
    let chroma_width = picture.chroma_width() as usize;
    let chroma = |plane: &[u8]| {
        let plane = to_8_bit(plane, picture.bit_depth);
        let plane = match picture.chroma_format {
            ChromaFormat::Yuv420 => plane,
            ChromaFormat::Yuv422 => halve_rows(&plane, chroma_width),
        };
        cropped(plane, chroma_width, (even_width / 2, even_height / 2))
    };
    (y, chroma(&picture.u), chroma(&picture.v))
}

/// Planes of 4:2:0 without an odd last column and row.
#[cfg(feature = "hevc")]
pub(super) fn even_420<T: Copy>(
    y: &[T],
    u: &[T],
    v: &[T],
    (width, height): (usize, usize),
) -> (Vec<T>, Vec<T>, Vec<T>) {
    let (even_width, even_height) = (width & !1, height & !1);
    let chroma = |plane: &[T]| cropped(plane.to_vec(), width.div_ceil(2), (even_width / 2, even_height / 2));
    (cropped(y.to_vec(), width, (even_width, even_height)), chroma(u), chroma(v))
}

/// 10 bit samples of two bytes each, rounded to 8 bit.
fn to_8_bit(plane: &[u8], bit_depth: u8) -> Vec<u8> {
    if bit_depth <= 8 {
        return plane.to_vec();
    }
    let shift = u32::from(bit_depth - 8);
    let (pairs, _) = plane.as_chunks::<2>();
    pairs
        .iter()
        .map(|pair| ((u32::from(u16::from_le_bytes(*pair)) + (1 << (shift - 1))) >> shift).min(255) as u8)
        .collect()
}

/// Two rows of chroma become one: their mean.
fn halve_rows(plane: &[u8], width: usize) -> Vec<u8> {
    plane
        .chunks_exact(width.max(1) * 2)
        .flat_map(|rows| {
            let (upper, lower) = rows.split_at(width);
            upper.iter().zip(lower).map(|(a, b)| a.midpoint(*b))
        })
        .collect()
}

fn cropped<T: Copy>(plane: Vec<T>, width: usize, (to_width, to_height): (usize, usize)) -> Vec<T> {
    if plane.len() == to_width * to_height {
        return plane;
    }
    plane.chunks_exact(width.max(1)).take(to_height).flat_map(|row| row.iter().take(to_width).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_bits_round_and_double_rows_are_averaged() {
        let ten = |values: &[u16]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
        let picture = Picture {
            width: 2,
            height: 3,
            y: ten(&[0, 1, 2, 1023, 512, 64, 4, 4]),
            u: ten(&[400, 480, 512]),
            v: ten(&[512, 512, 512]),
            pic_order_cnt: 0,
            chroma_format: ChromaFormat::Yuv422,
            bit_depth: 10,
        };
        let (y, u, v) = to_8_bit_420(&picture);
        assert_eq!(y, [0, 0, 1, 255]);
        assert_eq!((u, v), (vec![110], vec![128]));
    }
}
