//! Sizes of panels and window, and the scale: kept, and there again in the next window.

use egui::accesskit::{Role, Toggled};
use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::settings::{file, kept, open, open_in, open_page, press};
use crate::support::Desk;

#[test]
fn panels_keep_their_size_until_the_layout_is_reset() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(folder.path());
    desk.harness.run_steps(3);
    let usual = desk.harness.get_by_label("Clip file").rect().width();
    let edge = egui::pos2(320.0, 300.0);
    desk.harness.drag_at(edge);
    desk.harness.run_steps(2);
    desk.harness.hover_at(egui::pos2(400.0, 300.0));
    desk.harness.run_steps(2);
    desk.harness.drop_at(egui::pos2(400.0, 300.0));
    desk.harness.run_steps(3);
    let wide = desk.harness.get_by_label("Clip file").rect().width();
    assert!(wide > usual + 50.0, "{usual} to {wide}");
    drop(desk);
    assert!(kept(folder.path())["layout"]["side_px"].as_f64().unwrap() > 370.0);

    let mut desk = open(folder.path());
    desk.harness.run_steps(3);
    assert!((desk.harness.get_by_label("Clip file").rect().width() - wide).abs() < 3.0);
    open_page(&mut desk, "Appearance");
    press(&mut desk, "Reset layout");
    desk.harness.key_press(Key::Escape);
    desk.harness.run_steps(3);
    assert!((desk.harness.get_by_label("Clip file").rect().width() - usual).abs() < 3.0);
}

#[test]
fn a_window_of_another_size_gives_no_panel_a_width_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open_in(folder.path(), Vec2::new(960.0, 640.0));
    desk.harness.run_steps(3);
    let narrow = desk.harness.get_by_label("Clip file").rect().width();
    desk.harness.set_size(Vec2::new(1280.0, 800.0));
    desk.harness.run_steps(3);
    let wide = desk.harness.get_by_label("Clip file").rect().width();
    assert!(wide > narrow + 30.0, "{narrow} to {wide}: the panel is as wide as it comes in a wide window");
    // By keys as well as by hand.
    desk.harness.get_by_role_and_label(Role::Splitter, "Width of the side panel").focus();
    desk.harness.run_steps(2);
    drop(desk);
    assert!(kept(folder.path())["layout"]["side_px"].is_null());

    let mut desk = open(folder.path());
    desk.harness.run_steps(3);
    desk.harness.get_by_role_and_label(Role::Splitter, "Width of the side panel").focus();
    desk.harness.run_steps(2);
    desk.harness.key_press(Key::ArrowRight);
    desk.harness.run_steps(4);
    drop(desk);
    assert!(kept(folder.path())["layout"]["side_px"].as_f64().unwrap() > 325.0);
}

#[test]
fn the_next_window_is_where_the_last_one_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(folder.path());
    desk.harness.run_steps(3);
    let stands = |desk: &mut Desk, at: egui::Pos2, size: Vec2, maximised: bool| {
        let viewport = desk.harness.input_mut().viewports.get_mut(&egui::ViewportId::ROOT).unwrap();
        viewport.inner_rect = Some(egui::Rect::from_min_size(at + Vec2::new(0.0, 30.0), size));
        viewport.outer_rect = Some(egui::Rect::from_min_size(at, size + Vec2::new(0.0, 30.0)));
        viewport.maximized = Some(maximised);
        desk.harness.run_steps(3);
    };
    stands(&mut desk, egui::pos2(120.0, 80.0), Vec2::new(1100.0, 700.0), false);
    // It goes back to that size when it is no longer maximised.
    stands(&mut desk, egui::pos2(0.0, 0.0), Vec2::new(1920.0, 1050.0), true);
    drop(desk);
    let next = viseme::app::first_viewport(Some(&file(folder.path())));
    assert_eq!(next.inner_size, Some(Vec2::new(1100.0, 700.0)));
    assert_eq!(next.position, Some(egui::pos2(120.0, 80.0)));
    assert_eq!(next.maximized, Some(true));

    let first = viseme::app::first_viewport(Some(&folder.path().join("none.json")));
    assert_eq!((first.inner_size, first.position), (Some(Vec2::new(1280.0, 800.0)), None));
}

