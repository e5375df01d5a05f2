//! The sound track of a movie: its samples decoded one by one, its start and end where the edit list has them.

use symphonia::core::codecs::audio::well_known::{CODEC_ID_AAC, CODEC_ID_MP3};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder};
use symphonia::core::packet::PacketRef;
use symphonia::core::units::{Duration, Timestamp};
use syom::{Channel, ChannelMode, DecodeOptions};

use super::blocks::{Gathered, Place};
use super::decode::{decoder_of, gather_file, push};
use super::resample::to_sound;
use super::{CHANNELS, RATE_HZ, Sound};
use crate::media::container::{AudioTrack, Movie, SampleReader};
use crate::media::error::{MediaError, NEXT_FOR_SOUND};
use crate::media::job::Job;
use crate::worker::guarded;

/// Object types of MPEG-4 that mean AAC, and MP3.
const AAC: [u8; 4] = [0x40, 0x66, 0x67, 0x68];
const MP3: [u8; 2] = [0x69, 0x6b];

/// A clip's own sound, in time with its pictures: time 0 is the first picture's. `None` where the clip has none.
///
/// # Errors
/// [`MediaError::Io`]; [`MediaError::UnsupportedCodec`]; [`MediaError::Damaged`]; [`MediaError::Limit`] over ten
/// minutes; [`MediaError::Cancelled`].
pub fn clip_sound(movie: &Movie, job: &Job) -> Result<Option<Sound>, MediaError> {
    let Some(track) = &movie.audio else { return Ok(None) };
    let mut gathered = Gathered::new(super::MOST_SECONDS);
    gather_track(movie, track, &mut gathered, job)?;
    if gathered.frames == 0 {
        return Ok(None);
    }
    let sound = to_sound(std::mem::take(&mut gathered.samples), gathered.rate_hz)?;
    Ok(Some(placed(sound, track)))
}

/// Decodes a movie's sound track from its first sample, priming and all.
pub(super) fn gather_track(
    movie: &Movie,
    track: &AudioTrack,
    into: &mut Gathered,
    job: &Job,
) -> Result<(), MediaError> {
    if track.samples.is_empty() {
        // PCM and similar codecs, whose samples only another demuxer can extract; it also applies their edit lists.
        let file = std::fs::File::open(&movie.path).map_err(|err| MediaError::io("open", &movie.path, &err))?;
        return gather_file(&movie.path, file, movie.container, into, job).map_err(|err| match err {
            MediaError::Damaged { .. } | MediaError::NoAudio(_) | MediaError::UnsupportedCodec { .. } => {
                MediaError::UnsupportedCodec { codec: format!("{} sound", track.codec), next: NEXT_FOR_SOUND }
            }
            other => other,
        });
    }
    let mut decoder = TrackDecoder::of(track)?;
    let mut source = SampleReader::open(movie)?;
    for (index, sample) in track.samples.iter().enumerate() {
        job.check()?;
        let decoded = match source.read(sample)? {
            Some(bytes) => match guarded(|| decoder.decode(bytes, into)) {
                Ok(decoded) => decoded,
                Err(panic) => {
                    tracing::debug!(panic, index, "a piece of sound is silent");
                    let frames = decoder.last_frames();
                    // A decoder that panicked is not used again.
                    decoder = TrackDecoder::of(track)?;
                    into.push_lost(frames);
                    continue;
                }
            },
            // The file is truncated: the check of the pictures reports that.
            None => break,
        };
        match decoded {
            Ok(true) => {}
            Ok(false) => into.push_lost(decoder.last_frames()),
            Err(err) => return Err(err),
        }
        job.report(index as f32 / track.samples.len() as f32);
    }
    if into.frames == 0 && into.damaged > 0 {
        return Err(MediaError::damaged(&movie.path, format!("none of its {} sound can be decoded", track.codec)));
    }
    Ok(())
}

/// Removes the priming, or inserts silence before a late start, and ends where the edit list does.
pub(super) fn placed(sound: Sound, track: &AudioTrack) -> Sound {
    let frames_at = |at_us: i64| (at_us * i64::from(RATE_HZ) + 500_000).div_euclid(1_000_000);
    let start = frames_at(track.start_us);
    let mut samples = sound.samples;
    if start < 0 {
        let cut = usize::try_from(-start).unwrap_or(0).saturating_mul(CHANNELS).min(samples.len());
        samples.drain(..cut);
    } else if start > 0 {
        let pause = usize::try_from(start).unwrap_or(0).min(super::MOST_SECONDS as usize * RATE_HZ as usize);
        samples.splice(..0, std::iter::repeat_n(0.0, pause * CHANNELS));
    }
    if let Some(end) = track.cut_us.and_then(|cut| usize::try_from(frames_at(cut)).ok()) {
        samples.truncate(end.saturating_mul(CHANNELS));
    }
    Sound::new(samples)
}

