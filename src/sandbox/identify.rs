//! From an address or an id to a session: fetch the clip, find its faces, open the session.

use std::sync::Arc;
use std::time::Duration;

use crate::model::clip::MAX_SIZE_BYTES;

use super::assets::{AssetError, Origin};
use super::blocking::{self, Progress};
use super::core::Core;
use super::file_store::StoredFile;
use super::kling::ClipRequest;
use super::media_work::{self, Analysis, WorkError};
use super::refusal::Refusal;
use super::sessions::{NewSession, Session};
use super::words;

/// A clip of 60 s takes seconds; one that takes longer than this does not end.
const MAX_ANALYSIS: Duration = Duration::from_mins(3);

/// A stored clip, and how it is named.
struct Clip {
    file: Arc<StoredFile>,
    video_id: String,
    video_url: Option<String>,
    /// The field that named it.
    field: &'static str,
}

/// Finds the faces of a clip and opens a session. Dropped, it stops.
///
/// # Errors
/// The clip cannot be had, or is refused.
pub async fn identify(core: &Core, request: ClipRequest, progress: Progress) -> Result<Arc<Session>, Refusal> {
    let clip = clip_of(core, request).await?;
    let analysis = analysis_of(core, &clip.file, progress).await.map_err(|err| match err {
        WorkError::File(why) => Refusal::field(clip.field, why),
        WorkError::Internal(why) => Refusal::internal(why),
    })?;
    let kept_analysis = kept(core, &analysis).await?;
    let (video_id, video_url) = (clip.video_id, clip.video_url);
    let new = NewSession { clip: clip.file, analysis, kept_analysis, video_id, video_url };
    core.storage.sessions.open(core.clock.now_ms(), new).await.map_err(|err| Refusal::disk(&err))
}

/// The analysis as a file, where sessions are kept.
async fn kept(core: &Core, analysis: &Analysis) -> Result<Option<Arc<StoredFile>>, Refusal> {
    if !core.records.is_kept() {
        return Ok(None);
    }
    let analysis = analysis.clone();
    let json = tokio::task::spawn_blocking(move || analysis.to_json()).await.map_err(Refusal::internal)?;
    let json = json.map_err(Refusal::internal)?;
    let written = async {
        let mut writer = core.storage.writer(json.len() as u64).await?;
        writer.write(&json).await?;
        writer.finish().await
    };
    written.await.map(Some).map_err(|err| err.refusal(""))
}

async fn clip_of(core: &Core, request: ClipRequest) -> Result<Clip, Refusal> {
    match request {
        ClipRequest::VideoId(id) => match core.storage.assets.find(core.clock.now_ms(), &id, Origin::Result) {
            Ok(asset) => Ok(Clip { file: asset.file, video_id: asset.id, video_url: None, field: "video_id" }),
            Err(AssetError::NotFound) => Err(Refusal::field("video_id", words::video_not_found(&id))),
            Err(AssetError::Expired) => Err(Refusal::field("video_id", words::video_expired(&id))),
        },
        ClipRequest::Url(url) => {
            let field = "video_url";
            let mut writer = core.storage.writer(MAX_SIZE_BYTES).await.map_err(|err| err.refusal(field))?;
            core.outbound.fetch(&url, &mut writer).await.map_err(|err| err.refusal(field))?;
            let file = writer.finish().await.map_err(|err| err.refusal(field))?;
            Ok(Clip { file, video_id: core.ids.number(), video_url: Some(core.hosts.path_or_url(&url)), field })
        }
    }
}

/// The faces of a clip. `media` finds those of equal bytes once.
async fn analysis_of(core: &Core, clip: &Arc<StoredFile>, progress: Progress) -> Result<Analysis, WorkError> {
    let clip = Arc::clone(clip);
    let permit = blocking::permit(&core.analysis_permits).await;
    blocking::run(permit, MAX_ANALYSIS, progress, move |job| media_work::analyse(clip.path(), job)).await
}
