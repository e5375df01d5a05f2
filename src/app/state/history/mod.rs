//! Undo and redo. Pure: what was edited comes in as values before and after, and goes out as the step to take back.
//!
//! A step holds both sides, and only what differs between them is ever put back: what came about otherwise in between (a new
//! session, a voice written as WAV) is not undone along with it.

mod edit;

use std::collections::VecDeque;

pub use self::edit::{Edit, Part, What};

/// As many steps can be taken back; older ones are forgotten.
pub const MOST_STEPS: usize = 200;
/// Keys pressed one after the other within this time are one step, in milliseconds.
const PAUSE_MS: i64 = 800;

/// How an edit is being made: what goes on in one hand is one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// By the pointer: which press of its button this is.
    Press(u64),
    /// By keys, or by assistive technology.
    Keys {
        /// What has the keyboard, as a number.
        focus: u64,
        /// When; milliseconds since the epoch.
        at_ms: i64,
    },
}

impl Hand {
    /// Whether an edit made by `next` goes on with what was begun by `self`.
    const fn goes_on(self, next: Self) -> bool {
        match (self, next) {
            (Self::Press(before), Self::Press(now)) => before == now,
            (Self::Keys { focus: before, at_ms: then }, Self::Keys { focus: now, at_ms }) => {
                before == now && at_ms.saturating_sub(then) <= PAUSE_MS
            }
            _ => false,
        }
    }
}

/// An edit that can be taken back.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Before it.
    pub before: Edit,
    /// After it.
    pub after: Edit,
    /// What it did.
    pub what: What,
}

/// What was edited, in order.
#[derive(Debug, Default)]
pub struct History {
    done: VecDeque<Step>,
    undone: Vec<Step>,
    /// By whom the last step was made, while it may still go on.
    hand: Option<Hand>,
}

impl History {
    /// Takes down an edit. What was undone before it cannot be redone any more.
    pub fn record(&mut self, before: Edit, after: Edit, what: What, hand: Hand) {
        let goes_on = self.hand.is_some_and(|last| last.goes_on(hand));
        self.hand = Some(hand);
        self.undone.clear();
        if goes_on
            && let Some(last) = self.done.back_mut()
            && (matches!(hand, Hand::Press(_)) || last.what == what)
        {
            last.after = after;
            last.what = what;
            // There and back: nothing was done.
            if last.before == last.after {
                self.done.pop_back();
                self.hand = None;
            }
            return;
        }
        if before == after {
            return;
        }
        self.done.push_back(Step { before, after, what });
        if self.done.len() > MOST_STEPS {
            self.done.pop_front();
        }
    }

    /// The step that would be taken back.
    #[must_use]
    pub fn to_undo(&self) -> Option<&Step> {
        self.done.back()
    }

    /// The step that would be done again.
    #[must_use]
    pub fn to_redo(&self) -> Option<&Step> {
        self.undone.last()
    }

    /// Takes the last step back; answers it. What is at hand is to become what was before it.
    pub fn undo(&mut self) -> Option<&Step> {
        self.hand = None;
        let step = self.done.pop_back()?;
        self.undone.push(step);
        self.undone.last()
    }

    /// Does the last step again that was taken back; answers it. What is at hand is to become what was after it.
    pub fn redo(&mut self) -> Option<&Step> {
        self.hand = None;
        let step = self.undone.pop()?;
        self.done.push_back(step);
        self.done.back()
    }

