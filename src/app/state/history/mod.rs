//! Undo and redo. Pure: edits come in as values before and after, and go out as the step to revert.
//!
//! A step holds both values, and only the parts that differ between them are ever restored: changes with another cause (a new
//! session, a voice converted to WAV) are not undone along with it.

mod edit;

use std::collections::VecDeque;

pub use self::edit::{Edit, EditKind, Part};

/// Maximum number of steps; older ones are dropped.
pub const MOST_STEPS: usize = 200;
/// Key presses within this time of each other are one step, in milliseconds.
const PAUSE_MS: i64 = 800;

/// How an edit is made: edits of one continuous gesture are one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gesture {
    /// By the pointer: the number of the button press.
    Press(u64),
    /// By keys, or by assistive technology.
    Keys {
        /// The focused widget, as a number.
        focus: u64,
        /// When, in milliseconds since the epoch.
        at_ms: i64,
    },
}

impl Gesture {
    /// Whether an edit by `next` continues the gesture of `self`.
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

/// An edit that can be undone.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The values before it.
    pub before: Edit,
    /// The values after it.
    pub after: Edit,
    /// Its kind.
    pub what: EditKind,
}

/// The edits, in order.
#[derive(Debug, Default)]
pub struct History {
    done: VecDeque<Step>,
    undone: Vec<Step>,
    /// The gesture of the last step, while that may still continue.
    gesture: Option<Gesture>,
}

impl History {
    /// Records an edit. Steps that were undone before it can no longer be redone.
    pub fn record(&mut self, before: Edit, after: Edit, what: EditKind, gesture: Gesture) {
        let goes_on = self.gesture.is_some_and(|last| last.goes_on(gesture));
        self.gesture = Some(gesture);
        self.undone.clear();
        if goes_on
            && let Some(last) = self.done.back_mut()
            && (matches!(gesture, Gesture::Press(_)) || last.what == what)
        {
            last.after = after;
            last.what = what;
            // The edit was reverted within its gesture.
            if last.before == last.after {
                self.done.pop_back();
                self.gesture = None;
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

    /// The step that undo would revert.
    #[must_use]
    pub fn to_undo(&self) -> Option<&Step> {
        self.done.back()
    }

    /// The step that redo would apply.
    #[must_use]
    pub fn to_redo(&self) -> Option<&Step> {
        self.undone.last()
    }

    /// Undoes the last step and returns it; the caller restores the values before it.
    pub fn undo(&mut self) -> Option<&Step> {
        self.gesture = None;
        let step = self.done.pop_back()?;
        self.undone.push(step);
        self.undone.last()
    }

    /// Redoes the last undone step and returns it; the caller restores the values after it.
    pub fn redo(&mut self) -> Option<&Step> {
        self.gesture = None;
        let step = self.undone.pop()?;
        self.done.push_back(step);
        self.done.back()
    }

    /// Removes these parts from every step, because their subject no longer exists. Steps that changed nothing else are dropped.
    pub fn forget(&mut self, parts: &[Part]) {
        self.gesture = None;
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

    fn key(at_ms: i64) -> Gesture {
        Gesture::Keys { focus: 1, at_ms }
    }

    #[test]
    fn what_one_hand_does_without_a_pause_is_one_step() {
        let mut history = History::default();
        for (from, to, gesture) in [
            (0, 10, Gesture::Press(1)),
            (10, 25, Gesture::Press(1)),
            (25, 30, Gesture::Press(2)),
            (30, 40, key(5_000)),
            (40, 50, key(5_700)),
            (50, 60, key(6_501)),
            (60, 70, Gesture::Keys { focus: 2, at_ms: 6_502 }),
        ] {
            history.record(at(from), at(to), EditKind::Move, gesture);
        }
        let befores: Vec<Edit> = std::iter::from_fn(|| history.undo().map(|step| step.before.clone())).collect();
        assert_eq!(befores, [at(60), at(50), at(30), at(25), at(0)]);
    }

    #[test]
    fn there_and_back_in_one_drag_is_nothing() {
        let mut history = History::default();
        history.record(at(0), at(10), EditKind::Move, Gesture::Press(1));
        history.record(at(10), at(40), EditKind::Move, Gesture::Press(1));
        history.record(at(40), at(0), EditKind::Move, Gesture::Press(1));
        assert_eq!(history.to_undo(), None);
        history.record(at(0), at(5), EditKind::Move, Gesture::Press(1));
        assert_eq!(history.to_undo().map(|step| step.after.clone()), Some(at(5)), "the same drag goes on");
    }

    #[test]
    fn what_was_about_another_clip_is_forgotten_and_the_rest_stays() {
        let mut history = History::default();
        let loud = |edit: Edit| Edit { sound_volume: Some(2.0), ..edit };
        history.record(at(0), at(10), EditKind::Move, Gesture::Press(1));
        history.record(at(10), loud(at(10)), EditKind::VoiceVolume, Gesture::Press(2));
        history.forget(&[Part::Placement, Part::Face]);
        assert_eq!(history.undo().map(|step| step.what), Some(EditKind::VoiceVolume));
        assert_eq!(history.undo(), None);
    }

    proptest! {
        /// After any edits, undoing all of them leads back to the start through every state, and redoing all of them to the end.
        #[test]
        fn undo_then_redo_is_nothing(values in prop::collection::vec(0..50_i64, 1..60)) {
            let mut history = History::default();
            let mut states = vec![at(-1)];
            for (press, value) in values.into_iter().enumerate() {
                let before = states[states.len() - 1].clone();
                if before != at(value) {
                    history.record(before, at(value), EditKind::Move, Gesture::Press(press as u64));
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
                history.record(at(place as i64), at(place as i64 + 1), EditKind::Move, Gesture::Press(place as u64));
            }
            prop_assert_eq!(history.done.len(), count.min(MOST_STEPS));
            prop_assert_eq!(history.to_undo().map(|step| step.after.clone()), Some(at(count as i64)));
        }

        #[test]
        fn an_edit_after_undoing_begins_another_future(undos in 1..10_usize) {
            let mut history = History::default();
            for place in 0..10 {
                history.record(at(place), at(place + 1), EditKind::Move, Gesture::Press(place.unsigned_abs()));
            }
            for _ in 0..undos {
                history.undo();
            }
            history.record(at(10 - undos as i64), at(99), EditKind::Move, Gesture::Press(99));
            prop_assert!(history.to_redo().is_none());
            prop_assert_eq!(history.undo().map(|step| step.before.clone()), Some(at(10 - undos as i64)));
        }
    }
}
