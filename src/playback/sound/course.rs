//! Which moment is played when: straight on, or a stretch again and again.

/// What is played, in any unit of time: from a moment on, and where there is a lap, back to its start each time its end is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// Where it begins.
    pub from: i64,
    /// Start and end of what is repeated. One that is empty, or over before the beginning, repeats nothing.
    pub lap: Option<(i64, i64)>,
}

impl Course {
    /// The moment that is played after `run`, and how often it went back until then.
    #[must_use]
    pub fn at(self, run: i64) -> (i64, i64) {
        let run = run.max(0);
        match self.lap {
            Some((start, end)) if self.from < end && start < end && run >= end - self.from => {
                let behind = run - (end - self.from);
                let length = end - start;
                (1 + behind / length, start + behind % length)
            }
            _ => (0, self.from.saturating_add(run)),
        }
    }

    /// How long it goes straight on after `run`; `None` for ever.
    #[must_use]
    pub fn straight(self, run: i64) -> Option<i64> {
        let (_, at) = self.at(run);
        self.lap.filter(|&(start, end)| start < end && self.from < end).map(|(_, end)| end - at)
    }

    /// The same in another unit.
    #[must_use]
    pub fn scaled(self, by: impl Fn(i64) -> i64) -> Self {
        Self { from: by(self.from), lap: self.lap.map(|(start, end)| (by(start), by(end))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn without_a_lap_it_goes_straight_on() {
        let course = Course { from: 100, lap: None };
        assert_eq!((course.at(0), course.at(50), course.at(-7)), ((0, 100), (0, 150), (0, 100)));
        assert_eq!(course.straight(3), None);
        assert_eq!(Course { from: 100, lap: Some((10, 90)) }.at(20), (0, 120), "the lap is over already");
        assert_eq!(Course { from: 100, lap: Some((200, 200)) }.at(120), (0, 220), "an empty lap");
    }

    proptest! {
        /// Step by step it is the same as a counter that jumps back.
        #[test]
        fn a_lap_is_a_counter_that_jumps_back(from in 0..50_i64, start in 0..40_i64, length in 1..30_i64) {
            let course = Course { from, lap: Some((start, start + length)) };
            let (mut at, mut laps) = (from, 0);
            for run in 0..200 {
                prop_assert_eq!(course.at(run), (laps, at));
                at += 1;
                if from < start + length && at == start + length {
                    at = start;
                    laps += 1;
                }
            }
        }

        #[test]
        fn it_is_straight_until_the_end_of_the_lap(from in 0..50_i64, start in 0..40_i64, length in 1..30_i64, run in 0..200_i64) {
            let course = Course { from, lap: Some((start, start + length)) };
            if let Some(straight) = course.straight(run) {
                prop_assert!(straight > 0);
                prop_assert_eq!(course.at(run + straight - 1), (course.at(run).0, course.at(run).1 + straight - 1));
                prop_assert_eq!(course.at(run + straight).1, start);
            }
        }
    }
}
