//! The controls that the panels are built from: each with its size, its states, and its name for assistive technology.

pub mod button;
pub mod checkbox;
pub mod choice;
pub mod divider;
pub mod field;
pub mod keycaps;
pub mod list;
pub mod notice;
pub mod overlay;
pub mod pulled;
pub mod scrubber;
pub mod section;
pub mod segments;
pub mod slider;
pub mod tabs;
pub mod toggle;
pub mod verdict;
pub mod waiting;
