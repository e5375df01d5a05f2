//! Unwraps an answer: the layers that gateways put around the official answer, and JSON inside strings.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{numbers, scalar, text};
use crate::model::{ServiceCode, inert};

/// How many layers are followed. Three were seen; a hostile answer may have any number.
const DEEPEST: usize = 8;
/// How many times a string is parsed as JSON within JSON.
const MOST_QUOTED: usize = 4;
/// How many values a document may have. A page of 500 tasks has some 20 000; a document of millions is a bomb: 2 bytes become 80 in memory.
const MOST_VALUES: usize = 100_000;
/// Fields that hold the next layer.
const CARRIERS: [&str; 3] = ["data", "result", "response"];

/// An object of the answer, without the layer below it.
pub type Layer = Map<String, Value>;

/// An answer as its layers, outermost first.
#[derive(Debug, Default)]
pub struct Layers {
    /// At least one, unless the answer is a bare list.
    pub all: Vec<Layer>,
    /// The list at the bottom, where there is one.
    pub items: Option<Vec<Value>>,
}

/// The JSON inside a string, also where it was quoted repeatedly. Other values stay unchanged.
pub fn opened(value: Value) -> Value {
    let mut value = value;
    for _ in 0..MOST_QUOTED {
        let Value::String(text) = &value else { break };
        let trimmed = text.trim_start_matches('\u{FEFF}').trim();
        if !trimmed.starts_with(['{', '[', '"']) {
            break;
        }
        match parsed(trimmed.as_bytes()) {
            Some(inner) => value = inner,
            None => break,
        }
    }
    value
}

/// Parses JSON; `None` where it is invalid or has too many values.
pub fn parsed(text: &[u8]) -> Option<Value> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    // Each value but the first follows one of these characters; those within strings only make the count larger.
    let values = text.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count();
    if values > MOST_VALUES {
        return None;
    }
    let mut value = serde_json::from_slice(&numbers::with_large_as_text(text)).ok()?;
    make_inert(&mut value);
    Some(value)
}

/// Makes every text and name in a value harmless to show (see [`inert()`]): this is where text from a service comes in.
fn make_inert(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(harmless) = inert(text) {
                *text = harmless;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(make_inert),
        Value::Object(fields) => {
            if fields.keys().any(|name| matches!(inert(name), Cow::Owned(_))) {
                let renamed = std::mem::take(fields).into_iter().map(|(name, held)| (inert(&name).into_owned(), held));
                *fields = renamed.collect();
            }
            fields.values_mut().for_each(make_inert);
        }
        _ => {}
    }
}

impl Layers {
    /// Unwraps an answer; `None` where it is neither an object nor a list.
    pub fn of(root: Value) -> Option<Self> {
        let mut layers = Self::default();
        layers.follow(root);
        (!layers.all.is_empty() || layers.items.is_some()).then_some(layers)
    }

    fn follow(&mut self, root: Value) {
        let mut next = Some(root);
        while let Some(value) = next.take() {
            if self.all.len() >= DEEPEST {
                break;
            }
            match opened(value) {
                Value::Object(mut layer) => {
                    for carrier in CARRIERS {
                        let Some(held) = layer.get(carrier) else { continue };
                        if matches!(held, Value::Object(_) | Value::Array(_) | Value::String(_)) {
                            let inner = opened(layer.remove(carrier).unwrap_or_default());
                            if inner.is_object() || inner.is_array() {
                                next = Some(inner);
                                break;
                            }
                            layer.insert(carrier.to_owned(), inner);
                        }
                    }
                    self.all.push(layer);
                }
                Value::Array(items) => self.items = Some(items),
                _ => break,
            }
        }
    }

    /// Adds the documents that `kirin` writes as text into `output[].content[].text`, as layers below the others.
    pub fn follow_texts(&mut self) {
        let texts: Vec<Value> = self.contents().filter_map(|content| content.get("text").cloned()).collect();
        for text in texts {
            let inner = opened(text);
            if inner.is_object() {
                // A separate document: its depth is counted from zero, and is bounded by the number of texts.
                let mut below = Self::default();
                below.follow(inner);
                self.all.append(&mut below.all);
            }
        }
    }

