//! Reading a request's JSON strictly: a wrong type is refused, and the words name the field by its full path.
//!
//! `null` and the empty string count as absent, for the official examples send `"video_id": ""`. Unknown fields are
//! accepted: gateways route on fields of their own (`model`, `model_name`).

use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::words;

/// The fields of one JSON object of a request.
pub struct Fields<'a> {
    map: &'a Map<String, Value>,
    path: String,
}

type Read<T> = Result<T, Refusal>;

impl<'a> Fields<'a> {
    /// The fields of a request's body, which must be an object.
    pub fn of_body(body: &'a Value) -> Read<Self> {
        Self::of_value(body, String::new())
    }

    fn of_value(value: &'a Value, path: String) -> Read<Self> {
        match value {
            Value::Object(map) => Ok(Self { map, path }),
            other => {
                let name = if path.is_empty() { words::BODY } else { &path };
                Err(Refusal::field(name, words::expected("an object", kind_of(other))))
            }
        }
    }

    /// The full name of a field: `face_choose[0].sound_file`.
    pub fn name(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }

    fn present(&self, field: &str) -> Option<&'a Value> {
        self.map.get(field).filter(|value| !value.is_null())
    }

    /// A text, where it is given and not empty.
    pub fn text(&self, field: &str) -> Read<Option<&'a str>> {
        match self.present(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(other) => Err(self.wrong(field, "a string", other)),
        }
    }

    /// A text that must be given.
    pub fn required_text(&self, field: &str) -> Read<&'a str> {
        self.text(field)?.ok_or_else(|| Refusal::missing(&self.name(field)))
    }

    /// Whole milliseconds that must be given. `5000.0` is a whole number in JSON, and is taken as one.
    pub fn required_ms(&self, field: &str) -> Read<i64> {
        let value = self.present(field).ok_or_else(|| Refusal::missing(&self.name(field)))?;
        let whole = |number: f64| (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64);
        value
            .as_i64()
            .or_else(|| value.as_f64().and_then(whole))
            .ok_or_else(|| self.wrong(field, "an integer (milliseconds)", value))
    }

    /// A number, where it is given.
    pub fn number(&self, field: &str) -> Read<Option<f64>> {
        match self.present(field) {
            None => Ok(None),
            Some(value) => value.as_f64().map(Some).ok_or_else(|| self.wrong(field, "a number", value)),
        }
    }

    /// True or false, where it is given.
    pub fn flag(&self, field: &str) -> Read<Option<bool>> {
        match self.present(field) {
            None => Ok(None),
            Some(value) => value.as_bool().map(Some).ok_or_else(|| self.wrong(field, "true or false", value)),
        }
    }

    /// An object, where it is given.
    pub fn object(&self, field: &str) -> Read<Option<Self>> {
        self.present(field).map(|value| Self::of_value(value, self.name(field))).transpose()
    }

    /// The one object of an array that must be given and hold exactly one.
    pub fn the_one_of(&self, field: &str) -> Read<Self> {
        let value = self.present(field).ok_or_else(|| Refusal::missing(&self.name(field)))?;
        let Value::Array(items) = value else { return Err(self.wrong(field, "an array", value)) };
        match items.as_slice() {
            [] => Err(Refusal::missing(&format!("{}[0]", self.name(field)))),
            [item] => Self::of_value(item, format!("{}[0]", self.name(field))),
            more => Err(Refusal::field(&self.name(field), words::exactly_one_element(more.len()))),
        }
    }

    /// The objects of an array, where it is given.
    pub fn objects(&self, field: &str) -> Read<Vec<Self>> {
        let items = self.items(field)?.iter().enumerate();
        items.map(|(at, item)| Self::of_value(item, format!("{}[{at}]", self.name(field)))).collect()
    }

    /// The texts of an array that must be given.
    pub fn texts(&self, field: &str) -> Read<Vec<String>> {
        if self.present(field).is_none() {
            return Err(Refusal::missing(&self.name(field)));
        }
        let items = self.items(field)?.iter();
        let text = |item: &Value| item.as_str().map(str::to_owned).ok_or_else(|| self.wrong(field, "strings", item));
        items.map(text).collect()
    }

    fn items(&self, field: &str) -> Read<&'a [Value]> {
        match self.present(field) {
            None => Ok(&[]),
            Some(Value::Array(items)) => Ok(items),
            Some(other) => Err(self.wrong(field, "an array", other)),
        }
    }

    /// Of two texts exactly one: the value that is given, left or right.
    pub fn either(&self, left: &str, right: &str) -> Read<Either<'a>> {
        match (self.text(left)?, self.text(right)?) {
            (Some(value), None) => Ok(Either::Left(value)),
            (None, Some(value)) => Ok(Either::Right(value)),
            (Some(_), Some(_)) => Err(Refusal::field(&self.name(left), words::both_of_two(self.name(right)))),
            (None, None) => Err(Refusal::field(&self.name(left), words::neither_of_two(self.name(right)))),
        }
    }

    fn wrong(&self, field: &str, expected: &str, got: &Value) -> Refusal {
        Refusal::field(&self.name(field), words::expected(expected, kind_of(got)))
    }
}

