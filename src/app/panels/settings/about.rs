//! About the program, its acknowledgements, and what its licences do not grant.

use egui::{Label, ScrollArea, Ui};

use super::dialog::setting_ui;
use crate::app::theme::{Palette, text};

/// The licence notes of the project, verbatim.
const LICENCES: &str = include_str!("../../../../LICENCES.md");
const NOTES_PX: f32 = 180.0;

/// Draws the page.
pub fn about_ui(ui: &mut Ui) {
    let palette = Palette::of(ui);
    ui.label(text::heading(format!("viseme {}", env!("CARGO_PKG_VERSION"))));
    let words = "Makes someone in a clip speak a given voice through the Kling-family lip-sync services, and shows how such a \
                 service really behaves. A viseme is the shape a mouth has for a sound";
    ui.add(Label::new(text::dim(palette, words)).wrap());
    ui.add_space(8.0);
    let words = "Faces are found with SeetaFace, by the Visual Information Processing and Learning group (VIPL), Institute of \
                 Computing Technology, Chinese Academy of Sciences. Letters: Inter and JetBrains Mono. Icons: Lucide";
    setting_ui(ui, "Thanks", words, |_| {});
    let words = "Building H.264, HEVC and AAC from source grants no patent licence: whoever ships the program, or uses it in a business, \
                 must see to one where it is needed";
    setting_ui(ui, "Patents", words, |_| {});
    setting_ui(ui, "Licence notes", "MIT or Apache-2.0, at your choice; what is inside, in full:", |ui| {
        ScrollArea::vertical().id_salt("licences").max_height(NOTES_PX).show(ui, |ui| {
            for part in plain(LICENCES) {
                let words = match part {
                    Part::Heading(words) => text::strong(words),
                    Part::Text(words) => text::caption(palette, words),
                };
                ui.add(Label::new(words).wrap().selectable(true));
            }
        });
    });
}

/// Draws a paragraph of a document, without its markup.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Heading(String),
    Text(String),
}

/// The document as blocks, for the subset of Markdown that the notes use: headings, tables, strong text and code spans.
fn plain(markdown: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut goes_on = false;
    for line in markdown.lines().map(|line| line.trim().replace(['`', '*'], "")) {
        if line.is_empty() || line.starts_with("|-") {
            goes_on = false;
        } else if let Some(words) = line.strip_prefix('#') {
            parts.push(Part::Heading(words.trim_start_matches('#').trim().to_owned()));
            goes_on = false;
        } else if line.starts_with('|') {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            parts.push(Part::Text(cells.join(" · ")));
            goes_on = false;
        } else if let (true, Some(Part::Text(words))) = (goes_on, parts.last_mut()) {
            words.push(' ');
            words.push_str(&line);
        } else {
            parts.push(Part::Text(line));
            goes_on = true;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_mark_is_left_of_the_notes() {
        let parts = plain("# Notes\n\n**Never** the\n`key`.\n\n| part | licence |\n|---|---|\n| Inter | OFL |\n");
        let text = |words: &str| Part::Text(words.into());
        let all = [Part::Heading("Notes".into()), text("Never the key."), text("part · licence"), text("Inter · OFL")];
        assert_eq!(parts, all);
        for part in plain(LICENCES) {
            let (Part::Heading(words) | Part::Text(words)) = part;
            assert!(!words.contains(['#', '`', '*', '|']), "{words}");
        }
    }
}
