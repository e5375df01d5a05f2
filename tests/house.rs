//! Holds the floors of the house to their arrows, as `ARCHITECTURE.md` states them: from the imports of every source file.

#![allow(clippy::expect_used, reason = "a test that cannot read the sources has failed")]

mod sinks;
mod threats;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sinks::{SINKS, Shown};

/// Which floors each floor may name.
fn arrows() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        (
            "app",
            &[
                "engine",
                "playback",
                "preferences",
                "sandbox",
                "secrets",
                "workflow",
                "media",
                "wire",
                "files",
                "worker",
                "model",
            ][..],
        ),
        ("cli", &["engine", "preferences", "sandbox", "secrets", "workflow", "media", "files", "model"][..]),
        ("engine", &["workflow", "service", "journal", "media", "files", "secrets", "worker", "model"][..]),
        ("journal", &["files", "worker", "model"][..]),
        ("playback", &["media", "worker", "model"][..]),
        ("workflow", &["model"][..]),
        ("service", &["wire", "files", "secrets", "model"][..]),
        ("preferences", &["files", "worker", "model"][..]),
        ("sandbox", &["media", "files", "model"][..]),
        ("media", &["files", "worker", "model"][..]),
        ("wire", &["model"][..]),
        ("files", &[][..]),
        ("secrets", &["files", "model"][..]),
        ("worker", &[][..]),
        ("model", &[][..]),
    ])
}

/// What the pure floors must not name.
const WORLD: [&str; 10] =
    ["egui", "eframe", "tokio", "reqwest", "axum", "rfd", "std::fs", "std::net", "Instant::now", "SystemTime::now"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
    found
}

/// The lines of code of a file, without comments, and without what stands under `#[cfg(test)]`: tests may reach anywhere.
fn code(path: &Path) -> Vec<(usize, String)> {
    code_of(&fs::read_to_string(path).expect("a source"))
}

fn code_of(text: &str) -> Vec<(usize, String)> {
    let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.split("//").next().unwrap_or_default()));
    let mut code = Vec::new();
    while let Some((at, line)) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            let indent = &line[..line.len() - line.trim_start().len()];
            // The item ends where it stands on one line, or where a line closes it as far to the left as it began: rustfmt sees to that.
            let closes = |line: &str| line.strip_prefix(indent).is_some_and(|rest| rest.starts_with('}'));
            let item = lines.by_ref().find(|(_, line)| !line.trim_start().starts_with("#["));
            if item.is_some_and(|(_, line)| !line.trim_end().ends_with([';', '}'])) {
                let _ = lines.by_ref().find(|(_, line)| closes(line));
            }
        } else {
            code.push((at, line.to_owned()));
        }
    }
    code
}

/// The floors that a piece of code names, with the line of each: `crate::wire::…`, `crate::{wire, …}`, `crate::wire as …`, and the same
/// by as many `super::` as lead out of the floor.
fn named(code: &[(usize, String)], depth: usize) -> Vec<(usize, String)> {
    let text: String = code.iter().flat_map(|(_, line)| [line, "\n"]).collect();
    let line_of = |at: usize| code[text[..at].matches('\n').count()].0;
    let ups = "super::".repeat(depth);
    let roots = text.match_indices("crate::").chain(text.match_indices(&ups)).map(|(at, root)| at + root.len());
    let word = |from: &str| from.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = Vec::new();
    for at in roots {
        let Some(group) = text[at..].strip_prefix('{') else {
            found.push((line_of(at), word(&text[at..])));
            continue;
        };
        let (mut deep, mut begins) = (1, true);
        for (offset, c) in group.char_indices() {
            match c {
                '{' => deep += 1,
                '}' => deep -= 1,
                ',' if deep == 1 => begins = true,
                c if begins && !c.is_whitespace() => {
                    begins = false;
                    found.push((line_of(at + 1 + offset), word(&group[offset..])));
                }
                _ => {}
            }
            if deep == 0 {
                break;
            }
        }
    }
    found
}

