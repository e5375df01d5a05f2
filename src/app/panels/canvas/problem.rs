//! Problems, drawn over the picture, so that they move nothing.

use egui::{Align, Layout, Rect, Ui, UiBuilder, vec2};

use crate::app::action::command::{Command, Commands};
use crate::app::action::{self, Action};
use crate::app::state::shell::Note;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, space, text};
use crate::app::widgets::button::{Face, Look, action_ui, button_ui};
use crate::app::widgets::field::{Field, field_ui};
use crate::app::widgets::notice::{Tone, notice_ui, problem_lines};
use crate::app::words::sentence;
use crate::engine::journal::{IntentId, Service};
use crate::engine::local_days;
use crate::model::{ClipSource, Problem, Task};
use crate::secrets::shown;
use crate::workflow::{LookUp, SendState, Stage};

/// Maximum width of a readable message, in points.
const WIDTH_PX: f32 = 560.0;

/// Draws the problem of the stage and the window's own message, where there are any.
pub fn problem_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, room: Rect) {
    let width = WIDTH_PX.min(room.width());
    let place = Rect::from_min_size(
        room.left_top() + vec2((room.width() - width) / 2.0, space::TIGHT),
        vec2(width, room.height()),
    );
    ui.scope_builder(UiBuilder::new().max_rect(place).layout(Layout::top_down(Align::Min)), |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = space::ITEM;
        crate::app::panels::paste::report_ui(ui, view, commands);
        if let Some(note) = &view.shell.note {
            let (tone, words) = match note {
                Note::Good(words) => (Tone::Info, words),
                Note::Hint(words) => (Tone::Warn, words),
                Note::Bad(words) | Note::Unsaved(words, _) => (Tone::Bad, words),
            };
            notice_ui(ui, tone, &shown(words), &[], |ui| {
                ui.horizontal_wrapped(|ui| {
                    if let Note::Unsaved(_, id) = note {
                        expiring_ui(ui, view, commands, *id);
                    }
                    if button_ui(ui, Look::Soft, &Face::new("Dismiss", None), "Closes this message", None).clicked() {
                        commands.push(Command::DismissNote);
                    }
                });
            });
        }
        if let Some(warning) = view.flow.warnings.first() {
            notice_ui(ui, Tone::Warn, &warning.message, &problem_lines(warning), |ui| {
                if button_ui(ui, Look::Soft, &Face::new("Dismiss", None), "Takes the message away", None).clicked() {
                    commands.push(Command::DismissWarning);
                }
            });
        }
        // While it is waited for the end of another's claim, that is not a problem yet.
        let problem = view.flow.stage.problem().filter(|_| view.shell.claimed_until_ms.is_none());
        let Some(problem) = problem else { return };
        match &view.flow.stage {
            Stage::Submitted(submitted) => match &submitted.state {
                SendState::Unknown { look_up, .. } => unknown_ui(ui, view, commands, problem, look_up),
                SendState::Refused(_) if action::is_session_refused(view) => {
                    plain_ui(ui, view, commands, Tone::Bad, problem, &[Action::FindFacesAgain, Action::TryAgain]);
                }
                SendState::Refused(_) => plain_ui(ui, view, commands, Tone::Bad, problem, &[Action::TryAgain]),
                SendState::NameTaken { task, .. } => name_taken_ui(ui, view, commands, problem, task.as_deref()),
                _ if view.lacks_key() => plain_ui(ui, view, commands, Tone::Warn, problem, &[Action::EnterKey]),
                _ => plain_ui(ui, view, commands, Tone::Warn, problem, &[]),
            },
            Stage::Done(done) => {
                let actions: &[Action] =
                    if done.faces.is_some() { &[Action::TryAgain, Action::NewClip] } else { &[Action::NewClip] };
                plain_ui(ui, view, commands, Tone::Bad, problem, actions);
            }
            Stage::Identifying(_) => plain_ui(ui, view, commands, Tone::Warn, problem, &[]),
            // The clip's field shows it already, where it can be fixed.
            Stage::Idle(_) if view.flow.desk.clip_probe.problem() == Some(problem) => {}
            Stage::Idle(idle) if idle.pays_again => {
                plain_ui(ui, view, commands, Tone::Warn, problem, &[Action::FindFaces, Action::DismissProblem]);
            }
            Stage::Idle(_) | Stage::Choosing(_) => {
                let mut actions = Vec::new();
                if action::may_send_anyway(view) {
                    actions.push(match view.flow.stage {
                        Stage::Idle(_) => Action::FindFacesAnyway,
                        _ => Action::SubmitAnyway,
                    });
                } else if view
                    .choosing()
                    .is_some_and(|choosing| view.flow.is_session_over(&choosing.faces.session, view.now_ms))
                {
                    actions.push(Action::FindFacesAgain);
                }
                let is_file = matches!(view.flow.desk.clip, Some(ClipSource::File(_)));
                if is_file && !view.profile().is_sandbox() && view.shell.embedded().is_some() {
                    actions.push(Action::SwitchToSandbox);
                }
                actions.push(Action::DismissProblem);
                plain_ui(ui, view, commands, Tone::Bad, problem, &actions);
            }
        }
    });
}

