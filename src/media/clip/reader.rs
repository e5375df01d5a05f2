//! Reading and decoding, picture by picture, in the order of showing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::turn::{turned, turned_size};
use super::{ClipInfo, Pace};
use crate::media::container::{Movie, Sample, SampleReader};
use crate::media::decode::{Fault, Guarded, StreamFacts, Which};
use crate::media::error::{MediaError, NEXT_FOR_VIDEO};
use crate::media::frame::Frame;

/// More pictures than H.264 lets a stream reorder: whoever waits longer waits for a lost one.
const MOST_WAITING: usize = 20;

/// Gives the pictures of a clip one by one, never holding more than a handful.
pub struct ClipReader {
    movie: Arc<Movie>,
    facts: StreamFacts,
    info: ClipInfo,
    source: SampleReader,
    decoder: Guarded,
    /// The next sample to decode.
    at: usize,
    flushed: bool,
    /// For each sample, the earliest time of it and all after it that are shown.
    least_ahead_us: Vec<i64>,
    /// Decoded, and waiting for those shown before them.
    waiting: BTreeMap<i64, Frame>,
    /// Times of samples the decoder has and has not given back.
    inside: BTreeSet<i64>,
    last_given_us: i64,
    /// After a seek: pictures before this are decoded and not given.
    from_us: i64,
    damaged: usize,
    given: usize,
    first_fault: Option<String>,
}

impl ClipReader {
    /// Opens a clip at its first picture.
    ///
    /// # Errors
    /// Those of [`Movie::open`]; [`MediaError::NoVideo`]; [`MediaError::UnsupportedCodec`] for anything but H.264.
    pub fn open(path: &Path) -> Result<Self, MediaError> {
        Self::of(Arc::new(Movie::open(path)?))
    }

    /// A reader of an opened movie; several may read the same one.
    ///
    /// # Errors
    /// As [`ClipReader::open`].
    pub fn of(movie: Arc<Movie>) -> Result<Self, MediaError> {
        Self::with_decoder(movie, true)
    }

    /// A reader that uses the thorough decoder only; for comparing both.
    ///
    /// # Errors
    /// As [`ClipReader::open`].
    pub fn thorough(movie: Arc<Movie>) -> Result<Self, MediaError> {
        Self::with_decoder(movie, false)
    }

    fn with_decoder(movie: Arc<Movie>, allow_fast: bool) -> Result<Self, MediaError> {
        let video = movie.need_video()?;
        let facts = StreamFacts::of(video, &movie.path)?;
        let pace = Pace::of(&video.samples, video.end_us);
        if pace.frames == 0 {
            return Err(MediaError::NoVideo(movie.path.display().to_string()));
        }
        let (width_px, height_px) = turned_size((facts.width_px, facts.height_px), video.orientation);
        let info = ClipInfo { width_px, height_px, pace, duration_us: video.end_us, color: facts.color };
        let mut least_ahead_us = vec![i64::MAX; video.samples.len() + 1];
        let mut least = i64::MAX;
        for (slot, sample) in least_ahead_us.iter_mut().rev().skip(1).zip(video.samples.iter().rev()) {
            least = least.min(if sample.hidden { i64::MAX } else { sample.pts_us });
            *slot = least;
        }
        Ok(Self {
            source: SampleReader::open(&movie)?,
            decoder: Guarded::new(&facts, allow_fast)?,
            facts,
            info,
            at: 0,
            flushed: false,
            least_ahead_us,
            waiting: BTreeMap::new(),
            inside: BTreeSet::new(),
            last_given_us: i64::MIN,
            from_us: i64::MIN,
            damaged: 0,
            given: 0,
            first_fault: None,
            movie,
        })
    }

    /// What is known of the clip.
    #[must_use]
    pub const fn info(&self) -> ClipInfo {
        self.info
    }

    /// The movie it reads.
    #[must_use]
    pub const fn movie(&self) -> &Arc<Movie> {
        &self.movie
    }

