//! What a job waits for, in words, and when a wait is mentioned again.

use std::time::Duration;

use super::console::Console;
use super::words;
use crate::engine::{Wait, local_days};
use crate::model::{Problem, Progress, RuleReport, Verdict};
use crate::workflow::{Download, Flow, Follow, IdentifyPhase, Identifying, LookUp, SendState, Stage};

/// What is waited for, and how far it is (0 to 1) where that is known.
pub fn of(flow: &Flow) -> Option<(String, Option<f32>)> {
    match &flow.stage {
        Stage::Idle(_) | Stage::Choosing(_) => None,
        Stage::Identifying(identifying) => Some(of_identify(identifying, flow.terms.storage.as_deref())),
        Stage::Submitted(submitted) => of_create(&submitted.state),
        Stage::Done(done) => done.downloads.iter().find_map(|download| match download {
            Download::Running { progress: Progress { received_bytes, total_bytes }, .. } => {
                let total = total_bytes.filter(|&total| total > 0);
                Some((words::saving(), total.map(|total| *received_bytes as f32 / total as f32)))
            }
            _ => None,
        }),
    }
}

/// A wait before a retry: why, and for how long.
pub fn of_wait(wait: &Wait, now_ms: i64) -> String {
    let left_s = wait.until_ms.saturating_sub(now_ms).max(0).unsigned_abs().div_ceil(1000);
    words::part_waiting_to_send_again(&wait.problem, wait.operation, left_s)
}

fn of_identify(identifying: &Identifying, storage: Option<&str>) -> (String, Option<f32>) {
    match &identifying.phase {
        IdentifyPhase::Uploading { progress: Progress { received_bytes, total_bytes }, .. } => {
            let total = total_bytes.filter(|&total| total > 0);
            let words = storage.map_or_else(words::uploading, words::uploading_to_storage);
            (words, total.map(|total| *received_bytes as f32 / total as f32))
        }
        IdentifyPhase::Recalling { .. } => (words::recalling_faces(), None),
        IdentifyPhase::Asking(_) => {
            let until_ms = identifying.stored.as_ref().and_then(|stored| stored.until_ms);
            let until = until_ms.map(local_days::text);
            (until.map_or_else(words::finding_faces, words::finding_faces_stored), None)
        }
        IdentifyPhase::Polling { problem: Some(problem), progress, .. } => {
            (words::identify_poll_failed(problem), *progress)
        }
        IdentifyPhase::Polling { status_raw, progress, .. } => (words::identify_status(status(status_raw)), *progress),
    }
}

fn of_create(state: &SendState) -> Option<(String, Option<f32>)> {
    match state {
        SendState::Sent { .. } => Some((words::creating(), None)),
        SendState::Unknown { look_up: LookUp::Running { .. }, problem } => Some((words::looking_up(problem), None)),
        SendState::Accepted { task_id, task, follow } => {
            let progress = task.as_ref().and_then(|task| task.progress);
            let line = if let Follow::Polling { problem: Some(problem), .. } = follow {
                words::task_poll_failed(task_id, problem)
            } else {
                words::task_status(task_id, status(task.as_ref().map_or("", |task| task.status_raw.as_str())))
            };
            Some((line, progress))
        }
        SendState::Refused(_) | SendState::NameTaken { .. } | SendState::Unknown { .. } => None,
    }
}

fn status(status_raw: &str) -> String {
    if status_raw.is_empty() { words::part_no_status() } else { status_raw.to_owned() }
}

/// Reports warnings and what could not be checked; broken rules only where they are sent anyway, for else they are the error.
pub fn rules<'r>(console: &Console, reports: impl IntoIterator<Item = &'r RuleReport>, send_anyway: bool) {
    for report in reports {
        match &report.verdict {
            Verdict::Warn(why) => console.warn(&words::rule(report.rule, why)),
            Verdict::Unchecked(why) => console.note(&words::rule_unchecked(report.rule, why)),
            Verdict::Broken(_) if send_anyway => {
                console.warn(&words::rule_sent_anyway(&Problem::of_rule(report).message));
            }
            Verdict::Broken(_) | Verdict::Pass => {}
        }
    }
}

/// When a wait is mentioned again where there is no line that updates: after 10 s, 30 s, 1 min, then each further minute.
#[derive(Debug, Default)]
pub struct Reminder {
    mentioned: u64,
}

impl Reminder {
    /// How long after the beginning of the wait it is mentioned next.
    pub const fn next(&self) -> Duration {
        Duration::from_secs(match self.mentioned {
            0 => 10,
            1 => 30,
            further => (further - 1) * 60,
        })
    }

    /// The line for now, and on to the next time.
    pub fn mention(&mut self, waiting_for: &str) -> String {
        let seconds = self.next().as_secs();
        self.mentioned += 1;
        words::still_waiting(waiting_for, format!("{}:{:02}", seconds / 60, seconds % 60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_wait_is_mentioned_now_and_then_with_its_length() {
        let mut reminder = Reminder::default();
        let lines: Vec<_> = (0..5).map(|_| reminder.mention("Creating the task…")).collect();
        let expected =
            ["0:10", "0:30", "1:00", "2:00", "3:00"].map(|time| format!("Creating the task… ({time} so far)"));
        assert_eq!(lines, expected);
    }
}
