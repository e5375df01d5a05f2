//! What is spent at a service on a local day, and what an identify adds to that.

use std::path::Path;

use super::journal_access::{booked, unit_estimate};
use super::{Engine, JournalAccess, local_days};
use crate::journal::{BookingId, Intent, Service, Spend};
use crate::model::cost::{IDENTIFY_UNITS, lip_sync_units};
use crate::model::face::LEAST_LEFT_MS;
use crate::model::{Cost, Dialect, Problem, Profile};

/// The unit in which a service states what it charges, and in which its budget is: `units`, or `USD`.
#[must_use]
pub fn unit_of(dialect: Dialect) -> &'static str {
    unit_estimate(dialect, 0.0).0
}

/// What is spent or reserved at a service on the local day of `now_ms` (milliseconds since the epoch), in its own unit. Blocks.
///
/// # Errors
/// The journal cannot be read.
pub fn spent_on_day(journal: &JournalAccess, profile: &Profile, now_ms: i64) -> Result<f64, Problem> {
    let service = Service::of(profile);
    Ok(journal.journal()?.spent(&service, &local_days::day(now_ms), unit_of(profile.dialect))?.units())
}

/// What finding faces is expected to cost, in the unit in which a service states it.
#[must_use]
pub fn identify_estimate(dialect: Dialect) -> f64 {
    unit_estimate(dialect, IDENTIFY_UNITS).1.units()
}

impl Engine {
    /// Whether a whole job, identify and the lip sync of `crop_ms` of voice, fits into the budget of the day. Nothing is reserved.
    ///
    /// # Errors
    /// It does not, or that cannot be known.
    pub async fn check_budget(&self, crop_ms: i64) -> Result<(), Problem> {
        let Some(spend) = self.executor.identify_spend().filter(|spend| spend.budget.is_some()) else { return Ok(()) };
        let identify = if self.knows_faces().await { 0.0 } else { spend.identify_units().await };
        spend.check_units(identify + lip_sync_units(crop_ms)).await
    }

    /// Whether the faces of the clip on the desk will be taken up from an earlier session: nothing is paid for them.
    async fn knows_faces(&self) -> bool {
        let flow = self.flow();
        let Some(clip) = flow.desk.clip.clone().filter(|_| flow.terms.recalls_faces) else { return false };
        let known = self.executor.recall(clip).await.filter(|known| known.not_taken.is_none());
        known.is_some_and(|known| flow.session_left_ms(&known.faces.session, self.now_ms()) >= LEAST_LEFT_MS)
    }

    /// What the journal has of a task at the connected service; `None`: nothing.
    pub async fn intent_of_task(&self, task_id: &str) -> Option<Intent> {
        let (journal, service) = self.executor.journal_of_service()?;
        journal.of_task(service, task_id.to_owned()).await
    }

    /// From now on the result of a task is wanted in this file: what resumes it in another process saves it there.
    pub fn want_result_in(&self, file: Option<&Path>) {
        let out = file.map(|file| std::path::absolute(file).unwrap_or_else(|_| file.to_owned()));
        self.executor.wishes.change(|values| values.out = out);
    }

    /// What has used a name at the connected service, as far as the journal knows: it cannot be given to a task again.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub async fn name_used(&self, name: &str) -> Result<Option<Intent>, Problem> {
        match self.executor.journal_of_service() {
            Some((journal, service)) => journal.named(service, name.to_owned()).await,
            None => Ok(None),
        }
    }
}

/// An identify that is about to be sent, or was.
#[derive(Clone, Debug)]
pub struct IdentifySpend {
    pub journal: JournalAccess,
    pub service: Service,
    pub dialect: Dialect,
    pub budget: Option<f64>,
}

impl IdentifySpend {
    fn estimate(&self, units: f64) -> Spend {
        let (unit, estimate) = unit_estimate(self.dialect, units);
        let limit = self.budget.map(crate::journal::Micros::of);
        Spend { day: local_days::day(self.journal.now_ms()), unit: unit.to_owned(), estimate, limit }
    }

    /// Whether it fits into the budget.
    ///
    /// # Errors
    /// It does not: nothing must be sent.
    pub async fn check(&self) -> Result<(), Problem> {
        self.check_units(self.identify_units().await).await
    }

    /// What an identify is expected to cost, in units: nothing at a service that charged nothing for the last one.
    async fn identify_units(&self) -> f64 {
        let is_free = self.journal.identify_is_free(self.service.clone()).await;
        if is_free { 0.0 } else { IDENTIFY_UNITS }
    }

    async fn check_units(&self, units: f64) -> Result<(), Problem> {
        match self.journal.may_spend(self.service.clone(), self.estimate(units)).await {
            Ok(Some(refusal)) => Err(refusal.problem()),
            Err(problem) if self.budget.is_some() => Err(problem),
            // What is not limited is not held up.
            Ok(None) | Err(_) => Ok(()),
        }
    }

    /// Books it: at its true cost where the service says that in the same unit, else at the estimate.
    pub async fn book(&self, cost: Option<&Cost>) -> Option<BookingId> {
        let estimate = Spend { limit: None, ..self.estimate(IDENTIFY_UNITS) };
        let known = cost.and_then(|cost| booked(cost, self.dialect)).filter(|(unit, _)| *unit == estimate.unit);
        let spend = Spend { estimate: known.map_or(estimate.estimate, |(_, cost)| cost), ..estimate };
        self.journal.book_identify(self.service.clone(), spend).await
    }

    /// Books the true cost of what was booked at its estimate, where the service says it.
    pub async fn settle(&self, booking: BookingId, cost: Option<&Cost>) {
        if let Some((unit, cost)) = cost.and_then(|cost| booked(cost, self.dialect)) {
            self.journal.settle_identify(booking, unit, cost).await;
        }
    }
}
