//! What the window reads from the journal and writes to it beside the history, each as one background job.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::background::{Background, BackgroundEvent, ResultPlace};
use crate::app::state::copies;
use crate::app::state::desk::{LeftDesk, SavedWindow};
use crate::app::state::takes::{Takes, TakesOf};
use crate::app::state::verdict::{Measured, Origin};
use crate::engine::journal::{IntentId, Journal, Service};
use crate::engine::{
    Clock, JournalAccess, Journaling, copy_path, expiring_soon, spent_on_day, spoken_folder, spoken_path, submission_of,
};
use crate::files;
use crate::media::judge::Judgement;
use crate::model::{ClipSource, Problem, Profile, Submission, VoiceSource};
use crate::playback::draft::Picks;

impl Background {
    /// Finds a free path in `folder` for a result of a task, and creates the folder.
    /// It is named after the clip that the journal knows of the task, else `stem`.
    pub fn find_place(&self, journal: Journaling, folder: PathBuf, stem: String, task_id: String, index: usize) {
        self.spawn("Finding a place for the result", move || {
            let mut stem = stem_of(&journal, &task_id).unwrap_or(stem);
            if index > 0 {
                stem = format!("{stem} {}", index + 1);
            }
            let made = std::fs::create_dir_all(&folder);
            let trouble = made.err().map(|err| {
                format!("The folder {} cannot be created: {err}. Save the result elsewhere", folder.display())
            });
            BackgroundEvent::Place(ResultPlace {
                task_id,
                index,
                to: files::free_path(&folder.join(format!("{}.mp4", files::safe_stem(&stem)))),
                trouble,
            })
        });
    }

    /// Reads which tasks of the journal are not at their end; without a journal there are none.
    pub fn read_unfinished(&self, journal: Journaling) {
        self.spawn("Reading the journal", move || {
            let Journaling::On(journal) = journal else { return BackgroundEvent::Unfinished(Ok(Vec::new())) };
            let tasks = journal.journal().and_then(|journal| Ok(journal.unfinished()?));
            let tasks = tasks.map(|tasks| tasks.into_iter().rev().filter(|intent| intent.task.is_some()).collect());
            BackgroundEvent::Unfinished(tasks.map_err(|problem| format!("{problem}. Enter the id by hand")))
        });
    }

    /// Deletes a task from the history.
    pub fn delete_task(&self, journal: Journaling, id: IntentId) {
        self.spawn("Deleting the task", move || {
            let Journaling::On(journal) = journal else { return BackgroundEvent::Deleted(Ok(())) };
            let deleted = journal.journal().and_then(|journal| Ok(journal.delete(id, Clock::system().now_ms())?));
            BackgroundEvent::Deleted(deleted.map_err(|problem| format!("{problem}. Nothing was deleted")))
        });
    }

    /// Reads how a window was left, with what has happened since.
    pub fn read_desk(&self, journal: JournalAccess, name: &'static str) {
        self.spawn("Reading the journal", move || {
            let left = read_desk(&journal, name).map_err(|problem| {
                let hint = problem.hint.as_ref().map(|hint| format!(". {hint}")).unwrap_or_default();
                format!("{problem}{hint}")
            });
            BackgroundEvent::DeskRead(left.map(Box::new))
        });
    }

    /// Reads what the result of a task was made from; what cannot be read is not known.
    pub fn read_origin(&self, journal: Journaling, id: IntentId, result: PathBuf, copies: PathBuf) {
        self.spawn("Reading the journal", move || {
            let (origin, measured) = match &journal {
                Journaling::On(journal) => {
                    let origin = read_origin(journal, id, &result, &copies).unwrap_or_else(|problem| {
                        tracing::warn!(%problem, "what a result was made from is not known");
                        Origin::Unknown
                    });
                    let measured = journal.journal().ok().and_then(|journal| read_verdict(&journal, id, &origin));
                    (origin, measured)
                }
                Journaling::Off => (Origin::Unknown, None),
            };
            BackgroundEvent::OriginRead(result, Box::new(origin), measured.map(Box::new))
        });
    }

    /// Reads the takes of a clip; what cannot be read is not listed.
    pub fn read_takes(&self, journal: Journaling, of: TakesOf, copies: PathBuf) {
        self.spawn("Reading the journal", move || {
            let Journaling::On(journal) = journal else {
                return BackgroundEvent::TakesRead(of, Takes::default(), Vec::new());
            };
            let (takes, measured) = read_takes(&journal, &of, &copies).unwrap_or_else(|problem| {
                tracing::warn!(%problem, "the takes of a clip cannot be read");
                (Takes::default(), Vec::new())
            });
            BackgroundEvent::TakesRead(of, takes, measured)
        });
    }

