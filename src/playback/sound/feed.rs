//! Where the samples come from. The sound server's thread asks for them; who sets what is played holds the lock for a few instructions
//! only.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::PlaybackRange;
use crate::media::Sound;
use crate::media::sound::CHANNELS;

/// What is played from its first frame on.
#[derive(Clone, Debug)]
pub struct Cue {
    /// The sound; behind its end it is silent.
    pub sound: Arc<Sound>,
    /// Which frames of it, in which order.
    pub range: PlaybackRange,
}

/// The samples that come next.
#[derive(Debug, Default)]
pub struct Feed {
    cue: Option<Cue>,
    /// Frames given since the cue.
    given: i64,
    /// Gives nothing while a cue is being changed.
    held: bool,
    gain: f32,
    /// The gain that is wanted; the one in use follows within one block, so that nothing clicks.
    wanted_gain: f32,
}

/// A feed that two threads share.
#[derive(Clone, Default)]
pub struct SharedFeed(Arc<Mutex<Feed>>);

impl SharedFeed {
    /// Locks it.
    pub fn lock(&self) -> MutexGuard<'_, Feed> {
        // A feed is plain data: what a panic left behind can be used.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Feed {
    /// Gives nothing until the next cue: what was given before can be counted.
    pub fn hold(&mut self) {
        self.held = true;
    }

    /// Gives silence; returns what was played before, to be dropped outside the lock.
    #[must_use]
    pub fn clear(&mut self) -> Option<Cue> {
        self.cue.take()
    }

    /// Starts something else; returns what was played before, to be dropped outside the lock.
    #[must_use]
    pub fn cue(&mut self, cue: Cue) -> Option<Cue> {
        self.given = 0;
        self.held = false;
        self.gain = self.wanted_gain;
        self.cue.replace(cue)
    }

    /// Goes on with another sound at the same position; returns the one before, to be dropped outside the lock.
    #[must_use]
    pub fn swap(&mut self, sound: Arc<Sound>) -> Option<Arc<Sound>> {
        self.cue.as_mut().map(|cue| std::mem::replace(&mut cue.sound, sound))
    }

    /// How loud, 0 to 1.
    pub fn set_gain(&mut self, gain: f32) {
        self.wanted_gain = gain.clamp(0.0, 1.0);
    }

    /// Fills a block of frames, left and right in turn; `false` where nothing may be given now.
    pub fn fill(&mut self, block: &mut [f32]) -> bool {
        if self.held {
            return false;
        }
        block.fill(0.0);
        let frames = block.len() / CHANNELS;
        if let Some(cue) = &self.cue {
            let samples = cue.sound.samples();
            let mut done = 0;
            while done < frames {
                let run = self.given + done as i64;
                let at = cue.range.at(run).at;
                let straight = cue.range.until_jump(run).and_then(|left| usize::try_from(left).ok());
                let count = (frames - done).min(straight.unwrap_or(usize::MAX)).max(1);
                let from = usize::try_from(at).unwrap_or(0).saturating_mul(CHANNELS).min(samples.len());
                let piece = &samples[from..samples.len().min(from + count * CHANNELS)];
                block[done * CHANNELS..][..piece.len()].copy_from_slice(piece);
                done += count;
            }
        }
        self.given += frames as i64;
        self.apply_gain(block);
        true
    }

    #[expect(clippy::float_cmp, reason = "a gain of exactly one leaves the samples as they are")]
    fn apply_gain(&mut self, block: &mut [f32]) {
        let (from, to) = (self.gain, self.wanted_gain);
        self.gain = to;
        if from == 1.0 && to == 1.0 {
            return;
        }
        let frames = (block.len() / CHANNELS).max(1) as f32;
        for (at, frame) in block.chunks_mut(CHANNELS).enumerate() {
            let gain = from + (to - from) * ((at + 1) as f32 / frames);
            for sample in frame {
                *sample *= gain;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)] // copies are exact

    use super::*;

    /// Each frame says which it is.
    fn counted(frames: usize) -> Arc<Sound> {
        Arc::new(Sound::new((0..frames).flat_map(|at| [at as f32, -(at as f32)]).collect()))
    }

    fn lefts(feed: &mut Feed, frames: usize) -> Vec<f32> {
        let mut block = vec![7.0; frames * CHANNELS];
        assert!(feed.fill(&mut block));
        block.iter().step_by(CHANNELS).copied().collect()
    }

    fn loud() -> Feed {
        let mut feed = Feed::default();
        feed.set_gain(1.0);
        feed
    }

    #[test]
    fn without_a_cue_it_is_silent_and_held_it_gives_nothing() {
        let mut feed = loud();
        assert_eq!(lefts(&mut feed, 3), [0.0; 3]);
        feed.hold();
        assert!(!feed.fill(&mut [0.0; 4]));
        let _ = feed.cue(Cue { sound: counted(9), range: PlaybackRange { from: 2, repeat: None } });
        assert_eq!(lefts(&mut feed, 3), [2.0, 3.0, 4.0]);
    }

    #[test]
    fn it_goes_on_where_it_was_jumps_back_at_the_end_of_a_loop_and_is_silent_behind_the_end() {
        let mut feed = loud();
        let _ = feed.cue(Cue { sound: counted(20), range: PlaybackRange { from: 0, repeat: Some((2, 5)) } });
        assert_eq!(lefts(&mut feed, 4), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(lefts(&mut feed, 7), [4.0, 2.0, 3.0, 4.0, 2.0, 3.0, 4.0]);
        let _ = feed.cue(Cue { sound: counted(4), range: PlaybackRange { from: 2, repeat: None } });
        assert_eq!(lefts(&mut feed, 4), [2.0, 3.0, 0.0, 0.0]);
        let _ = feed.swap(counted(9));
        assert_eq!(lefts(&mut feed, 2), [6.0, 7.0], "another sound, the same position");
    }

    #[test]
    fn a_gain_is_reached_within_a_block_without_a_jump() {
        let mut feed = loud();
        let ones = Arc::new(Sound::new(vec![1.0; 400]));
        let _ = feed.cue(Cue { sound: ones, range: PlaybackRange::default() });
        feed.set_gain(0.0);
        let block = lefts(&mut feed, 100);
        assert!(block.windows(2).all(|pair| pair[0] - pair[1] > 0.0 && pair[0] - pair[1] < 0.011), "{block:?}");
        assert_eq!(block[99], 0.0);
        assert_eq!(lefts(&mut feed, 2), [0.0, 0.0]);
    }
}
