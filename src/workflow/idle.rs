//! Stage 1: from the clip on the desk to a request for its faces.

use crate::model::rule::first_broken;
use crate::model::{ClipSource, Problem, ProblemKind};

use super::desk::Probe;
use super::flow::Flow;
use super::identifying;
use super::stage::Stage;
use super::step::Context;
use super::words;

/// Begins to find the faces, or says why not.
pub(super) fn identify(flow: &mut Flow, send_anyway: bool, context: &mut Context) {
    let Stage::Idle(idle) = &mut flow.stage else { return };
    idle.problem = None;
    idle.faceless = None;
    let pays_again = std::mem::take(&mut idle.pays_again);
    if matches!(flow.desk.clip_probe, Probe::Running(_)) {
        idle.identify_after_probe = Some(send_anyway);
        idle.pays_again = pays_again;
        return;
    }
    match source_to_send(flow, send_anyway) {
        Ok(source) if flow.terms.recalls_faces && !pays_again => identifying::recall_or_start(flow, source, context),
        Ok(source) => identifying::start(flow, source, None, context),
        Err(problem) => {
            if let Stage::Idle(idle) = &mut flow.stage {
                idle.problem = Some(problem);
            }
        }
    }
}

/// Goes on with an identify that waited for the probe.
pub(super) fn after_probe(flow: &mut Flow, context: &mut Context) {
    if let Stage::Idle(idle) = &mut flow.stage
        && let Some(send_anyway) = idle.identify_after_probe.take()
    {
        identify(flow, send_anyway, context);
    }
}

/// The clip as it may be sent, or the reason why it may not.
pub(super) fn source_to_send(flow: &Flow, send_anyway: bool) -> Result<ClipSource, Problem> {
    let Some(source) = &flow.desk.clip else {
        return Err(Problem::new(ProblemKind::Usage, words::no_clip()).with_hint(words::no_clip_hint()));
    };
    match source {
        ClipSource::File(path) if !flow.terms.takes_files && flow.terms.storage.is_none() => {
            let words = words::takes_no_files(path.display(), &flow.terms.profile);
            return Err(Problem::new(ProblemKind::Usage, words).with_hint(words::takes_no_files_hint()));
        }
        ClipSource::Url(url) if !send_anyway && !is_http(url) => {
            return Err(Problem::new(ProblemKind::Usage, words::clip_address(url)).with_hint(words::address_hint()));
        }
        ClipSource::VideoId(id) if !send_anyway && id.trim().is_empty() => {
            return Err(Problem::new(ProblemKind::Usage, words::video_id_empty()));
        }
        ClipSource::File(_) | ClipSource::Url(_) | ClipSource::VideoId(_) => {}
    }
    if !send_anyway {
        // A copy that cannot be read here hinders nobody from sending the address.
        if let (ClipSource::File(_), Some(problem)) = (source, flow.desk.clip_probe.problem()) {
            return Err(problem.clone());
        }
        if let Some(report) = first_broken(&flow.desk.clip_rules) {
            return Err(Problem::of_rule(report));
        }
    }
    Ok(source.clone())
}

/// Whether this is an address of a scheme that services fetch.
#[must_use]
pub fn is_http(url: &str) -> bool {
    let lower = url.trim().to_ascii_lowercase();
    ["http://", "https://"].iter().any(|scheme| lower.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
}
