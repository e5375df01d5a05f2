//! The arguments of a job: what it is made of, and the commands that run one or many, or find the faces for it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::values::{amount, at_once, duration, mouth_box};
use super::{OutputArgs, ServiceArgs};
use crate::model::placement::Wanted;
use crate::model::{ClipSource, MouthBox, VoiceSource};

/// The clip: exactly one source.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub struct Source {
    /// The clip, a file: MP4 or MOV. The sandbox takes files itself, any other service needs --storage
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Clip (exactly one)")]
    pub video: Option<PathBuf>,
    /// The clip, at an address that the service can reach
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, help_heading = "Clip (exactly one)")]
    pub video_url: Option<String>,
    /// The clip, by the id of a video that the service made itself
    #[arg(long, value_name = "ID", help_heading = "Clip (exactly one)")]
    pub video_id: Option<String>,
}

impl Source {
    /// The source that is given; clap makes sure that there is one.
    #[must_use]
    pub fn chosen(&self) -> Option<ClipSource> {
        let file = self.video.clone().map(ClipSource::File);
        file.or_else(|| self.video_url.clone().map(ClipSource::Url))
            .or_else(|| self.video_id.clone().map(ClipSource::VideoId))
    }
}

/// The voice: exactly one source.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub struct Voice {
    /// The voice, a file: MP3, WAV, M4A or AAC. It is sent along
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Voice (exactly one)")]
    pub audio: Option<PathBuf>,
    /// The voice, at an address that the service can reach; needs --end
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, help_heading = "Voice (exactly one)")]
    pub audio_url: Option<String>,
    /// The voice, by the id of a sound that the service holds; needs --end
    #[arg(long, value_name = "ID", help_heading = "Voice (exactly one)")]
    pub audio_id: Option<String>,
}

impl Voice {
    /// The source that is given; clap makes sure that there is one.
    #[must_use]
    pub fn chosen(&self) -> Option<VoiceSource> {
        let file = self.audio.clone().map(VoiceSource::File);
        file.or_else(|| self.audio_url.clone().map(VoiceSource::Url))
            .or_else(|| self.audio_id.clone().map(VoiceSource::AudioId))
    }
}

/// Which face speaks what, when, and how loud.
#[derive(Args, Clone, Debug)]
pub struct PlacementArgs {
    /// The face that is to speak: its id, else its number from 1 [default: the only one]
    #[arg(long, value_name = "ID|N", allow_hyphen_values = true)]
    pub face: Option<String>,
    /// Where in the voice to begin, in milliseconds [default: 0]
    #[arg(long, value_name = "MS", allow_negative_numbers = true)]
    pub start: Option<i64>,
    /// Where in the voice to end, in milliseconds [default: as much as fits]
    #[arg(long, value_name = "MS", allow_negative_numbers = true)]
    pub end: Option<i64>,
    /// Where in the clip the voice begins, in milliseconds [default: the best]
    #[arg(long, value_name = "MS", allow_negative_numbers = true)]
    pub insert: Option<i64>,
    /// Volume of the voice, 0 to 2 [default: 1]
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub volume: Option<f64>,
    /// Volume of the clip's own sound, 0 to 2 [default: 1]
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub original_volume: Option<f64>,
}

/// Where the mouth of the face that speaks is.
#[derive(Args, Clone, Debug)]
pub struct MouthArgs {
    /// Where the mouth is, for a draft or the sandbox; no other service is told [default: it is found]. In sides of the face's box: right of its centre,
    /// below its centre, width, height, as in 0,0.28,0.4,0.12
    #[arg(long, value_name = "U,V,W,H", value_parser = mouth_box, allow_hyphen_values = true)]
    pub mouth_box: Option<MouthBox>,
}

impl PlacementArgs {
    /// What of the placement is given.
    pub const fn wanted(&self) -> Wanted {
        Wanted { start_ms: self.start, end_ms: self.end, insert_ms: self.insert }
    }
}

