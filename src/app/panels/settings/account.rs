//! The page of the account: packages and what is left, what was deducted beside what was estimated, and what to know before paying.

use egui::{Align, Label, Layout, Role, Sense, Ui, UiBuilder, WidgetInfo, vec2};

use crate::app::action::command::{Command, Commands};
use crate::app::state::settings::SettingsCommand;
use crate::app::state::shell::shown_name;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, space, text};
use crate::app::widgets::button::{Face, Look, button_ui};
use crate::app::widgets::notice::{Tone, notice_ui, problem_lines};
use crate::app::words;
use crate::engine::{AccountReport, LedgerRow, local_days};
use crate::model::{Package, Problem};
use crate::secrets::shown;

/// Height of a row of two lines, in points.
const ROW_PX: f32 = 40.0;
/// Width of the amounts, in points.
const AMOUNT_PX: f32 = 230.0;
/// How many deductions are drawn.
const MOST_ROWS: usize = 200;

/// Draws the page.
pub fn account_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let profile = view.profile();
    let name = shown_name(profile);
    if !profile.shows_account() {
        ui.label(text::strong(format!("{name} shows no account")));
        let words =
            "Its own pages show what is left and what was paid. The history shows what each task of this machine cost";
        ui.add(Label::new(text::caption(palette, words)).wrap());
        return;
    }
    let is_asking = view.shell.account.is_asking(&profile.name);
    ui.horizontal(|ui| {
        ui.label(text::strong(format!("Account at {name}")));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let obstacle =
                is_asking.then(|| "The account is being asked for".to_owned()).or_else(|| view.service_obstacle());
            let face = Face::new("Ask again", Some(Icon::Refresh));
            let tooltip = "Asks the service for the account; costs nothing and takes some seconds";
            if button_ui(ui, Look::Soft, &face, tooltip, obstacle.as_deref()).clicked() {
                commands.push(Command::Settings(SettingsCommand::AskAccount));
            }
        });
    });
    match view.shell.account.of(&profile.name) {
        Some(Ok(report)) => report_ui(ui, report),
        Some(Err(problem)) => problem_ui(ui, problem),
        None if is_asking => {
            ui.label(text::dim(palette, "Asking for packages and deductions…"));
        }
        None => {
            let words = view.service_obstacle().unwrap_or_else(|| "It was not asked for yet".to_owned());
            ui.add(Label::new(text::dim(palette, words)).wrap());
        }
    }
}

fn problem_ui(ui: &mut Ui, problem: &Problem) {
    notice_ui(ui, Tone::Bad, &words::sentence(&problem.message), &problem_lines(problem), |_| {});
}

fn report_ui(ui: &mut Ui, report: &AccountReport) {
    let palette = Palette::of(ui);
    let account = &report.account;
    for warning in account.warnings() {
        notice_ui(ui, Tone::Warn, &warning, &[], |_| {});
    }
    for package in &account.packages {
        package_ui(ui, package);
    }
    if let Some(count) = account.at_once() {
        ui.label(text::dim(palette, format!("{count} tasks at once, of the package that allows most")));
    }
    let asked = format!("Asked {}; what is left is up to 12 hours late", local_days::text(account.asked_ms));
    ui.label(text::caption(palette, asked));
    ui.add_space(space::ITEM);
    ui.label(text::strong("Deducted in the last 30 days"));
    match &account.ledger {
        Err(problem) => problem_ui(ui, problem),
        Ok(ledger) if ledger.deductions.is_empty() => {
            ui.label(text::dim(palette, "Nothing"));
        }
        Ok(ledger) => {
            for row in report.rows.iter().take(MOST_ROWS) {
                row_ui(ui, row);
            }
            if report.rows.len() > MOST_ROWS || !ledger.is_whole {
                let words = "There are more: viseme account --json lists them";
                ui.label(text::caption(palette, words));
            }
        }
    }
}

fn package_ui(ui: &mut Ui, package: &Package) {
    let palette = Palette::of(ui);
    let left = match (package.remaining, package.total) {
        (Some(remaining), Some(total)) => format!("{remaining:.2} of {total:.2} units left"),
        (Some(remaining), None) => format!("{remaining:.2} units left"),
        _ => "What is left is not shown".to_owned(),
    };
    let until = package.ends_ms.map(|ms| format!("until {}", local_days::text(ms)));
    let parts = [package.status.clone(), until].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    two_lines_ui(ui, palette, &package.name, &parts, &left, "");
}

fn row_ui(ui: &mut Ui, row: &LedgerRow) {
    let palette = Palette::of(ui);
    let deduction = &row.deduction;
    let product = deduction.product.as_deref().unwrap_or("Task");
    let title = match row.clip_name.as_deref().filter(|name| !name.is_empty()) {
        Some(clip) => format!("{product} · {clip}"),
        None => product.to_owned(),
    };
    let when = deduction.at_ms.map(local_days::text);
    let about = when.into_iter().chain([shown(&deduction.task_id)]).collect::<Vec<_>>().join(" · ");
    let estimate = row.estimate.map(|estimate| format!("estimated {}", deduction.amount_text(estimate)));
    let amount = row.amount_text();
    // What was deleted or was made without a journal may be of this machine all the same.
    let unknown = if row.is_looked_up { "not in this machine's journal" } else { "" };
    two_lines_ui(ui, palette, &title, &about, &amount, estimate.as_deref().unwrap_or(unknown));
}

/// Draws a row: two lines on the left, and two on the right.
fn two_lines_ui(ui: &mut Ui, palette: &Palette, title: &str, about: &str, amount: &str, below: &str) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW_PX), Sense::hover());
    let said = [title, about, amount, below].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, said.join(", ")));
    let right = rect.with_min_x(rect.right() - AMOUNT_PX);
    let left = rect.with_max_x(right.left() - space::ITEM);
    let mut left_ui = ui.new_child(UiBuilder::new().max_rect(left).layout(Layout::top_down(Align::Min)));
    left_ui.spacing_mut().item_spacing.y = 0.0;
    left_ui.add(Label::new(text::body(title)).truncate());
    if !about.is_empty() {
        left_ui
            .add(Label::new(text::caption(palette, about)).truncate().show_tooltip_when_elided(false))
            .on_hover_text(about);
    }
    let mut right_ui = ui.new_child(UiBuilder::new().max_rect(right).layout(Layout::top_down(Align::Max)));
    right_ui.spacing_mut().item_spacing.y = 0.0;
    right_ui.label(text::body(amount));
    if !below.is_empty() {
        right_ui.label(text::caption(palette, below));
    }
}
