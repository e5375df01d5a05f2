//! What is lost when the window is closed now.

use crate::model::Profile;
use crate::secrets::shown;
use crate::workflow::{Done, Download, Flow, SendState, Stage, Submitted};

/// What is lost, a line each. `waits`: a create waits to be sent again, and is dropped.
#[must_use]
pub fn lost_words(flow: &Flow, profile: &Profile, in_sandbox: bool, waits: bool) -> Option<Vec<String>> {
    match &flow.stage {
        Stage::Submitted(Submitted { state: SendState::Sent { .. }, .. }) if waits => None,
        Stage::Submitted(submitted) => of_task(submitted, profile, in_sandbox),
        Stage::Done(done) => of_result(done, in_sandbox),
        _ => None,
    }
}

fn of_task(submitted: &Submitted, profile: &Profile, in_sandbox: bool) -> Option<Vec<String>> {
    let ends_too = "The sandbox ends with this window, and the task with it".to_owned();
    match &submitted.state {
        SendState::Refused(_) | SendState::NameTaken { .. } => None,
        _ if in_sandbox => Some(vec![ends_too]),
        SendState::Accepted { task_id, .. } => {
            let mut words =
                vec!["The task continues at the service and is billed, but its result is not saved".to_owned()];
            words.push(format!("Its id is {task_id}"));
            let name = &profile.name;
            // The command line does not know the services that are defined in the settings.
            if Profile::built_in().iter().any(|known| known.name == *name) {
                // An id that begins with a hyphen is no option behind `--`.
                let id =
                    if task_id.starts_with('-') { format!("--wait -- {task_id}") } else { format!("{task_id} --wait") };
                words.push(format!("In a terminal, viseme --profile {name} task {id} follows it and saves the result"));
            }
            Some(words.iter().map(|line| shown(line)).collect())
        }
        SendState::Sent { .. } | SendState::Unknown { .. } => Some(vec![
            "The task is being sent, and it is not known yet whether the service accepts it".to_owned(),
            "If it does, the task is billed, and its id is not recorded here".to_owned(),
        ]),
    }
}

fn of_result(done: &Done, in_sandbox: bool) -> Option<Vec<String>> {
    let running = done.downloads.iter().any(|download| matches!(download, Download::Running { .. }));
    running.then(|| {
        let rest = if in_sandbox {
            "and the sandbox ends with this window"
        } else {
            "and the service keeps it for a limited time only"
        };
        vec![format!("The result is still being saved, {rest}")]
    })
}
