//! What is wrong with a clip or a voice is cured beside it: in a new file, which becomes the source.

use std::path::{Path, PathBuf};

use egui::Key;
use egui_kittest::kittest::Queryable as _;
use viseme::model::{ClipSource, VoiceSource};

use crate::support::Desk;

fn copied(folder: &Path, name: &str) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media").join(name);
    let to = folder.join(from.file_name().unwrap());
    std::fs::copy(from, &to).unwrap();
    to
}

fn clip(desk: &Desk) -> Option<ClipSource> {
    desk.harness.state().view().flow.desk.clip.clone()
}

#[test]
fn a_clip_that_is_too_small_is_made_to_fit_and_taken() {
    let folder = tempfile::tempdir().unwrap();
    let small = copied(folder.path(), "clips/small_360p.mp4");
    let before = std::fs::read(&small).unwrap();
    let mut desk = Desk::open();
    desk.ready();
    desk.drop_file(&small);
    desk.wait("the offer", |desk| desk.is_enabled("Make the clip fit…"));
    assert!(!desk.is_enabled("Find faces"), "a rule is broken");
    desk.button("Make the clip fit…").click();
    desk.harness.run_steps(3);
    assert!(desk.has("MP4 · 640×360") && desk.has("MP4 · 1280×720"), "before and after");
    desk.button("Make the fitted copy").click();
    let fitted = folder.path().join("small_360p fitted.mp4");
    desk.wait("the fitted copy", |desk| clip(desk) == Some(ClipSource::File(fitted.clone())));
    desk.wait("its facts", |desk| desk.harness.state().view().flow.desk.clip_probe.known().is_some());
    let probe = desk.harness.state().view().flow.desk.clip_probe.known().cloned().unwrap();
    assert_eq!((probe.width_px, probe.height_px), (1280, 720));
    assert!(!desk.has("Make the clip fit…") && desk.has("Made to fit from small_360p.mp4"));
    assert!(desk.is_enabled("Find faces"));
    assert_eq!(std::fs::read(&small).unwrap(), before, "the original is untouched");
    desk.button("Use the original clip").click();
    desk.wait("the original", |desk| clip(desk) == Some(ClipSource::File(small.clone())));
}

#[test]
fn a_part_is_chosen_by_its_fields_and_by_the_playhead_and_a_wrong_one_is_refused_in_words() {
    let mut desk = Desk::open();
    desk.ready();
    let [own, _] = desk.own_files();
    desk.drop_file(&own);
    desk.wait("a picture", |desk| desk.has("Picture of the clip at"));
    assert!(!desk.has("Make the clip fit…"), "nothing is wrong with it");
    // The palette has it all the same.
    desk.chord(egui::Modifiers::COMMAND, Key::K);
    desk.harness.event(egui::Event::Text("Make the clip fit".into()));
    desk.harness.run_steps(4);
    desk.press(Key::Enter);
    desk.wait("the card", |desk| desk.has("Nothing is wrong with it"));
    assert!(!desk.is_enabled("Make the fitted copy"));
    desk.harness.get_by_label("End of the part").set_value_accesskit(1.0);
    desk.harness.run_steps(4);
    assert!(!desk.is_enabled("Make the fitted copy") && desk.has("2 s"), "a clip has two seconds at least");
    // The same on the film: by assistive technology, and by hand.
    desk.harness.get_by_label("End of the part on the film").set_value_accesskit(4_000.0);
    desk.harness.run_steps(4);
    let (end, ruler) = (desk.rect("End of the part on the film"), desk.rect("Playhead"));
    assert!(end.center().x < ruler.center().x, "4 s of 9 s");
    let second = egui::vec2(ruler.width() / 9.0, 0.0);
    desk.pull(end.center(), second);
    let wish = desk.harness.state().view().shell.fit.open.as_ref().unwrap().wish;
    assert!((wish.end_ms.unwrap() - 5_000).abs() < 60, "{wish:?}");
    desk.button("Make the fitted copy").click();
    let fitted = desk.folder.path().join("interview fitted.mp4");
    desk.wait("the part", |desk| clip(desk) == Some(ClipSource::File(fitted.clone())));
    desk.wait("its facts", |desk| desk.harness.state().view().flow.desk.clip_probe.known().is_some());
    let ms = desk.harness.state().view().flow.desk.clip_probe.known().unwrap().duration_ms;
    assert!((ms - 5_000).abs() <= 100, "{ms} ms");
}

