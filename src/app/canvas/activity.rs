//! What is going on, for how long, and the way to stop it; or where the result is.

use egui::{Align, Layout, ProgressBar, Ui};

use crate::app::action::Action;
use crate::app::command::Wishes;
use crate::app::theme::{Icon, Palette, space, text};
use crate::app::view::View;
use crate::app::widgets::button::{Look, action_ui};
use crate::app::words;
use crate::model::TaskStatus;
use crate::workflow::{Download, Follow, IdentifyPhase, LookUp, Outcome, PauseReason, SendState, Stage};

/// A mark appears only for what takes longer, in milliseconds.
pub const MARK_AFTER_MS: i64 = 200;

/// Draws the row.
pub fn activity_ui(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| match &view.flow.stage {
        Stage::Idle(idle) => {
            let words = if idle.identify_after_probe.is_some() {
                "Reading the clip…"
            } else if view.flow.desk.clip.is_some() {
                "Ready to find the faces"
            } else {
                "The last result; choose another clip on the left"
            };
            quiet_ui(ui, words);
        }
        Stage::Identifying(identifying) => {
            let elapsed_ms = view.now_ms - identifying.started_ms;
            if elapsed_ms < MARK_AFTER_MS {
                return;
            }
            let words = match identifying.phase {
                IdentifyPhase::Uploading(_) => "Handing the clip to the sandbox",
                IdentifyPhase::Asking(_) | IdentifyPhase::Polling { .. } => "Looking for faces",
            };
            busy_ui(ui, words, elapsed_ms, None);
            right_ui(ui, |ui| {
                action_ui(ui, view, wishes, Action::CancelFinding, Look::Ghost);
            });
        }
        Stage::Choosing(choosing) => {
            let faces = choosing.faces.session.faces.len();
            let words = match (faces, choosing.faces.chosen.is_some(), choosing.placement.is_some()) {
                (0, ..) => "No usable face was found".to_owned(),
                (1, true, false) => "One face found: now give it a voice".to_owned(),
                (n, false, _) => format!("{n} faces found: choose the one that shall speak"),
                (_, true, false) => "Now give it a voice".to_owned(),
                (_, true, true) => "Place the voice below, then submit".to_owned(),
            };
            quiet_ui(ui, &words);
            right_ui(ui, |ui| {
                action_ui(ui, view, wishes, Action::NewClip, Look::Ghost);
            });
        }
        Stage::Submitted(submitted) => submitted_ui(ui, view, wishes, submitted),
        Stage::Done(done) => done_ui(ui, view, wishes, done),
    });
}

fn submitted_ui(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes, submitted: &crate::workflow::Submitted) {
    let elapsed_ms = view.now_ms - submitted.started_ms;
    match &submitted.state {
        SendState::Intended { .. } | SendState::Sent { .. } => {
            if elapsed_ms >= MARK_AFTER_MS {
                busy_ui(ui, "Creating the task", elapsed_ms, None);
            }
        }
        SendState::Accepted { task, follow, .. } => {
            let raw = task.as_ref().map_or("submitted", |task| task.status_raw.as_str());
            let words = match task.as_ref().map(|task| task.status) {
                None | Some(TaskStatus::Submitted) => format!("Waiting for its turn ({raw})"),
                Some(_) => format!("The service is at it ({raw})"),
            };
            match follow {
                Follow::Polling { .. } => {
                    busy_ui(ui, &words, elapsed_ms, task.as_ref().and_then(|task| task.progress));
                    right_ui(ui, |ui| {
                        action_ui(ui, view, wishes, Action::PauseWaiting, Look::Ghost);
                    });
                }
                Follow::Paused(reason) => {
                    let words = match reason {
                        PauseReason::Person | PauseReason::Once => "Paused: the task goes on at the service",
                        PauseReason::Limit(_) => "Paused after the time limit: the task goes on at the service",
                        PauseReason::Stopped(_) => "Paused: the service does not tell how it stands",
                    };
                    mark_ui(ui, Icon::Pause, words);
                    right_ui(ui, |ui| {
                        action_ui(ui, view, wishes, Action::ResumeWaiting, Look::Soft);
                        action_ui(ui, view, wishes, Action::BackToPlacement, Look::Ghost);
                    });
                }
            }
        }
        SendState::Refused(_) => mark_ui(ui, Icon::CircleX, "The service refused: nothing was created"),
        SendState::Unknown { look_up, .. } => match look_up {
            LookUp::Running { .. } => busy_ui(ui, "Looking the task up", elapsed_ms, None),
            _ => mark_ui(ui, Icon::TriangleAlert, "Whether the task was created is not known"),
        },
    }
}

