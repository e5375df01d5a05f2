//! Figures against their budgets: printed as they come, counted at the end.

#![allow(dead_code, reason = "each benchmark uses its own part")]

use std::process::ExitCode;

/// What was measured so far, and how much of it was too much.
#[derive(Debug, Default)]
pub struct Figures {
    over: usize,
}

impl Figures {
    /// Prints a figure without a budget of its own.
    #[allow(clippy::unused_self, reason = "printed in one way, with a budget or without")]
    pub fn report(&self, what: &str, figure: &str) {
        println!("{what:<52} {figure:<40}");
    }

    /// Prints a figure, and whether `value` is within `most`.
    pub fn judge(&mut self, what: &str, figure: &str, value: f64, most: f64, budget: &str) {
        // What is no number is no success either.
        let ok = value <= most;
        self.over += usize::from(!ok);
        println!("{what:<52} {figure:<40} {:<5} {budget}", if ok { "ok" } else { "OVER" });
    }

    /// Failure where any figure was over its budget.
    pub fn verdict(self) -> ExitCode {
        if self.over == 0 {
            println!("every figure is within its budget");
            return ExitCode::SUCCESS;
        }
        println!("{} over the budget", self.over);
        ExitCode::FAILURE
    }
}

/// The value at this share of the sorted whole: 0.5 is the median.
pub fn at<T: Copy + Ord>(values: &mut [T], share: f64) -> T {
    values.sort_unstable();
    values[((values.len() - 1) as f64 * share).round() as usize]
}
