//! Clips that were analysed, by the hash of their bytes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;

use super::file_store::lock;
use super::media_work::Analysis;

/// How many are remembered.
const MAX_ANALYSES: usize = 64;

/// The analyses of this run. Equal bytes are analysed once, also when two callers ask at the same time.
#[derive(Debug, Default)]
pub struct Analyses(Mutex<HashMap<String, Entry>>);

#[derive(Debug, Default)]
struct Entry {
    cell: Arc<OnceCell<Arc<Analysis>>>,
    used_ms: i64,
}

impl Analyses {
    /// Where the analysis of a clip with this hash is, or will be.
    pub fn cell(&self, now_ms: i64, sha256: &str) -> Arc<OnceCell<Arc<Analysis>>> {
        let mut by_hash = lock(&self.0);
        if by_hash.len() >= MAX_ANALYSES && !by_hash.contains_key(sha256) {
            let oldest = by_hash.iter().min_by_key(|(_, entry)| entry.used_ms).map(|(hash, _)| hash.clone());
            oldest.map(|hash| by_hash.remove(&hash));
        }
        let entry = by_hash.entry(sha256.to_owned()).or_default();
        entry.used_ms = now_ms;
        Arc::clone(&entry.cell)
    }
}
