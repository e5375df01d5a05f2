//! Sends what waits, one job at a time.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{QueueAccess, QueueState, Tools, lock, submission_of};
use crate::engine::{journal_access, local_days, words};
use crate::journal::{Intent, IntentId, Refusal, Sending};
use crate::model::{CallOutcome, Problem, ProblemKind, Submission, Task};
use crate::service::OnceSent;

/// How often it is looked whether a slot is free, in milliseconds: a task of the workflow gives its slot back unseen.
const LOOK_MS: u64 = 1_000;

/// What follows a look at the queue.
enum Then {
    /// The next look comes at once.
    Go,
    /// The next look comes in so many milliseconds, or when something changes.
    Later(u64),
    /// Nothing is to be sent until something changes.
    Idle,
}

/// Sends what waits, for ever.
pub async fn work(tools: &Arc<Tools>) {
    let sender = Sender { tools: Arc::clone(tools), queue: tools.queue.clone() };
    tools.journal.sweep_voices().await;
    loop {
        match sender.look().await {
            Then::Go => {}
            Then::Later(wait_ms) => {
                tokio::select! {
                    () = tools.queue.0.sends.notified() => {}
                    () = tools.clock.sleep(wait_ms.clamp(1, LOOK_MS)) => {}
                }
            }
            Then::Idle => {
                tools.journal.sweep_voices().await;
                tools.queue.0.sends.notified().await;
            }
        }
    }
}

/// What the sending is done with.
#[derive(Clone)]
struct Sender {
    tools: Arc<Tools>,
    queue: QueueAccess,
}

impl Sender {
    async fn look(&self) -> Then {
        let (journal, service) = (&self.tools.journal, &self.tools.service);
        let shown = self.queue.shown();
        let Some(id) = shown.waiting().map(|job| job.id).next() else {
            if shown.unfinished() > 0 {
                self.count().await;
            }
            return Then::Idle;
        };
        if shown.halt.is_some() {
            return Then::Idle;
        }
        let Some(used) = self.count().await else { return Then::Later(LOOK_MS) };
        let now_ms = self.tools.clock.elapsed_ms();
        let (wait_ms, most) = {
            let mut gate = lock(&self.queue.0.gate);
            (gate.wait_ms(used, now_ms), gate.most())
        };
        self.queue.change(|queue| queue.most = most);
        if wait_ms > 0 {
            return Then::Later(wait_ms);
        }
        let intent = match journal.waiting(id).await {
            Ok(Some(intent)) => intent,
            // Another process has it, or it is not waiting any more.
            Ok(None) => {
                self.queue.change(|queue| queue.jobs.retain(|job| job.id != id));
                return Then::Go;
            }
            Err(problem) => return self.halted(problem),
        };
        let given = lock(&self.queue.0.submissions).get(&id).cloned();
        let Some(submission) = given.or_else(|| submission_of(&intent)) else {
            return self.given_up(id, Problem::new(ProblemKind::Internal, words::not_readable())).await;
        };
        // What is written down names the file; only what is sent has the address.
        let submission = match (&self.tools.storage, &self.tools.fetcher) {
            (Some(storage), Some(fetcher)) => match storage.with_voice(&submission, fetcher, |_| ()).await {
                Ok(sent) => sent,
                Err(problem) => return self.halted(problem),
            },
            _ => submission,
        };
        if let Err(problem) = self.tools.client.learn_time().await {
            // Nothing was sent; it waits until the service answers.
            self.queue.change(|queue| queue.set(id, QueueState::Waiting(Some(problem))));
            return Then::Later(LOOK_MS);
        }
        let ahead_ms = self.tools.client.known_ahead_ms();
        let our_ms = self.tools.clock.now_ms();
        let is_over = match ahead_ms {
            // Our clock alone refuses nothing.
            None => false,
            Some(ahead_ms) => {
                journal.session_is_over(service, &submission.session_id, our_ms.saturating_sub(ahead_ms)).await
            }
        };
        if is_over {
            let problem = Problem::new(ProblemKind::Usage, words::session_is_over());
            return self.given_up(id, problem.with_hint(words::session_is_over_hint())).await;
        }
        let budget = self.tools.wishes.now().budget;
        let spend = journal_access::spend(self.queue.0.dialect, &submission, local_days::day(our_ms), budget);
        let service_ms = ahead_ms.map(|ahead_ms| our_ms.saturating_sub(ahead_ms));
        // Where the gate lets a job pass although all slots are held, it is tried beyond what is known.
        let most = most.filter(|most| used < *most);
        let sending = Sending { service_ms, spend: Some(spend), most };
        // From here on it goes on when the service is changed meanwhile: what is written down as sent is sent, and a create that is on its way
        // is never dropped.
        let (sender, (done, is_done)) = (self.clone(), oneshot::channel());
        drop(self.tools.runtime.spawn(async move {
            let then = match sender.tools.journal.send_waiting(&intent, sending).await {
                Ok(Ok(())) => sender.send(&intent, submission, used).await,
                // Another process took the last slot just now.
                Ok(Err(Refusal::NoSlot { .. })) => Then::Later(LOOK_MS),
                Ok(Err(refusal)) => sender.halted(refusal.problem()),
                Err(problem) => sender.not_written(id, problem).await,
            };
            // Nobody waits for it any more where the service was changed.
            let _ = done.send(then);
        }));
        is_done.await.unwrap_or(Then::Go)
    }

