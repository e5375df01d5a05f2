//! The running job with its elapsed time and a way to stop it; or where the result is.

use egui::{Align, Label, Layout, ProgressBar, Ui};

use crate::app::action::command::Commands;
use crate::app::action::{Action, primary};
use crate::app::state::fitness::{Fit, fit};
use crate::app::state::shell::displayed_download;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, space, text};
use crate::app::widgets::button::{Face, Look, action_as_ui, action_icon_ui, action_ui};
use crate::app::widgets::verdict::fit_mark;
use crate::app::widgets::waiting::{MARK_AFTER_MS, dots_ui};
use crate::app::words::{self, in_sentence};
use crate::engine::local_days;
use crate::model::fitness::Verdict;
use crate::model::{ProblemKind, Progress, SavedFile, TaskStatus};
use crate::playback::player::Source;
use crate::secrets::shown;
use crate::workflow::{
    Choosing, Done, Download, Follow, IdentifyPhase, Identifying, LookUp, Outcome, PauseReason, SendState, Stage,
    Submitted,
};

/// Draws the row.
pub fn activity_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    // The buttons are laid out first, from the right; the text gets the remaining width, and is truncated where necessary.
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        actions_ui(ui, view, commands);
        takes_button_ui(ui, view, commands);
        ui.add_space(space::ITEM);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = space::ITEM;
            words_ui(ui, view);
        });
    });
}

/// The buttons that fit the state, from the right.
fn actions_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    match &view.flow.stage {
        Stage::Idle(idle) if idle.identify_after_probe.is_none() && opening_ms(view).is_some() => {
            let face = Face::new("Cancel", None);
            action_as_ui(ui, view, commands, Action::NewClip, Look::Soft, &face);
        }
        Stage::Idle(_) | Stage::Identifying(_) => {}
        Stage::Choosing(_) => {
            action_ui(ui, view, commands, Action::NewClip, Look::Ghost);
        }
        Stage::Submitted(submitted) => match &submitted.state {
            SendState::Accepted { follow: Follow::Polling { .. }, task_id, .. } => {
                if view.shell.queue.queue.is_some() {
                    action_ui(ui, view, commands, Action::NextTask, Look::Soft);
                }
                action_icon_ui(ui, view, commands, Action::CopyTaskId, Look::Ghost);
                ui.add(Label::new(text::mono(shown(task_id)).color(palette.text_dim)).truncate());
            }
            SendState::Accepted { follow: Follow::Paused(_), .. } => {
                if view.shell.queue.queue.is_some() && !submitted.is_denied() {
                    action_ui(ui, view, commands, Action::NextTask, Look::Ghost);
                }
                action_ui(ui, view, commands, Action::BackToPlacement, Look::Ghost);
            }
            SendState::Unknown { look_up: LookUp::Running { .. }, .. } => {
                action_ui(ui, view, commands, Action::CancelLookUp, Look::Soft);
            }
            SendState::Sent { .. } if view.shell.wait.is_some() => {
                action_ui(ui, view, commands, Action::StopWaiting, Look::Soft);
            }
            _ => {}
        },
        Stage::Done(done) => {
            match displayed_download(&done.downloads).map(|index| &done.downloads[index]) {
                Some(Download::Saved(_)) if is_saving(view) => {
                    action_ui(ui, view, commands, Action::CancelSaving, Look::Soft);
                }
                Some(Download::Saved(_)) => {
                    action_ui(ui, view, commands, Action::OpenResult, Look::Soft);
                    action_ui(ui, view, commands, Action::OpenFolder, Look::Ghost);
                }
                Some(Download::Running { .. }) if view.now_ms - done.finished_ms >= MARK_AFTER_MS => {
                    action_ui(ui, view, commands, Action::StopDownload, Look::Soft);
                }
                Some(Download::Failed(_)) => {
                    action_ui(ui, view, commands, Action::DownloadAgain, Look::Soft);
                }
                _ => {}
            }
            if done.outcome == Outcome::Succeeded {
                action_ui(ui, view, commands, Action::SameFacesAgain, Look::Ghost);
            }
        }
    }
}

