//! A voice: any sound file, told by its bytes.

use std::path::Path;

use super::Sound;
use super::blocks::Gathered;
use super::decode::gather_file;
use super::resample::to_sound;
use super::track::{clip_sound, gather_track, heard_frames};
use crate::media::container::Movie;
use crate::media::error::MediaError;
use crate::media::job::Job;
use crate::media::sniff::{self, Kind};
use crate::model::VoiceProbe;

/// What is asked for where a voice is wanted.
const WANTED: &str = "a sound file (WAV, MP3, M4A, AAC, FLAC or Ogg Vorbis)";

/// Tells what a voice is by its bytes. Its length is counted in decoded samples, never believed from a header.
///
/// # Errors
/// [`MediaError::Io`], [`MediaError::NotMedia`] with what the bytes look like, [`MediaError::Damaged`],
/// [`MediaError::UnsupportedCodec`], [`MediaError::NoAudio`], [`MediaError::Limit`] over ten minutes, [`MediaError::Cancelled`].
pub fn probe_voice(path: &Path, job: &Job) -> Result<VoiceProbe, MediaError> {
    let mut gathered = Gathered::new(false);
    let (format, size_bytes, heard) = gather(path, &mut gathered, job)?;
    gathered.frames = heard;
    Ok(VoiceProbe {
        format: format.to_owned(),
        size_bytes,
        duration_ms: gathered.duration_ms(),
        sample_rate_hz: gathered.rate_hz,
        channels: gathered.channels,
    })
}

/// Decodes a whole voice.
///
/// # Errors
/// As [`probe_voice`].
pub fn read_voice(path: &Path, job: &Job) -> Result<Sound, MediaError> {
    let (_, _, kind) = sniff::open(path)?;
    if is_movie(kind) {
        let movie = Movie::open(path)?;
        return clip_sound(&movie, job)?.ok_or_else(|| MediaError::NoAudio(path.display().to_string()));
    }
    let mut gathered = Gathered::new(true);
    gather(path, &mut gathered, job)?;
    to_sound(std::mem::take(&mut gathered.samples), gathered.rate_hz)
}

fn is_movie(kind: Kind) -> bool {
    matches!(kind.name, "mp4" | "mov" | "m4a" | "3gp")
}

/// Decodes a file into `gathered`; answers its format, its size in bytes, and how many frames of it are heard.
fn gather(path: &Path, gathered: &mut Gathered, job: &Job) -> Result<(&'static str, u64, u64), MediaError> {
    let (file, size_bytes, kind) = sniff::open(path)?;
    let no_audio = || MediaError::NoAudio(path.display().to_string());
    let (format, heard) = if is_movie(kind) {
        let movie = Movie::open(path)?;
        let track = movie.audio.as_ref().ok_or_else(no_audio)?;
        gather_track(&movie, track, gathered, job)?;
        // A sound alone in an MP4 is what everyone calls M4A.
        let format = if movie.video.is_none() && kind.name == "mp4" { "m4a" } else { kind.name };
        (format, heard_frames(track, gathered))
    } else if matches!(kind.name, "wav" | "mp3" | "aac" | "flac" | "ogg") {
        gather_file(path, file, kind.name, gathered, job)?;
        (kind.name, gathered.frames)
    } else {
        return Err(MediaError::NotMedia {
            path: path.display().to_string(),
            wanted: WANTED,
            looks_like: kind.words.to_owned(),
        });
    };
    if gathered.frames == 0 {
        return Err(if gathered.damaged > 0 {
            MediaError::damaged(path, "none of its sound can be decoded")
        } else {
            no_audio()
        });
    }
    Ok((format, size_bytes, heard))
}
