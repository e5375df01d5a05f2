//! Whether a file that was downloaded is whole, by the container's own account: no picture of it is decoded, and no codec is asked for.

use std::io::BufReader;
use std::path::Path;

use super::Movie;
use super::boxes::{TopBox, top_boxes};
use super::parse::missing_index;
use crate::media::error::MediaError;
use crate::media::{sniff, words};
use crate::model::Wholeness;

/// The longest head of a box, in bytes: fewer behind the last box are the beginning of another.
const BOX_HEAD_BYTES: u64 = 8;

/// What the container of a file says of its own end. Blocks.
#[must_use]
pub fn wholeness(path: &Path) -> Wholeness {
    let (file, file_len, kind) = match sniff::open(path) {
        Ok(opened) => opened,
        Err(err) => return Wholeness::Cut(err.to_string()),
    };
    match kind.name {
        "mp4" | "mov" | "3gp" | "m4a" => {}
        "webm" | "flv" | "wmv" | "mpeg" | "avi" | "ts" => return Wholeness::Unsaid,
        _ => return Wholeness::NotVideo(kind.words.to_owned()),
    }
    match top_boxes(&mut BufReader::new(file), file_len) {
        Ok(top) => of_boxes(path, &top, file_len),
        Err(err) => Wholeness::Cut(MediaError::io("read", path, &err).to_string()),
    }
}

fn of_boxes(path: &Path, top: &[TopBox], file_len: u64) -> Wholeness {
    let end = top.last().map_or(0, |last| last.end);
    if end > file_len && top.iter().any(|found| found.kind == *b"moov" && found.end <= file_len) {
        return Wholeness::Cut(words::cut_within(file_len, end));
    }
    if end > file_len || !top.iter().any(|found| found.kind == *b"moov") {
        return Wholeness::Cut(missing_index(top, file_len));
    }
    let rest = file_len - end;
    if (1..BOX_HEAD_BYTES).contains(&rest) {
        return Wholeness::Cut(words::cut_between(file_len));
    }
    if top.iter().any(|found| found.kind == *b"moof") {
        // The index of all fragments comes last, where there is one.
        let is_ended = top.last().is_some_and(|last| last.kind == *b"mfra");
        return if is_ended { Wholeness::Whole } else { Wholeness::Unsaid };
    }
    match top.iter().find(|found| found.kind == *b"mdat") {
        None => Wholeness::Cut(words::INDEX_ALONE.to_owned()),
        // A box may reach to the end of the file by its own account: then the samples of the index show what is missing.
        Some(data) if data.to_end_of_file => match Movie::open(path) {
            Err(err @ MediaError::Damaged { .. }) => Wholeness::Cut(err.to_string()),
            _ => Wholeness::Whole,
        },
        Some(_) => Wholeness::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUO: &[u8] = include_bytes!("../../../assets/demo/duo.mp4");

    fn of(bytes: &[u8]) -> Wholeness {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.mp4");
        std::fs::write(&path, bytes).unwrap();
        wholeness(&path)
    }

    fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
        [&u32::try_from(body.len() + 8).unwrap().to_be_bytes()[..], &kind, body].concat()
    }

    #[test]
    fn a_clip_is_whole_and_any_beginning_of_it_is_not() {
        assert_eq!(of(DUO), Wholeness::Whole);
        for at in (1..200).map(|part| DUO.len() * part / 200).chain([9, 40, DUO.len() - 1]) {
            assert!(matches!(of(&DUO[..at]), Wholeness::Cut(_)), "{at}: {:?}", of(&DUO[..at]));
        }
    }

    #[test]
    fn data_that_reaches_to_the_end_of_the_file_is_measured_by_the_samples() {
        let mut open = DUO.to_vec();
        let top = top_boxes(&mut std::io::Cursor::new(&open), open.len() as u64).unwrap();
        let data = top.iter().find(|found| found.kind == *b"mdat").unwrap();
        assert_eq!(data.end, open.len() as u64, "the clip has its index first");
        open[data.start as usize..data.start as usize + 4].fill(0);
        assert_eq!(of(&open), Wholeness::Whole);
        assert!(matches!(of(&open[..open.len() - 1000]), Wholeness::Cut(_)));
    }

    #[test]
    fn what_does_not_say_where_it_ends_is_not_called_whole() {
        let head = [boxed(*b"ftyp", b"isomisom"), boxed(*b"moov", &[])].concat();
        let fragment = [boxed(*b"moof", &[1; 16]), boxed(*b"mdat", &[2; 100])].concat();
        assert_eq!(of(&[head.clone(), fragment.clone()].concat()), Wholeness::Unsaid);
        assert_eq!(of(&[head.clone(), fragment, boxed(*b"mfra", &[])].concat()), Wholeness::Whole);
        assert_eq!(of(b"\x1a\x45\xdf\xa3 a WebM"), Wholeness::Unsaid);
        assert!(matches!(of(&head), Wholeness::Cut(_)));
        assert!(matches!(of(&[0x80; 5000]), Wholeness::NotVideo(_)));
    }
}
