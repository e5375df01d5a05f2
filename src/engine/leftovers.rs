//! What earlier processes left unfinished at the connected service is settled and followed to its end: unclear creates are looked for by
//! their names, and accepted tasks are queried. So is what this process leaves or sends from its queue. Nothing is paid for here; what
//! waits to be sent is sent by `queue/`, which runs beside this.
//!
//! One call at a time, and each task in the rhythm of the profile's polls: however much was left, the service sees no crowd.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;

use super::job::Runtime;
use super::journal_access::{Settlement, Taken};
use super::proof::{Look, judged};
use super::queue::{self, QueueAccess, Tools};
use super::setup::Journaling;
use super::{Engine, local_days};
use crate::journal::{Intent, IntentId, IntentState};
use crate::model::{Problem, Task};
use crate::service::schedule::{self, Next, Policy};
use crate::service::world::Stop;

/// How often it is looked for more that was left, in milliseconds: more often than a lease runs out.
const TICK_MS: u64 = 10_000;
/// How many looks without a proof, or queries of a task that is not visible, end the work on an intent.
const LOOKS: u32 = 3;
/// How long a create may be on its way, in milliseconds: a name that no look finds for so long was not taken.
const ON_ITS_WAY_MS: u64 = 120_000;
/// Longest wait between two looks, in milliseconds.
const LOOK_WAIT_MS: u64 = 30_000;

/// The work on what was left at one service. Dropping it stops the work.
pub struct Leftovers(Stop);

impl Drop for Leftovers {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Where the work on an intent stands.
#[derive(Debug, Default)]
struct Turn {
    /// When it is due, by [`crate::service::Clock::elapsed_ms`].
    due_ms: u64,
    /// Queries of its task so far.
    queries: u32,
    /// Looks for its name that found nothing, without one in between that was not answered.
    not_found: u32,
    /// When the first of these was.
    first_ms: u64,
    /// Looks that proved nothing, or queries of a task that is not visible.
    unproven: u32,
    /// Looks that were not answered.
    unanswered: u32,
}

/// What follows a step.
enum Then {
    /// The next step comes in so many milliseconds.
    Later(u64),
    /// Nothing follows: it is at its end, or somebody else works on it.
    Done,
    /// Nothing more can be done without a person, or without another key.
    Leave,
    /// The key is refused: nothing can be done here.
    LeaveAll(Problem),
}

/// How an unclear create of an earlier process is settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settling {
    /// It created this task.
    Created(String),
    /// It created nothing.
    Nothing,
    /// It cannot be settled here: its service knows no names or does not answer, or another process works on it.
    Open,
}

impl Engine {
    /// Settles an unclear create that an earlier process left at the connected service, and takes over its task. Looks for as long as a
    /// create may be on its way: two minutes where none is found. Nothing is sent again.
    ///
    /// # Errors
    /// No service or no journal is connected, or the journal cannot be written.
    pub fn settle(&self, id: IntentId) -> impl Future<Output = Result<Settling, Problem>> + Send + 'static {
        let tools = self.executor.client().map(|client| (client, &self.executor.journal)).map(|(client, journal)| {
            let Journaling::On(journal) = journal else { return None };
            let (service, clock, seed) = (self.executor.service.clone(), self.clock.clone(), self.executor.seed);
            let dialect = client.profile().dialect;
            let queue = QueueAccess::new(journal.clone(), service.clone(), dialect, Arc::new(|| ()));
            let (wishes, runtime) = (self.executor.wishes.clone(), self.runtime.clone());
            let (journal, changed) = (journal.clone(), Arc::new(|| ()));
            let (fetcher, storage) = (None, None);
            Some(Tools { client, journal, service, clock, seed, fetcher, storage, wishes, queue, runtime, changed })
        });
        async move {
            match tools? {
                Some(tools) => tools.settle_one(id).await,
                None => Ok(Settling::Open),
            }
        }
    }
}

impl Tools {
    async fn settle_one(self, id: IntentId) -> Result<Settling, Problem> {
        let mut turn = Turn::default();
        let mut known = self.journal.take_leftover(id).await?;
        while let Some(intent) = known {
            if let Some(task) = intent.task {
                return Ok(Settling::Created(task.task_id));
            }
            if !matches!(intent.state, IntentState::Sent | IntentState::Unknown) {
                return Ok(Settling::Nothing);
            }
            match self.step(id, &mut turn).await {
                Then::Later(wait_ms) if turn.unanswered < LOOKS => self.clock.sleep(wait_ms).await,
                Then::Done => {}
                Then::Later(_) | Then::Leave | Then::LeaveAll(_) => {
                    self.journal.leave_leftover(id).await;
                    return Ok(Settling::Open);
                }
            }
            known = self.journal.settled(id).await?;
        }
        Ok(Settling::Open)
    }
}