    /// The objects in `output[].content[]`, of every layer; at most 64: a service sends one.
    pub fn contents(&self) -> impl Iterator<Item = &Layer> {
        let outputs = self.all.iter().filter_map(|layer| layer.get("output").or_else(|| layer.get("outputs")));
        outputs
            .flat_map(one_or_many)
            .filter_map(Value::as_object)
            .flat_map(|output| match output.get("content") {
                Some(content) => one_or_many(content).iter().filter_map(Value::as_object).collect::<Vec<_>>(),
                None => vec![output],
            })
            .take(64)
    }

    /// The first value under one of these names, from the innermost layer outwards; names in the order given within a layer.
    pub fn innermost(&self, names: &[&str]) -> Option<&Value> {
        self.all.iter().rev().find_map(|layer| value_of(layer, names))
    }

    /// The same from the outermost layer inwards.
    pub fn outermost(&self, names: &[&str]) -> Option<&Value> {
        self.all.iter().find_map(|layer| value_of(layer, names))
    }

    /// The fields of all layers but those in `known`; an inner layer wins over an outer one, and nulls are left out.
    pub fn rest(&self, known: &[&str]) -> Map<String, Value> {
        let mut rest = Map::new();
        for layer in self.all.iter().rev() {
            for (name, value) in layer {
                if !value.is_null() && !known.contains(&name.as_str()) && !rest.contains_key(name) {
                    rest.insert(name.clone(), value.clone());
                }
            }
        }
        rest
    }

    /// What the answer says about its own success.
    pub fn answer_status(&self) -> AnswerStatus {
        let mut stated = AnswerStatus {
            request_id: self.innermost(&["request_id", "requestId", "req_id"]).and_then(scalar::text),
            ..AnswerStatus::default()
        };
        for layer in &self.all {
            let error = layer.get("error").filter(|error| is_filled(error));
            let own = [layer.get("code"), error.and_then(|error| error.get("code")), layer.get("error_code")];
            let code = own.into_iter().flatten().filter(|code| !means_success(code)).find_map(code_of);
            let denied = layer.get("success") == Some(&Value::Bool(false));
            if code.is_some() || error.is_some() || denied {
                stated.is_error = true;
                stated.code = code;
                stated.message = message_of(layer).or_else(|| stated.message.take());
                break;
            }
        }
        if stated.message.is_none() {
            stated.message = self.all.iter().rev().find_map(message_of);
        }
        stated
    }
}

/// What an answer says about its own success.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct AnswerStatus {
    /// A code that is none of the words for success, an `error`, or `success: false`.
    pub is_error: bool,
    /// The code of the error.
    pub code: Option<ServiceCode>,
    /// A message other than "success".
    pub message: Option<String>,
    /// The request id, for the service's support.
    pub request_id: Option<String>,
}

fn value_of<'a>(layer: &'a Layer, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|&name| layer.get(name).filter(|value| !value.is_null()))
}

/// A list, or the one value in its place.
pub fn one_or_many(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        single => std::slice::from_ref(single),
    }
}

/// Whether an `error` field says anything at all.
pub fn is_filled(error: &Value) -> bool {
    match error {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Object(fields) => fields.values().any(is_filled),
        Value::Array(items) => !items.is_empty(),
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::Bool(true) => true,
    }
}

/// Whether a `code` means success: `0`, `200`, `"0"`, `"success"`, nothing.
fn means_success(code: &Value) -> bool {
    match code {
        Value::Number(number) => number.as_f64().is_some_and(|number| matches!(number, 0.0 | 200.0 | 201.0 | 202.0)),
        Value::String(text) => {
            let word = text.trim().to_ascii_lowercase();
            word.bytes().all(|byte| byte == b'0')
                || matches!(
                    word.as_str(),
                    "200" | "201" | "202" | "success" | "succeed" | "succeeded" | "successful" | "ok" | "completed"
                )
        }
        Value::Null | Value::Bool(_) => true,
        Value::Array(_) | Value::Object(_) => false,
    }
}

/// A code as received: a number also where it was written as text, unless it has a leading zero.
fn code_of(value: &Value) -> Option<ServiceCode> {
    match value {
        Value::Number(number) => Some(match number.as_i64() {
            Some(code) => ServiceCode::Number(code),
            None => ServiceCode::from_text(number.to_string().trim_end_matches(".0")),
        }),
        Value::String(text) => Some(ServiceCode::from_text(&text::presentable(text))),
        _ => None,
    }
}

