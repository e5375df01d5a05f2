//! What the journal is given, without secrets.

use crate::journal::{Described, Followed, NewIntent};
use crate::secrets::{redacted, without_secrets};

/// An intent whose every text of a service or a person is redacted.
pub fn intent_without_secrets(new: NewIntent) -> NewIntent {
    let owned = |text: &String| redacted(text).into_owned();
    NewIntent {
        session_id: owned(&new.session_id),
        face_ids: new.face_ids.iter().map(owned).collect(),
        clip: described(&new.clip),
        voice: described(&new.voice),
        options: without_secrets(new.options),
        ..new
    }
}

/// A task that is followed, redacted.
pub fn followed_without_secrets(task: &Followed) -> Followed {
    Followed {
        task_id: redacted(&task.task_id).into_owned(),
        external_task_id: task.external_task_id.as_deref().map(|name| redacted(name).into_owned()),
        clip: described(&task.clip),
        voice: described(&task.voice),
        ..task.clone()
    }
}

/// A clip or voice, redacted.
pub fn described(what: &Described) -> Described {
    Described { name: redacted(&what.name).into_owned(), document: without_secrets(what.document.clone()) }
}
