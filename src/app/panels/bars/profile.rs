//! The service menu, with the key of a real service, which is kept in memory, and in the keychain where the person wants that.

use egui::{Align, AtomExt as _, Button, Layout, Popup, PopupCloseBehavior, ScrollArea, Ui, vec2};

use crate::app::action::Action;
use crate::app::action::command::{Command, Commands};
use crate::app::state::keys::KeyPart;
use crate::app::state::shell::{is_embedded, service_menu_id, shown_name};
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, size, space, text};
use crate::app::widgets::button::{Face, Look, action_ui, button_ui};
use crate::app::widgets::checkbox::checkbox_ui;
use crate::app::widgets::field::{Field, field_ui, select_all};
use crate::engine::KeySource;
use crate::model::{Profile, is_read_on_the_way};

const WIDTH_PX: f32 = 340.0;
/// Height of the popup without its list, in points: top bar, *Check connection*, *Services…*, three fields, *Remember this key*, and the reason why a key is refused.
const BELOW_LIST_PX: f32 = 422.0;

/// What is said of a service that is reached without encryption.
const IN_THE_CLEAR: &str = "It is reached without encryption: anybody on the way can read the key";
/// Maximum width of a name in its row, in points.
const NAME_MAX_PX: f32 = 190.0;

/// Draws the menu and its button.
pub fn profile_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let profile = view.profile();
    let name = shown_name(profile);
    let response = ui
        .scope(|ui| {
            ui.spacing_mut().button_padding = vec2(10.0, 0.0);
            ui.add(
                Button::new((name.as_str(), Icon::ChevronDown.image_of(14.0)))
                    .image_tint_follows_text_color(true)
                    .min_size(vec2(0.0, size::BUTTON)),
            )
        })
        .inner
        .accessible_name(format!("Service: {name}"))
        .on_hover_text("The service to talk to");
    Popup::menu(&response).id(service_menu_id()).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_width(WIDTH_PX);
        ui.spacing_mut().item_spacing.y = 2.0;
        let busy = view.flow.busy_with();
        // The controls below the list stay within the window, however many services there are.
        let list_px = (ui.ctx().content_rect().height() - BELOW_LIST_PX).max(4.0 * size::ROW_WIDE);
        ScrollArea::vertical().max_height(list_px).show(ui, |ui| {
            for other in view.shell.profiles() {
                row_ui(ui, commands, other, other.name == profile.name, busy);
            }
        });
        if action_ui(ui, view, commands, Action::OpenAccount, Look::Ghost).clicked() {
            ui.close();
        }
        if action_ui(ui, view, commands, Action::CheckConnection, Look::Ghost).clicked() {
            ui.close();
        }
        if action_ui(ui, view, commands, Action::EditServices, Look::Ghost).clicked() {
            ui.close();
        }
        if !view.shell.is_embedded() {
            ui.add_space(space::ITEM);
            keys_ui(ui, view, commands);
            if view.shell.key_used && view.shell.has_key() && view.shell.key_problem.is_none() {
                commands.push(Command::KeyAccepted);
                ui.close();
            }
        }
    });
}

fn row_ui(ui: &mut Ui, commands: &mut Commands, profile: &Profile, chosen: bool, busy: Option<&str>) {
    let palette = Palette::of(ui);
    let name = shown_name(profile);
    let where_it_is = if is_embedded(profile) {
        "on this machine, no key, no cost".to_owned()
    } else {
        let host = profile.base_url.trim_start_matches("https://").trim_start_matches("http://");
        format!("{host}{} · {}", profile.path_prefix, profile.dialect)
    };
    let in_the_clear = is_read_on_the_way(&profile.base_url);
    let tooltip =
        if in_the_clear { format!("{name}: {where_it_is}. {IN_THE_CLEAR}") } else { format!("{name}: {where_it_is}") };
    let enabled = chosen || busy.is_none();
    let mark = if chosen {
        Icon::Check.image().tint(palette.accent_text)
    } else {
        Icon::Check.image().tint(egui::Color32::TRANSPARENT)
    };
    // The name is laid out first; the address gets the remaining width.
    let label = egui::RichText::new(&name).color(if chosen { palette.accent_text } else { palette.text });
    let label = label.atom_max_width(NAME_MAX_PX);
    let detail =
        text::caption(palette, if in_the_clear { format!("unencrypted · {where_it_is}") } else { where_it_is });
    let detail = if in_the_clear { detail.color(palette.warn) } else { detail };
    let detail = detail.atom_shrink(true);
    let button = Button::new((mark, label, egui::Atom::grow(), detail))
        .truncate()
        .image_tint_follows_text_color(false)
        .frame_when_inactive(false)
        .min_size(vec2(ui.available_width(), size::ROW_WIDE));
    let response = ui.add_enabled(enabled, button).accessible_name(format!("Use {name}")).on_hover_text(&tooltip);
    let response = match busy {
        Some(why) if !enabled => response.on_disabled_hover_text(why),
        _ => response,
    };
    if response.clicked() && !chosen {
        commands.push(Command::SwitchProfile(profile.name.clone()));
    }
}

