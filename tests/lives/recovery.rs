//! What a process does at its start about intents that nobody works on any more: takes them over and settles them, by the calls of
//! client and journal that are there for it.

use std::sync::Arc;

use viseme::journal::{Intent, IntentState, Journal, Owner, Settled};
use viseme::model::{CallOutcome, ClipSource, Ownership, SentCreate, Submission, Task, VoiceSource};
use viseme::service::world::World;
use viseme::service::{Client, Clock};

use crate::guards::Guard;
use crate::service::{CLIP, Kind, SESSION_MS};
use crate::universe::lock;
use crate::world::OfProcess;

/// How often a name is looked for before it counts as not found.
const LOOKS: u32 = 3;
/// How long nothing may have been heard of a create before it counts as never taken, in milliseconds.
const GONE_MS: u64 = 120_000;

pub struct Recovery {
    pub world: Arc<OfProcess>,
    pub client: Client,
    pub journal: Journal,
    pub owner: Owner,
    pub kind: Kind,
}

enum Found {
    Ours(String),
    Another(String),
    Nothing,
    Unclear,
}

impl Recovery {
    pub async fn settle_all(self, taken: Vec<Intent>) {
        for intent in taken {
            self.settle(intent).await;
        }
    }

    fn now_ms(&self) -> i64 {
        self.world.now_ms()
    }

    async fn settle(&self, intent: Intent) {
        let id = intent.id;
        match intent.state {
            IntentState::Intended => {
                let _ = self.journal.withdraw(id, &self.owner, self.now_ms());
            }
            IntentState::Sent => {
                self.world.at_the_disk().await;
                if self.journal.unknown(id, &self.owner, None, self.now_ms()).is_ok() {
                    self.settle_unknown(&intent).await;
                }
            }
            IntentState::Unknown => self.settle_unknown(&intent).await,
            _ => self.follow(&intent).await,
        }
    }

    async fn follow(&self, intent: &Intent) {
        let Some(task_id) = intent.task.as_ref().map(|task| task.task_id.clone()) else { return };
        for _ in 0..4 {
            self.world.sleep(15_000).await;
            let Ok(task) = self.client.poll(&task_id).await else { continue };
            self.world.at_the_disk().await;
            let seen = self.journal.task_seen(intent.id, &self.owner, &task, self.now_ms());
            self.world.at_the_disk().await;
            if seen.is_err() || task.status.is_terminal() {
                return;
            }
        }
    }

    async fn settle_unknown(&self, intent: &Intent) {
        let Some(submission) = submission(intent) else { return };
        let looks_first = lock(&self.world.universe).without != Some(Guard::LookUp);
        if self.kind == Kind::Kirin {
            return;
        }
        if looks_first && !self.look(intent).await {
            return;
        }
        self.world.at_the_disk().await;
        if self.journal.looked(intent.id, &self.owner, Settled::NameQuery, self.now_ms()).is_err() {
            return;
        }
        // A gateway's create is sent again only where a person says so.
        if self.kind == Kind::Gateway && lock(&self.world.universe).chance.percent(40) {
            return;
        }
        if self.session_is_over(intent) {
            self.world.sleep(GONE_MS).await;
            if self.kind == Kind::Official && self.look(intent).await {
                let _ = self.journal.nothing(intent.id, &self.owner, Settled::NameQuery, self.now_ms());
            }
            return;
        }
        if !matches!(self.journal.send_again(intent.id, &self.owner, self.now_ms()), Ok(Ok(()))) {
            return;
        }
        self.world.at_the_disk().await;
        // What never left was not sent by a window, whose session is another matter.
        lock(&self.world.universe).intents.entry(submission.external_task_id.clone()).or_default().sends += 1;
        let answer = self.client.create(&submission).await;
        self.world.at_the_disk().await;
        let (id, owner, now_ms) = (intent.id, &self.owner, self.now_ms());
        let is_refused = match answer {
            CallOutcome::Done(task) => return drop(self.journal.accepted(id, &task.task_id, now_ms)),
            CallOutcome::Refused(problem) => self.journal.refused(id, owner, &problem, now_ms).is_ok(),
            CallOutcome::NameTaken(problem) | CallOutcome::Unknown(problem) => {
                let _ = self.journal.unknown(id, owner, Some(&problem), now_ms);
                false
            }
        };
        self.world.at_the_disk().await;
        if is_refused {
            // Whatever was on its way before has come, or never will.
            self.world.sleep(GONE_MS).await;
        }
        if self.look(intent).await && is_refused && self.kind == Kind::Official {
            let _ = self.journal.nothing(id, owner, Settled::NameQuery, self.now_ms());
        }
    }

