//! A connected service and what belongs to the connection: the journal, and the sandbox that was started for it.

use super::args::{JournalArgs, ServiceArgs};
use super::console::Console;
use super::{connect, words};
use crate::engine::{Journaling, Setup, shell};
use crate::model::{Problem, ProblemKind, Profile};
use crate::sandbox::Sandbox;

/// A connection, for one job or for several.
pub struct Connection {
    /// What engines connect with.
    pub setup: Setup,
    /// The sandbox that was started for it, and ends with it.
    pub sandbox: Option<Sandbox>,
    /// The options that reach the same service again, for commands to type.
    pub service_options: String,
}

impl Connection {
    /// Connects to the service of a profile. `pays`: the command is about to call what real services are paid for.
    ///
    /// # Errors
    /// The key is missing, the address is none, or the sandbox did not start.
    pub async fn open(
        args: &ServiceArgs,
        profile: Profile,
        journal: &JournalArgs,
        pays: bool,
        console: &Console,
        adjust: impl FnOnce(&mut Setup),
    ) -> Result<Self, Problem> {
        let mut service_options = shell::service_options(&args.into());
        let data = connect::data_folder(journal);
        let (mut setup, sandbox) = connect::connect(profile, args.key_stdin, data.as_deref(), console).await?;
        if let Some(folder) = journal.data_dir.as_ref().filter(|_| sandbox.as_ref().is_some_and(Sandbox::keeps_state)) {
            service_options.extend([" --data-dir ", &shell::quoted(&folder.to_string_lossy())]);
        }
        setup.journal = connect::journal(journal, pays && !setup.profile.is_sandbox(), console).await?;
        adjust(&mut setup);
        if pays && setup.budget.is_some() && matches!(setup.journal, Journaling::Off) {
            return Err(Problem::new(ProblemKind::Usage, words::budget_needs_journal()));
        }
        if let Some(sandbox) = &sandbox {
            console.say(&words::sandbox_started(sandbox.base_url()));
            if data.is_some() && !sandbox.keeps_state() {
                console.note(&words::own_sandbox_is_alone());
            }
        }
        Ok(Self { setup, sandbox, service_options })
    }

    /// Its sandbox as one of several jobs sees it.
    pub fn shared_sandbox(&self) -> Hosted {
        let sandbox = self.sandbox.as_ref();
        sandbox.map_or(Hosted::Elsewhere, |sandbox| Hosted::Shared { keeps_state: sandbox.keeps_state() })
    }
}

/// Where the sandbox of a job runs.
pub enum Hosted {
    /// There is none, or it is another process's.
    Elsewhere,
    /// It was started for this job.
    Here(Sandbox),
    /// It was started for several jobs.
    Shared { keeps_state: bool },
}

impl Hosted {
    /// Whether it was started by this command.
    pub const fn is_own(&self) -> bool {
        !matches!(self, Self::Elsewhere)
    }

    /// Whether it was started by this command, and its tasks end with it, too.
    pub fn ends_with_job(&self) -> bool {
        match self {
            Self::Elsewhere => false,
            Self::Here(sandbox) => !sandbox.keeps_state(),
            Self::Shared { keeps_state } => !keeps_state,
        }
    }
}
