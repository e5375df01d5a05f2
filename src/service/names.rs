//! Tasks by our own name for them (the official documentation, and what was seen of the service): a query by the name, the tasks of
//! that name, and the list where its entries show names.

use super::client::Client;
use super::send::Payload;
use super::shown::Shown;
use crate::model::{CallOutcome, Problem, Task};
use crate::wire::answer::{self, Reply};
use crate::wire::codes;
use crate::wire::request::{self, Call};

/// Page size of a look-up, in tasks.
const LOOKUP_PAGE: u32 = 100;
/// How many pages a look-up reads: the task is among the newest.
const LOOKUP_PAGES: u32 = 5;

/// What a look for the tasks of a name showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    /// The tasks of that name. It may have been used before, so that each is to be proven ([`crate::model::SentCreate::ownership_of`]).
    pub found: Vec<Task>,
    /// How many entries of the list were looked at.
    pub looked_at: usize,
    /// Whether there is certainly no other: a service that knows names said so, or the whole list was looked at.
    pub complete: bool,
}

impl Looked {
    fn of_query(found: Vec<Task>) -> Self {
        Self { found, looked_at: 0, complete: true }
    }
}

impl Client {
    /// The tasks that the service shows under our own name for them: settles a create whose outcome is unknown, and finds a task for a person.
    /// `None`: the service cannot be asked for names.
    ///
    /// It is queried by the name; where it says that it knows names and the look is `thorough`, also the tasks of that name (with an API key
    /// only: a signed token is refused there, which says nothing about the key) and the list are searched. A service that does not say so is
    /// queried as well, since a task that it shows is evidence that it does; that it shows none is none, and so its list is searched each time.
    ///
    /// # Errors
    /// Nothing is settled: the key is refused, or a look was not answered and none of the others found the task.
    pub async fn look_for(&self, external_task_id: &str, thorough: bool) -> Result<Option<Looked>, Problem> {
        if !self.shows_names() {
            return Ok(None);
        }
        let knows_names = self.profile().knows_names;
        let mut unanswered = None;
        let mut is_certain = false;
        let mut shown = None;
        match self.query_by_name(external_task_id).await {
            // What calls itself by whatever it was asked for has no name.
            Ok(task) if !knows_names && is_echo(&task, external_task_id) => {}
            // A name may have been used several times there: it is not the only one for certain.
            Ok(task) if !knows_names => shown = Some(task),
            Ok(task) => return Ok(Some(Looked::of_query(vec![task]))),
            Err(problem) if problem.http_status == Some(401) => return Err(problem),
            // What does not know names may answer anything to a query by one.
            Err(_) if !knows_names => {}
            Err(problem) if problem.http_status == Some(403) => return Err(problem),
            Err(problem) if codes::is_not_visible(&problem) => is_certain = true,
            Err(problem) => unanswered = Some(problem),
        }
        if knows_names {
            if !thorough {
                return unanswered.map_or(Ok(Some(Looked::of_query(Vec::new()))), Err);
            }
            if let Some(found) = self.old_and_new_named(external_task_id).await {
                return Ok(Some(Looked::of_query(found)));
            }
        }
        let mut looked = Looked::of_query(Vec::new());
        if request::has_list(self.profile()) {
            match self.listed_named(external_task_id).await {
                Ok(listed) => looked = Looked { complete: listed.complete || is_certain, ..listed },
                // A query that was answered is enough where names are known.
                Err(problem) if !knows_names => unanswered = Some(problem),
                Err(_) => {}
            }
        }
        if let Some(task) = shown {
            looked.found.retain(|known| known.task_id != task.task_id);
            looked.found.insert(0, task);
        }
        match unanswered {
            Some(problem) if looked.found.is_empty() => Err(problem),
            _ => Ok(Some(looked)),
        }
    }

    /// As [`Client::look_for`], the tasks alone: none where the service cannot be asked for names.
    ///
    /// # Errors
    /// As [`Client::look_for`].
    pub async fn tasks_named(&self, external_task_id: &str, thorough: bool) -> Result<Vec<Task>, Problem> {
        Ok(self.look_for(external_task_id, thorough).await?.map(|looked| looked.found).unwrap_or_default())
    }

    /// Whether the service can be asked for a task by our own name for it.
    #[must_use]
    pub fn shows_names(&self) -> bool {
        self.profile().knows_names || request::has_list(self.profile())
    }

    async fn query_by_name(&self, external_task_id: &str) -> Result<Task, Problem> {
        let call = request::query(self.profile(), external_task_id)?;
        self.read(&call, answer::read_task_by_name).await
    }

    /// `GET /tasks`, where it can be asked; `None` where it shows nothing, or refuses.
    async fn old_and_new_named(&self, external_task_id: &str) -> Option<Vec<Task>> {
        if self.credentials().can_sign_again() {
            return None;
        }
        let call = request::tasks_named(self.profile(), external_task_id).ok()?;
        let found = self.read(&call, answer::read_list).await.ok()?;
        let is_named = |task: &Task| task.external_task_id.as_deref().is_none_or(|name| name == external_task_id);
        let found: Vec<Task> = found.into_iter().filter(is_named).collect();
        (!found.is_empty()).then_some(found)
    }

    /// The tasks of that name among the newest 500 of the list. Reads no further page where no entry of the first shows a name.
    async fn listed_named(&self, external_task_id: &str) -> Result<Looked, Problem> {
        let mut listed = Looked { found: Vec::new(), looked_at: 0, complete: false };
        for page in 1..=LOOKUP_PAGES {
            let tasks = self.list(page, LOOKUP_PAGE).await?;
            listed.looked_at += tasks.len();
            listed.complete = tasks.is_empty();
            let shows_names = tasks.iter().any(|task| task.external_task_id.is_some());
            let is_named = |task: &Task| task.external_task_id.as_deref() == Some(external_task_id);
            listed.found.extend(tasks.into_iter().filter(is_named));
            if listed.complete || !listed.found.is_empty() || !shows_names {
                break;
            }
        }
        Ok(listed)
    }

    pub(super) async fn read<T: Shown>(
        &self,
        call: &Call,
        read: impl Fn(&Reply<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let read = |reply: &Reply<'_>| CallOutcome::of_read(read(reply));
        self.send_with_retries(call, &Payload::OfCall, self.limits().read_attempts, read).await.into_result()
    }
}

/// Whether a task only calls itself by the name it was asked for, as its id.
fn is_echo(task: &Task, external_task_id: &str) -> bool {
    task.task_id == external_task_id && task.external_task_id.as_deref() != Some(external_task_id)
}
