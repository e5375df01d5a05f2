//! What is remembered between two runs, as it stands in the file. Never a secret: keys are kept in memory only.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::recent::Recent;
use crate::model::placement::DEFAULT_MARGIN_MS;
use crate::model::{AuthKind, Profile, StoragePlace};

/// The version of the file that this program writes.
pub const VERSION: u32 = 1;
/// The least scale, in percent.
pub const SCALE_MIN: u16 = 80;
/// The greatest scale, in percent.
pub const SCALE_MAX: u16 = 200;
/// The widest safety margin that makes sense: half of the shortest voice, in milliseconds.
pub const MARGIN_MAX_MS: i64 = 1_000;

/// Dark, light, or as the system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    /// As the system.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// Sizes of the panels, in points; `None` is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    /// Width of the panel on the left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side_px: Option<f32>,
    /// Width of the inspector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inspector_px: Option<f32>,
    /// The part of the inspector's height that its list has, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inspector_split: Option<f32>,
    /// Height of the timeline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeline_px: Option<f32>,
}

/// Where the window was, in points of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowPlace {
    /// Upper left corner, where the system reports it (Wayland does not).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position_px: Option<[f32; 2]>,
    /// Size of its inside.
    pub size_px: [f32; 2],
    /// Whether it filled the screen.
    pub maximised: bool,
}

/// How long bodies of exchanges are kept, and how much of them. Tasks, ids and the list of exchanges are kept for ever.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// For how many days.
    pub days: u32,
    /// How many GiB in all.
    pub gib: f64,
}

/// The longest time for which bodies can be kept, in days: ten years.
pub const KEPT_DAYS_MAX: u32 = 3_650;
/// The most that can be kept of bodies, in GiB.
pub const KEPT_GIB_MAX: f64 = 1_000.0;
/// The largest budget of a day, in the unit of its service.
pub const BUDGET_MAX: f64 = 1_000_000.0;

impl Default for Kept {
    fn default() -> Self {
        Self { days: 90, gib: 2.0 }
    }
}

/// How the player sounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sound {
    /// From 0 to 1.
    pub volume: f32,
    /// Whether it is silent for now.
    pub muted: bool,
}

impl Default for Sound {
    fn default() -> Self {
        Self { volume: 1.0, muted: false }
    }
}

/// Everything that is remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Of the file: which shape it has, so that a newer program can read what an older one wrote.
    pub version: u32,
    /// Colours.
    pub theme: ThemeChoice,
    /// Size of everything, in percent.
    pub scale_percent: u16,
    /// Whether nothing moves by itself but what is played.
    pub reduced_motion: bool,
    /// Safety margin of a proposed placement, in milliseconds.
    pub margin_ms: i64,
    /// Where results go by themselves; `None` is the person's videos.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downloads: Option<PathBuf>,
    /// A PEM file of certificate authorities that are trusted beside those of the platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// How much may be spent on a local day at a service, by its name and in its own unit; of one that is not listed, any amount.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub budgets: BTreeMap<String, f64>,
    /// The proxy through which services are reached, in place of the system's: `http://HOST:PORT`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub proxy: String,
    /// What is kept of exchanges.
    pub kept: Kept,
    /// How the player sounds.
    pub sound: Sound,
    /// The person's own services; those that come with the program are not in the file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<Profile>,
    /// Storage of one's own, from which a service fetches local files; its keys are not in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<StoragePlace>,
    /// Ids of voices that spoke a text, the last one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub voice_ids: Vec<String>,
    /// Clips that were opened, the last one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recent_clips: Vec<Recent>,
    /// Voices that were opened, the last one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recent_voices: Vec<Recent>,
    /// Sizes of the panels.
    pub layout: Layout,
    /// Where the window was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowPlace>,
    /// What another version of the program wrote and this one does not know: it is kept.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: VERSION,
            theme: ThemeChoice::default(),
            scale_percent: 100,
            reduced_motion: false,
            margin_ms: DEFAULT_MARGIN_MS,
            downloads: None,
            ca_file: None,
            budgets: BTreeMap::new(),
            proxy: String::new(),
            kept: Kept::default(),
            sound: Sound::default(),
            profiles: Vec::new(),
            storage: None,
            recent_clips: Vec::new(),
            recent_voices: Vec::new(),
            voice_ids: Vec::new(),
            layout: Layout::default(),
            window: None,
            unknown: Map::new(),
        }
    }
}

impl Settings {
    /// The settings with every number within its bounds and every profile usable: the file may have been edited by hand.
    #[must_use]
    pub fn sane(mut self) -> Self {
        self.scale_percent = self.scale_percent.clamp(SCALE_MIN, SCALE_MAX);
        self.margin_ms = self.margin_ms.clamp(0, MARGIN_MAX_MS);
        self.sound.volume = if self.sound.volume.is_finite() { self.sound.volume.clamp(0.0, 1.0) } else { 1.0 };
        self.downloads = self.downloads.filter(|path| path.is_absolute());
        self.budgets.retain(|_, budget| budget.is_finite() && (0.0..=BUDGET_MAX).contains(budget));
        self.kept.days = self.kept.days.clamp(1, KEPT_DAYS_MAX);
        let gib = if self.kept.gib.is_finite() { self.kept.gib } else { Kept::default().gib };
        self.kept.gib = gib.clamp(0.0, KEPT_GIB_MAX);
        let built_in = Profile::built_in();
        let mut names: Vec<String> = built_in.into_iter().map(|profile| profile.name).collect();
        self.profiles.retain_mut(|profile| {
            profile.auth = AuthKind::KeyOrSigned;
            let usable = !profile.name.trim().is_empty() && !names.contains(&profile.name);
            names.push(profile.name.clone());
            usable
        });
        let within = |px: Option<f32>| px.filter(|px| px.is_finite() && (40.0..=4_000.0).contains(px));
        self.layout = Layout {
            side_px: within(self.layout.side_px),
            inspector_px: within(self.layout.inspector_px),
            inspector_split: self.layout.inspector_split.filter(|part| (0.0..=1.0).contains(part)),
            timeline_px: within(self.layout.timeline_px),
        };
        self.window = self.window.filter(|place| {
            let finite = place.size_px.iter().chain(place.position_px.iter().flatten()).all(|px| px.is_finite());
            finite && place.size_px.iter().all(|px| (100.0..=20_000.0).contains(px))
        });
        self
    }

    /// Notes that a clip or a voice was opened.
    pub fn note_recent(list: &mut Vec<Recent>, recent: Recent) {
        list.retain(|known| *known != recent);
        list.insert(0, recent);
        list.truncate(super::recent::MOST);
    }

    /// Where results go by themselves.
    #[must_use]
    pub fn downloads_or<'a>(&'a self, usual: &'a Path) -> &'a Path {
        self.downloads.as_deref().unwrap_or(usual)
    }
}
