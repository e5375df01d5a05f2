//! The obstacles that disable what can be done with a task of the history.

use crate::app::state::shell::{SandboxState, is_embedded as is_embedded_profile};
use crate::app::state::tasks::{Detail, Standing, TaskAction};
use crate::app::state::view::View;
use crate::engine::journal::{IntentState, Phase, Service};
use crate::engine::shell::is_embedded;
use crate::model::Profile;
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
        TaskAction::RunAgain | TaskAction::AnotherVoice if detail.clip.is_none() => {
            Some("The journal does not know which clip this task was made from".into())
        }
        TaskAction::RunAgain | TaskAction::AnotherVoice => busy(view),
        TaskAction::Export => None,
        TaskAction::Delete => (!detail.intent.phase.is_finished() && detail.standing != Standing::SANDBOX_ENDED)
            .then(|| "It has not come to its end: only what has ended can be deleted".into()),
    }
}

fn follow_obstacle(detail: &Detail, view: &View<'_>) -> Option<String> {
    let is_unsaved = detail.intent.phase == Phase::Succeeded && detail.result().is_none();
    if detail.intent.phase.is_finished() && !is_unsaved {
        return Some("It has come to its end".into());
    }
    let Some(task) = &detail.intent.task else {
        return Some(match detail.intent.state {
            IntentState::Sent | IntentState::Unknown => {
                "It is not known whether the service took it: viseme tasks resume looks it up by its name".into()
            }
            _ => "The service has no task for it".into(),
        });
    };
    if view.flow.loses() == Some(task.task_id.as_str()) {
        return Some("It is being followed".into());
    }
    if detail.held_elsewhere {
        return Some("Another viseme that is running follows it".into());
    }
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
    busy(view)
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
