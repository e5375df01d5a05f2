//! Events played by hand.

use super::fixtures::*;
use crate::model::{CallOutcome, ClipSource, Dialect, StoredFile, TaskStatus, VoiceSource};
use crate::workflow::*;

/// Plays events by hand: what a person does, and the answers to the commands, in order.
pub struct Play {
    pub flow: Flow,
    pub commands: Vec<Command>,
    /// The wall clock.
    pub now_ms: i64,
    /// The clock that nobody sets.
    pub steady_ms: i64,
}

impl Play {
    pub fn new(dialect: Dialect) -> Self {
        Self { flow: Flow::new(terms(dialect)), commands: Vec::new(), now_ms: 0, steady_ms: 0 }
    }

    pub fn event(&mut self, event: impl Into<Event>) {
        let flow = self.flow.clone();
        let (flow, commands) = step(flow, event.into(), Now { wall_ms: self.now_ms, steady_ms: self.steady_ms });
        self.flow = flow;
        self.commands.extend(commands);
    }

    /// Answers the oldest open command of this kind.
    pub fn answer(&mut self, with: JobEvent) {
        let open = awaited(&self.flow);
        let fits = |command: &Command| {
            matches!(
                (command, &with),
                (Command::ProbeClip { .. }, JobEvent::ClipProbed(_))
                    | (Command::ProbeVoice { .. }, JobEvent::VoiceProbed(_))
                    | (Command::ConvertVoice { .. }, JobEvent::VoiceConverted(_))
                    | (Command::RecallFaces { .. }, JobEvent::FacesRecalled(_))
                    | (Command::CompareClip { .. }, JobEvent::ClipCompared(_))
                    | (Command::Upload { .. }, JobEvent::Uploaded(_))
                    | (Command::Identify { .. }, JobEvent::Identified(_))
                    | (Command::PollIdentify { .. }, JobEvent::IdentifyPolled(_))
                    | (
                        Command::RecordAccepted { .. } | Command::RecordEnded { .. } | Command::QueueTask { .. },
                        JobEvent::Recorded(_)
                    )
                    | (Command::CreateTask { .. }, JobEvent::Created(_))
                    | (Command::LookUp { .. }, JobEvent::LookedUp(_))
                    | (Command::Query { .. }, JobEvent::Polled(_))
                    | (Command::Download { .. }, JobEvent::Downloaded(_))
            )
        };
        // That a job waits is not awaited: whatever comes of it, the flow goes on.
        let is_open = |c: &Command| matches!(c, Command::QueueTask { .. }) || open.contains(&c.job());
        let job = self.commands.iter().find(|c| is_open(c) && fits(c)).map(Command::job);
        let job = job.unwrap_or_else(|| panic!("no command awaits {with:?}: {:?}", self.commands));
        self.event(Event::Job { job, answer: with });
    }

    pub fn to_choosing(faces: u8) -> Self {
        let mut play = Self::new(Dialect::Kling);
        play.event(PersonEvent::SetClip(Some(ClipSource::File("clip.mp4".into()))));
        play.answer(JobEvent::ClipProbed(Ok(clip_probe())));
        play.event(PersonEvent::SetVoice(Some(VoiceSource::File("voice.mp3".into()))));
        play.answer(JobEvent::VoiceProbed(Ok(voice_probe())));
        play.event(PersonEvent::Identify { send_anyway: false });
        play.answer(JobEvent::Uploaded(Ok(StoredFile::at("http://127.0.0.1/clip"))));
        play.answer(JobEvent::Identified(Ok(IdentifyAnswer::Ready(Box::new(session(faces))))));
        play
    }

    pub fn submit(&mut self) {
        self.event(PersonEvent::Submit { fresh_external_task_id: Some("fresh".into()), send_anyway: false });
    }

    /// A task that was accepted, whose id is written down and which is being polled.
    pub fn to_accepted() -> Self {
        let mut play = Self::to_choosing(1);
        play.submit();
        play.answer(JobEvent::Created(CallOutcome::Done(Box::new(task(TaskStatus::Submitted)))));
        play.answer(JobEvent::Recorded(Ok(())));
        play
    }

    /// A task that succeeded.
    pub fn to_done() -> Self {
        let mut play = Self::to_accepted();
        play.answer(JobEvent::Polled(Ok(Box::new(task(TaskStatus::Succeed)))));
        play
    }

    pub fn queries(&self) -> usize {
        self.commands.iter().filter(|command| matches!(command, Command::Query { .. })).count()
    }

    pub fn choosing(&self) -> &Choosing {
        match &self.flow.stage {
            Stage::Choosing(choosing) => choosing,
            other => panic!("{other:?}"),
        }
    }

    pub fn state(&self) -> &SendState {
        match &self.flow.stage {
            Stage::Submitted(submitted) => &submitted.state,
            other => panic!("{other:?}"),
        }
    }
}
