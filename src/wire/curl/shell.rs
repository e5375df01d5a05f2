//! A command line as words, as a POSIX shell reads it. Nothing is expanded and nothing is run.

use super::words;

/// A command line that cannot be read as words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShellError {
    /// A quote that is never closed.
    #[error("{}", words::open_quote(*.0))]
    OpenQuote(char),
    /// It is quoted for the command prompt of Windows.
    #[error("{}", words::COMMAND_PROMPT)]
    CommandPrompt,
}

/// What follows a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Operator {
    /// Nothing, or a line break.
    #[default]
    End,
    /// `|`: its output is the next command's input.
    Pipe,
    /// `;`, `&`, `&&`, `||`, `<` or `>`.
    Other,
}

/// One command of a command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// Its words; at least one.
    pub words: Vec<String>,
    /// What follows it.
    pub end: Operator,
}

/// Reads a command line as its commands. The target of a redirection is read as a command of its own.
///
/// # Errors
/// A quote that is never closed, or the quoting of the command prompt of Windows.
pub fn read(text: &str) -> Result<Vec<Command>, ShellError> {
    let text = text.replace("\r\n", "\n");
    let mut reader = Reader { text: &text, at: 0, depth: 0, commands: Vec::new(), command: Command::default() };
    reader.read_commands()?;
    Ok(reader.commands)
}

