//! How fast clips and voices are read and written: decode, encode, sound, and the small things of every picture.
//!
//! `cargo bench --bench media`. Pin it to two cores (`taskset -c 0,1`) to compare with the speeds in the docs.

#![allow(clippy::unwrap_used, missing_docs)]

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use divan::Bencher;
use divan::counter::ItemsCount;
use viseme::media::scale::scaled_down;
use viseme::media::sound::mix;
use viseme::media::{ClipReader, Frame, Job, Movie, Mp4Writer, Sound, VideoFormat, Waveform, probe_clip, read_voice};
use viseme::model::Placement;

fn main() {
    divan::main();
}

fn asset(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo").join(name)
}

fn demo() -> Arc<Movie> {
    Arc::new(Movie::open(&asset("duo.mp4")).unwrap())
}

fn pictures(count: usize) -> Vec<Frame> {
    let mut reader = ClipReader::of(demo()).unwrap();
    std::iter::from_fn(|| reader.next_frame().unwrap()).take(count).collect()
}

#[divan::bench]
fn probe() {
    divan::black_box(probe_clip(&asset("duo.mp4")).unwrap());
}

/// 9 s of 720p25; the counter is pictures a second.
#[divan::bench(args = ["fast", "thorough"], sample_count = 5)]
fn decode_720p(bencher: Bencher, decoder: &str) {
    let movie = demo();
    bencher.counter(ItemsCount::new(225_u32)).bench_local(|| {
        let movie = Arc::clone(&movie);
        let opened = if decoder == "fast" { ClipReader::of(movie) } else { ClipReader::thorough(movie) };
        let mut reader = opened.unwrap();
        let mut count = 0;
        while reader.next_frame().unwrap().is_some() {
            count += 1;
        }
        assert_eq!(count, 225);
    });
}

/// 10 s of 720p25 with one keyframe.
fn one_keyframe() -> Arc<Movie> {
    static CLIP: OnceLock<(tempfile::TempDir, Arc<Movie>)> = OnceLock::new();
    let (_, movie) = CLIP.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("long.mp4");
        let format = VideoFormat::from(ClipReader::of(demo()).unwrap().info());
        let mut writer = Mp4Writer::create(&path, format, None).unwrap().keyframe_every(250);
        for (at, mut frame) in pictures(225).into_iter().cycle().take(250).enumerate() {
            frame.pts_us = at as i64 * 40_000;
            writer.write_frame(&frame).unwrap();
        }
        writer.finish(10_000_000).unwrap();
        let movie = Arc::new(Movie::open(&path).unwrap());
        (dir, movie)
    });
    Arc::clone(movie)
}

/// An exact seek to this picture after the only keyframe; the counter is pictures a second.
#[divan::bench(args = [25, 125, 249], sample_count = 5)]
fn seek_exactly_720p(bencher: Bencher, picture: i64) {
    let mut reader = ClipReader::of(one_keyframe()).unwrap();
    bencher.counter(ItemsCount::new(picture as u64 + 1)).bench_local(|| {
        reader.seek_exact(picture * 40).unwrap();
        reader.next_frame().unwrap().unwrap()
    });
}

/// Two seconds of 720p25 with sound, written to a file; the counter is pictures a second.
#[divan::bench(sample_count = 5)]
fn encode_720p(bencher: Bencher) {
    let frames = pictures(50);
    let info = ClipReader::of(demo()).unwrap().info();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.mp4");
    bencher.counter(ItemsCount::new(50_u32)).bench_local(|| {
        let mut writer = Mp4Writer::create(&path, VideoFormat::from(info), Some(Sound::silence(2_000))).unwrap();
        for frame in &frames {
            writer.write_frame(frame).unwrap();
        }
        writer.finish(2_000_000).unwrap()
    });
}

/// 8 s of speech; the counter is seconds of sound a second.
#[divan::bench]
fn read_mp3(bencher: Bencher) {
    bencher.counter(ItemsCount::new(8_u32)).bench_local(|| read_voice(&asset("voice.mp3"), &Job::new()).unwrap());
}

#[divan::bench]
fn mix_60_s(bencher: Bencher) {
    let (own, voice) = (Sound::silence(60_000), Sound::silence(40_000));
    let placement = Placement {
        sound_start_time: 1_000,
        sound_end_time: 39_000,
        sound_insert_time: 2_000,
        sound_volume: Some(1.5),
        original_audio_volume: Some(0.5),
    };
    bencher.bench_local(|| mix(Some(&own), &voice, &placement, 60_000));
}

#[divan::bench]
fn waveform_60_s(bencher: Bencher) {
    let sound = Sound::silence(60_000);
    bencher.bench_local(|| Waveform::of(&sound));
}

#[divan::bench]
fn draw_waveform_1000_columns(bencher: Bencher) {
    let waveform = Waveform::of(&Sound::silence(60_000));
    bencher.bench_local(|| waveform.peaks(0..60_000, 1_000));
}

#[divan::bench]
fn rgba_720p(bencher: Bencher) {
    let frame = pictures(1).remove(0);
    let mut rgba = vec![0; 1280 * 720 * 4];
    bencher.bench_local(|| frame.write_rgba(&mut rgba).unwrap());
}

#[divan::bench]
fn thumb_of_720p(bencher: Bencher) {
    let frame = pictures(1).remove(0);
    bencher.bench_local(|| scaled_down(&frame, 160).unwrap());
}
