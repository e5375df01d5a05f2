//! Random lives of three owners on one journal, with a clock that also jumps: what holds after every step.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::journal::{Claim, IntentState, JournalError, LEASE_MS, Micros, Recorded, Refusal, Sending, Settled};

const OWNERS: usize = 3;
const SLOTS: u32 = 3;
const LIMIT: Micros = Micros(10_000_000);

#[derive(Clone, Debug)]
enum Act {
    Send { by: usize, name: usize, units: i64 },
    Queue { by: usize, name: usize, units: i64 },
    Sent { by: usize, at: usize },
    SendAgain { by: usize, at: usize },
    Accepted { at: usize, task: usize },
    NotTaken { by: usize, at: usize },
    Refused { by: usize, at: usize },
    NameTaken { by: usize, at: usize },
    Unknown { by: usize, at: usize },
    Looked { by: usize, at: usize },
    Found { by: usize, at: usize, task: usize },
    Nothing { by: usize, at: usize },
    Withdraw { by: usize, at: usize },
    Seen { by: usize, at: usize, ends: bool },
    Book { at: usize },
    Heartbeat { by: usize },
    TakeOver { by: usize },
    Claim { by: usize, at: usize },
    Release { by: usize },
    Clock { by_ms: i64 },
    Crash,
}

fn acts() -> impl Strategy<Value = Act> {
    let (by, at, name, task) = (0..OWNERS, 0..6_usize, 0..12_usize, 0..5_usize);
    let of = (by.clone(), at.clone());
    let begin = (by.clone(), name, 1..4_i64);
    let clock = prop_oneof![6 => 0..12_000_i64, 2 => 25_000..70_000_i64, 1 => -90_000_000..90_000_000_i64];
    prop_oneof![
        4 => begin.clone().prop_map(|(by, name, units)| Act::Send { by, name, units }),
        2 => begin.prop_map(|(by, name, units)| Act::Queue { by, name, units }),
        3 => of.clone().prop_map(|(by, at)| Act::Sent { by, at }),
        4 => of.clone().prop_map(|(by, at)| Act::SendAgain { by, at }),
        3 => (at.clone(), task.clone()).prop_map(|(at, task)| Act::Accepted { at, task }),
        2 => of.clone().prop_map(|(by, at)| Act::NotTaken { by, at }),
        1 => of.clone().prop_map(|(by, at)| Act::Refused { by, at }),
        1 => of.clone().prop_map(|(by, at)| Act::NameTaken { by, at }),
        4 => of.clone().prop_map(|(by, at)| Act::Unknown { by, at }),
        4 => of.clone().prop_map(|(by, at)| Act::Looked { by, at }),
        2 => (by.clone(), at.clone(), task).prop_map(|(by, at, task)| Act::Found { by, at, task }),
        1 => of.clone().prop_map(|(by, at)| Act::Nothing { by, at }),
        1 => of.clone().prop_map(|(by, at)| Act::Withdraw { by, at }),
        3 => (by.clone(), at.clone(), any::<bool>()).prop_map(|(by, at, ends)| Act::Seen { by, at, ends }),
        1 => at.prop_map(|at| Act::Book { at }),
        4 => by.clone().prop_map(|by| Act::Heartbeat { by }),
        4 => by.clone().prop_map(|by| Act::TakeOver { by }),
        2 => of.prop_map(|(by, at)| Act::Claim { by, at }),
        1 => by.prop_map(|by| Act::Release { by }),
        6 => clock.prop_map(|by_ms| Act::Clock { by_ms }),
        1 => Just(Act::Crash),
    ]
}

/// What is known of the journal from the outside.
struct Life {
    journal: Journal,
    now_ms: i64,
    intents: Vec<IntentId>,
    names: BTreeSet<usize>,
    /// Sendings that may have created something, since the last look-up that found nothing.
    unsettled: BTreeMap<IntentId, u32>,
    owners: BTreeMap<IntentId, Option<usize>>,
    leases: BTreeMap<usize, i64>,
    accepted: BTreeSet<String>,
}

type Step<T> = std::result::Result<T, JournalError>;

impl Life {
    fn new() -> Self {
        let journal = Journal::in_memory().unwrap();
        Self {
            journal,
            now_ms: 100_000_000,
            intents: Vec::new(),
            names: BTreeSet::new(),
            unsettled: BTreeMap::new(),
            owners: BTreeMap::new(),
            leases: BTreeMap::new(),
            accepted: BTreeSet::new(),
        }
    }

    fn at(&self, at: usize) -> Option<IntentId> {
        // The last ones: they are where something may still happen.
        self.intents.iter().rev().nth(at).copied()
    }

    fn beat(&mut self, by: usize) {
        self.leases.insert(by, self.now_ms + LEASE_MS);
    }

    /// A step that only the owner may take.
    fn owned<T>(&self, id: IntentId, by: usize, done: &Step<T>) {
        match done {
            Ok(_) => assert_eq!(self.owners[&id], Some(by), "a step of one that does not own it"),
            Err(JournalError::Impossible { .. }) => {}
            Err(JournalError::NotYours(_)) => assert_ne!(self.owners[&id], Some(by)),
            Err(err) => panic!("{err:?}"),
        }
    }