/// How deep substitutions may be within each other: reading them recurses.
const MAX_DEPTH: usize = 16;

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// How many substitutions deep it is.
    depth: usize,
    commands: Vec<Command>,
    command: Command,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let char = self.text[self.at..].chars().next()?;
        self.at += char.len_utf8();
        Some(char)
    }

    fn next_is(&self, char: char) -> bool {
        self.text[self.at..].starts_with(char)
    }

    fn end_command(&mut self, word: Option<String>, end: Operator) {
        self.command.words.extend(word);
        if !self.command.words.is_empty() {
            self.commands.push(Command { end, ..std::mem::take(&mut self.command) });
        }
    }

    fn read_commands(&mut self) -> Result<(), ShellError> {
        let mut word: Option<String> = None;
        while let Some(char) = self.next() {
            match char {
                '\'' => self.single_quoted(word.get_or_insert_default())?,
                '"' => self.double_quoted(word.get_or_insert_default())?,
                '$' if self.next_is('\'') => {
                    self.next();
                    self.dollar_quoted(word.get_or_insert_default())?;
                }
                '$' if self.next_is('(') => self.substitution(word.get_or_insert_default())?,
                // A continued line; the backtick is PowerShell's.
                '\\' | '`' if self.next_is('\n') => {
                    self.next();
                }
                '\\' => word.get_or_insert_default().extend(self.next()),
                // The command prompt's, which mean nothing to a POSIX shell.
                '^' if self.next_is('\n') || self.next_is('"') => return Err(ShellError::CommandPrompt),
                '\n' => self.end_command(word.take(), Operator::End),
                '|' if self.next_is('|') => {
                    self.next();
                    self.end_command(word.take(), Operator::Other);
                }
                '|' => self.end_command(word.take(), Operator::Pipe),
                ';' | '<' | '>' => self.end_command(word.take(), Operator::Other),
                // Within a word it is most likely an address that was pasted without quotes.
                '&' if word.is_none() || self.next_is('&') => self.end_command(word.take(), Operator::Other),
                '#' if word.is_none() => while !self.next_is('\n') && self.next().is_some() {},
                char if char.is_whitespace() => self.command.words.extend(word.take()),
                char => word.get_or_insert_default().push(char),
            }
        }
        self.end_command(word, Operator::End);
        Ok(())
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
                Some('$') if self.next_is('(') => self.substitution(word)?,
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
        let digits: String = self.text[self.at..].chars().take(most).take_while(char::is_ascii_hexdigit).collect();
        self.at += digits.len();
        char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
    }

    /// `$(…)`: what a command would print. It is not run: three dots replace it.
    fn substitution(&mut self, word: &mut String) -> Result<(), ShellError> {
        let (mut parentheses, mut skipped) = (0, String::new());
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ShellError::OpenQuote('('));
        }
        loop {
            match self.next() {
                Some('(') => parentheses += 1,
                Some(')') => parentheses -= 1,
                Some('\'') => self.single_quoted(&mut skipped)?,
                Some('"') => self.double_quoted(&mut skipped)?,
                Some('\\') => drop(self.next()),
                Some(_) => {}
                None => return Err(ShellError::OpenQuote('(')),
            }
            if parentheses == 0 {
                self.depth -= 1;
                word.push('…');
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        let mut commands = read(text).unwrap();
        assert_eq!(commands.len(), 1, "{text}");
        commands.remove(0).words
    }

    #[test]
    fn quotes_and_continued_lines_are_read_as_a_shell_does() {
        assert_eq!(words("curl -H 'a b' \"c \\\" d\" e\\ f"), ["curl", "-H", "a b", "c \" d", "e f"]);
        assert_eq!(words("curl \\\n  -d '{\"a\":1}' \\\r\n x"), ["curl", "-d", "{\"a\":1}", "x"]);
        assert_eq!(words("curl -d $'it\\'s\\u00e9\\n' ''"), ["curl", "-d", "it'sé\n", ""]);
        assert_eq!(words("curl 'it'\\''s'"), ["curl", "it's"]);
        assert_eq!(words("curl `\n -X POST"), ["curl", "-X", "POST"]);
        assert_eq!(words("\n curl https://a?b=1&c=2 -i # why\n\n"), ["curl", "https://a?b=1&c=2", "-i"]);
    }

    #[test]
    fn a_line_is_split_where_another_command_begins() {
        for (text, end) in [
            ("curl a | jq .", Operator::Pipe),
            ("curl a > out", Operator::Other),
            ("curl a <<END\nx\nEND", Operator::Other),
            ("curl a; rm b", Operator::Other),
            ("curl a && b", Operator::Other),
            ("curl a || b", Operator::Other),
            ("curl a\ncurl b", Operator::End),
        ] {
            let commands = read(text).unwrap();
            assert_eq!(commands[0], Command { words: vec!["curl".into(), "a".into()], end }, "{text}");
            assert!(commands.len() > 1, "{text}");
        }
        assert_eq!(read("curl a &").unwrap()[0].end, Operator::Other);
    }

    #[test]
    fn what_a_command_would_print_is_left_out() {
        assert_eq!(words("a=$(base64 < 'it'\\''s (1)' | tr \")\" x) b"), ["a=…", "b"]);
        assert_eq!(words("curl \"x$(echo \"$(date)\")y\""), ["curl", "x…y"]);
        assert_eq!(read("a=$(b"), Err(ShellError::OpenQuote('(')));
        assert_eq!(read(&"\"$(".repeat(100_000)), Err(ShellError::OpenQuote('(')), "no stack is that deep");
    }

    #[test]
    fn a_quote_that_is_never_closed_is_named_and_the_command_prompt_is_recognised() {
        for (text, quote) in [("curl 'a", '\''), ("curl \"a\\\"", '"'), ("curl $'a", '\''), ("curl \"a\\", '"')] {
            assert_eq!(read(text), Err(ShellError::OpenQuote(quote)), "{text}");
        }
        for text in ["curl -X POST ^\r\n \"https://a\"", "curl ^\"https://a/b?c=1^&d=2^\""] {
            assert_eq!(read(text), Err(ShellError::CommandPrompt), "{text}");
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
        fn words_that_were_quoted_are_read_back(
            list in prop::collection::vec("[^\\r]{0,20}", 0..6),
            doubly in any::<bool>(),
        ) {
            let quoted: Vec<String> =
                list.iter().map(|word| if doubly { double(word) } else { single(word) }).collect();
            let read = words(&format!("curl {}", quoted.join(" \\\n ")));
            prop_assert_eq!(&read[1..], &list[..]);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[curl \\\\'\"^$`<>()|&;#\\n\\PC-]{0,80}") {
            let _ = read(&text);
        }
    }
}
