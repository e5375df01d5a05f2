//! A command line as words: as a POSIX shell reads it, and, where carets say so, as the command prompt of Windows does. Nothing is
//! expanded and nothing is run.

/// A command that cannot be read as words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShellError {
    /// A quote that is never closed.
    #[error("The quote {0} in it is never closed: copy the whole command")]
    OpenQuote(char),
    /// A document that is announced and never ends.
    #[error("The text that begins with <<{0} never ends: copy the whole command")]
    OpenDocument(String),
}

/// A command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandLine {
    /// The words of the first command.
    pub words: Vec<String>,
    /// What is fed to it: a here-document.
    pub input: Option<String>,
    /// Whether another command follows, or its output goes elsewhere.
    pub goes_on: bool,
}

/// Reads a command line.
///
/// # Errors
/// A quote or a document that is never closed.
pub fn read(text: &str) -> Result<CommandLine, ShellError> {
    let text = text.replace("\r\n", "\n");
    let text = if is_of_windows(&text) { without_carets(&text) } else { text };
    Reader { text: &text, at: 0, line: CommandLine::default() }.read()
}

/// Carets before line breaks or quotes are the command prompt's.
fn is_of_windows(text: &str) -> bool {
    text.contains("^\n") || text.contains("^\"") || text.trim_end().ends_with('^')
}

/// The text as the command prompt hands it on: a caret takes the meaning from what follows, outside of quotes.
fn without_carets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '^' if !quoted => match chars.next() {
                Some('\n') | None => out.push(' '),
                Some(next) => out.push(next),
            },
            '"' => {
                quoted = !quoted;
                out.push('"');
            }
            // A backslash keeps its quote from closing.
            '\\' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                out.push_str("\\\"");
            }
            char => out.push(char),
        }
    }
    out
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: CommandLine,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let char = self.text[self.at..].chars().next()?;
        self.at += char.len_utf8();
        Some(char)
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn read(mut self) -> Result<CommandLine, ShellError> {
        let mut word: Option<String> = None;
        while let Some(char) = self.next() {
            match char {
                '\'' => self.single_quoted(word.get_or_insert_default())?,
                '"' => self.double_quoted(word.get_or_insert_default())?,
                '$' if self.rest().starts_with('\'') => {
                    self.next();
                    self.dollar_quoted(word.get_or_insert_default())?;
                }
                // A continued line; the backtick is PowerShell's.
                '\\' | '`' if self.rest().starts_with('\n') => {
                    self.next();
                }
                '\\' => word.get_or_insert_default().extend(self.next()),
                '<' if self.rest().starts_with('<') => {
                    self.line.words.extend(word.take());
                    self.next();
                    self.document()?;
                }
                '|' | ';' | '<' | '>' | '\n' => {
                    self.line.words.extend(word.take());
                    if !self.line.words.is_empty() {
                        self.line.goes_on = char != '\n' || !self.rest().trim().is_empty();
                        return Ok(self.line);
                    }
                }
                // Within a word it is most likely an address that was pasted without quotes.
                '&' if word.is_none() || self.rest().starts_with('&') => {
                    self.line.words.extend(word.take());
                    self.line.goes_on = true;
                    return Ok(self.line);
                }
                '#' if word.is_none() => {
                    while self.rest().chars().next().is_some_and(|char| char != '\n') {
                        self.next();
                    }
                }
                char if char.is_whitespace() => self.line.words.extend(word.take()),
                char => word.get_or_insert_default().push(char),
            }
        }
        self.line.words.extend(word);
        Ok(self.line)
    }

    fn single_quoted(&mut self, word: &mut String) -> Result<(), ShellError> {
        loop {
            match self.next() {
                Some('\'') => return Ok(()),
                Some(char) => word.push(char),
                None => return Err(ShellError::OpenQuote('\'')),
            }
        }
    }

    fn double_quoted(&mut self, word: &mut String) -> Result<(), ShellError> {
        loop {
            match self.next() {
                Some('"') => return Ok(()),
                Some('\\') => match self.next() {
                    Some(char @ ('"' | '\\' | '$' | '`')) => word.push(char),
                    Some('\n') => {}
                    Some(char) => word.extend(['\\', char]),
                    None => return Err(ShellError::OpenQuote('"')),
                },
                Some(char) => word.push(char),
                None => return Err(ShellError::OpenQuote('"')),
            }
        }
    }

    /// `$'…'`: with escapes as in C.
    fn dollar_quoted(&mut self, word: &mut String) -> Result<(), ShellError> {
        loop {
            match self.next() {
                Some('\'') => return Ok(()),
                Some('\\') => match self.next() {
                    Some('n') => word.push('\n'),
                    Some('t') => word.push('\t'),
                    Some('r') => word.push('\r'),
                    Some('u') => word.extend(self.code_point(4)),
                    Some('x') => word.extend(self.code_point(2)),
                    Some(char) => word.push(char),
                    None => return Err(ShellError::OpenQuote('\'')),
                },
                Some(char) => word.push(char),
                None => return Err(ShellError::OpenQuote('\'')),
            }
        }
    }

    fn code_point(&mut self, most: usize) -> Option<char> {
        let digits: String = self.rest().chars().take(most).take_while(char::is_ascii_hexdigit).collect();
        self.at += digits.len();
        char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
    }

    /// `<<END`, the lines up to `END`. As a shell reads them where the end is not quoted.
    fn document(&mut self) -> Result<(), ShellError> {
        let first = self.rest().split('\n').next().unwrap_or_default().to_owned();
        let end = first.trim_start_matches('-').trim().trim_matches(['\'', '"']).to_owned();
        let literal = first.contains(['\'', '"']);
        self.at += first.len();
        self.next();
        let mut document = String::new();
        loop {
            if self.rest().is_empty() {
                return Err(ShellError::OpenDocument(end));
            }
            let line = self.rest().split('\n').next().unwrap_or_default().to_owned();
            self.at += line.len();
            self.next();
            if line.trim() == end {
                break;
            }
            document.push_str(&line);
            document.push('\n');
        }
        self.line.input = Some(if literal { document } else { unescaped(&document) });
        Ok(())
    }
}