    fn sending<T>(&mut self, id: IntentId, by: usize, done: &Step<std::result::Result<T, Refusal>>) {
        self.owned(id, by, done);
        if matches!(done, Ok(Ok(_))) {
            let unsettled = self.unsettled.entry(id).or_default();
            assert_eq!(*unsettled, 0, "sent again although the last sending may have created something");
            *unsettled += 1;
        }
    }

    fn begin(&mut self, by: usize, name: usize, units: i64, sends: bool) {
        let limit = Some(LIMIT);
        let spend = Spend { day: "today".into(), unit: "units".into(), estimate: Micros(units * 1_000_000), limit };
        let new = with_spend(&format!("n-{name}"), spend);
        let begun = if sends {
            self.journal.send_intent(&new, &owner(&by.to_string()), self.now_ms)
        } else {
            self.journal.queue_intent(&new, &owner(&by.to_string()), self.now_ms)
        };
        match begun.unwrap() {
            Begun::Intent(id) => {
                assert!(self.names.insert(name), "a name was used twice");
                assert!(self.journal.spent(&service(), "today", "units").unwrap() <= LIMIT);
                self.beat(by);
                self.intents.push(id);
                self.owners.insert(id, Some(by));
                self.unsettled.insert(id, u32::from(sends));
            }
            Begun::Refused(Refusal::NameUsed(_)) => assert!(self.names.contains(&name)),
            Begun::Refused(_) => assert!(!self.names.contains(&name)),
        }
    }

    fn claim(&mut self, id: IntentId, by: usize) {
        let claim = self.journal.claim(id, &owner(&by.to_string()), self.now_ms).unwrap();
        self.beat(by);
        self.shorten();
        if matches!(claim, Claim::Yours(_)) {
            self.taken(id, by);
        }
    }

    /// An intent changed hands.
    fn taken(&mut self, id: IntentId, by: usize) {
        if let Some(other) = self.owners[&id].filter(|other| *other != by) {
            assert!(self.leases.get(&other).is_none_or(|until| *until <= self.now_ms), "taken from a living owner");
        }
        self.owners.insert(id, Some(by));
    }

    /// A task is written down: with the intent, or beside it as one of its own. One that was followed may be another's now.
    fn recorded(&mut self, id: IntentId, task: String, recorded: Recorded) {
        self.accepted.insert(task);
        if let Recorded::Beside(beside) = recorded
            && !self.owners.contains_key(&beside)
        {
            self.intents.push(beside);
            self.owners.insert(beside, self.owners[&id]);
        }
        let journal = self.journal.clone();
        self.intents.retain(|id| journal.intent(*id).is_ok());
        self.owners.retain(|id, _| journal.intent(*id).is_ok());
    }

    fn shorten(&mut self) {
        let most = self.now_ms + LEASE_MS;
        self.leases.values_mut().for_each(|until| *until = (*until).min(most));
    }

    fn act(&mut self, act: &Act) {
        let now_ms = self.now_ms;
        let name = |by: &usize| owner(&by.to_string());
        match act {
            Act::Send { by, name, units } => self.begin(*by, *name, *units, true),
            Act::Queue { by, name, units } => self.begin(*by, *name, *units, false),
            Act::Heartbeat { by } => {
                let owned: BTreeSet<_> = self.journal.heartbeat(&name(by), now_ms).unwrap().into_iter().collect();
                self.beat(*by);
                self.shorten();
                let expected = self.owners.iter().filter(|(id, owner)| **owner == Some(*by) && !self.is_finished(**id));
                assert_eq!(owned, expected.map(|(id, _)| *id).collect());
            }
            Act::TakeOver { by } => {
                for intent in self.journal.unfinished().unwrap() {
                    self.claim(intent.id, *by);
                }
            }
            Act::Release { by } => {
                self.journal.release(&name(by)).unwrap();
                self.leases.remove(by);
                let finished: BTreeSet<_> = self.intents.iter().copied().filter(|id| self.is_finished(*id)).collect();
                for (id, owner) in &mut self.owners {
                    if *owner == Some(*by) && !finished.contains(id) {
                        *owner = None;
                    }
                }
            }
            Act::Clock { by_ms } => self.now_ms = (now_ms + by_ms).max(0),
            Act::Crash => self.journal = Journal::restore(&self.journal.snapshot().unwrap()).unwrap(),
            act => self.act_on_one(act),
        }
    }

    fn is_finished(&self, id: IntentId) -> bool {
        self.journal.intent(id).unwrap().finished_ms.is_some()
    }

