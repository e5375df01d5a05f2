//! A person at a window or a command line: mostly goes on with the job, sometimes presses anything.

use viseme::engine::Engine;
use viseme::model::placement::Wanted;
use viseme::model::{ClipSource, VoiceSource};
use viseme::workflow::{Consent, Details, Follow, LookUp, PersonEvent, SendState, Stage};

use crate::service::{CLIP, Kind};
use crate::universe::{Shared, lock};

/// What a person does next; `None`: nothing.
pub fn next(shared: &Shared, engine: &Engine, process: usize) -> Option<PersonEvent> {
    let consent = Consent::given_by_a_person();
    let mut universe = lock(shared);
    let (kind, is_calm) = (universe.service.kind, universe.is_calm);
    let is_odd = !is_calm && universe.chance.percent(12);
    if is_odd {
        let tasks = universe.service.tasks.len().max(1) as u64;
        let number = universe.chance.within(0, tasks) as usize;
        let task_id = universe.service.tasks.get(number).map(|task| task.id.clone()).unwrap_or_default();
        let odd = match universe.chance.within(0, 10) {
            0 => PersonEvent::Abandon,
            1 => PersonEvent::Follow { task_id, wait: true },
            2 => PersonEvent::LookUp,
            3 => PersonEvent::CancelLookUp,
            4 => PersonEvent::Pause,
            5 => PersonEvent::Resume,
            6 => PersonEvent::LeaveTask(consent),
            7 => PersonEvent::Back,
            8 => PersonEvent::Cancel,
            _ => PersonEvent::Resend(consent),
        };
        if matches!(odd, PersonEvent::Resend(_)) {
            excuse(&mut universe, engine);
        }
        return Some(odd);
    }
    let desk = &engine.flow().desk;
    Some(match &engine.flow().stage {
        Stage::Idle(_) if desk.clip.is_none() => PersonEvent::SetClip(Some(ClipSource::Url(CLIP.into()))),
        Stage::Idle(_) if desk.voice.is_none() => PersonEvent::SetVoice(Some(VoiceSource::AudioId("audio".into()))),
        Stage::Idle(_) => PersonEvent::Identify { send_anyway: false },
        Stage::Identifying(_) => return None,
        Stage::Choosing(choosing) if choosing.placement.is_none() => {
            PersonEvent::Want(Wanted { start_ms: Some(0), end_ms: Some(4_000), insert_ms: None })
        }
        // A name of one's own that was refused is given up.
        Stage::Choosing(choosing) if choosing.problem.is_some() && desk.details.external_task_id.is_some() => {
            PersonEvent::SetDetails(Details::default())
        }
        Stage::Choosing(choosing) if choosing.problem.is_some() && universe.chance.percent(50) => {
            PersonEvent::IdentifyAgain
        }
        Stage::Choosing(_) if universe.chance.percent(10) && desk.details.external_task_id.is_none() => {
            let name = format!("order-{}", universe.chance.within(0, 4));
            PersonEvent::SetDetails(Details { external_task_id: Some(name), ..Details::default() })
        }
        Stage::Choosing(_) if is_calm => return None,
        Stage::Choosing(_) => {
            let number = universe.number();
            let fresh_external_task_id = Some(format!("viseme-{process}-{number}"));
            if universe.chance.percent(30) {
                universe.count("enqueued");
                PersonEvent::Enqueue { fresh_external_task_id }
            } else {
                PersonEvent::Submit { fresh_external_task_id, send_anyway: false }
            }
        }
        Stage::Submitted(submitted) => match &submitted.state {
            SendState::Refused(_) | SendState::NameTaken { .. } => PersonEvent::Back,
            SendState::Accepted { follow: Follow::Paused(_), .. } => {
                if universe.chance.percent(60) {
                    PersonEvent::Resume
                } else {
                    PersonEvent::LeaveTask(consent)
                }
            }
            SendState::Sent { .. } | SendState::Accepted { .. } => return None,
            SendState::Unknown { look_up, .. } => match look_up {
                LookUp::Running { .. } => return None,
                LookUp::NotFound if kind == Kind::Kirin => PersonEvent::Abandon,
                LookUp::NotFound if universe.chance.percent(70) => PersonEvent::Resend(consent),
                LookUp::Failed(_) | LookUp::NotFound => PersonEvent::LookUp,
                LookUp::Impossible if universe.chance.percent(30) => {
                    excuse(&mut universe, engine);
                    PersonEvent::Resend(consent)
                }
                LookUp::Impossible => PersonEvent::Abandon,
            },
        },
        Stage::Done(_) if universe.chance.percent(30) => PersonEvent::NewClip,
        Stage::Done(_) => PersonEvent::Again,
    })
}

/// What a person does about the queue: mostly has it go on, also where it halted or an earlier window left it.
pub fn minds_the_queue(shared: &Shared, engine: &Engine) {
    let Some(queue) = engine.queue() else { return };
    let does = {
        let mut universe = lock(shared);
        if queue.waiting().next().is_some() && queue.halt.is_some() {
            universe.count("queue goes on");
        }
        universe.chance.within(0, 10)
    };
    match does {
        0 => engine.pause_queue(),
        1 => engine.clear_queue(),
        2 | 3 => {
            if let Some(job) = queue.waiting().last() {
                lock(shared).count("queue removed");
                engine.remove_from_queue(job.id);
            }
        }
        _ => engine.resume_queue(),
    }
}

/// A person sends an unclear create again although nothing says that it was not taken.
fn excuse(universe: &mut crate::universe::Universe, engine: &Engine) {
    if let Stage::Submitted(submitted) = &engine.flow().stage
        && let Some(submission) = &submitted.submission
        // What was refused before it was sent is not sent again either.
        && let Some(truth) = universe.intents.get_mut(&submission.external_task_id)
    {
        truth.excused += 1;
    }
}
