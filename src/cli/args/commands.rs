//! The arguments of each command.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use super::values::{amount, at_once, duration, secret, speed};
use super::{MouthArgs, OutputArgs, PlacementArgs, ServiceArgs, Source, Voice};
use crate::model::SpeechLanguage;

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

/// `viseme task`.
#[derive(Args, Clone, Debug)]
#[command(group = clap::ArgGroup::new("which").args(["task_id", "external_id"]))]
pub struct TaskArgs {
    /// The service's id for the task; some services also take the name it was created under [default: list the unfinished tasks]
    #[arg(value_name = "TASK_ID")]
    pub task_id: Option<String>,
    /// Look the task up by the name it was created under (`external_task_id`)
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub external_id: Option<String>,
    /// Follow it to its end and save its result
    #[arg(long, requires = "which")]
    pub wait: bool,
    /// File the result is saved as, in place of an existing one [default with --wait: "TASK lip-sync.mp4" or the next free name in the current directory]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "which")]
    pub out: Option<PathBuf>,
    /// How long to follow the task before it is paused: 10m, 5s, 250ms [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = duration, requires = "wait")]
    pub timeout: Option<Duration>,
    /// First wait between polls; at least 1s, less only for loopback addresses
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub poll_interval: Option<Duration>,
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `viseme speak`.
#[derive(Args, Clone, Debug)]
pub struct SpeakArgs {
    /// The text, at most 1000 characters; `-` reads standard input
    #[arg(value_name = "TEXT", allow_hyphen_values = true, required_unless_present = "list")]
    pub text: Option<String>,
    /// The id of the voice. There is no list of them: `oversea_male1` is in the vendor's own example
    #[arg(long, value_name = "ID", required_unless_present = "list")]
    pub voice: Option<String>,
    /// List what was spoken before, with the audio ids by which it is used again; nothing is sent. With --profile, at that service alone
    #[arg(long, conflicts_with_all = ["text", "voice", "out", "budget", "send_anyway"])]
    pub list: bool,
    /// The language of the voice: zh or en
    #[arg(long, value_name = "LANGUAGE", default_value_t = SpeechLanguage::En)]
    pub language: SpeechLanguage,
    /// Its speed, 0.8 to 2, to one decimal place
    #[arg(long, value_name = "SPEED", default_value_t = 1.0, value_parser = speed)]
    pub speed: f64,
    /// File the sound is saved as, in place of an existing one [default: it is not fetched]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// How much may be spent at the service today, in its own unit (units, or dollars): what is sent from this machine counts, at its estimate until its
    /// cost is known. What does not fit is not sent
    #[arg(long, value_name = "UNITS", value_parser = amount)]
    pub budget: Option<f64>,
    /// Send also what is likely to last less than 2 s or more than 60 s, which no task takes as its voice
    #[arg(long)]
    pub send_anyway: bool,
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `viseme check-key`.
#[derive(Args, Clone, Debug)]
pub struct CheckKeyArgs {
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `viseme account`.
#[derive(Args, Clone, Debug)]
pub struct AccountArgs {
    /// Of how many days the deductions are shown
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=365))]
    pub days: u32,
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `viseme key`.
#[derive(Args, Clone, Debug)]
pub struct KeyArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: KeyCommand,
}

/// What to do with the key of a service.
#[derive(Clone, Debug, Subcommand)]
pub enum KeyCommand {
    /// Keep the key that standard input has: one line, or two with an access key and a secret key
    Set(KeySetArgs),
    /// Forget the key, in keychain and file
    Forget(KeyShowArgs),
    /// Show where the key comes from, never the key
    Show(KeyShowArgs),
}

impl KeyArgs {
    /// The service.
    pub const fn service(&self) -> &ServiceArgs {
        match &self.command {
            KeyCommand::Set(args) => &args.service,
            KeyCommand::Forget(args) | KeyCommand::Show(args) => &args.service,
        }
    }

    /// How results are written.
    pub const fn output(&self) -> OutputArgs {
        match &self.command {
            KeyCommand::Set(args) => args.output,
            KeyCommand::Forget(args) | KeyCommand::Show(args) => args.output,
        }
    }
}

