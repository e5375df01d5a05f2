//! The tests that `THREAT_MODEL.md` names, and whether they exist.

use std::fs;
use std::path::Path;

/// What the document names: a file of tests, and a test in it.
fn named(document: &str) -> Vec<(String, String)> {
    // A list of tests may go on in the next line.
    let text = document.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut found = Vec::new();
    for (at, end) in text.match_indices(".rs: `") {
        let begin = text[..at].rfind([' ', '(', ';']).map_or(0, |begin| begin + 1);
        let file = format!("{}.rs", &text[begin..at]);
        let mut rest = &text[at + end.len() - 1..];
        while let Some((test, after)) = rest.strip_prefix('`').and_then(|rest| rest.split_once('`')) {
            found.push((file.clone(), test.to_owned()));
            rest = after.strip_prefix(", ").unwrap_or_default();
        }
    }
    found
}

/// Whether a file has this test: a function with an attribute that makes it one.
fn has_test(file: &Path, name: &str) -> bool {
    let Ok(text) = fs::read_to_string(file) else { return false };
    let head = format!("fn {name}(");
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let Some(at) = lines.iter().position(|line| {
        let line = line.strip_prefix("async ").unwrap_or(line);
        line.starts_with(&head)
    }) else {
        return false;
    };
    // In `proptest!` the attribute is the same.
    lines[..at].iter().rev().take_while(|line| line.starts_with('#')).any(|line| line.contains("test"))
}

/// Checks every name.
pub fn check(root: &Path) {
    let document = fs::read_to_string(root.join("THREAT_MODEL.md")).expect("the threat model");
    let named = named(&document);
    assert!(named.len() >= 90, "only {} names were found: does the document look different?", named.len());
    let missing: Vec<_> = named
        .iter()
        .filter(|(file, test)| !has_test(&root.join(file), test) && !has_test(&root.join("tests").join(file), test))
        .collect();
    assert!(missing.is_empty(), "THREAT_MODEL.md names tests that are not there: {missing:#?}");
}

/// The check itself finds what is missing.
pub fn check_itself() {
    let found = named("| a threat | `x/y.rs` | client/a.rs: `one`,\n  `two`; src/b.rs: `three` |\nhouse.rs:\n`four`");
    let expected = [("client/a.rs", "one"), ("client/a.rs", "two"), ("src/b.rs", "three"), ("house.rs", "four")];
    assert_eq!(found, expected.map(|(file, test)| (file.to_owned(), test.to_owned())));
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/house.rs");
    assert!(has_test(&here, "every_test_that_the_threat_model_names_exists"));
    assert!(!has_test(&here, "sources") && !has_test(&here, "no_such_test"), "a function is not a test");
}
