//! A request that was sent, as a command for a POSIX shell that sends it again.

use std::fmt::Write as _;
use std::path::Path;

use super::words;

/// The variable from which the command takes the key of a real service.
pub const KEY_VARIABLE: &str = "VISEME_KEY";

/// Headers that curl sets itself, or that would be wrong for a reassembled body.
const OMITTED: [&str; 5] = ["authorization", "content-length", "host", "accept-encoding", "transfer-encoding"];

/// A request that was sent, as it was recorded.
#[derive(Clone, Copy)]
pub struct Sent<'a> {
    /// `GET`, `POST`, `PUT`.
    pub method: &'a str,
    /// The address, whole.
    pub url: &'a str,
    /// Headers as sent; `Authorization` may be masked.
    pub headers: &'a [(String, String)],
    /// The body as text; of a file in it only its size and name.
    pub body: &'a str,
    /// The file whose bytes were sent: as Base64 within the body, or as the body.
    pub file: Option<&'a Path>,
    /// The key of the built-in sandbox, where the request went there: it may be in the command, because it opens nothing else.
    pub sandbox_key: Option<&'a str>,
}

/// The bytes of the request's file, as the command sends them.
enum Payload<'a> {
    /// The body itself.
    Text(&'a str),
    /// A file as it is.
    File(&'a Path),
    /// The Base64 of a file within a JSON body: what is before it, and what is after it.
    Base64(&'a str, &'a Path, &'a str),
}

/// The command that sends a request again. The key of a real service is never in it. Where it sends a file that is missing, it fails
/// before anything is sent.
#[must_use]
pub fn command(sent: &Sent<'_>) -> String {
    let payload = payload(sent);
    let mut out = String::new();
    if let Payload::Base64(before, path, after) = &payload {
        // A body of megabytes is too long for an argument: it is piped in by printf, which is a shell builtin.
        let _ = write!(
            out,
            "voice=$(base64 < {} | tr -d '\\n') && test -n \"$voice\" &&\nprintf '%s' {}\"$voice\"{} |\n",
            quoted(&path.display().to_string()),
            quoted(before),
            quoted(after)
        );
    }
    out.push_str("curl");
    if sent.method != "GET" {
        let _ = write!(out, " -X {}", sent.method);
    }
    let file = match payload {
        Payload::File(path) => path.display().to_string(),
        _ => String::new(),
    };
    // Without this curl reads brackets and braces as lists of addresses or files.
    if sent.url.contains(['[', ']', '{', '}']) || file.contains(['[', ']', '{', '}']) {
        out.push_str(" -g");
    }
    let _ = write!(out, " {}", quoted(sent.url));
    for (name, value) in sent.headers {
        if name.eq_ignore_ascii_case("authorization") {
            let _ = match sent.sandbox_key {
                Some(key) => write!(out, " \\\n  -H {}", quoted(&format!("Authorization: Bearer {key}"))),
                None => write!(out, " \\\n  -H \"Authorization: Bearer ${KEY_VARIABLE}\""),
            };
        } else if !OMITTED.iter().any(|omitted| name.eq_ignore_ascii_case(omitted)) {
            let _ = write!(out, " \\\n  -H {}", quoted(&format!("{name}: {value}")));
        }
    }
    match payload {
        Payload::Text("") => {}
        Payload::Text(body) => drop(write!(out, " \\\n  --data-raw {}", quoted(body))),
        // Not --data-binary: where the file is missing, that sends nothing as the file.
        Payload::File(_) => drop(write!(out, " \\\n  --upload-file {}", quoted(&file))),
        Payload::Base64(..) => out.push_str(" \\\n  --data-binary @-"),
    }
    out
}

/// What must be known to run the command of a request, a sentence each.
#[must_use]
pub fn hints(sent: &Sent<'_>) -> Vec<String> {
    let mut hints = Vec::new();
    if sent.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
        hints.push(match sent.sandbox_key {
            Some(_) => words::SANDBOX_KEY.to_owned(),
            None => words::key_from(KEY_VARIABLE),
        });
    }
    match payload(sent) {
        Payload::File(path) | Payload::Base64(_, path, _) => {
            hints.push(words::sends_file(&path.display().to_string()));
        }
        Payload::Text(body) if body.contains("… (") && body.contains(" characters)") => {
            hints.push(words::SOUND_NOT_KEPT.to_owned());
        }
        Payload::Text(_) => {}
    }
    if sent.method == "POST" && sent.sandbox_key.is_none() {
        hints.push(words::PAID_AGAIN.to_owned());
    }
    hints
}

fn payload<'a>(sent: &Sent<'a>) -> Payload<'a> {
    let Some(path) = sent.file else { return Payload::Text(sent.body) };
    // As the recorder names a file: `… (123 bytes of voice.mp3 as Base64)`, or `(123 bytes of clip.mp4)` for a whole body.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let suffix = format!(" bytes of {name} as Base64)");
    let (body, mark) = (sent.body, "… (");
    for (at, _) in body.match_indices(mark) {
        let digits = body[at + mark.len()..].bytes().take_while(u8::is_ascii_digit).count();
        let after = &body[at + mark.len() + digits..];
        if let Some(after) = after.strip_prefix(&suffix).filter(|_| digits > 0) {
            return Payload::Base64(&body[..at], path, after);
        }
    }
    Payload::File(path)
}

