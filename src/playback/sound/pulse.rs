//! `PulseAudio`, or `PipeWire` in its place, spoken to over its socket: no ALSA headers to build with, no library to start with.

use std::future::Future;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use pulseaudio::protocol::stream::{BufferAttr, StreamFlags};
use pulseaudio::protocol::{ChannelMap, PlaybackStreamParams, Prop, Props, SampleFormat, SampleSpec};
use pulseaudio::{Client, ClientError, PlaybackSource, PlaybackStream};
use tokio::runtime::Runtime;

use super::backend::{Backend, Trouble};
use super::feed::{Cue, Shared};
use super::server::Server;
use super::steady::Heard;
use crate::media::sound::{CHANNELS, RATE_HZ};

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_millis(500);
const FRAME_BYTES: usize = CHANNELS * size_of::<f32>();
/// How much is with the server: enough for a busy machine, and soon heard.
const TARGET_MS: u32 = 100;
/// What a server without a cookie of ours expects: as many bytes, all zero.
const NO_COOKIE: [u8; 256] = [0; 256];

/// A stream at a sound server.
pub struct Pulse {
    runtime: Runtime,
    feed: Shared,
    stream: PlaybackStream,
    /// The client's thread ends when its socket does, not when it is dropped.
    socket: UnixStream,
    /// Frames the server had read when the cue began: it counts on through a flush.
    base: i64,
    playing: bool,
}

impl Pulse {
    /// Connects, and opens a stream that does not play yet.
    pub fn open(server: &Server, feed: &Shared) -> Result<Self, Trouble> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(|err| Trouble(format!("no clock for the sound: {err}")))?;
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
        let stream = wait(&runtime, client.create_playback_stream(params, source)).inspect_err(|_| {
            let _ = socket.shutdown(Shutdown::Both);
        })?;
        Ok(Self { runtime, feed: feed.clone(), stream, socket, base: 0, playing: false })
    }

    fn ask<T>(&self, question: impl Future<Output = Result<T, ClientError>>) -> Result<T, Trouble> {
        wait(&self.runtime, question)
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

impl Backend for Pulse {
    fn cue(&mut self, cue: Cue) -> Result<(), Trouble> {
        self.stop()?;
        self.feed.lock().hold();
        self.ask(self.stream.flush())?;
        let info = self.ask(self.stream.timing_info())?;
        self.base = info.read_offset / FRAME_BYTES as i64;
        let before = self.feed.lock().cue(cue);
        drop(before);
        Ok(())
    }

    fn start(&mut self) -> Result<(), Trouble> {
        self.playing = true;
        // The question also wakes the client's thread, which fills the server's buffer first.
        self.ask(self.stream.uncork())
    }

    fn stop(&mut self) -> Result<(), Trouble> {
        if std::mem::take(&mut self.playing) {
            self.ask(self.stream.cork())?;
        }
        Ok(())
    }

    fn heard(&mut self) -> Result<Heard, Trouble> {
        let asked = Instant::now();
        let info = self.ask(self.stream.timing_info())?;
        // Between question and answer.
        let at = asked + asked.elapsed() / 2;
        let read_us =
            (info.read_offset - self.base * FRAME_BYTES as i64) * 1_000_000 / (i64::from(RATE_HZ) * FRAME_BYTES as i64);
        let ahead_us = if self.playing { i64::try_from(info.sink_usec).unwrap_or(i64::MAX) } else { 0 };
        Ok(Heard { at, run_us: read_us.saturating_sub(ahead_us) })
    }
}

fn connect(server: &Server) -> Result<(UnixStream, Client), Trouble> {
    let at = server.socket.display();
    let fail = |err: &dyn std::fmt::Display| Trouble(format!("the sound server at {at} does not answer ({err})"));
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

/// Waits for an answer of the server, and not for long.
fn wait<T>(runtime: &Runtime, question: impl Future<Output = Result<T, ClientError>>) -> Result<T, Trouble> {
    let answer = runtime.block_on(async { tokio::time::timeout(PATIENCE, question).await });
    match answer {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(ClientError::Disconnected)) => Err(Trouble("the sound server is gone".into())),
        Ok(Err(err)) => Err(Trouble(format!("the sound server refuses: {}", words(&err)))),
        Err(_) => Err(Trouble("the sound server does not answer".into())),
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
    feed: Shared,
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
            // Asked for again as soon as the server is told something, which follows each cue.
            return Poll::Pending;
        }
        for (bytes, sample) in bytes.chunks_exact_mut(size_of::<f32>()).zip(block.iter()) {
            bytes.copy_from_slice(&sample.to_le_bytes());
        }
        Poll::Ready(frames * FRAME_BYTES)
    }
}
