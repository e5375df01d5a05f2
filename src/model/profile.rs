//! The profile of a service: its address, its dialect and how requests are authorised. Never holds a secret.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Which vendor document a service follows. Decides only what is sent; every answer is read leniently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// `identify-face` returns the faces at once; flat JSON.
    Kling,
    /// `kirin_identify_face` is asynchronous; `{"model", "input": [{"params"}]}`.
    Kirin,
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kling => "kling",
            Self::Kirin => "kirin",
        })
    }
}

impl FromStr for Dialect {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "kling" => Ok(Self::Kling),
            "kirin" => Ok(Self::Kirin),
            _ => Err(super::words::no_dialect(word)),
        }
    }
}

/// How requests are authorised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthKind {
    /// `Authorization: Bearer KEY`, or a token signed with an access and a secret key where those are given.
    KeyOrSigned,
    /// The embedded sandbox, whose key this process made itself.
    Sandbox,
}

/// A service by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// `sandbox`, `ezmodel`, `kling`, `vtrix`, or a person's own.
    pub name: String,
    /// Which vendor document it follows.
    pub dialect: Dialect,
    /// `https://host`, without a trailing slash. Empty for the sandbox until it listens.
    pub base_url: String,
    /// What precedes `/v1/videos/…` in the `kling` dialect: `/kling`, `/klingai`, or nothing.
    pub path_prefix: String,
    /// How requests are authorised.
    pub auth: AuthKind,
    /// Whether the service knows our names for tasks: an `external_task_id` is used once, and a query finds a task by it. The official
    /// service does; of a gateway it is not known.
    #[serde(default)]
    pub knows_names: bool,
    /// Fields added to every body: some gateways route on `model` or `model_name`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra_body: Map<String, Value>,
    /// Whether what it names, previews and results, is fetched by https alone.
    #[serde(default, skip_serializing_if = "is_off")]
    pub https_only: bool,
    /// Whether what it names may be at addresses of a private network, although it is not on this machine.
    #[serde(default, skip_serializing_if = "is_off")]
    pub allow_private: bool,
    /// Shortest wait between polls in milliseconds.
    pub poll_interval_ms: u64,
    /// How long a task is followed before it is paused, in milliseconds.
    pub poll_limit_ms: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
const fn is_off(on: &bool) -> bool {
    !*on
}

/// Floor of the poll interval against a real service, in milliseconds.
pub const POLL_FLOOR_MS: u64 = 1_000;
/// How long a task is followed by default, in milliseconds.
pub const POLL_LIMIT_MS: u64 = 10 * 60 * 1000;

impl Profile {
    /// The profiles that come with the program, the sandbox first (wire contract §1).
    #[must_use]
    pub fn built_in() -> Vec<Self> {
        let profile = |name: &str, dialect, base_url: &str, path_prefix: &str, auth, poll_interval_ms| Self {
            name: name.into(),
            dialect,
            base_url: base_url.into(),
            path_prefix: path_prefix.into(),
            auth,
            knows_names: matches!(name, "sandbox" | "kling"),
            extra_body: Map::new(),
            https_only: false,
            allow_private: false,
            poll_interval_ms,
            poll_limit_ms: POLL_LIMIT_MS,
        };
        vec![
            profile("sandbox", Dialect::Kling, "", "/kling", AuthKind::Sandbox, 250),
            profile("ezmodel", Dialect::Kling, "https://api.ezmodel.cloud", "/kling", AuthKind::KeyOrSigned, 2_000),
            profile("kling", Dialect::Kling, "https://api-singapore.klingai.com", "", AuthKind::KeyOrSigned, 2_000),
            profile("vtrix", Dialect::Kirin, "https://cloud.vtrix.ai", "", AuthKind::KeyOrSigned, 2_000),
        ]
    }

    /// Whether this is the embedded sandbox, which takes local files through an upload of its own.
    #[must_use]
    pub fn is_sandbox(&self) -> bool {
        self.auth == AuthKind::Sandbox
    }

    /// Whether the service shows the account: its packages, and what was deducted. The official one does, and the sandbox.
    #[must_use]
    pub fn shows_account(&self) -> bool {
        self.dialect == Dialect::Kling && self.knows_names
    }

    /// Whether the service speaks texts: its dialect documents it. A gateway may not have it.
    #[must_use]
    pub fn speaks(&self) -> bool {
        self.dialect == Dialect::Kling
    }

    /// Whether this is the vendor's own service: it costs money, and all that the official documentation says holds.
    #[must_use]
    pub fn is_official(&self) -> bool {
        self.dialect == Dialect::Kling && self.knows_names && !self.is_sandbox()
    }
}
