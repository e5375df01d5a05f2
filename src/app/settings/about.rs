//! What this is, who is to be thanked, and what no licence here grants.

use egui::{Label, ScrollArea, Ui};

use super::dialog::setting_ui;
use crate::app::theme::{Palette, text};

/// The licence notes of the project, as they stand.
const LICENCES: &str = include_str!("../../../LICENCES.md");
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
    let words = "Building H.264 and AAC from source grants no patent licence: whoever ships the program, or uses it in a business, \
                 must see to one where it is needed";
    setting_ui(ui, "Patents", words, |_| {});
    setting_ui(ui, "Licence notes", "MIT or Apache-2.0, at your choice; what is inside, in full:", |ui| {
        ScrollArea::vertical().id_salt("licences").max_height(NOTES_PX).show(ui, |ui| {
            ui.add(Label::new(text::mono(LICENCES).color(palette.text_dim)).wrap().selectable(true));
        });
    });
}