impl Leftovers {
    /// Begins the work.
    pub fn start(runtime: &Runtime, tools: Tools) -> Self {
        let tools = Arc::new(tools);
        Self(runtime.spawn(async move {
            let (sending, saving) = (queue::send(&tools), queue::save(&tools));
            tokio::join!(tools.work(), sending, saving);
        }))
    }
}

impl Tools {
    async fn work(&self) {
        let mut turns = BTreeMap::<IntentId, Turn>::new();
        let mut left_alone = BTreeSet::new();
        self.journal.prune(self.wishes.now().retention).await;
        self.journal.sweep_parts().await;
        loop {
            self.take(&mut turns, &mut left_alone).await;
            let tick_ms = self.clock.elapsed_ms().saturating_add(TICK_MS);
            while let Some((&id, _)) = turns.iter().min_by_key(|(_, turn)| turn.due_ms) {
                let now_ms = self.clock.elapsed_ms();
                let Some(turn) = turns.get_mut(&id).filter(|turn| turn.due_ms <= now_ms) else { break };
                match self.step(id, turn).await {
                    Then::Later(wait_ms) => turn.due_ms = self.clock.elapsed_ms().saturating_add(wait_ms),
                    Then::Done => {
                        turns.remove(&id);
                        let ended = self.journal.intent(id).await.ok().filter(|intent| intent.finished_ms.is_some());
                        self.queue.left(id, ended.as_ref());
                        (self.changed)();
                    }
                    Then::Leave => {
                        turns.remove(&id);
                        left_alone.insert(id);
                        self.journal.leave_leftover(id).await;
                        self.queue.left(id, self.journal.intent(id).await.ok().as_ref());
                        (self.changed)();
                    }
                    Then::LeaveAll(problem) => {
                        // What would be sent now would not be followed.
                        self.queue.halt(problem);
                        for id in std::mem::take(&mut turns).into_keys() {
                            self.journal.leave_leftover(id).await;
                            self.queue.left(id, self.journal.intent(id).await.ok().as_ref());
                            left_alone.insert(id);
                        }
                        (self.changed)();
                        while !self.queue.is_asked_again() {
                            self.queue.has_new().await;
                        }
                        break;
                    }
                }
                if self.clock.elapsed_ms() >= tick_ms {
                    break;
                }
            }
            let due_ms = turns.values().map(|turn| turn.due_ms).min().unwrap_or(tick_ms).min(tick_ms);
            let wait_ms = due_ms.saturating_sub(self.clock.elapsed_ms()).max(1);
            tokio::select! {
                () = self.clock.sleep(wait_ms) => {}
                () = self.queue.has_new() => {}
            }
        }
    }

    /// Takes over what is there, and spreads the first steps over the interval of polls.
    async fn take(&self, turns: &mut BTreeMap<IntentId, Turn>, left_alone: &mut BTreeSet<IntentId>) {
        let asked = self.queue.asked_again();
        for id in &asked {
            left_alone.remove(id);
            // It is looked for at once, and as often as at first.
            turns.remove(id);
        }
        let Taken { followed: taken, waiting, own_waiting } =
            match self.journal.take_leftovers(self.service.clone(), left_alone.clone()).await {
                Ok(taken) => taken,
                Err(problem) => {
                    tracing::warn!(%problem, "what earlier runs left unfinished could not be read from the journal");
                    return;
                }
            };
        self.queue.list(&own_waiting).await;
        self.queue.take_earlier(&waiting).await;
        let interval_ms = self.client.profile().poll_interval_ms;
        let count = taken.len().max(1) as u64;
        let new: Vec<Intent> = taken.iter().filter(|intent| !turns.contains_key(&intent.id)).cloned().collect();
        self.queue.list(&new).await;
        for (number, intent) in (0..).zip(taken) {
            turns.entry(intent.id).or_insert_with(|| {
                tracing::info!(intent = %intent.id, "followed beside the workflow");
                let due_ms = self.clock.elapsed_ms().saturating_add(interval_ms.saturating_mul(number) / count);
                Turn { due_ms, ..Turn::default() }
            });
        }
        // What somebody else has by now, or what is at its end.
        for id in asked.into_iter().filter(|id| !turns.contains_key(id)) {
            self.queue.left(id, self.journal.intent(id).await.ok().as_ref());
        }
    }

    async fn step(&self, id: IntentId, turn: &mut Turn) -> Then {
        let intent = match self.journal.leftover(id).await {
            Ok(Some(intent)) => intent,
            Ok(None) => return Then::Done,
            Err(problem) => {
                tracing::warn!(%problem, "an intent could not be read from the journal");
                return Then::Later(TICK_MS);
            }
        };
        match (&intent.state, &intent.task) {
            (IntentState::Unknown, _) => self.settle(&intent, turn).await,
            (_, Some(task)) => self.query(&intent, &task.task_id, turn).await,
            (_, None) => Then::Leave,
        }
    }