    /// Whether the session of an intent is certainly over: it began before the first sending.
    fn session_is_over(&self, intent: &Intent) -> bool {
        let service_ms = self.now_ms() - self.client.ahead_ms();
        sent_service_ms(intent).is_none_or(|sent_ms| service_ms - sent_ms >= SESSION_MS)
    }

    /// Looks for the task and writes down what is found. Whether it was certainly not found.
    async fn look(&self, intent: &Intent) -> bool {
        for attempt in 0..LOOKS {
            let found = self.look_once(intent, attempt + 1 == LOOKS).await;
            self.world.at_the_disk().await;
            let (id, owner, now_ms) = (intent.id, &self.owner, self.now_ms());
            match found {
                Found::Ours(task_id) => {
                    let _ = self.journal.found(id, owner, Settled::NameQuery, &task_id, now_ms);
                    return false;
                }
                Found::Another(task_id) if self.kind == Kind::Official => {
                    let _ = self.journal.name_taken(id, owner, Some(&task_id), None, now_ms);
                    return false;
                }
                Found::Nothing if attempt + 1 == LOOKS => return true,
                _ => self.world.sleep(2_000).await,
            }
        }
        false
    }

    async fn look_once(&self, intent: &Intent, thorough: bool) -> Found {
        let name = intent.external_task_id.clone().unwrap_or_default();
        let Ok(found) = self.client.tasks_named(&name, thorough).await else { return Found::Unclear };
        let sent = SentCreate {
            external_task_id: name,
            sent_ms: sent_service_ms(intent).unwrap_or(intent.begun_ms),
            clip: Some(ClipSource::Url(CLIP.into())),
            clip_ms: None,
        };
        let judged = |wanted: Ownership| {
            found.iter().find(|task: &&Task| sent.ownership_of(task) == wanted).map(|task| task.task_id.clone())
        };
        if let Some(task_id) = judged(Ownership::Ours) {
            Found::Ours(task_id)
        } else if judged(Ownership::Open).is_some() {
            Found::Unclear
        } else {
            judged(Ownership::Another).map_or(Found::Nothing, Found::Another)
        }
    }
}

fn sent_service_ms(intent: &Intent) -> Option<i64> {
    intent.options.get("sent_service_ms").and_then(serde_json::Value::as_i64)
}

fn submission(intent: &Intent) -> Option<Submission> {
    Some(Submission {
        session_id: intent.session_id.clone().unwrap_or_default(),
        face_id: intent.face_ids.first().cloned().unwrap_or_default(),
        voice: VoiceSource::AudioId("audio".into()),
        placement: intent.placement?,
        external_task_id: intent.external_task_id.clone().unwrap_or_default(),
        callback_url: None,
        watermark: None,
    })
}

pub fn client(world: &Arc<OfProcess>, profile: viseme::model::Profile) -> Client {
    use viseme::service::{Credentials, Limits, Recorder};
    let clock = Clock::of_world(Arc::clone(world) as Arc<dyn World>);
    let credentials = Credentials::key("key-of-a-life").unwrap().with_clock(clock.clone());
    Client::with_limits(profile, credentials, Recorder::default(), Limits::default(), clock).unwrap()
}
