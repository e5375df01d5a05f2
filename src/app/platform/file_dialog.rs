//! The system's file dialogs, through `rfd`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::background::{BackgroundEvent, Purpose};
use crate::app::state::entry::SourceSlot;

/// A dialog that ends sooner than this was never visible.
const SEEN_AFTER: Duration = Duration::from_millis(350);

/// Shows the system's dialog, and waits until it is closed.
pub async fn ask(purpose: Purpose, start_at: Option<PathBuf>) -> BackgroundEvent {
    let mut dialog = rfd::AsyncFileDialog::new();
    dialog = match purpose {
        Purpose::Open(SourceSlot::Clip) | Purpose::Copy(SourceSlot::Clip) => {
            dialog.set_title("Choose a clip").add_filter("Clips (MP4, MOV)", &["mp4", "mov", "m4v", "MP4", "MOV"])
        }
        Purpose::Open(SourceSlot::Voice) | Purpose::Copy(SourceSlot::Voice) => {
            dialog.set_title("Choose a voice").add_filter(
                "Voices (MP3, WAV, M4A, AAC, FLAC, Ogg, Opus)",
                &["mp3", "wav", "m4a", "aac", "flac", "ogg", "opus", "MP3", "WAV", "M4A", "AAC", "FLAC", "OGG", "OPUS"],
            )
        }
        Purpose::Downloads => dialog.set_title("Choose the folder for results"),
        Purpose::Save => match start_at.as_deref().and_then(Path::extension).and_then(|ending| ending.to_str()) {
            Some(ending @ ("json" | "txt")) => dialog.set_title("Save the body").add_filter("Text", &[ending]),
            _ => dialog.set_title("Save the result").add_filter("MP4", &["mp4"]),
        },
    };
    if let Some(path) = start_at.as_deref() {
        let folder = if purpose == Purpose::Downloads { Some(path) } else { path.parent() };
        if let Some(folder) = folder.filter(|folder| folder.is_dir()) {
            dialog = dialog.set_directory(folder);
        }
        if let (Purpose::Save, Some(name)) = (purpose, path.file_name()) {
            dialog = dialog.set_file_name(name.to_string_lossy());
        }
    }
    let asked = Instant::now();
    let chosen = match purpose {
        Purpose::Open(_) | Purpose::Copy(_) => dialog.pick_file().await,
        Purpose::Save => dialog.save_file().await,
        Purpose::Downloads => dialog.pick_folder().await,
    };
    match chosen {
        Some(file) => BackgroundEvent::Chosen(purpose, file.path().to_owned()),
        None if asked.elapsed() < SEEN_AFTER => BackgroundEvent::NoDialog(purpose),
        None => BackgroundEvent::Closed,
    }
}
