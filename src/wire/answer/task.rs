//! Reading a task, from a query, a list, a create or a callback.

use serde_json::Value;

use super::layers::{AnswerStatus, Layer, Layers, error_text, is_filled, one_or_many, opened};
use super::{Reply, problem, scalar, text};
use crate::model::task::{MOST_VIDEOS, TaskError, VIDEOS_LEFT_OUT};
use crate::model::{Cost, Problem, Task, TaskStatus, TaskVideo};
use crate::wire::codes;

/// Fields of a task that are read; all else is kept in `extra`.
const KNOWN: [&str; 34] = [
    "task_id",
    "id",
    "task_status",
    "status",
    "task_status_msg",
    "status_msg",
    "fail_reason",
    "progress",
    "task_result",
    "videos",
    "task_info",
    "external_task_id",
    "external_id",
    "parent_video",
    "created_at",
    "create_time",
    "updated_at",
    "update_time",
    "completed_at",
    "final_unit_deduction",
    "final_balance_deduction",
    "usage",
    "error",
    "output",
    "outputs",
    "code",
    "message",
    "msg",
    "success",
    "url",
    "video_url",
    "watermark_url",
    "duration",
    "created",
];

/// Reads an answer to a query for `task_id`. A failed task is an answer like any other: see its status.
///
/// # Errors
/// A refusal with its code, or an answer without a task.
pub fn read_task(reply: &Reply<'_>, task_id: &str) -> Result<Task, Problem> {
    read_one(reply, Some(task_id))
}

/// Reads an answer to a query by a task's external id: the task has the service's own id.
///
/// # Errors
/// As [`read_task`].
pub fn read_task_by_name(reply: &Reply<'_>) -> Result<Task, Problem> {
    read_one(reply, None)
}

fn read_one(reply: &Reply<'_>, asked: Option<&str>) -> Result<Task, Problem> {
    if !reply.is_success() {
        return Err(codes::explain_query(problem::of_status(reply)));
    }
    let Some(mut layers) = problem::layers(reply) else { return Err(problem::of_page(reply)) };
    if let Some(items) = layers.items.take() {
        // A list where one task was asked for: the one with that id, or the only one.
        let mut tasks: Vec<Task> = items.into_iter().filter_map(item).collect();
        let at = tasks.iter().position(|task| asked == Some(&*task.task_id)).or((tasks.len() == 1).then_some(0));
        return at.map(|at| tasks.swap_remove(at)).ok_or_else(|| missing(reply, &layers));
    }
    layers.follow_texts();
    let has_task = layers.innermost(&["task_status"]).is_some() || is_task(&layers);
    let stated = layers.answer_status();
    let outer_error = stated.is_error && !has_task;
    if outer_error {
        return Err(codes::explain_query(problem::refusal(reply, stated)));
    }
    match task_of(&layers, asked) {
        Some(task) if has_task => Ok(task),
        _ => Err(missing(reply, &layers)),
    }
}

/// Reads a page of the list. Items that are no tasks are left out.
///
/// # Errors
/// A refusal with its code, or an answer without a list.
pub fn read_list(reply: &Reply<'_>) -> Result<Vec<Task>, Problem> {
    if !reply.is_success() {
        return Err(problem::of_status(reply));
    }
    let Some(mut layers) = problem::layers(reply) else { return Err(problem::of_page(reply)) };
    let stated = layers.answer_status();
    if stated.is_error {
        return Err(problem::refusal(reply, stated));
    }
    let listed = layers.items.take().or_else(|| {
        let held = layers.innermost(&["tasks", "items", "list", "records"])?.clone();
        if let Value::Array(items) = opened(held) { Some(items) } else { None }
    });
    match listed {
        Some(items) => Ok(items.into_iter().filter_map(item).collect()),
        None => Err(problem::without(reply, &stated, "list of tasks")),
    }
}

fn item(value: Value) -> Option<Task> {
    let mut layers = Layers::of(value)?;
    layers.follow_texts();
    task_of(&layers, None)
}

fn missing(reply: &Reply<'_>, layers: &Layers) -> Problem {
    problem::without(reply, &layers.answer_status(), "task")
}

/// Whether layers without a `task_status` still describe a task: they name one and give its status, or hold its result.
fn is_task(layers: &Layers) -> bool {
    let names_one = layers.outermost(&["task_id", "id"]).is_some();
    let has_status = layers.all.iter().enumerate().any(|(index, layer)| status_word(layers, index, layer).is_some());
    let ended = layers.innermost(&["task_result", "output", "fail_reason"]).is_some();
    names_one && (has_status || ended)
        || has_status && ended
        || has_status && layers.innermost(&["videos", "progress"]).is_some()
        || names_one && !layers.answer_status().is_error
}

