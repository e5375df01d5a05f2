//! Reading the sandbox's answer to an upload.

use super::{Reply, problem, scalar};
use crate::model::Problem;

/// Reads an answer to an upload: the address at which the service itself can reach the file.
///
/// # Errors
/// A refusal with its code, or an answer without an address.
pub fn read_upload(reply: &Reply<'_>) -> Result<String, Problem> {
    if !reply.is_success() {
        return Err(problem::of_status(reply));
    }
    let Some(layers) = problem::layers(reply) else { return Err(problem::of_page(reply)) };
    let stated = layers.answer_status();
    if stated.is_error {
        return Err(problem::refusal(reply, stated));
    }
    let url = layers.innermost(&["url"]).and_then(scalar::text);
    url.ok_or_else(|| problem::without(reply, &stated, "url of the uploaded file"))
}
