//! Readers whose decoder dies, and readers that rest.

use super::*;
use crate::media::decode::VideoDecoder;

/// Panics at its third sample, or when it is flushed.
struct Unlucky {
    left: usize,
}

impl VideoDecoder for Unlucky {
    fn decode(&mut self, _: &[u8], pts_us: i64, out: &mut Vec<Frame>) -> Result<(), Fault> {
        self.left = self.left.checked_sub(1).expect("no samples left");
        let mut frame = Frame::filled(96, 64, [16, 128, 128]);
        frame.pts_us = pts_us;
        out.push(frame);
        Ok(())
    }

    fn flush(&mut self, _: &mut Vec<Frame>) {
        panic!("nothing to flush");
    }
}

fn reader(name: &str) -> ClipReader {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/media/streams");
    ClipReader::open(&folder.join(name)).unwrap()
}

fn count(reader: &mut ClipReader) -> Result<usize, MediaError> {
    let mut count = 0;
    while reader.next_frame()?.is_some() {
        count += 1;
    }
    Ok(count)
}

#[test]
fn a_decoder_that_panics_is_replaced_by_the_thorough_one_and_that_one_is_an_error() {
    for left in [2, 1_000] {
        let with = |which: Which| {
            let mut reader = reader("baseline.mp4");
            reader.which = which;
            reader.decoder = Some(Guarded::of(which, Box::new(Unlucky { left })));
            reader
        };
        let err = count(&mut with(Which::Thorough)).unwrap_err();
        assert!(matches!(err, MediaError::Internal { stage: STAGE, .. }), "{err}");
    }
    let mut replaced = reader("baseline.mp4");
    replaced.decoder = Some(Guarded::of(Which::Fast, Box::new(Unlucky { left: 2 })));
    assert_eq!(count(&mut replaced), Ok(30));
    assert!(!replaced.is_fast());
}

#[test]
fn a_reader_that_rested_goes_on_where_it_was() {
    for name in ["bframes.mp4", "opengop.mp4", "interlaced.mp4", "cut.mp4"] {
        let mut whole = reader(name);
        let expected: Vec<Frame> = std::iter::from_fn(|| whole.next_frame().unwrap()).collect();
        assert!(whole.decoder.is_none(), "nothing is held behind the last picture");
        let mut resting = reader(name);
        resting.rest();
        for (at, expected) in expected.iter().enumerate() {
            assert_eq!(resting.next_frame().unwrap().as_ref(), Some(expected), "{name}, picture {at}");
            if at % 4 == 1 {
                resting.rest();
            }
        }
        assert_eq!(resting.next_frame(), Ok(None), "{name}");
        resting.seek_exact(500).unwrap();
        resting.rest();
        let shown = expected.iter().rfind(|frame| frame.pts_us <= 500_000);
        assert_eq!(resting.next_frame().unwrap().as_ref(), shown, "{name}: a seek is kept");
    }
}