/// How many takes there are, where there are several; it opens and closes their list.
fn takes_button_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let takes = &view.shell.takes;
    let count = takes.takes.rows.len();
    if count < 2 || takes.open {
        return;
    }
    let label = format!("{count} takes");
    let look = if view.done().is_some() { Look::Soft } else { Look::Ghost };
    action_as_ui(ui, view, commands, Action::ToggleTakes, look, &Face::new(&label, Some(Icon::List)));
}

/// `Looking for faces`, and until when the service can fetch a clip that was put somewhere for it.
fn looking_words(identifying: &Identifying) -> String {
    match identifying.stored.as_ref().and_then(|stored| stored.until_ms) {
        Some(until_ms) => {
            format!("Looking for faces · the address of the clip holds until {}", local_days::text(until_ms))
        }
        None => "Looking for faces".to_owned(),
    }
}

/// The part of a create with its voice that has gone out, 0 to 1, until all has.
fn sent_part(progress: &Progress) -> Option<f32> {
    let total = progress.total_bytes.filter(|total| progress.received_bytes < *total)?;
    Some(progress.received_bytes as f32 / total.max(1) as f32)
}

/// `Sending the voice, 1.2 MB of 6.5 MB`; once all of it has gone out, `Creating the task`.
fn sending_words(progress: &Progress) -> String {
    match progress.total_bytes.filter(|total| progress.received_bytes < *total) {
        Some(total) => {
            format!("Sending the voice, {} of {}", words::bytes(progress.received_bytes), words::bytes(total))
        }
        None => "Creating the task".to_owned(),
    }
}

/// `Uploading the clip to clips at s3.example.com, 40 %`.
fn uploading_words(storage: &str, progress: &Progress) -> String {
    match progress.total_bytes.filter(|&total| total > 0) {
        Some(total) => {
            let percent = 100.0 * progress.received_bytes as f64 / total as f64;
            format!("Uploading the clip to {storage}, {percent:.0} %")
        }
        None => format!("Looking whether the clip is at {storage}"),
    }
}

fn words_ui(ui: &mut Ui, view: &View<'_>) {
    match &view.flow.stage {
        Stage::Idle(idle) if idle.identify_after_probe.is_some() => {
            let waited_ms =
                view.flow.desk.clip_probe.job().map_or(0, |job| view.shell.since.waited_ms(job, view.now_ms));
            busy_ui(ui, "Reading the clip, then finding the faces", waited_ms, None);
        }
        Stage::Idle(_) => match opening_ms(view) {
            Some(elapsed_ms) => busy_ui(ui, "Opening the clip", elapsed_ms, None),
            None => quiet_ui(ui, &idle_words(view)),
        },
        Stage::Identifying(identifying) => {
            let words = match &identifying.phase {
                IdentifyPhase::Uploading { progress, .. } => match &view.flow.terms.storage {
                    Some(storage) => uploading_words(storage, progress),
                    None => "Uploading the clip to the sandbox".to_owned(),
                },
                IdentifyPhase::Recalling { .. } => "Looking whether its faces are known".to_owned(),
                IdentifyPhase::Asking(_) | IdentifyPhase::Polling { .. } => {
                    wait_words(view).unwrap_or_else(|| looking_words(identifying))
                }
            };
            busy_ui(ui, &words, view.now_ms - identifying.started_ms, None);
        }
        Stage::Choosing(choosing) => choosing_ui(ui, view, choosing),
        Stage::Submitted(submitted) => submitted_ui(ui, view, submitted),
        Stage::Done(done) => done_ui(ui, view, done),
    }
}

/// For how long the clip has been being opened, once that is worth showing, in milliseconds. While the clip is being read, its own
/// section shows that, with a button to stop it.
fn opening_ms(view: &View<'_>) -> Option<i64> {
    let is_read = view.flow.desk.clip_probe.job().is_none();
    let waited = view.shell.player.waits().filter(|_| is_read && view.shell.player.shown_file() == Source::Clip)?;
    i64::try_from(waited.as_millis()).ok()
}

/// What the next retry waits for, and for how long.
fn wait_words(view: &View<'_>) -> Option<String> {
    let wait = view.shell.wait.as_ref()?;
    let left_s = (wait.until_ms - view.now_ms).max(0).unsigned_abs().div_ceil(1000);
    let why = match wait.problem.code.as_ref().map(ToString::to_string).as_deref() {
        Some("1302") => "Too many requests to the service",
        Some("1303") => "Too many tasks at once for the package",
        _ if wait.problem.retry_after_ms.is_some() => "The service asks for a wait",
        _ => "The service could not accept it",
    };
    Some(format!("{why} · tries again in {left_s} s"))
}

