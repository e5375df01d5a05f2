//! What must hold at the end of a life.

use viseme::journal::{IntentState, Journal, Origin, Service};
use viseme::model::Profile;

use crate::service::Kind;
use crate::universe::{Counts, Shared, lock};

/// What must hold at the end.
pub fn check(shared: &Shared, journal: &Journal, profile: &Profile) {
    if !lock(shared).wrong.is_empty() {
        return;
    }
    let at = Service::of(profile);
    let mut counts = Counts::new();
    let universe = lock(shared);
    let mut wrong = Vec::new();
    for (name, truth) in &universe.intents {
        let known = journal.find(name).unwrap();
        let known = known.iter().find(|intent| {
            intent.origin == Origin::Created
                && intent.external_task_id.as_deref() == Some(name)
                && intent.service.is_same(&at)
        });
        let Some(intent) = known else {
            wrong.push(format!("nothing is known of {name}, which was sent ({} tasks)", truth.created.len()));
            continue;
        };
        *counts.entry(intent.state.word()).or_default() += 1;
        if let Some(by) = intent.settled_by {
            *counts.entry(by.word()).or_default() += 1;
        }
        let is_lost = matches!(
            intent.state,
            IntentState::Refused
                | IntentState::Nothing
                | IntentState::NameTaken
                | IntentState::Withdrawn
                | IntentState::Intended
        );
        if is_lost && !truth.created.is_empty() {
            wrong.push(format!("{name} is {}, and its task {:?} is lost", intent.state.word(), truth.created));
        }
        if let Some(task) = &intent.task
            && !truth.created.contains(&task.task_id)
        {
            wrong.push(format!("{name} has {}, which is not its own", task.task_id));
        }
        if universe.service.kind == Kind::Official && matches!(intent.state, IntentState::Sent | IntentState::Unknown) {
            wrong.push(format!("{name} is {} at the end", intent.state.word()));
        }
    }
    drop(universe);
    let mut universe = lock(shared);
    universe.wrong.extend(wrong);
    for (word, count) in counts {
        *universe.counts.entry(word).or_default() += count;
    }
}
