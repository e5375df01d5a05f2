//! A voice: any sound file, recognised by its bytes. It is decoded once for all its users.

use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::blocks::Gathered;
use super::decode::gather_file;
use super::resample::to_sound;
use super::track::{gather_track, heard_frames, placed};
use super::{MOST_SECONDS, RATE_HZ, Sound};
use crate::media::cache::{Cache, ContentHash, Keep, content_hash};
use crate::media::container::Movie;
use crate::media::error::MediaError;
use crate::media::job::Job;
use crate::media::sniff::{self, Kind};
use crate::model::VoiceProbe;

/// The expected file, as named in the error message for others.
const WANTED: &str = "a sound file (WAV, MP3, M4A, AAC, FLAC or Ogg Vorbis)";
/// A longer voice than any service accepts is probed and not kept.
const KEPT_SECONDS: u64 = 120;
/// Capacity of the cache of decoded voices: two minutes of stereo are 46 MB.
const KEEP: Keep = Keep {
    weight: KEPT_SECONDS as usize * RATE_HZ as usize * size_of::<[f32; super::CHANNELS]>(),
    time: Some(Duration::from_secs(10)),
};
/// A voice whose loudest sample is below this, at -60 dB, is silent: nobody hears it.
const SILENT: f32 = 0.001;
/// Number of probes that are kept.
const PROBES_KEPT: usize = 64;

/// The cache of decoded voices.
static VOICES: LazyLock<Cache<Sound>> = LazyLock::new(|| Cache::new(KEEP, |sound| size_of_val(sound.samples())));

fn probes() -> MutexGuard<'static, Vec<(ContentHash, VoiceProbe)>> {
    static PROBES: Mutex<Vec<(ContentHash, VoiceProbe)>> = Mutex::new(Vec::new());
    PROBES.lock().unwrap_or_else(PoisonError::into_inner)
}

fn known_probe(key: &ContentHash) -> Option<VoiceProbe> {
    probes().iter().find(|(of, _)| of == key).map(|(_, probe)| probe.clone())
}

fn remember_probe(key: ContentHash, probe: VoiceProbe) {
    let mut probes = probes();
    probes.retain(|(of, _)| *of != key);
    let over = (probes.len() + 1).saturating_sub(PROBES_KEPT);
    probes.drain(..over);
    probes.push((key, probe));
}

/// Probes a voice. Its length is counted in decoded samples, not read from a header. A file whose content was probed before is not
/// decoded again.
///
/// # Errors
/// [`MediaError::Io`], [`MediaError::NotMedia`] with what the bytes look like, [`MediaError::Damaged`],
/// [`MediaError::UnsupportedCodec`], [`MediaError::NoAudio`], [`MediaError::Limit`] over ten minutes, [`MediaError::Cancelled`].
pub fn probe_voice(path: &Path, job: &Job) -> Result<VoiceProbe, MediaError> {
    let key = content_hash(path, job)?;
    if let Some(probe) = known_probe(&key) {
        return Ok(probe);
    }
    let (probe, _) = decode(path, 0, job)?;
    remember_probe(key, probe.clone());
    Ok(probe)
}

/// As [`probe_voice`]; the sound that was decoded for it is kept for a few seconds, for [`shared_voice`].
///
/// # Errors
/// As [`probe_voice`].
pub fn load_voice(path: &Path, job: &Job) -> Result<VoiceProbe, MediaError> {
    let key = content_hash(path, job)?;
    if let Some(probe) = known_probe(&key) {
        return Ok(probe);
    }
    let loaded = load(path, key, KEPT_SECONDS, job);
    // A voice that is too long to be kept has still been probed.
    known_probe(&key).map_or_else(|| loaded.and_then(|_| probe_voice(path, job)), Ok)
}

/// A whole voice, decoded once for all its users; kept for a few seconds after the last of them.
///
/// # Errors
/// As [`probe_voice`].
pub fn shared_voice(path: &Path, job: &Job) -> Result<Arc<Sound>, MediaError> {
    load(path, content_hash(path, job)?, MOST_SECONDS, job)
}

