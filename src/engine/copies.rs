//! Copies for the preview: what is at an address is fetched into the program's cache, or compared with a file that a person has of it.
//! What is sent to the service stays the address.

use std::fs::File;
use std::future::Future;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

use super::dead_address::of_address;
use super::speech::sound_wholeness;
use super::{Engine, words};
use crate::files::{IfExists, folders, hex, keep_within};
use crate::media::{self, Job, fit};
use crate::model::{ClipProbe, Problem, ProblemKind, Progress, SavedFile, VoiceProbe};
use crate::service::{Beginning, FetchLimits, Fetcher};

/// Largest clip that is fetched: some times more than the services take, so that the rule it breaks can be shown.
const MOST_CLIP_BYTES: u64 = 512 * 1024 * 1024;
/// Largest voice that is fetched, likewise.
const MOST_VOICE_BYTES: u64 = 128 * 1024 * 1024;
/// All fetched copies together take at most this much room.
const MOST_CACHE_BYTES: u64 = 1024 * 1024 * 1024;
/// How much of the beginning is compared: the index of a clip that is made to be streamed is in it.
const COMPARED_BYTES: u64 = 256 * 1024;
/// Two lengths that differ by less are the same, in milliseconds: containers round.
const SAME_LENGTH_MS: i64 = 50;

/// What a copy is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyKind {
    /// A clip.
    Clip,
    /// A voice.
    Voice,
}

/// Whether a file is what is at an address, with a sentence for the person.
#[derive(Clone, Debug, PartialEq)]
pub enum Likeness {
    /// The same file, as far as its size and its beginning show.
    Same(String),
    /// Another one; with what is at the address, where its beginning shows that.
    Other(String, Option<Box<There>>),
    /// It cannot be told.
    Unclear(String),
}

/// What is at an address, by its beginning: a clip whose index is in that, or a WAV.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum There {
    /// A clip.
    Clip(ClipProbe),
    /// A voice.
    Voice(VoiceProbe),
}

impl There {
    const fn size(&self) -> KnownSize {
        match self {
            Self::Clip(clip) => (Some(clip.duration_ms), Some((clip.width_px, clip.height_px))),
            Self::Voice(voice) => (Some(voice.duration_ms), None),
        }
    }
}

/// What is known of one of two files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Extent {
    size_bytes: Option<u64>,
    duration_ms: Option<i64>,
    sides_px: Option<(u32, u32)>,
}

/// Length in milliseconds, and width and height in pixels, as far as they are known.
type KnownSize = (Option<i64>, Option<(u32, u32)>);

/// Where the fetched copy of an address is, or would be: under a name that tells nothing of the address, which may be signed.
#[must_use]
pub fn copy_path(folder: &Path, address: &str) -> PathBuf {
    let digest = hex(&Sha256::digest(address.trim().as_bytes()));
    folder.join(format!("{}.copy", &digest[..32]))
}

