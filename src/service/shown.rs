//! What a service says in words, without our secrets and signatures: everything of an answer that is only shown.
//!
//! Ids and addresses stay as they came, because the next request needs them; they are redacted where they are shown or written down.

use serde_json::{Map, Value};

use crate::model::{Package, Problem, ServiceCode, Session, Spoken, Task};
use crate::secrets;
use crate::wire::answer::{Deductions, Identified};

/// An answer whose words can be shown.
pub trait Shown {
    /// The same, with nothing secret in its words.
    #[must_use]
    fn shown(self) -> Self;
}

impl Shown for () {
    fn shown(self) -> Self {}
}

/// The address of an upload, which the next request needs.
impl Shown for String {
    fn shown(self) -> Self {
        self
    }
}

impl<T: Shown> Shown for Vec<T> {
    fn shown(self) -> Self {
        self.into_iter().map(T::shown).collect()
    }
}

impl Shown for Package {
    fn shown(self) -> Self {
        secrets::without_secrets(self)
    }
}

/// Its id and its address are needed as they came.
impl Shown for Spoken {
    fn shown(self) -> Self {
        Self { cost: self.cost.map(secrets::without_secrets), ..self }
    }
}

impl Shown for Deductions {
    fn shown(self) -> Self {
        Self { deductions: self.deductions.into_iter().map(secrets::without_secrets).collect(), ..self }
    }
}

impl Shown for Problem {
    fn shown(mut self) -> Self {
        clean(&mut self.message);
        self.request_id.iter_mut().chain(&mut self.hint).for_each(clean);
        if let Some(ServiceCode::Text(code)) = &mut self.code {
            clean(code);
        }
        self
    }
}

impl Shown for Task {
    fn shown(mut self) -> Self {
        clean(&mut self.status_raw);
        self.status_msg.iter_mut().for_each(clean);
        if let Some(error) = &mut self.error {
            clean(&mut error.message);
            error.code.iter_mut().for_each(clean);
        }
        self.cost = self.cost.map(secrets::without_secrets);
        clean_fields(&mut self.extra);
        self
    }
}

impl Shown for Session {
    fn shown(mut self) -> Self {
        self.cost = self.cost.map(secrets::without_secrets);
        clean_fields(&mut self.extra);
        for face in &mut self.faces {
            clean_fields(&mut face.extra);
        }
        self
    }
}

impl Shown for Identified {
    fn shown(self) -> Self {
        match self {
            Self::Session(session) => Self::Session(session.shown()),
            Self::Running(mut job) => {
                clean(&mut job.status_raw);
                Self::Running(job)
            }
        }
    }
}

fn clean(text: &mut String) {
    *text = secrets::shown(text);
}

fn clean_fields(fields: &mut Map<String, Value>) {
    let mut value = Value::Object(std::mem::take(fields));
    secrets::show_value(&mut value);
    if let Value::Object(clean) = value {
        *fields = clean;
    }
}
