//! The obstacles that disable actions, and the choice of the primary action.

use super::Action;
use super::queue::{is_queued, queue_obstacle};
use crate::app::state::copies::{Fetching, Remote};
use crate::app::state::entry::SourceSlot;
use crate::app::state::fit::{conversion_of, probed, undecoded};
use crate::app::state::history::{Part, Step};
use crate::app::state::shell::SandboxState;
use crate::app::state::view::View;
use crate::app::words;
use crate::model::placement::{Wanted, nearest};
use crate::model::rule::first_broken;
use crate::model::{ClipSource, Placement, ProblemKind, RuleReport, Verdict, VoiceSource};
use crate::playback::player::Shown;
use crate::playback::verdict::Verdict as Measuring;
use crate::workflow::{ClipNow, Download, Follow, LookUp, Outcome, Preview, Probe, SendState, Stage, is_http};

impl Action {
    /// Why the action cannot be done now; `None` where it can.
    #[must_use]
    pub fn obstacle(self, view: &View<'_>) -> Option<String> {
        let flow = view.flow;
        let busy = || flow.busy_with().map(str::to_owned);
        let unless = |possible: bool, why: &str| (!possible).then(|| why.to_owned());
        match self {
            // A key that is pressed to go on neither stops what was paid for nor looks away from it.
            Self::NextStep if primary(view) == Self::PauseWaiting => Some(TASK_GOES_ON.into()),
            Self::NextStep if primary(view) == Self::CancelFinding => Some(FINDING_GOES_ON.into()),
            Self::NextStep => primary(view).obstacle(view),
            Self::TryDemo => {
                if view.profile().is_sandbox() {
                    busy().or_else(|| view.service_obstacle())
                } else {
                    Some("The demo clip is a local file: switch to the sandbox, which accepts it".into())
                }
            }
            Self::OpenSpeeches => unless(view.profile().speaks(), "This service speaks no texts").or_else(busy),
            Self::OpenSpeech => unless(view.profile().speaks(), "This service speaks no texts")
                .or_else(busy)
                .or_else(|| view.service_obstacle()),
            Self::BrowseClip | Self::BrowseVoice | Self::NewClip | Self::Paste => busy(),
            Self::BackToPlacement => unless(is_paused(view) || is_refused(view), "There is no task to leave"),
            Self::FindFaces => find_obstacle(view),
            Self::FindFacesAnyway => {
                let idle = matches!(flow.stage, Stage::Idle(_));
                unless(idle && may_send_anyway(view), "No rule of the clip is broken")
                    .or_else(|| view.service_obstacle())
            }
            Self::CancelReadingClip => {
                unless(flow.desk.clip_probe.job().is_some(), "No clip is being read").or_else(busy)
            }
            Self::FitPicture | Self::ActualPicture | Self::ToggleFullPicture => {
                let has_picture = view.shell.player.has_picture();
                unless(has_picture || view.shell.picture_view.is_full, "There is no picture to zoom")
            }
            Self::PictureToFace => unless(view.shell.draft.has_faces(), "No face is known on this machine yet"),
            Self::LeaveFullPicture => unless(view.shell.picture_view.is_full, "The picture is not in full screen"),
            Self::FitClip => fit_obstacle(view, SourceSlot::Clip),
            Self::FitVoice => fit_obstacle(view, SourceSlot::Voice),
            Self::CopyConversion => unless(conversion_of(view).is_some(), "The clip needs no other program"),
            Self::StopFitting => unless(view.shell.fit.running.is_some(), "Nothing is being made to fit"),
            Self::FetchClip => fetch_obstacle(view, SourceSlot::Clip),
            Self::FetchVoice => fetch_obstacle(view, SourceSlot::Voice),
            Self::CancelFetchClip => unless(is_fetching(view, SourceSlot::Clip), "No clip is being fetched"),
            Self::CancelFetchVoice => unless(is_fetching(view, SourceSlot::Voice), "No voice is being fetched"),
            Self::CancelReadingVoice => unless(flow.desk.voice_probe.job().is_some(), "No voice is being read"),
            Self::SendVoiceAsWav => wav_obstacle(view),
            Self::CancelVoiceAsWav => unless(flow.desk.voice_as_wav.job().is_some(), "No WAV is being written"),
            Self::FetchPreviewsAgain => {
                unless(has_preview(view, |it| matches!(it, Preview::Failed(_))), "No preview failed")
            }
            Self::CancelPreviews => {
                unless(has_preview(view, |it| matches!(it, Preview::Loading(_))), "No preview is being fetched")
            }
            Self::CancelLookUp => {
                unless(matches!(look_up(view), Some(LookUp::Running { .. })), "Nothing is being looked up")
            }
            Self::SwitchToSandbox => unless(!view.shell.is_embedded(), "The sandbox is in use")
                .or_else(|| unless(view.shell.embedded().is_some(), "There is no sandbox among the services"))
                .or_else(busy),
            Self::CancelSaving => unless(view.shell.saving.is_some(), "Nothing is being saved"),
            Self::CancelFinding => {
                let waits = matches!(&flow.stage, Stage::Idle(idle) if idle.identify_after_probe.is_some());
                unless(waits || matches!(flow.stage, Stage::Identifying(_)), "No faces are being looked for")
            }
            Self::StopWaiting => unless(
                view.shell.wait.is_some() && flow.create_is_open() && look_up(view).is_none(),
                "Nothing waits to be sent again",
            ),
            Self::FindFacesAgain => unless(view.choosing().is_some() || is_refused(view), "There is no session yet")
                .or_else(|| view.service_obstacle()),
            Self::ConfirmProposed => {
                unless(view.choosing().is_some_and(|c| c.faces.proposed.is_some()), "No face is proposed")
            }
            Self::Submit => submit_obstacle(view),
            Self::Enqueue | Self::NextTask | Self::PauseQueue | Self::ResumeQueue | Self::ClearQueue => {
                queue_obstacle(self, view)
            }
            Self::SubmitAnyway => {
                unless(view.choosing().is_some_and(|c| c.placement.is_some()), "Choose a face and a voice first")
                    .or_else(|| unless(may_send_anyway(view), "No rule of voice and placement is broken"))
                    .or_else(|| view.service_obstacle())
            }
            Self::SnapToBest => snap_obstacle(view),
            Self::ProposeAnew => {
                unless(view.choosing().is_some_and(|c| c.placement.is_some()), "Choose a face and a voice first")
                    .or_else(|| unless(!is_as_proposed(view), "The voice is where it was proposed"))
            }
            Self::PauseWaiting => unless(is_polling(view), "No task is being followed"),
            Self::ResumeWaiting => unless(is_paused(view), "No task is paused").or_else(|| view.service_obstacle()),
            Self::LookUp => match look_up(view) {
                None => Some("There is nothing to look up".into()),
                Some(LookUp::Running { .. }) => Some("It is being looked up".into()),
                Some(LookUp::Impossible) => Some("This service cannot look a task up by its external id".into()),
                Some(LookUp::NotFound | LookUp::Failed(_)) => None,
            },
            Self::FollowNamed => unless(named_task(view).is_some(), "The service does not show the task of that name")
                .or_else(|| view.service_obstacle()),
            Self::AnotherName => unless(is_name_taken(view), "The name is not taken"),
            Self::Resend | Self::Abandon => {
                unless(look_up(view).is_some(), "There is no task whose outcome is unclear")
            }
            Self::FollowTask => unless(
                !flow.create_is_open() && !matches!(flow.stage, Stage::Identifying(_)),
                "The service is at work: wait for its answer, or cancel it first",
            )
            .or_else(|| view.service_obstacle()),
            Self::CheckConnection => {
                unless(!view.shell.checking, "The connection is being checked").or_else(|| view.service_obstacle())
            }
            Self::OpenAccount => unless(view.profile().shows_account(), "This service shows no account"),
            Self::EnterKey => unless(!view.shell.is_embedded(), "The sandbox needs no key"),
            Self::ShowMeasures => unless(view.shell.judge.judgement().is_some(), "No result is measured"),
            Self::MeasureAgain => unless(
                matches!(view.shell.judge.verdict(), Measuring::Stopped | Measuring::Failed(_)),
                "There is no result that could be measured",
            ),
            Self::StopMeasuring => unless(view.shell.judge.is_working(), "No result is being measured"),
            Self::TryAgain => unless(has_failed(view), "Nothing has failed"),
            Self::SecondBack | Self::SecondForward => Self::FrameBack.obstacle(view),
            Self::StartHere | Self::EndHere => trim_obstacle(view),
            Self::SameFacesAgain => unless(
                view.done().is_some_and(|done| done.faces.is_some()) || is_refused(view),
                "There are no faces to choose from",
            ),
            Self::CopyTaskId => unless(task_id(view).is_some(), "There is no task yet"),
            Self::CopyAddress => unless(result_address(view).is_some(), "The service has given no result"),
            Self::StopDownload => unless(
                flow.result().is_some_and(|done| done.downloads.iter().any(is_running)),
                "Nothing is being fetched",
            ),
            Self::SaveAs if view.shell.saving.is_some() => Some("A copy is being saved".into()),
            Self::SaveAs | Self::DownloadAgain => match flow.result() {
                None => Some("There is no result yet".into()),
                Some(done) if done.downloads.iter().any(is_running) => Some("The result is still being fetched".into()),
                Some(_) => None,
            },
            Self::OpenResult | Self::OpenFolder => {
                unless(view.shell.saved_result(flow).is_some(), "The result is not on this machine yet")
            }
            Self::PlayPause | Self::ToStart | Self::ToEnd | Self::FrameBack | Self::FrameForward | Self::ToggleLoop => {
                unless(view.shell.player.has_picture(), "There is no picture to play")
            }
            Self::ToggleBeside => {
                let player = &view.shell.player;
                let has_left = player.has_source(Shown::Clip) || player.has_source(Shown::Other);
                unless(has_left, "The clip is not on this machine")
                    .or_else(|| unless(player.has_source(Shown::Result), "There is no result yet"))
            }
            Self::HearOther => unless(view.shell.player.is_beside(), "Nothing is side by side"),
            Self::ToggleTakes => {
                unless(!view.shell.takes.takes.rows.is_empty(), "Nothing on this machine was made from this clip yet")
            }
            Self::DismissMessage => {
                let has_own = view.shell.note.is_some() || !flow.warnings.is_empty();
                if has_own { None } else { Self::DismissProblem.obstacle(view) }
            }
            Self::DismissProblem => unless(flow.stage.problem().is_some(), "There is no message").or_else(|| {
                unless(
                    matches!(flow.stage, Stage::Idle(_) | Stage::Choosing(_)),
                    "This message is about the current stage and stays",
                )
            }),
            Self::CancelDraft => unless(view.shell.draft.is_working(), "No draft is being prepared"),
            Self::ShowFaces => unless(view.shell.draft.has_faces(), "No faces are known on this machine yet"),
            Self::AdjustMouth => {
                unless(view.shell.draft.mouth().is_some(), "There is no draft yet: it shows the mouth")
            }
            Self::ResetMouth => unless(view.shell.draft.mouth_is_given(), "The mouth is where it was found"),
            Self::PrepareDraft => unless(view.shell.draft.can_retry(), "There is nothing to prepare"),
            Self::RestartSandbox => {
                unless(matches!(view.shell.sandbox, SandboxState::Failed(_)), "The sandbox has not failed")
            }
            Self::ZoomIn => {
                unless(view.shell.timeline.can_zoom_in(view.timeline_ms()), "The timeline cannot be zoomed in further")
            }
            Self::ZoomOut | Self::ZoomToAll => unless(!view.shell.timeline.shows_all(), "The whole clip is in view"),
            Self::Undo => step_obstacle(view, view.shell.history.to_undo(), "There is nothing to undo"),
            Self::Redo => step_obstacle(view, view.shell.history.to_redo(), "There is nothing to redo"),
            Self::ToggleMute
            | Self::OpenPalette
            | Self::OpenShortcuts
            | Self::OpenSettings
            | Self::OpenAbout
            | Self::EditServices
            | Self::OpenStorage
            | Self::OpenSpending
            | Self::ResetLayout
            | Self::ToggleInspector
            | Self::OpenHistory
            | Self::OpenQueue
            | Self::ToggleSnapping => None,
        }
    }
}

