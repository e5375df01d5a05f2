//! A cURL command as the request it sends. A key in it is noticed, and neither kept nor repeated.

use super::options::{self, Kind};
use super::shell::{self, Command, Operator, ShellError};
use super::words;

/// The request that a command sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The address.
    pub url: String,
    /// The method, where it is given.
    pub method: Option<String>,
    /// The body, where there is one.
    pub body: Option<String>,
    /// Whether a key was in it.
    pub has_key: bool,
    /// Options and parts of the command that were ignored, by name.
    pub left_out: Vec<String>,
}

/// A command that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurlError {
    /// It cannot be read as words.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// It does not run `curl`.
    #[error("{}", words::NOT_CURL)]
    NotCurl,
    /// It names no address.
    #[error("{}", words::NO_ADDRESS)]
    NoAddress,
    /// An option whose value is missing.
    #[error("{}", words::no_value(.0))]
    NoValue(String),
    /// Its body is in a file.
    #[error("{}", words::body_in_file(.0))]
    BodyInFile(String),
    /// Its body comes from its input, which is not in the command.
    #[error("{}", words::BODY_FROM_INPUT)]
    BodyFromInput,
    /// Its body is a form, which no such service accepts. The name of its first field.
    #[error("{}", words::form(.0))]
    Form(String),
}

/// Headers that hold a key.
const KEY_HEADERS: [&str; 5] = ["authorization", "x-api-key", "api-key", "cookie", "proxy-authorization"];
/// Headers that say nothing beyond the body.
const PLAIN_HEADERS: [&str; 5] = ["content-type", "accept", "user-agent", "content-length", "host"];

/// Whether a text looks like a cURL command: alone, or with what is piped into it before.
#[must_use]
pub fn is_curl(text: &str) -> bool {
    let text = without_prompt(text);
    if let Ok(commands) = shell::read(text) {
        return commands.iter().any(runs_curl);
    }
    text.split_whitespace().next().is_some_and(is_name_of_curl)
}

/// Reads a command.
///
/// # Errors
/// It does not run curl, is cut off, or sends what is not in it.
pub fn understand(text: &str) -> Result<Request, CurlError> {
    let text = without_prompt(text);
    let mut commands = match shell::read(text) {
        Err(_) if !is_curl(text) => return Err(CurlError::NotCurl),
        commands => commands?,
    };
    let at = commands.iter().position(runs_curl).ok_or(CurlError::NotCurl)?;
    let ends = commands.len() == at + 1 && commands[at].end != Operator::Pipe && commands[at].end != Operator::Other;
    let before = at.checked_sub(1).map(|before| &commands[before]).filter(|before| before.end == Operator::Pipe);
    let mut reader = Reader { input: before.and_then(printed), ..Reader::default() };
    reader.read_words(commands.swap_remove(at).words.into_iter().skip(1))?;
    let mut request = reader.finish()?;
    if !ends {
        request.left_out.push(words::WHAT_FOLLOWS.into());
    }
    Ok(request)
}

/// Removes the prompt of a shell from the beginning.
fn without_prompt(text: &str) -> &str {
    let text = text.trim_start();
    text.strip_prefix("$ ").unwrap_or(text)
}

fn is_name_of_curl(word: &str) -> bool {
    word.eq_ignore_ascii_case("curl") || word.eq_ignore_ascii_case("curl.exe")
}

fn runs_curl(command: &Command) -> bool {
    command.words.first().is_some_and(|word| is_name_of_curl(word))
}

/// What a command prints, where that can be said without running it.
fn printed(command: &Command) -> Option<String> {
    match command.words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["printf", "%s" | "%s\\n", text] | ["echo", text] | ["echo", "-n" | "-E", text] => Some(text.to_owned()),
        _ => None,
    }
}

#[derive(Default)]
struct Reader {
    request: Request,
    /// What is piped into the command.
    input: Option<String>,
    body: Vec<String>,
    /// Arguments that are no options: addresses, and what an unknown option took as its value.
    arguments: Vec<String>,
    has_unknown_option: bool,
}

