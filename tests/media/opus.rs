//! Opus in Ogg, as messengers and browsers record it. What is expected is the sound that was encoded (by ffmpeg, with libopus).

use std::path::{Path, PathBuf};

use viseme::media::sound::RATE_HZ;
use viseme::media::{Job, Sound, probe_voice, read_voice};

fn media(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media").join(name)
}

fn read(name: &str) -> Sound {
    read_voice(&media(name), &Job::new()).unwrap()
}

/// Periods a second of one channel.
fn pitch_hz(sound: &Sound, channel: usize) -> usize {
    let heard: Vec<f32> = sound.samples().iter().skip(channel).step_by(2).copied().collect();
    let middle = &heard[RATE_HZ as usize / 10..RATE_HZ as usize / 2];
    let periods = middle.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
    periods * 10 / 4
}

/// How alike two sounds are where one begins `lag` frames later, from -1 to 1.
fn likeness(one: &[f32], other: &[f32], lag: usize) -> f32 {
    let pairs = || one.iter().zip(&other[lag..]);
    let sum = |product: fn((&f32, &f32)) -> f32| pairs().map(product).sum::<f32>();
    sum(|(a, b)| a * b) / (sum(|(a, _)| a * a) * sum(|(_, b)| b * b)).sqrt()
}

#[test]
fn speech_is_what_was_encoded_and_begins_and_ends_where_it_did() {
    let probe = probe_voice(&media("streams/opus_voice.opus"), &Job::new()).unwrap();
    assert_eq!((probe.format.as_str(), probe.sample_rate_hz, probe.channels), ("ogg", RATE_HZ, 1));
    assert_eq!(probe.duration_ms, 3_000, "without what the encoder adds at both ends");
    let (heard, said) = (read("streams/opus_voice.opus").mono(), read("voice.wav").mono());
    assert_eq!(heard.len(), 3 * RATE_HZ as usize);
    // 16 kbit/s leave the shape of the wave; anywhere else it is another.
    let at_place = likeness(&heard, &said, 0);
    assert!(at_place > 0.9, "{at_place}");
    assert!(likeness(&heard, &said, 480) < 0.5, "10 ms later");
}

#[test]
fn both_channels_stay_where_they_were() {
    let sound = read("streams/opus_stereo.ogg");
    assert_eq!(sound.duration_ms(), 600);
    assert!(pitch_hz(&sound, 0).abs_diff(440) <= 5, "left: {} Hz", pitch_hz(&sound, 0));
    assert!(pitch_hz(&sound, 1).abs_diff(880) <= 5, "right: {} Hz", pitch_hz(&sound, 1));
}
