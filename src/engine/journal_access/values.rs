//! What the journal keeps of a submission, a clip, a voice, a cost and an exchange.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::journal::{
    Described, ENDS_WITH_PROCESS, ExchangeRecord, IntentId, Micros, NewIntent, RESULT_WANTED, Service, Spend,
};
use crate::model::cost::{UNIT_USD, lip_sync_units};
use crate::model::{ClipSource, Cost, Dialect, Submission, VoiceSource};
use crate::service::Exchange;

/// What a task is made for, beside what is sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct MadeFor<'a> {
    /// The clip as it was chosen.
    pub clip: Option<&'a ClipSource>,
    /// The file in which its result is wanted.
    pub out: Option<&'a Path>,
    /// Whether its service ends with this process: a sandbox of a command's own.
    pub ends_with_process: bool,
}

/// `sent_service_ms`: when it is first sent, by the service's clock, which alone proves later whose a task of its name is; `None`: not known.
pub fn new_intent(
    service: Service,
    submission: &Submission,
    made: MadeFor<'_>,
    sent_service_ms: Option<i64>,
    spend: Option<Spend>,
) -> NewIntent {
    let mut options = json!({
        "callback_url": submission.callback_url,
        "watermark": submission.watermark,
        "mouth_box": submission.mouth_box,
        "sent_service_ms": sent_service_ms,
    });
    // A name that is no text is asked for again.
    if let Some(out) = made.out.and_then(Path::to_str) {
        options[RESULT_WANTED] = json!(out);
    }
    if made.ends_with_process {
        options[ENDS_WITH_PROCESS] = json!(true);
    }
    NewIntent {
        service,
        external_task_id: submission.external_task_id.clone(),
        session_id: submission.session_id.clone(),
        face_ids: vec![submission.face_id.clone()],
        placement: submission.placement,
        clip: made.clip.map(described_clip).unwrap_or_default(),
        voice: described_voice(&submission.voice),
        options,
        spend,
    }
}

/// A clip by its name, with what is needed to choose it again, also from another folder.
pub fn described_clip(clip: &ClipSource) -> Described {
    let whole = match clip {
        ClipSource::File(path) => ClipSource::File(absolute(path)),
        elsewhere => elsewhere.clone(),
    };
    Described { name: clip.name(), document: serde_json::to_value(whole).unwrap_or_default() }
}

/// A voice, as [`described_clip`].
pub fn described_voice(voice: &VoiceSource) -> Described {
    let whole = match voice {
        VoiceSource::File(path) => VoiceSource::File(absolute(path)),
        elsewhere => elsewhere.clone(),
    };
    Described { name: voice.name(), document: serde_json::to_value(whole).unwrap_or_default() }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// What a lip sync is expected to cost, in the unit in which the service states what it charges: units, or dollars at the list price.
pub fn spend(dialect: Dialect, submission: &Submission, day: String, budget: Option<f64>) -> Spend {
    let (unit, estimate) = unit_estimate(dialect, lip_sync_units(submission.placement.crop_ms()));
    Spend { day, unit: unit.to_owned(), estimate, limit: budget.map(Micros::of) }
}

/// So many official units in the unit in which a service states what it charges: units, or dollars at the list price.
pub fn unit_estimate(dialect: Dialect, units: f64) -> (&'static str, Micros) {
    match dialect {
        Dialect::Kling => ("units", Micros::of(units)),
        Dialect::Kirin => ("USD", Micros::of(units * UNIT_USD)),
    }
}

/// A cost as it is booked: in the unit in which a service of this dialect is estimated, where it says that, else in the other. A service may say
/// both: the units of an upstream beside its own price.
pub fn booked(cost: &Cost, dialect: Dialect) -> Option<(&'static str, Micros)> {
    let amount = |text: &Option<String>| text.as_ref().and_then(|text| text.trim().parse::<f64>().ok());
    let units = amount(&cost.units).map(|units| ("units", Micros::of(units)));
    let usd = amount(&cost.usd).map(|usd| ("USD", Micros::of(usd)));
    match dialect {
        Dialect::Kling => units.or(usd),
        Dialect::Kirin => usd.or(units),
    }
}

pub fn record_of(service: &Service, intent: Option<IntentId>, exchange: &Exchange) -> ExchangeRecord {
    // Previews and results are fetched from other addresses.
    let is_of_service = !matches!(exchange.operation, "preview" | "download");
    ExchangeRecord {
        started_ms: exchange.started_at_ms,
        service: is_of_service.then(|| service.clone()),
        intent,
        operation: exchange.operation.to_owned(),
        method: exchange.method.to_owned(),
        url: exchange.url.clone(),
        status: exchange.status,
        failure: exchange.failure.clone(),
        head_us: exchange.timing.head_us,
        total_us: exchange.timing.total_us,
        request_headers: exchange.request_headers.clone(),
        response_headers: exchange.response_headers.clone(),
        request_file: exchange.request_file.clone(),
        request_body: exchange.request_body.clone().into_bytes(),
        request_bytes: exchange.request_bytes,
        response_body: exchange.response_body.clone().into_bytes(),
        response_bytes: exchange.response_bytes,
    }
}
