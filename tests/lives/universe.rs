//! One life's universe: its time, its events, its network.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use viseme::service::world::{Pending, WorldAnswer, WorldFault};
use viseme::wire::request::Call;

use crate::chance::Chance;
use crate::guards::Guard;
use crate::service::{Kind, Request, Service, refused};

/// When every life begins, in milliseconds since the epoch.
pub const BEGIN_MS: i64 = 1_795_000_000_000;

/// How long before its sending a create was looked at, at most, in milliseconds.
const CHECKED_MS: u64 = 60_000;

pub enum Event {
    /// A request comes to the service.
    Arrives { request: Request, reply: Reply, to: Option<u64> },
    /// Something that was waited for is there.
    Ready(u64, Ready),
    /// A process extends its lease.
    Beat(usize),
    /// A process writes what waits.
    Writes(usize),
    /// A person does something.
    Person(usize),
    /// A process starts.
    Starts(usize),
    /// The wall clock is set.
    ClockSet(i64),
    /// The machine sleeps for so long.
    Sleeps(i64),
    /// The power fails.
    PowerFails,
}

#[derive(Clone, Debug)]
pub enum Ready {
    Nothing,
    Answer(Result<WorldAnswer, WorldFault>),
}

/// What becomes of an answer on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    Whole,
    Cut,
    Garbled,
    /// A gateway in between answers with an error of its own.
    Replaced,
}

/// What is known of an intent from the outside: by its name.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    pub sends: u32,
    /// Sendings for which a person took the blame: the service does not know names, or nobody had looked.
    pub excused: u32,
    /// Whether a sending may have come to the service after it was given up.
    pub was_late: bool,
    /// Tasks that were created for it.
    pub created: Vec<String>,
}

pub struct Universe {
    pub chance: Chance,
    /// By a clock that never stops, in milliseconds since the beginning.
    pub true_ms: u64,
    /// How long the machine slept.
    pub asleep_ms: i64,
    /// When it slept, by the clock that stops meanwhile, and for how long.
    pub sleeps: Vec<(u64, i64)>,
    /// How far the wall clock was set.
    pub set_ms: i64,
    /// How far the service's clock is ahead.
    pub skew_ms: i64,
    pub queue: BTreeMap<(u64, u64), Event>,
    next: u64,
    pub ready: BTreeMap<u64, Ready>,
    /// Whose slots these are.
    pub of: BTreeMap<u64, usize>,
    pub service: Service,
    pub spawned: Vec<(usize, u64, Pending<()>)>,
    pub stopped: Vec<u64>,
    pub wrong: Vec<String>,
    pub intents: BTreeMap<String, Truth>,
    /// How much goes wrong, in percent of the exchanges.
    pub trouble: u64,
    pub is_calm: bool,
    pub without: Option<Guard>,
    pub talks: bool,
    /// By slot: the name of the create that is on its way.
    pub creates: BTreeMap<u64, String>,
    /// How often things happened: lives in which nothing happens prove nothing.
    pub counts: Counts,
}

/// How often, by a word.
pub type Counts = BTreeMap<&'static str, u64>;

pub type Shared = Arc<Mutex<Universe>>;