fn unescaped(document: &str) -> String {
    let mut out = String::new();
    let mut chars = document.chars().peekable();
    while let Some(char) = chars.next() {
        match (char, chars.peek()) {
            ('\\', Some('\\' | '$' | '`')) => out.extend(chars.next()),
            ('\\', Some('\n')) => {
                chars.next();
            }
            // What another command would put there is not known, for nothing is run.
            ('$', Some('(')) => {
                let mut quoted = false;
                while let Some(inner) = chars.next() {
                    match inner {
                        '\'' => quoted = !quoted,
                        '\\' if !quoted => {
                            chars.next();
                        }
                        ')' if !quoted => break,
                        _ => {}
                    }
                }
                out.push_str("(the output of a command)");
            }
            _ => out.push(char),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        read(text).unwrap().words
    }

    #[test]
    fn quotes_and_continued_lines_are_read_as_a_shell_does() {
        assert_eq!(words("curl -H 'a b' \"c \\\" d\" e\\ f"), ["curl", "-H", "a b", "c \" d", "e f"]);
        assert_eq!(words("curl \\\n  -d '{\"a\":1}' \\\r\n x"), ["curl", "-d", "{\"a\":1}", "x"]);
        assert_eq!(words("curl -d $'it\\'s\\u00e9\\n' ''"), ["curl", "-d", "it'sé\n", ""]);
        assert_eq!(words("curl 'it'\\''s'"), ["curl", "it's"]);
        assert_eq!(words("curl `\n -X POST"), ["curl", "-X", "POST"]);
    }

    #[test]
    fn the_command_prompt_of_windows_is_understood() {
        let plain = "curl -X POST \"https://a/b?c=1&d=2\" ^\r\n  -d \"{\\\"a\\\":\\\"^\\\"}\"";
        assert_eq!(words(plain), ["curl", "-X", "POST", "https://a/b?c=1&d=2", "-d", "{\"a\":\"^\"}"]);
        let browser = "curl ^\"https://a/b?c=1^&d=2^\" ^\n  --data-raw ^\"^{^\\^\"a^\\^\":^\\^\"50^%^\\^\"^}^\"";
        assert_eq!(words(browser), ["curl", "https://a/b?c=1&d=2", "--data-raw", "{\"a\":\"50%\"}"]);
    }

    #[test]
    fn what_follows_a_command_is_told_and_left_out() {
        for text in ["curl a | jq .", "curl a > out", "curl a; rm b", "curl a && b", "curl a &", "curl a\ncurl b"] {
            let line = read(text).unwrap();
            assert_eq!((line.words, line.goes_on), (vec!["curl".to_owned(), "a".to_owned()], true), "{text}");
        }
        assert_eq!(words("curl https://a?b=1&c=2 -i"), ["curl", "https://a?b=1&c=2", "-i"]);
        assert!(!read("\n curl a \n\n").unwrap().goes_on);
    }

    #[test]
    fn a_here_document_is_the_input() {
        let line = read("curl a -d @- <<END\n{\"a\":\"\\$x\\\\\"}\nEND\n").unwrap();
        assert_eq!(line.words, ["curl", "a", "-d", "@-"]);
        assert_eq!(line.input.as_deref(), Some("{\"a\":\"$x\\\"}\n"));
        let command = read("curl a <<END\n{\"a\":\"$(base64 < 'it'\\''s' | tr)\"}\nEND").unwrap();
        assert_eq!(command.input.as_deref(), Some("{\"a\":\"(the output of a command)\"}\n"));
        assert_eq!(read("curl a <<'END'\n\\$\nEND").unwrap().input.as_deref(), Some("\\$\n"));
        assert_eq!(read("curl a <<END\nx"), Err(ShellError::OpenDocument("END".into())));
    }

    #[test]
    fn a_quote_that_is_never_closed_is_named() {
        for (text, quote) in [("curl 'a", '\''), ("curl \"a\\\"", '"'), ("curl $'a", '\''), ("curl \"a\\", '"')] {
            assert_eq!(read(text), Err(ShellError::OpenQuote(quote)), "{text}");
        }
    }

    fn single(word: &str) -> String {
        format!("'{}'", word.replace('\'', r"'\''"))
    }

    fn double(word: &str) -> String {
        let mut out = String::from("\"");
        for char in word.chars() {
            if matches!(char, '"' | '\\' | '$' | '`') {
                out.push('\\');
            }
            out.push(char);
        }
        out + "\""
    }

    proptest! {
        #[test]
        fn words_that_were_quoted_are_read_back(list in prop::collection::vec("[^\\r^]{0,20}", 0..6), doubly in any::<bool>()) {
            let quoted: Vec<String> = list.iter().map(|word| if doubly { double(word) } else { single(word) }).collect();
            let line = read(&format!("curl {}", quoted.join(" \\\n "))).unwrap();
            prop_assert_eq!(&line.words[1..], &list[..]);
        }

        #[test]
        fn nothing_breaks_the_reader(text in "[curl \\\\'\"^$`<>|&;#\\nEND\\PC-]{0,80}") {
            let _ = read(&text);
        }
    }
}
