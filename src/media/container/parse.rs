//! Runs `re_mp4` where it can do no harm: over an index that was checked before, with a bound on what it reads.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use re_mp4::Mp4;

use super::boxes::{TopBox, children, top_boxes};
use super::claims::Claims;
use super::facts::{self, TrackFacts};
use crate::media::error::MediaError;
use crate::media::overlay::Overlay;
use crate::worker::guarded;

/// The brands of a file are a few bytes, the index of a fragment a few kilobytes.
const MAX_HEAD_BYTES: u64 = 4 * 1024;
const MAX_FRAGMENT_BYTES: u64 = 16 * 1024 * 1024;
/// The index of ten minutes is under 2 MB.
const MAX_INDEX_BYTES: u64 = 64 * 1024 * 1024;

/// The tables of a movie as they are in the file, and the facts that `re_mp4` does not give.
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
    hide(&mut moov, body.clone(), &tracks, fragmented);
    let mut claims = Claims::new(file_len);
    claims.walk(&moov, body).map_err(|why| MediaError::damaged(path, why))?;
    let read_bytes = check_top(path, &mut reader, &top, file_len, &mut claims)?;
    // The last box may claim more than is there: its samples show how much is missing.
    let known_end = top.last().map_or(file_len, |last| last.end);
    let source = Overlay::new(reader, file_len, moov_start, moov).with_budget(read_bytes);
    let mp4 = match guarded(|| Mp4::read(source, known_end)) {
        Ok(Ok(mp4)) => mp4,
        Ok(Err(err)) => return Err(MediaError::damaged(path, format!("its index cannot be read ({err})"))),
        Err(panic) => return Err(MediaError::damaged(path, format!("its index contradicts itself ({panic})"))),
    };
    Ok(Parsed { mp4, tracks })
}

/// Checks the boxes at the top of the file that `re_mp4` reads. Returns how many bytes it may read of all: some twice, but none without
/// end, as it would in a box that claims no length.
fn check_top(
    path: &Path,
    reader: &mut BufReader<File>,
    top: &[TopBox],
    file_len: u64,
    claims: &mut Claims,
) -> Result<u64, MediaError> {
    let mut read = 0;
    let mut indexes = 0;
    for found in top {
        let len = found.end - found.start;
        let most = match &found.kind {
            b"ftyp" => MAX_HEAD_BYTES,
            b"moov" => MAX_INDEX_BYTES,
            b"moof" | b"emsg" => MAX_FRAGMENT_BYTES,
            _ => {
                read += 16;
                continue;
            }
        };
        if found.end > file_len {
            return Err(MediaError::damaged(path, "the file ends within the index of a fragment (moof)"));
        }
        if len > most {
            return Err(MediaError::damaged(path, "its index claims an absurd size"));
        }
        read += len;
        indexes += usize::from(found.kind == *b"moov");
        if found.kind == *b"moof" {
            let mut moof = vec![0; (found.end - found.body) as usize];
            reader
                .seek(SeekFrom::Start(found.body))
                .and_then(|_| reader.read_exact(&mut moof))
                .map_err(|err| MediaError::io("read", path, &err))?;
            claims.walk(&moof, 0..moof.len()).map_err(|why| MediaError::damaged(path, why))?;
        }
    }
    // Of several, `re_mp4` would take the last, which was not checked.
    if indexes > 1 {
        return Err(MediaError::damaged(path, "it has more than one index (moov)"));
    }
    Ok(4 * read + 4096)
}

pub(super) fn missing_index(top: &[TopBox], file_len: u64) -> String {
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
