//! From an address or an id to a session: fetch, look through, remember.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::model::clip::MAX_SIZE_BYTES;

use super::core::Core;
use super::ids;
use super::kling::ClipAsk;
use super::library::Gone;
use super::refusal::Refusal;
use super::sessions::Session;
use super::shelf::{Blob, lock};
use super::studio::{self, Analysis, Job, Trouble};

/// How many looked-through clips are remembered by their hash.
const MOST_ANALYSED: usize = 64;
/// A clip of 60 s takes seconds; one that takes longer than this does not end.
const MAX_ANALYSIS: Duration = Duration::from_mins(3);

/// A clip that was looked through, or is being.
#[derive(Clone, Debug, Default)]
pub struct Analysed {
    cell: Arc<OnceCell<Arc<Analysis>>>,
    used_ms: i64,
}

/// Told how far the work came, 0 to 1.
pub type Progress = Arc<dyn Fn(f32) + Send + Sync>;

/// A clip on the shelf, and what it is called.
struct Clip {
    blob: Arc<Blob>,
    video_id: String,
    video_url: Option<String>,
    /// The field that named it.
    field: &'static str,
}

/// Identifies the faces of a clip and opens a session.
pub async fn identify(core: &Arc<Core>, ask: ClipAsk, progress: Progress) -> Result<Arc<Session>, Refusal> {
    let clip = clip_of(core, ask).await?;
    // A caller who hangs up does not stop the work: he asks again, and finds it done.
    let analysis = {
        let (core, blob) = (Arc::clone(core), Arc::clone(&clip.blob));
        tokio::spawn(async move { analysis_of(&core, &blob, progress).await })
            .await
            .map_err(|err| Refusal::internal(format_args!("looking through the clip ended early ({err})")))?
    };
    let analysis = analysis.map_err(|trouble| match trouble {
        Trouble::File(why) => Refusal::field(clip.field, why),
        Trouble::Ours(why) => Refusal::internal(why),
    })?;
    Ok(core.sessions.open(core.clock.now_ms(), clip.blob, analysis, clip.video_id, clip.video_url))
}

async fn clip_of(core: &Core, ask: ClipAsk) -> Result<Clip, Refusal> {
    match ask {
        ClipAsk::VideoId(id) => match core.library.find(core.clock.now_ms(), &id, true) {
            Ok(item) => Ok(Clip { blob: item.blob, video_id: item.id, video_url: None, field: "video_id" }),
            Err(Gone::Unknown) => {
                Err(Refusal::field("video_id", format_args!("no video called {id:.60} was made here")))
            }
            Err(Gone::TooOld) => {
                Err(Refusal::field("video_id", format_args!("video {id} is older than 30 days and was removed")))
            }
        },
        ClipAsk::Url(url) => {
            core.make_room(MAX_SIZE_BYTES)?;
            let mut writer = core.shelf.writer(MAX_SIZE_BYTES).await.map_err(Refusal::internal)?;
            core.outbound
                .fetch(&url, &mut writer, MAX_SIZE_BYTES)
                .await
                .map_err(|why| Refusal::field("video_url", why))?;
            let blob = writer.finish().await.map_err(Refusal::internal)?;
            Ok(Clip { blob, video_id: ids::number_id(), video_url: Some(url.into()), field: "video_url" })
        }
    }
}

/// The faces of a clip. Looked for once for equal bytes, also when asked for twice at the same time.
async fn analysis_of(core: &Core, clip: &Arc<Blob>, progress: Progress) -> Result<Arc<Analysis>, Trouble> {
    let cell = {
        let now_ms = core.clock.now_ms();
        let mut analysed = lock(&core.analysed);
        if analysed.len() >= MOST_ANALYSED && !analysed.contains_key(clip.sha256()) {
            let oldest = analysed.iter().min_by_key(|(_, entry)| entry.used_ms).map(|(hash, _)| hash.clone());
            oldest.map(|hash| analysed.remove(&hash));
        }
        let entry = analysed.entry(clip.sha256().to_owned()).or_default();
        entry.used_ms = now_ms;
        Arc::clone(&entry.cell)
    };
    let analysis = cell.get_or_try_init(|| async {
        let _place = core.analysis_places.acquire().await.map_err(|_| Trouble::Ours("the sandbox is ending".into()))?;
        let clip = Arc::clone(clip);
        watched(core, MAX_ANALYSIS, progress, move |job| studio::analyse(clip.path(), job).map(Arc::new)).await
    });
    analysis.await.map(Arc::clone)
}

/// Runs blocking media work on a thread of its own, until it is done, takes too long, or the sandbox ends.
pub async fn watched<T: Send + 'static>(
    core: &Core,
    at_most: Duration,
    progress: Progress,
    work: impl FnOnce(&Job) -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Trouble> {
    let job = Job::watched(move |done| progress(done));
    let for_work = job.clone();
    let work = tokio::task::spawn_blocking(move || work(&for_work));
    let trouble = tokio::select! {
        done = work => {
            return done.unwrap_or_else(|err| Err(Trouble::Ours(format!("the work ended early ({err})"))));
        }
        () = tokio::time::sleep(at_most) => {
            Trouble::File(format!("it was not done within {} s", at_most.as_secs()))
        }
        () = core.closed() => Trouble::Ours("the sandbox is ending".into()),
    };
    job.cancel();
    Err(trouble)
}
