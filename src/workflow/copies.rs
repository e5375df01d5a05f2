//! What is looked at of clip and voice: the file itself, or a copy on this machine of what is sent as an address or an id.

use std::path::{Path, PathBuf};

use crate::model::{ClipProbe, ClipSource, VoiceProbe, VoiceSource};

use super::choosing;
use super::command::Command;
use super::desk::{CopyIs, Probe};
use super::flow::Flow;
use super::step::{self, Context};

/// Takes another copy of the clip, or none. A file needs none, and no clip has none.
pub(super) fn set_clip_copy(flow: &mut Flow, copy: Option<PathBuf>, context: &mut Context) {
    if matches!(flow.desk.clip, Some(ClipSource::Url(_) | ClipSource::VideoId(_))) {
        flow.desk.clip_copy = copy;
        flow.desk.clip_copy_is = CopyIs::default();
        probe_clip(flow, context);
        choosing::place(flow);
    }
}

/// The same for the voice. What was fixed of the crop stays: it is the same sound.
pub(super) fn set_voice_copy(flow: &mut Flow, copy: Option<PathBuf>, context: &mut Context) {
    if matches!(flow.desk.voice, Some(VoiceSource::Url(_) | VoiceSource::AudioId(_))) {
        flow.desk.voice_copy = copy;
        flow.desk.voice_copy_is = CopyIs::default();
        probe_voice(flow, context);
        choosing::place(flow);
    }
}

/// Says whether the copy of the clip stands for what is sent: rules and placement are of what is known then.
pub(super) fn clip_copy_is(flow: &mut Flow, is: CopyIs<ClipProbe>) {
    if flow.desk.clip_copy.is_some() {
        flow.desk.clip_copy_is = is;
        step::check_clip(flow);
        choosing::place(flow);
    }
}

/// The same for the voice.
pub(super) fn voice_copy_is(flow: &mut Flow, is: CopyIs<VoiceProbe>) {
    if flow.desk.voice_copy.is_some() {
        flow.desk.voice_copy_is = is;
        step::check_voice(flow);
        choosing::place(flow);
    }
}

/// Begins to read the clip, where there is anything of it on this machine.
pub(super) fn probe_clip(flow: &mut Flow, context: &mut Context) {
    flow.desk.clip_rules.clear();
    flow.desk.clip_probe = match flow.desk.local_clip().map(Path::to_owned) {
        Some(path) => {
            let job = flow.new_job();
            context.push(Command::ProbeClip { job, path });
            Probe::Running(job)
        }
        None => Probe::None,
    };
}

/// The same for the voice.
pub(super) fn probe_voice(flow: &mut Flow, context: &mut Context) {
    flow.desk.voice_rules.clear();
    flow.desk.voice_probe = match flow.desk.local_voice().map(Path::to_owned) {
        Some(path) => {
            let job = flow.new_job();
            context.push(Command::ProbeVoice { job, path });
            Probe::Running(job)
        }
        None => Probe::None,
    };
}
