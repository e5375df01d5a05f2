//! One life: processes that come and go on one journal, and what must hold whatever happens.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use viseme::engine::{Engine, JournalAccess, Journaling, Setup};
use viseme::journal::{IntentId, IntentState, Journal, Owner};
use viseme::model::Profile;
use viseme::service::world::{Pending, World};
use viseme::service::{Clock, Credentials};

use crate::beginning::begin;
use crate::end;
use crate::guards::Guard;
use crate::person;
use crate::universe::{Counts, Event, Shared, lock};
use crate::world::OfProcess;

/// How long things happen, in milliseconds; afterwards nothing goes wrong any more.
pub const WILD_MS: u64 = 150_000;
/// How long it is calm then.
const CALM_MS: u64 = 480_000;
/// When every window is closed, and what is left is settled by one process.
const CLOSING_MS: u64 = WILD_MS + 120_000;
const BEAT_MS: u64 = 10_000;
const WRITE_MS: u64 = 20;

struct Process {
    engine: Option<Engine>,
    access: JournalAccess,
    owner: Owner,
    work: Vec<(u64, Pending<()>)>,
    /// After how many further steps it ends without warning.
    ends_after: Option<u64>,
    has_written_ms: u64,
    is_beating: bool,
    /// What it has taken over, as far as it was looked at.
    leftovers: BTreeSet<IntentId>,
}

pub struct Life {
    shared: Shared,
    journal: Journal,
    profile: Profile,
    processes: Vec<Option<Process>>,
    born: u64,
    /// The journal as it was before an intent that is not on the disk yet, where the guard is taken away.
    unsynced: Option<Vec<u8>>,
    without: Option<Guard>,
    /// Who took an intent over last.
    last_taken: BTreeMap<IntentId, Owner>,
    /// When clock or machine last did something that leases cannot know.
    jumped_ms: Option<u64>,
    /// Whether the process that settles what is left has begun.
    is_last: bool,
}

/// Lives a life, with a journal in memory that is emptied for it. Returns what went wrong, and what happened how often.
pub fn live(seed: u64, journal: &Journal, without: Option<Guard>, talks: bool) -> (Vec<String>, Counts) {
    let (universe, profile, processes) = begin(seed, without, talks);
    journal.clear().unwrap();
    let journal = journal.clone();
    let shared = Arc::new(Mutex::new(universe));
    let mut life = Life {
        shared,
        journal,
        profile,
        processes: (0..processes).map(|_| None).collect(),
        born: 0,
        unsynced: None,
        without,
        last_taken: BTreeMap::new(),
        jumped_ms: None,
        is_last: false,
    };
    life.run();
    end::check(&life.shared, &life.journal, &life.profile);
    let (wrong, counts) = {
        let mut universe = lock(&life.shared);
        (std::mem::take(&mut universe.wrong), std::mem::take(&mut universe.counts))
    };
    for process in life.processes.iter_mut().filter_map(Option::take) {
        process.access.vanish();
    }
    (wrong, counts)
}

