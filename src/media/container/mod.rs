//! An MP4 or MOV file: which tracks it has, and where and when each of their samples is.

mod boxes;
mod claims;
mod facts;
mod parse;
mod timeline;
mod whole;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use re_mp4::{StsdBoxContent, TkhdBox, Track};

use super::error::MediaError;
use super::sniff;

pub use timeline::Sample;
pub use whole::wholeness;

/// What is asked for where a clip is wanted.
const WANTED: &str = "a video (MP4 or MOV)";

/// How a picture is rotated before it is shown: first transposed, then mirrored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orientation {
    /// Rows become columns.
    pub transpose: bool,
    /// Left becomes right, after that.
    pub flip_x: bool,
    /// Top becomes bottom, after that.
    pub flip_y: bool,
}

impl Orientation {
    /// Upright as stored.
    #[must_use]
    pub const fn is_upright(self) -> bool {
        !(self.transpose || self.flip_x || self.flip_y)
    }

    fn of(head: &TkhdBox) -> Self {
        let matrix = &head.matrix;
        // Any shear is read as the nearest quarter turn.
        let transpose = matrix.b.unsigned_abs() > matrix.a.unsigned_abs();
        if transpose {
            Self { transpose, flip_x: matrix.c < 0, flip_y: matrix.b < 0 }
        } else {
            Self { transpose, flip_x: matrix.a < 0, flip_y: matrix.d < 0 }
        }
    }
}

/// The picture track.
#[derive(Clone, Debug)]
pub struct VideoTrack {
    /// Its usual name: `H.264`, `HEVC`, …
    pub codec: String,
    /// The `avcC` record, where the codec is H.264.
    pub avcc: Option<Vec<u8>>,
    /// The `hvcC` record, where the codec is HEVC.
    pub hvcc: Option<Vec<u8>>,
    /// Width as stored, by the container, in pixels.
    pub stored_width_px: u32,
    /// Height as stored, by the container, in pixels.
    pub stored_height_px: u32,
    /// How it is rotated to be shown.
    pub orientation: Orientation,
    /// Colour tags of the container: primaries, transfer, matrix, full range.
    pub colr: Option<(u8, u8, u8, bool)>,
    /// Its samples in the order of decoding.
    pub samples: Vec<Sample>,
    /// When the last picture ends, in microseconds.
    pub end_us: i64,
}

/// The sound track.
#[derive(Clone, Debug)]
pub struct AudioTrack {
    /// Its usual name: `AAC`, `MP3`, `PCM`, …
    pub codec: String,
    /// Object type of MPEG-4 (0x40: AAC), where the samples below can be decoded one by one.
    pub object: Option<u8>,
    /// `AudioSpecificConfig`, for AAC.
    pub config: Vec<u8>,
    /// Its samples; empty where only another demuxer can take them out.
    pub samples: Vec<Sample>,
    /// When the first decoded sound sample is due, in microseconds: below zero where an edit list cuts the start off.
    pub start_us: i64,
    /// When sound ends by the edit list, in microseconds.
    pub cut_us: Option<i64>,
}

/// An opened movie. Times are in microseconds from its first shown picture (or sound, where there is no picture).
#[derive(Clone, Debug)]
pub struct Movie {
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// `mp4`, `mov`, `m4a` or `3gp`, by its brand.
    pub container: &'static str,
    /// Its first picture track.
    pub video: Option<VideoTrack>,
    /// Its first sound track.
    pub audio: Option<AudioTrack>,
}

impl Movie {
    /// Opens a movie and reads its index, never more of it.
    ///
    /// # Errors
    /// [`MediaError::Io`], [`MediaError::NotMedia`] with what its bytes look like, [`MediaError::Damaged`].
    pub fn open(path: &Path) -> Result<Self, MediaError> {
        let (file, size_bytes, kind) = sniff::open(path)?;
        if !matches!(kind.name, "mp4" | "mov" | "m4a" | "3gp") {
            return Err(MediaError::NotMedia {
                path: path.display().to_string(),
                wanted: WANTED,
                looks_like: kind.words.to_owned(),
            });
        }
        let parsed = parse::parse(path, file, size_bytes)?;
        let mut movie = Self { path: path.to_owned(), size_bytes, container: kind.name, video: None, audio: None };
        for facts in &parsed.tracks {
            let track = parsed.mp4.tracks().get(&facts.id);
            match (&facts.handler, track) {
                (b"vide", Some(track)) if movie.video.is_none() => {
                    movie.video = Some(video(&parsed.mp4, track, facts));
                }
                (b"soun", track) if movie.audio.is_none() => movie.audio = Some(audio(&parsed.mp4, track, facts)),
                _ => {}
            }
        }
        movie.start_at_zero();
        movie.check_reach()?;
        Ok(movie)
    }