    /// Reads what is known of a video that a service made; what cannot be read is not known.
    pub fn read_video(&self, journal: Journaling, id: String) {
        self.spawn("Reading the journal", move || {
            let Journaling::On(journal) = journal else { return BackgroundEvent::VideoRead(id, None) };
            let read = journal.journal().and_then(|journal| Ok(journal.video(id.trim())?));
            let mut video = read.unwrap_or_else(|problem| {
                tracing::warn!(%problem, "what is known of a video cannot be read");
                None
            });
            if let Some(video) = &mut video {
                video.saved.retain(|path| path.is_file());
            }
            BackgroundEvent::VideoRead(id, video)
        });
    }

    /// Reads which results go soon that nobody has saved; what cannot be read stays announced.
    pub fn read_expiring(&self, journal: Journaling) {
        self.spawn("Reading the journal", move || {
            let Journaling::On(journal) = journal else { return BackgroundEvent::Closed };
            let read = journal.journal().and_then(|journal| expiring_soon(&journal, Clock::system().now_ms()));
            read.map_or(BackgroundEvent::Closed, BackgroundEvent::ExpiringRead)
        });
    }

    /// Reads which texts were sent to a service to be spoken; what cannot be read is not listed.
    pub fn read_speeches(&self, journal: Journaling, service: Service) {
        self.spawn("Reading the journal", move || {
            let Journaling::On(journal) = journal else { return BackgroundEvent::SpeechesRead(Vec::new()) };
            let read = journal.journal().and_then(|journal| Ok(journal.speeches(Some(&service), MOST_SPEECHES)?));
            BackgroundEvent::SpeechesRead(read.unwrap_or_else(|problem| {
                tracing::warn!(%problem, "what was spoken before cannot be read");
                Vec::new()
            }))
        });
    }

    /// Reads what is spent today at these services; what cannot be read counts as nothing.
    pub fn read_spent(&self, journal: Journaling, profiles: Vec<Profile>) {
        self.spawn("Reading what is spent", move || {
            let Journaling::On(journal) = journal else { return BackgroundEvent::Spent(BTreeMap::new()) };
            let now_ms = Clock::system().now_ms();
            let of = |profile: Profile| Some((spent_on_day(&journal, &profile, now_ms).ok()?, profile.name));
            let spent = profiles.into_iter().filter_map(of).map(|(spent, name)| (name, spent));
            BackgroundEvent::Spent(spent.collect())
        });
    }
}

fn read_origin(access: &JournalAccess, id: IntentId, result: &Path, copies: &Path) -> Result<Origin, Problem> {
    let intent = access.journal()?.intent(id)?;
    let Some(sent) = submission_of(&intent) else { return Ok(Origin::Unknown) };
    let faces = access.known_faces_of(&intent.service, &sent.session_id)?;
    let clip: Option<ClipSource> = serde_json::from_value(intent.clip.document).ok().flatten();
    let clip = clip.map(|clip| clip_file(&clip, copies).map_or(clip, ClipSource::File));
    let sent = match &sent.voice {
        VoiceSource::Url(url) => match fetched(url, copies) {
            Some(path) => Submission { voice: VoiceSource::File(path), ..sent },
            None => sent,
        },
        VoiceSource::AudioId(id) => {
            let kept = spoken_path(&spoken_folder(access), &intent.service, id);
            if kept.is_file() { Submission { voice: VoiceSource::File(kept), ..sent } } else { sent }
        }
        VoiceSource::File(_) => sent,
    };
    Ok(Origin::of(result, clip.as_ref(), &sent, faces.as_ref(), &Picks::default(), &copies::State::default()))
}

/// A copy of what is at an address that was fetched for the preview: it is as good.
fn fetched(url: &str, copies: &Path) -> Option<PathBuf> {
    Some(copy_path(copies, url)).filter(|path| path.is_file())
}

/// The file of a clip on this machine.
fn clip_file(clip: &ClipSource, copies: &Path) -> Option<PathBuf> {
    match clip {
        ClipSource::File(path) => Some(path.clone()),
        ClipSource::Url(url) => fetched(url, copies),
        ClipSource::VideoId(_) => None,
    }
}

/// At most so many spoken texts are listed.
const MOST_SPEECHES: u32 = 200;
/// As many takes of a clip are listed.
const MOST_TAKES: u32 = 500;

/// What an earlier window measured of a result that was made from this, of the same files.
fn read_verdict(journal: &Journal, id: IntentId, origin: &Origin) -> Option<Judgement> {
    let Origin::Here(request) = origin else { return None };
    let kept = journal.verdicts(id).ok().filter(|kept| !kept.is_empty())?;
    let made_of = request.made_of()?;
    let verdict = kept.into_iter().find(|verdict| verdict.made_of == made_of)?;
    serde_json::from_value(verdict.document).ok()
}

