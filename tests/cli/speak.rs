//! `viseme speak`: paid, written down before it is sent, and never sent again.

use serde_json::json;
use viseme::journal::{Journal, Service, SpeechOutcome};
use viseme::model::Profile;

use crate::program::{KEY, Program};
use crate::scripted::{Answer, Scripted, ok, refusal};

const TEXT: &str = "This text is spoken for about three seconds.";
const VOICE: &[u8] = include_bytes!("../media/voice.wav");

fn service(is_lost: bool) -> Scripted {
    Scripted::start(move |request, _, base| {
        if request.path.ends_with("/voice.wav") {
            return Answer::Body(200, "audio/wav", VOICE.to_vec());
        }
        if request.path != "/v1/audio/tts" {
            return refusal(400, 1201, "Task not found by id/external id: x");
        }
        if is_lost {
            return Answer::Close;
        }
        let audio = json!({"id": "a-1", "url": format!("{base}/voice.wav"), "duration": "2.5"});
        // A service that repeats the key in its answer.
        ok(&json!({"code": 0, "message": "SUCCEED", "data": {"task_id": format!("t-{KEY}"), "task_status": "succeed",
            "task_result": {"audios": [audio]}, "final_unit_deduction": "0.05"}}))
    })
}

fn speak(program: &Program, service: &Scripted, more: &[&str]) -> crate::program::Ended {
    let url = service.url();
    let arguments = ["speak", TEXT, "--voice", "uk_man2", "--profile", "kling", "--base-url", &url];
    program.run(&[&arguments[..], more].concat())
}

fn known(program: &Program, service: &Scripted) -> Vec<viseme::journal::SpeechRecord> {
    let profile = Profile { base_url: service.url(), ..Profile::built_in().swap_remove(2) };
    Journal::open(&program.journal_file()).unwrap().journal.speeches(Some(&Service::of(&profile)), 9).unwrap()
}

#[test]
fn a_text_is_spoken_printed_saved_and_written_down() {
    let (program, service) = (Program::new(), service(false));
    let report = speak(&program, &service, &["--out", "said.wav", "--json"]).expect(0).json();
    assert_eq!((&report["audio_id"], &report["duration_ms"]), (&json!("a-1"), &json!(2_500)), "{report}");
    assert_eq!((&report["estimate"], &report["unit"]), (&json!(0.05), &json!("units")), "{report}");
    assert_eq!(std::fs::read(program.path().join("said.wav")).unwrap(), VOICE);
    let text = speak(&program, &service, &[]).expect(0);
    assert_eq!(text.stdout, "a-1\n", "the id alone, for a script");
    let records = known(&program, &service);
    assert_eq!(records.len(), 2);
    assert!(matches!(&records[0].outcome, SpeechOutcome::Done(spoken) if spoken.audio_id == "a-1"), "{records:?}");
    // The budget of the day counts both.
    let refused = speak(&program, &service, &["--budget", "0.12", "--json"]).expect(2).json();
    assert!(refused["problem"]["message"].as_str().unwrap().contains("0.1"), "{refused}");
    assert_eq!(known(&program, &service).len(), 2);
}

#[test]
fn a_speech_has_no_key_in_the_journal() {
    let (program, service) = (Program::new(), service(false));
    speak(&program, &service, &["--json"]).expect(0);
    let text = format!("A text with {KEY} in it, long enough to be spoken");
    let url = service.url();
    program.run(&["speak", &text, "--voice", "v", "--profile", "kling", "--base-url", &url]).expect(0);
    for file in std::fs::read_dir(program.data.path()).unwrap() {
        let path = file.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        assert!(!bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes()), "{}", path.display());
    }
}

#[test]
fn a_lost_answer_is_5_says_that_it_may_have_been_paid_and_is_not_sent_again() {
    let (program, service) = (Program::new(), service(true));
    let ended = speak(&program, &service, &[]).expect(5);
    assert!(ended.stderr.contains("paid") && ended.stderr.contains("viseme account"), "{ended:?}");
    let sent = service.seen().iter().filter(|request| request.path == "/v1/audio/tts").count();
    assert_eq!(sent, 1);
    assert!(matches!(known(&program, &service)[0].outcome, SpeechOutcome::Unknown(_)));
}

#[test]
fn what_is_likely_too_short_is_said_before_it_is_paid() {
    let (program, service) = (Program::new(), service(false));
    let url = service.url();
    let short = ["speak", "Yes", "--voice", "v", "--profile", "kling", "--base-url", &url];
    let ended = program.run(&short).expect(2);
    assert!(ended.stderr.contains("2 s and more") && ended.stderr.contains("--send-anyway"), "{ended:?}");
    assert!(service.seen().is_empty(), "nothing was sent");
    program.run(&[&short[..], &["--send-anyway"]].concat()).expect(0);
    for (arguments, words) in [
        (&["speak", "x", "--voice", "v", "--speed", "3"][..], "is not a speed"),
        (&["speak", "x", "--voice", "v", "--language", "de"][..], "zh or en"),
        (&["speak", TEXT, "--voice", "v", "--profile", "vtrix"][..], "speaks no texts"),
    ] {
        let ended = program.run(arguments);
        assert!(ended.code == 2 && ended.stderr.contains(words), "{ended:?}");
    }
}

#[test]
fn the_sandbox_of_the_command_speaks_or_says_why_not() {
    let program = Program::new();
    let mut command = program.command(&["speak", TEXT, "--voice", "v", "--json"]);
    command.env("PATH", "/nonexistent");
    let report = crate::program::finish(command).json();
    if cfg!(target_os = "linux") {
        assert_eq!(report["problem"]["code"], 1203, "{report}");
        assert!(report["problem"]["message"].as_str().unwrap().contains("install espeak-ng"), "{report}");
    }
}

#[test]
fn what_was_spoken_is_listed_with_the_ids_by_which_it_is_used_again() {
    let (program, service) = (Program::new(), service(false));
    assert!(program.run(&["speak", "--list"]).expect(0).stderr.contains("Nothing was spoken yet"));
    speak(&program, &service, &[]).expect(0);
    let sent = service.seen().len();
    let listed = program.run(&["speak", "--list", "--json"]).expect(0).json();
    let [row] = &listed["speeches"].as_array().unwrap()[..] else { panic!("{listed}") };
    assert_eq!((&row["audio_id"], &row["text"]), (&json!("a-1"), &json!(TEXT)), "{row}");
    assert_eq!((&row["voice_id"], &row["state"]), (&json!("uk_man2"), &json!("spoken")), "{row}");
    let life_ms = row["usable_until_ms"].as_i64().unwrap() - row["begun_ms"].as_i64().unwrap();
    assert_eq!(life_ms, 30 * 24 * 3_600_000);
    let text = program.run(&["speak", "--list"]).expect(0).stdout;
    assert!(text.contains("\ta-1\t") && text.contains(TEXT), "{text}");
    assert_eq!(program.run(&["speak", "--list", "--profile", "ezmodel"]).expect(0).stdout, "", "of that service alone");
    assert_eq!(service.seen().len(), sent, "nothing is sent");
    program.run(&["speak", TEXT]).expect(2);
}
