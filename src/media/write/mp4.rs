//! Writing a clip as MP4, index first, picture by picture.

use std::io::Write as _;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use shiguredo_mp4::bitstream::aac::{Mp4aSampleEntryConfig, build_mp4a_box, parse_audio_specific_config};
use shiguredo_mp4::bitstream::h264::{H264SampleEntryConfig, LengthSize, build_avc1_box};
use shiguredo_mp4::boxes::{SampleEntry, UnknownBox};
use shiguredo_mp4::mux::{Mp4FileMuxer, Mp4FileMuxerOptions, Sample, estimate_maximum_moov_box_size};
use shiguredo_mp4::{BoxSize, BoxType, TrackKind};

use super::VideoFormat;
use super::aac::{PACKET_FRAMES, SoundEncoder, Syom};
use super::h264::{Encoded, OpenH264, VideoEncoder};
use crate::files::{Access, IfExists, WholeFile};
use crate::media::error::MediaError;
use crate::media::frame::{Color, Frame, UNSPECIFIED};
use crate::media::sound::{CHANNELS, RATE_HZ, Sound};

const STAGE: &str = "writing the MP4";
/// Ticks a second: a whole number of them for each picture at 23.976, 24, 25, 29.97, 30, 50, 59.94 and 60 a second.
const TICKS: i64 = 120_000;
/// Sound is written in stretches of this length between the pictures, in microseconds.
const INTERLEAVE_US: i64 = 250_000;

/// Facts about a written clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Size of the file in bytes.
    pub size_bytes: u64,
    /// Number of pictures.
    pub frames: usize,
}

/// Writes H.264 and AAC into an MP4. The file appears under its name only when it is whole.
pub struct Mp4Writer {
    file: WholeFile,
    path: PathBuf,
    muxer: Mp4FileMuxer,
    at: u64,
    format: VideoFormat,
    /// `None` where samples are copied.
    video: Option<Box<dyn VideoEncoder>>,
    /// The last encoded picture, whose length is known only with the next one.
    held: Option<(i64, Encoded)>,
    first_us: Option<i64>,
    entry: Option<SampleEntry>,
    frames: usize,
    sound: Option<SoundTrack>,
}

/// The sound, encoded as far as the pictures have come.
struct SoundTrack {
    sound: Sound,
    /// Frames given to the encoder.
    given: usize,
    encoder: Box<dyn SoundEncoder>,
    entry: Option<SampleEntry>,
    /// Packets written.
    packets: i64,
}

impl Mp4Writer {
    /// Begins a clip at `path`, with `sound` from its first picture on. A file of that name is replaced when the clip is whole.
    ///
    /// # Errors
    /// [`MediaError::Io`]; [`MediaError::Limit`] for a size that cannot be encoded.
    pub fn create(path: &Path, format: VideoFormat, sound: Option<Sound>) -> Result<Self, MediaError> {
        Self::create_if(path, IfExists::Replace, format, sound)
    }

    /// As [`Mp4Writer::create`]; what becomes of a file of that name is given.
    ///
    /// # Errors
    /// As [`Mp4Writer::create`].
    pub fn create_if(
        path: &Path,
        if_exists: IfExists,
        format: VideoFormat,
        sound: Option<Sound>,
    ) -> Result<Self, MediaError> {
        Self::begin(path, if_exists, format, Some(Box::new(OpenH264::new(&format)?)), sound)
    }

    /// Begins a clip whose pictures are copied; `sets` are its sequence and its picture parameter sets.
    ///
    /// # Errors
    /// [`MediaError::Io`]; [`MediaError::Internal`] for sets that make no sense.
    pub(in crate::media) fn create_copying(
        path: &Path,
        if_exists: IfExists,
        format: VideoFormat,
        (sequence, picture): (Vec<Vec<u8>>, Vec<Vec<u8>>),
        sound: Option<Sound>,
    ) -> Result<Self, MediaError> {
        let mut writer = Self::begin(path, if_exists, format, None, sound)?;
        writer.entry = Some(sample_entry(&sequence, &picture, format.color)?);
        writer.first_us = Some(0);
        Ok(writer)
    }

