//! The arguments of `viseme speak`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::values::{amount, speed};
use super::{OutputArgs, ServiceArgs};
use crate::model::SpeechLanguage;

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
