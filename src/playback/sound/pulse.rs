//! `PulseAudio`, or `PipeWire` in its place, spoken to over its socket: no ALSA headers to build with, no library to start with.

use std::future::Future;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use pulseaudio::protocol::stream::{BufferAttr, StreamFlags};
use pulseaudio::protocol::{ChannelMap, PlaybackStreamParams, Prop, Props, SampleFormat, SampleSpec};
use pulseaudio::{Client, ClientError, PlaybackSource, PlaybackStream};

use super::backend::{Backend, SoundError};
use super::feed::{Cue, SharedFeed};
use super::position::OutputPosition;
use super::server::Server;
use crate::media::sound::{CHANNELS, RATE_HZ};

/// How long the server may take to answer. What waits is the output's own thread, so nothing is held up; and a machine that is short of
/// processor time for a second has a server that plays again afterwards.
const PATIENCE: Duration = Duration::from_secs(2);
const FRAME_BYTES: usize = CHANNELS * size_of::<f32>();
/// How much is with the server: enough for a busy machine, and soon heard.
const TARGET_MS: u32 = 100;
/// What a server without a cookie of ours expects: as many bytes, all zero.
const NO_COOKIE: [u8; 256] = [0; 256];

/// A stream at a sound server.
pub struct Pulse {
    feed: SharedFeed,
    stream: PlaybackStream,
    /// The client's thread ends when its socket does, not when it is dropped.
    socket: UnixStream,
    /// Frames the server had read when the cue began: it counts on through a flush.
    base: i64,
    playing: bool,
}

impl Pulse {
    /// Connects, and opens a stream that does not play yet.
    pub fn open(server: &Server, feed: &SharedFeed) -> Result<Self, SoundError> {
        let (socket, client) = connect(server)?;
        let params = PlaybackStreamParams {
            sample_spec: SampleSpec { format: SampleFormat::Float32Le, channels: CHANNELS as u8, sample_rate: RATE_HZ },
            channel_map: ChannelMap::stereo(),
            buffer_attr: BufferAttr {
                target_length: TARGET_MS * RATE_HZ / 1000 * FRAME_BYTES as u32,
                ..BufferAttr::default()
            },
            props: properties(),
            flags: StreamFlags { start_corked: true, adjust_latency: true, ..StreamFlags::default() },
            ..PlaybackStreamParams::default()
        };
        // Nothing is given before the first cue: what a cue begins with can then be counted.
        feed.lock().hold();
        let source = Source { feed: feed.clone(), block: Vec::new() };
        let stream = wait(client.create_playback_stream(params, source)).inspect_err(|_| {
            let _ = socket.shutdown(Shutdown::Both);
        })?;
        Ok(Self { feed: feed.clone(), stream, socket, base: 0, playing: false })
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

impl Backend for Pulse {
    fn cue(&mut self, cue: Cue) -> Result<(), SoundError> {
        self.stop()?;
        self.feed.lock().hold();
        wait(self.stream.flush())?;
        let info = wait(self.stream.timing_info())?;
        self.base = info.read_offset / FRAME_BYTES as i64;
        let before = self.feed.lock().cue(cue);
        drop(before);
        Ok(())
    }

    fn start(&mut self) -> Result<(), SoundError> {
        self.playing = true;
        // The question also wakes the client's thread, which fills the server's buffer first.
        wait(self.stream.uncork())
    }

    fn stop(&mut self) -> Result<(), SoundError> {
        if std::mem::take(&mut self.playing) {
            wait(self.stream.cork())?;
        }
        Ok(())
    }

    fn position(&mut self) -> Result<OutputPosition, SoundError> {
        let asked = Instant::now();
        let info = wait(self.stream.timing_info())?;
        // Between question and answer.
        let at = asked + asked.elapsed() / 2;
        let read_us =
            (info.read_offset - self.base * FRAME_BYTES as i64) * 1_000_000 / (i64::from(RATE_HZ) * FRAME_BYTES as i64);
        let ahead_us = if self.playing { i64::try_from(info.sink_usec).unwrap_or(i64::MAX) } else { 0 };
        Ok(OutputPosition { at, played_us: read_us.saturating_sub(ahead_us) })
    }
}

fn connect(server: &Server) -> Result<(UnixStream, Client), SoundError> {
    let at = server.socket.display();
    let fail = |err: &dyn std::fmt::Display| SoundError(format!("The sound server at {at} does not answer ({err})"));
    let socket = UnixStream::connect(&server.socket).map_err(|err| fail(&err))?;
    // The greeting waits; from then on the client does not.
    socket.set_read_timeout(Some(PATIENCE)).map_err(|err| fail(&err))?;
    socket.set_write_timeout(Some(PATIENCE)).map_err(|err| fail(&err))?;
    let kept = socket.try_clone().map_err(|err| fail(&err))?;
    let cookie = server.cookie.as_ref().and_then(|path| std::fs::read(path).ok()).unwrap_or_else(|| NO_COOKIE.to_vec());
    let client = Client::new_unix(c"viseme", socket, Some(cookie)).map_err(|err| fail(&words(&err)))?;
    Ok((kept, client))
}

fn properties() -> Props {
    let mut props = Props::new();
    props.set(Prop::ApplicationName, c"viseme");
    props.set(Prop::MediaName, c"Clip");
    props
}

/// Unparks the thread that waits for an answer.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for an answer of the server, at most [`PATIENCE`]. The client has a thread of its own that drives its socket, so this needs no
/// runtime.
fn wait<T>(question: impl Future<Output = Result<T, ClientError>>) -> Result<T, SoundError> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut question = pin!(question);
    let until = Instant::now() + PATIENCE;
    let answer = loop {
        if let Poll::Ready(answer) = question.as_mut().poll(&mut Context::from_waker(&waker)) {
            break answer;
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(SoundError("The sound server does not answer".into()));
        }
        thread::park_timeout(left);
    };
    match answer {
        Ok(answer) => Ok(answer),
        Err(ClientError::Disconnected) => Err(SoundError("The sound server is gone".into())),
        Err(err) => Err(SoundError(format!("The sound server refuses: {}", words(&err)))),
    }
}

fn words(err: &ClientError) -> String {
    match err {
        ClientError::Protocol(err) => err.to_string(),
        ClientError::Io(err) => err.to_string(),
        ClientError::ServerError(err) => format!("{err:?}"),
        other => other.to_string(),
    }
}

/// Gives the feed's samples to the client's thread, which holds a lock of its own meanwhile: nothing here waits or panics.
struct Source {
    feed: SharedFeed,
    block: Vec<f32>,
}

impl PlaybackSource for Source {
    fn poll_read(mut self: Pin<&mut Self>, _cx: &mut Context<'_>, bytes: &mut [u8]) -> Poll<usize> {
        let Self { feed, block } = &mut *self;
        let frames = bytes.len() / FRAME_BYTES;
        // No bytes at all would end the stream for good.
        if frames == 0 {
            return Poll::Pending;
        }
        block.clear();
        block.resize(frames * CHANNELS, 0.0);
        let given = catch_unwind(AssertUnwindSafe(|| feed.lock().fill(block))).unwrap_or_else(|_| {
            block.fill(0.0);
            true
        });
        if !given {
            // Asked for again as soon as something is sent to the server, which follows each cue.
            return Poll::Pending;
        }
        for (bytes, sample) in bytes.chunks_exact_mut(size_of::<f32>()).zip(block.iter()) {
            bytes.copy_from_slice(&sample.to_le_bytes());
        }
        Poll::Ready(frames * FRAME_BYTES)
    }
}
