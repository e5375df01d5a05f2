//! What `viseme fit` can do about a rule that a clip or a voice breaks: the command to type.

use std::path::Path;

use super::runner::Runner;
use super::words;
use crate::engine::shell::quoted;
use crate::model::fit::{ClipFit, FitWish, VoiceFit};
use crate::model::{ClipSource, Problem, Verdict, VoiceSource};
use crate::workflow::Desk;

/// The command that cures what breaks this rule; `None` where nothing here does.
fn cure(desk: &Desk, rule: &str) -> Option<String> {
    let command = |file: &Path| format!("viseme fit {}", quoted(&file.to_string_lossy()));
    if rule.starts_with("video.") {
        let (Some(ClipSource::File(file)), Some(clip)) = (&desk.clip, desk.clip_probe.known()) else { return None };
        let fit = ClipFit::of(clip, FitWish::default()).ok()?;
        return (!fit.cures.is_empty()).then(|| command(file));
    }
    if rule.starts_with("audio.") || rule == "R3" {
        let (Some(VoiceSource::File(file)), Some(voice)) = (&desk.voice, desk.voice_probe.known()) else { return None };
        let fit = VoiceFit::of(voice, FitWish::default()).ok()?;
        return (!fit.cures.is_empty()).then(|| command(file));
    }
    None
}

impl Runner<'_> {
    /// A problem of a rule that `viseme fit` cures, with the command in its hint.
    pub(super) fn with_cure(&self, problem: Problem) -> Problem {
        let Some(command) = problem.rule.as_deref().and_then(|rule| cure(&self.flow().desk, rule)) else {
            return problem;
        };
        let hint = problem.hint.iter().cloned().chain([words::fit_hint(command)]).collect::<Vec<_>>().join(". ");
        problem.with_hint(hint)
    }

    /// Hints at what cures what is doubtful, or broken and sent anyway.
    pub(super) fn hint_at_cures(&self, send_anyway: bool) {
        let desk = &self.flow().desk;
        let mut commands: Vec<String> = Vec::new();
        for report in desk.clip_rules.iter().chain(&desk.voice_rules) {
            let is_told = match report.verdict {
                Verdict::Warn(_) => true,
                Verdict::Broken(_) => send_anyway,
                Verdict::Pass | Verdict::Unchecked(_) => false,
            };
            if is_told && let Some(command) = cure(desk, report.rule).filter(|command| !commands.contains(command)) {
                commands.push(command);
            }
        }
        for command in commands {
            self.console.hint(&words::fit_hint(command));
        }
    }
}
