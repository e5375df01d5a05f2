//! The words of the program: faces, intervals, voices, placements and their rules, tasks, profiles, problems.
//!
//! Pure: no file, no clock, no network. Times are whole milliseconds (`_ms`), lengths of a picture are pixels (`_px`).

pub mod address;
pub mod check;
pub mod clip;
pub mod cost;
pub mod face;
pub mod fitness;
pub mod inert;
pub mod interval;
pub mod mouth_box;
pub mod note;
pub mod outcome;
pub mod placement;
pub mod problem;
pub mod profile;
pub mod rule;
pub mod sent_create;
pub mod service_address;
pub mod source;
pub mod submission;
pub mod task;
mod texts;
pub mod voice;
pub mod wholeness;
pub mod words;

pub use address::{is_loopback, is_loopback_ip, is_special_ip};
pub use check::{Package, ServiceCheck};
pub use clip::ClipProbe;
pub use cost::Cost;
pub use face::{Face, FaceRect, Session};
pub use fitness::{FaceMeasures, Fitness};
pub use inert::{inert, inert_lines};
pub use interval::Interval;
pub use mouth_box::MouthBox;
pub use note::Note;
pub use outcome::{CallOutcome, Lookup, Progress, SavedFile};
pub use placement::{Placement, PlacementFacts};
pub use problem::{Problem, ProblemKind, ServiceCode};
pub use profile::{AuthKind, Dialect, Profile};
pub use rule::{RuleReport, Verdict};
pub use sent_create::{Ownership, SentCreate};
pub use service_address::{AddressError, ServiceAddress};
pub use source::{ClipSource, VoiceSource};
pub use submission::Submission;
pub use task::{Task, TaskError, TaskStatus, TaskVideo};
pub(crate) use texts::texts;
pub use voice::VoiceProbe;
pub use wholeness::{Wholeness, WholenessCheck};
