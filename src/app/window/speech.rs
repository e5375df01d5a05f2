//! A text is spoken: sent once, placed as the voice, and fetched to be heard.

use std::path::PathBuf;

use super::Window;
use crate::app::state::copies::{CopyOrigin, Remote};
use crate::app::state::entry::SourceSlot;
use crate::app::state::shell::Note;
use crate::app::state::speech::{Page, Progress, SpeechCommand, remember};
use crate::engine::journal::Service;
use crate::model::placement::Wanted;
use crate::model::{Problem, Spoken, VoiceSource};
use crate::workflow::PersonEvent;

impl Window {
    /// Applies a command of the dialog.
    pub(super) fn handle_speech(&mut self, command: SpeechCommand) {
        let state = &mut self.shell.speech;
        match command {
            SpeechCommand::Text(text) => state.edit(|speech| speech.text = text),
            SpeechCommand::Voice(id) => state.edit(|speech| speech.voice_id = id),
            SpeechCommand::Language(language) => state.edit(|speech| speech.language = language),
            SpeechCommand::Speed(speed) => state.edit(|speech| speech.speed = speed),
            SpeechCommand::Close => state.open = false,
            SpeechCommand::Show(page) => state.page = page,
            SpeechCommand::Use(id) => {
                let spoken = state.earlier.iter().find(|row| row.id == id).and_then(|row| row.spoken.clone());
                if let Some(spoken) = spoken.filter(|_| self.engine.flow().busy_with().is_none()) {
                    self.shell.speech.open = false;
                    self.use_spoken(&spoken);
                }
            }
            SpeechCommand::Speak => self.speak(),
            SpeechCommand::Hear => {
                if let Progress::Done(spoken) = &state.progress {
                    let voice = VoiceSource::AudioId(spoken.audio_id.clone());
                    if let Some(path) = self.shell.copies.voice_file(&voice) {
                        self.background.show(path.to_owned());
                    }
                }
            }
        }
    }

    fn speak(&mut self) {
        if self.view().service_obstacle().is_some() || self.shell.speech.obstacle().is_some() {
            return;
        }
        let name = self.shell.profile().name.clone();
        let speech = self.shell.speech.speech.clone();
        remember(&mut self.shell.settings.values.voice_ids, speech.voice_id.trim());
        self.shell.speech.progress = Progress::Sent(name.clone());
        self.background.speak(name, self.engine.speak(speech));
    }

    /// The service of this name has answered.
    pub(super) fn take_spoken(&mut self, name: &str, answer: Result<Spoken, Problem>) {
        self.read_speeches();
        let failed = answer.as_ref().err().map(|problem| problem.message.clone());
        let Some(spoken) = self.shell.speech.take(answer) else {
            if !self.shell.speech.open {
                self.shell.note = failed.map(Note::Bad);
            }
            return;
        };
        // A voice belongs to its service, and what is on its way keeps the voice that it has.
        if self.shell.profile().name != name || self.engine.flow().busy_with().is_some() {
            let words = format!("The text was spoken: its audio id at {name} is {}", spoken.audio_id);
            self.shell.note = Some(Note::Good(crate::secrets::shown(&words)));
            return;
        }
        self.use_spoken(&spoken);
    }

    /// Places a spoken text as the voice, and brings its sound here where it can be fetched.
    fn use_spoken(&mut self, spoken: &Spoken) {
        let voice = VoiceSource::AudioId(spoken.audio_id.clone());
        self.shell.voice_entry.set_voice(Some(&voice));
        self.engine.dispatch(PersonEvent::SetVoice(Some(voice)));
        if let Some(end_ms) = spoken.duration_ms {
            self.engine.dispatch(PersonEvent::Want(Wanted { end_ms: Some(end_ms), ..Wanted::default() }));
        }
        if spoken.url.is_none() {
            return;
        }
        match self.engine.keep_speech(spoken) {
            Ok(fetch) => self.background.fetch_speech(spoken.audio_id.clone(), fetch),
            Err(problem) => self.shell.note = Some(Note::Bad(problem.message)),
        }
    }

    /// Opens the dialog at this page, and reads what was spoken before.
    pub(super) fn open_speech(&mut self, page: Page) {
        self.shell.speech.open = true;
        self.shell.speech.page = page;
        self.read_speeches();
    }

    fn read_speeches(&self) {
        self.background.read_speeches(self.journal.clone(), Service::of(self.shell.profile()));
    }

    /// The sound of a spoken text is here, or why not. The voice can be used all the same.
    pub(super) fn take_sound(&mut self, audio_id: String, fetched: Result<PathBuf, Problem>) {
        match fetched {
            Ok(path) => {
                self.take_copy(SourceSlot::Voice, Remote::Id(audio_id), path, CopyOrigin::Spoken);
            }
            Err(problem) => {
                let words =
                    format!("The spoken text cannot be heard here: {}. It can be used all the same", problem.message);
                self.shell.note = Some(Note::Hint(crate::secrets::shown(&words)));
            }
        }
    }
}
