//! Each user action as one value: label, tooltip, icon, shortcut, what stands in its way. Buttons, menus and shortcuts are
//! derived from this table.

use egui::{Key, KeyboardShortcut, Modifiers};

use crate::model::ProblemKind;
use crate::model::rule::first_broken;
use crate::workflow::{Download, Follow, LookUp, Outcome, Probe, SendState, Stage};

use super::theme::Icon;
use super::view::View;

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

    /// Why it cannot be done just now; `None` where it can.
    #[must_use]
    pub fn obstacle(self, view: &View<'_>) -> Option<String> {
        let flow = view.flow;
        let busy = || flow.busy_with().map(str::to_owned);
        let unless = |possible: bool, why: &str| (!possible).then(|| why.to_owned());
        match self {
            Self::TryDemo => {
                if view.profile().is_sandbox() {
                    busy().or_else(|| view.service_obstacle())
                } else {
                    Some("The demo clip is a local file: switch to the sandbox, which takes it".into())
                }
            }
            Self::BrowseClip | Self::NewClip | Self::BackToPlacement => busy(),
            Self::BrowseVoice => unless(!flow.create_is_open(), "The task is being created"),
            Self::FindFaces => find_obstacle(view),
            Self::FindFacesAnyway => view.service_obstacle(),
            Self::CancelFinding => unless(matches!(flow.stage, Stage::Identifying(_)), "No faces are being looked for"),
            Self::FindFacesAgain => {
                unless(view.choosing().is_some(), "There is no session yet").or_else(|| view.service_obstacle())
            }
            Self::ConfirmProposed => {
                unless(view.choosing().is_some_and(|c| c.faces.proposed.is_some()), "No face is proposed")
            }
            Self::Submit => submit_obstacle(view),
            Self::SubmitAnyway => {
                unless(view.choosing().is_some_and(|c| c.placement.is_some()), "Choose a face and a voice first")
                    .or_else(|| view.service_obstacle())
            }
            Self::SnapToBest => {
                unless(view.choosing().is_some_and(|c| c.placement.is_some()), "Choose a face and a voice first")
            }
            Self::PauseWaiting => unless(is_polling(view), "No task is being followed"),
            Self::ResumeWaiting => unless(is_paused(view), "No task is paused").or_else(|| view.service_obstacle()),
            Self::LookUp => match look_up(view) {
                None => Some("There is nothing to look up".into()),
                Some(LookUp::Running { .. }) => Some("It is being looked up".into()),
                Some(LookUp::Impossible) => Some("This service cannot find a task by our name for it".into()),
                Some(LookUp::NotFound | LookUp::Failed(_)) => None,
            },
            Self::Resend | Self::Abandon => unless(look_up(view).is_some(), "There is nothing unclear"),
            Self::SameFacesAgain => unless(
                view.done().is_some_and(|done| done.faces.is_some()) || is_refused(view),
                "There are no faces to choose from",
            ),
            Self::CopyTaskId => unless(task_id(view).is_some(), "There is no task yet"),
            Self::SaveAs | Self::DownloadAgain => match flow.result() {
                None => Some("There is no result yet".into()),
                Some(done) if matches!(done.downloads.first(), Some(Download::Running { .. })) => {
                    Some("The result is still on its way".into())
                }
                Some(_) => None,
            },
            Self::OpenResult | Self::OpenFolder => {
                unless(view.shell.saved_result(flow).is_some(), "The result is not on this machine yet")
            }
            Self::PlayPause | Self::ToStart | Self::FrameBack | Self::FrameForward => {
                unless(view.shell.player.has_picture(), "There is no picture to play")
            }
            Self::DismissProblem => {
                unless(matches!(flow.stage, Stage::Idle(_) | Stage::Choosing(_)), "This is where the job stands")
            }
            Self::RestartSandbox => None,
        }
    }
}

/// The one primary action of the stage at hand.
#[must_use]
pub fn primary(view: &View<'_>) -> Action {
    match &view.flow.stage {
        Stage::Idle(_) => Action::FindFaces,
        Stage::Identifying(_) => Action::CancelFinding,
        Stage::Choosing(_) => Action::Submit,
        Stage::Submitted(submitted) => match &submitted.state {
            SendState::Intended { .. } | SendState::Sent { .. } => Action::Submit,
            SendState::Refused(_) => Action::SameFacesAgain,
            SendState::Unknown { .. } => Action::LookUp,
            SendState::Accepted { follow: Follow::Polling { .. }, .. } => Action::PauseWaiting,
            SendState::Accepted { follow: Follow::Paused(_), .. } => Action::ResumeWaiting,
        },
        Stage::Done(done) if done.outcome == Outcome::Succeeded => Action::SaveAs,
        Stage::Done(_) => Action::SameFacesAgain,
    }
}

