//! Request bodies: JSON with a voice as Base64, or a file as it is; streamed, and never whole in memory.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _, TryStreamExt as _};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use super::words;
use crate::model::{Problem, ProblemKind, Progress};
use crate::wire::request::{Body, Part};

/// How much of a file is read at a time, in bytes; divisible by 3, so that each piece is Base64 of its own without padding.
const PIECE_BYTES: usize = 48 * 1024;

/// A body ready to be sent.
pub struct Outgoing {
    /// What is sent.
    pub body: reqwest::Body,
    /// Its length in bytes: always known beforehand, for some gateways refuse a chunked body.
    pub length: u64,
    /// The body as it is recorded.
    pub shown: String,
    /// What went wrong with the file while it was read.
    pub error: StreamError,
}

/// The error of a file that is being streamed; kept here, because the stream itself cannot report a reason.
#[derive(Clone, Default)]
pub struct StreamError(Arc<Mutex<Option<Problem>>>);

impl StreamError {
    fn set(&self, problem: Problem) -> std::io::Error {
        let message = problem.message.clone();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
        std::io::Error::other(message)
    }

    /// The error, where there was one.
    pub fn take(&self) -> Option<Problem> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// How a file's bytes are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Raw,
    Base64,
}

/// Told how much of a body has gone out.
pub type Told = Arc<dyn Fn(Progress) + Send + Sync>;

/// A JSON body; the Base64 of a file is streamed into its place, and `told` of each piece of it.
pub async fn json(body: &Body, told: Option<Told>) -> Result<Outgoing, Problem> {
    let error = StreamError::default();
    let Some(path) = body.file() else {
        let text = body.text_with("");
        let length = text.len() as u64;
        let shown = super::exchange::without_sound(&text);
        return Ok(Outgoing { body: text.into(), length, shown, error });
    };
    let (file, size) = open(path).await?;
    let encoded = size.div_ceil(3) * 4;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let shown = super::exchange::without_sound(&body.text_with(&format!("… ({size} bytes of {name} as Base64)")));
    let mut length = 0;
    let mut file = Some(file);
    let mut pieces: Vec<stream::BoxStream<'static, std::io::Result<Bytes>>> = Vec::new();
    for part in &body.parts {
        match part {
            Part::Text(text) => {
                length += text.len() as u64;
                let text = Bytes::from(text.clone());
                pieces.push(stream::once(async move { Ok(text) }).boxed());
            }
            Part::Base64OfFile(path) => {
                if let Some(file) = file.take() {
                    length += encoded;
                    pieces.push(read_through(file, path.clone(), size, Form::Base64, error.clone()).boxed());
                }
            }
        }
    }
    let mut sent_bytes = 0;
    let stream = stream::iter(pieces).flatten().inspect_ok(move |piece| {
        sent_bytes += piece.len() as u64;
        if let Some(told) = &told {
            told(Progress { received_bytes: sent_bytes, total_bytes: Some(length) });
        }
    });
    Ok(Outgoing { body: reqwest::Body::wrap_stream(stream), length, shown, error })
}

/// Sees each piece of a file as it goes out.
pub type Watch = Box<dyn FnMut(&[u8]) + Send>;

/// A file as it is.
pub async fn file(path: &Path) -> Result<Outgoing, Problem> {
    watched_file(path, Box::new(|_| ())).await
}

/// The same, with each piece shown to `watch` before it goes out.
pub async fn watched_file(path: &Path, mut watch: Watch) -> Result<Outgoing, Problem> {
    let error = StreamError::default();
    let (file, size) = open(path).await?;
    let stream = read_through(file, path.to_owned(), size, Form::Raw, error.clone());
    let stream = stream.inspect_ok(move |piece| watch(piece));
    let shown = format!("({size} bytes of {})", path.file_name().unwrap_or_default().to_string_lossy());
    Ok(Outgoing { body: reqwest::Body::wrap_stream(stream), length: size, shown, error })
}

