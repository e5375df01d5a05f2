//! The problems with which a job on the engine ends early: what is known, what it means for the money, and the command to type next.

use serde_json::{Value, json};

use super::connection::Hosted;
use super::runner::Runner;
use super::stop::Stop;
use super::{exit, report, settle, words};
use crate::engine::journal::{Intent, IntentState, Refusal};
use crate::engine::shell;
use crate::model::task::date_text;
use crate::model::{Problem, ProblemKind, Task};
use crate::workflow::{Follow, LookUp, Names, SendState, Stage, Submitted};

impl Runner<'_> {
    /// The problem for a create whose outcome is unknown: what looking it up found, and the command that looks it up again.
    pub(super) fn unknown_outcome(&self, problem: &Problem, look_up: &LookUp) -> Problem {
        let name = report::external_task_id(self.flow()).unwrap_or_default();
        let found = match look_up {
            LookUp::NotFound => words::look_up_found_nothing(name),
            LookUp::Failed(failure) => words::look_up_failed(name, failure),
            LookUp::Impossible | LookUp::Running { .. } => words::look_up_impossible(),
        };
        let message = words::unknown_outcome(&problem.message, &found);
        Problem { message, ..problem.clone() }.with_hint(self.how_to_look_up(name))
    }

    fn how_to_look_up(&self, name: &str) -> String {
        if self.tasks_end_with_it() {
            words::unknown_in_own_sandbox()
        } else if self.flow().terms.names != Names::Unseen {
            let command = shell::look_up_command(name, self.service_options());
            let hint = words::look_up_hint(command);
            match settle::certain_with(self.engine.profile()) {
                Some(certain) => words::look_up_certain_hint(hint, certain),
                None => hint,
            }
        } else {
            words::look_up_by_hand(name)
        }
    }

    /// The problem for a paused task, with the command that resumes it.
    pub(super) fn paused(&self, last: Option<&Problem>) -> Problem {
        let limit = self.flow().terms.poll_limit_ms as f64 / 1000.0;
        let limit_s = self.limit.map_or(limit, |limit| limit.as_secs_f64());
        let task_id = report::task_id(self.flow()).unwrap_or_default();
        let message = match last {
            None => words::paused(task_id, limit_s),
            Some(last) => words::paused_after_failed_poll(task_id, limit_s, last),
        };
        Problem::new(ProblemKind::Paused, message).with_hint(self.how_to_resume(task_id))
    }

    fn how_to_resume(&self, task_id: &str) -> String {
        if self.tasks_end_with_it() {
            words::own_sandbox_ends()
        } else if self.has_own_sandbox() {
            words::own_sandbox_goes_on(self.command_to_follow())
        } else {
            words::resume_hint(shell::task_command(task_id, "--wait", self.service_options()))
        }
    }

    /// The command that follows the task.
    pub(super) fn command_to_follow(&self) -> String {
        let task_id = report::task_id(self.flow()).unwrap_or_default();
        shell::task_command(task_id, "--wait", self.service_options())
    }

    /// The problem for a name that was used before, with the task of that name and the commands for either way on.
    pub(super) fn name_taken(&self, problem: &Problem, task: Option<&Task>) -> Problem {
        let Some(task) = task else { return self.other_name(problem.clone(), words::other_name_hint()) };
        let created = task.created_at_ms.map_or_else(words::part_unknown_time, date_text);
        let message = words::name_taken(&problem.message, &task.task_id, &task.status_raw, created);
        let command = shell::task_command(&task.task_id, "--wait", self.service_options());
        self.other_name(Problem { message, ..problem.clone() }, words::name_taken_hint(command))
    }

    /// The problem for a name that the journal knows as used, as [`Self::name_taken`]: the service was not asked.
    pub(super) fn name_used(&mut self, by: Intent) -> Problem {
        let (task, state) = (by.task.clone(), by.state);
        let name = shell::quoted(by.external_task_id.as_deref().unwrap_or_default());
        let problem = Refusal::NameUsed(Box::new(by)).problem();
        match state {
            IntentState::Sent | IntentState::Unknown => {
                return self.other_name(problem, words::name_open_hint(name));
            }
            IntentState::Intended => return self.other_name(problem, words::name_waits_hint(name)),
            _ => {}
        }
        let Some(task) = task else { return self.other_name(problem, words::other_name_hint()) };
        self.name_taken_by = Some(
            json!({ "task_id": task.task_id, "status": task.status, "status_raw": task.status_raw, "created_at_ms": task.accepted_ms }),
        );
        let status = if task.status_raw.is_empty() { words::part_no_status() } else { task.status_raw };
        let message = words::name_taken(&problem.message, &task.task_id, status, date_text(task.accepted_ms));
        let command = shell::task_command(&task.task_id, "--wait", self.service_options());
        self.other_name(Problem { message, ..problem }, words::name_taken_hint(command))
    }

    /// The problem of a name with its hint; and what was paid all the same, where the faces were found just now.
    fn other_name(&self, problem: Problem, hint: String) -> Problem {
        let faces_are_new = self.flow().faces().is_some_and(|faces| !faces.recalled);
        if !faces_are_new {
            return problem.with_hint(hint);
        }
        let message = words::only_faces_paid(&problem.message);
        let hint = if self.flow().terms.recalls_faces { words::faces_stay_hint(hint) } else { hint };
        Problem { message, ..problem }.with_hint(hint)
    }

    /// What the service or the journal said to a create, in the words of the command line.
    pub(super) async fn of_create(&mut self) -> Problem {
        let problem = self.problem_or(words::not_created());
        let name = report::external_task_id(self.flow()).map(str::to_owned);
        // Another process used it while the faces were found.
        if let (ProblemKind::NameTaken | ProblemKind::OutcomeUnknown, Some(name)) = (problem.kind, name)
            && let Ok(Some(by)) = self.engine.name_used(&name).await
        {
            return self.name_used(by);
        }
        self.of_recalled(problem)
    }

    /// The problem for a job whose time is over: it depends on what was sent.
    pub(super) fn timed_out(&self) -> Problem {
        let limit_s = self.limit.unwrap_or_default().as_secs_f64();
        let nothing_created =
            |words: String| Problem::new(ProblemKind::NoAnswer, words).with_hint(words::wait_longer());
        match &self.flow().stage {
            Stage::Submitted(Submitted { state, .. }) => match state {
                SendState::Refused(last) => nothing_created(words::timed_out_before_resending(limit_s, last)),
                SendState::Accepted { follow: Follow::Polling { problem, .. }, .. } => self.paused(problem.as_ref()),
                SendState::Accepted { .. } => self.paused(None),
                SendState::NameTaken { problem, task } => self.name_taken(problem, task.as_deref()),
                SendState::Sent { .. } | SendState::Unknown { .. } => self.interrupted(),
            },
            Stage::Done(done) => Problem::new(ProblemKind::Paused, words::timed_out_while_saving(limit_s))
                .with_hint(self.how_to_resume(&done.task.task_id)),
            _ => nothing_created(words::timed_out_before_anything(limit_s)),
        }
    }

    /// The problem for an interruption: it depends on what was sent.
    pub(super) fn interrupted(&self) -> Problem {
        let stopped = |words: String| Problem::new(ProblemKind::Cancelled, words);
        match &self.flow().stage {
            Stage::Submitted(Submitted { state, .. }) => {
                let name = report::external_task_id(self.flow()).unwrap_or_default();
                match state {
                    SendState::Sent { .. } | SendState::Unknown { .. } => {
                        Problem::new(ProblemKind::OutcomeUnknown, words::stopped_during_create(name))
                            .with_hint(self.how_to_look_up(name))
                    }
                    SendState::Refused(last) => stopped(words::stopped_before_resending(last)),
                    SendState::NameTaken { problem, task } => self.name_taken(problem, task.as_deref()),
                    SendState::Accepted { task_id, .. } => {
                        Problem::new(ProblemKind::Paused, words::stopped_while_following(task_id))
                            .with_hint(self.how_to_resume(task_id))
                    }
                }
            }
            Stage::Done(done) => Problem::new(ProblemKind::Paused, words::stopped_while_saving())
                .with_hint(self.how_to_resume(&done.task.task_id)),
            _ => stopped(words::stopped_before_anything()),
        }
    }

    /// Ends the job: writes its problem, its JSON object where one is wanted, and stops the sandbox. Returns the exit code.
    pub async fn end(mut self, outcome: Result<(), Stop>) -> u8 {
        let (code, object) = self.conclude(outcome).await;
        if let Hosted::Here(sandbox) = self.sandbox {
            drop(self.engine);
            sandbox.shutdown().await;
        }
        report::finish(self.console, object, code)
    }

    /// Waits for what is being written down, and writes the problem. Returns the exit code and the object of the job.
    pub async fn conclude(&mut self, outcome: Result<(), Stop>) -> (u8, Value) {
        // What is being written down is of a paid task: that takes as long as the disk does.
        while self.flow().is_recording() {
            tokio::select! {
                more = self.engine.next() => if !more { break },
                () = self.interrupts.next() => break,
            }
        }
        self.report_warnings();
        let problem = match outcome {
            Ok(()) => None,
            Err(Stop::Problem(problem)) => Some(self.with_cure(*problem)),
            Err(Stop::Interrupted) => Some(self.interrupted()),
            Err(Stop::TimedOut) => Some(self.timed_out()),
        };
        self.console.clear_progress();
        if let Some(problem) = &problem {
            self.console.problem(problem);
        }
        if let Some(line) = report::cost_line(self.identify_cost.as_ref(), report::task_cost(self.flow())) {
            self.console.say(&if self.engine.profile().is_sandbox() { words::cost_in_sandbox(line) } else { line });
        }
        let object = report::of_job(self, problem.as_ref());
        (problem.as_ref().map_or(exit::DONE, exit::of), object)
    }
}