/// What the key of the next step says while a task runs.
const TASK_GOES_ON: &str = "The task is sent and is followed to its end, and its result is saved: there is nothing more to do. Prepare the next makes another \
                            meanwhile; Stop following stops asking";
/// The same while faces are looked for.
const FINDING_GOES_ON: &str =
    "The faces are being looked for: there is nothing to do until they are there. Cancel stops it";

/// Why undo and redo are not available now.
fn step_obstacle(view: &View<'_>, step: Option<&Step>, nothing: &str) -> Option<String> {
    let Some(Step { before, after, .. }) = step else { return Some(nothing.to_owned()) };
    let touches = |part| !before.same(after, part);
    if [Part::Face, Part::Placement, Part::Mouths].into_iter().any(touches) && view.choosing().is_none() {
        return Some("Go back to the placement first".into());
    }
    touches(Part::Voice).then(|| view.flow.busy_with().map(str::to_owned)).flatten()
}

/// The one primary action of the current stage.
#[must_use]
pub fn primary(view: &View<'_>) -> Action {
    match &view.flow.stage {
        Stage::Idle(idle) if idle.identify_after_probe.is_some() => Action::CancelFinding,
        Stage::Idle(_) => Action::FindFaces,
        Stage::Identifying(_) => Action::CancelFinding,
        Stage::Choosing(_) if is_queued(view) => Action::Enqueue,
        Stage::Choosing(_) => Action::Submit,
        Stage::Submitted(submitted) => match &submitted.state {
            SendState::Sent { .. } => Action::Submit,
            SendState::Refused(_) => Action::TryAgain,
            SendState::NameTaken { .. } => Action::AnotherName,
            SendState::Unknown { .. } => Action::LookUp,
            SendState::Accepted { follow: Follow::Polling { .. }, .. } => Action::PauseWaiting,
            SendState::Accepted { follow: Follow::Paused(_), .. } => Action::ResumeWaiting,
        },
        Stage::Done(done) if done.outcome == Outcome::Succeeded => Action::SaveAs,
        Stage::Done(_) if has_failed(view) => Action::TryAgain,
        Stage::Done(_) => Action::SameFacesAgain,
    }
}