pub fn lock(shared: &Shared) -> MutexGuard<'_, Universe> {
    shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Universe {
    pub fn new(mut chance: Chance, service: Service, without: Option<Guard>, talks: bool) -> Self {
        let trouble = [5, 30, 60][chance.within(0, 3) as usize];
        let skew_ms = if chance.percent(30) { chance.within(0, 600_000) as i64 - 300_000 } else { 0 };
        Self {
            chance,
            true_ms: 0,
            asleep_ms: 0,
            sleeps: Vec::new(),
            set_ms: 0,
            skew_ms,
            queue: BTreeMap::new(),
            next: 0,
            ready: BTreeMap::new(),
            of: BTreeMap::new(),
            service,
            spawned: Vec::new(),
            stopped: Vec::new(),
            wrong: Vec::new(),
            intents: BTreeMap::new(),
            trouble,
            is_calm: false,
            without,
            talks,
            creates: BTreeMap::new(),
            counts: Counts::new(),
        }
    }

    pub fn say(&self, words: impl FnOnce() -> String) {
        if self.talks {
            println!("{:>9} {}", self.true_ms, words());
        }
    }

    pub fn count(&mut self, word: &'static str) {
        *self.counts.entry(word).or_default() += 1;
    }

    pub fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub fn at(&mut self, in_ms: u64, event: Event) {
        let number = self.number();
        self.queue.insert((self.true_ms + in_ms, number), event);
    }

    pub fn wall_ms(&self) -> i64 {
        BEGIN_MS + self.true_ms as i64 + self.asleep_ms + self.set_ms
    }

    pub fn service_ms(&self) -> i64 {
        BEGIN_MS + self.true_ms as i64 + self.asleep_ms + self.skew_ms
    }

    fn slot(&mut self, process: usize) -> u64 {
        let slot = self.number();
        self.of.insert(slot, process);
        slot
    }

    /// Something is there. Returns which process waits for it.
    pub fn is_ready(&mut self, slot: u64, what: Ready) -> Option<usize> {
        let process = self.of.remove(&slot)?;
        self.ready.insert(slot, what);
        Some(process)
    }

    /// Everything a process waited for.
    pub fn forget(&mut self, process: usize) {
        self.of.retain(|_, of| *of != process);
    }

    pub fn sleep(&mut self, process: usize, ms: u64) -> u64 {
        let slot = self.slot(process);
        self.at(ms, Event::Ready(slot, Ready::Nothing));
        slot
    }

    /// A call goes on its way, and what becomes of it.
    pub fn send(&mut self, process: usize, call: &Call) -> u64 {
        let mut request = Request::of(call);
        let slot = self.slot(process);
        self.sees(process, &mut request, slot);
        let there_ms = self.chance.within(1, 400);
        let fate = if self.is_calm || !self.chance.percent(self.trouble) { 99 } else { self.chance.within(0, 13) };
        let is_create = matches!(request, Request::Create { .. });
        self.say(|| format!("p{process} sends {request:?}, fate {fate}"));
        if is_create {
            self.count("create sent");
            self.count(FATES.get(fate as usize).copied().unwrap_or("create well"));
        }
        let arrives = |this: &mut Self, in_ms: u64, reply: Reply, to: Option<u64>| {
            this.at(in_ms, Event::Arrives { request: request.clone(), reply, to });
        };
        let fault = |fault: WorldFault| Ready::Answer(Err(fault));
        match fate {
            0 => self.at(there_ms, Event::Ready(slot, fault(WorldFault::NotSent))),
            1 => {
                let gives_up_ms = if self.chance.percent(50) { there_ms } else { 30_000 };
                self.at(gives_up_ms, Event::Ready(slot, fault(WorldFault::NoAnswer)));
            }
            2 | 3 => {
                arrives(self, there_ms, Reply::Whole, None);
                let gives_up_ms = there_ms + self.chance.within(1, 5_000);
                self.at(gives_up_ms, Event::Ready(slot, fault(WorldFault::NoAnswer)));
            }
            4 => {
                let late_ms = there_ms + self.chance.within(1, 40_000);
                if let Some(truth) = self.creates.get(&slot).and_then(|name| self.intents.get_mut(name)) {
                    truth.was_late = true;
                }
                arrives(self, late_ms, Reply::Whole, None);
                self.at(there_ms, Event::Ready(slot, fault(WorldFault::NoAnswer)));
            }
            5 => arrives(self, there_ms, Reply::Cut, Some(slot)),
            6 => arrives(self, there_ms, Reply::Garbled, Some(slot)),
            7 => arrives(self, there_ms, Reply::Replaced, Some(slot)),
            8 => self.answers(there_ms, slot, 503, refused(503, 5001, "maintenance").1.to_string()),
            9 => self.answers(there_ms, slot, 429, refused(429, 1302, "too fast").1.to_string()),
            10 => self.answers(there_ms, slot, 429, refused(429, 1303, "too many tasks").1.to_string()),
            11 if is_create => self.answers(there_ms, slot, 400, refused(400, 1301, "content").1.to_string()),
            // A proxy sends it twice; only where names are known is that the service's to sort out.
            12 if is_create && self.service.kind == Kind::Official => {
                let (first, second) = if self.chance.percent(50) { (None, Some(slot)) } else { (Some(slot), None) };
                arrives(self, there_ms, Reply::Whole, first);
                arrives(self, there_ms + 1, Reply::Whole, second);
            }
            _ => arrives(self, there_ms, Reply::Whole, Some(slot)),
        }
        slot
    }

    /// What a call says about its sender.
    fn sees(&mut self, process: usize, request: &mut Request, slot: u64) {
        let Request::Create { name, session } = request else { return };
        let truth = self.intents.entry(name.clone()).or_default();
        truth.sends += 1;
        self.creates.insert(slot, name.clone());
        if self.without == Some(Guard::SameName) && truth.sends > 1 {
            *name = format!("{name}~{}", truth.sends);
        }
        let is_first = truth.sends == 1;
        // A session is looked at when the create is begun, and its bytes leave after a write to the disk and the free check. A machine that
        // sleeps in between cannot know: the service refuses that, and it costs nothing.
        let slept_ms: i64 =
            self.sleeps.iter().filter(|(at, _)| self.true_ms - at <= CHECKED_MS).map(|(_, ms)| ms).sum();
        let checked_ms = self.service_ms() - CHECKED_MS as i64 - self.skew_ms.abs();
        if is_first && self.set_ms == 0 && self.service.is_over(session, checked_ms) {
            if !self.service.is_over(session, checked_ms - slept_ms) {
                self.count("slept before sending");
                return;
            }
            self.wrong.push(format!("p{process} used {session} after its end"));
        }
    }

    fn answers(&mut self, in_ms: u64, slot: u64, http_status: u16, body: String) {
        let date_ms = Some((self.service_ms() + in_ms as i64).div_euclid(1000) * 1000);
        let answer = WorldAnswer { http_status, retry_after_ms: None, date_ms, body: body.into_bytes() };
        self.at(in_ms, Event::Ready(slot, Ready::Answer(Ok(answer))));
    }

    /// A request came to the service.
    pub fn arrived(&mut self, request: &Request, reply: Reply, to: Option<u64>) {
        let run_ms = self.chance.within(1_000, 40_000) as i64;
        let before = self.service.tasks.len();
        let now_ms = self.service_ms();
        let (http_status, mut body) = self.service.answer(request, now_ms, run_ms);
        if let Request::Create { session, .. } = request
            && self.service.is_over(session, now_ms)
        {
            self.count("session over");
            if http_status < 400 || self.service.tasks.len() > before {
                self.wrong.push(format!("{session} is over, and was paid for"));
            }
        }
        if let (Request::Create { name, .. }, Some(task)) = (request, self.service.tasks.get(before)) {
            let (name, id) = (name.split('~').next().unwrap_or_default().to_owned(), task.id.clone());
            let excused = match self.service.kind {
                Kind::Official => 0,
                Kind::Gateway | Kind::Kirin => {
                    self.intents.get(&name).map_or(0, |truth| truth.excused + 9 * u32::from(truth.was_late))
                }
            };
            let truth = self.intents.entry(name.clone()).or_default();
            truth.created.push(id.clone());
            if truth.created.len() as u32 > 1 + excused {
                self.wrong.push(format!("{} tasks were created for {name}", truth.created.len()));
            }
            self.say(|| format!("  the service created {id} for {name}"));
        }
        if self.without == Some(Guard::Proof)
            && matches!(request, Request::Query(_) | Request::Named(_) | Request::List { .. })
        {
            forge(&mut body, now_ms);
        }
        let Some(slot) = to else { return };
        let back_ms = self.chance.within(1, 400);
        match reply {
            Reply::Whole => self.answers(back_ms, slot, http_status, body.to_string()),
            Reply::Cut => self.at(back_ms, Event::Ready(slot, Ready::Answer(Err(WorldFault::Cut(http_status))))),
            Reply::Garbled => self.answers(back_ms, slot, 200, "{\"code\":0,\"da".to_owned()),
            Reply::Replaced => self.answers(back_ms, slot, 502, "<html>Bad gateway</html>".to_owned()),
        }
    }
}

/// Makes every task look as if it had been created just now, of whatever clip: nothing proves any more whose it is.
fn forge(value: &mut serde_json::Value, now_ms: i64) {
    match value {
        serde_json::Value::Object(fields) => {
            fields.remove("parent_video");
            for (name, value) in fields {
                if matches!(name.as_str(), "created_at" | "create_time") {
                    *value = now_ms.into();
                } else {
                    forge(value, now_ms);
                }
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| forge(item, now_ms)),
        _ => {}
    }
}

/// What becomes of creates, by the number of it.
const FATES: [&str; 13] = [
    "create not sent",
    "create lost",
    "answer lost",
    "answer lost",
    "create late",
    "answer cut",
    "answer garbled",
    "answer replaced",
    "create 5001",
    "create 1302",
    "create 1303",
    "create 1301",
    "create duplicated",
];
