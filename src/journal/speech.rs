//! Texts that are spoken: written down with their booking before they are sent, because they are paid and a lost answer cannot be found again.

use rusqlite::{OptionalExtension as _, Row, params};

use super::db::{Journal, Result};
use super::intent::json;
use super::limits::{BookingId, Micros, Refusal, Spend, budget_refusal, reserve, settle};
use super::service::Service;
use crate::model::speech::VOICE_KEPT_MS;
use crate::model::{Problem, Speech, SpeechLanguage, Spoken};

/// Names a spoken text in this journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpeechId(i64);

/// What became of a text that was sent.
#[derive(Clone, Debug, PartialEq)]
pub enum SpeechOutcome {
    /// No answer was written down: it is on its way, or was lost with its process, and perhaps paid.
    Sent,
    /// It was spoken.
    Done(Box<Spoken>),
    /// It was refused, and is not paid.
    Refused(Option<Problem>),
    /// Nobody knows; it was perhaps paid.
    Unknown(Option<Problem>),
}

/// A spoken text as the journal has it.
#[derive(Clone, Debug, PartialEq)]
pub struct SpeechRecord {
    /// Its name.
    pub id: SpeechId,
    /// The service, without the name of a profile: a speech belongs to the address of its service.
    pub service: Service,
    /// What was to be spoken.
    pub speech: Speech,
    /// When it was sent; milliseconds since the epoch.
    pub begun_ms: i64,
    /// What became of it.
    pub outcome: SpeechOutcome,
}

impl SpeechRecord {
    /// Until when the service keeps its voice, as far as its documents say; milliseconds since the epoch.
    #[must_use]
    pub const fn kept_until_ms(&self) -> i64 {
        self.begun_ms.saturating_add(VOICE_KEPT_MS)
    }
}

impl Journal {
    /// Writes down that a text is about to be sent, with its estimate, where that fits into the budget: one durable commit.
    ///
    /// # Errors
    /// The journal cannot be written: nothing must be sent.
    pub fn begin_speech(
        &self,
        service: &Service,
        speech: &Speech,
        spend: &Spend,
        now_ms: i64,
    ) -> Result<std::result::Result<SpeechId, Refusal>> {
        self.write(|db| {
            let service = service.row(db)?;
            if let Some(refusal) = budget_refusal(db, service, spend)? {
                return Ok(Err(refusal));
            }
            reserve(db, service, spend, "speech", None)?;
            let booking = db.last_insert_rowid();
            db.execute("UPDATE bookings SET is_final = 0 WHERE id = ?1", [booking])?;
            db.execute(
                "INSERT INTO speeches (service_id, state, text, voice_id, language, speed, begun_ms, booking_id) \
                 VALUES (?1, 'sent', ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    service,
                    speech.text,
                    speech.voice_id,
                    speech.language.word(),
                    speech.sent_speed(),
                    now_ms,
                    booking
                ],
            )?;
            Ok(Ok(SpeechId(db.last_insert_rowid())))
        })
    }

    /// Writes down what became of a text, once: a second call changes nothing. What was refused is not paid; of what was spoken the true
    /// cost is booked where it is stated in the unit of the estimate.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn end_speech(
        &self,
        id: SpeechId,
        outcome: &SpeechOutcome,
        cost: Option<(&str, Micros)>,
        now_ms: i64,
    ) -> Result<()> {
        let (state, spoken, problem) = match outcome {
            SpeechOutcome::Sent => return Ok(()),
            SpeechOutcome::Done(spoken) => ("done", Some(serde_json::to_string(spoken)?), None),
            SpeechOutcome::Refused(problem) => ("refused", None, problem.as_ref()),
            SpeechOutcome::Unknown(problem) => ("unknown", None, problem.as_ref()),
        };
        let problem = problem.map(serde_json::to_string).transpose()?;
        self.write(|db| {
            let booking: Option<Option<i64>> = db
                .query_row("SELECT booking_id FROM speeches WHERE id = ?1 AND state = 'sent'", [id.0], |row| row.get(0))
                .optional()?;
            let Some(booking) = booking else { return Ok(()) };
            db.execute(
                "UPDATE speeches SET state = ?2, spoken = ?3, problem = ?4, answered_ms = ?5 WHERE id = ?1",
                params![id.0, state, spoken, problem, now_ms],
            )?;
            let Some(booking) = booking else { return Ok(()) };
            match outcome {
                SpeechOutcome::Refused(_) => {
                    db.execute("UPDATE speeches SET booking_id = NULL WHERE id = ?1", [id.0])?;
                    db.execute("DELETE FROM bookings WHERE id = ?1", [booking])?;
                }
                SpeechOutcome::Done(_) => settle(db, BookingId(booking), cost)?,
                SpeechOutcome::Sent | SpeechOutcome::Unknown(_) => {}
            }
            Ok(())
        })
    }

    /// The texts that were sent, to a service or to any, the newest first.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn speeches(&self, service: Option<&Service>, limit: u32) -> Result<Vec<SpeechRecord>> {
        self.read(|db| {
            // A service without a row has spoken nothing.
            let service = match service {
                Some(service) => Some(service.find(db)?.unwrap_or(-1)),
                None => None,
            };
            let mut query = db.prepare_cached(
                "SELECT '', s.base_url, s.path_prefix, s.dialect, sp.id, sp.state, sp.text, sp.voice_id, sp.language, sp.speed, \
                 sp.begun_ms, sp.spoken, sp.problem FROM speeches sp JOIN services s ON s.id = sp.service_id \
                 WHERE (?1 IS NULL OR sp.service_id = ?1) ORDER BY sp.id DESC LIMIT ?2",
            )?;
            let rows = query.query_map(params![service, limit], record)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<SpeechRecord> {
    let (state, language): (String, String) = (row.get("state")?, row.get("language")?);
    let outcome = match (state.as_str(), json::<Spoken>(row, "spoken")?) {
        ("sent", _) => SpeechOutcome::Sent,
        ("done", Some(spoken)) => SpeechOutcome::Done(Box::new(spoken)),
        ("refused", _) => SpeechOutcome::Refused(json(row, "problem")?),
        _ => SpeechOutcome::Unknown(json(row, "problem")?),
    };
    Ok(SpeechRecord {
        id: SpeechId(row.get("id")?),
        service: Service::of_row(row, 0)?,
        speech: Speech {
            text: row.get("text")?,
            voice_id: row.get("voice_id")?,
            language: language.parse::<SpeechLanguage>().unwrap_or_default(),
            speed: row.get("speed")?,
        },
        begun_ms: row.get("begun_ms")?,
        outcome,
    })
}