fn load(path: &Path, key: ContentHash, keep_seconds: u64, job: &Job) -> Result<Arc<Sound>, MediaError> {
    let of_thread = path.to_owned();
    VOICES
        .get(key, job, move |job| {
            let (probe, sound) = decode(&of_thread, keep_seconds, job)?;
            remember_probe(key, probe);
            sound.ok_or_else(|| MediaError::Limit("the voice is too long to be kept".to_owned()))
        })
        .map_err(|err| err.about(path))
}

/// Decodes a whole voice, for the caller alone.
///
/// # Errors
/// As [`probe_voice`].
pub fn read_voice(path: &Path, job: &Job) -> Result<Sound, MediaError> {
    let (_, sound) = decode(path, MOST_SECONDS, job)?;
    sound.ok_or_else(|| MediaError::NoAudio(path.display().to_string()))
}

fn is_movie(kind: Kind) -> bool {
    matches!(kind.name, "mp4" | "mov" | "m4a" | "3gp")
}

/// Decodes a file. Returns what it is, and its sound where that is no longer than `keep_seconds`.
fn decode(path: &Path, keep_seconds: u64, job: &Job) -> Result<(VoiceProbe, Option<Sound>), MediaError> {
    let (file, size_bytes, kind) = sniff::open(path)?;
    let no_audio = || MediaError::NoAudio(path.display().to_string());
    let mut gathered = Gathered::new(keep_seconds);
    let mut movie = None;
    let format = if is_movie(kind) {
        let movie = movie.insert(Movie::open(path)?);
        let track = movie.audio.as_ref().ok_or_else(no_audio)?;
        gather_track(movie, track, &mut gathered, job)?;
        // A sound alone in an MP4 is what everybody calls M4A.
        if movie.video.is_none() && kind.name == "mp4" { "m4a" } else { kind.name }
    } else if matches!(kind.name, "wav" | "mp3" | "aac" | "flac" | "ogg") {
        gather_file(path, file, kind.name, &mut gathered, job)?;
        kind.name
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
    let track = movie.as_ref().and_then(|movie| movie.audio.as_ref());
    let samples = gathered.is_kept().then(|| std::mem::take(&mut gathered.samples));
    let sound = samples.map(|samples| to_sound(samples, gathered.rate_hz)).transpose()?;
    let sound = match track {
        Some(track) => sound.map(|sound| placed(sound, track)),
        None => sound,
    };
    gathered.frames = track.map_or(gathered.frames, |track| heard_frames(track, &gathered));
    let probe = VoiceProbe {
        format: format.to_owned(),
        size_bytes,
        duration_ms: gathered.duration_ms(),
        sample_rate_hz: gathered.rate_hz,
        channels: gathered.channels,
        is_silent: gathered.peak < SILENT,
    };
    Ok((probe, sound))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media(name: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/media").join(name)
    }

    #[test]
    fn a_voice_is_decoded_once_for_all_who_want_it_also_under_another_name() {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy of it.bin");
        std::fs::copy(media("voice.m4a"), &copy).unwrap();
        let probe = load_voice(&media("voice.m4a"), &Job::new()).unwrap();
        let key = content_hash(&copy, &Job::new()).unwrap();
        let decoded = VOICES.find(&key).expect("kept by the probe");
        assert!(Arc::ptr_eq(&decoded, &shared_voice(&copy, &Job::new()).unwrap()));
        assert!(Arc::ptr_eq(&decoded, &shared_voice(&media("voice.m4a"), &Job::new()).unwrap()));
        assert_eq!(probe_voice(&copy, &Job::new()).unwrap(), probe);
        assert_eq!(*decoded, read_voice(&copy, &Job::new()).unwrap());
    }

    #[test]
    fn a_file_that_changed_is_another_voice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("voice");
        std::fs::copy(media("voice.wav"), &path).unwrap();
        let before = load_voice(&path, &Job::new()).unwrap();
        std::fs::copy(media("voice.aac"), &path).unwrap();
        let after = load_voice(&path, &Job::new()).unwrap();
        assert_eq!((before.format.as_str(), after.format.as_str()), ("wav", "aac"));
    }
}
