//! Probes of local files, off the threads that must not block.

use std::path::PathBuf;

use super::words;
use crate::media::{Job, MediaError, probe, sound};
use crate::model::{ClipProbe, Problem, ProblemKind, VoiceProbe};

/// Probes a clip.
pub async fn clip(path: PathBuf) -> Result<ClipProbe, Problem> {
    blocking(move || probe::probe_clip(&path)).await
}

/// Probes a voice.
pub async fn voice(path: PathBuf) -> Result<VoiceProbe, Problem> {
    blocking(move || sound::load_voice(&path, &Job::new())).await
}

/// Writes a voice as WAV, within the size that services accept.
pub async fn voice_to_wav(path: PathBuf, to: PathBuf) -> Result<PathBuf, Problem> {
    blocking(move || sound::voice_to_wav(&path, &to, &Job::new()).map(|_| to)).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, MediaError> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(err)) => Err(Problem::new(ProblemKind::File, err.to_string())),
        Err(_) => Err(Problem::new(ProblemKind::Internal, words::probe_failed()).with_hint(words::probe_failed_hint())),
    }
}
