//! What went over the wire, written down without secrets: the caller gives it redacted.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::bodies;
use super::db::{Journal, Result};
use super::intent::{IntentId, json};
use super::paths;
use super::service::Service;

/// One request and what came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExchangeRecord {
    /// When it began; milliseconds since the epoch.
    pub started_ms: i64,
    /// The service it went to; `None` for a download.
    pub service: Option<Service>,
    /// The intent it was for.
    pub intent: Option<IntentId>,
    /// What it was for: `identify`, `create`, `query`, …
    pub operation: String,
    /// `GET`, `POST`, `PUT`.
    pub method: String,
    /// The address.
    pub url: String,
    /// The HTTP status; `None` where no answer came.
    pub status: Option<u16>,
    /// What went wrong with the exchange itself.
    pub failure: Option<String>,
    /// Until the head of the response was received, in microseconds.
    pub head_us: Option<u64>,
    /// Until it was complete or failed, in microseconds.
    pub total_us: u64,
    /// Headers as sent; `Authorization` masked.
    pub request_headers: Vec<(String, String)>,
    /// Headers of the answer.
    pub response_headers: Vec<(String, String)>,
    /// The file whose bytes were in the body.
    pub request_file: Option<PathBuf>,
    /// The body as it is to be kept.
    pub request_body: Vec<u8>,
    /// Length of the body as sent, in bytes.
    pub request_bytes: u64,
    /// The body of the answer as it is to be kept.
    pub response_body: Vec<u8>,
    /// Length of the body as received, in bytes.
    pub response_bytes: u64,
}

/// Names an exchange in this journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExchangeId(i64);

fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Inserts an exchange. An intent that is not known is left out.
pub(super) fn insert(db: &Connection, folder: Option<&Path>, exchange: &ExchangeRecord) -> Result<ExchangeId> {
    let service = exchange.service.as_ref().map(|service| service.row(db)).transpose()?;
    let request = bodies::keep(folder, &exchange.request_body)?;
    let response = bodies::keep(folder, &exchange.response_body)?;
    let mut insert = db.prepare_cached(
        "INSERT INTO exchanges (started_ms, service_id, intent_id, operation, method, url, status, failure, head_us, total_us, \
         request_bytes, response_bytes, request_file, request_sha256, response_sha256, kept_bytes, request_headers, \
         response_headers, request_body, response_body) VALUES (?1, ?2, (SELECT id FROM intents WHERE id = ?3), ?4, ?5, ?6, ?7, \
         ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
    )?;
    insert.execute(params![
        exchange.started_ms,
        service,
        exchange.intent.map(|id| id.0),
        exchange.operation,
        exchange.method,
        exchange.url,
        exchange.status,
        exchange.failure,
        exchange.head_us.map(column),
        column(exchange.total_us),
        column(exchange.request_bytes),
        column(exchange.response_bytes),
        exchange.request_file.as_deref().map(paths::to_bytes),
        request.sha256,
        response.sha256,
        column(request.bytes + response.bytes),
        serde_json::to_string(&exchange.request_headers)?,
        serde_json::to_string(&exchange.response_headers)?,
        Some(request.head).filter(|head| !head.is_empty()),
        Some(response.head).filter(|head| !head.is_empty()),
    ])?;
    Ok(ExchangeId(db.last_insert_rowid()))
}

const COLUMNS: &str = "e.id, s.profile, s.base_url, s.path_prefix, s.dialect, e.started_ms, e.intent_id, e.operation, e.method, \
     e.url, e.status, e.failure, e.head_us, e.total_us, e.request_bytes, e.response_bytes, e.request_file, e.request_headers, \
     e.response_headers";

/// All but the bodies.
fn of_row(row: &Row<'_>) -> rusqlite::Result<(ExchangeId, ExchangeRecord)> {
    let profile: Option<String> = row.get(1)?;
    let number = |at: &str| row.get::<_, i64>(at).map(|number| u64::try_from(number).unwrap_or_default());
    let head_us: Option<i64> = row.get("head_us")?;
    let exchange = ExchangeRecord {
        started_ms: row.get("started_ms")?,
        service: profile.map(|_| Service::of_row(row, 1)).transpose()?,
        intent: row.get::<_, Option<i64>>("intent_id")?.map(IntentId),
        operation: row.get("operation")?,
        method: row.get("method")?,
        url: row.get("url")?,
        status: row.get("status")?,
        failure: row.get("failure")?,
        head_us: head_us.and_then(|us| u64::try_from(us).ok()),
        total_us: number("total_us")?,
        request_headers: json(row, "request_headers")?.unwrap_or_default(),
        response_headers: json(row, "response_headers")?.unwrap_or_default(),
        request_file: row.get::<_, Option<Vec<u8>>>("request_file")?.map(paths::of_bytes),
        request_body: Vec::new(),
        request_bytes: number("request_bytes")?,
        response_body: Vec::new(),
        response_bytes: number("response_bytes")?,
    };
    Ok((ExchangeId(row.get(0)?), exchange))
}

impl Journal {
    /// Where the files of long bodies are; `None` in memory.
    pub(super) fn bodies(&self) -> Option<PathBuf> {
        self.file().map(bodies::folder)
    }

    /// Writes an exchange down at once. Those that may wait go through a [`super::Writer`].
    ///
    /// # Errors
    /// The journal, or the file of a long body, cannot be written.
    pub fn record(&self, exchange: &ExchangeRecord) -> Result<ExchangeId> {
        self.write(|db| insert(db, self.bodies().as_deref(), exchange))
    }

    /// An exchange with its bodies, as far as they are kept still.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn exchange(&self, id: ExchangeId) -> Result<Option<ExchangeRecord>> {
        let sql = format!(
            "SELECT {COLUMNS}, e.request_body, e.request_sha256, e.response_body, e.response_sha256 FROM exchanges e \
             LEFT JOIN services s ON s.id = e.service_id WHERE e.id = ?1"
        );
        let folder = self.bodies();
        self.read(|db| {
            let read = |row: &Row<'_>| {
                let (_, mut exchange) = of_row(row)?;
                let body = |head: &str, sha256: &str| -> rusqlite::Result<Vec<u8>> {
                    let head = row.get::<_, Option<Vec<u8>>>(head)?.unwrap_or_default();
                    let sha256: Option<String> = row.get(sha256)?;
                    Ok(bodies::read(folder.as_deref(), head, sha256.as_deref()))
                };
                exchange.request_body = body("request_body", "request_sha256")?;
                exchange.response_body = body("response_body", "response_sha256")?;
                Ok(exchange)
            };
            Ok(db.query_row(&sql, [id.0], read).optional()?)
        })
    }

    /// At most `limit` exchanges of an intent, or of all, older than `before`; the newest first, without their bodies.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn exchanges(
        &self,
        intent: Option<IntentId>,
        before: Option<ExchangeId>,
        limit: u32,
    ) -> Result<Vec<(ExchangeId, ExchangeRecord)>> {
        let of_intent = if intent.is_some() { "e.intent_id = ?1" } else { "?1 IS NULL" };
        let sql = format!(
            "SELECT {COLUMNS} FROM exchanges e LEFT JOIN services s ON s.id = e.service_id \
             WHERE {of_intent} AND e.id < ?2 ORDER BY e.id DESC LIMIT ?3"
        );
        self.read(|db| {
            let before = before.map_or(i64::MAX, |id| id.0);
            let mut query = db.prepare_cached(&sql)?;
            let rows = query.query_map(params![intent.map(|id| id.0), before, limit], of_row)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}