/// The words of a layer, its `error` first. `None` where they say no more than "success".
fn message_of(layer: &Layer) -> Option<String> {
    let error = layer.get("error").filter(|error| is_filled(error)).and_then(|error| error_text(error, 0));
    let own =
        ["message", "msg", "error_message", "fail_reason", "task_status_msg", "detail", "details", "errors", "reason"];
    let message =
        error.or_else(|| own.iter().filter_map(|&name| layer.get(name)).find_map(|words| error_text(words, 0)))?;
    let shown = text::presentable(&message);
    (!text::says_nothing(&shown)).then_some(shown)
}

/// The words in an `error` of any shape: text, an object with a message, a list of either.
pub fn error_text(error: &Value, depth: usize) -> Option<String> {
    if depth > 4 {
        return None;
    }
    match error {
        Value::String(text) => match opened(Value::String(text.clone())) {
            Value::Object(fields) => error_text(&Value::Object(fields), depth + 1).or_else(|| Some(text.clone())),
            _ => Some(text.clone()),
        },
        Value::Object(fields) => ["error_message", "message", "msg", "error", "detail", "title", "reason", "type"]
            .iter()
            .filter_map(|&name| fields.get(name))
            .find_map(|inner| error_text(inner, depth + 1)),
        Value::Array(items) => items.iter().find_map(|item| error_text(item, depth + 1)),
        _ => None,
    }
    .filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn status_of(value: Value) -> AnswerStatus {
        Layers::of(value).unwrap().answer_status()
    }

    #[test]
    fn every_way_to_say_success_is_none_to_say_error() {
        for code in [
            json!(0),
            json!(200),
            json!("0"),
            json!("200"),
            json!("success"),
            json!("SUCCESS"),
            json!(0.0),
            json!(null),
            json!(""),
        ] {
            assert!(!status_of(json!({ "code": code, "message": "success" })).is_error, "{code}");
        }
        for code in [
            json!(1201),
            json!("1201"),
            json!("task_failed"),
            json!("identify_face_failed"),
            json!("014002095"),
            json!(-1),
        ] {
            assert!(status_of(json!({ "code": code })).is_error, "{code}");
        }
    }

    #[test]
    fn the_error_is_found_on_whichever_layer_it_is() {
        let inner = status_of(
            json!({ "code": "success", "data": { "status": "x", "data": { "code": "1301", "message": "no" } } }),
        );
        assert_eq!((inner.code, inner.message.as_deref()), (Some(ServiceCode::Number(1301)), Some("no")));
        let quoted = status_of(json!({ "code": 0, "data": "{\"code\":1301,\"message\":\"no\",\"request_id\":\"r\"}" }));
        assert_eq!((quoted.code, quoted.request_id.as_deref()), (Some(ServiceCode::Number(1301)), Some("r")));
    }

    #[test]
    fn an_error_has_many_shapes() {
        let cases = [
            (json!({ "error": { "message": "m", "type": "t", "code": "c" } }), Some("c"), "m"),
            (json!({ "error": "m" }), None, "m"),
            (json!({ "error": { "code": "014002095", "error_message": "m" } }), Some("014002095"), "m"),
            (json!({ "error": { "code": 1302, "message": "m" } }), Some("1302"), "m"),
            (json!({ "error": "{\"message\":\"m\"}" }), None, "m"),
            (json!({ "success": false, "msg": "m" }), None, "m"),
            (json!({ "code": 1, "detail": [{ "msg": "m", "loc": ["body"] }] }), Some("1"), "m"),
        ];
        for (value, code, message) in cases {
            let stated = status_of(value.clone());
            assert!(stated.is_error, "{value}");
            assert_eq!(stated.code.map(|code| code.to_string()).as_deref(), code, "{value}");
            assert_eq!(stated.message.as_deref(), Some(message), "{value}");
        }
        for nothing in [json!(null), json!(""), json!({}), json!({ "code": "", "message": "" }), json!(false)] {
            assert!(!status_of(json!({ "error": nothing })).is_error, "{nothing}");
        }
    }

    #[test]
    fn a_bottomless_answer_has_a_bottom() {
        let mut deep = json!({ "task_id": "t" });
        for _ in 0..60 {
            deep = json!({ "data": deep.to_string() , "n": 1 });
            if deep.to_string().len() > 100_000 {
                break;
            }
        }
        assert!(Layers::of(deep).unwrap().all.len() <= DEEPEST);
    }
}
