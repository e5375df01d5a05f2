//! What a file is, by its first bytes. Its extension is ignored.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::error::MediaError;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Short name, as used in probes: `mp4`, `mov`, `mp3`, `png`, …
    pub name: &'static str,
    /// The same as part of a sentence: `a PNG picture`.
    pub words: &'static str,
}

const fn kind(name: &'static str, words: &'static str) -> Kind {
    Kind { name, words }
}

/// Bytes that are examined.
pub const HEAD_LEN: usize = 4096;

/// Signatures, with their offsets.
const MAGIC: [(usize, &[u8], Kind); 22] = [
    (0, b"\x89PNG\r\n\x1a\n", kind("png", "a PNG picture")),
    (0, b"\xff\xd8\xff", kind("jpeg", "a JPEG picture")),
    (0, b"GIF8", kind("gif", "a GIF picture")),
    (0, b"%PDF-", kind("pdf", "a PDF document")),
    (0, b"PK\x03\x04", kind("zip", "a ZIP archive or office document")),
    (0, b"\x1f\x8b", kind("gzip", "a gzip archive")),
    (0, b"\x1a\x45\xdf\xa3", kind("webm", "a WebM or Matroska video")),
    (0, b"FLV\x01", kind("flv", "a Flash video")),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", kind("wmv", "a Windows Media file")),
    (0, b"\x00\x00\x01\xba", kind("mpeg", "an MPEG program stream")),
    (0, b"\x00\x00\x01\xb3", kind("mpeg", "an MPEG video stream")),
    (0, b"OggS", kind("ogg", "an Ogg file")),
    (0, b"fLaC", kind("flac", "a FLAC sound file")),
    (0, b"ID3", kind("mp3", "an MP3 sound file")),
    (0, b"ADIF", kind("aac", "an AAC sound file")),
    (0, b"#!AMR", kind("amr", "an AMR sound file")),
    (0, b"caff", kind("caf", "a Core Audio sound file")),
    (0, b"\x7fELF", kind("program", "a program")),
    (0, b"MZ", kind("program", "a Windows program")),
    (0, b"RF64", kind("wav", "a WAV sound file")),
    (257, b"ustar", kind("tar", "a tar archive")),
    (4, b"moov", kind("mov", "an old QuickTime movie")),
];

/// The kind of file that begins with these bytes: the first [`HEAD_LEN`], or all where there are fewer.
#[must_use]
pub fn sniff(head: &[u8]) -> Kind {
    if head.is_empty() {
        return kind("empty", super::error::NOTHING);
    }
    if head.get(4..8) == Some(b"ftyp") {
        return sniff_brand(head.get(8..12).unwrap_or_default());
    }
    if let (Some(b"RIFF"), Some(form)) = (head.get(..4), head.get(8..12)) {
        return match form {
            b"WAVE" => kind("wav", "a WAV sound file"),
            b"AVI " => kind("avi", "an AVI video"),
            b"WEBP" => kind("webp", "a WebP picture"),
            _ => kind("riff", "a RIFF file of an unknown form"),
        };
    }
    if let (Some(b"FORM"), Some(b"AIFF" | b"AIFC")) = (head.get(..4), head.get(8..12)) {
        return kind("aiff", "an AIFF sound file");
    }
    if let Some((_, _, found)) =
        MAGIC.iter().find(|(at, magic, _)| head.get(*at..).is_some_and(|b| b.starts_with(magic)))
    {
        return *found;
    }
    if head.first() == Some(&0x47) && head.get(188).is_none_or(|byte| *byte == 0x47) && head.len() > 188 {
        return kind("ts", "an MPEG transport stream");
    }
    if let [0xff, second, ..] = head {
        // The layer bits of an MPEG audio frame are zero only in ADTS.
        if second & 0xf6 == 0xf0 {
            return kind("aac", "an AAC sound file");
        }
        if second & 0xe0 == 0xe0 && second & 0x06 != 0 {
            return kind("mp3", "an MP3 sound file");
        }
    }
    sniff_text(head)
}

