//! A JSON body with, at most, one place where the Base64 of a local file is streamed in.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// A part of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// JSON text.
    Text(String),
    /// The bare Base64 of this file, read when it is sent and never held whole.
    Base64OfFile(PathBuf),
}

/// A JSON body in the order it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// Its parts; exactly one where no file is streamed.
    pub parts: Vec<Part>,
}

impl Body {
    /// The body that `fields` are.
    #[must_use]
    pub fn of(fields: &Map<String, Value>) -> Self {
        Self { parts: vec![Part::Text(json_text(fields))] }
    }

    /// The body that `fields_with(mark)` is, with the Base64 of `file` in place of the string `mark`.
    #[must_use]
    pub fn with_file(fields_with: impl Fn(&str) -> Map<String, Value>, file: &Path) -> Self {
        // Chooses a mark that does not occur in any value.
        let plain = json_text(&fields_with(""));
        let mut count = 0_u64;
        let mut mark = format!("sound-file-{count}");
        while plain.contains(&mark) {
            count += 1;
            mark = format!("sound-file-{count}");
        }
        let text = json_text(&fields_with(&mark));
        match text.split_once(&mark) {
            Some((head, tail)) => Self {
                parts: vec![
                    Part::Text(head.to_owned()),
                    Part::Base64OfFile(file.to_owned()),
                    Part::Text(tail.to_owned()),
                ],
            },
            None => Self { parts: vec![Part::Text(text)] },
        }
    }

    /// The file that is streamed into it.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.parts.iter().find_map(|part| match part {
            Part::Text(_) => None,
            Part::Base64OfFile(path) => Some(path.as_path()),
        })
    }

    /// The body with the file's Base64 replaced by `stand_in`.
    #[must_use]
    pub fn text_with(&self, stand_in: &str) -> String {
        let texts = self.parts.iter().map(|part| match part {
            Part::Text(text) => text.as_str(),
            Part::Base64OfFile(_) => stand_in,
        });
        texts.collect()
    }
}

/// Serialising a map of JSON values cannot fail: keys are strings, and numbers are finite.
fn json_text(fields: &Map<String, Value>) -> String {
    serde_json::to_string(fields).unwrap_or_default()
}

/// `data:audio/mpeg;base64,SUQz` without its prefix, and without white space within the Base64; `None` where it is no data URL.
#[must_use]
pub fn bare_base64(text: &str) -> Option<String> {
    let trimmed = text.trim_start();
    let scheme = trimmed.get(..5)?;
    if !scheme.eq_ignore_ascii_case("data:") {
        return None;
    }
    let (head, data) = trimmed.split_once(',')?;
    let last = head.rsplit(';').next()?;
    last.trim().eq_ignore_ascii_case("base64").then(|| data.chars().filter(|letter| !letter.is_whitespace()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_url_loses_its_prefix() {
        assert_eq!(bare_base64("data:audio/mpeg;base64,SUQz\n BAA=").as_deref(), Some("SUQzBAA="));
        assert_eq!(bare_base64("DATA:audio/wav;rate=8000;BASE64,AAAA").as_deref(), Some("AAAA"));
        assert_eq!(bare_base64("data:text/plain,hello"), None);
        assert_eq!(bare_base64("https://host/a,b"), None);
        assert_eq!(bare_base64("ü"), None);
    }

    #[test]
    fn the_place_of_the_file_cannot_be_forged() {
        let body = Body::with_file(
            |mark| {
                let mut fields = Map::new();
                fields.insert("session_id".into(), "sound-file-0".into());
                fields.insert("sound_file".into(), mark.into());
                fields
            },
            Path::new("/voice.wav"),
        );
        assert_eq!(body.text_with("UklG"), r#"{"session_id":"sound-file-0","sound_file":"UklG"}"#);
        assert_eq!(body.file(), Some(Path::new("/voice.wav")));
    }
}
