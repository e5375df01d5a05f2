//! The previews of faces through the accessibility tree, from a service that has many of them, late ones and broken ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::hostile::{self, Act, Hostile, answer_with, json_answer};
use crate::support::Desk;
use egui::{Event, Key, Modifiers, MouseWheelUnit, TouchPhase, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use serde_json::json;
use tokio::runtime::Runtime;
use viseme::app::{Options, Window};
use viseme::model::Dialect;
use viseme::workflow::Preview;

/// As many bytes of previews may lie on the graphics card.
const BUDGET_BYTES: usize = 12 * 1024 * 1024;
const SIDE_PX: u32 = 256;

/// A service that finds so many faces, and does this when the preview of one is asked for.
fn serve(runtime: &Runtime, faces: usize, preview: impl Fn(&str) -> Act + Send + Sync + 'static) -> Hostile {
    runtime.block_on(Hostile::start(move |_, request| {
        let address = request.line.split_whitespace().nth(1).unwrap_or_default();
        if let Some(name) = address.strip_prefix("/f/") {
            return preview(name);
        }
        let host = request.header("host").unwrap_or_default();
        let list: Vec<_> = (0..faces)
            .map(|face| json!({"face_id": format!("f{face}"), "face_image": format!("http://{host}/f/{face}"), "start_time": 0, "end_time": 9_000}))
            .collect();
        let data = json!({"session_id": "s", "face_data": list});
        json_answer("200 OK", &json!({"code": 0, "message": "SUCCEED", "request_id": "r", "data": data}))
    }))
}

fn picture() -> Act {
    let mut png = Vec::new();
    image::RgbaImage::from_fn(SIDE_PX, SIDE_PX, |x, y| image::Rgba([x as u8, y as u8, 90, 255]))
        .write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png)
        .unwrap();
    Act::Send(answer_with("200 OK", "Content-Type: image/png\r\n", png))
}

/// A window before this service, with its faces found.
fn desk_at(server: &Hostile) -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        profiles: vec![hostile::profile(&server.base(), Dialect::Kling)],
        profile: "hostile".into(),
        downloads: Some(folder.path().join("results")),
        demo_folder: Some(folder.path().join("demo")),
        sound: viseme::playback::sound::Choice::Off,
        ..Options::default()
    };
    let harness = Harness::builder()
        .with_size(Vec2::new(1280.0, 800.0))
        .build_eframe(|cc| Window::new(cc, options).expect("a window"));
    let mut desk = Desk { harness, folder };
    desk.harness.run_steps(3);
    desk.harness.get_by_label_contains("Service: ").click();
    desk.wait("the keys", |desk| desk.has("Key for "));
    let key = desk.harness.get_by_role_and_label(egui::accesskit::Role::PasswordInput, "API key");
    key.focus();
    key.set_text_value_accesskit(hostile::KEY);
    desk.harness.run_steps(2);
    desk.button("Use this key").click();
    desk.wait("the key in use", |desk| desk.has("key in use"));
    desk.press(Key::Escape);
    desk.harness.event(Event::Paste("https://example.com/a.mp4".into()));
    desk.harness.run_steps(3);
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("faces", |desk| desk.has_tile("Face 1,"));
    desk
}

fn previews(desk: &Desk) -> &[Preview] {
    &desk.harness.state().view().flow.faces().unwrap().previews
}

/// How many previews lie on the graphics card, and how many bytes they take.
fn on_card(desk: &Desk) -> (usize, usize) {
    let textures = &desk.harness.state().view().shell.textures;
    (textures.count(), textures.bytes())
}

#[test]
fn of_many_faces_only_those_in_view_are_made_ready_and_no_more_than_the_budget_is_kept() {
    let runtime = Runtime::new().unwrap();
    let server = serve(&runtime, 120, |_| picture());
    let mut desk = desk_at(&server);
    desk.wait("all previews", |desk| previews(desk).iter().all(|preview| matches!(preview, Preview::Ready(_))));
    desk.wait("those in view", |desk| on_card(desk).0 > 0);
    let (count, bytes) = on_card(&desk);
    assert!((2..=20).contains(&count), "{count} of 120 previews are on the graphics card");
    assert_eq!(bytes, count * (SIDE_PX * SIDE_PX * 4) as usize);
    assert!(desk.has_tile("Face 120,"), "out of view, it is still there for those who cannot see it");

    // Down the side panel to its end, and back to the top.
    for down in [-1.0, 1.0] {
        for _ in 0..120 {
            desk.harness.hover_at(egui::pos2(150.0, 500.0));
            desk.harness.event(Event::MouseWheel {
                unit: MouseWheelUnit::Point,
                delta: Vec2::new(0.0, 120.0 * down),
                phase: TouchPhase::Move,
                source: egui::MouseWheelSource::Unknown,
                modifiers: Modifiers::NONE,
            });
            let before = on_card(&desk).0;
            desk.harness.run_steps(1);
            let (now, bytes) = on_card(&desk);
            assert!(now <= before + 4, "{} at once", now - before);
            assert!(bytes <= BUDGET_BYTES, "{bytes} bytes");
            desk.harness.run_steps(2);
        }
        assert!(on_card(&desk).0 >= 40, "what was looked at is kept as far as there is room");
    }
    let first = desk.harness.state().view().shell.textures.preview("f0").is_some();
    assert!(first, "what comes back into view is made ready again");
}

#[test]
fn a_late_preview_shows_its_elapsed_time_and_is_stopped_and_fetched_again() {
    let runtime = Runtime::new().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let server = serve(&runtime, 3, move |name| match name {
        // The first comes, the second never, the third is none; whatever is asked for later comes.
        _ if count.fetch_add(1, Ordering::Relaxed) >= 3 => picture(),
        "0" => picture(),
        "1" => Act::Hang,
        _ => Act::Send(answer_with("404 Not Found", "Content-Type: text/html\r\n", "<html>gone</html>")),
    });
    let mut desk = desk_at(&server);
    desk.wait("a way to stop it", |desk| desk.is_enabled("Stop fetching previews"));
    desk.wait("for how long", |desk| desk.has("0:0"));
    desk.wait("the one that failed", |desk| desk.is_enabled("Fetch the preview of face 3 again"));
    assert!(matches!(previews(&desk)[..], [Preview::Ready(_), Preview::Loading(_), Preview::Failed(_)]));

    desk.press(Key::Escape);
    assert!(matches!(previews(&desk)[1], Preview::Failed(_)), "stopped at once");
    assert!(!desk.has("Stop fetching previews"));
    assert!(desk.has_tile("Face 2, 0.00 – 9.00 s, its preview failed: Fetching it was stopped"));

    // One by its own button, the other by the action; the one that is there is left alone.
    desk.button("Fetch the preview of face 3 again").click();
    desk.wait("the third", |desk| matches!(previews(desk)[2], Preview::Ready(_)));
    assert!(matches!(previews(&desk)[1], Preview::Failed(_)));
    desk.chord(Modifiers::COMMAND, Key::K);
    desk.harness.event(Event::Text("Fetch failed previews again".into()));
    desk.harness.run_steps(3);
    desk.press(Key::Enter);
    desk.wait("the second", |desk| matches!(previews(desk)[1], Preview::Ready(_)));
    assert_eq!(asked.load(Ordering::Relaxed), 5);
}
