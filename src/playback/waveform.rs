//! The waveform of the voice on the timeline, computed on a worker.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::media::{Job, MediaError, Waveform, shared_voice};
use crate::worker::{Desk, Wake, Worker, no_wake};

struct WaveformOrder {
    path: PathBuf,
    /// Cancelled once another voice is wanted.
    job: Job,
}

type WaveformAnswer = Result<Waveform, MediaError>;

/// The waveform of a voice.
pub struct VoiceWaveform {
    wake: Wake,
    path: Option<PathBuf>,
    waveform: Option<Waveform>,
    failure: Option<String>,
    job: Job,
    worker: Option<Worker<WaveformOrder, WaveformAnswer>>,
}

impl Default for VoiceWaveform {
    fn default() -> Self {
        Self::new(no_wake())
    }
}

impl VoiceWaveform {
    /// No waveform yet. `wake` is called when there is one.
    #[must_use]
    pub fn new(wake: Wake) -> Self {
        Self { wake, path: None, waveform: None, failure: None, job: Job::new(), worker: None }
    }

    /// Sets the voice's file, whose waveform is computed instead of that of the one before; `None`: there is no voice.
    pub fn set_voice(&mut self, path: Option<&Path>) {
        if self.path.as_deref() == path {
            return;
        }
        self.job.cancel();
        self.job = Job::new();
        (self.path, self.waveform, self.failure) = (path.map(Path::to_owned), None, None);
        match path {
            Some(path) => self.order(path.to_owned()),
            None => self.worker = None,
        }
    }

    fn order(&mut self, path: PathBuf) {
        if self.worker.is_none() {
            let spawned = Worker::spawn("waveform", 1, Arc::clone(&self.wake), || {
                |order: WaveformOrder, desk: &Desk<'_, WaveformOrder, WaveformAnswer>| {
                    let _ = desk.send(shared_voice(&order.path, &order.job).map(|sound| Waveform::of(&sound)));
                }
            });
            match spawned {
                Ok(worker) => self.worker = Some(worker),
                Err(err) => self.failure = Some(format!("no thread could be started: {err}")),
            }
        }
        if let Some(worker) = &mut self.worker {
            worker.order(WaveformOrder { path, job: self.job.clone() });
        }
    }

    /// Sets voice and waveform without computing it.
    pub fn set(&mut self, path: PathBuf, waveform: Waveform) {
        self.set_voice(None);
        (self.path, self.waveform) = (Some(path), Some(waveform));
    }

    /// Receives what was computed.
    pub fn receive(&mut self) {
        let Some(worker) = &mut self.worker else { return };
        match worker.receive() {
            Ok(None) => return,
            Ok(Some(Ok(waveform))) => self.waveform = Some(waveform),
            Ok(Some(Err(err))) => self.failure = Some(err.to_string()),
            Err(died) => self.failure = Some(died.to_string()),
        }
        // Done: the thread ends.
        self.worker = None;
    }

    /// The waveform, once it is computed.
    #[must_use]
    pub const fn waveform(&self) -> Option<&Waveform> {
        self.waveform.as_ref()
    }

    /// Why there is none.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }
}

impl Drop for VoiceWaveform {
    fn drop(&mut self) {
        self.job.cancel();
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn media(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media").join(name)
    }

    fn wait(voice: &mut VoiceWaveform) {
        let began = Instant::now();
        while voice.waveform().is_none() && voice.failure().is_none() {
            assert!(began.elapsed() < Duration::from_mins(1), "no waveform came");
            std::thread::sleep(Duration::from_millis(2));
            voice.receive();
        }
    }

    #[test]
    fn the_last_voice_has_a_waveform_and_none_has_none() {
        let mut voice = VoiceWaveform::default();
        voice.set_voice(Some(&media("streams/tone.mp3")));
        voice.set_voice(Some(&media("voice.wav")));
        wait(&mut voice);
        assert_eq!(voice.waveform().unwrap().duration_ms() / 100, 82);
        voice.set_voice(None);
        assert!(voice.waveform().is_none() && voice.failure().is_none());
    }

    #[test]
    fn a_voice_that_cannot_be_read_and_a_worker_that_died_say_why() {
        let mut voice = VoiceWaveform::default();
        voice.set_voice(Some(&media("README.md")));
        wait(&mut voice);
        assert!(voice.failure().is_some_and(|why| !why.is_empty()));
        let unlucky = Worker::spawn("waveform", 1, no_wake(), || {
            |_: WaveformOrder, _: &Desk<'_, WaveformOrder, WaveformAnswer>| panic!("injected")
        });
        voice.worker = Some(unlucky.unwrap());
        voice.set_voice(Some(&media("voice.wav")));
        wait(&mut voice);
        let why = voice.failure().unwrap();
        assert!(why.contains("waveform") && why.contains("injected"), "{why}");
    }
}
