//! Each user action as one value: label, tooltip, icon, shortcut, what stands in its way. Buttons, menus and shortcuts are
//! derived from this table.

mod obstacle;

use egui::{Key, KeyboardShortcut, Modifiers};

use super::theme::Icon;
pub use obstacle::{may_send_anyway, primary, task_id};

/// Something a person can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "label and tooltip in the table below say what each does")]
pub enum Action {
    TryDemo,
    BrowseClip,
    BrowseVoice,
    NewClip,
    FindFaces,
    FindFacesAnyway,
    CancelFinding,
    FindFacesAgain,
    ConfirmProposed,
    Submit,
    SubmitAnyway,
    SnapToBest,
    PauseWaiting,
    ResumeWaiting,
    BackToPlacement,
    LookUp,
    Resend,
    Abandon,
    SameFacesAgain,
    CopyTaskId,
    SaveAs,
    DownloadAgain,
    OpenResult,
    OpenFolder,
    PlayPause,
    ToStart,
    FrameBack,
    FrameForward,
    DismissProblem,
    RestartSandbox,
}

/// What a person sees of an action.
#[derive(Clone, Copy, Debug)]
pub struct ActionInfo {
    /// The words on its button.
    pub label: &'static str,
    /// What it does, in a sentence without a full stop.
    pub tooltip: &'static str,
    /// Its icon.
    pub icon: Option<Icon>,
    /// Its keys.
    pub shortcut: Option<KeyboardShortcut>,
}

/// The keys of the one primary action, whatever it is just now.
pub const PRIMARY_SHORTCUT: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Enter);

