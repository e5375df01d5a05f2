//! A cURL command as the request it sends. What lets somebody in is noticed, and neither kept nor told.

use super::shell::{self, ShellError};

/// The request that a command sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Where to.
    pub url: String,
    /// The method, where it is given.
    pub method: Option<String>,
    /// The body, where there is one.
    pub body: Option<String>,
    /// Whether a key was in it.
    pub has_key: bool,
    /// Options and parts of the command that mean nothing here, by name.
    pub left_out: Vec<String>,
}

/// A command that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurlError {
    /// It cannot be read as words.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// It does not begin with `curl`.
    #[error("It is no cURL command")]
    NoCurl,
    /// It names no address.
    #[error("There is no address in the command")]
    NoAddress,
    /// An option whose value is missing.
    #[error("The command ends after {0}, which needs a value: copy the whole command")]
    NoValue(String),
    /// Its body is in a file.
    #[error("The body of the command is in the file {0}, which is not read: paste the text of the file instead")]
    BodyInFile(String),
    /// Its body is a form, which no such service takes.
    #[error("The command sends a form ({0}), which lip-sync services do not take: a JSON body is needed")]
    Form(String),
}

/// Short options that take a value.
const SHORT_VALUES: &str = "XHdubAeomxTFKwcCDrtyYzEQ";
/// Long options that take a value, and mean nothing here.
const LONG_VALUES: [&str; 18] = [
    "--user-agent",
    "--referer",
    "--output",
    "--max-time",
    "--connect-timeout",
    "--proxy",
    "--retry",
    "--retry-delay",
    "--write-out",
    "--cacert",
    "--cert",
    "--resolve",
    "--config",
    "--dump-header",
    "--cookie-jar",
    "--interface",
    "--limit-rate",
    "--retry-max-time",
];
/// Headers that let somebody in.
const KEY_HEADERS: [&str; 5] = ["authorization", "x-api-key", "api-key", "cookie", "proxy-authorization"];
/// Headers that say nothing beyond the body.
const PLAIN_HEADERS: [&str; 5] = ["content-type", "accept", "user-agent", "content-length", "host"];

/// Whether a text looks like a cURL command.
#[must_use]
pub fn is_curl(text: &str) -> bool {
    let text = text.trim_start().trim_start_matches("$ ");
    let first = text.split(|char: char| char.is_whitespace() || char == '^').next().unwrap_or_default();
    matches!(first.to_ascii_lowercase().as_str(), "curl" | "curl.exe")
}

/// Understands a command.
///
/// # Errors
/// It is none, is cut off, or sends what is not in it.
pub fn understand(text: &str) -> Result<Request, CurlError> {
    if !is_curl(text) {
        return Err(CurlError::NoCurl);
    }
    let text = text.trim_start();
    let line = shell::read(text.strip_prefix("$ ").unwrap_or(text))?;
    let mut request = Request::default();
    let mut body: Vec<String> = Vec::new();
    let mut words = line.words.into_iter().skip(1);
    while let Some(word) = words.next() {
        if let Some(long) = word.strip_prefix("--").filter(|long| !long.is_empty()) {
            let (name, given) = match long.split_once('=') {
                Some((name, value)) => (format!("--{name}"), Some(value.to_owned())),
                None => (word.clone(), None),
            };
            let name = long_name(&name);
            let value = if takes_value(&name) {
                Some(given.or_else(|| words.next()).ok_or_else(|| CurlError::NoValue(name.clone()))?)
            } else {
                None
            };
            option(&mut request, &mut body, &name, value, line.input.as_deref())?;
        } else if word.starts_with('-') && word.len() > 1 {
            let letters = word.char_indices().skip(1);
            for (at, letter) in letters {
                let name = format!("-{letter}");
                if !SHORT_VALUES.contains(letter) {
                    option(&mut request, &mut body, &name, None, None)?;
                    continue;
                }
                let rest = &word[at + letter.len_utf8()..];
                let value = if rest.is_empty() { words.next() } else { Some(rest.to_owned()) };
                let value = value.ok_or_else(|| CurlError::NoValue(name.clone()))?;
                option(&mut request, &mut body, &name, Some(value), line.input.as_deref())?;
                break;
            }
        } else if request.url.is_empty() {
            request.url = word;
        } else {
            request.left_out.push("a second address".into());
        }
    }
    if request.url.is_empty() {
        return Err(CurlError::NoAddress);
    }
    if !request.url.contains("://") {
        request.url = format!("https://{}", request.url);
    }
    if line.goes_on {
        request.left_out.push("what follows the command".into());
    }
    request.body = (!body.is_empty()).then(|| body.join("&"));
    Ok(request)
}

