//! Slots and budgets: what is reserved with an intent, and what is booked at its end.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::db::{Journal, Result};
use super::intent::{Intent, IntentId, IntentState, intent};
use super::service::{self, Service};
use super::words;
use crate::model::{Problem, ProblemKind};

/// An amount in millionths of a unit, so that sums are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Micros(pub i64);

impl Micros {
    /// The nearest amount; zero for what is no number.
    #[must_use]
    pub fn of(units: f64) -> Self {
        Self((units * 1_000_000.0).round() as i64)
    }

    /// In whole units.
    #[must_use]
    pub fn units(self) -> f64 {
        self.0 as f64 / 1_000_000.0
    }
}

/// Names a booking that belongs to no intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookingId(pub(super) i64);

/// What an intent is expected to cost, and how much may be spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spend {
    /// The local day, as the caller writes it: `2026-11-21`.
    pub day: String,
    /// The profile's own unit: `units`, `USD`.
    pub unit: String,
    /// The estimate.
    pub estimate: Micros,
    /// How much may be spent at this service on this day; `None`: there is no budget.
    pub limit: Option<Micros>,
}

/// Why nothing was begun. Nothing was inserted or sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// The name was used before for this service, by this intent.
    NameUsed(Box<Intent>),
    /// As many tasks run as the service runs at once.
    NoSlot {
        /// How many it runs.
        most: u32,
        /// How many tasks run or have just been sent.
        used: u32,
    },
    /// The estimate does not fit into the budget of the day.
    OverBudget {
        /// The estimate and the limit.
        spend: Spend,
        /// What is spent or reserved already.
        spent: Micros,
    },
}

impl Refusal {
    /// What to say to a person.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let (message, hint) = match self {
            Self::NameUsed(by) => {
                let name = by.external_task_id.as_deref().unwrap_or_default();
                let (kind, message, hint) = match by.state {
                    // Who sends it under another name may pay for it twice.
                    IntentState::Sent | IntentState::Unknown => {
                        (ProblemKind::OutcomeUnknown, words::name_open(name), words::name_open_hint())
                    }
                    IntentState::Intended => {
                        (ProblemKind::NameTaken, words::name_waits(name), words::name_waits_hint())
                    }
                    _ => (ProblemKind::NameTaken, words::name_used(name), words::name_used_hint()),
                };
                return Problem::new(kind, message).with_hint(hint);
            }
            Self::NoSlot { most, used } => (words::no_slot(most, used), words::no_slot_hint()),
            Self::OverBudget { spend, spent } => {
                let limit = spend.limit.unwrap_or_default().units();
                let text = words::over_budget(limit, &spend.unit, spent.units(), spend.estimate.units());
                (text, words::over_budget_hint())
            }
        };
        Problem::new(ProblemKind::Usage, message).with_hint(hint)
    }
}

/// Whether one of `most` slots is free.
pub(super) fn slot_refusal(connection: &Connection, service_id: i64, most: u32) -> Result<Option<Refusal>> {
    let used = service::slots_used(connection, service_id)?;
    Ok((used >= most).then_some(Refusal::NoSlot { most, used }))
}

/// The services at the address of service `?1`, whatever their path prefix: one account pays for all of them.
const OF_ONE_ADDRESS: &str = "(SELECT s.id FROM services s JOIN services o ON o.base_url = s.base_url AND o.dialect = s.dialect WHERE o.id = ?1)";

fn spent(connection: &Connection, service_id: i64, day: &str, unit: &str) -> Result<Micros> {
    // A sum beyond 64 bits is an error of SQLite, and nothing is begun.
    let mut query = connection.prepare_cached(&format!(
        "SELECT coalesce(sum(micros), 0) FROM bookings WHERE service_id IN {OF_ONE_ADDRESS} AND day = ?2 AND unit = ?3"
    ))?;
    Ok(Micros(query.query_row(params![service_id, day, unit], |row| row.get(0))?))
}

/// [`spent`] at the address of a service, which may not be known under this path prefix yet.
fn spent_at(connection: &Connection, service: &Service, day: &str, unit: &str) -> Result<Micros> {
    let mut query = connection.prepare_cached("SELECT min(id) FROM services WHERE base_url = ?1 AND dialect = ?2")?;
    let known: Option<i64> =
        query.query_row(params![service.base_url, service.dialect.to_string()], |row| row.get(0))?;
    known.map_or(Ok(Micros(0)), |id| spent(connection, id, day, unit))
}

/// Whether the estimate fits into the budget.
pub(super) fn budget_refusal(connection: &Connection, service_id: i64, spend: &Spend) -> Result<Option<Refusal>> {
    let Some(limit) = spend.limit else { return Ok(None) };
    let spent = spent(connection, service_id, &spend.day, &spend.unit)?;
    let is_over = spent.0.saturating_add(spend.estimate.0) > limit.0;
    Ok(is_over.then(|| Refusal::OverBudget { spend: spend.clone(), spent }))
}

