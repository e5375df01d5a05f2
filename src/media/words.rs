//! What users read about their clips and voices, beside the forms of [`MediaError`]: what is wrong, why, what next.

use super::error::{MediaError, NEXT_FOR_SOUND, NEXT_FOR_VIDEO, NOTHING};

/// Within one sound.
pub(super) const CHANNELS_CHANGE: &str = "The number of channels changes within the sound. Convert it to WAV";
/// Within one sound.
pub(super) const RATE_CHANGES: &str = "The sample rate changes within the sound. Convert it to WAV";
/// For the 5 MB of the services.
pub(super) const VOICE_TOO_LONG_FOR_WAV: &str = "The voice is too long for a WAV of 5 MB. Cut it first";
/// For the format, which counts in 32 bits.
pub(super) const SOUND_TOO_LONG_FOR_WAV: &str = "The sound is too long for a WAV file. Cut it first";

/// A sound of more than so many minutes.
pub(super) fn sound_too_long(minutes: u64) -> String {
    format!("The sound is longer than {minutes} minutes, and services accept at most one. Cut it first")
}

/// A picture that no decoder handles.
pub(super) fn picture_too_large((width_px, height_px): (u32, u32), most_px: u32) -> String {
    format!(
        "The picture is {width_px}×{height_px} px, and at most {most_px} px a side are supported. Scale the clip down"
    )
}

/// A picture that the encoder does not take.
pub(super) fn not_encodable((width_px, height_px): (u32, u32), least_px: u32, most_px: (u32, u32)) -> String {
    format!(
        "{width_px}×{height_px} px cannot be encoded: {least_px} px to {}×{} px can. Scale the clip first",
        most_px.0, most_px.1
    )
}

/// Two sizes within one clip.
pub(super) fn size_changes(from_px: (u32, u32), to_px: (u32, u32)) -> String {
    format!(
        "The picture changes from {}×{} to {}×{} px within the clip. Convert it to one size",
        from_px.0, from_px.1, to_px.0, to_px.1
    )
}

/// The name of a fitted file, without its extension.
pub(super) fn part_fitted_stem(stem: &str) -> String {
    format!("{stem} fitted")
}

/// A clip that stays over the limit.
pub(super) fn fit_still_too_large(bytes: u64) -> String {
    format!(
        "The clip is larger than 100 MB also when it is encoded anew ({bytes} bytes). Choose a shorter part, or 720p"
    )
}

/// Of a download whose last box is not all there.
pub(super) fn cut_within(file_len: u64, claimed: u64) -> String {
    format!("it was cut off: {file_len} bytes are there, at least {claimed} were to be")
}

/// Of a download that ends within the head of a box.
pub(super) fn cut_between(file_len: u64) -> String {
    format!("it was cut off after {file_len} bytes, between two parts of it")
}

/// Of a download with an index and nothing else.
pub(super) const INDEX_ALONE: &str = "it has an index, and no picture or sound behind it";

/// Every text with a name, for reading them in one go.
#[doc(hidden)]
#[must_use]
pub fn all() -> Vec<(&'static str, String)> {
    let path = || "clip.mp4".to_owned();
    let io = |kind: std::io::ErrorKind| MediaError::io("open", std::path::Path::new("clip.mp4"), &kind.into());
    let not_media = |looks_like: &str| MediaError::NotMedia {
        path: path(),
        wanted: "a video (MP4 or MOV)",
        looks_like: looks_like.to_owned(),
    };
    let codec = |codec: &str, next| MediaError::UnsupportedCodec { codec: codec.to_owned(), next };
    let damaged = |detail: &str| MediaError::damaged(std::path::Path::new("clip.mp4"), detail);
    let errors = [
        ("io not found", io(std::io::ErrorKind::NotFound)),
        ("io permission denied", io(std::io::ErrorKind::PermissionDenied)),
        ("io storage full", io(std::io::ErrorKind::StorageFull)),
        ("io read-only", io(std::io::ErrorKind::ReadOnlyFilesystem)),
        ("io folder", io(std::io::ErrorKind::IsADirectory)),
        ("io other", io(std::io::ErrorKind::TimedOut)),
        ("not media", not_media("plain text")),
        ("empty", not_media(NOTHING)),
        ("damaged", damaged("it was cut off: of 9.0 s of picture the last 2.0 s are missing")),
        ("video codec", codec("AV1", NEXT_FOR_VIDEO)),
        ("sound codec", codec("ALAC sound", NEXT_FOR_SOUND)),
        ("no video", MediaError::NoVideo(path())),
        ("no audio", MediaError::NoAudio(path())),
        ("cancelled", MediaError::Cancelled),
        ("internal", MediaError::internal("decoding the clip", "index out of range")),
    ];
    let texts = [
        ("channels change", CHANNELS_CHANGE.to_owned()),
        ("rate changes", RATE_CHANGES.to_owned()),
        ("voice too long for WAV", VOICE_TOO_LONG_FOR_WAV.to_owned()),
        ("sound too long for WAV", SOUND_TOO_LONG_FOR_WAV.to_owned()),
        ("sound too long", sound_too_long(10)),
        ("picture too large", picture_too_large((5_000, 2_000), 4_096)),
        ("not encodable", not_encodable((8, 8), 16, (3_840, 2_160))),
        ("cut within", cut_within(30_000, 60_000)),
        ("cut between", cut_between(30_000)),
        ("index alone", INDEX_ALONE.to_owned()),
        ("fit still too large", fit_still_too_large(110_000_000)),
        ("size changes", size_changes((1_280, 720), (640, 360))),
    ];
    errors.into_iter().map(|(name, err)| (name, err.to_string())).chain(texts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_begins_with_a_capital_or_a_name_and_ends_without_a_full_stop() {
        for (name, text) in all() {
            let begins = text.starts_with("clip.mp4")
                // A part of a sentence.
                || text.starts_with("it ") || text.starts_with(|c: char| c.is_uppercase() || c.is_numeric());
            assert!(begins && !text.ends_with('.'), "{name}: {text}");
        }
    }
}