impl Reader {
    fn read_words(&mut self, mut args: impl Iterator<Item = String>) -> Result<(), CurlError> {
        while let Some(word) = args.next() {
            if let Some(long) = word.strip_prefix("--").filter(|long| !long.is_empty()) {
                let (name, given) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (long, None),
                };
                match options::long(name) {
                    Kind::WithValue => {
                        let value = given.or_else(|| args.next());
                        let value = value.ok_or_else(|| CurlError::NoValue(format!("--{name}")))?;
                        self.option(options::canonical(name), value)?;
                    }
                    Kind::Alone if name == "next" => {
                        self.request.left_out.push(words::WHAT_FOLLOWS.into());
                        return Ok(());
                    }
                    Kind::Alone => {}
                    Kind::Unknown => {
                        self.has_unknown_option = true;
                        self.request.left_out.push(words::unknown_option(name));
                    }
                }
            } else if word.starts_with('-') && word.len() > 1 {
                for (at, letter) in word.char_indices().skip(1) {
                    if options::short_has_value(letter) {
                        let rest = &word[at + letter.len_utf8()..];
                        let value = if rest.is_empty() { args.next() } else { Some(rest.to_owned()) };
                        let value = value.ok_or_else(|| CurlError::NoValue(format!("-{letter}")))?;
                        self.option(letter.encode_utf8(&mut [0; 4]), value)?;
                        break;
                    }
                }
            } else {
                self.arguments.push(word);
            }
        }
        Ok(())
    }

    /// An option with its value, by its short name where it has one that is read here.
    fn option(&mut self, name: &str, value: String) -> Result<(), CurlError> {
        match name {
            "X" => self.request.method = Some(value.to_uppercase()),
            "H" => {
                let name = value.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
                if KEY_HEADERS.contains(&name.as_str()) {
                    self.request.has_key = true;
                } else if !PLAIN_HEADERS.contains(&name.as_str()) && !name.is_empty() {
                    self.request.left_out.push(words::header(&name));
                }
            }
            "u" | "b" => self.request.has_key = true,
            "data-raw" => self.body.push(value),
            "d" | "json" | "data-urlencode" => match value.strip_prefix('@') {
                Some("-") => self.body.push(self.input.take().ok_or(CurlError::BodyFromInput)?),
                Some(file) => return Err(CurlError::BodyInFile(file.to_owned())),
                None => self.body.push(value),
            },
            "url" => self.arguments.insert(0, value),
            "F" => return Err(CurlError::Form(value.split('=').next().unwrap_or_default().to_owned())),
            "T" => return Err(CurlError::BodyInFile(value)),
            // Options of the transport do not change what is requested.
            _ => {}
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Request, CurlError> {
        // The value of an unknown option looks like an argument: the address is the one that looks like an address.
        let is_url = |word: &String| word.contains("://");
        let at = if self.has_unknown_option { self.arguments.iter().position(is_url).unwrap_or(0) } else { 0 };
        if at >= self.arguments.len() {
            return Err(CurlError::NoAddress);
        }
        self.request.url = self.arguments.remove(at);
        if !self.request.url.contains("://") {
            self.request.url.insert_str(0, "https://");
        }
        if self.arguments.iter().any(|word| !self.has_unknown_option || is_url(word)) {
            self.request.left_out.push(words::SECOND_ADDRESS.into());
        }
        self.request.body = (!self.body.is_empty()).then(|| self.body.join("&"));
        Ok(self.request)
    }
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
            format!("printf '%s' '{body}' | curl https://a/b \\\n -X POST --data-binary @-"),
            format!("echo '{body}' |\ncurl -X POST -d @- https://a/b"),
        ] {
            let request = understand(&text).unwrap();
            assert!(is_curl(&text));
            assert_eq!((request.url.as_str(), request.method.as_deref()), ("https://a/b", Some("POST")), "{text}");
            assert_eq!(request.body.as_deref(), Some(body), "{text}");
            assert!(request.left_out.is_empty() && !request.has_key, "{text}: {:?}", request.left_out);
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
        let err = |text: &str| understand(text).unwrap_err();
        assert_eq!(err("wget https://a"), CurlError::NotCurl);
        assert_eq!(err("it's a text"), CurlError::NotCurl);
        assert_eq!(err("curl -X POST"), CurlError::NoAddress);
        assert_eq!(err("curl https://a -H"), CurlError::NoValue("-H".into()));
        assert_eq!(err("curl https://a -d '{"), CurlError::Shell(ShellError::OpenQuote('\'')));
        assert_eq!(err("curl ^\"https://a^\" ^\n -d ^\"{^}^\""), CurlError::Shell(ShellError::CommandPrompt));
        assert_eq!(err("curl https://a -d @body.json"), CurlError::BodyInFile("body.json".into()));
        assert_eq!(err("curl https://a -T a.mp4"), CurlError::BodyInFile("a.mp4".into()));
        assert_eq!(err("cat body.json | curl https://a -d @-"), CurlError::BodyFromInput);
        assert_eq!(err("curl https://a -d @- <<END\n{}\nEND"), CurlError::BodyFromInput);
        assert_eq!(err("curl https://a -F file=@x"), CurlError::Form("file".into()));
        assert_eq!(understand("curl https://a --data-raw @x").unwrap().body.as_deref(), Some("@x"), "as curl takes it");
    }

    #[test]
    fn what_is_ignored_is_listed() {
        let request = understand("curl a.b/c -H 'X-Trace: 1' https://second | jq .").unwrap();
        assert_eq!(request.url, "https://a.b/c");
        assert_eq!(request.left_out, ["the header x-trace", "a second address", "what follows the command"]);
        assert_eq!(understand("curl https://a --next https://b").unwrap().left_out, ["what follows the command"]);
    }

    #[test]
    fn the_value_of_an_option_is_not_the_address() {
        for option in ["--key id.pem", "--max-redirs 5", "--tls-max 1.2", "-x http://proxy:8080", "--proxy http://p:1"]
        {
            let request = understand(&format!("curl {option} https://a.b/c -d x")).unwrap();
            assert_eq!((request.url.as_str(), request.left_out.len()), ("https://a.b/c", 0), "{option}");
        }
        let request = understand("curl --brand-new s3cret https://a.b/c --compressed --no-progress-meter").unwrap();
        assert_eq!(request.url, "https://a.b/c");
        assert_eq!(request.left_out, ["the option --brand-new, which is not known here"]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "curl[ \\-a-zA-Z'\"@^\\\\{}:/\\n|()$]{0,80}") {
            let _ = understand(&text);
        }
    }
}