impl Engine {
    /// Fetches what is at an address into `folder`, for the preview, as results are fetched: with the limits of the client, its redirects
    /// and its guard of addresses in this network. Dropping the future leaves nothing behind. The folder stays within its bounds.
    ///
    /// # Errors
    /// It cannot be fetched or written, or is no whole clip or voice.
    pub fn fetch_copy(
        &self,
        kind: CopyKind,
        address: String,
        folder: PathBuf,
        on_progress: Box<dyn FnMut(Progress) + Send>,
    ) -> impl Future<Output = Result<SavedFile, Problem>> + Send + 'static + use<> {
        let (file_bytes, wholeness): (_, fn(&Path) -> _) = match kind {
            CopyKind::Clip => (MOST_CLIP_BYTES, media::wholeness),
            CopyKind::Voice => (MOST_VOICE_BYTES, sound_wholeness),
        };
        let limits = FetchLimits { file_bytes, ..FetchLimits::default() };
        let fetcher = Fetcher::new(limits, self.executor.recorder.clone(), wholeness).of_service(&self.profile);
        let fetcher = fetcher.noting(self.executor.seen.clone());
        let now_ms = self.now_ms();
        async move {
            let to = copy_path(&folder, &address);
            let made = folder.clone();
            on_disk(move || folders::create_private(&made))
                .await
                .map_err(|err| Problem::new(ProblemKind::File, words::copy_not_kept(folder.display(), err)))?;
            let fetched = fetcher.to_file(&address, &to, IfExists::Replace, on_progress).await;
            let fetched = fetched.map_err(|problem| of_address(&address, now_ms, problem))?;
            let kept = fetched.path.clone();
            if let Err(err) = on_disk(move || keep_within(&folder, MOST_CACHE_BYTES, &kept)).await {
                tracing::debug!(%err, "the folder of fetched copies is not kept within its bounds");
            }
            Ok(fetched)
        }
    }

    /// Compares a file with what is at an address, of which the beginning alone is fetched.
    ///
    /// # Errors
    /// The address cannot be asked, or the file cannot be read.
    pub fn compare_copy(
        &self,
        address: String,
        copy: PathBuf,
    ) -> impl Future<Output = Result<Likeness, Problem>> + Send + 'static + use<> {
        let fetcher = self.executor.fetcher.of_service(&self.profile).noting(self.executor.seen.clone());
        let now_ms = self.now_ms();
        async move {
            let there = fetcher.beginning(&address, COMPARED_BYTES).await;
            let there = there.map_err(|problem| of_address(&address, now_ms, problem))?;
            let shown = copy.display().to_string();
            on_disk(move || compare(&there, &copy))
                .await
                .map_err(|err| Problem::new(ProblemKind::File, words::copy_unreadable(shown, err)))
        }
    }
}

async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    spawn_blocking(work).await.unwrap_or_else(|died| Err(io::Error::other(died)))
}

/// Blocks.
fn compare(there: &Beginning, copy: &Path) -> io::Result<Likeness> {
    let file = File::open(copy)?;
    let size_bytes = file.metadata()?.len();
    let mut head = Vec::new();
    (&file).take(there.bytes.len() as u64).read_to_end(&mut head)?;
    let (duration_ms, sides_px) = known_of(copy);
    let here = Extent { size_bytes: Some(size_bytes), duration_ms, sides_px };
    let begins_alike = head == there.bytes;
    let is_same = begins_alike && there.total_bytes == Some(size_bytes);
    let index = if is_same { None } else { index_of(there) };
    let (duration_ms, sides_px) =
        if is_same { (duration_ms, sides_px) } else { index.as_ref().map(There::size).unwrap_or_default() };
    let found = likeness(Extent { size_bytes: there.total_bytes, duration_ms, sides_px }, here, begins_alike);
    Ok(match found {
        Likeness::Other(words, _) => Likeness::Other(words, index.map(Box::new)),
        found => found,
    })
}

/// Length and size of a clip or a voice, as far as they can be read.
fn known_of(path: &Path) -> KnownSize {
    match fit::probe(path, &Job::new()) {
        Ok(fit::Probed::Clip(clip)) => (Some(clip.duration_ms), Some((clip.width_px, clip.height_px))),
        Ok(fit::Probed::Voice(voice)) => (Some(voice.duration_ms), None),
        Err(_) => (None, None),
    }
}

/// What is there by its beginning: the rest is a hole in a file of the same length. How long a sound is that is compressed only the whole of it shows.
fn index_of(there: &Beginning) -> Option<There> {
    let total_bytes = there.total_bytes.filter(|bytes| *bytes <= MOST_CLIP_BYTES)?;
    let mut file = tempfile::NamedTempFile::new().ok()?;
    file.write_all(&there.bytes).ok()?;
    file.as_file().set_len(total_bytes).ok()?;
    if there.bytes.starts_with(b"RIFF") {
        let is_small = total_bytes <= MOST_VOICE_BYTES;
        return is_small.then(|| media::probe_voice(file.path(), &Job::new()).ok()).flatten().map(There::Voice);
    }
    media::probe_clip(file.path()).ok().map(There::Clip)
}

