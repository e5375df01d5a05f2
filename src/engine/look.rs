//! A look into a local file, away from the threads that must not wait.

use std::path::PathBuf;

use crate::media::{Job, MediaError, probe, sound};
use crate::model::{ClipProbe, Problem, ProblemKind, VoiceProbe};

/// What a clip's own bytes tell.
pub async fn at_clip(path: PathBuf) -> Result<ClipProbe, Problem> {
    blocking(move || probe::probe_clip(&path)).await
}

/// What a voice's own bytes tell.
pub async fn at_voice(path: PathBuf) -> Result<VoiceProbe, Problem> {
    blocking(move || sound::probe_voice(&path, &Job::new())).await
}

/// Writes a voice anew as WAV, within the size that services take.
pub async fn as_wav(path: PathBuf, to: PathBuf) -> Result<PathBuf, Problem> {
    blocking(move || sound::voice_to_wav(&path, &to, &Job::new()).map(|_| to)).await
}

async fn blocking<T: Send + 'static>(
    look: impl FnOnce() -> Result<T, MediaError> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(look).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(err)) => Err(Problem::new(ProblemKind::File, err.to_string())),
        Err(_) => {
            Err(Problem::new(ProblemKind::Internal, "The look into the file broke down: please report this file"))
        }
    }
}
