//! Text that is pasted while no field has the focus: an address, a path, a cURL command, or the body of one. This module recognises
//! it; the window applies it.

use std::path::PathBuf;

use crate::app::state::entry::{SourceSlot, slot_of};
use crate::files::folders;
pub use crate::wire::curl::fields::{Fields, PastedVoice};
use crate::wire::curl::{self, fields};

/// A report on a pasted request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The names of the values that were used.
    pub taken: Vec<String>,
    /// Notes for the user, a sentence each.
    pub lines: Vec<String>,
    /// The profile the request was for, by name and by display name, where another one is in use.
    pub offer: Option<(String, String)>,
}

/// The state of pasting.
#[derive(Debug, Default)]
pub struct State {
    /// The report on the last pasted request.
    pub report: Option<Report>,
    /// An address that may be a clip or a voice: the user is asked which.
    pub ask: Option<String>,
    /// Number of frames within which the next paste is handled by the window, whatever has the focus.
    pub wanted_for: u8,
}

/// A command about pasted text.
#[derive(Clone, Debug)]
pub enum PasteCommand {
    /// This text was pasted.
    Text(String),
    /// Use the address in question as this source.
    Is(SourceSlot),
    /// Close the report or the question.
    Dismiss,
}

/// The recognised kinds of pasted text.
#[derive(Clone, Debug, PartialEq)]
pub enum Pasted {
    /// The address of a clip or a voice; which of them, where the address shows it.
    Address(String, Option<SourceSlot>),
    /// Files on this machine.
    Files(Vec<PathBuf>),
    /// A request to a service.
    Request(Box<PastedRequest>),
    /// Not recognised, and why.
    Nothing(String),
}

/// A request to a service that was pasted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PastedRequest {
    /// Its fields.
    pub fields: Fields,
    /// The host of its address, with an unusual port, where it has one.
    pub host: Option<String>,
    /// Whether it contained a key.
    pub has_key: bool,
}

/// Maximum length of a pasted text, in bytes. A command with a voice of 5 MB as Base64 is within it.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Recognises a pasted text.
#[must_use]
pub fn understand(text: &str) -> Pasted {
    let text = text.trim();
    if text.is_empty() {
        return Pasted::Nothing("There is no text to paste".into());
    }
    if text.len() > MOST_BYTES {
        return Pasted::Nothing(
            "The pasted text is too long: an address, a path or a cURL command is understood".into(),
        );
    }
    if text.starts_with('{') {
        return match fields::read(text) {
            Ok(fields) if fields.is_empty() => {
                Pasted::Nothing("The pasted JSON has no field of an identify or a lip-sync request".into())
            }
            Ok(fields) => Pasted::Request(Box::new(PastedRequest { fields, ..PastedRequest::default() })),
            Err(why) => Pasted::Nothing(why),
        };
    }
    if curl::is_curl(text) {
        return match request(text) {
            Ok(request) => Pasted::Request(Box::new(request)),
            Err(why) => Pasted::Nothing(why),
        };
    }
    if let Some(files) = files(text) {
        return Pasted::Files(files);
    }
    match url::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && !text.contains(char::is_whitespace) => {
            Pasted::Address(text.to_owned(), slot_of_address(&url))
        }
        // The message does not quote the text: it may be a secret that was pasted here by mistake.
        _ => Pasted::Nothing(
            "What was pasted is neither an address (https://…), nor the path of a clip or a voice, nor a cURL command"
                .into(),
        ),
    }
}

/// Whether a text is a request to a service.
#[must_use]
pub fn is_request(text: &str) -> bool {
    matches!(understand(text), Pasted::Request(_))
}

/// Which source an address is: by the extension of its path, else by one in its query.
fn slot_of_address(url: &url::Url) -> Option<SourceSlot> {
    let by_name = |name: &str| slot_of(std::path::Path::new(name));
    by_name(url.path()).or_else(|| url.query_pairs().find_map(|(_, value)| by_name(&value)))
}

/// Paths as file managers copy them: absolute, or as `file://` addresses, one on each line.
fn files(text: &str) -> Option<Vec<PathBuf>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    // Some file managers put these lines before the paths.
    let lines = lines.filter(|line| !matches!(*line, "copy" | "cut" | "x-special/nautilus-clipboard"));
    let paths: Option<Vec<PathBuf>> = lines
        .map(|line| {
            let line = line.trim_matches('"');
            if line.starts_with("file://") {
                return url::Url::parse(line).ok()?.to_file_path().ok();
            }
            let path = folders::in_full(line);
            path.is_absolute().then_some(path)
        })
        .collect();
    paths.filter(|paths| !paths.is_empty())
}