/// How many modules deep a file is: `app/mod.rs` is one, `app/shell.rs` two.
fn depth(path: &Path) -> usize {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let parts = path.strip_prefix(src).expect("a file of ours").components().count();
    if path.ends_with("mod.rs") { parts - 1 } else { parts }
}

/// Whether this file is nothing but tests: its module, or one it lies in, is declared under `#[cfg(test)]`.
fn is_of_tests(path: &Path) -> bool {
    path.ancestors().take_while(|at| !at.ends_with("src")).any(|at| {
        let (Some(folder), Some(name)) = (at.parent(), at.file_stem()) else { return false };
        let declared = format!("#[cfg(test)]\nmod {};", name.to_string_lossy());
        fs::read_to_string(folder.join("mod.rs")).is_ok_and(|text| text.contains(&declared))
    })
}

fn floor_files(floor: &str) -> Vec<PathBuf> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files: Vec<PathBuf> = sources(&src.join(floor)).into_iter().filter(|path| !is_of_tests(path)).collect();
    assert!(!files.is_empty(), "the floor {floor} has no file");
    files
}

#[test]
fn arrows_point_down_only() {
    let arrows = arrows();
    let mut broken = Vec::new();
    for (floor, allowed) in &arrows {
        for path in floor_files(floor) {
            for (line, other) in named(&code(&path), depth(&path)) {
                if other != *floor && arrows.contains_key(other.as_str()) && !allowed.contains(&other.as_str()) {
                    broken.push(format!("{}:{line}: {floor} names {other}", path.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "arrows that the house does not have:\n{}", broken.join("\n"));
}

/// The lowest floors are a package of their own, and have one name all the same: the one that the arrows are read by.
#[test]
fn the_floors_of_the_lowest_package_are_named_like_all_others() {
    let naming: Vec<_> = sources(Path::new("src"))
        .into_iter()
        .filter(|path| path != Path::new("src/lib.rs"))
        .filter(|path| code(path).iter().any(|(_, line)| line.contains("viseme_base")))
        .collect();
    assert!(naming.is_empty(), "by `crate::`, as the others: {naming:?}");
}

#[test]
fn pure_floors_do_not_touch_the_world() {
    let mut broken = Vec::new();
    for floor in ["model", "wire", "workflow"] {
        for path in floor_files(floor) {
            for (line, text) in code(&path) {
                for word in WORLD.iter().filter(|word| text.contains(*word)) {
                    broken.push(format!("{}:{line}: {word}", path.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "pure floors that touch the world:\n{}", broken.join("\n"));
}

#[test]
fn only_the_theme_constructs_colours() {
    let theme = Path::new("app").join("theme");
    let mut broken = Vec::new();
    for path in
        floor_files("app").into_iter().filter(|path| !path.to_string_lossy().contains(&*theme.to_string_lossy()))
    {
        for (line, text) in code(&path) {
            for word in [
                "Color32::from_",
                "Color32::WHITE",
                "Color32::BLACK",
                "Color32::RED",
                "Rgba::from_",
                "gamma_multiply",
                "linear_multiply",
            ] {
                if text.contains(word) {
                    broken.push(format!("{}:{line}: {word}", path.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "colours outside the theme:\n{}", broken.join("\n"));
}

#[test]
fn only_service_and_the_sandboxs_fetch_open_outgoing_connections() {
    let mut broken = Vec::new();
    for floor in arrows().keys().filter(|floor| **floor != "service") {
        for path in floor_files(floor) {
            let may = *floor == "sandbox" && path.ends_with("fetch.rs");
            for (line, text) in code(&path) {
                if text.contains("reqwest") && !may {
                    broken.push(format!("{}:{line}", path.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "outgoing connections elsewhere:\n{}", broken.join("\n"));
}

#[test]
fn only_the_journal_writes_sql() {
    let mut broken = Vec::new();
    for floor in arrows().keys().filter(|floor| **floor != "journal") {
        for path in floor_files(floor) {
            for (line, text) in code(&path) {
                if ["rusqlite", "PRAGMA "].iter().any(|word| text.contains(word)) {
                    broken.push(format!("{}:{line}", path.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "SQL elsewhere:\n{}", broken.join("\n"));
}

/// A module path below `src`, and the module paths it names.
fn imports(path: &Path) -> Vec<Vec<String>> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let rest = path.strip_prefix(src).expect("a file of ours").with_extension("");
    let mut module: Vec<String> =
        rest.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    let text: String = code(path).into_iter().flat_map(|(_, line)| [line, "\n".to_owned()]).collect();
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        expand(&text[at + "crate::".len()..], &mut Vec::new(), &mut found);
    }
    for (at, _) in text.match_indices("super::") {
        if text[..at].ends_with("super::") {
            continue;
        }
        let mut rest = &text[at..];
        let mut base = module.clone();
        while let Some(after) = rest.strip_prefix("super::") {
            base.pop();
            rest = after;
        }
        expand(rest, &mut base, &mut found);
    }
    found
}

/// Reads `a::b`, `a::{b, c::d}` from the beginning of `text`, each as a whole path behind `base`.
fn expand<'a>(text: &'a str, base: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> &'a str {
    let before = base.len();
    let mut text = text;
    loop {
        let word: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if !word.is_empty() {
            text = &text[word.len()..];
            base.push(word);
        } else if let Some(mut group) = text.strip_prefix('{') {
            loop {
                group = expand(group.trim_start(), base, found).trim_start();
                match group.strip_prefix(',') {
                    Some(rest) => group = rest,
                    None => break,
                }
                if group.trim_start().starts_with('}') {
                    group = group.trim_start();
                    break;
                }
            }
            base.truncate(before);
            return group.strip_prefix('}').unwrap_or(group);
        }
        match text.strip_prefix("::") {
            Some(rest) => text = rest,
            None => break,
        }
    }
    if base.len() > before {
        found.push(base.clone());
    }
    base.truncate(before);
    text
}

/// Within one folder, which of its folders and files name which others: a folder stands for all that is in it. `mod.rs` only lists what
/// is there, and counts for the folder above.
fn neighbours(folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let here: Vec<String> = folder
        .strip_prefix(&src)
        .expect("a folder of ours")
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    let mut graph = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let files = if path.is_dir() { sources(&path) } else { vec![path.clone()] };
        if name == "mod" || name == "lib" || name == "main" || is_of_tests(&path) {
            continue;
        }
        let named: &mut BTreeSet<String> = graph.entry(name.clone()).or_default();
        for import in files.iter().filter(|file| !is_of_tests(file)).flat_map(|file| imports(file)) {
            if import.len() > here.len() && import[..here.len()] == here[..] && import[here.len()] != name {
                named.insert(import[here.len()].clone());
            }
        }
    }
    let known: BTreeSet<String> = graph.keys().cloned().collect();
    for named in graph.values_mut() {
        named.retain(|other| known.contains(other));
    }
    graph
}

/// What can be reached from `from`, along the arrows.
fn reached(graph: &BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
    let (mut seen, mut todo) = (BTreeSet::new(), vec![from.to_owned()]);
    while let Some(at) = todo.pop() {
        for next in graph.get(&at).into_iter().flatten() {
            if seen.insert(next.clone()) {
                todo.push(next.clone());
            }
        }
    }
    seen
}

#[test]
fn no_folder_is_part_of_a_circle() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![src];
    let mut circles = Vec::new();
    while let Some(folder) = folders.pop() {
        let graph = neighbours(&folder);
        for name in graph.keys().filter(|name| folder.join(name).is_dir()) {
            folders.push(folder.join(name));
            if reached(&graph, name).contains(name) {
                let with: Vec<&String> = graph
                    .keys()
                    .filter(|other| {
                        *other != name
                            && reached(&graph, name).contains(*other)
                            && reached(&graph, other).contains(name)
                    })
                    .collect();
                circles.push(format!("{} with {with:?}", folder.join(name).display()));
            }
        }
    }
    assert!(circles.is_empty(), "folders that import each other in a circle:\n{}", circles.join("\n"));
}

#[test]
fn imports_are_read_whole() {
    let read = |text: &str| {
        let mut found = Vec::new();
        expand(text, &mut Vec::new(), &mut found);
        found.into_iter().map(|path| path.join("::")).collect::<Vec<_>>()
    };
    assert_eq!(read("app::state::view::View;"), ["app::state::view::View"]);
    assert_eq!(
        read("app::{\n    state::{view, keys::Keys},\n    theme,\n};"),
        ["app::state::view", "app::state::keys::Keys", "app::theme"]
    );
    assert_eq!(read("app::action::{self, Action};"), ["app::action::self", "app::action::Action"]);
}

#[test]
fn what_stands_under_tests_is_left_out_and_nothing_behind_it() {
    let text = "use a;\n#[cfg(test)]\npub use b;\nuse c;\nimpl X {\n    #[cfg(test)]\n    #[must_use]\n    fn d() {\n        e();\n    }\n\
                \n    fn f() {} // g\n}\n#[cfg(test)]\nmod tests;\nmod h;\n#[cfg(test)]\nmod more {\n    fn i() {}\n}\n";
    let kept: Vec<String> = code_of(text).into_iter().map(|(_, line)| line.trim().to_owned()).collect();
    assert_eq!(kept, ["use a;", "use c;", "impl X {", "", "fn f() {}", "}", "mod h;"]);
    assert_eq!(code_of(text)[1].0, 4, "lines keep their numbers");
}

#[test]
fn a_floor_is_seen_however_it_is_named() {
    let named_in = |text: &str| named(&code_of(text), 2).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
    assert_eq!(named_in("use crate::wire::codes;\nuse crate::model;"), ["wire", "model"]);
    assert_eq!(named_in("use crate::wire as w;\nlet x = crate::service::X;"), ["wire", "service"]);
    assert_eq!(
        named_in("use crate::{\n    model::{Face, Voice},\n    wire,\n    service::{self, http},\n};"),
        ["model", "wire", "service"]
    );
    assert_eq!(named_in("use super::super::wire::codes;"), ["wire"]);
    assert_eq!(named_in("use super::wire;"), Vec::<String>::new(), "that is a module of the floor's own");
}

#[test]
fn every_way_out_of_the_program_is_listed_with_the_test_that_sends_a_canary_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut unlisted = Vec::new();
    for path in sources(&root.join("src")).into_iter().filter(|path| !is_of_tests(path)) {
        let file = path.strip_prefix(root.join("src")).expect("a file of ours").to_string_lossy().replace('\\', "/");
        for (line, text) in code(&path) {
            for sink in SINKS {
                // A word that only ends like it is another.
                let is_it = |written: &&&str| {
                    let before = text.find(**written).and_then(|at| text[..at].chars().next_back());
                    text.contains(**written) && !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
                };
                let listed = |written: &str| {
                    let of_it = SINKS.iter().filter(|sink| sink.written_as.contains(&written));
                    of_it.flat_map(|sink| sink.files).any(|known| *known == file)
                };
                if let Some(written) = sink.written_as.iter().find(is_it)
                    && !listed(written)
                {
                    unlisted.push(format!("src/{file}:{line}: {written}: {}", sink.name));
                }
            }
        }
    }
    assert!(
        unlisted.is_empty(),
        "ways out that tests/sinks does not list (redact what leaves there, add the file, and let a canary test show it):\n{}",
        unlisted.join("\n")
    );
    let tests: String = ["tests", "src"]
        .iter()
        .flat_map(|folder| sources(&root.join(folder)))
        .map(|path| fs::read_to_string(path).expect("a source"))
        .collect();
    for sink in SINKS {
        match &sink.shown_by {
            Shown::By(names) => {
                for name in *names {
                    assert!(tests.contains(&format!("fn {name}()")), "{}: there is no test {name}", sink.name);
                }
            }
            Shown::Never(why) => assert!(!why.is_empty()),
        }
        for file in sink.files {
            assert!(root.join("src").join(file).is_file(), "{}: there is no {file}", sink.name);
        }
    }
}

#[test]
fn every_test_that_the_threat_model_names_exists() {
    threats::check_itself();
    threats::check(Path::new(env!("CARGO_MANIFEST_DIR")));
}