/// A word as a POSIX shell reads it literally.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::path::PathBuf;
    use std::process::{Command, Output, Stdio};

    use proptest::prelude::*;

    use super::super::read::understand;
    use super::*;

    const URL: &str = "https://a.b/v1/videos/advanced-lip-sync";

    fn headers() -> Vec<(String, String)> {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        vec![
            header("authorization", "Bearer •••"),
            header("content-type", "application/json"),
            header("content-length", "12"),
        ]
    }

    fn sent<'a>(headers: &'a [(String, String)], body: &'a str) -> Sent<'a> {
        Sent { method: "POST", url: URL, headers, body, file: None, sandbox_key: None }
    }

    /// Runs the command in a shell. `curl` is a function that prints its words, and its input where it is to read that.
    fn run(command: &str) -> Output {
        let script = format!(
            "curl() {{ for word in \"$@\"; do printf '<%s>' \"$word\"; if [ \"$word\" = @- ]; then cat; fi; done; }}\n{command}\n"
        );
        Command::new("sh").env(KEY_VARIABLE, "sk-1").arg("-c").arg(script).output().unwrap()
    }

    fn printed(command: &str) -> String {
        let output = run(command);
        assert!(output.status.success(), "{command}\n{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A file named so that a shell could stumble, and the body of a create that had it.
    fn voice(folder: &tempfile::TempDir, bytes: usize) -> (PathBuf, String) {
        let path = folder.path().join("a voice's $HOME.mp3");
        std::fs::write(&path, vec![0xFF_u8; bytes]).unwrap();
        let body = format!(
            r#"{{"face_choose":[{{"sound_file":"… ({bytes} bytes of a voice's $HOME.mp3 as Base64)","x":"$\\n`… (1 bytes"}}]}}"#
        );
        (path, body)
    }

    #[test]
    fn a_shell_reads_the_command_as_it_was_sent_and_the_key_from_the_environment() {
        let body = r#"{"video_url":"https://x/it's $HOME `id` \"a\".mp4"}"#;
        let headers = headers();
        let command = command(&sent(&headers, body));
        assert!(!command.contains("•••") && !command.contains("content-length"), "{command}");
        assert_eq!(
            printed(&command),
            format!(
                "<-X><POST><{URL}><-H><Authorization: Bearer sk-1><-H><content-type: application/json><--data-raw><{body}>"
            )
        );
    }

    #[test]
    fn only_the_sandboxs_key_is_in_the_command() {
        let headers = headers();
        let sandbox = Sent { sandbox_key: Some("sandbox-key"), ..sent(&headers, "{}") };
        assert!(command(&sandbox).contains("-H 'Authorization: Bearer sandbox-key'"));
        assert_eq!(hints(&sandbox), [words::SANDBOX_KEY]);
        assert!(command(&sent(&headers, "{}")).contains("Bearer $VISEME_KEY"));
        assert_eq!(hints(&sent(&headers, "{}")).len(), 2);
    }

    #[test]
    fn a_voice_is_read_from_its_file_again_and_without_it_nothing_is_sent() {
        let folder = tempfile::tempdir().unwrap();
        // Longer than any one argument may be.
        let (path, body) = voice(&folder, 300_000);
        let headers = headers();
        let sent = Sent { file: Some(&path), ..sent(&headers, &body) };
        assert!(hints(&sent).iter().any(|hint| hint.contains(path.to_str().unwrap())));
        let command = command(&sent);
        let expected =
            format!(r#"<@->{{"face_choose":[{{"sound_file":"{}","x":"$\\n`… (1 bytes"}}]}}"#, "////".repeat(100_000));
        assert!(printed(&command).ends_with(&expected));
        for missing in [std::fs::write(&path, b""), std::fs::remove_file(&path)] {
            missing.unwrap();
            let output = run(&command);
            assert!(!output.status.success() && output.stdout.is_empty(), "nothing is sent");
        }
    }

    #[test]
    fn an_upload_names_its_file_and_a_query_needs_no_body() {
        let headers = headers();
        let path = Path::new("/films/duo [1].mp4");
        let upload = Sent { method: "PUT", file: Some(path), ..sent(&headers, "(1234 bytes of duo [1].mp4)") };
        let command_line = command(&upload);
        assert!(
            command_line.starts_with("curl -X PUT -g '")
                && command_line.ends_with("--upload-file '/films/duo [1].mp4'")
        );
        let query = Sent { method: "GET", ..sent(&[], "") };
        assert_eq!(command(&query), format!("curl '{URL}'"));
        assert!(hints(&query).is_empty());
    }

    /// A server that answers one request; returns its address, and what it received.
    fn server() -> (String, std::sync::mpsc::Receiver<(String, Vec<u8>)>) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (send, received) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let Ok((stream, _)) = listener.accept() else { return };
            let mut reader = BufReader::new(stream);
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
                head.push_str(&line);
            }
            if head.contains("100-continue") {
                reader.get_mut().write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").unwrap();
            let _ = send.send((head, body));
        });
        (address, received)
    }

    /// Runs the command with the real curl.
    fn run_curl(command: &str) -> Output {
        Command::new("sh").env(KEY_VARIABLE, "sk-1").arg("-c").arg(command).stdin(Stdio::null()).output().unwrap()
    }

    #[test]
    fn curl_itself_sends_what_was_sent() {
        if Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_err() {
            assert!(std::env::var_os("CI").is_none(), "curl is needed");
            eprintln!("skipped: curl is not installed");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let (path, body) = voice(&folder, 150_000);
        let headers = headers();
        let (url, received) = server();
        let create = Sent { url: &url, file: Some(&path), ..sent(&headers, &body) };
        assert!(run_curl(&command(&create)).status.success());
        let (head, bytes) = received.recv().unwrap();
        assert!(head.starts_with("POST / ") && head.contains("Authorization: Bearer sk-1"), "{head}");
        let base64 = "////".repeat(50_000);
        let (before, after) = body.split_once("… (150000 bytes of a voice's $HOME.mp3 as Base64)").unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), format!("{before}{base64}{after}"));

        let (url, received) = server();
        let url = format!("{url}/media/x");
        let upload = Sent { method: "PUT", url: &url, file: Some(&path), body: "(150000 bytes)", ..create };
        assert!(run_curl(&command(&upload)).status.success());
        let (head, bytes) = received.recv().unwrap();
        assert!(head.starts_with("PUT /media/x ") && bytes.len() == 150_000, "{head}");

        std::fs::remove_file(&path).unwrap();
        let (url, received) = server();
        for sent in [Sent { url: &url, ..create }, Sent { url: &url, ..upload }] {
            assert!(!run_curl(&command(&sent)).status.success());
        }
        assert!(received.try_recv().is_err(), "nothing was sent");
    }

    proptest! {
        /// What is written is read back.
        #[test]
        fn a_command_is_read_back(
            method in prop::sample::select(vec!["GET", "POST", "PUT"]),
            path in "[a-zA-Z0-9/?&=%'()$~*+,;:@!._-]{0,30}",
            text in "[^\\r]{0,40}",
            name in "[^/\\r\\n\0]{1,20}",
            header in "[a-z]{1,8}",
            authorised: bool,
            form in 0..3,
        ) {
            let url = format!("https://a.b/{path}");
            let mut headers = vec![(format!("x-{header}"), text.replace('\n', " "))];
            if authorised {
                headers.push(("Authorization".to_owned(), "Bearer •••".to_owned()));
            }
            let value = serde_json::to_string(&text).unwrap();
            let file = Path::new("/home/ada").join(&name);
            let file_name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let body = match form {
                0 => String::new(),
                1 => format!(r#"{{"a":{value}}}"#),
                _ => format!(r#"{{"a":{value},"sound_file":"… (7 bytes of {file_name} as Base64)","b":{value}}}"#),
            };
            let file = (form == 2).then_some(file.as_path());
            let sent = Sent { method, url: &url, headers: &headers, body: &body, file, sandbox_key: None };
            let request = understand(&command(&sent)).unwrap();
            prop_assert_eq!(&request.url, &url);
            prop_assert_eq!(request.method.as_deref(), (method != "GET").then_some(method));
            let expected = body.replacen(&format!("… (7 bytes of {file_name} as Base64)"), "$voice", 1);
            prop_assert_eq!(request.body.unwrap_or_default(), expected);
            prop_assert_eq!(request.has_key, authorised);
            prop_assert_eq!(request.left_out, [format!("the header x-{header}")]);
        }
    }
}