fn request(text: &str) -> Result<PastedRequest, String> {
    let request = curl::understand(text).map_err(|err| err.to_string())?;
    let url = url::Url::parse(&request.url)
        .map_err(|_| "The address in the command is not valid: copy the whole command".to_owned())?;
    let path = url.path().trim_end_matches('/');
    let known = ["/identify-face", "/advanced-lip-sync", "/v1/generation"].iter().any(|end| path.ends_with(end));
    let asks = [path.contains("/advanced-lip-sync/"), path.contains("/generation/task/")].contains(&true);
    let Some(body) = request.body else {
        return Err(if asks {
            "The command asks for the status of a task: there is nothing in it to fill in"
        } else if known {
            "The command has no body: the part behind -d is missing"
        } else {
            "The command is for another service: those for identify-face and advanced-lip-sync are understood"
        }
        .into());
    };
    let mut fields = fields::read(&body)?;
    if fields.is_empty() {
        return Err(if known {
            "The body of the command has no field of an identify or a lip-sync request"
        } else {
            "The command is for another service: those for identify-face and advanced-lip-sync are understood"
        }
        .into());
    }
    fields.left_out.extend(request.left_out);
    Ok(PastedRequest { fields, host: authority(&url), has_key: request.has_key })
}

/// The host of an address, with its port where that is not the usual one: another port on this machine is another service.
#[must_use]
pub fn authority(url: &url::Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nothing(text: &str) -> String {
        match understand(text) {
            Pasted::Nothing(why) => why,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn an_address_is_a_clip_or_a_voice_by_its_ending_or_to_be_asked_for() {
        for (text, slot) in [
            ("https://a.b/clip.MP4", Some(SourceSlot::Clip)),
            (" https://a.b/x/voice.mp3?sig=1 \n", Some(SourceSlot::Voice)),
            ("https://a.b/get?file=voice.wav&t=1", Some(SourceSlot::Voice)),
            ("http://127.0.0.1:8080/media/7", None),
        ] {
            assert_eq!(understand(text), Pasted::Address(text.trim().into(), slot));
        }
    }

    #[test]
    fn paths_as_file_managers_copy_them_are_files() {
        let (root, address) = if cfg!(windows) { ("C:/", "file:///C:/") } else { ("/", "file:///") };
        let path = |name: &str| PathBuf::from(format!("{root}{name}"));
        assert_eq!(understand(&format!("{root}a/b c.mp4")), Pasted::Files(vec![path("a/b c.mp4")]));
        assert_eq!(
            understand(&format!("copy\n{address}a/b%20c.mp4\n{address}a/v.mp3")),
            Pasted::Files(vec![path("a/b c.mp4"), path("a/v.mp3")])
        );
    }

    #[test]
    fn a_command_for_either_service_is_a_request() {
        let text = "curl -X POST https://api.ezmodel.cloud/kling/v1/videos/identify-face -H 'Authorization: Bearer k' \\\n -d '{\"video_id\":\"v-1\",\"model\":\"m\"}'";
        let Pasted::Request(request) = understand(text) else { panic!() };
        assert_eq!(request.host.as_deref(), Some("api.ezmodel.cloud"));
        assert!(request.has_key && request.fields.clip.is_some());
        assert_eq!(request.fields.left_out, ["model, which is not known here"]);
    }

    #[test]
    fn a_text_that_is_not_recognised_is_explained_and_never_quoted() {
        assert!(nothing("sk-this-is-a-secret").contains("neither an address"));
        assert!(!nothing("sk-this-is-a-secret").contains("sk-this"));
        assert!(nothing("  ").contains("no text"));
        assert!(nothing("curl https://a.b/v1/videos/advanced-lip-sync/t-1").contains("the status of a task"));
        assert!(nothing("curl -X POST https://a.b/v1/videos/identify-face").contains("no body"));
        assert!(nothing("curl https://a.b/chat -d '{\"prompt\":1}'").contains("another service"));
        assert!(nothing("{\"prompt\":1}").contains("no field"));
        assert!(nothing("ftp://a.b/c.mp4").contains("neither"));
    }

    #[test]
    fn what_the_inspector_copies_can_be_pasted() {
        let exchange = crate::engine::Exchange {
            request_headers: vec![("authorization".into(), "Bearer •••".into())],
            request_file: Some("/voices/it's.mp3".into()),
            request_body: r#"{"session_id":"s","face_choose":[{"face_id":"f","sound_file":"… (9 bytes of it's.mp3 as Base64)","sound_end_time":3000}]}"#.into(),
            ..crate::app::state::inspector::tests::exchange(1, "POST", "https://a.b/v1/videos/advanced-lip-sync", None, "")
        };
        let Pasted::Request(request) = understand(&crate::app::state::inspector::command_of(&exchange, None)) else {
            panic!()
        };
        assert!(request.has_key && request.fields.voice.is_some());
        assert_eq!((request.fields.face_id.as_deref(), request.fields.end_ms), (Some("f"), Some(3_000)));
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(text in "\\PC{0,60}") {
            let _ = understand(&text);
        }
    }
}