/// Long options by the short ones' names where there are such.
fn long_name(name: &str) -> String {
    match name {
        "--request" => "-X",
        "--header" => "-H",
        "--data" | "--data-raw" | "--data-ascii" | "--data-binary" => "-d",
        "--user" => "-u",
        "--cookie" => "-b",
        "--form" | "--form-string" => "-F",
        "--upload-file" => "-T",
        other => other,
    }
    .to_owned()
}

fn takes_value(name: &str) -> bool {
    let known = ["--json", "--data-urlencode", "--url", "--oauth2-bearer"];
    known.contains(&name)
        || LONG_VALUES.contains(&name)
        || name.strip_prefix('-').is_some_and(|rest| rest.len() == 1 && SHORT_VALUES.contains(rest))
}

fn option(
    request: &mut Request,
    body: &mut Vec<String>,
    name: &str,
    value: Option<String>,
    input: Option<&str>,
) -> Result<(), CurlError> {
    match (name, value) {
        ("-X", Some(method)) => request.method = Some(method.to_uppercase()),
        ("-H", Some(header)) => {
            let (name, _) = header.split_once(':').unwrap_or((&header, ""));
            let name = name.trim().to_ascii_lowercase();
            if KEY_HEADERS.contains(&name.as_str()) {
                request.has_key = true;
            } else if !PLAIN_HEADERS.contains(&name.as_str()) && !name.is_empty() {
                request.left_out.push(format!("the header {name}"));
            }
        }
        ("-u" | "-b" | "--oauth2-bearer", Some(_)) => request.has_key = true,
        ("-d" | "--json" | "--data-urlencode", Some(text)) => match (text.as_str(), input) {
            ("@-", Some(input)) => body.push(input.trim_end().to_owned()),
            (file, _) if file.starts_with('@') => return Err(CurlError::BodyInFile(file[1..].to_owned())),
            _ => body.push(text),
        },
        ("--url", Some(url)) => request.url = url,
        ("-F", Some(part)) => {
            let name = part.split('=').next().unwrap_or_default().to_owned();
            return Err(CurlError::Form(name));
        }
        ("-T", Some(file)) => return Err(CurlError::BodyInFile(file)),
        // How it is carried out there says nothing of what is asked for.
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_usual_ways_to_write_it_are_the_same_request() {
        let body = r#"{"video_url":"https://x/a.mp4"}"#;
        for text in [
            format!("curl -X POST https://a/b -H 'Content-Type: application/json' -d '{body}'"),
            format!("curl -XPOST 'https://a/b' --data-raw '{body}'"),
            format!("$ curl --request POST --url https://a/b --json '{body}'"),
            format!("curl -sS -L -o out.json --max-time 20 -X post https://a/b --data={body:?}"),
            format!("curl -sSXPOST https://a/b -d '{body}'"),
            format!("curl https://a/b \\\n -X POST --data-binary @- <<END\n{body}\nEND"),
        ] {
            let request = understand(&text).unwrap();
            assert_eq!((request.url.as_str(), request.method.as_deref()), ("https://a/b", Some("POST")), "{text}");
            assert_eq!(request.body.as_deref(), Some(body), "{text}");
            assert!(request.left_out.is_empty() && !request.has_key, "{text}");
        }
    }

    #[test]
    fn a_key_is_noticed_and_kept_nowhere() {
        for text in [
            "curl https://a -H 'Authorization: Bearer sk-secret'",
            "curl https://a -H'x-api-key:sk-secret'",
            "curl https://a -u me:sk-secret",
            "curl https://a --oauth2-bearer sk-secret",
            "curl https://a -b session=sk-secret",
        ] {
            let request = understand(text).unwrap();
            assert!(request.has_key, "{text}");
            assert!(!format!("{request:?}").contains("sk-secret"), "{text}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let err = |text: &str| understand(text).unwrap_err().to_string();
        assert_eq!(err("wget https://a"), "It is no cURL command");
        assert_eq!(err("curl -X POST"), "There is no address in the command");
        assert_eq!(err("curl https://a -H"), "The command ends after -H, which needs a value: copy the whole command");
        assert!(err("curl https://a -d '{").contains("never closed"));
        assert!(err("curl https://a -d @body.json").contains("body.json"));
        assert!(err("curl https://a -F file=@x").contains("form"));
    }

    #[test]
    fn what_means_nothing_here_is_told() {
        let request = understand("curl a.b/c -H 'X-Trace: 1' https://second | jq .").unwrap();
        assert_eq!(request.url, "https://a.b/c");
        assert_eq!(request.left_out, ["the header x-trace", "a second address", "what follows the command"]);
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(text in "curl[ \\-a-zA-Z'\"@^\\\\{}:/\\n]{0,80}") {
            let _ = understand(&text);
        }
    }
}