    fn begin(
        path: &Path,
        if_exists: IfExists,
        format: VideoFormat,
        video: Option<Box<dyn VideoEncoder>>,
        sound: Option<Sound>,
    ) -> Result<Self, MediaError> {
        let sound = sound.filter(|sound| sound.frames() > 0).map(SoundTrack::new).transpose()?;
        let packets = sound.as_ref().map_or(0, |track| track.sound.frames() / PACKET_FRAMES as usize + 3);
        // A few more than announced, and room for the table of chunks.
        let reserved = estimate_maximum_moov_box_size(&[format.frames + format.frames / 4 + 64, packets * 2]);
        let options = Mp4FileMuxerOptions { reserved_moov_box_size: reserved, ..Mp4FileMuxerOptions::default() };
        let muxer = Mp4FileMuxer::with_options(options).map_err(internal)?;
        let failed = |err| write_failed(path, &err);
        let mut file = WholeFile::create(path, if_exists, Access::Usual).map_err(failed)?;
        let head = muxer.initial_boxes_bytes();
        file.write_all(head).map_err(failed)?;
        let at = head.len() as u64;
        Ok(Self {
            file,
            path: path.to_owned(),
            muxer,
            at,
            format,
            video,
            held: None,
            first_us: None,
            entry: None,
            frames: 0,
            sound,
        })
    }

    /// Sets the distance of keyframes, in pictures; for test clips that are hard to seek in.
    #[doc(hidden)]
    #[must_use]
    pub fn keyframe_every(mut self, frames: usize) -> Self {
        if let Some(video) = &mut self.video {
            video.keyframe_every(frames);
        }
        self
    }

    /// Sets the bits a second that the picture is not to exceed for long.
    #[must_use]
    pub fn at_most_bps(mut self, bps: f64) -> Self {
        if let Some(video) = &mut self.video {
            video.at_most_bps(bps);
        }
        self
    }

    /// Bytes written so far.
    #[must_use]
    pub const fn size_bytes(&self) -> u64 {
        self.at
    }

    /// Encodes and writes the next picture. Its time must be after the one before it; the first one is time 0.
    ///
    /// # Errors
    /// [`MediaError::Io`] (a full disk); [`MediaError::Internal`] for a picture of another size or an earlier time.
    pub fn write_frame(&mut self, frame: &Frame) -> Result<(), MediaError> {
        if (frame.width_px(), frame.height_px()) != (self.format.width_px, self.format.height_px) {
            let detail = format!("a picture of {}×{} px", frame.width_px(), frame.height_px());
            return Err(MediaError::internal(STAGE, detail));
        }
        let first_us = *self.first_us.get_or_insert(frame.pts_us);
        let pts_us = frame.pts_us.saturating_sub(first_us);
        if self.held.as_ref().is_some_and(|(held_us, _)| *held_us >= pts_us) {
            return Err(MediaError::internal(STAGE, format!("the picture at {pts_us} µs comes too late")));
        }
        let video = self.video.as_mut().ok_or_else(|| MediaError::internal(STAGE, "its samples are copied"))?;
        let encoded = video.encode(frame)?;
        self.frames += 1;
        let held = self.held.replace((pts_us, encoded));
        if let Some((held_us, held)) = held {
            self.write_video(held_us, pts_us, &held)?;
            self.write_sound_before(held_us - INTERLEAVE_US, false)?;
        }
        Ok(())
    }

    /// Writes what is left and gives the file its name. `end_us` is when the last picture ends, in the time of the frames.
    ///
    /// # Errors
    /// [`MediaError::Io`]; [`MediaError::Internal`] where no picture was written. Nothing is left behind then.
    pub fn finish(self, end_us: i64) -> Result<Written, MediaError> {
        self.finish_named(end_us).map(|(written, _)| written)
    }

