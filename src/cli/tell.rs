//! The words for where a job stands.

use super::console::Console;
use crate::model::{Problem, RuleReport, Verdict};
use crate::workflow::{Download, Flow, Follow, IdentifyPhase, LookUp, SendState, Stage};

/// What is being waited for, and how far it is (0 to 1) where that is known.
pub fn of(flow: &Flow) -> Option<(String, Option<f32>)> {
    match &flow.stage {
        Stage::Idle(_) | Stage::Choosing(_) => None,
        Stage::Identifying(identifying) => Some(of_identify(&identifying.phase)),
        Stage::Submitted(submitted) => of_create(&submitted.state),
        Stage::Done(done) => done.downloads.iter().find_map(|download| match download {
            Download::Running { received_bytes, total_bytes, .. } => {
                let total = total_bytes.filter(|&total| total > 0);
                Some(("Saving the result…".to_owned(), total.map(|total| *received_bytes as f32 / total as f32)))
            }
            _ => None,
        }),
    }
}

fn of_identify(phase: &IdentifyPhase) -> (String, Option<f32>) {
    match phase {
        IdentifyPhase::Uploading(_) => ("Handing the clip over…".to_owned(), None),
        IdentifyPhase::Asking(_) => ("Finding faces…".to_owned(), None),
        IdentifyPhase::Polling { problem: Some(problem), progress, .. } => {
            (format!("Finding faces… the last poll brought nothing and the next one follows: {problem}"), *progress)
        }
        IdentifyPhase::Polling { status_raw, progress, .. } => {
            (format!("Finding faces… {}", or_nothing(status_raw)), *progress)
        }
    }
}

fn of_create(state: &SendState) -> Option<(String, Option<f32>)> {
    match state {
        SendState::Sent { .. } => Some(("Creating the task…".to_owned(), None)),
        SendState::Unknown { look_up: LookUp::Running { .. }, problem } => {
            Some((format!("{problem}. Looking it up by its external_task_id…"), None))
        }
        SendState::Accepted { task_id, task, follow } => {
            let progress = task.as_ref().and_then(|task| task.progress);
            let line = if let Follow::Polling { problem: Some(problem), .. } = follow {
                format!("Task {task_id}: the last poll brought nothing and the next one follows: {problem}")
            } else {
                let status = task.as_ref().map_or("", |task| task.status_raw.as_str());
                format!("Task {task_id}: {}", or_nothing(status))
            };
            Some((line, progress))
        }
        SendState::Intended { .. } | SendState::Refused(_) | SendState::Unknown { .. } => None,
    }
}

fn or_nothing(status_raw: &str) -> &str {
    if status_raw.is_empty() { "no status yet" } else { status_raw }
}

/// Says warnings and what could not be checked; broken rules only where they are sent anyway, for else they are the error.
pub fn rules<'r>(console: &Console, reports: impl IntoIterator<Item = &'r RuleReport>, send_anyway: bool) {
    for report in reports {
        match &report.verdict {
            Verdict::Warn(why) => console.say(&format!("warning: {}: {why}", report.rule)),
            Verdict::Unchecked(why) => console.say(&format!("unchecked: {}: {why}", report.rule)),
            Verdict::Broken(_) if send_anyway => {
                console.say(&format!("sent anyway: {}", Problem::of_rule(report).message));
            }
            Verdict::Broken(_) | Verdict::Pass => {}
        }
    }
}