fn read_takes(access: &JournalAccess, of: &TakesOf, copies: &Path) -> Result<(Takes, Vec<Measured>), Problem> {
    // What this window is writing belongs to it.
    access.flush();
    let journal = access.journal()?;
    let clip = match of {
        TakesOf::Clip(clip) => Some(clip.clone()),
        TakesOf::Task(id) => serde_json::from_value(journal.intent(*id)?.clip.document).ok().flatten(),
    };
    let Some(clip) = clip else { return Ok((Takes::default(), Vec::new())) };
    let documents: Vec<_> =
        spellings(&clip).iter().map(|clip| serde_json::to_value(clip).unwrap_or_default()).collect();
    let (mut found, mut measured) = (Vec::new(), Vec::new());
    for mut take in journal.takes(&documents, MOST_TAKES)? {
        take.saved.retain(|path| path.is_file());
        if take.saved.is_empty() {
            continue;
        }
        for file in &take.saved {
            let origin = read_origin(access, take.id, file, copies).unwrap_or(Origin::Unknown);
            let judgement = read_verdict(&journal, take.id, &origin);
            if let (Origin::Here(request), Some(judgement)) = (origin, judgement) {
                measured.push((*request, judgement));
                break;
            }
        }
        let session = take.session_id.as_ref().and_then(|id| journal.session(&take.service, id).ok().flatten());
        let faces = session.map(|record| record.session.faces).unwrap_or_default();
        let face = faces.iter().position(|face| Some(&face.face_id) == take.face_id.as_ref());
        found.push((take, face.map(|at| at + 1)));
    }
    let original = clip_file(&clip, copies).filter(|path| path.is_file());
    Ok((Takes::of(&clip, original, found), measured))
}

/// The ways in which a window or a command may have named the same clip: a file as it is entered here, whole, and by where it really is.
fn spellings(clip: &ClipSource) -> Vec<ClipSource> {
    let ClipSource::File(path) = clip else { return vec![clip.clone()] };
    let whole = [std::path::absolute(path).ok(), path.canonicalize().ok()].into_iter().flatten();
    std::iter::once(clip.clone()).chain(whole.map(ClipSource::File)).collect()
}

/// As many tasks that finished while no window was open are counted.
const MOST_FINISHED: u32 = 99;

fn read_desk(access: &JournalAccess, name: &str) -> Result<LeftDesk, Problem> {
    let notice = access.open()?;
    let journal = access.journal()?;
    // Also those of commands, where no window was ever open.
    let expiring = expiring_soon(&journal, Clock::system().now_ms())?;
    let Some(row) = journal.desk(name)? else { return Ok(LeftDesk { expiring, notice, ..LeftDesk::default() }) };
    let SavedWindow { mut desk, seen_ms } = serde_json::from_value(row.document).unwrap_or_default();
    let mut left = LeftDesk { expiring, notice, ..LeftDesk::default() };
    if seen_ms > 0 {
        left.finished = journal.finished_since(seen_ms, MOST_FINISHED)?.len();
    }
    let is_gone = |path: &PathBuf| !path.is_file();
    desk.clip_copy = desk.clip_copy.filter(|path| !is_gone(path));
    desk.voice_copy = desk.voice_copy.filter(|path| !is_gone(path));
    left.missing = desk.files().into_iter().filter(|path| !path.is_file()).collect();
    if let Some(service) = &desk.service {
        let now_ms = Clock::system().now_ms();
        if let Some(session_id) = &desk.session_id {
            left.faces = access.faces_of(service, session_id, now_ms)?.map(Box::new);
        }
        if let Some(task_id) = &desk.task_id {
            for intent in journal.find(task_id)?.into_iter().filter(|intent| intent.service.is_same(service)) {
                left.task_has_ended |= intent.phase.is_finished();
                left.sent = submission_of(&intent).map(Box::new);
                left.held_until_ms = journal.held_until(intent.id, now_ms)?.filter(|_| !access.is_own(&intent));
            }
        }
    }
    Ok(LeftDesk { desk, ..left })
}

/// The name of a result's file by the clip of its task, where the journal knows that. Blocks.
fn stem_of(journal: &Journaling, task_id: &str) -> Option<String> {
    let Journaling::On(journal) = journal else { return None };
    let mut found = journal.journal().ok()?.find(task_id).ok()?;
    // The same id at several services: which one it is, is not known here.
    let intent = found.pop().filter(|_| found.is_empty())?;
    (!intent.clip.name.is_empty()).then(|| intent.result_stem())
}
