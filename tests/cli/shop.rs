//! A service that keeps its tasks and knows their names, as Kling itself does, over all programs that talk to it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::scripted::{Answer, Request, Scripted, faces_of, files, ok, refusal};

/// A task of the service.
#[derive(Clone, Debug)]
pub struct ShopTask {
    pub name: String,
    pub id: String,
    created_ms: u64,
    polls: usize,
}

#[derive(Debug, Default)]
pub struct Books {
    pub tasks: Vec<ShopTask>,
    pub identifies: usize,
    /// The names of creates that were refused with 1303.
    pub refused: Vec<String>,
    /// How many tasks run at once.
    most: usize,
    /// After how many polls a task is done.
    lasts: usize,
    /// Whether the next create is taken without an answer.
    swallows: bool,
}

pub struct Shop {
    pub server: Scripted,
    books: Arc<Mutex<Books>>,
}

impl Shop {
    /// A service that runs so many tasks at once, each done after so many polls.
    pub fn start(most: usize, lasts: usize) -> Self {
        let books = Arc::new(Mutex::new(Books { most, lasts, ..Books::default() }));
        let shared = Arc::clone(&books);
        let server = Scripted::start(move |request, _, base| shared.lock().unwrap().answer(request, base));
        Self { server, books }
    }

    /// The next create is taken, and nobody hears of it.
    pub fn swallow_next(&self) {
        self.books.lock().unwrap().swallows = true;
    }

    /// Every task is done from now on.
    pub fn finish_all(&self) {
        self.books.lock().unwrap().lasts = 0;
    }

    /// What happened so far.
    pub fn books<T>(&self, look: impl FnOnce(&Books) -> T) -> T {
        look(&self.books.lock().unwrap())
    }

    /// How many tasks each name has: more than one would be paid twice.
    pub fn most_of_one_name(&self) -> usize {
        self.books(|books| {
            let of = |name: &str| books.tasks.iter().filter(|task| task.name == name).count();
            books.tasks.iter().map(|task| of(&task.name)).max().unwrap_or(0)
        })
    }
}

impl Books {
    fn answer(&mut self, request: &Request, base: &str) -> Answer {
        if let Some(answer) = files(request) {
            return answer;
        }
        let envelope = |data: Value| ok(&json!({"code": 0, "message": "SUCCEED", "request_id": "r-1", "data": data}));
        if request.is_identify() {
            self.identifies += 1;
            return envelope(faces_of(base, &[("f-1", 0, 9_000)]));
        }
        if request.is_create() {
            return self.create(request).map_or_else(|answer| answer, |task| envelope(self.shown(&task, base)));
        }
        let path = request.path.split('?').next().unwrap_or_default();
        let last = path.rsplit('/').next().unwrap_or_default();
        let lasts = self.lasts;
        let Some(task) = self.tasks.iter_mut().find(|task| task.id == last || task.name == last) else {
            return refusal(400, 1201, &format!("Task not found by id/external id: {last}"));
        };
        if task.id == last {
            task.polls = (task.polls + 1).min(lasts);
        }
        let task = task.clone();
        envelope(self.shown(&task, base))
    }

    fn create(&mut self, request: &Request) -> Result<ShopTask, Answer> {
        let name = request.json()["external_task_id"].as_str().unwrap().to_owned();
        if self.tasks.iter().any(|task| task.name == name) {
            return Err(refusal(400, 1201, &format!("External_task_id {name} already exists")));
        }
        if self.tasks.iter().filter(|task| task.polls < self.lasts).count() >= self.most {
            self.refused.push(name);
            return Err(refusal(429, 1303, "too many tasks at once"));
        }
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let created_ms = u64::try_from(since.as_millis()).unwrap();
        let task = ShopTask { name, id: format!("t-{}", self.tasks.len() + 1), created_ms, polls: 0 };
        self.tasks.push(task.clone());
        if std::mem::take(&mut self.swallows) { Err(Answer::Hang(Duration::from_mins(1))) } else { Ok(task) }
    }

    fn shown(&self, task: &ShopTask, base: &str) -> Value {
        let status = if task.polls < self.lasts { "processing" } else { "succeed" };
        let mut data =
            json!({"task_id": task.id, "task_status": status, "task_status_msg": "", "created_at": task.created_ms});
        if status == "succeed" {
            data["final_unit_deduction"] = json!("0.5");
            let video = json!({"id": "v-1", "url": format!("{base}/{}/result.mp4", task.id), "duration": "9.041"});
            data["task_result"] = json!({"videos": [video]});
        }
        data
    }
}
