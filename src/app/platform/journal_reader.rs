//! Reads the history from the journal, on a thread and a connection of its own.

use std::sync::Arc;

use egui::Context;

use super::wake::wake;
use crate::app::state::tasks::{Answer, Detail, ListOrder, Order, Row};
use crate::engine::journal::{IntentId, Journal};
use crate::engine::{Clock, JournalAccess, Journaling};
use crate::model::Problem;
use crate::worker::{Desk, Wake, Worker};

/// Reads what the history shows. Its thread runs from the first order until [`JournalReader::stop`].
pub struct JournalReader {
    journal: Journaling,
    wake: Wake,
    worker: Option<Worker<Order, Answer>>,
}

impl JournalReader {
    /// A reader of this journal, which wakes this window.
    #[must_use]
    pub fn new(journal: Journaling, ctx: &Context) -> Self {
        Self { journal, wake: wake(ctx), worker: None }
    }

    /// Reads this, in place of what was ordered before.
    ///
    /// # Errors
    /// There is no journal, or no thread to read it.
    pub fn order(&mut self, order: Order) -> Result<(), String> {
        let Journaling::On(access) = &self.journal else {
            return Err("This window keeps no history: it was opened without a journal".into());
        };
        if self.worker.is_none() {
            let access = access.clone();
            let spawned = Worker::spawn("history", 2, Arc::clone(&self.wake), move || {
                let (access, mut reader) = (access.clone(), None);
                move |order: Order, desk: &Desk<'_, Order, Answer>| {
                    let list = order.list.map(|order| list(&access, &mut reader, order));
                    if let Some(answer) = list
                        && desk.send(answer.unwrap_or_else(failed)).is_err()
                    {
                        return;
                    }
                    if let Some(id) = order.detail {
                        let detail = detail(&access, &mut reader, id);
                        let _ = desk.send(detail.unwrap_or_else(failed));
                    }
                }
            });
            self.worker = Some(spawned.map_err(|err| format!("No thread could be started: {err}. Try again"))?);
        }
        if let Some(worker) = &mut self.worker {
            worker.order(order);
        }
        Ok(())
    }

    /// What was read.
    pub fn receive(&mut self) -> Option<Answer> {
        match self.worker.as_mut()?.receive() {
            Ok(answer) => answer,
            Err(died) => Some(Answer::Failed(died.to_string())),
        }
    }

    /// Ends the thread: nothing is read any more.
    pub fn stop(&mut self) {
        self.worker = None;
    }
}

#[allow(clippy::needless_pass_by_value, reason = "takes what `map_err` and `unwrap_or_else` give")]
fn failed(problem: Problem) -> Answer {
    let hint = problem.hint.as_ref().map(|hint| format!(". {hint}")).unwrap_or_default();
    Answer::Failed(format!("{problem}{hint}"))
}

/// The connection, made at the first use. What this window is writing is on the disk before it is read.
fn open<'a>(access: &JournalAccess, reader: &'a mut Option<Journal>) -> Result<&'a Journal, Problem> {
    access.flush();
    match reader {
        Some(journal) => Ok(journal),
        None => Ok(reader.insert(access.reader()?)),
    }
}

fn list(access: &JournalAccess, reader: &mut Option<Journal>, order: ListOrder) -> Result<Answer, Problem> {
    let journal = open(access, reader)?;
    let page = journal.history(&order.query, order.limit)?;
    let now_ms = Clock::system().now_ms();
    let rows = page.rows.iter().map(|row| Row::of(row, now_ms)).collect();
    Ok(Answer::List { order, rows, next: page.next, services: journal.services()? })
}

fn detail(access: &JournalAccess, reader: &mut Option<Journal>, id: IntentId) -> Result<Answer, Problem> {
    let journal = open(access, reader)?;
    let Ok(intent) = journal.intent(id) else { return Ok(Answer::Detail(id, None)) };
    let (changes, results) = (journal.changes(id)?, journal.results(id)?);
    let held = journal.is_held(id, Clock::system().now_ms())?;
    let own = access.is_own(&intent);
    Ok(Answer::Detail(id, Some(Box::new(Detail::of(intent, &changes, &results, held, own)))))
}
