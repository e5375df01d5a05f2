//! Text to speech: with a program in the place of the system's voice, and without one. The sandbox's own contract; no code of the client.

use serde_json::{Value, json};
use viseme::sandbox::SandboxConfig;

use crate::support::{CREATE, Client, create_body, http, identify_demo};

const SPEAK: &str = "/v1/audio/tts";

fn body() -> Value {
    json!({"text": "This is spoken by this machine itself.", "voice_id": "any-id", "voice_language": "en", "voice_speed": 1.0})
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_text_becomes_a_voice_that_a_create_takes_and_the_account_books() {
    let wav = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/voice.wav");
    let folder = tempfile::tempdir().unwrap();
    crate::system_voice::install(folder.path(), &wav);
    let programs = Some(folder.path().as_os_str().to_owned());
    let client = Client::with(SandboxConfig { programs, ..SandboxConfig::default() }).await;
    for prefix in ["", "/kling"] {
        let data = client.post(&format!("{prefix}{SPEAK}"), &body()).await.data();
        assert_eq!((&data["task_status"], &data["final_unit_deduction"]), (&json!("succeed"), &json!("0.05")));
        let audio = &data["task_result"]["audios"][0];
        let seconds: f64 = audio["duration"].as_str().unwrap().parse().unwrap();
        let fetched = http().get(audio["url"].as_str().unwrap()).send().await.unwrap();
        assert_eq!(fetched.headers()["content-type"], "audio/wav");
        assert_eq!(fetched.bytes().await.unwrap(), std::fs::read(&wav).unwrap(), "it can be heard, without the key");
        if prefix.is_empty() {
            let session = identify_demo(&client).await;
            let mut create = create_body(&session);
            let face = &mut create["face_choose"][0];
            face.as_object_mut().unwrap().remove("sound_file");
            face["audio_id"] = audio["id"].clone();
            face["sound_end_time"] = json!((seconds.min(3.0) * 1000.0) as i64);
            client.post(CREATE, &create).await.data();
        }
        let ever = json!({"start_time": 0, "end_time": 4_102_444_800_000_i64});
        let booked = client.post("/account/billing/package", &ever).await.data();
        let rows = booked["result"]["detail"].as_array().unwrap();
        let row = rows.iter().find(|row| row["task_id"] == data["task_id"]).unwrap();
        assert_eq!((&row["product_function"], &row["deduction_amount"]), (&json!("Text to Speech"), &json!(0.05)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_without_a_voice_says_so_and_books_nothing() {
    let programs = Some("/nonexistent".into());
    let client = Client::with(SandboxConfig { programs, ..SandboxConfig::default() }).await;
    if cfg!(target_os = "linux") {
        client.post(SPEAK, &body()).await.refused(404, 1203, "install espeak-ng");
    }
    for (field, value, code) in
        [("text", json!("x".repeat(1_001)), 1201), ("voice_id", json!(null), 1200), ("voice_speed", json!(0.7), 1201)]
    {
        let mut body = body();
        body[field] = value;
        client.post(SPEAK, &body).await.refused(400, code, field);
    }
    let ever = json!({"start_time": 0, "end_time": 4_102_444_800_000_i64});
    let booked = client.post("/account/billing/package", &ever).await.data();
    assert_eq!(booked["result"]["count"], 0);
}
