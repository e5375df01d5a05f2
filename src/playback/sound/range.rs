//! Which position is played when: straight on, or a loop.

/// What is played, in any unit of time: from a position on and, where there is a loop, back to its start each time its end is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlaybackRange {
    /// Where playing starts.
    pub from: i64,
    /// Start and end of the loop. One that is empty, or that ends before `from`, repeats nothing.
    pub repeat: Option<(i64, i64)>,
}

/// A position in a run along a range; a later one is greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// How often playing went back to the start of the loop.
    pub loops: i64,
    /// The position in the file, in the unit of the range.
    pub at: i64,
}

impl PlaybackRange {
    /// The position after `elapsed`.
    #[must_use]
    pub fn at(self, elapsed: i64) -> Position {
        let elapsed = elapsed.max(0);
        match self.effective_loop() {
            Some((start, end)) if elapsed >= end - self.from => {
                let behind = elapsed - (end - self.from);
                let length = end - start;
                Position { loops: 1 + behind / length, at: start + behind % length }
            }
            _ => Position { loops: 0, at: self.from.saturating_add(elapsed) },
        }
    }

    /// For how long playing goes straight on after `elapsed`; `None` for ever.
    #[must_use]
    pub fn until_jump(self, elapsed: i64) -> Option<i64> {
        self.effective_loop().map(|(_, end)| end - self.at(elapsed).at)
    }

    /// Start and end of the loop, unless it repeats nothing.
    #[must_use]
    pub fn effective_loop(self) -> Option<(i64, i64)> {
        self.repeat.filter(|&(start, end)| start < end && self.from < end)
    }

    /// The same in another unit.
    #[must_use]
    pub fn scaled(self, by: impl Fn(i64) -> i64) -> Self {
        Self { from: by(self.from), repeat: self.repeat.map(|(start, end)| (by(start), by(end))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn position(loops: i64, at: i64) -> Position {
        Position { loops, at }
    }

    #[test]
    fn without_a_loop_it_goes_straight_on() {
        let range = PlaybackRange { from: 100, repeat: None };
        assert_eq!((range.at(0), range.at(50), range.at(-7)), (position(0, 100), position(0, 150), position(0, 100)));
        assert_eq!(range.until_jump(3), None);
        assert_eq!(PlaybackRange { from: 100, repeat: Some((10, 90)) }.at(20), position(0, 120), "it ended before");
        assert_eq!(PlaybackRange { from: 100, repeat: Some((200, 200)) }.at(120), position(0, 220), "it is empty");
    }

    proptest! {
        /// Step by step it is the same as a counter that jumps back.
        #[test]
        fn a_loop_is_a_counter_that_jumps_back(from in 0..50_i64, start in 0..40_i64, length in 1..30_i64) {
            let range = PlaybackRange { from, repeat: Some((start, start + length)) };
            let mut counter = position(0, from);
            for elapsed in 0..200 {
                prop_assert_eq!(range.at(elapsed), counter);
                counter.at += 1;
                if from < start + length && counter.at == start + length {
                    counter = position(counter.loops + 1, start);
                }
            }
        }

        #[test]
        fn it_goes_straight_on_until_the_end_of_the_loop(
            from in 0..50_i64, start in 0..40_i64, length in 1..30_i64, elapsed in 0..200_i64,
        ) {
            let range = PlaybackRange { from, repeat: Some((start, start + length)) };
            if let Some(left) = range.until_jump(elapsed) {
                prop_assert!(left > 0);
                let now = range.at(elapsed);
                prop_assert_eq!(range.at(elapsed + left - 1), position(now.loops, now.at + left - 1));
                prop_assert_eq!(range.at(elapsed + left).at, start);
            }
        }
    }
}
