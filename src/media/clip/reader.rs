//! Reading and decoding, picture by picture, in the order in which they are shown.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::lookup::{clean_start_before, earliest_ahead_us, keyframe_before, shown_at_us};
use super::rotation::{rotated, rotated_size};
use super::{ClipInfo, FrameTiming};
use crate::media::container::{Movie, Sample, SampleReader};
use crate::media::decode::{Fault, Guarded, StreamFacts, Which};
use crate::media::error::{MediaError, NEXT_FOR_VIDEO};
use crate::media::frame::Frame;
use crate::media::words;
use crate::worker::guarded;

/// More pictures than H.264 and HEVC let a stream reorder: where more wait, the one they wait for is lost.
const MOST_WAITING: usize = 20;
const STAGE: &str = "decoding the clip";

/// Gives the pictures of a clip one by one, never holding more than a handful.
pub struct ClipReader {
    movie: Arc<Movie>,
    facts: StreamFacts,
    info: ClipInfo,
    source: SampleReader,
    /// None while the reader rests, and behind the last picture.
    decoder: Option<Guarded>,
    resting: bool,
    /// Which decoder works, or is to work next.
    which: Which,
    /// The next sample to decode.
    at: usize,
    flushed: bool,
    /// For each sample, the earliest time of it and all after it that are shown.
    ahead_us: Vec<i64>,
    /// Decoded, and waiting for those shown before them.
    waiting: BTreeMap<i64, Frame>,
    /// Times of samples the decoder has and has not given back.
    inside: BTreeSet<i64>,
    last_given_us: i64,
    /// After a seek: pictures before this are decoded and not given.
    from_us: i64,
    /// Time of the keyframe that decoding started at: of an open group of pictures, those shown before it lack what they refer to.
    start_us: i64,
    damaged: usize,
    given: usize,
    first_fault: Option<String>,
}

impl ClipReader {
    /// Opens a clip at its first picture.
    ///
    /// # Errors
    /// Those of [`Movie::open`]; [`MediaError::NoVideo`]; [`MediaError::UnsupportedCodec`] for anything but H.264 and HEVC.
    pub fn open(path: &Path) -> Result<Self, MediaError> {
        Self::of(Arc::new(Movie::open(path)?))
    }

