//! What is heard with a source: the clip's own sound with the placed voice mixed in, or a result's own. Decoded and mixed on a
//! worker; what is heard stays until its successor is ready.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::source::Source;
use crate::media::sound::mix;
use crate::media::{Job, MediaError, Movie, Sound, clip_sound, shared_voice};
use crate::model::Placement;
use crate::worker::Wake;

/// What is to be heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// The file whose pictures are shown.
    pub clip: PathBuf,
    /// The voice, and where it is put; without it the clip is heard as it is.
    pub voice: Option<(PathBuf, Placement)>,
}

/// What is heard: `None` where there is no sound, the words where it cannot be had.
type Mixed = Result<Option<Arc<Sound>>, String>;

struct Order {
    source: Source,
    id: u64,
    wanted: Wanted,
    /// Stopped once other files are wanted.
    job: Job,
}

struct Answer {
    source: Source,
    id: u64,
    mixed: Mixed,
}

/// The sound of one source.
#[derive(Debug, Default)]
pub struct Track {
    wanted: Option<Wanted>,
    /// The order whose answer is wanted; others are stale.
    id: u64,
    waits: bool,
    sound: Option<Arc<Sound>>,
    failure: Option<String>,
    /// The work on what is wanted.
    job: Job,
}

impl Track {
    /// The sound at hand; its successor may be on its way.
    pub fn sound(&self) -> Option<&Arc<Sound>> {
        self.sound.as_ref()
    }

    /// Whether the sound is being prepared.
    pub fn waits(&self) -> bool {
        self.waits
    }

    /// Why it cannot be heard.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }
}

/// The sounds of clip and result, and the worker that prepares them.
#[derive(Default)]
pub struct Tracks {
    clip: Track,
    result: Track,
    worker: Option<(Sender<Order>, Receiver<Answer>)>,
    ids: u64,
}

impl Tracks {
    /// The sound of a source.
    pub fn of(&self, source: Source) -> &Track {
        match source {
            Source::Clip => &self.clip,
            Source::Result => &self.result,
        }
    }

    fn slot(&mut self, source: Source) -> &mut Track {
        match source {
            Source::Clip => &mut self.clip,
            Source::Result => &mut self.result,
        }
    }

    /// Has a source be heard like this. The sound of another file is let go at once; answers whether that was so.
    pub fn want(&mut self, wake: &Wake, source: Source, wanted: Option<Wanted>) -> bool {
        if self.of(source).wanted == wanted {
            return false;
        }
        // Whatever is on its way is stale from here on.
        self.ids += 1;
        let id = self.ids;
        let job = Job::new();
        let track = self.slot(source);
        if !same_files(track.wanted.as_ref(), wanted.as_ref()) {
            // What is decoded for it is of no more use. While a voice is only moved, it is.
            track.job.cancel();
        }
        track.job = job.clone();
        let sent = wanted.as_ref().map(|wanted| self.send(wake, Order { source, id, wanted: wanted.clone(), job }));
        let track = self.slot(source);
        let same_clip = match (&track.wanted, &wanted) {
            (Some(before), Some(now)) => before.clip == now.clip,
            _ => false,
        };
        let lost = !same_clip && track.sound.take().is_some();
        (track.wanted, track.id, track.waits) = (wanted, id, sent == Some(true));
        track.failure = (sent == Some(false)).then(|| "no thread could be started".into());
        lost
    }

    fn send(&mut self, wake: &Wake, order: Order) -> bool {
        let (orders, _) = self.worker.get_or_insert_with(|| {
            let (orders, todo) = channel();
            let (give, answers) = channel();
            let wake = Arc::clone(wake);
            let started = std::thread::Builder::new().name("mixer".to_owned()).spawn(move || run(&todo, &give, &wake));
            if let Err(err) = started {
                tracing::warn!(%err, "no thread for the mixer");
            }
            (orders, answers)
        });
        orders.send(order).is_ok()
    }

    /// Takes what is ready; answers whether the sound of this source is another now.
    pub fn take(&mut self, at_hand: Source) -> bool {
        let mut changed = false;
        while let Some(answer) = self.worker.as_ref().and_then(|(_, answers)| answers.try_recv().ok()) {
            let track = self.slot(answer.source);
            if answer.id != track.id {
                continue;
            }
            track.waits = false;
            match answer.mixed {
                Ok(sound) => track.sound = sound,
                Err(why) => (track.sound, track.failure) = (None, Some(why)),
            }
            changed |= answer.source == at_hand;
        }
        changed
    }
}