    /// As [`Mp4Writer::finish`]; tells also the name, which is another than that asked for only with [`IfExists::TakeFreeName`].
    ///
    /// # Errors
    /// As [`Mp4Writer::finish`].
    pub fn finish_named(mut self, end_us: i64) -> Result<(Written, PathBuf), MediaError> {
        let end_us = end_us.saturating_sub(self.first_us.unwrap_or(0));
        if let Some((held_us, held)) = self.held.take() {
            self.write_video(held_us, end_us.max(held_us + 1), &held)?;
        }
        if self.frames == 0 {
            return Err(MediaError::internal(STAGE, "there was not a single picture"));
        }
        self.write_sound_before(i64::MAX, true)?;
        let done = self.muxer.finalize().map_err(internal)?;
        for (offset, bytes) in done.offset_and_bytes_pairs() {
            self.file.patch(offset, bytes).map_err(|err| write_failed(&self.path, &err))?;
        }
        let size_bytes = if done.is_faststart_enabled() { self.at } else { self.at + done.moov_box_size() as u64 };
        let path = self.file.finish().map_err(|err| write_failed(&self.path, &err))?;
        Ok((Written { size_bytes, frames: self.frames }, path))
    }

    /// Writes a copied sample, in the order of decoding.
    ///
    /// # Errors
    /// [`MediaError::Io`] (a full disk).
    pub(in crate::media) fn write_sample(&mut self, copied: &CopiedSample<'_>) -> Result<(), MediaError> {
        let (from, to) = (ticks_at(copied.from_us), ticks_at(copied.to_us));
        let sample = Sample {
            track_kind: TrackKind::Video,
            sample_entry: self.entry.clone(),
            keyframe: copied.keyframe,
            timescale: per_second(TICKS as u32),
            duration: u32::try_from((to - from).max(1)).unwrap_or(u32::MAX),
            composition_time_offset: Some(ticks_at(copied.shown_us) - from),
            data_offset: self.at,
            data_size: copied.bytes.len(),
        };
        self.append(&sample, copied.bytes)?;
        self.frames += 1;
        self.write_sound_before(copied.from_us - INTERLEAVE_US, false)
    }

    fn write_video(&mut self, from_us: i64, to_us: i64, picture: &Encoded) -> Result<(), MediaError> {
        if self.entry.is_none() {
            let (sps, pps) = self.video.as_ref().map(|video| video.parameter_sets()).unwrap_or_default();
            self.entry = Some(sample_entry(&[sps.to_vec()], &[pps.to_vec()], self.format.color)?);
        }
        // Both ends are rounded, not the length: so no error adds up.
        let ticks = (ticks_at(to_us) - ticks_at(from_us)).max(1);
        let sample = Sample {
            track_kind: TrackKind::Video,
            sample_entry: self.entry.clone(),
            keyframe: picture.keyframe,
            timescale: per_second(TICKS as u32),
            duration: u32::try_from(ticks).unwrap_or(u32::MAX),
            composition_time_offset: None,
            data_offset: self.at,
            data_size: picture.sample.len(),
        };
        self.append(&sample, &picture.sample)
    }

    /// Encodes and writes the sound up to `until_us`.
    fn write_sound_before(&mut self, until_us: i64, all: bool) -> Result<(), MediaError> {
        let Some(mut track) = self.sound.take() else { return Ok(()) };
        let due = all || track.written_us() < until_us;
        let packets = if due { track.encode_before(until_us.saturating_add(INTERLEAVE_US), all)? } else { Vec::new() };
        for packet in &packets {
            let sample = Sample {
                track_kind: TrackKind::Audio,
                sample_entry: track.entry.clone(),
                keyframe: true,
                timescale: per_second(RATE_HZ),
                duration: PACKET_FRAMES,
                composition_time_offset: None,
                data_offset: self.at,
                data_size: packet.len(),
            };
            self.append(&sample, packet)?;
        }
        track.packets += packets.len() as i64;
        self.sound = Some(track);
        Ok(())
    }

