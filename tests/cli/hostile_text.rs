//! Text from a service that a terminal would obey, and answers without measure.

use serde_json::{Value, json};

use crate::program::{Program, run_against};
use crate::scripted::{Answer, Scripted, files, kling_script, ok, refusal};

/// Sets a terminal's title, rings, clears with a C1 code, and turns the direction of writing.
const EVIL: &str = "x\u{1b}]0;title\u{7}\u{9b}2J\r\u{202e}gpj\u{2066}";

fn is_inert(text: &str) -> bool {
    !text.chars().any(|letter| {
        letter.is_control() && letter != '\n'
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

/// Every text of a value with the evil behind it, but for the words and addresses that a client needs to go on.
fn poisoned(value: Value) -> Value {
    match value {
        Value::String(text) if text.starts_with("http") => format!("{text}#{EVIL}").into(),
        Value::String(text) if matches!(text.as_str(), "succeed" | "processing" | "submitted" | "failed") => {
            text.into()
        }
        Value::String(text) => format!("{text}{EVIL}").into(),
        Value::Array(items) => items.into_iter().map(poisoned).collect(),
        Value::Object(fields) => {
            let mut fields: serde_json::Map<String, Value> =
                fields.into_iter().map(|(name, held)| (name, poisoned(held))).collect();
            fields.insert(format!("more{EVIL}"), EVIL.into());
            Value::Object(fields)
        }
        other => other,
    }
}

#[test]
fn nothing_that_a_terminal_would_obey_reaches_stdout_or_stderr() {
    let service = Scripted::start(|request, before, base| {
        if let Some(answer) = files(request) {
            return answer;
        }
        match kling_script(request, before, base) {
            Answer::Body(status, kind, body) if kind == "application/json" => {
                let value = poisoned(serde_json::from_slice(&body).unwrap());
                Answer::Body(status, kind, value.to_string().into_bytes())
            }
            other => other,
        }
    });
    let program = Program::new();
    let ended = run_against(&program, &service.url(), "kling", &[]);
    assert!(ended.stderr.contains("title"), "the text itself is shown: {ended:?}");
    assert!(is_inert(&ended.stderr) && is_inert(&ended.stdout), "{:?}\n{:?}", ended.stderr, ended.stdout);
    for (message, with_json) in [(true, false), (false, false), (true, true)] {
        let service = Scripted::start(move |_, _, _| {
            if message {
                return refusal(400, 1201, EVIL);
            }
            let failed =
                json!({"task_id": EVIL, "task_status": "failed", "task_status_msg": EVIL, "external_task_id": EVIL});
            ok(&json!({"code": 0, "request_id": EVIL, "data": failed}))
        });
        let mut arguments = vec!["task", "t-1", "--wait", "--profile", "kling", "--base-url"];
        let url = service.url();
        arguments.push(&url);
        if with_json {
            arguments.push("--json");
        }
        let ended = Program::new().run(&arguments);
        assert!(is_inert(&ended.stderr) && is_inert(&ended.stdout), "{:?}\n{:?}", ended.stderr, ended.stdout);
        assert!(ended.stderr.contains("title"), "{ended:?}");
    }
}

#[test]
fn an_answer_without_measure_brings_a_few_results_and_says_how_many_are_left_out() {
    let service = Scripted::start(|request, before, base| {
        if let Some(answer) = files(request) {
            return answer;
        }
        if request.is_create() || request.is_identify() || request.method == "POST" {
            return kling_script(request, before, base);
        }
        let videos: Vec<Value> =
            (0..300).map(|n| json!({"id": n.to_string(), "url": format!("{base}/{n}/result.mp4")})).collect();
        ok(&json!({"code": 0, "data": {"task_id": "t-1", "task_status": "succeed", "task_result": {"videos": videos}}}))
    });
    let program = Program::new();
    let url = service.url();
    let ended = program.run(&["task", "t-1", "--wait", "--json", "--profile", "kling", "--base-url", &url]).expect(0);
    assert_eq!(ended.json()["videos"].as_array().map(Vec::len), Some(16), "{ended:?}");
    assert_eq!(program.files().len(), 16);
    assert!(ended.stderr.contains("284 more results"), "{ended:?}");
}