/// The task in these layers. `asked` is the id of the query, which wins over the id that the service behind a gateway uses.
pub fn task_of(layers: &Layers, asked: Option<&str>) -> Option<Task> {
    let own = id_of(layers);
    let task_id = asked.map(str::to_owned).or(own)?;
    let (mut status, status_raw) = status_of(layers);
    let mut videos = videos_of(layers);
    let left_out = videos.len().saturating_sub(MOST_VIDEOS);
    videos.truncate(MOST_VIDEOS);
    let stated = layers.answer_status();
    if status == TaskStatus::Succeed && videos.is_empty() && stated.is_error {
        // `completed` on the outside, an error in the document within.
        status = TaskStatus::Failed;
    }
    let failed = status == TaskStatus::Failed;
    let info = layers.innermost(&["task_info"]).cloned().map(opened);
    let info = info.as_ref().and_then(Value::as_object);
    let of_info = |name: &str| info.and_then(|info| info.get(name)).filter(|value| !value.is_null());
    let external_task_id = of_info("external_task_id")
        .or_else(|| layers.innermost(&["external_task_id", "external_id"]))
        .and_then(scalar::text);
    let parent_video = of_info("parent_video").or_else(|| layers.innermost(&["parent_video"])).cloned();
    let stamp = |names: &[&str]| layers.innermost(names).and_then(scalar::stamp_ms);

    let mut extra = layers.rest(&KNOWN);
    for (name, value) in info.into_iter().flatten() {
        if !matches!(name.as_str(), "external_task_id" | "parent_video") && !value.is_null() {
            extra.entry(format!("task_info.{name}")).or_insert_with(|| value.clone());
        }
    }
    extra.remove(VIDEOS_LEFT_OUT);
    if left_out > 0 {
        extra.insert(VIDEOS_LEFT_OUT.into(), left_out.into());
    }
    Some(Task {
        task_id,
        status,
        status_raw,
        status_msg: status_msg(layers, failed),
        progress: layers.innermost(&["progress"]).and_then(scalar::progress),
        videos,
        external_task_id,
        parent_video,
        created_at_ms: stamp(&["created_at", "create_time", "created"]),
        updated_at_ms: stamp(&["updated_at", "update_time", "completed_at"]),
        cost: cost(layers),
        error: error_of(layers, &stated, failed),
        extra,
    })
}

/// The task's id: the outermost `task_id`, by which this gateway knows it, else the outermost `id`.
pub fn id_of(layers: &Layers) -> Option<String> {
    let named = |name: &str| layers.all.iter().find_map(|layer| layer.get(name).and_then(scalar::text));
    named("task_id").or_else(|| named("id"))
}

/// The status and its word as received. The innermost word decides, because it is the official one; but where that is not terminal
/// and a gateway around it reports a failure, the task has failed.
pub fn status_of(layers: &Layers) -> (TaskStatus, String) {
    let words: Vec<String> =
        layers.all.iter().enumerate().rev().filter_map(|(index, layer)| status_word(layers, index, layer)).collect();
    let Some(inner) = words.iter().find(|word| !word.is_empty()) else { return (TaskStatus::Submitted, String::new()) };
    let status = text::status(inner);
    if !status.is_terminal()
        && let Some(given_up) = words.iter().find(|word| text::status(word) == TaskStatus::Failed)
    {
        return (TaskStatus::Failed, given_up.clone());
    }
    (status, inner.clone())
}

/// The status word of a layer. A `status` that only says how the exchange went (`{"status":"success","data":{…}}`) is not the task's.
fn status_word(layers: &Layers, index: usize, layer: &Layer) -> Option<String> {
    if let Some(word) = layer.get("task_status").filter(|word| !word.is_null()) {
        return Some(shown(word));
    }
    let word = layer.get("status").filter(|word| word.is_string() || word.is_number())?;
    let is_innermost = index + 1 == layers.all.len();
    let of_task = ["task_id", "id", "progress", "fail_reason", "output", "task_result"]
        .iter()
        .any(|name| layer.contains_key(*name));
    (of_task || is_innermost).then(|| shown(word))
}

fn shown(word: &Value) -> String {
    scalar::text(word).map(|word| text::presentable(&word)).unwrap_or_default()
}