/// What the window shows on a screen of so many points: fewer of ours, the larger they are.
fn on_screen(desk: &mut Desk, screen: Vec2) {
    for _ in 0..4 {
        let zoom = desk.harness.ctx.zoom_factor();
        desk.harness.set_size(screen / zoom);
        desk.harness.run_steps(1);
    }
}

fn zoom(desk: &Desk) -> u16 {
    (desk.harness.ctx.zoom_factor() * 100.0).round() as u16
}

#[test]
fn a_scale_too_large_for_the_window_waits_for_a_larger_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(folder.path());
    let (usual, large) = (Vec2::new(1280.0, 800.0), Vec2::new(2560.0, 1440.0));
    open_page(&mut desk, "Appearance");
    desk.harness.get_by_role_and_label(Role::RadioButton, "Size: 200 %").click();
    on_screen(&mut desk, usual);
    assert_eq!(zoom(&desk), 125, "the window has room for what it must show");
    assert!(desk.has("As large as this window allows: 125 %"));
    let chosen = desk.harness.get_by_role_and_label(Role::RadioButton, "Size: 200 %");
    assert_eq!(chosen.accesskit_node().toggled(), Some(Toggled::True));
    on_screen(&mut desk, large);
    assert_eq!(zoom(&desk), 200);
    assert!(!desk.has("As large as this window allows"));
    on_screen(&mut desk, usual);
    for _ in 0..3 {
        desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Plus);
        on_screen(&mut desk, usual);
    }
    assert_eq!(zoom(&desk), 125);
    drop(desk);
    assert_eq!(kept(folder.path())["scale_percent"].as_u64(), Some(200), "what was chosen is remembered");

    let mut desk = open(folder.path());
    on_screen(&mut desk, usual);
    for (key, applied) in [(Key::Minus, 120), (Key::Plus, 125), (Key::Plus, 125), (Key::Minus, 120), (Key::Num0, 100)] {
        desk.harness.key_press_modifiers(Modifiers::COMMAND, key);
        on_screen(&mut desk, usual);
        assert_eq!(zoom(&desk), applied, "{key:?}");
    }
    drop(desk);
    assert_eq!(kept(folder.path())["scale_percent"].as_u64(), Some(100));
}

#[test]
fn the_inspector_keeps_how_high_its_list_is_until_the_layout_is_reset() {
    let folder = tempfile::tempdir().unwrap();
    let height = |desk: &Desk| {
        let divider = desk.harness.get_by_role_and_label(Role::Splitter, "Height of the list");
        divider.accesskit_node().numeric_value().unwrap()
    };
    let inspected = || {
        let mut desk = open(folder.path());
        desk.ready();
        desk.press(Key::F12);
        desk.button("Try the demo clip").click();
        desk.wait("faces", |desk| desk.has_tile("Face 2"));
        desk
    };
    let mut desk = inspected();
    let usual = height(&desk);
    desk.tab_until("Height of the list");
    desk.press(Key::ArrowDown);
    let given = height(&desk);
    assert!(given > usual, "{usual} to {given}");
    drop(desk);
    let mut desk = inspected();
    assert!((height(&desk) - given).abs() < 1e-4, "{} was kept as {}", given, height(&desk));
    open_page(&mut desk, "Appearance");
    press(&mut desk, "Reset layout");
    assert!((height(&desk) - usual).abs() < 1e-4);
}

#[test]
fn on_a_small_fine_screen_everything_is_smaller_and_has_its_room() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(folder.path());
    desk.ready();
    let viewports = &mut desk.harness.input_mut().viewports;
    viewports.get_mut(&egui::ViewportId::ROOT).unwrap().native_pixels_per_point = Some(2.0);
    on_screen(&mut desk, Vec2::new(640.0, 400.0));
    assert_eq!(zoom(&desk), 62, "1280×800 pixels, two of them a point");
    let screen = desk.harness.ctx.content_rect();
    assert!(screen.width() >= 960.0 && screen.height() >= 640.0, "{screen}");
    let submit = desk.button("Find faces").rect();
    assert!(screen.contains_rect(submit), "{submit} in {screen}");
}
