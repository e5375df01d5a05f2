//! The entries of the palette: every action, and choices that are no actions of their own.

use std::ops::Range;

use super::rank::rank;
use crate::app::action::FACE_KEYS;
use crate::app::action::command::Command;
use crate::app::action::{Action, Group};
use crate::app::state::shell::shown_name;
use crate::app::state::view::View;
use crate::app::theme::Icon;
use crate::app::widgets::keycaps;

/// An entry of the palette.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its title.
    pub title: String,
    /// What its button says, where it has one; else empty.
    pub label: &'static str,
    /// Its group.
    pub group: Group,
    /// What it does.
    pub tooltip: String,
    /// Its icon.
    pub icon: Icon,
    /// Its keys, one keycap each.
    pub keys: Vec<String>,
    /// Why it is not available now; `None` where it is.
    pub obstacle: Option<String>,
    /// The command it pushes.
    pub command: Command,
    /// The ranges of the title that match the query.
    pub marks: Vec<Range<usize>>,
}

/// The entries that match `query`, best first; of equal ones those that are available. `recent`: titles of the recently used entries,
/// which are listed first while the query is empty.
#[must_use]
pub fn found(view: &View<'_>, query: &str, recent: &[String]) -> Vec<Entry> {
    let mut ranked: Vec<(u32, Entry)> = all(view)
        .into_iter()
        .filter_map(|mut entry| {
            let rank = rank(query, &entry.title, entry.label, entry.group.label(), &entry.tooltip)?;
            entry.marks = rank.marks;
            Some((rank.score, entry))
        })
        .collect();
    let freshness = |entry: &Entry| {
        let place = if query.trim().is_empty() { recent.iter().position(|title| *title == entry.title) } else { None };
        place.unwrap_or(usize::MAX)
    };
    ranked.sort_by_cached_key(|(score, entry)| (std::cmp::Reverse(*score), entry.obstacle.is_some(), freshness(entry)));
    ranked.into_iter().map(|(_, entry)| entry).collect()
}

fn all(view: &View<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for &action in Action::ALL {
        // The palette is open already.
        if action == Action::OpenPalette {
            continue;
        }
        let info = action.info();
        entries.push(Entry {
            title: action.title(view).into_owned(),
            label: info.label,
            group: info.group,
            tooltip: action.tooltip(view).into_owned(),
            icon: info.icon,
            keys: info.shortcut().map(|keys| keycaps::caps(*keys)).unwrap_or_default(),
            obstacle: action.obstacle(view),
            command: Command::Do(action),
            marks: Vec::new(),
        });
    }
    let choice = |title: String, group, tooltip: &str, icon, obstacle, command| Entry {
        title,
        label: "",
        group,
        tooltip: tooltip.to_owned(),
        icon,
        keys: Vec::new(),
        obstacle,
        command,
        marks: Vec::new(),
    };
    if let Some(choosing) = view.choosing() {
        for (index, face) in choosing.faces.session.faces.iter().enumerate() {
            let chosen = choosing.faces.chosen.as_ref() == Some(&face.face_id);
            let mut entry = choice(
                format!("Choose face {}", index + 1),
                Group::Faces,
                "Makes this face speak",
                Icon::User,
                chosen.then(|| "It is chosen already".to_owned()),
                Command::ChooseFace(face.face_id.clone()),
            );
            entry.keys = FACE_KEYS.get(index).map(|_| (index + 1).to_string()).into_iter().collect();
            entries.push(entry);
        }
    }
    let in_use = &view.profile().name;
    for profile in view.shell.profiles() {
        let obstacle = if profile.name == *in_use {
            Some("It is in use already".to_owned())
        } else {
            view.flow.busy_with().map(str::to_owned)
        };
        entries.push(choice(
            format!("Use {}", shown_name(profile)),
            Group::Task,
            "Uses this service; what was entered stays",
            Icon::Link,
            obstacle,
            Command::SwitchProfile(profile.name.clone()),
        ));
    }
    for (title, icon, theme) in [
        ("Theme: as the system", Icon::Monitor, egui::ThemePreference::System),
        ("Theme: dark", Icon::Moon, egui::ThemePreference::Dark),
        ("Theme: light", Icon::Sun, egui::ThemePreference::Light),
    ] {
        let tooltip = "Colours of the window, appearance";
        entries.push(choice(title.into(), Group::View, tooltip, icon, None, Command::SetTheme(theme)));
    }
    entries
}