/// `viseme demo`.
#[derive(Args, Clone, Debug)]
pub struct DemoArgs {
    /// Folder the result is saved in [default: the current directory]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `viseme identify`.
#[derive(Args, Clone, Debug)]
pub struct IdentifyArgs {
    /// The clip.
    #[command(flatten)]
    pub source: Source,
    /// Save each face's picture in this folder, as the service serves it
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub previews: Option<PathBuf>,
    /// How long to wait for the faces: 10m, 5s, 250ms [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// First wait between polls; at least 1s, less only for loopback addresses
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub poll_interval: Option<Duration>,
    /// Send also where a rule for the clip is broken
    #[arg(long)]
    pub send_anyway: bool,
    /// Put local files into the storage that `viseme storage` has set up, where the service takes none: the clip, and a voice over 5 MB
    #[arg(long)]
    pub storage: bool,
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `viseme run`.
#[derive(Args, Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "independent options, each with a name of its own")]
pub struct RunArgs {
    /// The clip.
    #[command(flatten)]
    pub source: Source,
    /// The voice.
    #[command(flatten)]
    pub voice: Voice,
    /// Send the voice, a file, as WAV: services were seen to refuse M4A and AAC
    #[arg(long, requires = "audio")]
    pub as_wav: bool,
    /// Face, crop, insert and volumes.
    #[command(flatten)]
    pub placement: PlacementArgs,
    /// Where its mouth is.
    #[command(flatten)]
    pub mouth: MouthArgs,
    /// Our own name for the task, unique for each [default: a new one]
    #[arg(long, value_name = "ID")]
    pub external_task_id: Option<String>,
    /// Where the service shall post each change of status
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub callback_url: Option<String>,
    /// File the result is saved as, in place of an existing one [default: "CLIP lip-sync.mp4" or the next free name in the current directory]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// Create the task and print its id, without waiting for its end
    #[arg(long, conflicts_with_all = ["out", "timeout"])]
    pub no_wait: bool,
    /// How much may be spent at the service today, in its own unit (units, or dollars): what is sent from this machine counts, at its estimate until its
    /// cost is known. What does not fit is not sent
    #[arg(long, value_name = "UNITS", value_parser = amount)]
    pub budget: Option<f64>,
    /// How long the whole run may take; a task that is accepted by then goes on at the service: 10m, 5s, 250ms [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// First wait between polls; at least 1s, less only for loopback addresses
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub poll_interval: Option<Duration>,
    /// Find the faces anew (paid), also where the session of an earlier run of the same clip is still valid
    #[arg(long)]
    pub find_again: bool,
    /// Send also where a rule is broken
    #[arg(long)]
    pub send_anyway: bool,
    /// Put local files into the storage that `viseme storage` has set up, where the service takes none: the clip, and a voice over 5 MB
    #[arg(long)]
    pub storage: bool,
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `viseme batch`.
#[derive(Args, Clone, Debug)]
pub struct BatchArgs {
    /// The jobs, a JSON object a line: video, `video_url` or `video_id`; audio, `audio_url` or `audio_id`; face (a number from 1, an id, or "only");
    /// `sound_start_time`, `sound_end_time`, `sound_insert_time`, `sound_volume`, `original_audio_volume`, `external_task_id`, `callback_url`, out. Paths are
    /// relative to its folder. `-` reads standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Folder of the results that name no file of their own [default: the current directory]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// How many jobs are with the service at once, at most; fewer where it refuses one for that
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = at_once)]
    pub jobs: usize,
    /// How much may be spent at the service today, in its own unit (units, or dollars): what is sent from this machine counts, at its estimate until its
    /// cost is known. What does not fit is not sent
    #[arg(long, value_name = "UNITS", value_parser = amount)]
    pub budget: Option<f64>,
    /// How long each job may take; a task that is accepted by then goes on at the service: 10m, 5s, 250ms [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// First wait between polls; at least 1s, less only for loopback addresses
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub poll_interval: Option<Duration>,
    /// Find the faces anew (paid), also where the session of an earlier run of the same clip is still valid
    #[arg(long)]
    pub find_again: bool,
    /// Put local files into the storage that `viseme storage` has set up, where the service takes none: the clip, and a voice over 5 MB
    #[arg(long)]
    pub storage: bool,
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}
