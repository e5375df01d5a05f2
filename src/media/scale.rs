//! Making pictures smaller.

use super::error::MediaError;
use super::frame::Frame;

/// The picture scaled down so that its longer side is at most `longest_px`, its shape kept; never scaled up.
///
/// Every pixel of the result is the mean of the pixels it covers.
///
/// # Errors
/// [`MediaError::Internal`]: the planes did not fit, which does not happen.
pub fn scaled_down(frame: &Frame, longest_px: u32) -> Result<Frame, MediaError> {
    let (width, height) = (frame.width_px(), frame.height_px());
    let longest = width.max(height);
    let to = longest_px.clamp(2, longest);
    if to == longest {
        return Ok(frame.clone());
    }
    let even = |side: u32| (((u64::from(side) * u64::from(to)).div_ceil(u64::from(longest)) as u32).max(2) / 2) * 2;
    let (to_width, to_height) = (even(width), even(height));
    let half = |(w, h): (u32, u32)| (w as usize / 2, h as usize / 2);
    let whole = |(w, h): (u32, u32)| (w as usize, h as usize);
    let (from, target) = ((width, height), (to_width, to_height));
    let planes = (
        plane(frame.y(), whole(from), whole(target)),
        plane(frame.u(), half(from), half(target)),
        plane(frame.v(), half(from), half(target)),
    );
    Frame::new(target, frame.pts_us, frame.color, planes)
}

fn plane(from: &[u8], (width, height): (usize, usize), (to_width, to_height): (usize, usize)) -> Vec<u8> {
    let mut out = Vec::with_capacity(to_width * to_height);
    let mut sums = vec![0_u32; to_width];
    let columns: Vec<(usize, usize)> = (0..to_width).map(|x| span(x, to_width, width)).collect();
    for y in 0..to_height {
        let (top, bottom) = span(y, to_height, height);
        sums.fill(0);
        for row in from.chunks_exact(width).take(bottom).skip(top) {
            for (sum, (left, right)) in sums.iter_mut().zip(&columns) {
                *sum += row[*left..*right].iter().map(|s| u32::from(*s)).sum::<u32>();
            }
        }
        for (sum, (left, right)) in sums.iter().zip(&columns) {
            let count = ((bottom - top) * (right - left)) as u32;
            out.push(((sum + count / 2) / count.max(1)) as u8);
        }
    }
    out
}

/// The source pixels that pixel `at` of `to` covers: never none.
fn span(at: usize, to: usize, from: usize) -> (usize, usize) {
    let start = at * from / to;
    (start, ((at + 1) * from / to).max(start + 1).min(from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_is_kept_and_nothing_grows() {
        let wide = Frame::filled(1280, 720, [90, 100, 160]);
        let small = scaled_down(&wide, 160).unwrap();
        assert_eq!((small.width_px(), small.height_px()), (160, 90));
        assert!(small.y().iter().all(|s| *s == 90) && small.v().iter().all(|s| *s == 160));
        let tall = scaled_down(&Frame::filled(720, 1280, [0; 3]), 100).unwrap();
        assert_eq!((tall.width_px(), tall.height_px()), (56, 100));
        assert_eq!(scaled_down(&wide, 4_000).unwrap(), wide);
        assert_eq!(scaled_down(&Frame::filled(1000, 10, [0; 3]), 20).unwrap().height_px(), 2);
    }

    #[test]
    fn a_pixel_is_the_mean_of_what_it_covers() {
        assert_eq!(plane(&[0, 10, 20, 30, 40, 50, 60, 70], (4, 2), (2, 1)), [25, 45]);
        assert_eq!(plane(&[0, 30, 60], (3, 1), (2, 1)), [0, 45]);
    }
}