fn idle_words(view: &View<'_>) -> String {
    if view.flow.desk.clip.is_none() {
        "The last result; choose another clip on the left".into()
    } else {
        Action::FindFaces.obstacle(view).unwrap_or_else(|| "Ready to find the faces".into())
    }
}

/// What to do next; and, once all that is left is to submit, whether the face is fit: it is read before anything is paid.
fn choosing_ui(ui: &mut Ui, view: &View<'_>, choosing: &Choosing) {
    let next = choosing_words(view, choosing);
    let Some(Fit { verdict, words }) = fit(view).filter(|_| primary(view).obstacle(view).is_none()) else {
        return quiet_ui(ui, &next);
    };
    let palette = Palette::of(ui);
    let (icon, tint, alt) = fit_mark(palette, verdict);
    ui.add(icon.image().tint(tint).alt_text(alt));
    let words = match verdict {
        Some(Verdict::Fit) => format!("{words} · {}", in_sentence(&next)),
        _ => words,
    };
    ui.add(Label::new(text::dim(palette, &words)).truncate().show_tooltip_when_elided(false)).on_hover_text(words);
}

fn choosing_words(view: &View<'_>, choosing: &Choosing) -> String {
    let faces = &choosing.faces;
    let has_voice = view.flow.desk.voice.is_some();
    match (faces.session.faces.len(), faces.chosen.is_some(), choosing.placement.is_some()) {
        (0, ..) => "No usable face was found".into(),
        // The obstacle to sending is the next thing to do.
        (_, true, _) if has_voice && let Some(why) = Action::Submit.obstacle(view) => why,
        (1, true, false) => "One face found: now give it a voice".into(),
        (n, false, _) => format!("{n} faces found: choose the one that shall speak"),
        (_, true, false) => "Now give it a voice".into(),
        (_, true, true) => "Place the voice below, then submit".into(),
    }
}

fn submitted_ui(ui: &mut Ui, view: &View<'_>, submitted: &Submitted) {
    let elapsed_ms = view.now_ms - submitted.started_ms;
    match &submitted.state {
        SendState::Sent { progress, .. } => {
            let waits = wait_words(view);
            let part = sent_part(progress).filter(|_| waits.is_none());
            let words = waits.unwrap_or_else(|| sending_words(progress));
            busy_ui(ui, &words, elapsed_ms, part);
        }
        SendState::Accepted { task, follow: Follow::Polling { .. }, .. } => {
            let raw = task.as_ref().map_or("submitted", |task| task.status_raw.as_str());
            let words = match task.as_ref().map(|task| task.status) {
                None | Some(TaskStatus::Submitted) => format!("Waiting for its turn ({raw})"),
                Some(_) => format!("The service is at work ({raw})"),
            };
            busy_ui(ui, &words, elapsed_ms, task.as_ref().and_then(|task| task.progress));
        }
        SendState::Accepted { follow: Follow::Paused(PauseReason::Stopped(_)), .. }
            if let Some(until_ms) = view.shell.claimed_until_ms =>
        {
            let left_s = (until_ms - view.now_ms).max(0).unsigned_abs().div_ceil(1000);
            let words = format!("Waiting until the claim of another viseme on the task ends, up to {left_s} s");
            busy_ui(ui, &words, elapsed_ms, None);
        }
        SendState::Accepted { follow: Follow::Paused(reason), .. } => {
            let words = match reason {
                _ if view.lacks_key() => "Needs key: the task is followed once its service has one",
                PauseReason::Person | PauseReason::Once => "Paused: the task continues at the service",
                PauseReason::Limit(_) => "Paused after the time limit: the task continues at the service",
                PauseReason::Stopped(_) if submitted.is_denied() => "The service knows no such task",
                PauseReason::Stopped(_) => "Paused: the service shows no status",
            };
            mark_ui(ui, Icon::Pause, words);
        }
        SendState::Refused(problem)
            if matches!(problem.kind, ProblemKind::File | ProblemKind::Usage | ProblemKind::Rule) =>
        {
            mark_ui(ui, Icon::CircleX, "The task was not sent");
        }
        SendState::Refused(_) => mark_ui(ui, Icon::CircleX, "The service refused the task: nothing was created"),
        SendState::NameTaken { .. } => {
            mark_ui(ui, Icon::TriangleAlert, "The name was used before: no task was created or paid");
        }
        SendState::Unknown { look_up: LookUp::Running { .. }, .. } => {
            busy_ui(ui, "Looking the task up", elapsed_ms, None);
        }
        SendState::Unknown { .. } => mark_ui(ui, Icon::TriangleAlert, "Whether the task was created is not known"),
    }
}

