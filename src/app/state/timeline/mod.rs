//! The timeline's state: zoom, scroll position, height.

pub mod edit;
pub mod rows;
pub mod stretch;

use self::stretch::Stretch;
use crate::playback::filmstrip::StripView;

/// Zoom factor of one step by key or button.
pub const ZOOM_STEP: f64 = 1.6;

/// A command for the timeline's view.
#[derive(Clone, Debug)]
pub enum TimelineCommand {
    /// Bring this range into view; `None`: the whole clip.
    Show(Option<Stretch>),
    /// Set the height, in points; `None` is the default.
    Resize(Option<f32>),
    /// These thumbnails of the filmstrip are in view.
    ShowStrip(StripView),
}

/// The state of the timeline.
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    /// The range in view; `None`: the whole clip, whatever its length is.
    stretch: Option<Stretch>,
    height_px: Option<f32>,
    /// The playhead's last position.
    playhead_ms: Option<i64>,
    /// Whether snapping is off.
    snaps_not: bool,
}

impl State {
    /// The range in view of a clip of this length.
    #[must_use]
    pub fn stretch(&self, length_ms: i64) -> Stretch {
        self.stretch.map_or_else(|| Stretch::whole(length_ms), |stretch| stretch.within(length_ms))
    }

    /// Whether the whole clip is in view.
    #[must_use]
    pub const fn shows_all(&self) -> bool {
        self.stretch.is_none()
    }

    /// Height of the timeline where `room_px` points are available, in points.
    #[must_use]
    pub fn height_px(&self, room_px: f32) -> f32 {
        let most = room_px.clamp(rows::LEAST_PX, rows::MOST_PX);
        self.height_px.unwrap_or(rows::USUAL_PX).clamp(rows::LEAST_PX, most)
    }

    /// The height that a person set, in points.
    #[must_use]
    pub const fn given_height_px(&self) -> Option<f32> {
        self.height_px
    }

    /// Sets the height, in points; `None` is the default.
    pub fn resize(&mut self, height_px: Option<f32>) {
        self.height_px = height_px.filter(|px| px.is_finite()).map(|px| px.clamp(rows::LEAST_PX, rows::MOST_PX));
    }

    /// Whether a dragged voice snaps to faces, ends and playhead.
    #[must_use]
    pub const fn snaps(&self) -> bool {
        !self.snaps_not
    }

    /// Turns snapping on or off.
    pub const fn toggle_snapping(&mut self) {
        self.snaps_not = !self.snaps_not;
    }

    /// Brings a range into view.
    pub fn show(&mut self, stretch: Option<Stretch>, length_ms: i64) {
        self.stretch = stretch.map(|stretch| stretch.within(length_ms)).filter(|stretch| !stretch.is_whole(length_ms));
    }

    /// Zooms by a factor, about the playhead where that is in view, else about the middle.
    pub fn zoom(&mut self, factor: f64, playhead_ms: Option<i64>, length_ms: i64) {
        let stretch = self.stretch(length_ms);
        let playhead_ms = playhead_ms.map(|ms| ms as f64).filter(|ms| stretch.contains(*ms));
        let at_ms = playhead_ms.unwrap_or(stretch.start_ms + stretch.len_ms / 2.0);
        self.show(Some(stretch.zoomed(factor, at_ms, length_ms)), length_ms);
    }

    /// Whether it can be zoomed in further.
    #[must_use]
    pub fn can_zoom_in(&self, length_ms: i64) -> bool {
        let stretch = self.stretch(length_ms);
        stretch.zoomed(ZOOM_STEP, stretch.start_ms, length_ms).len_ms < stretch.len_ms
    }

    /// Scrolls to a playhead that leaves the view during playback, or that was moved elsewhere. If a person scrolls away during playback,
    /// the view stays there.
    pub fn follow(&mut self, playhead_ms: i64, playing: bool, length_ms: i64) {
        let before_ms = self.playhead_ms.replace(playhead_ms);
        if before_ms == Some(playhead_ms) || self.stretch.is_none() {
            return;
        }
        let stretch = self.stretch(length_ms);
        let was_in_view = before_ms.is_none_or(|ms| stretch.contains(ms as f64));
        if was_in_view || !playing {
            self.show(Some(stretch.showing(playhead_ms as f64, length_ms)), length_ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH_MS: i64 = 60_000;

    fn zoomed_at(at_ms: i64) -> State {
        let mut state = State::default();
        state.follow(at_ms, false, LENGTH_MS);
        for _ in 0..4 {
            state.zoom(ZOOM_STEP, Some(at_ms), LENGTH_MS);
        }
        state
    }

    #[test]
    fn the_page_turns_with_a_playhead_that_leaves_it() {
        let mut state = zoomed_at(0);
        let end_ms = state.stretch(LENGTH_MS).end_ms() as i64;
        state.follow(end_ms - 10, true, LENGTH_MS);
        state.follow(end_ms + 30, true, LENGTH_MS);
        let stretch = state.stretch(LENGTH_MS);
        assert!(stretch.contains((end_ms + 30) as f64) && !stretch.contains((end_ms - 2_000) as f64));
    }

    #[test]
    fn whoever_looks_elsewhere_while_it_plays_is_left_there() {
        let mut state = zoomed_at(0);
        state.show(Some(state.stretch(LENGTH_MS).panned(30_000.0, LENGTH_MS)), LENGTH_MS);
        let looked_at = state.stretch(LENGTH_MS);
        state.follow(40, true, LENGTH_MS);
        assert_eq!(state.stretch(LENGTH_MS), looked_at);
        state.follow(0, false, LENGTH_MS);
        assert!(state.stretch(LENGTH_MS).contains(0.0), "but a playhead that was sent somewhere is shown");
    }

    #[test]
    fn zoomed_all_the_way_out_it_shows_everything_and_nearer_there_is_an_end() {
        let mut state = zoomed_at(30_000);
        assert!(!state.shows_all());
        for _ in 0..4 {
            state.zoom(1.0 / ZOOM_STEP, None, LENGTH_MS);
        }
        assert!(state.shows_all() && state.can_zoom_in(LENGTH_MS));
        for _ in 0..40 {
            state.zoom(ZOOM_STEP, None, LENGTH_MS);
        }
        assert!(!state.can_zoom_in(LENGTH_MS));
    }

    #[test]
    fn a_height_is_kept_within_what_serves() {
        let mut state = State::default();
        assert!((state.height_px(900.0) - rows::USUAL_PX).abs() < 0.01);
        state.resize(Some(5_000.0));
        assert!((state.height_px(300.0) - 300.0).abs() < 0.01 && state.height_px(10_000.0) <= rows::MOST_PX);
        state.resize(Some(f32::NAN));
        assert_eq!(state.given_height_px(), None);
    }
}