fn done_ui(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes, done: &crate::workflow::Done) {
    let palette = Palette::of(ui);
    if done.outcome == Outcome::Failed {
        mark_ui(ui, Icon::CircleX, "The task failed at the service");
    } else {
        match done.downloads.first() {
            Some(Download::Running { received_bytes, total_bytes, .. }) => {
                let part = total_bytes.map(|total| *received_bytes as f32 / total.max(1) as f32);
                let words = format!("Fetching the result, {}", words::bytes(*received_bytes));
                busy_ui(ui, &words, view.now_ms - done.finished_ms, part);
            }
            Some(Download::Saved { path, size_bytes, .. }) => {
                ui.add(Icon::CircleCheck.image().tint(palette.good).alt_text("Done"));
                // The buttons take their room first; the path gets the rest and is cut where it must be.
                let shown = view.shell.short_path(path);
                let words = format!("Saved to {shown} · {}", words::bytes(*size_bytes));
                let room = ui.available_width() - 300.0;
                ui.allocate_ui_with_layout(
                    egui::vec2(room.max(80.0), 20.0),
                    Layout::left_to_right(Align::Center),
                    |ui| {
                        ui.add(egui::Label::new(text::body(words)).truncate())
                            .on_hover_text(path.display().to_string());
                    },
                );
            }
            Some(Download::Failed(problem)) => {
                ui.add(Icon::CircleAlert.image().tint(palette.bad).alt_text("Problem"));
                ui.add(
                    egui::Label::new(text::body(format!("The result could not be fetched: {}", problem.message)))
                        .truncate(),
                );
            }
            Some(Download::NotAsked) | None => {}
        }
    }
    right_ui(ui, |ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        match done.downloads.first() {
            Some(Download::Saved { .. }) => {
                action_ui(ui, view, wishes, Action::OpenResult, Look::Soft);
                action_ui(ui, view, wishes, Action::OpenFolder, Look::Ghost);
            }
            Some(Download::Failed(_)) => {
                action_ui(ui, view, wishes, Action::DownloadAgain, Look::Soft);
            }
            _ => {}
        }
        if done.outcome == Outcome::Succeeded {
            action_ui(ui, view, wishes, Action::SameFacesAgain, Look::Ghost);
        }
    });
}

fn right_ui(ui: &mut Ui, add_contents: impl FnOnce(&mut Ui)) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        add_contents(ui);
    });
}

fn quiet_ui(ui: &mut Ui, words: &str) {
    let palette = Palette::of(ui);
    ui.add(egui::Label::new(text::dim(palette, words)).truncate());
}

fn mark_ui(ui: &mut Ui, icon: Icon, words: &str) {
    let palette = Palette::of(ui);
    ui.add(icon.image().tint(palette.icon).alt_text(""));
    ui.label(text::body(words));
}

/// A running job: what, for how long, how far where that is known.
fn busy_ui(ui: &mut Ui, words: &str, elapsed_ms: i64, part: Option<f32>) {
    let palette = Palette::of(ui);
    match part {
        Some(part) => {
            ui.add(
                ProgressBar::new(part.clamp(0.0, 1.0)).desired_width(120.0).desired_height(6.0).fill(palette.accent),
            )
            .accessible_name("Progress");
            ui.label(text::mono(format!("{:>3.0} %", part * 100.0)).color(palette.text_dim));
        }
        None => dots_ui(ui, elapsed_ms),
    }
    ui.label(text::body(words));
    ui.label(text::mono(words::elapsed(elapsed_ms)).color(palette.text_dim));
}

/// Three dots of which one is lit, four steps a second: life without a continuous repaint, which egui's spinner would ask for.
fn dots_ui(ui: &mut Ui, elapsed_ms: i64) {
    let palette = Palette::of(ui);
    let (rect, _) = ui.allocate_exact_size(egui::vec2(26.0, 8.0), egui::Sense::hover());
    let lit = elapsed_ms.div_euclid(250).rem_euclid(3) as usize;
    for dot in 0..3 {
        let centre = egui::pos2(rect.left() + 4.0 + 9.0 * dot as f32, rect.center().y);
        ui.painter().circle_filled(centre, 3.0, if dot == lit { palette.accent } else { palette.span });
    }
}