fn likeness(there: Extent, here: Extent, begins_alike: bool) -> Likeness {
    let sizes = there.size_bytes.zip(here.size_bytes);
    if sizes.is_some_and(|(there, here)| there == here) {
        return if begins_alike {
            Likeness::Same(words::copy_same())
        } else {
            Likeness::Other(words::copy_other_content(), None)
        };
    }
    let lengths = there.duration_ms.zip(here.duration_ms);
    let sides = there.sides_px.zip(here.sides_px);
    let mut differs = Vec::new();
    if let Some((there, here)) = lengths.filter(|(there, here)| (there - here).abs() > SAME_LENGTH_MS) {
        differs.push(words::part_there_and_here(seconds(there), seconds(here)));
    }
    if let Some((there, here)) = sides.filter(|(there, here)| there != here) {
        let pixels = |(width, height): (u32, u32)| format!("{width}×{height}");
        differs.push(words::part_there_and_here(pixels(there), pixels(here)));
    }
    if !differs.is_empty() {
        return Likeness::Other(words::copy_other(differs.join("; ")), None);
    }
    let Some((there_bytes, here_bytes)) = sizes else {
        return if begins_alike {
            Likeness::Unclear(words::copy_begins_alike())
        } else {
            Likeness::Unclear(words::copy_begins_otherwise())
        };
    };
    let what = words::part_there_and_here(megabytes(there_bytes), megabytes(here_bytes));
    if lengths.is_some() && sides.is_some() {
        Likeness::Unclear(words::copy_encoded_otherwise(what))
    } else {
        Likeness::Unclear(words::copy_not_known(what))
    }
}

fn seconds(ms: i64) -> String {
    format!("{} s", ms as f64 / 1e3)
}