#[test]
fn a_short_voice_is_padded_and_taken_and_the_work_can_be_put_off() {
    let folder = tempfile::tempdir().unwrap();
    let short = copied(folder.path(), "streams/tone.mp3");
    let mut desk = Desk::open();
    desk.ready();
    desk.drop_file(&short);
    desk.wait("the offer", |desk| desk.is_enabled("Make the voice fit…"));
    desk.button("Make the voice fit…").click();
    desk.harness.run_steps(3);
    assert!(desk.has("ilence added at its end, to 2 s"));
    desk.button("Not now").click();
    desk.harness.run_steps(3);
    assert!(desk.has("Make the voice fit…") && !desk.has("Make the fitted copy"));
    desk.button("Make the voice fit…").click();
    desk.harness.run_steps(3);
    desk.button("Make the fitted copy").click();
    let made = VoiceSource::File(folder.path().join("tone fitted.wav"));
    desk.wait("the fitted copy", |desk| desk.harness.state().view().flow.desk.voice.as_ref() == Some(&made));
    desk.wait("its facts", |desk| desk.harness.state().view().flow.desk.voice_probe.known().is_some());
    let probe = desk.harness.state().view().flow.desk.voice_probe.known().cloned().unwrap();
    assert_eq!((probe.format.as_str(), probe.sample_rate_hz, probe.duration_ms), ("wav", 24_000, 2_000));
}

#[test]
fn a_clip_that_cannot_be_decoded_is_promised_nothing_and_says_what_converts_it() {
    let folder = tempfile::tempdir().unwrap();
    let old = copied(folder.path(), "clips/mpeg4.mp4");
    let mut desk = Desk::open();
    desk.ready();
    desk.drop_file(&old);
    desk.wait("what can be done", |desk| desk.is_enabled("Copy the ffmpeg command"));
    assert!(desk.has("The picture is MPEG-4 Part 2, which cannot be decoded here"));
    assert!(!desk.has("Make the clip fit…"), "no cure is offered");
    desk.button("Copy the ffmpeg command").click();
    let mut command = None;
    for _ in 0..4 {
        desk.harness.step();
        let commands = desk.harness.output().platform_output.commands.iter();
        command = command.or(commands.clone().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        }));
    }
    let command = command.expect("the command is in the clipboard");
    assert!(command.starts_with("ffmpeg -i ") && command.contains("mpeg4.mp4"), "{command}");
    assert!(command.ends_with("mpeg4 fitted.mp4'"), "{command}");
    // Nor does the palette.
    desk.chord(egui::Modifiers::COMMAND, Key::K);
    desk.harness.event(egui::Event::Text("Make the clip fit".into()));
    desk.harness.run_steps(4);
    desk.press(Key::Enter);
    desk.harness.run_steps(4);
    assert!(desk.harness.state().view().shell.fit.open.is_none());
}

#[test]
fn the_work_is_stopped_and_leaves_nothing() {
    let mut desk = Desk::open();
    desk.ready();
    let [own, _] = desk.own_files();
    desk.drop_file(&own);
    desk.wait("its facts", |desk| desk.has("MP4 · 1280×720"));
    desk.chord(egui::Modifiers::COMMAND, Key::K);
    desk.harness.event(egui::Event::Text("Make the clip fit".into()));
    desk.harness.run_steps(4);
    desk.press(Key::Enter);
    desk.wait("the card", |desk| desk.has("Size: 1080p"));
    desk.harness.get_by_label("Size: 1080p").click();
    desk.harness.run_steps(4);
    desk.button("Make the fitted copy").click();
    desk.wait("how far it is", |desk| desk.has("Making it fit · ") && desk.is_enabled("Stop making it fit"));
    desk.button("Stop making it fit").click();
    desk.wait("the end of it", |desk| desk.is_enabled("Make the fitted copy"));
    assert_eq!(clip(&desk), Some(ClipSource::File(own)));
    let names: Vec<_> = std::fs::read_dir(desk.folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().contains("fitted")), "{names:?}");
}
