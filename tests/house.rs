//! Holds the floors of the house to their arrows, as `ARCHITECTURE.md` states them: from the imports of every source file.

#![allow(clippy::expect_used, reason = "a test that cannot read the sources has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Which floors each floor may name.
fn arrows() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("app", &["engine", "sandbox", "workflow", "media", "model"][..]),
        ("cli", &["engine", "sandbox", "workflow", "media", "model"][..]),
        ("engine", &["workflow", "service", "media", "model"][..]),
        ("workflow", &["model"][..]),
        ("service", &["wire", "model"][..]),
        ("sandbox", &["media", "model"][..]),
        ("media", &["model"][..]),
        ("wire", &["model"][..]),
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

/// The lines of code of a file, without comments, and without what follows `#[cfg(test)]`: tests may reach anywhere.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(path).expect("a source");
    text.lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line.split("//").next().unwrap_or_default().to_owned()))
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
        .collect()
}

fn floor_files(floor: &str) -> Vec<PathBuf> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = sources(&src.join(floor));
    assert!(!files.is_empty(), "the floor {floor} has no file");
    files
}

#[test]
fn arrows_point_down_only() {
    let arrows = arrows();
    let mut broken = Vec::new();
    for (floor, allowed) in &arrows {
        for path in floor_files(floor) {
            for (line, text) in code(&path) {
                for other in arrows.keys().filter(|other| *other != floor && !allowed.contains(other)) {
                    if text.contains(&format!("crate::{other}::")) || text.contains(&format!("crate::{other};")) {
                        broken.push(format!("{}:{line}: {floor} names {other}", path.display()));
                    }
                }
            }
        }
    }
    assert!(broken.is_empty(), "arrows that the house does not have:\n{}", broken.join("\n"));
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
            for word in ["Color32::from_", "Color32::WHITE", "Color32::BLACK", "Color32::RED", "Rgba::from_"] {
                if text.contains(word) {
                    broken.push(format!("{}:{line}: {word}", path.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "colours outside the theme:\n{}", broken.join("\n"));
}

#[test]
fn only_service_and_the_sandboxs_fetcher_open_outgoing_connections() {
    let mut broken = Vec::new();
    for floor in arrows().keys().filter(|floor| **floor != "service") {
        for path in floor_files(floor) {
            for (line, text) in code(&path) {
                if text.contains("reqwest") && *floor != "sandbox" {
                    broken.push(format!("{}:{line}", path.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "outgoing connections elsewhere:\n{}", broken.join("\n"));
}
