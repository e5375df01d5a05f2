//! Sessions with their faces and previews: written down when they are found, and read again by the next run.

use std::sync::Arc;

use super::JournalAccess;
use super::redacted::described;
use super::shared::Shared;
use crate::engine::known_clips::{ClipMark, at_address, compared, of_another_key};
use crate::journal::{Described, Journal, Preview, Service, SessionRecord};
use crate::model::face::SESSION_LIFE_MS;
use crate::model::{ClipSource, Problem, Session};
use crate::secrets::{redacted, without_secrets};
use crate::service::{Fetcher, read_preview};
use crate::workflow::{ClipNow, Faces, Preview as FacePreview, PreviewImage, Recalled};

impl JournalAccess {
    /// Writes a session down, and remembers whose preview each address is.
    pub(in crate::engine) async fn session_found(&self, service: Service, session: Session, clip: Described) {
        if let Err(problem) = self.blocking(move |shared| shared.session_found(service, session, &clip)).await {
            tracing::warn!(%problem, "the faces could not be written to the journal");
        }
    }

    /// Writes down the preview that was fetched from an address.
    pub(in crate::engine) async fn preview_loaded(&self, url: String, image: &PreviewImage) {
        let (extension, bytes) = (image.extension.to_owned(), Arc::clone(&image.encoded));
        if let Err(problem) = self.blocking(move |shared| shared.preview_loaded(&url, extension, &bytes)).await {
            tracing::warn!(%problem, "a preview could not be written to the journal");
        }
    }

    /// The faces of a session that lives at `now_ms` (milliseconds since the epoch), with the previews that were written down.
    /// Decodes pictures: not for the thread that draws.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn faces_of(&self, service: &Service, session_id: &str, now_ms: i64) -> Result<Option<Faces>, Problem> {
        let found = self.journal()?.session(service, session_id)?;
        if found.is_none_or(|record| record.session.left_ms(now_ms) <= 0) {
            return Ok(None);
        }
        self.known_faces_of(service, session_id)
    }

    /// The faces of a session, also one that is over, with the previews that were written down. Decodes pictures: not for the thread
    /// that draws.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn known_faces_of(&self, service: &Service, session_id: &str) -> Result<Option<Faces>, Problem> {
        let journal = self.journal()?;
        let Some(SessionRecord { session, .. }) = journal.session(service, session_id)? else { return Ok(None) };
        self.shared.note_faces(service, &session);
        Ok(Some(with_previews(&journal, service, session)?))
    }

    /// The faces of the last session of the same clip, account and service that may live, with the previews that were written down, or why they
    /// are not taken up; `None`: none is known. `fetcher`: by it the address of a clip is asked whether it is still the same.
    pub(in crate::engine) async fn recall(
        &self,
        service: Service,
        mark: ClipMark,
        fetcher: &Fetcher,
    ) -> Option<Recalled> {
        let clip = mark.clip.clone();
        let found = self.blocking(move |shared| {
            let journal = &shared.open()?.journal;
            let Some(clip) = mark.document() else { return Ok(None) };
            // By our clock, which may be wrong; the workflow looks at the service's.
            let after_ms = shared.now_ms().saturating_sub(SESSION_LIFE_MS);
            let records = journal.sessions_of(&service, &without_secrets(clip), after_ms)?;
            let own = records.iter().position(|record| mark.is_own(record));
            let Some(record) = records.into_iter().nth(own.unwrap_or(0)) else { return Ok(None) };
            let faces = with_previews(journal, &service, record.session.clone())?;
            shared.note_faces(&service, &record.session);
            Ok(Some((record, faces, own.is_some())))
        });
        let found = found.await.unwrap_or_else(|problem| {
            tracing::warn!(%problem, "faces that were found before could not be read from the journal");
            None
        });
        let (record, faces, is_own) = found?;
        if !is_own {
            return Some(Recalled { faces, not_taken: Some(of_another_key(&record)) });
        }
        // A file was found by its content.
        let clip_now = match &clip {
            ClipSource::Url(url) => at_address(url, &record, fetcher, self.now_ms()).await,
            _ => ClipNow::Same,
        };
        let not_taken = if let ClipNow::Another(why) = &clip_now { Some(why.clone()) } else { None };
        Some(Recalled { faces: Faces { clip_now, ..faces }, not_taken })
    }

    /// Whether a clip is still the one that the faces of a session were found in.
    pub(in crate::engine) async fn compare_clip(
        &self,
        service: Service,
        session_id: &str,
        clip: &ClipSource,
        fetcher: &Fetcher,
    ) -> ClipNow {
        let session_id = redacted(session_id).into_owned();
        let record = self.blocking(move |shared| Ok(shared.open()?.journal.session(&service, &session_id)?)).await;
        match record {
            Ok(Some(record)) => compared(clip, &record, fetcher, self.now_ms()).await,
            Ok(None) => ClipNow::Same,
            Err(problem) => ClipNow::Unknown(problem),
        }
    }
}

/// The faces of a session with the previews that were written down. Decodes pictures.
fn with_previews(journal: &Journal, service: &Service, session: Session) -> Result<Faces, Problem> {
    let known = journal.previews(service, &session.session_id)?;
    let preview = |face_id: &str| {
        let known = known.iter().find(|preview| preview.face_id == face_id)?;
        let preview = read_preview(known.bytes.clone()).ok()?;
        Some(FacePreview::Ready(PreviewImage {
            encoded: preview.bytes.as_ref().into(),
            extension: preview.extension,
            width_px: preview.width_px,
            height_px: preview.height_px,
            rgba: preview.rgba.into(),
        }))
    };
    let previews = session.faces.iter().map(|face| preview(&face.face_id).unwrap_or(FacePreview::None)).collect();
    let chosen = match session.faces.as_slice() {
        [only] => Some(only.face_id.clone()),
        _ => None,
    };
    Ok(Faces { session, previews, chosen, proposed: None, recalled: false, clip_now: ClipNow::Unasked })
}

impl Shared {
    /// Notes whose pictures those of a session are that was found before: what is fetched of them is written down.
    fn note_faces(&self, service: &Service, session: &Session) {
        self.note_pictures(service, session, session.faces.iter().map(|face| face.face_image.clone()).collect());
    }

    fn note_pictures(&self, service: &Service, session: &Session, addresses: Vec<Option<String>>) {
        let mut known = self.known();
        for (face, url) in session.faces.iter().zip(addresses) {
            if let Some(url) = url {
                let whose = (service.clone(), session.session_id.clone(), face.face_id.clone());
                known.faces.insert(url, whose);
            }
        }
    }

    fn session_found(&self, service: Service, session: Session, clip: &Described) -> Result<(), Problem> {
        // The addresses stay as they came, since the previews are fetched from them; all else is as the journal has it.
        let addresses: Vec<_> = session.faces.iter().map(|face| face.face_image.clone()).collect();
        let (session, clip) = (without_secrets(session), described(clip));
        self.note_pictures(&service, &session, addresses);
        let ends_ms = session.begun_at_ms.saturating_add(SESSION_LIFE_MS);
        self.open()?.journal.save_session(&SessionRecord { service, session, ends_ms, clip })?;
        Ok(())
    }

    fn preview_loaded(&self, url: &str, extension: String, bytes: &[u8]) -> Result<(), Problem> {
        let whose = self.known().faces.get(url).cloned();
        if let Some((service, session_id, face_id)) = whose {
            let preview = Preview { face_id, extension, bytes: bytes.to_owned() };
            self.open()?.journal.save_preview(&service, &session_id, &preview)?;
        }
        Ok(())
    }
}
