//! The judge: is a result what was asked for?
//!
//! A result of any service is measured against the clip, the voice and the placement that were sent. Every measure has its definition
//! where it is computed: [`Measure`] by [`Measure`], `moved` to `leak` in `follows.rs`, on what `mouth.rs` sees, `kept` in `kept.rs`, `sharp`,
//! `steady` and `same` in `face.rs`, `placed` in `placed.rs`, `whole` in `whole.rs`; `ARCHITECTURE.md` has the table. A measure that
//! cannot be taken says why; none is guessed.

mod cells;
mod face;
mod follows;
mod kept;
mod mouth;
mod pairs;
mod placed;
mod signal;
mod speech;
mod verdict;
mod watch;
mod whole;
#[doc(hidden)]
pub mod words;

use std::path::PathBuf;
use std::sync::Arc;

pub use self::verdict::{Entry, Finding, Grade, Judgement, Measure, Opening};

use self::follows::{Following, REACH};
use self::kept::Kept;
use self::mouth::Parts;
use self::pairs::Pairs;
use self::placed::Sounds;
use self::speech::{STEP_MS, Speech};
use self::watch::Watched;
use self::whole::Stretches;
use super::container::Movie;
use super::error::MediaError;
use super::faces::{FaceTrack, TrackPoint};
use super::identify::{Identified, shared_faces};
use super::job::Job;
use super::sound::{RATE_HZ, Sound, clip_sound, shared_voice};
use crate::model::{Interval, Placement};
use crate::worker::guarded;

/// Share of the work that comes before the pictures, for the progress: sounds, and the faces where nobody found them before.
const HEARD: f32 = 0.05;
const FACED: f32 = 0.35;
/// Pictures of the face that anything can be said from.
const LEAST_PICTURES: usize = 20;
/// Of a smaller face there is too little to see, in pixels.
const LEAST_FACE_PX: f32 = 48.0;

/// What to judge, and what it is to be.
#[derive(Clone, Debug, PartialEq)]
pub struct JudgePlan {
    /// The result, a file.
    pub result: PathBuf,
    /// The clip that was sent.
    pub clip: PathBuf,
    /// The voice that was sent.
    pub voice: PathBuf,
    /// Which of the faces that [`shared_faces`] finds in the clip was to speak; `None` where that is not known: then what needs
    /// the face is not measured.
    pub face: Option<usize>,
    /// Where the voice was asked for, and how loud.
    pub placement: Placement,
}

/// Judges a result. Blocks; result and clip are decoded on a thread each, and a few pictures of both are held at a time.
///
/// # Errors
/// The result cannot be read at all, or clip or voice cannot; [`MediaError::Cancelled`]; [`MediaError::Internal`] for a panic in any
/// of it. What only some measures need and is missing is in their entries.
pub fn judge(plan: &JudgePlan, job: &Job) -> Result<Judgement, MediaError> {
    guarded(|| measure(plan, job)).unwrap_or_else(|panic| Err(MediaError::internal("judging the result", panic)))
}