fn sniff_brand(brand: &[u8]) -> Kind {
    match brand {
        b"qt  " => kind("mov", "a QuickTime movie"),
        b"M4A " | b"M4B " => kind("m4a", "an M4A sound file"),
        b"avif" | b"avis" => kind("avif", "an AVIF picture"),
        b"heic" | b"heix" | b"mif1" | b"msf1" => kind("heic", "a HEIC picture"),
        [b'3', b'g', ..] => kind("3gp", "a 3GP video"),
        _ => kind("mp4", "an MP4 video"),
    }
}

fn sniff_text(head: &[u8]) -> Kind {
    if head.iter().all(|byte| *byte == 0) {
        return kind("zeros", "nothing but zero bytes: perhaps an unfinished download");
    }
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The examined bytes may end within a character.
        Err(err) if err.error_len().is_none() => {
            head.get(..err.valid_up_to()).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default()
        }
        Err(_) => "",
    };
    if text.is_empty() || text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}')) {
        return kind("unknown", "no format known here");
    }
    let start = text.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        kind("html", "a web page (HTML): perhaps the address led to a login or error page")
    } else if start.starts_with("<?xml") || start.starts_with("<svg") {
        kind("xml", "an XML text")
    } else if start.starts_with('{') || start.starts_with('[') {
        kind("json", "a JSON text: perhaps an error message saved as a file")
    } else {
        kind("text", "plain text")
    }
}

/// Opens a file. Returns it rewound, with its size in bytes and its kind.
///
/// # Errors
/// [`MediaError::Io`]: it cannot be opened or read, or is a folder.
pub fn open(path: &Path) -> Result<(File, u64, Kind), MediaError> {
    let fail = |err: std::io::Error| MediaError::io("open", path, &err);
    // Checked before it is opened: opening a pipe blocks until a writer opens it, too.
    let meta = std::fs::metadata(path).map_err(fail)?;
    if meta.is_dir() {
        return Err(fail(std::io::ErrorKind::IsADirectory.into()));
    }
    if !meta.is_file() {
        return Err(fail(std::io::Error::other("it is a device or a pipe, not a file")));
    }
    let mut file = File::open(path).map_err(fail)?;
    let mut head = Vec::with_capacity(HEAD_LEN);
    (&mut file).take(HEAD_LEN as u64).read_to_end(&mut head).map_err(fail)?;
    std::io::Seek::rewind(&mut file).map_err(fail)?;
    Ok((file, meta.len(), sniff(&head)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_bytes() {
        let cases: [(&[u8], &str); 16] = [
            (b"", "empty"),
            (b"\x89PNG\r\n\x1a\n....", "png"),
            (b"<!DOCTYPE html><html>", "html"),
            (b"\xef\xbb\xbf  <HTML>", "html"),
            (b"{\"code\":1201}", "json"),
            (b"just some words\n", "text"),
            (b"\0\0\0\x20ftypisom", "mp4"),
            (b"\0\0\0\x14ftypqt  ", "mov"),
            (b"\0\0\0\x20ftypM4A ", "m4a"),
            (b"\0\0\0\x20ftypheic", "heic"),
            (b"RIFF\x24\0\0\0WAVEfmt ", "wav"),
            (b"ID3\x04\0", "mp3"),
            (b"\xff\xfb\x90\x64", "mp3"),
            (b"\xff\xf1\x50\x80", "aac"),
            (&[0; 64], "zeros"),
            (&[0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 250], "unknown"),
        ];
        for (head, name) in cases {
            assert_eq!(sniff(head).name, name, "{head:?}");
        }
    }

    #[test]
    fn a_text_cut_within_a_character_is_still_text() {
        let cut = &"grüße, und noch ein ß".as_bytes()[..21];
        assert!(std::str::from_utf8(cut).is_err() || cut.len() < 21 || cut.is_empty() || sniff(cut).name == "text");
        let bytes = "ä".repeat(10);
        assert_eq!(sniff(&bytes.as_bytes()[..19]).name, "text");
    }
}
