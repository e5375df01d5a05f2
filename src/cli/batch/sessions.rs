//! Rows of the same clip share a session: an identify is paid for, too.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsString;
use std::rc::Rc;

use tokio::sync::Mutex;

use crate::cli::run::Job;
use crate::cli::runner::Runner;
use crate::model::ClipSource;
use crate::model::face::LEAST_LEFT_MS;
use crate::workflow::{Faces, PersonEvent, Stage};

/// The faces of one clip; locked while they are being found, so that they are found once.
type OfClip = Rc<Mutex<Option<Faces>>>;

/// The sessions of a batch.
#[derive(Default)]
pub struct Sessions(RefCell<HashMap<OsString, OfClip>>);

impl Sessions {
    /// What is known of the clip of a job.
    pub fn of(&self, job: &Job) -> OfClip {
        let clip = job.source.as_ref().map(|source| match source {
            ClipSource::File(path) => path.canonicalize().unwrap_or_else(|_| path.clone()).into_os_string(),
            other => format!("{other:?}").into(),
        });
        Rc::clone(self.0.borrow_mut().entry(clip.unwrap_or_default()).or_default())
    }
}

/// Puts faces that another row has found on the desk. Returns whether they are there: their session lives long enough.
pub fn take(runner: &mut Runner<'_>, faces: &Faces) -> bool {
    let left_ms = runner.flow().session_left_ms(&faces.session, runner.engine.now_ms());
    if left_ms < LEAST_LEFT_MS {
        return false;
    }
    runner.engine.dispatch(PersonEvent::TakeFaces(Box::new(faces.clone())));
    matches!(runner.flow().stage, Stage::Choosing(_))
}
