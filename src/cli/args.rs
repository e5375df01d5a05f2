//! The arguments, as clap reads them, and what they must be to make sense.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::model::{ClipSource, Dialect, VoiceSource};

/// Makes someone in a clip speak a given voice, through lip-sync services.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "viseme",
    version,
    about = "Make someone in a clip speak a given voice, through the Kling-family lip-sync services",
    long_about = "Make someone in a clip speak a given voice, through the Kling-family lip-sync services.\n\nWithout a command the window opens. \
                  Human words go to stderr, results to stdout.",
    after_help = "Keys come from the environment: VISEME_KEY, or VISEME_ACCESS_KEY and VISEME_SECRET_KEY (signed tokens).\n\n\
                  Exit codes: 0 done; 1 the task failed at the service; 2 usage, a local file, or a rule broken before sending; 3 the service refused;\n\
                  4 no or unreadable answer; 5 the outcome of create is unknown; 6 paused; 130 stopped before anything was created",
    subcommand_required = false
)]
pub struct Arguments {
    /// Which service, and how results are written.
    #[command(flatten)]
    pub global: Global,
    /// What to do; the window without it.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Arguments of every command.
#[derive(Args, Clone, Debug, Default)]
pub struct Global {
    /// The service: sandbox, ezmodel, kling or vtrix [default: sandbox]
    #[arg(long, global = true, value_name = "NAME", help_heading = "Service")]
    pub profile: Option<String>,
    /// Another address of the service: <https://host>; for the sandbox, the one that `viseme sandbox` prints
    #[arg(long, global = true, value_name = "URL", help_heading = "Service")]
    pub base_url: Option<String>,
    /// What stands before /v1/videos/… in the kling dialect: /kling, /klingai, or nothing
    #[arg(long, global = true, value_name = "PREFIX", help_heading = "Service")]
    pub prefix: Option<String>,
    /// Which vendor document the service follows: kling or kirin
    #[arg(long, global = true, value_name = "DIALECT", help_heading = "Service")]
    pub dialect: Option<Dialect>,
    /// One JSON object on stdout, also for errors
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
}

/// The commands.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// The whole job on the bundled clip: its faces, a voice, a task, a result
    Demo(Demo),
    /// The faces of a clip and when each can be made to speak
    Identify(Identify),
    /// The whole job: find the faces, create the task, follow it, save the result
    Run(Box<Run>),
    /// How a task stands; with --wait until its end
    Task(TaskArgs),
    /// The built-in service alone, for any client; runs until Ctrl-C
    Sandbox(SandboxArgs),
    /// The services this program knows
    Profiles,
}

/// `viseme demo`.
#[derive(Args, Clone, Debug)]
pub struct Demo {
    /// Where the result is saved [default: the current directory]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// `viseme identify`.
#[derive(Args, Clone, Debug)]
pub struct Identify {
    /// The clip.
    #[command(flatten)]
    pub source: Source,
    /// Save each face's picture there, as the service serves it
    #[arg(long, value_name = "DIR")]
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
}

/// `viseme run`.
#[derive(Args, Clone, Debug)]
pub struct Run {
    /// The clip.
    #[command(flatten)]
    pub source: Source,
    /// The voice.
    #[command(flatten)]
    pub voice: Voice,
    /// Send the voice, a file, as WAV: services were seen to refuse M4A and AAC
    #[arg(long, requires = "audio")]
    pub as_wav: bool,
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
    /// Our own name for the task, unique for each [default: a fresh one]
    #[arg(long, value_name = "ID")]
    pub external_task_id: Option<String>,
    /// Where the service shall post each change of status
    #[arg(long, value_name = "URL")]
    pub callback_url: Option<String>,
    /// Where the result is saved; what is there is replaced [default: a fresh name in the current directory]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Create the task and print its id, without waiting for its end
    #[arg(long, conflicts_with_all = ["out", "timeout"])]
    pub no_wait: bool,
    /// How long to follow the task before it is paused: 10m, 5s, 250ms [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// First wait between polls; at least 1s, less only for loopback addresses
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub poll_interval: Option<Duration>,
    /// Send also where a rule is broken
    #[arg(long)]
    pub send_anyway: bool,
}

/// `viseme task`.
#[derive(Args, Clone, Debug)]
pub struct TaskArgs {
    /// The service's id for the task
    #[arg(value_name = "TASK_ID")]
    pub task_id: String,
    /// Follow it to its end and save its result
    #[arg(long)]
    pub wait: bool,
    /// Where the result is saved; what is there is replaced [default with --wait: a fresh name in the current directory]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How long to follow the task before it is paused: 10m, 5s, 250ms [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = duration, requires = "wait")]
    pub timeout: Option<Duration>,
    /// First wait between polls; at least 1s, less only for loopback addresses
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub poll_interval: Option<Duration>,
}

/// `viseme sandbox`.
#[derive(Args, Clone, Debug)]
pub struct SandboxArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// The Bearer key [default: a random one, printed]
    #[arg(long, value_name = "KEY", value_parser = secret)]
    pub key: Option<String>,
    /// The access key of signed tokens [default: a random one, printed]
    #[arg(long, value_name = "AK", value_parser = secret, requires = "secret_key")]
    pub access_key: Option<String>,
    /// The secret that signs tokens [default: a random one, printed]
    #[arg(long, value_name = "SK", value_parser = secret, requires = "access_key")]
    pub secret_key: Option<String>,
}

