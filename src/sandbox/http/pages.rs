//! The pages that describe the sandbox.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::response::{Html, IntoResponse as _, Response};
use serde_json::{Value, json};

const OPENAPI: &str = include_str!("../openapi.json");
const PAGE: &str = include_str!("../page.html");

/// Every resource, in one line each.
const RESOURCES: [(&str, &str); 15] = [
    ("POST {prefix}/v1/videos/identify-face", "kling: the faces of a clip; answers when they are found"),
    ("POST {prefix}/v1/videos/advanced-lip-sync", "kling: create a lip-sync task"),
    ("GET {prefix}/v1/videos/advanced-lip-sync/{task_id}", "kling: one task, by task_id or external_task_id"),
    ("GET {prefix}/v1/videos/advanced-lip-sync?pageNum=1&pageSize=30", "kling: tasks, newest first"),
    ("POST {prefix}/v1/audio/tts", "kling: speak a text with this machine's own voice; answers with an audio_id"),
    ("GET {prefix}/tasks?external_task_ids=NAME", "kling: tasks by their external_task_id; takes the key only"),
    ("GET {prefix}/account/costs?start_time=MS&end_time=MS", "the account's package; at most once a second"),
    ("POST {prefix}/account/billing/package", "units that were deducted, by task"),
    ("POST {prefix}/account/billing/balance", "the same in dollars"),
    ("POST /model/v1/generation", "kirin: kirin_identify_face and kirin_lipsync"),
    ("GET /model/v1/generation/task/{id}", "kirin: one task"),
    ("PUT /media/{name}", "the sandbox's own: upload a local clip or voice"),
    ("GET /media/{id}/{name}, /faces/{token}/{face_id}.jpg, /results/{video_id}.mp4", "files; they need no key"),
    ("GET /openapi.json", "the whole contract, with the faults that can be asked for"),
    ("GET /health", "whether it is up"),
];

/// The first page: for a browser as HTML, else as JSON.
pub fn root(headers: &HeaderMap, origin: &str) -> Response {
    let wants_html =
        headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains("text/html"));
    if wants_html {
        let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
        let row = |(path, what): &(&str, &str)| {
            format!("<tr><td><code>{}</code></td><td>{}</td></tr>", escape(path), escape(what))
        };
        let rows = RESOURCES.iter().map(row).collect::<Vec<_>>().join("\n");
        return Html(PAGE.replace("{rows}", &rows).replace("{origin}", &escape(origin))).into_response();
    }
    let resources: serde_json::Map<String, Value> =
        RESOURCES.iter().map(|(path, what)| ((*path).to_owned(), json!(what))).collect();
    axum::Json(json!({
        "name": "viseme sandbox",
        "version": env!("CARGO_PKG_VERSION"),
        "about": "A lip-sync service of the Kling family on this machine: it really finds the faces and really renders. \
                  The prefix is empty or any one segment, such as /kling. Requests carry Authorization: Bearer KEY.",
        "resources": resources,
    }))
    .into_response()
}

/// The description of all of this.
pub fn openapi(origin: &str) -> Response {
    let text = OPENAPI.replace("http://127.0.0.1:0", origin);
    ([(CONTENT_TYPE, "application/json")], text).into_response()
}
