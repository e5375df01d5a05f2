//! When the next waiting job may be sent.

use crate::model::{Problem, ServiceCode};

/// The code with which a service refuses a task beyond those that it runs at once (wire contract §4).
const NO_SLOT: ServiceCode = ServiceCode::Number(1303);
/// First wait after a create that was certainly not taken, in milliseconds; doubles each time. The contract asks for one second at least.
const FIRST_WAIT_MS: u64 = 1_000;
/// Longest such wait.
const LONGEST_WAIT_MS: u64 = 30_000;
/// After which time without a free slot it is tried once more, in milliseconds: others may use the account, and what we take for running may
/// have ended. A refusal for this costs nothing.
const TRY_AGAIN_MS: u64 = 60_000;

/// What the service's answers say about when to send. Times by the clock that nobody sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// How many tasks the service runs at once, once that is known.
    most: Option<u32>,
    /// Refusals in a row that were certainly not taken.
    refusals: u32,
    /// Nothing is sent before this.
    not_before_ms: u64,
    /// Since when no slot is free, or when the service last said so.
    full_ms: Option<u64>,
}

impl Gate {
    /// How many tasks the service runs at once, once that is known.
    pub const fn most(&self) -> Option<u32> {
        self.most
    }

    /// The service says, in the name of a package, how many tasks it runs at once.
    pub fn allow(&mut self, most: u32) {
        self.most = Some(most.max(1));
    }

    /// In how many milliseconds a job may be sent at the earliest, while `used` tasks run.
    pub fn wait_ms(&mut self, used: u32, now_ms: u64) -> u64 {
        let paced_ms = self.not_before_ms.saturating_sub(now_ms);
        if self.most.is_none_or(|most| used < most) {
            self.full_ms = None;
            return paced_ms;
        }
        let full_ms = *self.full_ms.get_or_insert(now_ms);
        paced_ms.max(full_ms.saturating_add(TRY_AGAIN_MS).saturating_sub(now_ms))
    }

    /// A create was certainly not taken, while `used` other tasks ran.
    pub fn refused(&mut self, problem: &Problem, used: u32, now_ms: u64) {
        if problem.code.as_ref() == Some(&NO_SLOT) {
            self.most = Some(used.max(1));
            self.full_ms = Some(now_ms);
        }
        let own_ms = (FIRST_WAIT_MS << self.refusals.min(5)).min(LONGEST_WAIT_MS);
        self.not_before_ms = now_ms.saturating_add(own_ms.max(problem.retry_after_ms.unwrap_or(0)));
        self.refusals = self.refusals.saturating_add(1);
    }

    /// A create was taken, while `used` other tasks ran.
    pub fn taken(&mut self, used: u32) {
        (self.refusals, self.not_before_ms, self.full_ms) = (0, 0, None);
        self.most = self.most.map(|most| most.max(used.saturating_add(1)));
    }
}

/// How long `waiting` jobs take from now until the last is at its end, in milliseconds, where each takes `usual_ms` and `running` tasks have
/// been running for so long: as many at once as `most` says, or all at once where no limit is known.
pub fn remaining_ms(waiting: usize, running: &[i64], most: Option<u32>, usual_ms: i64) -> i64 {
    let mut free_at: Vec<i64> = running.iter().map(|elapsed_ms| (usual_ms - elapsed_ms).max(0)).collect();
    let most = most.map_or(waiting + running.len(), |most| most as usize).max(free_at.len()).max(1);
    free_at.resize(most, 0);
    let mut last_ms = free_at.iter().copied().max().unwrap_or(0);
    for _ in 0..waiting {
        if let Some(first) = free_at.iter_mut().min() {
            *first += usual_ms;
            last_ms = last_ms.max(*first);
        }
    }
    last_ms
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::ProblemKind;

    fn no_slot() -> Problem {
        Problem { code: Some(NO_SLOT), ..Problem::new(ProblemKind::Refused, "too many tasks at once") }
    }

    #[test]
    fn a_refusal_for_slots_shows_how_many_there_are_and_a_task_that_ends_frees_one() {
        let mut gate = Gate::default();
        assert_eq!(gate.wait_ms(7, 0), 0, "no limit is known");
        gate.refused(&no_slot(), 2, 10);
        assert_eq!(gate.most(), Some(2));
        assert_eq!(gate.wait_ms(2, 10), TRY_AGAIN_MS, "no slot is free");
        assert_eq!(gate.wait_ms(2, 10 + TRY_AGAIN_MS), 0, "it is tried once more: others may have used the account");
        assert_eq!(gate.wait_ms(1, 10), 1_000, "one is, but the contract asks for a second");
        assert_eq!(gate.wait_ms(1, 1_010), 0);
        gate.taken(2);
        assert_eq!((gate.most(), gate.wait_ms(2, 10)), (Some(3), 0), "the service runs more than it did");
    }

    #[test]
    fn with_no_task_of_ours_a_refusal_for_slots_still_leaves_one() {
        let mut gate = Gate::default();
        gate.refused(&no_slot(), 0, 0);
        assert_eq!((gate.most(), gate.wait_ms(0, 0)), (Some(1), 1_000));
        gate.refused(&no_slot(), 0, 1_000);
        gate.allow(0);
        assert_eq!(gate.wait_ms(0, 1_000), 2_000, "each time it waits twice as long");
        let later = Problem { retry_after_ms: Some(9_000), code: Some(ServiceCode::Number(1302)), ..no_slot() };
        gate.refused(&later, 5, 3_000);
        assert_eq!((gate.most(), gate.wait_ms(0, 3_000)), (Some(1), 9_000), "as long as the service asks for");
    }

    #[test]
    fn the_time_for_the_rest_is_that_of_the_slots_one_after_the_other() {
        assert_eq!(remaining_ms(0, &[], None, 60), 0);
        assert_eq!(remaining_ms(3, &[], None, 60), 60, "all at once");
        assert_eq!(remaining_ms(3, &[], Some(1), 60), 180);
        assert_eq!(remaining_ms(2, &[50, 10], Some(2), 60), 110, "10 left, then one; 50 left, then the other");
        assert_eq!(remaining_ms(0, &[90], Some(1), 60), 0, "it takes longer than usual: any moment");
    }

    proptest! {
        /// More slots are never slower, one more job never faster, and nobody waits longer than one after the other.
        #[test]
        fn more_slots_are_never_slower(waiting in 0_usize..20, running in prop::collection::vec(0_i64..100, 0..4), most in 1_u32..8) {
            let all_ms = remaining_ms(waiting, &running, Some(most), 60);
            prop_assert!(remaining_ms(waiting, &running, Some(most + 1), 60) <= all_ms);
            prop_assert!(remaining_ms(waiting + 1, &running, Some(most), 60) >= all_ms);
            prop_assert!(all_ms <= 60 * (waiting + running.len()) as i64);
        }

        /// While it is full, nothing is sent sooner than a second after a refusal, and it is tried at least once a minute.
        #[test]
        fn it_never_waits_for_ever(used in 0_u32..6, refusals in prop::collection::vec((0_u32..4, any::<bool>()), 1..12)) {
            let mut gate = Gate::default();
            for (at, (used, is_full)) in refusals.iter().enumerate() {
                let problem = if *is_full { no_slot() } else { Problem { code: None, ..no_slot() } };
                gate.refused(&problem, *used, at as u64);
            }
            let wait_ms = gate.wait_ms(used, refusals.len() as u64 - 1);
            prop_assert!((FIRST_WAIT_MS..=TRY_AGAIN_MS).contains(&wait_ms), "{wait_ms}");
        }
    }
}
