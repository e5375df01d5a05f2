//! Bodies and paths, field by field, against the vendor documents.

use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::model::{AuthKind, ClipSource, MouthBox, Placement, ProblemKind, Purse, Speech, Submission, VoiceSource};

fn profile(dialect: Dialect, path_prefix: &str) -> Profile {
    Profile {
        name: "test".into(),
        dialect,
        base_url: "https://host".into(),
        path_prefix: path_prefix.into(),
        auth: AuthKind::KeyOrSigned,
        knows_names: false,
        https_only: false,
        allow_private: false,
        extra_body: Map::new(),
        poll_interval_ms: 1_000,
        poll_limit_ms: 60_000,
    }
}

fn submission() -> Submission {
    Submission {
        session_id: "session_abc123".into(),
        face_id: "face_001".into(),
        voice: VoiceSource::Url("https://example.com/audio.mp3".into()),
        placement: Placement {
            sound_start_time: 0,
            sound_end_time: 5_000,
            sound_insert_time: 0,
            sound_volume: Some(1.0),
            original_audio_volume: Some(0.5),
        },
        external_task_id: "mine-1".into(),
        callback_url: None,
        watermark: None,
        mouth_box: None,
    }
}

fn body_of(call: &Call) -> Value {
    serde_json::from_str(&call.body.as_ref().unwrap().text_with("QkFTRTY0")).unwrap()
}

#[test]
fn identify_sends_one_field() {
    let kling = profile(Dialect::Kling, "/kling");
    let call = identify(&kling, &ClipSource::Url("https://example.com/video.mp4".into())).unwrap();
    assert_eq!((call.method, call.target.as_str()), (Method::Post, "/kling/v1/videos/identify-face"));
    assert_eq!(body_of(&call), json!({ "video_url": "https://example.com/video.mp4" }));
    let official = profile(Dialect::Kling, "");
    let call = identify(&official, &ClipSource::VideoId("v-1".into())).unwrap();
    assert_eq!(call.target, "/v1/videos/identify-face");
    assert_eq!(body_of(&call), json!({ "video_id": "v-1" }));
}

#[test]
fn identify_in_kirin_is_wrapped() {
    let call = identify(&profile(Dialect::Kirin, ""), &ClipSource::VideoId("v-1".into())).unwrap();
    assert_eq!(call.target, "/model/v1/generation");
    assert_eq!(
        body_of(&call),
        json!({ "model": "kirin_identify_face", "input": [{ "params": { "video_id": "v-1" } }] })
    );
    let poll = identify_poll(&profile(Dialect::Kirin, ""), "a/b?c").unwrap();
    assert_eq!((poll.method, poll.target.as_str()), (Method::Get, "/model/v1/generation/task/a%2Fb%3Fc"));
}

#[test]
fn a_local_clip_is_refused_with_a_way_out() {
    let problem = identify(&profile(Dialect::Kling, ""), &ClipSource::File("/clips/a.mp4".into())).unwrap_err();
    assert_eq!((problem.kind, problem.rule.as_deref()), (ProblemKind::Usage, Some("video.source")));
    assert!(problem.message.contains("/clips/a.mp4") && problem.hint.unwrap().contains("sandbox"));
    assert!(identify(&profile(Dialect::Kling, ""), &ClipSource::Url(" ".into())).is_err());
}

#[test]
fn create_is_the_documents_example() {
    let call = create(&profile(Dialect::Kling, "/kling"), &submission()).unwrap();
    assert_eq!(call.target, "/kling/v1/videos/advanced-lip-sync");
    let expected = r#"{"session_id":"session_abc123","face_choose":[{"face_id":"face_001","sound_file":"https://example.com/audio.mp3","sound_start_time":0,"sound_end_time":5000,"sound_insert_time":0,"sound_volume":1.0,"original_audio_volume":0.5}],"external_task_id":"mine-1"}"#;
    assert_eq!(call.body.unwrap().text_with(""), expected);
}

#[test]
fn absent_fields_are_left_out() {
    let bare = Submission {
        voice: VoiceSource::AudioId("a-1".into()),
        placement: Placement { sound_volume: None, original_audio_volume: None, ..submission().placement },
        external_task_id: String::new(),
        callback_url: Some(" ".into()),
        ..submission()
    };
    let expected = json!({
        "session_id": "session_abc123",
        "face_choose": [{ "face_id": "face_001", "audio_id": "a-1", "sound_start_time": 0, "sound_end_time": 5000, "sound_insert_time": 0 }],
    });
    assert_eq!(body_of(&create(&profile(Dialect::Kling, ""), &bare).unwrap()), expected);
}

