//! What the window knows of the account of the service in use.

use crate::engine::AccountReport;
use crate::model::Problem;

/// The account, as it was last asked for.
#[derive(Debug, Default)]
pub struct State {
    /// Of which service it is being asked for, by the name of its profile.
    pub asking: Option<String>,
    /// What came of that, and of which service.
    known: Option<(String, Result<AccountReport, Problem>)>,
}

impl State {
    /// What is known of the account of this service; `None` where it was not asked for, or is being asked for the first time.
    #[must_use]
    pub fn of(&self, profile: &str) -> Option<&Result<AccountReport, Problem>> {
        self.known.as_ref().filter(|(name, _)| name == profile).map(|(_, known)| known)
    }

    /// Whether it is being asked for at this service.
    #[must_use]
    pub fn is_asking(&self, profile: &str) -> bool {
        self.asking.as_deref() == Some(profile)
    }

    /// Takes an answer; that of a service which is not the one that was asked last is dropped.
    pub fn take(&mut self, profile: String, answer: Result<AccountReport, Problem>) {
        if self.is_asking(&profile) {
            self.asking = None;
            self.known = Some((profile, answer));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ProblemKind;

    #[test]
    fn an_answer_counts_for_the_service_that_was_asked_last() {
        let failed = || Err(Problem::new(ProblemKind::NoAnswer, "silent"));
        let mut state = State { asking: Some("a".into()), ..State::default() };
        state.asking = Some("b".into());
        state.take("a".into(), failed());
        assert!(state.of("a").is_none() && state.is_asking("b"));
        state.take("b".into(), failed());
        assert!(state.of("b").is_some() && state.of("a").is_none() && !state.is_asking("b"));
        state.take("b".into(), failed());
        assert!(!state.is_asking("b"));
    }
}