    fn append(&mut self, sample: &Sample, bytes: &[u8]) -> Result<(), MediaError> {
        self.file.write_all(bytes).map_err(|err| write_failed(&self.path, &err))?;
        self.muxer.append_sample(sample).map_err(internal)?;
        self.at += bytes.len() as u64;
        Ok(())
    }
}

/// A sample that is copied, with its times in microseconds from the beginning of the file.
#[derive(Clone, Copy, Debug)]
pub(in crate::media) struct CopiedSample<'a> {
    /// When it is decoded.
    pub(in crate::media) from_us: i64,
    /// When the next one is decoded.
    pub(in crate::media) to_us: i64,
    /// When it is shown.
    pub(in crate::media) shown_us: i64,
    pub(in crate::media) keyframe: bool,
    /// NAL units, each behind its length in 4 bytes.
    pub(in crate::media) bytes: &'a [u8],
}

fn sample_entry(sequence: &[Vec<u8>], picture: &[Vec<u8>], color: Color) -> Result<SampleEntry, MediaError> {
    let config = H264SampleEntryConfig { length_size: LengthSize::FourBytes };
    let mut avc1 = build_avc1_box(sequence, picture, &config).map_err(internal)?;
    avc1.unknown_boxes.extend(colr(color));
    Ok(SampleEntry::Avc1(avc1))
}

impl SoundTrack {
    fn new(sound: Sound) -> Result<Self, MediaError> {
        let encoder = Box::new(Syom::new()?);
        let config = parse_audio_specific_config(encoder.config()).map_err(internal)?;
        let entry = build_mp4a_box(
            &config,
            &Mp4aSampleEntryConfig { es_id: 1, buffer_size_db: 0, max_bitrate: 0, avg_bitrate: 192_000 },
        )
        .map_err(internal)?;
        Ok(Self { sound, given: 0, encoder, entry: Some(SampleEntry::Mp4a(entry)), packets: 0 })
    }

    fn written_us(&self) -> i64 {
        self.packets * i64::from(PACKET_FRAMES) * 1_000_000 / i64::from(RATE_HZ)
    }

    fn encode_before(&mut self, until_us: i64, all: bool) -> Result<Vec<Vec<u8>>, MediaError> {
        let mut packets = Vec::new();
        let frames = self.sound.frames();
        let until = if all { frames } else { (until_us.max(0) as u128 * u128::from(RATE_HZ) / 1_000_000) as usize };
        let until = until.min(frames);
        if let Some(block) = self.sound.samples().get(self.given * CHANNELS..until * CHANNELS) {
            self.encoder.encode(Some(block), &mut packets)?;
            self.given = until;
        }
        if all {
            self.encoder.encode(None, &mut packets)?;
        }
        Ok(packets)
    }
}

fn write_failed(path: &Path, err: &std::io::Error) -> MediaError {
    MediaError::io("write", path, err)
}

fn ticks_at(at_us: i64) -> i64 {
    ((i128::from(at_us) * i128::from(TICKS) + 500_000).div_euclid(1_000_000)) as i64
}

fn per_second(ticks: u32) -> NonZeroU32 {
    NonZeroU32::new(ticks).unwrap_or(NonZeroU32::MIN)
}

fn internal(err: impl std::fmt::Display) -> MediaError {
    MediaError::internal(STAGE, err.to_string())
}

/// The colour words once more, where players look that do not look into the stream (ISO/IEC 14496-12, `colr`).
fn colr(color: Color) -> Option<UnknownBox> {
    let tags = [color.primaries, color.transfer, color.matrix_tag];
    if tags.iter().all(|tag| *tag == UNSPECIFIED) {
        return None;
    }
    let mut payload = b"nclx".to_vec();
    payload.extend(tags.iter().flat_map(|tag| u16::from(*tag).to_be_bytes()));
    payload.push(if color.full_range { 0x80 } else { 0 });
    Some(UnknownBox { box_type: BoxType::Normal(*b"colr"), box_size: BoxSize::U32(8 + payload.len() as u32), payload })
}
