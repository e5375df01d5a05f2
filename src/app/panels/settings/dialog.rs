//! The settings dialog: the list of pages on the left, the open page on the right. Every change applies at once.

use egui::{Align, Button, Layout, Role, ScrollArea, Ui, UiBuilder, Vec2, WidgetInfo, vec2};

use super::{about, account, pages, services, spending, storage, stored};
use crate::app::action::command::{Command, Commands};
use crate::app::state::settings::{Page, SettingsCommand};
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, size, space, text};
use crate::app::widgets::button::{Face, Look, button_ui};
use crate::app::widgets::overlay::{Overlay, Place, overlay_ui};

/// Width of its contents, in points.
const WIDTH_PX: f32 = 700.0;
/// Margin around its contents, in points.
const MARGIN_PX: i8 = 20;
/// Height of a page, in points: the same for all, so that nothing jumps.
const HEIGHT_PX: f32 = 440.0;
/// Width of the list of pages, in points.
const LIST_PX: f32 = 140.0;
/// Width of the scroll bar, in points.
const BAR_PX: f32 = 12.0;

/// Draws the dialog where it is open.
pub fn settings_ui(ui: &Ui, view: &View<'_>, commands: &mut Commands) {
    let Some(open) = view.shell.settings.page else { return };
    // Limited to the window, for large scales on small screens.
    let width = WIDTH_PX.min(ui.ctx().content_rect().width() - 2.0 * f32::from(MARGIN_PX) - 2.0 * space::ITEM);
    let overlay = Overlay { id: "settings", name: "Settings", place: Place::Middle, width, margin: MARGIN_PX };
    let closed = overlay_ui(ui, &overlay, |ui| {
        ui.spacing_mut().item_spacing.y = space::ITEM;
        ui.horizontal(|ui| {
            ui.label(text::heading("Settings"));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let face = Face::icon("Close", Icon::X);
                if button_ui(ui, Look::Ghost, &face, "Closes the settings; every change is saved already", None)
                    .clicked()
                {
                    commands.push(Command::Settings(SettingsCommand::Close));
                }
            });
        });
        ui.add_space(space::ITEM);
        let room = (ui.ctx().content_rect().height() - 140.0).clamp(200.0, HEIGHT_PX);
        let (whole, _) = ui.allocate_exact_size(vec2(width, room), egui::Sense::hover());
        let (list, page) = whole.split_left_right_at_x(whole.left() + LIST_PX);
        let mut list_ui = ui.new_child(UiBuilder::new().max_rect(list));
        pages_ui(&mut list_ui, open, commands);
        let page = page.with_min_x(page.left() + space::GROUP);
        ui.scope_builder(UiBuilder::new().max_rect(page), |ui| {
            if open == Page::Storage && view.shell.stored.open {
                // A list that scrolls by itself.
                stored::stored_ui(ui, view, commands);
                return;
            }
            ScrollArea::vertical().id_salt(open.label()).auto_shrink([false, false]).show(ui, |ui| {
                ui.set_max_width(ui.available_width() - BAR_PX);
                ui.spacing_mut().item_spacing.y = space::ITEM;
                match open {
                    Page::Appearance => pages::appearance_ui(ui, view, commands),
                    Page::Editing => pages::editing_ui(ui, view, commands),
                    Page::Files => pages::files_ui(ui, view, commands),
                    Page::Services => services::services_ui(ui, view, commands),
                    Page::Storage => storage::storage_ui(ui, view, commands),
                    Page::Spending => spending::spending_ui(ui, view, commands),
                    Page::Account => account::account_ui(ui, view, commands),
                    Page::About => about::about_ui(ui),
                }
            });
        });
    });
    if closed && view.shell.dialog.is_none() {
        commands.push(Command::Settings(SettingsCommand::Close));
    }
}

fn pages_ui(ui: &mut Ui, open: Page, commands: &mut Commands) {
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing.y = 2.0;
    for page in Page::ALL {
        let chosen = page == open;
        let words = egui::RichText::new(page.label()).color(if chosen { palette.accent_text } else { palette.text });
        let response = ui
            .scope(|ui| {
                if chosen {
                    ui.visuals_mut().widgets.inactive.weak_bg_fill = palette.accent_wash;
                }
                let button = Button::new((words, egui::Atom::grow())).min_size(Vec2::new(LIST_PX, size::BUTTON));
                ui.add(if chosen { button } else { button.frame_when_inactive(false) })
            })
            .inner;
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, chosen, page.label()));
        if chosen && ui.memory(|memory| memory.focused().is_none()) {
            response.request_focus();
        }
        if response.clicked() {
            response.request_focus();
        }
        if response.clicked() && !chosen {
            commands.push(Command::Settings(SettingsCommand::Open(page)));
        }
    }
}

/// Draws a setting: its name, its description, and its control below them.
pub(super) fn setting_ui(ui: &mut Ui, name: &str, words: &str, control_ui: impl FnOnce(&mut Ui)) {
    let palette = Palette::of(ui);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::TIGHT;
        ui.label(text::strong(name));
        if !words.is_empty() {
            ui.add(egui::Label::new(text::caption(palette, words)).wrap());
        }
        ui.add_space(2.0);
        control_ui(ui);
    });
    ui.add_space(space::GROUP);
}
