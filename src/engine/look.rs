//! A look into a local file, away from the threads that must not wait.

use std::path::PathBuf;

use crate::model::{ClipProbe, Problem, ProblemKind, VoiceProbe};

/// What a clip's own bytes tell.
pub async fn at_clip(path: PathBuf) -> Result<ClipProbe, Problem> {
    Err(Problem::new(ProblemKind::File, format!("{}: the media floor is not there yet", path.display())))
}

/// What a voice's own bytes tell.
pub async fn at_voice(path: PathBuf) -> Result<VoiceProbe, Problem> {
    Err(Problem::new(ProblemKind::File, format!("{}: the media floor is not there yet", path.display())))
}
