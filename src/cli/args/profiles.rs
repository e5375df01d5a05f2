//! The arguments of `viseme profiles`.

use std::time::Duration;

use clap::{Args, Subcommand, ValueHint};

use super::OutputArgs;
use super::values::duration;
use crate::model::{Dialect, Profile};
use crate::preferences::ProfileForm;

/// `viseme profiles`; without a command it lists.
#[derive(Args, Clone, Debug)]
pub struct ProfilesArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<ProfilesCommand>,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What to do with the services that the program knows.
#[derive(Clone, Debug, Subcommand)]
pub enum ProfilesCommand {
    /// List them
    List(ProfilesListArgs),
    /// Add a service of your own, which --profile NAME uses from then on; the window has it too
    Add(Box<ProfilesAddArgs>),
    /// Remove a service of your own, and the key that is kept for it. Tasks of it stay in the journal
    Remove(ProfilesRemoveArgs),
}

impl ProfilesArgs {
    /// How results are written.
    pub fn output(&self) -> OutputArgs {
        let of_command = match &self.command {
            None => false,
            Some(ProfilesCommand::List(args)) => args.output.json,
            Some(ProfilesCommand::Add(args)) => args.output.json,
            Some(ProfilesCommand::Remove(args)) => args.output.json,
        };
        OutputArgs { json: self.output.json || of_command }
    }
}

/// `viseme profiles list`.
#[derive(Args, Clone, Copy, Debug)]
pub struct ProfilesListArgs {
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `viseme profiles remove`.
#[derive(Args, Clone, Debug)]
pub struct ProfilesRemoveArgs {
    /// Its name
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Leave the key that is kept for it where it is
    #[arg(long)]
    pub keep_key: bool,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `viseme profiles add`.
#[derive(Args, Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "independent options, each with a name of its own")]
pub struct ProfilesAddArgs {
    /// Its name, for --profile
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Its address: <https://host>, or with its prefix behind it
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub base_url: Option<String>,
    /// The path before /v1/videos/… in the kling dialect: /kling, /klingai, or nothing
    #[arg(long, value_name = "PREFIX")]
    pub prefix: Option<String>,
    /// Which vendor document it follows: kling or kirin [default: kling]
    #[arg(long, value_name = "DIALECT")]
    pub dialect: Option<Dialect>,
    /// Whether it knows the names of tasks, as the official service does: a name is used once there, and finds its task [default: false]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub knows_names: Option<bool>,
    /// Whether results and previews are fetched by https alone [default: false]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub https_only: Option<bool>,
    /// Whether what it names may be at private addresses [default: false]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub allow_private: Option<bool>,
    /// Fields that are added to every request, as a JSON object: {"model": "kling-v1"}
    #[arg(long, value_name = "JSON")]
    pub extra: Option<String>,
    /// Shortest wait between polls [default: 2s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub poll_interval: Option<Duration>,
    /// How long a task is followed before it is paused, in whole minutes
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub poll_limit: Option<Duration>,
    /// Change the service of this name: what is not given stays as it is
    #[arg(long)]
    pub replace: bool,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

impl ProfilesAddArgs {
    /// The form of the window, filled in; `known`: the service that is changed.
    pub fn form(&self, known: Option<&Profile>) -> ProfileForm {
        let form = known.map_or_else(ProfileForm::empty, ProfileForm::of);
        // A path in the address is the prefix, in place of the one that was there.
        let kept_prefix = if self.base_url.is_some() { String::new() } else { form.path_prefix };
        ProfileForm {
            name: self.name.clone(),
            dialect: self.dialect.unwrap_or(form.dialect),
            base_url: self.base_url.clone().unwrap_or(form.base_url),
            path_prefix: self.prefix.clone().unwrap_or(kept_prefix),
            knows_names: self.knows_names.unwrap_or(form.knows_names),
            https_only: self.https_only.unwrap_or(form.https_only),
            allow_private: self.allow_private.unwrap_or(form.allow_private),
            extra_body: self.extra.clone().unwrap_or(form.extra_body),
            poll_interval_ms: self.poll_interval.map_or(form.poll_interval_ms, milliseconds),
            poll_limit_min: self.poll_limit.map_or(form.poll_limit_min, |limit| milliseconds(limit).div_ceil(60_000)),
            was: form.was,
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