/// The frames a track's sound is cut by at its start, and where it ends, at the file's own rate.
pub(super) fn heard_frames(track: &AudioTrack, gathered: &Gathered) -> u64 {
    let frames_at = |at_us: i64| (i128::from(at_us) * i128::from(gathered.rate_hz) + 500_000).div_euclid(1_000_000);
    let start = frames_at(track.start_us);
    let end = i128::from(gathered.frames) + start;
    let end = track.cut_us.map_or(end, |cut| end.min(frames_at(cut)));
    u64::try_from(end - start.max(0)).unwrap_or(0)
}

/// Decodes single samples: symphonia where it can, syom for the AAC profiles that symphonia lacks.
enum TrackDecoder {
    Symphonia { decoder: Box<dyn AudioDecoder>, block: Vec<f32>, last_frames: u64 },
    Syom { decoder: Box<syom::Decoder>, config: Vec<u8>, block: Vec<f32>, last_frames: u64 },
}

impl TrackDecoder {
    fn of(track: &AudioTrack) -> Result<Self, MediaError> {
        let object = track.object.unwrap_or(AAC[0]);
        let mut params = AudioCodecParameters::new();
        if MP3.contains(&object) {
            params.for_codec(CODEC_ID_MP3);
            return decoder_of(&params, false).map(Self::symphonia);
        }
        if !AAC.contains(&object) {
            return Err(MediaError::UnsupportedCodec { codec: format!("{} sound", track.codec), next: NEXT_FOR_SOUND });
        }
        params.for_codec(CODEC_ID_AAC).with_extra_data(track.config.clone().into_boxed_slice());
        match decoder_of(&params, false) {
            Ok(decoder) => Ok(Self::symphonia(decoder)),
            Err(_) => Ok(Self::Syom {
                decoder: Box::new(syom_decoder(&track.config)?),
                config: track.config.clone(),
                block: Vec::new(),
                last_frames: 1024,
            }),
        }
    }

    fn symphonia(decoder: Box<dyn AudioDecoder>) -> Self {
        Self::Symphonia { decoder, block: Vec::new(), last_frames: 1024 }
    }

    /// Decodes one sample; `false` where it is broken.
    fn decode(&mut self, bytes: &[u8], into: &mut Gathered) -> Result<bool, MediaError> {
        match self {
            Self::Symphonia { decoder, block, last_frames } => {
                let packet = PacketRef::new(0, Timestamp::ZERO, Duration::from(*last_frames), bytes);
                let Ok(decoded) = decoder.decode_ref(&packet) else { return Ok(false) };
                *last_frames = decoded.frames() as u64;
                push(&decoded, block, into)?;
                Ok(true)
            }
            Self::Syom { decoder, config, block, last_frames } => {
                let (mut rate_hz, mut places) = (0, Vec::new());
                block.clear();
                let decoded = decoder.decode_au(bytes, |frame| {
                    rate_hz = frame.sample_rate;
                    *last_frames = frame.samples as u64;
                    places = frame.meta.channels.iter().flatten().map(|c| place(*c)).collect();
                    places.resize(frame.planar.len(), Place::Center);
                    for at in 0..frame.samples {
                        block.extend(frame.planar.iter().map(|plane| plane.get(at).copied().unwrap_or(0.0)));
                    }
                    Ok(())
                });
                if decoded.is_err() {
                    // A failed decoder stays failed.
                    **decoder = syom_decoder(config)?;
                    return Ok(false);
                }
                into.push(rate_hz, &places, block)?;
                Ok(true)
            }
        }
    }

    /// Frames of the last good block.
    const fn last_frames(&self) -> u64 {
        match self {
            Self::Symphonia { last_frames, .. } | Self::Syom { last_frames, .. } => *last_frames,
        }
    }
}

fn syom_decoder(config: &[u8]) -> Result<syom::Decoder, MediaError> {
    let options = DecodeOptions::unbounded().with_channel_mode(ChannelMode::Split);
    syom::Decoder::from_asc(config, options)
        .map_err(|err| MediaError::UnsupportedCodec { codec: format!("this AAC sound ({err})"), next: NEXT_FOR_SOUND })
}

const fn place(channel: Channel) -> Place {
    match channel {
        Channel::FrontLeft => Place::Left,
        Channel::FrontRight => Place::Right,
        Channel::FrontCenter | Channel::BackCenter => Place::Center,
        Channel::BackLeft | Channel::SideLeft => Place::SurroundLeft,
        Channel::BackRight | Channel::SideRight => Place::SurroundRight,
        _ => Place::Elsewhere,
    }
}
