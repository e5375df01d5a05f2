//! The obstacles that disable what can be done with a task of the history.

use crate::app::state::shell::{SandboxState, is_embedded as is_embedded_profile};
use crate::app::state::tasks::{Detail, Standing, TaskAction};
use crate::app::state::view::View;
use crate::engine::QueueState;
use crate::engine::journal::{Phase, Service};
use crate::engine::shell::is_embedded;
use crate::model::{Dialect, Profile};
use crate::workflow::Stage;

/// Why an action does not apply; `None` where it does.
#[must_use]
pub fn task_obstacle(action: TaskAction, detail: &Detail, view: &View<'_>) -> Option<String> {
    match action {
        TaskAction::OpenResult | TaskAction::Compare | TaskAction::ShowInFolder => {
            match (detail.result(), detail.results.last()) {
                (Some(_), _) => None,
                (None, Some(gone)) => Some(format!("The file is no longer there: {}", gone.path.display())),
                (None, None) => Some("No result of this task was saved on this machine".into()),
            }
        }
        TaskAction::Follow => follow_obstacle(detail, view),
        TaskAction::LookUp => task_look_up_obstacle(detail, view),
        TaskAction::Close if detail.unclear.is_none() => Some("It is known how it stands".into()),
        TaskAction::Close => on_desk(detail, view).or_else(|| elsewhere(detail)),
        TaskAction::RunAgain | TaskAction::AnotherVoice if detail.clip.is_none() => {
            Some("The journal does not know which clip this task was made from".into())
        }
        TaskAction::RunAgain | TaskAction::AnotherVoice => busy(view),
        TaskAction::Export => None,
        TaskAction::Delete => {
            (!detail.intent.phase.is_finished() && detail.standing != Standing::SANDBOX_ENDED).then(|| {
                match &detail.unclear {
                    Some(_) => "Whether it was created is not known: close it first".into(),
                    None => "It has not come to its end: only what has ended can be deleted".into(),
                }
            })
        }
    }
}

fn follow_obstacle(detail: &Detail, view: &View<'_>) -> Option<String> {
    let is_unsaved = detail.intent.phase == Phase::Succeeded && detail.result().is_none();
    if detail.intent.phase.is_finished() && !is_unsaved {
        return Some("It has come to its end".into());
    }
    let Some(task) = &detail.intent.task else {
        return Some("The service has no task for it".into());
    };
    if view.flow.loses() == Some(task.task_id.as_str()) {
        return Some("It is being followed".into());
    }
    elsewhere(detail).or_else(|| service_obstacle(detail, view)).or_else(|| busy(view))
}

/// Why an unclear create cannot be looked up now.
fn task_look_up_obstacle(detail: &Detail, view: &View<'_>) -> Option<String> {
    if detail.unclear.is_none() {
        return Some("It is known how it stands".into());
    }
    let service = &detail.intent.service;
    let why = on_desk(detail, view).or_else(|| elsewhere(detail)).or_else(|| service_obstacle(detail, view));
    if why.is_some() || !Service::of(view.profile()).is_same(service) {
        // Of another service that is then used, it is looked for by itself.
        return why.or_else(|| no_names(service.dialect)).or_else(|| busy(view));
    }
    let queue = view.shell.queue.queue.as_ref();
    let state = queue.and_then(|queue| queue.job(detail.intent.id)).map(|job| &job.state);
    look_up_obstacle(view, state.unwrap_or(&QueueState::Ended(Phase::Unknown, None)))
}

/// Why a task of the connected service whose create had an unclear outcome cannot be looked up now; `None`: it can.
/// `state`: that of its row in the queue.
#[must_use]
pub fn look_up_obstacle(view: &View<'_>, state: &QueueState) -> Option<String> {
    let is_looking = matches!(state, QueueState::Unclear);
    no_names(view.profile().dialect)
        .or_else(|| is_looking.then(|| "It is being looked up".to_owned()))
        .or_else(|| view.service_obstacle())
}

fn no_names(dialect: Dialect) -> Option<String> {
    let why = "This service cannot look a task up by its external id: look into your account there";
    (dialect == Dialect::Kirin).then(|| why.to_owned())
}

/// Whether the desk waits for what became of it.
fn on_desk(detail: &Detail, view: &View<'_>) -> Option<String> {
    let Stage::Submitted(submitted) = &view.flow.stage else { return None };
    let name = submitted.submission.as_ref().map(|submission| submission.external_task_id.as_str());
    let is_it = view.flow.create_is_open() && name.is_some() && name == detail.intent.external_task_id.as_deref();
    is_it.then(|| "It is on the desk: close the history, and look it up there".into())
}

fn elsewhere(detail: &Detail) -> Option<String> {
    detail.held_elsewhere.then(|| "Another viseme that is running follows it".into())
}

/// Why nothing can be asked of the service of a task.
fn service_obstacle(detail: &Detail, view: &View<'_>) -> Option<String> {
    if is_embedded(&detail.intent.service) {
        match &view.shell.sandbox {
            SandboxState::Ready { keeps_state: true, .. } => {}
            SandboxState::Ready { .. } => {
                return Some(
                    "The sandbox of this window has a state of its own: another viseme that is running has the one with this task, \
                     or it cannot be written"
                        .into(),
                );
            }
            SandboxState::Starting { .. } => return Some("The sandbox is starting".into()),
            SandboxState::Failed(problem) => return Some(format!("The sandbox did not start: {problem}")),
        }
    }
    if profile_of(view, &detail.intent.service).is_none() {
        return Some(format!("None of the services has the address {}", detail.intent.service.base_url));
    }
    None
}

/// The profile of the service of a task: the one of its name where there are several.
#[must_use]
pub fn profile_of<'a>(view: &View<'a>, service: &Service) -> Option<&'a Profile> {
    let is_it = |profile: &&Profile| {
        Service::of(profile).is_same(service) && is_embedded_profile(profile) == is_embedded(service)
    };
    let profiles = view.shell.profiles();
    let of_name = profiles.iter().filter(is_it).find(|profile| profile.name == service.profile);
    of_name.or_else(|| profiles.iter().find(is_it))
}

fn busy(view: &View<'_>) -> Option<String> {
    if matches!(view.flow.stage, Stage::Identifying(_)) {
        return Some("The service is looking for faces: wait for its answer, or cancel it first".into());
    }
    view.flow.create_is_open().then(|| "The service is at work: wait for its answer first".into())
}
