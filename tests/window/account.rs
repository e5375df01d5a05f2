//! The page of the account, on the sandbox's book.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::support::Desk;

fn open_account(desk: &mut Desk) {
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    desk.wait("the settings", |desk| desk.harness.query_by_role_and_label(Role::Dialog, "Settings").is_some());
    desk.harness.get_by_role_and_label(Role::Tab, "Account").click();
    desk.harness.run_steps(3);
}

#[test]
fn the_account_shows_what_is_left_and_what_each_task_cost() {
    let mut desk = Desk::open();
    desk.ready();
    desk.button("Try the demo clip").click();
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    open_account(&mut desk);
    desk.wait("the package", |desk| desk.has("units left"));
    assert!(desk.has("tasks at once") && desk.has("Identify Face"));
    assert!(desk.has("0.05 units ($0.007)"), "units and money of one deduction stand in one row");
    let rows = desk.harness.query_all_by_role(Role::ListItem);
    let rows = rows.filter(|row| row.accesskit_node().label().is_some_and(|label| label.starts_with("Identify Face")));
    assert_eq!(rows.count(), 1);
    assert!(!desk.has("Problem"), "nothing is wrong");
    desk.button("Ask again").click();
    desk.wait("the second answer", |desk| desk.is_enabled("Ask again"));
    assert!(desk.has("99999.95 of 100000.00 units left"));
}

#[test]
fn a_service_without_an_account_is_not_asked() {
    let mut desk = Desk::open_on("vtrix", egui::Vec2::new(1280.0, 800.0));
    desk.harness.run_steps(3);
    open_account(&mut desk);
    assert!(desk.has("Vtrix shows no account"));
    assert!(desk.harness.query_by_role_and_label(Role::Button, "Ask again").is_none());
}
