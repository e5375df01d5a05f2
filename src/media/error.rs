//! Everything that can go wrong with a clip or a voice, in words for the user: what, why, what next. More of them are in `words`.

use std::path::Path;

/// Why a piece of media work stopped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// The file could not be read or written.
    #[error("Cannot {action} {path}: {reason}. {next}")]
    Io {
        /// `open`, `read`, `write`, …
        action: &'static str,
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
        /// What to do about it.
        next: &'static str,
    },
    /// The bytes are not a clip or a voice at all.
    #[error("{}", not_media(path, wanted, looks_like))]
    NotMedia {
        /// The file.
        path: String,
        /// What was expected: `a video (MP4 or MOV)`, `a sound file (…)`.
        wanted: &'static str,
        /// What the first bytes look like: `plain text`, `a PNG picture`, `nothing: the file is empty`.
        looks_like: String,
    },
    /// The container is right, and its content is broken or cut off.
    #[error("{path} is damaged: {detail}. Export or download it again")]
    Damaged {
        /// The file.
        path: String,
        /// What is broken.
        detail: String,
    },
    /// A codec that cannot be decoded here.
    #[error("{codec} cannot be decoded here. {next}")]
    UnsupportedCodec {
        /// Its usual name: `AV1`, `VP9`, `Opus`.
        codec: String,
        /// What to do about it.
        next: &'static str,
    },
    /// Something else about the file that is not supported.
    #[error("{0}")]
    Unsupported(String),
    /// A file without pictures where they are needed.
    #[error("{0} has no picture. Choose a file with a video track")]
    NoVideo(String),
    /// A file without sound where it is needed.
    #[error("{0} has no sound. Choose a file with a sound track")]
    NoAudio(String),
    /// Larger or longer than what is supported.
    #[error("{0}")]
    Limit(String),
    /// The user asked to stop.
    #[error("Stopped on request")]
    Cancelled,
    /// A codec or this program failed in a way that no file should cause.
    #[error("An error in the program while {stage}: {detail}. The file is unchanged; please report this")]
    Internal {
        /// What was being done.
        stage: &'static str,
        /// What the codec said.
        detail: String,
    },
}

/// What to do about a video codec that is not decoded here.
pub const NEXT_FOR_VIDEO: &str = "Convert the clip to H.264, for example with HandBrake or ffmpeg -c:v libx264 (a service may still take it as it is)";
/// The part of it that the sandbox leaves out: it is the service itself.
pub const ELSEWHERE: &str = " (a service may still take it as it is)";
/// What to do about a sound codec.
pub const NEXT_FOR_SOUND: &str = "Convert the sound to WAV, MP3 or AAC";

impl MediaError {
    /// An error of the file system, with advice by its kind.
    #[must_use]
    pub fn io(action: &'static str, path: &Path, err: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        let next = match err.kind() {
            ErrorKind::NotFound => "Check the name and whether the drive is connected",
            ErrorKind::PermissionDenied => "Check the permissions of the file and its folder",
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "Free some space or choose another drive",
            ErrorKind::ReadOnlyFilesystem => "Choose another folder",
            ErrorKind::IsADirectory => "Choose a file, not a folder",
            _ => "Try again, or use a copy of the file",
        };
        Self::Io { action, path: path.display().to_string(), reason: err.to_string(), next }
    }

    /// A file that is broken: `detail` says where.
    #[must_use]
    pub fn damaged(path: &Path, detail: impl Into<String>) -> Self {
        Self::Damaged { path: path.display().to_string(), detail: detail.into() }
    }

    /// The same error about another file of the same content.
    #[must_use]
    pub(crate) fn about(mut self, file: &Path) -> Self {
        if let Self::Io { path, .. }
        | Self::NotMedia { path, .. }
        | Self::Damaged { path, .. }
        | Self::NoVideo(path)
        | Self::NoAudio(path) = &mut self
        {
            *path = file.display().to_string();
        }
        self
    }

    /// A fault of a codec or of this program.
    #[must_use]
    pub fn internal(stage: &'static str, detail: impl Into<String>) -> Self {
        Self::Internal { stage, detail: detail.into() }
    }
}

/// What the bytes of an empty file look like.
pub const NOTHING: &str = "nothing: the file is empty";

fn not_media(path: &str, wanted: &str, looks_like: &str) -> String {
    if looks_like == NOTHING {
        return format!("{path}: the file is empty. Choose {wanted}");
    }
    format!("{path} is not {wanted}: its bytes look like {looks_like}. Choose {wanted}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_says_what_to_do_next() {
        let full = MediaError::io("write", Path::new("out.mp4"), &std::io::ErrorKind::StorageFull.into());
        assert!(full.to_string().contains("Free some space"), "{full}");
        let av1 = MediaError::UnsupportedCodec { codec: "AV1".into(), next: NEXT_FOR_VIDEO };
        assert!(av1.to_string().starts_with("AV1 cannot be decoded here. Convert"), "{av1}");
        assert!(NEXT_FOR_VIDEO.ends_with(ELSEWHERE));
    }
}
