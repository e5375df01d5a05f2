//! The arguments of what is done on this machine alone: a draft, a verdict, a copy that fits.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::{MouthArgs, OutputArgs, PlacementArgs};

/// `viseme draft`.
#[derive(Args, Clone, Debug)]
pub struct DraftArgs {
    /// The clip: MP4 or MOV
    #[arg(long, value_name = "CLIP", value_hint = ValueHint::FilePath)]
    pub video: PathBuf,
    /// The voice: MP3, WAV, M4A, AAC, FLAC, Ogg or Opus
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
    /// The voice that was sent: MP3, WAV, M4A, AAC, FLAC, Ogg or Opus
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
    /// The clip (MP4 or MOV) or the voice (MP3, WAV, M4A, AAC, FLAC, Ogg or Opus)
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
