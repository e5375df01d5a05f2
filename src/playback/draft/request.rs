//! What a draft is to be made of.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::media::mouth::MouthBox;
use crate::model::{Interval, Placement};

/// The picture of a face as the service serves it.
#[derive(Clone, Debug)]
pub struct FacePreview {
    /// The bytes as served.
    pub encoded: Arc<[u8]>,
    /// Width of `rgba` in pixels.
    pub width_px: u32,
    /// Height of `rgba` in pixels.
    pub height_px: u32,
    /// Four bytes a pixel, row by row.
    pub rgba: Arc<[u8]>,
}

impl PartialEq for FacePreview {
    fn eq(&self, other: &Self) -> bool {
        // Compared at every frame: the pixels of a preview never change, so their place in memory is enough.
        Arc::ptr_eq(&self.rgba, &other.rgba)
    }
}

/// A face of the service's session.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceFace {
    /// Its id.
    pub face_id: String,
    /// When it is in view, where the service says so.
    pub interval: Option<Interval>,
    /// Its picture, where it is there.
    pub preview: Option<FacePreview>,
    /// Its picture is being fetched.
    pub preview_pending: bool,
}

/// Which face speaks what, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Index of the face among those of the session.
    pub face: usize,
    /// The voice's file.
    pub voice: PathBuf,
    /// Without volumes: they are not seen.
    pub placement: Placement,
    /// Where the mouth is, where a person says so; else it is found.
    pub mouth_box: Option<MouthBox>,
}

/// Which of the faces found on this machine a person says the service's are, by their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picks(BTreeMap<String, usize>);

impl Picks {
    /// The index of the face found on this machine.
    #[must_use]
    pub fn of(&self, face_id: &str) -> Option<usize> {
        self.0.get(face_id).copied()
    }

    /// Sets it.
    pub fn set(&mut self, face_id: String, track: usize) {
        self.0.insert(face_id, track);
    }
}

/// What a draft is to be made of.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftRequest {
    /// The clip.
    pub clip: PathBuf,
    /// The faces of the session.
    pub faces: Vec<ServiceFace>,
    /// What a person says about them.
    pub picks: Picks,
    /// The draft; `None`: only the faces are found and matched.
    pub scene: Option<Scene>,
}

impl DraftRequest {
    /// Whether the previews that may decide which face is which are being fetched.
    #[must_use]
    pub fn awaits_previews(&self) -> bool {
        self.scene.is_some() && self.faces.iter().any(|face| face.preview_pending)
    }

    /// Whether both are of the same session: ids of another one mean nothing in it.
    fn has_session_of(&self, other: &Self) -> bool {
        let ids = |request: &'_ Self| request.faces.iter().map(|face| face.face_id.clone()).collect::<Vec<_>>();
        ids(self) == ids(other)
    }

    /// How it differs from the request before.
    #[must_use]
    pub fn change_from(&self, before: Option<&Self>) -> Change {
        match before {
            Some(before) if before.clip != self.clip => Change::Clip,
            Some(before) if !self.has_session_of(before) => Change::Session,
            Some(_) => Change::Scene,
            None => Change::Clip,
        }
    }
}

/// What of a request is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The clip, and so everything.
    Clip,
    /// The session: its faces have other ids.
    Session,
    /// What is said about the same faces.
    Scene,
}

/// Where a person says that mouths are, by the ids of their faces; elsewhere they are found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mouths(BTreeMap<String, MouthBox>);

impl Mouths {
    /// That of this face.
    #[must_use]
    pub fn of(&self, face_id: &str) -> Option<MouthBox> {
        self.0.get(face_id).copied()
    }

    /// The same with the mouth of this face there; `None`: found again.
    #[must_use]
    pub fn with(&self, face_id: &str, mouth: Option<MouthBox>) -> Self {
        let mut mouths = self.clone();
        match mouth {
            Some(mouth) => mouths.0.insert(face_id.to_owned(), mouth),
            None => mouths.0.remove(face_id),
        };
        mouths
    }
}