fn find_obstacle(view: &View<'_>) -> Option<String> {
    let flow = view.flow;
    if !matches!(flow.stage, Stage::Idle(_)) {
        return Some("The faces are there already".into());
    }
    if let Some(why) = view.service_obstacle() {
        return Some(why);
    }
    // What is typed and not yet committed counts: the action commits it first.
    let entered = view.shell.clip_entry.clip();
    if entered.is_none() {
        return Some("Choose a clip first".into());
    }
    if entered == flow.desk.clip {
        if let Some(problem) = flow.desk.clip_probe.problem() {
            return Some(super::words::sentence(&problem.message));
        }
        if let Some(report) = first_broken(&flow.desk.clip_rules) {
            return Some(format!("{}: {}", report.asks, report.why().unwrap_or_default()));
        }
    }
    None
}

fn submit_obstacle(view: &View<'_>) -> Option<String> {
    let flow = view.flow;
    let Some(choosing) = view.choosing() else {
        return Some(if flow.create_is_open() { "The task is being created" } else { "Find the faces first" }.into());
    };
    if let Some(why) = view.service_obstacle() {
        return Some(why);
    }
    if choosing.faces.session.faces.is_empty() {
        return Some("The clip has no usable face".into());
    }
    if choosing.faces.chosen.is_none() {
        return Some("Choose a face first".into());
    }
    if view.shell.voice_entry.voice().is_none() {
        return Some("Choose a voice first".into());
    }
    if view.shell.voice_entry.voice() != flow.desk.voice {
        return None;
    }
    match &flow.desk.voice_probe {
        Probe::Running(_) => return Some("The voice is being read".into()),
        Probe::Failed(problem) => return Some(super::words::sentence(&problem.message)),
        Probe::None | Probe::Known(_) => {}
    }
    if choosing.placement.is_none() {
        return Some("The length of this voice is not known: give its end".into());
    }
    if choosing.faces.session.left_ms(view.now_ms) <= 0 {
        return Some("The session is over: find the faces again".into());
    }
    first_broken(&flow.desk.voice_rules)
        .or_else(|| first_broken(&choosing.rules))
        .map(|report| format!("{}: {}", report.asks, report.why().unwrap_or_default()))
}

fn is_polling(view: &View<'_>) -> bool {
    matches!(&view.flow.stage, Stage::Submitted(s) if matches!(s.state, SendState::Accepted { follow: Follow::Polling { .. }, .. }))
}

fn is_paused(view: &View<'_>) -> bool {
    matches!(&view.flow.stage, Stage::Submitted(s) if matches!(s.state, SendState::Accepted { follow: Follow::Paused(_), .. }))
}

fn is_refused(view: &View<'_>) -> bool {
    matches!(&view.flow.stage, Stage::Submitted(s) if matches!(s.state, SendState::Refused(_)))
}

fn look_up<'a>(view: &View<'a>) -> Option<&'a LookUp> {
    match &view.flow.stage {
        Stage::Submitted(submitted) => match &submitted.state {
            SendState::Unknown { look_up, .. } => Some(look_up),
            _ => None,
        },
        _ => None,
    }
}

/// The id of the task at hand.
#[must_use]
pub fn task_id<'a>(view: &View<'a>) -> Option<&'a str> {
    match &view.flow.stage {
        Stage::Submitted(submitted) => submitted.task_id(),
        Stage::Done(done) => Some(&done.task.task_id),
        _ => None,
    }
}

/// Whether the only thing between this job and the service is a broken rule, so that it may be sent all the same.
#[must_use]
pub fn may_send_anyway(view: &View<'_>) -> bool {
    match &view.flow.stage {
        Stage::Idle(idle) => {
            view.flow.desk.clip.is_some()
                && view.shell.clip_entry.clip() == view.flow.desk.clip
                && (first_broken(&view.flow.desk.clip_rules).is_some()
                    || idle.problem.as_ref().is_some_and(|problem| problem.kind == ProblemKind::Rule))
        }
        Stage::Choosing(choosing) => {
            choosing.placement.is_some()
                && (first_broken(&choosing.rules).is_some() || first_broken(&view.flow.desk.voice_rules).is_some())
        }
        _ => false,
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