/// What helps where a result goes soon that nobody has saved.
fn expiring_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, id: IntentId) {
    let Some(result) = view.shell.tasks.expiring.iter().find(|result| result.id == id) else { return };
    let obstacle = match action::profile_of(view, &result.service) {
        None => Some(format!("None of the services has the address {}", result.service.base_url)),
        Some(_) => Action::FollowTask.obstacle(view).filter(|_| Service::of(view.profile()).is_same(&result.service)),
    };
    let tooltip = "Fetches the result from its service, which is then in use, and saves it to the folder for results";
    let face = Face::new("Save it now", Some(Icon::Save));
    if button_ui(ui, Look::Soft, &face, tooltip, obstacle.as_deref()).clicked() {
        commands.push(Command::SaveExpiring(id));
    }
    let face = Face::new("Show it", Some(Icon::History));
    if button_ui(ui, Look::Soft, &face, "Opens the history at this task", None).clicked() {
        commands.push(Command::ShowExpiring(id));
    }
}

fn plain_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, tone: Tone, problem: &Problem, actions: &[Action]) {
    notice_ui(ui, tone, &sentence(&problem.message), &problem_lines(problem), |ui| {
        ui.horizontal_wrapped(|ui| {
            if problem.http_status == Some(401) && Action::EnterKey.obstacle(view).is_none() {
                action_ui(ui, view, commands, Action::EnterKey, Look::Soft);
            }
            for &action in actions {
                action_ui(ui, view, commands, action, Look::Soft);
            }
        });
    });
}

/// A name that another task has: that task is shown, and may be followed.
fn name_taken_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, problem: &Problem, task: Option<&Task>) {
    let mut lines = problem_lines(problem);
    if let Some(task) = task {
        lines.push(shown(&format!("Task {}: {}", task.task_id, task.status_raw)));
        lines.extend(task.created_at_ms.map(|ms| format!("It was created on {}", local_days::minute(ms))));
    }
    notice_ui(ui, Tone::Warn, &sentence(&problem.message), &lines, |ui| {
        ui.horizontal_wrapped(|ui| {
            action_ui(ui, view, commands, Action::FollowNamed, Look::Soft);
            action_ui(ui, view, commands, Action::AnotherName, Look::Soft);
        });
    });
}

/// A create request whose outcome is unknown: it is never sent again without consent.
fn unknown_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, problem: &Problem, look_up: &LookUp) {
    let palette = Palette::of(ui);
    let mut lines = problem_lines(problem);
    lines.push(match look_up {
        LookUp::Impossible => {
            "This service cannot look a task up by its external id: look into your account there".into()
        }
        LookUp::Running { .. } => "It is being looked up".into(),
        LookUp::NotFound => "The service does not list it, at least not yet: it may still have been created".into(),
        LookUp::Failed(problem) => format!("The look-up failed: {}", problem.message),
    });
    notice_ui(ui, Tone::Warn, &sentence(&problem.message), &lines, |ui| {
        ui.horizontal_wrapped(|ui| {
            action_ui(ui, view, commands, Action::LookUp, Look::Soft);
            action_ui(ui, view, commands, Action::Resend, Look::Soft);
            action_ui(ui, view, commands, Action::Abandon, Look::Ghost);
        });
        ui.horizontal(|ui| {
            ui.label(text::caption(palette, "Found it in your account?"));
            let field = Field {
                name: "Task id",
                text: &view.shell.task_id_entry,
                hint: "Task id",
                width: 200.0,
                mono: true,
                password: false,
            };
            if let Some(text) = field_ui(ui, &field).changed {
                commands.push(Command::EditTaskId(text));
            }
            let empty = view.shell.task_id_entry.trim().is_empty();
            let obstacle = empty.then_some("Enter the task's id first");
            let face = Face::new("Follow it", None);
            if button_ui(ui, Look::Soft, &face, "Follows the task under this id", obstacle).clicked() {
                commands.push(Command::GiveTaskId);
            }
        });
    });
}
