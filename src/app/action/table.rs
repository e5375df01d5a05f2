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
        NextStep: "Next step" as "Do the next step", "Does what the filled button at the top does", Send, [ctrl(Key::Enter)];
        TryDemo: "Try the demo clip", "Uses the bundled clip and voice, and finds the faces", Sparkles;
        BrowseClip: "Browse…" as "Choose a clip…", "Choose a clip on this machine", FolderOpen, [ctrl(Key::O)];
        Paste: "Paste" as "Paste an address or a cURL command", "Uses an address, a path or a cURL command from the clipboard",
            ClipboardPaste, [ctrl(Key::V)];
        CancelReadingClip: "Cancel" as "Cancel reading the clip", "Stops reading the clip; Find faces reads it again", X,
            [key(Key::Escape)];
        FetchClip: "Fetch it" as "Fetch the clip for the preview",
            "Fetches what is at the address, so that it is seen, heard and checked here; the service still gets the address", Download;
        CancelFetchClip: "Cancel" as "Cancel fetching the clip", "Stops fetching the clip; nothing of it stays here", X,
            [key(Key::Escape)];
        FitClip: "Fit it…" as "Make the clip fit…",
            "Shows what can be done about it on this machine, in a new file: cut, scaled, written anew", Sparkles;
        CopyConversion: "Copy the ffmpeg command" as "Copy the ffmpeg command that converts the clip",
            "For a clip that cannot be decoded here: a command for a terminal. ffmpeg is a program of its own", Copy;
        StopFitting: "Stop" as "Stop making it fit", "Stops the work on the fitted copy; nothing is left behind", X,
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
        ConfirmProposed: "Use this face" as "Use the proposed face", "Chooses the face that resembles the one before", Check;
    }
    Voice {
        BrowseVoice: "Browse…" as "Choose a voice…", "Choose a voice on this machine", FolderOpen, [ctrl_shift(Key::O)];
        OpenSpeech: "Speak a text…" as "Have a text spoken…",
            "Has the service speak a text, and places that as the voice; costs a little. Earlier speeches are listed there, to be used again", AudioLines;
        OpenSpeeches: "Earlier speeches" as "Earlier speeches of texts", "Lists the texts that this service spoke before: to be used again as the voice, at no cost", List;
        CancelReadingVoice: "Cancel" as "Cancel reading the voice", "Stops reading the voice; submitting reads it again", X,
            [key(Key::Escape)];
        FetchVoice: "Fetch it" as "Fetch the voice for the preview",
            "Fetches what is at the address, so that it is heard, placed and checked here; the service still gets the address", Download;
        CancelFetchVoice: "Cancel" as "Cancel fetching the voice", "Stops fetching the voice; nothing of it stays here", X,
            [key(Key::Escape)];
        FitVoice: "Fit it…" as "Make the voice fit…",
            "Shows what can be done about it on this machine, in a new file: cut, padded, made louder, written as WAV", Sparkles;
        SendVoiceAsWav: "Send as WAV" as "Send the voice as WAV",
            "Converts the voice to WAV, which every service accepts, and sends that", AudioLines;
        CancelVoiceAsWav: "Cancel" as "Cancel writing the WAV", "Stops writing the WAV; the voice stays unchanged", X,
            [key(Key::Escape)];
        SnapToBest: "Snap to best" as "Snap the voice to the nearest place that works",
            "Moves the voice as little as needed, and trims it only where moving is not enough", Magnet, [ctrl(Key::B)];
        StartHere: "Start here" as "Start the voice at the playhead", "Trims the voice so that it begins at the playhead", SkipBack,
            [key(Key::I)];
        EndHere: "End here" as "End the voice at the playhead", "Trims the voice so that it ends at the playhead", SkipForward,
            [key(Key::O)];
        ToggleSnapping: "Snapping" as "Turn snapping on or off",
            "Whether a dragged voice snaps to faces, ends and playhead; holding Alt does the opposite", Magnet, [key(Key::N)];
        ProposeAnew: "Propose anew" as "Propose the placement anew",
            "Starts over: as much of the voice as fits, where the face is in view", Rotate, [ctrl_shift(Key::B)];
    }
    Draft {
        CancelDraft: "Cancel" as "Cancel preparing the draft", "Stops preparing the draft", X, [key(Key::Escape)];
        ShowFaces: "Faces on the picture" as "Show faces on the picture",
            "Outlines the faces on the picture; a click on one chooses it", ScanFace;
        AdjustMouth: "Adjust mouth" as "Adjust the mouth of the draft",
            "Shows the mouth's box of the draft, to move and resize it; the service finds the mouth by itself", Smile;
        ResetMouth: "Reset mouth" as "Reset the mouth of the draft", "Detects the mouth again", Rotate;
        PrepareDraft: "Prepare it" as "Prepare the draft", "Makes the draft on this machine", Refresh;
    }
    Task {
        Submit: "Submit" as "Submit the task", "Creates the lip-sync task", Send;
        SubmitAnyway: "Send anyway…" as "Submit although a rule is broken…",
            "Creates the task although a rule is broken; the service will most likely refuse it", Send;
        Enqueue: "Add to the queue" as "Add the task to the queue",
            "Waits for a free slot of the service, and is sent by itself; the choice stays, for the next task", List, [ctrl_shift(Key::Enter)];
        NextTask: "Prepare the next" as "Prepare the next task",
            "Goes back to the placement; this task goes on in the queue, and its result is saved", Plus;
        PauseQueue: "Pause all" as "Pause the queue", "Sends nothing further from the queue; what is at the service goes on", Pause;
        ResumeQueue: "Resume all" as "Resume the queue", "Sends what waits in the queue, as the service has free slots", Play;
        ClearQueue: "Clear what has ended" as "Clear the queue of what has ended",
            "Takes what is at its end from the list; the history and the files stay", Check;
        StopWaiting: "Cancel" as "Stop waiting to submit", "Stops before the task is sent again; nothing was created", X,
            [key(Key::Escape)];
        PauseWaiting: "Stop following" as "Stop following the task", "Stops polling the task; it continues at the service", Pause;
        ResumeWaiting: "Resume" as "Resume following the task", "Polls the task again", Play;
        FollowTask: "Follow a task…" as "Follow a task by its id…",
            "Follows a task that the service knows, and saves its result; tasks that have not ended are offered", Search;
        EnterKey: "Enter a key…" as "Enter a key for the service…", "Opens the menu in which the key of the service is entered", Key;
        BackToPlacement: "Back to the placement", "Leaves this task, and keeps face, voice and placement", Rotate;
        LookUp: "Look it up" as "Look the task up",
            "Asks the service for the task by its external id; costs nothing", Search;
        CancelLookUp: "Cancel" as "Cancel looking the task up", "Stops looking the task up; it can be looked up again", X,
            [key(Key::Escape)];
        Resend: "Send again…" as "Send the task again…",
            "Creates the task a second time; if the first one was accepted, both are billed", Send;
        Abandon: "Give it up" as "Give the unclear task up",
            "Goes back to the placement; whether the task was created stays unknown", X;
        FollowNamed: "Follow it" as "Follow the task of that name",
            "Follows the task that has the name already, and saves its result; nothing is created", Search;
        AnotherName: "Another name" as "Take another name for the task",
            "Goes back to the placement; the next task gets a name of its own", Rotate;
        CopyTaskId: "Copy task id", "Copies the task's id to the clipboard", Copy;
        DismissProblem: "Dismiss" as "Dismiss what is said of the last step", "Closes this message", X;
    }
    Result {
        SaveAs: "Save as…" as "Save the result as…", "Saves the result to a place of your choice", Save, [ctrl(Key::S)];
        CancelSaving: "Cancel" as "Cancel saving the result", "Stops writing the copy; no partial file is left", X, [key(Key::Escape)];
        StopDownload: "Cancel" as "Stop the download", "Stops fetching the result; it can be fetched again", X, [key(Key::Escape)];
        DownloadAgain: "Download again" as "Download the result again", "Fetches the result once more", Download;
        OpenResult: "Open" as "Open the result", "Opens the result in the system's player, with sound", ExternalLink;
        OpenFolder: "Show folder" as "Show the result's folder", "Opens the folder the result was saved to", FolderOpen;
        CopyAddress: "Copy address" as "Copy the address of the result",
            "Copies the service's address of the result, whole: whoever has it can fetch the result", Copy;
        ShowMeasures: "Measures" as "Show the measures of the result",
            "Shows what was measured of the result, and what of it is as asked for", List;
        MeasureAgain: "Measure it" as "Measure the result", "Measures on this machine whether the result is what was asked for", Refresh;
        StopMeasuring: "Cancel" as "Stop measuring the result", "Stops measuring the result, which stays as it is", X, [key(Key::Escape)];
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
            "Shows the same moment of the result and of the clip, or of another take, beside each other", Columns, [key(Key::C)];
        HearOther: "Hear the other" as "Hear the other side", "Hears the other of the two that are side by side, from the same moment", Volume,
            [key(Key::X)];
        ToggleTakes: "Takes" as "Show or hide the takes",
            "Lists every result that was made from this clip, to show one, or two side by side", List, [key(Key::T)];
        FitPicture: "Whole picture" as "Show the whole picture", "Shows the whole picture, as large as it fits", Maximize, [key(Key::Num0)];
        ActualPicture: "100 %" as "Show the picture at 100 %",
            "Shows a pixel of the picture as a pixel of the screen; the wheel with Ctrl zooms on, and dragging moves the picture", ZoomIn;
        PictureToFace: "To the face" as "Bring the picture to the face", "Enlarges the face, and stays with it through the clip", ScanFace,
            [key(Key::F)];
        ToggleFullPicture: "Full screen" as "Show the picture in full screen", "Gives the picture the whole screen, or no longer",
            MaximizeDiagonal, [key(Key::F11)];
        LeaveFullPicture: "Leave full screen" as "Leave the full screen", "Shows the rest of the window again", X, [key(Key::Escape)];
    }
    Edit {
        Undo: "Undo", "Undoes the last change of voice, face, placement, volumes, mouth or details", Undo, [ctrl(Key::Z)];
        Redo: "Redo", "Does again what was undone", Redo, [ctrl_shift(Key::Z), ctrl(Key::Y)];
    }
    Timeline {
        ZoomIn: "Zoom in" as "Zoom into the timeline", "Shows less of the clip, nearer", ZoomIn, [key(Key::Plus), key(Key::Equals)];
        ZoomOut: "Zoom out" as "Zoom out of the timeline", "Shows more of the clip", ZoomOut, [key(Key::Minus)];
        ZoomToAll: "Show the whole clip" as "Show the whole clip in the timeline", "Shows the clip from its start to its end",
            MoveHorizontal, [shift(Key::Z)];
    }
    View {
        OpenSettings: "Settings…", "Theme, size, safety margin, folders, services", Gear, [ctrl(Key::Comma)];
        SwitchToSandbox: "Switch to the sandbox", "Uses the sandbox on this machine: no key, no cost; what was entered stays",
            Monitor;
        CheckConnection: "Check connection" as "Check the connection to the service",
            "Asks the service whether it takes the key, how far its clock is from this one, and what packages there are; costs nothing",
            Check;
        OpenAccount: "Account" as "Show the account", "Packages and what is left, when they end, and what each task cost; costs nothing", List;
        OpenSpending: "Spending…" as "Spending and budgets…", "What is spent today at each service, and a budget for it per day", List;
        EditServices: "Services…", "Add, change and remove services", Pencil;
        OpenStorage: "Storage…", "Storage of your own, from which services fetch clips of this machine: set it up, check it, see what lies there", FolderOpen;
        ResetLayout: "Reset layout", "Resets panels and window to their default sizes", Rotate;
        ToggleInspector: "Inspector" as "Show or hide the inspector", "Shows what was sent to the service, and what came back", PanelRight,
            [key(Key::F12), ctrl(Key::I)];
        OpenHistory: "History" as "Show the history", "Lists every task of every run, with its result; tasks can be followed and run again",
            History, [ctrl(Key::H)];
        OpenQueue: "Queue" as "Show the queue", "Lists what waits for a free slot, what runs at the service, and what has come of it", List,
            [ctrl_shift(Key::H)];
        RestartSandbox: "Start it again" as "Start the sandbox again", "Starts the sandbox once more", Refresh;
        DismissMessage: "Dismiss" as "Dismiss the message", "Closes the message over the picture", X, [key(Key::Escape)];
    }
    Help {
        OpenAbout: "About viseme", "Version, thanks, licences", Info;
        OpenPalette: "All actions…" as "Find an action…", "Finds any action by its name, and runs it", Search,
            [ctrl(Key::K), ctrl_shift(Key::P)];
        OpenShortcuts: "Keyboard shortcuts", "Shows every key, and what the pointer does in the timeline", Keyboard,
            [key(Key::F1), key(Key::Questionmark)];
    }
}
