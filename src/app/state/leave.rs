//! What is lost when the window is closed now.

use crate::model::Profile;
use crate::secrets::shown;
use crate::workflow::{Done, Download, Flow, SendState, Stage, Submitted};

/// Where the window is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftAt {
    /// At the sandbox that was started for it.
    pub in_sandbox: bool,
    /// The next window goes on with what is on the desk.
    pub comes_back: bool,
}

/// What is lost or goes on elsewhere, a line each. `waits`: a create waits to be sent again, and is dropped.
#[must_use]
pub fn lost_words(flow: &Flow, profile: &Profile, left: LeftAt, waits: bool) -> Option<Vec<String>> {
    match &flow.stage {
        Stage::Submitted(Submitted { state: SendState::Sent { .. }, .. }) if waits => None,
        Stage::Submitted(submitted) => of_task(submitted, profile, left),
        Stage::Done(done) => of_result(done, left),
        _ => None,
    }
}

fn of_task(submitted: &Submitted, profile: &Profile, left: LeftAt) -> Option<Vec<String>> {
    let LeftAt { in_sandbox, comes_back } = left;
    match &submitted.state {
        SendState::Refused(_) | SendState::NameTaken { .. } => None,
        _ if submitted.is_denied() => None,
        _ if in_sandbox && !comes_back => {
            Some(vec!["The sandbox ends with this window, and the task with it".to_owned()])
        }
        SendState::Accepted { .. } if in_sandbox => {
            Some(vec!["The task stops with this window; the next one begins it anew, and saves its result".to_owned()])
        }
        SendState::Accepted { task_id, .. } => {
            let goes_on = if comes_back {
                "The task continues at the service and is billed; the next window follows it, and saves its result"
            } else {
                "The task continues at the service and is billed, but its result is not saved"
            };
            let mut words = vec![goes_on.to_owned()];
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
        SendState::Sent { .. } | SendState::Unknown { .. } => {
            let service = if in_sandbox { "sandbox" } else { "service" };
            let mut words =
                vec![format!("The task is being sent, and it is not known yet whether the {service} accepts it")];
            words.push(match (in_sandbox, comes_back) {
                (true, _) => "If it does, the history can tell: Look it up, there, asks for it".to_owned(),
                (false, true) => {
                    "If it does, the task is billed. The history has its name: Look it up, there, asks the service"
                        .to_owned()
                }
                (false, false) => "If it does, the task is billed, and its id is not recorded here".to_owned(),
            });
            Some(words)
        }
    }
}

fn of_result(done: &Done, left: LeftAt) -> Option<Vec<String>> {
    let running = done.downloads.iter().any(|download| matches!(download, Download::Running { .. }));
    running.then(|| {
        let rest = match left {
            LeftAt { in_sandbox: true, comes_back: false } => "and the sandbox ends with this window",
            LeftAt { in_sandbox: true, comes_back: true } => "and the sandbox keeps it for 30 days at most",
            LeftAt { in_sandbox: false, .. } => "and the service keeps it for a limited time only",
        };
        vec![format!("The result is still being saved, {rest}")]
    })
}

/// What becomes of the queue.
#[must_use]
pub fn queue_words(running: usize, waiting: usize, in_sandbox: bool) -> Vec<String> {
    let tasks = |count: usize| if count == 1 { "One task".to_owned() } else { format!("{count} tasks") };
    let mut words = Vec::new();
    if running > 0 {
        let (one, it) = (running == 1, if running == 1 { "it" } else { "them" });
        let (tasks, s) = (tasks(running), if one { "s" } else { "" });
        words.push(if in_sandbox {
            format!("{tasks} of the queue stop{s} with this window; the next one begins {it} anew")
        } else {
            format!(
                "{tasks} of the queue continue{s} at the service; the next window follows {it}, and saves what comes of {it}"
            )
        });
    }
    if waiting > 0 {
        let (waits, is) = if waiting == 1 { ("waits", "it is") } else { ("wait", "they are") };
        words.push(format!("{} {waits} in the queue: {is} there in the next window, paused", tasks(waiting)));
    }
    words
}