    /// Queries a task once.
    async fn query(&self, intent: &Intent, task_id: &str, turn: &mut Turn) -> Then {
        let answer = self.client.poll(task_id).await;
        turn.queries = turn.queries.saturating_add(1);
        let mut asked_ms = None;
        match answer {
            Ok(task) => {
                turn.unproven = 0;
                let is_over = task.status.is_terminal();
                // What was asked for, whatever id a gateway reports.
                let task = Task { task_id: task_id.to_owned(), ..task };
                let has_succeeded = task.status == crate::model::TaskStatus::Succeed;
                self.queue.seen(intent.id, &task);
                self.journal.seen(self.service.clone(), Box::new(task)).await;
                if is_over {
                    let day = local_days::day(self.clock.now_ms());
                    if let Err(problem) = self.journal.ended(task_id.to_owned(), day).await {
                        tracing::warn!(%problem, "the end of a task could not be written to the journal");
                        return Then::Later(TICK_MS);
                    }
                    if has_succeeded {
                        self.queue.succeeded(intent.id);
                    }
                    return Then::Done;
                }
            }
            Err(problem) if is_key_refused(&problem) => return Then::LeaveAll(problem),
            Err(problem) if is_refused(&problem) => {
                turn.unproven += 1;
                if turn.unproven >= LOOKS {
                    return Then::Leave;
                }
            }
            Err(problem) => asked_ms = problem.retry_after_ms,
        }
        let policy = Policy::of(self.client.profile());
        let seed = self.seed.wrapping_add(intent.id.0.unsigned_abs());
        match schedule::next(&policy, turn.queries, u64::MAX, asked_ms, seed) {
            Next::Wait(wait_ms) => Then::Later(wait_ms),
            Next::Pause => Then::Later(schedule::CEILING_MS),
        }
    }

    /// Looks once for the task of an unclear create.
    async fn settle(&self, intent: &Intent, turn: &mut Turn) -> Then {
        let Some(name) = intent.external_task_id.as_ref().filter(|_| self.client.shows_names()) else {
            // Nothing can be looked for at this service: a person decides.
            return Then::Leave;
        };
        let is_thorough = turn.not_found + 1 >= LOOKS;
        let look = match self.client.tasks_named(name, is_thorough).await {
            Ok(found) => judged(intent, name, found),
            Err(problem) => Look::NotAnswered(problem),
        };
        let now_ms = self.clock.elapsed_ms();
        let (settlement, then) = match look {
            Look::Ours(task) => (Settlement::Found(task.task_id), Then::Later(0)),
            Look::Another(task) if self.client.profile().knows_names => {
                (Settlement::NameTaken(task.task_id), Then::Done)
            }
            Look::Nothing => {
                if turn.not_found == 0 {
                    turn.first_ms = now_ms;
                }
                turn.not_found += 1;
                let is_certain = self.client.profile().knows_names
                    && turn.not_found >= LOOKS
                    && now_ms.saturating_sub(turn.first_ms) >= ON_ITS_WAY_MS;
                if is_certain {
                    (Settlement::Nothing, Then::Done)
                } else if self.client.profile().knows_names || turn.not_found < LOOKS {
                    let wait_ms = (1_000_u64 << turn.not_found.min(10)).min(LOOK_WAIT_MS);
                    (Settlement::NotFound, Then::Later(wait_ms))
                } else {
                    (Settlement::NotFound, Then::Leave)
                }
            }
            Look::Another(_) | Look::Unproven => {
                (turn.not_found, turn.unproven) = (0, turn.unproven + 1);
                return if turn.unproven >= LOOKS { Then::Leave } else { Then::Later(LOOK_WAIT_MS) };
            }
            Look::NotAnswered(problem) if is_key_refused(&problem) => return Then::LeaveAll(problem),
            Look::NotAnswered(problem) => {
                (turn.not_found, turn.unanswered) = (0, turn.unanswered.saturating_add(1));
                let wait_ms = (1_000_u64 << turn.unanswered.min(10)).min(LOOK_WAIT_MS);
                return Then::Later(problem.retry_after_ms.unwrap_or(0).max(wait_ms));
            }
        };
        match self.journal.settle_leftover(intent.id, settlement).await {
            Ok(()) => then,
            Err(problem) => {
                tracing::warn!(%problem, "what a look-up found could not be written to the journal");
                Then::Later(TICK_MS)
            }
        }
    }
}

/// Whether the service refused the key. Another answer may be trouble on the way.
fn is_key_refused(problem: &Problem) -> bool {
    problem.http_status == Some(401)
}

/// Whether the service refused the query itself, such as that of a task that it does not show.
fn is_refused(problem: &Problem) -> bool {
    !problem.transient && problem.http_status.is_some_and(|status| (400..500).contains(&status) && status != 429)
}
