//! Tasks by our own name for them (the official documentation, and what was seen of the service): a query by the name, the tasks of
//! that name, and the list where its entries show names.

use super::client::Client;
use super::send::Payload;
use super::shown::Shown;
use crate::model::{CallOutcome, Lookup, Problem, Task};
use crate::wire::answer::{self, Reply};
use crate::wire::codes;
use crate::wire::request::{self, Call};

/// Page size of a look-up, in tasks.
const LOOKUP_PAGE: u32 = 100;
/// How many pages a look-up reads: the task is among the newest.
const LOOKUP_PAGES: u32 = 5;

impl Client {
    /// Every task that the service shows under our own name for it: settles a create whose outcome is unknown. A name may have been used
    /// before, so each is to be proven ([`crate::model::SentCreate::ownership_of`]).
    ///
    /// Where the service knows names it is queried by the name; where `thorough`, also the tasks of that name (with an API key only: a
    /// signed token is refused there, which says nothing about the key) and the list are searched. Elsewhere the list is all there is.
    ///
    /// # Errors
    /// Nothing is settled: the key is refused, or a look was not answered and none of the others found the task.
    pub async fn tasks_named(&self, external_task_id: &str, thorough: bool) -> Result<Vec<Task>, Problem> {
        let mut unanswered = None;
        if self.profile().knows_names {
            match self.query_by_name(external_task_id).await {
                Ok(task) => return Ok(vec![task]),
                Err(problem) if codes::is_not_visible(&problem) => {}
                Err(problem) if matches!(problem.http_status, Some(401 | 403)) => return Err(problem),
                Err(problem) => unanswered = Some(problem),
            }
            if !thorough {
                return unanswered.map_or_else(|| Ok(Vec::new()), Err);
            }
            if let Some(found) = self.old_and_new_named(external_task_id).await {
                return Ok(found);
            }
        }
        if request::has_list(self.profile()) {
            let listed = self.listed_named(external_task_id).await;
            match listed {
                Ok(Listed { found, .. }) if !found.is_empty() => return Ok(found),
                // A query that was answered is enough where names are known.
                Err(problem) if !self.profile().knows_names => unanswered = Some(problem),
                Ok(_) | Err(_) => {}
            }
        }
        unanswered.map_or_else(|| Ok(Vec::new()), Err)
    }

    /// Looks for a task by our own name for it, on a person's behalf: queries it by that name, then looks through the tasks of that name and
    /// the list. A name may have been used before: it is no proof that the task is the latest of that name.
    ///
    /// # Errors
    /// The key is refused, or neither query nor list is answered.
    pub async fn find_by_name(&self, external_task_id: &str) -> Result<Lookup, Problem> {
        if !request::has_list(self.profile()) {
            return Ok(Lookup::NoList);
        }
        // A service that knows names is believed where it says that there is none.
        let is_certain = match self.query_by_name(external_task_id).await {
            Ok(task) => return Ok(Lookup::Found(task)),
            Err(problem) if matches!(problem.http_status, Some(401 | 403 | 429)) => return Err(problem),
            Err(problem) => self.profile().knows_names && codes::is_not_visible(&problem),
        };
        if self.profile().knows_names
            && let Some(mut found) = self.old_and_new_named(external_task_id).await
            && let Some(task) = found.pop()
        {
            return Ok(Lookup::Found(task));
        }
        let Listed { found, looked_at, complete } = self.listed_named(external_task_id).await?;
        Ok(found
            .into_iter()
            .next()
            .map_or(Lookup::Absent { looked_at, complete: complete || is_certain }, Lookup::Found))
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
    async fn listed_named(&self, external_task_id: &str) -> Result<Listed, Problem> {
        let mut listed = Listed { found: Vec::new(), looked_at: 0, complete: false };
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

/// What the list showed.
struct Listed {
    found: Vec<Task>,
    looked_at: usize,
    /// Whether that was the whole list.
    complete: bool,
}
