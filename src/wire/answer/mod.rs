//! The lenient reader of answers from services and gateways (docs: wire contract §3). Never panics, whatever the input.
//!
//! One reader for all dialects: the dialect decides only what is sent. Unknown fields are kept in `extra`.

mod account;
mod create;
mod identify;
mod layers;
mod numbers;
mod problem;
mod scalar;
mod speech;
mod task;
#[cfg(test)]
mod tests;
mod text;
mod upload;

pub use account::{Deductions, read_deductions, read_packages};
pub use create::read_create;
pub use identify::{Identified, IdentifyJob, read_identify};
pub use problem::{looks_like_html, page_words, presentable};
pub use speech::read_speech;
pub use task::{read_list, read_task, read_task_by_name};
pub use upload::read_upload;

/// An answer as it came over the wire.
#[derive(Clone, Copy, Debug)]
pub struct Reply<'a> {
    /// The HTTP status.
    pub http_status: u16,
    /// `Retry-After` in milliseconds, where there was one.
    pub retry_after_ms: Option<u64>,
    /// Where a redirect points.
    pub location: Option<&'a str>,
    /// The body, whole.
    pub body: &'a [u8],
}

impl<'a> Reply<'a> {
    /// An answer without headers of interest.
    #[must_use]
    pub const fn new(http_status: u16, body: &'a [u8]) -> Self {
        Self { http_status, retry_after_ms: None, location: None, body }
    }

    /// Whether the HTTP status is a success.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.http_status, 200..=299)
    }
}
