//! The frame buffer: a clip's pictures around the current one. A few are kept, so that a pause, a step back or another look at the same
//! moment need no seek.

use std::collections::VecDeque;

use crate::media::{ClipReader, Frame, MediaError};

/// How many pictures are kept: as many as are ahead of the screen, and one behind it. As YUV they are small.
const KEPT: usize = 7;
/// Up to here it is quicker to decode on than to seek, in microseconds.
const DECODE_ON_US: i64 = 1_000_000;
/// A way ahead is decoded in steps of this length, in microseconds: between them a newer request is seen.
const STEP_US: i64 = 400_000;

/// The pictures around the current one.
pub struct FrameBuffer {
    reader: ClipReader,
    /// In the order of showing, without a gap.
    frames: VecDeque<Frame>,
    /// Index of the current one.
    at: usize,
    /// The last of them is the clip's last.
    ended: bool,
}

impl FrameBuffer {
    /// The pictures of this reader.
    pub fn new(reader: ClipReader) -> Self {
        Self { reader, frames: VecDeque::new(), at: 0, ended: false }
    }

    /// The current picture.
    pub fn current(&self) -> Option<&Frame> {
        self.frames.get(self.at)
    }

    /// When the picture after the current one is shown.
    pub fn next_us(&mut self) -> Result<Option<i64>, MediaError> {
        if self.at + 1 >= self.frames.len() && !self.ended {
            match self.reader.next_frame()? {
                Some(frame) => self.frames.push_back(frame),
                None => self.ended = true,
            }
            if self.frames.len() > KEPT && self.at > 0 {
                self.frames.pop_front();
                self.at -= 1;
            }
        }
        Ok(self.frames.get(self.at + 1).map(|frame| frame.pts_us))
    }

    /// Goes one picture on; returns whether there was one.
    pub fn advance(&mut self) -> Result<bool, MediaError> {
        let more = self.next_us()?.is_some();
        self.at += usize::from(more);
        Ok(more)
    }

    /// Decodes on towards a moment that is further ahead than this step, without the pictures in between: those that no other refers
    /// to are not decoded at all. Returns whether a step was made; the rest of the way is [`FrameBuffer::advance`]'s.
    pub fn step_towards(&mut self, at_us: i64) -> Result<bool, MediaError> {
        let Some(last_us) = self.frames.back().map(|frame| frame.pts_us) else { return Ok(false) };
        let step_ms = (last_us + STEP_US).div_euclid(1000);
        let is_near = at_us - last_us < 2 * STEP_US;
        if self.ended || is_near || self.reader.shown_at_us(step_ms * 1000) <= last_us {
            return Ok(false);
        }
        self.reader.seek_exact(step_ms)?;
        let Some(frame) = self.reader.next_frame()? else {
            self.ended = true;
            return Ok(false);
        };
        self.frames.clear();
        self.frames.push_back(frame);
        self.at = 0;
        Ok(true)
    }

    /// Goes to a picture at or before a moment, from which it is only decoding on; returns whether it had to seek.
    pub fn approach(&mut self, at_us: i64) -> Result<bool, MediaError> {
        let near = match (self.frames.front(), self.frames.back()) {
            (Some(first), Some(last)) => first.pts_us <= at_us && at_us - last.pts_us < DECODE_ON_US,
            _ => false,
        };
        if near {
            self.at = self.frames.iter().rposition(|frame| frame.pts_us <= at_us).unwrap_or(0);
        } else {
            self.reader.seek_sync(at_us.div_euclid(1000))?;
            self.frames.clear();
            self.at = 0;
            self.ended = false;
            match self.reader.next_frame()? {
                Some(frame) => self.frames.push_back(frame),
                None => self.ended = true,
            }
        }
        Ok(!near)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn buffer() -> FrameBuffer {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/streams/bframes.mp4");
        FrameBuffer::new(ClipReader::open(&path).unwrap())
    }

    fn go_to(buffer: &mut FrameBuffer, at_us: i64) -> bool {
        let sought = buffer.approach(at_us).unwrap();
        while buffer.next_us().unwrap().is_some_and(|next_us| next_us <= at_us) {
            buffer.advance().unwrap();
        }
        sought
    }

    #[test]
    fn steps_back_within_what_is_kept_need_no_seek_and_give_the_same_pictures() {
        let mut buffer = buffer();
        go_to(&mut buffer, 0);
        let mut seen = vec![buffer.current().unwrap().clone()];
        while seen.len() < 20 && buffer.advance().unwrap() {
            seen.push(buffer.current().unwrap().clone());
        }
        for back in 1..=3 {
            let wanted = &seen[seen.len() - 1 - back];
            assert!(!go_to(&mut buffer, wanted.pts_us), "{back} back");
            assert_eq!(buffer.current().unwrap(), wanted);
        }
        assert!(go_to(&mut buffer, 0), "the first is kept no longer");
        assert_eq!(buffer.current().unwrap(), &seen[0]);
    }

    #[test]
    fn a_long_way_in_steps_ends_at_the_same_pictures() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/streams/portrait.mp4");
        let mut walked = FrameBuffer::new(ClipReader::open(&path).unwrap());
        let mut stepped = FrameBuffer::new(ClipReader::open(&path).unwrap());
        for at_us in [9_000_000, 9_960_000, 4_321_000] {
            go_to(&mut walked, at_us);
            stepped.approach(at_us).unwrap();
            let mut steps = 0;
            while stepped.step_towards(at_us).unwrap() {
                steps += 1;
            }
            assert!(steps > 0 || at_us == 9_960_000, "{at_us} µs is a long way");
            assert!(!go_to(&mut stepped, at_us), "and the rest is near");
            for _ in 0..5 {
                assert_eq!(stepped.current(), walked.current());
                assert_eq!(stepped.advance(), walked.advance());
            }
        }
    }

    #[test]
    fn the_last_picture_stays_and_no_more_than_a_few_are_kept() {
        let mut buffer = buffer();
        go_to(&mut buffer, 0);
        while buffer.advance().unwrap() {
            assert!(buffer.frames.len() <= KEPT);
        }
        let last_us = buffer.current().unwrap().pts_us;
        assert!(!buffer.advance().unwrap());
        go_to(&mut buffer, last_us + 500_000);
        assert_eq!(buffer.current().unwrap().pts_us, last_us);
    }
}
