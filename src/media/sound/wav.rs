//! Writing WAV, which every service accepts.

use std::path::{Path, PathBuf};

use super::resample::resampled;
use super::{CHANNELS, RATE_HZ, Sound, read_voice};
use crate::files::{Access, IfExists, write_whole};
use crate::media::error::MediaError;
use crate::media::job::Job;
use crate::media::words;
use crate::model::voice::MAX_SIZE_BYTES;

const HEADER_BYTES: u64 = 44;

/// Decodes any voice and writes it as 16-bit WAV within the services' 5 MB: in stereo at 48 kHz where that fits, else
/// in mono, else at a lower rate. Only its owner can read the file. Returns the size in bytes.
///
/// # Errors
/// As [`read_voice`] and [`write_wav`]; [`MediaError::Limit`] where even mono at 16 kHz is too large (2 min 40 s).
pub fn voice_to_wav(from: &Path, to: &Path, job: &Job) -> Result<u64, MediaError> {
    let sound = read_voice(from, job)?;
    job.check()?;
    let size = |channels: usize, rate_hz: u32| {
        HEADER_BYTES + sound.frames() as u64 * u64::from(rate_hz) / u64::from(RATE_HZ) * channels as u64 * 2 + 64
    };
    let mono = sound.is_mono();
    let forms = [(CHANNELS, RATE_HZ), (1, RATE_HZ), (1, 32_000), (1, 24_000), (1, 16_000)];
    let fits =
        |(channels, rate_hz): &(usize, u32)| (*channels == 1 || !mono) && size(*channels, *rate_hz) <= MAX_SIZE_BYTES;
    let Some((channels, rate_hz)) = forms.into_iter().find(fits) else {
        return Err(MediaError::Limit(words::VOICE_TOO_LONG_FOR_WAV.to_owned()));
    };
    let samples = if channels == 1 { sound.mono() } else { sound.samples };
    let samples = if rate_hz == RATE_HZ { samples } else { resampled(&samples, channels, RATE_HZ, rate_hz)? };
    let bytes = wav_of(&samples, channels, rate_hz)?;
    write(to, &bytes, IfExists::Replace, Access::OwnerOnly).map(|_| bytes.len() as u64)
}

/// Writes a sound as 16-bit WAV, stereo at 48 kHz, which only its owner can read. Returns its size in bytes.
///
/// # Errors
/// [`MediaError::Io`]; nothing is left behind then.
pub fn write_wav(to: &Path, sound: &Sound) -> Result<u64, MediaError> {
    let bytes = wav_of(&sound.samples, CHANNELS, RATE_HZ)?;
    write(to, &bytes, IfExists::Replace, Access::OwnerOnly).map(|_| bytes.len() as u64)
}

/// Writes one channel at 48 kHz as 16-bit WAV at another rate, under this name or the next free one. Returns the name.
///
/// # Errors
/// [`MediaError::Io`]; nothing is left behind then.
pub(in crate::media) fn write_mono_wav(to: &Path, samples: &[f32], rate_hz: u32) -> Result<PathBuf, MediaError> {
    let bytes = wav_of(&resampled(samples, 1, RATE_HZ, rate_hz)?, 1, rate_hz)?;
    write(to, &bytes, IfExists::TakeFreeName, Access::Usual)
}

fn write(to: &Path, bytes: &[u8], if_exists: IfExists, access: Access) -> Result<PathBuf, MediaError> {
    write_whole(to, bytes, if_exists, access).map_err(|err| MediaError::io("write", to, &err))
}

/// The bytes of a 16-bit WAV.
fn wav_of(samples: &[f32], channels: usize, rate_hz: u32) -> Result<Vec<u8>, MediaError> {
    let data_bytes = u32::try_from(samples.len() * 2)
        .ok()
        .filter(|bytes| *bytes < u32::MAX - 64)
        .ok_or_else(|| MediaError::Limit(words::SOUND_TOO_LONG_FOR_WAV.to_owned()))?;
    let block = channels as u32 * 2;
    let mut bytes = Vec::with_capacity(samples.len() * 2 + 44);
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&(36 + data_bytes).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0");
    bytes.extend_from_slice(&(channels as u16).to_le_bytes());
    bytes.extend_from_slice(&rate_hz.to_le_bytes());
    bytes.extend_from_slice(&(rate_hz * block).to_le_bytes());
    bytes.extend_from_slice(&(block as u16).to_le_bytes());
    bytes.extend_from_slice(b"\x10\0data");
    bytes.extend_from_slice(&data_bytes.to_le_bytes());
    for sample in samples {
        let value = (sample.clamp(-1.0, 1.0) * 32_767.0).round() as i16;
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    Ok(bytes)
}
