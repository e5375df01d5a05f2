//! `viseme account`: against the sandbox, whose book it shows, and against services that say something else.

use serde_json::json;

use crate::program::Program;
use crate::scripted::{Request, Scripted, ok, refusal};

#[test]
fn what_the_sandbox_has_booked_stands_beside_what_was_estimated_here() {
    let program = Program::new();
    let done = program.run(&["demo", "--json"]).expect(0).json();
    let task_id = done["task_id"].as_str().unwrap();
    let report = program.run(&["account", "--json"]).expect(0).json();
    let rows = report["ledger"].as_array().unwrap();
    let of_task: Vec<_> = rows.iter().filter(|row| row["task_id"] == task_id).collect();
    // Once, although the service lists it among units and again in money.
    assert_eq!((of_task.len(), rows.len()), (1, 2), "{report}");
    let row = of_task[0];
    assert_eq!((&row["unit"], &row["product"]), (&json!("units"), &json!("Lip Sync")), "{report}");
    let (amount, estimate) = (row["amount"].as_f64().unwrap(), row["estimate"].as_f64().unwrap());
    assert!((amount - estimate).abs() < 1e-9 && amount > 0.0, "{row}");
    assert_eq!(row["in_money"], json!({"amount": 0.14, "unit": "USD"}), "{row}");
    assert!(row["clip"].as_str().is_some_and(|clip| clip.contains("duo")), "{row}");
    let identify = rows.iter().find(|row| row["product"] == "Identify Face").unwrap();
    assert_eq!((&identify["amount"], &identify["estimate"]), (&json!(0.05), &json!(0.05)), "{report}");
    assert!(report["at_once"].as_u64().is_some() && report["ledger_is_whole"] == true, "{report}");
    assert_eq!((&report["warnings"], &report["problem"]), (&json!([]), &json!(null)), "{report}");
    let text = program.run(&["account", "--days", "1"]).expect(0).stdout;
    assert!(
        text.contains(task_id) && text.contains("1.00 units ($0.14)") && text.contains("estimated 1.00 units"),
        "{text}"
    );
    // Without a journal nothing is estimated, and the ledger is there.
    let report = program.run(&["account", "--no-journal", "--json"]).expect(0).json();
    assert_eq!(report["ledger"], json!([]), "without a journal the sandbox keeps nothing either: {report}");
}

#[test]
fn a_warning_is_said_before_it_is_too_late_and_a_refusal_is_no_silence() {
    let packages = json!({"code": 0, "data": {"code": 0, "msg": "ok", "resource_pack_subscribe_infos": [{
        "resource_pack_name": "Video-5Con-30Days", "total_quantity": 1000, "remaining_quantity": 12.5, "status": "online"}]}});
    let is_costs = |request: &Request| request.path.starts_with("/account/costs?start_time=");
    let service = Scripted::start(move |request, _, _| match request {
        request if is_costs(request) => ok(&packages),
        _ => refusal(403, 1103, "no right to the ledger"),
    });
    let ended = Program::new().run(&["account", "--profile", "kling", "--base-url", &service.url()]);
    assert!(ended.stdout.contains("12.5 of 1000 units left") && ended.stdout.contains("Tasks at once: 5"), "{ended:?}");
    assert!(ended.stderr.contains("warning: 12.5 of 1000 units are left"), "{ended:?}");
    assert!(ended.stderr.contains("no right to the ledger") && ended.code != 0, "{ended:?}");

    let gateway = Scripted::start(|_, _, _| refusal(404, 1203, "no"));
    let ended = Program::new().run(&["account", "--profile", "ezmodel", "--base-url", &gateway.url(), "--json"]);
    assert!(ended.code != 0 && gateway.seen().is_empty(), "{ended:?}");
    let problem = ended.json()["problem"].clone();
    assert!(problem["message"].as_str().unwrap().contains("shows no account"), "{problem}");
}

#[test]
fn the_account_of_a_sandbox_that_another_has_says_that_it_is_not_that() {
    let program = Program::new();
    let first = program.run(&["account"]).expect(0);
    assert!(!first.stderr.contains("Another viseme"), "{first:?}");
    let data = program.data.path().to_str().unwrap().to_owned();
    let mut other = program.command(&["sandbox", "--data-dir", &data]).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(other.stdout.take().unwrap()), &mut line).unwrap();
    let ended = program.run(&["account", "--json"]).expect(0);
    assert!(ended.stderr.contains("Another viseme has the sandbox of the data folder"), "{line}: {ended:?}");
    assert!(ended.json()["note"].as_str().is_some_and(|note| note.contains("at which nothing was done")), "{ended:?}");
    crate::program::signal(other.id(), "TERM");
    let _ = other.wait();
}

#[test]
fn what_was_spoken_here_stands_with_its_text_and_estimate_by_its_id_or_by_its_time() {
    const SPOKEN: &str = "This text is spoken for about three seconds.";
    const LOST: &str = "This one is lost on its way to the machine.";
    let service = Scripted::start(|request, _, _| {
        let now_ms = viseme::engine::Clock::system().now_ms();
        let row = |id: &str, at_ms: i64| json!({"task_id": id, "deduction_amount": 0.05, "deduction_time": at_ms.to_string(), "product_function": "Text to Speech"});
        match request.path.as_str() {
            "/v1/audio/tts" if request.json()["text"] == LOST => crate::scripted::Answer::Close,
            "/v1/audio/tts" => {
                ok(&json!({"code": 0, "message": "SUCCEED", "data": {"task_id": "s-1", "task_status": "succeed",
                "task_result": {"audios": [{"id": "a-1", "duration": "2.5"}]}}}))
            }
            path if path.starts_with("/account/costs") => {
                ok(&json!({"code": 0, "data": {"code": 0, "msg": "ok", "resource_pack_subscribe_infos": []}}))
            }
            "/account/billing/package" => {
                let rows = [row("s-1", now_ms), row("s-2", now_ms), row("s-3", now_ms - 3_600_000)];
                ok(
                    &json!({"code": 0, "message": "SUCCEED", "data": {"result": {"count": 3, "detail": rows}, "has_more": false}}),
                )
            }
            "/account/billing/balance" => ok(
                &json!({"code": 0, "message": "SUCCEED", "data": {"result": {"count": 0, "detail": []}, "has_more": false}}),
            ),
            _ => refusal(400, 1201, "Task not found by id/external id: x"),
        }
    });
    let (program, url) = (Program::new(), service.url());
    let at = ["--profile", "kling", "--base-url", &*url];
    program.run(&[&["speak", SPOKEN, "--voice", "v"][..], &at].concat()).expect(0);
    program.run(&[&["speak", LOST, "--voice", "v"][..], &at].concat()).expect(5);
    let report = program.run(&[&["account", "--json"][..], &at].concat()).expect(0).json();
    let row = |id: &str| report["ledger"].as_array().unwrap().iter().find(|row| row["task_id"] == id).unwrap().clone();
    assert_eq!(
        (&row("s-1")["estimate"], &row("s-1")["clip"]),
        (&json!(0.05), &json!("This text is spoken for about three seco…"))
    );
    assert_eq!(
        (&row("s-2")["estimate"], &row("s-2")["clip"]),
        (&json!(0.05), &json!("This one is lost on its way to the machi…"))
    );
    assert_eq!(row("s-3")["estimate"], json!(null), "another hour: {report}");
}
