//! Certificate authorities beyond those of the platform: of a company's proxy, or of a service of one's own.
//!
//! They hold for the whole process, as those of the platform do: every connection of this floor that is made from then on.

use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use reqwest::{Certificate, ClientBuilder};

use super::words;
use crate::model::{Problem, ProblemKind};

/// Largest file of authorities, in bytes: those of a whole system have a quarter of a megabyte.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// The file, and what is in it.
static EXTRA: RwLock<Option<(PathBuf, Vec<Certificate>)>> = RwLock::new(None);

/// From now on the authorities in this PEM file are trusted beside those of the platform, in place of those of an earlier call. Blocks.
///
/// # Errors
/// [`ProblemKind::File`]: it cannot be read, or has no certificate. Nothing changed.
pub fn trust_ca_file(file: &Path) -> Result<(), Problem> {
    let problem = |why: String| {
        Problem::new(ProblemKind::File, words::ca_file_unusable(file.display(), why)).with_hint(words::ca_file_hint())
    };
    let size_bytes = file.metadata().map_err(|err| problem(err.to_string()))?.len();
    if size_bytes > MOST_BYTES {
        return Err(problem(words::part_ca_file_too_large(MOST_BYTES / (1024 * 1024))));
    }
    let bytes = std::fs::read(file).map_err(|err| problem(err.to_string()))?;
    let certificates = Certificate::from_pem_bundle(&bytes).map_err(|err| problem(super::fault::chain(&err)))?;
    if certificates.is_empty() {
        return Err(problem(words::part_no_certificate()));
    }
    // A certificate that is none shows only when a client is built with it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let trial = ClientBuilder::new().tls_certs_only(certificates.clone()).build();
    trial.map_err(|err| problem(super::fault::chain(&err)))?;
    *EXTRA.write().unwrap_or_else(PoisonError::into_inner) = Some((file.to_owned(), certificates));
    Ok(())
}

/// A client that trusts them too.
pub fn with_extra(builder: ClientBuilder) -> ClientBuilder {
    match &*EXTRA.read().unwrap_or_else(PoisonError::into_inner) {
        Some((_, certificates)) => builder.tls_certs_merge(certificates.clone()),
        None => builder,
    }
}

/// What to do about a certificate that nobody vouches for.
pub fn hint() -> String {
    match &*EXTRA.read().unwrap_or_else(PoisonError::into_inner) {
        Some((file, _)) => words::check_ca_file(file.display()),
        None => words::check_certificates(),
    }
}
