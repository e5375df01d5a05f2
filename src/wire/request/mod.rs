//! What is sent, by dialect: exactly what the vendor documents say, absent fields left out, times as whole milliseconds.

mod account;
mod body;
mod lip_sync;
mod speech;
#[cfg(test)]
mod tests;

pub use account::{DeductionsPage, deductions, packages};
pub use body::{Body, Part};
pub use lip_sync::{create, identify, identify_poll, list, query, tasks_named};
pub use speech::speak;

use crate::model::{Dialect, Profile};

use super::path;

/// HTTP methods the services use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Identify and create.
    Post,
    /// The sandbox's upload.
    Put,
}

impl Method {
    /// As it is written in a request line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// What a request is for. Decides how long an answer may take, and whether the request may be retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Find the faces of a clip; costs a little, and makes a session.
    Identify,
    /// Poll an asynchronous identify (`kirin`).
    IdentifyPoll,
    /// Create a task: paid, and never sent twice by itself.
    Create,
    /// Speak a text: paid, and never sent twice by itself.
    Speak,
    /// Poll a task.
    Query,
    /// List tasks.
    List,
    /// Ask what packages the account has, and what was deducted.
    Account,
    /// Upload a local file to the sandbox.
    Upload,
}

impl Operation {
    /// Whether it is a read, which may be retried after any outcome.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(self, Self::IdentifyPoll | Self::Query | Self::List | Self::Account)
    }

    /// One word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Identify | Self::IdentifyPoll => "identify",
            Self::Create => "create",
            Self::Speak => "speak",
            Self::Query => "query",
            Self::List => "list",
            Self::Account => "account",
            Self::Upload => "upload",
        }
    }
}

/// A request, not yet sent and not yet authorised.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What it is for.
    pub operation: Operation,
    /// How.
    pub method: Method,
    /// Path and query, percent-encoded, behind the profile's base URL.
    pub target: String,
    /// JSON, where there is a body.
    pub body: Option<Body>,
}

/// Paths of the two vendor documents.
const IDENTIFY: &str = "/v1/videos/identify-face";
const LIP_SYNC: &str = "/v1/videos/advanced-lip-sync";
const SPEECH: &str = "/v1/audio/tts";
const GENERATION: &str = "/model/v1/generation";
/// Paths of the official service that gateways do not have.
const TASKS: &str = "/tasks";
const COSTS: &str = "/account/costs";
const BILLING: &str = "/account/billing";
/// The sandbox's path for uploads.
const MEDIA: &str = "/media";

fn kling_path(profile: &Profile, rest: &str) -> String {
    format!("{}{rest}", path::prefix(&profile.path_prefix))
}

/// Whether the profile speaks the `kling` dialect without a prefix, as the vendor's own API does: only there may `watermark_info` be sent.
#[must_use]
pub fn is_official(profile: &Profile) -> bool {
    profile.dialect == Dialect::Kling && path::prefix(&profile.path_prefix).is_empty()
}

/// Whether the dialect has a list of tasks.
#[must_use]
pub fn has_list(profile: &Profile) -> bool {
    profile.dialect == Dialect::Kling
}

/// `PUT /media/{name}`: uploads a local file to the sandbox; no vendor has such an endpoint. The body is the raw file.
///
/// # Errors
/// A name that cannot be a path segment.
pub fn upload(name: &str) -> Result<Call, crate::model::Problem> {
    let target = format!("{MEDIA}/{}", path::segment("file name", name)?);
    Ok(Call { operation: Operation::Upload, method: Method::Put, target, body: None })
}
