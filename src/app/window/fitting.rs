//! Making a clip or a voice fit: begun, stopped, and taken as the source.

use std::path::{Path, PathBuf};

use super::Window;
use crate::app::state::entry::SourceSlot;
use crate::app::state::fit::{Finished, FitCommand, Open, Running, Source, facts, probed};
use crate::app::state::shell::Note;
use crate::files::folders;
use crate::media::MediaError;
use crate::media::fit::{Fitted, Plan, plan};
use crate::model::fit::FitWish;
use crate::model::{ClipSource, VoiceSource};

impl Window {
    /// Shows what would be done to clip or voice.
    pub(super) fn open_fit(&mut self, slot: SourceSlot) {
        let file = probed(&self.view(), slot).map(|(file, _)| file);
        self.shell.fit.open = file.map(|file| Open { slot, file, wish: FitWish::default() });
    }

    pub(super) fn handle_fit(&mut self, command: FitCommand) {
        match command {
            FitCommand::Close => self.shell.fit.open = None,
            FitCommand::Wish(wish) => {
                if let Some(open) = &mut self.shell.fit.open {
                    open.wish = wish;
                }
            }
            FitCommand::Start => self.start_fit(),
            FitCommand::UseOriginal(slot) => {
                let desk = &self.engine.flow().desk;
                let in_use = match slot {
                    SourceSlot::Clip => desk.local_clip(),
                    SourceSlot::Voice => desk.local_voice(),
                };
                match self.shell.fit.finished(slot, in_use).map(|finished| finished.before.clone()) {
                    Some(Source::Clip(clip)) => self.shell.clip_entry.set_clip(Some(&clip)),
                    Some(Source::Voice(voice)) => self.shell.voice_entry.set_voice(Some(&voice)),
                    None => return,
                }
                self.commit(slot);
            }
        }
    }

    fn start_fit(&mut self) {
        let Some(open) = self.shell.fit.open.clone() else { return };
        let known = probed(&self.view(), open.slot).filter(|(file, _)| *file == open.file);
        let (Some((file, probed)), None) = (known, &self.shell.fit.running) else { return };
        match plan(&probed, open.wish) {
            Ok(plan) => {
                let out = self.fitted_path(open.slot, &file, &plan);
                let (job, done) = self.background.fit(open.slot, file.clone(), plan, out);
                let (was, since_ms) = (facts(&probed), self.engine.now_ms());
                self.shell.fit.running = Some(Running { slot: open.slot, file, was, since_ms, job, done });
            }
            Err(err) => self.shell.note = Some(Note::Bad(err.to_string())),
        }
    }

    /// Where the fitted copy goes: beside its original, and of a fetched copy to the results.
    fn fitted_path(&self, slot: SourceSlot, file: &Path, plan: &Plan) -> Option<PathBuf> {
        if !file.starts_with(&self.copies_folder) {
            return None;
        }
        let desk = &self.engine.flow().desk;
        let name = match slot {
            SourceSlot::Clip => desk.clip.as_ref().and_then(ClipSource::stem).unwrap_or_else(|| "clip".into()),
            SourceSlot::Voice => desk.voice.as_ref().map_or_else(|| "voice".into(), VoiceSource::name),
        };
        Some(plan.usual_name(&self.shell.settings.downloads().join(name)))
    }

    pub(super) fn stop_fitting(&self) {
        if let Some(running) = &self.shell.fit.running {
            running.job.cancel();
        }
    }

    /// Takes the fitted copy as the source, unless another was chosen meanwhile.
    pub(super) fn take_fitted(&mut self, slot: SourceSlot, source: &Path, fitted: Result<Box<Fitted>, MediaError>) {
        let was = self.shell.fit.running.take().map(|running| running.was).unwrap_or_default();
        match fitted {
            Ok(fitted) => {
                let Fitted { path, cures, copied, .. } = *fitted;
                let desk = &self.engine.flow().desk;
                let is_still = match slot {
                    SourceSlot::Clip => desk.local_clip() == Some(source),
                    SourceSlot::Voice => desk.local_voice() == Some(source),
                };
                let written = format!("The fitted copy is {}", folders::short(&path));
                let is_of_address = slot == SourceSlot::Clip && desk.clip_copy.is_some();
                // What a service cannot be sent does not take the place of an address that it can.
                if is_of_address && !self.engine.flow().terms.takes_files {
                    self.shell.fit.open = None;
                    let next = "put it where the service can reach it, and enter that address";
                    self.shell.note = Some(Note::Good(format!("{written}: {next}")));
                    return;
                }
                let before = match slot {
                    SourceSlot::Clip => desk.clip.clone().map(Source::Clip),
                    SourceSlot::Voice => desk.voice.clone().map(Source::Voice),
                };
                if let Some(before) = before.filter(|_| is_still && self.engine.flow().busy_with().is_none()) {
                    self.shell.fit.open = None;
                    let original = source.to_owned();
                    let finished = Finished { path: path.clone(), original, before, was, cures, copied };
                    self.shell.fit.set_finished(slot, finished);
                    self.take_file(slot, &path);
                }
                self.shell.note = Some(Note::Good(written));
            }
            Err(MediaError::Cancelled) => {}
            Err(err) => self.shell.note = Some(Note::Bad(format!("It was not made to fit: {err}"))),
        }
    }
}
