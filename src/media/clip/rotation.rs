//! Rotating a picture upright, by the matrix that a phone writes.

use crate::media::container::Orientation;
use crate::media::error::MediaError;
use crate::media::frame::Frame;

/// Width and height after the rotation.
pub(super) const fn rotated_size((width, height): (u32, u32), orientation: Orientation) -> (u32, u32) {
    if orientation.transpose { (height, width) } else { (width, height) }
}

/// The picture, upright.
pub(super) fn rotated(frame: Frame, orientation: Orientation) -> Result<Frame, MediaError> {
    if orientation.is_upright() {
        return Ok(frame);
    }
    let (width, height) = (frame.width_px() as usize, frame.height_px() as usize);
    let planes = (
        plane(frame.y(), (width, height), orientation),
        plane(frame.u(), (width / 2, height / 2), orientation),
        plane(frame.v(), (width / 2, height / 2), orientation),
    );
    let size = rotated_size((frame.width_px(), frame.height_px()), orientation);
    Frame::new(size, frame.pts_us, frame.color, planes)
}

fn plane(from: &[u8], (width, height): (usize, usize), orientation: Orientation) -> Vec<u8> {
    let mut rotated = if orientation.transpose { transposed(from, width, height) } else { from.to_vec() };
    let row_len = if orientation.transpose { height } else { width };
    if orientation.flip_y {
        // Rows change places from both ends.
        let mut rows: Vec<&mut [u8]> = rotated.chunks_exact_mut(row_len).collect();
        let count = rows.len();
        let (upper, lower) = rows.split_at_mut(count / 2);
        for (above, below) in upper.iter_mut().zip(lower.iter_mut().rev()) {
            above.swap_with_slice(below);
        }
    }
    if orientation.flip_x {
        rotated.chunks_exact_mut(row_len).for_each(<[u8]>::reverse);
    }
    rotated
}

/// In blocks, so that neither reading nor writing leaves the cache.
fn transposed(from: &[u8], width: usize, height: usize) -> Vec<u8> {
    const BLOCK: usize = 32;
    let mut to = vec![0; width * height];
    for top in (0..height).step_by(BLOCK) {
        for left in (0..width).step_by(BLOCK) {
            for y in top..(top + BLOCK).min(height) {
                for x in left..(left + BLOCK).min(width) {
                    to[x * height + y] = from[y * width + x];
                }
            }
        }
    }
    to
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_rotates_by_quarters_and_mirrors() {
        // 1 2 3
        // 4 5 6
        let plain = [1, 2, 3, 4, 5, 6];
        let rotate = |transpose, flip_x, flip_y| plane(&plain, (3, 2), Orientation { transpose, flip_x, flip_y });
        assert_eq!(rotate(false, true, true), [6, 5, 4, 3, 2, 1]);
        assert_eq!(rotate(true, true, false), [4, 1, 5, 2, 6, 3], "a quarter clockwise");
        assert_eq!(rotate(true, false, true), [3, 6, 2, 5, 1, 4], "a quarter the other way");
        assert_eq!(rotate(false, true, false), [3, 2, 1, 6, 5, 4]);
    }
}
