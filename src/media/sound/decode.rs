//! Decoding whole sound files with symphonia.

use std::fs::File;
use std::path::Path;

use symphonia::core::audio::{Channels, GenericAudioBufferRef, Position};
use symphonia::core::codecs::audio::well_known::{CODEC_ID_ALAC, CODEC_ID_OPUS};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions, ReadOnlySource};
use symphonia::core::meta::MetadataOptions;

use super::blocks::{Gathered, Place};
use super::opus::Opus;
use super::wav_head::with_true_lengths;
use crate::media::error::{MediaError, NEXT_FOR_SOUND};
use crate::media::job::Job;
use crate::worker::guarded;

/// Decodes the first sound track of a file that symphonia can demux, block by block.
pub(super) fn gather_file(
    path: &Path,
    file: File,
    kind: &'static str,
    into: &mut Gathered,
    job: &Job,
) -> Result<(), MediaError> {
    guarded(|| gather(path, file, kind, into, job))
        .unwrap_or_else(|words| Err(MediaError::damaged(path, format!("its sound makes no sense ({words})"))))
}

fn gather(path: &Path, file: File, kind: &'static str, into: &mut Gathered, job: &Job) -> Result<(), MediaError> {
    let size_bytes = file.metadata().map_or(0, |meta| meta.len());
    let mp3 = kind == "mp3";
    let source: Box<dyn MediaSource> = match kind {
        // Of an MP3 that can be seeked in, the length is guessed by its first bit rate, and what is behind is cut off.
        "mp3" => Box::new(ReadOnlySource::new(file)),
        "wav" => Box::new(with_true_lengths(file, size_bytes).map_err(|err| MediaError::io("read", path, &err))?),
        _ => Box::new(file),
    };
    let source = MediaSourceStream::new(source, MediaSourceStreamOptions::default());
    let mut format = symphonia::default::get_probe()
        .probe(&Hint::new(), source, FormatOptions::default(), MetadataOptions::default())
        .map_err(|err| MediaError::damaged(path, format!("its parts cannot be found ({err})")))?;
    let Some((id, params, ends)) = sound_track(&*format) else {
        return Err(MediaError::NoAudio(path.display().to_string()));
    };
    let mut decoder = decoder_of(&params, !mp3)?;
    let mut block = Vec::new();
    let mut read_bytes = 0_u64;
    loop {
        job.check()?;
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            // The file is truncated; what was decoded so far counts.
            Err(Error::IoError(err)) if err.kind() == std::io::ErrorKind::UnexpectedEof => break,
            Err(Error::IoError(err)) => return Err(MediaError::io("read", path, &err)),
            Err(err) => {
                tracing::debug!(%err, "the sound ends early");
                break;
            }
        };
        if packet.track_id != id {
            continue;
        }
        read_bytes += packet.data.len() as u64;
        match decoder.decode(&packet) {
            Ok(decoded) => push(&decoded, &mut block, into)?,
            Err(Error::DecodeError(_)) => into.push_lost(packet.dur.get()),
            Err(err) => return Err(MediaError::damaged(path, format!("its sound cannot be decoded ({err})"))),
        }
        job.report(read_bytes as f32 / size_bytes.max(1) as f32);
    }
    if mp3 {
        ends.cut(into);
    }
    Ok(())
}

/// Padding and length as stated by an MP3's first frame.
struct Ends {
    delay: u64,
    padding: u64,
    frames: Option<u64>,
}

impl Ends {
    /// Removes the padding: at the end only where the header states the length that was decoded.
    fn cut(&self, gathered: &mut Gathered) {
        let stated = self.frames.map(|frames| frames + self.delay + self.padding);
        let is_right = stated.is_some_and(|stated| stated.abs_diff(gathered.frames) <= 1152);
        gathered.cut(self.delay, if is_right { self.padding } else { 0 });
    }
}

fn sound_track(format: &dyn FormatReader) -> Option<(u32, AudioCodecParameters, Ends)> {
    let track = format.first_track_known_codec(TrackType::Audio).or_else(|| format.first_track(TrackType::Audio))?;
    let ends = Ends {
        delay: u64::from(track.delay.unwrap_or(0)),
        padding: u64::from(track.padding.unwrap_or(0)),
        frames: track.num_frames,
    };
    Some((track.id, track.codec_params.as_ref()?.audio()?.clone(), ends))
}

/// A decoder for these parameters, which removes the padding itself or does not.
pub(super) fn decoder_of(params: &AudioCodecParameters, gapless: bool) -> Result<Box<dyn AudioDecoder>, MediaError> {
    if let Some(opus) = Opus::new(params, gapless) {
        return Ok(Box::new(opus));
    }
    let options = AudioDecoderOptions::default().gapless(gapless);
    symphonia::default::get_codecs().make_audio_decoder(params, &options).map_err(|err| {
        let codec = match params.codec {
            CODEC_ID_OPUS => "Opus sound of more than two channels".to_owned(),
            CODEC_ID_ALAC => "ALAC sound".to_owned(),
            _ => format!("this sound codec ({err})"),
        };
        MediaError::UnsupportedCodec { codec, next: NEXT_FOR_SOUND }
    })
}

/// Passes a decoded block on, interleaved.
pub(super) fn push(
    decoded: &GenericAudioBufferRef<'_>,
    block: &mut Vec<f32>,
    into: &mut Gathered,
) -> Result<(), MediaError> {
    block.resize(decoded.samples_interleaved(), 0.0);
    decoded.copy_to_slice_interleaved(&mut block[..]);
    into.push(decoded.spec().rate(), &places(decoded.spec().channels()), block)
}

fn places(channels: &Channels) -> Vec<Place> {
    match channels {
        Channels::Positioned(positions) => positions.iter().map(place).collect(),
        other => vec![Place::Center; other.count()],
    }
}

fn place(position: Position) -> Place {
    const LEFT: Position = Position::FRONT_LEFT.union(Position::FRONT_LEFT_CENTER).union(Position::FRONT_LEFT_WIDE);
    const RIGHT: Position = Position::FRONT_RIGHT.union(Position::FRONT_RIGHT_CENTER).union(Position::FRONT_RIGHT_WIDE);
    const BEHIND_LEFT: Position = Position::REAR_LEFT.union(Position::SIDE_LEFT);
    const BEHIND_RIGHT: Position = Position::REAR_RIGHT.union(Position::SIDE_RIGHT);
    const MIDDLE: Position = Position::FRONT_CENTER.union(Position::REAR_CENTER).union(Position::TOP_CENTER);
    if LEFT.contains(position) {
        Place::Left
    } else if RIGHT.contains(position) {
        Place::Right
    } else if BEHIND_LEFT.contains(position) {
        Place::SurroundLeft
    } else if BEHIND_RIGHT.contains(position) {
        Place::SurroundRight
    } else if MIDDLE.contains(position) {
        Place::Center
    } else {
        Place::Elsewhere
    }
}