fn find_obstacle(view: &View<'_>) -> Option<String> {
    let flow = view.flow;
    if !matches!(flow.stage, Stage::Idle(_)) {
        return Some("The faces have been found already".into());
    }
    if let Some(why) = view.service_obstacle() {
        return Some(why);
    }
    // A text that is typed but not yet committed counts: the action commits it first.
    let entered = view.shell.clip_entry.clip();
    if entered.is_none() {
        return Some("Choose a clip first".into());
    }
    if entered == flow.desk.clip {
        // A copy that cannot be read here hinders nobody from sending the address.
        let is_file = matches!(entered, Some(ClipSource::File(_)));
        if let Some(problem) = flow.desk.clip_probe.problem().filter(|_| is_file) {
            return Some(words::sentence(&problem.message));
        }
        if let Some(report) = first_broken(&flow.desk.clip_rules) {
            return Some(report.why().unwrap_or(report.asks).to_owned());
        }
    }
    None
}

pub(super) fn submit_obstacle(view: &View<'_>) -> Option<String> {
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
    if matches!(choosing.faces.clip_now, ClipNow::Asked(_) | ClipNow::Unasked) {
        return Some("It is being looked whether the clip is still the one of these faces".into());
    }
    match &flow.desk.voice_probe {
        Probe::Running(_) => return Some("The voice is being read".into()),
        Probe::Failed(problem) if matches!(flow.desk.voice, Some(VoiceSource::File(_))) => {
            return Some(words::sentence(&problem.message));
        }
        Probe::Failed(_) | Probe::None | Probe::Known(_) => {}
    }
    if choosing.placement.is_none() {
        return Some("The length of this voice is not known: enter its end".into());
    }
    if flow.is_session_over(&choosing.faces.session, view.now_ms) {
        return Some("The session is over: find the faces again".into());
    }
    first_broken(&flow.desk.voice_rules)
        .or_else(|| first_broken(&choosing.rules))
        .map(|report| report.why().unwrap_or(report.asks).to_owned())
}

