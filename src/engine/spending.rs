//! What is spent at a service on a local day, and what an identify adds to that.

use super::journal_access::{booked, unit_estimate};
use super::{Engine, JournalAccess, local_days};
use crate::journal::{Intent, Service, Spend};
use crate::model::cost::{IDENTIFY_UNITS, estimate_units};
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

impl Engine {
    /// Whether a whole job, identify and the lip sync of `crop_ms` of voice, fits into the budget of the day. Nothing is reserved.
    ///
    /// # Errors
    /// It does not, or that cannot be known.
    pub async fn check_budget(&self, crop_ms: i64) -> Result<(), Problem> {
        match self.executor.identify_spend() {
            Some(spend) => spend.check_units(estimate_units(crop_ms)).await,
            None => Ok(()),
        }
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
        self.check_units(IDENTIFY_UNITS).await
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
    pub async fn book(&self, cost: Option<&Cost>) {
        let estimate = Spend { limit: None, ..self.estimate(IDENTIFY_UNITS) };
        let known = cost.and_then(booked).filter(|(unit, _)| *unit == estimate.unit);
        let spend = Spend { estimate: known.map_or(estimate.estimate, |(_, cost)| cost), ..estimate };
        self.journal.book_identify(self.service.clone(), spend).await;
    }
}
