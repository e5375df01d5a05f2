//! The table of actions. To add one: a row in its group here, its obstacle in `obstacle.rs`, its effect in `window/act.rs`; the
//! compiler asks for the latter two.
//!
//! A row is `Name: "Label", "What it does", Icon;`. Behind the label it may have `as "Title"`, the title of the action where no panel
//! gives it context; and behind the icon `, [shortcuts]`, the first of which is the one shown.

use egui::{Key, KeyboardShortcut, Modifiers};

use super::ActionInfo;
use crate::app::theme::Icon;

const fn key(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

const fn ctrl(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

const fn shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::SHIFT, key)
}

const fn ctrl_shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key)
}

macro_rules! actions {
    ($( $group:ident { $(
        $name:ident: $label:literal $(as $title:literal)?, $tooltip:literal, $icon:ident $(, [$($keys:expr),+ $(,)?])?;
    )* } )*) => {
        /// A user action.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $($( #[doc = $tooltip] $name, )*)*
        }

        /// A group of actions. Palette and help list actions by group.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Group {
            $( #[doc = concat!("Actions of the group ", stringify!($group))] $group, )*
        }

        impl Group {
            /// Every group, in the order in which they are listed.
            pub const ALL: &'static [Self] = &[$( Self::$group, )*];

            /// Its name.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self {
                    $( Self::$group => stringify!($group), )*
                }
            }
        }

        impl Action {
            /// Every action, group by group.
            pub const ALL: &'static [Self] = &[$($( Self::$name, )*)*];

            /// Label, tooltip, icon, keys and group.
            #[must_use]
            pub const fn info(self) -> ActionInfo {
                match self {
                    $($( Self::$name => ActionInfo {
                        label: $label,
                        title: actions!(@title $label $(, $title)?),
                        tooltip: $tooltip,
                        icon: Icon::$icon,
                        shortcuts: const { &[$($($keys),+)?] },
                        group: Group::$group,
                    }, )*)*
                }
            }
        }
    };
    (@title $label:literal) => { $label };
    (@title $label:literal, $title:literal) => { $title };
}