    /// Leaves these parts out of every step: what they were about is gone. Steps that were about nothing else go too.
    pub fn forget(&mut self, parts: &[Part]) {
        self.hand = None;
        let forget = |step: &mut Step| {
            for part in parts {
                step.before.take_over(&step.after, *part);
            }
            step.before != step.after
        };
        self.done.retain_mut(forget);
        self.undone.retain_mut(forget);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::placement::Wanted;
    use proptest::prelude::*;

    fn at(insert_ms: i64) -> Edit {
        Edit { wanted: Wanted { insert_ms: Some(insert_ms), ..Wanted::default() }, ..Edit::default() }
    }

    fn key(at_ms: i64) -> Hand {
        Hand::Keys { focus: 1, at_ms }
    }

    #[test]
    fn what_one_hand_does_without_a_pause_is_one_step() {
        let mut history = History::default();
        for (from, to, hand) in [
            (0, 10, Hand::Press(1)),
            (10, 25, Hand::Press(1)),
            (25, 30, Hand::Press(2)),
            (30, 40, key(5_000)),
            (40, 50, key(5_700)),
            (50, 60, key(6_501)),
            (60, 70, Hand::Keys { focus: 2, at_ms: 6_502 }),
        ] {
            history.record(at(from), at(to), What::Move, hand);
        }
        let befores: Vec<Edit> = std::iter::from_fn(|| history.undo().map(|step| step.before.clone())).collect();
        assert_eq!(befores, [at(60), at(50), at(30), at(25), at(0)]);
    }

    #[test]
    fn there_and_back_in_one_drag_is_nothing() {
        let mut history = History::default();
        history.record(at(0), at(10), What::Move, Hand::Press(1));
        history.record(at(10), at(40), What::Move, Hand::Press(1));
        history.record(at(40), at(0), What::Move, Hand::Press(1));
        assert_eq!(history.to_undo(), None);
        history.record(at(0), at(5), What::Move, Hand::Press(1));
        assert_eq!(history.to_undo().map(|step| step.after.clone()), Some(at(5)), "the same drag goes on");
    }

    #[test]
    fn what_was_about_another_clip_is_forgotten_and_the_rest_stays() {
        let mut history = History::default();
        let loud = |edit: Edit| Edit { sound_volume: Some(2.0), ..edit };
        history.record(at(0), at(10), What::Move, Hand::Press(1));
        history.record(at(10), loud(at(10)), What::VoiceVolume, Hand::Press(2));
        history.forget(&[Part::Placement, Part::Face]);
        assert_eq!(history.undo().map(|step| step.what), Some(What::VoiceVolume));
        assert_eq!(history.undo(), None);
    }

    proptest! {
        /// Whatever is done, undoing all of it leads back to the start through every state, and redoing all of it to the end.
        #[test]
        fn undo_then_redo_is_nothing(values in prop::collection::vec(0..50_i64, 1..60)) {
            let mut history = History::default();
            let mut states = vec![at(-1)];
            for (press, value) in values.into_iter().enumerate() {
                let before = states[states.len() - 1].clone();
                if before != at(value) {
                    history.record(before, at(value), What::Move, Hand::Press(press as u64));
                    states.push(at(value));
                }
            }
            let end = states.len() - 1;
            for place in (0..end).rev() {
                prop_assert_eq!(history.undo().map(|step| step.before.clone()), Some(states[place].clone()));
            }
            prop_assert!(history.to_undo().is_none());
            for state in &states[1..] {
                prop_assert_eq!(history.redo().map(|step| step.after.clone()), Some(state.clone()));
            }
            prop_assert!(history.to_redo().is_none());
        }

        #[test]
        fn no_more_than_so_many_steps_are_kept_and_they_are_the_last(count in 1..600_usize) {
            let mut history = History::default();
            for place in 0..count {
                history.record(at(place as i64), at(place as i64 + 1), What::Move, Hand::Press(place as u64));
            }
            prop_assert_eq!(history.done.len(), count.min(MOST_STEPS));
            prop_assert_eq!(history.to_undo().map(|step| step.after.clone()), Some(at(count as i64)));
        }

        #[test]
        fn an_edit_after_undoing_begins_another_future(undos in 1..10_usize) {
            let mut history = History::default();
            for place in 0..10 {
                history.record(at(place), at(place + 1), What::Move, Hand::Press(place.unsigned_abs()));
            }
            for _ in 0..undos {
                history.undo();
            }
            history.record(at(10 - undos as i64), at(99), What::Move, Hand::Press(99));
            prop_assert!(history.to_redo().is_none());
            prop_assert_eq!(history.undo().map(|step| step.before.clone()), Some(at(10 - undos as i64)));
        }
    }
}
