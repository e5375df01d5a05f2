//! Indents JSON and classifies its tokens. Only white space changes; every number keeps its spelling.

use std::ops::Range;

const INDENT: &str = "  ";

/// The text with each value on its own line. Truncated JSON is accepted: completeness is not checked.
#[must_use]
pub fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 3 / 2);
    let mut depth = 0_usize;
    let mut chars = json.trim().chars().peekable();
    let break_line = |out: &mut String, depth: usize| {
        out.push('\n');
        // No ordinary document is nested deeper than this.
        for _ in 0..depth.min(40) {
            out.push_str(INDENT);
        }
    };
    while let Some(char) = chars.next() {
        match char {
            '"' => {
                out.push('"');
                let mut escaped = false;
                for inner in chars.by_ref() {
                    // A line break within a string is not valid JSON, and must not break the line here.
                    out.push(if inner.is_control() { ' ' } else { inner });
                    if inner == '"' && !escaped {
                        break;
                    }
                    escaped = inner == '\\' && !escaped;
                }
            }
            '{' | '[' => {
                out.push(char);
                while chars.next_if(|next| next.is_whitespace()).is_some() {}
                let close = if char == '{' { '}' } else { ']' };
                if chars.next_if_eq(&close).is_some() {
                    out.push(close);
                } else {
                    depth += 1;
                    break_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                break_line(&mut out, depth);
                out.push(char);
            }
            ',' => {
                out.push(',');
                break_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            char if char.is_whitespace() => {}
            char => out.push(char),
        }
    }
    out
}

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The name of a field.
    Name,
    /// A string.
    Text,
    /// A number, `true`, `false`, `null`.
    Word,
    /// Brackets, commas, colons.
    Sign,
}

/// The tokens of one indented line, in order and without gaps.
#[must_use]
pub fn parts(line: &str) -> Vec<(Range<usize>, Part)> {
    let bytes = line.as_bytes();
    let mut parts: Vec<(Range<usize>, Part)> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let part = if bytes[at] == b'"' {
            at += 1;
            let mut escaped = false;
            while at < bytes.len() && (escaped || bytes[at] != b'"') {
                escaped = bytes[at] == b'\\' && !escaped;
                at += 1;
            }
            at = (at + 1).min(bytes.len());
            if line[at..].trim_start().starts_with(':') { Part::Name } else { Part::Text }
        } else {
            let is_sign = |byte: u8| byte.is_ascii_whitespace() || b"{}[],:".contains(&byte);
            let sign = is_sign(bytes[at]);
            while at < bytes.len() && bytes[at] != b'"' && is_sign(bytes[at]) == sign {
                at += 1;
            }
            if sign { Part::Sign } else { Part::Word }
        };
        parts.push((start..at, part));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn values_stand_on_their_own_lines_and_are_not_touched() {
        let json = r#" {"a":1.50,"b":[],"c":{ },"d":["x\",{",null],"n":12345678901234567890123} "#;
        let pretty = "{\n  \"a\": 1.50,\n  \"b\": [],\n  \"c\": {},\n  \"d\": [\n    \"x\\\",{\",\n    null\n  ],\n  \"n\": 12345678901234567890123\n}";
        assert_eq!(indented(json), pretty);
        assert_eq!(indented(r#"{"a":"cut of"#), "{\n  \"a\": \"cut of");
        assert_eq!(indented("]]]}"), "\n]\n]\n]\n}");
    }

    #[test]
    fn names_strings_and_literals_are_distinguished() {
        let line = r#"  "a\"b": "c: d", true"#;
        let tokens: Vec<(&str, Part)> = parts(line).into_iter().map(|(range, part)| (&line[range], part)).collect();
        assert_eq!(
            tokens,
            [
                ("  ", Part::Sign),
                (r#""a\"b""#, Part::Name),
                (": ", Part::Sign),
                (r#""c: d""#, Part::Text),
                (", ", Part::Sign),
                ("true", Part::Word)
            ]
        );
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("\\PC{0,6}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_indented_means_the_same(value in json()) {
            let text = value.to_string();
            let pretty = indented(&text);
            prop_assert_eq!(serde_json::from_str::<Value>(&pretty).unwrap(), value);
            prop_assert_eq!(&indented(&pretty), &pretty, "twice is as once");
        }

        #[test]
        fn parts_leave_no_gap_whatever_the_line(line in "[\\PC]{0,40}") {
            let mut at = 0;
            for (range, _) in parts(&line) {
                prop_assert_eq!(range.start, at);
                prop_assert!(line.is_char_boundary(range.end));
                at = range.end;
            }
            prop_assert_eq!(at, line.len());
        }
    }
}
