//! Each user action as one value: label, tooltip, icon, keys, group, obstacle. Buttons, menus, shortcuts, palette and help are
//! derived from one table.

pub mod command;
mod obstacle;
mod queue;
mod table;
mod tasks;

use std::borrow::Cow;

use egui::{Key, KeyboardShortcut};

use crate::app::state::view::View;
use crate::app::theme::Icon;
use crate::app::words::amount_text;
use crate::engine::identify_estimate;
pub use obstacle::{
    is_key_refused, is_session_refused, may_send_anyway, named_task, primary, result_address, task_id, wants_wav,
};
pub use queue::is_queued;
pub use table::{Action, Group};
pub use tasks::{look_up_obstacle, profile_of, task_obstacle};

/// The keys that choose the first nine faces.
pub const FACE_KEYS: [Key; 9] =
    [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];

/// How an action is presented.
#[derive(Clone, Copy, Debug)]
pub struct ActionInfo {
    /// The label of its button.
    pub label: &'static str,
    /// Its title where no panel gives it context, as in the palette.
    pub title: &'static str,
    /// What it does, as a sentence without a full stop.
    pub tooltip: &'static str,
    /// Its icon.
    pub icon: Icon,
    /// Its shortcuts; the first is the one shown.
    pub shortcuts: &'static [KeyboardShortcut],
    /// Its group.
    pub group: Group,
}

impl ActionInfo {
    /// The shortcut that is shown.
    #[must_use]
    pub fn shortcut(&self) -> Option<&'static KeyboardShortcut> {
        self.shortcuts.first()
    }
}

impl Action {
    /// Whether holding its key repeats it.
    #[must_use]
    pub const fn repeats(self) -> bool {
        matches!(
            self,
            Self::FrameBack
                | Self::FrameForward
                | Self::SecondBack
                | Self::SecondForward
                | Self::Undo
                | Self::Redo
                | Self::ZoomIn
                | Self::ZoomOut
        )
    }

    /// Whether a focused text field handles its shortcut itself.
    #[must_use]
    pub const fn is_of_text_fields_too(self) -> bool {
        matches!(self, Self::Undo | Self::Redo)
    }

    /// Its current title, with its subject where that changes.
    #[must_use]
    pub fn title(self, view: &View<'_>) -> Cow<'static, str> {
        let history = &view.shell.history;
        let about = match self {
            Self::Undo => history.to_undo(),
            Self::Redo => history.to_redo(),
            _ => None,
        };
        let title = self.info().title;
        if self == Self::FindFacesAgain && !view.shell.is_embedded() {
            let dialect = view.profile().dialect;
            return Cow::Owned(format!("{title}, for {}", amount_text(dialect, identify_estimate(dialect))));
        }
        about.map_or(Cow::Borrowed(title), |step| Cow::Owned(format!("{title} {}", step.what.words())))
    }

    /// What it does, as a sentence without a full stop: with what it costs, where it pays.
    #[must_use]
    pub fn tooltip(self, view: &View<'_>) -> Cow<'static, str> {
        let words = self.info().tooltip;
        match self {
            Self::FindFaces if view.shell.is_embedded() || !view.flow.terms.recalls_faces => {
                Cow::Owned(format!("{words}; {}", find_cost(view)))
            }
            Self::FindFaces => {
                let cost = find_cost(view);
                Cow::Owned(format!("{words}; {cost}, and nothing where they are known and their session lives"))
            }
            Self::FindFacesAgain | Self::FindFacesAnyway => Cow::Owned(format!("{words}; {}", find_cost(view))),
            Self::TryAgain if is_key_refused(view) => {
                Cow::Borrowed("Sends the task again, with the key that is in use now; the refused one was not created")
            }
            _ => Cow::Borrowed(words),
        }
    }

    /// Whether it stops a running job, or dismisses a message where none runs. These actions share Escape, which does one thing at a time: the
    /// first that can be done.
    #[must_use]
    pub const fn cancels(self) -> bool {
        matches!(
            self,
            Self::CancelReadingClip
                | Self::CancelFetchClip
                | Self::CancelFetchVoice
                | Self::StopFitting
                | Self::LeaveFullPicture
                | Self::CancelFinding
                | Self::CancelPreviews
                | Self::CancelReadingVoice
                | Self::CancelVoiceAsWav
                | Self::CancelDraft
                | Self::StopMeasuring
                | Self::CancelLookUp
                | Self::StopWaiting
                | Self::CancelSaving
                | Self::StopDownload
                | Self::DismissMessage
        )
    }
}

/// What finding faces costs at the service in use.
fn find_cost(view: &View<'_>) -> String {
    if view.shell.is_embedded() {
        return "the sandbox costs nothing".into();
    }
    let dialect = view.profile().dialect;
    format!("estimate {}", amount_text(dialect, identify_estimate(dialect)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_action_is_listed_once_and_says_what_it_does() {
        let unique: HashSet<Action> = Action::ALL.iter().copied().collect();
        assert_eq!(unique.len(), Action::ALL.len());
        let titles: HashSet<&str> = Action::ALL.iter().map(|action| action.info().title).collect();
        assert_eq!(titles.len(), Action::ALL.len(), "two actions cannot be told apart in the palette");
        for action in Action::ALL {
            let info = action.info();
            for words in [info.label, info.title, info.tooltip] {
                let begins_well = |first: char| first.is_uppercase() || first.is_ascii_digit();
                assert!(words.chars().next().is_some_and(begins_well), "{action:?}: sentence case");
                assert!(!words.ends_with('.'), "{action:?}: no full stop");
            }
            assert_eq!(info.label.ends_with('…'), info.title.ends_with('…'), "{action:?}: more input follows, or not");
        }
    }

    #[test]
    fn no_two_actions_share_their_keys_but_those_that_cancel() {
        let mut seen = HashSet::new();
        for action in Action::ALL {
            for shortcut in action.info().shortcuts {
                let shared = action.cancels() && shortcut.logical_key == egui::Key::Escape;
                assert!(shared || seen.insert(format!("{shortcut:?}")), "{action:?}: {shortcut:?}");
            }
        }
    }
}