fn status_msg(layers: &Layers, failed: bool) -> Option<String> {
    let message = ["task_status_msg", "status_msg", "fail_reason"]
        .iter()
        .find_map(|name| layers.innermost(&[name]).and_then(scalar::text))
        .map(|text| text::presentable(&text))
        .filter(|text| !text.is_empty());
    // Beside a failure, a message that says more than "success" is a reason too.
    message.or_else(|| if failed { layers.answer_status().message } else { None })
}

fn error_of(layers: &Layers, stated: &AnswerStatus, failed: bool) -> Option<TaskError> {
    let error = layers.innermost(&["error"]).filter(|error| is_filled(error));
    if error.is_none() && !(failed && stated.is_error) {
        return None;
    }
    let code = stated.code.as_ref().map(ToString::to_string);
    let own = error.and_then(|error| error_text(error, 0)).map(|text| text::presentable(&text));
    let message = own.or_else(|| stated.message.clone()).unwrap_or_default();
    (code.is_some() || !message.is_empty()).then_some(TaskError { code, message })
}

/// The videos of the innermost layer that has any.
fn videos_of(layers: &Layers) -> Vec<TaskVideo> {
    let of_layer = |layer: &Layer| -> Vec<TaskVideo> {
        let result = layer.get("task_result").cloned().map(opened);
        let listed = result.as_ref().and_then(|result| result.get("videos")).or_else(|| layer.get("videos"));
        let listed = listed.cloned().map(opened);
        let mut videos: Vec<TaskVideo> = listed
            .as_ref()
            .map(one_or_many)
            .unwrap_or_default()
            .iter()
            .filter_map(|item| video(&opened(item.clone())))
            .collect();
        if videos.is_empty() {
            videos.extend(result.as_ref().and_then(video));
        }
        videos
    };
    if let Some(videos) = layers.all.iter().rev().map(of_layer).find(|videos| !videos.is_empty()) {
        return videos;
    }
    let contents = layers.contents().filter(|content| {
        // `kirin` names the type of each item; a text item may have an address that is not a video.
        content.get("type").and_then(Value::as_str).is_none_or(|kind| kind.eq_ignore_ascii_case("video"))
    });
    let of_output: Vec<TaskVideo> = contents.filter_map(|content| video(&Value::Object(content.clone()))).collect();
    if !of_output.is_empty() {
        return of_output;
    }
    // OpenAI-style: the address is at top level or in `metadata`; some gateways put it where the reason of a failure belongs.
    let styled = layers.all.iter().rev().find_map(|layer| {
        let metadata = layer.get("metadata").cloned().map(opened);
        let mut fields = Layer::new();
        for name in ["video_url", "url", "watermark_url", "duration"] {
            let own = layer.get(name).or_else(|| metadata.as_ref().and_then(|metadata| metadata.get(name)));
            if let Some(value) = own {
                fields.insert(name.to_owned(), value.clone());
            }
        }
        if !fields.contains_key("url") && !fields.contains_key("video_url") {
            let url = layer.get("fail_reason").filter(|url| url.as_str().is_some_and(|url| url.starts_with("http")))?;
            fields.insert("url".to_owned(), url.clone());
        }
        video(&Value::Object(fields))
    });
    styled.into_iter().collect()
}

/// A video, where there is an address.
fn video(value: &Value) -> Option<TaskVideo> {
    let fields = match value {
        Value::Object(fields) => fields,
        Value::String(url) if url.starts_with("http") => {
            return Some(TaskVideo { id: String::new(), url: url.clone(), watermark_url: None, duration_ms: None });
        }
        _ => return None,
    };
    let text = |names: [&str; 2]| names.iter().find_map(|name| fields.get(*name).and_then(scalar::text));
    Some(TaskVideo {
        url: text(["url", "video_url"])?,
        id: text(["id", "video_id"]).unwrap_or_default(),
        watermark_url: text(["watermark_url", "watermark_video_url"]),
        duration_ms: fields.get("duration").and_then(scalar::seconds_ms),
    })
}

/// What it cost, where the answer says so.
pub fn cost(layers: &Layers) -> Option<Cost> {
    let object = |name: &str| layers.innermost(&[name]).cloned().map(opened);
    let within =
        |held: &Option<Value>, name: &str| held.as_ref().and_then(|held| held.get(name)).and_then(scalar::text);
    let (balance, usage) = (object("final_balance_deduction"), object("usage"));
    let cost = Cost {
        units: layers.innermost(&["final_unit_deduction"]).and_then(scalar::text),
        usd: within(&balance, "quota").or_else(|| within(&usage, "cost")),
        list_price: within(&balance, "list_price"),
        discount: within(&usage, "discount"),
    };
    (cost != Cost::default()).then_some(cost)
}