/// SOURCE: exactly one.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub struct Source {
    /// The clip, a file: MP4 or MOV. Only the sandbox takes files
    #[arg(long, value_name = "FILE", help_heading = "Clip (exactly one)")]
    pub video: Option<PathBuf>,
    /// The clip, at an address that the service can reach
    #[arg(long, value_name = "URL", help_heading = "Clip (exactly one)")]
    pub video_url: Option<String>,
    /// The clip, by the id of a video that the service made itself
    #[arg(long, value_name = "ID", help_heading = "Clip (exactly one)")]
    pub video_id: Option<String>,
}

impl Source {
    /// The one that was given; clap has seen to it that there is one.
    #[must_use]
    pub fn chosen(&self) -> Option<ClipSource> {
        let file = self.video.clone().map(ClipSource::File);
        file.or_else(|| self.video_url.clone().map(ClipSource::Url))
            .or_else(|| self.video_id.clone().map(ClipSource::VideoId))
    }
}

/// VOICE: exactly one.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub struct Voice {
    /// The voice, a file: MP3, WAV, M4A or AAC. It is sent along
    #[arg(long, value_name = "FILE", help_heading = "Voice (exactly one)")]
    pub audio: Option<PathBuf>,
    /// The voice, at an address that the service can reach; needs --end
    #[arg(long, value_name = "URL", help_heading = "Voice (exactly one)")]
    pub audio_url: Option<String>,
    /// The voice, by the id of a sound that the service holds; needs --end
    #[arg(long, value_name = "ID", help_heading = "Voice (exactly one)")]
    pub audio_id: Option<String>,
}

impl Voice {
    /// The one that was given; clap has seen to it that there is one.
    #[must_use]
    pub fn chosen(&self) -> Option<VoiceSource> {
        let file = self.audio.clone().map(VoiceSource::File);
        file.or_else(|| self.audio_url.clone().map(VoiceSource::Url))
            .or_else(|| self.audio_id.clone().map(VoiceSource::AudioId))
    }
}

/// Reads `10m`, `5s`, `250ms`, `1.5h`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("\"{text}\" is no time: write a number and a unit, as in 10m, 5s or 250ms");
    let split = text.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(split);
    let number: f64 = number.trim().parse().map_err(|_| wrong())?;
    let unit_s = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        _ => return Err(wrong()),
    };
    Duration::try_from_secs_f64(number * unit_s).map_err(|_| wrong())
}

/// A key that can be sent in a header.
fn secret(text: &str) -> Result<String, String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err("a key is made of letters, digits and signs, without spaces".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn parsed(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn times_have_units() {
        for (text, ms) in
            [("10m", 600_000), ("5s", 5_000), ("250ms", 250), ("1.5s", 1_500), ("0s", 0), ("1h", 3_600_000)]
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in ["", "10", "s", "-1s", "5 parsecs", "NaNs", "1e400s", "infs", "ms250", "٣s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn clip_and_voice_are_exactly_one_each() {
        assert!(parsed("viseme run --video a.mp4 --audio b.mp3").is_ok());
        for line in [
            "viseme run --audio b.mp3",
            "viseme run --video a.mp4",
            "viseme run --video a.mp4 --video-id 1 --audio b.mp3",
            "viseme run --video a.mp4 --audio b.mp3 --audio-id 1",
            "viseme identify",
            "viseme sandbox --access-key ak",
            "viseme task",
            "viseme task t --timeout 5s",
            "viseme run --video a --audio b --no-wait --out c.mp4",
            "viseme identify --video a --dialect klingon",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
        assert!(parsed("viseme").unwrap().command.is_none());
    }

    #[test]
    fn numbers_below_zero_and_ids_with_a_hyphen_are_values() {
        let Some(Command::Run(run)) =
            parsed("viseme run --video a --audio b --face -1 --insert -5 --volume -0.5").unwrap().command
        else {
            panic!("no run");
        };
        assert_eq!((run.face.as_deref(), run.insert, run.volume), (Some("-1"), Some(-5), Some(-0.5)));
    }

    #[test]
    fn the_service_is_chosen_before_or_after_the_command() {
        for line in ["viseme --profile kling --json profiles", "viseme profiles --profile kling --json"] {
            let global = parsed(line).unwrap().global;
            assert_eq!((global.profile.as_deref(), global.json), (Some("kling"), true));
        }
    }
}
