//! What is heard with a file: the clip's own sound with the placed voice mixed in, or a result's own. Decoded and mixed on a worker for
//! each file; a sound is kept until its successor is ready.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::source::Source;
use crate::media::sound::mix;
use crate::media::{Job, MediaError, Movie, Sound, clip_sound, shared_voice};
use crate::model::Placement;
use crate::worker::{Desk, Wake, Worker};

/// Decoded files are kept for so long after the last mix: while a voice is moved, it is only mixed anew.
const KEEP_DECODED: Duration = Duration::from_secs(3);

/// What is to be heard.
#[derive(Clone, Debug, PartialEq)]
pub struct MixRequest {
    /// The file whose pictures are shown.
    pub clip: PathBuf,
    /// The voice, and where it is placed; without it the clip is heard as it is.
    pub voice: Option<(PathBuf, Placement)>,
}

impl MixRequest {
    /// Whether both are of the same files, wherever the voice is placed.
    fn has_files_of(&self, other: &Self) -> bool {
        let voice = |request: &Self| request.voice.as_ref().map(|(path, _)| path.clone());
        self.clip == other.clip && voice(self) == voice(other)
    }
}

struct MixOrder {
    request: MixRequest,
    /// Cancelled once other files are wanted.
    job: Job,
}

/// `None` where the file has no sound; the reason where it cannot be had.
type Mixed = Result<Option<Arc<Sound>>, String>;

/// The sound of one file.
#[derive(Default)]
pub struct MixerTrack {
    request: Option<MixRequest>,
    is_pending: bool,
    sound: Option<Arc<Sound>>,
    failure: Option<String>,
    job: Job,
    worker: Option<Worker<MixOrder, Mixed>>,
}

impl MixerTrack {
    /// The sound that is ready; its successor may be on its way.
    #[must_use]
    pub const fn sound(&self) -> Option<&Arc<Sound>> {
        self.sound.as_ref()
    }

    /// Whether the sound is being prepared.
    #[must_use]
    pub const fn is_pending(&self) -> bool {
        self.is_pending
    }

    /// Why it cannot be heard.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    fn request(&mut self, request: Option<MixRequest>, wake: &Wake) -> bool {
        if self.request == request {
            return false;
        }
        let same_files = match (&self.request, &request) {
            (Some(before), Some(now)) => before.has_files_of(now),
            _ => false,
        };
        if !same_files {
            // What is being decoded is of no more use. While a voice is only moved, it is.
            self.job.cancel();
            self.job = Job::new();
        }
        let same_clip = match (&self.request, &request) {
            (Some(before), Some(now)) => before.clip == now.clip,
            _ => false,
        };
        let lost = !same_clip && self.sound.take().is_some();
        self.failure = None;
        self.is_pending = request.is_some();
        match &request {
            Some(request) => self.order(request.clone(), wake),
            // With the worker goes what it decoded.
            None => self.worker = None,
        }
        self.request = request;
        lost
    }

    fn order(&mut self, request: MixRequest, wake: &Wake) {
        if self.worker.is_none() {
            let spawned = Worker::spawn("mixer", 1, Arc::clone(wake), || {
                let mut decoded = Decoded::default();
                move |order: MixOrder, desk: &Desk<'_, MixOrder, Mixed>| carry_out(&mut decoded, &order, desk)
            });
            match spawned {
                Ok(worker) => self.worker = Some(worker),
                Err(err) => self.fail(format!("no thread could be started: {err}")),
            }
        }
        if let Some(worker) = &mut self.worker {
            worker.order(MixOrder { request, job: self.job.clone() });
        }
    }

    fn fail(&mut self, why: String) {
        self.is_pending = false;
        self.sound = None;
        self.failure = Some(why);
    }

    fn receive(&mut self) -> bool {
        let Some(worker) = &mut self.worker else { return false };
        let mut changed = false;
        loop {
            match worker.receive() {
                Ok(None) => return changed,
                Ok(Some(Ok(sound))) => {
                    self.is_pending = false;
                    self.sound = sound;
                }
                Ok(Some(Err(why))) => {
                    (self.is_pending, self.sound, self.failure) = (false, None, Some(why));
                }
                Err(died) => {
                    (self.is_pending, self.sound, self.failure) = (false, None, Some(died.to_string()));
                }
            }
            changed = true;
        }
    }
}

impl Drop for MixerTrack {
    fn drop(&mut self) {
        self.job.cancel();
    }
}

/// The sounds of clip, result, and what that is compared with.
#[derive(Default)]
pub struct Mixer {
    clip: MixerTrack,
    result: MixerTrack,
    other: MixerTrack,
}

impl Mixer {
    /// The sound of a file.
    #[must_use]
    pub const fn track(&self, source: Source) -> &MixerTrack {
        match source {
            Source::Clip => &self.clip,
            Source::Result => &self.result,
            Source::Other => &self.other,
        }
    }

    fn track_mut(&mut self, source: Source) -> &mut MixerTrack {
        match source {
            Source::Clip => &mut self.clip,
            Source::Result => &mut self.result,
            Source::Other => &mut self.other,
        }
    }

    /// Requests what is to be heard with a file. The sound of another file is dropped at once; returns whether that was so.
    pub fn request(&mut self, source: Source, request: Option<MixRequest>, wake: &Wake) -> bool {
        self.track_mut(source).request(request, wake)
    }

    /// Receives what is ready; returns whether the sound of this file changed.
    pub fn receive(&mut self, of: Source) -> bool {
        let changed = Source::ALL.map(|source| (source, self.track_mut(source).receive()));
        changed.contains(&(of, true))
    }
}