fn keys_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let keys = view.shell.keys();
    let name = shown_name(view.profile());
    ui.spacing_mut().item_spacing.y = space::TIGHT;
    ui.label(text::strong(format!("Key for {name}")));
    let width = ui.available_width();
    let (mut committed, mut entered) = (false, false);
    let mut secret_ui = |ui: &mut Ui, part: KeyPart, name: &str, hint: &str, value: &str| {
        let answer = field_ui(ui, &Field { name, text: value, hint, width, mono: true, password: true });
        if let Some(text) = answer.changed {
            commands.push(Command::EditKey(part, text.into()));
        }
        if part == KeyPart::Key && view.shell.key_takes_keys {
            answer.response.request_focus();
            select_all(ui, answer.response.id, value);
            commands.push(Command::KeyArrived);
        }
        committed |= answer.committed;
        entered |= answer.committed && ui.input(|input| input.key_pressed(egui::Key::Enter));
    };
    secret_ui(ui, KeyPart::Key, "API key", "API key", keys.text(KeyPart::Key));
    if is_read_on_the_way(&view.profile().base_url) {
        ui.add(egui::Label::new(text::caption(palette, IN_THE_CLEAR).color(palette.warn)).wrap());
    }
    ui.label(text::caption(palette, "or a pair, from which short-lived tokens are signed"));
    secret_ui(ui, KeyPart::AccessKey, "Access key", "Access key", keys.text(KeyPart::AccessKey));
    secret_ui(ui, KeyPart::SecretKey, "Secret key", "Secret key", keys.text(KeyPart::SecretKey));
    if entered && keys.obstacle().is_none() {
        commands.push(Command::UseKey);
    } else if committed {
        commands.push(Command::CommitKey);
    }
    if view.shell.has_keychain {
        let row = vec2(ui.available_width(), size::BUTTON);
        ui.allocate_ui_with_layout(row, Layout::left_to_right(Align::Center), |ui| {
            if let Some(remember) = checkbox_ui(ui, "Remember this key", keys.remember) {
                commands.push(Command::RememberKey(remember));
            }
            if keys.source != Some(KeySource::Keychain) {
                return;
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let face = Face::new("Forget it", None);
                let tooltip = "Removes the key from the keychain; it stays in use until viseme is closed";
                if button_ui(ui, Look::Ghost, &face, tooltip, None).clicked() {
                    commands.push(Command::ForgetKey);
                }
            });
        });
    }
    ui.add_space(space::TIGHT);
    // A row of fixed height: a centred layout would take all the remaining height, and grow with each frame.
    let row = vec2(ui.available_width(), size::BUTTON);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        let obstacle = keys.obstacle();
        ui.visuals_mut().widgets.inactive.weak_bg_fill = palette.raised_press;
        let face = Face::new("Use this key", Some(Icon::Key));
        if button_ui(ui, Look::Soft, &face, "Uses the key for this run", obstacle).clicked() {
            commands.push(Command::UseKey);
        }
        let kept = match &keys.source {
            Some(source) => format!("The key {source} is in use; one entered here takes precedence"),
            None if keys.remember => "Kept in the keychain of this machine, for this service only".to_owned(),
            None => "Kept in memory only, until viseme is closed".to_owned(),
        };
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add(egui::Label::new(text::caption(palette, kept)).wrap());
        });
    });
    if let Some(problem) = &view.shell.key_problem {
        ui.add(egui::Label::new(text::caption(palette, problem).color(palette.bad)).wrap());
    }
}