/// Whether what is reserved for an intent fits into the budget of this day, its own reservation not counted.
pub(super) fn moved_refusal(connection: &Connection, id: IntentId, spend: &Spend) -> Result<Option<Refusal>> {
    let Some(limit) = spend.limit else { return Ok(None) };
    let mut query = connection.prepare_cached(&format!(
        "SELECT coalesce(sum(micros), 0) FROM bookings WHERE service_id IN {OF_ONE_ADDRESS} AND day = ?2 AND unit = ?3 \
         AND intent_id IS NOT ?4"
    ))?;
    let service_id: i64 = connection
        .prepare_cached("SELECT service_id FROM intents WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0))?;
    let spent = Micros(query.query_row(params![service_id, spend.day, spend.unit, id.0], |row| row.get(0))?);
    let is_over = spent.0.saturating_add(spend.estimate.0) > limit.0;
    Ok(is_over.then(|| Refusal::OverBudget { spend: spend.clone(), spent }))
}

/// Counts what is reserved for an intent on this day.
pub(super) fn move_reservation(connection: &Connection, id: IntentId, spend: &Spend) -> Result<()> {
    connection
        .prepare_cached("UPDATE bookings SET day = ?2, unit = ?3, micros = ?4 WHERE intent_id = ?1 AND is_final = 0")?
        .execute(params![id.0, spend.day, spend.unit, spend.estimate.0.max(0)])?;
    Ok(())
}

/// Reserves an estimate, or books a cost that belongs to no intent.
pub(super) fn reserve(
    connection: &Connection,
    service_id: i64,
    spend: &Spend,
    what: &str,
    intent: Option<IntentId>,
) -> Result<()> {
    connection.prepare_cached("INSERT INTO bookings (service_id, day, unit, micros, is_final, what, intent_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute(params![
            service_id,
            spend.day,
            spend.unit,
            spend.estimate.0.max(0),
            intent.is_none(),
            what,
            intent.map(|id| id.0)
        ],
    )?;
    Ok(())
}

/// Books a true cost instead of the estimate, where it is stated in the unit of that.
pub(super) fn settle(db: &Connection, booking: BookingId, cost: Option<(&str, Micros)>) -> Result<()> {
    if let Some((unit, cost)) = cost {
        db.execute(
            "UPDATE bookings SET micros = ?2 WHERE id = ?1 AND unit = ?3",
            params![booking.0, cost.0.max(0), unit],
        )?;
    }
    db.execute("UPDATE bookings SET is_final = 1 WHERE id = ?1", [booking.0])?;
    Ok(())
}

/// Gives back what was reserved for an intent that cost nothing.
pub(super) fn unreserve(connection: &Connection, id: IntentId) -> Result<()> {
    connection.prepare_cached("DELETE FROM bookings WHERE intent_id = ?1 AND is_final = 0")?.execute([id.0])?;
    Ok(())
}

impl Journal {
    /// Books the true cost of an intent instead of its estimate. A cost in another unit than the estimate's books nothing: the
    /// estimate stays. One that was not estimated is booked on `day`. An identical call changes nothing.
    ///
    /// # Errors
    /// [`super::JournalError::Absent`]; the journal cannot be written.
    pub fn book(&self, id: IntentId, day: &str, unit: &str, cost: Micros) -> Result<()> {
        self.write(|db| {
            let booked: Option<String> = db
                .prepare_cached("SELECT unit FROM bookings WHERE intent_id = ?1")?
                .query_row([id.0], |row| row.get(0))
                .optional()?;
            match booked {
                Some(known) if known != unit => {}
                Some(_) => {
                    let values = params![id.0, cost.0.max(0)];
                    db.prepare_cached("UPDATE bookings SET micros = ?2, is_final = 1 WHERE intent_id = ?1")?
                        .execute(values)?;
                }
                None => {
                    let service = intent(db, id)?.service.row(db)?;
                    let spend = Spend { day: day.to_owned(), unit: unit.to_owned(), estimate: cost, limit: None };
                    reserve(db, service, &spend, "create", Some(id))?;
                    db.prepare_cached("UPDATE bookings SET is_final = 1 WHERE intent_id = ?1")?.execute([id.0])?;
                }
            }
            Ok(())
        })
    }

    /// Books something that is no intent, such as an identify, if it fits into the budget.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn spend(
        &self,
        service: &Service,
        what: &str,
        spend: &Spend,
    ) -> Result<std::result::Result<BookingId, Refusal>> {
        self.write(|db| {
            let service = service.row(db)?;
            if let Some(refusal) = budget_refusal(db, service, spend)? {
                return Ok(Err(refusal));
            }
            reserve(db, service, spend, what, None)?;
            Ok(Ok(BookingId(db.last_insert_rowid())))
        })
    }

    /// Books the true cost of what [`Journal::spend`] booked at its estimate. A cost in another unit changes nothing.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn settle_booking(&self, booking: BookingId, unit: &str, cost: Micros) -> Result<()> {
        self.write(|db| settle(db, booking, Some((unit, cost))))
    }

    /// Why this does not fit into the budget of its day; `None`: it does. Nothing is reserved.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn may_spend(&self, service: &Service, spend: &Spend) -> Result<Option<Refusal>> {
        self.read(|db| {
            let Some(limit) = spend.limit else { return Ok(None) };
            let spent = spent_at(db, service, &spend.day, &spend.unit)?;
            let is_over = spent.0.saturating_add(spend.estimate.0) > limit.0;
            Ok(is_over.then(|| Refusal::OverBudget { spend: spend.clone(), spent }))
        })
    }

    /// What was last booked at a service as `what`; `None`: nothing yet.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn last_booked(&self, service: &Service, what: &str) -> Result<Option<Micros>> {
        self.read(|db| {
            let Some(service) = service.find(db)? else { return Ok(None) };
            let sql = format!(
                "SELECT micros FROM bookings WHERE service_id IN {OF_ONE_ADDRESS} AND what = ?2 ORDER BY id DESC LIMIT 1"
            );
            let mut query = db.prepare_cached(&sql)?;
            Ok(query.query_row(params![service, what], |row| row.get(0).map(Micros)).optional()?)
        })
    }

    /// What is spent or reserved at a service on a day, in this unit.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn spent(&self, service: &Service, day: &str, unit: &str) -> Result<Micros> {
        self.read(|db| spent_at(db, service, day, unit))
    }
}

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        refusal.problem()
    }
}