/// Whether the task was refused or failed, with its faces still there.
fn has_failed(view: &View<'_>) -> bool {
    is_refused(view) || view.done().is_some_and(|done| done.faces.is_some() && matches!(done.outcome, Outcome::Failed))
}

/// Why the voice cannot be trimmed at the playhead.
fn trim_obstacle(view: &View<'_>) -> Option<String> {
    let Some(placement) = view.choosing().and_then(|choosing| choosing.placement) else {
        return Some("Choose a face and a voice first".into());
    };
    let player = &view.shell.player;
    let within = player.has_picture() && placement.span().contains(player.playhead_ms());
    (!within).then(|| "Move the playhead to a moment at which the voice is heard".into())
}

/// Why the voice cannot be moved to a place at which every rule holds.
fn snap_obstacle(view: &View<'_>) -> Option<String> {
    let Some((choosing, placement)) = view.choosing().and_then(|c| Some((c, c.placement?))) else {
        return Some("Choose a face and a voice first".into());
    };
    if first_broken(&choosing.rules).is_none() {
        return Some("Every rule holds where the voice is".into());
    }
    let facts = view.flow.desk.facts(&choosing.faces);
    let found = nearest(&placement, &facts).is_some_and(|found| found != placement);
    (!found).then(|| "No place in this clip works for this face and voice".into())
}

/// Whether the placement equals the proposed one.
fn is_as_proposed(view: &View<'_>) -> bool {
    let Some(choosing) = view.choosing() else { return false };
    let Some(now) = choosing.placement else { return false };
    let facts = view.flow.desk.facts(&choosing.faces);
    Placement::propose(&facts, Wanted::default()).is_ok_and(|best| {
        (best.sound_start_time, best.sound_end_time, best.sound_insert_time)
            == (now.sound_start_time, now.sound_end_time, now.sound_insert_time)
    })
}