actions! {
    Clip {
        NextStep: "Next step" as "Do the next step", "Does what the filled button at the top does just now", Send, [ctrl(Key::Enter)];
        TryDemo: "Try the demo clip", "Takes the bundled clip and voice, and finds the faces", Sparkles;
        BrowseClip: "Browse…" as "Choose a clip…", "Choose a clip on this machine", FolderOpen, [ctrl(Key::O)];
        Paste: "Paste" as "Paste an address or a cURL command", "Takes an address, a path or a cURL command from the clipboard",
            ClipboardPaste, [ctrl(Key::V)];
        CancelReadingClip: "Cancel" as "Cancel reading the clip", "Stops reading the clip; Find faces reads it again", X,
            [key(Key::Escape)];
        NewClip: "New clip", "Starts over with another clip; the voice stays", Film, [ctrl(Key::N)];
    }
    Faces {
        FindFaces: "Find faces", "Sends the clip to the service, which finds the faces in it", ScanFace;
        FindFacesAnyway: "Send anyway…" as "Find faces although a rule is broken…",
            "Sends the clip although a rule is broken; the service will most likely refuse it", Send;
        CancelFinding: "Cancel" as "Cancel finding faces", "Stops waiting for the faces", X, [key(Key::Escape)];
        FindFacesAgain: "Find faces again", "Begins a new session with the same clip; face and voice are kept", Refresh;
        FetchPreviewsAgain: "Fetch again" as "Fetch failed previews again", "Fetches the previews of the faces that could not be shown",
            Refresh;
        CancelPreviews: "Cancel" as "Stop fetching previews", "Stops fetching the previews that are still on their way", X,
            [key(Key::Escape)];
        ConfirmProposed: "Take this face" as "Take the proposed face", "Chooses the face that resembles the one before", Check;
    }
    Voice {
        BrowseVoice: "Browse…" as "Choose a voice…", "Choose a voice on this machine", FolderOpen, [ctrl_shift(Key::O)];
        CancelReadingVoice: "Cancel" as "Cancel reading the voice", "Stops reading the voice; submitting reads it again", X,
            [key(Key::Escape)];
        SendVoiceAsWav: "Send as WAV" as "Send the voice as WAV",
            "Writes the voice anew as WAV, which every service takes, and sends that", AudioLines;
        CancelVoiceAsWav: "Cancel" as "Cancel writing the WAV", "Stops writing the WAV; the voice stays what it is", X,
            [key(Key::Escape)];
        SnapToBest: "Snap to best" as "Snap the voice to the nearest place that works",
            "Moves the voice as little as needed, and trims it only where moving is not enough", Magnet, [ctrl(Key::B)];
        StartHere: "Start here" as "Start the voice at the playhead", "Trims the voice so that it begins at the playhead", SkipBack,
            [key(Key::I)];
        EndHere: "End here" as "End the voice at the playhead", "Trims the voice so that it ends at the playhead", SkipForward,
            [key(Key::O)];
        ToggleSnapping: "Snapping" as "Turn snapping on or off",
            "Whether a pulled voice snaps to faces, ends and playhead; Alt does the opposite while it is held", Magnet, [key(Key::N)];
        ProposeAnew: "Propose anew" as "Propose the placement anew",
            "Starts over: as much of the voice as fits, where the face is in view", Rotate, [ctrl_shift(Key::B)];
    }
    Draft {
        CancelDraft: "Cancel" as "Cancel preparing the draft", "Stops preparing the draft", X, [key(Key::Escape)];
        ShowFaces: "Faces on the picture" as "Show faces on the picture",
            "Outlines the faces on the picture; a click on one chooses it", ScanFace;
        AdjustMouth: "Adjust mouth" as "Adjust the mouth of the draft",
            "Shows where the draft has the mouth, to move and resize it; the service finds it by itself", Smile;
        ResetMouth: "Reset mouth" as "Reset the mouth of the draft", "Finds the mouth by itself again", Rotate;
        PrepareDraft: "Prepare it" as "Prepare the draft", "Makes the draft on this machine", Refresh;
    }
    Task {
        Submit: "Submit" as "Submit the task", "Creates the lip-sync task", Send;
        SubmitAnyway: "Send anyway…" as "Submit although a rule is broken…",
            "Creates the task although a rule is broken; the service will most likely refuse it", Send;
        StopWaiting: "Cancel" as "Stop waiting to submit", "Gives the task up before it is sent again; nothing was created", X,
            [key(Key::Escape)];
        PauseWaiting: "Stop following" as "Stop following the task", "Stops asking for the task; it goes on at the service", Pause;
        ResumeWaiting: "Resume" as "Resume following the task", "Asks for the task again", Play;
        FollowTask: "Follow a task…" as "Follow a task by its id…",
            "Follows a task that the service knows, and saves its result; those that are not at their end are offered", Search;
        EnterKey: "Enter a key…" as "Enter a key for the service…", "Opens the place where the key of the service is entered", Key;
        BackToPlacement: "Back to the placement", "Leaves this task, and keeps face, voice and placement", Rotate;
        LookUp: "Look it up" as "Look the task up",
            "Asks the service whether it knows the task by the name we gave it; costs nothing", Search;
        CancelLookUp: "Cancel" as "Cancel looking the task up", "Stops looking the task up; it can be looked up again", X,
            [key(Key::Escape)];
        Resend: "Send again…" as "Send the task again…",
            "Creates the task a second time; if the first one was taken, it is paid twice", Send;
        Abandon: "Give it up" as "Give the unclear task up",
            "Goes back to the placement; whether the task was created stays unknown", X;
        CopyTaskId: "Copy task id", "Puts the task's id on the clipboard", Copy;
        DismissProblem: "Dismiss" as "Dismiss the message", "Takes the message away", X;
    }
    Result {
        SaveAs: "Save as…" as "Save the result as…", "Saves the result to a place of your choice", Save, [ctrl(Key::S)];
        CancelSaving: "Cancel" as "Cancel saving the result", "Stops writing the copy; nothing half is left behind", X, [key(Key::Escape)];
        StopDownload: "Cancel" as "Stop the download", "Stops fetching the result; it can be fetched again", X, [key(Key::Escape)];
        DownloadAgain: "Download again" as "Download the result again", "Fetches the result once more", Download;
        OpenResult: "Open" as "Open the result", "Opens the result in the system's player, with sound", ExternalLink;
        OpenFolder: "Show folder" as "Show the result's folder", "Opens the folder the result was saved to", FolderOpen;
        TryAgain: "Try again" as "Try again with the same faces", "Goes back to the placement, with face, voice and place as they were",
            Rotate;
        SameFacesAgain: "Same faces again", "Places another voice, or another face, in the same session", Rotate;
    }
    Player {
        PlayPause: "Play" as "Play or pause", "Plays or pauses picture and sound", Play, [key(Key::Space), key(Key::K)];
        ToStart: "To the start", "Shows the first frame", SkipBack, [key(Key::Home)];
        ToEnd: "To the end", "Shows the last frame", SkipForward, [key(Key::End)];
        FrameBack: "One frame back", "Shows the frame before", StepBack, [key(Key::Comma), key(Key::ArrowLeft)];
        FrameForward: "One frame forward", "Shows the next frame", StepForward, [key(Key::Period), key(Key::ArrowRight)];
        ToggleLoop: "Loop" as "Loop over the placed voice", "Plays the placed voice again and again; without one, the whole clip", Repeat,
            [key(Key::R)];
        SecondBack: "One second back", "Shows the moment a second before", StepBack, [key(Key::J)];
        SecondForward: "One second forward", "Shows the moment a second later", StepForward, [key(Key::L)];
        ToggleMute: "Mute" as "Mute the sound", "Silences the sound, or lets it be heard again", VolumeOff, [key(Key::M)];
        ToggleBeside: "Side by side" as "Show clip and result side by side",
            "Shows the same moment of clip and result beside each other", Columns, [key(Key::C)];
    }
    Edit {
        Undo: "Undo", "Takes the last change back: of voice, face, placement, volumes, mouth or details", Undo, [ctrl(Key::Z)];
        Redo: "Redo", "Does again what was taken back", Redo, [ctrl_shift(Key::Z), ctrl(Key::Y)];
    }
    Timeline {
        ZoomIn: "Zoom in" as "Zoom into the timeline", "Shows less of the clip, nearer", ZoomIn, [key(Key::Plus), key(Key::Equals)];
        ZoomOut: "Zoom out" as "Zoom out of the timeline", "Shows more of the clip", ZoomOut, [key(Key::Minus)];
        ZoomToAll: "Show the whole clip" as "Show the whole clip in the timeline", "Shows the clip from its start to its end",
            MoveHorizontal, [shift(Key::Z)];
    }
    View {
        OpenSettings: "Settings…", "Theme, size, safety margin, folders, services", Gear, [ctrl(Key::Comma)];
        SwitchToSandbox: "Switch to the sandbox", "Talks to the sandbox on this machine: no key, no cost; what was entered stays",
            Monitor;
        EditServices: "Services…", "Add, change and remove services", Pencil;
        ResetLayout: "Reset layout", "Panels and window get the size they come with", Rotate;
        ToggleInspector: "Inspector" as "Show or hide the inspector", "Shows what was sent to the service, and what came back", PanelRight,
            [key(Key::F12), ctrl(Key::I)];
        RestartSandbox: "Start it again" as "Start the sandbox again", "Starts the sandbox once more", Refresh;
    }
    Help {
        OpenAbout: "About viseme", "Version, thanks, licences", Info;
        OpenPalette: "All actions…" as "Find an action…", "Finds any action by its name, and does it", Search,
            [ctrl(Key::K), ctrl_shift(Key::P)];
        OpenShortcuts: "Keyboard shortcuts", "Shows every key, and what the pointer does in the timeline", Keyboard,
            [key(Key::F1), key(Key::Questionmark)];
    }
}
