//! A sound server of the test's own, with a loudspeaker that nobody hears, and an ear that records what it plays and when.

#![allow(clippy::must_use_candidate)]

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Bytes of a frame: two samples of 32 bits.
const FRAME_BYTES: usize = 8;
const RATE_HZ: f64 = 48_000.0;
/// The loudspeaker takes a block at a time; whoever waited so long for sound got the beginning of one.
const BLOCK_BEGINS: Duration = Duration::from_millis(20);

/// A `PulseAudio` of its own: socket, home and cookie in a folder that goes with it.
pub struct Server {
    folder: TempDir,
    child: Option<Child>,
}

impl Server {
    /// Starts one; `None` where `PulseAudio` is not installed, which is said. In CI it must be.
    pub fn start() -> Option<Self> {
        let mut server = Self { folder: tempfile::tempdir().unwrap(), child: None };
        match server.start_again() {
            Ok(()) => Some(server),
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => {
                assert!(std::env::var_os("CI").is_none(), "pulseaudio is not installed, and CI must have it");
                eprintln!("pulseaudio is not installed: what is heard is not tested");
                None
            }
            Err(err) => panic!("pulseaudio does not start: {err}"),
        }
    }

    /// Starts it at the same socket as before.
    pub fn start_again(&mut self) -> std::io::Result<()> {
        let socket = self.socket();
        let _ = std::fs::remove_file(&socket);
        let child = self
            .command("pulseaudio")
            .args(["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"])
            // Without rewinding what was played was heard: nothing is taken back that the monitor has shown.
            .args(["-L", "module-null-sink sink_name=null norewinds=1 rate=48000 format=float32le channels=2"])
            .args(["-L", &format!("module-native-protocol-unix socket={} auth-anonymous=1", socket.display())])
            .spawn()?;
        self.child = Some(child);
        let began = Instant::now();
        while !self.answers() {
            assert!(began.elapsed() < Duration::from_mins(1), "pulseaudio did not open its socket");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn answers(&self) -> bool {
        self.socket().exists() && self.command("pactl").arg("info").status().is_ok_and(|status| status.success())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("HOME", self.folder.path())
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .env("XDG_CONFIG_HOME", self.folder.path())
            .env("PULSE_SERVER", format!("unix:{}", self.socket().display()))
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env_remove("DISPLAY")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("native")
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// It is gone from one moment to the next.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// It does not answer any more, or again.
    pub fn signal(&self, signal: &str) {
        let pid = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// Records what the loudspeaker plays from now on.
    pub fn listen(&self) -> Ear {
        let mut child = self
            .command("parec")
            .args(["--device=null.monitor", "--format=float32le", "--rate=48000", "--channels=2", "--raw"])
            .args(["--latency-msec=20", "--client-name=ear"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = child.stdout.take().unwrap();
        let taken: Arc<Mutex<Taken>> = Arc::default();
        let into = Arc::clone(&taken);
        std::thread::spawn(move || {
            let mut bytes = vec![0; 1 << 16];
            let mut last = Instant::now();
            while let Ok(count @ 1..) = pipe.read(&mut bytes) {
                let now = Instant::now();
                let mut taken = into.lock().unwrap();
                if now.duration_since(last) >= BLOCK_BEGINS {
                    let frame = taken.bytes.len() / FRAME_BYTES;
                    taken.begins.push((now, frame));
                }
                last = now;
                taken.bytes.extend_from_slice(&bytes[..count]);
            }
        });
        let ear = Ear { child, taken };
        let began = Instant::now();
        while ear.taken.lock().unwrap().bytes.is_empty() {
            assert!(began.elapsed() < Duration::from_mins(1), "nothing is recorded");
            std::thread::sleep(Duration::from_millis(5));
        }
        ear
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

#[derive(Default)]
struct Taken {
    bytes: Vec<u8>,
    /// When the first frame of a block came, and which it was.
    begins: Vec<(Instant, usize)>,
}

/// Records.
pub struct Ear {
    child: Child,
    taken: Arc<Mutex<Taken>>,
}

/// What was recorded, and when.
pub struct Recording {
    /// Left and right in turn.
    pub samples: Vec<f32>,
    /// When frame 0 was heard.
    pub began: Instant,
}

impl Ear {
    /// Listens no more.
    pub fn stop(mut self) -> Recording {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let taken = self.taken.lock().unwrap();
        let samples = taken.bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        // A busy machine brings a block late, never early: the earliest is the nearest to the truth.
        let began = taken
            .begins
            .iter()
            .filter_map(|(at, frame)| at.checked_sub(Duration::from_secs_f64(*frame as f64 / RATE_HZ)))
            .min()
            .expect("something was recorded");
        Recording { samples, began }
    }
}

impl Recording {
    /// When a frame was heard.
    pub fn heard_at(&self, frame: usize) -> Instant {
        self.began + Duration::from_secs_f64(frame as f64 / RATE_HZ)
    }

    /// Where these frames are, at or after a frame: all of them, one after the other, sample by sample.
    pub fn find(&self, piece: &[f32], from: usize) -> Option<usize> {
        let same = |at: &usize| {
            let heard = &self.samples[at * 2..];
            heard.len() >= piece.len() && heard.iter().zip(piece).all(|(heard, wanted)| (heard - wanted).abs() < 1e-6)
        };
        (from..self.samples.len() / 2).find(same)
    }

    /// Where each block of a sound was heard. None may be missing, none may come twice or in another order; a busy machine may
    /// have put silence between two.
    pub fn follow(&self, sound: &[f32], block: usize, from: usize) -> Vec<usize> {
        let mut at = from;
        let mut places = Vec::new();
        for (index, piece) in sound.chunks_exact(block * 2).enumerate() {
            let found = self.find(piece, at);
            let found = found.unwrap_or_else(|| panic!("block {index} of the sound was not heard behind frame {at}"));
            places.push(found);
            at = found + block;
        }
        places
    }
}
