//! Everything that goes into a create.

use serde::{Deserialize, Serialize};

use super::{MouthBox, Placement, VoiceSource};

/// A lip-sync task to be created. One face only: the services support no more today.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// From identify.
    pub session_id: String,
    /// The chosen face.
    pub face_id: String,
    /// The voice: `audio_id` or `sound_file`, never both.
    pub voice: VoiceSource,
    /// Crop, insert and volumes.
    pub placement: Placement,
    /// Our own name for the task, unique per user: by which it is found when the answer to the create is lost.
    pub external_task_id: String,
    /// Where the service posts each change of status.
    pub callback_url: Option<String>,
    /// `watermark_info.enabled`; official API only.
    pub watermark: Option<bool>,
    /// Where the mouth is, where a person says so. Only the sandbox is told: no vendor has such a field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mouth_box: Option<MouthBox>,
}