#[test]
fn kirin_carries_the_same_fields_in_params() {
    let full = Submission { callback_url: Some("https://me/hook".into()), watermark: Some(true), ..submission() };
    let body = body_of(&create(&profile(Dialect::Kirin, "/ignored"), &full).unwrap());
    assert_eq!(body["model"], "kirin_lipsync");
    let params = &body["input"][0]["params"];
    assert_eq!(params["face_choose"][0]["sound_end_time"], 5_000);
    assert_eq!((&params["callback_url"], &params["external_task_id"]), (&json!("https://me/hook"), &json!("mine-1")));
    assert!(params.get("watermark_info").is_none());
}

#[test]
fn watermark_info_goes_to_the_official_api_only() {
    let marked = Submission { watermark: Some(false), ..submission() };
    let official = body_of(&create(&profile(Dialect::Kling, ""), &marked).unwrap());
    assert_eq!(official["watermark_info"], json!({ "enabled": false }));
    let gateway = body_of(&create(&profile(Dialect::Kling, "/kling"), &marked).unwrap());
    assert!(gateway.get("watermark_info").is_none());
}

#[test]
fn the_mouth_box_goes_to_the_sandbox_only() {
    let mouth = MouthBox::of([0.02, 0.3, 0.4, 0.12]);
    let placed = Submission { mouth_box: Some(mouth), ..submission() };
    let sandbox = Profile::built_in().into_iter().find(Profile::is_sandbox).unwrap();
    let sent = body_of(&create(&sandbox, &placed).unwrap());
    assert_eq!(
        sent["face_choose"][0]["viseme_mouth_box"],
        json!({ "u": 0.02, "v": 0.3, "width": 0.4, "height": 0.12 })
    );
    let own = [profile(Dialect::Kling, ""), profile(Dialect::Kling, "/kling"), profile(Dialect::Kirin, "")];
    let real = Profile::built_in().into_iter().filter(|profile| !profile.is_sandbox()).chain(own);
    for service in real {
        let body = create(&service, &placed).unwrap().body.unwrap().text_with("");
        let without = create(&service, &submission()).unwrap().body.unwrap().text_with("");
        assert_eq!(body, without, "{} is sent a field that it does not know", service.name);
    }
}

