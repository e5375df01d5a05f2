//! What the history lists: words to search for, and filters by service, state and day.

use egui::{Align, Layout, Ui};

use crate::app::action::command::{Command, Commands};
use crate::app::state::tasks::{Days, State, States, TasksCommand};
use crate::app::theme::{Icon, Palette, space, text};
use crate::app::widgets::button::{Face, Look, button_ui};
use crate::app::widgets::choice::choice_ui;
use crate::app::widgets::field::{Field, field_ui};
use crate::app::words;
use crate::engine::journal::Service;
use crate::engine::local_days;

/// Draws them in one row.
pub fn filters_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    // From the right; the search gets the rest.
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = space::ITEM;
        let push = |commands: &mut Commands, command| commands.push(Command::Tasks(command));
        if state.filter.is_set() {
            let face = Face::icon("Show all", Icon::X);
            if button_ui(ui, Look::Ghost, &face, "Takes the search and the filters away", None).clicked() {
                push(commands, TasksCommand::ShowAll);
            }
        }
        days_ui(ui, state, commands);
        let states = States::ALL.map(|states| (states, states.label().to_owned()));
        if let Some(states) = choice_ui(ui, "State", &state.filter.states, &states, |_| {}) {
            push(commands, TasksCommand::States(states));
        }
        if let Some(service) = choice_ui(ui, "Service", &state.filter.service, &services(state), |_| {}) {
            push(commands, TasksCommand::Service(service));
        }
        let field = Field {
            name: "Search the history",
            text: &state.filter.search,
            hint: "Search: clip, voice, id, words of the service",
            width: ui.available_width(),
            mono: false,
            password: false,
        };
        if let Some(search) = field_ui(ui, &field).changed {
            push(commands, TasksCommand::Search(search));
        }
    });
}

fn days_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let mut options: Vec<(Days, String)> = Days::ALL.into_iter().map(|days| (days.clone(), days.label())).collect();
    if !options.iter().any(|(days, _)| *days == state.filter.days) {
        options.push((state.filter.days.clone(), state.filter.days.label()));
    }
    let chosen = choice_ui(ui, "Day", &state.filter.days, &options, |ui| {
        let entry = &state.day_entry;
        ui.add_space(space::TIGHT);
        let field = Field { name: "A day", text: entry, hint: "2026-11-21", width: 180.0, mono: true, password: false };
        let answer = field_ui(ui, &field);
        if let Some(text) = answer.changed {
            commands.push(Command::Tasks(TasksCommand::EditDay(text)));
        }
        let is_day = local_days::bounds(entry).is_some();
        if !entry.trim().is_empty() && !is_day {
            ui.label(text::caption(Palette::of(ui), "A day is written 2026-11-21: year, month, day"));
        }
        if answer.committed && is_day {
            commands.push(Command::Tasks(TasksCommand::Days(Days::Only(entry.trim().to_owned()))));
            ui.close();
        }
    });
    if let Some(days) = chosen {
        commands.push(Command::Tasks(TasksCommand::Days(days)));
    }
}

/// The services to filter by: with the host where two have the same name.
fn services(state: &State) -> Vec<(Option<Service>, String)> {
    let mut options = vec![(None, "Any service".to_owned())];
    let known = state.services.iter().chain(state.filter.service.iter().filter(|it| !state.services.contains(it)));
    let is_alone = |service: &Service| state.services.iter().filter(|it| it.profile == service.profile).count() < 2;
    options.extend(known.map(|service| {
        let name = words::shown_service(&service.profile);
        let host = service.base_url.trim_start_matches("https://").trim_start_matches("http://");
        let host = if host.is_empty() { "this machine" } else { host };
        let label = if is_alone(service) { name } else { format!("{name} · {host}") };
        (Some(service.clone()), label)
    }));
    options
}