const fn key(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

const fn ctrl(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

const fn ctrl_shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key)
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 30] = [
        Self::TryDemo,
        Self::BrowseClip,
        Self::BrowseVoice,
        Self::NewClip,
        Self::FindFaces,
        Self::FindFacesAnyway,
        Self::CancelFinding,
        Self::FindFacesAgain,
        Self::ConfirmProposed,
        Self::Submit,
        Self::SubmitAnyway,
        Self::SnapToBest,
        Self::PauseWaiting,
        Self::ResumeWaiting,
        Self::BackToPlacement,
        Self::LookUp,
        Self::Resend,
        Self::Abandon,
        Self::SameFacesAgain,
        Self::CopyTaskId,
        Self::SaveAs,
        Self::DownloadAgain,
        Self::OpenResult,
        Self::OpenFolder,
        Self::PlayPause,
        Self::ToStart,
        Self::FrameBack,
        Self::FrameForward,
        Self::DismissProblem,
        Self::RestartSandbox,
    ];

    /// Label, tooltip, icon and shortcut.
    #[must_use]
    pub const fn info(self) -> ActionInfo {
        let (label, tooltip, icon, shortcut) = match self {
            Self::TryDemo => (
                "Try the demo clip",
                "Takes the bundled clip and voice, and finds the faces",
                Some(Icon::Sparkles),
                None,
            ),
            Self::BrowseClip => {
                ("Browse…", "Choose a clip on this machine", Some(Icon::FolderOpen), Some(ctrl(Key::O)))
            }
            Self::BrowseVoice => {
                ("Browse…", "Choose a voice on this machine", Some(Icon::FolderOpen), Some(ctrl_shift(Key::O)))
            }
            Self::NewClip => {
                ("New clip", "Starts over with another clip; the voice stays", Some(Icon::Film), Some(ctrl(Key::N)))
            }
            Self::FindFaces => {
                ("Find faces", "Sends the clip to the service, which finds the faces in it", Some(Icon::ScanFace), None)
            }
            Self::FindFacesAnyway => (
                "Send anyway…",
                "Sends the clip although a rule is broken; the service will most likely refuse it",
                Some(Icon::Send),
                None,
            ),
            Self::CancelFinding => ("Cancel", "Stops waiting for the faces", Some(Icon::X), Some(key(Key::Escape))),
            Self::FindFacesAgain => (
                "Find faces again",
                "Begins a new session with the same clip; face and voice are kept",
                Some(Icon::Refresh),
                None,
            ),
            Self::ConfirmProposed => {
                ("Take this face", "Chooses the face that resembles the one before", Some(Icon::Check), None)
            }
            Self::Submit => ("Submit", "Creates the lip-sync task", Some(Icon::Send), None),
            Self::SubmitAnyway => (
                "Send anyway…",
                "Creates the task although a rule is broken; the service will most likely refuse it",
                Some(Icon::Send),
                None,
            ),
            Self::SnapToBest => (
                "Snap to best",
                "Takes as much of the voice as fits, and puts it where the face is in view",
                Some(Icon::Magnet),
                Some(ctrl(Key::B)),
            ),
            Self::PauseWaiting => {
                ("Pause", "Stops asking for the task; it goes on at the service", Some(Icon::Pause), None)
            }
            Self::ResumeWaiting => ("Resume", "Asks for the task again", Some(Icon::Play), None),
            Self::BackToPlacement => (
                "Back to the placement",
                "Leaves this task, and keeps face, voice and placement",
                Some(Icon::Rotate),
                None,
            ),
            Self::LookUp => (
                "Look it up",
                "Asks the service whether it knows the task by the name we gave it; costs nothing",
                Some(Icon::Search),
                None,
            ),
            Self::Resend => (
                "Send again…",
                "Creates the task a second time; if the first one was taken, it is paid twice",
                Some(Icon::Send),
                None,
            ),
            Self::Abandon => (
                "Give it up",
                "Goes back to the placement; whether the task was created stays unknown",
                Some(Icon::X),
                None,
            ),
            Self::SameFacesAgain => (
                "Same faces again",
                "Places another voice, or another face, in the same session",
                Some(Icon::Rotate),
                None,
            ),
            Self::CopyTaskId => ("Copy task id", "Puts the task's id on the clipboard", Some(Icon::Copy), None),
            Self::SaveAs => {
                ("Save as…", "Saves the result to a place of your choice", Some(Icon::Save), Some(ctrl(Key::S)))
            }
            Self::DownloadAgain => ("Download again", "Fetches the result once more", Some(Icon::Download), None),
            Self::OpenResult => {
                ("Open", "Opens the result in the system's player, with sound", Some(Icon::ExternalLink), None)
            }
            Self::OpenFolder => {
                ("Show folder", "Opens the folder the result was saved to", Some(Icon::FolderOpen), None)
            }
            Self::PlayPause => ("Play", "Plays or pauses the picture", Some(Icon::Play), Some(key(Key::Space))),
            Self::ToStart => ("To the start", "Shows the first frame", Some(Icon::SkipBack), Some(key(Key::Home))),
            Self::FrameBack => {
                ("One frame back", "Shows the frame before", Some(Icon::StepBack), Some(key(Key::Comma)))
            }
            Self::FrameForward => {
                ("One frame forward", "Shows the next frame", Some(Icon::StepForward), Some(key(Key::Period)))
            }
            Self::DismissProblem => ("Dismiss", "Takes the message away", Some(Icon::X), None),
            Self::RestartSandbox => ("Start it again", "Starts the sandbox once more", Some(Icon::Refresh), None),
        };
        ActionInfo { label, tooltip, icon, shortcut }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_action_is_listed_once_and_says_what_it_does() {
        let unique: HashSet<Action> = Action::ALL.into_iter().collect();
        assert_eq!(unique.len(), Action::ALL.len());
        for action in Action::ALL {
            let info = action.info();
            assert!(!info.label.is_empty() && !info.tooltip.is_empty(), "{action:?}");
            assert!(!info.tooltip.ends_with('.'), "{action:?}: no full stop");
            assert!(info.label.chars().next().is_some_and(char::is_uppercase), "{action:?}: sentence case");
        }
    }

    #[test]
    fn no_two_actions_share_their_keys() {
        let mut seen = HashSet::new();
        assert!(seen.insert(format!("{PRIMARY_SHORTCUT:?}")));
        for action in Action::ALL {
            if let Some(shortcut) = action.info().shortcut {
                assert!(seen.insert(format!("{shortcut:?}")), "{action:?}");
            }
        }
    }
}