async fn open(path: &Path) -> Result<(File, u64), Problem> {
    let failed = |err: std::io::Error| file_problem(path, &err.to_string());
    let file = File::open(path).await.map_err(failed)?;
    let facts = file.metadata().await.map_err(failed)?;
    if !facts.is_file() {
        return Err(file_problem(path, &words::part_not_a_file()));
    }
    if facts.len() == 0 {
        return Err(file_problem(path, &words::part_empty_file()));
    }
    Ok((file, facts.len()))
}

fn file_problem(path: &Path, why: &str) -> Problem {
    Problem::new(ProblemKind::File, words::file_not_sent(path.display(), why)).with_hint(words::file_not_sent_hint())
}

/// The bytes of a file in pieces. A file that changes its length while it is read fails the stream: its length was sent in the header.
fn read_through(
    file: File,
    path: PathBuf,
    size: u64,
    form: Form,
    error: StreamError,
) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    struct State {
        file: File,
        left: u64,
        over: bool,
    }
    stream::unfold(State { file, left: size, over: false }, move |mut state| {
        let (path, error) = (path.clone(), error.clone());
        async move {
            if state.over {
                return None;
            }
            let want = usize::try_from(state.left).unwrap_or(usize::MAX).min(PIECE_BYTES);
            // Reading one byte more than expected reveals a file that grew.
            let mut piece = vec![0; if want < PIECE_BYTES { want + 1 } else { want }];
            let mut filled = 0;
            while filled < piece.len() {
                match state.file.read(&mut piece[filled..]).await {
                    Ok(0) => break,
                    Ok(count) => filled += count,
                    Err(err) => {
                        state.over = true;
                        return Some((Err(error.set(file_problem(&path, &err.to_string()))), state));
                    }
                }
            }
            if filled != want {
                state.over = true;
                return Some((Err(error.set(file_problem(&path, &words::part_changed()))), state));
            }
            if want == 0 {
                return None;
            }
            state.left -= want as u64;
            piece.truncate(filled);
            let bytes = match form {
                Form::Raw => Bytes::from(piece),
                Form::Base64 => Bytes::from(STANDARD.encode(&piece)),
            };
            Some((Ok(bytes), state))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    async fn sent(size: usize, form: Form) -> (Vec<u8>, Vec<u8>) {
        let raw: Vec<u8> = (0..size).map(|at| (at * 7 % 251) as u8).collect();
        let mut kept = tempfile::NamedTempFile::new().unwrap();
        kept.write_all(&raw).unwrap();
        let file = File::open(kept.path()).await.unwrap();
        let stream = read_through(file, kept.path().to_owned(), size as u64, form, StreamError::default());
        let pieces: Vec<_> = stream.collect().await;
        (raw, pieces.into_iter().flat_map(|piece| piece.unwrap().to_vec()).collect())
    }

    #[tokio::test]
    async fn the_pieces_are_the_base64_of_the_whole() {
        for size in [1, 2, 3, 4, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES, 2 * PIECE_BYTES + 5] {
            let (raw, out) = sent(size, Form::Base64).await;
            assert_eq!(String::from_utf8(out).unwrap(), STANDARD.encode(&raw), "{size}");
            let (raw, out) = sent(size, Form::Raw).await;
            assert_eq!(out, raw, "{size}");
        }
    }

    #[tokio::test]
    async fn a_file_that_changes_fails_the_stream() {
        let mut kept = tempfile::NamedTempFile::new().unwrap();
        kept.write_all(&[1; 100]).unwrap();
        for promised in [99, 101, 50_000] {
            let error = StreamError::default();
            let file = File::open(kept.path()).await.unwrap();
            let stream = read_through(file, kept.path().to_owned(), promised, Form::Raw, error.clone());
            let pieces: Vec<_> = stream.collect().await;
            assert!(pieces.last().unwrap().is_err(), "{promised}");
            assert!(error.take().unwrap().message.contains("changed while it was read"));
        }
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_sent_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = open(&folder.path().join("none.wav")).await.unwrap_err();
        assert_eq!(missing.kind, ProblemKind::File);
        assert!(missing.message.contains("none.wav"));
        assert!(open(folder.path()).await.is_err());
        let empty = tempfile::NamedTempFile::new().unwrap();
        assert!(open(empty.path()).await.unwrap_err().message.contains("empty"));
    }
}