    /// A reader of an opened movie; several readers can share one.
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
        let timing = FrameTiming::of(&video.samples, video.end_us);
        if timing.frames == 0 {
            return Err(MediaError::NoVideo(movie.path.display().to_string()));
        }
        let (width_px, height_px) = rotated_size((facts.width_px, facts.height_px), video.orientation);
        let info = ClipInfo { width_px, height_px, timing, duration_us: video.end_us, color: facts.color };
        let decoder = Guarded::new(&facts, allow_fast)?;
        Ok(Self {
            source: SampleReader::open(&movie)?,
            which: decoder.which(),
            decoder: Some(decoder),
            resting: false,
            ahead_us: earliest_ahead_us(&video.samples),
            facts,
            info,
            at: 0,
            flushed: false,
            waiting: BTreeMap::new(),
            inside: BTreeSet::new(),
            last_given_us: i64::MIN,
            from_us: i64::MIN,
            start_us: i64::MIN,
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

    /// Whether the fast decoder works; at the first thing it cannot do, the thorough one takes its place for good.
    #[must_use]
    pub fn is_fast(&self) -> bool {
        self.which == Which::Fast
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
    /// [`MediaError::UnsupportedCodec`]; [`MediaError::Unsupported`] where the size of the picture changes;
    /// [`MediaError::Internal`] where both decoders panicked.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, MediaError> {
        if self.resting {
            self.wake()?;
        }
        loop {
            if let Some(frame) = self.take_ready() {
                self.last_given_us = frame.pts_us;
                self.given += 1;
                return self.finished(frame).map(Some);
            }
            if self.at < self.samples().len() {
                self.feed()?;
            } else if !self.flushed {
                self.flush()?;
            } else if self.given == 0 && self.from_us == i64::MIN {
                let why = self.first_fault.as_deref().unwrap_or("no reason was given");
                let detail = format!("none of its {} pictures can be decoded ({why})", self.info.timing.frames);
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
            let ahead_us = self.ahead_us.get(self.at).copied().unwrap_or(i64::MAX);
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
        let (size_px, expected_px) =
            ((frame.width_px(), frame.height_px()), (self.facts.width_px, self.facts.height_px));
        if size_px != expected_px {
            return Err(MediaError::Unsupported(words::size_changes(expected_px, size_px)));
        }
        let orientation = self.movie.video.as_ref().map(|video| video.orientation).unwrap_or_default();
        guarded(|| rotated(frame, orientation))
            .unwrap_or_else(|panic| Err(MediaError::internal("rotating a picture", panic)))
    }

    /// Decodes the next sample.
    fn feed(&mut self) -> Result<(), MediaError> {
        let Some(sample) = self.samples().get(self.at).copied() else { return Ok(()) };
        self.at += 1;
        let Some(bytes) = self.source.read(&sample)? else {
            self.note_fault("a sample lies outside of the file".to_owned());
            return Ok(());
        };
        let shown = !sample.hidden && sample.pts_us >= self.from_us;
        if !shown && self.facts.is_disposable(bytes) {
            return Ok(());
        }
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        let mut out = Vec::new();
        if !sample.hidden {
            self.inside.insert(sample.pts_us);
        }
        match decoder.decode(bytes, sample.pts_us, &mut out) {
            Ok(()) => self.keep(out),
            Err(Fault::Skipped) => {
                self.inside.remove(&sample.pts_us);
                self.keep(out);
            }
            Err(Fault::Died(why)) if self.which == Which::Thorough => return Err(self.died(why)),
            // After a seek into an open group of pictures: those shown before its keyframe are not wanted.
            Err(Fault::Broken(_) | Fault::Unsupported(_)) if sample.pts_us < self.start_us => {
                self.inside.remove(&sample.pts_us);
                self.keep(out);
            }
            Err(fault) if self.which == Which::Fast => {
                tracing::debug!(?fault, at = self.at, "the thorough decoder takes over");
                self.take_over()?;
            }
            Err(Fault::Unsupported(what)) if self.given == 0 => {
                return Err(MediaError::UnsupportedCodec {
                    codec: format!("{} with {what}", self.facts.codec()),
                    next: NEXT_FOR_VIDEO,
                });
            }
            Err(Fault::Unsupported(why) | Fault::Broken(why) | Fault::Died(why)) => {
                self.inside.remove(&sample.pts_us);
                self.keep(out);
                self.note_fault(why);
            }
        }
        Ok(())
    }

    /// Takes the last pictures out of the decoder, which is of no more use then.
    fn flush(&mut self) -> Result<(), MediaError> {
        let mut out = Vec::new();
        if let Some(mut decoder) = self.decoder.take()
            && let Err(fault) = decoder.flush(&mut out)
        {
            return Err(self.died(format!("{fault:?}")));
        }
        self.keep(out);
        self.inside.clear();
        self.flushed = true;
        Ok(())
    }

    /// The thorough decoder panicked: without it the clip would end early, or lack pictures that are in the file.
    fn died(&mut self, why: String) -> MediaError {
        self.rest();
        MediaError::internal(STAGE, why)
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

    /// Decodes again with the thorough decoder, from the last keyframe where decoding can start cleanly.
    /// Pictures that were given are not given again.
    fn take_over(&mut self) -> Result<(), MediaError> {
        self.which = Which::Thorough;
        self.start(clean_start_before(self.samples(), &self.ahead_us, self.at), i64::MIN)
    }

    /// Begins to decode at a sample, which is a keyframe shown at `start_us`, or the first.
    fn start(&mut self, index: usize, start_us: i64) -> Result<(), MediaError> {
        let decoder = Guarded::new(&self.facts, self.is_fast())?;
        self.which = decoder.which();
        self.decoder = Some(decoder);
        self.resting = false;
        self.at = index;
        self.start_us = if index == 0 { i64::MIN } else { start_us };
        self.flushed = false;
        self.waiting.clear();
        self.inside.clear();
        Ok(())
    }

    /// Frees the decoder and every picture it holds; position and index are kept. The next picture comes as it would have, after
    /// all since its keyframe were decoded again; a seek is as fast as ever.
    pub fn rest(&mut self) {
        self.decoder = None;
        self.resting = true;
        self.waiting.clear();
        self.inside.clear();
        self.source.rest();
    }

    /// Goes on after [`ClipReader::rest`], behind the last picture that was given.
    fn wake(&mut self) -> Result<(), MediaError> {
        if self.last_given_us > i64::MIN {
            self.from_us = self.from_us.max(self.last_given_us + 1);
        }
        let (index, start_us) = keyframe_before(self.samples(), self.from_us).unwrap_or((0, i64::MIN));
        self.start(index, start_us)
    }

    /// The time of the last keyframe at or before `at_us`, where decoding can start; 0 where nothing is before it. In microseconds.
    #[must_use]
    pub fn start_before_us(&self, at_us: i64) -> i64 {
        keyframe_before(self.samples(), at_us).map_or(0, |(_, pts_us)| pts_us)
    }

    /// The time of the picture that is shown at `at_us`, in microseconds.
    #[must_use]
    pub fn shown_at_us(&self, at_us: i64) -> i64 {
        shown_at_us(self.samples(), at_us)
    }

    /// Goes to the last keyframe at or before `at_ms`; the next picture given is that one.
    ///
    /// # Errors
    /// [`MediaError::Internal`]: no new decoder could be made.
    pub fn seek_sync(&mut self, at_ms: i64) -> Result<(), MediaError> {
        let (index, pts_us) = keyframe_before(self.samples(), at_ms.saturating_mul(1000)).unwrap_or((0, i64::MIN));
        self.start(index, pts_us)?;
        self.last_given_us = i64::MIN;
        self.from_us = self.start_us;
        Ok(())
    }

    /// Goes to the picture that is shown at `at_ms`: the next one given. Decodes what it refers to since the keyframe before it, or since
    /// the last picture given where no keyframe is in between; this can take long: show [`ClipReader::seek_sync`]'s first.
    ///
    /// # Errors
    /// As [`ClipReader::seek_sync`].
    pub fn seek_exact(&mut self, at_ms: i64) -> Result<(), MediaError> {
        let at_us = at_ms.saturating_mul(1000);
        let shown_us = self.shown_at_us(at_us);
        let decodes_on = self.decoder.is_some()
            && shown_us > self.last_given_us
            && self.last_given_us >= self.start_us.max(0)
            && keyframe_before(self.samples(), at_us).is_some_and(|(index, _)| index < self.at);
        if !decodes_on {
            self.seek_sync(at_ms)?;
        }
        self.from_us = self.from_us.max(shown_us);
        Ok(())
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
