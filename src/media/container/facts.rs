//! What the index of a movie says of each track, read from the bytes themselves: codec names, configurations, sanity.

use std::ops::Range;

use super::boxes::{child, children, descend, four, u16_at, u32_at};

/// One track, before its tables are read.
#[derive(Clone, Debug)]
pub(super) struct TrackFacts {
    pub(super) id: u32,
    /// `vide`, `soun`, …
    pub(super) handler: [u8; 4],
    /// The kind of its first sample description: `avc1`, `mp4a`, …
    pub(super) fourcc: [u8; 4],
    /// Width and height by the sample description, for pictures.
    pub(super) size_px: (u32, u32),
    /// `hvcC` of a picture track in HEVC, without its header.
    pub(super) hvcc: Option<Vec<u8>>,
    /// `esds` of a sound track, without its header.
    pub(super) esds: Option<Vec<u8>>,
    /// Colour tags of a `colr` box: primaries, transfer, matrix, full range.
    pub(super) colr: Option<(u8, u8, u8, bool)>,
    /// The whole `trak` box within the index.
    pub(super) span: Range<usize>,
}

/// Why an index cannot be used.
pub(super) type Fault = &'static str;

/// Reads the facts of all tracks from the whole `moov` box (header included).
pub(super) fn tracks(moov: &[u8], body: Range<usize>) -> Result<Vec<TrackFacts>, Fault> {
    let mut found = Vec::new();
    for (kind, span, trak) in children(moov, body) {
        if kind == *b"trak" {
            found.push(track(moov, span, trak).ok_or("a track of its index is incomplete")?);
        }
    }
    Ok(found)
}

fn track(moov: &[u8], span: Range<usize>, trak: Range<usize>) -> Option<TrackFacts> {
    let tkhd = child(moov, trak.clone(), *b"tkhd")?;
    let id_at = if *moov.get(tkhd.start)? == 1 { tkhd.start + 20 } else { tkhd.start + 12 };
    let mdia = child(moov, trak, *b"mdia")?;
    let hdlr = child(moov, mdia.clone(), *b"hdlr")?;
    let stbl = descend(moov, mdia, &[b"minf", b"stbl"])?;
    let stsd = child(moov, stbl, *b"stsd")?;
    let (fourcc, _, entry) = children(moov, stsd.start + 8..stsd.end).next()?;
    let handler = four(moov, hdlr.start + 8)?;
    let mut facts = TrackFacts {
        id: u32_at(moov, id_at)?,
        handler,
        fourcc,
        size_px: (0, 0),
        hvcc: None,
        esds: None,
        colr: None,
        span,
    };
    match &handler {
        b"vide" => {
            facts.size_px = (u32::from(u16_at(moov, entry.start + 24)?), u32::from(u16_at(moov, entry.start + 26)?));
            let extensions = entry.start + 78..entry.end;
            facts.hvcc = child(moov, extensions.clone(), *b"hvcC").and_then(|at| moov.get(at)).map(<[u8]>::to_vec);
            facts.colr = child(moov, extensions, *b"colr").and_then(|at| colr(moov.get(at)?));
        }
        b"soun" => facts.esds = esds(moov, entry).map(<[u8]>::to_vec),
        _ => {}
    }
    Some(facts)
}

/// Finds the `esds` of a sound description: directly, or within `wave` (as in a MOV), behind the longer heads of versions 1 and 2.
fn esds(moov: &[u8], entry: Range<usize>) -> Option<&[u8]> {
    let head = match u16_at(moov, entry.start + 8)? {
        1 => 28 + 16,
        2 => 28 + 36,
        _ => 28,
    };
    let within = entry.start + head..entry.end;
    let at = child(moov, within.clone(), *b"esds").or_else(|| descend(moov, within, &[b"wave", b"esds"]))?;
    moov.get(at.start + 4..at.end)
}

fn colr(body: &[u8]) -> Option<(u8, u8, u8, bool)> {
    let kind = four(body, 0)?;
    if !matches!(&kind, b"nclx" | b"nclc") {
        return None;
    }
    let tag = |at| u16_at(body, at).and_then(|tag| u8::try_from(tag).ok());
    let full = kind == *b"nclx" && body.get(10).is_some_and(|byte| byte & 0x80 != 0);
    Some((tag(4)?, tag(6)?, tag(8)?, full))
}

