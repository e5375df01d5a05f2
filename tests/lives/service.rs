//! The service: what it knows, and what it answers. It speaks as the vendors' documents say, and as services were seen to.

use serde_json::{Value, json};
use viseme::wire::request::{Call, Method};

/// How long a session lives, in milliseconds.
pub const SESSION_MS: i64 = 24 * 60 * 60 * 1000;
/// The clip of every job of ours.
pub const CLIP: &str = "https://media.example/clip.mp4";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Names are used once, and find their task.
    Official,
    /// A gateway, whose list shows names; some find a task by its name, too, and say so nowhere.
    Gateway,
    /// `kirin`: neither.
    Kirin,
}

#[derive(Clone, Debug)]
pub enum Request {
    Identify,
    IdentifyPoll(String),
    Create { name: String, session: String },
    Query(String),
    List { page: u64 },
    Named(String),
    Account,
}

impl Request {
    pub fn of(call: &Call) -> Self {
        let (path, query) = call.target.split_once('?').unwrap_or((&call.target, ""));
        let last = path.rsplit('/').next().unwrap_or_default().to_owned();
        if call.method == Method::Post {
            let text = call.body.as_ref().map(|body| body.text_with("")).unwrap_or_default();
            let body: Value = serde_json::from_str(&text).unwrap_or_default();
            let fields = body.pointer("/input/0/params").unwrap_or(&body).clone();
            let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            return match fields.get("session_id") {
                Some(_) => Self::Create { name: text("external_task_id"), session: text("session_id") },
                None => Self::Identify,
            };
        }
        let value = |name: &str| {
            let found = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            found.unwrap_or_default().to_owned()
        };
        match last.as_str() {
            "tasks" => Self::Named(value("external_task_ids")),
            "costs" => Self::Account,
            "advanced-lip-sync" => Self::List { page: value("pageNum").parse().unwrap_or(1) },
            _ if last.starts_with("job-") => Self::IdentifyPoll(last),
            _ => Self::Query(last),
        }
    }
}

#[derive(Clone, Debug)]
pub struct TaskAtService {
    pub id: String,
    pub name: String,
    /// By the service's clock.
    pub created_ms: i64,
    ends_ms: i64,
    fails: bool,
    clip: String,
    /// Whether it was created by a process of ours.
    pub ours: bool,
}

#[derive(Debug)]
pub struct Service {
    pub kind: Kind,
    pub tasks: Vec<TaskAtService>,
    sessions: Vec<(String, i64)>,
    /// How many tasks run at once.
    pub slots: usize,
    next: u64,
}

pub type Said = (u16, Value);

