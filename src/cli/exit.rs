//! Exit codes: one for each way a command can end.

use crate::model::{Problem, ProblemKind};

/// Done.
pub const DONE: u8 = 0;
/// Usage, a local file, or a rule broken before sending.
pub const USAGE: u8 = 2;
/// The outcome of a create is unknown.
pub const UNKNOWN: u8 = 5;
/// A task goes on without us.
pub const PAUSED: u8 = 6;
/// Stopped by the person before anything was created: 128 + SIGINT, as shells have it.
pub const STOPPED: u8 = 130;
/// The program itself failed: `EX_SOFTWARE` of sysexits.h.
pub const INTERNAL: u8 = 70;

/// The exit code of a problem.
pub const fn of(problem: &Problem) -> u8 {
    match problem.kind {
        ProblemKind::TaskFailed => 1,
        ProblemKind::Usage | ProblemKind::Rule | ProblemKind::File | ProblemKind::NoFace => USAGE,
        ProblemKind::Refused => 3,
        ProblemKind::NoAnswer | ProblemKind::Unreadable => 4,
        ProblemKind::OutcomeUnknown => UNKNOWN,
        ProblemKind::Paused => PAUSED,
        ProblemKind::Cancelled => STOPPED,
        ProblemKind::Internal => INTERNAL,
    }
}
