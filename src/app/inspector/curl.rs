//! A request as a command for a terminal. The key is never in it: it is taken from `VISEME_KEY`, which is said beside it.

use std::fmt::Write as _;

use crate::engine::Exchange;

/// The variable from which the command takes the key.
pub const KEY_VARIABLE: &str = "VISEME_KEY";

/// Headers that curl makes by itself, or that would be wrong for a body that is put together anew.
const LEFT_OUT: [&str; 5] = ["authorization", "content-length", "host", "accept-encoding", "transfer-encoding"];

/// The command that sends the request of `exchange` again.
#[must_use]
pub fn command(exchange: &Exchange) -> String {
    let mut out = String::from("curl");
    if exchange.method != "GET" {
        let _ = write!(out, " -X {}", exchange.method);
    }
    let _ = write!(out, " {}", quoted(&exchange.url));
    for (name, value) in &exchange.request_headers {
        if name.eq_ignore_ascii_case("authorization") {
            let _ = write!(out, " \\\n  -H \"Authorization: Bearer ${KEY_VARIABLE}\"");
        } else if !LEFT_OUT.iter().any(|left| name.eq_ignore_ascii_case(left)) {
            let _ = write!(out, " \\\n  -H {}", quoted(&format!("{name}: {value}")));
        }
    }
    let body = &exchange.request_body;
    if let Some(name) = uploaded_file(exchange) {
        let _ = write!(out, " \\\n  --data-binary {}", quoted(&format!("@{name}")));
    } else if let Some((before, name, after)) = voice_in(body) {
        // Base64 of megabytes is no argument of a command: the body goes in through a pipe.
        let _ = write!(
            out,
            " \\\n  --data-binary @- <<END\n{}$(base64 < {} | tr -d '\\n'){}\nEND",
            in_document(before),
            quoted(name),
            in_document(after)
        );
    } else if !body.is_empty() {
        let _ = write!(out, " \\\n  --data-raw {}", quoted(body));
    }
    out
}

/// What must be known to run the command of `exchange`, a sentence each.
#[must_use]
pub fn hints(exchange: &Exchange) -> Vec<String> {
    let mut hints = Vec::new();
    if exchange.request_headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
        hints.push(format!("The key is not in it: put it into {KEY_VARIABLE} first, with read -rs {KEY_VARIABLE}"));
    }
    let file = uploaded_file(exchange).or_else(|| voice_in(&exchange.request_body).map(|(_, name, _)| name));
    hints.extend(file.map(|name| format!("Run it in the folder of {name}, which it sends")));
    if exchange.request_body.contains(" characters)") && exchange.request_body.contains("… (") {
        hints.push("Its Base64 is not kept: where it says … the sound must be put in again".to_owned());
    }
    if exchange.method == "POST" {
        hints.push("A request that costs something is sent once more by it, and paid once more".to_owned());
    }
    hints
}

/// The file that an upload sent as it is: `(123 bytes of a.mp4)`.
fn uploaded_file(exchange: &Exchange) -> Option<&str> {
    let told = exchange.request_body.strip_prefix('(')?.strip_suffix(')')?;
    let (bytes, name) = told.split_once(" bytes of ")?;
    (exchange.operation == "upload" && bytes.parse::<u64>().is_ok()).then_some(name)
}

/// Where in a body the Base64 of a voice is told instead of shown: what is before it, the file's name, what is after it.
fn voice_in(body: &str) -> Option<(&str, &str, &str)> {
    let start = body.find("… (")?;
    let told = &body[start + "… (".len()..];
    let end = told.find(" as Base64)")?;
    let (bytes, name) = told[..end].split_once(" bytes of ")?;
    let after = &told[end + " as Base64)".len()..];
    bytes.parse::<u64>().is_ok().then_some((&body[..start], name, after))
}

/// A word as a POSIX shell takes it literally.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A text as it stands literally in a here-document in which commands are carried out.
fn in_document(text: &str) -> String {
    text.replace('\\', r"\\").replace('$', r"\$").replace('`', r"\`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::inspector::tests::exchange;

    fn sent(body: &str) -> Exchange {
        Exchange {
            request_headers: vec![
                ("authorization".into(), "Bearer •••".into()),
                ("content-type".into(), "application/json".into()),
                ("content-length".into(), "12".into()),
            ],
            request_body: body.into(),
            ..exchange(1, "POST", "https://a.b/v1/videos/identify-face", Some(200), "{}")
        }
    }

    /// What a shell makes of the command, with a curl that tells its words and its input.
    fn run(command: &str, folder: &std::path::Path) -> String {
        let script = format!(
            "curl() {{ for word in \"$@\"; do printf '<%s>' \"$word\"; if [ \"$word\" = @- ]; then cat; fi; done; }}\n{command}\n"
        );
        let mut shell = std::process::Command::new("sh");
        let told = shell.current_dir(folder).env(KEY_VARIABLE, "sk-1").arg("-c").arg(script).output().unwrap();
        assert!(told.status.success(), "{command}\n{}", String::from_utf8_lossy(&told.stderr));
        String::from_utf8(told.stdout).unwrap()
    }

    #[test]
    fn a_shell_reads_the_command_as_it_was_sent_and_the_key_from_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let body = r#"{"video_url":"https://x/it's $HOME `id` \"a\".mp4"}"#;
        let command = command(&sent(body));
        assert!(!command.contains("•••") && !command.contains("content-length"), "{command}");
        let told = run(&command, folder.path());
        assert_eq!(
            told,
            format!(
                "<-X><POST><https://a.b/v1/videos/identify-face><-H><Authorization: Bearer sk-1><-H><content-type: application/json><--data-raw><{body}>"
            )
        );
    }

    #[test]
    fn a_voice_is_read_from_its_file_again() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a voice's.mp3"), [0xFF_u8; 100]).unwrap();
        let body = r#"{"face_choose":[{"sound_file":"… (100 bytes of a voice's.mp3 as Base64)","x":"$\\n`"}]}"#;
        let told = run(&command(&sent(body)), folder.path());
        let base64 = format!("{}{}", "////".repeat(33), "/w==");
        let expected = format!("{{\"face_choose\":[{{\"sound_file\":\"{base64}\",\"x\":\"$\\\\n`\"}}]}}\n");
        assert!(told.ends_with(&expected), "{told}");
        assert!(hints(&sent(body)).iter().any(|hint| hint.contains("a voice's.mp3")));
    }

    #[test]
    fn an_upload_names_its_file_and_a_question_needs_no_body() {
        let upload =
            Exchange { operation: "upload", method: "PUT", request_body: "(1234 bytes of duo.mp4)".into(), ..sent("") };
        assert!(command(&upload).contains("-X PUT") && command(&upload).ends_with("--data-binary '@duo.mp4'"));
        let query = exchange(1, "GET", "https://a.b/v1/videos/advanced-lip-sync/t", Some(200), "{}");
        assert_eq!(command(&query), "curl 'https://a.b/v1/videos/advanced-lip-sync/t'");
        assert!(hints(&query).is_empty());
    }
}