impl Service {
    pub const fn new(kind: Kind, slots: usize) -> Self {
        Self { kind, tasks: Vec::new(), sessions: Vec::new(), slots, next: 0 }
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A task that somebody else created before this life.
    pub fn was_there(&mut self, name: &str, created_ms: i64, clip: &str) {
        let id = format!("task-{}", self.number());
        let clip = clip.to_owned();
        let ends_ms = created_ms + 30_000;
        self.tasks.push(TaskAtService { id, name: name.into(), created_ms, ends_ms, fails: false, clip, ours: false });
    }

    pub fn answer(&mut self, request: &Request, now_ms: i64, run_ms: i64) -> Said {
        match request {
            Request::Identify if self.kind == Kind::Kirin => {
                let id = format!("job-{}", self.number());
                (200, json!({ "id": id, "status": "in_progress", "model": "kirin_identify_face", "progress": 0.1 }))
            }
            Request::Identify => {
                let faces = self.session(now_ms);
                (200, json!({ "code": 0, "message": "SUCCEED", "data": faces }))
            }
            Request::IdentifyPoll(id) => {
                let faces = json!({ "code": 0, "data": self.session(now_ms) }).to_string();
                let output = json!([{ "content": [{ "type": "text", "text": faces }] }]);
                (200, json!({ "id": id, "status": "completed", "output": output }))
            }
            Request::Create { name, session } => self.create(name, session, now_ms, run_ms),
            Request::Query(id) => {
                let by_name = self.kind == Kind::Official || self.kind == Kind::Gateway && self.slots < 100;
                let found = self.tasks.iter().find(|task| task.id == *id || by_name && task.name == *id);
                match found {
                    Some(task) => self.shown(task, now_ms),
                    None if by_name => refused(400, 1201, &format!("Task not found by id/external id: {id}")),
                    None => refused(404, 1203, "no such task"),
                }
            }
            Request::List { page: 1 } => {
                let shown = |task: &TaskAtService| {
                    let mut entry = self.data(task, now_ms);
                    if self.kind == Kind::Gateway {
                        entry["task_info"]["external_task_id"] = json!(task.name);
                    }
                    entry
                };
                let newest: Vec<Value> = self.tasks.iter().rev().take(100).map(shown).collect();
                (200, json!({ "code": 0, "data": newest }))
            }
            Request::List { .. } => (200, json!({ "code": 0, "data": [] })),
            Request::Named(name) if self.kind == Kind::Official => {
                let named = self.tasks.iter().filter(|task| task.name == *name).map(|task| {
                    json!({ "id": task.id, "external_id": task.name, "status": "processing", "create_time": task.created_ms })
                });
                (200, json!({ "code": 0, "data": named.collect::<Vec<_>>() }))
            }
            Request::Named(_) | Request::Account => refused(404, 1202, "no such resource"),
        }
    }

    fn session(&mut self, now_ms: i64) -> Value {
        let id = format!("session-{}", self.number());
        self.sessions.push((id.clone(), now_ms));
        json!({ "session_id": id, "face_data": [{ "face_id": "0", "start_time": 0, "end_time": 9_000 }] })
    }

    /// Whether a session is over.
    pub fn is_over(&self, session: &str, now_ms: i64) -> bool {
        self.sessions.iter().find(|(id, _)| id == session).is_none_or(|(_, since)| now_ms - since >= SESSION_MS)
    }

    fn create(&mut self, name: &str, session: &str, now_ms: i64, run_ms: i64) -> Said {
        if self.is_over(session, now_ms) {
            return refused(400, 1201, "session_id is invalid or expired");
        }
        if self.kind == Kind::Official && self.tasks.iter().any(|task| task.name == name) {
            return refused(400, 1201, &format!("External_task_id {name} already exists"));
        }
        let running = self.tasks.iter().filter(|task| task.ours && task.ends_ms > now_ms).count();
        if running >= self.slots {
            return refused(429, 1303, "parallel task over resource pack limit");
        }
        let id = format!("task-{}", self.number());
        let (ends_ms, fails) = (now_ms + run_ms, run_ms % 10 == 0);
        let clip = CLIP.to_owned();
        let task = TaskAtService { id, name: name.into(), created_ms: now_ms, ends_ms, fails, clip, ours: true };
        let mut shown = self.shown(&task, now_ms);
        if self.kind != Kind::Kirin {
            shown.1["data"]["task_info"]["external_task_id"] = json!(name);
        }
        self.tasks.push(task);
        shown
    }

    fn shown(&self, task: &TaskAtService, now_ms: i64) -> Said {
        let data = self.data(task, now_ms);
        if self.kind == Kind::Kirin {
            (200, data)
        } else {
            (200, json!({ "code": 0, "message": "SUCCEED", "data": data }))
        }
    }

    fn data(&self, task: &TaskAtService, now_ms: i64) -> Value {
        let is_over = task.ends_ms <= now_ms;
        let url = format!("https://media.example/{}.mp4", task.id);
        if self.kind == Kind::Kirin {
            let status = if !is_over {
                "in_progress"
            } else if task.fails {
                "failed"
            } else {
                "completed"
            };
            let output = json!([{ "content": [{ "type": "video", "url": url }] }]);
            let mut data = json!({ "id": task.id, "status": status, "created_at": task.created_ms / 1000 });
            if status == "completed" {
                data["output"] = output;
                data["usage"] = json!({ "cost": "0.07" });
            }
            return data;
        }
        let status = if !is_over {
            "processing"
        } else if task.fails {
            "failed"
        } else {
            "succeed"
        };
        let parent = json!({ "url": task.clip, "duration": "9.0" });
        let mut data = json!({
            "task_id": task.id, "task_status": status, "created_at": task.created_ms, "updated_at": task.created_ms,
            "task_info": { "parent_video": parent }
        });
        if status == "succeed" {
            data["task_result"] = json!({ "videos": [{ "id": "v", "url": url, "duration": "9.0" }] });
            data["final_unit_deduction"] = json!("0.5");
        }
        data
    }
}

pub fn refused(http_status: u16, code: i64, message: &str) -> Said {
    (http_status, json!({ "code": code, "message": message, "request_id": "r" }))
}
