//! What the sandbox refuses once it has read the clip and the voice, each by field and with its arithmetic.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use viseme::model::placement::check_placement;
use viseme::model::rule::first_broken;
use viseme::model::{Interval, Placement, PlacementFacts};

use crate::support::{CLIP, CREATE, Client, IDENTIFY, VOICE, create_body, identify_demo, number, read};

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_of_the_placement_is_refused_by_field_with_its_arithmetic() {
    let client = Client::shared();
    let session = identify_demo(&client).await;
    let (start, end) = (number(&session["face_data"][1]["start_time"]), number(&session["face_data"][1]["end_time"]));
    let cases = [
        (
            json!({"sound_start_time": -1}),
            "sound_start_time: The voice cannot be heard from before its beginning: sound_start_time -1 ms < 0 (R1",
        ),
        (
            json!({"sound_start_time": 4000}),
            "sound_start_time: Nothing of the voice is heard: sound_start_time 4000 ms >= sound_end_time",
        ),
        (json!({"sound_end_time": 60_000}), "sound_end_time: The part that is heard ends"),
        (
            json!({"sound_end_time": 1999}),
            "sound_end_time: Only 1.999 s of the voice are heard, and at least 2 s are needed: 1999 - 0 = 1999 ms < 2000 ms (R2",
        ),
        (
            json!({"sound_insert_time": -1}),
            "sound_insert_time: The voice begins before the clip: sound_insert_time -1 ms < 0 (R4",
        ),
        (
            json!({"sound_insert_time": 5001}),
            "sound_insert_time: The voice ends 1 ms after the clip: 5001 + 4000 = 9001 ms > 9000 ms",
        ),
        (
            json!({"sound_insert_time": end - 1999, "sound_end_time": 2000}),
            "sound_insert_time: The voice starts too late for the face",
        ),
        (
            json!({"sound_insert_time": start - 1, "sound_end_time": 2000}),
            "sound_insert_time: The voice ends too early for the face",
        ),
        (json!({"sound_volume": 2.01}), "sound_volume: A volume goes from 0 to 2: sound_volume 2.01 (R7"),
        (
            json!({"original_audio_volume": -0.1}),
            "original_audio_volume: A volume goes from 0 to 2: original_audio_volume -0.1",
        ),
    ];
    for (change, words) in cases {
        let mut body = create_body(&session);
        for (field, value) in change.as_object().unwrap() {
            body["face_choose"][0][field] = value.clone();
        }
        body["external_task_id"] = json!("refused by a rule");
        client.post(CREATE, &body).await.refused(400, 1201, &format!("face_choose[0].{words}"));
    }
    let mut body = create_body(&session);
    body["face_choose"][0]["face_id"] = json!("nobody");
    client.post(CREATE, &body).await.refused(400, 1201, "face_choose[0].face_id: Session");
    // What is refused makes no task.
    client.get(&format!("{CREATE}/refused%20by%20a%20rule")).await.refused(
        400,
        1201,
        "Task not found by id/external id: refused by a rule",
    );
}

/// Clients that others wrote send the length that ffprobe gives, and ffprobe counts an MP3's delay and padding: 8333 ms here.
#[tokio::test(flavor = "multi_thread")]
async fn a_crop_may_end_in_the_padding_of_an_mp3_and_not_after_it() {
    let client = Client::shared();
    let session = identify_demo(&client).await;
    let mut body = create_body(&session);
    body["face_choose"][0]["face_id"] = session["face_data"][0]["face_id"].clone();
    body["face_choose"][0]["sound_insert_time"] = json!(0);
    body["face_choose"][0]["sound_end_time"] = json!(8_400);
    client.post(CREATE, &body).await.refused(400, 1201, "face_choose[0].sound_end_time: The part that is heard ends");
    body["face_choose"][0]["sound_end_time"] = json!(8_333);
    assert_eq!(client.post(CREATE, &body).await.data()["task_status"], "submitted");
}