fn done_ui(ui: &mut Ui, view: &View<'_>, done: &Done) {
    let palette = Palette::of(ui);
    if done.outcome == Outcome::Failed {
        mark_ui(ui, Icon::CircleX, "The task failed at the service");
        return;
    }
    if let Some(saving) = view.shell.saving.as_ref().filter(|_| is_saving(view)) {
        let words = format!("Saving to {}", view.shell.short_path(&saving.to));
        busy_ui(ui, &words, view.now_ms - saving.since_ms, None);
        return;
    }
    match displayed_download(&done.downloads).map(|index| &done.downloads[index]) {
        Some(Download::Running { progress: Progress { received_bytes, total_bytes }, .. }) => {
            let part = total_bytes.map(|total| *received_bytes as f32 / total.max(1) as f32);
            let words = match total_bytes {
                Some(total) => {
                    format!("Fetching the result, {} of {}", words::bytes(*received_bytes), words::bytes(*total))
                }
                None => format!("Fetching the result, {}", words::bytes(*received_bytes)),
            };
            busy_ui(ui, &words, view.now_ms - done.finished_ms, part);
        }
        Some(Download::Saved(SavedFile { path, size_bytes, .. })) => {
            ui.add(Icon::CircleCheck.image().tint(palette.good).alt_text("Done"));
            // Another take may be chosen: what is said is about the one that is shown.
            let other = view.shell.takes.shown_row().filter(|row| !row.files.contains(path));
            let (path, words) = match other {
                Some(row) => (row.file(), format!("{} is in {}", row.name, view.shell.short_path(row.file()))),
                None => (&**path, format!("Saved to {} · {}", view.shell.short_path(path), words::bytes(*size_bytes))),
            };
            ui.add(Label::new(text::body(words)).truncate().show_tooltip_when_elided(false))
                .on_hover_text(path.display().to_string());
        }
        Some(Download::Failed(problem)) => {
            ui.add(Icon::CircleAlert.image().tint(palette.bad).alt_text("Problem"));
            let words = format!("The result could not be fetched: {}", problem.message);
            ui.add(Label::new(text::body(&words)).truncate().show_tooltip_when_elided(false)).on_hover_text(words);
        }
        Some(Download::NotAsked) | None => {}
    }
}

/// Whether a copy has been in progress long enough to be shown.
fn is_saving(view: &View<'_>) -> bool {
    view.shell.saving.as_ref().is_some_and(|saving| view.now_ms - saving.since_ms >= MARK_AFTER_MS)
}

fn quiet_ui(ui: &mut Ui, words: &str) {
    let palette = Palette::of(ui);
    ui.add(Label::new(text::dim(palette, words)).truncate());
}

fn mark_ui(ui: &mut Ui, icon: Icon, words: &str) {
    let palette = Palette::of(ui);
    ui.add(icon.image().tint(palette.icon).alt_text(""));
    ui.add(Label::new(text::body(words)).truncate());
}

/// A running job, once it takes a while: its name, elapsed time, and progress where that is known.
fn busy_ui(ui: &mut Ui, words: &str, elapsed_ms: i64, part: Option<f32>) {
    if elapsed_ms < MARK_AFTER_MS {
        return;
    }
    let palette = Palette::of(ui);
    if let Some(part) = part {
        let bar = ProgressBar::new(part.clamp(0.0, 1.0)).desired_width(120.0).desired_height(6.0).fill(palette.accent);
        ui.add(bar).accessible_name("Progress");
        ui.label(text::mono(format!("{:>3.0} %", part * 100.0)).color(palette.text_dim));
    } else {
        dots_ui(ui, elapsed_ms);
    }
    ui.label(text::mono(words::elapsed(elapsed_ms)).color(palette.text_dim));
    ui.add(Label::new(text::body(words)).truncate());
}