    fn act_on_one(&mut self, act: &Act) {
        let (Act::Sent { at, .. }
        | Act::SendAgain { at, .. }
        | Act::Accepted { at, .. }
        | Act::NotTaken { at, .. }
        | Act::Refused { at, .. }
        | Act::NameTaken { at, .. }
        | Act::Unknown { at, .. }
        | Act::Looked { at, .. }
        | Act::Found { at, .. }
        | Act::Nothing { at, .. }
        | Act::Withdraw { at, .. }
        | Act::Seen { at, .. }
        | Act::Book { at }
        | Act::Claim { at, .. }) = act
        else {
            return;
        };
        let Some(id) = self.at(*at) else { return };
        let (journal, now_ms) = (self.journal.clone(), self.now_ms);
        let name = |by: &usize| owner(&by.to_string());
        match act {
            Act::Sent { by, .. } => {
                let (used, held) = (journal.slots_used(&service()).unwrap(), journal.intent(id).unwrap().sends > 0);
                let sending = Sending { most: Some(SLOTS), ..Sending::default() };
                let done = journal.sent(id, &name(by), &sending, now_ms);
                assert!(used < SLOTS || held || !matches!(done, Ok(Ok(()))), "sent beyond the slots");
                self.sending(id, *by, &done);
            }
            Act::SendAgain { by, .. } => self.sending(id, *by, &journal.send_again(id, &name(by), now_ms)),
            Act::Accepted { task, .. } => {
                let task = format!("t-{task}");
                match journal.accepted(id, &task, now_ms) {
                    Ok(recorded) => self.recorded(id, task, recorded),
                    Err(JournalError::Impossible { .. }) => {
                        assert_eq!(journal.intent(id).unwrap().sends, 0, "an accepted task was not written down");
                    }
                    Err(err) => panic!("{err:?}"),
                }
            }
            Act::Found { by, task, .. } => {
                let task = format!("t-{task}");
                let done = journal.found(id, &name(by), Settled::NameQuery, &task, now_ms);
                self.owned(id, *by, &done);
                if let Ok(recorded) = done {
                    self.recorded(id, task, recorded);
                }
            }
            Act::NotTaken { by, .. } => {
                let done = journal.not_taken(id, &name(by), &problem("1303"), now_ms);
                self.owned(id, *by, &done);
                if done.is_ok() {
                    self.unsettled.insert(id, 0);
                }
            }
            Act::Refused { by, .. } => {
                let done = journal.refused(id, &name(by), &problem("no"), now_ms);
                self.owned(id, *by, &done);
            }
            Act::NameTaken { by, .. } => self.owned(id, *by, &journal.name_taken(id, &name(by), None, None, now_ms)),
            Act::Unknown { by, .. } => self.owned(id, *by, &journal.unknown(id, &name(by), None, now_ms)),
            Act::Looked { by, .. } => {
                let done = journal.looked(id, &name(by), Settled::Tasks, now_ms);
                self.owned(id, *by, &done);
                if done.is_ok() {
                    self.unsettled.insert(id, 0);
                }
            }
            Act::Nothing { by, .. } => {
                self.owned(id, *by, &journal.nothing(id, &name(by), Settled::Person, now_ms));
            }
            Act::Withdraw { by, .. } => self.owned(id, *by, &journal.withdraw(id, &name(by), None, now_ms)),
            Act::Seen { by, ends, .. } => {
                let status = if *ends { TaskStatus::Succeed } else { TaskStatus::Processing };
                let before = journal.intent(id).unwrap();
                let done = journal.task_seen(id, &name(by), &task("t", status), now_ms);
                if done.is_ok() && before.finished_ms.is_none() {
                    assert_eq!(self.owners[&id], Some(*by));
                }
            }
            Act::Book { .. } => journal.book(id, "today", "units", Micros(500_000)).unwrap_or_default(),
            Act::Claim { by, .. } => self.claim(id, *by),
            _ => {}
        }
    }

    /// What holds after every step.
    fn check(&self, before: &BTreeMap<IntentId, IntentState>) {
        for task in &self.accepted {
            let sql = "SELECT count(*) FROM tasks WHERE task_id = ?1";
            let known: i64 = self.journal.read(|db| Ok(db.query_row(sql, [task], |row| row.get(0))?)).unwrap();
            assert_eq!(known, 1, "the accepted task {task} is lost, or doubled");
        }
        for (id, state) in self.states() {
            let was = before.get(&id).copied();
            assert!(was != Some(IntentState::Accepted) || state == IntentState::Accepted, "accepted went back");
        }
    }

    fn states(&self) -> BTreeMap<IntentId, IntentState> {
        let sql = "SELECT id, state FROM intents";
        let states = self.journal.read(|db| {
            let mut query = db.prepare_cached(sql)?;
            let states = query.query_map([], |row| Ok((IntentId(row.get(0)?), row.get::<_, String>(1)?)))?;
            Ok(states
                .map(|state| state.map(|(id, word)| (id, IntentState::of_word(&word).unwrap())))
                .collect::<rusqlite::Result<_>>()?)
        });
        states.unwrap()
    }
}

proptest! {
    #[test]
    fn whatever_three_owners_do_in_whatever_order(acts in prop::collection::vec(acts(), 1..80)) {
        let mut life = Life::new();
        for act in &acts {
            let before = life.states();
            life.act(act);
            life.check(&before);
        }
    }
}