#[test]
fn a_data_url_is_sent_bare_and_a_file_is_streamed() {
    let inline = Submission { voice: VoiceSource::Url("data:audio/mpeg;base64,SUQz".into()), ..submission() };
    let body = body_of(&create(&profile(Dialect::Kling, ""), &inline).unwrap());
    assert_eq!(body["face_choose"][0]["sound_file"], "SUQz");
    let local = Submission { voice: VoiceSource::File(PathBuf::from("/v.wav")), ..submission() };
    for dialect in [Dialect::Kling, Dialect::Kirin] {
        let call = create(&profile(dialect, ""), &local).unwrap();
        assert_eq!(call.body.as_ref().unwrap().file(), Some(std::path::Path::new("/v.wav")));
        assert!(body_of(&call).to_string().contains(r#""sound_file":"QkFTRTY0""#));
        assert!(!body_of(&call).to_string().contains("audio_id"));
    }
}

#[test]
fn extra_fields_are_added_and_never_replace_ours() {
    let mut gateway = profile(Dialect::Kling, "/klingai");
    gateway.extra_body.insert("model_name".into(), "kling-v1".into());
    gateway.extra_body.insert("session_id".into(), "not-this".into());
    let body = body_of(&create(&gateway, &submission()).unwrap());
    assert_eq!((&body["model_name"], &body["session_id"]), (&json!("kling-v1"), &json!("session_abc123")));
    gateway.dialect = Dialect::Kirin;
    gateway.extra_body.insert("model".into(), "other".into());
    let body = body_of(&identify(&gateway, &ClipSource::VideoId("v".into())).unwrap());
    assert_eq!((&body["model"], &body["model_name"]), (&json!("kirin_identify_face"), &json!("kling-v1")));
}

#[test]
fn a_volume_that_is_no_number_is_never_sent_as_null() {
    let mut bad = submission();
    bad.placement.sound_volume = Some(f64::NAN);
    assert_eq!(create(&profile(Dialect::Kling, ""), &bad).unwrap_err().rule.as_deref(), Some("R7"));
}

#[test]
fn the_list_has_limits_and_one_dialect() {
    let official = profile(Dialect::Kling, "");
    assert_eq!(list(&official, 1, 30).unwrap().target, "/v1/videos/advanced-lip-sync?pageNum=1&pageSize=30");
    assert!(list(&official, 1000, 500).is_ok());
    for (page, size) in [(0, 30), (1001, 30), (1, 0), (1, 501)] {
        assert_eq!(list(&official, page, size).unwrap_err().kind, ProblemKind::Usage);
    }
    assert!(list(&profile(Dialect::Kirin, ""), 1, 30).is_err());
}

#[test]
fn a_query_keeps_the_id_whole() {
    assert_eq!(
        query(&profile(Dialect::Kling, "kling/"), "a/b?c").unwrap().target,
        "/kling/v1/videos/advanced-lip-sync/a%2Fb%3Fc"
    );
    assert_eq!(query(&profile(Dialect::Kirin, "/kling"), "t").unwrap().target, "/model/v1/generation/task/t");
    assert!(query(&profile(Dialect::Kling, ""), "..").is_err());
    assert_eq!(upload("my clip.mp4").unwrap().target, "/media/my%20clip.mp4");
}

proptest! {
    #[test]
    fn every_value_arrives_as_it_was_given(session in ".{0,30}", face in ".{0,30}", external in ".{0,30}", start in any::<i64>(), end in any::<i64>(), insert in any::<i64>(), from_file in any::<bool>(), kirin in any::<bool>()) {
        let voice = if from_file { VoiceSource::File("/v.wav".into()) } else { VoiceSource::AudioId("a".into()) };
        let placement = Placement { sound_start_time: start, sound_end_time: end, sound_insert_time: insert, sound_volume: None, original_audio_volume: None };
        let sent = Submission { session_id: session.clone(), face_id: face.clone(), voice, placement, external_task_id: external.clone(), ..submission() };
        let dialect = if kirin { Dialect::Kirin } else { Dialect::Kling };
        let body = body_of(&create(&profile(dialect, ""), &sent).unwrap());
        let fields = if kirin { &body["input"][0]["params"] } else { &body };
        let choice = &fields["face_choose"][0];
        prop_assert_eq!(fields["session_id"].as_str(), Some(session.as_str()));
        prop_assert_eq!(choice["face_id"].as_str(), Some(face.as_str()));
        prop_assert_eq!(choice["sound_start_time"].as_i64(), Some(start));
        prop_assert_eq!(choice["sound_end_time"].as_i64(), Some(end));
        prop_assert_eq!(choice["sound_insert_time"].as_i64(), Some(insert));
        prop_assert_eq!(choice["sound_file"].as_str(), from_file.then_some("QkFTRTY0"));
        prop_assert_eq!(fields["external_task_id"].as_str(), Some(external.as_str()).filter(|id| !id.is_empty()));
    }
}

#[test]
fn the_account_is_asked_for_a_time_and_then_by_a_cursor() {
    let official = profile(Dialect::Kling, "");
    let call = packages(&official, 1, 2);
    assert_eq!((call.target.as_str(), call.method), ("/account/costs?start_time=1&end_time=2", Method::Get));
    let first = deductions(&official, Purse::Package, &DeductionsPage::Between { start_ms: 1, end_ms: 2 });
    assert_eq!((first.target.as_str(), first.method), ("/account/billing/package", Method::Post));
    assert_eq!(body_of(&first), json!({ "start_time": 1, "end_time": 2, "limit": 500 }));
    let next = deductions(&official, Purse::Balance, &DeductionsPage::Cursor("c/+=".into()));
    assert_eq!((next.target.as_str(), body_of(&next)), ("/account/billing/balance", json!({ "cursor": "c/+=" })));
    assert!(first.operation.is_read(), "it costs nothing, and may be asked again");
}

#[test]
fn a_text_is_spoken_as_the_document_says() {
    let speech =
        Speech { text: " Hello \n".into(), voice_id: "oversea_male1".into(), speed: 1.26, ..Speech::default() };
    let call = speak(&profile(Dialect::Kling, "/kling"), &speech).unwrap();
    assert_eq!((call.target.as_str(), call.method), ("/kling/v1/audio/tts", Method::Post));
    let body = json!({ "text": "Hello", "voice_id": "oversea_male1", "voice_language": "en", "voice_speed": 1.3 });
    assert_eq!(body_of(&call), body);
    assert!(!call.operation.is_read(), "it is paid, and is not sent again by itself");
    let mut gateway = profile(Dialect::Kling, "");
    gateway.extra_body = json!({ "model": "tts-1", "text": "never instead" }).as_object().cloned().unwrap();
    let call = speak(&gateway, &speech).unwrap();
    assert_eq!((&body_of(&call)["model"], &body_of(&call)["text"]), (&json!("tts-1"), &json!("Hello")));
    assert_eq!(speak(&profile(Dialect::Kirin, ""), &speech).unwrap_err().kind, ProblemKind::Usage);
    let long = Speech { text: "a".repeat(1_001), ..speech };
    assert_eq!(speak(&gateway, &long).unwrap_err().kind, ProblemKind::Usage);
}