fn carry_out(decoded: &mut Decoded, order: &MixOrder, desk: &Desk<'_, MixOrder, Mixed>) {
    let mixed = decoded.mixed(&order.request, &order.job).map_err(|err| err.to_string());
    if desk.send(mixed).is_ok() && !desk.wait_superseded(KEEP_DECODED) {
        *decoded = Decoded::default();
    }
}

/// What was decoded last.
#[derive(Default)]
struct Decoded {
    clip: Option<(PathBuf, Clip)>,
    voice: Option<(PathBuf, Arc<Sound>)>,
}

#[derive(Clone)]
struct Clip {
    sound: Option<Arc<Sound>>,
    duration_ms: i64,
}

impl Decoded {
    fn mixed(&mut self, request: &MixRequest, job: &Job) -> Result<Option<Arc<Sound>>, MediaError> {
        let clip = match self.clip.take().filter(|(path, _)| *path == request.clip) {
            Some((_, clip)) => clip,
            None => read_clip(&request.clip, job)?,
        };
        self.clip = Some((request.clip.clone(), clip.clone()));
        let Some((path, placement)) = &request.voice else {
            self.voice = None;
            return Ok(clip.sound);
        };
        let voice = match self.voice.take().filter(|(known, _)| known == path) {
            Some((_, voice)) => voice,
            None => shared_voice(path, job)?,
        };
        self.voice = Some((path.clone(), Arc::clone(&voice)));
        Ok(Some(Arc::new(mix(clip.sound.as_deref(), &voice, placement, clip.duration_ms))))
    }
}

fn read_clip(path: &Path, job: &Job) -> Result<Clip, MediaError> {
    let movie = Movie::open(path)?;
    let duration_ms = movie.video.as_ref().map_or(0, |video| video.end_us / 1000);
    Ok(Clip { sound: clip_sound(&movie, job)?.map(Arc::new), duration_ms })
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::worker::no_wake;

    fn media(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media").join(name)
    }

    fn placed(insert_ms: i64) -> MixRequest {
        let placement = Placement {
            sound_start_time: 0,
            sound_end_time: 300,
            sound_insert_time: insert_ms,
            sound_volume: None,
            original_audio_volume: Some(0.0),
        };
        MixRequest { clip: media("streams/bframes.mp4"), voice: Some((media("voice.wav"), placement)) }
    }

    fn wait(mixer: &mut Mixer) {
        let began = Instant::now();
        while mixer.track(Source::Clip).is_pending() {
            assert!(began.elapsed() < Duration::from_mins(1), "no sound came");
            mixer.receive(Source::Clip);
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// The first frame that is not silent, in milliseconds.
    fn begins_ms(mixer: &Mixer) -> usize {
        let sound = mixer.track(Source::Clip).sound().unwrap();
        sound.samples().iter().position(|sample| sample.abs() > 0.01).unwrap() / 96
    }

    #[test]
    fn the_last_request_is_heard_and_the_sound_before_stays_until_then() {
        let (wake, mut mixer) = (no_wake(), Mixer::default());
        assert!(!mixer.request(Source::Clip, Some(placed(0)), &wake));
        wait(&mut mixer);
        let first_ms = begins_ms(&mixer);
        // Two requests at once: the answer to the first must never be received as that to the second.
        mixer.request(Source::Clip, Some(placed(500)), &wake);
        mixer.request(Source::Clip, Some(placed(100)), &wake);
        assert_eq!(begins_ms(&mixer), first_ms, "the predecessor stays");
        wait(&mut mixer);
        assert_eq!(begins_ms(&mixer), first_ms + 100);
        mixer.request(Source::Clip, Some(placed(500)), &wake);
        wait(&mut mixer);
        assert_eq!(begins_ms(&mixer), first_ms + 500);
    }

    #[test]
    fn another_file_is_not_heard_with_the_sound_of_the_one_before_and_a_bad_one_says_why() {
        let (wake, mut mixer) = (no_wake(), Mixer::default());
        mixer.request(Source::Clip, Some(placed(0)), &wake);
        wait(&mut mixer);
        let bad = MixRequest { clip: media("README.md"), voice: None };
        assert!(mixer.request(Source::Clip, Some(bad), &wake), "the sound of the other clip is gone");
        wait(&mut mixer);
        let track = mixer.track(Source::Clip);
        assert!(track.sound().is_none() && track.failure().is_some());
    }

    #[test]
    fn a_mixer_that_died_says_why_and_mixes_the_next_request() {
        let (wake, mut mixer) = (no_wake(), Mixer::default());
        let unlucky = Worker::spawn("mixer", 1, no_wake(), || {
            let mut decoded = Decoded::default();
            move |order: MixOrder, desk: &Desk<'_, MixOrder, Mixed>| {
                assert!(order.request.voice.is_some(), "injected");
                carry_out(&mut decoded, &order, desk);
            }
        });
        mixer.clip.worker = Some(unlucky.unwrap());
        mixer.request(Source::Clip, Some(MixRequest { clip: media("streams/bframes.mp4"), voice: None }), &wake);
        wait(&mut mixer);
        let failure = mixer.track(Source::Clip).failure().unwrap();
        assert!(failure.contains("mixer") && failure.contains("injected"), "{failure}");
        mixer.request(Source::Clip, Some(placed(0)), &wake);
        wait(&mut mixer);
        assert!(mixer.track(Source::Clip).sound().is_some() && mixer.track(Source::Clip).failure().is_none());
    }
}