/// The sandbox accepts exactly the placements that the rules of the wire contract allow.
#[tokio::test(flavor = "multi_thread")]
async fn a_create_is_accepted_exactly_where_the_rules_hold() {
    let client = Client::shared();
    let session = identify_demo(&client).await;
    let face = &session["face_data"][1];
    let (start, end) = (number(&face["start_time"]), number(&face["end_time"]));
    let voice = viseme::media::probe_voice(VOICE.as_ref(), &viseme::media::Job::new()).unwrap();
    let facts = PlacementFacts {
        voice_ms: Some(voice.duration_ms),
        clip_ms: Some(9_000),
        face: Some(Interval::new(start, end)),
        ..PlacementFacts::default()
    };
    let (mut accepted, mut refused) = (0, 0);
    for (s, e) in [
        (0, 1_999),
        (0, 2_000),
        (0, 4_000),
        (1, 4_000),
        (3_000, 5_000),
        (0, voice.duration_ms),
        (1, voice.duration_ms + 200),
    ] {
        for i in [-1, 0, 1, start - 1, start, end - 4_000, end - 2_000, end - 1_999, 5_000, 5_001, 7_000] {
            let mut body = create_body(&session);
            for (field, value) in [("sound_start_time", s), ("sound_end_time", e), ("sound_insert_time", i)] {
                body["face_choose"][0][field] = json!(value);
            }
            body["external_task_id"] = json!(format!("fail:{s}-{e}-{i}"));
            let placement = Placement {
                sound_start_time: s,
                sound_end_time: e,
                sound_insert_time: i,
                sound_volume: None,
                original_audio_volume: None,
            };
            let answer = client.post(CREATE, &body).await;
            match first_broken(&check_placement(&placement, &facts)) {
                None => {
                    accepted += 1;
                    answer.data();
                }
                Some(broken) => {
                    refused += 1;
                    answer.refused(400, 1201, broken.why().unwrap());
                }
            }
        }
    }
    assert!(accepted > 10 && refused > 10, "{accepted} accepted, {refused} refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn voices_are_refused_by_field_and_by_their_bytes() {
    let client = Client::shared();
    let session = identify_demo(&client).await;
    let with = |field: &str, value: Value| {
        let mut body = create_body(&session);
        body["face_choose"][0].as_object_mut().unwrap().remove("audio_id");
        body["face_choose"][0][field] = value;
        body
    };
    let base64 = |bytes: &[u8]| json!(STANDARD.encode(bytes));
    let text = client.upload("voice.mp3", b"certainly not a voice".to_vec()).await;
    assert!(text.get("audio_id").is_none(), "{text}");
    let large = vec![0; 5_242_881];
    let clip = client.upload_file(CLIP).await;
    let cases = [
        (with("sound_file", base64(b"certainly not a voice")), "sound_file: Audio format is invalid: "),
        (with("sound_file", base64(&large)), "sound_file: 5242881 bytes > 5242880 bytes (5 MB)"),
        (with("sound_file", base64(&wav(1_999))), "sound_file: The voice of 1.999 s is shorter than 2 s (R3"),
        (
            with("sound_file", base64(&wav(60_001))),
            "sound_file: The voice of 60.001 s is longer than 60 s; the whole file",
        ),
        (with("sound_file", text["url"].clone()), "sound_file: Audio format is invalid: "),
        (with("audio_id", json!("unknown")), "audio_id: No voice is called unknown"),
    ];
    for (body, words) in cases {
        client.post(CREATE, &body).await.refused(400, 1201, &format!("face_choose[0].{words}"));
    }
    let no_sound = client.post(CREATE, &with("audio_id", clip["id"].clone())).await;
    no_sound.refused(400, 1201, "is no sound, it is video");
}

/// A WAV of silence, 8 kHz mono.
fn wav(duration_ms: u32) -> Vec<u8> {
    let bytes = duration_ms * 16;
    let mut wav = Vec::from(*b"RIFF");
    wav.extend((36 + bytes).to_le_bytes());
    wav.extend(*b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend(8_000_u32.to_le_bytes());
    wav.extend(16_000_u32.to_le_bytes());
    wav.extend(*b"\x02\0\x10\0data");
    wav.extend(bytes.to_le_bytes());
    wav.resize(44 + bytes as usize, 0);
    wav
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_no_good_clips_are_refused_by_field() {
    let client = Client::shared();
    let good = std::fs::read(CLIP).unwrap();
    let noise: Vec<u8> = (0..100_000_u64).map(|at| (at.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8).collect();
    let mut holed = good.clone();
    let middle = holed.len() / 2;
    holed[middle..middle + 20_000].fill(0xA5);
    let cases: [(&str, Vec<u8>, Option<&str>); 6] = [
        ("text.mp4", b"hello, this is text\n".repeat(50), Some("plain text")),
        ("empty.mp4", Vec::new(), Some("empty")),
        ("noise.mov", noise, Some("")),
        ("truncated.mp4", good[..good.len() / 3].to_vec(), Some("")),
        ("voice.mp4", std::fs::read(VOICE).unwrap(), Some("MP3")),
        // A clip with a hole may be read past it: either answer is right.
        ("holed.mp4", holed, None),
    ];
    for (name, bytes, words) in cases {
        let clip = client.upload(name, bytes).await;
        let answer = client.post(IDENTIFY, &json!({"video_url": clip["url"]})).await;
        if let Some(words) = words {
            answer.refused(400, 1201, words);
        }
        assert!(
            answer.status == StatusCode::OK || answer.message().starts_with("video_url: "),
            "{name}: {}",
            answer.body
        );
        let shown = answer.body.to_string();
        assert!(!shown.contains("viseme-sandbox-"), "{name}: the sandbox's own path is shown: {shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_limit_for_a_clip_is_refused_by_field_and_no_face_is_no_error() {
    let client = Client::shared();
    for (name, words) in [
        ("short_1500ms.mp4", "1.5 s is shorter than 2 s"),
        ("long_61s.mp4", "61 s is longer than 60 s"),
        ("small_360p.mp4", "360 px < 512 px (video.dimensions: "),
        ("wide_2304px.mp4", "2304 px > 2160 px (video.dimensions: "),
        ("mpeg4.mp4", "MPEG-4 Part 2"),
        ("vp8.webm", "WebM"),
    ] {
        let clip = client.upload_file(format!("tests/media/clips/{name}")).await;
        let answer = client.post(IDENTIFY, &json!({"video_url": clip["url"]})).await;
        answer.refused(400, 1201, words);
        assert!(answer.message().starts_with("video_url: "), "{}", answer.message());
    }
    let clip = client.upload_file("tests/media/clips/no_face.mp4").await;
    let session = client.post(IDENTIFY, &json!({"video_url": clip["url"]})).await.data();
    assert_eq!(session["face_data"], json!([]));
    assert!(session["session_id"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn m4a_and_aac_are_accepted_as_documented_and_refused_on_demand() {
    let client = Client::shared();
    let session = identify_demo(&client).await;
    for format in ["m4a", "aac"] {
        let voice = client.upload_file(format!("tests/media/voice.{format}")).await;
        assert_eq!(voice["kind"], "audio", "{voice}");
        let mut body = create_body(&session);
        body["face_choose"][0]["audio_id"] = voice["audio_id"].clone();
        body["face_choose"][0]["sound_end_time"] = json!(3000);
        let refused = client.request(Method::POST, CREATE).header("X-Viseme-Fault", "refuse-m4a");
        let refused = refused.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
        read(refused).await.refused(400, 1201, "audio_id: Audio format is invalid");
        body["external_task_id"] = json!(format!("hang:{format}"));
        assert_eq!(client.post(CREATE, &body).await.data()["task_status"], "submitted");
    }
}