fn measure(plan: &JudgePlan, job: &Job) -> Result<Judgement, MediaError> {
    let (result, clip) = (Movie::open(&plan.result)?, Movie::open(&plan.clip)?);
    let probes = (result.probe()?, clip.probe()?);
    let frame_ms = 1000.0 / probes.0.fps.max(1.0);
    let voice = shared_voice(&plan.voice, &job.stage(0.0, 0.02))?;
    let crop = crop(&voice, &plan.placement);
    drop(voice);
    let (placed, at_ms) = placed(plan, &crop, (&result, &clip), frame_ms, &job.stage(0.02, HEARD))?;
    let speech = Speech::of(&crop);
    let crop_ms = (crop.len() * 1000 / RATE_HZ as usize) as i64;
    drop(crop);
    // The mouth is looked for at lags too.
    let slack_ms = (REACH as f64 * STEP_MS) as i64;
    let span = Interval::new(at_ms as i64 - slack_ms, at_ms as i64 + crop_ms + slack_ms);
    let faces = match shared_faces(&plan.clip, &job.stage(HEARD, FACED)) {
        Err(MediaError::Cancelled) => return Err(MediaError::Cancelled),
        faces => faces,
    };
    let no_faces =
        Identified { duration_ms: 0, width_px: 0, height_px: 0, fps: 0.0, cuts_ms: Vec::new(), faces: Vec::new() };
    let looked = look(plan, faces.as_deref().unwrap_or(&no_faces), span, &job.stage(FACED, 1.0));
    let mut entries = Vec::new();
    let mut openings = Vec::new();
    match looked {
        Err(MediaError::Cancelled) => return Err(MediaError::Cancelled),
        Err(err) => {
            let why = words::pictures_unreadable(err.to_string());
            entries.extend(unseen(&OF_FACE, &why));
            entries.extend(unseen(&[Measure::Kept, Measure::Whole], &why));
        }
        Ok(mut looked) => {
            let mouth = looked.watched.mouth();
            let face =
                face_of(plan, &faces, &looked.watched).and_then(|()| mouth.as_ref().ok_or_else(words::face_blurred));
            match &face {
                Err(why) => entries.extend(unseen(&OF_FACE, why)),
                Ok(mouth) => {
                    let watched = &looked.watched;
                    let parts = Parts::of(&watched.fit());
                    let opened = mouth::openings(mouth);
                    let times_ms: Vec<f64> = watched.pictures.iter().map(|seen| seen.at_ms).collect();
                    let motions = mouth::motions(&watched.pictures, &parts);
                    let following = Following {
                        times_ms: &times_ms,
                        opened: &opened,
                        motions: &motions,
                        speech: &speech,
                        at_ms,
                        frame_ms,
                    };
                    entries.extend(following.entries());
                    entries.push(face::sharp(&watched.pictures));
                    entries.push(face::steady(&watched.pictures, &parts));
                    entries.push(face::same(&watched.pictures));
                    openings = times_ms
                        .iter()
                        .zip(&opened)
                        .map(|(at_ms, open)| Opening { at_ms: *at_ms as i64, open: open.clamp(0.0, 1.0) })
                        .collect();
                }
            }
            entries.push(match looked.kept {
                Some(kept) => kept.entry()?,
                None => Entry::not_measured(
                    Measure::Kept,
                    words::good_kept(),
                    face.err().unwrap_or_else(words::other_sizes),
                ),
            });
            entries.push(whole::entry(&probes.0, &probes.1, looked.frames, &looked.stretches));
        }
    }
    entries.push(placed);
    entries.sort_by_key(|entry| Measure::ALL.iter().position(|measure| *measure == entry.measure));
    job.report(1.0);
    Ok(Judgement { entries, openings })
}

/// What needs the chosen face.
const OF_FACE: [Measure; 8] = [
    Measure::Moved,
    Measure::Offset,
    Measure::Agreement,
    Measure::Closures,
    Measure::Leak,
    Measure::Sharp,
    Measure::Steady,
    Measure::Same,
];

/// Entries of what could not be measured, for one reason.
fn unseen(measures: &[Measure], why: &str) -> Vec<Entry> {
    measures.iter().map(|measure| Entry::not_measured(*measure, measure.threshold(), why.to_owned())).collect()
}

/// Whether the chosen face was seen well enough; else why not.
fn face_of(plan: &JudgePlan, faces: &Result<Arc<Identified>, MediaError>, watched: &Watched) -> Result<(), String> {
    let faces = faces.as_ref().map_err(|err| words::pictures_unreadable(err.to_string()))?;
    if faces.faces.is_empty() {
        return Err(words::no_faces());
    }
    let track = plan.face.and_then(|face| faces.faces.get(face)).ok_or_else(words::face_not_known)?;
    let (seen, count) = (watched.pictures.len(), watched.in_span);
    if seen * 2 < count || seen < LEAST_PICTURES {
        return Err(words::face_hardly_seen(seen, count));
    }
    let sizes = track.frames.iter().map(|point| point.size_px);
    let size_px = signal::quantile(sizes, 0.5).unwrap_or(0.0);
    if size_px < LEAST_FACE_PX { Err(words::face_small(size_px.round())) } else { Ok(()) }
}