    /// The picture track, or an error that says there is none.
    ///
    /// # Errors
    /// [`MediaError::NoVideo`].
    pub fn need_video(&self) -> Result<&VideoTrack, MediaError> {
        self.video.as_ref().ok_or_else(|| MediaError::NoVideo(self.path.display().to_string()))
    }

    /// Moves all times so that the first shown picture, or else sound, is at 0.
    fn start_at_zero(&mut self) {
        let shown = |samples: &[Sample]| samples.iter().filter(|s| !s.hidden).map(|s| s.pts_us).min();
        let origin = match (&self.video, &self.audio) {
            (Some(video), _) => shown(&video.samples),
            // A voice begins where its edit list says, which may lie within its first samples.
            (None, Some(audio)) => Some(audio.start_us.max(0)),
            (None, None) => None,
        };
        let Some(origin) = origin.filter(|at| *at != 0) else { return };
        if let Some(video) = &mut self.video {
            video.samples.iter_mut().for_each(|s| s.pts_us -= origin);
            video.end_us -= origin;
        }
        if let Some(audio) = &mut self.audio {
            audio.samples.iter_mut().for_each(|s| s.pts_us -= origin);
            audio.start_us -= origin;
            audio.cut_us = audio.cut_us.map(|cut| cut - origin);
        }
    }

    /// An error for a file that was cut off behind its index, with how much of it is missing.
    fn check_reach(&self) -> Result<(), MediaError> {
        let Some(video) = &self.video else { return Ok(()) };
        let reaches = |s: &&Sample| s.offset.saturating_add(u64::from(s.size)) <= self.size_bytes;
        let there = video.samples.iter().take_while(reaches).count();
        if there == video.samples.len() {
            return Ok(());
        }
        let until_us = video.samples.get(there).map_or(0, |s| s.pts_us);
        Err(MediaError::damaged(
            &self.path,
            format!(
                "it was cut off: of {:.1} s of picture the last {:.1} s are missing",
                video.end_us as f64 / 1e6,
                (video.end_us - until_us) as f64 / 1e6
            ),
        ))
    }
}

fn video(mp4: &re_mp4::Mp4, track: &Track, facts: &facts::TrackFacts) -> VideoTrack {
    let trak = track.trak(mp4);
    let avcc = match &trak.mdia.minf.stbl.stsd.contents {
        StsdBoxContent::Avc1(_) => track.raw_codec_config(mp4),
        _ => None,
    };
    let timeline = timeline::timeline(mp4, track);
    VideoTrack {
        codec: facts::video_name(facts.fourcc),
        avcc,
        hvcc: facts.hvcc.clone(),
        stored_width_px: facts.size_px.0,
        stored_height_px: facts.size_px.1,
        orientation: Orientation::of(&trak.tkhd),
        colr: facts.colr,
        samples: timeline.samples,
        end_us: timeline.end_us,
    }
}

fn audio(mp4: &re_mp4::Mp4, track: Option<&Track>, facts: &facts::TrackFacts) -> AudioTrack {
    let (object, config) = facts.esds.as_deref().and_then(facts::elementary).unzip();
    let codec = facts::audio_name(facts.fourcc, object);
    let timeline = track.filter(|_| facts.fourcc == *b"mp4a").map(|track| timeline::timeline(mp4, track));
    let (samples, cut_us) = timeline.map_or((Vec::new(), None), |t| (t.samples, t.cut_us));
    AudioTrack {
        codec,
        object,
        config: config.unwrap_or_default(),
        start_us: samples.first().map_or(0, |s| s.pts_us),
        samples,
        cut_us,
    }
}

/// Reads samples out of the file, every range checked.
pub(super) struct SampleReader {
    file: File,
    path: PathBuf,
    size_bytes: u64,
    buffer: Vec<u8>,
}

impl SampleReader {
    pub(super) fn open(movie: &Movie) -> Result<Self, MediaError> {
        let file = File::open(&movie.path).map_err(|err| MediaError::io("open", &movie.path, &err))?;
        Ok(Self { file, path: movie.path.clone(), size_bytes: movie.size_bytes, buffer: Vec::new() })
    }

    /// Frees the buffer.
    pub(super) fn rest(&mut self) {
        self.buffer = Vec::new();
    }

    /// The bytes of a sample; `None` where it lies outside of the file.
    pub(super) fn read(&mut self, sample: &Sample) -> Result<Option<&[u8]>, MediaError> {
        let end = sample.offset.saturating_add(u64::from(sample.size));
        if end > self.size_bytes {
            return Ok(None);
        }
        self.buffer.resize(sample.size as usize, 0);
        self.file
            .seek(SeekFrom::Start(sample.offset))
            .and_then(|_| self.file.read_exact(&mut self.buffer))
            .map_err(|err| MediaError::io("read", &self.path, &err))?;
        Ok(Some(&self.buffer))
    }
}