    /// That a job is about to be sent could not be written down. One that a person has removed meanwhile holds up nothing.
    async fn not_written(&self, id: IntentId, problem: Problem) -> Then {
        match self.tools.journal.intent(id).await {
            Ok(intent) if intent.finished_ms.is_some() => {
                self.queue.left(id, Some(&intent));
                Then::Go
            }
            _ => self.halted(problem),
        }
    }

    /// How many tasks run, or are about to.
    async fn count(&self) -> Option<u32> {
        let (used, usual_ms) = self.tools.journal.load(&self.tools.service).await.ok()?;
        self.queue.change(|queue| (queue.used, queue.usual_ms) = (used, usual_ms));
        Some(used)
    }

    fn halted(&self, problem: Problem) -> Then {
        self.queue.halt(problem);
        Then::Idle
    }

    /// What cannot be sent any more is given up: nothing was created.
    async fn given_up(&self, id: IntentId, problem: Problem) -> Then {
        if let Err(problem) = self.tools.journal.withdraw(id, Some(problem.clone())).await {
            return self.halted(problem);
        }
        let words = problem.to_string();
        self.queue.change(|queue| queue.set(id, QueueState::Ended(crate::journal::Phase::Withdrawn, Some(words))));
        Then::Go
    }

    /// Sends it: that it is about to be is on the disk.
    async fn send(&self, intent: &Intent, submission: Submission, used: u32) -> Then {
        let (journal, id) = (&self.tools.journal, intent.id);
        self.queue.change(|queue| queue.set(id, QueueState::Sending));
        let outcome = match self.tools.client.create_once(&submission).await {
            OnceSent::NotTaken(problem) => {
                let now_ms = self.tools.clock.elapsed_ms();
                lock(&self.queue.0.gate).refused(&problem, used, now_ms);
                return self.waits_again(id, problem).await;
            }
            OnceSent::Stopped(problem) => {
                self.waits_again(id, problem.clone()).await;
                return self.halted(problem);
            }
            OnceSent::Outcome(outcome) => outcome.map(Box::new),
        };
        lock(&self.queue.0.submissions).remove(&id);
        if matches!(outcome, CallOutcome::Done(_)) {
            lock(&self.queue.0.gate).taken(used);
        }
        journal.answered(id, &outcome).await;
        self.answered(id, submission, &outcome).await;
        match outcome {
            // The next ones would be sent there, too.
            CallOutcome::Refused(problem) if is_redirect(&problem) => self.halted(problem),
            _ => Then::Go,
        }
    }

    async fn waits_again(&self, id: IntentId, problem: Problem) -> Then {
        match self.tools.journal.not_taken(id, problem.clone()).await {
            Ok(true) => {
                self.queue.change(|queue| queue.set(id, QueueState::Waiting(Some(problem))));
                Then::Go
            }
            // An earlier sending of it is not clear: that is settled first.
            Ok(false) => {
                self.follow(id, QueueState::Unclear);
                Then::Go
            }
            Err(problem) => {
                // The journal has it as sent, and so it is settled as one that may have been taken.
                self.follow(id, QueueState::Unclear);
                self.halted(problem)
            }
        }
    }

    async fn answered(&self, id: IntentId, submission: Submission, outcome: &CallOutcome<Box<Task>>) {
        match outcome {
            CallOutcome::Done(task) => {
                self.queue.change(|queue| queue.seen(id, task));
                let of_name = submission.external_task_id;
                if let Err(problem) = self.tools.journal.accepted_name(&of_name, &task.task_id).await {
                    let words = words::accepted_not_written(&task.task_id, &problem);
                    tracing::error!("{words}");
                    self.queue.halt(Problem::new(ProblemKind::File, words));
                }
                self.follow(id, QueueState::Accepted);
            }
            CallOutcome::Unknown(_) | CallOutcome::NameTaken(_) => self.follow(id, QueueState::Unclear),
            CallOutcome::Refused(problem) => {
                let ended = QueueState::Ended(crate::journal::Phase::Refused, Some(problem.to_string()));
                self.queue.change(|queue| queue.set(id, ended));
            }
        }
    }

    /// From now on it is followed like everything that runs beside the workflow.
    fn follow(&self, id: IntentId, state: QueueState) {
        self.tools.journal.hand_over(id);
        let now_ms = self.tools.clock.now_ms();
        self.queue.change(|queue| {
            queue.set(id, state);
            if let Some(job) = queue.job_mut(id) {
                job.accepted_ms = Some(now_ms);
            }
        });
        self.queue.look();
    }
}

fn is_redirect(problem: &Problem) -> bool {
    problem.http_status.is_some_and(|status| (300..400).contains(&status))
}