/// `viseme key set`.
#[derive(Args, Clone, Debug)]
pub struct KeySetArgs {
    /// In a file that you alone may read, instead of the keychain. Every program that you run can read it: needs --yes
    #[arg(long)]
    pub file: bool,
    /// Yes, into a file
    #[arg(long, requires = "file")]
    pub yes: bool,
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `viseme key show` and `viseme key forget`.
#[derive(Args, Clone, Debug)]
pub struct KeyShowArgs {
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `viseme draft`.
#[derive(Args, Clone, Debug)]
pub struct DraftArgs {
    /// The clip: MP4 or MOV
    #[arg(long, value_name = "CLIP", value_hint = ValueHint::FilePath)]
    pub video: PathBuf,
    /// The voice: MP3, WAV, M4A, AAC, FLAC or Ogg
    #[arg(long, value_name = "VOICE", value_hint = ValueHint::FilePath)]
    pub audio: PathBuf,
    /// Face, crop, insert and volumes.
    #[command(flatten)]
    pub placement: PlacementArgs,
    /// Where its mouth is.
    #[command(flatten)]
    pub mouth: MouthArgs,
    /// File the draft is saved as, in place of an existing one [default: "CLIP draft.mp4" or the next free name in the current directory]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `viseme judge`.
#[derive(Args, Clone, Debug)]
pub struct JudgeArgs {
    /// The result to judge: MP4 or MOV
    #[arg(value_name = "RESULT", value_hint = ValueHint::FilePath)]
    pub result: PathBuf,
    /// The clip that was sent: MP4 or MOV
    #[arg(long, value_name = "CLIP", value_hint = ValueHint::FilePath)]
    pub clip: PathBuf,
    /// The voice that was sent: MP3, WAV, M4A, AAC, FLAC or Ogg
    #[arg(long, value_name = "VOICE", value_hint = ValueHint::FilePath)]
    pub audio: PathBuf,
    /// Face, crop, insert and volumes, as they were sent.
    #[command(flatten)]
    pub placement: PlacementArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `viseme fit`.
#[derive(Args, Clone, Debug)]
pub struct FitArgs {
    /// The clip (MP4 or MOV) or the voice (MP3, WAV, M4A, AAC, FLAC or Ogg)
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// The result; never written over a file that exists [default: beside FILE, named after it]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// Where the part begins that is kept, in ms [default: 0]
    #[arg(long, value_name = "MS")]
    pub start: Option<i64>,
    /// Where it ends, in ms [default: the end, at most 60 s later]
    #[arg(long, value_name = "MS")]
    pub end: Option<i64>,
    /// The size of a clip's picture [default: as it is where it is 720p or 1080p, else the nearest of them]
    #[arg(long, value_name = "SIZE")]
    pub size: Option<FitSize>,
    /// Only say what is wrong and what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// A size of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FitSize {
    /// 1280×720, or upright
    #[value(name = "720p")]
    P720,
    /// 1920×1080, or upright
    #[value(name = "1080p")]
    P1080,
}

/// `viseme sandbox`.
#[derive(Args, Clone, Debug)]
pub struct SandboxArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// The Bearer key; `-` reads a line of stdin, for arguments are readable in the list of processes [default: the one in `VISEME_SANDBOX_KEY`, else a random one, printed]
    #[arg(long, value_name = "KEY", value_parser = secret)]
    pub key: Option<String>,
    /// The access key of signed tokens [default: the one in `VISEME_SANDBOX_ACCESS_KEY`, else a random one, printed]
    #[arg(long, value_name = "AK", value_parser = secret, requires = "secret_key")]
    pub access_key: Option<String>,
    /// The secret that signs tokens; `-` reads a line of stdin [default: the one in `VISEME_SANDBOX_SECRET_KEY`, else a random one, printed]
    #[arg(long, value_name = "SK", value_parser = secret, requires = "access_key")]
    pub secret_key: Option<String>,
    /// A further name by which this machine is reached; requests to any other `Host` are refused. May be given several times
    #[arg(long, value_name = "NAME")]
    pub host: Vec<String>,
    /// Fetch clips and voices from private addresses although --listen is not on loopback
    #[arg(long)]
    pub allow_private: bool,
    /// Show the names of tasks in query and list, as some gateways do; the official service does not
    #[arg(long)]
    pub show_external_task_id: bool,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `viseme completions`.
#[derive(Args, Clone, Debug)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// `viseme man`.
#[derive(Args, Clone, Debug)]
pub struct ManArgs {
    /// The command whose page is printed [default: the page of the program]
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}