/// Whether both are of the same files, wherever the voice is put.
fn same_files(before: Option<&Wanted>, now: Option<&Wanted>) -> bool {
    let voice = |wanted: &Wanted| wanted.voice.as_ref().map(|(path, _)| path.clone());
    match (before, now) {
        (Some(before), Some(now)) => before.clip == now.clip && voice(before) == voice(now),
        _ => false,
    }
}

fn run(todo: &Receiver<Order>, give: &Sender<Answer>, wake: &Wake) {
    let mut shelf = Shelf::default();
    while let Ok(first) = todo.recv() {
        // Of several orders for one source only the last is still wanted.
        let mut orders = vec![first];
        for newer in todo.try_iter() {
            orders.retain(|order| order.source != newer.source);
            orders.push(newer);
        }
        for order in orders {
            let mixed = shelf.mixed(order.source, &order.wanted, &order.job).map_err(|err| err.to_string());
            if give.send(Answer { source: order.source, id: order.id, mixed }).is_err() {
                return;
            }
            wake();
        }
    }
}

/// What was decoded last: while a voice is moved, it is only mixed anew.
#[derive(Default)]
struct Shelf {
    clip: Option<(PathBuf, Clip)>,
    voice: Option<(PathBuf, Arc<Sound>)>,
}

#[derive(Clone)]
struct Clip {
    sound: Option<Arc<Sound>>,
    duration_ms: i64,
}

impl Shelf {
    fn mixed(&mut self, source: Source, wanted: &Wanted, job: &Job) -> Result<Option<Arc<Sound>>, MediaError> {
        if source == Source::Result {
            // Its own sound and nothing else: nothing to keep for another mix.
            return Ok(read_clip(&wanted.clip, job)?.sound);
        }
        let clip = match self.clip.take().filter(|(path, _)| *path == wanted.clip) {
            Some((_, clip)) => clip,
            None => read_clip(&wanted.clip, job)?,
        };
        self.clip = Some((wanted.clip.clone(), clip.clone()));
        let Some((path, placement)) = &wanted.voice else {
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
    use super::*;
    use std::time::{Duration, Instant};

    fn media(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media").join(name)
    }

    fn placed(insert_ms: i64) -> Wanted {
        let placement = Placement {
            sound_start_time: 0,
            sound_end_time: 300,
            sound_insert_time: insert_ms,
            sound_volume: None,
            original_audio_volume: Some(0.0),
        };
        Wanted { clip: media("streams/bframes.mp4"), voice: Some((media("voice.wav"), placement)) }
    }

    fn wait(tracks: &mut Tracks) {
        let began = Instant::now();
        while tracks.of(Source::Clip).waits() {
            assert!(began.elapsed() < Duration::from_mins(1), "no sound came");
            tracks.take(Source::Clip);
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// The first frame that is not silent, in milliseconds.
    fn begins_ms(tracks: &Tracks) -> usize {
        let sound = tracks.of(Source::Clip).sound().unwrap();
        sound.samples().iter().position(|sample| sample.abs() > 0.01).unwrap() / 96
    }

    #[test]
    fn what_was_asked_for_last_is_heard_and_what_was_before_stays_until_then() {
        let (wake, mut tracks): (Wake, _) = (Arc::new(|| {}), Tracks::default());
        assert!(!tracks.want(&wake, Source::Clip, Some(placed(0))));
        wait(&mut tracks);
        let first_ms = begins_ms(&tracks);
        // Two orders at once: the first one's answer must never be taken for the second's.
        tracks.want(&wake, Source::Clip, Some(placed(500)));
        tracks.want(&wake, Source::Clip, Some(placed(100)));
        assert_eq!(begins_ms(&tracks), first_ms, "the predecessor stays");
        wait(&mut tracks);
        assert_eq!(begins_ms(&tracks), first_ms + 100);
        tracks.want(&wake, Source::Clip, Some(placed(500)));
        wait(&mut tracks);
        assert_eq!(begins_ms(&tracks), first_ms + 500);
    }

    #[test]
    fn another_file_is_not_heard_with_the_sound_of_the_one_before_and_a_bad_one_says_why() {
        let (wake, mut tracks): (Wake, _) = (Arc::new(|| {}), Tracks::default());
        tracks.want(&wake, Source::Clip, Some(placed(0)));
        wait(&mut tracks);
        let bad = Wanted { clip: media("README.md"), voice: None };
        assert!(tracks.want(&wake, Source::Clip, Some(bad)), "the sound of the other clip is gone");
        wait(&mut tracks);
        let track = tracks.of(Source::Clip);
        assert!(track.sound().is_none() && track.failure().is_some());
    }
}