/// Whether the voice should be converted to WAV: no service accepts its format, or this service has refused it.
#[must_use]
pub fn wants_wav(view: &View<'_>) -> bool {
    let doubtful = |report: &RuleReport| report.rule == "audio.format" && report.verdict != Verdict::Pass;
    let desk = &view.flow.desk;
    // What is at an address is sent as it is.
    matches!(desk.voice, Some(VoiceSource::File(_))) && desk.voice_rules.iter().any(doubtful)
}

fn fit_obstacle(view: &View<'_>, slot: SourceSlot) -> Option<String> {
    if let Some(why) = view.flow.busy_with() {
        return Some(why.to_owned());
    }
    if view.shell.fit.running.is_some() {
        return Some("Something is being made to fit".into());
    }
    let desk = &view.flow.desk;
    let is_another = match slot {
        SourceSlot::Clip => desk.clip_copy_is.is_another(),
        SourceSlot::Voice => desk.voice_copy_is.is_another(),
    };
    if is_another {
        return Some("Your copy is another file than what is at the address".into());
    }
    match probed(view, slot) {
        None => Some("It is not on this machine, or cannot be read".into()),
        Some((_, probed)) => undecoded(&probed),
    }
}

fn is_fetching(view: &View<'_>, slot: SourceSlot) -> bool {
    matches!(view.shell.copies.slot(slot).fetching, Fetching::Running(..))
}

fn fetch_obstacle(view: &View<'_>, slot: SourceSlot) -> Option<String> {
    let entered = match slot {
        SourceSlot::Clip => view.shell.clip_entry.clip().as_ref().and_then(Remote::of_clip),
        SourceSlot::Voice => view.shell.voice_entry.voice().as_ref().and_then(Remote::of_voice),
    };
    if !entered.as_ref().and_then(Remote::address).is_some_and(is_http) {
        return Some("Enter its address first, as https://…".into());
    }
    is_fetching(view, slot).then(|| "It is being fetched".into())
}

fn wav_obstacle(view: &View<'_>) -> Option<String> {
    let desk = &view.flow.desk;
    if desk.voice_probe.known().is_none() {
        Some("There is no voice file on this machine to convert to WAV".into())
    } else if desk.voice_as_wav.job().is_some() {
        Some("The WAV is being written".into())
    } else if !wants_wav(view) {
        Some("Every service accepts the voice as it is".into())
    } else {
        view.flow.busy_with().map(str::to_owned)
    }
}

fn has_preview(view: &View<'_>, is_so: impl FnMut(&Preview) -> bool) -> bool {
    view.flow.faces().is_some_and(|faces| faces.previews.iter().any(is_so))
}

const fn is_running(download: &Download) -> bool {
    matches!(download, Download::Running { .. })
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

/// Whether the service refused the task for its session, as far as its words say: it is over there, or was never known.
#[must_use]
pub fn is_session_refused(view: &View<'_>) -> bool {
    is_refused(view)
        && view.flow.stage.problem().is_some_and(|problem| problem.message.to_lowercase().contains("session"))
}

/// Whether the service refused the key with which the task was sent.
#[must_use]
pub fn is_key_refused(view: &View<'_>) -> bool {
    is_refused(view) && view.flow.stage.problem().is_some_and(|problem| problem.http_status == Some(401))
}

fn is_name_taken(view: &View<'_>) -> bool {
    matches!(&view.flow.stage, Stage::Submitted(s) if matches!(s.state, SendState::NameTaken { .. }))
}

/// The id of the task that has the name of the create which was refused for it.
#[must_use]
pub fn named_task<'a>(view: &View<'a>) -> Option<&'a str> {
    match &view.flow.stage {
        Stage::Submitted(submitted) => match &submitted.state {
            SendState::NameTaken { task: Some(task), .. } => Some(&task.task_id),
            _ => None,
        },
        _ => None,
    }
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

/// The id of the current task.
#[must_use]
pub fn task_id<'a>(view: &View<'a>) -> Option<&'a str> {
    match &view.flow.stage {
        Stage::Submitted(submitted) => submitted.task_id(),
        Stage::Done(done) => Some(&done.task.task_id),
        _ => None,
    }
}

/// The service's address of the current task's result.
#[must_use]
pub fn result_address<'a>(view: &View<'a>) -> Option<&'a str> {
    let videos = &view.flow.task()?.videos;
    videos.iter().map(|video| video.url.as_str()).find(|url| !url.is_empty())
}

/// Whether a broken rule is the only obstacle, so that the request may be sent anyway.
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