/// The entry of `placed`, and when the voice begins in the result, in milliseconds: where it is heard, else where it was asked for.
fn placed(
    plan: &JudgePlan,
    crop: &[f32],
    (result, clip): (&Movie, &Movie),
    frame_ms: f64,
    job: &Job,
) -> Result<(Entry, f64), MediaError> {
    let asked_ms = plan.placement.sound_insert_time as f64;
    let not_measured = |why: String| Entry::not_measured(Measure::Placed, words::good_placed(), why);
    if plan.placement.sound_volume.is_some_and(|volume| volume <= 0.0) {
        return Ok((not_measured(words::voice_silent()), asked_ms));
    }
    let of_result = match clip_sound(result, &job.stage(0.0, 0.5)) {
        Err(MediaError::Cancelled) => return Err(MediaError::Cancelled),
        Err(err) => return Ok((not_measured(words::sound_unreadable(err.to_string())), asked_ms)),
        Ok(None) => {
            let entry = Entry::new(Measure::Placed, false, words::good_placed(), words::voice_not_heard());
            return Ok((entry, asked_ms));
        }
        Ok(Some(sound)) => sound,
    };
    // A clip whose own sound cannot be read is judged without it.
    let own = match clip_sound(clip, &job.stage(0.5, 1.0)) {
        Err(MediaError::Cancelled) => return Err(MediaError::Cancelled),
        other => other.unwrap_or(None),
    };
    let heard = Sounds { voice: crop, own: own.as_ref(), result: &of_result }.hear(&plan.placement);
    let entry = placed::entry(heard.as_ref(), &plan.placement, frame_ms);
    Ok((entry, heard.map_or(asked_ms, |heard| heard.at_ms)))
}

/// What was gathered in one pass over the pictures.
struct Looked {
    watched: Watched,
    /// None where the sizes differ, or the face is not known.
    kept: Option<Kept>,
    stretches: Stretches,
    /// Pictures of result and clip.
    frames: (usize, usize),
}

/// Looks at every picture of result and clip once.
fn look(plan: &JudgePlan, faces: &Identified, span: Interval, job: &Job) -> Result<Looked, MediaError> {
    let mut pairs = Pairs::open(&plan.result, &plan.clip, job)?;
    let (of_result, of_clip) = pairs.infos();
    let is_one_size = (of_result.width_px, of_result.height_px) == (of_clip.width_px, of_clip.height_px);
    let scale = of_result.width_px as f32 / of_clip.width_px.max(1) as f32;
    let chosen = plan.face.and_then(|face| faces.faces.get(face));
    let others: Vec<&FaceTrack> =
        faces.faces.iter().enumerate().filter(|(at, _)| Some(*at) != plan.face).map(|(_, face)| face).collect();
    let mut looked = Looked {
        watched: Watched::new(span, chosen, 1000.0 / of_result.timing.fps.max(1.0)),
        kept: (is_one_size && chosen.is_some()).then(|| Kept::new(of_clip, others.len())),
        stretches: Stretches::default(),
        frames: (of_result.timing.frames, of_clip.timing.frames),
    };
    let frame_ms = (1000.0 / of_result.timing.fps.max(1.0)).round() as i64;
    while let Some((result, clip)) = pairs.next()? {
        job.check()?;
        let clip = clip.filter(|_| is_one_size);
        let from_ms = result.pts_us / 1000;
        looked.stretches.push(&result, clip.as_ref(), from_ms, from_ms + frame_ms);
        if let Some(chosen) = chosen {
            looked.watched.push(&result, clip.as_ref(), chosen, scale);
        }
        if let (Some(kept), Some(clip)) = (&mut looked.kept, &clip) {
            let pose = |face: &FaceTrack| face.at(clip.pts_us).map(TrackPoint::pose);
            let others: Vec<_> = others.iter().map(|face| pose(face)).collect();
            kept.push(&result, clip, chosen.and_then(pose), &others)?;
        }
        job.report(result.pts_us as f32 / of_result.duration_us.max(1) as f32);
    }
    Ok(looked)
}

/// The crop of the voice, mono.
fn crop(voice: &Sound, placement: &Placement) -> Vec<f32> {
    let mono = voice.mono();
    let at = |ms: i64| usize::try_from(ms.max(0)).unwrap_or(0).saturating_mul(RATE_HZ as usize / 1000).min(mono.len());
    let (start, end) = (at(placement.sound_start_time), at(placement.sound_end_time));
    mono.get(start..end.max(start)).unwrap_or_default().to_vec()
}