/// The object type and the decoder's configuration of an `esds` body (ISO/IEC 14496-1).
pub(super) fn elementary(esds: &[u8]) -> Option<(u8, Vec<u8>)> {
    let mut at = 0;
    let (mut object, mut config) = (None, Vec::new());
    while let Some((tag, body)) = descriptor(esds, at) {
        at = match tag {
            // The elementary stream: step into it, over its id and optional fields.
            3 => {
                let flags = *esds.get(body.start + 2)?;
                let url = if flags & 0x40 == 0 { 0 } else { 1 + usize::from(*esds.get(body.start + 3)?) };
                body.start + 3 + usize::from(flags & 0x80 != 0) * 2 + url + usize::from(flags & 0x20 != 0) * 2
            }
            4 => {
                object = esds.get(body.start).copied();
                body.start + 13
            }
            5 => {
                config = esds.get(body.clone())?.to_vec();
                body.end
            }
            _ => body.end,
        };
    }
    object.map(|object| (object, config))
}

fn descriptor(bytes: &[u8], at: usize) -> Option<(u8, Range<usize>)> {
    let tag = *bytes.get(at)?;
    let (mut len, mut body) = (0_usize, at + 1);
    for _ in 0..4 {
        let byte = *bytes.get(body)?;
        body += 1;
        len = (len << 7) | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some((tag, body..body.checked_add(len)?.min(bytes.len())))
}

/// The usual name of a video codec.
pub(super) fn video_name(fourcc: [u8; 4]) -> String {
    match &fourcc {
        b"avc1" | b"avc2" | b"avc3" | b"avc4" => "H.264",
        b"hvc1" | b"hev1" | b"hvc2" | b"hev2" => "HEVC",
        b"dvh1" | b"dvhe" | b"dva1" | b"dvav" => "Dolby Vision",
        b"vvc1" | b"vvi1" => "VVC",
        b"av01" => "AV1",
        b"vp08" => "VP8",
        b"vp09" => "VP9",
        b"mp4v" => "MPEG-4 Part 2",
        b"apch" | b"apcn" | b"apcs" | b"apco" | b"ap4h" | b"ap4x" => "ProRes",
        b"jpeg" | b"mjpa" | b"mjpb" => "Motion JPEG",
        b"s263" | b"h263" => "H.263",
        b"encv" => "encrypted video",
        _ => return four_text(fourcc),
    }
    .to_owned()
}

/// The usual name of a sound codec.
pub(super) fn audio_name(fourcc: [u8; 4], object: Option<u8>) -> String {
    match (&fourcc, object) {
        (b"mp4a", None | Some(0x40 | 0x66..=0x68)) => "AAC",
        (b"mp4a", Some(0x69 | 0x6b)) | (b".mp3", _) => "MP3",
        (b"mp4a", Some(0xa5)) | (b"ac-3", _) => "AC-3",
        (b"ec-3", _) => "E-AC-3",
        (b"mp4a", Some(_)) => "MPEG-4 sound",
        (b"Opus", _) => "Opus",
        (b"alac", _) => "ALAC",
        (b"fLaC", _) => "FLAC",
        (b"samr" | b"sawb", _) => "AMR",
        (b"sowt" | b"twos" | b"lpcm" | b"ipcm" | b"fpcm" | b"in24" | b"in32" | b"fl32" | b"fl64" | b"raw ", _) => "PCM",
        (b"ulaw" | b"alaw", _) => "G.711",
        (b"enca", _) => "encrypted sound",
        _ => return four_text(fourcc),
    }
    .to_owned()
}

fn four_text(fourcc: [u8; 4]) -> String {
    let text: String = fourcc.iter().map(|b| if b.is_ascii_graphic() { char::from(*b) } else { '.' }).collect();
    format!("codec “{text}”")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_of_aac_is_found_behind_long_and_short_lengths() {
        let short = [3, 25, 0, 1, 0, 4, 17, 0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 2, 0x11, 0x90, 6, 1, 2];
        assert_eq!(elementary(&short), Some((0x40, vec![0x11, 0x90])));
        let long = [
            3, 0x80, 0x80, 0x80, 34, 0, 1, 0, 4, 0x80, 0x80, 0x80, 20, 0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5,
            0x80, 0x80, 0x80, 2, 0x12, 0x10,
        ];
        assert_eq!(elementary(&long), Some((0x40, vec![0x12, 0x10])));
        assert_eq!(elementary(&[]), None);
    }

    #[test]
    fn codecs_are_named_as_people_know_them() {
        assert_eq!(video_name(*b"hvc1"), "HEVC");
        assert_eq!(video_name(*b"x\0yz"), "codec “x.yz”");
        assert_eq!(audio_name(*b"mp4a", Some(0x6b)), "MP3");
        assert_eq!(audio_name(*b"mp4a", Some(0x40)), "AAC");
    }
}
