//! Runs `re_mp4` where it can do no harm: on a thread that can be left behind, over an index that was looked at before.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::time::Duration;

use re_mp4::Mp4;

use super::boxes::{TopBox, children, top_boxes};
use super::facts::{self, TrackFacts};
use crate::media::error::MediaError;
use crate::media::overlay::Overlay;
use crate::worker::guarded;

/// A damaged index can keep `re_mp4` busy for 20 s; a good one takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(3);
/// The index of a fragment is a few kilobytes.
const MAX_FRAGMENT_BYTES: u64 = 16 * 1024 * 1024;
/// The index of ten minutes is under 2 MB.
const MAX_INDEX_BYTES: u64 = 64 * 1024 * 1024;

/// The tables of a movie as they are in the file, and the facts that `re_mp4` does not tell.
pub(super) struct Parsed {
    pub(super) mp4: Mp4,
    pub(super) tracks: Vec<TrackFacts>,
}

/// Reads the index of a movie.
pub(super) fn parse(path: &Path, file: File, file_len: u64) -> Result<Parsed, MediaError> {
    let read_fail = |err: std::io::Error| MediaError::io("read", path, &err);
    let mut reader = BufReader::new(file);
    let top = top_boxes(&mut reader, file_len).map_err(read_fail)?;
    let Some(at) = top.iter().find(|b| b.kind == *b"moov") else {
        return Err(MediaError::damaged(path, missing_index(&top, file_len)));
    };
    let (moov_start, moov_end) = (at.start, at.end);
    if moov_end > file_len {
        return Err(MediaError::damaged(path, "the file ends within its index (moov)"));
    }
    if moov_end - moov_start > MAX_INDEX_BYTES {
        return Err(MediaError::damaged(path, "its index (moov) claims an absurd size"));
    }
    let mut moov = vec![0; (moov_end - moov_start) as usize];
    reader.seek(SeekFrom::Start(moov_start)).map_err(read_fail)?;
    reader.read_exact(&mut moov).map_err(read_fail)?;
    let body = (at.body - moov_start) as usize..moov.len();
    let fragmented = top.iter().any(|b| b.kind == *b"moof");
    let tracks = facts::tracks(&moov, body.clone()).map_err(|why| MediaError::damaged(path, why))?;
    hide(&mut moov, body, &tracks, fragmented);
    check_fragments(path, &mut reader, &top, file_len)?;
    // The last box may claim more than is there: then its samples tell how much.
    let known_end = top.last().map_or(file_len, |last| last.end);
    let source = Overlay::new(reader, file_len, moov_start, moov);
    let mp4 = on_worker(path, source, known_end)?;
    Ok(Parsed { mp4, tracks })
}

/// A fragment's runs may claim any number of samples without a byte for each: more than any clip has are refused.
fn check_fragments(path: &Path, reader: &mut BufReader<File>, top: &[TopBox], file_len: u64) -> Result<(), MediaError> {
    let mut samples = 0_u64;
    for fragment in top.iter().filter(|b| b.kind == *b"moof") {
        if fragment.end > file_len || fragment.end - fragment.start > MAX_FRAGMENT_BYTES {
            return Err(MediaError::damaged(path, "the file ends within the index of a fragment (moof)"));
        }
        let mut bytes = vec![0; (fragment.end - fragment.body) as usize];
        reader
            .seek(SeekFrom::Start(fragment.body))
            .and_then(|_| reader.read_exact(&mut bytes))
            .map_err(|err| MediaError::io("read", path, &err))?;
        samples += facts::samples_of_fragment(&bytes);
        if samples > u64::from(facts::MAX_SAMPLES) {
            return Err(MediaError::damaged(path, "its fragments claim millions of samples"));
        }
    }
    Ok(())
}

fn missing_index(top: &[TopBox], file_len: u64) -> String {
    match top.last() {
        Some(last) if last.end > file_len => format!(
            "it was cut off: {file_len} bytes are there, at least {} were to be, and the index (moov) at its end is missing",
            last.end
        ),
        _ => "it has no index (moov): the recording or download was not finished".to_owned(),
    }
}

/// Renames to `free` what `re_mp4` need not read: metadata, and tracks that are neither picture nor AAC or MP3 sound.
///
/// Its readers for those give up on forms a MOV may have, and one of them giving up loses the whole movie.
/// In a fragmented file every track stays: its fragments refer to all.
fn hide(moov: &mut [u8], body: Range<usize>, tracks: &[TrackFacts], fragmented: bool) {
    let mut free = |start: usize| {
        if let Some(kind) = moov.get_mut(start + 4..start + 8) {
            kind.copy_from_slice(b"free");
        }
    };
    for track in tracks {
        let wanted = match &track.handler {
            b"vide" => true,
            b"soun" => track.fourcc == *b"mp4a",
            _ => false,
        };
        if !wanted && !fragmented {
            free(track.span.start);
        }
    }
    let mut extras = Vec::new();
    for (kind, span, inner) in children(moov, body) {
        match &kind {
            b"udta" | b"meta" => extras.push(span.start),
            b"trak" => extras.extend(
                children(moov, inner).filter(|(k, ..)| matches!(k, b"udta" | b"meta")).map(|(_, span, _)| span.start),
            ),
            _ => {}
        }
    }
    for start in extras {
        if let Some(kind) = moov.get_mut(start + 4..start + 8) {
            kind.copy_from_slice(b"free");
        }
    }
}

fn on_worker(path: &Path, source: Overlay, known_end: u64) -> Result<Mp4, MediaError> {
    let abandoned = source.abandon_flag();
    let (done, result) = mpsc::sync_channel(1);
    std::thread::Builder::new()
        .name("movie index".to_owned())
        .spawn(move || {
            let parsed = guarded(|| Mp4::read(source, known_end));
            // Nobody listens any more where the reader was left behind.
            let _ = done.send(parsed);
        })
        .map_err(|err| MediaError::internal("starting a thread", err.to_string()))?;
    match result.recv_timeout(PATIENCE) {
        Ok(Ok(Ok(mp4))) => Ok(mp4),
        Ok(Ok(Err(err))) => Err(MediaError::damaged(path, format!("its index cannot be read ({err})"))),
        Ok(Err(panic)) => Err(MediaError::damaged(path, format!("its index contradicts itself ({panic})"))),
        Err(_) => {
            abandoned.store(true, Ordering::Relaxed);
            Err(MediaError::damaged(path, "its index makes no sense"))
        }
    }
}