impl Life {
    fn run(&mut self) {
        loop {
            let event = {
                let mut universe = lock(&self.shared);
                let Some(((at_ms, _), event)) = universe.queue.pop_first() else { return };
                if at_ms > WILD_MS + CALM_MS || !universe.wrong.is_empty() {
                    return;
                }
                universe.true_ms = at_ms;
                if at_ms > WILD_MS && !universe.is_calm {
                    universe.is_calm = true;
                    universe.say(|| "calm".into());
                }
                event
            };
            self.happens(event);
        }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Arrives { request, reply, to } => lock(&self.shared).arrived(&request, reply, to),
            Event::Ready(slot, what) => {
                let process = lock(&self.shared).is_ready(slot, what);
                if let Some(process) = process {
                    self.goes_on(process);
                }
            }
            Event::Beat(number) => {
                if let Some(process) = &mut self.processes[number] {
                    process.is_beating = process.access.beat();
                    if process.is_beating {
                        lock(&self.shared).at(BEAT_MS, Event::Beat(number));
                    }
                }
            }
            Event::Writes(number) => {
                if let Some(process) = &self.processes[number] {
                    process.access.write_waiting();
                }
            }
            Event::Person(number) => self.acts(number),
            Event::Starts(number) => self.starts(number),
            Event::ClockSet(by_ms) => {
                let mut universe = lock(&self.shared);
                universe.set_ms += by_ms;
                universe.say(|| format!("the clock is set by {by_ms} ms"));
                universe.count("clock set");
                self.jumped_ms = Some(universe.true_ms);
            }
            Event::Sleeps(ms) => {
                let mut universe = lock(&self.shared);
                universe.asleep_ms += ms;
                let at_ms = universe.true_ms;
                universe.sleeps.push((at_ms, ms));
                universe.say(|| format!("the machine slept {ms} ms"));
                self.jumped_ms = Some(universe.true_ms);
            }
            Event::PowerFails => {
                {
                    let mut universe = lock(&self.shared);
                    universe.say(|| "the power fails".into());
                    universe.count("power failed");
                }
                for number in 0..self.processes.len() {
                    self.ends(number);
                }
                let kept = self.unsynced.take().unwrap_or_else(|| self.journal.snapshot().unwrap());
                self.journal = Journal::restore(&kept).unwrap();
            }
        }
    }

    fn starts(&mut self, number: usize) {
        if self.processes[number].is_some() || self.is_last {
            return;
        }
        self.is_last = lock(&self.shared).true_ms > CLOSING_MS && self.processes.iter().all(Option::is_none);
        if lock(&self.shared).true_ms > CLOSING_MS && !self.is_last {
            return;
        }
        let world: Arc<dyn World> = Arc::new(OfProcess { universe: Arc::clone(&self.shared), process: number });
        let clock = Clock::of_world(Arc::clone(&world));
        self.born += 1;
        let owner = Owner::new(format!("p{number}-{}", self.born));
        let access = JournalAccess::in_world(self.journal.clone(), owner.clone(), clock.clone());
        let mut engine = Engine::in_world(world, self.profile.clone());
        let credentials = Credentials::key("key-of-a-life").unwrap().with_clock(clock);
        let setup = Setup { load_previews: false, ..Setup::new(self.profile.clone(), credentials) };
        engine.connect(setup.with_journal(Journaling::On(access.clone())).with_leftovers()).unwrap();
        let mut universe = lock(&self.shared);
        universe.say(|| format!("p{number} starts as {owner}"));
        let ends_after = (!universe.is_calm && universe.chance.percent(45)).then(|| universe.chance.within(1, 40));
        let in_ms = universe.chance.within(1, 2_000);
        universe.at(in_ms, Event::Person(number));
        drop(universe);
        self.gives_everything_back();
        let process = Process {
            engine: Some(engine),
            access,
            owner,
            work: Vec::new(),
            ends_after,
            has_written_ms: 0,
            is_beating: false,
            leftovers: BTreeSet::new(),
        };
        self.processes[number] = Some(process);
        self.goes_on(number);
    }

    /// What has been taken over since the last look belongs to nobody who lives.
    fn looks_at_what_was_taken(&mut self, number: usize, process: &mut Process) {
        let now = process.access.leftovers();
        let new: Vec<_> = now.difference(&process.leftovers).copied().collect();
        process.leftovers = now;
        if new.is_empty() {
            return;
        }
        let mut universe = lock(&self.shared);
        universe.say(|| format!("p{number} took over {} intents", new.len()));
        universe.count("taken over");
        let has_jumped = self.jumped_ms.is_some_and(|jumped_ms| universe.true_ms - jumped_ms < 60_000);
        for id in new {
            // One that was taken from a process while the clock jumped is not that process's any more, even if it does not know it yet.
            let last = self.last_taken.insert(id, process.owner.clone());
            let works_on =
                |other: &&Process| other.access.works_on(id) && last.as_ref().is_none_or(|owner| *owner == other.owner);
            if let Some(other) = self.processes.iter().flatten().find(works_on).filter(|_| !has_jumped) {
                let words = format!("{} took intent {id} from {}, which lives", process.owner, other.owner);
                universe.wrong.push(words);
            }
        }
    }

    /// Where the guard is taken away, what living processes have is everybody's.
    fn gives_everything_back(&self) {
        if self.without == Some(Guard::Lease) {
            for process in self.processes.iter().flatten() {
                self.journal.release(&process.owner).unwrap();
            }
        }
    }

    /// A process goes on until it waits again.
    fn goes_on(&mut self, number: usize) {
        let Some(mut process) = self.processes[number].take() else { return };
        if let Some(left) = &mut process.ends_after {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.processes[number] = Some(process);
                return self.ends(number);
            }
        }
        let before = (self.without == Some(Guard::IntentFirst))
            .then(|| (self.journal.snapshot().unwrap(), self.journal.unfinished().unwrap().len()));
        loop {
            let mut has_moved = false;
            let mut at = 0;
            while at < process.work.len() {
                let done = process.work[at].1.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready();
                if done {
                    drop(process.work.remove(at));
                    has_moved = true;
                } else {
                    at += 1;
                }
            }
            if let Some(engine) = &mut process.engine {
                has_moved |= engine.pump();
            }
            has_moved |= self.takes_work(&mut process);
            if !has_moved {
                break;
            }
        }
        if let Some((snapshot, unfinished)) = before {
            let now = self.journal.unfinished().unwrap();
            if now.len() > unfinished && now.iter().any(|intent| intent.state == IntentState::Sent) {
                self.unsynced = self.unsynced.take().or(Some(snapshot));
            } else if !now.iter().any(|intent| intent.state == IntentState::Sent) {
                self.unsynced = None;
            }
        }
        let mut universe = lock(&self.shared);
        if universe.true_ms >= process.has_written_ms {
            process.has_written_ms = universe.true_ms + WRITE_MS;
            universe.at(WRITE_MS, Event::Writes(number));
        }
        if process.access.keeps_lease() && !process.is_beating {
            process.is_beating = true;
            universe.at(BEAT_MS, Event::Beat(number));
        }
        drop(universe);
        self.looks_at_what_was_taken(number, &mut process);
        self.processes[number] = Some(process);
    }

    /// Takes the work that was begun, and stops what was stopped.
    fn takes_work(&self, process: &mut Process) -> bool {
        let (spawned, stopped) = {
            let mut universe = lock(&self.shared);
            (std::mem::take(&mut universe.spawned), std::mem::take(&mut universe.stopped))
        };
        let has_begun = !spawned.is_empty();
        process.work.extend(spawned.into_iter().map(|(_, id, work)| (id, work)));
        process.work.retain(|(id, _)| !stopped.contains(id));
        has_begun
    }

    fn acts(&mut self, number: usize) {
        let Some(mut process) = self.processes[number].take() else { return };
        let (leaves, again_ms) = {
            let mut universe = lock(&self.shared);
            let is_over = universe.true_ms > CLOSING_MS;
            let leaves = if is_over { !self.is_last } else { universe.chance.percent(2) };
            (leaves, universe.chance.within(500, if is_over { 60_000 } else { 9_000 }))
        };
        if leaves {
            self.processes[number] = Some(process);
            return self.leaves(number);
        }
        if let Some(engine) = &mut process.engine {
            if lock(&self.shared).chance.percent(20) {
                person::minds_the_queue(&self.shared, engine);
            }
            let does = person::next(&self.shared, engine, number);
            if let Some(event) = does {
                lock(&self.shared).say(|| format!("p{number} person: {event:?}"));
                engine.dispatch(event);
            }
        }
        lock(&self.shared).at(again_ms, Event::Person(number));
        self.processes[number] = Some(process);
        self.goes_on(number);
    }

    /// A window is closed in good order.
    fn leaves(&mut self, number: usize) {
        let Some(process) = self.processes[number].take() else { return };
        lock(&self.shared).say(|| format!("p{number} is closed"));
        drop(process);
        self.buries(number);
    }

    /// A process ends without warning: killed, or the power is gone.
    fn ends(&mut self, number: usize) {
        let Some(process) = self.processes[number].take() else { return };
        {
            let mut universe = lock(&self.shared);
            universe.say(|| format!("p{number} dies"));
            universe.count("process died");
        }
        process.access.vanish();
        drop(process);
        self.buries(number);
    }

    fn buries(&self, number: usize) {
        let mut universe = lock(&self.shared);
        universe.forget(number);
        universe.queue.retain(
            |_, event| !matches!(event, Event::Person(of) | Event::Beat(of) | Event::Writes(of) if *of == number),
        );
        universe.stopped.clear();
        let begun = std::mem::take(&mut universe.spawned);
        let in_ms = universe.chance.within(100, 60_000);
        universe.at(in_ms, Event::Starts(number));
        drop(universe);
        // What was begun and never went on is dropped with its process.
        drop(begun);
    }
}

/// A journal for [`live`].
pub fn empty() -> Journal {
    Journal::in_memory().unwrap()
}
