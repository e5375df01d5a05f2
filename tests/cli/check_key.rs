//! `viseme check-key`, and the check by itself before the first paid call.

use serde_json::json;

use crate::program::{Ended, Program, run_against};
use crate::scripted::{Answer, Request, Scripted, kling_script, ok, refusal};

fn check(service: &Scripted, profile: &str) -> Ended {
    Program::new().run(&["check-key", "--profile", profile, "--base-url", &service.url(), "--json"])
}

fn is_check(request: &Request) -> bool {
    request.method == "GET" && request.path.contains("/viseme-check-")
}

#[test]
fn it_says_whether_the_key_is_taken_with_an_exit_code_of_its_own() {
    let packages = json!({"code": 0, "data": {"code": 0, "msg": "ok", "resource_pack_subscribe_infos": [{
        "resource_pack_name": "Video-5Con-30Days", "total_quantity": 1000, "remaining_quantity": 995.5,
        "invalid_time": 1_700_000_000_000_i64, "status": "online"}]}});
    let well = Scripted::start(move |request, _, _| match request {
        request if is_check(request) => refusal(400, 1201, "Task not found by id/external id: x"),
        request if request.path.starts_with("/account/costs?start_time=") => ok(&packages),
        _ => refusal(404, 1203, "no such resource"),
    });
    let report = check(&well, "kling").expect(0).json();
    assert_eq!((&report["key"], &report["problem"]), (&json!("accepted"), &json!(null)), "{report}");
    let package = &report["packages"][0];
    assert_eq!((&package["remaining"], &package["at_once"]), (&json!(995.5), &json!(5)), "{report}");
    assert_eq!(report["requests"], 2);
    let text = Program::new().run(&["check-key", "--profile", "kling", "--base-url", &well.url()]).expect(0).stdout;
    assert!(text.contains("accepted by kling") && text.contains("995.5 of 1000 units left"), "{text}");

    // A gateway is not asked for packages, and may answer as it is documented.
    let gateway = Scripted::start(|_, _, _| refusal(404, 1203, "no such task"));
    let report = check(&gateway, "ezmodel").expect(0).json();
    assert_eq!((&report["key"], &report["packages"]), (&json!("accepted"), &json!(null)));
    assert_eq!(gateway.seen().len(), 1);
    assert!(gateway.seen()[0].path.starts_with("/kling/v1/videos/advanced-lip-sync/viseme-check-"));

    let wrong = Scripted::start(|_, _, _| refusal(401, 1002, "Authorization is invalid"));
    let report = check(&wrong, "kling").expect(3).json();
    assert_eq!((&report["key"], &report["problem"]["code"]), (&json!("refused"), &json!(1002)));

    let silent = Scripted::start(|_, _, _| Answer::Body(200, "text/html", b"<html>hello</html>".to_vec()));
    let report = check(&silent, "kling").expect(4).json();
    assert_eq!(report["key"], "unknown", "{report}");
    let program = Program::new();
    let mut command = program.command(&["check-key", "--profile", "kling"]);
    command.env_remove("VISEME_KEY");
    crate::program::finish(command).expect(2);
    // The sandbox of this command, in both dialects.
    for dialect in ["kling", "kirin"] {
        let report = Program::new().run(&["check-key", "--dialect", dialect, "--json"]).expect(0).json();
        assert_eq!(report["key"], "accepted", "{report}");
        assert!(report["clock_ahead_ms"].as_i64().unwrap().abs() < 10_000, "{report}");
        assert_eq!(report["packages"].is_array(), dialect == "kling", "{report}");
    }
}

#[test]
fn before_the_first_paid_call_only_a_refused_key_stops_and_only_at_the_official_service() {
    let refusing = |code: u16| {
        Scripted::start(move |request, before, base| {
            if is_check(request) { refusal(code, 1002, "said no") } else { kling_script(request, before, base) }
        })
    };
    let service = refusing(401);
    let report = run_against(&Program::new(), &service.url(), "kling", &["--json"]).expect(3).json();
    assert_eq!(report["problem"]["http_status"], 401, "{report}");
    assert!(service.seen().iter().all(|request| request.method == "GET"), "nothing was paid: {:?}", service.seen());

    let service = refusing(500);
    run_against(&Program::new(), &service.url(), "kling", &[]).expect(0);
    assert_eq!(service.seen().iter().filter(|request| is_check(request)).count(), 1, "once for identify and create");
    assert!(is_check(&service.seen()[0]));

    let service = refusing(401);
    let url = service.url();
    let arguments = ["identify", "--profile", "ezmodel", "--base-url", &url, "--video-id", "v"];
    Program::new().run(&arguments).expect(0);
    assert!(!service.seen().iter().any(is_check), "a gateway is not checked by itself");
}