/// Which of two exclusive fields was given.
#[derive(Debug, PartialEq, Eq)]
pub enum Either<'a> {
    /// The first.
    Left(&'a str),
    /// The second.
    Right(&'a str),
}

fn kind_of(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) if text.chars().count() <= 40 => format!("the string {text:?}"),
        Value::String(_) => "a string".into(),
        Value::Array(_) => "an array".into(),
        Value::Object(_) => "an object".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_wrong_type_names_the_field_by_its_path() {
        let body = json!({"face_choose": [{"face_id": 0, "sound_start_time": "0", "sound_end_time": 1.5}], "n": "x"});
        let fields = Fields::of_body(&body).unwrap();
        let face = fields.the_one_of("face_choose").unwrap();
        let words = |refused: Refusal| (refused.code, refused.message);
        assert_eq!(
            words(face.required_text("face_id").unwrap_err()),
            (1201, "face_choose[0].face_id: Expected a string, got the number 0".into())
        );
        assert_eq!(
            words(face.required_ms("sound_start_time").unwrap_err()),
            (1201, "face_choose[0].sound_start_time: Expected an integer (milliseconds), got the string \"0\"".into())
        );
        assert!(words(face.required_ms("sound_end_time").unwrap_err()).1.contains("the number 1.5"));
        assert_eq!(
            words(face.required_ms("sound_insert_time").unwrap_err()),
            (1200, "face_choose[0].sound_insert_time: Required, but missing".into())
        );
        assert!(words(fields.number("n").unwrap_err()).1.starts_with("n: Expected a number"));
    }

    #[test]
    fn null_and_empty_count_as_absent_and_whole_floats_as_integers() {
        let body = json!({"video_url": "u", "video_id": "", "a": null, "ms": 5000.0});
        let fields = Fields::of_body(&body).unwrap();
        assert_eq!(fields.either("video_id", "video_url").unwrap(), Either::Right("u"));
        assert_eq!(fields.text("a").unwrap(), None);
        assert_eq!(fields.required_ms("ms").unwrap(), 5000);
    }

    #[test]
    fn of_two_exclusive_fields_exactly_one() {
        for (body, words) in [(json!({}), "Neither"), (json!({"a": "1", "b": "2"}), "Given together")] {
            let refused = Fields::of_body(&body).unwrap().either("a", "b").unwrap_err();
            assert_eq!(refused.code, 1201);
            assert!(refused.message.contains(words) && refused.message.contains('b'), "{}", refused.message);
        }
    }

    #[test]
    fn exactly_one_face_is_supported() {
        for (body, code, words) in [
            (json!({}), 1200, "faces: Required"),
            (json!({"faces": []}), 1200, "faces[0]: Required"),
            (json!({"faces": [{}, {}]}), 1201, "there are 2"),
            (json!({"faces": {}}), 1201, "Expected an array"),
            (json!({"faces": [1]}), 1201, "faces[0]: Expected an object"),
        ] {
            let Err(refused) = Fields::of_body(&body).unwrap().the_one_of("faces") else { panic!("{body} was taken") };
            assert_eq!(refused.code, code);
            assert!(refused.message.contains(words), "{}", refused.message);
        }
    }
}
