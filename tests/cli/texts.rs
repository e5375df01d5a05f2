//! Every text for users in one file, `tests/texts.txt`, so that they can be read in one sitting. The file is written anew where it is
//! stale, and the test fails then: read what changed, and commit it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The texts of the floors that keep them in a table, with sample values.
fn tables() -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    vec![
        ("model", viseme::model::words::all()),
        ("workflow", viseme::workflow::words::all()),
        ("engine", viseme::engine::words::all()),
        ("journal", viseme::journal::words::all()),
        ("service", viseme::service::words::all()),
        ("wire", viseme::wire::words::all()),
        ("wire/curl", viseme::wire::curl::words::all()),
        ("preferences", viseme::preferences::words::all()),
        ("media", viseme::media::words::all()),
        ("media/judge", viseme::media::judge::words::all()),
        ("sandbox", viseme::sandbox::words::all()),
        ("cli", viseme::cli::words::all()),
    ]
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// The string literals of a source before its tests, as they are read: escapes resolved, continued lines joined.
fn literals(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let mut found = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '/' if rest.peek() == Some(&'/') => while rest.next().is_some_and(|c| c != '\n') {},
            // A character, not the beginning of a lifetime.
            '\'' => {
                let ahead: String = rest.clone().take(3).collect();
                if ahead.starts_with('\\') {
                    rest.next();
                    rest.next();
                    while rest.next().is_some_and(|c| c != '\'') {}
                } else if ahead.chars().nth(1) == Some('\'') {
                    rest.nth(1);
                }
            }
            '"' => {
                let mut literal = String::new();
                while let Some(c) = rest.next() {
                    match c {
                        '"' => break,
                        '\\' => match rest.next() {
                            Some('n') => literal.push('\n'),
                            Some('\n') => while rest.next_if(|c| c.is_whitespace()).is_some() {},
                            Some('u') => {
                                let code: String = rest.by_ref().skip(1).take_while(|c| *c != '}').collect();
                                literal.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
                            }
                            Some(c) => literal.push(c),
                            None => {}
                        },
                        c => literal.push(c),
                    }
                }
                found.push(literal);
            }
            _ => {}
        }
    }
    found
}

/// Whether a literal of the window is for people: a sentence, or words on a control.
fn is_for_users(literal: &str) -> bool {
    let first = literal.chars().next();
    let words =
        literal.contains(' ') || literal.ends_with('…') || literal.len() > 3 && !literal.contains(['_', ':', '/', '.']);
    words && first.is_some_and(char::is_uppercase)
}

#[test]
fn every_text_for_users_stands_in_one_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = String::from("Every text for users. Written by tests/cli/texts.rs; not to be edited.\n");
    for (floor, texts) in tables() {
        let _ = write!(all, "\n== {floor}\n");
        for (key, text) in texts {
            let _ = writeln!(all, "{key}: {}", text.replace('\n', "\n    "));
        }
    }
    let mut files = Vec::new();
    sources(&root.join("src/app"), &mut files);
    for path in files {
        let texts: Vec<String> =
            literals(&fs::read_to_string(&path).unwrap()).into_iter().filter(|text| is_for_users(text)).collect();
        if !texts.is_empty() {
            let name = path.strip_prefix(root.join("src")).unwrap().to_string_lossy().replace('\\', "/");
            let _ = write!(all, "\n== {name}\n");
            for text in texts {
                let _ = writeln!(all, "{}", text.replace('\n', "\n    "));
            }
        }
    }
    let file = root.join("tests/texts.txt");
    if fs::read_to_string(&file).unwrap_or_default() != all {
        fs::write(&file, &all).unwrap();
        panic!("tests/texts.txt was stale and is written anew: read what changed, and commit it");
    }
}

#[test]
fn literals_are_read_as_the_compiler_reads_them() {
    let source =
        "let a = \"One {b}\\u{2026}\"; // \"not this\"\nlet c = '\"'; let d: &'static str = \"Two \\\n        lines\";";
    assert_eq!(literals(source), ["One {b}\u{2026}", "Two lines"]);
}