    /// How many samples could not be decoded so far.
    #[must_use]
    pub const fn damaged(&self) -> usize {
        self.damaged
    }

    /// Whether the fast decoder is at work; it hands over for good to the thorough one at the first thing it cannot do.
    #[must_use]
    pub fn is_fast(&self) -> bool {
        self.decoder.which() == Which::Fast
    }

    fn samples(&self) -> &[Sample] {
        self.movie.video.as_ref().map_or(&[], |video| &video.samples)
    }

    /// The next picture, or `None` behind the last.
    ///
    /// A sample that cannot be decoded is left out and counted; see [`ClipReader::damaged`].
    ///
    /// # Errors
    /// [`MediaError::Io`]; [`MediaError::Damaged`] where not a single picture can be decoded;
    /// [`MediaError::UnsupportedCodec`]; [`MediaError::Unsupported`] where the size of the picture changes.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, MediaError> {
        loop {
            if let Some(frame) = self.take_ready() {
                self.last_given_us = frame.pts_us;
                self.given += 1;
                return self.finished(frame).map(Some);
            }
            if self.at < self.samples().len() {
                self.feed()?;
            } else if !self.flushed {
                let mut out = Vec::new();
                self.decoder.flush(&mut out);
                self.keep(out);
                self.inside.clear();
                self.flushed = true;
            } else if self.given == 0 && self.from_us == i64::MIN {
                let why = self.first_fault.as_deref().unwrap_or("no reason was given");
                let detail = format!("none of its {} pictures can be decoded ({why})", self.info.pace.frames);
                return Err(MediaError::damaged(&self.movie.path, detail));
            } else {
                return Ok(None);
            }
        }
    }

    /// The first waiting picture, once nothing that is shown before it can still come.
    fn take_ready(&mut self) -> Option<Frame> {
        loop {
            let first_us = *self.waiting.keys().next()?;
            let ahead_us = self.least_ahead_us.get(self.at).copied().unwrap_or(i64::MAX);
            let inside_us = self.inside.first().copied().unwrap_or(i64::MAX);
            if first_us >= ahead_us.min(inside_us) && self.waiting.len() <= MOST_WAITING {
                return None;
            }
            let (_, frame) = self.waiting.pop_first()?;
            if frame.pts_us > self.last_given_us && frame.pts_us >= self.from_us {
                return Some(frame);
            }
        }
    }

    fn finished(&self, frame: Frame) -> Result<Frame, MediaError> {
        if (frame.width_px(), frame.height_px()) != (self.facts.width_px, self.facts.height_px) {
            return Err(MediaError::Unsupported(format!(
                "the picture changes from {}×{} to {}×{} px within the clip. Convert it to one size",
                self.facts.width_px,
                self.facts.height_px,
                frame.width_px(),
                frame.height_px()
            )));
        }
        let orientation = self.movie.video.as_ref().map(|video| video.orientation).unwrap_or_default();
        turned(frame, orientation)
    }

    /// Decodes the next sample.
    fn feed(&mut self) -> Result<(), MediaError> {
        let Some(sample) = self.samples().get(self.at).copied() else { return Ok(()) };
        self.at += 1;
        let Some(bytes) = self.source.read(&sample)? else {
            self.note_fault("a sample lies outside of the file".to_owned());
            return Ok(());
        };
        let mut out = Vec::new();
        if !sample.hidden {
            self.inside.insert(sample.pts_us);
        }
        match self.decoder.decode(bytes, sample.pts_us, &mut out) {
            Ok(()) => self.keep(out),
            // After a seek into an open GOP, pictures shown before its start lack what they refer to; they are not wanted.
            Err(_) if sample.pts_us < self.from_us => {
                self.inside.remove(&sample.pts_us);
                self.keep(out);
            }
            Err(fault) if self.decoder.which() == Which::Fast => {
                tracing::debug!(?fault, at = self.at, "the fast decoder hands over");
                self.hand_over()?;
            }
            Err(Fault::Unsupported(what)) if self.given == 0 => {
                return Err(MediaError::UnsupportedCodec { codec: format!("H.264 with {what}"), next: NEXT_FOR_VIDEO });
            }
            Err(Fault::Unsupported(why) | Fault::Broken(why)) => {
                self.inside.remove(&sample.pts_us);
                self.keep(out);
                self.note_fault(why);
            }
        }
        Ok(())
    }

    fn note_fault(&mut self, why: String) {
        tracing::debug!(why, sample = self.at, "a sample was left out");
        self.damaged += 1;
        self.first_fault.get_or_insert(why);
    }

    fn keep(&mut self, frames: Vec<Frame>) {
        for frame in frames {
            self.inside.remove(&frame.pts_us);
            let hidden = self.samples().iter().any(|s| s.hidden && s.pts_us == frame.pts_us);
            if !hidden {
                self.waiting.insert(frame.pts_us, frame);
            }
        }
    }

    /// Decodes again with the thorough decoder, from the last sample where decoding can start cleanly.
    /// What was given already is not given twice.
    fn hand_over(&mut self) -> Result<(), MediaError> {
        self.decoder = Guarded::new(&self.facts, false)?;
        let failed = self.at;
        let clean = |index: &usize| {
            self.samples().get(*index).is_some_and(|s| {
                s.sync && self.least_ahead_us.get(index + 1).is_none_or(|ahead_us| *ahead_us >= s.pts_us)
            })
        };
        self.at = (0..failed).rev().find(clean).unwrap_or(0);
        self.waiting.clear();
        self.inside.clear();
        Ok(())
    }

    /// Where decoding can start at or before `at_us`; the first picture where nothing is before it. In microseconds.
    #[must_use]
    pub fn start_before_us(&self, at_us: i64) -> i64 {
        self.start_before(at_us).map_or(0, |(_, pts_us)| pts_us)
    }

    /// The time of the picture that is shown at `at_us`, in microseconds.
    #[must_use]
    pub fn shown_at_us(&self, at_us: i64) -> i64 {
        let shown = self.samples().iter().filter(|s| !s.hidden && s.pts_us <= at_us);
        shown.map(|s| s.pts_us).max().unwrap_or(0)
    }

    fn start_before(&self, at_us: i64) -> Option<(usize, i64)> {
        let starts = self.samples().iter().enumerate().filter(|(_, s)| s.sync && !s.hidden && s.pts_us <= at_us);
        starts.map(|(index, s)| (index, s.pts_us)).max_by_key(|(_, pts_us)| *pts_us)
    }

    /// Goes to the picture where decoding can start at or before `at_ms`; the next picture given is that one.
    ///
    /// # Errors
    /// [`MediaError::Internal`]: no new decoder could be made.
    pub fn seek_sync(&mut self, at_ms: i64) -> Result<(), MediaError> {
        let (index, pts_us) = self.start_before(at_ms.saturating_mul(1000)).unwrap_or((0, i64::MIN));
        self.decoder = Guarded::new(&self.facts, self.is_fast())?;
        self.at = index;
        self.flushed = false;
        self.waiting.clear();
        self.inside.clear();
        self.last_given_us = i64::MIN;
        self.from_us = if index == 0 { i64::MIN } else { pts_us };
        Ok(())
    }

    /// Goes to the picture that is shown at `at_ms`: the next one given. Decodes all since the start before it, so it
    /// can take long; show [`ClipReader::seek_sync`]'s first.
    ///
    /// # Errors
    /// As [`ClipReader::seek_sync`].
    pub fn seek_exact(&mut self, at_ms: i64) -> Result<(), MediaError> {
        self.seek_sync(at_ms)?;
        self.from_us = self.from_us.max(self.shown_at_us(at_ms.saturating_mul(1000)));
        Ok(())
    }
}
