//! Exit codes: one for each way a command can end.

use crate::model::{Problem, ProblemKind};

/// Done.
pub const DONE: u8 = 0;
/// The task failed at the service.
const TASK_FAILED: u8 = 1;
/// A result is not what was asked for.
pub const NOT_AS_ASKED: u8 = 1;
/// Usage, a local file, or a rule broken before sending.
pub const USAGE: u8 = 2;
/// The service refused, or no usable face was found.
const REFUSED: u8 = 3;
/// No answer, or one that cannot be read.
const NO_ANSWER: u8 = 4;
/// The outcome of a create is unknown, or its name was used before by another task.
const UNKNOWN: u8 = 5;
/// The task goes on at the service.
const PAUSED: u8 = 6;
/// Stopped by the person before anything was created: 128 + SIGINT, as shells have it.
const STOPPED: u8 = 130;
/// The program itself failed: `EX_SOFTWARE` of sysexits.h.
const INTERNAL: u8 = 70;

/// Which of these codes matters most: what may have been paid and is not there comes first.
pub fn worst(codes: impl Iterator<Item = u8>) -> u8 {
    const ORDER: [u8; 8] = [INTERNAL, UNKNOWN, PAUSED, NO_ANSWER, REFUSED, TASK_FAILED, USAGE, STOPPED];
    codes.min_by_key(|code| ORDER.iter().position(|known| known == code).unwrap_or(ORDER.len())).unwrap_or(DONE)
}

/// The exit code of a problem.
pub const fn of(problem: &Problem) -> u8 {
    match problem.kind {
        ProblemKind::TaskFailed => TASK_FAILED,
        ProblemKind::Usage | ProblemKind::Rule | ProblemKind::File => USAGE,
        ProblemKind::Refused | ProblemKind::NoFace => REFUSED,
        ProblemKind::NoAnswer | ProblemKind::Unreadable => NO_ANSWER,
        ProblemKind::OutcomeUnknown | ProblemKind::NameTaken => UNKNOWN,
        ProblemKind::Paused => PAUSED,
        ProblemKind::Cancelled => STOPPED,
        ProblemKind::Internal => INTERNAL,
    }
}