fn megabytes(bytes: u64) -> String {
    format!("{:.2} MB", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Profile;

    fn extent(size_bytes: u64, duration_ms: i64, sides_px: (u32, u32)) -> Extent {
        Extent { size_bytes: Some(size_bytes), duration_ms: Some(duration_ms), sides_px: Some(sides_px) }
    }

    #[test]
    fn a_copy_is_compared_by_size_beginning_length_and_picture() {
        let here = extent(1_000_000, 9_000, (1280, 720));
        let is_same = |likeness| matches!(likeness, Likeness::Same(_));
        assert!(is_same(likeness(here, here, true)));
        let Likeness::Other(said, _) = likeness(here, here, false) else {
            panic!("the same size is not the same file")
        };
        assert!(said.contains("begins otherwise"));
        let Likeness::Other(said, _) = likeness(extent(2_000_000, 12_400, (1280, 720)), here, false) else {
            panic!("cut")
        };
        assert!(said.contains("12.4 s at the address, 9 s here"), "{said}");
        let Likeness::Other(said, _) = likeness(extent(2_000_000, 9_010, (1920, 1080)), here, false) else {
            panic!("size")
        };
        assert!(said.contains("1920×1080 at the address") && !said.contains("9 s"), "{said}");
        let Likeness::Unclear(said) = likeness(extent(2_000_000, 9_010, (1280, 720)), here, false) else {
            panic!("codec")
        };
        assert!(said.contains("encoded otherwise: 2.00 MB at the address, 1.00 MB here"), "{said}");
        let silent = Extent { size_bytes: None, ..Extent::default() };
        assert!(matches!(likeness(silent, here, true), Likeness::Unclear(said) if said.contains("begins as")));
        assert!(matches!(likeness(silent, here, false), Likeness::Unclear(said) if said.contains("begins otherwise")));
        let sized = Extent { size_bytes: Some(2_000_000), ..Extent::default() };
        assert!(matches!(likeness(sized, here, true), Likeness::Unclear(said) if said.contains("perhaps")));
    }

    #[test]
    fn the_index_in_the_beginning_says_how_long_the_clip_at_the_address_is() {
        let duo = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/duo.mp4")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy.mp4");
        std::fs::write(&copy, &duo).unwrap();
        let beginning = |bytes: &[u8], total: Option<u64>| {
            let bytes = bytes[..bytes.len().min(65_536)].to_vec();
            Beginning { bytes, total_bytes: total }
        };
        let all = Some(duo.len() as u64);
        assert!(matches!(compare(&beginning(&duo, all), &copy).unwrap(), Likeness::Same(_)));
        // The same clip with a byte more behind it has another size, and the same length and picture.
        let longer = compare(&beginning(&duo, all.map(|bytes| bytes + 1)), &copy).unwrap();
        assert!(matches!(&longer, Likeness::Unclear(said) if said.contains("As long and as large")), "{longer:?}");
        let other = include_bytes!("../../tests/media/clips/small_360p.mp4");
        let other = compare(&beginning(other, Some(other.len() as u64)), &copy).unwrap();
        assert!(
            matches!(&other, Likeness::Other(said, _) if said.contains("640×360 at the address, 1280×720 here")),
            "{other:?}"
        );
        let Likeness::Other(_, Some(there)) = other else { panic!("what is there is known") };
        let There::Clip(there) = *there else { panic!("{there:?}") };
        assert_eq!((there.width_px, there.height_px, there.container.as_str()), (640, 360, "mp4"));
        assert!(compare(&beginning(&duo, all), &folder.path().join("none")).is_err());
    }

    #[test]
    fn the_head_of_a_wav_says_how_long_the_voice_at_the_address_is() {
        let voice = include_bytes!("../../tests/media/voice.wav");
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy.wav");
        // The same beginning, and half as long.
        let half = voice.len() / 2;
        std::fs::write(&copy, &voice[..half]).unwrap();
        let there = Beginning { bytes: voice[..65_536].to_vec(), total_bytes: Some(voice.len() as u64) };
        let found = compare(&there, &copy).unwrap();
        let Likeness::Other(said, Some(there)) = found else { panic!("{found:?}") };
        let whole =
            media::probe_voice(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/media/voice.wav").as_ref(), &Job::new());
        assert_eq!(*there, There::Voice(whole.unwrap()));
        assert!(said.contains(" s at the address, "), "{said}");
    }

    #[tokio::test]
    async fn an_address_in_this_network_is_not_fetched_for_a_service_elsewhere() {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/clip.mp4", server.local_addr().unwrap());
        let elsewhere = Profile { base_url: "https://api.example.com".into(), ..Profile::built_in()[2].clone() };
        let engine = Engine::new(tokio::runtime::Handle::current(), elsewhere, || ());
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("fetched");
        let fetched = engine.fetch_copy(CopyKind::Clip, address.clone(), to.clone(), Box::new(|_| ())).await;
        let problem = fetched.unwrap_err();
        assert!(problem.message.contains("private or special"), "{problem}");
        assert!(problem.hint.unwrap().contains("browser"), "no task brings another address");
        let copy = folder.path().join("copy.mp4");
        std::fs::write(&copy, b"x").unwrap();
        assert!(engine.compare_copy(address, copy).await.unwrap_err().message.contains("private or special"));
        assert_eq!(std::fs::read_dir(to).unwrap().count(), 0);
        let asked = tokio::time::timeout(std::time::Duration::from_millis(50), server.accept()).await;
        assert!(asked.is_err(), "nobody was asked");
    }

    #[test]
    fn the_name_of_a_copy_tells_nothing_of_its_address() {
        let of = |address: &str| copy_path(Path::new("f"), address);
        assert_eq!(of("https://h/a.mp4?sign=1"), of(" https://h/a.mp4?sign=1 "));
        assert_ne!(of("https://h/a.mp4?sign=1"), of("https://h/a.mp4?sign=2"));
        assert!(!of("https://h/secret.mp4").display().to_string().contains("secret"));
    }
}
